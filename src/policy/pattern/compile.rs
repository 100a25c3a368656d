//! KDL to patterns, against the shape of the device: every mistake at once, each at its place in the pack.

mod lists;
mod matchers;
mod value;

use std::collections::BTreeMap;

pub use value::limit;

use super::{Leaf, Pattern, Test};
use crate::finding::{Code, Finding, codes};
use crate::model::facts::Value;
use crate::model::shape::{FieldIx, FieldShape, GroupId, Kind, Shape, closest};
use crate::source::{FileId, Loc, Span};
use crate::syntax::{Entry, Node};

use super::Toward;

/// Words of the policy language: no setting of the model may have one of these names.
pub const RESERVED: &[&str] = &[
    "each",
    "any",
    "none",
    "last",
    "only",
    "count",
    "unique",
    "refers",
    "any-of",
    "all-of",
    "not",
    "when",
    "present",
    "absent",
    "declared",
    "canonical",
    "one-of",
    "none-of",
    "contains-all",
    "contains-any",
    "contains-none",
    "within",
    "at-least",
    "at-most",
    "matches",
    "contains",
    "length",
    "prefix-at-least",
    "adjustable",
    "fold",
    "list",
    "by",
    "among",
    "entry",
    "named",
];

const QUANTIFIERS: &[&str] = &["each", "any", "none", "last", "only", "count", "unique"];
const WORDS: &[&str] = &[
    "present",
    "absent",
    "declared",
    "canonical",
    "one-of",
    "none-of",
    "contains-all",
    "contains-any",
    "contains-none",
    "within",
];
const LIMITS: &[&str] =
    &["at-least", "at-most", "matches", "contains", "length", "within", "not", "prefix-at-least", "adjustable", "fold"];

/// Compiles the patterns of one file.
pub struct Compiler<'a> {
    /// The shape that patterns must fit.
    pub shape: &'static Shape,
    /// The file.
    pub file: FileId,
    /// Adjustables of the pack: default and direction.
    pub adjustables: &'a BTreeMap<Box<str>, (String, Toward)>,
    /// Lists of the pack.
    pub lists: &'a BTreeMap<Box<str>, Vec<String>>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Literal secrets: to be masked before anything is shown.
    pub masks: Vec<Loc>,
}

/// A setting that a pattern speaks of: its group's field.
#[derive(Clone, Copy)]
struct Target<'s> {
    ix: FieldIx,
    field: &'s FieldShape,
}

