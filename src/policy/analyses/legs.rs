//! Where a device stands, and to which addresses it knows a way.

use std::net::IpAddr;

use ipnet::IpNet;

use super::entries::{entries, in_use, value};
use crate::model::Facts;
use crate::model::facts::{Fact, Group, Value, key_text};
use crate::model::paths::{NETWORK_INTERFACE, ROUTING_OSPF, ROUTING_ROUTE, SERVICES_RIP, VPN_IPSEC};

/// An interface that is not off.
pub(super) struct Leg<'a> {
    /// What it is called.
    pub(super) name: String,
    /// All that is said of it.
    pub(super) group: &'a Group,
    /// Its address with the prefix length of its network; `None` where none is said.
    pub(super) net: Option<IpNet>,
}

impl Leg<'_> {
    /// Its path.
    pub(super) fn path(&self) -> String {
        format!("{NETWORK_INTERFACE}[{}]", self.name)
    }
}

/// The interfaces that are not off.
pub(super) fn legs(facts: &Facts) -> Vec<Leg<'_>> {
    let leg = |group| {
        let net = value(facts, group, "address").and_then(Value::network);
        Leg { name: key_text(facts.shape, group), group, net: net.filter(|n| n.prefix_len() < n.max_prefix_len()) }
    };
    in_use(facts, NETWORK_INTERFACE).map(leg).collect()
}

/// The networks in a list of them, each with its place.
pub(super) fn nets<'a>(facts: &Facts, group: &'a Group, name: &str) -> Vec<(IpNet, &'a Fact)> {
    let Some(Value::List(list)) = value(facts, group, name) else { return Vec::new() };
    list.iter().filter_map(|fact| Some((fact.value.network()?.trunc(), fact))).collect()
}

/// Whether networks have an address in common.
pub(super) fn meet(a: IpNet, b: IpNet) -> bool {
    a.contains(&b.network()) || b.contains(&a.network())
}

/// Whether the device knows a way to an address: `None` where others tell it their ways, or nobody
/// says which routes it has.
pub(super) fn knows_way(facts: &Facts, legs: &[Leg<'_>], address: IpAddr) -> Option<bool> {
    let within = |net: IpNet| net.contains(&address);
    let on = |name: &str| facts.value(name).is_some_and(|fact| fact.value == Value::Switch(true));
    let routes = entries(facts, ROUTING_ROUTE).filter_map(|route| value(facts, route, "destination")?.network());
    let tunnels = entries(facts, VPN_IPSEC).flat_map(|tunnel| nets(facts, tunnel, "remote"));
    let gateway = legs.iter().any(|leg| value(facts, leg.group, "gateway").is_some());
    let known = gateway
        || legs.iter().filter_map(|leg| leg.net).any(within)
        || routes.map(|net| net.trunc()).any(within)
        || tunnels.map(|(net, _)| net).any(within);
    match known {
        true => Some(true),
        false if on(ROUTING_OSPF) || on(SERVICES_RIP) || legs.iter().any(|leg| leg.net.is_none()) => None,
        // routes of which nobody says anything may be there
        false => (!legs.is_empty() && facts.items(ROUTING_ROUTE).is_some()).then_some(false),
    }
}
