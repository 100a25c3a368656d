//! Markdown for the description or a note of a merge request: rules, then what changes, grouped over devices, weaker
//! first. However many devices there are it stays a page.

use std::collections::{BTreeMap, HashMap};

use super::super::escape::{code, prose};
use super::super::layout::count;
use super::super::paint::View;
use super::super::{DeviceReport, Report, check, sides};
use crate::finding::{Severity, Verdict};
use crate::source::SourceMap;

/// Rows of each table before the rest is counted.
const RULES: usize = 14;
const EFFECTS: usize = 7;
const SETTINGS: usize = 10;
/// Devices of a row before the rest is counted.
const NAMED: usize = 3;

/// The page, below 60 lines.
pub fn merge(report: &Report, sources: &SourceMap, view: &View) -> String {
    let mut out = head(report);
    out.push_str(&table(
        "Findings",
        "| severity | rule | what | devices | where |",
        RULES,
        findings(report, sources, view),
    ));
    let running = "| rule | on the device | as described | devices |";
    out.push_str(&table("Rules that what differs touches, weaker first", running, EFFECTS, effects(report)));
    let settings = "| setting | on the device | as described | devices |";
    out.push_str(&table("What differs", settings, SETTINGS, settings_of(report)));
    out.push_str("\nWhat supports IEC 62443-4-2 here is no certificate.\n");
    out
}

fn head(report: &Report) -> String {
    let site = report.site.as_ref().map(|site| format!(" of site {}", code(&site.name))).unwrap_or_default();
    let mut out = format!("# `fieldlock {}`{site}\n\n", report.verb);
    let all = count(report.devices.len(), "device", "devices");
    let tally = report.tally();
    if report.compares() {
        let compared = report.compared();
        out.push_str(&format!(
            "**{all}**: {} as described, {} differ, {} not compared.\n",
            compared.as_described, compared.differ, compared.not_compared
        ));
        for file in report.unread.iter().take(1) {
            let more = report.unread.len() - 1;
            let more = if more > 0 { format!(", and {more} more files") } else { String::new() };
            out.push_str(&format!("Not compared: {} ({}){more}.\n", code(&file.file), prose(&file.message)));
        }
    } else {
        let complying = report.devices.iter().filter(|device| device.complies).count();
        out.push_str(&format!("**{all}**: {complying} comply, {} do not. ", report.devices.len() - complying));
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

/// A table under a head, cut where it gets long; nothing where it has no rows.
fn table(title: &str, head: &str, most: usize, rows: Vec<String>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let columns = head.matches('|').count() - 1;
    let mut out = format!("\n## {title}\n\n{head}\n|{}\n", "---|".repeat(columns));
    for row in rows.iter().take(most) {
        out.push_str(&format!("{row}\n"));
    }
    if rows.len() > most {
        out.push_str(&format!("\nand {} more rows\n", rows.len() - most));
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

/// Rules whose verdict on the device is another than on what is described: first where it gets weaker. For `drift` that
/// is the device, for all else what is described.
fn effects(report: &Report) -> Vec<String> {
    let mut found: BTreeMap<(bool, &str, Option<Verdict>, Verdict), Vec<&str>> = BTreeMap::new();
    let holds = |verdict: Verdict| verdict == Verdict::Pass;
    for (device, difference) in compared(report) {
        for effect in difference.changes.iter().flat_map(|row| &row.rules).filter(|e| e.before != Some(e.after)) {
            let weaker = match report.verb {
                "drift" => effect.before.is_some_and(|before| !holds(before)) && holds(effect.after),
                _ => effect.before.is_some_and(holds) && !holds(effect.after),
            };
            let devices = found.entry((!weaker, &effect.rule, effect.before, effect.after)).or_default();
            if devices.last() != Some(&&*device.name) {
                devices.push(&device.name);
            }
        }
    }
    let words = |verdict: Option<Verdict>| verdict.map_or("not known", Verdict::words);
    let row = |(stronger, rule, before, after): &(bool, &str, Option<Verdict>, Verdict), named: &Vec<&str>| {
        let mark = if *stronger { "" } else { " **weaker**" };
        format!("| {}{mark} | {} | {} | {} |", code(rule), words(*before), after.words(), devices(named))
    };
    found.iter().map(|(key, named)| row(key, named)).collect()
}

/// Settings that differ, those of most devices first.
fn settings_of(report: &Report) -> Vec<String> {
    type Key<'a> = (&'a str, String, String);
    let mut found: HashMap<Key<'_>, Vec<&str>> = HashMap::new();
    for (device, difference) in compared(report) {
        for change in difference.changes.iter().map(|row| &row.change).filter(|change| change.is_compared()) {
            let (before, after) = sides(change);
            let text = |side: Option<String>| side.map_or("-".to_owned(), |text| cut(&text));
            found.entry((&change.path, text(before), text(after))).or_default().push(&device.name);
        }
    }
    let mut rows: Vec<(Key<'_>, Vec<&str>)> = found.into_iter().collect();
    rows.sort_by(|(a, m), (b, n)| (n.len(), a).cmp(&(m.len(), b)));
    let row = |((path, before, after), named): (Key<'_>, Vec<&str>)| {
        format!("| {} | {} | {} | {} |", code(path), code(&before), code(&after), devices(&named))
    };
    rows.into_iter().map(row).collect()
}

fn compared(report: &Report) -> impl Iterator<Item = (&DeviceReport, &super::super::Difference)> {
    report.devices.iter().filter_map(|device| Some((device, device.difference.as_ref()?)))
}

/// `np07`, `np08` and 37 more
fn devices(names: &[&str]) -> String {
    let named: Vec<String> = names.iter().take(NAMED).map(|name| code(name)).collect();
    match names.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Characters of a text in a cell.
const CELL: usize = 200;

fn cut(text: &str) -> String {
    match text.char_indices().nth(CELL) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn clipped(text: &str) -> String {
    prose(&cut(text))
}
