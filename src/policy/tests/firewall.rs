//! Whether rules of a firewall are reached, against every packet tried one by one.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Address objects, and which of the five addresses that are tried lie in them: 10.0.0.0 to 10.0.0.3, and one
/// elsewhere.
const ADDRESSES: [(&str, &str, [bool; 5]); 5] = [
    ("one", "10.0.0.1", [false, true, false, false, false]),
    ("pair", "10.0.0.0/31", [true, true, false, false, false]),
    ("three", "10.0.0.0-10.0.0.2", [true, true, true, false, false]),
    ("four", "10.0.0.0/30", [true, true, true, true, false]),
    ("last", "10.0.0.2/31", [false, false, true, true, false]),
];

/// Ports and messages that are tried: of TCP 1, 2 and 9, of UDP 1 and 9, of ICMP two, and another protocol.
const KINDS: [(&str, u32); 8] =
    [("tcp", 1), ("tcp", 2), ("tcp", 9), ("udp", 1), ("udp", 9), ("icmp", 8), ("icmp", 0), ("gre", 0)];

/// Service objects, and which of the kinds are theirs.
const SERVICES: [(&str, &str, [bool; 8]); 7] = [
    ("t1", "tcp=\"1\"", [true, false, false, false, false, false, false, false]),
    ("t12", "tcp=\"1-2\"", [true, true, false, false, false, false, false, false]),
    ("tu", "tcp=\"2\" udp=\"1\"", [false, true, false, true, false, false, false, false]),
    ("tcp", "protocol=6", [true, true, true, false, false, false, false, false]),
    ("ping", "icmp=\"echo-request\"", [false, false, false, false, false, true, false, false]),
    ("icmp", "protocol=1", [false, false, false, false, false, true, true, false]),
    ("udp", "udp=\"1-65535\"", [false, false, false, true, true, false, false, false]),
];

const INTERFACES: [&str; 2] = ["lan", "wan"];

#[derive(Debug, Clone)]
struct Rule {
    allow: bool,
    on: bool,
    from: Option<usize>,
    source: Option<usize>,
    destination: Option<usize>,
    service: Option<usize>,
    source_service: Option<usize>,
    mac: bool,
}

impl Rule {
    fn text(&self, at: usize) -> String {
        let said = |name: &str, said: Option<&str>| said.map(|said| format!(" {name}=\"{said}\"")).unwrap_or_default();
        let action = if self.allow { "allow" } else { "deny" };
        [
            format!("rule \"r{at}\" \"{action}\""),
            said("from", self.from.map(|n| INTERFACES[n])),
            said("source", self.source.map(|n| ADDRESSES[n].0)),
            said("destination", self.destination.map_or(Some("any"), |n| Some(ADDRESSES[n].0))),
            said("service", self.service.map(|n| SERVICES[n].0)),
            said("source-service", self.source_service.map(|n| SERVICES[n].0)),
            said("source-mac", self.mac.then_some("00:90:e8:00:00:01")),
            if self.on { String::new() } else { " enabled=off".to_owned() },
        ]
        .concat()
    }

    fn takes(&self, packet: &Packet) -> bool {
        self.from.is_none_or(|n| packet.from == n)
            && self.source.is_none_or(|n| ADDRESSES[n].2[packet.source])
            && self.destination.is_none_or(|n| ADDRESSES[n].2[packet.destination])
            && self.service.is_none_or(|n| SERVICES[n].2[packet.to])
            && self.source_service.is_none_or(|n| SERVICES[n].2[packet.by])
            && (!self.mac || packet.mac)
    }
}

struct Packet {
    from: usize,
    source: usize,
    destination: usize,
    to: usize,
    by: usize,
    mac: bool,
}

/// Every packet of the small world. What comes from a port of a protocol goes to one of the same.
fn packets() -> Vec<Packet> {
    let mut all = Vec::new();
    for (from, source, destination) in (0..3).flat_map(|a| (0..5).flat_map(move |b| (0..5).map(move |c| (a, b, c)))) {
        for (to, by) in (0..8).flat_map(|a| (0..8).map(move |b| (a, b))).filter(|(a, b)| KINDS[*a].0 == KINDS[*b].0) {
            all.extend([true, false].map(|mac| Packet { from, source, destination, to, by, mac }));
        }
    }
    all
}

fn rule() -> impl Strategy<Value = Rule> {
    let some = |most: usize| proptest::option::weighted(0.4, 0..most);
    (
        any::<bool>(),
        proptest::bool::weighted(0.9),
        some(2),
        some(5),
        some(5),
        some(7),
        some(7),
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(allow, on, from, source, destination, service, source_service, mac)| Rule {
            allow,
            on,
            from,
            source,
            destination,
            service,
            // a source of its own is rare
            source_service: source_service.filter(|n| n % 3 == 0),
            mac,
        })
}

fn failing(verdict: &str, device: &str) -> BTreeSet<String> {
    let body = format!("analyse \"rule-is-reached\" verdict=\"{verdict}\"");
    let run = judge(&[&body], device, None, "site \"s\"", &[]);
    run.findings
        .iter()
        .filter(|f| f.status == Verdict::Fail)
        .filter_map(|f| f.path.as_deref().map(str::to_owned))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_rule_is_reached_where_some_packet_reaches_it(rules in proptest::collection::vec(rule(), 1..9)) {
        let objects: String = ADDRESSES.iter().map(|(name, value, _)| format!("address \"{name}\" \"{value}\"\n")).collect();
        let services: String = SERVICES.iter().map(|(name, value, _)| format!("service \"{name}\" {value}\n")).collect();
        let lines: String = rules.iter().enumerate().map(|(at, rule)| format!("{}\n", rule.text(at))).collect();
        let device = format!(
            "device \"d\" {{\nnetwork {{\ninterface \"lan\"\ninterface \"wan\"\n}}\nobjects {{\n{objects}{services}}}\nfirewall on {{\n{lines}}}\n}}"
        );
        let (mut same, mut other) = (BTreeSet::new(), BTreeSet::new());
        let all = packets();
        for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.on) {
            let first = |packet: &Packet| rules[..at].iter().find(|earlier| earlier.on && earlier.takes(packet));
            let takers: Vec<Option<&Rule>> = all.iter().filter(|packet| rule.takes(packet)).map(first).collect();
            if takers.iter().all(Option::is_some) {
                let path = format!("firewall.rule[r{at}]");
                let list = if takers.iter().flatten().any(|taker| taker.allow != rule.allow) { &mut other } else { &mut same };
                list.insert(path);
            }
        }
        prop_assert_eq!(failing("other", &device), other, "{}", &device);
        prop_assert_eq!(failing("same", &device), same, "{}", &device);
    }
}
