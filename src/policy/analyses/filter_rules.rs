//! The rules of a firewall as sets of packets.

use std::net::IpAddr;

use ipnet::IpNet;

use foldhash::{HashMap, HashMapExt as _};

use super::entries::{entries, in_use, text, value};
use crate::model::Facts;
use crate::model::facts::{Group, Value, key_text};
use crate::model::objects::Icmp;
use crate::model::paths::{FIREWALL_RULE, OBJECTS_ADDRESS, OBJECTS_SERVICE};
use crate::policy::packets::{PROTOCOL, Packets, Ranges, Side};

/// A rule that is looked at.
pub(super) struct FilterRule<'a> {
    pub(super) group: &'a Group,
    /// What it is called.
    pub(super) name: String,
    /// Whether what fits is let through; `None` where nobody says it.
    pub(super) allows: Option<bool>,
    /// What fits; `None` where that is not known.
    pub(super) packets: Option<Packets>,
}

impl FilterRule<'_> {
    pub(super) fn path(&self) -> String {
        format!("{FIREWALL_RULE}[{}]", self.name)
    }
}

/// The rules that are not off, in their order.
pub(super) fn filter_rules(facts: &Facts) -> Vec<FilterRule<'_>> {
    let names = Names::of(facts);
    let one = |group| FilterRule {
        group,
        name: key_text(facts.shape, group),
        allows: text(facts, group, "action").map(|action| action == "allow"),
        packets: names.packets(facts, group),
    };
    in_use(facts, FIREWALL_RULE).map(one).collect()
}

/// What names of interfaces and objects stand for.
struct Names<'a> {
    interfaces: HashMap<&'a str, u128>,
    addresses: HashMap<&'a str, Option<Ranges>>,
    services: HashMap<&'a str, Option<Ranges>>,
}

impl<'a> Names<'a> {
    fn of(facts: &'a Facts) -> Names<'a> {
        let said = |list: &str, object: fn(&Facts, &Group) -> Option<Ranges>| {
            let named =
                entries(facts, list).filter_map(|group| Some((text(facts, group, "name")?, object(facts, group))));
            named.collect::<HashMap<_, _>>()
        };
        let mut interfaces = HashMap::new();
        for rule in entries(facts, FIREWALL_RULE) {
            for name in ["from", "to"].iter().filter_map(|end| text(facts, rule, end)) {
                let next = interfaces.len() as u128;
                interfaces.entry(name).or_insert(next);
            }
        }
        let addresses = said(OBJECTS_ADDRESS, |facts, group| span(text(facts, group, "value")?));
        Names { interfaces, addresses, services: said(OBJECTS_SERVICE, service) }
    }

    /// What fits a rule; `None` where something in it is not known.
    fn packets(&self, facts: &Facts, rule: &Group) -> Option<Packets> {
        let mut packets = Packets::all();
        for (name, side) in SIDES {
            let ranges = match value(facts, rule, name) {
                None => continue,
                Some(Value::Text(said)) if **said == *"any" => continue,
                Some(Value::Text(said)) => match side {
                    Side::From | Side::To => Ranges::one(*self.interfaces.get(&**said)?),
                    Side::Source | Side::Destination => self.addresses.get(&**said)?.clone()?,
                    _ => self.services.get(&**said)?.clone()?,
                },
                Some(Value::Mac(mac)) => {
                    Ranges::one(mac.0.iter().fold(0, |number, byte| number << 8 | u128::from(*byte)))
                }
                Some(_) => return None,
            };
            packets = packets.with(side, &ranges);
        }
        value(facts, rule, "enabled").is_none_or(Value::is_known).then_some(packets)
    }
}

const SIDES: [(&str, Side); 8] = [
    ("from", Side::From),
    ("to", Side::To),
    ("source", Side::Source),
    ("destination", Side::Destination),
    ("service", Side::Service),
    ("source-service", Side::SourceService),
    ("source-mac", Side::SourceMac),
    ("destination-mac", Side::DestinationMac),
];

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

/// The addresses of one host.
pub(super) fn host(address: IpAddr) -> Ranges {
    Ranges::one(number(address))
}

/// The addresses of a host, a network, or from one to another.
pub(super) fn span(text: &str) -> Option<Ranges> {
    if let Some((first, last)) = text.split_once('-') {
        let (first, last) = (first.parse::<IpAddr>().ok()?, last.parse::<IpAddr>().ok()?);
        return Some(Ranges::of([(number(first), number(last))]));
    }
    let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    Some(network(net))
}

/// The addresses of a network.
pub(super) fn network(net: IpNet) -> Ranges {
    Ranges::of([(number(net.network()), number(net.broadcast()))])
}

/// Numbers of protocols (IANA).
const ICMP: u128 = 1;
pub(super) const TCP: u128 = 6;
pub(super) const UDP: u128 = 17;

/// A port of a protocol.
pub(super) fn port(protocol: u128, port: u128) -> Ranges {
    Ranges::one(protocol * PROTOCOL + port)
}

/// So many codes has a type of ICMP.
const CODES: u128 = 256;

/// Of ICMP type and code stand in place of the port.
fn service(facts: &Facts, group: &Group) -> Option<Ranges> {
    let mut ranges = Vec::new();
    for (name, protocol) in [("tcp", TCP), ("udp", UDP)] {
        match value(facts, group, name) {
            None => {}
            Some(Value::Set(ports)) if ports.names().next().is_none() => {
                let base = protocol * PROTOCOL;
                // port 0 is nobody's (RFC 6335, section 6): whoever writes 1 to 65535 means all
                let first = |port: u32| if port == 1 { base } else { base + u128::from(port) };
                ranges.extend(ports.numbers().map(|(from, to)| (first(from), base + u128::from(to))));
            }
            Some(_) => return None,
        }
    }
    match value(facts, group, "icmp") {
        None => {}
        Some(Value::Word(word)) => {
            let kind = ICMP * PROTOCOL + u128::from(Icmp::number(word)?) * CODES;
            ranges.push(match value(facts, group, "icmp-code") {
                None => (kind, kind + CODES - 1),
                Some(Value::Int(code)) => (kind + u128::try_from(*code).ok()?, kind + u128::try_from(*code).ok()?),
                Some(_) => return None,
            });
        }
        Some(_) => return None,
    }
    match value(facts, group, "protocol") {
        None => {}
        Some(Value::Int(number)) => {
            let number = u128::try_from(*number).ok()?;
            ranges.push((number * PROTOCOL, (number + 1) * PROTOCOL - 1));
        }
        Some(_) => return None,
    }
    (!ranges.is_empty()).then(|| Ranges::of(ranges))
}
