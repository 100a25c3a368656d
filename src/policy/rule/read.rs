//! A rule from its file: every slip is a finding, and what is right is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::reader::Reader;
use super::{Analyse, Moment, Rule, RuleFix, Sample, Source, Supports};
use crate::finding::{Severity, codes};
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::shape::{Shape, closest};
use crate::policy::analysis::{self, Analysis, ParamKind, ParamValue, Params};
use crate::policy::pattern::{Compiler, Pattern, Toward};
use crate::policy::phrases::Phrase;
use crate::source::Span;
use crate::syntax::{Entry, Node, Scalar};

/// What rules of one pack share.
pub(in crate::policy) struct PackWords<'a> {
    pub(in crate::policy) name: Arc<str>,
    pub(in crate::policy) platforms: &'a [PlatformKind],
    pub(in crate::policy) adjustables: &'a BTreeMap<Box<str>, (String, Toward)>,
    pub(in crate::policy) lists: &'a BTreeMap<Box<str>, Vec<String>>,
    pub(in crate::policy) shipped: bool,
}

/// Most values of a child, and the properties that it takes; `None` where what reads it says so.
type Takes = Option<(usize, &'static [&'static str])>;

const CHILDREN: [(&str, Takes); 17] = [
    ("title", Some((1, &[]))),
    ("why", Some((1, &[]))),
    ("otherwise", Some((1, &[]))),
    ("platforms", None),
    ("when", None),
    ("require", None),
    ("analyse", None),
    ("attest", None),
    ("fix", Some((0, &["platform"]))),
    ("help", Some((1, &[]))),
    ("menu", Some((1, &["platform"]))),
    ("source", Some((1, &["section"]))),
    ("supports", Some((1, &["sl"]))),
    ("ours", Some((1, &[]))),
    ("note", Some((1, &[]))),
    ("passes", Some((1, &[]))),
    ("fails", Some((1, &[]))),
];

/// Reads a rule; `None` where it has no id. The reader keeps all that is wrong, and what must not be shown.
pub(in crate::policy) fn read(cx: &mut Reader, text: &str, node: &Node, pack: &PackWords<'_>) -> Option<Rule> {
    cx.rule(text, node, pack)
}

impl Reader {
    fn rule(&mut self, text: &str, node: &Node, pack: &PackWords<'_>) -> Option<Rule> {
        let id = self.text(node)?;
        self.only(node, 1, &["severity", "family", "moment", "also", "scope", "always"]);
        for (name, entry) in node.props() {
            if name == "always" && !pack.shipped {
                self.tell(
                    codes::pack::ALWAYS,
                    entry.span,
                    "only a rule that fieldlock ships is in force in every site",
                );
            }
        }
        for required in ["severity", "family", "moment"] {
            if node.prop(required).is_none() {
                self.report(
                    codes::pack::INCOMPLETE,
                    node.header,
                    format!("the rule has no {required}"),
                    format!("add `{required}=\"...\"`"),
                );
            }
        }
        let moments = "it is one of describe, build, connect, operate, retire";
        let severity =
            self.words(node, "severity", Severity::from_word, "it is one of critical, high, medium, low, info");
        let moment = self.words(node, "moment", Moment::from_word, moments);
        let also = self.words(node, "also", Moment::from_word, moments);
        let family = self.words(node, "family", |f| (!f.is_empty()).then(|| f.to_owned()), "such as `login.lockout`");
        let site =
            self.words(node, "scope", |s| (s == "site").then_some(()), "the only scope to be said is `site`").is_some();
        let on = |word: &str| (word == "on").then_some(());
        let always = self.words(node, "always", on, "write `always=on`, or leave it away").is_some();
        let mut rule = Rule {
            id: id.into(),
            pack: pack.name.clone(),
            severity: severity.unwrap_or(Severity::High),
            family: family.unwrap_or_default().into(),
            moment: moment.unwrap_or(Moment::Describe),
            also,
            site,
            always: always && pack.shipped,
            title: String::new(),
            why: String::new(),
            otherwise: None,
            platforms: pack.platforms.to_vec(),
            when: None,
            require: None,
            analyse: Vec::new(),
            attest: None,
            fixes: Vec::new(),
            help: None,
            menus: Vec::new(),
            sources: Vec::new(),
            supports: Vec::new(),
            ours: Vec::new(),
            notes: Vec::new(),
            passes: Vec::new(),
            fails: Vec::new(),
            wording: String::new(),
            loc: self.loc(node.header),
            body_loc: self.loc(node.header),
        };
        for child in node.children() {
            self.child(text, child, pack, &mut rule);
        }
        self.complete(node, &rule);
        Some(rule)
    }

