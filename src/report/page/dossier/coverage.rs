//! Requirements of IEC 62443-4-2 and sentences of the vendors' guides, each with what there is to show for it. Devices of
//! which the same is said stand in one row.

use std::collections::BTreeMap;

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

/// What is the same of several devices.
type Key = (Option<String>, &'static str, &'static str, String, String, String);

fn evidence(row: &CoveredRequirement) -> Markup {
    let mut groups: BTreeMap<Key, Vec<&str>> = BTreeMap::new();
    for device in &row.devices {
        let mut add = |key: Key| groups.entry(key).or_default().push(&device.device);
        if device.rules.is_empty() {
            let nothing = String::new;
            add((None, device.state.words(), "", nothing(), nothing(), nothing()));
        }
        for rule in &device.rules {
            add((
                Some(rule.rule.clone()),
                rule.verdict.words(),
                rule.evidence.words(),
                seen(rule),
                rule.asked_for.join(" / "),
                rule.on_the_device.join(" / "),
            ));
        }
    }
    wide(
        &row.id,
        &html! {
            thead { tr { @for name in ["rule", "verdict", "rests on", "seen", "asked for", "on the device", "devices"] { th scope="col" { (name) } } } }
            tbody {
                @for ((rule, verdict, rests, seen, asked, on), devices) in &groups {
                    tr {
                        td { @match rule { Some(rule) => { (line(rule)) } None => { "-" } } }
                        td { (verdict) } td { (rests) } td { (line(seen)) } td { (line(asked)) } td { (line(on)) } td { (some(devices)) }
                    }
                }
            }
        },
    )
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
