//! Whether what crosses from zone to zone has a conduit.

use std::net::IpAddr;

use ipnet::IpNet;

use super::answer;
use super::servers::each_server;
use crate::finding::Note;
use crate::model::paths::{
    ALLOWLIST_HOST, AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, LOG_SERVER, NETWORK_DNS, NETWORK_INTERFACE,
    SNMP_TRAP, TIME_NTP,
};
use crate::model::site::Zone;
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::pattern::Cause;
use crate::source::{Loc, Origin};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "conduits-named",
    doc: "Each entry of the allowlist that lies in another zone of the site has a conduit from there to the device's zone, \
          and each server in another zone one from the device's zone to there. Zones in which an interface of the device \
          stands are its own. Addresses in no zone's networks, and host names, are left out. Does not concern a device \
          that stands in no zone, or of a site with one zone.",
    params: &[],
    reads: &[],
    looks_at: &[
        "zone",
        ALLOWLIST_HOST,
        LOG_SERVER,
        SNMP_TRAP,
        AUTHENTICATION_RADIUS,
        AUTHENTICATION_TACACS,
        TIME_NTP,
        NETWORK_DNS,
        NETWORK_INTERFACE,
    ],
    needs: &[Need::Site],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let Some(own) = input.device.zone.as_deref() else { return Answer::NotApplicable };
    let zones = &input.site.site.zone;
    if zones.len() < 2 {
        return Answer::NotApplicable;
    }
    let interfaces = input.items(NETWORK_INTERFACE).unwrap_or_default();
    let interfaces = interfaces.iter().filter_map(|item| input.field(&item.group, "address")?.value.network());
    let stands_in: Vec<&str> = interfaces.filter_map(|net| zone_of(zones, host(net.addr()))).collect();
    let crosses = |net: IpNet| zone_of(zones, net).filter(|zone| *zone != own && !stands_in.contains(zone));
    let (mut failed, mut some) = (Vec::new(), false);
    let mut tell = |path: String, origin: Origin, shown: String, from: &str, to: &str| {
        if has_conduit(input, from, to) {
            return;
        }
        let sentence = format!("`{shown}` crosses from `{from}` to `{to}`, and no conduit is written");
        let other = if from == own { to } else { from };
        let help = format!("write `conduit \"{from}\" \"{to}\" purpose=\"...\"` in `site.kdl`, or take it out");
        let related = vec![note(input, other)];
        failed.push(Cause { help: Some(help), related, ..input.cause(path, Some(origin), sentence) });
    };
    for item in input.items(ALLOWLIST_HOST).unwrap_or_default() {
        some = true;
        let Some(fact) = input.field(&item.group, "net") else { continue };
        if let Some(zone) = fact.value.network().and_then(|net| crosses(net.trunc())) {
            tell(format!("{ALLOWLIST_HOST}[{}].net", fact.value.plain()), fact.origin, fact.value.plain(), zone, own);
        }
    }
    each_server(input, |path, fact| {
        some = true;
        let shown = fact.value.plainly();
        if let Some(zone) = shown.parse().ok().and_then(|address| crosses(host(address))) {
            tell(path(), fact.origin, shown.into_owned(), own, zone);
        }
    });
    if some { answer(failed, Vec::new()) } else { Answer::NotApplicable }
}

fn host(address: IpAddr) -> IpNet {
    IpNet::from(address.to_canonical())
}

/// The zone that a network lies in whole: the one with the narrowest network around it.
fn zone_of(zones: &[Zone], net: IpNet) -> Option<&str> {
    let around = zones.iter().filter_map(|zone| {
        let nets = zone.subnet.iter().filter_map(|s| s.net.as_ref()).map(|n| n.0.trunc()).filter(|n| n.contains(&net));
        Some((nets.map(|n| n.prefix_len()).max()?, zone.name.as_ref()?.as_str()))
    });
    around.max_by_key(|(prefix, _)| *prefix).map(|(_, name)| name)
}

/// Where the site writes a zone.
pub(super) fn note(input: &Input<'_>, zone: &str) -> Note {
    let loc = input.site.facts.group(&format!("zone[{zone}]")).map_or(Loc::NONE, |group| group.origin.loc());
    Note { loc, text: format!("zone `{zone}`") }
}

/// Whether the site has a conduit that way.
pub(super) fn has_conduit(input: &Input<'_>, from: &str, to: &str) -> bool {
    let is = |name: &Option<crate::model::value::Name>, zone: &str| name.as_ref().is_some_and(|n| n.as_str() == zone);
    input.site.site.conduit.iter().any(|conduit| is(&conduit.from, from) && is(&conduit.to, to))
}
