//! One mistake is told once: findings of the same cause on many devices are joined.

use std::collections::{HashMap, HashSet};

use super::Report;
use crate::finding::{Finding, Severity, Verdict};
use crate::source::Loc;

/// A cause: its first finding, and every device that it reaches.
#[derive(Debug, Clone)]
pub struct Cause<'a> {
    /// Its number in the report, from 1.
    pub number: usize,
    /// The finding, as the first device has it.
    pub finding: &'a Finding,
    /// The devices in order; empty for what concerns none.
    pub devices: Vec<&'a str>,
}

type Key<'a> = (&'a str, Loc, &'a str, Verdict, Severity, Option<&'a str>);

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
    let mut known: HashMap<Key<'a>, usize> = HashMap::new();
    let mut found: Vec<Cause<'a>> = Vec::new();
    for (_, finding) in findings {
        // what has no place of its own can't be told to be the same
        let anchor = if finding.loc.is_some() { None } else { finding.device.as_deref() };
        let key = (&*finding.code, finding.loc, &*finding.message, finding.status, finding.severity, anchor);
        let at = *known.entry(key).or_insert_with(|| {
            found.push(Cause { number: found.len() + 1, finding, devices: Vec::new() });
            found.len() - 1
        });
        for device in finding.devices().filter(|device| reached.insert((at, *device))) {
            found[at].devices.push(device);
        }
    }
    found
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
    for finding in report.findings.iter().filter(|f| is_open(f)) {
        for device in finding.devices() {
            let count = open.entry(device).or_default();
            if report.blocks(finding) { count.must += 1 } else { count.should += 1 }
        }
    }
    open
}

/// Whether a finding is listed without being asked for: open ones.
pub(super) fn is_open(finding: &Finding) -> bool {
    matches!(finding.status, Verdict::Fail | Verdict::Unknown)
}

#[cfg(test)]
mod tests {
    use super::super::DeviceReport;
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn the_same_cause_is_told_once() {
        let at = |n: usize| Loc::new(FileId(0), Span::new(n, n + 1));
        let finding = |d: &str, n: usize, s| Finding::error("X-1", at(n), "same").device(d).severity(s);
        let report = Report {
            devices: ["a", "b"].map(|n| DeviceReport { name: n.into(), ..DeviceReport::default() }).into(),
            findings: vec![
                finding("b", 5, Severity::High),
                finding("a", 5, Severity::High),
                finding("b", 9, Severity::Critical),
                Finding::error("site.x", at(1), "site"),
            ],
            ..Report::new("check", "0")
        };
        let found = causes(&report, is_open);
        let brief: Vec<_> = found.iter().map(|c| (c.number, &*c.finding.message, c.devices.clone())).collect();
        assert_eq!(brief, [(1, "site", vec![]), (2, "same", vec!["a", "b"]), (3, "same", vec!["b"])]);
    }
}
