//! Where a passphrase comes from: a file, a descriptor, or a person at a terminal. Never an argument, never the
//! environment, never the site.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use fieldlock::image::Passphrase;
use fieldlock::image::kdf::MAX_PASSPHRASE;
use fieldlock::report::escape;
use fieldlock::secret::SecretValue;

use super::args::PassphraseArgs;
use super::problem::Problem;
use super::terminal;

/// The passphrase, asked for where no flag says where it is.
pub(crate) fn read(args: &PassphraseArgs, prompt: &str) -> Result<Passphrase, Problem> {
    let content = match (&args.passphrase_file, args.passphrase_fd) {
        (Some(file), _) if file == Path::new("-") => bounded(io::stdin().lock(), "stdin")?,
        (Some(file), _) => {
            let shown = file.display().to_string();
            bounded(File::open(file).map_err(|error| unreadable(&shown, &error))?, &shown)?
        }
        (None, Some(number)) => descriptor(number)?,
        (None, None) => typed(prompt)?,
    };
    checked(&content)
}

/// The passphrase to seal with: typed twice, since nobody could open what a slip of the finger sealed.
pub(crate) fn read_twice(args: &PassphraseArgs, site: &str) -> Result<Passphrase, Problem> {
    let site = escape::line(site);
    if args.passphrase_file.is_some() || args.passphrase_fd.is_some() {
        return read(args, "");
    }
    let first = typed(&format!("passphrase of {site}: "))?;
    if first != typed("the same again: ")? {
        return Err(Problem::invalid("the two passphrases differ").state("nothing was written"));
    }
    checked(&first)
}

fn checked(content: &SecretValue) -> Result<Passphrase, Problem> {
    Passphrase::from_file(content).map_err(|error| Problem::invalid(error.to_string()).help(error.help()))
}

/// One line more than the longest passphrase is enough to see that it is too long. The buffer does not grow, so that
/// no copy stays behind.
fn bounded(mut from: impl Read, what: &str) -> Result<SecretValue, Problem> {
    let mut buffer = zeroize::Zeroizing::new(vec![0; MAX_PASSPHRASE + 3]);
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(what, &error)),
        }
    }
    Ok(SecretValue::copy_of(&buffer[..filled]))
}

fn unreadable(what: &str, error: &io::Error) -> Problem {
    Problem::invalid(format!("the passphrase can't be read from `{what}`: {error}"))
        .help("give a file that holds nothing but the passphrase with --passphrase-file, `-` for stdin")
}

#[cfg(unix)]
fn descriptor(number: u32) -> Result<SecretValue, Problem> {
    if matches!(number, 1 | 2) {
        return Err(Problem::invalid(format!("--passphrase-fd {number} is where results are printed"))
            .help("open another one: `fieldlock image open np07.flk --passphrase-fd 3 3<west.passphrase`"));
    }
    let path = format!("/dev/fd/{number}");
    bounded(File::open(&path).map_err(|error| unreadable(&path, &error))?, &path)
}

#[cfg(not(unix))]
fn descriptor(_: u32) -> Result<SecretValue, Problem> {
    Err(Problem::invalid("--passphrase-fd is not known on this system")
        .help("give the passphrase with --passphrase-file, `-` for stdin"))
}

fn typed(prompt: &str) -> Result<SecretValue, Problem> {
    if !terminal::can_ask() {
        return Err(Problem::invalid("no passphrase was given, and there is no terminal to ask at")
            .help("give a file that holds it with --passphrase-file, `-` for stdin"));
    }
    let text = rpassword::prompt_password(prompt).map_err(|error| unreadable("the terminal", &error))?;
    Ok(SecretValue::new(text.into_bytes()))
}
