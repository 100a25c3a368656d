//! `diff` for people: which settings differ from the running device, and below them the redacted texts.

use super::check::{described, place};
use super::documents::moment;
use super::layout::{apart, clip, count, pad, width, wrap};
use super::paint::{Ink, View};
use super::{BaseHead, ChangeRow, Compared, DeviceReport, Difference, Report, RuleEffect, Standing, escape};
use crate::finding::Verdict;
use crate::native::{KeptLine, SecretState};
use crate::source::SourceMap;

/// The whole screen: findings first, then device by device.
pub fn difference(report: &Report, sources: &SourceMap, view: &View) -> String {
    let open = report.findings.iter().any(crate::finding::Finding::is_open);
    let mut out = if open { super::check::findings(report, sources, view) } else { String::new() };
    for device in &report.devices {
        if let Some(difference) = &device.difference {
            out.push_str(&one(device, difference, report.verb == "drift", view));
        }
    }
    out.push_str(&super::imported::refused(&report.unread));
    out.push_str(&compared_devices(report));
    let next = match report.compared() {
        Compared { differ: 1.., .. } if !view.all => {
            "more: the same with --all   (values in full and the native texts, secrets blanked)"
        }
        _ => "",
    };
    out.push_str(&apart(next, &format!("exit {}", report.outcome().code()), view.width));
    out + "\n"
}

/// `3 devices   1 as described   1 differs   1 not compared   2 settings can't be compared`
pub(super) fn compared_devices(report: &Report) -> String {
    let compared = report.compared();
    let Compared { as_described, differ, not_compared, .. } = compared;
    let all = count(as_described + differ + not_compared, "device", "devices");
    let worth = if report.verb == "drift" { compared.worth() } else { String::new() };
    let (differ, reach) = (count(differ, "differs", "differ") + &worth, compared.reach());
    let unseen: usize = report.devices.iter().filter_map(|d| d.difference.as_ref()).map(Difference::unseen).sum();
    let unseen = match unseen {
        0 => String::new(),
        n => format!("   {} can't be compared", count(n, "setting", "settings")),
    };
    format!("{all}   {as_described} as described   {differ}   {not_compared} not compared{reach}{unseen}\n")
}

/// `1 as described, 2 differ (1 weaker, 1 other), 1 not compared (1 not reached)`
pub(super) fn standings(report: &Report, compared: &Compared) -> String {
    let Compared { as_described, differ, not_compared, .. } = compared;
    let worth = if report.verb == "drift" { compared.worth() } else { String::new() };
    format!(
        "{as_described} as described, {}{worth}, {not_compared} not compared{}",
        count(*differ, "differs", "differ"),
        compared.reach()
    )
}

fn one(device: &DeviceReport, d: &Difference, drifts: bool, view: &View) -> String {
    let name = pad(&escape::line(&device.name), 4);
    let mut out = format!("{}   {}\n", view.ink(Ink::Strong, &name), described(device));
    out.push_str(&format!("       {}\n", compared(d, drifts)));
    if d.base.is_none() {
        let help = d.unreached.as_ref().and_then(|why| why.help.as_deref());
        wrap(&help.map_or(String::new(), |help| format!("help: {}", escape::line(help))), view.width.saturating_sub(7))
            .iter()
            .for_each(|line| out.push_str(&format!("       {}\n", view.ink(Ink::Faint, line))));
        return out + "\n";
    }
    out.push_str(&rows(d, view));
    out.push_str(&format!("       {}\n", rest(d)));
    if drifts && d.differing() > 0 {
        let worth = worth(d);
        let ink = if worth.starts_with("WEAKER") { Ink::Bad } else { Ink::Faint };
        wrap(&worth, view.width.saturating_sub(7))
            .iter()
            .for_each(|l| out.push_str(&format!("       {}\n", view.ink(ink, l))));
    }
    let (lines, more) = kept(d, if view.all { usize::MAX } else { 5 });
    for line in lines {
        out.push_str(&format!("         {}\n", escape::line(&line.shown)));
    }
    if more > 0 {
        out.push_str(&format!("         and {more} more\n"));
    }
    if !d.text.is_empty() && view.all {
        out.push('\n');
        if d.text.lines().any(|l| l.starts_with('-') && l.ends_with("<hidden>")) {
            out.push_str("       (a line that a capture hides is not rendered where no setting fills it)\n");
        }
        out.push_str(&unified(&d.text, view));
    }
    out.push('\n');
    out
}

/// `compared with captures/np07.ini, read by ot-lead 2026-03-09 14:02 UTC (export)`
pub(super) fn compared(d: &Difference, drifts: bool) -> String {
    match &d.base {
        None => match &d.unreached {
            Some(why) => format!("not reached: {}", escape::line(&why.message)),
            None if drifts => "not compared: no file that was handed in is of it".to_owned(),
            None => "not compared: nothing was read from this device yet".to_owned(),
        },
        Some(base) => {
            let all: Vec<String> = std::iter::once(base).chain(&d.beside).map(read).collect();
            format!("compared with {}", all.join(", and with "))
        }
    }
}

