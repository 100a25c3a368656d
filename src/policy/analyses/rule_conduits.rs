//! Whether what a firewall lets through from zone to zone has a conduit.

use std::collections::BTreeSet;

use super::answer;
use super::conduits::{has_conduit, note};
use super::entries::text;
use super::filter_rules::{FilterRule, filter_rules, network};
use super::legs::{Leg, legs};
use crate::model::facts::Value;
use crate::model::paths::{FIREWALL, FIREWALL_RULE, NETWORK_INTERFACE, OBJECTS_ADDRESS};
use crate::model::site::Zone;
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::packets::{Ranges, Side};
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "rules-have-conduits",
    doc: "Each rule of the firewall that lets through from a zone to another one has a conduit of the site that way. A rule \
          is of the zone of the interface that it names; without one, of the zones in whose networks its addresses lie; with \
          neither, of every zone that an interface says. Interfaces without a zone are left out. Does not concern a device \
          whose interfaces say fewer than two zones.",
    params: &[],
    reads: &[],
    looks_at: &[FIREWALL, FIREWALL_RULE, NETWORK_INTERFACE, OBJECTS_ADDRESS],
    needs: &[Need::Site],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let legs = legs(input.facts);
    let zones: BTreeSet<&str> = legs.iter().filter_map(|leg| text(input.facts, leg.group, "zone")).collect();
    let off = input.fact(FIREWALL).is_some_and(|fact| fact.value == Value::Switch(false));
    if zones.len() < 2 || off {
        return Answer::NotApplicable;
    }
    let crossings = zones.iter().flat_map(|from| zones.iter().map(move |to| (*from, *to)));
    let shut: BTreeSet<(&str, &str)> =
        crossings.filter(|(from, to)| from != to && !has_conduit(input, from, to)).collect();
    let zones: Vec<(&str, Ranges)> = zones.into_iter().map(|zone| (zone, addresses_of(input, zone))).collect();
    let mut failed = Vec::new();
    for rule in filter_rules(input.facts).iter().filter(|rule| rule.allows == Some(true)) {
        let from = zones_of(input, rule, &legs, ("from", "source", Side::Source), &zones);
        let to = zones_of(input, rule, &legs, ("to", "destination", Side::Destination), &zones);
        let crossing = from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to)));
        let without: Vec<(&str, &str)> = crossing.filter(|crossing| shut.contains(crossing)).collect();
        failed.extend(told(input, rule, &without));
    }
    answer(failed, Vec::new())
}

/// The zones that one side of a rule means.
fn zones_of<'a>(
    input: &Input<'a>,
    rule: &FilterRule<'_>,
    legs: &[Leg<'a>],
    (interface, address, side): (&str, &str, Side),
    zones: &[(&'a str, Ranges)],
) -> Vec<&'a str> {
    let said = |name: &str| text(input.facts, rule.group, name).filter(|said| *said != "any");
    if let Some(name) = said(interface) {
        let leg = legs.iter().find(|leg| leg.name == name);
        return leg.and_then(|leg| text(input.facts, leg.group, "zone")).into_iter().collect();
    }
    if said(address).is_none() {
        return zones.iter().map(|(zone, _)| *zone).collect();
    }
    let Some(packets) = &rule.packets else { return Vec::new() };
    let lies = zones.iter().filter(|(_, addresses)| !addresses.and(packets.side(side)).is_empty());
    lies.map(|(zone, _)| *zone).collect()
}

/// The addresses of a zone's networks.
fn addresses_of(input: &Input<'_>, zone: &str) -> Ranges {
    let is = |z: &&Zone| z.name.as_ref().is_some_and(|name| name.as_str() == zone);
    let nets = input.site.site.zone.iter().find(is).into_iter().flat_map(|zone| &zone.subnet);
    let nets = nets.filter_map(|subnet| Some(network(subnet.net.as_ref()?.0)));
    nets.reduce(|a, b| a.or(&b)).unwrap_or_default()
}

/// One finding a rule, whatever it crosses.
fn told(input: &Input<'_>, rule: &FilterRule<'_>, without: &[(&str, &str)]) -> Option<Cause> {
    let (from, to) = without.first()?;
    let ways: Vec<String> = without.iter().take(4).map(|(from, to)| format!("`{from}` to `{to}`")).collect();
    let more = if without.len() > 4 { " and others" } else { "" };
    let sentence = format!("lets through from {}{more}, and no conduit is written", ways.join(", "));
    let origin = input.field(rule.group, "action").map(|fact| fact.origin);
    let related = vec![note(input, from), note(input, to)];
    let help = format!(
        "write `conduit \"{from}\" \"{to}\" purpose=\"...\"` in `site.kdl`, or narrow the rule by `from=` and `to=`"
    );
    let cause = input.cause(format!("{}.action", rule.path()), origin, sentence);
    Some(Cause { help: Some(help), related, ..cause })
}
