//! One mistake is told once: findings of the same cause on many devices are joined.

use std::collections::hash_map::Entry;

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

use super::Report;
use crate::finding::{Finding, Severity, Verdict};
use crate::source::Loc;

/// A cause: its first finding, and every device and setting that it reaches.
#[derive(Debug, Clone)]
pub struct Cause<'a> {
    /// Its number in the report, from 1.
    pub number: usize,
    /// The finding, as the first device has it.
    pub finding: &'a Finding,
    /// The devices in order; empty for what concerns none.
    pub devices: Vec<&'a str>,
    /// The settings: each of them on each of the devices. Empty for what concerns none.
    pub paths: Vec<&'a str>,
}

type Key<'a> = (&'a str, Loc, &'a str, Verdict, Severity, Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// All causes among the findings that `wanted` takes: what concerns no device first, then device by device, the worst
/// first. A cause stands with the first device that it reaches.
pub fn causes<'a>(report: &'a Report, wanted: impl Fn(&Finding) -> bool) -> Vec<Cause<'a>> {
    let order: HashMap<&str, usize> = report.devices.iter().enumerate().map(|(i, d)| (&*d.name, i + 1)).collect();
    let rank = |f: &Finding| f.device.as_deref().map_or(0, |d| order.get(d).copied().unwrap_or(usize::MAX));
    let mut findings: Vec<(usize, &Finding)> =
        report.findings.iter().filter(|f| wanted(f)).map(|f| (rank(f), f)).collect();
    findings.sort_by(|(m, a), (n, b)| {
        (m, b.severity, a.loc, &a.code, &a.path).cmp(&(n, a.severity, b.loc, &b.code, &b.path))
    });
    let mut reached = HashSet::new();
    let mut known: HashMap<(Key<'a>, Option<&'a str>), usize> = HashMap::new();
    let mut found: Vec<Cause<'a>> = Vec::new();
    for (_, finding) in findings {
        let path = finding.path.as_deref();
        let at = *known.entry((key(finding), path)).or_insert_with(|| {
            found.push(Cause { number: 0, finding, devices: Vec::new(), paths: path.into_iter().collect() });
            found.len() - 1
        });
        for device in finding.devices().filter(|device| reached.insert((at, *device))) {
            found[at].devices.push(device);
        }
    }
    same_devices(found)
}

/// What is the same on two devices but for the setting.
fn key(finding: &Finding) -> Key<'_> {
    // what has no place of its own can't be told to be the same
    let anchor = if finding.loc.is_some() { None } else { finding.device.as_deref() };
    // what is to be written may differ where the place does not
    let remedy = finding.fix.as_ref().map(|f| &*f.kdl).or(finding.help.as_deref());
    let known = finding.known.as_deref();
    (&finding.code, finding.loc, &finding.message, finding.status, finding.severity, known, anchor, remedy)
}

/// Several settings of the same devices for which the same is said are one cause, which names them all.
fn same_devices(found: Vec<Cause<'_>>) -> Vec<Cause<'_>> {
    let mut known: HashMap<_, usize> = HashMap::new();
    let mut joined: Vec<Cause<'_>> = Vec::new();
    for cause in found {
        let (.., anchor, _) = key(cause.finding);
        let f = cause.finding;
        let before = f.known.is_some();
        let same =
            (&*f.code, f.loc, &*f.message, &*f.label, f.status, f.severity, before, anchor, cause.devices.clone());
        match known.entry(same) {
            Entry::Occupied(at) => joined[*at.get()].paths.extend(cause.paths),
            Entry::Vacant(free) => {
                free.insert(joined.len());
                joined.push(Cause { number: joined.len() + 1, ..cause });
            }
        }
    }
    joined
}

/// Open findings of one device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Open {
    /// Those that keep it from being sealed.
    pub(super) must: usize,
    /// The others.
    pub(super) should: usize,
}

/// Open findings by device, counted in one pass: a large site has many of both.
pub(super) fn open_by_device(report: &Report) -> HashMap<&str, Open> {
    let mut open: HashMap<&str, Open> = HashMap::new();
    for finding in report.findings.iter().filter(|f| f.is_open()) {
        for device in finding.devices() {
            let count = open.entry(device).or_default();
            if report.blocks(finding) { count.must += 1 } else { count.should += 1 }
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::super::DeviceReport;
    use super::*;
    use crate::finding::{Code, codes};
    use crate::source::{FileId, Span};

    #[test]
    fn the_same_cause_is_told_once() {
        let at = |n: usize| Loc::new(FileId(0), Span::new(n, n + 1));
        let finding = |d: &str, n: usize, s| Finding::new(Code::rule("X-1"), at(n), "same").device(d).severity(s);
        let report = Report {
            devices: ["a", "b"].map(|n| DeviceReport { name: n.into(), ..DeviceReport::default() }).into(),
            findings: vec![
                finding("b", 5, Severity::High),
                finding("a", 5, Severity::High),
                finding("b", 9, Severity::Critical),
                Finding::new(codes::site::CLOCK, at(1), "site"),
            ],
            ..Report::new("check", "0")
        };
        let found = causes(&report, Finding::is_open);
        let brief: Vec<_> = found.iter().map(|c| (c.number, &*c.finding.message, c.devices.clone())).collect();
        assert_eq!(brief, [(1, "site", vec![]), (2, "same", vec!["a", "b"]), (3, "same", vec!["b"])]);
    }

    #[test]
    fn settings_of_the_same_devices_are_named_in_one_cause_and_no_others() {
        let loc = Loc::new(FileId(0), Span::new(5, 6));
        let finding = |device: &str, path: &str| Finding::new(Code::rule("X-1"), loc, "same").device(device).path(path);
        let report = Report {
            devices: ["a", "b"].map(|n| DeviceReport { name: n.into(), ..DeviceReport::default() }).into(),
            findings: vec![finding("a", "p[1]"), finding("a", "p[2]"), finding("b", "p[1]"), finding("a", "p[3]")],
            ..Report::new("check", "0")
        };
        let found = causes(&report, Finding::is_open);
        let brief: Vec<_> = found.iter().map(|c| (c.devices.join(" "), c.paths.join(" "))).collect();
        assert_eq!(brief, [("a b".into(), "p[1]".into()), ("a".into(), "p[2] p[3]".to_owned())]);
    }
}
