//! Whether VLANs of a device lead where they have to, and nowhere else.

use std::collections::BTreeMap;

use super::answer;
use super::entries::{entries, in_use, int, is_off, is_on, value};
use super::legs::{Leg, knows_way, legs};
use crate::finding::Note;
use crate::model::facts::{Fact, Group, Value, key_text};
use crate::model::paths::{
    DOT1X_METHOD, DOT1X_SERVER, DOT1X_USER, ETHERNET_PORT, NETWORK_INTERFACE, ROUTING_ROUTE, SWITCHING_DHCP_SNOOPING,
};
use crate::model::value::Address;
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::pattern::Cause;
use crate::source::Origin;

pub(super) static NATIVE: Analysis = Analysis {
    name: "native-is-unused",
    doc: "The VLAN of frames without a tag, of each port with tagged VLANs, is that of no port in use with one VLAN, of no \
          interface, and none that a port tags. Does not concern a device without such a port.",
    params: &[],
    reads: &[],
    looks_at: &[ETHERNET_PORT, NETWORK_INTERFACE],
    needs: &[],
    run: native,
};

pub(super) static REACHABLE: Analysis = Analysis {
    name: "management-is-reachable",
    doc: "Some interface answers to whoever manages the device; the VLAN of each that does is carried by a port that is not \
          off, where VLANs of ports are described; and a `station` of the site with an address is in a network of the \
          device, or the device knows a way to it. \
          Does not concern a device of which nobody says an interface.",
    params: &[],
    reads: &[],
    looks_at: &[NETWORK_INTERFACE, ETHERNET_PORT, ROUTING_ROUTE],
    needs: &[Need::Site],
    run: reachable,
};

pub(super) static SNOOPING: Analysis = Analysis {
    name: "snooping-has-a-way",
    doc: "Where DHCP snooping is on, some port that is not off is trusted; where a port asks who is there, the device has a \
          server to ask by `method \"radius\"`, or users of its own by `method \"local\"`. \
          Does not concern a device of which nobody says that it asks who is there.",
    params: &[],
    reads: &[],
    looks_at: &[ETHERNET_PORT, SWITCHING_DHCP_SNOOPING, DOT1X_METHOD, DOT1X_SERVER, DOT1X_USER],
    needs: &[],
    run: snooping,
};

fn native(input: &Input<'_>) -> Answer {
    let mut used: BTreeMap<i64, (String, Origin)> = BTreeMap::new();
    for port in in_use(input.facts, ETHERNET_PORT) {
        if let Some(vlan) = int(input.facts, port, "access") {
            used.entry(vlan).or_insert((format!("port `{}`", key_text(input.facts.shape, port)), port.origin));
        }
    }
    for leg in legs(input.facts) {
        if let Some(vlan) = int(input.facts, leg.group, "vlan") {
            used.entry(vlan).or_insert((format!("interface `{}`", leg.name), leg.group.origin));
        }
    }
    let (mut failed, mut concerned) = (Vec::new(), false);
    for port in entries(input.facts, ETHERNET_PORT) {
        let tagged = ["trunk", "hybrid"].iter().find_map(|name| match value(input.facts, port, name) {
            Some(Value::Set(vlans)) => Some(vlans),
            _ => None,
        });
        let Some((tagged, fact)) = tagged.zip(input.field(port, "native")) else { continue };
        let Value::Int(vlan) = fact.value else { continue };
        concerned = true;
        let path = format!("{ETHERNET_PORT}[{}].native", key_text(input.facts.shape, port));
        let tags = tagged.numbers().any(|(first, last)| (first.into()..=last.into()).contains(&vlan));
        match used.get(&vlan) {
            Some((whose, origin)) => {
                let sentence = format!("VLAN {vlan} takes frames without a tag, and is that of {whose}");
                let mut cause = input.cause(path, Some(fact.origin), sentence);
                cause.related.push(Note { loc: origin.loc(), text: whose.clone() });
                failed.push(cause);
            }
            None if tags => {
                failed.push(input.cause(
                    path,
                    Some(fact.origin),
                    format!("VLAN {vlan} is tagged there and without a tag"),
                ));
            }
            None => {}
        }
    }
    if concerned { answer(failed, Vec::new()) } else { Answer::NotApplicable }
}

