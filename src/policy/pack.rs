//! Packs: `pack.kdl` and the rules beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::analysis::{Need, ParamValue};
use super::pattern::Toward;
use super::rule::{self, Analyse, PackWords, Reader, Rule};
use crate::finding::{Finding, Severity};
use crate::model::device::PlatformKind;
use crate::model::shape::closest;
use crate::model::value::{Time, Version};
use crate::source::{FileId, Loc, SourceMap};
use crate::syntax::{self, Entry, Node, Parsed, Scalar};

/// A versioned set of rules.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name, its folder's too.
    pub name: Arc<str>,
    /// Its version.
    pub version: String,
    /// What it is.
    pub title: String,
    /// Platforms it speaks of.
    pub platforms: Vec<PlatformKind>,
    /// Limits that a site may move to the stricter side: default, direction.
    pub adjustables: BTreeMap<Box<str>, (String, Toward)>,
    /// Named lists.
    pub lists: BTreeMap<Box<str>, Vec<String>>,
    /// Its rules, by id.
    pub rules: Vec<Arc<Rule>>,
    /// Its line.
    pub loc: Loc,
}

/// The packs in force.
#[derive(Debug, Clone, Default)]
pub struct Packs {
    /// In the order they are named.
    pub packs: Vec<Pack>,
}

impl Packs {
    /// Loads packs by name: a site's own of that name goes before a shipped one. `shipped` holds paths beneath
    /// `policies/`, `own` paths beneath the site (`packs/<name>/...`), both with their texts.
    pub fn load(
        names: &[&str],
        shipped: &[(&str, &str)],
        own: &[(String, String)],
        map: &mut SourceMap,
    ) -> (Packs, Vec<Finding>) {
        let mut packs = Packs::default();
        let mut findings = Vec::new();
        for name in names {
            let own_files = own.iter().filter_map(|(path, text)| {
                let rest = path.strip_prefix("packs/").unwrap_or(path).strip_prefix(name)?.strip_prefix('/')?;
                Some((path.clone(), rest.to_owned(), text.as_str()))
            });
            let mut files: Vec<(String, String, &str)> = own_files.collect();
            let of_site = !files.is_empty();
            if files.is_empty() {
                files = shipped
                    .iter()
                    .filter_map(|(path, text)| {
                        let rest = path.strip_prefix(name)?.strip_prefix('/')?;
                        Some((format!("policies/{path}"), rest.to_owned(), *text))
                    })
                    .collect();
            }
            files.sort();
            if files.is_empty() {
                let known = shipped.iter().filter_map(|(p, _)| p.split('/').next());
                let help = closest(name, known)
                    .map_or("see the site's `packs` line".to_owned(), |n| format!("did you mean `{n}`?"));
                findings
                    .push(Finding::error("pack.unknown", Loc::NONE, format!("no pack is called `{name}`")).help(help));
                continue;
            }
            let pack = load_one(name, &files, map, &mut findings);
            if of_site && let Some(pack) = &pack {
                guesses(pack, shipped, &mut findings);
            }
            packs.packs.extend(pack);
        }
        packs.twins(&mut findings);
        (packs, findings)
    }

    /// All shipped packs, by name.
    pub fn shipped_names(shipped: &[(&'static str, &'static str)]) -> Vec<&'static str> {
        let mut names: Vec<&str> = shipped.iter().filter_map(|(p, _)| p.strip_suffix("/pack.kdl")).collect();
        names.sort_unstable();
        names
    }

    /// All rules in force.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.packs.iter().flat_map(|p| &p.rules)
    }

    /// A rule by its id.
    pub fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules().find(|r| &*r.id == id)
    }

    fn twins(&self, findings: &mut Vec<Finding>) {
        let mut seen: BTreeMap<&str, Loc> = BTreeMap::new();
        for rule in self.rules() {
            if let Some(first) = seen.insert(&rule.id, rule.loc) {
                let message = format!("two rules are called `{}`", rule.id);
                findings.push(
                    Finding::error("pack.twins", rule.loc, message)
                        .help("give one of them an id of its own")
                        .related(first, "the first one"),
                );
            }
        }
    }
}

/// A value of an adjustable, in whatever kind both can be read as: -1, 0, 1 for less, equal, greater.
pub(super) fn compare(a: &str, b: &str) -> Option<std::cmp::Ordering> {
    if let (Ok(a), Ok(b)) = (a.parse::<i64>(), b.parse::<i64>()) {
        return Some(a.cmp(&b));
    }
    if let (Ok(a), Ok(b)) = (a.parse::<Time>(), b.parse::<Time>()) {
        return Some(a.cmp(&b));
    }
    match (a.parse::<Version>(), b.parse::<Version>()) {
        (Ok(a), Ok(b)) => Some(a.cmp(&b)),
        _ => None,
    }
}

