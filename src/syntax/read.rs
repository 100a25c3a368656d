//! Well-formed text to the tree: the reader's values, with the spans that it doesn't give.
//!
//! `neco-kdl` says where a node and an entry begin and end. What stands inside, a type annotation, the name, `=` and
//! the value, is found by walking the pieces from the start: in well-formed text they come in one order only.

use super::lexis::{Kind, Piece, is_newline, piece_at, pieces};
use super::tree::{Entry, Node, Scalar, Tree};
use crate::source::{FileId, Span};
use neco_kdl::{KdlEntry, KdlError, KdlSpan, KdlValue, SpannedKdlEntry, SpannedKdlNode};

/// Where and why the reader stopped. The kind is the reader's own; it never quotes the text.
pub(super) struct Stop {
    /// Byte it stopped at.
    pub(super) at: usize,
    /// Its kind of error.
    pub(super) kind: neco_kdl::KdlErrorKind,
}

/// Reads a text that is within bounds.
pub(super) fn read(file: FileId, text: &str) -> Result<Tree, Stop> {
    match neco_kdl::parse_spanned(text) {
        Ok(document) => Ok(Tree { file, nodes: document.nodes().iter().map(|n| node(text, n)).collect() }),
        Err(error) => Err(Stop { at: offset(text, &error), kind: error.kind().clone() }),
    }
}

fn node(text: &str, read: &SpannedKdlNode) -> Node {
    let span = span(read.span());
    let start = span.start as usize;
    let name = name_from(text, after_annotation(text, start, read.ty().is_some()), read.name());
    let entries: Vec<Entry> = read.entries().iter().map(|e| entry(text, e)).collect();
    let header_end = entries.last().map_or(name.end, |e| e.span.end.max(name.end));
    Node {
        ty: read.ty().map(Into::into),
        name: read.name().into(),
        name_span: name,
        header: Span { start: span.start, end: header_end },
        span,
        entries,
        children: read.children().map(|c| c.iter().map(|n| node(text, n)).collect()),
    }
}

fn entry(text: &str, read: &SpannedKdlEntry) -> Entry {
    let span = span(read.span());
    let start = span.start as usize;
    let (name, ty, value, from) = match read.entry() {
        KdlEntry::Argument { ty, value } => (None, ty, value, start),
        KdlEntry::Property { key, ty, value } => {
            let name = name_from(text, start, key);
            let equals = pieces(text, name.end as usize).find(|p| p.kind == Kind::Equals);
            let from = equals.map_or(name.end as usize, |p| p.end);
            (Some((key.as_str().into(), name)), ty, value, from)
        }
    };
    let from = behind_gap(text, after_annotation(text, from, ty.is_some()));
    let value_span = Span::new(from, span.end as usize);
    Entry {
        name,
        ty: ty.as_deref().map(Into::into),
        value: scalar(value),
        value_span,
        span,
        quoted: matches!(value, KdlValue::String(_)) && text[value_span.range()].starts_with(['"', '#']),
    }
}

fn scalar(value: &KdlValue) -> Scalar {
    match value {
        KdlValue::String(text) => Scalar::Text(text.as_str().into()),
        KdlValue::Number(number) => number.as_i64().map_or_else(|| Scalar::Number(number.raw().into()), Scalar::Int),
        KdlValue::Bool(value) => Scalar::Bool(*value),
        KdlValue::Null => Scalar::Null,
    }
}

/// The byte behind `(type)`, where there is one.
fn after_annotation(text: &str, from: usize, annotated: bool) -> usize {
    if !annotated {
        return from;
    }
    pieces(text, from).find(|p| p.kind == Kind::ParenClose).map_or(from, |p| p.end)
}

/// The bytes of the name that comes next.
fn name_from(text: &str, from: usize, name: &str) -> Span {
    let start = behind_gap(text, from);
    // a word without quotes stands there as it is
    let bare = text[start..].starts_with(name) && !text[start..].starts_with(['"', '#']);
    let end = if bare { start + name.len() } else { piece_at(text, start).map_or(start, |p| p.end) };
    Span::new(start, end)
}

/// Where what comes next begins.
fn behind_gap(text: &str, from: usize) -> usize {
    // nothing has to be cut to see that a letter or quote is no gap
    if text.as_bytes().get(from).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'"') {
        return from;
    }
    pieces(text, from).find(|p| !is_gap(p)).map_or(from, |p| p.start)
}

fn is_gap(piece: &Piece) -> bool {
    matches!(piece.kind, Kind::Space | Kind::Newline | Kind::Continuation | Kind::BlockComment { .. })
}

fn span(span: KdlSpan) -> Span {
    Span::new(span.start, span.end)
}

/// The reader counts lines and characters, by KDL's own line breaks.
fn offset(text: &str, error: &KdlError) -> usize {
    let (mut line, mut column) = (1, 1);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if (line, column) == (error.line(), error.col()) {
            return at;
        }
        let crlf = c == '\r' && chars.peek().is_some_and(|(_, c)| *c == '\n');
        if is_newline(c) && !crlf {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;
