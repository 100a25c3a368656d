//! Packs with a site's adjustables put in place of their limits. Only ever to the stricter side.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::SiteFacts;
use super::analysis::{ParamValue, Seen};
use super::pack::{Pack, Packs, compare};
use super::pattern::{Pattern, Toward, limit};
use super::rule::{Analyse, Attest, Rule};
use crate::dialect::Tables;
use crate::finding::{Finding, codes};
use crate::model::device::PlatformKind;
use crate::model::facts::{Fact, Facts, Setting};
use crate::model::shape::{FieldShape, Shape, closest};
use crate::platform;
use crate::source::Loc;

/// A rule as this site has it.
pub(super) struct Bound<'a> {
    pub(super) pack: &'a Pack,
    pub(super) rule: &'a Rule,
    pub(super) when: Option<Cow<'a, Pattern>>,
    /// Its guard, where silence leaves it open ([`Pattern::opened`]).
    pub(super) opened: Option<Pattern>,
    pub(super) require: Option<Cow<'a, Pattern>>,
    pub(super) analyse: Cow<'a, [Analyse]>,
    pub(super) attest: Option<Cow<'a, Attest>>,
    pub(super) seen: Seen,
    /// The settings that it reads, without keys.
    pub(super) reads: Vec<String>,
    /// Those that say whether it applies at all.
    pub(super) guards: Vec<String>,
    /// What [`Bound::nowhere`] found, by platform, once anybody asked.
    nowhere: [OnceLock<Option<String>>; PlatformKind::ALL.len()],
}

impl Bound<'_> {
    /// A setting that it asks, where a device of these tables has a place for nothing that it asks.
    pub(super) fn nowhere(&self, tables: Tables) -> Option<&str> {
        self.nowhere[tables.kind as usize].get_or_init(|| nowhere(self.rule, tables)).as_deref()
    }
}

type Moved = BTreeMap<Box<str>, String>;

/// All rules with the site's adjustables; findings at the site's `set` lines.
pub(super) fn bind<'a>(packs: &'a Packs, site: &SiteFacts, findings: &mut Vec<Finding>) -> Vec<Bound<'a>> {
    let mut all = moved(packs, &site.facts, findings);
    let mut bound = Vec::new();
    for pack in &packs.packs {
        let moved = all.remove(&*pack.name).unwrap_or_default();
        for rule in &pack.rules {
            let when = rule.when.as_ref().map(|p| adjusted(p, &moved));
            bound.push(Bound {
                pack,
                rule,
                opened: when.as_ref().and_then(|when| when.opened()),
                when,
                require: rule.require.as_ref().map(|p| adjusted(p, &moved)),
                analyse: analyses(&rule.analyse, pack, &moved),
                attest: rule.attest.as_ref().map(|a| attest(a, &moved)),
                seen: Seen::default(),
                reads: rule.paths(),
                guards: rule.guards(),
                nowhere: Default::default(),
            });
        }
    }
    bound
}

/// Where a rule asks for nothing that the device could have: what a person says of it for people, and who it is, is no
/// setting.
fn nowhere(rule: &Rule, tables: Tables) -> Option<String> {
    let asked = rule.asked();
    let shape = Shape::device();
    let outside = |path: &String| {
        let about = path.split('.').next().unwrap_or_default();
        let told = shape.fields(path).is_some_and(|fields| {
            (1..=fields.len()).all(|n| shape.field_at(&fields[..n]).is_some_and(FieldShape::is_told))
        });
        !told || matches!(about, "name" | "platform" | "vendor-settings")
    };
    let first = asked.first().filter(|_| !asked.iter().any(outside))?;
    let on = platform::with(tables);
    if !rule.platforms.contains(&tables.kind) || asked.iter().any(|path| on.has_place(path)) {
        return None;
    }
    // `services.telnet`, not its switch
    Some(match first.rsplit_once('.') {
        Some((group, _)) if shape.setting(group) == shape.setting(first) => group.to_owned(),
        _ => first.clone(),
    })
}

