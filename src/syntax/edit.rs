//! Where something is put into a text, so that all else of it stays as it is: comments, order, blank lines.
//!
//! A node is known by its header. Each function gives the bytes that give way and what comes in their place, or nothing
//! where the text around is not plain enough to be sure.

use super::lexis::{self, Kind};
use crate::source::{Block, SourceFile, Span};

/// What one step further in is indented by, where the block has no line that would show it.
const STEP: &str = "    ";

/// Nodes as the last ones of a block, which is made where there is none: each on a line of its own where the block has
/// lines.
pub fn into_block(file: &SourceFile, header: Span, nodes: &[String]) -> Option<(Span, String)> {
    let text = &**file.text();
    let Some(block) = block_behind(file, header)? else {
        return Some(put(header.range().end, format!(" {{ {} }}", nodes.join("; "))));
    };
    let (start, close) = (block.span.range().start + 1, block.span.range().end - 1);
    let inside = text.get(start..close)?;
    let said = inside.trim_end();
    // a line that goes on would take the node in, and a comment hides whether the last node ended; what is dropped on
    // purpose a person takes back
    if said.ends_with('\\') || said.ends_with("*/") || block.drops {
        return None;
    }
    let line = inside.rfind('\n').map_or(0, |at| at + 1);
    if line > said.len() {
        let outer = &inside[line..];
        let mut lines = inside[..line].lines().skip(1).filter(|line| !line.trim().is_empty());
        let first = lines.next().map(|line| &line[..line.len() - line.trim_start().len()]);
        let indent = first.filter(|first| first.len() > outer.len()).map_or(format!("{outer}{STEP}"), str::to_owned);
        let newline = if inside[..line].ends_with("\r\n") { "\r\n" } else { "\n" };
        let lines = nodes.iter().map(|node| format!("{indent}{node}{newline}"));
        return Some(put(start + line, lines.collect()));
    }
    let nodes = nodes.join("; ");
    Some(match said.trim_start() {
        "" if inside.is_empty() => put(start, format!(" {nodes} ")),
        "" => put(start, format!(" {nodes}")),
        said_before if said_before.ends_with(';') => put(start + said.len(), format!(" {nodes}")),
        _ => put(start + said.len(), format!("; {nodes}")),
    })
}

/// A property as the last thing on the line of a node.
pub fn behind_header(header: Span, property: &str) -> (Span, String) {
    put(header.range().end, format!(" {property}"))
}

/// An argument behind the name of a node, before all others.
pub fn behind_name(file: &SourceFile, header: Span, argument: &str) -> Option<(Span, String)> {
    let name = lexis::piece_at(file.text(), header.range().start)?;
    matches!(name.kind, Kind::Word | Kind::Quoted { .. }).then(|| put(name.end, format!(" {argument}")))
}

fn put(at: usize, text: String) -> (Span, String) {
    (Span::new(at, at), text)
}

/// The block behind a header, if there is one; nothing at all where something else stands between.
fn block_behind(file: &SourceFile, header: Span) -> Option<Option<Block>> {
    let between = |kind| matches!(kind, Kind::Space | Kind::Continuation | Kind::BlockComment { closed: true, .. });
    let ends = |kind| matches!(kind, Kind::Newline | Kind::Semicolon | Kind::Close | Kind::LineComment);
    match lexis::pieces(file.text(), header.range().end).find(|piece| !between(piece.kind)) {
        Some(piece) if piece.kind == Kind::Open => {
            let blocks = file.blocks(blocks);
            let at = blocks.binary_search_by_key(&piece.start, |block| block.span.range().start).ok()?;
            Some(Some(blocks[at]))
        }
        Some(piece) if !ends(piece.kind) => None,
        _ => Some(None),
    }
}

/// All blocks of a text in the order they begin.
fn blocks(text: &str) -> Vec<Block> {
    let (mut found, mut open): (Vec<Block>, Vec<usize>) = (Vec::new(), Vec::new());
    for piece in lexis::pieces(text, 0) {
        match piece.kind {
            Kind::Open => {
                open.push(found.len());
                found.push(Block { span: Span::new(piece.start, text.len()), drops: false });
            }
            Kind::Close => {
                if let Some(at) = open.pop() {
                    found[at].span.end = Span::new(0, piece.end).end;
                }
            }
            Kind::ParenOpen if text[piece.end..].trim_start().starts_with("drop") => {
                if let Some(at) = open.last() {
                    found[*at].drops = true;
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, SourceMap};

    /// A text with `b 1` put into the block of its first node `a`.
    fn with(text: &str) -> Option<String> {
        let mut map = SourceMap::new();
        let id = map.add("a.kdl", text);
        let tree = crate::syntax::parse(FileId(0), text).tree.unwrap();
        let (at, new) = into_block(map.get(id).unwrap(), tree.nodes[0].header, &["b 1".to_owned(), "c".to_owned()])?;
        let after = format!("{}{new}{}", &text[..at.range().start], &text[at.range().end..]);
        let tree = crate::syntax::parse(FileId(0), &after).tree.unwrap();
        let names: Vec<&str> = tree.nodes[0].children().iter().map(|node| &*node.name).collect();
        assert!(names.ends_with(&["b", "c"]), "{after}");
        Some(after)
    }

    #[test]
    fn a_node_comes_last_in_its_block() {
        for (before, after) in [
            ("a", "a { b 1; c }"),
            ("a 1 /* x */; z", "a 1 { b 1; c } /* x */; z"),
            ("a {}", "a { b 1; c }"),
            ("a { }", "a { b 1; c }"),
            ("a { x }", "a { x; b 1; c }"),
            ("a { x; }", "a { x; b 1; c }"),
            ("a {\n}\n", "a {\n    b 1\n    c\n}\n"),
            ("a { // why {\n  x \"}\"\n\n}\n", "a { // why {\n  x \"}\"\n\n  b 1\n  c\n}\n"),
            ("a {\r\n\tx { y }\r\n\t// end\r\n}", "a {\r\n\tx { y }\r\n\t// end\r\n\tb 1\r\n\tc\r\n}"),
            ("a { x\n  y }", "a { x\n  y; b 1; c }"),
        ] {
            assert_eq!(with(before).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn where_the_text_is_not_plain_nothing_is_put_in() {
        for text in ["a /- 1 { x }", "a /-{ x }", "a {\n x \\\n}", "a { (drop)x 1 }", "a { x; /* y */ }"] {
            assert_eq!(with(text), None, "{text}");
        }
    }
}
