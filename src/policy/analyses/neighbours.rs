//! Whether routers of the site that share a network agree on what they tell each other there.

use super::answer;
use super::entries::{is_on, value};
use super::spoken::{Spoken, near, router_id, shared};
use crate::finding::Note;
use crate::model::Facts;
use crate::model::facts::{Value, key_text};
use crate::model::paths::{
    NETWORK_INTERFACE, ROUTING_OSPF, ROUTING_OSPF_INTERFACE, ROUTING_OSPF_ROUTER_ID, ROUTING_VRRP, ROUTING_VRRP_GROUP,
    ROUTING_VRRP_VERSION,
};
use crate::policy::Judged;
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "neighbours-agree",
    doc: "Routers of the site that speak OSPF in one network say the same of area, intervals and key there, and no two have \
          one router id. A VRRP group has another router of the site in the same network: one address and version, \
          different priorities. Does not concern a device that speaks neither.",
    params: &[],
    reads: &[],
    looks_at: &[NETWORK_INTERFACE, ROUTING_OSPF, ROUTING_OSPF_INTERFACE, ROUTING_VRRP, ROUTING_VRRP_GROUP],
    needs: &[Need::Site],
    run,
};

/// What neighbours say alike (RFC 2328, sections 10.5 and D.3): where nobody says it, what the protocol begins with.
const ALIKE: [(&str, &str); 5] =
    [("area", "0.0.0.0"), ("hello", "10 s"), ("dead", "40 s"), ("auth", "none"), ("key-id", "")];

fn run(input: &Input<'_>) -> Answer {
    let own = Judged { device: input.device, complete: input.facts };
    let (ospf, vrrp) = (Spoken::ospf(&own), Spoken::vrrp(&own));
    if ospf.is_empty() && vrrp.is_empty() {
        return Answer::NotApplicable;
    }
    let beside: Vec<Spoken<'_>> = near(input, &ospf).into_iter().flat_map(Spoken::ospf).collect();
    let mut failed = Vec::new();
    let talks = |spoken: &&Spoken<'_>| !is_on(spoken.facts, spoken.group, "passive");
    for here in ospf.iter().filter(talks) {
        let others = beside.iter().filter(|other| other.net == here.net).filter(talks);
        failed.extend(others.flat_map(|other| unlike(input, here, other)));
    }
    failed.extend(one_id(input));
    let beside: Vec<Spoken<'_>> = near(input, &vrrp).into_iter().flat_map(Spoken::vrrp).collect();
    for here in &vrrp {
        let same = |other: &&Spoken<'_>| other.net == here.net && other.shown("id", "") == here.shown("id", "");
        failed.extend(stand_in(input, here, &beside.iter().filter(same).collect::<Vec<_>>()));
    }
    answer(failed, Vec::new())
}

fn unlike(input: &Input<'_>, here: &Spoken<'_>, other: &Spoken<'_>) -> Vec<Cause> {
    let key = key_text(input.facts.shape, here.group);
    let mut failed = Vec::new();
    let mut tell = |name: &str, sentence: String| {
        let path = format!("{ROUTING_OSPF_INTERFACE}[{key}].{name}");
        let mut cause = input.cause(path, Some(here.origin(name)), sentence);
        cause.related.push(other.note(name));
        failed.push(cause);
    };
    for (name, otherwise) in ALIKE {
        let (mine, its) = (here.shown(name, otherwise), other.shown(name, otherwise));
        if mine != its {
            let its = if its.is_empty() { "not said".to_owned() } else { format!("`{its}`") };
            tell(name, format!("is {its} on `{}` in {}, so they are no neighbours", other.device, here.net));
        }
    }
    let secret = |spoken: &Spoken<'_>| match value(spoken.facts, spoken.group, "key") {
        Some(Value::Secret(name)) => Some(name.clone()),
        _ => None,
    };
    if let (Some(mine), Some(its)) = (secret(here), secret(other))
        && mine != its
    {
        tell(
            "key",
            format!("is another secret than that of `{}`: name one of both, `(stored)\"shared/...\"`", other.device),
        );
    }
    failed
}

/// No two routers have one name.
fn one_id(input: &Input<'_>) -> Option<Cause> {
    let own = input.fact(ROUTING_OSPF_ROUTER_ID)?;
    let other = shared(input).get(&router_id(own))?.iter().find(|mark| mark.device != input.device.name)?;
    let sentence = format!("`{}` is the router id of `{}` too", own.value.plain(), other.device);
    let mut cause = input.cause(ROUTING_OSPF_ROUTER_ID, Some(own.origin), sentence);
    cause.related.push(Note { loc: other.origin.loc(), text: format!("router id of {}", other.device) });
    Some(cause)
}

fn stand_in(input: &Input<'_>, here: &Spoken<'_>, others: &[&Spoken<'_>]) -> Vec<Cause> {
    let key = key_text(input.facts.shape, here.group);
    let tell = |name: &str, sentence: String, other: Option<&Spoken<'_>>| {
        let path = format!("{ROUTING_VRRP_GROUP}[{key}].{name}");
        let mut cause = input.cause(path, Some(here.origin(name)), sentence);
        cause.related.extend(other.map(|other| other.note(name)));
        cause
    };
    if others.is_empty() {
        let help = "describe the other router, or take the group out";
        let sentence = format!("no other router of the site stands in for it in {}", here.net);
        return vec![Cause { help: Some(help.to_owned()), ..tell("id", sentence, None) }];
    }
    let mut failed = Vec::new();
    for other in others {
        let differs = |name: &str, otherwise: &str| here.shown(name, otherwise) != other.shown(name, otherwise);
        if differs("address", "") {
            failed.push(tell(
                "address",
                format!("is `{}` on `{}`", other.shown("address", "nothing"), other.device),
                Some(other),
            ));
        }
        // RFC 5798, section 5.2.4: a router that says no priority has 100
        if !differs("priority", "100") {
            let sentence = format!("`{}` has the same priority, so chance decides", other.device);
            failed.push(tell("priority", sentence, Some(other)));
        }
        let version = |facts: &Facts| facts.value(ROUTING_VRRP_VERSION).map(|fact| (fact.value.plain(), fact.origin));
        if let (Some((mine, origin)), Some((its, there))) = (version(here.facts), version(other.facts))
            && mine != its
        {
            let mut cause = input.cause(ROUTING_VRRP_VERSION, Some(origin), format!("is {its} on `{}`", other.device));
            cause.related.push(Note { loc: there.loc(), text: format!("version on {}", other.device) });
            failed.push(cause);
        }
    }
    failed
}