fn reachable(input: &Input<'_>) -> Answer {
    let legs = legs(input.facts);
    let answers = |leg: &&Leg<'_>| match value(input.facts, leg.group, "management") {
        Some(Value::List(ways)) => !ways.is_empty(),
        _ => true,
    };
    if legs.is_empty() {
        return Answer::NotApplicable;
    }
    let mut failed = Vec::new();
    if !legs.iter().any(|leg| answers(&leg)) {
        let fact = input.field(legs[0].group, "management");
        let path = format!("{}.management", legs[0].path());
        let sentence = "no interface answers to whoever manages the device";
        failed.push(input.cause(path, fact.map(|fact| fact.origin), sentence));
    }
    let ports = entries(input.facts, ETHERNET_PORT).map(|port| (port, carries(input, port)));
    let ports: Vec<(&Group, Vec<_>)> = ports.filter(|(_, vlans)| !vlans.is_empty()).collect();
    for leg in legs.iter().filter(answers).filter(|_| !ports.is_empty()) {
        let Some(fact) = input.field(leg.group, "vlan") else { continue };
        let Value::Int(vlan) = fact.value else { continue };
        let leads = |vlans: &[(i64, i64)]| vlans.iter().any(|(first, last)| (*first..=*last).contains(&vlan));
        let led: Vec<&Group> = ports.iter().filter(|(_, vlans)| leads(vlans)).map(|(port, _)| *port).collect();
        if led.iter().all(|port| is_off(input.facts, port)) {
            let sentence = format!("no port that is on carries VLAN {vlan}, so nobody reaches `{}`", leg.name);
            let mut cause = input.cause(format!("{}.vlan", leg.path()), Some(fact.origin), sentence);
            cause
                .related
                .extend(led.iter().take(3).map(|port| Note { loc: port.origin.loc(), text: "is off".to_owned() }));
            failed.push(cause);
        }
    }
    failed.extend(no_station(input, &legs));
    answer(failed, Vec::new())
}

/// The VLANs that a port says it has, each from the first one to the last.
fn carries(input: &Input<'_>, port: &Group) -> Vec<(i64, i64)> {
    let mut vlans = Vec::new();
    for name in ["access", "native", "trunk", "hybrid", "untagged"] {
        match value(input.facts, port, name) {
            Some(Value::Int(vlan)) => vlans.push((*vlan, *vlan)),
            Some(Value::Set(set)) => vlans.extend(set.numbers().map(|(first, last)| (first.into(), last.into()))),
            _ => {}
        }
    }
    vlans
}

fn no_station(input: &Input<'_>, legs: &[Leg<'_>]) -> Option<Cause> {
    let stations: Vec<_> = input.site.site.station.iter().filter_map(|station| station.address).collect();
    let out = |address: &Address| knows_way(input.facts, legs, address.0) == Some(false);
    if stations.is_empty() || !stations.iter().all(out) {
        return None;
    }
    let fact: Option<&Fact> = legs.iter().find_map(|leg| input.field(leg.group, "address"));
    let sentence = "no station of the site is in a network of the device, and no route leads to one";
    let mut cause = input.cause(NETWORK_INTERFACE, fact.map(|fact| fact.origin), sentence);
    cause.help = Some("add a route or a gateway, or a `station` to `site.kdl` that is near".to_owned());
    Some(cause)
}

fn snooping(input: &Input<'_>) -> Answer {
    let (mut failed, mut unknown, mut concerned) = (Vec::new(), Vec::new(), false);
    if let Some(fact) = input.fact(SWITCHING_DHCP_SNOOPING).filter(|fact| fact.value == Value::Switch(true)) {
        concerned = true;
        if !in_use(input.facts, ETHERNET_PORT).any(|port| is_on(input.facts, port, "dhcp-trusted")) {
            let sentence = "no port is trusted, so no address is handed out";
            failed.push(input.cause(SWITCHING_DHCP_SNOOPING, Some(fact.origin), sentence));
        }
    }
    let asks = |port: &&Group| input.inside(port, "dot1x").is_some_and(|group| is_on(input.facts, group, "enabled"));
    if let Some(port) = entries(input.facts, ETHERNET_PORT).find(asks) {
        concerned = true;
        let asked = match input.fact(DOT1X_METHOD).and_then(|fact| fact.value.text()) {
            Some("radius") => Some((DOT1X_SERVER, "no server is there to ask")),
            Some("local") => Some((DOT1X_USER, "no user is there that it knows")),
            _ => {
                unknown.push(input.absent(DOT1X_METHOD, "asks who is there, and whom is not known"));
                None
            }
        };
        if let Some((_, what)) = asked.filter(|(list, _)| entries(input.facts, list).next().is_none()) {
            let path = format!("{ETHERNET_PORT}[{}].dot1x.enabled", key_text(input.facts.shape, port));
            let mut cause = input.cause(path, Some(port.origin), format!("asks who is there, and {what}"));
            let method = input.fact(DOT1X_METHOD).map(|fact| fact.origin.loc());
            cause.related.extend(method.map(|loc| Note { loc, text: "who knows the answer".to_owned() }));
            failed.push(cause);
        }
    }
    if concerned { answer(failed, unknown) } else { Answer::NotApplicable }
}
