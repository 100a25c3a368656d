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
          is of the zone that the interface that it names says; without one, of the zones in whose networks its addresses \
          lie; without them, of those in which its interface stands, or every interface. Does not concern a device of a \
          site with fewer than two zones, or whose firewall is off or has no rule in use.",
    params: &[],
    reads: &[],
    looks_at: &[FIREWALL, FIREWALL_RULE, NETWORK_INTERFACE, OBJECTS_ADDRESS],
    needs: &[Need::Site],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let off = input.fact(FIREWALL).is_some_and(|fact| fact.value == Value::Switch(false));
    let named = input.site.site.zone.iter().filter_map(|zone| Some(zone.name.as_ref()?.as_str()));
    let zones: Vec<(&str, Ranges)> = named.map(|zone| (zone, addresses_of(input, zone))).collect();
    let rules = filter_rules(input.facts);
    if zones.len() < 2 || off || rules.is_empty() {
        return Answer::NotApplicable;
    }
    let crossings = zones.iter().flat_map(|(from, _)| zones.iter().map(move |(to, _)| (*from, *to)));
    let shut: BTreeSet<(&str, &str)> =
        crossings.filter(|(from, to)| from != to && !has_conduit(input, from, to)).collect();
    let legs: Vec<Stands<'_>> = legs(input.facts).into_iter().map(|leg| stands(input, leg, &zones)).collect();
    let mut failed = Vec::new();
    for rule in rules.iter().filter(|rule| rule.allows == Some(true)) {
        let from = zones_of(input, rule, &legs, ("from", "source", Side::Source), &zones);
        let to = zones_of(input, rule, &legs, ("to", "destination", Side::Destination), &zones);
        let crossing = from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to)));
        let without: Vec<(&str, &str)> = crossing.filter(|crossing| shut.contains(crossing)).collect();
        failed.extend(told(input, rule, &without));
    }
    answer(failed, Vec::new())
}

/// An interface, and the zones that it stands in.
struct Stands<'a> {
    name: String,
    /// Whether it says its zone.
    said: bool,
    zones: Vec<&'a str>,
}

fn stands<'a>(input: &Input<'a>, leg: Leg<'a>, zones: &[(&'a str, Ranges)]) -> Stands<'a> {
    let said = text(input.facts, leg.group, "zone");
    let net = leg.net.map(|net| network(net.trunc()));
    let within = zones.iter().filter(|(_, addresses)| net.as_ref().is_some_and(|net| !addresses.and(net).is_empty()));
    let zones = said.map_or_else(|| within.map(|(zone, _)| *zone).collect(), |zone| vec![zone]);
    Stands { name: leg.name, said: said.is_some(), zones }
}

/// The zones that one side of a rule means.
fn zones_of<'a>(
    input: &Input<'a>,
    rule: &FilterRule<'_>,
    legs: &[Stands<'a>],
    (interface, address, side): (&str, &str, Side),
    zones: &[(&'a str, Ranges)],
) -> BTreeSet<&'a str> {
    let said = |name: &str| text(input.facts, rule.group, name).filter(|said| *said != "any");
    let by = said(interface);
    let legs = || legs.iter().filter(|leg| by.is_none_or(|name| leg.name == name));
    if said(address).is_some() && !(by.is_some() && legs().any(|leg| leg.said)) {
        let Some(packets) = &rule.packets else { return BTreeSet::new() };
        let lies = zones.iter().filter(|(_, addresses)| !addresses.and(packets.side(side)).is_empty());
        return lies.map(|(zone, _)| *zone).collect();
    }
    legs().flat_map(|leg| leg.zones.iter().copied()).collect()
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
