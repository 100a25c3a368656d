//! Taking a device out: what has to be done at it and elsewhere, and what becomes of its files.

mod steps;

use std::collections::{BTreeMap, BTreeSet};

use super::ReadySite;
use crate::model::facts::{Facts, Value, quote};
use crate::model::paths;
use crate::model::value::Sha256;
use crate::policy::{Moment, Rule};
use crate::report::documents::{Mention, MovedFile, Retirement, Server, Shared, at};
use crate::site::identity::addresses;
use crate::site::{SiteDevice, each};

/// Where descriptions of devices lie that were taken out.
const RETIRED: &str = "retired";

/// As long is the id of an attestation.
const LONGEST_ID: usize = 63;

/// Who takes it out, why and when.
#[derive(Debug, Clone, Copy)]
pub struct Reason<'a> {
    /// A person of the site.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// When.
    pub at: jiff::Timestamp,
}

/// Settings that name a server of which the device is a client.
const SERVERS: [&str; 7] = [
    paths::AUTHENTICATION_RADIUS,
    paths::AUTHENTICATION_TACACS,
    paths::LOG_SERVER,
    paths::NETWORK_DNS,
    paths::SNMP_TRAP,
    paths::TIME_NTP,
    paths::MAIL_SERVER,
];

/// What taking out a device comes to. Nothing is written.
pub fn retirement(ready: &ReadySite, device: &SiteDevice, why: &Reason<'_>) -> Retirement {
    let name = &*device.name;
    let said = |path: &str| device.own.value(path).map(|fact| fact.value.plain());
    Retirement {
        format_version: Retirement::VERSION,
        device: name.to_owned(),
        platform: device.platform.word().to_owned(),
        model: device.model.as_ref().map(ToString::to_string),
        serial: said(paths::ASSET_SERIAL),
        location: said(paths::ASSET_LOCATION),
        by: why.by.to_owned(),
        reason: why.reason.to_owned(),
        at: super::gather::said(why.at),
        dry_run: true,
        steps: steps::of(device.platform, &device.own),
        lines: mentions(ready, device),
        servers: servers(device),
        // an authority that it trusts goes on serving the others
        certificates: shared(ready, device, &|device| {
            device.own.value(paths::CERTIFICATE_FILE).map(|fact| fact.value.plain()).into_iter().collect()
        }),
        secrets: shared(ready, device, &|device| {
            let mut names = BTreeSet::new();
            each(&device.own, &mut |_, _, fact| {
                if let Value::Secret(name) = &fact.value {
                    names.insert(name.to_string());
                }
            });
            names
        }),
        moved: moved(ready, device),
        record: format!("attestations/retired-{name}.kdl"),
        page: format!("evidence/retired-{name}.md"),
    }
}

/// The record: an attestation whose points are open until somebody answers them.
pub fn record(ready: &ReadySite, retirement: &Retirement, page_sha256: Sha256) -> String {
    let of_platform =
        |rule: &&std::sync::Arc<Rule>| rule.platforms.iter().any(|platform| platform.word() == retirement.platform);
    let asking = ready.packs.rules().filter(|rule| rule.moment == Moment::Retire).filter(of_platform);
    let asking: Vec<_> = asking.filter_map(|rule| Some((&rule.id, rule.attest.as_ref()?))).collect();
    let ids: Vec<String> = asking.iter().map(|(id, _)| quote(id)).collect();
    let rules = if ids.is_empty() { "none".to_owned() } else { ids.join(" ") };
    // a name may be as long as an id
    let id = format!("retired-{}", retirement.device);
    let id = if id.len() <= LONGEST_ID { id } else { retirement.device.clone() };
    let mut text = format!(
        "attestation {} {{\n    rule {rules}\n    device {}\n    by {}\n    at {}\n    evidence {} sha256={}\n",
        quote(&id),
        quote(&retirement.device),
        quote(&retirement.by),
        quote(&retirement.at),
        quote(&retirement.page),
        quote(&page_sha256.to_string()),
    );
    let points = asking.iter().flat_map(|(_, attest)| &attest.points);
    for point in points {
        text.push_str(&format!(
            "    // {}\n    point {} \"no\" reason=\"not done yet\"\n",
            point.text,
            quote(&point.name)
        ));
    }
    text.push_str(&format!("    note {}\n}}\n", quote(&retirement.reason)));
    text
}

