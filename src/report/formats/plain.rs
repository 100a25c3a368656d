//! For logs and screen readers: no colour, no drawing, each finding in the order in which it is told.
//!
//! Our own words are ASCII; what people wrote keeps its letters.

use super::super::causes::{Cause, Open, causes, open_by_device};
use super::super::check::{Standing, counts, described};
use super::super::diagnostic::{FindingDiagnostic, narrate};
use super::super::layout::count;
use super::super::paint::View;
use super::super::{DeviceReport, Report, escape};
use crate::source::SourceMap;

/// Columns of a source line that are told.
const COLUMNS: usize = 160;

/// The whole report.
pub fn plain(report: &Report, sources: &SourceMap, view: &View) -> String {
    let causes = causes(report, |f| view.all || f.is_told());
    let mut out = title(report);
    let open = open_by_device(report);
    for device in &report.devices {
        out.push_str(&device_line(device, open.get(&*device.name).copied().unwrap_or_default()));
    }
    out.push_str(&format!("{}\n", count(causes.len(), "finding", "findings")));
    for cause in &causes {
        out.push_str(&details(cause, sources));
    }
    for device in &report.devices {
        out.push_str(&super::super::difference::plain(device, report.verb, report.compares() && view.all, sources));
    }
    out.push_str(&super::super::imported::refused(&report.unread));
    if report.compares() {
        out.push_str(&super::super::difference::compared_devices(report));
    }
    out.push_str(&super::super::build::plain(report));
    out.push_str(&counts(report));
    out.push_str(&format!("exit {}\n", report.outcome().code()));
    out
}

fn title(report: &Report) -> String {
    let mut out = format!("fieldlock {} {}", report.version, report.verb);
    if let Some(site) = &report.site {
        out.push_str(&format!(" of site {}", escape::line(&site.name)));
    }
    if let Some(commit) = &report.commit {
        out.push_str(&format!(", {}", commit.words()));
    }
    if !report.judged_at.is_empty() {
        out.push_str(&format!(", judged at {}", escape::line(&report.judged_at)));
    }
    out.push('\n');
    for pack in &report.packs {
        let (name, version) = (escape::line(&pack.name), escape::line(&pack.version));
        out.push_str(&format!("pack {name} {version}{}: {}\n", pack.mark(), count(pack.rules, "rule", "rules")));
    }
    if let Some(holes) = &report.known_holes {
        out.push_str(&format!("known holes in firmware: {}\n", escape::line(&holes.words())));
    }
    out
}

fn device_line(device: &DeviceReport, open: Open) -> String {
    let state = Standing::of(device, open).words();
    format!("device {}: {}: {state}\n", escape::line(&device.name), described(device))
}

/// A finding as `miette` narrates it, and what else is to be known of it, a line each.
fn details(cause: &Cause<'_>, sources: &SourceMap) -> String {
    let f = cause.finding;
    let join = |texts: &[&str]| texts.iter().map(|t| escape::line(t)).collect::<Vec<_>>().join(", ");
    let supports: Vec<&str> = f.supports.iter().map(String::as_str).collect();
    let rules: Vec<&str> = f.rules.iter().map(|rule| &*rule.id).collect();
    let rows = [
        ("severity", f.severity.word().to_owned()),
        ("status", f.status.words().to_owned()),
        ("devices", join(&cause.devices)),
        ("setting", join(&cause.paths)),
        ("on the device", f.menu.as_deref().map(escape::line).unwrap_or_default()),
        ("rules", join(&rules)),
        ("supports", join(&supports)),
        ("waiver", f.waiver.as_deref().map(escape::line).unwrap_or_default()),
        ("known", f.known.as_deref().map(escape::line).unwrap_or_default()),
    ];
    let mut out = format!("\n{}. {}", cause.number, narrate(&FindingDiagnostic::of(f, sources, COLUMNS)));
    for (name, text) in rows.iter().filter(|(_, t)| !t.is_empty()) {
        out.push_str(&format!("{name}: {text}\n"));
    }
    out
}
