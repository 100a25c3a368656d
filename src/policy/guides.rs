//! The documents that rules are taken from, and the sentences of the guides that can be checked: for each, in words of
//! our own, the rules that ask for it, or why none does. Lines are those of the text whose digest a document has.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Serialize;

use super::rule::Rule;

/// A document that rules are taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `nport-6000-g2-hardening-guide`.
    pub id: &'static str,
    /// Who publishes it.
    pub by: &'static str,
    /// Its public title.
    pub title: &'static str,
    /// SHA-256 of its text, where its sentences were gone through line by line.
    pub sha256: Option<&'static str>,
}

/// A sentence of a guide that can be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Id of the guide.
    pub document: &'static str,
    /// Its section there.
    pub section: &'static str,
    /// Its line in the text.
    pub line: u32,
    /// What it asks, in our words.
    pub words: &'static str,
    /// The rules that ask for it.
    pub rules: Vec<&'static str>,
    /// What of it no rule asks, and why; none where it is served fully.
    pub lacks: Option<&'static str>,
}

/// A place in a document that a rule is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cited {
    /// Id of the document.
    pub document: String,
    /// Its public title, where it is a document that fieldlock knows.
    pub title: Option<String>,
    /// SHA-256 of its text, where its lines are told.
    pub sha256: Option<String>,
    /// The section.
    pub section: String,
    /// Lines of the text, from 1; none where they are not told.
    pub lines: Vec<u32>,
}

impl Cited {
    /// `nport-6000-g2-hardening-guide, 3.3, lines 96, 429`
    pub fn words(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(u32::to_string).collect();
        let lines = match &lines[..] {
            [] => String::new(),
            [one] => format!("line {one}"),
            several => format!("lines {}", several.join(", ")),
        };
        let parts = [&self.document, &self.section, &lines];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    }
}

/// All documents.
pub fn documents() -> &'static [Document] {
    static ALL: LazyLock<Vec<Document>> = LazyLock::new(|| {
        let rows = rows(include_str!("../../schema/documents.tsv"));
        rows.filter_map(|row| match row[..] {
            [id, by, title, sha256] => Some(Document { id, by, title, sha256: filled(sha256) }),
            _ => None,
        })
        .collect()
    });
    &ALL
}

/// All sentences, by document and line.
pub fn sentences() -> &'static [Sentence] {
    static ALL: LazyLock<Vec<Sentence>> = LazyLock::new(|| {
        let rows = rows(include_str!("../../schema/sentences.tsv"));
        rows.filter_map(|row| match row[..] {
            [document, section, line, words, rules, lacks] => Some(Sentence {
                document,
                section,
                line: line.parse().ok()?,
                words,
                rules: rules.split_whitespace().collect(),
                lacks: filled(lacks),
            }),
            _ => None,
        })
        .collect()
    });
    &ALL
}

/// Where a rule is taken from: of guides that were gone through with the lines that it serves.
pub fn cited(rule: &Rule) -> Vec<Cited> {
    let one = |source: &super::Source| {
        let document = documents().iter().find(|document| document.id == source.document);
        // `5, step 4` is a place in section 5
        let section = |of: &str| {
            let rest = source.section.strip_prefix(of);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
        };
        let serves = sentences().iter().filter(|sentence| {
            sentence.document == source.document && section(sentence.section) && sentence.rules.contains(&&*rule.id)
        });
        let mut lines: Vec<u32> = serves.map(|sentence| sentence.line).collect();
        lines.dedup();
        Cited {
            document: source.document.clone(),
            title: document.map(|document| document.title.to_owned()),
            sha256: document.and_then(|document| document.sha256).map(str::to_owned),
            section: source.section.clone(),
            lines,
        }
    };
    rule.sources.iter().map(one).collect()
}

/// Rows of a table without its head.
pub(super) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).map(|line| line.split('\t').collect())
}

fn filled(cell: &'static str) -> Option<&'static str> {
    (!cell.is_empty()).then_some(cell)
}
