//! Causes to findings: both ends, the trail, the fix; equal ones of several rules joined.

mod spread;
mod together;

use foldhash::{HashMap, HashMapExt as _};

use super::bind::Bound;
use super::evaluate::Decided;
use super::fix::{Mending, fill_in, mend};
use super::levels::{self, Target};
use super::pattern::{ANY_VALUE, Cause, Toward, is_stricter};
use super::rule::{Rule, on};
use super::{Context, Judged, SiteFacts, unjudged};
use crate::finding::{Code, Finding, Fix, Note, RuleRef, Verdict};
use crate::model::facts::without_keys;
use crate::model::{Facts, Value};
use crate::source::{LayerKind, Loc};

/// A finding with the limit that it asks for.
pub(super) struct Found {
    pub(super) finding: Finding,
    /// Whether the rule that speaks came with fieldlock.
    shipped: bool,
    limit: Option<(Toward, Value)>,
    /// What is required, where that is said in the words of patterns.
    asks: Option<String>,
    /// Whether any value answers it that a person writes.
    open: bool,
    /// Whether no person wrote what it is about.
    unwritten: bool,
    /// Whether nothing is there, or a list without entries.
    silent: bool,
    /// What its rule says to do where no settings can be offered.
    remedy: Option<String>,
    /// The settings that mend it; where it has no fix, with blanks for what a person has to say.
    settings: Option<Facts>,
}

impl Found {
    /// Whether another finding at the same place and of the same setting says no more than this one: it is of the same
    /// family, asks for the same, for a limit to the same side, or misses the same value.
    fn is_said_by(&self, other: &Found) -> bool {
        let (one, two) = (&self.finding, &other.finding);
        if one.family == two.family && one.status == two.status {
            return !one.family.is_empty();
        }
        if one.path.is_none() || one.family == unjudged::FAMILY || two.family == unjudged::FAMILY {
            return false;
        }
        // whoever writes it answers both
        if self.silent && other.silent || (self.open || other.open) && self.unwritten && other.unwritten {
            return true;
        }
        let (Some(asks), Some(its)) = (&self.asks, &other.asks) else { return false };
        let side = |of: &Found| of.limit.as_ref().map(|(toward, _)| *toward);
        let same_side = self.limit.is_some() && side(self) == side(other);
        asks == its || one.status == two.status && (same_side || one.status == Verdict::Unknown)
    }

    /// Whether what mends another finding at the same place and of the same setting mends this one too.
    fn is_mended_by(&self, other: &Found) -> bool {
        let (one, two) = (&self.finding, &other.finding);
        let alike = one.status == Verdict::Fail && two.status == Verdict::Fail && one.path.is_some();
        alike && one.fix.as_ref().zip(two.fix.as_ref()).is_some_and(|(a, b)| a.kdl == b.kdl)
    }
}

/// Whether nobody says anything of a setting: neither a person, nor what was read, nor the factory.
fn is_nothing(facts: &Facts, path: &str) -> bool {
    !path.is_empty() && !facts.says(path)
}

/// Whether nothing is known of a setting, or a list is known to have nothing.
fn is_silent(facts: &Facts, path: &str) -> bool {
    if let Some(list) = facts.items(path) {
        return list.items.is_empty();
    }
    match facts.value(path).map(|fact| &fact.value) {
        Some(Value::List(list)) => list.is_empty(),
        Some(_) => false,
        None => is_nothing(facts, path),
    }
}

