//! One line of allowed signers, taken apart as ssh-keygen takes it apart: names, options, key.

use jiff::tz::TimeZone;

use super::error::LineProblemKind;
use super::key::{self, PublicKey};
use super::pattern::listed;
use super::times;

/// A line that allows a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Allowance {
    /// The key.
    pub(super) key: PublicKey,
    /// What it is allowed for.
    pub(super) options: Options,
}

/// What a line says before its key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Options {
    /// Patterns of namespaces; `None`: all of them.
    pub(super) namespaces: Option<Vec<u8>>,
    /// Not before this second since 1970.
    pub(super) after: Option<i64>,
    /// Not after this second since 1970.
    pub(super) before: Option<i64>,
    /// The key is no signer's, but signs certificates of signers.
    authority: bool,
}

impl Options {
    /// Whether the line is for this namespace.
    pub(super) fn allow(&self, namespace: &str) -> bool {
        self.namespaces.as_ref().is_none_or(|list| listed(namespace.as_bytes(), list))
    }
}

/// The names of a line, and the rest of it.
type Named<'a> = (Vec<u8>, &'a [u8]);

/// The names of a line, and what stands behind them; `None` for a line without anything or with a comment only.
pub(super) fn names(line: &[u8]) -> Result<Option<Named<'_>>, LineProblemKind> {
    // a line is a text of C: it ends at the first zero byte
    let line = line.split(|b| *b == 0).next().unwrap_or_default();
    let line = trimmed(line, b" \t");
    if line.is_empty() || line.starts_with(b"#") || line.iter().all(|b| WHITE.contains(b)) {
        return Ok(None);
    }
    let end = line.iter().position(|b| *b == b'"' || WHITE.contains(b)).ok_or(LineProblemKind::NoKey)?;
    let (names, rest) = (line[..end].to_vec(), &line[end + 1..]);
    if line[end] != b'"' {
        return Ok(Some((names, trimmed(rest, WHITE))));
    }
    let close = rest.iter().position(|b| *b == b'"').ok_or(LineProblemKind::Quote)?;
    let (quoted, rest) = (&rest[..close], &rest[close + 1..]);
    Ok(Some(([&names[..], quoted].concat(), trimmed(rest, WHITE))))
}

/// What stands behind the names: a key, or options and a key.
pub(super) fn allowance(rest: &[u8], zone: &TimeZone) -> Result<Allowance, LineProblemKind> {
    match key::read(rest) {
        Ok(key) => return Ok(Allowance { key, options: Options::default() }),
        Err(LineProblemKind::NoKey) => {}
        // a key's name is no option, so reading it as one would not help
        Err(problem) => return Err(problem),
    }
    let end = end_of_options(rest)?;
    let (text, rest) = rest.split_at(end);
    if rest.is_empty() {
        return Err(LineProblemKind::NoKey);
    }
    let key = key::read(trimmed(rest, b" \t"))?;
    let options = options(text, zone)?;
    if options.authority {
        return Err(LineProblemKind::CertAuthority);
    }
    Ok(Allowance { key, options })
}

const WHITE: &[u8] = b" \t\r\n";

fn trimmed<'a>(text: &'a [u8], of: &[u8]) -> &'a [u8] {
    &text[text.iter().position(|b| !of.contains(b)).unwrap_or(text.len())..]
}

/// Where the options end: at the first blank that is not in quotes.
fn end_of_options(text: &[u8]) -> Result<usize, LineProblemKind> {
    let (mut at, mut quoted) = (0, false);
    while let Some(byte) = text.get(at) {
        match byte {
            b' ' | b'\t' if !quoted => break,
            b'\\' if text.get(at + 1) == Some(&b'"') => at += 1,
            b'"' => quoted = !quoted,
            _ => {}
        }
        at += 1;
    }
    if at >= text.len() && quoted { Err(LineProblemKind::Quote) } else { Ok(at.min(text.len())) }
}

/// The options. Names are read in any case; empty ones are stepped over, but for one at the end.
fn options(text: &[u8], zone: &TimeZone) -> Result<Options, LineProblemKind> {
    let mut found = Options::default();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(behind) = strip(rest, b"cert-authority") {
            found.authority = true;
            rest = behind;
        } else if let Some(behind) = strip(rest, b"namespaces=") {
            if found.namespaces.is_some() {
                return Err(LineProblemKind::Twice { name: "namespaces" });
            }
            let (value, behind) = dequoted(behind)?;
            found.namespaces = Some(value);
            rest = behind;
        } else if let Some(behind) = strip(rest, b"valid-after=") {
            rest = time("valid-after", &mut found.after, behind, zone)?;
        } else if let Some(behind) = strip(rest, b"valid-before=") {
            rest = time("valid-before", &mut found.before, behind, zone)?;
        }
        rest = match rest {
            [] => break,
            [b','] => return Err(LineProblemKind::UnknownOption),
            [b',', behind @ ..] => behind,
            _ => return Err(LineProblemKind::UnknownOption),
        };
    }
    match (found.after, found.before) {
        (Some(after), Some(before)) if before <= after => Err(LineProblemKind::Period),
        _ => Ok(found),
    }
}

fn time<'a>(
    name: &'static str,
    into: &mut Option<i64>,
    text: &'a [u8],
    zone: &TimeZone,
) -> Result<&'a [u8], LineProblemKind> {
    if into.is_some() {
        return Err(LineProblemKind::Twice { name });
    }
    let (value, behind) = dequoted(text)?;
    *into = Some(times::parse(&value, zone).ok_or(LineProblemKind::Time { name })?);
    Ok(behind)
}

/// What stands in the quotes at the front, and what behind them. `\"` is a quote.
fn dequoted(text: &[u8]) -> Result<(Vec<u8>, &[u8]), LineProblemKind> {
    let mut rest = text.strip_prefix(b"\"").ok_or(LineProblemKind::OptionQuote)?;
    let mut value = Vec::new();
    loop {
        match rest {
            [] => return Err(LineProblemKind::OptionQuote),
            [b'"', behind @ ..] => return Ok((value, behind)),
            [b'\\', b'"', behind @ ..] => {
                value.push(b'"');
                rest = behind;
            }
            [byte, behind @ ..] => {
                value.push(*byte);
                rest = behind;
            }
        }
    }
}

fn strip<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (front, behind) = text.split_at_checked(name.len())?;
    front.eq_ignore_ascii_case(name).then_some(behind)
}
