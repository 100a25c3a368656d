//! Causes to findings: both ends, the trail, the fix; equal ones of several rules joined.

use std::borrow::Cow;

use super::Judged;
use super::bind::Bound;
use super::evaluate::Decided;
use super::pattern::Cause;
use super::rule::Rule;
use crate::finding::{Finding, Fix, Note, RuleRef, Verdict};
use crate::source::LayerKind;

/// The findings of one rule on one device: one for each place.
pub(super) fn findings(bound: &Bound<'_>, judged: Judged<'_>, decided: &Decided) -> Vec<Finding> {
    if !matches!(decided.verdict, Verdict::Fail | Verdict::Unknown) {
        return Vec::new();
    }
    let mut found: Vec<Finding> = Vec::new();
    for cause in decided.causes.iter().filter(|c| !c.reported) {
        let loc = cause.origin.loc();
        match found.iter_mut().find(|f| f.loc == loc && f.path.as_deref() == Some(&*cause.path)) {
            Some(same) => also(same, cause, bound.rule),
            None => found.push(finding(bound.rule, judged, decided, cause)),
        }
    }
    found
}

/// A second demand on the same value: one finding, both demands.
fn also(finding: &mut Finding, cause: &Cause, rule: &Rule) {
    if cause.sentence.is_none() && !finding.label.contains(&cause.expected) {
        let more = format!(" and {}", cause.expected);
        finding.label.push_str(&more);
        if rule.otherwise.is_none() {
            finding.message.push_str(&more);
        }
    }
}

fn finding(rule: &Rule, judged: Judged<'_>, decided: &Decided, cause: &Cause) -> Finding {
    let device = judged.device;
    let mut related = cause.related.clone();
    if let Some(beneath) = cause.beneath {
        let whose = match device.layer(beneath).map(|l| l.kind) {
            Some(LayerKind::Base) => "the device has it so",
            _ => "the factory setting",
        };
        related.insert(0, Note { loc: beneath.loc(), text: whose.to_owned() });
    }
    let own_menu = rule.menus.iter().find(|(p, _)| *p == Some(device.platform));
    let menu = own_menu.or_else(|| rule.menus.iter().find(|(p, _)| p.is_none())).map(|(_, m)| m.clone());
    Finding {
        code: Cow::Owned(rule.id.to_string()),
        family: rule.family.to_string(),
        severity: rule.severity,
        status: decided.verdict,
        device: Some(device.name.to_string()),
        path: Some(cause.path.clone()),
        message: rule.otherwise.clone().unwrap_or_else(|| cause.words()),
        help: None,
        loc: cause.origin.loc(),
        label: cause.label(),
        rule_loc: Some(rule.body_loc),
        related,
        trail: device.trail(cause.origin),
        fix: rule.fix.as_ref().map(|kdl| Fix { kdl: kdl.clone(), replaces: None, safe: is_safe(kdl) }),
        rules: vec![RuleRef { id: rule.id.to_string(), loc: rule.body_loc, severity: rule.severity }],
        waiver: None,
        menu,
        supports: rule.supports.iter().map(|s| s.requirement.clone()).collect(),
        reason: decided.reason.clone(),
    }
}

/// Whether a fix takes nothing away: it switches nothing off and touches neither accounts nor the allowlist.
fn is_safe(kdl: &str) -> bool {
    const RISKY: [&str; 6] = ["off", "none", "removed", "allowlist", "account", "network"];
    let mut words = kdl.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    !words.any(|w| RISKY.contains(&w))
}

/// Joins findings of several rules of one family at one place, and sorts: most severe first, then by place.
pub(super) fn joined(found: Vec<Finding>) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::with_capacity(found.len());
    for finding in found {
        let twin = all.iter_mut().find(|f| {
            !f.family.is_empty()
                && f.family == finding.family
                && f.loc == finding.loc
                && f.path == finding.path
                && f.status == finding.status
        });
        match twin {
            Some(twin) => join(twin, finding),
            None => all.push(finding),
        }
    }
    all.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.loc.cmp(&b.loc)).then(a.code.cmp(&b.code)));
    all
}

fn join(kept: &mut Finding, other: Finding) {
    let (mut main, rest) = match other.severity > kept.severity {
        true => (other, kept.clone()),
        false => (kept.clone(), other),
    };
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
    main.fix = main.fix.or(rest.fix);
    if main.label != rest.label && !main.label.contains(&rest.label) {
        main.label = format!("{}; {}: {}", main.label, rest.code, rest.label);
    }
    *kept = main;
}
