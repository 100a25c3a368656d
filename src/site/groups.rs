//! Groups of devices that share a passphrase: who is in which, and what is wrong with how they are written.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Site;
use crate::finding::{Finding, codes};
use crate::model::facts::{Fact, Group, Setting, Value, key_text};
use crate::model::shape::closest;
use crate::source::Loc;

type Groups = BTreeMap<Arc<str>, Arc<str>>;

/// Devices of declared groups, each with its group's name. `complete` says whether every device file could be listed:
/// else a device that is not there is not called unknown.
pub(super) fn assign(site: &Site, complete: bool) -> (Groups, Vec<Finding>) {
    let mut assign = Assign { site, complete, groups: Groups::new(), by: BTreeMap::new(), findings: Vec::new() };
    let list = site.facts.shape.root().field("group").and_then(|(ix, _)| site.facts.root.get(ix));
    if let Some(Setting::Items(items)) = list {
        for item in &items.items {
            assign.group(&item.group);
        }
    }
    (assign.groups, assign.findings)
}

struct Assign<'a> {
    site: &'a Site,
    complete: bool,
    groups: Groups,
    /// The word of `site.kdl` that put each device into its group.
    by: BTreeMap<Arc<str>, Loc>,
    findings: Vec<Finding>,
}

impl Assign<'_> {
    fn group(&mut self, group: &Group) {
        let name: Arc<str> = key_text(self.site.facts.shape, group).into();
        let (zones, devices) = (self.words(group, "zones"), self.words(group, "devices"));
        let loc = group.origin.loc();
        if name == self.site.name {
            if !zones.is_empty() || !devices.is_empty() {
                let message = format!("the group `{name}` is the site's own: every device in no other group is in it");
                let finding = Finding::new(codes::site::GROUP_OF_THE_SITE, loc, message);
                self.findings.push(finding);
            }
            return;
        }
        if zones.is_empty() && devices.is_empty() {
            let finding = Finding::new(codes::site::EMPTY_GROUP, loc, format!("the group `{name}` has no devices"));
            self.findings.push(finding);
        }
        for (zone, loc) in zones {
            self.zone(&name, &zone, loc);
        }
        for (device, loc) in devices {
            self.device(&name, &device, loc);
        }
    }

    fn zone(&mut self, group: &Arc<str>, zone: &str, loc: Loc) {
        let known = self.site.typed.zone.iter().filter_map(|z| z.name.as_ref()).map(|n| n.as_str());
        if !known.clone().any(|z| z == zone) {
            let help = match closest(zone, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add `zone \"{zone}\" {{ subnet \"...\" }}` to `site.kdl`"),
            };
            let finding = Finding::new(codes::site::UNKNOWN_ZONE, loc, format!("the site has no zone `{zone}`"));
            self.findings.push(finding.help(help));
            return;
        }
        let of_zone = self.site.devices.iter().filter(|d| d.zone.as_deref() == Some(zone));
        let devices: Vec<Arc<str>> = of_zone.map(|d| Arc::clone(&d.name)).collect();
        let mut told = false;
        for device in devices {
            // one finding for a zone that stands in two groups, not one per device of it
            told |= !told && !self.put(group, &device, loc);
        }
    }

    fn device(&mut self, group: &Arc<str>, device: &str, loc: Loc) {
        if self.site.device(device).is_some() {
            self.put(group, &device.into(), loc);
        } else if self.complete && self.site.is_sound(device) {
            let help = match closest(device, self.site.devices.iter().map(|d| &*d.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "describe it in `devices/`, or take it out of the group".to_owned(),
            };
            let finding = Finding::new(codes::site::UNKNOWN_DEVICE, loc, format!("the site has no device `{device}`"));
            self.findings.push(finding.help(help));
        }
    }

    /// Puts a device into a group; `false` where it is in another one, which is told.
    fn put(&mut self, group: &Arc<str>, device: &Arc<str>, loc: Loc) -> bool {
        match self.groups.get(device) {
            Some(other) if other != group => {
                let message = format!("`{device}` is in two groups, `{other}` and `{group}`");
                let finding = Finding::new(codes::site::TWO_GROUPS, loc, message);
                let first = self.by.get(device).copied().unwrap_or(Loc::NONE);
                self.findings.push(finding.related(first, format!("in `{other}` by this")));
                false
            }
            _ => {
                self.groups.insert(Arc::clone(device), Arc::clone(group));
                self.by.entry(Arc::clone(device)).or_insert(loc);
                true
            }
        }
    }

    /// The words of a list in a group, each with its place.
    fn words(&self, group: &Group, field: &str) -> Vec<(String, Loc)> {
        let shape = self.site.facts.shape;
        let setting = shape.group(group.shape).field(field).and_then(|(ix, _)| group.get(ix));
        let Some(Setting::Value(Fact { value: Value::List(list), .. })) = setting else { return Vec::new() };
        list.iter().filter_map(|f| Some((f.value.text()?.to_owned(), f.origin.loc()))).collect()
    }
}
