//! `trust list`: who may sign, until when, and which lines are of no use.

use fieldlock::ledger::signature::{AllowedSigners, KEY_TYPE, LineProblem, SignerLine};
use fieldlock::report::documents::{SignerEntry, SignerList, UselessLine};
use fieldlock::report::escape;
use jiff::Timestamp;

use super::super::args::{Format, SignerArgs};
use super::super::exit::Exit;
use super::super::output::Output;
use super::super::problem::Problem;
use super::super::signing::{self, Purpose};
use super::super::{clock, folders};
use super::no_folder;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock trust list\n  fieldlock trust list --allowed-signers plant.signers")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    signers: SignerArgs,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
}

pub(super) fn run(args: &ListArgs) -> Result<Exit, Problem> {
    let own = args.signers.allowed_signers.is_none();
    let mut files = Vec::new();
    if let Some(path) = &args.signers.allowed_signers {
        files.push((String::new(), Purpose::Builds, path.clone()));
    } else {
        let folder = folders::config().ok_or_else(no_folder)?;
        files.push((String::new(), Purpose::Builds, folder.join(Purpose::Builds.file(None))));
        files.extend(signing::own_sites().into_iter().map(|(site, path)| (site, Purpose::Builds, path)));
        let others = Purpose::ALL.into_iter().filter(|purpose| *purpose != Purpose::Builds);
        files.extend(others.map(|purpose| (String::new(), purpose, folder.join(purpose.file(None)))));
    }
    let mut lists = Vec::new();
    for (site, purpose, path) in files {
        let text = match signing::read(&path) {
            Ok(text) => text,
            Err(error) if own && error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(signing::unreadable(&path, &error)),
        };
        let (signers, problems) = AllowedSigners::parse(&text);
        lists.push(List { site, purpose, signers, problems });
    }
    let output = Output::of(args.format, None, false);
    output.either(|| document(&lists), || human(&lists, clock::now()))?;
    Ok(Exit::Done)
}

/// Who may sign for one site; for every site where none is named.
struct List {
    site: String,
    purpose: Purpose,
    signers: AllowedSigners,
    problems: Vec<LineProblem>,
}

fn human(lists: &[List], now: Timestamp) -> String {
    let mut text = String::new();
    for list in lists {
        let shown = of_site(list, now);
        if !shown.is_empty() && !list.site.is_empty() {
            text.push_str(&format!("for the site {}\n", list.site));
        }
        if !shown.is_empty() && list.purpose != Purpose::Builds {
            text.push_str(&format!("for {}\n", list.purpose.word()));
        }
        text.push_str(&shown);
    }
    if lists
        .iter()
        .all(|list| list.purpose != Purpose::Builds || list.signers.lines().is_empty() && list.problems.is_empty())
    {
        text.insert_str(0, "nobody may sign yet: no signature is asked for; `fieldlock trust add` adds somebody\n");
    }
    text
}

fn of_site(List { purpose, signers, problems, .. }: &List, now: Timestamp) -> String {
    let usable: Vec<&SignerLine> = signers.lines().iter().filter(|line| line.problem().is_none()).collect();
    let names: Vec<String> = usable.iter().map(|line| escape::line(&line.names())).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).min(40);
    let mut text = String::new();
    for (line, name) in usable.iter().zip(&names) {
        let key = line.key().map_or(String::new(), |key| key.fingerprint());
        text.push_str(&format!("{name:width$}  {KEY_TYPE}  {key}{}\n", state(line, *purpose, now)));
    }
    for LineProblem { line, kind } in problems {
        text.push_str(&format!("line {line} is of no use: {kind}\n"));
    }
    text
}

/// What a line says besides name and key.
fn state(line: &SignerLine, purpose: Purpose, now: Timestamp) -> String {
    let (from, until) = line.period();
    let mut text = String::new();
    if let Some(from) = from {
        text.push_str(&format!("  {} {from}", if now < from { "not before" } else { "since" }));
    }
    if let Some(until) = until {
        text.push_str(&format!("  {} {until}", if until < now { "EXPIRED" } else { "until" }));
    }
    if !line.is_for(purpose.namespace()) {
        text.push_str("  for other namespaces only");
    }
    text
}

fn document(lists: &[List]) -> SignerList {
    let lines = lists.iter().flat_map(|list| list.signers.lines().iter().map(move |line| (list, line)));
    let useless = lists.iter().flat_map(|list| list.problems.iter().map(move |problem| (list, problem)));
    SignerList::of(
        lines.filter_map(|(list, line)| SignerEntry::of((&list.site, list.purpose.word()), line)).collect(),
        useless.map(|(list, problem)| UselessLine::of(&list.site, problem)).collect(),
    )
}
