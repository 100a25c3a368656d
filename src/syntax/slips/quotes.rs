//! What can be wrong with a text in quotes.

use super::{Found, Spoils, found};
use crate::finding::codes;
use crate::source::Span;
use crate::syntax::lexis::{Form, Piece, is_forbidden, is_newline, is_space};

pub(super) const CLOSE: &str = "end the text with `\"`; a quote inside a text is written `\\\"`, a text over several \
                                lines begins and ends with `\"\"\"`";
pub(super) const OPEN: &str = "a text stands between two quotes";

/// The first thing wrong with a quoted text.
pub(super) fn problem(text: &str, piece: Piece, form: Form, closed: bool) -> Option<Found> {
    let body = &text[piece.start..piece.end];
    let opening = body.find('"').unwrap_or(0) + if matches!(form, Form::Lines | Form::RawLines) { 3 } else { 1 };
    if !closed {
        return Some(unclosed(piece, body, form, opening));
    }
    let whole = Span::new(piece.start, piece.end);
    let in_lines = body.trim_start_matches('#').starts_with("\"\"\"");
    if let Some((span, message, help)) = in_lines.then(|| lines_problem(text, whole)).flatten() {
        return Some(found(codes::syntax::LINES, span, message).help(help));
    }
    if let Some((at, c)) = body.char_indices().find(|(_, c)| is_forbidden(*c)) {
        let start = piece.start + at;
        return Some(forbidden(Span::new(start, start + c.len_utf8()), body.get(at..).unwrap_or("")));
    }
    if matches!(form, Form::Plain | Form::Lines) { escape(piece, body) } else { None }
}

/// A character that KDL allows nowhere.
pub(super) fn forbidden(span: Span, text: &str) -> Found {
    let code = text.chars().next().map_or(0, u32::from);
    let message = format!("the character U+{code:04X} can't stand in a text");
    found(codes::syntax::CONTROL_CHARACTER, span, message)
}

fn unclosed(piece: Piece, body: &str, form: Form, opening: usize) -> Found {
    let lines = matches!(form, Form::Lines | Form::RawLines);
    let end = piece.start + if lines { opening } else { body.trim_end().len() };
    let span = Span::new(piece.start, end);
    let message = if lines { "this text is never closed" } else { "this text is not closed on its line" };
    let help = match form {
        Form::Plain => CLOSE,
        Form::Lines => "close it with `\"\"\"` on a line of its own",
        Form::Raw => "close it with `\"` and as many `#` as it begins with",
        Form::RawLines => "close it with `\"\"\"` and as many `#` as it begins with, on a line of its own",
    };
    found(codes::syntax::UNCLOSED_QUOTE, span, message).help(help).spoiling(if lines {
        Spoils::Everything
    } else {
        Spoils::Quotes
    })
}

/// What is wrong with the layout of a closed text over several lines: where, what, and what to do.
pub(in crate::syntax) fn lines_problem(text: &str, span: Span) -> Option<(Span, &'static str, &'static str)> {
    let (start, body) = (span.start as usize, &text[span.range()]);
    let opening = body.find('"').unwrap_or(0) + 3;
    let hashes = body.len() - body.trim_end_matches('#').len();
    let inside = body.get(opening..body.len().saturating_sub(hashes + 3));
    let opened = Span::new(start, start + opening);
    let Some(inside) = inside.filter(|i| i.starts_with(is_newline)) else {
        let help = "a text over several lines begins with `\"\"\"` and a line break; on one line it stands in `\"`";
        let message = "there must be a line break behind these quotes";
        return Some((opened, message, help));
    };
    if !body.starts_with('#') && swallows_breaks(inside) {
        return None;
    }
    let last = inside.rfind(is_newline).unwrap_or(0);
    let prefix = inside[last..].trim_start_matches(is_newline);
    let close = start + opening + inside.len();
    if !prefix.chars().all(is_space) {
        let help = "put them on a line of their own, as far to the right as the text begins";
        let message = "the closing quotes of a text over several lines stand alone on their line";
        return Some((Span::new(close, close + 3), message, help));
    }
    let mut at = 0;
    for line in inside[..last].split_inclusive(is_newline) {
        let content = line.trim_end_matches(is_newline);
        if !content.chars().all(is_space) && !content.starts_with(prefix) {
            let start = start + opening + at;
            let message = "this line begins further left than the closing quotes of its text";
            let help = "indent it at least as the closing `\"\"\"`, with the same spaces or tabs";
            return Some((Span::new(start, start + content.len()), message, help));
        }
        at += line.len();
    }
    None
}

/// Whether a `\` swallows white space: then indents mean something else, and the reader alone judges them.
fn swallows_breaks(inside: &str) -> bool {
    inside.match_indices('\\').any(|(at, _)| inside[at + 1..].starts_with(|c| is_space(c) || is_newline(c)))
}

/// The first `\` that stands before something it can't stand before.
fn escape(piece: Piece, body: &str) -> Option<Found> {
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            continue;
        }
        let rest = &body[at + 1..];
        let next = rest.chars().next()?;
        if next == 'u' {
            if unicode_escape(&rest[1..]).is_none() {
                let span = Span::new(piece.start + at, piece.start + at + 2);
                let help = "write 1 to 6 hexadecimal digits in braces, `\\u{e9}`; `\\\\` is a backslash itself";
                return Some(found(codes::syntax::ESCAPE, span, "this `\\u` names no character").help(help));
            }
        } else if !is_space(next) && !is_newline(next) && !r#""\bfnrts"#.contains(next) {
            let span = Span::new(piece.start + at, piece.start + at + 1 + next.len_utf8());
            let path = looks_like_path(body);
            let help = if path { PATH_HELP } else { "write `\\\\` for a backslash itself" };
            let message = if path { "a backslash in a path" } else { "a backslash can't stand before this character" };
            return Some(found(codes::syntax::ESCAPE, span, message).help(help));
        }
        chars.next();
    }
    None
}

pub(in crate::syntax) const PATH_HELP: &str = "write paths with `/`, or each backslash twice";

/// `"C:\...` and `"\\server\...`
pub(in crate::syntax) fn looks_like_path(quoted: &str) -> bool {
    let body = quoted.trim_start_matches('"').as_bytes();
    matches!(body, [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic()) || body.starts_with(b"\\\\")
}

fn unicode_escape(text: &str) -> Option<char> {
    let (digits, _) = text.strip_prefix('{')?.split_once('}')?;
    let valid = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    valid.then(|| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)).flatten()
}
