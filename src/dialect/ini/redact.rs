//! A whole text without what is not known to be no secret: for captures and for showing.

use super::layout::{Cut, LineKind};
use super::{HIDDEN, read::shown};
use crate::dialect::Dialect;

/// The text with every value hidden that the table does not list as shown. Line breaks stay as they are.
pub fn redact(dialect: &'static Dialect, text: &str) -> String {
    let Some(cut) = Cut::new(dialect, text) else { return HIDDEN.to_owned() };
    let mut out = String::with_capacity(text.len());
    for (at, line) in cut.layout.lines.iter().enumerate() {
        let at = at as u32;
        match line.kind {
            LineKind::Blank | LineKind::Header => out.push_str(cut.line(at)),
            LineKind::Key { show, .. } => out.push_str(&shown(&cut, at, show)),
            LineKind::Other => out.push_str(HIDDEN),
        }
        out.push_str(cut.ending(at));
    }
    out
}
