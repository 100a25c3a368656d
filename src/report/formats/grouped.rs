//! Rows of a report in Markdown, grouped over devices.

use std::collections::{BTreeMap, HashMap};

use super::super::escape::code;
use super::super::{DeviceReport, Report, difference, sides};
use crate::finding::Verdict;
use crate::native::Change;

/// Devices of a row before the rest is counted.
const NAMED: usize = 3;
/// Rules of a row before the rest is counted: the block of each device names all.
const RULES: usize = 6;

/// A table under a head, cut where it gets long; nothing where it has no rows.
pub(in crate::report) fn table(title: &str, head: &str, most: usize, rows: Vec<String>) -> String {
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

/// Rules whose verdict on the device is another than on what is described: first where it gets weaker. For `drift` that
/// is the device, for all else what is described.
pub(in crate::report) fn effects(report: &Report) -> Vec<String> {
    let mut found: BTreeMap<(bool, &str, Option<Verdict>, Verdict), Vec<&str>> = BTreeMap::new();
    for (device, difference) in compared(report) {
        for effect in difference.changes.iter().flat_map(|row| &row.rules).filter(|e| difference::matters(e)) {
            let strengths = (effect.before.and_then(Verdict::strength), effect.after.strength());
            let weaker = match (strengths, report.verb) {
                ((Some(device), Some(described)), "drift") => device < described,
                ((Some(device), Some(described)), _) => described < device,
                _ => false,
            };
            let devices = found.entry((!weaker, &effect.rule, effect.before, effect.after)).or_default();
            if devices.last() != Some(&&*device.name) {
                devices.push(&device.name);
            }
        }
    }
    // what gets weaker has a row each; of the rest a row for all rules of which the same is said
    type Row<'a> = ((bool, Option<Verdict>, Verdict, Vec<&'a str>), Vec<&'a str>);
    let mut rows: Vec<Row<'_>> = Vec::new();
    for ((stronger, rule, before, after), named) in found {
        let said = (stronger, before, after, named);
        match rows.iter_mut().find(|(other, _)| stronger && *other == said) {
            Some((_, rules)) => rules.push(rule),
            None => rows.push((said, vec![rule])),
        }
    }
    let words = |verdict: Option<Verdict>| verdict.map_or("not known", Verdict::words);
    let row = |((stronger, before, after, named), rules): &Row<'_>| {
        let mark = if *stronger { "" } else { " **weaker**" };
        format!("| {}{mark} | {} | {} | {} |", some(rules, RULES), words(*before), after.words(), devices(named))
    };
    rows.iter().map(row).collect()
}

/// Settings that differ, those of most devices first.
pub(in crate::report) fn settings_of(report: &Report, wanted: impl Fn(&Change) -> bool) -> Vec<String> {
    type Key<'a> = (&'a str, String, String);
    let mut found: HashMap<Key<'_>, Vec<&str>> = HashMap::new();
    for (device, difference) in compared(report) {
        for change in difference.changes.iter().map(|row| &row.change).filter(|c| c.is_compared() && wanted(c)) {
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
pub(in crate::report) fn devices(names: &[&str]) -> String {
    some(names, NAMED)
}

fn some(names: &[&str], most: usize) -> String {
    let named: Vec<String> = names.iter().take(most).map(|name| code(name)).collect();
    match names.len().saturating_sub(most) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Characters of a text in a cell.
const CELL: usize = 200;

pub(in crate::report) fn cut(text: &str) -> String {
    match text.char_indices().nth(CELL) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
