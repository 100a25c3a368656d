//! Whether NAT leads to somebody.

use std::collections::HashMap;
use std::net::IpAddr;

use super::answer;
use super::filter_rules::{TCP, UDP, filter_rules, host, port, span};
use super::legs::{Leg, entries, knows_way, legs, text, value};
use crate::finding::Note;
use crate::model::facts::{Group, Value, key_text};
use crate::model::paths::{
    FIREWALL, FIREWALL_DEFAULT, FIREWALL_RULE, NAT_RULE, NETWORK_INTERFACE, ROUTING_ROUTE, SERVICES,
};
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::policy::packets::{Packets, Side};
use crate::policy::pattern::Cause;
use crate::source::Origin;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "nat-hits-somebody",
    doc: "Each NAT rule that is not off says all that its mode needs; its inside is where the device knows a way to; its \
          outside lies in the network of its interface and is no other rule's, port by port; a port of the device's own \
          address is none at which the device answers there itself; and where the firewall drops what no rule allows, some \
          rule allows it, by its address of before or of after. Which of the two the device's rules see, no source says.",
    params: &[],
    reads: &[],
    looks_at: &[NAT_RULE, NETWORK_INTERFACE, ROUTING_ROUTE, FIREWALL, FIREWALL_RULE, SERVICES],
    needs: &[],
    run,
};

/// What answers where, and its usual port: the path of its own is beneath `services`.
const OWN: [(&str, i64); 4] = [("https", 443), ("http", 80), ("ssh", 22), ("telnet", 23)];

struct Rule<'a, 'i> {
    input: &'i Input<'a>,
    group: &'i Group,
    name: String,
    leg: Option<&'i Leg<'i>>,
}

impl Rule<'_, '_> {
    fn value(&self, name: &str) -> Option<&Value> {
        value(self.input.facts, self.group, name)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::text)
    }

    fn int(&self, name: &str) -> Option<i64> {
        match self.value(name) {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        }
    }

    fn origin(&self, name: &str) -> Origin {
        self.input.field(self.group, name).map_or(self.group.origin, |fact| fact.origin)
    }

    fn cause(&self, field: &str, sentence: impl Into<String>) -> Cause {
        self.input.cause(format!("{NAT_RULE}[{}].{field}", self.name), Some(self.origin(field)), sentence)
    }

    /// The address that the outside sees: without one of its own that of the interface.
    fn outside(&self) -> Option<IpAddr> {
        match self.value("outside") {
            Some(Value::Address(address)) => Some(address.0),
            Some(_) => None,
            None => self.leg?.net.map(|net| net.addr()),
        }
    }
}

fn run(input: &Input<'_>) -> Answer {
    let legs = legs(input.facts);
    let on = |rule: &&Group| value(input.facts, rule, "enabled") != Some(&Value::Switch(false));
    let rules: Vec<Rule<'_, '_>> = entries(input.facts, NAT_RULE)
        .filter(on)
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
        failed.extend(inside(rule));
        failed.extend(outside(rule));
        if let Some(earlier) = seen_as(rule).and_then(|seen| taken.insert(seen, rule)) {
            let mut cause = rule.cause("outside", format!("stands for what `{}` stands for", earlier.name));
            cause.related.push(Note { loc: earlier.group.origin.loc(), text: "the first of them".to_owned() });
            failed.push(cause);
        }
        failed.extend(answered_itself(rule));
    }
    failed.extend(let_through(input, &rules));
    answer(failed, Vec::new())
}

/// What the mode of a rule needs and nobody says.
fn lacking(rule: &Rule<'_, '_>) -> Vec<&'static str> {
    let needs: &[&'static str] = match rule.text("mode") {
        Some("1-1") => &["interface", "outside", "inside"],
        Some("n-1") => &["interface", "inside"],
        Some("pat") => &["interface", "protocol", "outside-port", "inside", "inside-port"],
        _ => &["mode"],
    };
    needs.iter().copied().filter(|name| rule.value(name).is_none()).collect()
}

fn inside(rule: &Rule<'_, '_>) -> Option<Cause> {
    let first = rule.text("inside")?.split(['-', '/']).next()?.parse().ok()?;
    if knows_way(rule.input.facts, first) != Some(false) {
        return None;
    }
    Some(rule.cause("inside", format!("{first} is in no network of the device, and no route leads there")))
}

fn outside(rule: &Rule<'_, '_>) -> Option<Cause> {
    let (Some(Value::Address(address)), leg) = (rule.value("outside"), rule.leg?) else { return None };
    let net = leg.net.filter(|net| !net.contains(&address.0))?;
    let sentence = format!("{address} lies outside {}, the network of interface `{}`", net.trunc(), leg.name);
    let mut cause = rule.cause("outside", sentence);
    cause.related.push(Note { loc: leg.group.origin.loc(), text: format!("interface `{}`", leg.name) });
    Some(cause)
}

/// What a rule stands for to the outside: many of the inside may share one address.
fn seen_as(rule: &Rule<'_, '_>) -> Option<String> {
    let outside = rule.outside()?;
    match rule.text("mode")? {
        "1-1" => Some(outside.to_string()),
        "pat" => Some(format!("{outside} {} {}", rule.text("protocol")?, rule.int("outside-port")?)),
        _ => None,
    }
}

/// A port of the device's own address at which it answers to whoever manages it.
fn answered_itself(rule: &Rule<'_, '_>) -> Option<Cause> {
    let leg = rule.leg?;
    let own = rule.outside()? == leg.net?.addr() && rule.text("protocol")? == "tcp";
    let port = rule.int("outside-port").filter(|_| own)?;
    let answers = value(rule.input.facts, leg.group, "management")?;
    let Value::List(answers) = answers else { return None };
    let (service, _) = OWN.into_iter().find(|(service, usual)| {
        let group = rule.input.facts.group(SERVICES).and_then(|group| rule.input.inside(group, service));
        let said = group.and_then(|group| match value(rule.input.facts, group, "port") {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        });
        said.unwrap_or(*usual) == port && answers.iter().any(|fact| fact.value.text() == Some(service))
    })?;
    let mut cause = rule.cause("outside-port", format!("the device answers {service} there itself"));
    let place = rule.input.field(leg.group, "management").map_or(leg.group.origin, |fact| fact.origin);
    cause.related.push(Note { loc: place.loc(), text: format!("what answers on `{}`", leg.name) });
    Some(cause)
}

/// What comes in from outside, where no rule lets it through by either address.
fn let_through(input: &Input<'_>, rules: &[Rule<'_, '_>]) -> Vec<Cause> {
    let on = input.fact(FIREWALL).is_some_and(|fact| fact.value == Value::Switch(true));
    let drops = input.fact(FIREWALL_DEFAULT).is_some_and(|fact| fact.value.text() == Some("deny"));
    let filter = filter_rules(input.facts);
    let known = filter.iter().all(|rule| rule.packets.is_some() && rule.allows.is_some());
    if !on || !drops || !known {
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
        let lets = |allowing: &super::filter_rules::FilterRule<'_>| {
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
