//! `dialect`: the tables of native text: what they say, what they know of a text, and what two texts teach.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use fieldlock::dialect::{SiteTables, names};
use fieldlock::pipeline::learn::learn;
use fieldlock::pipeline::{Incoming, known};
use fieldlock::report;
use fieldlock::report::documents::DialectList;

use super::args::OutputArgs;
use super::exit::Exit;
use super::incoming::{self, ExportKeyArgs};
use super::output::Output;
use super::problem::Problem;
use super::site;

#[derive(Debug, clap::Args)]
pub(crate) struct DialectArgs {
    #[command(subcommand)]
    verb: DialectVerb,
}

/// Verbs on tables.
#[derive(Debug, Subcommand)]
enum DialectVerb {
    /// List the tables: how many native places each has, and how sure they are
    #[command(after_help = "Examples:\n  fieldlock dialect list\n  fieldlock dialect list --site west --format json")]
    List(ListArgs),
    /// Show the native places of a table, or what the tables know of a text of a device
    #[command(
        after_help = "Examples:\n  fieldlock dialect show mx-ros.cli services\n  fieldlock dialect show np07.ini"
    )]
    Show(ShowArgs),
    /// Make an entry of a site's own table out of two texts of a device that differ by one setting
    #[command(
        after_help = "Examples:\n  fieldlock dialect learn --before off.cli --after on.cli --path services.wins \
        --value on > dialects/mx-ros.cli.kdl"
    )]
    Learn(LearnArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    site: OwnArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// A table, as `dialect list` names it, or a file that a device exported or showed
    #[arg(value_name = "TABLE|FILE")]
    of: PathBuf,
    /// Of a table: only settings that begin so
    #[arg(value_name = "PATH")]
    path: Option<String>,
    #[command(flatten)]
    site: OwnArgs,
    #[command(flatten)]
    keys: ExportKeyArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, clap::Args)]
struct LearnArgs {
    /// A text of the device before the change
    #[arg(long, value_name = "FILE")]
    before: PathBuf,
    /// A text of it after one setting was changed
    #[arg(long, value_name = "FILE")]
    after: PathBuf,
    /// The setting that was changed, as `services.wins`
    #[arg(long, value_name = "PATH")]
    path: String,
    /// What it was changed to, as a description says it
    #[arg(long, value_name = "VALUE")]
    value: String,
    #[command(flatten)]
    site: OwnArgs,
    #[command(flatten)]
    keys: ExportKeyArgs,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct OwnArgs {
    /// Folder of a site with tables of its own [default: found from here upwards]
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
}

impl OwnArgs {
    fn tables(&self) -> Result<SiteTables, Problem> {
        Ok(site::if_any(self.site.as_deref())?.map(|loaded| loaded.site.tables).unwrap_or_default())
    }
}

pub(crate) fn run(args: DialectArgs) -> Result<Exit, Problem> {
    match args.verb {
        DialectVerb::List(args) => list(&args.site.tables()?, None, None, &args.output),
        DialectVerb::Show(args) => show(&args),
        DialectVerb::Learn(args) => teach(args),
    }
}

fn list(tables: &SiteTables, table: Option<&str>, path: Option<&str>, output: &OutputArgs) -> Result<Exit, Problem> {
    let output = Output::new(output);
    let list = DialectList::of(tables, table, path.unwrap_or_default());
    let nothing = list.tables.iter().all(|table| table.grades.iter().sum::<usize>() == 0);
    if let Some(path) = path.filter(|path| nothing || path.is_empty()) {
        let message = format!("`{}` has no place for a setting that begins `{path}`", table.unwrap_or_default());
        return Err(Problem::invalid(message).help("without PATH all of them are shown"));
    }
    let text = report::dialects(&list, output.view());
    output.either(|| list, || text)?;
    Ok(Exit::Done)
}

fn show(args: &ShowArgs) -> Result<Exit, Problem> {
    let tables = args.site.tables()?;
    let named = args.of.to_str().filter(|name| names().any(|known| known == *name));
    if named.is_some() {
        return list(&tables, named, args.path.as_deref(), &args.output);
    }
    if args.of.symlink_metadata().is_err() {
        let known = names().collect::<Vec<_>>().join(", ");
        return Err(Problem::invalid(format!("`{}` is neither a table nor a file", args.of.display()))
            .help(format!("there are the tables {known}")));
    }
    let incoming = one(&args.of, &args.keys, &tables)?;
    let output = Output::new(&args.output);
    let known = known(&incoming, tables.of(incoming.on.kind));
    let text = report::known_text(&known, output.view());
    output.either(|| known, || text)?;
    Ok(Exit::Done)
}

fn teach(args: LearnArgs) -> Result<Exit, Problem> {
    let tables = args.site.tables()?;
    let before = one(&args.before, &args.keys, &tables)?;
    let after = one(&args.after, &args.keys, &tables)?;
    let learned = learn(&before, &after, &args.path, &args.value)
        .map_err(|why| Problem::invalid(why.to_string()).help(why.help()))?;
    Output::of(None, args.output, false).text(&learned.text)?;
    super::terminal::complain(&format!("next: look at it, and put it into the site as dialects/{}\n", learned.file));
    Ok(Exit::Done)
}

/// The text of a device that a file holds.
fn one(path: &Path, keys: &ExportKeyArgs, tables: &SiteTables) -> Result<Incoming, Problem> {
    let read = incoming::read(&[path.to_owned()], keys, tables, None)?;
    let refused = read.refused.into_iter().next();
    read.files.into_iter().next().map(|(incoming, _)| incoming).ok_or_else(|| match refused {
        Some(one) => incoming::refusal(&one),
        None => Problem::invalid(format!("`{}` is no text of a device", path.display()))
            .help("give a file that a device exported or showed"),
    })
}
