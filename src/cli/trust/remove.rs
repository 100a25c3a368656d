//! `trust remove`: the lines of one name, and no other byte.

use fieldlock::ledger::signature::KEY_TYPE;
use fieldlock::model::shape::closest;
use fieldlock::report::escape;

use super::super::exit::Exit;
use super::super::problem::Problem;
use super::super::signing::{self, Purpose};
use super::super::{clock, terminal};
use super::{Own, UNCHANGED};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock trust remove ci@example")]
pub(crate) struct RemoveArgs {
    /// Who may sign no longer, as `trust list` names them
    name: String,
    /// For this site only; without, for every site
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// What they may sign
    #[arg(long = "for", value_name = "WHAT", value_enum, default_value = "builds", hide_default_value = true)]
    purpose: Purpose,
}

pub(super) fn run(args: &RemoveArgs) -> Result<Exit, Problem> {
    let own = Own::lock(args.site.as_deref(), args.purpose)?;
    let signers = own.signers();
    let lines: Vec<_> = signers.lines().iter().filter(|line| line.names() == args.name).collect();
    if lines.is_empty() {
        let known = signers.lines().iter().map(|line| line.names()).collect();
        let elsewhere = signing::own_sites().keys().next().filter(|_| args.site.is_none()).cloned();
        return Err(unknown(&args.name, known, elsewhere));
    }
    let numbers: Vec<usize> = lines.iter().map(|line| line.number()).collect();
    let kept = own.text.split_inclusive(|b| *b == b'\n').enumerate();
    let text: Vec<u8> = kept.filter(|(i, _)| !numbers.contains(&(i + 1))).flat_map(|(_, line)| line).copied().collect();
    own.write(&text)?;
    let mut told = String::new();
    for line in &lines {
        let name = escape::line(&args.name);
        match line.key() {
            Some(key) => told.push_str(&format!("{name} may sign no longer with {KEY_TYPE} {key}\n")),
            None => told.push_str(&format!("a line of {name} that was of no use is gone\n")),
        }
    }
    let (left, _) = fieldlock::ledger::AllowedSigners::parse(&text);
    for key in lines.iter().filter_map(|line| line.key()) {
        if let Ok(signer) = left.signer(&key, args.purpose.namespace(), clock::now()) {
            let other = escape::line(&signer.name);
            told.push_str(&format!("the same key may still sign, as {other} (line {})\n", signer.line));
        }
    }
    if left.lines().is_empty() && args.purpose == Purpose::Builds {
        told.push_str("nobody is left who may sign: no signature is asked for until you add somebody\n");
    }
    if left.lines().is_empty() && args.purpose == Purpose::Advisories {
        told.push_str("nobody is left who may sign: a list of known holes that was taken is not believed any more\n");
    }
    terminal::print(&told)?;
    Ok(Exit::Done)
}

fn unknown(name: &str, known: Vec<String>, elsewhere: Option<String>) -> Problem {
    let problem = Problem::invalid(format!("there is nobody called `{name}` among your signers")).state(UNCHANGED);
    match closest(name, known.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("is `{near}` meant?")),
        None if elsewhere.is_some() => {
            problem.help(format!("who signs for one site is taken out with --site {}", elsewhere.unwrap_or_default()))
        }
        None if known.is_empty() => problem.help("there is nobody; `fieldlock trust add` adds somebody"),
        None => problem.help("`fieldlock trust list` lists them"),
    }
}
