//! Nodes of a pack's file: what stands in a line and nobody reads is told, never passed over.

use crate::finding::{Code, Finding, codes};
use crate::model::device::PlatformKind;
use crate::model::shape::closest;
use crate::source::{FileId, Loc, Span};
use crate::syntax::{Entry, Node, Scalar};

/// Reads the nodes of one file of a pack.
pub(in crate::policy) struct Reader {
    pub(in crate::policy) file: FileId,
    pub(in crate::policy) findings: Vec<Finding>,
    pub(in crate::policy) masks: Vec<Loc>,
}

impl Reader {
    pub(in crate::policy) fn loc(&self, span: Span) -> Loc {
        Loc::new(self.file, span)
    }

    pub(in crate::policy) fn tell(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.findings.push(Finding::new(code, self.loc(span), message));
    }

    /// With a more precise help than the code has.
    pub(in crate::policy) fn report(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Finding::new(code, self.loc(span), message).help(help));
    }

    /// A text argument, which must be there and not empty.
    pub(in crate::policy) fn text(&mut self, node: &Node) -> Option<String> {
        match node.arg(0).and_then(Entry::text) {
            Some(text) if !text.trim().is_empty() => Some(text.to_owned()),
            _ => {
                let message = format!("`{}` needs a text", node.name);
                self.report(codes::pack::NO_TEXT, node.header, message, format!("write `{} \"...\"`", node.name));
                None
            }
        }
    }

    pub(in crate::policy) fn platforms(&mut self, node: &Node) -> Vec<PlatformKind> {
        let found: Vec<PlatformKind> = node.args().filter_map(|entry| self.platform_called(entry)).collect();
        if found.is_empty() && node.entries.is_empty() {
            self.report(codes::pack::EMPTY, node.header, "no platform is named", "write `platforms \"mx-ros\"`");
        }
        found
    }

    /// The one platform that a line of a rule is said for, `Some(None)` for all; `None` where no platform is called so.
    pub(super) fn platform(&mut self, node: &Node) -> Option<Option<PlatformKind>> {
        match node.prop("platform") {
            Some(entry) => self.platform_called(entry).map(Some),
            None => Some(None),
        }
    }

    fn platform_called(&mut self, entry: &Entry) -> Option<PlatformKind> {
        let word = entry.text().unwrap_or("");
        let kind = PlatformKind::from_word(word);
        if kind.is_none() {
            let words = PlatformKind::ALL.map(PlatformKind::word);
            let help = match closest(word, words) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", words.join(", ")),
            };
            let message = format!("no platform is called `{word}`");
            self.report(codes::pack::UNKNOWN_PLATFORM, entry.span, message, help);
        }
        kind
    }

    pub(super) fn words<T>(
        &mut self,
        node: &Node,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
        help: &str,
    ) -> Option<T> {
        let entry = node.prop(name)?;
        let found = entry.text().and_then(read);
        if found.is_none() {
            self.report(codes::pack::BAD_VALUE, entry.value_span, format!("this is no {name}"), help);
        }
        found
    }

    pub(in crate::policy) fn level(&mut self, entry: &Entry) -> Option<u8> {
        if let Scalar::Int(level @ 1..=4) = entry.value {
            return u8::try_from(level).ok();
        }
        self.report(codes::pack::BAD_VALUE, entry.value_span, "this is no security level", "write 1, 2, 3 or 4");
        None
    }

    /// A second line of these would take the place of the first in silence.
    pub(in crate::policy) fn once(&mut self, node: &Node, names: &[&str]) {
        for name in names {
            if let Some(again) = node.children().iter().filter(|child| *child.name == **name).nth(1) {
                let message = format!("`{name}` stands twice");
                let help = format!("write it once in a `{}`", node.name);
                self.report(codes::pack::EXTRA, again.header, message, help);
            }
        }
    }

    /// What stands in a line and would be passed over in silence.
    pub(in crate::policy) fn only(&mut self, node: &Node, values: usize, properties: &[&str]) {
        for (name, entry) in node.props().filter(|(name, _)| !properties.contains(name)) {
            let help = match closest(name, properties.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if properties.is_empty() => "it takes no properties".to_owned(),
                None => format!("it takes {}", properties.join(", ")),
            };
            self.report(codes::pack::EXTRA, entry.span, format!("`{}` has no `{name}`", node.name), help);
        }
        for entry in node.args().skip(values) {
            let help = format!("write another `{}` for it, or take it out", node.name);
            self.report(codes::pack::EXTRA, entry.span, format!("`{}` takes no value here", node.name), help);
        }
    }
}
