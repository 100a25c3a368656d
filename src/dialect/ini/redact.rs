//! A whole text without what is not known to be no secret: for captures and for showing.

use super::layout::{Cut, LineKind};
use super::read::shown;
use crate::dialect::Dialect;
use crate::dialect::exposure::{Exposure, HIDDEN, Veil, is_token, unknown};
use crate::source::Span;

/// The text with every value hidden that the table does not list as shown. Line breaks stay as they are.
pub fn redact(dialect: &'static Dialect, text: &str) -> String {
    let Some(cut) = Cut::new(dialect, text) else { return HIDDEN.to_owned() };
    let mut out = String::with_capacity(text.len());
    for (at, line) in cut.layout.lines.iter().enumerate() {
        let at = at as u32;
        match line.kind {
            LineKind::Blank => {}
            LineKind::Header { known } => out.push_str(&cut.shown_header(at, known)),
            LineKind::Key { exposure, .. } => out.push_str(&shown(&cut, at, exposure)),
            LineKind::Other => out.push_str(HIDDEN),
        }
        out.push_str(cut.ending(at));
    }
    out
}

/// What not everybody may see of a text, whether its key is known, mapped, in use, or none of it.
pub(in crate::dialect) fn veils(dialect: &'static Dialect, text: &str) -> Vec<Veil> {
    let Some(cut) = Cut::new(dialect, text) else { return Vec::new() };
    let mut found = Vec::new();
    for (at, line) in cut.layout.lines.iter().enumerate() {
        let at = at as u32;
        match line.kind {
            LineKind::Blank | LineKind::Header { known: true } => {}
            LineKind::Header { known: false } => {
                let (start, end) = cut.name_span(at);
                if !is_token(&text[start..end]) {
                    found.push(Veil { span: Span::new(start, end), exposure: Exposure::Hidden });
                }
            }
            LineKind::Key { exposure: Exposure::Shown, .. } => {}
            LineKind::Key { exposure, .. } => {
                let value = cut.value(at);
                if !value.trim().is_empty() && !is_token(value) {
                    let (start, end) = cut.value_span(at);
                    found.push(Veil { span: Span::new(start, end), exposure });
                }
            }
            LineKind::Other => found.extend(unknown(cut.line(at), cut.start(at))),
        }
    }
    found
}