    fn child(&mut self, text: &str, child: &Node, pack: &PackWords<'_>, rule: &mut Rule) {
        let takes = CHILDREN.iter().find(|(name, _)| *name == &*child.name).and_then(|(_, takes)| *takes);
        if let Some((values, properties)) = takes {
            self.only(child, values, properties);
        }
        match &*child.name {
            "title" => rule.title = self.text(child).unwrap_or_default(),
            "why" => rule.why = self.text(child).unwrap_or_default(),
            "otherwise" => rule.otherwise = self.text(child),
            "platforms" => rule.platforms = self.platforms(child),
            "when" => rule.when = self.pattern(child, pack, rule.when.take()),
            "require" => {
                rule.body_loc = self.loc(child.header);
                rule.require = self.pattern(child, pack, rule.require.take());
            }
            "analyse" => {
                if rule.require.is_none() {
                    rule.body_loc = self.loc(child.header);
                }
                rule.analyse.extend(self.analyse(child, pack));
            }
            "attest" => {
                rule.body_loc = self.loc(child.header);
                rule.attest = self.attest(child, pack);
            }
            "fix" => {
                let fix = RuleFix { kdl: block_text(text, child), settings: self.mending(child) };
                let platform = self.platform(child).filter(|_| !fix.kdl.is_empty());
                rule.fixes.extend(platform.map(|platform| (platform, fix)));
            }
            "help" => rule.help = self.text(child),
            "menu" => {
                let platform = self.platform(child);
                rule.menus.extend(platform.zip(self.text(child)));
            }
            "source" => {
                let section = child.prop("section").and_then(Entry::text).unwrap_or("").to_owned();
                rule.sources.extend(self.text(child).map(|document| Source { document, section }));
            }
            "supports" => {
                let sl = child.prop("sl").and_then(|entry| self.level(entry));
                rule.supports.extend(self.text(child).map(|requirement| Supports { requirement, sl }));
            }
            "ours" => rule.ours.extend(self.text(child)),
            "note" => rule.notes.extend(self.text(child)),
            "passes" => rule.passes.extend(self.sample(text, child)),
            "fails" => rule.fails.extend(self.sample(text, child)),
            other => {
                let names = CHILDREN.map(|(name, _)| name);
                let help = closest(other, names)
                    .map_or(format!("there are {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
                self.report(codes::pack::UNKNOWN_NODE, child.name_span, format!("a rule has no `{other}`"), help);
            }
        }
        if matches!(&*child.name, "when" | "require" | "analyse" | "attest") {
            rule.wording.push_str(&dedent(text, child));
            rule.wording.push('\n');
        }
    }

    fn pattern(&mut self, node: &Node, pack: &PackWords<'_>, before: Option<Pattern>) -> Option<Pattern> {
        let mut compiler = Compiler {
            shape: Shape::device(),
            file: self.file,
            adjustables: pack.adjustables,
            lists: pack.lists,
            findings: Vec::new(),
            masks: Vec::new(),
        };
        let pattern = compiler.block(Shape::device().root, node.children());
        self.findings.append(&mut compiler.findings);
        self.masks.append(&mut compiler.masks);
        if node.children().is_empty() {
            self.report(
                codes::pack::EMPTY,
                node.header,
                format!("`{}` has no conditions", node.name),
                "write settings in its block",
            );
        }
        Some(match before {
            Some(before) => Pattern::All(vec![before, pattern]),
            None => pattern,
        })
    }

    fn analyse(&mut self, node: &Node, pack: &PackWords<'_>) -> Option<Analyse> {
        let name = self.text(node)?;
        let Some(analysis) = analysis::find(&name) else {
            let help = closest(&name, analysis::all().map(|a| a.name))
                .map_or("see schema/policy.md for the list".to_owned(), |near| format!("did you mean `{near}`?"));
            self.report(codes::pack::UNKNOWN_ANALYSIS, node.header, format!("no analysis is called `{name}`"), help);
            return None;
        };
        let mut params = Params::new();
        let mut adjustable = None;
        for (name, entry) in node.props() {
            if name == "adjustable" {
                adjustable = self.adjustable_param(analysis, entry, pack, node);
                continue;
            }
            let Some(param) = analysis.params.iter().find(|p| p.name == name) else {
                let help = match closest(name, analysis.params.iter().map(|p| p.name)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if analysis.params.is_empty() => "it takes none".to_owned(),
                    None => {
                        format!("it takes {}", analysis.params.iter().map(|p| p.name).collect::<Vec<_>>().join(", "))
                    }
                };
                self.report(
                    codes::pack::UNKNOWN_PARAMETER,
                    entry.span,
                    format!("`{}` has no parameter `{name}`", analysis.name),
                    help,
                );
                continue;
            };
            let value = match (param.kind, &entry.value) {
                (ParamKind::Int, Scalar::Int(n)) => Some(ParamValue::Int(*n)),
                (ParamKind::Text, Scalar::Text(t)) => Some(ParamValue::Text(t.to_string())),
                (ParamKind::List, Scalar::Text(t)) => pack.lists.get(t).map(|l| ParamValue::List(l.clone())),
                (ParamKind::Phrases, Scalar::Text(t)) => phrases(pack, t).map(ParamValue::Phrases),
                _ => None,
            };
            match value {
                Some(value) => {
                    params.insert(param.name, value);
                }
                None => {
                    let help = match param.kind {
                        ParamKind::Int => "write a whole number",
                        ParamKind::Text => "write a text",
                        ParamKind::List => "name a list of `pack.kdl`",
                        ParamKind::Phrases => "name lists of `pack.kdl` by what stands before their language",
                    };
                    self.report(codes::pack::BAD_VALUE, entry.value_span, format!("this does not fit `{name}`"), help);
                }
            }
        }
        for param in analysis.params.iter().filter(|p| p.required) {
            if !node.props().any(|(name, _)| name == param.name) {
                self.report(
                    codes::pack::INCOMPLETE,
                    node.header,
                    format!("`{}` needs `{}=`", analysis.name, param.name),
                    param.doc,
                );
            }
        }
        Some(Analyse { analysis, params, adjustable, loc: self.loc(node.header) })
    }

    fn adjustable_param(
        &mut self,
        analysis: &Analysis,
        entry: &Entry,
        pack: &PackWords<'_>,
        node: &Node,
    ) -> Option<Box<str>> {
        let name = entry.text().unwrap_or("");
        let Some((default, toward)) = pack.adjustables.get(name) else {
            self.report(
                codes::pack::UNKNOWN_ADJUSTABLE,
                entry.value_span,
                format!("the pack has no adjustable `{name}`"),
                "declare it in `pack.kdl`",
            );
            return None;
        };
        let limit = analysis.params.iter().find(|p| p.toward == Some(*toward));
        let written = limit.and_then(|p| node.prop(p.name)).map(|e| &e.value);
        match (written, default.parse::<i64>()) {
            (Some(Scalar::Int(n)), Ok(default)) if *n == default => Some(name.into()),
            _ => {
                let help = format!("write the parameter that it moves, with the adjustable's default `{default}`");
                self.report(codes::pack::ADJUSTABLE, entry.span, "the adjustable moves no limit written here", help);
                None
            }
        }
    }

    fn sample(&mut self, text: &str, node: &Node) -> Option<Sample> {
        let mut with = Vec::new();
        let mut settings = Vec::new();
        for child in node.children() {
            if &*child.name == "with" {
                with.extend(child.children().iter().cloned());
            } else {
                settings.push(child.clone());
            }
        }
        if node.children.is_none() {
            self.report(
                codes::pack::EMPTY,
                node.header,
                "a sample needs a block",
                "write `{ }` for a device that says nothing",
            );
            return None;
        }
        Some(Sample {
            name: node.arg(0).and_then(Entry::text).map(str::to_owned),
            kdl: block_text(text, node),
            settings,
            with,
            loc: self.loc(node.header),
        })
    }

    /// The fix must be settings that a device takes.
    fn mending(&mut self, node: &Node) -> Facts {
        let root = device_node("device", crate::policy::samples::DEVICE, node.children());
        let mut checked = crate::model::shape::check(Shape::device(), self.file, &root);
        for finding in &mut checked.findings {
            finding.code = codes::pack::BAD_FIX;
        }
        self.findings.append(&mut checked.findings);
        checked.facts
    }

    fn complete(&mut self, node: &Node, rule: &Rule) {
        let mut missing = |what: &str, is: bool| {
            if is {
                let message = format!("rule `{}` has no {what}", rule.id);
                self.report(codes::pack::INCOMPLETE, node.header, message, format!("add `{what}`"));
            }
        };
        // one that is there and says nothing has been reported
        let absent = |what: &str| node.child(what).is_none();
        missing("title", absent("title"));
        missing("why", absent("why"));
        missing("source", absent("source"));
        let judged = rule.moment <= Moment::Build;
        let asks = node.children().iter().any(|c| matches!(&*c.name, "require" | "analyse" | "attest"));
        missing("require", judged && !asks);
        missing("passes", judged && rule.passes.is_empty());
        missing("fails", judged && rule.fails.is_empty());
        self.once(node, &["title", "why", "otherwise", "platforms", "attest", "help"]);
        if let Some(other) = node.child("attest").and_then(|_| node.child("require").or(node.child("analyse"))) {
            let message = format!("`{}` stands beside `attest`", other.name);
            let help = "what people attest no configuration shows: write two rules";
            self.report(codes::pack::EXTRA, other.header, message, help);
        }
    }
}

/// The phrases of the lists that are called so, with a language behind: `permission-en`, `permission-de`.
fn phrases(pack: &PackWords<'_>, name: &str) -> Option<Vec<Phrase>> {
    let of_language = |list: &str| list.strip_prefix(name).is_some_and(|l| l.len() == 3 && l.starts_with('-'));
    let lists = pack.lists.iter().filter(|(list, _)| of_language(list));
    let phrases: Vec<Phrase> = lists.flat_map(|(_, list)| list.iter().map(|text| Phrase::new(text))).collect();
    (!phrases.is_empty()).then_some(phrases)
}

/// A root node of these settings, for what is checked against a shape.
pub(in crate::policy) fn device_node(kind: &str, name: &str, settings: &[Node]) -> Node {
    let span = settings.first().zip(settings.last()).map_or_else(Default::default, |(a, b)| a.span.join(b.span));
    let start = Span { start: span.start, end: span.start };
    Node {
        ty: None,
        name: kind.into(),
        name_span: start,
        header: start,
        span,
        entries: vec![Entry {
            name: None,
            ty: None,
            value: Scalar::Text(name.into()),
            value_span: start,
            span: start,
            quoted: true,
        }],
        children: Some(settings.to_vec()),
    }
}

/// A node's text without the indentation it has in the file.
fn dedent(text: &str, node: &Node) -> String {
    inner_text(text, node.span)
}

/// What stands in a node's block.
fn block_text(text: &str, node: &Node) -> String {
    let ends = node.children().first().zip(node.children().last());
    ends.map(|(first, last)| inner_text(text, first.span.join(last.span))).unwrap_or_default()
}

fn inner_text(text: &str, span: Span) -> String {
    let start = span.start as usize;
    let before = text.get(..start).unwrap_or("");
    let indent = before.len() - before.rfind('\n').map_or(0, |n| n + 1);
    let body = text.get(span.range()).unwrap_or("");
    let lines = body.lines().enumerate().map(|(i, line)| {
        let blanks = line.len() - line.trim_start().len();
        if i == 0 { line } else { &line[indent.min(blanks)..] }
    });
    lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}
