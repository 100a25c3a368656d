//! Whether NAT leads to somebody.

use foldhash::{HashMap, HashMapExt as _};

use super::answer;
use super::entries::{in_use, text};
use super::filter_rules::{FilterRule, TCP, UDP, filter_rules, host, port, span};
use super::legs::legs;
use super::nat_rule::{Rule, answered_itself, inside, lacking, outside, seen_as};
use crate::finding::Note;
use crate::model::facts::{Value, key_text};
use crate::model::paths::{
    FIREWALL, FIREWALL_DEFAULT, FIREWALL_RULE, NAT_RULE, NETWORK_INTERFACE, ROUTING_ROUTE, SERVICES,
};
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::policy::packets::{Packets, Side};
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "nat-hits-somebody",
    doc: "Each NAT rule that is not off says all that its mode needs, and names an interface that is there; its \
          inside is where the device knows a way to; its outside lies in the network of its interface and is no \
          other rule's, port by port; a port of the device's own address is none at which the device answers there \
          itself; and where the firewall drops what no rule allows, some rule allows it, by its address of before or \
          of after. Which of the two the device's rules see, no source says. Does not concern a device of which \
          nobody says a NAT rule that is on.",
    params: &[],
    reads: &[],
    looks_at: &[NAT_RULE, NETWORK_INTERFACE, ROUTING_ROUTE, FIREWALL, FIREWALL_RULE, SERVICES],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let legs = legs(input.facts);
    let rules: Vec<Rule<'_, '_>> = in_use(input.facts, NAT_RULE)
        .map(|group| {
            let name = text(input.facts, group, "interface");
            let leg = legs.iter().find(|leg| Some(&*leg.name) == name);
            Rule { input, group, name: key_text(input.facts.shape, group), leg }
        })
        .collect();
    if rules.is_empty() {
        return Answer::NotApplicable;
    }
    let mut failed = Vec::new();
    let mut taken: HashMap<String, &Rule<'_, '_>> = HashMap::new();
    for rule in &rules {
        let lacks = lacking(rule);
        if !lacks.is_empty() {
            let sentence = format!("does not say {}", lacks.join(", "));
            failed.push(rule.cause("mode", sentence));
            continue;
        }
        if let Some(name) = rule.text("interface").filter(|name| *name != "any" && !has_interface(input, name)) {
            failed.push(rule.cause("interface", format!("the device has no interface `{name}`")));
            continue;
        }
        failed.extend(inside(rule, &legs));
        failed.extend(outside(rule));
        let first = seen_as(rule).map(|seen| *taken.entry(seen).or_insert(rule));
        if let Some(earlier) = first.filter(|first| !std::ptr::eq(*first, rule)) {
            let mut cause = rule.cause("outside", format!("stands for what `{}` stands for", earlier.name));
            cause.related.push(Note { loc: earlier.group.origin.loc(), text: "the first of them".to_owned() });
            failed.push(cause);
        }
        failed.extend(answered_itself(rule));
    }
    failed.extend(let_through(input, &rules));
    answer(failed, Vec::new())
}

/// Whether an interface is there, on or off; where nobody says which there are, it may be.
fn has_interface(input: &Input<'_>, name: &str) -> bool {
    let there = input.facts.items(NETWORK_INTERFACE).filter(|all| !all.items.is_empty());
    there.is_none_or(|all| all.find(input.facts.shape, name).is_some())
}

/// What comes in from outside, where no rule lets it through by either address.
fn let_through(input: &Input<'_>, rules: &[Rule<'_, '_>]) -> Vec<Cause> {
    let on = input.fact(FIREWALL).is_some_and(|fact| fact.value == Value::Switch(true));
    let drops = input.fact(FIREWALL_DEFAULT).is_some_and(|fact| fact.value.text() == Some("deny"));
    if !on || !drops {
        return Vec::new();
    }
    let filter = filter_rules(input.facts);
    if !filter.iter().all(|rule| rule.packets.is_some() && rule.allows.is_some()) {
        return Vec::new();
    }
    let blocked = |rule: &&Rule<'_, '_>| {
        let Some(before) = rule.outside().map(host) else { return false };
        let Some(after) = rule.text("inside").and_then(span) else { return false };
        let protocol = if rule.text("protocol") == Some("udp") { UDP } else { TCP };
        let packets = |addresses, number: &str| {
            let all = Packets::all().with(Side::Destination, addresses);
            match rule.int(number).and_then(|n| u128::try_from(n).ok()) {
                Some(n) => all.with(Side::Service, &port(protocol, n)),
                None => all,
            }
        };
        let (before, after) = (packets(&before, "outside-port"), packets(&after, "inside-port"));
        let comes_in = matches!(rule.text("mode"), Some("pat" | "1-1")) && lacking(rule).is_empty();
        let from = rule.text("interface");
        let lets = |allowing: &FilterRule<'_>| {
            let by = text(input.facts, allowing.group, "from").filter(|name| *name != "any");
            by.is_none_or(|by| Some(by) == from)
                && allowing.packets.as_ref().is_some_and(|packets| packets.meets(&before) || packets.meets(&after))
        };
        comes_in && !filter.iter().filter(|rule| rule.allows == Some(true)).any(lets)
    };
    let told = |rule: &Rule<'_, '_>| {
        let mut cause = rule.cause("inside", "no rule of the firewall lets through what comes in so");
        cause.help = Some(format!(
            "add a rule `allow from=\"{}\"` for it, or take it out",
            rule.text("interface").unwrap_or("wan")
        ));
        cause
    };
    rules.iter().filter(blocked).map(told).collect()
}
