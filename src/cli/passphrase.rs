//! Where a passphrase comes from: a file, a descriptor, or a person at a terminal. Never an argument, never the
//! environment, never the site.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use fieldlock::image::Passphrase;
use fieldlock::image::kdf::MAX_PASSPHRASE;
use fieldlock::report::escape;
use fieldlock::secret::SecretValue;
use fieldlock::secret::strength::LEAST_CHARACTERS;
use fieldlock::site::Site;

use super::args::{PassphraseArgs, PassphrasesArgs};
use super::problem::Problem;
use super::{file, terminal};

/// The flag that names a passphrase's file.
const FLAG: &str = "--passphrase-file";

/// The passphrase, asked for where no flag says where it is.
pub(crate) fn read(args: &PassphraseArgs, prompt: &str) -> Result<Passphrase, Problem> {
    let content = match (&args.passphrase_file, args.passphrase_fd) {
        (Some(file), _) => content(file, FLAG)?,
        (None, Some(number)) => descriptor(number)?,
        (None, None) => typed(prompt, "passphrase", FLAG)?,
    };
    checked(&content)
}

/// How a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Once: a slip of the finger is noticed, since it opens nothing.
    Once,
    /// Twice: nobody could open what a slip of the finger sealed.
    Twice,
}

/// Where each group's passphrase is, as far as flags say so. A bare file is for the site's own group.
pub(crate) fn sources<'a>(args: &'a PassphrasesArgs, site: &Site) -> Result<BTreeMap<String, &'a Path>, Problem> {
    let mut found = BTreeMap::new();
    for given in &args.passphrase_file {
        let (group, file) = group_and_file(given, site)?;
        let shown = escape::line(&group);
        if found.insert(group, file).is_some() {
            return Err(Problem::invalid(format!("two passphrases are given for the group `{shown}`"))
                .help("give one --passphrase-file each: `--passphrase-file north=north.passphrase`"));
        }
    }
    if found.values().filter(|file| **file == Path::new("-")).count() > 1 {
        return Err(Problem::invalid("two passphrases can't both come from stdin").help("give one of them as a file"));
    }
    Ok(found)
}

/// Splits `GROUP=FILE`. What stands before `=` is a group only where the site has it: a path may hold the sign too.
fn group_and_file<'a>(given: &'a Path, site: &Site) -> Result<(String, &'a Path), Problem> {
    let own = || (site.name.to_string(), given);
    let Some((group, file)) = given.to_str().and_then(|text| text.split_once('=')) else { return Ok(own()) };
    if site.has_group(group) {
        return Ok((group.to_owned(), Path::new(file)));
    }
    if given.exists() || group.contains(['/', '\\']) {
        return Ok(own());
    }
    let groups: Vec<&str> = site.typed.group.iter().filter_map(|g| g.name.as_ref()).map(|n| n.as_str()).collect();
    let problem = Problem::invalid(format!("the site has no group `{group}`"));
    Err(match fieldlock::model::shape::closest(group, groups.iter().copied()) {
        Some(near) => problem.help(format!("is `{near}` meant?")),
        None if groups.is_empty() => problem.help("it declares none: give the file alone, `--passphrase-file FILE`"),
        None => problem.help(format!("it has {} and its own, {}", groups.join(", "), site.name)),
    })
}

/// The passphrase of a group of a site, asked for where no flag says where it is.
pub(crate) fn of_group(args: &PassphrasesArgs, site: &Site, group: &str, ask: Ask) -> Result<Passphrase, Problem> {
    let sources = sources(args, site)?;
    let own = group == &*site.name;
    let shown = escape::line(group);
    match (sources.get(group), args.passphrase_fd) {
        (Some(file), _) => checked(&content(file, FLAG)?),
        (None, Some(number)) if own => checked(&descriptor(number)?),
        (None, _) if !terminal::can_ask() && !own => {
            Err(Problem::invalid(format!("no passphrase was given for the group `{shown}`, and there is no terminal"))
                .help(format!("give a file that holds it with `--passphrase-file {shown}=FILE`")))
        }
        (None, _) if ask == Ask::Twice => {
            checked(&typed_twice(&format!("a passphrase for {shown}, {LEAST_CHARACTERS} characters at least: "), FLAG)?)
        }
        (None, _) => checked(&typed(&format!("passphrase of {shown}: "), "passphrase", FLAG)?),
    }
}

/// What stands in a file that a flag names, `-` for stdin: at most one line more than the longest passphrase.
pub(crate) fn content(file: &Path, flag: &str) -> Result<SecretValue, Problem> {
    if file == Path::new("-") {
        return bounded(io::stdin().lock(), "stdin", flag);
    }
    let shown = file.display().to_string();
    bounded(file::open(file).map_err(|error| unreadable(&shown, flag, &error))?, &shown, flag)
}

/// A new passphrase, not yet judged: from a file, or typed twice.
pub(crate) fn chosen(file: Option<&Path>) -> Result<Passphrase, Problem> {
    const FLAG: &str = "--new-passphrase-file";
    let prompt = format!("new passphrase, {LEAST_CHARACTERS} characters at least: ");
    checked(&match file {
        Some(file) => content(file, FLAG)?,
        None => typed_twice(&prompt, FLAG)?,
    })
}

