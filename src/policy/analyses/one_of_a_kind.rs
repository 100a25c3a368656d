//! Whether what linked devices need one of is there once.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::answer;
use super::entries::{entries, is_on, text, value};
use crate::finding::Note;
use crate::model::Facts;
use crate::model::facts::{Group, Value, key_text};
use crate::model::paths::{
    ETHERNET_PORT, REDUNDANCY_SPANNING_TREE, REDUNDANCY_SPANNING_TREE_PRIORITY, SWITCHING_IGMP_SNOOPING,
    SWITCHING_IGMP_SNOOPING_VLAN,
};
use crate::policy::Judged;
use crate::policy::analysis::{Analysis, Answer, Input, Mark, Marks, Need};
use crate::policy::pattern::Cause;
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
    let (speaks, snoops) = (switched_on(&own, REDUNDANCY_SPANNING_TREE), switched_on(&own, SWITCHING_IGMP_SNOOPING));
    if !speaks && !snoops {
        return Answer::NotApplicable;
    }
    let linked = input.marks(|| linked(input.all));
    let first = linked.get(&key(FIRST, &own.device.name)).and_then(|marks| marks.first()).map(|mark| &*mark.device);
    let others = |what: &str| {
        let marks = first.and_then(|first| linked.get(&key(what, first)));
        marks.into_iter().flatten().filter(|mark| *mark.device != *own.device.name)
    };
    let mut failed = Vec::new();
    if speaks {
        failed.extend(no_lowest(input, &own, others(SPEAKS)));
    }
    for vlan in entries(input.facts, SWITCHING_IGMP_SNOOPING_VLAN).filter(|_| snoops) {
        let asks = is_on(input.facts, vlan, "querier");
        if !asks && others(&asks_in(input.facts, vlan)).next().is_none() {
            let path = format!("{SWITCHING_IGMP_SNOOPING_VLAN}[{}].querier", key_text(input.facts.shape, vlan));
            let sentence = "no device that is linked asks for groups in this VLAN, so they end after a while";
            failed.push(input.cause(path, Some(vlan.origin), sentence));
        }
    }
    answer(failed, Vec::new())
}

fn switched_on(judged: &Judged<'_>, path: &str) -> bool {
    judged.complete.value(path).is_some_and(|fact| fact.value == Value::Switch(true))
}

/// Others that speak spanning tree, the lowest priority first, where that is not one device's alone.
fn no_lowest<'m>(input: &Input<'_>, own: &Judged<'_>, others: impl Iterator<Item = &'m Mark>) -> Option<Cause> {
    let mut others = others.filter_map(|mark| input.device_called(&mark.device));
    let first = others.next()?;
    let lowest = priority(first);
    let several = others.next().is_some_and(|second| priority(second) == lowest);
    if priority(own) != lowest && !(priority(own) > lowest && several) {
        return None;
    }
    let sentence = format!("no device alone has the lowest priority: `{}` has {lowest} too", first.device.name);
    let at = |judged: &Judged<'_>| {
        let said = [REDUNDANCY_SPANNING_TREE_PRIORITY, REDUNDANCY_SPANNING_TREE];
        said.iter().find_map(|path| judged.complete.value(path)).map(|fact| fact.origin)
    };
    let mut cause = input.cause(REDUNDANCY_SPANNING_TREE_PRIORITY, at(own), sentence);
    let loc = at(first).unwrap_or(Origin::NONE).loc();
    cause.related.push(Note { loc, text: format!("priority of {}", first.device.name) });
    cause.help = Some("give the device in the middle a lower priority than all others, in steps of 4096".to_owned());
    Some(cause)
}

fn priority(judged: &Judged<'_>) -> i64 {
    match judged.complete.value(REDUNDANCY_SPANNING_TREE_PRIORITY).map(|fact| &fact.value) {
        Some(Value::Int(n)) => *n,
        _ => USUAL,
    }
}

/// Devices that cables join, over others too, go by the first of them.
const FIRST: &str = "first";
const SPEAKS: &str = "speaks";

fn key(what: &str, of: &str) -> String {
    format!("{what}\0{of}")
}

/// What it is to ask for groups in the VLAN of an entry.
fn asks_in(facts: &Facts, entry: &Group) -> String {
    format!("asks {}", value(facts, entry, "vlan").map(Value::plain).unwrap_or_default())
}

/// Of the devices that cables join: by which they go, who speaks spanning tree, the lowest priority first, and who asks
/// for groups in each VLAN.
fn linked(all: &[Judged<'_>]) -> Marks {
    let mut links: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for judged in all {
        for peer in entries(judged.complete, ETHERNET_PORT).filter_map(|port| text(judged.complete, port, "peer")) {
            links.entry(&judged.device.name).or_default().push(peer);
            links.entry(peer).or_default().push(&judged.device.name);
        }
    }
    let mut firsts: HashMap<&str, &str> = HashMap::new();
    for first in links.keys().copied() {
        let mut next = vec![first];
        while let Some(name) = next.pop() {
            if let Entry::Vacant(unseen) = firsts.entry(name) {
                unseen.insert(first);
                next.extend(&links[name]);
            }
        }
    }
    let mut marks = Marks::default();
    let mut mark = |what: &str, of: &str, device: &str| {
        let mark = Mark { device: device.into(), path: String::new(), origin: Origin::NONE };
        marks.entry(key(what, of)).or_default().push(mark);
    };
    let mut sorted: Vec<&Judged<'_>> = all.iter().collect();
    sorted.sort_by_key(|judged| (priority(judged), &judged.device.name));
    for judged in sorted {
        let (name, facts) = (&*judged.device.name, judged.complete);
        let Some(first) = firsts.get(name) else { continue };
        mark(FIRST, name, first);
        if switched_on(judged, REDUNDANCY_SPANNING_TREE) {
            mark(SPEAKS, first, name);
        }
        for vlan in entries(facts, SWITCHING_IGMP_SNOOPING_VLAN).filter(|vlan| is_on(facts, vlan, "querier")) {
            mark(&asks_in(facts, vlan), first, name);
        }
    }
    marks
}