impl Compiler<'_> {
    fn loc(&self, span: Span) -> Loc {
        Loc::new(self.file, span)
    }

    fn tell(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.findings.push(Finding::new(code, self.loc(span), message));
    }

    /// With a more precise help than the code has.
    fn report(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let finding = Finding::new(code, self.loc(span), message).help(help);
        self.findings.push(finding);
    }

    /// A block of conditions on a group: all must hold; `when` blocks among them guard the others.
    pub fn block(&mut self, group: GroupId, nodes: &[Node]) -> Pattern {
        let mut guards = Vec::new();
        let mut body = Vec::new();
        for node in nodes {
            if &*node.name == "when" {
                guards.extend(self.conditions(group, node));
            } else {
                body.extend(self.node(group, node));
            }
        }
        let body = one_or_all(body);
        match guards.is_empty() {
            true => body,
            false => Pattern::If { when: Box::new(one_or_all(guards)), then: Box::new(body) },
        }
    }

    /// The conditions of a node that has a block and nothing else.
    fn conditions(&mut self, group: GroupId, node: &Node) -> Vec<Pattern> {
        self.only_conditions(node);
        node.children().iter().filter_map(|n| self.node(group, n)).collect()
    }

    fn only_conditions(&mut self, node: &Node) {
        if let Some(entry) = node.entries.first() {
            let help = format!("write the conditions in its block: `{} {{ ... }}`", node.name);
            self.report(codes::pack::EXTRA, entry.span, format!("`{}` takes no value", node.name), help);
        }
        if node.children().is_empty() {
            let message = format!("`{}` has no conditions", node.name);
            self.report(codes::pack::EMPTY, node.header, message, "write at least one setting in its block");
        }
    }

    fn node(&mut self, group: GroupId, node: &Node) -> Option<Pattern> {
        if node.ty.is_some() {
            self.report(codes::pack::EXTRA, node.header, "a pattern takes no annotation", "remove it");
        }
        match &*node.name {
            "any-of" => Some(Pattern::Any(self.conditions(group, node))),
            "all-of" => {
                self.only_conditions(node);
                Some(self.block(group, node.children()))
            }
            "not" => {
                let inner = Pattern::All(self.conditions(group, node));
                Some(self.opposite(inner, node))
            }
            "when" => {
                let help = "put it beside what it guards, directly in `require`, `each`, `all-of` or a group";
                self.report(codes::pack::MISPLACED, node.name_span, "`when` does not belong here", help);
                None
            }
            "refers" => self.refers(group, node),
            name if QUANTIFIERS.contains(&name) => self.quantifier(group, node),
            name if RESERVED.contains(&name) => {
                let message = format!("`{name}` is a matcher, and there is no value here");
                self.report(codes::pack::MISPLACED, node.name_span, message, "write it in the block of a setting");
                None
            }
            name => {
                let target = self.field(group, name, node.name_span)?;
                self.setting(target, node)
            }
        }
    }

    fn field(&mut self, group: GroupId, name: &str, span: Span) -> Option<Target<'static>> {
        let declared = self.shape.group(group);
        if let Some((ix, field)) = declared.field(name) {
            return Some(Target { ix, field });
        }
        let names: Vec<&str> = declared.fields.iter().map(|f| f.name).collect();
        let words = names.iter().copied().chain(RESERVED.iter().copied());
        let help = match closest(name, words) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")),
        };
        self.report(codes::pack::UNKNOWN_SETTING, span, format!("no setting is called `{name}` here"), help);
        None
    }

    /// A node that names a setting of the group.
    fn setting(&mut self, target: Target<'static>, node: &Node) -> Option<Pattern> {
        match &target.field.kind {
            Kind::Scalar(_) | Kind::Scalars(_) => {
                for child in node.children() {
                    if !WORDS.contains(&&*child.name) {
                        let message = format!("`{}` is a value, `{}` is no matcher", node.name, child.name);
                        let help = format!("its block takes {}", WORDS.join(", "));
                        self.report(codes::pack::MISPLACED, child.name_span, message, help);
                    }
                }
                let words: Vec<&Node> = node.children().iter().filter(|c| WORDS.contains(&&*c.name)).collect();
                let args: Vec<&Entry> = node.args().collect();
                let props: Vec<&Entry> = node.entries.iter().filter(|e| e.name.is_some()).collect();
                let before = self.findings.len();
                let leaves = self.leaves(target, &args, &props, &words);
                if leaves.is_empty() && self.findings.len() == before {
                    self.says_nothing(node);
                }
                Some(one_or_all(leaves))
            }
            Kind::Group(id) => Some(self.group(target, *id, node)),
            Kind::Groups(_) if is_presence(node) => {
                let words: Vec<&Node> = node.children().iter().collect();
                Some(one_or_all(self.presence(target, &[], &words)))
            }
            Kind::Groups(_) => {
                let message = format!("`{}` is a list", node.name);
                let help =
                    format!("say which of its entries: `each {0} {{ ... }}`, `any {0} {{ ... }}`, ...", node.name);
                self.report(codes::pack::NEEDS_QUANTIFIER, node.name_span, message, help);
                None
            }
        }
    }

    fn says_nothing(&mut self, node: &Node) {
        let message = format!("`{}` says nothing", node.name);
        let help = format!("write a value or a matcher, or `{} {{ present }}`", node.name);
        self.report(codes::pack::EMPTY, node.header, message, help);
    }

    /// `lockout on { after at-most=5 }`: arguments and properties are equal values, matchers speak of the value that
    /// the group itself has (`on`), other children of its settings.
    fn group(&mut self, target: Target<'static>, id: GroupId, node: &Node) -> Pattern {
        let declared = self.shape.group(id);
        let mut inner = Vec::new();
        let mut places = declared.args().filter(|(_, f)| !f.key);
        for entry in node.args() {
            match places.next() {
                Some((ix, field)) => inner.extend(self.leaves(Target { ix, field }, &[entry], &[], &[])),
                None => {
                    let help = format!("write its settings as children: `{} {{ ... }}`", node.name);
                    self.report(codes::pack::EXTRA, entry.span, format!("`{}` takes no such value", node.name), help);
                }
            }
        }
        let (own, fields): (Vec<&Entry>, Vec<&Entry>) =
            node.entries.iter().filter(|e| e.name.is_some()).partition(|e| {
                e.name.as_ref().is_some_and(|(n, _)| LIMITS.contains(&&**n) && declared.field(n).is_none())
            });
        for entry in fields {
            let Some((name, span)) = &entry.name else { continue };
            if let Some(target) = self.field(id, name, *span) {
                inner.extend(self.leaves(target, &[entry], &[], &[]));
            }
        }
        let (words, settings): (Vec<&Node>, Vec<&Node>) =
            node.children().iter().partition(|c| WORDS.contains(&&*c.name));
        let mut beside = Vec::new();
        if !own.is_empty() || !words.is_empty() {
            match declared.head() {
                Some((ix, field)) => inner.extend(self.leaves(Target { ix, field }, &[], &own, &words)),
                None => beside.extend(self.presence(target, &own, &words)),
            }
        }
        let settings: Vec<Node> = settings.into_iter().cloned().collect();
        if !settings.is_empty() {
            inner.push(self.block(id, &settings));
        }
        if node.entries.is_empty() && node.children().is_empty() {
            self.says_nothing(node);
        }
        if !inner.is_empty() {
            beside.push(Pattern::Into { field: target.ix, inner: Box::new(one_or_all(inner)) });
        }
        one_or_all(beside)
    }

    /// `present`, `absent`, `declared` of a group that has no value of its own.
    fn presence(&mut self, target: Target<'static>, own: &[&Entry], words: &[&Node]) -> Vec<Pattern> {
        for entry in own {
            let message = format!("`{}` has no value of its own", target.field.name);
            self.report(codes::pack::MISPLACED, entry.span, message, "write the matcher at one of its settings");
        }
        let mut found = Vec::new();
        for word in words {
            let (test, negated) = match &*word.name {
                "present" => (Test::Present, false),
                "absent" => (Test::Present, true),
                "declared" => (Test::Declared, false),
                _ => {
                    let message = format!("`{}` has no value of its own", target.field.name);
                    self.report(
                        codes::pack::MISPLACED,
                        word.name_span,
                        message,
                        "write the matcher at one of its settings",
                    );
                    continue;
                }
            };
            let loc = self.loc(word.header);
            found.push(Pattern::Has(Leaf {
                field: target.ix,
                test,
                negated,
                adjustable: None,
                only_written: false,
                loc,
            }));
        }
        found
    }

    /// The opposite of conditions; an adjustable in them would move the wrong way.
    fn opposite(&mut self, mut inner: Pattern, node: &Node) -> Pattern {
        let mut adjustable = false;
        inner.visit_mut(&mut |p| match p {
            Pattern::Leaf(leaf) => adjustable |= leaf.adjustable.is_some(),
            Pattern::Count { adjustable: name, .. } => adjustable |= name.is_some(),
            _ => {}
        });
        if adjustable {
            let help = "write the condition without `not` and `none`, with the opposite limit";
            self.report(codes::pack::ADJUSTABLE, node.header, "an adjustable means the opposite here", help);
        }
        inner.negated()
    }

    fn only_props(&mut self, node: &Node, allowed: &[&str]) {
        for entry in &node.entries {
            let Some((name, span)) = &entry.name else { continue };
            if !allowed.contains(&&**name) {
                let message = format!("`{}` has no property `{name}`", node.name);
                let help = format!("write it as a setting of the entry: `{} ... {{ {name} ... }}`", node.name);
                self.report(codes::pack::MISPLACED, *span, message, help);
            }
        }
    }
}

/// `host { present }`: whether the list is there, whatever it holds.
fn is_presence(node: &Node) -> bool {
    let asks = |c: &Node| matches!(&*c.name, "present" | "absent" | "declared");
    node.entries.is_empty() && !node.children().is_empty() && node.children().iter().all(asks)
}

fn one_or_all(mut list: Vec<Pattern>) -> Pattern {
    match list.pop() {
        Some(only) if list.is_empty() => only,
        Some(last) => {
            list.push(last);
            Pattern::All(list)
        }
        None => Pattern::All(list),
    }
}

/// A list value without places, as patterns hold it.
fn plain_list(values: Vec<Value>) -> Value {
    let origin = crate::source::Origin::NONE;
    Value::List(values.into_iter().map(|v| crate::model::facts::Fact::new(v, origin)).collect())
}
