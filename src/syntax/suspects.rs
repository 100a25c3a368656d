//! What KDL takes and nobody means: findings on well-formed text, beside its tree.

use std::collections::HashMap;

use super::slips::{PATH_HELP, lines_problem, looks_like_path};
use super::tree::{Entry, Node, Scalar, Tree};
use crate::finding::{Code, Finding, codes};
use crate::source::Span;

/// All of them, in the order of the text.
pub(super) fn suspects(text: &str, tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for node in &tree.nodes {
        visit(text, tree, node, &mut findings);
    }
    findings
}

/// As many entries of a node are looked through for one of the same name.
const FEW: usize = 12;

fn visit(text: &str, tree: &Tree, node: &Node, findings: &mut Vec<Finding>) {
    let mut seen = HashMap::new();
    for (at, entry) in node.entries.iter().enumerate() {
        if let Some((name, span)) = &entry.name {
            // what people write is a handful: looking through it costs less than a table
            let before = || node.entries[..at].iter().filter_map(|e| e.name.as_ref()).find(|(n, _)| n == name);
            let first = match node.entries.len() <= FEW {
                true => before().map_or(*span, |(_, first)| *first),
                false => *seen.entry(name).or_insert(*span),
            };
            if first != *span {
                findings.push(
                    Finding::new(
                        codes::syntax::REPEATED_PROPERTY,
                        tree.loc(*span),
                        format!("`{name}` is written twice here"),
                    )
                    .label("again")
                    .related(tree.loc(first), "first"),
                );
            }
        }
        let problem = if entry.quoted { in_quotes(text, entry) } else { bare(text, entry) };
        if let Some((code, span, message, help)) = problem {
            findings.push(Finding::new(code, tree.loc(span), message).help(help));
        }
    }
    for child in node.children() {
        visit(text, tree, child, findings);
    }
}

type Problem = (Code, Span, &'static str, &'static str);

fn in_quotes(text: &str, entry: &Entry) -> Option<Problem> {
    let written = &text[entry.value_span.range()];
    if written.trim_start_matches('#').starts_with("\"\"\"") {
        let (span, message, help) = lines_problem(text, entry.value_span)?;
        return Some((codes::syntax::LINES, span, message, help));
    }
    let Scalar::Text(value) = &entry.value else { return None };
    if written.starts_with('"') && looks_like_path(written) && value.chars().any(char::is_control) {
        let at = entry.value_span.start as usize + written.find('\\')?;
        let message = "this backslash makes a control character of the letter behind it";
        return Some((codes::syntax::ESCAPE, Span::new(at, at + 2), message, PATH_HELP));
    }
    None
}

fn bare(text: &str, entry: &Entry) -> Option<Problem> {
    let Scalar::Text(value) = &entry.value else { return None };
    if value.starts_with(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{ab}', '\'', '`']) {
        let message = "this quote is none of KDL's";
        return Some((
            codes::syntax::FOREIGN_QUOTE,
            entry.value_span,
            message,
            "a text stands between two straight `\"`",
        ));
    }
    let end = entry.value_span.end as usize;
    if value.ends_with(':') && text[end..].starts_with("//") {
        let span = Span::new(entry.value_span.start as usize, end + 2);
        let message = "without quotes, a comment begins at this `//`";
        return Some((codes::syntax::BARE_VALUE, span, message, "put the whole address in quotes"));
    }
    None
}
