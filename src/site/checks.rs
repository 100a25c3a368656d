//! What a device says against what the site says: zones, people, secrets, addresses.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::device::SiteDevice;
use super::hardware;
use crate::finding::{Finding, Severity, Verdict, codes};
use crate::model::facts::{Fact, Facts, Group, Setting, Value};
use crate::model::paths::NETWORK_INTERFACE;
use crate::model::shape::{FieldShape, closest};
use crate::model::site;
use crate::secret::SecretRef;

/// What `site.kdl` lists, for looking up.
pub(super) struct Known<'a> {
    people: BTreeSet<&'a str>,
    zones: &'a [site::Zone],
    facts: &'a Facts,
}

/// Fields that hold the id of a person.
const PERSON_FIELDS: [&str; 3] = ["owner", "approver", "by"];

impl<'a> Known<'a> {
    pub(super) fn new(site: &'a site::Site, facts: &'a Facts) -> Known<'a> {
        let people = site.person.iter().filter_map(|p| p.id.as_ref()).map(|n| n.as_str()).collect();
        Known { people, zones: &site.zone, facts }
    }

    /// All that is wrong with a device in this site. What one that is not `sound` leaves out may stand where nobody
    /// could read it.
    pub(super) fn device(&self, device: &SiteDevice, sound: bool) -> Vec<Finding> {
        let mut findings = hardware::findings(device);
        let zone = self.zone(device, &mut findings).map(Networks::of);
        let of_interfaces = self.interfaces(device, &mut findings);
        if sound && device.zone.is_none() {
            findings.extend(self.no_zone(device));
        }
        each(&device.own, &mut |path, field, fact| {
            let finding = match &fact.value {
                Value::Text(_) => self.unknown_person(path, field, fact),
                Value::Secret(name) => foreign_secret(device, path, name, fact),
                Value::Network(_) if field.name == "address" => {
                    let place = path();
                    let own = of_interfaces.iter().find(|(interface, _)| place.starts_with(interface));
                    let zone = own.map_or(zone.as_ref(), |(_, zone)| zone.as_ref());
                    zone.and_then(|zone| zone.outside(device, path, field, fact))
                }
                _ => return,
            };
            findings.extend(finding);
        });
        for finding in &mut findings {
            finding.device = Some(device.name.to_string());
        }
        findings
    }

    /// Owners, approvers and the like are people of the site.
    pub(super) fn people(&self, facts: &Facts, findings: &mut Vec<Finding>) {
        each(facts, &mut |path, field, fact| findings.extend(self.unknown_person(path, field, fact)));
    }

    fn unknown_person(&self, path: Path, field: &FieldShape, fact: &Fact) -> Option<Finding> {
        let id = fact.value.text().filter(|_| PERSON_FIELDS.contains(&field.name))?;
        if self.people.contains(id) {
            return None;
        }
        let message = format!("no person of the site is called `{id}`");
        let help = match closest(id, self.people.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add `person \"{id}\" role=\"...\"` to `site.kdl`"),
        };
        Some(Finding::new(codes::site::UNKNOWN_PERSON, fact.origin.loc(), message).help(help).path(path()))
    }

    /// Ids of another file are those of people of the site.
    pub(super) fn people_of(&self, facts: &Facts, findings: &mut Vec<Finding>) {
        each(facts, &mut |path, field, fact| findings.extend(self.unknown_person(path, field, fact)));
    }

    /// Stations and conduits stand in zones of the site, whoever took a firmware is a person of it; shared secrets are
    /// called so.
    pub(super) fn site(&self, findings: &mut Vec<Finding>) {
        each(self.facts, &mut |path, field, fact| {
            let Some(text) = fact.value.text() else { return };
            findings.extend(self.unknown_person(path, field, fact));
            let path = path();
            let of = path.split(['.', '[']).next().unwrap_or_default();
            if matches!((of, field.name), ("station", "zone") | ("conduit", "from" | "to")) {
                findings.extend(self.unknown_zone(text, fact).map(|f| f.path(path)));
            }
        });
        for (name, loc) in keys(self.facts, "secret") {
            if !name.starts_with("shared/") || SecretRef::new(&name).is_err() {
                let message = "a secret that the site lists begins with `shared/`";
                let help = "a device's own secrets need no list: `np07/ot-admin` belongs to np07";
                let finding = Finding::new(codes::site::FOREIGN_SECRET, loc, message).severity(Severity::High);
                findings.push(finding.help(help));
            }
        }
    }

    /// The zone of a device, where the site has it.
    fn zone(&self, device: &SiteDevice, findings: &mut Vec<Finding>) -> Option<&'a site::Zone> {
        let fact = device.own.value("zone")?;
        let name = fact.value.text()?;
        let zone = self.zones.iter().find(|z| z.name.as_ref().is_some_and(|n| n.as_str() == name));
        if zone.is_none() {
            let finding = self.unknown_zone(name, fact);
            findings.extend(finding.map(|f| Finding { trail: device.trail(fact.origin), ..f }));
        }
        zone
    }

    /// Interfaces that say their own zone, by their paths. One that leads to a network of others is in none.
    fn interfaces(&self, device: &SiteDevice, findings: &mut Vec<Finding>) -> Vec<(String, Option<Networks<'a>>)> {
        let shape = device.own.shape;
        let items = device.own.items(NETWORK_INTERFACE).into_iter().flat_map(|items| &items.items);
        let one = |group: &Group| {
            let fact = |name| group.fact(shape.group(group.shape).field(name)?.0);
            let path = format!("{NETWORK_INTERFACE}[{}].", crate::model::facts::key_text(shape, group));
            if fact("outside").is_some_and(|f| f.value == Value::Switch(true)) {
                return Some((path, None));
            }
            let said = fact("zone")?;
            let name = said.value.text()?;
            let zone = self.zones.iter().find(|z| z.name.as_ref().is_some_and(|n| n.as_str() == name));
            if zone.is_none() {
                let finding = self.unknown_zone(name, said);
                findings.extend(finding.map(|f| Finding { trail: device.trail(said.origin), ..f }));
            }
            Some((path, zone.map(Networks::of)))
        };
        items.map(|item| &item.group).filter_map(one).collect()
    }

    /// A device of a site with zones stands in one of them: else no zone's networks and duties are held against it.
    fn no_zone(&self, device: &SiteDevice) -> Option<Finding> {
        let names: Vec<String> = self.zones.iter().filter_map(|z| Some(format!("`{}`", z.name.as_ref()?))).collect();
        let help = format!("write `zone \"...\"` into its block; the site has {}", names.join(", "));
        let finding = Finding::new(codes::site::NO_ZONE, device.loc, "nobody says in which zone the device stands")
            .help(help)
            .path("zone");
        (!names.is_empty()).then_some(Finding { status: Verdict::Unknown, ..finding })
    }

    /// `None` where the site has the zone.
    fn unknown_zone(&self, name: &str, fact: &Fact) -> Option<Finding> {
        let names: Vec<&str> = self.zones.iter().filter_map(|z| z.name.as_ref()).map(|n| n.as_str()).collect();
        if names.contains(&name) {
            return None;
        }
        let help = match closest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => format!("add `zone \"{name}\" {{ subnet \"...\" }}` to `site.kdl`"),
            None => format!("there are {}", names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")),
        };
        let message = format!("the site has no zone `{name}`");
        Some(Finding::new(codes::site::UNKNOWN_ZONE, fact.origin.loc(), message).help(help).path("zone"))
    }
}

