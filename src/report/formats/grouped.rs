//! Rows of a report in Markdown, grouped over devices.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::escape::{code, prose};
use super::super::{DeviceReport, Report, Standing, difference, sides};
use crate::finding::Verdict;
use crate::model::facts::Setting;
use crate::model::shape::Shape;
use crate::native::{Change, Side};

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

/// What the devices are worth beside their descriptions, weaker first.
pub(in crate::report) fn standings(report: &Report) -> Vec<String> {
    let mut found: BTreeMap<Standing, Vec<&str>> = BTreeMap::new();
    for (device, difference) in compared(report) {
        found.entry(difference.standing()).or_default().push(&device.name);
    }
    found.into_iter().map(|(standing, named)| format!("| {} | {} |", standing.words(), devices(&named))).collect()
}

/// Rules whose verdict on the device is another than on what is described: first where it gets weaker. For `drift` that
/// is the device, for all else what is described.
pub(in crate::report) fn effects(report: &Report) -> Vec<String> {
    let mut found: BTreeMap<(bool, &str, Option<Verdict>, Verdict), Vec<&str>> = BTreeMap::new();
    for (device, difference) in compared(report) {
        for effect in difference.changes.iter().flat_map(|row| &row.rules).filter(|e| difference::matters(e)) {
            let strengths = effect.before.and_then(Verdict::strength).zip(effect.after.strength());
            let weaker = match report.verb {
                "drift" => effect.standing() == Some(Standing::Weaker),
                _ => strengths.is_some_and(|(device, described)| described < device),
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
    grouped(report, wanted).into_iter().map(|(row, _)| row).collect()
}

/// The same, with what new entries are for as the descriptions say it, in a column of its own.
pub(in crate::report) fn with_purpose(report: &Report, wanted: impl Fn(&Change) -> bool) -> Vec<String> {
    let row = |(row, purposes): (String, BTreeSet<&str>)| match purposes.len() {
        0 => format!("{row} - |"),
        _ => format!("{row} {} |", purposes.into_iter().map(prose).collect::<Vec<_>>().join("; ")),
    };
    grouped(report, wanted).into_iter().map(row).collect()
}

/// Rows, and the purposes of the entries in each.
fn grouped<'r>(report: &'r Report, wanted: impl Fn(&Change) -> bool) -> Vec<(String, BTreeSet<&'r str>)> {
    type Key<'a> = (&'a str, String, String);
    type Of<'a> = (Vec<&'a str>, BTreeSet<&'a str>);
    let mut found: HashMap<Key<'_>, Of<'_>> = HashMap::new();
    for (device, difference) in compared(report) {
        for change in difference.changes.iter().map(|row| &row.change).filter(|c| c.is_compared() && wanted(c)) {
            let (before, after) = sides(change);
            let text = |side: Option<String>| side.map_or("-".to_owned(), |text| cut(&text));
            let (named, purposes) = found.entry((&change.path, text(before), text(after))).or_default();
            named.push(&*device.name);
            purposes.extend(purpose(&change.after));
        }
    }
    let mut rows: Vec<(Key<'_>, Of<'_>)> = found.into_iter().collect();
    rows.sort_by_cached_key(|((path, before, after), (named, _))| {
        (Reverse(named.len()), by_numbers(path), *path, before.clone(), after.clone())
    });
    let row = |((path, before, after), (named, purposes)): (Key<'r>, Of<'r>)| {
        (format!("| {} | {} | {} | {} |", code(path), code(&before), code(&after), devices(&named)), purposes)
    };
    rows.into_iter().map(row).collect()
}

/// A text for sorting, the numbers in it as numbers: port `1/2` stands before `1/10`.
fn by_numbers(text: &str) -> Vec<Result<u64, &str>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| c.is_ascii_digit() != first.is_ascii_digit()).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push(piece.parse().map_err(|_| piece));
        rest = after;
    }
    pieces
}

/// What an entry is for: a note that no device is told.
fn purpose(side: &Side) -> Option<&str> {
    let Side::Entry(_, group) = side else { return None };
    let declared = Shape::device().group(group.shape);
    group.iter().find_map(|(ix, setting)| match setting {
        Setting::Value(fact) if declared.at(ix).name == "purpose" => fact.value.text(),
        _ => None,
    })
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
