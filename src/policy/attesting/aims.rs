//! Whether an attestation names rules, places, points and people that are there.

use std::collections::{HashMap, HashSet};

use super::at;
use crate::finding::{Finding, codes};
use crate::model::Facts;
use crate::model::attestation::Attestation;
use crate::model::shape::closest;
use crate::policy::bind::Bound;
use crate::policy::gone::Gone;
use crate::policy::{Judged, SiteFacts};

/// What attestations may name, gathered once.
pub(super) struct Known<'k> {
    /// Rules in force, each with the points it asks for; `None` where it asks for no attestation.
    rules: HashMap<&'k str, Option<Vec<&'k str>>>,
    /// Rules that are no more.
    gone: HashMap<&'k str, &'k Gone>,
    devices: HashSet<&'k str>,
    zones: HashSet<&'k str>,
    groups: HashSet<&'k str>,
    people: HashSet<&'k str>,
}

impl<'k> Known<'k> {
    pub(super) fn of(site: &'k SiteFacts, rules: &'k [Bound<'_>], devices: &[Judged<'k>]) -> Known<'k> {
        let points = |bound: &'k Bound<'_>| {
            bound.rule.attest.as_ref().map(|attest| attest.points.iter().map(|point| &*point.name).collect())
        };
        let declared = site.site.group.iter().filter_map(|group| group.name.as_ref());
        Known {
            rules: rules.iter().map(|bound| (&*bound.rule.id, points(bound))).collect(),
            gone: rules.iter().flat_map(|bound| &bound.pack.gone).map(|gone| (&*gone.id, gone)).collect(),
            devices: devices
                .iter()
                .map(|judged| &*judged.device.name)
                .chain(site.retired.iter().map(String::as_str))
                .collect(),
            zones: devices.iter().filter_map(|judged| judged.device.zone.as_deref()).collect(),
            groups: declared.chain(&site.site.name).map(|name| name.as_str()).collect(),
            people: site.site.person.iter().filter_map(|p| p.id.as_ref()).map(|id| id.as_str()).collect(),
        }
    }

    /// Whether it says who, and names what is there. A person who is missing or unknown is told where files are read.
    pub(super) fn aims(&self, attestation: &Attestation, facts: &Facts, findings: &mut Vec<Finding>) -> bool {
        self.rules(attestation, facts, findings);
        self.places(attestation, facts, findings);
        self.points(attestation, facts, findings);
        if let (Some(from), Some(until)) = (attestation.at, attestation.until)
            && until.ends() <= from.begins()
        {
            let message = "the attestation ends before it was made";
            findings.push(Finding::new(codes::attestation::BACKWARDS, at(facts, "until"), message));
        }
        attestation.by.as_ref().is_some_and(|by| self.people.contains(by.as_str()))
    }

    fn rules(&self, attestation: &Attestation, facts: &Facts, findings: &mut Vec<Finding>) {
        for id in attestation.rule.iter().flatten() {
            match self.rules.get(&**id) {
                Some(Some(_)) => {}
                Some(None) => {
                    let message = format!("`{id}` is answered by no attestation");
                    findings.push(Finding::new(codes::attestation::NOT_ASKED, at(facts, "rule"), message));
                }
                None => {
                    let asking = self.rules.iter().filter(|(_, points)| points.is_some()).map(|(id, _)| *id);
                    let help = match (self.gone.get(&**id), closest(id, asking)) {
                        (Some(gone), _) => format!("`{id}` is {}", gone.words()),
                        (None, Some(near)) => format!("did you mean `{near}`?"),
                        (None, None) => "name a rule of the site's packs, or remove the attestation".to_owned(),
                    };
                    let message = format!("no rule in force is called `{id}`");
                    findings.push(Finding::new(codes::attestation::UNMATCHED, at(facts, "rule"), message).help(help));
                }
            }
        }
    }

    fn places(&self, attestation: &Attestation, facts: &Facts, findings: &mut Vec<Finding>) {
        let mut report = |path: &str, message: String, help: &str| {
            findings.push(Finding::new(codes::attestation::UNMATCHED, at(facts, path), message).help(help));
        };
        for name in attestation.device.iter().flatten().filter(|name| !self.devices.contains(name.as_str())) {
            report("device", format!("no device is called `{name}`"), "name a device of the site");
        }
        for name in attestation.zone.iter().flatten().filter(|name| !self.zones.contains(name.as_str())) {
            report("zone", format!("no device stands in the zone `{name}`"), "name a zone of the site");
        }
        for name in attestation.group.iter().flatten().filter(|name| !self.groups.contains(name.as_str())) {
            report("group", format!("the site has no group `{name}`"), "name a group of the site, or the site itself");
        }
        if super::scopes(attestation).is_empty() {
            let help = "add `device \"np33\"`, `zone \"control\"` or `group \"pumps\"`";
            report("device", "the attestation names no device".to_owned(), help);
        }
    }

    fn points(&self, attestation: &Attestation, facts: &Facts, findings: &mut Vec<Finding>) {
        let asked = attestation.rule.iter().flatten().filter_map(|id| self.rules.get(&**id)?.as_ref());
        let asked: HashSet<&str> = asked.flatten().copied().collect();
        let known = attestation.rule.iter().flatten().all(|id| self.rules.contains_key(&**id));
        for name in attestation.point.iter().filter_map(|point| point.name.as_deref()) {
            if known && !asked.contains(name) {
                let help = match closest(name, asked.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if asked.is_empty() => "its rules ask for none".to_owned(),
                    None => "`fieldlock explain` shows the points of a rule".to_owned(),
                };
                let loc = at(facts, &format!("point[{name}]"));
                let message = format!("none of its rules asks for the point `{name}`");
                findings.push(Finding::new(codes::attestation::UNKNOWN_POINT, loc, message).help(help));
            }
        }
    }
}
