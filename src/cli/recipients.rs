//! Recipients: who opens images by a key of their own. Their public halves come from a file that a flag names, never
//! from the site; the `age` program wraps one key per group and build for them.

use std::collections::BTreeSet;
use std::path::Path;

use fieldlock::image::core::MAX_TEXT;
use fieldlock::image::group::MAX_STANZAS;
use fieldlock::image::{GroupKey, GroupSecret};
use fieldlock::report::escape;

use super::problem::Problem;
use super::programs::{self, Call};
use super::{entropy, file};

/// The largest file of recipients, in bytes.
const MAX_FILE: usize = 64 << 10;
/// The largest answer of `age` that is read: more than any slot holds.
const MAX_ANSWER: usize = 64 << 10;

/// Public keys, ascending, none twice.
pub(crate) struct Recipients(Vec<String>);

impl Recipients {
    /// Of a file as `age` reads it: a recipient a line, empty lines and comments aside.
    pub(crate) fn read(path: &Path) -> Result<Recipients, Problem> {
        let shown = escape::line(&path.display().to_string());
        let unreadable = |why: &str| {
            Problem::invalid(format!("the recipients can't be read from `{shown}`: {why}"))
                .help("give a text file of public keys, one a line: `age1...`, as `age-keygen -y` prints it")
        };
        let bytes = file::read_document(path, MAX_FILE).map_err(|e| unreadable(&e.to_string()))?;
        if bytes.len() > MAX_FILE {
            return Err(unreadable("it is too large"));
        }
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8"))?;
        parse(&text)
            .map_err(|slip| Problem::invalid(format!("line {} of `{shown}` {}", slip.line, slip.what)).help(slip.help))
    }

    /// The lines, for the index.
    pub(crate) fn lines(&self) -> &[String] {
        &self.0
    }

    /// A fresh key, wrapped for all of them. The program gets the key on its standard input and nothing of it anywhere
    /// else; whom it wraps for is what the index will list, and not what the file may say by then.
    pub(crate) fn wrap(&self) -> Result<GroupKey, Problem> {
        let secret = GroupSecret::fresh(&mut entropy::System).map_err(|error| Problem::invalid(error.to_string()))?;
        let mut args = vec!["--encrypt"];
        args.extend(self.0.iter().flat_map(|recipient| ["-r", recipient]));
        let plaintext = secret.plaintext();
        let call = Call { stdin: Some(plaintext.expose()), most: MAX_ANSWER, ..Call::new("age", args) };
        let output = programs::run(&call).map_err(|failed| failed.problem("age"))?;
        if !output.success {
            return Err(Problem::invalid(format!("`age` did not take the recipients: {}", complaint(&output)))
                .help("give public keys that this `age` knows; those of a plugin need the plugin on PATH"));
        }
        let age_file = output.stdout;
        secret.wrapped(age_file).map_err(|problem| Problem::invalid(problem.to_string()).help(problem.help()))
    }
}

/// What `age` says first: its last words are where to report faults of its own.
fn complaint(output: &programs::Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let error = text.lines().find_map(|line| line.strip_prefix("age: error: "));
    error.map_or_else(|| output.complaint(), str::to_owned)
}

/// Why a file of recipients is refused.
#[derive(Debug, PartialEq, Eq)]
struct Slip {
    line: usize,
    what: &'static str,
    help: &'static str,
}

fn parse(text: &str) -> Result<Recipients, Slip> {
    let mut found = BTreeSet::new();
    let mut last = 1;
    for (at, line) in text.lines().enumerate() {
        last = at + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let slip = |what, help| Slip { line: last, what, help };
        if line.starts_with("AGE-SECRET-KEY-") || line.starts_with("AGE-PLUGIN-") {
            return Err(slip(
                "holds a private key",
                "give public keys, as `age-keygen -y` prints them; a private key that others may have seen is replaced",
            ));
        }
        if !is_recipient(line) {
            return Err(slip(
                "is no recipient",
                "a recipient is a public key: `age1...`, as `age-keygen -y` prints it, or `ssh-ed25519 AAAA...`",
            ));
        }
        if line.len() > MAX_TEXT {
            return Err(slip("is longer than an index can list", "take an `age1...` or an `ssh-ed25519` key"));
        }
        found.insert(line.to_owned());
    }
    match found.len() {
        0 => Err(Slip { line: last, what: "ends a file without recipients", help: "give one public key a line" }),
        n if n > MAX_STANZAS => Err(Slip { line: last, what: "is the last of more than 64", help: "give at most 64" }),
        _ => Ok(Recipients(found.into_iter().collect())),
    }
}

/// Letters and digits only behind `age1`: in the name of a plugin, anything else could name another program.
fn is_recipient(line: &str) -> bool {
    let bech32 = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let ssh = |text: &str| text.bytes().all(|b| matches!(b, b' '..=b'~')) && text.starts_with("AAAA");
    line.strip_prefix("age1").is_some_and(bech32) || line.strip_prefix("ssh-ed25519 ").is_some_and(ssh)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    const TWO: &str = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg";

    #[test]
    fn a_file_of_recipients() {
        let text = format!("# the plant's laptops\n{ONE}\n\n  {TWO}\r\n{ONE}\n");
        assert_eq!(parse(&text).unwrap().lines(), [TWO, ONE]);
        let ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ci@example";
        assert_eq!(parse(ssh).unwrap().lines(), [ssh]);
    }

    #[test]
    fn lines_that_are_none_are_told_and_not_repeated() {
        let what = |text: &str| parse(text).map(drop).unwrap_err();
        assert_eq!((what("\n#\n").what, what("").line), ("ends a file without recipients", 1));
        let private = what(&format!("{ONE}\nAGE-SECRET-KEY-1QQQ\n"));
        assert_eq!((private.line, private.what), (2, "holds a private key"));
        for bad in ["-o", "age1", "age1../../x", "age1x/y", "AGE1QQ", "ssh-rsa AAAA", "ssh-ed25519 x", "age1a -o x"] {
            assert_eq!(what(bad).what, "is no recipient", "{bad}");
        }
        let long = format!("ssh-ed25519 AAAA{}", "x".repeat(MAX_TEXT));
        assert_eq!(what(&long).what, "is longer than an index can list");
        let many: String = (0..65).map(|n| format!("age1q{n}\n")).collect();
        assert_eq!(what(&many).what, "is the last of more than 64");
    }
}
