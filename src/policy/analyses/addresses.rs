//! Whether a device can be reached under its addresses, and whether its zone's networks are its own.

use std::net::IpAddr;

use ipnet::IpNet;

use super::answer;
use crate::finding::Note;
use crate::model::facts::{Fact, Group, Item, Value, key_text};
use crate::model::paths::NETWORK_INTERFACE;
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::pattern::Cause;
use crate::source::Origin;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "addresses-fit",
    doc: "The address of each interface is one of a single computer with a prefix length, is no `station`'s and no \
          `log-server`'s, and its gateway is another address of the same network. No network of the device's zone \
          overlaps one of another zone. \
          Does not concern a device of which nobody says an address, whose zone has networks of its own.",
    params: &[],
    reads: &[],
    looks_at: &[NETWORK_INTERFACE, "zone"],
    needs: &[Need::Site],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let interfaces = input.items(NETWORK_INTERFACE);
    let mut failed = Vec::new();
    for item in interfaces.unwrap_or_default() {
        let path = format!("{NETWORK_INTERFACE}[{}]", key_text(input.facts.shape, &item.group));
        interface(input, &item.group, &path, &mut failed);
    }
    overlaps(input, &mut failed);
    let has_address = |item: &Item| input.field(&item.group, "address").is_some();
    match interfaces.is_some_and(|interfaces| interfaces.iter().any(has_address)) {
        false if failed.is_empty() => Answer::NotApplicable,
        _ => answer(failed, Vec::new()),
    }
}

fn interface(input: &Input<'_>, group: &Group, path: &str, failed: &mut Vec<Cause>) {
    let Some(fact) = input.field(group, "address") else { return };
    let Some(net) = fact.value.network() else { return };
    let mut say = |name: &str, fact: &Fact, sentence: String, other: Option<Note>| {
        let mut cause = input.cause(format!("{path}.{name}"), Some(fact.origin), sentence);
        cause.related.extend(other);
        failed.push(cause);
    };
    let bare = net.prefix_len() == net.max_prefix_len();
    if let Some(what) = no_single_host(net.addr()).or_else(|| edge_of(net, net.addr())) {
        say("address", fact, format!("{} is {what}, not one computer's", net.addr()), None);
    } else if bare {
        let sentence = format!("has no prefix length, so no network: write it as `{}/24`", net.addr());
        say("address", fact, sentence, None);
    }
    for (whose, at) in taken(input, net.addr()) {
        say("address", fact, format!("is the address of {whose}"), Some(Note { loc: at.loc(), text: whose.clone() }));
    }
    let Some(fact) = input.field(group, "gateway") else { return };
    let Value::Address(gateway) = fact.value else { return };
    let gateway = gateway.0;
    let wrong = if let Some(what) = no_single_host(gateway) {
        format!("{gateway} is {what}, not one computer's")
    } else if gateway.to_canonical() == net.addr().to_canonical() {
        "is the device's own address".to_owned()
    } else if bare {
        // that the prefix is missing has been told
        return;
    } else if !net.contains(&gateway) {
        format!("{gateway} lies outside {}, so nothing reaches it", net.trunc())
    } else if let Some(what) = edge_of(net, gateway) {
        format!("{gateway} is {what}, not one computer's")
    } else {
        return;
    };
    say("gateway", fact, wrong, None);
}

/// Addresses that belong to no single computer that another one could reach.
pub(super) fn no_single_host(address: IpAddr) -> Option<&'static str> {
    let address = address.to_canonical();
    let this_network = matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 0);
    match address {
        _ if address.is_unspecified() || this_network => Some("the address of nobody"),
        _ if address.is_loopback() => Some("the device itself (loopback)"),
        _ if address.is_multicast() => Some("a multicast address"),
        IpAddr::V4(v4) if v4.octets()[0] >= 240 => Some("a broadcast or reserved address"),
        _ => None,
    }
}

/// Whether an address is the first or last of a network, which name all of it. Networks of two addresses have neither.
pub(super) fn edge_of(net: IpNet, address: IpAddr) -> Option<&'static str> {
    if net.max_prefix_len() - net.prefix_len() < 2 {
        return None;
    }
    match net {
        _ if address == net.network() => Some("the address of the network"),
        IpNet::V4(v4) if address == v4.broadcast() => Some("the broadcast address of the network"),
        _ => None,
    }
}

/// The stations and log servers of the site that have an address.
fn taken(input: &Input<'_>, address: IpAddr) -> Vec<(String, Origin)> {
    let facts = &input.site.facts;
    let place = |path: String| facts.group(&path).map_or(Origin::NONE, |g| g.origin);
    let stations = input.site.site.station.iter().filter_map(|s| {
        let name = s.name.as_ref().filter(|_| s.address.is_some_and(|a| a.0 == address))?;
        Some((format!("station `{name}`"), place(format!("station[{name}]"))))
    });
    let servers = input.site.site.log_server.iter().filter_map(|s| {
        let text = s.address.as_deref().filter(|t| t.parse() == Ok(address))?;
        Some((format!("log server `{text}`"), place(format!("log-server[{text}]"))))
    });
    stations.chain(servers).collect()
}

/// Networks of the device's zone that reach into another zone. Told at the later one, the same on every device.
fn overlaps(input: &Input<'_>, failed: &mut Vec<Cause>) {
    let zones = &input.site.site.zone;
    let Some(own) = input.device.zone.as_deref() else { return };
    let name = |i: usize| zones[i].name.as_ref().map_or("", |n| n.as_str());
    let nets = |i: usize| zones[i].subnet.iter().filter_map(|s| s.net.as_ref()).map(|n| n.0);
    let Some(own) = (0..zones.len()).find(|i| name(*i) == own) else { return };
    for other in (0..zones.len()).filter(|i| *i != own) {
        let (first, later) = (own.min(other), own.max(other));
        for (a, b) in nets(first).flat_map(|a| nets(later).map(move |b| (a, b))) {
            if !a.contains(&b.network()) && !b.contains(&a.network()) {
                continue;
            }
            let at = |i: usize, net: IpNet| {
                let path = format!("zone[{}].subnet[{}]", name(i), crate::model::value::Network(net));
                input.site.facts.group(&path).map_or(Origin::NONE, |g| g.origin)
            };
            let sentence = format!("`{b}` of `{}` overlaps `{a}` of `{}`", name(later), name(first));
            let mut cause = input.cause("zone", None, sentence);
            cause.origin = Origin::new(at(later, b).loc());
            cause.related.push(Note { loc: at(first, a).loc(), text: format!("zone `{}`", name(first)) });
            failed.push(cause);
        }
    }
}
