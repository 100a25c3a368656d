//! What a reader sees first: of what, when, by what rules, how it stands, and what nobody knows.

use maud::{Markup, html};

use super::Dossier;
use crate::finding::Severity;
use crate::policy::requirements::Answered;
use crate::report::check::standing;
use crate::report::documents::Covered;
use crate::report::escape::line;
use crate::report::layout::count;
use crate::report::page::lists::state;
use crate::report::page::some;

pub(super) fn cover(told: &Dossier<'_>) -> Markup {
    html! {
        header.cover {
            h1 { "Dossier of site " (line(&told.of.site)) }
            (state(&told.of))
            @if told.report.demo { p.mark { b { "Demo." } " Of a site that is none." } }
            p.state {
                "Judged by "
                @for (at, pack) in told.report.packs.iter().enumerate() {
                    @if at > 0 { ", " } b { (line(&pack.name)) } " " (line(&pack.version)) (pack.mark())
                    " (" (count(pack.rules, "rule", "rules")) @if pack.pinned { ", pinned" } ")"
                }
                "." @if let Some(holes) = &told.report.known_holes { " Known holes in firmware: " (line(&holes.words())) "." }
            }
            p.state { "What rules say supports an assessment by IEC 62443-4-2. It is no certificate, and no rule proves that a product meets a requirement." }
        }
    }
}

/// What narrows the page down; there only where the script runs.
pub(super) fn filters(told: &Dossier<'_>) -> Markup {
    html! {
        form.filters.jsonly.noprint #filters role="search" aria-label="Narrow this page down" {
            label { "Only what says" " " input #say type="search" autocomplete="off" spellcheck="false"; }
            label { "Device" " "
                select #device { option value="" { "all" } @for device in &told.report.devices { option { (line(&device.name)) } } }
            }
            label { "Severity" " "
                select #severity {
                    option value="" { "all" }
                    @for severity in SEVERITIES { option { (severity.word()) } }
                }
            }
            button #all type="reset" { "Everything again" }
            output #shown role="status" {}
        }
    }
}

pub(super) const SEVERITIES: [Severity; 5] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

pub(super) fn summary(told: &Dossier<'_>) -> Markup {
    let report = &told.report;
    let [complying, not, waiting] = standing(report);
    let open = |severity: Severity| {
        let of = report.findings.iter().filter(|finding| finding.is_open() && finding.severity == severity);
        of.map(|finding| finding.devices().count().max(1)).sum::<usize>()
    };
    let tally = report.tally();
    let never: Vec<&str> =
        told.inventory.devices.iter().filter(|d| d.read.is_none()).map(|device| &*device.device).collect();
    html! {
            dl.figures {
                div { dt { "Devices" } dd { (report.devices.len()) } }
                div.good[complying == report.devices.len()].bad[not > 0] { dt { "Comply" } dd { (complying) } }
                @if waiting > 0 { div { dt { "Wait for the secrets" } dd { (waiting) } } }
                @for severity in SEVERITIES {
                    @let n = open(severity);
                    div.(severity.word())[n > 0] { dt { "Open, " (severity.word()) } dd { (n) } }
                }
                div { dt { "Waived" } dd { (tally.waived) } }
            }
            ul {
                @for zone in &told.coverage.zones {
                    @let (held, asked) = supported(told, &zone.devices, zone.level);
                    li {
                        @match &zone.zone { Some(name) => { "Zone " b { (line(name)) } } None => { "No zone" } }
                        @if let Some(level) = zone.level { " (SL-T " (level) ")" }
                        ", " (count(zone.devices.len(), "device", "devices")) ": " (held) " of " (asked)
                        " requirements that a configuration can answer at that level are supported on every device."
                    }
                }
            }
            h3 { "What is not known" }
            ul {
                @if never.is_empty() { li { "Every device was read at least once." } }
                @else {
                    li { (count(never.len(), "device was", "devices were")) " never read: what is told is what is described. " (some(&never)) }
                }
                li {
    (count(tally.later_secrets, "verdict waits", "verdicts wait")) " for the secrets, " (tally.later_device) " for the device, "
                    (tally.later_other) " for people who attest something; they neither pass nor fail."
                }
                li { (count(tally.unknown, "verdict", "verdicts")) " can't be told, " (count(tally.no_place, "asks", "ask")) " for what a device has no place for." }
                @let unjudged: usize = report.devices.iter().map(|device| device.unjudged.len()).sum();
                @if unjudged > 0 { li { (count(unjudged, "native line is", "native lines are")) " judged by no rule." } }
                li { "Findings are those of the description over what was read last: what was changed on a device since is not seen." }
            }
        }
}

/// How many requirements that a configuration can answer, up to a level, every device has something to show for.
fn supported(told: &Dossier<'_>, devices: &[String], level: Option<u32>) -> (usize, usize) {
    let asked = told.coverage.requirements.iter().filter(|row| {
        row.answered == Answered::Configuration && row.level.is_some_and(|asked| asked <= level.unwrap_or(4))
    });
    let asked: Vec<_> = asked.collect();
    let within: std::collections::HashSet<&str> = devices.iter().map(String::as_str).collect();
    let held = asked.iter().filter(|row| {
        row.devices.iter().filter(|device| within.contains(&*device.device)).map(|d| d.state).all(Covered::holds)
    });
    (held.count(), asked.len())
}
