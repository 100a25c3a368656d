//! Packs: `pack.kdl` and the rules beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use rayon::prelude::*;

use super::analysis::{Need, ParamValue};
use super::gone::Gone;
use super::pattern::Toward;
use super::reserved::Reserved;
use super::rule::{self, Analyse, PackWords, Reader, Rule};
use crate::finding::{Finding, codes};
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
    /// Whether fieldlock brought it; else it is the site's own.
    pub shipped: bool,
    /// Whether the site names it; else only those of its rules are here that every site has.
    pub named: bool,
    /// Platforms it speaks of.
    pub platforms: Vec<PlatformKind>,
    /// Platforms that its rules harden, so that a device of them needs no other pack. Of shipped packs only.
    pub hardens: Vec<PlatformKind>,
    /// The highest target level of a zone that it is made for; of a site's own pack where it says one.
    pub level: Option<u8>,
    /// Limits that a site may move to the stricter side: default, direction.
    pub adjustables: BTreeMap<Box<str>, (String, Toward)>,
    /// Named lists.
    pub lists: BTreeMap<Box<str>, Vec<String>>,
    /// Its rules, by id.
    pub rules: Vec<Arc<Rule>>,
    /// Ids that no rule of its has, or none any more, and what became of them.
    pub gone: Vec<Gone>,
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
    /// Loads packs by name, and the rules that every site has. `shipped` holds paths beneath `policies/`, `own` paths
    /// beneath the site (`packs/<name>/...`), both with their texts. No pack of a site takes the place of a shipped
    /// one.
    pub fn load(
        names: &[&str],
        shipped: &[(&str, &str)],
        own: &[(String, String)],
        map: &mut SourceMap,
    ) -> (Packs, Vec<Finding>) {
        let names: Vec<(&str, Loc)> = names.iter().map(|name| (*name, Loc::NONE)).collect();
        Packs::load_named(&names, shipped, own, map)
    }

    /// The same by names that stand somewhere: in a site's `packs`.
    pub fn load_named(
        names: &[(&str, Loc)],
        shipped: &[(&str, &str)],
        own: &[(String, String)],
        map: &mut SourceMap,
    ) -> (Packs, Vec<Finding>) {
        let mut packs = Packs::default();
        let mut findings = Vec::new();
        let reserved = Reserved::of(shipped);
        reserved.folders(own, map, &mut findings);
        for (name, loc) in names {
            let from_us = beneath(shipped.iter().map(|(path, text)| (*path, *text)), name, "policies/");
            let of_site = || {
                let files = own.iter().map(|(path, text)| (path.strip_prefix("packs/").unwrap_or(path), &**text));
                beneath(files, name, "packs/")
            };
            let is_shipped = !from_us.is_empty();
            let files = if is_shipped { from_us } else { of_site() };
            if files.is_empty() {
                findings.push(unknown(name, *loc, shipped));
                continue;
            }
            let mut pack = load_one(name, is_shipped, &files, map, &mut findings);
            if let (false, Some(pack)) = (is_shipped, &mut pack) {
                guesses(pack, shipped, &mut findings);
                reserved.rules(pack, &mut findings);
            }
            packs.packs.extend(pack);
        }
        let names: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        packs.everywhere(&names, shipped, map, &mut findings);
        packs.twins(&mut findings);
        (packs, findings)
    }

    /// Adds the rules that every site has, of the shipped packs that it does not name.
    fn everywhere(
        &mut self,
        names: &[&str],
        shipped: &[(&str, &str)],
        map: &mut SourceMap,
        findings: &mut Vec<Finding>,
    ) {
        for name in Packs::shipped_names(shipped).into_iter().filter(|name| !names.contains(name)) {
            let files = beneath(shipped.iter().map(|(path, text)| (*path, *text)), name, "policies/");
            // a file without the word holds no such rule: most packs are not read at all
            let some: Vec<PackText<'_>> =
                files.into_iter().filter(|f| f.rest == "pack.kdl" || f.text.contains("always")).collect();
            if some.len() < 2 {
                continue;
            }
            if let Some(mut pack) = load_one(name, true, &some, map, findings) {
                pack.named = false;
                pack.rules.retain(|rule| rule.always);
                self.packs.extend(Some(pack).filter(|pack| !pack.rules.is_empty()));
            }
        }
    }

    /// All shipped packs, by name.
    pub fn shipped_names<'t>(shipped: &[(&'t str, &'t str)]) -> Vec<&'t str> {
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

    /// What became of a rule that is no more, by its id in whatever letters.
    pub fn gone(&self, id: &str) -> Option<&Gone> {
        self.packs.iter().flat_map(|p| &p.gone).find(|g| g.id.eq_ignore_ascii_case(id))
    }

    fn twins(&self, findings: &mut Vec<Finding>) {
        let mut seen: BTreeMap<&str, Loc> = BTreeMap::new();
        let rules = self.rules().map(|rule| (&*rule.id, rule.loc));
        let gone = self.packs.iter().flat_map(|p| &p.gone).map(|gone| (&*gone.id, gone.loc));
        for (id, loc) in rules.chain(gone) {
            if let Some(first) = seen.insert(id, loc) {
                let message = format!("two rules are called `{id}`");
                findings.push(Finding::new(codes::pack::TWINS, loc, message).related(first, "the first one"));
            }
        }
    }
}

