//! Whether the two ends of a cable between devices of the site fit together.

use super::answer;
use crate::finding::Note;
use crate::model::Facts;
use crate::model::facts::{Group, Item, Value, key_text};
use crate::model::paths::ETHERNET_PORT;
use crate::policy::analysis::{Analysis, Answer, Input, Need, field};
use crate::source::Origin;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "link-ends-agree",
    doc: "The device and port that an Ethernet port names as `peer` and `peer-port` are there, are of another device \
          and name this one back; both ends have the same VLANs, native VLAN, frames and speed, and both are on or \
          off. Does not concern a device of whose ports none names a `peer`.",
    params: &[],
    reads: &[],
    looks_at: &[ETHERNET_PORT],
    needs: &[Need::Site],
    run,
};

/// What both ends have to say alike, where both say it.
const ALIKE: [&str; 7] = ["enabled", "speed", "access", "trunk", "hybrid", "native", "frames"];

fn run(input: &Input<'_>) -> Answer {
    let (mut failed, mut unknown, mut concerned) = (Vec::new(), Vec::new(), false);
    for Item { group: port, .. } in input.items(ETHERNET_PORT).unwrap_or_default() {
        let text = |name| input.field(port, name).and_then(|f| f.value.text());
        let Some(peer) = text("peer") else { continue };
        concerned = true;
        let name = key_text(input.facts.shape, port);
        let path = |field: &str| format!("{ETHERNET_PORT}[{name}].{field}");
        let at = |field: &str| input.field(port, field).map_or(port.origin, |f| f.origin);
        let mut tell = |field: &str, sentence: String, there: Option<Origin>| {
            let mut cause = input.cause(path(field), Some(at(field)), sentence);
            let other = |origin: Origin| Note { loc: origin.loc(), text: format!("the other end, {peer}") };
            cause.related.extend(there.map(other));
            failed.push(cause);
        };
        if *peer == *input.device.name {
            tell("peer", "is the device itself: a cable back to it is a loop".to_owned(), None);
            continue;
        }
        let Some(peer_port) = text("peer-port") else {
            unknown.push(input.cause(path("peer"), Some(at("peer")), "does not say which port: add `peer-port=`"));
            continue;
        };
        let Some(other) = input.device_called(peer) else {
            tell("peer", format!("no device is called `{peer}`"), None);
            continue;
        };
        let Some(there) = port_of(other.complete, peer_port) else {
            tell("peer-port", format!("`{peer}` describes no port `{peer_port}`"), None);
            continue;
        };
        let said = |name: &str| field(other.complete, there, name).map(|fact| &fact.value);
        let back = said("peer").and_then(Value::text) == Some(&*input.device.name)
            && said("peer-port").and_then(Value::text) == Some(&*name);
        if !back {
            tell("peer", format!("`{peer_port}` of `{peer}` does not name this port back"), Some(there.origin));
            continue;
        }
        for setting in ALIKE {
            let (own, its) = (input.field(port, setting).map(|fact| &fact.value), said(setting));
            let chosen = matches!(setting, "access" | "trunk" | "hybrid" | "native" | "frames");
            let differs = match (own, its) {
                (Some(own), Some(its)) => own.is_known() && its.is_known() && own != its,
                // what one end alone says of its VLANs the other one does not have
                (Some(_), None) => chosen && has_vlans(other.complete, there),
                _ => false,
            };
            if differs {
                let its = its.map_or("nothing".to_owned(), Value::to_kdl);
                tell(setting, format!("is {its} at the other end"), Some(there.origin));
            }
        }
    }
    if concerned { answer(failed, unknown) } else { Answer::NotApplicable }
}

fn port_of<'a>(facts: &'a Facts, name: &str) -> Option<&'a Group> {
    Some(&facts.items(ETHERNET_PORT)?.find(facts.shape, name)?.group)
}

fn has_vlans(facts: &Facts, port: &Group) -> bool {
    ["access", "trunk", "hybrid"].iter().any(|name| field(facts, port, name).is_some())
}
