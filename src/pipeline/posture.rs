//! A site before and after a change: which rules change their verdict on which device. Where the change touches the
//! rules too, what is described is judged by those of before as well.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ReadySite;
use super::gather::said;
use super::ready::Outcomes;
use crate::finding::{Finding, Verdict};
use crate::image::Digest;
use crate::model::facts::leaves;
use crate::policy::{Moment, RuleOutcome};
use crate::report::Report;
use crate::report::documents::{Flip, OtherSettings, Posture, PostureDevice, Presence};
use crate::secret::Secrets;
use crate::site::SiteDevice;

/// What comes before the change.
pub enum Earlier<'a> {
    /// Another state of the site, and what people call it.
    Site(&'a ReadySite, String),
    /// What was read from the devices.
    Read,
}

/// What is judged, and when.
pub struct Task<'a> {
    /// Before.
    pub before: Earlier<'a>,
    /// After, and what people call it.
    pub after: (&'a ReadySite, String),
    /// Values of secrets, the same on both sides.
    pub secrets: &'a Secrets,
    /// Now, on both sides.
    pub now: jiff::Timestamp,
    /// The devices to speak of.
    pub devices: &'a dyn Fn(&SiteDevice) -> bool,
}

/// Compares the verdicts. What waits for a later moment on either side is no change.
pub fn posture(task: &Task<'_>) -> Posture {
    let Task { before, after: (after, called), secrets, now, devices } = task;
    let judged = |ready: &ReadySite| -> Outcomes {
        let evaluations = ready.judge(secrets, *now).evaluations;
        evaluations.into_iter().map(|e| (Arc::clone(&e.judged.device.name), e.outcomes)).collect()
    };
    let (old, rules_changed, name) = match before {
        Earlier::Site(before, name) => (judged(before), rules_changed(before, after), name.clone()),
        Earlier::Read => (after.judge_beneath(secrets, *now), Vec::new(), "what was read from the devices".to_owned()),
    };
    let new = judged(after);
    let by_old = match before {
        Earlier::Site(before, _) if !rules_changed.is_empty() => after.judge_by(before, secrets, *now),
        _ => Outcomes::new(),
    };
    let sites: Vec<&ReadySite> = match before {
        Earlier::Site(before, _) => vec![after, before],
        Earlier::Read => vec![after],
    };
    let names: BTreeSet<&Arc<str>> = old.keys().chain(new.keys()).collect();
    let asked = |name: &&Arc<str>| sites.iter().find_map(|site| site.site.device(name)).is_some_and(devices);
    let (mut told, mut unchanged, mut settings) = (Vec::new(), Vec::new(), Vec::new());
    for name in names.into_iter().filter(asked) {
        if let Earlier::Site(before, _) = before {
            settings.extend(other_settings(before, after, name));
        }
        let presence = match (old.contains_key(name), new.contains_key(name)) {
            (false, _) => Presence::New,
            (_, false) => Presence::Gone,
            _ => Presence::Both,
        };
        let flips = match presence {
            Presence::Gone => Vec::new(),
            _ => flips(&sites, old.get(name), &new[name], by_old.get(name)),
        };
        match (presence, flips.is_empty()) {
            (Presence::Both, true) => unchanged.push(name.to_string()),
            _ => told.push(PostureDevice { device: name.to_string(), presence, flips }),
        }
    }
    let count = |weaker| told.iter().flat_map(|d: &PostureDevice| &d.flips).filter(|f| f.weaker == weaker).count();
    let (weaker, stronger) = (count(true), count(false));
    told.sort_by_key(|device| !device.flips.iter().any(|flip| flip.weaker));
    Posture {
        format_version: 1,
        site: after.site.name.to_string(),
        before: name,
        after: called.clone(),
        judged_at: said(*now),
        rules_changed,
        weaker,
        stronger,
        devices: told,
        unchanged,
        settings,
    }
}

/// What of a device that both sides have is described otherwise.
fn other_settings(before: &ReadySite, after: &ReadySite, name: &str) -> Option<OtherSettings> {
    let said = |site: &ReadySite| -> Option<BTreeMap<String, String>> {
        let own = &site.site.device(name)?.own;
        Some(leaves(own).map(|leaf| (leaf.path, leaf.fact.value.to_kdl_at(leaf.field))).collect())
    };
    let (old, new) = (said(before)?, said(after)?);
    let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let paths: Vec<String> = all.into_iter().filter(|path| old.get(*path) != new.get(*path)).cloned().collect();
    (!paths.is_empty()).then(|| OtherSettings { device: name.to_owned(), paths })
}

/// How strong a verdict is; none of what waits. What is not there is as strong as what holds.
fn strength(verdict: Option<Verdict>) -> Option<u8> {
    verdict.map_or(Verdict::Pass.strength(), Verdict::strength)
}

type ByRule<'a> = BTreeMap<(&'a str, Moment), &'a RuleOutcome>;

