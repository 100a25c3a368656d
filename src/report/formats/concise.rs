//! One line for each finding and each setting that differs, as editors and `grep` read it.

use super::super::causes::causes;
use super::super::layout::count;
use super::super::paint::View;
use super::super::{Report, documents, escape};
use super::entries::entries;
use crate::finding::Verdict;
use crate::source::{Loc, SourceMap};

/// `devices/np07.kdl:21:29: critical NP6-ACL-004 the allowlist shuts out your engineering station [np07]`
pub fn concise(report: &Report, sources: &SourceMap, view: &View) -> String {
    let mut out = String::new();
    for cause in causes(report, |f| view.all || f.is_told()) {
        let f = cause.finding;
        let place = place(f.loc, sources);
        let attested = f.reason.as_deref().filter(|_| f.status == Verdict::Pass);
        let status = match (f.status, attested) {
            (Verdict::Fail, _) => String::new(),
            (status, Some(by)) => format!(" ({}, {})", status.words(), escape::line(by)),
            (status, None) => format!(" ({})", status.words()),
        };
        let known = f.known.as_deref().map(|known| format!(" ({})", escape::line(known))).unwrap_or_default();
        let paths = match &cause.paths[..] {
            [] | [_] => String::new(),
            [one, more @ ..] => format!(" ({} and {} more)", escape::line(one), more.len()),
        };
        let devices = match &cause.devices[..] {
            [] => String::new(),
            [one] => format!(" [{}]", escape::line(one)),
            [one, more @ ..] => format!(" [{} and {}]", escape::line(one), count(more.len(), "other", "others")),
        };
        let (code, message) = (escape::line(&f.code), escape::line(&f.message));
        out.push_str(&format!("{place}{} {code} {message}{status}{known}{paths}{devices}\n", f.severity.word()));
    }
    for entry in entries(report, view.all).iter().filter(|entry| entry.finding.is_none()) {
        let device = entry.devices.first().map(|name| format!(" [{}]", escape::line(name))).unwrap_or_default();
        let sentence = escape::line(&format!("{}{}", entry.sentence(), entry.standing()));
        let (place, severity) = (place(entry.loc, sources), entry.severity.word());
        out.push_str(&format!("{place}{severity} {} {sentence}{device}\n", entry.code));
    }
    out
}

/// `devices/np07.kdl:21:29: `
fn place(loc: Loc, sources: &SourceMap) -> String {
    let at = documents::at(sources, loc);
    at.map_or(String::new(), |at| format!("{}:{}:{}: ", escape::line(&at.file), at.line, at.column))
}
