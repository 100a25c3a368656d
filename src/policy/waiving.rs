//! Waivers: what a person answers for, until when. A waiver never hides; a finding that it covers stays, as waived.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::bind::Bound;
use super::evaluate::Evaluation;
use super::gone::Gone;
use super::report::Found;
use super::rule::Rule;
use super::{Judged, SiteFacts};
use crate::finding::{Finding, Verdict, codes};
use crate::model::facts::Fact;
use crate::model::value::Name;
use crate::model::waiver::Waiver;
use crate::model::{Facts, Value};
use crate::site::SiteDevice;
use crate::source::Loc;

/// The longest time that a waiver may hold, in days.
const MAX_DAYS: i64 = 365;

/// The waivers of a site that hold now.
pub(super) struct Waivers<'a> {
    active: Vec<Active<'a>>,
    /// Where they stand among `active`, by what they name: thousands are not walked for each finding.
    places: HashMap<(Scope<'a>, &'a str, Option<&'a str>), Vec<usize>>,
    /// Devices that waivers name and that are there.
    devices: BTreeSet<&'a str>,
}

/// Where a waiver holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Scope<'a> {
    Device(&'a str),
    Zone(&'a str),
}

/// What waivers may name, gathered once: neither rules nor devices are walked for each waiver.
struct Known<'k> {
    rules: HashSet<&'k str>,
    /// Rules that are no more.
    gone: HashMap<&'k str, &'k Gone>,
    families: HashSet<&'k str>,
    /// Rules that nobody can answer for, and their families.
    always: HashSet<&'k str>,
    devices: HashSet<&'k str>,
    /// Each with how many devices stand there.
    zones: HashMap<&'k str, usize>,
    people: HashSet<&'k str>,
}

impl<'k> Known<'k> {
    fn of(site: &'k SiteFacts, rules: &'k [Bound<'_>], devices: &[Judged<'k>]) -> Known<'k> {
        let mut zones = HashMap::new();
        for zone in devices.iter().filter_map(|judged| judged.device.zone.as_deref()) {
            *zones.entry(zone).or_default() += 1;
        }
        let always = rules.iter().filter(|bound| bound.rule.always);
        Known {
            rules: rules.iter().map(|bound| &*bound.rule.id).collect(),
            gone: rules.iter().flat_map(|bound| &bound.pack.gone).map(|gone| (&*gone.id, gone)).collect(),
            families: rules.iter().map(|bound| &*bound.rule.family).collect(),
            always: always.flat_map(|bound| [&*bound.rule.id, &*bound.rule.family]).collect(),
            devices: devices.iter().map(|judged| &*judged.device.name).collect(),
            zones,
            people: site.site.person.iter().filter_map(|p| p.id.as_ref()).map(|id| id.as_str()).collect(),
        }
    }
}

struct Active<'a> {
    waiver: &'a Waiver,
    facts: &'a Facts,
    id: &'a str,
    until: Timestamp,
}

