//! Findings over time: a site judged at one commit after the other, each by the time at which it was made.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::gather::said;
use super::{ReadySite, Selection, check};
use crate::finding::{Severity, Verdict};
use crate::report::documents::report::BySeverity;
use crate::report::documents::{History, HistoryPoint, Mended, OpenSince, ToldOf};
use crate::secret::Secrets;
use crate::site::SiteDevice;

/// What tells a finding from every other: the rule, the device, the setting.
type Key = (String, String, Option<String>);

/// What is known so far. Commits are added in their order.
#[derive(Default)]
pub struct Timeline {
    points: Vec<HistoryPoint>,
    /// Open findings, each with when it was seen first.
    open: BTreeMap<Key, (Severity, Timestamp)>,
    /// How long each that is mended was open, in days.
    took: Vec<f64>,
}

impl Timeline {
    /// A commit at which the site can't be judged: what was open is neither mended nor news.
    pub fn skip(&mut self, commit: &str, at: Timestamp) {
        self.push(commit, at, None, 0, (0, 0));
    }

    /// The site at a commit, judged by the time of that commit; findings of its input make it one that is skipped.
    pub fn add(
        &mut self,
        commit: &str,
        at: Timestamp,
        ready: &ReadySite,
        asked: &(dyn Fn(&SiteDevice) -> bool + Sync),
    ) {
        if ready.findings.iter().any(|finding| finding.is_input_error()) {
            return self.skip(commit, at);
        }
        let report = check(ready, &Secrets::Absent, &Selection::of(asked, at));
        let mut now: BTreeMap<Key, (Severity, Timestamp)> = BTreeMap::new();
        for finding in report.findings.iter().filter(|finding| finding.is_open()) {
            for device in finding.devices() {
                let key = (finding.code.to_string(), device.to_owned(), finding.path.clone());
                let since = self.open.get(&key).map_or(at, |(_, since)| *since);
                let (severity, _) = now.entry(key).or_insert((finding.severity, since));
                *severity = finding.severity.max(*severity);
            }
        }
        let closed: Vec<Timestamp> =
            self.open.iter().filter(|(key, _)| !now.contains_key(*key)).map(|(_, (_, since))| *since).collect();
        let opened = now.keys().filter(|key| !self.open.contains_key(*key)).count();
        self.took.extend(closed.iter().map(|since| (at.as_second() - since.as_second()) as f64 / 86_400.0));
        self.open = now;
        let waived = report.findings.iter().filter(|finding| finding.status == Verdict::Waived).count();
        self.push(commit, at, Some(report.devices.len()), waived, (opened, closed.len()));
    }

    fn push(
        &mut self,
        commit: &str,
        at: Timestamp,
        devices: Option<usize>,
        waived: usize,
        (opened, closed): (usize, usize),
    ) {
        let number = |severity| self.open.values().filter(|(other, _)| *other == severity).count();
        let open = BySeverity {
            critical: number(Severity::Critical),
            high: number(Severity::High),
            medium: number(Severity::Medium),
            low: number(Severity::Low),
            info: number(Severity::Info),
        };
        self.points.push(HistoryPoint {
            commit: commit.to_owned(),
            at: said(at),
            devices,
            open,
            waived,
            opened,
            closed,
        });
    }

    /// All of it.
    pub fn end(mut self, of: ToldOf) -> History {
        self.took.sort_by(f64::total_cmp);
        let whole = |days: f64| (days * 10.0).round() / 10.0;
        let mut open: Vec<(Timestamp, OpenSince)> = self
            .open
            .into_iter()
            .map(|((rule, device, setting), (severity, since))| {
                (since, OpenSince { rule, device, setting, severity, since: said(since) })
            })
            .collect();
        open.sort_by_key(|(since, one)| (*since, std::cmp::Reverse(one.severity)));
        History {
            of,
            points: self.points,
            mended: Mended {
                findings: self.took.len(),
                median_days: self.took.get(self.took.len().saturating_sub(1) / 2).copied().map(whole),
                longest_days: self.took.last().copied().map(whole),
            },
            open: open.into_iter().map(|(_, one)| one).collect(),
        }
    }
}