fn read(BaseHead { file, taken, by, how }: &BaseHead) -> String {
    let mut out = escape::line(file);
    if !by.is_empty() {
        out.push_str(&format!(", read by {}", escape::line(by)));
    }
    if !taken.is_empty() {
        out.push_str(&format!(" {}", escape::line(&moment(taken))));
    }
    if !how.is_empty() {
        out.push_str(&format!(" ({})", escape::line(how)));
    }
    out
}

/// What a device is worth beside its description, by the rules that judge both.
fn worth(d: &Difference) -> String {
    let rules = |standing| escape::line(&d.rules_of(standing).join(", "));
    match d.standing() {
        standing @ Standing::Weaker => format!("WEAKER than described: {}", rules(standing)),
        standing @ Standing::Stronger => format!("stronger than described: {}", rules(standing)),
        _ => "other than described; no rule is known to be kept worse".to_owned(),
    }
}

/// What does not change, and how much of the device fieldlock does not speak of.
pub(super) fn rest(d: &Difference) -> String {
    let nothing = match (d.differing(), d.unseen()) {
        (0, 0) => "nothing changes",
        (0, _) => "nothing changes that can be compared",
        _ => "nothing else changes",
    };
    let unknown = d.kept.iter().filter(|k| !k.listed).count();
    let lines = match d.kept.len() {
        0 => return nothing.to_owned(),
        1 => "1 line on the device has no setting and stays as it is".to_owned(),
        n => format!("{n} lines on the device have no setting and stay as they are"),
    };
    match unknown {
        0 => format!("{nothing}; {lines}"),
        n => format!("{nothing}; {lines}, {n} of them unknown to fieldlock"),
    }
}

/// Lines of the device that fieldlock speaks least of first: those that no table lists.
pub(super) fn kept(d: &Difference, most: usize) -> (Vec<&KeptLine>, usize) {
    let unknown: Vec<&KeptLine> = d.kept.iter().filter(|k| !k.listed).collect();
    let more = unknown.len().saturating_sub(most);
    (unknown.into_iter().take(most).collect(), more)
}

/// Changes that belong together under one head, and below them the rules that see any of them.
fn rows(d: &Difference, view: &View) -> String {
    let mut out = String::new();
    let mut from = 0;
    for group in d.changes.chunk_by(|a, b| topic(&a.change.path) == topic(&b.change.path)) {
        let name = topic(&group[0].change.path);
        out.push_str(&format!("\n   {}\n", view.ink(Ink::Strong, &escape::line(name))));
        out.push_str(&under(name, from, group, view));
        for line in wrap(&group_effects(group), view.width.saturating_sub(14)) {
            let ink = if line.contains("-> fail") || line.contains("-> waived") { Ink::Bad } else { Ink::Faint };
            out.push_str(&format!("        {}\n", view.ink(ink, &line)));
        }
        from += group.len();
    }
    out.push('\n');
    out
}

