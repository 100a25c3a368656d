//! `dialect`: the tables of native text: what they say, what they know of a text, and what two texts teach.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use fieldlock::dialect::{SiteTables, names};
use fieldlock::pipeline::learn::{Taught, answered, learn};
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
        --value on > dialects/mx-ros.cli.kdl\n  \
        fieldlock dialect learn --receipt receipts/np07-2026-03-11-91c077ab.receipt"
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
    #[arg(long, value_name = "FILE", required_unless_present = "receipt")]
    before: Option<PathBuf>,
    /// A text of it after one setting was changed
    #[arg(long, value_name = "FILE", required_unless_present = "receipt")]
    after: Option<PathBuf>,
    /// The setting that was changed, as `services.wins`
    #[arg(long, value_name = "PATH", required_unless_present = "receipt")]
    path: Option<String>,
    /// What it was changed to, as a description says it
    #[arg(long, value_name = "VALUE", required_unless_present = "receipt")]
    value: Option<String>,
    /// A receipt: fields that somebody found under another name
    #[arg(long, value_name = "FILE", conflicts_with_all = ["before", "after", "path", "value"])]
    receipt: Option<PathBuf>,
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

/// What people found otherwise at a device.
fn teach_by(receipt: &Path, output: Option<PathBuf>) -> Result<Exit, Problem> {
    let (_, receipt) = super::receipt::read(receipt)?;
    let Taught { learned, left } = answered(&receipt);
    let told: String = left.iter().map(|left| format!("note: {}\n", report::escape::line(left))).collect();
    super::terminal::complain(&told);
    if learned.is_empty() {
        return Err(Problem::invalid(format!("{} teaches no entry of a table", receipt.number()))
            .help("a row that was answered as called otherwise does, where one line of a table says it"));
    }
    Output::of(None, output, false).text(&learned.iter().map(|learned| &*learned.text).collect::<String>())?;
    let files: std::collections::BTreeSet<&str> = learned.iter().map(|learned| &*learned.file).collect();
    let files: Vec<String> = files.into_iter().map(|file| format!("dialects/{file}")).collect();
    super::terminal::complain(&format!("next: look at it, and put it into the site as {}\n", files.join(", ")));
    Ok(Exit::Done)
}

fn teach(args: LearnArgs) -> Result<Exit, Problem> {
    if let Some(receipt) = &args.receipt {
        return teach_by(receipt, args.output);
    }
    let tables = args.site.tables()?;
    // all four are asked for where there is no receipt
    let (before, after) = (args.before.unwrap_or_default(), args.after.unwrap_or_default());
    let (before, after) = (one(&before, &args.keys, &tables)?, one(&after, &args.keys, &tables)?);
    let learned = learn(&before, &after, &args.path.unwrap_or_default(), &args.value.unwrap_or_default())
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