/// What names a device from outside: its own name, its host name, its addresses.
fn names(device: &SiteDevice) -> BTreeSet<String> {
    let mut names = BTreeSet::from([device.name.to_string()]);
    names.extend(device.own.value(paths::IDENTITY_HOSTNAME).map(|fact| fact.value.plain()));
    for address in addresses(&device.own) {
        names.extend([address.to_string(), format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 })]);
    }
    names
}

fn mentions(ready: &ReadySite, device: &SiteDevice) -> Vec<Mention> {
    let names = names(device);
    let mut found = Vec::new();
    let mut look = |of: Option<&str>, facts: &Facts, prefix: &str| {
        each(facts, &mut |path, _, fact| {
            let value = fact.value.plain();
            if names.contains(&value) && !matches!(fact.value, Value::Secret(_) | Value::Bad) {
                let location = at(&ready.sources, fact.origin.loc());
                found.push(Mention {
                    device: of.map(str::to_owned),
                    path: format!("{prefix}{}", path()),
                    value,
                    location,
                });
            }
        });
    };
    for other in ready.site.devices.iter().filter(|other| other.name != device.name) {
        look(Some(&other.name), &other.own, "");
    }
    look(None, &ready.site.facts, "");
    ready.site.waivers.iter().for_each(|waiver| look(None, &waiver.facts, "waiver."));
    found
}

fn servers(device: &SiteDevice) -> Vec<Server> {
    let mut found = BTreeMap::new();
    each(&device.own, &mut |path, field, fact| {
        let path = path();
        let bare = crate::model::facts::without_keys(&path);
        let names = SERVERS.iter().any(|server| {
            bare == *server || field.key && bare.strip_prefix(server).is_some_and(|rest| rest.starts_with('.'))
        });
        if names && let Some(address) = Some(fact.value.plain()).filter(|text| !text.is_empty()) {
            let path = path.split('[').next().unwrap_or_default().to_owned();
            found.insert((address, path), ());
        }
    });
    found.into_keys().map(|(address, path)| Server { address, path }).collect()
}

/// What stands in a device's settings, each once, with the others that have it too.
fn shared(ready: &ReadySite, device: &SiteDevice, all: &dyn Fn(&SiteDevice) -> BTreeSet<String>) -> Vec<Shared> {
    let others: Vec<(&SiteDevice, BTreeSet<String>)> =
        ready.site.devices.iter().filter(|other| other.name != device.name).map(|other| (other, all(other))).collect();
    let with = |name: &String| {
        others.iter().filter(|(_, has)| has.contains(name)).map(|(other, _)| other.name.to_string()).collect()
    };
    all(device).into_iter().map(|name| Shared { with: with(&name), name }).collect()
}

/// Its description, and what was read from it.
fn moved(ready: &ReadySite, device: &SiteDevice) -> Vec<MovedFile> {
    let name = |file| ready.sources.name(file).to_owned();
    let description = name(device.loc.file);
    let mut files = vec![MovedFile { from: description, to: format!("{RETIRED}/{}.kdl", device.name) }];
    if let Some(sealed) = ready.site.sealed.get(&device.name) {
        files.extend([name(sealed.loc.file), sealed.path.clone()].map(|from| {
            let to = format!("{RETIRED}/{from}");
            MovedFile { from, to }
        }));
    }
    for capture in ready.site.captures_of(&device.name) {
        files.extend([name(capture.loc.file), name(capture.file)].map(|from| {
            let to = format!("{RETIRED}/{from}");
            MovedFile { from, to }
        }));
    }
    files
}