/// What a change belongs to: `login`, `services`, `allowlist`.
fn topic(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

fn under(name: &str, from: usize, group: &[ChangeRow], view: &View) -> String {
    let own = |row: &ChangeRow| {
        let rest = row.change.path.strip_prefix(name).unwrap_or(&row.change.path).trim_start_matches('.');
        match rest {
            "" => escape::line(name.rsplit('.').next().unwrap_or(name)),
            rest => escape::line(rest),
        }
    };
    let names: Vec<String> = group.iter().map(own).collect();
    let (befores, afters): (Vec<String>, Vec<String>) = group.iter().map(|r| (before(r), after(r))).unzip();
    let widest = |texts: &[String]| texts.iter().map(|t| width(t)).max().unwrap_or(0);
    let name_width = widest(&names).min(view.width / 3);
    let room = view.width.saturating_sub(8 + name_width + 2 + 6);
    let most = if view.all { usize::MAX } else { room };
    // half for each side, and what one does not need for the other
    let before_width = widest(&befores).min(most.saturating_sub(widest(&afters)).max(room / 2));
    let after_width = most.saturating_sub(before_width);
    let mut out = String::new();
    for (i, ((name, now), then)) in names.iter().zip(&befores).zip(&afters).enumerate() {
        let name = pad(&clip(name, if view.all { usize::MAX } else { name_width }), name_width);
        let now = pad(&clip(now, if view.all { usize::MAX } else { before_width }), before_width);
        out.push_str(&format!("{:>6}  {name}  {now}  ->  {}\n", from + i + 1, clip(then, after_width)));
    }
    out
}

/// `fail -> pass: NP6-SES-001, NP6-SNM-001; unknown -> pass: NP6-ACC-004`: each rule once.
fn group_effects(group: &[ChangeRow]) -> String {
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for r in group.iter().flat_map(|row| &row.rules).filter(|r| matters(r)) {
        let (rule, verdicts) = (escape::line(&r.rule), verdicts(r));
        match said.iter_mut().find(|(v, _)| *v == verdicts) {
            Some((_, rules)) if rules.contains(&rule) => {}
            Some((_, rules)) => rules.push(rule),
            None => said.push((verdicts, vec![rule])),
        }
    }
    let one = |(verdicts, rules): &(String, Vec<String>)| format!("{verdicts}: {}", rules.join(", "));
    said.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What the device has; a secret only says that it is one.
pub(super) fn before(row: &ChangeRow) -> String {
    match (super::sides(&row.change).0, row.change.secret) {
        (None, _) | (_, Some(SecretState::New)) => "-".to_owned(),
        (Some(_), Some(_)) => "set".to_owned(),
        (Some(text), None) => escape::line(&text),
    }
}

/// What is described; a secret says how it compares.
pub(super) fn after(row: &ChangeRow) -> String {
    match (super::sides(&row.change).1, row.change.secret) {
        (None, _) => "removed".to_owned(),
        (_, Some(SecretState::New)) => "a new secret".to_owned(),
        (_, Some(SecretState::Changed)) => "another secret".to_owned(),
        (_, Some(SecretState::Unchanged)) => "the same secret".to_owned(),
        (_, Some(SecretState::CannotCompare)) => "can't be compared, no proof yet that it is the one".to_owned(),
        (_, Some(SecretState::Opaque)) => "a hash is there, can't be compared".to_owned(),
        (Some(text), None) => escape::line(&text),
    }
}

/// `NP6-SES-001 fail -> pass`: rules whose verdict changes, at most so many.
pub(super) fn effects(row: &ChangeRow, most: usize) -> String {
    let changed: Vec<String> = row.rules.iter().filter(|r| matters(r)).map(effect).collect();
    let more = changed.len().saturating_sub(most);
    let text = changed.into_iter().take(most).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{text}, {more} more") } else { text }
}

/// Whether a change means something to a rule. That a rule no longer applies does, where it did not hold before.
pub(super) fn matters(r: &RuleEffect) -> bool {
    let quiet = |v: Verdict| matches!(v, Verdict::Pass | Verdict::NotApplicable);
    r.flips() && !(r.before.is_some_and(quiet) && quiet(r.after))
}

fn effect(r: &RuleEffect) -> String {
    format!("{} {}", escape::line(&r.rule), verdicts(r))
}

/// `fail -> pass`, `pass -> waived W-2026-012`
fn verdicts(r: &RuleEffect) -> String {
    let word = |v: Option<Verdict>| v.map_or("?", Verdict::words);
    let waiver = r.waiver.as_deref().map_or(String::new(), |w| format!(" {}", escape::line(w)));
    format!("{} -> {}{waiver}", word(r.before), r.after.words())
}

fn unified(text: &str, view: &View) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let shown = escape::block(line);
        let ink = match line.as_bytes().first() {
            Some(b'+') => Ink::Good,
            Some(b'-') => Ink::Bad,
            _ => Ink::Faint,
        };
        out.push_str(&format!("       {}\n", view.ink(ink, &shown)));
    }
    out
}

/// The same for logs: a sentence for each change, and the unified texts where asked for.
pub(super) fn plain(device: &DeviceReport, verb: &str, texts: bool, sources: &SourceMap) -> String {
    let Some(d) = &device.difference else { return String::new() };
    let name = escape::line(&device.name);
    let mut out = format!("\ndevice {name}: {}\n", compared(d, verb == "drift"));
    for row in &d.changes {
        let what = if row.change.is_compared() { "change" } else { "unseen" };
        let said = place(sources, row.change.origin.loc()).map_or(String::new(), |p| format!(" ({p})"));
        let effects = effects(row, usize::MAX);
        let effects = if effects.is_empty() { effects } else { format!("; {effects}") };
        let path = escape::line(&row.change.path);
        out.push_str(&format!("{what} {name} {path}: {} becomes {}{effects}{said}\n", before(row), after(row)));
    }
    out.push_str(&format!("{}\n", rest(d)));
    if verb == "drift" && d.differing() > 0 {
        out.push_str(&format!("{}\n", worth(d)));
    }
    for line in d.kept.iter().filter(|k| !k.listed) {
        out.push_str(&format!("unknown {name} line {}: {}\n", line.line, escape::line(&line.shown)));
    }
    // a build's log tells what changes; the texts are for whoever asks for the difference
    if texts && !d.text.is_empty() {
        out.push_str(&escape::block(&d.text));
        if !d.text.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}
