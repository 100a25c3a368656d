//! What the rules say of the requirements of IEC 62443-4-2, by zone and device.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::ReadySite;
use super::evidence::Seen;
use super::gather;
use crate::finding::Verdict;
use crate::model::value::Moment;
use crate::native::Form;
use crate::policy::evidence::Evidence;
use crate::policy::requirements::{Requirement, requirement, requirements};
use crate::policy::{Evaluation, Judgement, Rule, RuleOutcome};
use crate::report::Commit;
use crate::report::documents::{
    Coverage, Covered, CoveredDevice, CoveredRequirement, CoveredZone, CoveringRule, FORMAT_VERSION,
};
use crate::site::SiteDevice;

/// Judges a site, and lays what its rules say of the devices asked for beside the requirements that they support.
pub fn coverage(
    ready: &ReadySite,
    judgement: &Judgement<'_>,
    now: jiff::Timestamp,
    commit: Option<Commit>,
    asked: impl Fn(&SiteDevice) -> bool,
) -> Coverage {
    let rules: HashMap<&str, &Rule> = ready.packs.rules().map(|rule| (&*rule.id, &**rule)).collect();
    let chosen: Vec<&Evaluation<'_>> = judgement.evaluations.iter().filter(|e| asked(e.judged.device)).collect();
    let by_device: Vec<Vec<CoveredDevice>> =
        chosen.par_iter().map(|evaluation| device(ready, &rules, evaluation)).collect();
    let mut columns: Vec<_> = by_device.into_iter().map(Vec::into_iter).collect();
    let row = |requirement: &Requirement| CoveredRequirement {
        id: requirement.id.to_owned(),
        title: requirement.title.to_owned(),
        level: requirement.level,
        enhancements: requirement.enhancements.to_owned(),
        answered: requirement.answered,
        devices: columns.iter_mut().filter_map(Iterator::next).collect(),
    };
    Coverage {
        format_version: FORMAT_VERSION,
        site: ready.site.name.to_string(),
        judged_at: gather::said(now),
        commit,
        requirements: requirements().iter().map(row).collect(),
        zones: zones(ready, &chosen),
    }
}

fn zones(ready: &ReadySite, chosen: &[&Evaluation<'_>]) -> Vec<CoveredZone> {
    // those without one sort behind all names
    let mut devices: BTreeMap<(bool, Option<&str>), Vec<String>> = BTreeMap::new();
    for device in chosen.iter().map(|evaluation| evaluation.judged.device) {
        let zone = device.zone.as_deref();
        devices.entry((zone.is_none(), zone)).or_default().push(device.name.to_string());
    }
    let level = |name: &str| {
        let declared = ready.site.typed.zone.iter().find(|z| z.name.as_ref().is_some_and(|n| n.as_str() == name));
        declared.and_then(|zone| zone.sl_t)
    };
    let zone = |((_, zone), devices): ((bool, Option<&str>), Vec<String>)| CoveredZone {
        zone: zone.map(str::to_owned),
        level: zone.and_then(level),
        devices,
    };
    devices.into_iter().map(zone).collect()
}

/// What a rule said of a device, the rule, and what of a requirement it supports.
type Supporting<'a> = (&'a RuleOutcome, &'a Rule, Vec<String>);

/// What one device has to show, a row for each requirement.
fn device(ready: &ReadySite, rules: &HashMap<&str, &Rule>, evaluation: &Evaluation<'_>) -> Vec<CoveredDevice> {
    let seen = Seen::of(ready, evaluation);
    let mut by_row: HashMap<&str, Vec<Supporting<'_>>> = HashMap::new();
    for outcome in evaluation.outcomes.iter().filter(|outcome| outcome.verdict != Verdict::NotApplicable) {
        let Some(rule) = rules.get(&*outcome.rule) else { continue };
        for supports in &rule.supports {
            let Some(row) = requirement(&supports.requirement) else { continue };
            let rules = by_row.entry(row.id).or_default();
            match rules.last_mut().filter(|(last, ..)| std::ptr::eq(*last, outcome)) {
                Some((.., several)) => several.push(supports.requirement.clone()),
                None => rules.push((outcome, rule, vec![supports.requirement.clone()])),
            }
        }
    }
    let row = |requirement: &Requirement| {
        let outcomes = by_row.remove(requirement.id).unwrap_or_default();
        let judged = outcomes.iter().map(|(outcome, rule, _)| (*outcome, rule.attest.is_some()));
        CoveredDevice {
            device: evaluation.judged.device.name.to_string(),
            state: Covered::of(judged, requirement.answered),
            rules: outcomes.into_iter().map(|of| covering(evaluation, &seen, of)).collect(),
        }
    };
    requirements().iter().map(row).collect()
}

fn covering(evaluation: &Evaluation<'_>, seen: &Seen<'_>, (outcome, rule, supports): Supporting<'_>) -> CoveringRule {
    let evidence = seen.evidence(outcome);
    let read = evaluation.judged.device.read.as_ref();
    let mut captures = read.into_iter().flat_map(|read| &read.texts).filter_map(|text| text.capture.as_ref());
    let by_a_person = evidence == Evidence::Person;
    let capture = captures.clone().find(|c| (c.form == Form::Sheet) == by_a_person).or_else(|| captures.next());
    let attestation = evaluation
        .attestations
        .iter()
        .find(|a| rule.attest.is_some() && a.rule.iter().flatten().any(|id| **id == *outcome.rule));
    let (asked_for, on_the_device) = seen.values(&outcome.rule);
    let receipt = seen.confirmed(&outcome.rule).map(|one| {
        let at = one.receipt.times().1.parse().ok().map(Moment::At);
        (at, Some(one.receipt.begun().by.clone()))
    });
    let (at, by) = match (evidence, attestation) {
        (Evidence::Person, None) if receipt.is_some() => receipt.unwrap_or_default(),
        // somebody looked, and saw something else
        (Evidence::Declared, _) if !on_the_device.is_empty() => (capture.and_then(|c| c.typed.taken), None),
        (Evidence::Person | Evidence::ReadBack, Some(attested)) => {
            (attested.at, attested.by.as_ref().map(ToString::to_string))
        }
        (Evidence::Person | Evidence::ReadBack, None) => {
            let capture = capture.map(|capture| &capture.typed);
            (capture.and_then(|c| c.taken), capture.and_then(|c| c.by.as_ref()).map(ToString::to_string))
        }
        (Evidence::None | Evidence::Declared | Evidence::Built, _) => (None, None),
    };
    CoveringRule {
        rule: outcome.rule.to_string(),
        supports,
        moment: outcome.moment,
        verdict: outcome.verdict,
        reason: outcome.why().map(str::to_owned),
        evidence,
        seen: at.map(|at| at.to_string()),
        by: by.filter(|_| evidence == Evidence::Person),
        asked_for,
        on_the_device,
        waivers: outcome.waivers.clone(),
    }
}
