//! `policy`: the packs of a site and those that fieldlock ships: which rules there are, and whether they check
//! anything.

use std::path::PathBuf;

use clap::Subcommand;
use fieldlock::finding::Finding;
use fieldlock::policy::{Pack, Packs, mutants, samples};
use fieldlock::report::documents::{PolicyList, PolicyTested};
use fieldlock::report::{View, policy_list, policy_page, policy_tested};
use fieldlock::source::SourceMap;

use super::args::Format;
use super::exit::Exit;
use super::output::Output;
use super::policy_pin::{self, PinArgs};
use super::problem::Problem;
use super::site;

#[derive(Debug, clap::Args)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    verb: PolicyVerb,
}

/// Verbs on packs.
#[derive(Debug, Subcommand)]
enum PolicyVerb {
    /// List all rules: how bad, when and how they are checked; and what became of those that are no more
    #[command(
        after_help = "Examples:\n  fieldlock policy list\n  fieldlock policy list --pack ot-baseline --format json"
    )]
    List(PackArgs),
    /// Run the samples of all rules, and look for rules that no change of a passing sample makes fail
    #[command(after_help = "Examples:\n  fieldlock policy test\n  fieldlock policy test --pack plant west\n\
        Exit codes: 0 all is well, 1 a sample does not say what it should, or nothing makes a rule fail.")]
    Test(PackArgs),
    /// Agree to the packs in force as they are: write `fieldlock.lock` of a site anew
    #[command(after_help = "Examples:\n  fieldlock policy pin\n  fieldlock policy pin west --format json")]
    Pin(PinArgs),
    /// Write all rules as a page in Markdown
    #[command(
        after_help = "Examples:\n  fieldlock policy doc --output rules.md\n  fieldlock policy doc --pack plant west"
    )]
    Doc(PackArgs),
}

/// Which packs, and where the result goes.
#[derive(Debug, clap::Args)]
struct PackArgs {
    /// Folder of a site with packs of its own [default: found from here upwards]
    site: Option<PathBuf>,
    /// Only this pack; may be given more than once
    #[arg(long, value_name = "NAME")]
    pack: Vec<String>,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: PolicyArgs) -> Result<Exit, Problem> {
    match args.verb {
        PolicyVerb::List(args) => list(&args, policy_list),
        PolicyVerb::Doc(args) => list(&args, |list, _| policy_page(list, "")),
        PolicyVerb::Test(args) => test(&args),
        PolicyVerb::Pin(args) => policy_pin::run(args),
    }
}

fn list(args: &PackArgs, text: impl Fn(&PolicyList, &View) -> String) -> Result<Exit, Problem> {
    let output = Output::of(args.format, args.output.clone(), false);
    let list = read(args)?.list;
    let text = text(&list, output.view());
    output.either(|| list, || text)?;
    Ok(Exit::Done)
}

fn test(args: &PackArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, args.output.clone(), false);
    let Read { packs, findings, sources, .. } = read(args)?;
    let wrong: Vec<Finding> = findings.into_iter().chain(samples::run(&packs)).collect();
    let tested = PolicyTested::of(&mutants::run(&packs), &wrong, &sources);
    let is_well = wrong.is_empty() && tested.blind().next().is_none();
    let text = policy_tested(&tested, &wrong, &sources, output.view());
    output.either(|| tested, || text)?;
    Ok(if is_well { Exit::Done } else { Exit::Findings })
}

struct Read {
    list: PolicyList,
    packs: Packs,
    findings: Vec<Finding>,
    sources: SourceMap,
}

/// The packs asked for, of the site here and of those that are shipped; all of both where none is named.
fn read(args: &PackArgs) -> Result<Read, Problem> {
    let found = site::if_any(args.site.as_deref())?;
    let own = found.as_ref().map(|f| &f.site.own_packs[..]).unwrap_or_default();
    let (mut packs, findings, sources) = site::all_packs(own);
    let mut list = PolicyList::of(&packs);
    if !args.pack.is_empty() {
        let known: Vec<&str> = packs.packs.iter().map(|pack| &*pack.name).collect();
        if let Some(unknown) = args.pack.iter().find(|asked| !known.contains(&asked.as_str())) {
            return Err(Problem::invalid(format!("there is no pack `{unknown}`"))
                .help(format!("there are {}", known.join(", "))));
        }
        let asked = |name: &str| args.pack.iter().any(|asked| asked == name);
        packs.packs.retain(|pack: &Pack| asked(&pack.name));
        list.packs.retain(|pack| asked(&pack.name));
    }
    Ok(Read { list, packs, findings, sources })
}
