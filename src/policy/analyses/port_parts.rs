//! What else a port is that is part of something: two ways around a broken cable on one port fight each other.

use foldhash::{HashMap, HashMapExt as _};

use super::answer;
use super::entries::{entries, is_on, text, value};
use crate::finding::Note;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::{Value, key_text};
use crate::model::paths::{
    ETHERNET_AGGREGATION, ETHERNET_PORT, MIRROR_SESSION, REDUNDANCY_COUPLING, REDUNDANCY_DUAL_HOMING, REDUNDANCY_MRP,
    REDUNDANCY_SPANNING_TREE, REDUNDANCY_TURBO_CHAIN, REDUNDANCY_TURBO_RING,
};
use crate::policy::analysis::{Analysis, Answer, Input, field};
use crate::policy::pattern::Cause;
use crate::source::Origin;

pub(super) static PARTS: Analysis = Analysis {
    name: "one-part-a-port",
    doc: "No port is an end of two rings, chains, groups of links, or the other of one; none of them is where copies of a \
          mirror session leave by; no session copies the port that it leaves by. All ports whose hardware addresses are \
          looked at have one mode, and a router with MX-ROS that is part of a ring speaks no spanning tree. \
          Does not concern a device of which no port is said to be part of anything.",
    params: &[],
    reads: &[],
    looks_at: &[ETHERNET_PORT, REDUNDANCY_TURBO_RING, REDUNDANCY_MRP, REDUNDANCY_SPANNING_TREE, MIRROR_SESSION],
    needs: &[],
    run: parts,
};

pub(super) static PROTOCOLS: Analysis = Analysis {
    name: "one-protocol-a-port",
    doc: "Spanning tree is off, and no port an edge, where a ring or chain leads; no port with several tagged VLANs is an \
          edge. Does not concern a device of which nobody says spanning tree of a port.",
    params: &[],
    reads: &[],
    looks_at: &[ETHERNET_PORT, REDUNDANCY_TURBO_RING, REDUNDANCY_MRP],
    needs: &[],
    run: protocols,
};

/// What has ports of its own, and the fields that name them.
const OF_PORTS: [(&str, &str, &[&str]); 6] = [
    (REDUNDANCY_TURBO_RING, "ring", &["first", "second"]),
    (REDUNDANCY_MRP, "MRP ring", &["first", "second"]),
    (ETHERNET_AGGREGATION, "link", &["ports"]),
    (REDUNDANCY_COUPLING, "ring coupling", &["port"]),
    (REDUNDANCY_TURBO_CHAIN, "chain", &["first", "second"]),
    (REDUNDANCY_DUAL_HOMING, "dual homing", &["primary", "secondary"]),
];

/// A port that is part of something.
struct Part {
    port: String,
    path: String,
    origin: Origin,
    what: String,
}

fn all_parts(facts: &Facts) -> Vec<Part> {
    let mut found = Vec::new();
    for (path, what, ends) in OF_PORTS {
        let listed = entries(facts, path).map(|group| (format!("[{}]", key_text(facts.shape, group)), group));
        for (key, group) in listed.chain(facts.group(path).map(|group| (String::new(), group))) {
            let said = |name| facts.shape.group(group.shape).field(name).and_then(|(ix, _)| group.fact(ix));
            let idle = said("role").is_some_and(|fact| fact.value.text() == Some("disabled"));
            if idle || said("enabled").is_some_and(|fact| fact.value == Value::Switch(false)) {
                continue;
            }
            let number = key.trim_matches(['[', ']']);
            let what = format!("{what} {number}").trim_end().to_owned();
            for (end, fact) in ends.iter().filter_map(|end| Some((end, field(facts, group, end)?))) {
                let ports: Vec<String> = match &fact.value {
                    Value::Set(set) => set.members().collect(),
                    said => said.text().map(str::to_owned).into_iter().collect(),
                };
                let part =
                    |port| Part { port, path: format!("{path}{key}.{end}"), origin: fact.origin, what: what.clone() };
                found.extend(ports.into_iter().map(part));
            }
        }
    }
    found
}

