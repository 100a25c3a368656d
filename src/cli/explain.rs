//! `explain`: one rule, or one code of our own, on a page.

use std::path::PathBuf;

use fieldlock::finding::codes;
use fieldlock::model::shape::closest;
use fieldlock::pipeline::pack_digest;
use fieldlock::policy::Packs;
use fieldlock::report::documents::Explained;
use fieldlock::report::{self, RulePage};

use super::args::Format;
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::site;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock explain NP6-SES-001\n  fieldlock explain site.no-zone")]
pub(crate) struct ExplainArgs {
    /// The rule or code, as reports name it
    rule: String,
    /// Folder of a site with packs of its own [default: found from here upwards]
    site: Option<PathBuf>,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: ExplainArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, args.output, false);
    if let Some(code) = codes::find(&args.rule.to_ascii_lowercase()) {
        output.either(|| Explained::code(code), || report::explain_code(code, output.view()))?;
        return Ok(Exit::Done);
    }
    let found = site::if_any(args.site.as_deref())?;
    let own = found.as_ref().map(|f| &f.site.own_packs[..]).unwrap_or_default();
    let (packs, _, sources) = site::all_packs(own);
    let wanted = args.rule.to_ascii_uppercase();
    if let Some(gone) = packs.gone(&wanted) {
        output.either(|| Explained::gone(gone), || report::explain_gone(gone, output.view()))?;
        return Ok(Exit::Done);
    }
    let Some(rule) = packs.rules().find(|r| r.id.eq_ignore_ascii_case(&wanted)) else {
        return Err(unknown(&args.rule, &packs));
    };
    let digest = pack_digest(&rule.pack, own).to_string();
    let page = RulePage::of(rule, &packs, &sources, &digest);
    output.either(|| Explained::rule(page.clone()), || report::explain(&page, output.view()))?;
    Ok(Exit::Done)
}

fn unknown(asked: &str, packs: &Packs) -> Problem {
    let problem = Problem::invalid(format!("no rule and no code is called `{asked}`"));
    let near = if asked.contains('.') {
        closest(&asked.to_ascii_lowercase(), codes::all().map(|code| code.id))
    } else {
        closest(&asked.to_ascii_uppercase(), packs.rules().map(|r| &*r.id))
    };
    match near {
        Some(near) => problem.help(format!("is `{near}` meant?")),
        None => problem.help("reports name rules, such as NP6-SES-001, and codes, such as site.no-zone"),
    }
}