/// The findings of one rule on one device: one for each place.
pub(super) fn findings(
    bound: &Bound<'_>,
    (judged, target): (Judged<'_>, Option<Target>),
    site: &SiteFacts,
    context: &Context<'_>,
    decided: &Decided,
) -> Vec<Found> {
    if !matches!(decided.verdict, Verdict::Fail | Verdict::Unknown) {
        return Vec::new();
    }
    let mut found: Vec<Found> = Vec::new();
    let mut places = HashMap::new();
    let all = decided.causes.iter().filter(|c| !c.reported);
    let failing = spread::failing(all.map(|cause| (cause.origin.loc(), &*cause.path)));
    for cause in decided.causes.iter().filter(|c| !c.reported) {
        let at = *places.entry((cause.origin.loc(), &*cause.path)).or_insert(found.len());
        match found.get_mut(at) {
            Some(same) => also(&mut same.finding, cause, bound.rule),
            None => {
                let apart = spread::is_apart(judged.complete, &failing, cause.origin.loc(), &cause.path);
                let fix = on(&bound.rule.fixes, judged.device.platform);
                let said = || fix.is_some_and(|fix| fix.settings.says(&without_keys(&cause.path)));
                let mending = match decided.unsaid || decided.of_guard && !said() {
                    true => None,
                    false => mend(bound.rule, judged, site, context, cause, apart),
                };
                let (settings, fix) = match mending {
                    Some(Mending::Write(settings, fix)) => (Some(settings), Some(fix)),
                    Some(Mending::Advice(settings)) => (Some(settings), None),
                    None => (None, None),
                };
                let help = settings.as_ref().filter(|_| fix.is_none()).map(fill_in);
                found.push(Found {
                    finding: finding(bound.rule, (judged, target), (fix, help), decided, cause),
                    shipped: bound.pack.shipped,
                    limit: cause.limit.clone(),
                    asks: Some(cause.expected.clone()).filter(|_| cause.sentence.is_none()),
                    open: cause.open,
                    unwritten: cause.beneath.is_some() || is_nothing(judged.complete, &cause.path),
                    silent: is_silent(judged.complete, &cause.path),
                    remedy: bound.rule.help.clone().filter(|_| !decided.unjudged),
                    settings,
                })
            }
        }
    }
    found
}

/// A second demand on the same value: one finding, both demands.
fn also(finding: &mut Finding, cause: &Cause, rule: &Rule) {
    if cause.sentence.is_none() && !finding.label.contains(&cause.expected) {
        let more = format!(" and {}", cause.expected);
        finding.label.push_str(&more);
        if rule.otherwise.is_none() && finding.status != Verdict::Unknown {
            finding.message.push_str(&more);
        }
    }
}

fn finding(
    rule: &Rule,
    (judged, target): (Judged<'_>, Option<Target>),
    (fix, help): (Option<Fix>, Option<String>),
    decided: &Decided,
    cause: &Cause,
) -> Finding {
    let device = judged.device;
    let severity = if decided.unsaid { levels::unsaid(rule, target) } else { rule.severity_at(target) };
    let mut related = cause.related.clone();
    related.extend(levels::note(rule, target).filter(|_| !decided.unsaid));
    if let Some(beneath) = cause.beneath {
        let said = cause.said.as_ref().map_or("it so".to_owned(), |said| format!("`{said}`"));
        let whose = match device.layer(beneath) {
            Some(layer) if layer.kind == LayerKind::Base => format!("the device has {said}, {}", layer.name),
            _ => "the factory setting".to_owned(),
        };
        related.insert(0, Note { loc: beneath.loc(), text: whose });
    }
    let menu = on(&rule.menus, device.platform).cloned();
    Finding {
        code: Code::Rule(rule.id.clone()),
        family: match decided {
            Decided { unjudged: true, .. } => unjudged::FAMILY.to_owned(),
            Decided { unsaid: true, .. } => together::UNSAID.to_owned(),
            _ => rule.family.to_string(),
        },
        severity,
        status: decided.verdict,
        also: Vec::new(),
        device: Some(device.name.to_string()),
        path: Some(cause.path.clone()).filter(|path| !path.is_empty()),
        message: match (&rule.otherwise, &cause.sentence) {
            (_, Some(sentence)) if decided.unjudged => sentence.clone(),
            // what nobody knows is not said to be wrong
            _ if decided.verdict == Verdict::Unknown => cause.doubt(),
            (Some(otherwise), _) => otherwise.clone(),
            (None, _) => cause.words(),
        },
        help: cause.help.clone().or(help).or(decided.unsaid.then(|| together::SAY.to_owned())),
        loc: cause.origin.loc(),
        label: if cause.path.is_empty() { String::new() } else { cause.label() },
        rule_loc: Some(rule.body_loc),
        related,
        trail: device.trail(cause.origin),
        fix: fix.filter(|_| !decided.unjudged),
        rules: vec![RuleRef { id: rule.id.to_string(), loc: rule.body_loc, severity }],
        waiver: None,
        menu: menu.filter(|_| !decided.unjudged),
        supports: rule.supports.iter().map(|s| s.requirement.clone()).collect(),
        reason: decided.reason.clone(),
        later: rule.is_later(),
        known: None,
    }
}

/// Settings that nobody wrote stand at one place: a sentence that is said there of several names each.
fn tell_apart(all: &mut [Finding]) {
    let mut said: HashMap<(Loc, &str), Vec<usize>> = HashMap::new();
    for (at, finding) in all.iter().enumerate() {
        said.entry((finding.loc, &finding.message)).or_default().push(at);
    }
    let again: Vec<usize> = said.into_values().filter(|here| here.len() > 1).flatten().collect();
    for at in again {
        if let Some(path) = &all[at].path {
            all[at].message = format!("{}: `{path}`", all[at].message);
        }
    }
}

/// Joins findings at one place and of one setting that say no more than another one, or are of ports that share it, and
/// sorts: most severe first, then by place.
pub(super) fn joined(found: Vec<Found>, judged: Judged<'_>, context: &Context<'_>) -> Vec<Finding> {
    let mut all: Vec<Found> = Vec::with_capacity(found.len());
    let mut places: HashMap<_, Vec<usize>> = HashMap::new();
    for other in found {
        let f = &other.finding;
        let here = places.entry((f.loc, f.path.clone(), f.waiver.clone())).or_default();
        let find = |by: fn(&Found, &Found) -> bool| here.iter().copied().find(|at| by(&other, &all[*at]));
        match (find(Found::is_said_by), find(Found::is_mended_by)) {
            (Some(at), _) => join(&mut all[at], other),
            (None, Some(at)) => {
                let both = format!("{}; {}", all[at].finding.message, other.finding.message);
                join(&mut all[at], other);
                all[at].finding.message = both;
            }
            (None, None) => {
                here.push(all.len());
                all.push(other);
            }
        }
    }
    let mut all = together::waiting(all);
    for Found { finding, remedy, .. } in all.iter_mut().filter(|f| f.finding.fix.is_none() && f.finding.help.is_none())
    {
        finding.help = remedy.take();
    }
    let all = together::told(all, judged, context);
    let mut all = spread::joined(all, judged.complete);
    tell_apart(&mut all);
    all.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.loc.cmp(&b.loc)).then(a.code.cmp(&b.code)));
    all
}

