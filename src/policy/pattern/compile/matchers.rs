//! Matchers: which fit which kind of setting, and the tests they become.

use crate::finding::codes;
use std::ops::RangeInclusive;

use ipnet::IpNet;
use regex::RegexBuilder;

use super::value::kind_of;
use super::{Compiler, LIMITS, Leaf, Pattern, RESERVED, Target, WORDS, limit, plain_list};
use crate::model::facts::Value;
use crate::model::shape::{Kind, ScalarKind, closest};
use crate::policy::pattern::{Test, Toward};
use crate::source::{Loc, Span};
use crate::syntax::{Entry, Node, Scalar};

/// Size limit of a compiled regular expression, in bytes.
const REGEX_SIZE: usize = 1 << 20;

/// A test with whether its opposite is meant, and where it stands.
struct Asked {
    test: Test,
    negated: bool,
    span: Span,
}

impl Compiler<'_> {
    /// The leaves of one setting: values written as they are, limits as properties, words in the block.
    pub(super) fn leaves(
        &mut self,
        target: Target<'static>,
        args: &[&Entry],
        props: &[&Entry],
        words: &[&Node],
    ) -> Vec<Pattern> {
        let mut asked = Vec::new();
        if target.field.kind == Kind::Scalar(ScalarKind::Secret) {
            let of_words = words.iter().flat_map(|w| &w.entries);
            let all = args.iter().copied().chain(props.iter().copied()).chain(of_words);
            let spans: Vec<Loc> = all.map(|e| Loc::new(self.file, e.value_span)).collect();
            self.masks.extend(spans);
        }
        if !args.is_empty() {
            match self.equal(target, args) {
                Some(equal) => asked.push(equal),
                // one slip, one finding: what follows a wrong value is not read
                None => return Vec::new(),
            }
        }
        let fold = props.iter().any(|e| named(e, "fold") && e.text() == Some("on"));
        let is_list = matches!(target.field.kind, Kind::Scalars(_));
        for entry in props {
            asked.extend(self.property(target, entry, fold, is_list));
        }
        for word in words {
            asked.extend(self.word(target, word, is_list));
        }
        if target.field.kind == Kind::Scalar(ScalarKind::Secret) {
            for a in &asked {
                if !matches!(a.test, Test::Present | Test::Declared) {
                    self.tell(codes::pack::SECRET, a.span, "a secret's value is not matched");
                }
            }
            asked.retain(|a| matches!(a.test, Test::Present | Test::Declared));
        }
        let adjustable = self.adjustable(target, props, &mut asked);
        let leaf = |a: Asked| {
            let from = match (&adjustable, a.test.limit()) {
                (Some((name, toward)), Some((own, _))) if own == *toward => Some(name.clone()),
                _ => None,
            };
            Pattern::Leaf(Leaf {
                field: target.ix,
                test: a.test,
                negated: a.negated,
                adjustable: from,
                only_written: !target.field.is_told(),
                loc: Loc::new(self.file, a.span),
            })
        };
        asked.into_iter().map(leaf).collect()
    }

    /// Tests of the values of a scalar list, one by one.
    pub(super) fn element_tests(
        &mut self,
        target: Target<'static>,
        props: &[&Entry],
        words: &[&Node],
    ) -> Option<Vec<(Test, bool)>> {
        let fold = props.iter().any(|e| named(e, "fold") && e.text() == Some("on"));
        let mut asked = Vec::new();
        for entry in props {
            if named(entry, "adjustable") {
                self.report(codes::pack::MISPLACED, entry.span, "no adjustable here", "write the limit itself");
            } else {
                asked.extend(self.property(target, entry, fold, false));
            }
        }
        for word in words {
            if WORDS.contains(&&*word.name) {
                asked.extend(self.word(target, word, false));
            } else {
                let help = format!("the values of `{}` have no settings; use matchers", target.field.name);
                self.report(codes::pack::MISPLACED, word.name_span, format!("`{}` is no matcher", word.name), help);
            }
        }
        (!asked.is_empty()).then(|| asked.into_iter().map(|a| (a.test, a.negated)).collect())
    }

    fn equal(&mut self, target: Target<'static>, args: &[&Entry]) -> Option<Asked> {
        let span = args.iter().map(|e| e.span).reduce(Span::join)?;
        let is_list = matches!(target.field.kind, Kind::Scalars(_));
        let bare =
            |e: &Entry| !e.quoted && e.text().is_some_and(|t| RESERVED.contains(&t)) && e.text() != target.field.word;
        if let Some(entry) = args.iter().find(|e| bare(e)) {
            let word = entry.text().unwrap_or("");
            let help = format!("write it in the block: `{} {{ {word} ... }}`", target.field.name);
            self.report(codes::pack::MISPLACED, entry.span, format!("`{word}` is a matcher, not a value"), help);
            return None;
        }
        if target.field.kind == Kind::Scalar(ScalarKind::Secret) {
            self.tell(codes::pack::SECRET, span, "a secret's value is not matched");
            return None;
        }
        let test = if is_list {
            let none =
                matches!(args, [only] if !only.quoted && only.text().is_some() && only.text() == target.field.word);
            let values = match none {
                true => Vec::new(),
                false => args.iter().map(|e| self.value(target.field, e)).collect::<Option<Vec<Value>>>()?,
            };
            Test::Equal(plain_list(values))
        } else {
            if let Some(extra) = args.get(1) {
                let help = "several values that may be: `{ one-of \"a\" \"b\" }`";
                self.report(codes::pack::EXTRA, extra.span, format!("`{}` is one value", target.field.name), help);
            }
            Test::Equal(self.value(target.field, args[0])?)
        };
        Some(Asked { test, negated: false, span })
    }

    fn property(&mut self, target: Target<'static>, entry: &Entry, fold: bool, is_list: bool) -> Option<Asked> {
        let (name, name_span) = entry.name.as_ref()?;
        let kind = kind_of(target.field)?.clone();
        let mut negated = false;
        let test = match &**name {
            "adjustable" | "fold" => return None,
            "not" => {
                negated = true;
                match is_list {
                    true => return self.misfit(target, entry, "not"),
                    false => Test::Equal(self.value(target.field, entry)?),
                }
            }
            "at-least" | "at-most" => {
                let comparable = matches!(
                    kind,
                    ScalarKind::Int { .. }
                        | ScalarKind::Time
                        | ScalarKind::Version
                        | ScalarKind::Date
                        | ScalarKind::Rate
                );
                if !comparable || is_list {
                    return self.misfit(target, entry, name);
                }
                let value = self.value(target.field, entry)?;
                if &**name == "at-least" { Test::AtLeast(value) } else { Test::AtMost(value, target.field.zero_never) }
            }
            "prefix-at-least" => match (&kind, &entry.value) {
                (ScalarKind::Network, Scalar::Int(n @ 0..=32)) if !is_list => Test::Prefix(*n as u8),
                (ScalarKind::Network, _) if !is_list => {
                    self.report(codes::pack::BAD_VALUE, entry.value_span, "this is no prefix length", "write 0 to 32");
                    return None;
                }
                _ => return self.misfit(target, entry, name),
            },
            "matches" if is_text(&kind) && !is_list => Test::Matches(self.regex(entry, fold)?),
            "contains" if is_list => Test::Contains(vec![self.value(target.field, entry)?], fold),
            "contains" if is_text(&kind) => Test::Contains(vec![Value::Text(entry.text()?.into())], fold),
            "length" if is_list || matches!(kind, ScalarKind::Text { .. }) => {
                let Some(range) = entry.text().and_then(length) else {
                    let help = "write it `\"1..256\"`, `\"12..\"` or `\"..256\"`";
                    self.report(codes::pack::BAD_VALUE, entry.value_span, "this is no range of lengths", help);
                    return None;
                };
                Test::Length(*range.start(), *range.end())
            }
            "within" => Test::Within(vec![self.net(target, entry, &kind, is_list)?]),
            "matches" | "contains" | "length" => return self.misfit(target, entry, name),
            _ => {
                let help = match closest(name, LIMITS.iter().copied()) {
                    Some(near) => format!("did you mean `{near}=`?"),
                    None => format!("there are {}", LIMITS.join(", ")),
                };
                self.report(codes::pack::UNKNOWN_MATCHER, *name_span, format!("`{name}` is no matcher"), help);
                return None;
            }
        };
        Some(Asked { test, negated, span: entry.span })
    }

    fn word(&mut self, target: Target<'static>, node: &Node, is_list: bool) -> Option<Asked> {
        let kind = kind_of(target.field)?.clone();
        let fold = node.prop("fold").is_some_and(|e| e.text() == Some("on"));
        let takes_values =
            matches!(&*node.name, "one-of" | "none-of" | "contains-all" | "contains-any" | "contains-none" | "within");
        if !takes_values && let Some(entry) = node.entries.first() {
            self.report(codes::pack::EXTRA, entry.span, format!("`{}` takes no value", node.name), "remove it");
        }
        if kind == ScalarKind::Secret && !matches!(&*node.name, "present" | "absent" | "declared") {
            // reported as a whole by the caller
            return Some(Asked { test: Test::Canonical, negated: false, span: node.header });
        }
        let (test, negated) = match &*node.name {
            "present" => (Test::Present, false),
            "absent" => (Test::Present, true),
            "declared" => (Test::Declared, false),
            "canonical" if kind == ScalarKind::Network && !is_list => (Test::Canonical, false),
            "one-of" if !is_list => (Test::OneOf(self.values(target.field, node), fold), false),
            "none-of" if !is_list => (Test::OneOf(self.values(target.field, node), fold), true),
            "contains-all" if is_list => (Test::Contains(self.values(target.field, node), fold), false),
            "contains-any" if is_list => (Test::ContainsAny(self.values(target.field, node), fold), false),
            "contains-none" if is_list => (Test::ContainsAny(self.values(target.field, node), fold), true),
            "contains-all" if is_text(&kind) => (Test::Contains(self.texts(node), fold), false),
            "contains-any" if is_text(&kind) => (Test::ContainsAny(self.texts(node), fold), false),
            "contains-none" if is_text(&kind) => (Test::ContainsAny(self.texts(node), fold), true),
            "within" => (Test::Within(self.nets(target, node, &kind, is_list)?), false),
            _ => {
                let message = format!("`{}` does not fit `{}`", node.name, target.field.name);
                let help = self.fitting(target);
                self.report(codes::pack::MISFIT, node.header, message, help);
                return None;
            }
        };
        Some(Asked { test, negated, span: node.header })
    }

    fn misfit(&mut self, target: Target<'static>, entry: &Entry, name: &str) -> Option<Asked> {
        let message = format!("`{name}=` does not fit `{}`", target.field.name);
        let help = self.fitting(target);
        self.report(codes::pack::MISFIT, entry.span, message, help);
        None
    }

    /// What fits a setting, in words.
    fn fitting(&self, target: Target<'static>) -> String {
        let what = match &target.field.kind {
            Kind::Scalars(_) => "it is a list of values: contains-all, contains-any, contains-none, contains=, length=",
            Kind::Scalar(
                ScalarKind::Int { .. } | ScalarKind::Time | ScalarKind::Version | ScalarKind::Date | ScalarKind::Rate,
            ) => "it has an order: at-least=, at-most=, not=, one-of, none-of",
            Kind::Scalar(ScalarKind::Network) => {
                "it is a network: within=, prefix-at-least=, canonical, one-of, none-of"
            }
            Kind::Scalar(ScalarKind::Text { .. } | ScalarKind::Name | ScalarKind::Path) => {
                "it is text: matches=, contains=, length=, one-of, none-of, contains-any, contains-all"
            }
            Kind::Scalar(ScalarKind::Secret) => "it is a secret: present, absent, declared",
            _ => "it is a word: not=, one-of, none-of",
        };
        match &target.field.kind {
            Kind::Scalar(ScalarKind::Secret) => what.to_owned(),
            _ => format!("{what}; every setting takes present, absent, declared"),
        }
    }

    fn regex(&mut self, entry: &Entry, fold: bool) -> Option<regex::Regex> {
        let text = entry.text().unwrap_or("");
        match RegexBuilder::new(text).size_limit(REGEX_SIZE).case_insensitive(fold).build() {
            Ok(regex) => Some(regex),
            Err(error) => {
                let last = error.to_string().lines().last().unwrap_or("").to_owned();
                self.report(codes::pack::BAD_REGEX, entry.value_span, "this is no regular expression", last);
                None
            }
        }
    }

    fn texts(&mut self, node: &Node) -> Vec<Value> {
        let mut found: Vec<Value> = node.args().filter_map(|e| e.text().map(|t| Value::Text(t.into()))).collect();
        if let Some(entry) = node.prop("list") {
            let name = entry.text().unwrap_or("");
            match self.lists.get(name) {
                Some(list) => found.extend(list.iter().map(|t| Value::Text(t.as_str().into()))),
                None => {
                    self.tell(codes::pack::UNKNOWN_LIST, entry.value_span, format!("the pack has no list `{name}`"))
                }
            }
        }
        if found.is_empty() && node.entries.is_empty() {
            self.report(
                codes::pack::EMPTY,
                node.header,
                format!("`{}` has no values", node.name),
                "write them behind it",
            );
        }
        found
    }

    fn net(&mut self, target: Target<'static>, entry: &Entry, kind: &ScalarKind, is_list: bool) -> Option<IpNet> {
        let fits = matches!(kind, ScalarKind::Network | ScalarKind::Address | ScalarKind::Text { .. });
        if !fits || is_list {
            self.misfit(target, entry, "within");
            return None;
        }
        let net = entry.text().and_then(network);
        if net.is_none() {
            self.report(codes::pack::BAD_VALUE, entry.value_span, "this is no network", "write `\"10.0.0.0/8\"`");
        }
        net
    }

    fn nets(&mut self, target: Target<'static>, node: &Node, kind: &ScalarKind, is_list: bool) -> Option<Vec<IpNet>> {
        let mut found = Vec::new();
        for entry in node.args() {
            found.push(self.net(target, entry, kind, is_list)?);
        }
        for value in if node.prop("list").is_some() { self.texts_of_list(node) } else { Vec::new() } {
            match network(&value) {
                Some(net) => found.push(net),
                None => {
                    let message = format!("`{value}` of the list is no network");
                    self.report(
                        codes::pack::BAD_VALUE,
                        node.header,
                        message,
                        "write networks such as `\"10.0.0.0/8\"`",
                    );
                }
            }
        }
        Some(found)
    }

    fn texts_of_list(&mut self, node: &Node) -> Vec<String> {
        let bare =
            Node { entries: node.entries.iter().filter(|e| e.name.is_some()).cloned().collect(), ..node.clone() };
        self.texts(&bare).iter().filter_map(|v| v.text().map(str::to_owned)).collect()
    }

    /// The adjustable that takes a limit's place; its default must be what the limit says.
    fn adjustable(
        &mut self,
        target: Target<'static>,
        props: &[&Entry],
        asked: &mut [Asked],
    ) -> Option<(Box<str>, Toward)> {
        let entry = props.iter().find(|e| named(e, "adjustable"))?;
        let name = entry.text().unwrap_or("");
        let adjustables = self.adjustables;
        let Some((default, toward)) = adjustables.get(name) else {
            let help = match closest(name, adjustables.keys().map(|k| &**k)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "declare it in `pack.kdl`: `adjustable \"name\" \"10 min\" toward=\"less\"`".to_owned(),
            };
            self.report(
                codes::pack::UNKNOWN_ADJUSTABLE,
                entry.value_span,
                format!("the pack has no adjustable `{name}`"),
                help,
            );
            return None;
        };
        let value = kind_of(target.field).and_then(|k| limit(k, target.field.word, default));
        let limits: Vec<Value> =
            asked.iter().filter_map(|a| a.test.limit()).filter(|(t, _)| t == toward).map(|(_, v)| v).collect();
        let (problem, help) = match (&limits[..], value) {
            ([], _) => {
                ("there is no limit that the adjustable could move", format!("`{name}` moves toward {}", way(*toward)))
            }
            (_, None) => {
                ("the adjustable's value is of another kind than the setting", format!("its default is `{default}`"))
            }
            ([own], Some(value)) if *own != value => (
                "the limit written here is not the adjustable's default",
                format!("the pack says `{default}`: write the same"),
            ),
            _ => return Some((name.into(), *toward)),
        };
        self.report(codes::pack::ADJUSTABLE, entry.span, problem, help);
        None
    }
}

fn way(toward: Toward) -> &'static str {
    match toward {
        Toward::Less => "less: it replaces `at-most=`",
        Toward::More => "more: it replaces `at-least=`",
    }
}

fn named(entry: &Entry, name: &str) -> bool {
    entry.name.as_ref().is_some_and(|(n, _)| &**n == name)
}

fn is_text(kind: &ScalarKind) -> bool {
    matches!(kind, ScalarKind::Text { .. } | ScalarKind::Name | ScalarKind::Path)
}

fn network(text: &str) -> Option<IpNet> {
    text.parse::<crate::model::value::Network>().ok().map(|n| n.0)
}

/// `1..256`, `12..`, `..256`: both ends included.
fn length(text: &str) -> Option<RangeInclusive<usize>> {
    let (min, max) = text.split_once("..")?;
    let min = if min.is_empty() { 0 } else { min.parse().ok()? };
    let max = if max.is_empty() { usize::MAX } else { max.parse().ok()? };
    (min <= max).then_some(min..=max)
}