/// A text of a pack.
struct PackText<'a> {
    /// Its name among the sources.
    path: String,
    /// Its path in the pack's folder.
    rest: &'a str,
    text: &'a str,
}

/// The texts of one pack, by path.
fn beneath<'a>(files: impl Iterator<Item = (&'a str, &'a str)>, name: &str, folder: &str) -> Vec<PackText<'a>> {
    let of_pack = files.filter_map(|(path, text)| {
        let rest = path.strip_prefix(name)?.strip_prefix('/')?;
        Some(PackText { path: format!("{folder}{path}"), rest, text })
    });
    let mut files: Vec<PackText<'a>> = of_pack.collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn unknown(name: &str, loc: Loc, shipped: &[(&str, &str)]) -> Finding {
    let help = closest(name, Packs::shipped_names(shipped))
        .map_or("see the site's `packs` line".to_owned(), |n| format!("did you mean `{n}`?"));
    Finding::new(codes::pack::UNKNOWN, loc, format!("no pack is called `{name}`")).help(help)
}

/// The shipped packs that harden a platform.
pub(super) fn hardening(platform: PlatformKind) -> impl Iterator<Item = &'static Pack> {
    shipped_heads().iter().filter(move |pack| pack.hardens.contains(&platform))
}

/// The heads of all shipped packs, read once.
pub(super) fn shipped_heads() -> &'static [Pack] {
    static HEADS: LazyLock<Vec<Pack>> = LazyLock::new(|| heads(crate::embedded::POLICIES));
    &HEADS
}

/// The names of the shipped packs that harden a platform.
pub fn hardening_packs(platform: PlatformKind) -> impl Iterator<Item = &'static str> {
    hardening(platform).map(|pack| &*pack.name)
}