fn typed_twice(prompt: &str, flag: &str) -> Result<SecretValue, Problem> {
    let first = typed(prompt, "passphrase", flag)?;
    if first != typed("the same again: ", "passphrase", flag)? {
        return Err(Problem::invalid("the two passphrases differ").state("nothing was written"));
    }
    Ok(first)
}

/// The passphrase in a text.
pub(crate) fn checked(content: &SecretValue) -> Result<Passphrase, Problem> {
    Passphrase::from_file(content).map_err(|error| Problem::invalid(error.to_string()).help(error.help()))
}

/// A mark and a line break more than the longest passphrase are enough to see that it is too long. The buffer does not
/// grow, so that no copy stays behind.
fn bounded(mut from: impl Read, what: &str, flag: &str) -> Result<SecretValue, Problem> {
    let mut buffer = zeroize::Zeroizing::new(vec![0; MAX_PASSPHRASE + 6]);
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(what, flag, &error)),
        }
    }
    Ok(SecretValue::copy_of(&buffer[..filled]))
}

fn unreadable(what: &str, flag: &str, error: &io::Error) -> Problem {
    Problem::invalid(format!("`{what}` can't be read: {error}"))
        .help(format!("give a file that holds one line and nothing else with {flag}, `-` for stdin"))
}

fn descriptor(number: u32) -> Result<SecretValue, Problem> {
    let flag = "--passphrase-fd";
    bounded(open_descriptor(number, flag)?, &format!("descriptor {number}"), flag)
}

/// A file that was opened before we were started.
#[cfg(unix)]
pub(crate) fn open_descriptor(number: u32, flag: &str) -> Result<File, Problem> {
    if matches!(number, 1 | 2) {
        return Err(Problem::invalid(format!("{flag} {number} is where results are printed"))
            .help("open another one: `fieldlock image open np07.flk --passphrase-fd 3 3<west.passphrase`"));
    }
    let path = format!("/dev/fd/{number}");
    File::open(&path).map_err(|error| {
        Problem::invalid(format!("{flag} {number} can't be read: {error}"))
            .help(format!("open it with the command: `{flag} 3 3<FILE`"))
    })
}

/// A file that was opened before we were started.
#[cfg(not(unix))]
pub(crate) fn open_descriptor(_: u32, flag: &str) -> Result<File, Problem> {
    Err(Problem::invalid(format!("{flag} is not known on this system")).help("give a file, or `-` for stdin"))
}

/// Refuses a passphrase that somebody with the files would find. Words that an attacker would try first are `known`.
pub(crate) fn judge(passphrase: &Passphrase, known: &[&str]) -> Result<(), Problem> {
    let nothing = "nothing was sealed with it";
    if passphrase.is_demo() {
        return Err(Problem::refused("everybody knows the demo passphrase")
            .help("take another: it protects nothing")
            .state(nothing));
    }
    passphrase.judge(known).map_err(|weak| Problem::refused(weak.to_string()).help(weak.help()).state(nothing))
}

/// The same, the words being those of a site.
pub(crate) fn judge_for(passphrase: &Passphrase, site: &Site) -> Result<(), Problem> {
    let zones = site.typed.zone.iter().filter_map(|z| z.name.as_ref()).map(|n| n.as_str());
    let people = site.typed.person.iter().filter_map(|p| p.id.as_ref()).map(|n| n.as_str());
    // a thousand names are enough: each costs time, and they are made alike
    let devices = site.devices.iter().map(|d| &*d.name).take(1_000);
    let groups = site.typed.group.iter().filter_map(|g| g.name.as_ref()).map(|n| n.as_str());
    let stations = site.typed.station.iter().filter_map(|s| s.name.as_ref()).map(|n| n.as_str());
    let known: Vec<&str> =
        std::iter::once(&*site.name).chain(zones).chain(groups).chain(stations).chain(people).chain(devices).collect();
    judge(passphrase, &known)
}

/// A secret's value typed twice at a terminal.
pub(crate) fn typed_value(prompt: &str) -> Result<SecretValue, Problem> {
    let typed = |prompt| typed(prompt, "value", "--from-file");
    let first = typed(prompt)?;
    if first != typed("the same again: ")? {
        return Err(Problem::invalid("the two values differ").state("no secret was changed"));
    }
    Ok(first)
}

/// What a person types at the terminal, not shown there. `what` it is, and the flag that would give it in a file.
pub(crate) fn typed(prompt: &str, what: &str, flag: &str) -> Result<SecretValue, Problem> {
    if !terminal::can_ask() {
        return Err(Problem::invalid(format!("no {what} was given, and there is no terminal to ask at"))
            .help(format!("give a file that holds it with {flag}, `-` for stdin")));
    }
    let text = rpassword::prompt_password(prompt).map_err(|error| unreadable("the terminal", flag, &error))?;
    Ok(SecretValue::new(text.into_bytes()))
}