/// What waivers say of one rule's findings.
#[derive(Default)]
pub(super) struct Covered<'a> {
    /// Whether every finding is covered.
    pub(super) all: bool,
    /// By which waivers.
    pub(super) by: Vec<&'a Waiver>,
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
        let known = Known::of(site, rules, devices);
        let mut waivers = Waivers { active: Vec::new(), places: HashMap::new(), devices: BTreeSet::new() };
        for (waiver, facts) in &site.waivers {
            let before = findings.len();
            let scope = aims(waiver, facts, &known, findings);
            breadth(waiver, facts, &known, findings);
            let answered = people(&known, waiver, facts, findings);
            let until = period(waiver, facts, now, findings);
            let named = waiver.device.as_ref().and_then(|d| d.name.as_ref()).map(|name| name.as_str());
            waivers.devices.extend(named.filter(|name| known.devices.contains(name)));
            let device = waivers.device_of(waiver);
            findings[before..].iter_mut().for_each(|f| f.device = device.clone());
            let sound = scope && answered && findings.len() == before;
            if let (true, Some(until), Some(id)) = (sound, until, waiver.id.as_deref()) {
                waivers.add(Active { waiver, facts, id, until });
            }
        }
        waivers
    }

    fn add(&mut self, active: Active<'a>) {
        let waiver = active.waiver;
        let device = waiver.device.as_ref().and_then(|d| Some((Scope::Device(d.name.as_ref()?.as_str()), &d.setting)));
        let zone = waiver.zone.as_ref().and_then(|z| Some((Scope::Zone(z.name.as_ref()?.as_str()), &z.setting)));
        for what in waiver.rule.iter().chain(&waiver.family).flatten() {
            for (scope, setting) in device.iter().chain(&zone) {
                self.places.entry((*scope, what, setting.as_deref())).or_default().push(self.active.len());
            }
        }
        self.active.push(active);
    }

    /// The waivers that may speak of a setting of a device, by rules and families; in their order.
    fn candidates<'s>(
        &'s self,
        names: impl IntoIterator<Item = &'s str>,
        device: &'s SiteDevice,
        path: &'s str,
    ) -> BTreeSet<usize> {
        let scopes = || [Some(Scope::Device(&device.name)), device.zone.as_deref().map(Scope::Zone)];
        let mut found = BTreeSet::new();
        for name in names.into_iter().filter(|_| !self.active.is_empty()) {
            for scope in scopes().into_iter().flatten() {
                for setting in [None, Some(path)].into_iter().chain(above(path).map(Some)) {
                    found.extend(self.places.get(&(scope, name, setting)).into_iter().flatten());
                }
            }
        }
        found
    }

    /// The device that a waiver speaks of, where there is one of that name: who asks for another is not told.
    fn device_of(&self, waiver: &Waiver) -> Option<String> {
        let name = waiver.device.as_ref()?.name.as_ref()?.as_str();
        self.devices.contains(name).then(|| name.to_owned())
    }

    /// Marks the findings of one rule on one device that a waiver covers.
    pub(super) fn cover(&self, rule: &Rule, judged: Judged<'_>, findings: &mut [Found]) -> Covered<'a> {
        let mut covered = Covered::default();
        let mut open = false;
        if rule.always {
            return covered;
        }
        let mut by = BTreeSet::new();
        for Found { finding, .. } in findings.iter_mut() {
            let names = [&*rule.id, &*rule.family];
            let near = self.candidates(names, judged.device, finding.path.as_deref().unwrap_or(""));
            match near.into_iter().map(|at| &self.active[at]).find(|a| a.covers(rule, judged, finding)) {
                Some(active) => {
                    finding.status = Verdict::Waived;
                    finding.waiver = Some(active.id.to_owned());
                    if by.insert(active.id) {
                        covered.by.push(active.waiver);
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
        let vague = self.vague(evaluations);
        for (at, active) in self.active.iter().enumerate() {
            if let Some(missing) = vague.get(&at) {
                let message = format!("waiver `{}` does not name the setting and the value that it covers", active.id);
                let finding = Finding::new(codes::waiver::INCOMPLETE, active.scope(), message)
                    .help(format!("it does not cover `{}` until it does: write `{}`", missing.code, missing.words));
                findings.push(Finding { device: self.device_of(active.waiver), ..finding });
                continue;
            }
            if used.contains(active.id) {
                continue;
            }
            let message = format!("waiver `{}` covers nothing", active.id);
            let finding = Finding::new(codes::waiver::IDLE, active.facts.root.origin.loc(), message);
            findings.push(Finding { device: self.device_of(active.waiver), ..finding });
        }
    }

    /// Of each waiver that would cover a finding, did it name what the finding has: what it misses for the first.
    fn vague(&self, evaluations: &[Evaluation<'_>]) -> BTreeMap<usize, Missing> {
        let mut vague = BTreeMap::new();
        let open = |f: &&Finding| matches!(f.status, Verdict::Fail | Verdict::Unknown);
        let all = evaluations.iter().flat_map(|e| e.findings.iter().filter(open).map(|f| (e.judged, f)));
        for (judged, finding) in all {
            let Some(path) = finding.path.as_deref() else { continue };
            let names = finding.rules.iter().map(|r| r.id.as_str()).chain([&*finding.family]);
            for at in self.candidates(names, judged.device, path) {
                if let Entry::Vacant(place) = vague.entry(at)
                    && let Some(missing) = self.active[at].misses(judged, finding, path)
                {
                    place.insert(missing);
                }
            }
        }
        vague
    }
}

/// What a waiver would have to say to cover a finding.
struct Missing {
    code: String,
    words: String,
}

impl Active<'_> {
    /// What it says of the setting and its value, where it speaks of the rule and the device.
    fn reaches(&self, rule: &str, family: &str, device: &SiteDevice) -> Option<(Option<&str>, Option<&str>)> {
        let waiver = self.waiver;
        let named = |list: &Option<Vec<String>>, id: &str| list.iter().flatten().any(|w| w == id);
        if !named(&waiver.rule, rule) && !named(&waiver.family, family) {
            return None;
        }
        let here = waiver.device.as_ref().filter(|d| d.name.as_ref().is_some_and(|n| n.as_str() == &*device.name));
        let of_zone = |name: &str| device.zone.as_deref() == Some(name);
        let zone = waiver.zone.as_ref().filter(|z| z.name.as_ref().is_some_and(|n| of_zone(n.as_str())));
        match (here, zone) {
            (Some(d), _) => Some((d.setting.as_deref(), d.value.as_deref())),
            (None, Some(z)) => Some((z.setting.as_deref(), z.value.as_deref())),
            (None, None) => None,
        }
    }

    fn covers(&self, rule: &Rule, judged: Judged<'_>, finding: &Finding) -> bool {
        let Some((setting, value)) = self.reaches(&rule.id, &rule.family, judged.device) else { return false };
        let path = finding.path.as_deref().unwrap_or("");
        let value_fits = || {
            value.is_none_or(|v| {
                valued(judged, setting, path).is_some_and(|f| f.value.plain() == v || f.value.to_kdl() == v)
            })
        };
        setting.is_none_or(|s| is_at_or_beneath(path, s))
            && value_fits()
            && unnamed(judged, path, setting, value).is_none()
    }

    /// What it would have to name to cover a finding that it does not.
    fn misses(&self, judged: Judged<'_>, finding: &Finding, path: &str) -> Option<Missing> {
        let reached = finding.rules.iter().find_map(|r| self.reaches(&r.id, &finding.family, judged.device));
        let (setting, value) = reached?;
        if !setting.is_none_or(|s| is_at_or_beneath(path, s)) {
            return None;
        }
        let words = unnamed(judged, path, setting, value)?;
        Some(Missing { code: finding.code.to_string(), words })
    }

    /// The line that says where it holds.
    fn scope(&self) -> Loc {
        let path = if self.waiver.device.is_some() { "device" } else { "zone" };
        at(self.facts, path)
    }
}

/// The value that a waiver for a finding speaks of: the setting's that it names, else the finding's own.
fn valued<'f>(judged: Judged<'f>, setting: Option<&str>, path: &str) -> Option<&'f Fact> {
    let at = setting.filter(|s| judged.complete.value(s).is_some()).unwrap_or(path);
    judged.complete.value(at)
}

/// What a waiver has to name of a finding and does not, as it would be written. Another setting that fails later, or
/// another value, is nothing that somebody answered for.
fn unnamed(judged: Judged<'_>, path: &str, setting: Option<&str>, value: Option<&str>) -> Option<String> {
    let known = valued(judged, setting, path).filter(|f| f.value.is_known());
    match (setting, value, known) {
        _ if path.is_empty() => None,
        (Some(_), Some(_), _) | (Some(_), None, None) => None,
        (_, _, known) => {
            let value = known.map(|f| format!(" value={}", Value::Text(f.value.plain().into()).to_kdl()));
            let setting = setting.unwrap_or(path);
            Some(format!("setting=\"{setting}\"{}", value.unwrap_or_default()))
        }
    }
}

fn is_at_or_beneath(path: &str, setting: &str) -> bool {
    path == setting || above(path).any(|above| above == setting)
}

/// What a setting stands beneath.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices(['.', '[']).map(|(at, _)| &path[..at])
}

fn at(facts: &Facts, path: &str) -> Loc {
    let here = facts.value(path).map(|f| f.origin.loc());
    here.or_else(|| facts.group(path).map(|g| g.origin.loc())).unwrap_or(facts.root.origin.loc())
}

/// Whether it names rules and devices that are there.
fn aims(waiver: &Waiver, facts: &Facts, known: &Known<'_>, findings: &mut Vec<Finding>) -> bool {
    let mut report = |path: &str, message: String, help: &str| {
        findings.push(Finding::new(codes::waiver::UNMATCHED, at(facts, path), message).help(help));
    };
    for id in waiver.rule.iter().flatten().filter(|id| !known.rules.contains(id.as_str())) {
        let help = match known.gone.get(id.as_str()) {
            Some(gone) => format!("`{id}` is {}", gone.words()),
            None => "name a rule of the site's packs, or remove the waiver".to_owned(),
        };
        report("rule", format!("no rule in force is called `{id}`"), &help);
    }
    for family in waiver.family.iter().flatten().filter(|f| !known.families.contains(f.as_str())) {
        report("family", format!("no rule in force is of the family `{family}`"), "name a family of the site's packs");
    }
    for (path, named) in [("rule", &waiver.rule), ("family", &waiver.family)] {
        for name in named.iter().flatten().filter(|name| known.always.contains(name.as_str())) {
            let help = "take it out of the waiver: every verdict rests on this rule, so nobody can answer for it";
            report(path, format!("no waiver covers `{name}`"), help);
        }
    }
    if let Some(name) = waiver.device.as_ref().and_then(|d| d.name.as_ref())
        && !known.devices.contains(name.as_str())
    {
        report("device", format!("no device is called `{name}`"), "name a device of the site, or remove the waiver");
    }
    if let Some(name) = waiver.zone.as_ref().and_then(|z| z.name.as_ref())
        && !known.zones.contains_key(name.as_str())
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

/// Many rules on many devices are no decision that somebody took.
fn breadth(waiver: &Waiver, facts: &Facts, known: &Known<'_>, findings: &mut Vec<Finding>) {
    let what = waiver.rule.iter().chain(&waiver.family).flatten().count();
    let Some(zone) = waiver.zone.as_ref().and_then(|z| z.name.as_ref()).filter(|_| what > 1) else { return };
    let on = known.zones.get(zone.as_str()).copied().unwrap_or_default();
    if on > 1 {
        let message = format!("one waiver covers {what} rules on {on} devices");
        findings.push(Finding::new(codes::waiver::BROAD, at(facts, "zone"), message));
    }
}

/// Whether owner and approver are two people of the site. One who is missing or unknown is told where waivers are read.
fn people(known: &Known<'_>, waiver: &Waiver, facts: &Facts, findings: &mut Vec<Finding>) -> bool {
    if waiver.owner.is_some() && waiver.owner == waiver.approver {
        let message = "owner and approver are one person";
        findings.push(Finding::new(codes::waiver::SAME_PERSON, at(facts, "approver"), message));
    }
    let is_known = |id: &Name| known.people.contains(id.as_str());
    [&waiver.owner, &waiver.approver].into_iter().all(|person| person.as_ref().is_some_and(is_known))
}

/// When it ends, where it holds now.
fn period(waiver: &Waiver, facts: &Facts, now: Timestamp, findings: &mut Vec<Finding>) -> Option<Timestamp> {
    let id = waiver.id.as_deref().unwrap_or("");
    let (from, until) = (waiver.from?, waiver.until?);
    let longest = SignedDuration::from_hours(24 * MAX_DAYS);
    if until.begins().duration_since(from.begins()) > longest {
        let message = format!("waiver `{id}` is to hold for more than {MAX_DAYS} days");
        findings.push(Finding::new(codes::waiver::TOO_LONG, at(facts, "until"), message));
        return None;
    }
    if until.ends() <= from.begins() {
        let message = format!("waiver `{id}` ends before it begins");
        findings.push(Finding::new(codes::waiver::BACKWARDS, at(facts, "until"), message));
        return None;
    }
    if now >= until.ends() {
        let message = format!("waiver `{id}` ended with `{until}`");
        findings.push(Finding::new(codes::waiver::EXPIRED, at(facts, "until"), message));
        return None;
    }
    if now < from.begins() {
        let message = format!("waiver `{id}` begins with `{from}`");
        findings.push(Finding::new(codes::waiver::NOT_YET, at(facts, "from"), message));
        return None;
    }
    Some(until.ends())
}