fn load_one(
    name: &str,
    files: &[(String, String, &str)],
    map: &mut SourceMap,
    findings: &mut Vec<Finding>,
) -> Option<Pack> {
    let Some((path, _, text)) = files.iter().find(|(_, rest, _)| rest == "pack.kdl") else {
        findings.push(
            Finding::error("pack.no-head", Loc::NONE, format!("the pack `{name}` has no `pack.kdl`"))
                .help("write one beside its rules"),
        );
        return None;
    };
    let file = add(path, text, map);
    let nodes = take(file, syntax::parse(file, text), map, findings)?;
    let mut cx = Reader { file, findings: Vec::new(), masks: Vec::new() };
    let pack = head(&mut cx, name, &nodes);
    findings.append(&mut cx.findings);
    let mut pack = pack?;
    let rules = files.iter().filter(|(_, rest, _)| rest != "pack.kdl" && rest.ends_with(".kdl"));
    let rules: Vec<_> = rules.map(|(path, rest, text)| (add(path, text, map), rest, *text)).collect();
    // reading is most of the time that packs take; what comes of it is taken in the order of the files
    let parsed: Vec<_> = rules.par_iter().map(|(file, _, text)| syntax::parse(*file, text)).collect();
    for ((file, rest, text), parsed) in rules.into_iter().zip(parsed) {
        let Some(nodes) = take(file, parsed, map, findings) else { continue };
        let words = PackWords {
            name: pack.name.clone(),
            platforms: &pack.platforms,
            adjustables: &pack.adjustables,
            lists: &pack.lists,
        };
        for node in &nodes {
            if &*node.name != "rule" {
                let loc = Loc::new(file, node.name_span);
                let message = format!("a rule's file holds no `{}`", node.name);
                findings.push(Finding::error("pack.unknown-node", loc, message).help("write `rule \"ID\" ... { }`"));
                continue;
            }
            let mut cx = Reader { file, findings: Vec::new(), masks: Vec::new() };
            let rule = rule::read(&mut cx, text, node, &words);
            findings.append(&mut cx.findings);
            cx.masks.iter().for_each(|m| map.mask(*m));
            let Some(rule) = rule else { continue };
            if rest.strip_suffix(".kdl") != Some(&*rule.id) {
                let message = format!("rule `{}` stands in `{rest}`", rule.id);
                let help = format!("a rule's file is called as the rule: `{}.kdl`", rule.id);
                findings.push(Finding::error("pack.file-name", rule.loc, message).help(help).severity(Severity::Low));
            }
            pack.rules.push(Arc::new(rule));
        }
    }
    pack.rules.sort_by(|a, b| a.id.cmp(&b.id));
    Some(pack)
}

/// A list of guesses, held against secrets by a pack that lies in the site, would tell whoever may write to the site
/// one guess a run: on secrets only words of shipped packs' lists are taken.
fn guesses(pack: &Pack, shipped: &[(&str, &str)], findings: &mut Vec<Finding>) {
    let on_secrets = |call: &&Analyse| call.analysis.needs.contains(&Need::Secrets);
    let calls: Vec<&Analyse> = pack.rules.iter().flat_map(|r| &r.analyse).filter(on_secrets).collect();
    if calls.is_empty() {
        return;
    }
    let mut known: BTreeSet<String> = BTreeSet::new();
    for (path, text) in shipped.iter().filter(|(path, _)| path.ends_with("/pack.kdl")) {
        let name = path.strip_suffix("/pack.kdl").unwrap_or(path);
        let files = [((*path).to_owned(), "pack.kdl".to_owned(), *text)];
        let pack = load_one(name, &files, &mut SourceMap::new(), &mut Vec::new());
        known.extend(pack.into_iter().flat_map(|p| p.lists.into_values()).flatten());
    }
    for call in calls {
        let lists = call.params.values().filter_map(|p| if let ParamValue::List(l) = p { Some(l) } else { None });
        if lists.flatten().any(|word| !known.contains(word)) {
            let message = format!("`{}` takes no words of the site's own", call.analysis.name);
            findings.push(
                Finding::error("pack.secret-list", call.loc, message)
                    .help("name words that a shipped pack lists: others would be guesses at secrets, one a run"),
            );
        }
    }
}

