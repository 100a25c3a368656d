//! Requirements of IEC 62443-4-2 and sentences of the vendors' guides, each with what there is to show for it. Devices
//! of which the same is said stand in one row.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::{Dossier, GuideTold};
use crate::finding::Verdict;
use crate::report::documents::{Covered, CoveredRequirement, CoveringRule};
use crate::report::escape::line;
use crate::report::page::lists::wide;
use crate::report::page::some;

pub(super) fn requirements(told: &Dossier<'_>) -> Markup {
    html! {
        p { "A rule that holds supports a requirement on that device. What a verdict rests on stands beside it: declared is what is written, read back is what the device itself told." }
        @for row in &told.coverage.requirements {
            details.row data-row {
                summary {
                    b { (row.id) } " " (row.title)
                    @if let Some(level) = row.level { span.level { "SL " (level) } }
                    (states(row))
                }
                @if !row.enhancements.is_empty() { p.about { "Beyond: " (row.enhancements) } }
                (evidence(row))
            }
        }
    }
}

/// The states of a requirement over all devices, in words and colours.
fn states(row: &CoveredRequirement) -> Markup {
    let number = |state: Covered| row.devices.iter().filter(|device| device.state == state).count();
    html! {
        span.states {
            @for state in Covered::ALL {
                @let n = number(state);
                @if n > 0 { span.tag.(class(state)) { (n) " " (state.words()) } }
            }
        }
    }
}

/// The class of a state, which says its colour.
pub(super) fn class(state: Covered) -> &'static str {
    match state {
        Covered::Failed => "failed",
        Covered::Unknown => "unknown",
        Covered::Waived => "waived",
        Covered::Open => "open",
        Covered::Supported | Covered::Attested => "held",
        Covered::NotCheckable | Covered::VendorEvidence | Covered::NothingAsked => "none",
    }
}

/// What is the same of several devices: the rule, its verdict, what that rests on.
type Key = (Option<String>, &'static str, &'static str);
/// When it was seen, what is asked for, what the device has.
type Values = [String; 3];

/// Sets of values of one rule before they are counted: addresses and serial numbers are each device's own.
const SETS: usize = 6;

fn evidence(row: &CoveredRequirement) -> Markup {
    let mut groups: BTreeMap<Key, BTreeMap<Values, Vec<&str>>> = BTreeMap::new();
    for device in &row.devices {
        let mut add = |key: Key, values: Values| {
            groups.entry(key).or_default().entry(values).or_default().push(&device.device);
        };
        if device.rules.is_empty() {
            add((None, device.state.words(), ""), Values::default());
        }
        for rule in &device.rules {
            let key = (Some(rule.rule.clone()), rule.verdict.words(), rule.evidence.words());
            add(key, [seen(rule), rule.asked_for.join(" / "), rule.on_the_device.join(" / ")]);
        }
    }
    let groups = groups.into_iter().flat_map(|(key, sets)| {
        let sets = if sets.len() > SETS { vec![together(sets)] } else { sets.into_iter().collect() };
        sets.into_iter().map(move |(values, devices)| (key.clone(), values, devices))
    });
    wide(
        &row.id,
        &html! {
            thead { tr { @for name in ["rule", "verdict", "rests on", "seen", "asked for", "on the device", "devices"] { th scope="col" { (name) } } } }
            tbody {
                @for ((rule, verdict, rests), values, devices) in groups {
                    tr {
                        td { @match rule { Some(rule) => { (line(&rule)) } None => { "-" } } }
                        td { (verdict) } td { (rests) } @for value in &values { td { (line(value)) } } td { (some(&devices)) }
                    }
                }
            }
        },
    )
}

/// Many sets of values in one: what is the same in all of them, and how many there are of the rest.
fn together(sets: BTreeMap<Values, Vec<&str>>) -> (Values, Vec<&str>) {
    let values = std::array::from_fn(|at| {
        let all: BTreeSet<&str> = sets.keys().map(|values| &*values[at]).collect();
        match (all.len(), all.first()) {
            (1, Some(one)) => (*one).to_owned(),
            (n, _) => format!("{n} of their own: `report coverage --format csv` has each"),
        }
    });
    let mut devices: Vec<&str> = sets.into_values().flatten().collect();
    devices.sort_unstable();
    (values, devices)
}

fn seen(rule: &CoveringRule) -> String {
    let waived = if rule.waivers.is_empty() { String::new() } else { format!("waiver {} ", rule.waivers.join(", ")) };
    let by = rule.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    format!("{waived}{}{by}", rule.seen.as_deref().unwrap_or_default())
}

pub(super) fn guides(told: &Dossier<'_>) -> Markup {
    html! {
        p { "Sentences are told in words of our own; their lines are those of the text with the digest beside it. Numbers count verdicts over all devices." }
        @for guide in &told.guides { (one(guide)) }
    }
}

fn one(guide: &GuideTold) -> Markup {
    let served = guide.sentences.iter().filter(|told| !told.sentence.rules.is_empty()).count();
    html! {
        h3 { (guide.title) }
        p.about { (guide.by) ", SHA-256 " code { (guide.sha256) } ": " (served) " of " (guide.sentences.len()) " sentences are asked by rules" }
        (wide(guide.title, &html! {
            thead { tr { @for name in ["section", "line", "asks that", "rules", "verdicts", "no rule asks, and why"] { th scope="col" { (name) } } } }
            tbody { @for told in &guide.sentences {
                @let s = told.sentence;
                tr data-row {
                    td { (s.section) } td { (s.line) } td { (s.words) } td { (s.rules.join(" ")) }
                    td { (verdicts(&told.verdicts)) }
                    td { (s.lacks.unwrap_or_default()) }
                }
            } }
        }))
    }
}

fn verdicts(counts: &BTreeMap<Verdict, usize>) -> Markup {
    html! {
        @for (verdict, n) in counts {
            @let class = match verdict {
                Verdict::Pass => "held", Verdict::Fail => "failed", Verdict::Unknown => "unknown",
                Verdict::Waived => "waived", Verdict::Deferred => "open", Verdict::NotApplicable => "none",
            };
            span.tag.(class) { (n) " " (verdict.words()) } " "
        }
    }
}