/// A device names its own secrets and shared ones; another's can't be had by asking, and no waiver changes that.
fn foreign_secret(device: &SiteDevice, path: Path, name: &str, fact: &Fact) -> Option<Finding> {
    let owner = name.split('/').next().unwrap_or_default();
    if name.contains('/') && (owner == &*device.name || owner == "shared") {
        return None;
    }
    let (message, help) = if owner == "site" {
        (format!("`{name}` is fieldlock's own"), "secrets under `site/` never reach a device".to_owned())
    } else if name.contains('/') {
        let message = format!("`{name}` is a secret of `{owner}`, not of `{}`", device.name);
        (message, format!("name one that begins with `{}/`, or with `shared/`", device.name))
    } else {
        let message = format!("`{name}` does not say whose secret it is");
        (message, format!("write `{}/{name}`, or `shared/{name}`", device.name))
    };
    let finding = Finding::new(codes::site::FOREIGN_SECRET, fact.origin.loc(), message).help(help).path(path());
    Some(Finding { trail: device.trail(fact.origin), ..finding })
}

/// The networks of a device's zone: the addresses of its interfaces lie in them, where there are any.
struct Networks<'a> {
    zone: &'a str,
    nets: Vec<IpNet>,
}

impl<'a> Networks<'a> {
    fn of(zone: &'a site::Zone) -> Networks<'a> {
        let nets = zone.subnet.iter().filter_map(|s| s.net.as_ref()).map(|n| n.0).collect();
        Networks { zone: zone.name.as_ref().map_or("", |n| n.as_str()), nets }
    }

    fn outside(&self, device: &SiteDevice, path: Path, field: &FieldShape, fact: &Fact) -> Option<Finding> {
        let net = fact.value.network().filter(|_| field.name == "address")?;
        if self.nets.is_empty() || self.nets.iter().any(|n| n.contains(&net.addr())) {
            return None;
        }
        let path = path();
        if !path.starts_with(NETWORK_INTERFACE) {
            return None;
        }
        let message = format!("`{}` lies in no network of zone `{}`", net.addr(), self.zone);
        let nets: Vec<String> = self.nets.iter().map(|n| format!("`{n}`")).collect();
        let nets = nets.join(", ");
        let help = format!("the zone has {nets}; correct the address, the zone, or the zone's networks");
        let finding = Finding::new(codes::site::ADDRESS_OUTSIDE_ZONE, fact.origin.loc(), message).help(help).path(path);
        Some(Finding { trail: device.trail(fact.origin), ..finding })
    }
}

/// The path of a value, put together only where it is asked for.
pub(crate) type Path<'p> = &'p dyn Fn() -> String;

/// Is handed each value with the field that declares it.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(Path, &'static FieldShape, &Fact);

/// All values, keys included.
pub(crate) fn each(facts: &Facts, visit: Visit) {
    walk(facts, &facts.root, &|| String::new(), visit);
}

fn walk(facts: &Facts, group: &Group, prefix: &dyn Fn() -> String, visit: Visit) {
    for (ix, setting) in group.iter() {
        let field = facts.shape.group(group.shape).at(ix);
        let path = || {
            let prefix = prefix();
            if prefix.is_empty() { field.name.to_owned() } else { format!("{prefix}.{}", field.name) }
        };
        match setting {
            Setting::Value(fact) => visit(&path, field, fact),
            Setting::Group(inner) => walk(facts, inner, &path, visit),
            Setting::Items(items) => {
                for item in &items.items {
                    let key = || format!("{}[{}]", path(), crate::model::facts::key_text(facts.shape, &item.group));
                    walk(facts, &item.group, &key, visit);
                }
            }
        }
    }
}

/// The keys of a list at the root, each with its place.
fn keys(facts: &Facts, list: &str) -> Vec<(String, crate::source::Loc)> {
    let setting = facts.shape.root().field(list).and_then(|(ix, _)| facts.root.get(ix));
    let Some(Setting::Items(items)) = setting else { return Vec::new() };
    let key = |group: &Group| (crate::model::facts::key_text(facts.shape, group), group.origin.loc());
    items.items.iter().map(|i| key(&i.group)).collect()
}