/// A text's number; a site's own pack may be among the texts already.
fn add(path: &str, text: &str, map: &mut SourceMap) -> FileId {
    let known = map.find(path).filter(|id| map.get(*id).is_some_and(|f| &**f.text() == text));
    known.unwrap_or_else(|| map.add(path, text))
}

/// Masks and findings of a text that was read; its nodes, where it could be.
fn take(file: FileId, parsed: Parsed, map: &mut SourceMap, findings: &mut Vec<Finding>) -> Option<Vec<Node>> {
    parsed.masks.iter().for_each(|m| map.mask(Loc::new(file, *m)));
    findings.extend(parsed.findings);
    Some(parsed.tree?.nodes)
}

fn head(cx: &mut Reader, name: &str, nodes: &[Node]) -> Option<Pack> {
    let [node] = nodes else {
        let span = nodes.get(1).map_or_else(Default::default, |n| n.name_span);
        cx.report("pack.no-head", span, "`pack.kdl` holds one `pack`", "write `pack \"name\" version=\"1.0.0\" { }`");
        return None;
    };
    if &*node.name != "pack" {
        cx.report(
            "pack.no-head",
            node.name_span,
            "`pack.kdl` holds one `pack`",
            "write `pack \"name\" version=\"1.0.0\" { }`",
        );
        return None;
    }
    let own = cx.text(node)?;
    if own != name {
        let help = format!("call it `{name}`, as its folder");
        cx.report("pack.file-name", node.header, format!("the pack calls itself `{own}`"), help);
    }
    let mut pack = Pack {
        name: name.into(),
        version: node.prop("version").and_then(Entry::text).unwrap_or("").to_owned(),
        title: String::new(),
        platforms: Vec::new(),
        adjustables: BTreeMap::new(),
        lists: BTreeMap::new(),
        rules: Vec::new(),
        loc: cx.loc(node.header),
    };
    if pack.version.is_empty() {
        cx.report("pack.incomplete", node.header, "the pack has no version", "add `version=\"1.0.0\"`");
    }
    for child in node.children() {
        match &*child.name {
            "title" => pack.title = cx.text(child).unwrap_or_default(),
            "platforms" => pack.platforms = cx.platforms(child),
            "adjustable" => adjustable(cx, child, &mut pack),
            "list" => list(cx, child, &mut pack),
            "note" | "source" => {}
            other => {
                let help = closest(other, ["title", "platforms", "adjustable", "list", "note", "source"])
                    .map_or("there are title, platforms, adjustable, list, source, note".to_owned(), |n| {
                        format!("did you mean `{n}`?")
                    });
                cx.report("pack.unknown-node", child.name_span, format!("a pack has no `{other}`"), help);
            }
        }
    }
    if pack.platforms.is_empty() {
        cx.report("pack.incomplete", node.header, "the pack names no platform", "add `platforms \"mx-ros\"`");
    }
    Some(pack)
}

fn adjustable(cx: &mut Reader, node: &Node, pack: &mut Pack) {
    let Some(name) = cx.text(node) else { return };
    let default = match node.arg(1).map(|e| &e.value) {
        Some(Scalar::Text(t)) => t.to_string(),
        Some(Scalar::Int(n)) => n.to_string(),
        _ => {
            cx.report("pack.incomplete", node.header, "the adjustable has no default", "write it behind the name");
            return;
        }
    };
    let toward = match node.prop("toward").and_then(Entry::text) {
        Some("less") => Toward::Less,
        Some("more") => Toward::More,
        _ => {
            cx.report(
                "pack.incomplete",
                node.header,
                "which way is stricter is not said",
                "add `toward=\"less\"` or `toward=\"more\"`",
            );
            return;
        }
    };
    if compare(&default, &default).is_none() {
        cx.report(
            "pack.bad-value",
            node.header,
            "an adjustable is a number, a time or a version",
            "write `5`, `\"10 min\"` or `\"1.2\"`",
        );
        return;
    }
    if pack.adjustables.insert(name.as_str().into(), (default, toward)).is_some() {
        cx.report("pack.twins", node.header, format!("two adjustables are called `{name}`"), "keep one of them");
    }
}

fn list(cx: &mut Reader, node: &Node, pack: &mut Pack) {
    let Some(name) = cx.text(node) else { return };
    let values: Vec<String> = node.args().skip(1).filter_map(|e| e.text().map(str::to_owned)).collect();
    if values.is_empty() {
        cx.report("pack.empty", node.header, format!("the list `{name}` is empty"), "write its values behind the name");
    }
    pack.lists.entry(name.as_str().into()).or_default().extend(values);
}
