//! Markdown for the description or a note of a merge request: rules, then what changes, grouped over devices, weaker
//! first. However many devices there are it stays a page.

use std::collections::HashMap;

use super::super::escape::{code, prose};
use super::super::layout::count;
use super::super::paint::View;
use super::super::{Difference, Report, check, difference};
use super::grouped::{cut, devices, effects, settings_of, standings, table};
use crate::finding::{Severity, Verdict};
use crate::source::SourceMap;

/// Rows of each table before the rest is counted.
const STANDINGS: usize = 6;
const RULES: usize = 14;
const EFFECTS: usize = 7;
const SETTINGS: usize = 10;

/// The page, below 60 lines.
pub fn merge(report: &Report, sources: &SourceMap, view: &View) -> String {
    let mut out = head(report);
    out.push_str(&table(
        "Findings",
        "| severity | rule | what | devices | where |",
        RULES,
        findings(report, sources, view),
    ));
    if report.verb == "drift" {
        out.push_str(&table(
            "How the devices stand",
            "| beside its description | devices |",
            STANDINGS,
            standings(report),
        ));
    }
    let running = "| rule | on the device | as described | devices |";
    out.push_str(&table("Rules that what differs touches, weaker first", running, EFFECTS, effects(report)));
    let settings = "| setting | on the device | as described | devices |";
    out.push_str(&table("What differs", settings, SETTINGS, settings_of(report, |_| true)));
    out.push_str("\nWhat supports IEC 62443-4-2 here is no certificate.\n");
    out
}

/// Settings that are described and that nobody knows of the devices: they are no difference, and no likeness either.
fn not_read(report: &Report) -> String {
    let all = report.devices.iter().filter_map(|device| device.difference.as_ref());
    let counts: Vec<usize> = all.map(Difference::not_read).filter(|count| *count > 0).collect();
    if counts.is_empty() {
        return String::new();
    }
    let settings = count(counts.iter().sum(), "setting", "settings");
    let devices = count(counts.len(), "device", "devices");
    format!("Not read: {settings} of {devices}; what was read has no place for them.\n")
}

fn head(report: &Report) -> String {
    let site = report.site.as_ref().map(|site| format!(" of site {}", code(&site.name))).unwrap_or_default();
    let mut out = format!("# `fieldlock {}`{site}\n\n", report.verb);
    let all = count(report.devices.len(), "device", "devices");
    let tally = report.tally();
    if report.compares() {
        let compared = report.compared();
        out.push_str(&format!("**{all}**: {}.\n", difference::standings(report, &compared)));
        out.push_str(&not_read(report));
        for file in report.unread.iter().take(1) {
            let more = report.unread.len() - 1;
            let more = if more > 0 { format!(", and {more} more files") } else { String::new() };
            out.push_str(&format!("Not compared: {} ({}){more}.\n", code(&file.file), prose(&file.message)));
        }
    } else {
        out.push_str(&format!("**{all}**: {}. ", check::standings(report)));
        out.push_str(&format!(
            "Rules passed {}, failed {}, unknown {}, waived {}, left for later {}.\n",
            tally.pass,
            tally.fail,
            tally.unknown,
            tally.waived,
            tally.later()
        ));
    }
    let named = |p: &super::super::PackHead| format!("{} {}{}", code(&p.name), prose(&p.version), p.mark());
    let packs: Vec<String> = report.packs.iter().take(12).map(named).collect();
    if !packs.is_empty() {
        let more = report.packs.len() - packs.len();
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        out.push_str(&format!("Rules of {}{more}.\n", packs.join(", ")));
    }
    let judged = Some(&report.judged_at).filter(|at| !at.is_empty()).map(|at| format!("judged at {}", prose(at)));
    let commit = report.commit.as_ref().map(|commit| prose(&commit.words()));
    let when: Vec<String> = judged.into_iter().chain(commit).collect();
    if !when.is_empty() {
        out.push_str(&format!("{}.\n", when.join(", ")));
    }
    out
}

/// Findings by rule and verdict: the worst first, then those of most devices.
fn findings(report: &Report, sources: &SourceMap, view: &View) -> Vec<String> {
    struct Group<'a> {
        severity: Severity,
        first: &'a crate::finding::Finding,
        devices: Vec<&'a str>,
        found: usize,
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<(&str, Verdict, bool), usize> = HashMap::new();
    for finding in report.findings.iter().filter(|f| view.all || f.is_told()) {
        let at = *known.entry((&finding.code, finding.status, finding.known.is_some())).or_insert_with(|| {
            groups.push(Group { severity: finding.severity, first: finding, devices: Vec::new(), found: 0 });
            groups.len() - 1
        });
        let group = &mut groups[at];
        group.severity = group.severity.max(finding.severity);
        group.devices.extend(finding.devices());
        group.found += 1;
    }
    for group in &mut groups {
        group.devices.sort_unstable();
        group.devices.dedup();
    }
    groups.sort_by(|a, b| {
        let open = |g: &Group<'_>| g.first.is_open() && g.first.known.is_none();
        (open(b), b.severity, b.devices.len(), &a.first.code).cmp(&(
            open(a),
            a.severity,
            a.devices.len(),
            &b.first.code,
        ))
    });
    let row = |group: &Group<'_>| {
        let f = group.first;
        let status = match (f.status, &f.waiver) {
            (Verdict::Fail, _) => String::new(),
            (status, Some(waiver)) => format!(", {} {}", status.words(), code(waiver)),
            (status, None) => format!(", {}", status.words()),
        };
        let status = status + &f.known.as_deref().map(|known| format!(", {}", prose(known))).unwrap_or_default();
        let place = check::place(sources, f.loc).map(|place| code(&place)).unwrap_or_default();
        let more = if group.found > 1 { format!(" and {} more", group.found - 1) } else { String::new() };
        let what = clipped(&f.message);
        let severity = group.severity.word();
        format!("| {severity}{status} | {} | {what} | {} | {place}{more} |", code(&f.code), devices(&group.devices))
    };
    groups.iter().map(row).collect()
}

fn clipped(text: &str) -> String {
    prose(&cut(text))
}
