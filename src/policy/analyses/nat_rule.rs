//! A NAT rule, and what is wrong with it taken by itself.

use std::net::IpAddr;

use super::entries::{int, value};
use super::legs::{Leg, knows_way};
use crate::finding::Note;
use crate::model::facts::{Group, Value};
use crate::model::paths::{NAT_RULE, SERVICES};
use crate::policy::analysis::Input;
use crate::policy::pattern::Cause;
use crate::source::Origin;

/// What answers where, and its usual port: the path of its own is beneath `services`.
const OWN: [(&str, i64); 4] = [("https", 443), ("http", 80), ("ssh", 22), ("telnet", 23)];

/// A rule that is not off, with the interface that it stands at.
pub(super) struct Rule<'a, 'i> {
    pub(super) input: &'i Input<'a>,
    pub(super) group: &'i Group,
    pub(super) name: String,
    pub(super) leg: Option<&'i Leg<'i>>,
}

impl Rule<'_, '_> {
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        value(self.input.facts, self.group, name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::text)
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        int(self.input.facts, self.group, name)
    }

    pub(super) fn origin(&self, name: &str) -> Origin {
        self.input.field(self.group, name).map_or(self.group.origin, |fact| fact.origin)
    }

    pub(super) fn cause(&self, field: &str, sentence: impl Into<String>) -> Cause {
        self.input.cause(format!("{NAT_RULE}[{}].{field}", self.name), Some(self.origin(field)), sentence)
    }

    /// The address that the outside sees: without one of its own that of the interface.
    pub(super) fn outside(&self) -> Option<IpAddr> {
        match self.value("outside") {
            Some(Value::Address(address)) => Some(address.0),
            Some(_) => None,
            None => self.leg?.net.map(|net| net.addr()),
        }
    }
}

/// What the mode of a rule needs and nobody says.
pub(super) fn lacking(rule: &Rule<'_, '_>) -> Vec<&'static str> {
    let needs: &[&'static str] = match rule.text("mode") {
        Some("1-1") => &["interface", "outside", "inside"],
        Some("n-1") => &["interface", "inside"],
        Some("pat") => &["interface", "protocol", "outside-port", "inside", "inside-port"],
        _ => &["mode"],
    };
    needs.iter().copied().filter(|name| rule.value(name).is_none()).collect()
}

pub(super) fn inside(rule: &Rule<'_, '_>, legs: &[Leg<'_>]) -> Option<Cause> {
    let first = rule.text("inside")?.split(['-', '/']).next()?.parse().ok()?;
    if knows_way(rule.input.facts, legs, first) != Some(false) {
        return None;
    }
    Some(rule.cause("inside", format!("{first} is in no network of the device, and no route leads there")))
}

pub(super) fn outside(rule: &Rule<'_, '_>) -> Option<Cause> {
    let (Some(Value::Address(address)), leg) = (rule.value("outside"), rule.leg?) else { return None };
    let net = leg.net.filter(|net| !net.contains(&address.0))?;
    let sentence = format!("{address} lies outside {}, the network of interface `{}`", net.trunc(), leg.name);
    let mut cause = rule.cause("outside", sentence);
    cause.related.push(Note { loc: leg.group.origin.loc(), text: format!("interface `{}`", leg.name) });
    Some(cause)
}

/// What a rule stands for to the outside: many of the inside may share one address.
pub(super) fn seen_as(rule: &Rule<'_, '_>) -> Option<String> {
    let outside = rule.outside()?;
    match rule.text("mode")? {
        "1-1" => Some(outside.to_string()),
        "pat" => Some(format!("{outside} {} {}", rule.text("protocol")?, rule.int("outside-port")?)),
        _ => None,
    }
}

/// A port of the device's own address at which it answers to whoever manages it.
pub(super) fn answered_itself(rule: &Rule<'_, '_>) -> Option<Cause> {
    let leg = rule.leg?;
    let own = rule.outside()? == leg.net?.addr() && rule.text("protocol")? == "tcp";
    let port = rule.int("outside-port").filter(|_| own)?;
    let answers = value(rule.input.facts, leg.group, "management")?;
    let Value::List(answers) = answers else { return None };
    let (service, _) = OWN.into_iter().find(|(service, usual)| {
        let group = rule.input.facts.group(SERVICES).and_then(|group| rule.input.inside(group, service));
        let said = group.and_then(|group| int(rule.input.facts, group, "port"));
        said.unwrap_or(*usual) == port && answers.iter().any(|fact| fact.value.text() == Some(service))
    })?;
    let mut cause = rule.cause("outside-port", format!("the device answers {service} there itself"));
    let place = rule.input.field(leg.group, "management").map_or(leg.group.origin, |fact| fact.origin);
    cause.related.push(Note { loc: place.loc(), text: format!("what answers on `{}`", leg.name) });
    Some(cause)
}
