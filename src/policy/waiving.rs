//! Waivers: what a person answers for, until when. A waiver never hides; a finding that it covers stays, as waived.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::bind::Bound;
use super::evaluate::Evaluation;
use super::report::Found;
use super::rule::Rule;
use super::{Judged, SiteFacts};
use crate::finding::{Finding, Severity, Verdict};
use crate::model::Facts;
use crate::model::waiver::Waiver;
use crate::source::Loc;

/// The longest time that a waiver may hold, in days.
const MAX_DAYS: i64 = 365;

/// The waivers of a site that hold now.
pub(super) struct Waivers<'a> {
    active: Vec<Active<'a>>,
}

struct Active<'a> {
    waiver: &'a Waiver,
    facts: &'a Facts,
    id: &'a str,
    until: Timestamp,
}

/// What waivers say of one rule's findings.
#[derive(Default)]
pub(super) struct Covered {
    /// Whether every finding is covered.
    pub(super) all: bool,
    /// By which waivers.
    pub(super) ids: Vec<String>,
    /// When the first of them ends.
    pub(super) until: Option<Timestamp>,
}

impl<'a> Waivers<'a> {
    /// The waivers that hold at `now`; the others are findings.
    pub(super) fn read(
        site: &'a SiteFacts,
        rules: &[Bound<'_>],
        devices: &[Judged<'_>],
        now: Timestamp,
        findings: &mut Vec<Finding>,
    ) -> Waivers<'a> {
        let mut active = Vec::new();
        for (waiver, facts) in &site.waivers {
            let before = findings.len();
            let scope = aims(waiver, facts, rules, devices, findings);
            people(site, waiver, facts, findings);
            let until = period(waiver, facts, now, findings);
            let device = of(waiver, devices);
            findings[before..].iter_mut().for_each(|f| f.device = device.clone());
            if let (true, Some(until), Some(id), true) = (scope, until, waiver.id.as_deref(), findings.len() == before)
            {
                active.push(Active { waiver, facts, id, until });
            }
        }
        Waivers { active }
    }

    /// Marks the findings of one rule on one device that a waiver covers.
    pub(super) fn cover(&self, rule: &Rule, judged: Judged<'_>, findings: &mut [Found]) -> Covered {
        let mut covered = Covered::default();
        let mut open = false;
        if rule.always {
            return covered;
        }
        for Found { finding, .. } in findings.iter_mut() {
            match self.active.iter().find(|a| a.covers(rule, judged, finding)) {
                Some(active) => {
                    finding.status = Verdict::Waived;
                    finding.waiver = Some(active.id.to_owned());
                    if !covered.ids.iter().any(|i| i == active.id) {
                        covered.ids.push(active.id.to_owned());
                    }
                    covered.until = [covered.until, Some(active.until)].into_iter().flatten().min();
                }
                None => open = true,
            }
        }
        covered.all = !open && !findings.is_empty();
        covered
    }

    /// Waivers that hold and that nothing needs.
    pub(super) fn idle(&self, evaluations: &[Evaluation<'_>], findings: &mut Vec<Finding>) {
        let used: BTreeSet<&str> =
            evaluations.iter().flat_map(|e| &e.findings).filter_map(|f| f.waiver.as_deref()).collect();
        for active in self.active.iter().filter(|a| !used.contains(a.id)) {
            let message = format!("waiver `{}` covers nothing", active.id);
            let help = "remove it; if a rule still fails there, its setting or value is another one than the waiver's";
            findings.push(
                Finding::error("waiver.idle", active.facts.root.origin.loc(), message)
                    .help(help)
                    .severity(Severity::Low),
            );
            let devices: Vec<Judged<'_>> = evaluations.iter().map(|e| e.judged).collect();
            if let Some(last) = findings.last_mut() {
                last.device = of(active.waiver, &devices);
            }
        }
    }
}

/// The device that a waiver speaks of, where there is one of that name: who asks for another is not told.
fn of(waiver: &Waiver, devices: &[Judged<'_>]) -> Option<String> {
    let name = waiver.device.as_ref()?.name.as_ref()?.as_str();
    devices.iter().any(|j| *j.device.name == *name).then(|| name.to_owned())
}

impl Active<'_> {
    fn covers(&self, rule: &Rule, judged: Judged<'_>, finding: &Finding) -> bool {
        let waiver = self.waiver;
        let named = |list: &Option<Vec<String>>, id: &str| list.iter().flatten().any(|w| w == id);
        if !named(&waiver.rule, &rule.id) && !named(&waiver.family, &rule.family) {
            return false;
        }
        let device =
            waiver.device.as_ref().filter(|d| d.name.as_ref().is_some_and(|n| n.as_str() == &*judged.device.name));
        let of_zone = |name: &str| judged.device.zone.as_deref() == Some(name);
        let zone = waiver.zone.as_ref().filter(|z| z.name.as_ref().is_some_and(|n| of_zone(n.as_str())));
        let (setting, value) = match (device, zone) {
            (Some(d), _) => (&d.setting, &d.value),
            (None, Some(z)) => (&z.setting, &z.value),
            (None, None) => return false,
        };
        let path = finding.path.as_deref().unwrap_or("");
        let setting_fits = setting.as_deref().is_none_or(|s| is_at_or_beneath(path, s));
        let value_fits = value.as_deref().is_none_or(|v| {
            let at = setting.as_deref().unwrap_or(path);
            judged.complete.value(at).is_some_and(|f| f.value.plain() == v || f.value.to_kdl() == v)
        });
        setting_fits && value_fits
    }
}

fn is_at_or_beneath(path: &str, setting: &str) -> bool {
    path.strip_prefix(setting).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn at(facts: &Facts, path: &str) -> Loc {
    let here = facts.value(path).map(|f| f.origin.loc());
    here.or_else(|| facts.group(path).map(|g| g.origin.loc())).unwrap_or(facts.root.origin.loc())
}

/// Whether it names rules and devices that are there.
fn aims(
    waiver: &Waiver,
    facts: &Facts,
    rules: &[Bound<'_>],
    devices: &[Judged<'_>],
    findings: &mut Vec<Finding>,
) -> bool {
    let mut report = |path: &str, message: String, help: &str| {
        findings
            .push(Finding::error("waiver.unmatched", at(facts, path), message).help(help).severity(Severity::Medium));
    };
    for id in waiver.rule.iter().flatten().filter(|id| !rules.iter().any(|b| *b.rule.id == ***id)) {
        report(
            "rule",
            format!("no rule in force is called `{id}`"),
            "name a rule of the site's packs, or remove the waiver",
        );
    }
    for family in waiver.family.iter().flatten().filter(|f| !rules.iter().any(|b| *b.rule.family == ***f)) {
        report("family", format!("no rule in force is of the family `{family}`"), "name a family of the site's packs");
    }
    for (path, named) in [("rule", &waiver.rule), ("family", &waiver.family)] {
        let always =
            |name: &&String| rules.iter().any(|b| b.rule.always && [&*b.rule.id, &*b.rule.family].contains(&&***name));
        for name in named.iter().flatten().filter(always) {
            let help = "take it out of the waiver: every verdict rests on this rule, so nobody can answer for it";
            report(path, format!("no waiver covers `{name}`"), help);
        }
    }
    if let Some(name) = waiver.device.as_ref().and_then(|d| d.name.as_ref())
        && !devices.iter().any(|d| &*d.device.name == name.as_str())
    {
        report("device", format!("no device is called `{name}`"), "name a device of the site, or remove the waiver");
    }
    if let Some(name) = waiver.zone.as_ref().and_then(|z| z.name.as_ref())
        && !devices.iter().any(|d| d.device.zone.as_deref() == Some(name.as_str()))
    {
        report(
            "zone",
            format!("no device stands in the zone `{name}`"),
            "name a zone of the site, or remove the waiver",
        );
    }
    let says_what = waiver.rule.is_some() || waiver.family.is_some();
    let says_where = waiver.device.is_some() || waiver.zone.is_some();
    if !says_what {
        report(
            "rule",
            "the waiver names no rule".to_owned(),
            "add `rule \"NP6-SES-001\"` or `family \"login.lockout\"`",
        );
    }
    if !says_where {
        report("device", "the waiver names no device".to_owned(), "add `device \"np33\"` or `zone \"control\"`");
    }
    says_what && says_where
}

/// Owner and approver are two people of the site.
fn people(site: &SiteFacts, waiver: &Waiver, facts: &Facts, findings: &mut Vec<Finding>) {
    let mut report = |code, path: &str, message: String, help: &str| {
        findings.push(Finding::error(code, at(facts, path), message).help(help));
    };
    let known = |name: &crate::model::value::Name| site.site.person.iter().any(|p| p.id.as_ref() == Some(name));
    for (path, person) in [("owner", &waiver.owner), ("approver", &waiver.approver)] {
        if let Some(name) = person.as_ref().filter(|n| !known(n)) {
            let help = "the waiver does not hold until the id stands in `site.kdl`: `person \"...\"`";
            report("waiver.unknown-person", path, format!("no person of the site is called `{name}`"), help);
        }
    }
    if waiver.owner.is_some() && waiver.owner == waiver.approver {
        let help = "the waiver does not hold until another person approves it";
        report("waiver.same-person", "approver", "owner and approver are one person".to_owned(), help);
    }
    for (path, missing) in [("owner", waiver.owner.is_none()), ("approver", waiver.approver.is_none())] {
        if missing && facts.value(path).is_none() {
            report(
                "waiver.incomplete",
                path,
                format!("the waiver has no {path}"),
                "it does not hold until one is named",
            );
        }
    }
}

/// When it ends, where it holds now.
fn period(waiver: &Waiver, facts: &Facts, now: Timestamp, findings: &mut Vec<Finding>) -> Option<Timestamp> {
    let id = waiver.id.as_deref().unwrap_or("");
    let (from, until) = (waiver.from?, waiver.until?);
    let longest = SignedDuration::from_hours(24 * MAX_DAYS);
    if until.begins().duration_since(from.begins()) > longest {
        let message = format!("waiver `{id}` is to hold for more than {MAX_DAYS} days");
        let help = "it does not hold at all until it ends earlier; renew it when it does";
        findings.push(Finding::error("waiver.too-long", at(facts, "until"), message).help(help));
        return None;
    }
    if until.ends() <= from.begins() {
        let help = "the first day comes first";
        findings.push(
            Finding::error("waiver.backwards", at(facts, "until"), format!("waiver `{id}` ends before it begins"))
                .help(help),
        );
        return None;
    }
    if now >= until.ends() {
        let message = format!("waiver `{id}` ended with `{until}`");
        let help = "mend what it covered, or have a new one approved";
        findings
            .push(Finding::error("waiver.expired", at(facts, "until"), message).help(help).severity(Severity::Medium));
        return None;
    }
    if now < from.begins() {
        let message = format!("waiver `{id}` begins with `{from}`");
        findings.push(
            Finding::error("waiver.not-yet", at(facts, "from"), message)
                .help("until then the rule is judged as if it were not there")
                .severity(Severity::Low),
        );
        return None;
    }
    Some(until.ends())
}
