//! For logs and screen readers: no colour, no drawing, one line for each finding first, then each in full.
//!
//! Our own words are ASCII; what people wrote keeps its letters.

use super::causes::{Cause, Open, causes, open_by_device};
use super::check::{Standing, counts, described, one_line};
use super::layout::count;
use super::paint::View;
use super::{DeviceReport, Report, escape};
use crate::finding::{Note, Verdict};
use crate::source::{Loc, SourceMap};

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
        out.push_str(&finding_line(cause, sources));
    }
    for cause in &causes {
        out.push_str(&details(cause, sources));
    }
    for device in &report.devices {
        out.push_str(&super::difference::plain(device, report.verb == "diff" && view.all, sources));
    }
    if report.verb == "diff" {
        out.push_str(&super::difference::compared_devices(report));
    }
    out.push_str(&super::build::plain(report));
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
    out
}

fn device_line(device: &DeviceReport, open: Open) -> String {
    let state = Standing::of(device, open).words();
    format!("device {}: {}: {state}\n", escape::line(&device.name), described(device))
}

/// `devices/np07.kdl:21:5: critical: NP6-ACL-004: the allowlist shuts out your engineering station [np07]`
fn finding_line(cause: &Cause<'_>, sources: &SourceMap) -> String {
    let f = cause.finding;
    let place = place(sources, f.loc).map_or(String::new(), |p| format!("{p}: "));
    let devices = match cause.devices.as_slice() {
        [] => String::new(),
        [one] => format!(" [{}]", escape::line(one)),
        [one, more @ ..] => format!(" [{} and {} more]", escape::line(one), more.len()),
    };
    let status = if f.status == Verdict::Fail { String::new() } else { format!(" ({})", status_word(f.status)) };
    let (code, message) = (escape::line(&f.code), escape::line(&f.message));
    format!("{place}{}{status}: {code}: {message}{devices}\n", f.severity.word())
}

fn details(cause: &Cause<'_>, sources: &SourceMap) -> String {
    let f = cause.finding;
    let mut rows = vec![("status", status_word(f.status).to_owned())];
    rows.push(("devices", cause.devices.iter().map(|d| escape::line(d)).collect::<Vec<_>>().join(", ")));
    rows.push(("setting", cause.paths.iter().map(|p| escape::line(p)).collect::<Vec<_>>().join(", ")));
    if let Some(place) = place(sources, f.loc) {
        rows.push(("at", place));
        rows.push(("text", text_at(sources, f.loc)));
    }
    rows.push(("says", escape::line(&f.label)));
    rows.extend(f.reason.as_deref().map(|r| ("because", escape::line(r))));
    let note = |n: &Note| match place(sources, n.loc) {
        Some(place) => format!("{} ({place})", escape::line(&n.text)),
        None => escape::line(&n.text),
    };
    rows.extend(f.trail.iter().map(|n| ("way", note(n))));
    rows.extend(f.related.iter().map(|n| ("see", note(n))));
    rows.extend(f.help.as_deref().map(|h| ("help", escape::line(h))));
    rows.extend(f.fix.as_ref().map(|fix| ("fix", escape::line(&one_line(&fix.kdl)))));
    rows.extend(f.menu.as_deref().map(|m| ("on the device", escape::line(m))));
    for rule in &f.rules {
        let at = place(sources, rule.loc).map_or(String::new(), |p| format!(" ({p})"));
        rows.push(("rule", format!("{}{at}", escape::line(&rule.id))));
    }
    rows.push(("supports", f.supports.iter().map(|s| escape::line(s)).collect::<Vec<_>>().join(", ")));
    rows.extend(f.waiver.as_deref().map(|w| ("waiver", escape::line(w))));
    let mut out = format!("\n{}. {}: {}\n", cause.number, escape::line(&f.code), escape::line(&f.message));
    for (name, text) in rows.iter().filter(|(_, t)| !t.is_empty()) {
        out.push_str(&format!("   {name}: {text}\n"));
    }
    out
}

pub(super) fn status_word(status: Verdict) -> &'static str {
    match status {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::Waived => "waived",
        Verdict::Deferred => "left for later",
        Verdict::NotApplicable => "does not apply",
    }
}

/// `devices/np07.kdl:21:5`, as editors and log readers take it.
fn place(sources: &SourceMap, loc: Loc) -> Option<String> {
    let file = sources.get(loc.file)?;
    let at = file.position(loc.span.start);
    Some(format!("{}:{}:{}", escape::line(file.name()), at.line, at.column))
}

/// The marked text, at most its first line.
fn text_at(sources: &SourceMap, loc: Loc) -> String {
    let shown = sources.shown(loc);
    let first = shown.lines().next().unwrap_or_default();
    super::layout::clip(&escape::line(first), 100)
}
