//! What there is to show for the requirements of IEC 62443-4-2: a table for each zone, or one requirement device by
//! device.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::documents::{Coverage, Covered, CoveredDevice, CoveredRequirement, CoveredZone, CoveringRule};
use super::escape::line;
use super::layout::{apart, clip, count, table};
use super::paint::{Ink, View};
use crate::finding::Verdict;
use crate::policy::evidence::Evidence;
use crate::policy::requirements::Answered;

/// Columns of a title in a table.
const TITLE: usize = 56;
/// Columns of a head line.
const WIDTH: usize = 96;

/// All requirements by zone; with `detailed`, each of them device by device below.
pub fn coverage(told: &Coverage, detailed: bool, view: &View) -> String {
    let mut out = head(told, view);
    for zone in &told.zones {
        out.push_str(&overview(told, zone, view));
    }
    if detailed {
        told.requirements.iter().for_each(|row| out.push_str(&evidence(told, row, view)));
    }
    out.push_str("A rule supports a requirement; no rule proves that a product meets it.\n");
    out
}

/// One requirement device by device.
pub fn coverage_of(told: &Coverage, row: &CoveredRequirement, view: &View) -> String {
    head(told, view) + &evidence(told, row, view)
}

fn head(told: &Coverage, view: &View) -> String {
    let commit = told.commit.as_ref().map(|commit| format!("   {}", commit.words())).unwrap_or_default();
    format!("{}{commit}   as of {}\n\n", view.ink(Ink::Strong, &line(&told.site)), line(&told.judged_at))
}

fn overview(told: &Coverage, zone: &CoveredZone, view: &View) -> String {
    let name = zone.zone.as_ref().map_or("no zone".to_owned(), |name| format!("zone {}", line(name)));
    let level = zone.level.map(|level| format!(" (SL-T {level})")).unwrap_or_default();
    let devices = count(zone.devices.len(), "device", "devices");
    let mut out = format!("{}{level}   {devices}\n", view.ink(Ink::Strong, &name));
    let within: HashSet<&str> = zone.devices.iter().map(String::as_str).collect();
    let of_zone = |row: &'_ CoveredRequirement| -> Vec<Covered> {
        row.devices.iter().filter(|d| within.contains(&*d.device)).map(|d| d.state).collect()
    };
    let rows = told.requirements.iter().map(|row| {
        let states = of_zone(row);
        let level = row.level.map(|level| format!("SL {level}")).unwrap_or_default();
        vec![row.id.clone(), level, clip(&row.title, TITLE), told_by_state(&states)]
    });
    out.push_str(&table(&rows.collect::<Vec<_>>(), 1));
    let asked = |row: &&CoveredRequirement| {
        row.answered == Answered::Configuration && row.level.is_some_and(|level| level <= zone.level.unwrap_or(4))
    };
    let asked: Vec<&CoveredRequirement> = told.requirements.iter().filter(asked).collect();
    let held = asked.iter().filter(|row| of_zone(row).into_iter().all(Covered::holds)).count();
    let up_to = zone.level.map_or("of all levels".to_owned(), |level| format!("up to SL {level}"));
    let all = asked.len();
    writeln!(out, " {held} of {all} {up_to} that a configuration can answer are supported on every device\n")
        .unwrap_or_default();
    out
}

/// `3 supported, 1 waived`; without the number where all are alike.
fn told_by_state(states: &[Covered]) -> String {
    let number = |state: Covered| states.iter().filter(|one| **one == state).count();
    let there: Vec<(Covered, usize)> =
        Covered::ALL.into_iter().map(|state| (state, number(state))).filter(|(_, number)| *number > 0).collect();
    match &there[..] {
        [(only, _)] => only.words().to_owned(),
        several => several.iter().map(|(state, n)| format!("{n} {}", state.words())).collect::<Vec<_>>().join(", "),
    }
}

fn evidence(told: &Coverage, row: &CoveredRequirement, view: &View) -> String {
    let name = format!("{}  {}", row.id, row.title);
    let mut out = apart(&view.ink(Ink::Strong, &name), "supports, does not prove conformity", WIDTH);
    out.push('\n');
    if !row.enhancements.is_empty() {
        writeln!(out, " beyond: {}", row.enhancements).unwrap_or_default();
    }
    let head = ["device", "asked for", "on the device", "seen", "by", "rule", "verdict"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for device in &row.devices {
        match &device.rules[..] {
            [] => rows.push(nothing(device)),
            rules => rows.extend(rules.iter().map(|rule| one(device, rule))),
        }
    }
    out.push_str(&table(&rows, 1));
    let states: Vec<Covered> = row.devices.iter().map(|device| device.state).collect();
    let devices: usize = told.zones.iter().map(|zone| zone.devices.len()).sum();
    let by = |evidence: Evidence| {
        let rests = |device: &&CoveredDevice| device.rules.iter().map(|rule| rule.evidence).min() == Some(evidence);
        row.devices.iter().filter(rests).count()
    };
    let rests = [Evidence::ReadBack, Evidence::Person, Evidence::Built, Evidence::Declared];
    let rests = rests.into_iter().map(|evidence| (by(evidence), evidence)).filter(|(number, _)| *number > 0);
    let rests: Vec<String> = rests.map(|(number, evidence)| format!("{number} {}", evidence.words())).collect();
    let rests = if rests.is_empty() { String::new() } else { format!("; rests on: {}", rests.join(", ")) };
    let devices = count(devices, "device", "devices");
    writeln!(out, " {devices}: {}{rests}\n", told_by_state(&states)).unwrap_or_default();
    out
}

fn nothing(device: &CoveredDevice) -> Vec<String> {
    let mut cells = vec![line(&device.device)];
    cells.extend(std::iter::repeat_n("-".to_owned(), 5));
    cells.push(device.state.words().to_owned());
    cells
}

fn one(device: &CoveredDevice, rule: &CoveringRule) -> Vec<String> {
    let values = |values: &[String]| match values {
        [] => "-".to_owned(),
        values => line(&values.join(" / ")),
    };
    let seen = match (&rule.seen, rule.evidence) {
        (Some(at), Evidence::ReadBack) => format!("read back {}", line(at)),
        (Some(at), Evidence::Declared) => format!("read {}, differs", line(at)),
        (Some(at), _) => line(at),
        (None, Evidence::Declared) => "never looked".to_owned(),
        (None, evidence) => evidence.words().to_owned(),
    };
    let by = match (&rule.by, rule.evidence) {
        (Some(by), _) => line(by),
        (None, Evidence::ReadBack) => "machine".to_owned(),
        (None, _) => "-".to_owned(),
    };
    let verdict = match (rule.verdict, rule.evidence) {
        (Verdict::Waived, _) => format!("waived {}", line(&rule.waivers.join(", "))),
        (Verdict::Pass, Evidence::Declared) => "declared only".to_owned(),
        (verdict, _) => verdict.words().to_owned(),
    };
    vec![
        line(&device.device),
        values(&rule.asked_for),
        values(&rule.on_the_device),
        seen,
        by,
        rule.rule.clone(),
        verdict,
    ]
}
