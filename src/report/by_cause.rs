//! `check --by-cause`: a row for each cause, for a plant's first day. Whoever mends the first lines mends the most.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::causes::{Cause, causes};
use super::check::{closing, place};
use super::escape::line;
use super::layout::{clip, count, table};
use super::paint::{Ink, View};
use super::{Report, escape};
use crate::finding::{Finding, Severity};
use crate::source::SourceMap;

/// Columns of a sentence and of a place where not all is asked for.
const SENTENCE: usize = 64;
const PLACE: usize = 40;

/// The screen.
pub fn check_by_cause(report: &Report, sources: &SourceMap, view: &View) -> String {
    let mut all = causes(report, |f| f.is_open() || view.all && f.is_told());
    let reached = |cause: &Cause<'_>| cause.devices.len().max(1) * cause.paths.len().max(1);
    let rank = |cause: &Cause<'_>| (cause.finding.known.is_some(), Reverse(reached(cause)));
    all.sort_by(|a, b| {
        (rank(a), Reverse(a.finding.severity), a.number).cmp(&(rank(b), Reverse(b.finding.severity), b.number))
    });
    let site = report.site.as_ref().map_or("-".to_owned(), |site| line(&site.name));
    let mut out = format!("{}   {}\n\n", view.ink(Ink::Strong, &site), rules(&all));
    let head = ["findings", "devices", "severity", "rule", "what", "where"].map(str::to_owned).to_vec();
    let rows = all.iter().map(|cause| {
        let f: &Finding = cause.finding;
        let cut = |text: &str, columns| if view.all { text.to_owned() } else { clip(text, columns) };
        let known = f.known.as_deref().map(|known| format!(" ({})", line(known))).unwrap_or_default();
        let what = cut(&line(&f.message), SENTENCE) + &known;
        let place = place(sources, f.loc).map(|place| cut(&escape::line(&place), PLACE)).unwrap_or_default();
        let devices = cause.devices.len().to_string();
        vec![reached(cause).to_string(), devices, f.severity.word().to_owned(), line(&f.code), what, place]
    });
    out.push_str(&table(&std::iter::once(head).chain(rows).collect::<Vec<_>>(), 1));
    out + "\n" + &closing(report, view)
}

/// `75 findings of 38 causes   10 critical   32 high`
fn rules(causes: &[Cause<'_>]) -> String {
    let mut by: BTreeMap<Reverse<Severity>, usize> = BTreeMap::new();
    let reached = |cause: &Cause<'_>| cause.devices.len().max(1) * cause.paths.len().max(1);
    causes.iter().for_each(|cause| *by.entry(Reverse(cause.finding.severity)).or_default() += reached(cause));
    let all: usize = by.values().sum();
    let by: String = by.iter().map(|(severity, n)| format!("   {n} {}", severity.0.word())).collect();
    format!("{} of {}{by}", count(all, "finding", "findings"), count(causes.len(), "cause", "causes"))
}
