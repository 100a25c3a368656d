//! KDL 2 text to a spanned [`Tree`]. The only module that names the KDL crates.
//!
//! `neco-kdl` reads; a text that it refuses is read again by `kdl` for several well-worded diagnostics. Size and
//! nesting are bounded first, since both parsers recurse.

mod bounds;
mod lexis;
mod read;
mod tree;

pub use bounds::{MAX_BYTES, MAX_NESTING};
pub use tree::{Entry, Node, Scalar, Tree};

use std::collections::HashMap;

use crate::finding::Finding;
use crate::source::{FileId, Loc, Span};

/// What became of a text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree; `None` where the text is not well-formed or over a limit. No half of a text is ever given.
    pub tree: Option<Tree>,
    /// What is wrong with it. There may be findings beside a tree (a property written twice).
    pub findings: Vec<Finding>,
    /// Bytes to mask in the source map before anything of this file is shown. Only for text that isn't well-formed:
    /// there no shape is known that would tell a secret from another text.
    pub masks: Vec<Span>,
}

/// Reads a text. `file` goes into every place; any text gives an answer, none panics.
pub fn parse(file: FileId, text: &str) -> Parsed {
    if let Some(finding) = bounds::over(file, text) {
        return Parsed { tree: None, findings: vec![finding], masks: vec![Span::new(0, text.len())] };
    }
    match read::read(file, text) {
        Ok(tree) => {
            let mut findings = Vec::new();
            repeated_properties(&tree, &tree.nodes, &mut findings);
            Parsed { tree: Some(tree), findings, masks: Vec::new() }
        }
        Err(stop) => {
            let end = (stop.at + 1).min(text.len());
            let loc = Loc::new(file, Span::new(stop.at.min(end), end));
            let finding = Finding::error("syntax.unexpected", loc, "this can't stand here");
            Parsed { tree: None, findings: vec![finding], masks: vec![Span::new(0, text.len())] }
        }
    }
}

/// KDL lets a property stand twice and takes the last; here nobody means that.
fn repeated_properties(tree: &Tree, nodes: &[Node], findings: &mut Vec<Finding>) {
    for node in nodes {
        let mut seen = HashMap::new();
        for (name, span) in node.entries.iter().filter_map(|e| e.name.as_ref()) {
            let first = *seen.entry(name).or_insert(span);
            if first != span {
                let message = format!("`{name}` is written twice on one `{}`", node.name);
                findings.push(
                    Finding::error("syntax.repeated-property", tree.loc(*span), message)
                        .label("again here")
                        .related(tree.loc(*first), "first here")
                        .help("keep one of them"),
                );
            }
        }
        repeated_properties(tree, node.children(), findings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_written_twice_is_told_and_the_tree_stays() {
        let text = "server \"10.0.0.1\" port=514 tls=on port=6514";
        let parsed = parse(FileId(0), text);
        assert_eq!(parsed.tree.unwrap().nodes[0].prop("port").unwrap().value, Scalar::Int(6514));
        let [finding] = &parsed.findings[..] else { panic!("one finding, not {:?}", parsed.findings) };
        assert_eq!(finding.code, "syntax.repeated-property");
        assert_eq!(finding.loc.span, Span::new(34, 38));
        assert_eq!(finding.related[0].loc.span, Span::new(18, 22));
    }

    #[test]
    fn limits_are_told_before_any_reader_sees_the_text() {
        let code = |text: &str| parse(FileId(0), text).findings[0].code.to_string();
        assert_eq!(code(&"a{".repeat(100_000)), "syntax.too-deep");
        assert_eq!(code(&"/*".repeat(100_000)), "syntax.too-deep");
        assert_eq!(code(&"/-a{".repeat(100_000)), "syntax.too-deep");
        assert_eq!(code(&"a\n".repeat(MAX_BYTES / 2 + 1)), "syntax.too-large");
        let deep = format!("{}{}", "a {".repeat(MAX_NESTING), "}".repeat(MAX_NESTING));
        assert!(parse(FileId(0), &deep).tree.is_some());
        let in_text = format!("a #\"{}\"# // {}", "{".repeat(1000), "{".repeat(1000));
        assert!(parse(FileId(0), &in_text).tree.is_some());
    }
}