/// A shipped rule speaks before a site's own, then the most severe; the finding is as severe as the most severe of
/// both, the fix is that of the strictest limit.
fn join(kept: &mut Found, mut other: Found) {
    let severity = kept.finding.severity.max(other.finding.severity);
    // what is wrong speaks before what is not known, and both before what nobody says
    let rank = |f: &Found| {
        let finding = &f.finding;
        (f.shipped, finding.family != together::UNSAID, finding.severity, finding.status == Verdict::Fail)
    };
    if rank(&other) > rank(kept) {
        std::mem::swap(kept, &mut other);
    }
    kept.finding.severity = severity;
    kept.finding.later &= other.finding.later;
    let stricter = match (&kept.limit, &other.limit) {
        (Some((toward, own)), Some((same, its))) if toward == same => is_stricter(*toward, its, own),
        _ => false,
    };
    let strangers = kept.finding.family != other.finding.family;
    let (main, rest) = (&mut kept.finding, other.finding);
    if strangers && main.status == Verdict::Unknown {
        let setting = main.path.as_deref().unwrap_or_default();
        main.message =
            format!("`{setting}` is not known, and {} rules ask for it", main.rules.len() + rest.rules.len());
    }
    if main.label != rest.label && !main.label.contains(&rest.label) {
        main.label = format!("{}; {}: {}", main.label, rest.code, rest.label);
    }
    main.rules.extend(rest.rules);
    for requirement in rest.supports {
        if !main.supports.contains(&requirement) {
            main.supports.push(requirement);
        }
    }
    for note in rest.related {
        if !main.related.contains(&note) {
            main.related.push(note);
        }
    }
    let nothing = main.fix.is_none() && main.help.is_none();
    // who asks for any value mends it by what is good for his own question alone
    let vague = kept.silent && kept.asks.as_deref() == Some(ANY_VALUE) && other.asks.as_deref() != Some(ANY_VALUE);
    let better = rest.fix.is_some() || rest.help.is_some();
    // of two that any value answers, or a certain one, the certain one is the edit
    let edits = |fix: &Option<Fix>| fix.as_ref().is_some_and(|fix| !fix.edits.is_empty());
    let surer = kept.open && !edits(&main.fix) && edits(&rest.fix);
    if stricter || nothing && kept.asks == other.asks || vague && better || surer {
        (main.fix, main.help) = (rest.fix, rest.help);
        kept.settings = other.settings;
        kept.limit = other.limit.or(kept.limit.take());
    }
    // what any value answers is not what is asked next
    if vague || kept.open && !other.open {
        kept.asks = other.asks;
    }
    kept.open &= other.open;
}
