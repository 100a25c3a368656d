//! `trust remove`: the lines of one name, and no other byte.

use fieldlock::ledger::signature::{AllowedSigners, KEY_TYPE};
use fieldlock::model::shape::closest;
use fieldlock::report::escape;

use super::super::exit::Exit;
use super::super::problem::Problem;
use super::super::signing::{self, Purpose};
use super::super::{clock, folders, terminal};
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
        return Err(unknown(args, known));
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
    let (left, _) = AllowedSigners::parse(&text);
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
    for (what, command) in elsewhere(args) {
        told.push_str(&escape::line(&format!("{} may still sign {what}: `{command}`", args.name)));
        told.push('\n');
    }
    terminal::print(&told)?;
    Ok(Exit::Done)
}

/// What else the name may sign, with the command that takes it out there.
fn elsewhere(args: &RemoveArgs) -> Vec<(String, String)> {
    let sites = signing::own_sites();
    let of_site = sites.keys().map(|site| (Purpose::Builds, Some(&**site)));
    let files = Purpose::ALL.into_iter().map(|purpose| (purpose, None)).chain(of_site);
    let others = files.filter(|file| *file != (args.purpose, args.site.as_deref()));
    let stands = |(purpose, site): &(Purpose, Option<&str>)| {
        let text = folders::config().and_then(|folder| signing::read(&folder.join(purpose.file(*site))).ok());
        let (signers, _) = AllowedSigners::parse(&text.unwrap_or_default());
        signers.lines().iter().any(|line| line.names() == args.name)
    };
    let told = |(purpose, site): (Purpose, Option<&str>)| {
        let command = format!("fieldlock trust remove {}", args.name);
        match (purpose, site) {
            (_, Some(site)) => (format!("builds of {site}"), format!("{command} --site {site}")),
            (Purpose::Builds, None) => ("builds".to_owned(), command),
            (purpose, None) => (purpose.word().to_owned(), format!("{command} --for {}", purpose.word())),
        }
    };
    others.filter(stands).map(told).collect()
}

fn unknown(args: &RemoveArgs, known: Vec<String>) -> Problem {
    let name = &args.name;
    let problem = Problem::invalid(format!("there is nobody called `{name}` among your signers")).state(UNCHANGED);
    let commands: Vec<String> = elsewhere(args).into_iter().map(|(_, command)| format!("`{command}`")).collect();
    if !commands.is_empty() {
        return problem.help(format!("the name may sign something else: {}", commands.join(", ")));
    }
    match closest(name, known.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("is `{near}` meant?")),
        None if known.is_empty() => problem.help("there is nobody; `fieldlock trust add` adds somebody"),
        None => problem.help("`fieldlock trust list` lists them"),
    }
}
