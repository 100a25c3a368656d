//! One line of allowed signers, taken apart as ssh-keygen takes it apart: names, options, key.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::error::LineProblemKind;
use super::key::{self, KeyError, PublicKey};
use super::pattern::listed;

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
    /// Not before this second.
    pub(super) after: Option<Timestamp>,
    /// Not after this second.
    pub(super) before: Option<Timestamp>,
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
    let end = line.iter().position(|b| *b == b'"' || WHITE.contains(b)).ok_or(KeyError::None)?;
    let (names, rest) = (line[..end].to_vec(), &line[end + 1..]);
    if line[end] != b'"' {
        return Ok(Some((names, trimmed(rest, WHITE))));
    }
    let close = rest.iter().position(|b| *b == b'"').ok_or(LineProblemKind::Quote)?;
    let (quoted, rest) = (&rest[..close], &rest[close + 1..]);
    Ok(Some(([&names[..], quoted].concat(), trimmed(rest, WHITE))))
}

/// What stands behind the names: a key, or options and a key.
pub(super) fn allowance(rest: &[u8]) -> Result<Allowance, LineProblemKind> {
    match key::read(rest) {
        Ok(key) => return Ok(Allowance { key, options: Options::default() }),
        Err(KeyError::None) => {}
        // a key's name is no option, so reading it as one would not help
        Err(problem) => return Err(problem.into()),
    }
    let end = end_of_options(rest)?;
    let (text, rest) = rest.split_at(end);
    if rest.is_empty() {
        return Err(KeyError::None.into());
    }
    let key = key::read(trimmed(rest, b" \t"))?;
    let options = options(text)?;
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
fn options(text: &[u8]) -> Result<Options, LineProblemKind> {
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
            rest = time("valid-after", &mut found.after, behind)?;
        } else if let Some(behind) = strip(rest, b"valid-before=") {
            rest = time("valid-before", &mut found.before, behind)?;
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

fn time<'a>(name: &'static str, into: &mut Option<Timestamp>, text: &'a [u8]) -> Result<&'a [u8], LineProblemKind> {
    if into.is_some() {
        return Err(LineProblemKind::Twice { name });
    }
    let (value, behind) = dequoted(text)?;
    *into = Some(utc(name, &value)?);
    Ok(behind)
}

/// `YYYYMMDDZ`, `YYYYMMDDHHMMZ` or `YYYYMMDDHHMMSSZ`, a real day and second after the first of 1970. What ssh-keygen
/// takes beyond it (no `Z`, February 31st, blanks in place of digits) is refused: nobody means it.
fn utc(name: &'static str, text: &[u8]) -> Result<Timestamp, LineProblemKind> {
    const DIGITS: &str = "%Y%m%d%H%M%S";
    let zoned = text.strip_suffix(b"Z").or_else(|| text.strip_suffix(b"z"));
    let digits = std::str::from_utf8(zoned.unwrap_or(text)).unwrap_or_default();
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(LineProblemKind::Time { name });
    }
    if zoned.is_none() {
        return Err(LineProblemKind::NoZone { name });
    }
    let digits = format!("{digits:0<14}");
    let civil = DateTime::strptime(DIGITS, &digits).ok().filter(|civil| civil.strftime(DIGITS).to_string() == digits);
    // the last day of the year 9999, in which no zone can be told apart, is as good as never
    let time = civil.map(|civil| TimeZone::UTC.to_timestamp(civil).unwrap_or(Timestamp::MAX));
    time.filter(|time| *time > Timestamp::UNIX_EPOCH).ok_or(LineProblemKind::Time { name })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<String, LineProblemKind> {
        utc("valid-after", text.as_bytes()).map(|time| time.to_string())
    }

    #[test]
    fn the_three_forms() {
        assert_eq!(at("20260309Z").unwrap(), "2026-03-09T00:00:00Z");
        assert_eq!(at("202603091410Z").unwrap(), "2026-03-09T14:10:00Z");
        assert_eq!(at("20240229141059z").unwrap(), "2024-02-29T14:10:59Z");
        assert!(at("99991231235959Z").is_ok_and(|time| time.starts_with("9999")));
    }

    #[test]
    fn a_time_in_no_zone_says_what_to_write() {
        for text in ["20260309", "202603091410", "20260309141059"] {
            assert_eq!(at(text), Err(LineProblemKind::NoZone { name: "valid-after" }), "{text}");
        }
        let told = LineProblemKind::NoZone { name: "valid-after" }.to_string();
        assert!(told.contains("`valid-after`") && told.contains("20270101Z"), "{told}");
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "Z",
            "UTC",
            "2026Z",
            "2026030Z",
            "202603091Z",
            "2026030914Z",
            "20261301Z",
            "20260001Z",
            "20260100Z",
            "20260132Z",
            "20260231Z",
            "202603092400Z",
            "202603090060Z",
            "20260309000060Z",
            "2026-3-9Z",
            "+0260309Z",
            "2026 3 9Z",
            "00000101Z",
            "19700101Z",
            "19691231Z",
            "20260309ZZ",
            "20260309 Z",
            "202603091410utc",
            "\u{663}0260309Z",
        ] {
            assert_eq!(at(text), Err(LineProblemKind::Time { name: "valid-after" }), "{text}");
        }
    }
}
