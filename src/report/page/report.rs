//! A report of `check`, `build`, `diff` or `drift` as a page.

use maud::{Markup, html};

use super::differences::differences;
use super::findings::findings;
use super::lists::wide;
use super::shell;
use crate::report::Report;
use crate::report::causes::open_by_device;
use crate::report::check::{Standing, described, standings};
use crate::report::escape::line;
use crate::report::layout::count;
use crate::source::SourceMap;

/// The page; with `all` it lists what is well too.
pub fn report(report: &Report, sources: &SourceMap, all: bool) -> String {
    let site = report.site.as_ref().map_or("the site".to_owned(), |site| format!("site {}", line(&site.name)));
    let mut parts = vec![("summary", "Summary"), ("findings", "Findings")];
    if report.compares() {
        parts.push(("differences", "Differences"));
    }
    let body = html! {
        (head(report, &site))
        section #summary aria-labelledby="h-summary" { h2 #h-summary { "Summary" } (summary(report)) }
        section #findings aria-labelledby="h-findings" { h2 #h-findings { "Findings" } (findings(report, sources, all)) }
        @if report.compares() {
            section #differences aria-labelledby="h-differences" {
                h2 #h-differences { "Differences" }
                (differences(report))
                @for file in &report.unread {
                    p.mark data-row { "Nothing was compared with " code { (line(&file.file)) } ": " (line(&file.message)) }
                }
            }
        }
    };
    shell::read(&format!("{} of {site}", report.verb), &parts, &body)
}

fn head(report: &Report, site: &str) -> Markup {
    html! {
        header.cover {
            h1 { (report.verb) " of " (site) }
            p.state {
                "Judged at " (line(&report.judged_at))
                @if let Some(commit) = &report.commit { ", " (commit.words()) }
                @for pack in &report.packs { ", " b { (line(&pack.name)) } " " (line(&pack.version)) (pack.mark()) }
                ". " b { "Exit code " (report.outcome().code()) "." }
            }
            @if report.demo { p.mark { b { "Demo." } " Of a site that is none." } }
        }
    }
}

fn summary(report: &Report) -> Markup {
    let (open, tally) = (open_by_device(report), report.tally());
    html! {
        p {
            (count(report.devices.len(), "device", "devices")) ": " (standings(report))
            ". Rules passed " (tally.pass) ", failed " (tally.fail) ", unknown " (tally.unknown) ", waived " (tally.waived)
            ", left for later " (tally.later()) "."
        }
        (wide("Devices", &html! {
            thead { tr { th scope="col" { "device" } th scope="col" { "what it is" } th scope="col" { "how it stands" } } }
            tbody { @for device in &report.devices {
                @let standing = Standing::of(device, open.get(&*device.name).copied().unwrap_or_default());
                tr data-row data-device=(line(&device.name)) {
                    th scope="row" { (line(&device.name)) } td { (described(device)) } td { (standing.words()) }
                }
            } }
        }))
    }
}
