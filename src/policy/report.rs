//! Causes to findings: both ends, the trail, the fix; equal ones of several rules joined.

mod spread;

use std::collections::HashMap;

use super::bind::Bound;
use super::evaluate::Decided;
use super::fix::{Mending, mend};
use super::levels::{self, Target};
use super::pattern::{Cause, Toward, is_stricter};
use super::rule::Rule;
use super::{Context, Judged, SiteFacts, unjudged};
use crate::finding::{Code, Finding, Note, RuleRef, Verdict};
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
    /// Whether nothing is there at all.
    silent: bool,
}

impl Found {
    /// Whether another finding at the same place and of the same setting says no more than this one: it is of the same
    /// family, asks for the same, for a limit to the same side, or misses the same value.
    fn is_said_by(&self, other: &Found) -> bool {
        let (one, two) = (&self.finding, &other.finding);
        if one.family == two.family {
            return !one.family.is_empty();
        }
        let unjudged = one.family == unjudged::FAMILY || two.family == unjudged::FAMILY;
        let (Some(asks), Some(its)) = (&self.asks, &other.asks) else { return false };
        let side = |of: &Found| of.limit.as_ref().map(|(toward, _)| *toward);
        let same = asks == its || self.limit.is_some() && side(self) == side(other);
        one.path.is_some() && !unjudged && (same || one.status == Verdict::Unknown || self.silent && other.silent)
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
                let fix = mend(bound.rule, judged, site, context, cause, apart);
                let finding = finding(bound.rule, (judged, target), fix, decided, cause);
                let asks = Some(cause.expected.clone()).filter(|_| cause.sentence.is_none());
                let silent = cause.said.is_none();
                found.push(Found { finding, shipped: bound.pack.shipped, limit: cause.limit.clone(), asks, silent })
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
    mending: Option<Mending>,
    decided: &Decided,
    cause: &Cause,
) -> Finding {
    let device = judged.device;
    let severity = rule.severity_at(target);
    let mut related = cause.related.clone();
    related.extend(levels::note(rule, target));
    if let Some(beneath) = cause.beneath {
        let said = cause.said.as_ref().map_or("it so".to_owned(), |said| format!("`{said}`"));
        let whose = match device.layer(beneath) {
            Some(layer) if layer.kind == LayerKind::Base => format!("the device has {said}, {}", layer.name),
            _ => "the factory setting".to_owned(),
        };
        related.insert(0, Note { loc: beneath.loc(), text: whose });
    }
    let own_menu = rule.menus.iter().find(|(p, _)| *p == Some(device.platform));
    let menu = own_menu.or_else(|| rule.menus.iter().find(|(p, _)| p.is_none())).map(|(_, m)| m.clone());
    let (fix, help) = match mending {
        Some(Mending::Write(fix)) => (Some(fix), None),
        Some(Mending::Advice(help)) => (None, Some(help)),
        None => (None, None),
    };
    Finding {
        code: Code::Rule(rule.id.clone()),
        family: if decided.unjudged { unjudged::FAMILY.to_owned() } else { rule.family.to_string() },
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
        help: cause.help.clone().or(help),
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
pub(super) fn joined(found: Vec<Found>, facts: &Facts) -> Vec<Finding> {
    let mut all: Vec<Found> = Vec::with_capacity(found.len());
    let mut places: HashMap<_, Vec<usize>> = HashMap::new();
    for other in found {
        let f = &other.finding;
        let here = places.entry((f.loc, f.path.clone(), f.status)).or_default();
        match here.iter().find(|at| other.is_said_by(&all[**at])) {
            Some(at) => join(&mut all[*at], other),
            None => {
                here.push(all.len());
                all.push(other);
            }
        }
    }
    let mut all = spread::joined(all.into_iter().map(|f| f.finding).collect(), facts);
    tell_apart(&mut all);
    all.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.loc.cmp(&b.loc)).then(a.code.cmp(&b.code)));
    all
}

/// A shipped rule speaks before a site's own, then the most severe; the finding is as severe as the most severe of
/// both, the fix is that of the strictest limit.
fn join(kept: &mut Found, mut other: Found) {
    let severity = kept.finding.severity.max(other.finding.severity);
    if (other.shipped, other.finding.severity) > (kept.shipped, kept.finding.severity) {
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
    if stricter {
        (main.fix, main.help) = (rest.fix, rest.help);
        kept.limit = other.limit;
    } else if main.fix.is_none() && main.help.is_none() && kept.asks == other.asks {
        (main.fix, main.help) = (rest.fix, rest.help);
    }
}
