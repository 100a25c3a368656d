//! Whose signatures count: a file of allowed signers, read as ssh-keygen reads it.

use std::fmt;

use jiff::Timestamp;

use super::error::{LineProblem, LineProblemKind, Refusal};
use super::key::PublicKey;
use super::line::{Allowance, Options, allowance, names};
use super::pattern::listed;

/// The largest file of allowed signers, in bytes.
pub const MAX_SIGNERS_LEN: usize = 1 << 20;
/// The longest line of it that is used, in bytes. The only bound that ssh-keygen does not have.
pub const MAX_LINE_LEN: usize = 16 << 10;

/// The lines of a file of allowed signers.
#[derive(Debug, Clone, Default)]
pub struct AllowedSigners {
    lines: Vec<SignerLine>,
}

/// A line that is not empty and no comment.
#[derive(Debug, Clone)]
pub struct SignerLine {
    number: usize,
    names: Vec<u8>,
    allows: Result<Allowance, LineProblemKind>,
}

/// Who signed, by the line that allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The name, as `ssh-keygen -Y find-principals` gives it.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// From when on the line allows it.
    pub since: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
}

impl AllowedSigners {
    /// Reads a file. Lines that ssh-keygen would step over are told, and stepped over; so are those whose times are not
    /// in UTC.
    pub fn parse(text: &[u8]) -> (AllowedSigners, Vec<LineProblem>) {
        if text.len() > MAX_SIGNERS_LEN {
            let problem = LineProblem { line: 1, kind: LineProblemKind::FileTooLarge };
            return (AllowedSigners::default(), vec![problem]);
        }
        let (mut lines, mut problems) = (Vec::new(), Vec::new());
        for (line, text) in text.split(|b| *b == b'\n').enumerate() {
            let number = line + 1;
            match signer_line(number, text) {
                Ok(None) => {}
                Ok(Some(line)) => {
                    problems.extend(line.problem().map(|kind| LineProblem { line: number, kind: kind.clone() }));
                    lines.push(line);
                }
                Err(kind) => problems.push(LineProblem { line: number, kind }),
            }
        }
        (AllowedSigners { lines }, problems)
    }

    /// The lines, in their order.
    pub fn lines(&self) -> &[SignerLine] {
        &self.lines
    }

    /// What `ssh-keygen -Y find-principals` prints: the names on the first line that has the key and holds now,
    /// whatever it is allowed for. `None` where there is no such line.
    pub fn find_principals(&self, key: &PublicKey, now: Timestamp) -> Option<Vec<String>> {
        let line = self.of_key(key).find(|(_, allows)| in_time(allows, now))?.0;
        Some(line.named().map(lossy).collect())
    }

    /// Whether `ssh-keygen -Y verify -I PRINCIPAL -n NAMESPACE` takes a signature by the key.
    pub fn allow(&self, principal: &[u8], key: &PublicKey, namespace: &str, now: Timestamp) -> bool {
        self.of_key(key).any(|(line, allows)| {
            allows.options.allow(namespace) && in_time(allows, now) && listed(principal, &line.names)
        })
    }

    /// Who signed: the first name, of the lines that have the key, are for this namespace and hold now, that
    /// `ssh-keygen -Y verify` takes.
    ///
    /// # Errors
    /// Nobody that may: why not.
    pub fn signer(&self, key: &PublicKey, namespace: &str, now: Timestamp) -> Result<Signer, Refusal> {
        let mut why = Refusal::Unknown;
        for (line, allows) in self.of_key(key) {
            let number = line.number;
            if !allows.options.allow(namespace) {
                why = later(why, Refusal::Namespace { line: number });
                continue;
            }
            match (allows.options.after, allows.options.before) {
                (Some(from), _) if now < from => {
                    why = later(why, Refusal::NotYet { line: number, from });
                    continue;
                }
                (_, Some(until)) if now.as_second() > until.as_second() => {
                    why = later(why, Refusal::Expired { line: number, until });
                    continue;
                }
                _ => {}
            }
            let named = line.named().filter(|name| !name.starts_with(b"!"));
            match named.into_iter().find(|name| self.allow(name, key, namespace, now)) {
                Some(name) => {
                    let (since, until) = (allows.options.after, allows.options.before);
                    return Ok(Signer { name: lossy(name), line: number, since, until });
                }
                None => why = later(why, Refusal::Nobody { line: number }),
            }
        }
        Err(why)
    }

    fn of_key<'a>(&'a self, key: &'a PublicKey) -> impl Iterator<Item = (&'a SignerLine, &'a Allowance)> {
        self.lines.iter().filter_map(move |line| Some((line, line.allows.as_ref().ok().filter(|a| a.key == *key)?)))
    }
}

/// What is told of several refusals: one that ends by itself before one that somebody meant.
fn later(first: Refusal, second: Refusal) -> Refusal {
    let rank = |refusal: &Refusal| match refusal {
        Refusal::Unknown => 0,
        Refusal::Nobody { .. } => 1,
        Refusal::Namespace { .. } => 2,
        Refusal::NotYet { .. } => 3,
        Refusal::Expired { .. } => 4,
    };
    if rank(&second) > rank(&first) { second } else { first }
}

/// Both ends belong to the period, the last of them to its end.
fn in_time(allows: &Allowance, now: Timestamp) -> bool {
    let Options { after, before, .. } = &allows.options;
    after.is_none_or(|after| now >= after) && before.is_none_or(|before| now.as_second() <= before.as_second())
}

fn signer_line(number: usize, text: &[u8]) -> Result<Option<SignerLine>, LineProblemKind> {
    if text.len() > MAX_LINE_LEN {
        return Err(LineProblemKind::TooLong);
    }
    let Some((names, rest)) = names(text)? else { return Ok(None) };
    Ok(Some(SignerLine { number, names, allows: allowance(rest) }))
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

impl SignerLine {
    /// Which line of the file, from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// The names, as they stand in the file without quotes around them.
    pub fn names(&self) -> String {
        lossy(&self.names)
    }

    /// The key, where the line is of use.
    pub fn key(&self) -> Option<PublicKey> {
        self.allows.as_ref().ok().map(|allows| allows.key)
    }

    /// Why the line is of no use, where it is.
    pub fn problem(&self) -> Option<&LineProblemKind> {
        self.allows.as_ref().err()
    }

    /// Whether the line is for a namespace.
    pub fn is_for(&self, namespace: &str) -> bool {
        self.allows.as_ref().is_ok_and(|allows| allows.options.allow(namespace))
    }

    /// From and until when it holds.
    pub fn period(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        let options = self.allows.as_ref().ok().map(|allows| &allows.options);
        (options.and_then(|o| o.after), options.and_then(|o| o.before))
    }

    /// The names one by one, as far as `find-principals` prints them.
    fn named(&self) -> impl Iterator<Item = &[u8]> {
        self.names.split(|b| *b == b',').take_while(|name| !name.is_empty())
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
