//! What can be wrong with a bare word, and what its writer most likely meant.

use super::{Found, Spoils, found};
use crate::finding::codes;
use crate::source::Span;
use crate::syntax::lexis::Piece;

const KEYWORDS: [&str; 6] = ["true", "false", "null", "inf", "-inf", "nan"];

/// Whether a run of word characters can stand without quotes.
pub(super) fn is_bare(word: &str) -> bool {
    let digit = |s: &str| s.starts_with(|c: char| c.is_ascii_digit());
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let undotted = unsigned.strip_prefix('.').unwrap_or(unsigned);
    !digit(unsigned) && !digit(undotted) && !KEYWORDS.contains(&word)
}

/// Whether it is a number of KDL.
pub(super) fn is_number(word: &str) -> bool {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            return all_digits(digits, radix);
        }
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    [Some(whole), fraction, exponent].into_iter().flatten().all(|part| all_digits(part, 10))
}

fn all_digits(text: &str, radix: u32) -> bool {
    text.starts_with(|c: char| c.is_digit(radix)) && text.chars().all(|c| c == '_' || c.is_digit(radix))
}

/// The words that KDL writes with `#`.
pub(super) fn is_hash_word(word: &str) -> bool {
    word.strip_prefix('#').is_some_and(|w| KEYWORDS.contains(&w))
}

/// A `#` that begins nothing KDL knows.
pub(super) fn hash(piece: Piece, text: &str, first: bool, shown: &str) -> Found {
    let span = Span::new(piece.start, piece.end);
    let word = text.trim_start_matches('#');
    if !first && ["on", "off", "never", "yes", "no"].contains(&word) {
        return found(codes::syntax::HASH_WORD, span, format!("{shown} has a `#` too much"))
            .help(format!("write `{word}`"));
    }
    if first || word.is_empty() {
        let help = "a comment begins with `//`; a text with `#` in it stands in quotes";
        return found(codes::syntax::HASH_WORD, span, "`#` does not begin a comment")
            .help(help)
            .spoiling(Spoils::Comment);
    }
    let help = "a text with `#` in it stands in quotes; a comment begins with `//`";
    found(codes::syntax::HASH_WORD, span, format!("{shown} is no word")).help(help)
}

/// A sign that can't stand here.
pub(super) fn stray(span: Span, text: &str, first: bool) -> Found {
    let help = match text.chars().next() {
        Some('[' | ']') if first => "a section is a block: a name, then `{` and `}`",
        Some('[' | ']') => "values of a list stand side by side, with spaces between and without brackets",
        Some('=') => "a property is `name=value`; the name is missing before the `=`",
        Some('(' | ')') => "a text with a bracket in it stands in quotes",
        _ => "a text with this sign in it stands in quotes",
    };
    found(codes::syntax::UNEXPECTED, span, format!("`{text}` can't stand here")).help(help)
}

/// A run that is neither word nor number; `shown` is it as a message may show it.
pub(super) fn bare(span: Span, text: &str, shown: &str, masked: bool) -> Found {
    let quoted = |value: &str| {
        if masked { "put it in quotes".to_owned() } else { format!("write `\"{value}\"`") }
    };
    let code = codes::syntax::BARE_VALUE;
    if KEYWORDS.contains(&text) {
        let help = match text {
            "true" => "a switch is written `on`; as a text, put it in quotes",
            "false" => "a switch is written `off`; as a text, put it in quotes",
            _ => "leave the setting out; as a text, put it in quotes",
        };
        return found(codes::syntax::BARE_KEYWORD, span, format!("{shown} can't stand here")).help(help);
    }
    if let Some(value) = text.strip_suffix(',') {
        let help = format!("write values side by side with spaces between: `{}`", if masked { "a b" } else { value });
        return found(codes::syntax::COMMA, span, "values are not separated by commas").help(help);
    }
    if text.contains('\\') {
        let message = format!("{shown} holds a backslash and needs quotes");
        return found(code, span, message).help("in quotes, write a path with `/`, or each backslash twice");
    }
    if let Some((number, unit)) = duration(text) {
        return found(code, span, format!("{shown} needs quotes")).help(quoted(&format!("{number} {unit}")));
    }
    let kind = kind_of(text);
    let message = match kind {
        _ if masked => format!("{shown} needs quotes"),
        Some(kind) => format!("{shown} is {kind} and needs quotes"),
        None if text.contains('/') => format!("{shown} holds a `/` and needs quotes"),
        None if text.contains('#') => format!("{shown} holds a `#` and needs quotes"),
        None if text.contains('"') => format!("a space or a quote is missing in {shown}"),
        None => format!("{shown} is neither a number nor a word"),
    };
    let help = match kind {
        None if text.contains('"') => "put the whole text in quotes, and a space between two values".to_owned(),
        _ => quoted(text),
    };
    found(code, span, message).help(help)
}

fn duration(text: &str) -> Option<(&str, &str)> {
    let cut = text.find(|c: char| !c.is_ascii_digit()).filter(|at| *at > 0)?;
    let (number, unit) = text.split_at(cut);
    let units = ["ms", "s", "sec", "m", "min", "mins", "h", "hour", "hours", "d", "day", "days", "w", "week", "weeks"];
    units.contains(&unit).then_some((number, unit))
}

fn kind_of(text: &str) -> Option<&'static str> {
    let groups = |separator: char, count: usize, ok: fn(&str) -> bool| {
        text.split(separator).count() == count && text.split(separator).all(ok)
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let hex_pair = |s: &str| s.len() == 2 && s.bytes().all(|b| b.is_ascii_hexdigit());
    let bare = text.split('/').next().unwrap_or(text);
    if bare.parse::<std::net::IpAddr>().is_ok() {
        return Some(if bare == text { "an address" } else { "a network" });
    }
    if text.parse::<std::net::SocketAddr>().is_ok() {
        return Some("an address with a port");
    }
    if groups(':', 6, hex_pair) || groups('-', 6, hex_pair) {
        return Some("a MAC address");
    }
    if groups('-', 3, digits) && text.len() == 10 {
        return Some("a date");
    }
    if groups(':', 2, digits) || groups(':', 3, digits) {
        return Some("a time");
    }
    (groups('.', 3, digits) || groups('.', 4, digits)).then_some("a version")
}
