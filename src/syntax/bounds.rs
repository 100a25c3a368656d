//! Limits that are checked before any reader sees the text: both readers recurse.

use super::lexis::{Kind, pieces};
use super::tree::{Node, Tree};
use crate::finding::{Finding, codes};
use crate::source::{FileId, Loc, Span};

/// Largest text, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Deepest nesting of `{` in `{`, and of block comments in block comments.
pub const MAX_NESTING: usize = 128;

/// Most values and properties on one line: what each of them is held against is the others.
pub const MAX_ON_A_LINE: usize = 4096;

/// Each node with more values and properties than may be.
pub(super) fn crowded(tree: &Tree) -> Vec<Finding> {
    fn visit(tree: &Tree, node: &Node, found: &mut Vec<Finding>) {
        if let Some(first) = node.entries.get(MAX_ON_A_LINE) {
            let (name, count) = (&node.name, node.entries.len());
            let message =
                format!("`{name}` has {count} values and properties, more than the {MAX_ON_A_LINE} there may be");
            found.push(Finding::new(codes::syntax::TOO_MANY, tree.loc(first.span), message));
        }
        node.children().iter().for_each(|child| visit(tree, child, found));
    }
    let mut found = Vec::new();
    tree.nodes.iter().for_each(|node| visit(tree, node, &mut found));
    found.truncate(20);
    found
}

/// The first limit that a text is over, as a finding.
pub(super) fn over(file: FileId, text: &str) -> Option<Finding> {
    if text.len() > MAX_BYTES {
        let start = Loc::new(file, Span::default());
        let message =
            format!("this text has {} bytes, more than the {} MiB a file may have", text.len(), MAX_BYTES >> 20);
        return Some(Finding::new(codes::syntax::TOO_LARGE, start, message));
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
                return Some(Finding::new(codes::syntax::TOO_DEEP, loc, message).help("use `//` comments"));
            }
            _ => {}
        }
        if depth > MAX_NESTING {
            let loc = Loc::new(file, Span::new(piece.start, piece.end));
            let message = format!("blocks stand in each other more than {MAX_NESTING} deep");
            return Some(Finding::new(codes::syntax::TOO_DEEP, loc, message));
        }
    }
    None
}