/// The heads of shipped packs, without their rules.
pub(super) fn heads(shipped: &[(&str, &str)]) -> Vec<Pack> {
    let head = |name: &str| {
        let files = beneath(shipped.iter().map(|(path, text)| (*path, *text)), name, "policies/");
        let head: Vec<PackText<'_>> = files.into_iter().filter(|f| f.rest == "pack.kdl").collect();
        load_one(name, true, &head, &mut SourceMap::new(), &mut Vec::new())
    };
    Packs::shipped_names(shipped).into_iter().filter_map(head).collect()
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
    shipped: bool,
    files: &[PackText<'_>],
    map: &mut SourceMap,
    findings: &mut Vec<Finding>,
) -> Option<Pack> {
    let Some(PackText { path, text, .. }) = files.iter().find(|f| f.rest == "pack.kdl") else {
        findings.push(Finding::new(codes::pack::NO_HEAD, Loc::NONE, format!("the pack `{name}` has no `pack.kdl`")));
        return None;
    };
    let file = add(path, text, map);
    let nodes = take(file, syntax::parse(file, text), map, findings)?;
    let mut cx = Reader { file, findings: Vec::new(), masks: Vec::new() };
    let pack = head(&mut cx, name, shipped, &nodes);
    findings.append(&mut cx.findings);
    let mut pack = pack?;
    let rules = files.iter().filter(|f| f.rest != "pack.kdl" && f.rest.ends_with(".kdl"));
    let rules: Vec<_> = rules.map(|f| (add(&f.path, f.text, map), f.rest, f.text)).collect();
    // reading is most of the time that packs take; what comes of it is taken in the order of the files
    let parsed: Vec<_> = rules.par_iter().map(|(file, _, text)| syntax::parse(*file, text)).collect();
    for ((file, rest, text), parsed) in rules.into_iter().zip(parsed) {
        let Some(nodes) = take(file, parsed, map, findings) else { continue };
        let words = PackWords {
            name: pack.name.clone(),
            platforms: &pack.platforms,
            adjustables: &pack.adjustables,
            lists: &pack.lists,
            shipped,
        };
        for node in &nodes {
            if &*node.name != "rule" {
                let loc = Loc::new(file, node.name_span);
                let message = format!("a rule's file holds no `{}`", node.name);
                findings
                    .push(Finding::new(codes::pack::UNKNOWN_NODE, loc, message).help("write `rule \"ID\" ... { }`"));
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
                findings.push(Finding::new(codes::pack::FILE_NAME, rule.loc, message).help(help));
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
    let known: BTreeSet<String> = heads(shipped).into_iter().flat_map(|p| p.lists.into_values()).flatten().collect();
    for call in calls {
        let lists = call.params.values().filter_map(|p| if let ParamValue::List(l) = p { Some(l) } else { None });
        if lists.flatten().any(|word| !known.contains(word)) {
            let message = format!("`{}` takes no words of the site's own", call.analysis.name);
            findings.push(Finding::new(codes::pack::SECRET_LIST, call.loc, message));
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

fn head(cx: &mut Reader, name: &str, shipped: bool, nodes: &[Node]) -> Option<Pack> {
    let [node] = nodes else {
        let span = nodes.get(1).map_or_else(Default::default, |n| n.name_span);
        cx.report(
            codes::pack::NO_HEAD,
            span,
            "`pack.kdl` holds one `pack`",
            "write `pack \"name\" version=\"1.0.0\" { }`",
        );
        return None;
    };
    if &*node.name != "pack" {
        cx.report(
            codes::pack::NO_HEAD,
            node.name_span,
            "`pack.kdl` holds one `pack`",
            "write `pack \"name\" version=\"1.0.0\" { }`",
        );
        return None;
    }
    let own = cx.text(node)?;
    if own != name {
        let help = format!("call it `{name}`, as its folder");
        cx.report(codes::pack::FOLDER_NAME, node.header, format!("the pack calls itself `{own}`"), help);
    }
    let mut pack = Pack {
        name: name.into(),
        version: node.prop("version").and_then(Entry::text).unwrap_or("").to_owned(),
        title: String::new(),
        shipped,
        named: true,
        platforms: Vec::new(),
        hardens: Vec::new(),
        level: None,
        adjustables: BTreeMap::new(),
        lists: BTreeMap::new(),
        rules: Vec::new(),
        gone: Vec::new(),
        loc: cx.loc(node.header),
    };
    pack.level = node.prop("level").and_then(|entry| cx.level(entry));
    cx.only(node, 1, &["version", "level"]);
    cx.once(node, &["title", "platforms"]);
    if pack.version.is_empty() {
        cx.report(codes::pack::INCOMPLETE, node.header, "the pack has no version", "add `version=\"1.0.0\"`");
    }
    for child in node.children() {
        match &*child.name {
            "title" => pack.title = cx.text(child).unwrap_or_default(),
            "platforms" => pack.platforms = cx.platforms(child),
            "hardens" if shipped => pack.hardens = cx.platforms(child),
            "adjustable" => adjustable(cx, child, &mut pack),
            "list" => list(cx, child, &mut pack),
            "merged" | "answered" | "open" | "retired" => pack.gone.extend(Gone::read(cx, child)),
            "note" | "source" => {}
            other => {
                const WORDS: [&str; 10] = [
                    "title",
                    "platforms",
                    "adjustable",
                    "list",
                    "merged",
                    "answered",
                    "open",
                    "retired",
                    "source",
                    "note",
                ];
                let help = closest(other, WORDS)
                    .map_or(format!("there are {}", WORDS.join(", ")), |n| format!("did you mean `{n}`?"));
                cx.report(codes::pack::UNKNOWN_NODE, child.name_span, format!("a pack has no `{other}`"), help);
            }
        }
    }
    if pack.platforms.is_empty() {
        cx.report(codes::pack::INCOMPLETE, node.header, "the pack names no platform", "add `platforms \"mx-ros\"`");
    }
    Some(pack)
}

fn adjustable(cx: &mut Reader, node: &Node, pack: &mut Pack) {
    let Some(name) = cx.text(node) else { return };
    cx.only(node, 2, &["toward"]);
    let default = match node.arg(1).map(|e| &e.value) {
        Some(Scalar::Text(t)) => t.to_string(),
        Some(Scalar::Int(n)) => n.to_string(),
        _ => {
            cx.report(
                codes::pack::INCOMPLETE,
                node.header,
                "the adjustable has no default",
                "write it behind the name",
            );
            return;
        }
    };
    let toward = match node.prop("toward").and_then(Entry::text) {
        Some("less") => Toward::Less,
        Some("more") => Toward::More,
        _ => {
            cx.report(
                codes::pack::INCOMPLETE,
                node.header,
                "which way is stricter is not said",
                "add `toward=\"less\"` or `toward=\"more\"`",
            );
            return;
        }
    };
    if compare(&default, &default).is_none() {
        cx.report(
            codes::pack::BAD_VALUE,
            node.header,
            "an adjustable is a number, a time or a version",
            "write `5`, `\"10 min\"` or `\"1.2\"`",
        );
        return;
    }
    if pack.adjustables.insert(name.as_str().into(), (default, toward)).is_some() {
        cx.report(codes::pack::TWINS, node.header, format!("two adjustables are called `{name}`"), "keep one of them");
    }
}

fn list(cx: &mut Reader, node: &Node, pack: &mut Pack) {
    let Some(name) = cx.text(node) else { return };
    cx.only(node, usize::MAX, &[]);
    let mut values: Vec<String> = Vec::new();
    for entry in node.args().skip(1) {
        match entry.text() {
            Some(text) => values.push(text.to_owned()),
            None => cx.report(codes::pack::BAD_VALUE, entry.span, "a list holds texts", "write it in quotes"),
        }
    }
    if values.is_empty() {
        cx.report(
            codes::pack::EMPTY,
            node.header,
            format!("the list `{name}` is empty"),
            "write its values behind the name",
        );
    }
    pack.lists.entry(name.as_str().into()).or_default().extend(values);
}
