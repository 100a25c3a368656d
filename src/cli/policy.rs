//! `policy`: the packs of a site and those that fieldlock ships: which rules there are, and whether they check
//! anything.

use std::path::PathBuf;

use clap::Subcommand;
use fieldlock::finding::Finding;
use fieldlock::policy::{Pack, Packs, mutants, samples};
use fieldlock::report::documents::{PolicyList, PolicyTested};
use fieldlock::report::{policy_list, policy_page, policy_tested};
use fieldlock::source::SourceMap;

use super::args::Format;
use super::exit::Exit;
use super::output::Output;
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
    let (PolicyVerb::List(typed) | PolicyVerb::Test(typed) | PolicyVerb::Doc(typed)) = &args.verb;
    let output = Output::of(typed.format, typed.output.clone(), false);
    let Read { packs, findings, sources } = read(typed)?;
    match args.verb {
        PolicyVerb::List(_) => {
            let list = PolicyList::of(&packs);
            let text = policy_list(&list, output.view());
            output.either(|| list, || text)?;
            Ok(Exit::Done)
        }
        PolicyVerb::Doc(_) => {
            output.either(|| PolicyList::of(&packs), || policy_page(&packs, ""))?;
            Ok(Exit::Done)
        }
        PolicyVerb::Test(_) => {
            let wrong: Vec<Finding> = findings.into_iter().chain(samples::run(&packs)).collect();
            let tested = PolicyTested::of(&mutants::run(&packs), &wrong, &sources);
            let is_well = wrong.is_empty() && tested.blind().next().is_none();
            let text = policy_tested(&tested, &wrong, &sources, output.view());
            output.either(|| tested, || text)?;
            Ok(if is_well { Exit::Done } else { Exit::Findings })
        }
    }
}

struct Read {
    packs: Packs,
    findings: Vec<Finding>,
    sources: SourceMap,
}

/// The packs asked for, of the site here and of those that are shipped; all of both where none is named.
fn read(args: &PackArgs) -> Result<Read, Problem> {
    let found = site::if_any(args.site.as_deref())?;
    let own = found.as_ref().map(|f| &f.site.own_packs[..]).unwrap_or_default();
    let (mut packs, findings, sources) = site::all_packs(own);
    if !args.pack.is_empty() {
        let known: Vec<&str> = packs.packs.iter().map(|pack| &*pack.name).collect();
        if let Some(unknown) = args.pack.iter().find(|asked| !known.contains(&asked.as_str())) {
            return Err(Problem::invalid(format!("there is no pack `{unknown}`"))
                .help(format!("there are {}", known.join(", "))));
        }
        packs.packs.retain(|pack: &Pack| args.pack.iter().any(|asked| **asked == *pack.name));
    }
    Ok(Read { packs, findings, sources })
}
