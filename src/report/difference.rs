//! `diff` for people: which settings differ from the running device, and below them the redacted texts.

use super::check::{head, place};
use super::layout::{clip, count, table};
use super::paint::{Ink, View};
use super::plain::status_word;
use super::{BaseHead, ChangeRow, DeviceReport, Difference, Report, RuleEffect, escape};
use crate::finding::Verdict;
use crate::native::SecretState;
use crate::source::SourceMap;

/// The whole screen: findings first, then device by device.
pub fn difference(report: &Report, sources: &SourceMap, view: &View) -> String {
    let mut out = super::check::findings(report, sources, view);
    let mut differ = 0;
    for device in &report.devices {
        let Some(difference) = &device.difference else { continue };
        differ += usize::from(!difference.changes.is_empty());
        out.push_str(&one(report, device, difference, sources, view));
    }
    let all = report.devices.iter().filter(|d| d.difference.is_some()).count();
    let same = all - differ;
    out.push_str(&format!("{} compared   {differ} differ   {same} as described\n", count(all, "device", "devices")));
    out
}

fn one(report: &Report, device: &DeviceReport, d: &Difference, sources: &SourceMap, view: &View) -> String {
    let mut out = format!("{}\n", head(report, device, &[], view));
    out.push_str(&format!("       {}\n", compared(d)));
    out.push_str(&rows(d, sources, view));
    out.push_str(&format!("       {}\n", rest(d)));
    for line in d.kept.iter().take(if view.all { usize::MAX } else { 5 }) {
        out.push_str(&format!("         {}\n", escape::line(&line.shown)));
    }
    if !view.all && d.kept.len() > 5 {
        out.push_str(&format!("         and {} more\n", d.kept.len() - 5));
    }
    if !d.text.is_empty() {
        out.push('\n');
        out.push_str(&unified(&d.text, view));
    }
    out.push('\n');
    out
}

/// `compared with captures/np07.ini, read by ot-lead 2026-03-09 14:02 UTC (export)`
pub(super) fn compared(d: &Difference) -> String {
    match &d.base {
        None => "nothing was read from this device yet: every setting is new".to_owned(),
        Some(BaseHead { file, taken, by, how }) => {
            let mut out = format!("compared with {}", escape::line(file));
            if !by.is_empty() {
                out.push_str(&format!(", read by {}", escape::line(by)));
            }
            if !taken.is_empty() {
                out.push_str(&format!(" {}", escape::line(taken)));
            }
            if !how.is_empty() {
                out.push_str(&format!(" ({})", escape::line(how)));
            }
            out
        }
    }
}

/// What does not change, and what fieldlock does not know.
pub(super) fn rest(d: &Difference) -> String {
    let nothing = if d.changes.is_empty() { "nothing changes" } else { "nothing else changes" };
    match d.kept.len() {
        0 => nothing.to_owned(),
        1 => format!("{nothing}; 1 line on the device is unknown to fieldlock and stays as it is:"),
        n => format!("{nothing}; {n} lines on the device are unknown to fieldlock and stay as they are:"),
    }
}

fn rows(d: &Difference, sources: &SourceMap, view: &View) -> String {
    let mut cells = Vec::new();
    for (i, row) in d.changes.iter().enumerate() {
        let said = place(sources, row.change.origin.loc()).unwrap_or_default();
        cells.push(vec![
            format!("{:>3}", i + 1),
            escape::line(&row.change.path),
            clip(&before(row), 40),
            "->".to_owned(),
            clip(&after(row), 50),
            effects(row),
            said,
        ]);
    }
    let text = table(&cells, 3);
    let colour = |line: &str| if line.contains("-> fail") { view.ink(Ink::Bad, line) } else { line.to_owned() };
    text.lines().map(|l| colour(l) + "\n").collect()
}

/// What the device has; a secret only says that it is one.
pub(super) fn before(row: &ChangeRow) -> String {
    match (&row.change.before, row.change.secret) {
        (None, _) | (_, Some(SecretState::New)) => "-".to_owned(),
        (Some(_), Some(_)) => "a secret".to_owned(),
        (Some(text), None) => escape::line(text),
    }
}

/// What is described; a secret says how it compares.
pub(super) fn after(row: &ChangeRow) -> String {
    match (&row.change.after, row.change.secret) {
        (None, _) => "removed".to_owned(),
        (_, Some(SecretState::New)) => "set (a new secret)".to_owned(),
        (_, Some(SecretState::Changed)) => "another secret".to_owned(),
        (_, Some(SecretState::Unchanged)) => "the same secret".to_owned(),
        (_, Some(SecretState::CannotCompare)) => "a secret, can't be compared".to_owned(),
        (Some(text), None) => escape::line(text),
    }
}

/// `NP6-SES-001 fail -> pass`, rules whose verdict changes first.
pub(super) fn effects(row: &ChangeRow) -> String {
    let changed: Vec<String> = row.rules.iter().filter(|r| r.before != Some(r.after)).map(effect).collect();
    if !changed.is_empty() {
        return changed.join(", ");
    }
    row.rules.first().map_or(String::new(), effect)
}

fn effect(r: &RuleEffect) -> String {
    let word = |v: Option<Verdict>| v.map_or("?", status_word);
    let waiver = r.waiver.as_deref().map_or(String::new(), |w| format!(" {}", escape::line(w)));
    format!("{} {} -> {}{waiver}", escape::line(&r.rule), word(r.before), status_word(r.after))
}

fn unified(text: &str, view: &View) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let shown = escape::block(line);
        let ink = match line.as_bytes().first() {
            Some(b'+') => Ink::Good,
            Some(b'-') => Ink::Bad,
            _ => Ink::Faint,
        };
        out.push_str(&format!("       {}\n", view.ink(ink, &shown)));
    }
    out
}

/// The same for logs: a sentence for each change.
pub(super) fn plain(device: &DeviceReport, sources: &SourceMap) -> String {
    let Some(d) = &device.difference else { return String::new() };
    let name = escape::line(&device.name);
    let mut out = format!("\ndevice {name}: {}\n", compared(d));
    for row in &d.changes {
        let said = place(sources, row.change.origin.loc()).map_or(String::new(), |p| format!(" ({p})"));
        let effects = effects(row);
        let effects = if effects.is_empty() { effects } else { format!("; {effects}") };
        let path = escape::line(&row.change.path);
        out.push_str(&format!("change {name} {path}: {} becomes {}{effects}{said}\n", before(row), after(row)));
    }
    out.push_str(&format!("{}\n", rest(d)));
    for line in &d.kept {
        out.push_str(&format!("unknown {name} line {}: {}\n", line.line, escape::line(&line.shown)));
    }
    if !d.text.is_empty() {
        out.push_str(&escape::block(&d.text));
        if !d.text.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}
