//! Rules that people answer, since no configuration shows what they ask: `attest "restore-test" within="365 d"`.

use crate::finding::codes;
use crate::model::value::{Sha256, Time};
use crate::policy::pattern::Toward;
use crate::policy::rule::{PackWords, Reader};
use crate::syntax::{Entry, Node, Scalar};

/// What a rule asks people to attest, since no configuration shows it.
#[derive(Debug, Clone)]
pub struct Attest {
    /// What is attested: `restore-test`.
    pub kind: String,
    /// How old it may be.
    pub within: Option<Time>,
    /// The adjustable that moves it.
    pub adjustable: Option<Box<str>>,
    /// Whether it is about the description, so that any change of it ends it.
    pub bound: bool,
    /// What is to be answered one by one.
    pub points: Vec<Point>,
}

/// A point of an attestation.
#[derive(Debug, Clone)]
pub struct Point {
    /// Its name in attestations.
    pub name: String,
    /// What has to be so.
    pub text: String,
}

impl Attest {
    /// How an attestation that answers the rule is written.
    pub fn asks(&self, rule: &str, revision: Option<Sha256>) -> String {
        let mut text = format!(
            "write `attestations/ID.kdl`: `attestation \"ID\" {{ rule \"{rule}\"; device \"...\"; by \"...\"; at \"...\"; \
             evidence \"evidence/...\" sha256=\"...\""
        );
        if let Some(revision) = revision.filter(|_| self.bound) {
            text.push_str(&format!("; revision \"{revision}\""));
        }
        for point in &self.points {
            text.push_str(&format!("; point \"{}\" \"yes\"", point.name));
        }
        text.push_str(" }`");
        if let Some(within) = self.within {
            text.push_str(&format!("; it is good for {within}"));
        }
        text
    }
}

/// What stands on its line.
const PROPERTIES: [&str; 3] = ["within", "adjustable", "bound"];

impl Reader {
    pub(super) fn attest(&mut self, node: &Node, pack: &PackWords<'_>) -> Option<Attest> {
        let kind = self.text(node)?;
        for (name, entry) in node.props().filter(|(name, _)| !PROPERTIES.contains(name)) {
            let help = format!("it has {}", PROPERTIES.join(", "));
            self.report(codes::pack::EXTRA, entry.span, format!("`attest` has no `{name}`"), help);
        }
        let within = node.prop("within").and_then(|entry| self.age(entry));
        let bound = node.prop("bound").is_some_and(|entry| {
            let revision = entry.text() == Some("revision");
            if !revision {
                let help = "the only thing to be bound to is `revision`";
                self.report(codes::pack::BAD_VALUE, entry.value_span, "this is nothing to be bound to", help);
            }
            revision
        });
        let adjustable = node.prop("adjustable").and_then(|entry| self.moved_age(entry, within, pack));
        let points = node.children().iter().filter_map(|child| self.point(child)).collect();
        Some(Attest { kind, within, adjustable, bound, points })
    }

    fn age(&mut self, entry: &Entry) -> Option<Time> {
        let time = entry.text().and_then(|text| text.parse::<Time>().ok()).filter(|time| *time != Time::Never);
        if time.is_none() {
            let help = "write a time such as `\"365 d\"`; without `within` it holds until something ends it";
            self.report(codes::pack::BAD_VALUE, entry.value_span, "this is no age", help);
        }
        time
    }

    fn moved_age(&mut self, entry: &Entry, within: Option<Time>, pack: &PackWords<'_>) -> Option<Box<str>> {
        let name = entry.text().unwrap_or("");
        let Some((default, toward)) = pack.adjustables.get(name) else {
            let message = format!("the pack has no adjustable `{name}`");
            self.report(codes::pack::UNKNOWN_ADJUSTABLE, entry.value_span, message, "declare it in `pack.kdl`");
            return None;
        };
        if *toward == Toward::Less && within.is_some() && default.parse().ok() == within {
            return Some(name.into());
        }
        let help = format!("write `within=` with the adjustable's default `{default}`; it goes toward less");
        self.report(codes::pack::ADJUSTABLE, entry.span, "the adjustable moves no limit written here", help);
        None
    }

    fn point(&mut self, node: &Node) -> Option<Point> {
        let said = |at: usize| match node.arg(at).map(|entry| &entry.value) {
            Some(Scalar::Text(text)) if !text.trim().is_empty() => Some(text.to_string()),
            _ => None,
        };
        let point = said(0).zip(said(1)).filter(|_| &*node.name == "point");
        if point.is_none() {
            let help = "write `point \"name\" \"what has to be so\"`";
            self.report(codes::pack::UNKNOWN_NODE, node.header, "this is no point of an attestation", help);
        }
        point.map(|(name, text)| Point { name, text })
    }
}