fn moved(packs: &Packs, facts: &Facts, findings: &mut Vec<Finding>) -> BTreeMap<Box<str>, Moved> {
    let mut all: BTreeMap<Box<str>, Moved> = BTreeMap::new();
    let sets = facts.shape.root().field("set").and_then(|(ix, _)| facts.root.get(ix));
    let Some(Setting::Items(sets)) = sets else { return all };
    for set in &sets.items {
        let field = |name: &str| super::analysis::field(facts, &set.group, name);
        let Some(name) = field("pack") else { continue };
        let pack_name = name.value.plain();
        let Some(pack) = packs.packs.iter().find(|p| *p.name == *pack_name) else {
            let help = match closest(&pack_name, packs.packs.iter().map(|p| &*p.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "only packs of the site's `packs` line can be adjusted".to_owned(),
            };
            findings.push(
                Finding::new(
                    codes::site::ADJUSTABLE,
                    name.origin.loc(),
                    format!("no pack in force is called `{pack_name}`"),
                )
                .help(help),
            );
            continue;
        };
        let values = facts.shape.group(set.group.shape).field("value").and_then(|(ix, _)| set.group.get(ix));
        let Some(Setting::Items(values)) = values else { continue };
        for value in &values.items {
            let part = |name: &str| super::analysis::field(facts, &value.group, name);
            if let (Some(name), Some(to)) = (part("name"), part("to")) {
                match stricter(pack, name, to) {
                    Ok(()) => {
                        let moved = all.entry((*pack.name).into()).or_default();
                        moved.insert(name.value.plain().into(), to.value.plain());
                    }
                    Err((loc, message, help)) => {
                        findings.push(Finding::new(codes::site::ADJUSTABLE, loc, message).help(help))
                    }
                }
            }
        }
    }
    all
}

fn stricter(pack: &Pack, name: &Fact, to: &Fact) -> Result<(), (Loc, String, String)> {
    let (key, text) = (name.value.plain(), to.value.plain());
    let Some((default, toward)) = pack.adjustables.get(&*key) else {
        let help = match closest(&key, pack.adjustables.keys().map(|k| &**k)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", pack.adjustables.keys().map(|k| &**k).collect::<Vec<_>>().join(", ")),
        };
        return Err((name.origin.loc(), format!("pack `{}` has no adjustable `{key}`", pack.name), help));
    };
    let looser = match toward {
        Toward::Less => Ordering::Greater,
        Toward::More => Ordering::Less,
    };
    match compare(&text, default) {
        None => Err((to.origin.loc(), format!("`{text}` does not fit `{key}`"), format!("its default is `{default}`"))),
        Some(order) if order == looser => {
            let side = if *toward == Toward::Less { "at most" } else { "at least" };
            let help = format!("write {side} `{default}`; what a device can't meet is covered by a waiver");
            Err((to.origin.loc(), format!("`{text}` is looser than the pack's `{default}`"), help))
        }
        Some(_) => Ok(()),
    }
}

fn adjusted<'a>(pattern: &'a Pattern, moved: &Moved) -> Cow<'a, Pattern> {
    if moved.is_empty() {
        return Cow::Borrowed(pattern);
    }
    let mut own = pattern.clone();
    own.visit_mut(&mut |pattern| match pattern {
        Pattern::Leaf(leaf) | Pattern::Has(leaf) => {
            let Some(to) = leaf.adjustable.as_ref().and_then(|name| moved.get(name)) else { return };
            if let Some((_, now)) = leaf.test.limit()
                && let Some(value) = of_same_kind(&now, to)
            {
                leaf.test.set_limit(&value);
            }
        }
        Pattern::Count { min, max, adjustable: Some((name, toward)), .. } => {
            let Some(to) = moved.get(name).and_then(|to| to.parse().ok()) else { return };
            match toward {
                Toward::More => *min = to,
                Toward::Less => *max = to,
            }
        }
        _ => {}
    });
    Cow::Owned(own)
}

fn attest<'a>(attest: &'a Attest, moved: &Moved) -> Cow<'a, Attest> {
    let to = attest.adjustable.as_ref().and_then(|name| moved.get(name)).and_then(|to| to.parse().ok());
    match to {
        Some(within) => Cow::Owned(Attest { within: Some(within), ..attest.clone() }),
        None => Cow::Borrowed(attest),
    }
}

/// A text as a value of the kind that another value is of.
fn of_same_kind(now: &crate::model::Value, text: &str) -> Option<crate::model::Value> {
    use crate::model::Value;
    use crate::model::shape::ScalarKind;
    match now {
        Value::Int(_) => text.parse().ok().map(Value::Int),
        Value::Time(_) => limit(&ScalarKind::Time, None, text),
        Value::Rate(_) => limit(&ScalarKind::Rate, None, text),
        Value::Version(_) => limit(&ScalarKind::Version, None, text),
        _ => None,
    }
}

fn analyses<'a>(analyse: &'a [Analyse], pack: &Pack, moved: &Moved) -> Cow<'a, [Analyse]> {
    if moved.is_empty() || analyse.iter().all(|a| a.adjustable.is_none()) {
        return Cow::Borrowed(analyse);
    }
    let mut own = analyse.to_vec();
    for a in &mut own {
        let Some(name) = &a.adjustable else { continue };
        let toward = pack.adjustables.get(name).map(|(_, toward)| *toward);
        let limit = a.analysis.params.iter().find(|p| p.toward == toward && toward.is_some());
        if let (Some(to), Some(limit)) = (moved.get(name).and_then(|t| t.parse().ok()), limit) {
            a.params.insert(limit.name, ParamValue::Int(to));
        }
    }
    Cow::Owned(own)
}
