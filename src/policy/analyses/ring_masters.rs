//! Whether a ring is opened at one place.

use super::answer;
use crate::finding::Note;
use crate::model::Facts;
use crate::model::facts::{Group, Item, Value, key_text};
use crate::model::paths::{ETHERNET_PORT, REDUNDANCY_TURBO_RING as RINGS};
use crate::policy::Judged;
use crate::policy::analysis::{Analysis, Answer, Input, Mark, Marks, Need, field};
use crate::site::SiteDevice;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "ring-has-one-master",
    doc: "Of the devices that are part of a ring, by the name that they give it, exactly one is its master, and the ring's \
          ports have the same VLANs on all of them. \
          Does not concern a device of which nobody says a ring.",
    params: &[],
    reads: &[],
    looks_at: &[RINGS, ETHERNET_PORT],
    needs: &[Need::Site],
    run,
};

/// A ring that a device is part of.
struct Part<'a> {
    device: &'a SiteDevice,
    facts: &'a Facts,
    ring: &'a Group,
    name: &'a str,
}

impl<'a> Part<'a> {
    fn all(judged: &Judged<'a>) -> impl Iterator<Item = Part<'a>> {
        let (device, facts) = (judged.device, judged.complete);
        let rings = facts.items(RINGS).into_iter().flat_map(|rings| &rings.items);
        rings.filter_map(move |Item { group: ring, .. }| {
            let value = |name| field(facts, ring, name).map(|fact| &fact.value);
            let name = value("ring").and_then(Value::text)?;
            (value("enabled") != Some(&Value::Switch(false))).then_some(Part { device, facts, ring, name })
        })
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        field(self.facts, self.ring, name).map(|fact| &fact.value)
    }

    /// The VLANs of its ports.
    fn vlans(&self) -> Vec<String> {
        let ports = ["first", "second"].iter().filter_map(|end| self.value(end)?.text());
        let trunk = |port: &str| self.facts.value(&format!("{ETHERNET_PORT}[{port}].trunk")).map(|f| f.value.plain());
        ports.filter_map(trunk).collect()
    }

    /// What it says of its ring: who is the master, who does not say, and the VLANs of its ports, which stand for the
    /// path.
    fn marks(&self) -> Vec<(String, Mark)> {
        let mark = |path: String| Mark { device: self.device.name.clone(), path, origin: self.ring.origin };
        let mut said: Vec<(&str, Mark)> = self.vlans().into_iter().map(|vlans| (VLANS, mark(vlans))).collect();
        match self.value("master") {
            None => said.push((SILENT, mark(String::new()))),
            Some(Value::Switch(true)) => said.push((MASTER, mark(String::new()))),
            Some(_) => {}
        }
        said.into_iter().map(|(what, mark)| (key(what, self.name), mark)).collect()
    }
}

const MASTER: &str = "master";
const SILENT: &str = "silent";
const VLANS: &str = "vlans";

fn key(what: &str, ring: &str) -> String {
    format!("{what}\0{ring}")
}

fn run(input: &Input<'_>) -> Answer {
    let (mut failed, mut unknown, mut concerned) = (Vec::new(), Vec::new(), false);
    let all = input.marks(|| {
        let mut all = Marks::default();
        for (key, mark) in input.all.iter().flat_map(Part::all).flat_map(|part| part.marks()) {
            all.entry(key).or_default().push(mark);
        }
        all
    });
    for own in Part::all(&Judged { device: input.device, complete: input.facts }) {
        concerned = true;
        let (name, ring) = (own.name, own.ring);
        let of = |what: &str| all.get(&key(what, name)).map_or(&[][..], Vec::as_slice);
        let others = |what| of(what).iter().filter(|mark| mark.device != input.device.name);
        let path = |field: &str| format!("{RINGS}[{}].{field}", key_text(input.facts.shape, ring));
        let origin = |field| input.field(ring, field).map_or(ring.origin, |f| f.origin);
        let note = |mark: &Mark| Note { loc: mark.origin.loc(), text: format!("its part on {}", mark.device) };
        let masters = of(MASTER);
        let told = match masters.len() {
            1 => None,
            0 if !of(SILENT).is_empty() => {
                let sentence = format!("nobody says which device is the master of ring `{name}`");
                unknown.push(input.cause(path("master"), Some(origin("master")), sentence));
                None
            }
            0 => Some(format!("no device is the master of ring `{name}`")),
            _ => {
                let names: Vec<String> = masters.iter().map(|mark| format!("`{}`", mark.device)).collect();
                Some(format!("ring `{name}` has several masters: {}", names.join(", ")))
            }
        };
        if let Some(sentence) = told {
            let mut cause = input.cause(path("master"), Some(origin("master")), sentence);
            cause.related.extend(others(MASTER).map(note));
            failed.push(cause);
        }
        let mine = own.vlans();
        let mut differing: Vec<&Mark> = others(VLANS).filter(|mark| mine.iter().any(|own| *own != mark.path)).collect();
        differing.dedup_by_key(|mark| &mark.device);
        if mine.windows(2).any(|pair| pair[0] != pair[1]) || !differing.is_empty() {
            let sentence = format!("the ports of ring `{name}` have other VLANs here than elsewhere");
            let mut cause = input.cause(path("first"), Some(origin("first")), sentence);
            cause.related.extend(differing.into_iter().map(note));
            failed.push(cause);
        }
    }
    if concerned { answer(failed, unknown) } else { Answer::NotApplicable }
}
