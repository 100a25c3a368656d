//! Where a device stands, and to which addresses it knows a way.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::Facts;
use crate::model::facts::{Fact, Group, Items, Value, key_text};
use crate::model::paths::{NETWORK_INTERFACE, ROUTING_OSPF, ROUTING_ROUTE, SERVICES_RIP, VPN_IPSEC};
use crate::policy::analysis::field;

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
    let on = |group: &&Group| value(facts, group, "enabled") != Some(&Value::Switch(false));
    let leg = |group| {
        let net = value(facts, group, "address").and_then(Value::network);
        Leg { name: key_text(facts.shape, group), group, net: net.filter(|n| n.prefix_len() < n.max_prefix_len()) }
    };
    entries(facts, NETWORK_INTERFACE).filter(on).map(leg).collect()
}

/// The entries of a list, none where nobody says anything of it.
pub(super) fn entries<'a>(facts: &'a Facts, list: &str) -> impl Iterator<Item = &'a Group> {
    let items = facts.items(list).map(|Items { items, .. }| items.as_slice()).unwrap_or_default();
    items.iter().map(|item| &item.group)
}

/// A field's value, of an entry of any device.
pub(super) fn value<'a>(facts: &Facts, group: &'a Group, name: &str) -> Option<&'a Value> {
    field(facts, group, name).map(|fact| &fact.value)
}

/// The same, where it is a word or text.
pub(super) fn text<'a>(facts: &Facts, group: &'a Group, name: &str) -> Option<&'a str> {
    value(facts, group, name).and_then(Value::text)
}

/// Whether a switch is on.
pub(super) fn is_on(facts: &Facts, group: &Group, name: &str) -> bool {
    value(facts, group, name) == Some(&Value::Switch(true))
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
pub(super) fn knows_way(facts: &Facts, address: IpAddr) -> Option<bool> {
    let legs = legs(facts);
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
