//! Code Quality of GitLab: what the widget of a merge request compares with the branch it goes to.

use serde::Serialize;

use super::super::paint::View;
use super::super::{Report, documents, escape};
use super::entries::{Entry, Fingerprints, entries};
use super::uri::Files;
use crate::finding::{Severity, Verdict};
use crate::source::SourceMap;

/// As the report of the CI job `codequality` has it.
#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// An array of issues. The format has no word for what passes or waits: such rows are left out; a waived one is told as
/// an information that names the waiver.
pub fn quality(report: &Report, sources: &SourceMap, _: &View) -> String {
    let files = Files::of(report);
    let mut fingerprints = Fingerprints::default();
    let issue = |entry: &Entry<'_>| {
        let at = documents::at(sources, entry.loc);
        let (file, begin) = at.map_or(("site.kdl".to_owned(), 1), |at| (at.file, at.line));
        Issue {
            description: escape::line(&description(entry)),
            check_name: entry.code.to_owned(),
            fingerprint: fingerprints.next(entry, &file),
            severity: severity(entry),
            location: Location { path: files.path(&file), lines: Lines { begin } },
        }
    };
    let rows = entries(report, false);
    let told = |e: &&Entry<'_>| matches!(e.status, Verdict::Fail | Verdict::Unknown | Verdict::Waived);
    documents::text(&rows.iter().filter(told).map(issue).collect::<Vec<_>>())
}

fn description(entry: &Entry<'_>) -> String {
    let devices = if entry.devices.is_empty() { String::new() } else { format!("{}: ", entry.devices.join(", ")) };
    let remedy = entry.remedy_words();
    format!("{devices}{}{remedy}{}", entry.sentence(), entry.standing())
}

fn severity(entry: &Entry<'_>) -> &'static str {
    match (entry.status, entry.severity) {
        (Verdict::Waived, _) | (_, Severity::Info) => "info",
        (_, Severity::Low) => "minor",
        (_, Severity::Medium) => "major",
        (_, Severity::High) => "critical",
        (_, Severity::Critical) => "blocker",
    }
}
