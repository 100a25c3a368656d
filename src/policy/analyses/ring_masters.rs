//! Whether a ring is opened at one place.

use super::answer;
use crate::finding::Note;
use crate::model::Facts;
use crate::model::facts::{Group, Item, Value, key_text};
use crate::model::paths::{ETHERNET_PORT, REDUNDANCY_TURBO_RING as RINGS};
use crate::policy::analysis::{Analysis, Answer, Input, Need};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "ring-has-one-master",
    doc: "Of the devices that are part of a ring, by the name that they give it, exactly one is its master, and the ring's \
          ports have the same VLANs on all of them.",
    params: &[],
    reads: &[],
    looks_at: &[RINGS, ETHERNET_PORT],
    needs: &[Need::Site],
    run,
};

/// A device's part of a ring.
struct Part<'a> {
    device: &'a str,
    facts: &'a Facts,
    ring: &'a Group,
}

impl<'a> Part<'a> {
    fn value(&self, name: &str) -> Option<&'a Value> {
        let (ix, _) = self.facts.shape.group(self.ring.shape).field(name)?;
        self.ring.fact(ix).map(|fact| &fact.value)
    }

    fn is(&self, name: &str) -> bool {
        self.value(name) == Some(&Value::Switch(true))
    }

    /// The VLANs of its ports.
    fn vlans(&self) -> Vec<String> {
        let ports = ["first", "second"].iter().filter_map(|end| self.value(end)?.text());
        let trunk = |port: &str| self.facts.value(&format!("{ETHERNET_PORT}[{port}].trunk")).map(|f| f.value.plain());
        ports.filter_map(trunk).collect()
    }
}

fn run(input: &Input<'_>) -> Answer {
    let (mut failed, mut unknown, mut concerned) = (Vec::new(), Vec::new(), false);
    for Item { group: ring, .. } in input.items(RINGS).unwrap_or_default() {
        let own = Part { device: &input.device.name, facts: input.facts, ring };
        let Some(name) = own.value("ring").and_then(Value::text) else { continue };
        if own.value("enabled") == Some(&Value::Switch(false)) {
            continue;
        }
        concerned = true;
        let parts: Vec<Part<'_>> =
            input.all.iter().flat_map(|judged| parts(&judged.device.name, judged.complete)).collect();
        let parts: Vec<&Part<'_>> =
            parts.iter().filter(|part| part.value("ring").and_then(Value::text) == Some(name)).collect();
        let path = |field: &str| format!("{RINGS}[{}].{field}", key_text(input.facts.shape, ring));
        let origin = |field| input.field(ring, field).map_or(ring.origin, |f| f.origin);
        let note =
            |part: &&&Part<'_>| Note { loc: part.ring.origin.loc(), text: format!("its part on {}", part.device) };
        let masters: Vec<&&Part<'_>> = parts.iter().filter(|part| part.is("master")).collect();
        let silent = parts.iter().any(|part| part.value("master").is_none());
        let told = match masters.len() {
            1 => None,
            0 if silent => {
                let sentence = format!("nobody says which device is the master of ring `{name}`");
                unknown.push(input.cause(path("master"), Some(origin("master")), sentence));
                None
            }
            0 => Some(format!("no device is the master of ring `{name}`")),
            _ => {
                let names: Vec<String> = masters.iter().map(|part| format!("`{}`", part.device)).collect();
                Some(format!("ring `{name}` has several masters: {}", names.join(", ")))
            }
        };
        if let Some(sentence) = told {
            let mut cause = input.cause(path("master"), Some(origin("master")), sentence);
            cause.related.extend(masters.iter().filter(|part| part.device != own.device).map(note));
            failed.push(cause);
        }
        let mine = own.vlans();
        let others = parts.iter().filter(|part| part.device != own.device);
        let differs =
            others.filter(|part| part.vlans().iter().any(|v| mine.iter().any(|m| m != v))).collect::<Vec<_>>();
        if mine.windows(2).any(|pair| pair[0] != pair[1]) || !differs.is_empty() {
            let sentence = format!("the ports of ring `{name}` have other VLANs here than elsewhere");
            let mut cause = input.cause(path("first"), Some(origin("first")), sentence);
            cause.related.extend(differs.iter().map(note));
            failed.push(cause);
        }
    }
    if concerned { answer(failed, unknown) } else { Answer::NotApplicable }
}

fn parts<'a>(device: &'a str, facts: &'a Facts) -> impl Iterator<Item = Part<'a>> {
    let rings = facts.items(RINGS).into_iter().flat_map(|rings| &rings.items);
    rings
        .map(move |item| Part { device, facts, ring: &item.group })
        .filter(|part| !matches!(part.value("enabled"), Some(Value::Switch(false))))
}
