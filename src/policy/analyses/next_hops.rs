//! Whether what a router sends to is where it can send to.

use std::net::IpAddr;

use ipnet::IpNet;

use super::addresses::{edge_of, no_single_host};
use super::answer;
use super::entries::{entries, in_use, text};
use super::legs::{Leg, legs};
use crate::finding::Note;
use crate::model::facts::{Fact, Group, Value, key_text};
use crate::model::paths::{DHCP_HOST, DHCP_POOL, NETWORK_INTERFACE, ROUTING_ROUTE, ROUTING_VRRP_GROUP};
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "next-hops-fit",
    doc: "The next hop of each static route, and the address of each VRRP group, is that of one computer in a network of an \
          interface that is not off: of the group, in that of its own interface. The next hop is not the device itself, and \
          no route leads to a network that an interface stands in. So it is with addresses that the device hands out by DHCP, \
          and with the gateways that it tells. Routes and pools that are off are left out, and so is everything where an \
          interface has no address that is said. Does not concern a device with none of these.",
    params: &[],
    reads: &[],
    looks_at: &[NETWORK_INTERFACE, ROUTING_ROUTE, ROUTING_VRRP_GROUP, DHCP_POOL, DHCP_HOST],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    if [ROUTING_ROUTE, ROUTING_VRRP_GROUP, DHCP_POOL, DHCP_HOST]
        .iter()
        .all(|list| entries(input.facts, list).next().is_none())
    {
        return Answer::NotApplicable;
    }
    let legs = legs(input.facts);
    let mut failed = Vec::new();
    let all: Vec<&Leg<'_>> = legs.iter().collect();
    // the line of a serial port has no address of its own
    let by_port = |route: &&Group| text(input.facts, route, "interface").is_some_and(|name| name.starts_with("port "));
    for route in in_use(input.facts, ROUTING_ROUTE).filter(|route| !by_port(route)) {
        let path = format!("{ROUTING_ROUTE}[{}]", key_text(input.facts.shape, route));
        failed.extend(input.field(route, "via").and_then(|fact| lies(input, (path.clone(), fact), &all, true)));
        failed.extend(already_there(input, (path, route), &legs));
    }
    for group in entries(input.facts, ROUTING_VRRP_GROUP) {
        let name = text(input.facts, group, "interface");
        let own: Vec<&Leg<'_>> = legs.iter().filter(|leg| Some(&*leg.name) == name).collect();
        let path = format!("{ROUTING_VRRP_GROUP}[{}].address", key_text(input.facts.shape, group));
        failed.extend(input.field(group, "address").and_then(|fact| lies(input, (path, fact), &own, false)));
    }
    // the gateway may be the device itself; whoever gets its address is not
    let pool: &[(&str, bool)] = &[("from", true), ("to", true), ("gateway", false)];
    for (list, names) in [(DHCP_POOL, pool), (DHCP_HOST, &[("address", true), ("gateway", false)])] {
        for entry in in_use(input.facts, list) {
            for (name, others) in names.iter().copied() {
                let path = format!("{list}[{}].{name}", key_text(input.facts.shape, entry));
                failed.extend(input.field(entry, name).and_then(|fact| lies(input, (path, fact), &all, others)));
            }
        }
    }
    answer(failed, Vec::new())
}

/// Whether an address is in a network of some interfaces, and one computer's; `others` where it is not the device's
/// own.
fn lies(input: &Input<'_>, (path, fact): (String, &Fact), legs: &[&Leg<'_>], others: bool) -> Option<Cause> {
    let Value::Address(address) = fact.value else { return None };
    let address: IpAddr = address.0.to_canonical();
    let nets: Vec<IpNet> = legs.iter().filter_map(|leg| leg.net).collect();
    if nets.is_empty() || nets.len() < legs.len() && no_single_host(address).is_none() {
        return None;
    }
    let within = nets.iter().find(|net| net.contains(&address));
    let sentence = match within {
        _ if no_single_host(address).is_some() => format!("{address} is {}", no_single_host(address)?),
        None => format!(
            "{address} lies in no network of {}",
            match legs {
                [leg] => format!("interface `{}`", leg.name),
                _ => "the device".to_owned(),
            }
        ),
        Some(net) if edge_of(net.trunc(), address).is_some() => {
            format!("{address} is {}", edge_of(net.trunc(), address)?)
        }
        Some(net) if others && net.addr().to_canonical() == address => format!("{address} is the device itself"),
        Some(_) => return None,
    };
    let mut cause = input.cause(path, Some(fact.origin), sentence);
    let place = |leg: &&&Leg<'_>| input.field(leg.group, "address").map(|fact| fact.origin.loc());
    let note = |leg: &&Leg<'_>| Some(Note { loc: place(&leg)?, text: format!("interface `{}`", leg.name) });
    cause.related.extend(legs.iter().take(3).filter_map(note));
    Some(cause)
}

/// A route to a network that the device stands in is never taken.
fn already_there(input: &Input<'_>, (path, route): (String, &Group), legs: &[Leg<'_>]) -> Option<Cause> {
    let fact = input.field(route, "destination")?;
    let to = fact.value.network()?.trunc();
    let leg = legs.iter().find(|leg| leg.net.is_some_and(|net| net.trunc() == to))?;
    let sentence = format!("leads to {to}, which interface `{}` stands in", leg.name);
    let mut cause = input.cause(path, Some(fact.origin), sentence);
    cause.related.push(Note { loc: leg.group.origin.loc(), text: format!("interface `{}`", leg.name) });
    Some(cause)
}
