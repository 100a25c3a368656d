//! Limits that are checked before any reader sees the text: both readers recurse.

use super::lexis::{Kind, pieces};
use crate::finding::Finding;
use crate::source::{FileId, Loc, Span};

/// Largest text, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Deepest nesting of `{` in `{`, and of block comments in block comments.
pub const MAX_NESTING: usize = 128;

/// The first limit that a text is over, as a finding.
pub(super) fn over(file: FileId, text: &str) -> Option<Finding> {
    if text.len() > MAX_BYTES {
        let start = Loc::new(file, Span::default());
        let message =
            format!("this text has {} bytes, more than the {} MiB a file may have", text.len(), MAX_BYTES >> 20);
        return Some(Finding::error("syntax.too-large", start, message).help("split it into several files"));
    }
    // what never opens so often can't stand so deep: no text that people write is cut into pieces for this
    if text.bytes().filter(|b| matches!(b, b'{' | b'*')).count() <= MAX_NESTING {
        return None;
    }
    let mut depth = 0usize;
    for piece in pieces(text, 0) {
        match piece.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::BlockComment { depth, .. } if depth > MAX_NESTING => {
                let loc = Loc::new(file, Span::new(piece.start, piece.start + 2));
                let message = format!("block comments stand in each other more than {MAX_NESTING} deep");
                return Some(Finding::error("syntax.too-deep", loc, message).help("use `//` comments"));
            }
            _ => {}
        }
        if depth > MAX_NESTING {
            let loc = Loc::new(file, Span::new(piece.start, piece.end));
            let message = format!("blocks stand in each other more than {MAX_NESTING} deep");
            let help = "no setting stands deeper than a few blocks: look for a `}` that is missing";
            return Some(Finding::error("syntax.too-deep", loc, message).help(help));
        }
    }
    None
}