fn parts(input: &Input<'_>) -> Answer {
    let mut failed = Vec::new();
    let all = all_parts(input.facts);
    let secured = |port: &crate::model::facts::Group| input.inside(port, "security").is_some();
    let copies = entries(input.facts, MIRROR_SESSION).next().is_some();
    if all.is_empty() && !copies && !entries(input.facts, ETHERNET_PORT).any(secured) {
        return Answer::NotApplicable;
    }
    let mut first: HashMap<&str, &Part> = HashMap::new();
    let note = |part: &Part| Note { loc: part.origin.loc(), text: part.what.clone() };
    for part in &all {
        match first.get(&*part.port) {
            Some(earlier) => {
                let sentence = format!("port `{}` is part of {} already", part.port, earlier.what);
                let mut cause = input.cause(part.path.clone(), Some(part.origin), sentence);
                cause.related.push(note(earlier));
                failed.push(cause);
            }
            None => drop(first.insert(&part.port, part)),
        }
    }
    for session in entries(input.facts, MIRROR_SESSION) {
        let Some(fact) = input.field(session, "to") else { continue };
        let Some(to) = fact.value.text() else { continue };
        let path = format!("{MIRROR_SESSION}[{}].to", key_text(input.facts.shape, session));
        let copies = |name: &&str| matches!(value(input.facts, session, name), Some(Value::Set(set)) if set.members().any(|m| m == to));
        if let Some(part) = first.get(to) {
            let mut cause = input.cause(path, Some(fact.origin), format!("port `{to}` is part of {}", part.what));
            cause.related.push(note(part));
            failed.push(cause);
        } else if ["receive", "send"].iter().any(copies) {
            failed.push(input.cause(path, Some(fact.origin), format!("copies of port `{to}` leave by itself")));
        }
    }
    failed.extend(one_mode(input));
    failed.extend(ring_and_tree(input));
    answer(failed, Vec::new())
}

/// A device has one way for all ports to know hardware addresses by (MIB of MX-NOS: static lock or sticky).
fn one_mode(input: &Input<'_>) -> Option<Cause> {
    let modes = entries(input.facts, ETHERNET_PORT).filter_map(|port| {
        let security = input.inside(port, "security").filter(|group| is_on(input.facts, group, "enabled"))?;
        Some((port, input.field(security, "mode")?))
    });
    let modes: Vec<_> = modes.collect();
    let (_, first) = modes.first()?;
    let (port, other) = modes.iter().find(|(_, mode)| mode.value != first.value)?;
    let path = format!("{ETHERNET_PORT}[{}].security.mode", key_text(input.facts.shape, port));
    let mut cause =
        input.cause(path, Some(other.origin), "another port has another mode, and a device has one for all");
    cause.related.push(Note { loc: first.origin.loc(), text: "the other mode".to_owned() });
    Some(cause)
}

/// `redundancy mode` of a router names one of both (grammar).
fn ring_and_tree(input: &Input<'_>) -> Option<Cause> {
    let tree = input.fact(REDUNDANCY_SPANNING_TREE).filter(|fact| fact.value == Value::Switch(true))?;
    let ring = entries(input.facts, REDUNDANCY_TURBO_RING).find(|ring| is_on(input.facts, ring, "enabled"))?;
    if input.device.platform != PlatformKind::MxRos {
        return None;
    }
    let sentence = "a router speaks spanning tree or is part of a ring, not both";
    let mut cause = input.cause(REDUNDANCY_SPANNING_TREE, Some(tree.origin), sentence);
    cause.related.push(Note { loc: ring.origin.loc(), text: "the ring".to_owned() });
    Some(cause)
}

fn protocols(input: &Input<'_>) -> Answer {
    let parts = all_parts(input.facts);
    let (mut failed, mut concerned) = (Vec::new(), false);
    for port in entries(input.facts, ETHERNET_PORT) {
        let Some(tree) = input.inside(port, "spanning-tree") else { continue };
        concerned = true;
        let name = key_text(input.facts.shape, port);
        let said = |field: &str| input.field(tree, field).filter(|fact| fact.value == Value::Switch(true));
        let path = |field: &str| format!("{ETHERNET_PORT}[{name}].spanning-tree.{field}");
        let part = parts.iter().find(|part| part.port == name);
        let tagged = match value(input.facts, port, "trunk") {
            Some(Value::Set(vlans)) => vlans.len() > 1,
            _ => false,
        };
        let found = match (part, said("enabled"), said("edge")) {
            (Some(part), Some(on), _) => {
                Some(("enabled", on.origin, format!("spanning tree is on where {} leads", part.what)))
            }
            (Some(part), _, Some(edge)) => Some(("edge", edge.origin, format!("is an edge where {} leads", part.what))),
            (None, on, Some(edge)) if tagged && on.is_some() => {
                let to = text(input.facts, port, "peer").map(|peer| format!(" to `{peer}`")).unwrap_or_default();
                Some((
                    "edge",
                    edge.origin,
                    format!("is an edge, and a link{to} with several VLANs: a loop there is not noticed"),
                ))
            }
            _ => None,
        };
        if let Some((field, origin, sentence)) = found {
            let mut cause = input.cause(path(field), Some(origin), sentence);
            cause.related.extend(part.map(|part| Note { loc: part.origin.loc(), text: part.what.clone() }));
            failed.push(cause);
        }
    }
    if concerned { answer(failed, Vec::new()) } else { Answer::NotApplicable }
}
