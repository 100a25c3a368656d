//! Whether the allowlist lets in who talks to serial ports.

use std::net::IpAddr;

use ipnet::{IpNet, IpSubnets, Ipv4Subnets, Ipv6Subnets};

use super::answer;
use crate::model::facts::{Fact, Group, Setting, Value};
use crate::model::paths::{ALLOWLIST_HOST, SERIAL_PORT};
use crate::policy::analysis::{Analysis, Answer, Input};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "serial-clients-allowed",
    doc: "Where the allowlist is on, it lets in whoever talks to a serial port: the `clients` of each, the ranges of UDP and \
          the destinations of a TCP client. A host name is not looked up. The other end of a pair connection is \
          `pair-peers-match`'s. Does not concern a device whose ports name nobody.",
    params: &[],
    reads: &[],
    looks_at: &["allowlist", ALLOWLIST_HOST, SERIAL_PORT],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let ports = input.items(SERIAL_PORT).unwrap_or_default();
    let talking: Vec<_> = ports.iter().flat_map(|port| talking(input, &port.group)).collect();
    let switch = input.fact("allowlist").filter(|f| f.value.is_known());
    if talking.is_empty() || switch.is_some_and(|f| f.value == Value::Switch(false)) {
        return Answer::NotApplicable;
    }
    let (Some(_), Some(hosts)) = (switch, input.items(ALLOWLIST_HOST)) else {
        return Answer::Unknown(vec![input.unsaid(ALLOWLIST_HOST)]);
    };
    let nets = hosts.iter().filter_map(|item| Some(input.field(&item.group, "net")?.value.network()?.trunc()));
    let nets = IpNet::aggregate(&nets.collect());
    // those that make up a larger one are that one by now: a network that is let in lies whole in one of them
    let lets_in = |of: &IpNet| nets.iter().any(|net| net.contains(of));
    let shut_out = talking.iter().filter(|talks| !talks.nets.iter().all(lets_in)).map(|talks| {
        let sentence = format!("the allowlist shuts out {}, which talks to port {}", talks.who, talks.port);
        input.cause(format!("{SERIAL_PORT}[{}].{}", talks.port, talks.field), Some(talks.said.origin), sentence)
    });
    answer(shut_out.collect(), Vec::new())
}

/// Somebody who talks to a port.
struct Talks<'g> {
    port: String,
    field: &'static str,
    said: &'g Fact,
    who: String,
    /// The fewest networks that are all of them.
    nets: Vec<IpNet>,
}

fn one(net: IpNet) -> (String, Vec<IpNet>) {
    let alone = net.prefix_len() == net.max_prefix_len();
    (if alone { net.addr().to_string() } else { net.to_string() }, vec![net])
}

/// From one address to another.
fn range(from: IpAddr, to: IpAddr) -> (String, Vec<IpNet>) {
    let nets = match (from, to) {
        _ if from == to => return one(from.into()),
        (IpAddr::V4(from), IpAddr::V4(to)) if from < to => IpSubnets::from(Ipv4Subnets::new(from, to, 0)).collect(),
        (IpAddr::V6(from), IpAddr::V6(to)) if from < to => IpSubnets::from(Ipv6Subnets::new(from, to, 0)).collect(),
        _ => vec![from.into(), to.into()],
    };
    (format!("{from} to {to}"), nets)
}

fn talking<'g>(input: &Input<'_>, port: &'g Group) -> Vec<Talks<'g>> {
    let Some(number) = input.field(port, "number").map(|f| f.value.plain()) else { return Vec::new() };
    let talks = |field, said, (who, nets)| Talks { port: number.clone(), field, said, who, nets };
    let mut found = Vec::new();
    if let Some(Fact { value: Value::List(clients), .. }) = input.field(port, "clients") {
        found.extend(clients.iter().filter_map(|f| Some(talks("clients", f, one(f.value.network()?.trunc())))));
    }
    let Some(mode) = input.inside(port, "mode") else { return found };
    let items = |name: &str| {
        let declared = input.facts.shape.group(mode.shape).field(name);
        match declared.and_then(|(ix, _)| mode.get(ix)) {
            Some(Setting::Items(list)) => &list.items[..],
            _ => &[],
        }
    };
    let address = |fact: &Fact| match &fact.value {
        Value::Address(address) => Some(address.0),
        other => other.text()?.parse().ok(),
    };
    match input.tag(port, "mode").map(|f| f.value.plain()).as_deref() {
        Some("udp") => found.extend(items("range").iter().filter_map(|item| {
            let from = input.field(&item.group, "from")?;
            let first = address(from)?;
            let last = input.field(&item.group, "to").and_then(address).unwrap_or(first);
            Some(talks("mode.range", from, range(first, last)))
        })),
        Some("tcp-client") => found.extend(items("destination").iter().filter_map(|item| {
            let fact = input.field(&item.group, "address")?;
            Some(talks("mode.destination", fact, one(address(fact)?.into())))
        })),
        _ => {}
    }
    found
}
