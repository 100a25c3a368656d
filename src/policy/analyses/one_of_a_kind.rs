//! Whether what linked devices need one of is there once.

use std::collections::BTreeSet;

use super::answer;
use super::legs::{entries, is_on, text, value};
use crate::finding::Note;
use crate::model::facts::{Group, Value, key_text};
use crate::model::paths::{
    ETHERNET_PORT, REDUNDANCY_SPANNING_TREE, REDUNDANCY_SPANNING_TREE_PRIORITY, SWITCHING_IGMP_SNOOPING,
    SWITCHING_IGMP_SNOOPING_VLAN,
};
use crate::policy::Judged;
use crate::policy::analysis::{Analysis, Answer, Input, Mark, Marks, Need};
use crate::source::Origin;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "one-of-a-kind",
    doc: "Of the devices that are linked by `peer` of their ports, one alone has the lowest priority where several speak \
          spanning tree, so nobody becomes the root by chance; and in a VLAN with IGMP snooping one of them asks for groups. \
          Does not concern a device that does neither.",
    params: &[],
    reads: &[],
    looks_at: &[ETHERNET_PORT, REDUNDANCY_SPANNING_TREE, SWITCHING_IGMP_SNOOPING],
    needs: &[Need::Site],
    run,
};

/// RSTP: a bridge that says nothing (IEEE 802.1D, table 17-2).
const USUAL: i64 = 32768;

fn run(input: &Input<'_>) -> Answer {
    let own = Judged { device: input.device, complete: input.facts };
    let speaks = |judged: &Judged<'_>| {
        judged.complete.value(REDUNDANCY_SPANNING_TREE).is_some_and(|f| f.value == Value::Switch(true))
    };
    let snoops = |judged: &Judged<'_>| {
        judged.complete.value(SWITCHING_IGMP_SNOOPING).is_some_and(|f| f.value == Value::Switch(true))
    };
    if !speaks(&own) && !snoops(&own) {
        return Answer::NotApplicable;
    }
    let linked = linked(input);
    let mut failed = Vec::new();
    let others: Vec<&Judged<'_>> = linked.iter().copied().filter(|judged| speaks(judged)).collect();
    if speaks(&own) && !others.is_empty() {
        let lowest = others.iter().map(|other| priority(other)).min().unwrap_or(USUAL);
        let same: Vec<_> = others.iter().filter(|other| priority(other) == lowest).collect();
        if priority(&own) == lowest || priority(&own) > lowest && same.len() > 1 {
            let first = same[0];
            let sentence = format!("no device alone has the lowest priority: `{}` has {lowest} too", first.device.name);
            let at = |judged: &Judged<'_>| {
                let said = [REDUNDANCY_SPANNING_TREE_PRIORITY, REDUNDANCY_SPANNING_TREE];
                said.iter().find_map(|path| judged.complete.value(path)).map(|fact| fact.origin)
            };
            let mut cause = input.cause(REDUNDANCY_SPANNING_TREE_PRIORITY, at(&own), sentence);
            let loc = at(first).unwrap_or(Origin::NONE).loc();
            cause.related.push(Note { loc, text: format!("priority of {}", first.device.name) });
            cause.help =
                Some("give the device in the middle a lower priority than all others, in steps of 4096".to_owned());
            failed.push(cause);
        }
    }
    let vlans = if snoops(&own) { entries(input.facts, SWITCHING_IGMP_SNOOPING_VLAN).collect() } else { Vec::new() };
    for vlan in vlans {
        let number = value(input.facts, vlan, "vlan");
        let asks = |judged: &Judged<'_>| {
            let facts = judged.complete;
            let same = |entry: &Group| value(facts, entry, "vlan") == number && is_on(facts, entry, "querier");
            entries(facts, SWITCHING_IGMP_SNOOPING_VLAN).any(same)
        };
        if !asks(&own) && !linked.iter().any(|judged| asks(judged)) {
            let path = format!("{SWITCHING_IGMP_SNOOPING_VLAN}[{}].querier", key_text(input.facts.shape, vlan));
            let sentence = "no device that is linked asks for groups in this VLAN, so they end after a while";
            failed.push(input.cause(path, Some(vlan.origin), sentence));
        }
    }
    answer(failed, Vec::new())
}

fn priority(judged: &Judged<'_>) -> i64 {
    match judged.complete.value(REDUNDANCY_SPANNING_TREE_PRIORITY).map(|fact| &fact.value) {
        Some(Value::Int(n)) => *n,
        _ => USUAL,
    }
}

/// All devices that cables lead to, over others too, without the device itself.
fn linked<'a>(input: &Input<'a>) -> Vec<&'a Judged<'a>> {
    let links = input.marks(|| {
        let mut all = Marks::new();
        for judged in input.all {
            for port in entries(judged.complete, ETHERNET_PORT) {
                let Some(peer) = text(judged.complete, port, "peer") else { continue };
                for (from, to) in [(peer, &*judged.device.name), (&*judged.device.name, peer)] {
                    let mark = Mark { device: to.into(), path: String::new(), origin: port.origin };
                    all.entry(from.to_owned()).or_default().push(mark);
                }
            }
        }
        all
    });
    let (mut seen, mut next) = (BTreeSet::from([&*input.device.name]), vec![&*input.device.name]);
    while let Some(name) = next.pop() {
        for mark in links.get(name).into_iter().flatten() {
            if seen.insert(&*mark.device) {
                next.push(&mark.device);
            }
        }
    }
    seen.into_iter().filter(|name| *name != &*input.device.name).filter_map(|name| input.device_called(name)).collect()
}
