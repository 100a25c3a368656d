//! Findings with what they show of the sources and what to do: the same cause once, with its devices.

use std::collections::HashMap;

use maud::{Markup, html};

use super::every;
use super::lists::wide;
use crate::finding::{Severity, Verdict};
use crate::report::causes::{Cause, causes};
use crate::report::check::place;
use crate::report::diagnostic::{FindingDiagnostic, MOST_DRAWN, draw, places};
use crate::report::escape::line;
use crate::report::layout::count;
use crate::report::paint::View;
use crate::report::{Report, RulePage};
use crate::source::SourceMap;

/// Columns of an excerpt: what a sheet of paper takes.
const COLUMNS: usize = 100;

/// All of them, the worst first; with `all` what is well, too.
pub(super) fn findings(report: &Report, sources: &SourceMap, all: bool) -> Markup {
    let rules: HashMap<&str, &RulePage> = report.rules.iter().map(|rule| (&*rule.id, rule)).collect();
    let mut told = causes(report, |finding| all || finding.is_told());
    told.sort_by_key(|cause| {
        let f = cause.finding;
        (!f.is_open(), std::cmp::Reverse(f.severity), cause.number)
    });
    let (open, rest): (Vec<_>, Vec<_>) = told.iter().partition(|cause| cause.finding.is_open());
    html! {
        @if told.is_empty() { p.none { "Nothing is open and nothing is waived." } }
        @for (title, causes) in [("Open", &open), ("Not open", &rest)] {
            @if !causes.is_empty() {
                h3 { (title) }
                @for (drawn, more) in by_rule(causes) {
                    @for cause in &drawn { (one(cause, rules.get(&*cause.finding.code).copied(), sources)) }
                    @if !more.is_empty() { (others(&more, sources)) }
                }
            }
        }
    }
}

/// Causes of one rule and verdict that are drawn before the rest stands in rows: the worst first, as they come.
const DRAWN: usize = 3;

/// Causes by rule and verdict, in their order: those that are drawn, and those that stand in rows.
fn by_rule<'c, 'f>(causes: &[&'c Cause<'f>]) -> Vec<(Vec<&'c Cause<'f>>, Vec<&'c Cause<'f>>)> {
    let mut known: HashMap<(&str, Verdict, Severity), usize> = HashMap::new();
    let mut groups: Vec<Vec<&Cause<'_>>> = Vec::new();
    for &cause in causes {
        let f = cause.finding;
        let at = *known.entry((&*f.code, f.status, f.severity)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(cause);
    }
    let cut = |mut all: Vec<&'c Cause<'f>>| {
        // one more is no longer than the head of a table
        let rest = if all.len() > DRAWN + 1 { all.split_off(DRAWN) } else { Vec::new() };
        (all, rest)
    };
    groups.into_iter().map(cut).collect()
}

/// More of the same rule, each in a row.
fn others(causes: &[&Cause<'_>], sources: &SourceMap) -> Markup {
    let code = causes.first().map(|cause| line(&cause.finding.code)).unwrap_or_default();
    let name = format!("{code}, {} more", causes.len());
    html! {
        h4 { (name) }
        (wide(&name, &html! {
            thead { tr { @for name in ["where", "what", "setting", "devices"] { th scope="col" { (name) } } } }
            tbody { @for cause in causes {
                @let f = cause.finding;
                tr data-row data-severity=(f.severity.word()) data-rule=(line(&f.code)) data-devices=(line(&cause.devices.join(" "))) data-settings=(line(&cause.paths.join(" "))) {
                    th scope="row" { (place(sources, f.loc).unwrap_or_else(|| "-".to_owned())) }
                    td { (line(&f.message)) @if let Some(reason) = &f.reason { "; " (line(reason)) } @if let Some(waiver) = &f.waiver { " (" (line(waiver)) ")" } }
                    td { (every(&cause.paths)) } td { (every(&cause.devices)) }
                }
            } }
        }))
    }
}

fn one(cause: &Cause<'_>, rule: Option<&RulePage>, sources: &SourceMap) -> Markup {
    let f = cause.finding;
    let view = View { width: COLUMNS, ..View::default() };
    let mut drawn = FindingDiagnostic::at(f, places(f, "", MOST_DRAWN, false), sources, COLUMNS - 8);
    // they stand beside it
    (drawn.code, drawn.help) = (String::new(), None);
    let excerpt = draw(&drawn, &view);
    let excerpt: String =
        excerpt.lines().skip_while(|text| !text.contains('\u{256d}')).flat_map(|text| [text, "\n"]).collect();
    let status = match f.status {
        Verdict::Fail => None,
        status => Some(status.words()),
    };
    html! {
        article.finding.(f.severity.word()) data-row data-severity=(f.severity.word()) data-rule=(line(&f.code)) data-devices=(line(&cause.devices.join(" "))) data-settings=(line(&cause.paths.join(" "))) {
            h4 {
                span.tag.(f.severity.word()) { (f.severity.word()) } " "
                @if let Some(status) = status { span.tag { (status) @if let Some(waiver) = &f.waiver { " " (line(waiver)) } } " " }
                code { (line(&f.code)) } " " (line(&f.message))
            }
            @if let Some(reason) = &f.reason { p.about { (line(reason)) } }
            dl {
                @if let Some(rule) = rule { div { dt { "Asked" } dd { (line(&rule.title)) } } div { dt { "Why" } dd { (line(&rule.why)) } } }
                @if !cause.paths.is_empty() { div { dt { "Setting" } dd { (every(&cause.paths)) } } }
                @if !cause.devices.is_empty() {
                    div { dt { (count(cause.devices.len(), "Device", "Devices")) } dd { (every(&cause.devices)) } }
                }
                @if let Some(remedy) = f.fix.as_ref().map(|fix| &*fix.kdl).or(f.help.as_deref()) {
                    div { dt { "Remedy" } dd { code { (line(remedy)) } } }
                }
                @if let Some(menu) = &f.menu {
                    div { dt { "On the device" } dd { (line(menu)) } }
                }
                @if !f.supports.is_empty() { div { dt { "Supports" } dd { (line(&f.supports.join(", "))) } } }
            }
            @if !excerpt.is_empty() { pre tabindex="0" { code { (excerpt) } } }
        }
    }
}
