//! Devices that are told apart by nothing: a serial number, hardware address, asset number, host name or address that
//! two of them have.

use super::answer;
use crate::finding::Note;
use crate::model::facts::{Fact, key_text};
use crate::model::paths::{ASSET_ID, ASSET_MAC, ASSET_SERIAL, IDENTITY_HOSTNAME, NETWORK_INTERFACE};
use crate::model::site::Site;
use crate::policy::Judged;
use crate::policy::analysis::{Analysis, Answer, Input, Mark, Marks, Need, Param, ParamKind, field, header};
use crate::policy::pattern::Cause;
use crate::site::SiteDevice;
use crate::source::Origin;

/// Names of devices that a sentence lists.
const NAMED: usize = 4;

/// Further places that a finding shows.
const SHOWN: usize = 8;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "no-twins",
    doc: "No two devices of the site have the same serial number, hardware address, asset number or host name, and no \
          two interfaces of a zone the same address. How it is spelt makes no difference: capitals, blanks. Does not \
          concern a device of which nobody says any of these.",
    params: &[],
    reads: &[],
    looks_at: &["asset", IDENTITY_HOSTNAME, NETWORK_INTERFACE],
    needs: &[Need::Site],
    run,
};

/// What tells devices apart: path, and what it is called.
const TELLING: [(&str, &str); 4] = [
    (ASSET_SERIAL, "serial number"),
    (ASSET_MAC, "hardware address"),
    (ASSET_ID, "asset number"),
    (IDENTITY_HOSTNAME, "host name"),
];

pub(super) static SETTING: Analysis = Analysis {
    name: "no-two-alike",
    doc: "No two devices of the site say the same of a setting. How it is spelt makes no difference: capitals, blanks. \
          Does not concern a device of which nobody says it.",
    params: &[Param {
        name: "setting",
        kind: ParamKind::Text,
        required: true,
        toward: None,
        doc: "the setting: `snmp.engine-id`",
    }],
    reads: &[],
    looks_at: &["snmp"],
    needs: &[Need::Site],
    run: |input| {
        let said = |setting: &&str| input.fact(setting).is_some();
        let Some(setting) = input.text("setting").filter(said) else { return Answer::NotApplicable };
        let what = format!("`{setting}`");
        judge(input, |judged| telling(judged, &[(setting, &what)]))
    },
};

fn run(input: &Input<'_>) -> Answer {
    let told = TELLING.iter().any(|(path, _)| input.fact(path).is_some()) || input.items(NETWORK_INTERFACE).is_some();
    if !told {
        return Answer::NotApplicable;
    }
    judge(input, |judged| of_device(judged, &input.site.site))
}

fn judge<'i>(input: &Input<'i>, of: impl Fn(&Judged<'i>) -> Vec<(String, Mark)>) -> Answer {
    let all = input.marks(|| {
        let mut all = Marks::default();
        for (key, mark) in input.all.iter().flat_map(&of) {
            all.entry(key).or_default().push(mark);
        }
        all.retain(|_, marks| marks.len() > 1);
        all
    });
    if all.is_empty() {
        return Answer::Pass;
    }
    let own = Judged { device: input.device, complete: input.facts };
    let mut told: Vec<String> = Vec::new();
    let mut failed = Vec::new();
    for (key, mark) in of(&own) {
        let Some(twins) = all.get(&key).filter(|_| !told.contains(&key)) else { continue };
        failed.push(cause(input, &key, &mark, twins));
        told.push(key);
    }
    answer(failed, Vec::new())
}

/// The same place and words on every device of the group, so that one mistake is told once. What it is that they have
/// stands in the key before the first zero.
pub(super) fn cause(input: &Input<'_>, key: &str, own: &Mark, twins: &[Mark]) -> Cause {
    let at = &twins[1];
    let mut names: Vec<String> = twins.iter().map(|t| format!("`{}`", t.device)).collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let mut who = names.join(", ");
    if more > 0 {
        who.push_str(&format!(" and {more} more"));
    }
    let what = key.split('\0').next().unwrap_or_default();
    let sentence = match names.len() {
        1 => format!("{who} has the same {what} twice"),
        _ => format!("{who} have the same {what}"),
    };
    let mut cause = input.cause(own.path.clone(), None, sentence);
    cause.origin = if at.device == own.device { at.origin } else { Origin::new(at.origin.loc()) };
    let others = twins.iter().filter(|t| t.origin.loc() != at.origin.loc()).take(SHOWN);
    cause.related = others.map(|t| Note { loc: t.origin.loc(), text: format!("`{}`", t.device) }).collect();
    cause
}

/// Where a device says something: where only the device itself does, its header stands for it.
fn mark(device: &SiteDevice, path: String, fact: &Fact) -> Mark {
    let written = fact.origin.layer > SiteDevice::BASE;
    Mark { device: device.name.clone(), path, origin: if written { fact.origin } else { header(device) } }
}

fn known(fact: &&Fact) -> bool {
    fact.value.is_known() && fact.origin.layer >= SiteDevice::BASE
}

/// What a device says of some settings, each in one spelling.
fn telling(judged: &Judged<'_>, settings: &[(&str, &str)]) -> Vec<(String, Mark)> {
    let of = |(path, what): &(&str, &str)| {
        let fact = judged.complete.value(path).filter(known)?;
        let spelling: String = fact.value.plain().to_lowercase().split_whitespace().collect();
        (!spelling.is_empty()).then(|| (format!("{what}\0{spelling}"), mark(judged.device, (*path).to_owned(), fact)))
    };
    settings.iter().filter_map(of).collect()
}

/// What a device is told apart by.
fn of_device(judged: &Judged<'_>, site: &Site) -> Vec<(String, Mark)> {
    let (device, facts) = (judged.device, judged.complete);
    let mut found = telling(judged, &TELLING);
    for item in facts.items(NETWORK_INTERFACE).map(|l| &l.items[..]).unwrap_or_default() {
        let Some(fact) = field(facts, &item.group, "address").filter(known) else { continue };
        let Some(net) = fact.value.network() else { continue };
        let address = net.addr().to_canonical();
        let zone = zone_of(site, device.zone.as_deref(), address).unwrap_or_default();
        let path = format!("{NETWORK_INTERFACE}[{}].address", key_text(facts.shape, &item.group));
        found.push((format!("address\0{address}\0{zone}"), mark(device, path, fact)));
    }
    found
}

/// The zone that an address lies in: its device's own where that has it, for a router stands in several.
fn zone_of<'s>(site: &'s Site, own: Option<&'s str>, address: std::net::IpAddr) -> Option<&'s str> {
    let name = |z: &'s crate::model::site::Zone| z.name.as_ref().map(|n| n.as_str());
    let holds =
        |z: &&crate::model::site::Zone| z.subnet.iter().filter_map(|s| s.net.as_ref()).any(|n| n.contains(address));
    let its = site.zone.iter().find(|z| name(z) == own && holds(z));
    its.or_else(|| site.zone.iter().find(holds)).and_then(name).or(own)
}
