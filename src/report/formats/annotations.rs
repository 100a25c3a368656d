//! Workflow commands of GitHub: an annotation at the line, for each cause. What is beyond the ten of a kind that a step
//! shows stands in the log.

use super::super::causes::causes;
use super::super::check::standings;
use super::super::layout::count;
use super::super::paint::View;
use super::super::{Report, difference, documents, escape};
use super::entries::{Entry, entries};
use super::uri::Files;
use crate::finding::Severity;
use crate::source::{Loc, SourceMap};

/// `::error file=devices/np07.kdl,line=21,endLine=21,col=29,endColumn=42,title=NP6-ACL-004 critical::the allowlist ...`
pub fn annotations(report: &Report, sources: &SourceMap, view: &View) -> String {
    let files = Files::of(report);
    let mut out = String::new();
    let causes = causes(report, |f| view.all || f.is_told());
    for cause in &causes {
        let f = cause.finding;
        let entry = Entry {
            code: &f.code,
            severity: f.severity,
            status: f.status,
            devices: cause.devices.clone(),
            path: f.path.as_deref(),
            message: f.message.clone(),
            loc: f.loc,
            finding: Some(f),
            sides: [None, None],
            standing: None,
        };
        out.push_str(&annotation(&entry, &files, sources));
    }
    let rest = entries(report, view.all);
    for entry in rest.iter().filter(|entry| entry.finding.is_none()) {
        out.push_str(&annotation(entry, &files, sources));
    }
    let comply = if report.verifies() { " looked at".to_owned() } else { format!(": {}", standings(report)) };
    let told = format!(
        "{}{comply}; {}",
        count(report.devices.len(), "device", "devices"),
        count(causes.len(), "finding", "findings")
    );
    let compared = report.compares().then(|| {
        let compared = report.compared();
        format!("{}; {}", difference::standings(report, &compared), count(causes.len(), "finding", "findings"))
    });
    out.push_str(&format!("::notice title=fieldlock {}::{}\n", report.verb, data(&compared.unwrap_or(told))));
    out
}

fn annotation(entry: &Entry<'_>, files: &Files, sources: &SourceMap) -> String {
    let command = match (entry.is_news(), entry.severity) {
        (true, Severity::Critical | Severity::High) => "error",
        (true, Severity::Medium) => "warning",
        _ => "notice",
    };
    let devices = match &entry.devices[..] {
        [] => String::new(),
        [one] => format!(" [{one}]"),
        [one, more @ ..] => format!(" [{one} and {}]", count(more.len(), "other", "others")),
    };
    let remedy = entry.remedy_words();
    let title = format!("{} {}{}", entry.code, entry.severity.word(), entry.standing());
    let message = format!("{}{remedy}{devices}", entry.sentence());
    format!("::{command} {}title={}::{}\n", place(entry.loc, files, sources), property(&title), data(&message))
}

fn place(loc: Loc, files: &Files, sources: &SourceMap) -> String {
    let Some(at) = documents::at(sources, loc) else { return String::new() };
    let mut out = format!("file={},line={},endLine={},", property(&files.path(&at.file)), at.line, at.end_line);
    // columns are read where it is one line
    if at.line == at.end_line {
        out.push_str(&format!("col={},endColumn={},", at.column, at.end_column));
    }
    out
}

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    escape::line(text).replace('%', "%25")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
