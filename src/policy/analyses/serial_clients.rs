//! Whether the allowlist lets in who talks to serial ports.

use std::net::IpAddr;

use ipnet::{IpAddrRange, IpNet, Ipv4AddrRange, Ipv6AddrRange};

use super::answer;
use crate::model::facts::{Fact, Group, Setting, Value};
use crate::model::paths::{ALLOWLIST_HOST, SERIAL_PORT};
use crate::policy::analysis::{Analysis, Answer, Input};

/// Most addresses of one range that are looked at one by one; the device takes 64 (nport.md 1.2).
const LOOKED_AT: usize = 256;

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
        return Answer::Unknown(vec![input.absent(ALLOWLIST_HOST, "whom the list lets in is not known")]);
    };
    let nets = hosts.iter().filter_map(|item| Some(input.field(&item.group, "net")?.value.network()?.trunc()));
    let nets = IpNet::aggregate(&nets.collect());
    let shut_out = talking.iter().filter(|talks| !talks.who.lies_in(&nets)).map(|talks| {
        let sentence = format!("the allowlist shuts out {}, which talks to port {}", talks.who.words(), talks.port);
        input.cause(format!("{SERIAL_PORT}[{}].{}", talks.port, talks.field), Some(talks.said.origin), sentence)
    });
    answer(shut_out.collect(), Vec::new())
}

/// Somebody who talks to a port.
struct Talks<'g> {
    port: String,
    field: &'static str,
    said: &'g Fact,
    who: Who,
}

/// Who talks to a port.
enum Who {
    Net(IpNet),
    Range(IpAddr, IpAddr),
}

impl Who {
    fn lies_in(&self, nets: &[IpNet]) -> bool {
        let lets_in = |address: IpAddr| nets.iter().any(|net| net.contains(&address));
        match self {
            Who::Net(of) => nets.iter().any(|net| net.contains(of)),
            Who::Range(IpAddr::V4(from), IpAddr::V4(to)) => {
                IpAddrRange::from(Ipv4AddrRange::new(*from, *to)).take(LOOKED_AT).all(lets_in)
            }
            Who::Range(IpAddr::V6(from), IpAddr::V6(to)) => {
                IpAddrRange::from(Ipv6AddrRange::new(*from, *to)).take(LOOKED_AT).all(lets_in)
            }
            Who::Range(from, to) => lets_in(*from) && lets_in(*to),
        }
    }

    fn words(&self) -> String {
        match self {
            Who::Net(net) if net.prefix_len() == net.max_prefix_len() => net.addr().to_string(),
            Who::Net(net) => net.to_string(),
            Who::Range(from, to) if from == to => from.to_string(),
            Who::Range(from, to) => format!("{from} to {to}"),
        }
    }
}

fn talking<'g>(input: &Input<'_>, port: &'g Group) -> Vec<Talks<'g>> {
    let Some(number) = input.field(port, "number").map(|f| f.value.plain()) else { return Vec::new() };
    let talks = |field, said, who| Talks { port: number.clone(), field, said, who };
    let mut found = Vec::new();
    if let Some(Fact { value: Value::List(clients), .. }) = input.field(port, "clients") {
        let net = |f: &Fact| Some(Who::Net(f.value.network()?.trunc()));
        found.extend(clients.iter().filter_map(|f| Some(talks("clients", f, net(f)?))));
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
            Some(talks("mode.range", from, Who::Range(first, last)))
        })),
        Some("tcp-client") => found.extend(items("destination").iter().filter_map(|item| {
            let fact = input.field(&item.group, "address")?;
            Some(talks("mode.destination", fact, Who::Net(IpNet::from(address(fact)?))))
        })),
        _ => {}
    }
    found
}