fn by_rule(outcomes: Option<&Vec<RuleOutcome>>) -> ByRule<'_> {
    outcomes.into_iter().flatten().map(|outcome| ((&*outcome.rule, outcome.moment), outcome)).collect()
}

fn flips(
    sites: &[&ReadySite],
    old: Option<&Vec<RuleOutcome>>,
    new: &Vec<RuleOutcome>,
    by_old: Option<&Vec<RuleOutcome>>,
) -> Vec<Flip> {
    let (old, new, by_old) = (by_rule(old), by_rule(Some(new)), by_rule(by_old));
    let rules: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let mut found = Vec::new();
    for key in rules {
        let verdict = |side: &ByRule<'_>| side.get(key).map(|outcome| outcome.verdict);
        let before = verdict(&old);
        let now = (verdict(&new), false);
        // what only the rules of before see is told where those of now do not say the same
        let then = by_old.get(key).map(|outcome| (Some(outcome.verdict), true));
        let weaker = |after| matches!((strength(before), strength(after)), (Some(b), Some(a)) if a < b);
        let other = |after| matches!((strength(before), strength(after)), (Some(b), Some(a)) if a != b);
        let hidden = then.filter(|(after, _)| weaker(*after) && !weaker(now.0));
        for (after, by_rules_of_before) in [Some(now).filter(|(after, _)| other(*after)), hidden].into_iter().flatten()
        {
            let Some(outcome) = new.get(key).or(by_old.get(key)).or(old.get(key)) else { continue };
            let title = sites.iter().find_map(|site| site.packs.rule(key.0)).map(|rule| rule.title.clone());
            found.push(Flip {
                rule: key.0.to_owned(),
                title: title.unwrap_or_default(),
                severity: outcome.severity,
                before,
                after,
                weaker: weaker(after),
                by_rules_of_before,
                waivers: new.get(key).map(|outcome| outcome.waivers.clone()).unwrap_or_default(),
            });
        }
    }
    found.sort_by(|a, b| (b.weaker, b.severity, &a.rule).cmp(&(a.weaker, a.severity, &b.rule)));
    found
}

/// How the rules are others than before: packs by their texts, and what the site sets of them.
fn rules_changed(before: &ReadySite, after: &ReadySite) -> Vec<String> {
    let packs = |ready: &ReadySite| -> BTreeMap<String, Digest> {
        ready.index_packs().iter().map(|pack| (pack.name.clone(), pack.sha256)).collect()
    };
    let (old, new) = (packs(before), packs(after));
    let mut told = packs_changed(&old, &new);
    let named = |ready: &ReadySite| {
        ready.packs.packs.iter().filter(|p| p.named).map(|p| p.name.clone()).collect::<BTreeSet<_>>()
    };
    for name in named(before)
        .symmetric_difference(&named(after))
        .filter(|name| old.contains_key(&***name) == new.contains_key(&***name))
    {
        told.push(format!("`packs` of the site names `{name}` on one side only"));
    }
    if format!("{:?}", before.site.typed.set) != format!("{:?}", after.site.typed.set) {
        told.push("what the site sets of its packs (`set`) is another".to_owned());
    }
    if super::gather::block_on(before) != super::gather::block_on(after) {
        told.push("`block-on` of the site is another".to_owned());
    }
    told
}

/// How packs are others, by name and the digest of their texts.
pub(super) fn packs_changed(old: &BTreeMap<String, Digest>, new: &BTreeMap<String, Digest>) -> Vec<String> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let told = |name: &String| match (old.get(name), new.get(name)) {
        (Some(_), None) => Some(format!("pack `{name}` is no longer in force")),
        (None, Some(_)) => Some(format!("pack `{name}` is new")),
        (then, now) if then != now => Some(format!("pack `{name}` has another text")),
        _ => None,
    };
    names.into_iter().filter_map(told).collect()
}

/// Marks what a report of before says as well, and no milder: it stood there already. `label` says where.
pub fn mark_known(report: &mut Report, before: &Report, label: &str) {
    let of = |finding: &Finding| {
        let key = |device: &str| (finding.code.to_string(), device.to_owned(), finding.path.clone());
        let devices: Vec<&str> = finding.devices().collect();
        if devices.is_empty() { vec![key("")] } else { devices.into_iter().map(key).collect() }
    };
    let mut known: BTreeMap<_, u8> = BTreeMap::new();
    for finding in &before.findings {
        for key in of(finding) {
            let strength = strength(Some(finding.status)).unwrap_or(3);
            let least = known.entry(key).or_insert(strength);
            *least = strength.min(*least);
        }
    }
    for finding in report.findings.iter_mut().filter(|f| f.is_open() || f.status == Verdict::Waived) {
        let strength = strength(Some(finding.status)).unwrap_or(0);
        if of(finding).iter().all(|key| known.get(key).is_some_and(|then| *then <= strength)) {
            finding.known = Some(label.to_owned());
        }
    }
}
