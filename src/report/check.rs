//! `check` for people: heads of devices, findings as `miette` draws them, closing lines.

use foldhash::{HashMap, HashMapExt as _, HashSet};

use super::causes::{Cause, Open, causes, open_by_device};
use super::diagnostic::{FindingDiagnostic, MOST_DRAWN, draw, places};
use super::layout::{apart, count, pad, width, wrap};
use super::paint::{Ink, View};
use super::{DeviceReport, Outcome, Report, Tally, escape};
use crate::finding::{Finding, Note, codes};
use crate::source::{Loc, SourceMap};

/// The whole screen.
pub fn check(report: &Report, sources: &SourceMap, view: &View) -> String {
    let mut out = findings(report, sources, view);
    out.push_str(&closing(report, view));
    out.push_str(&shorter(report));
    out
}

/// As many causes are read one by one; of more a row each is read sooner.
const MANY: usize = 100;

/// `1204 findings of 310 causes, a row for each: fieldlock check --by-cause west`
fn shorter(report: &Report) -> String {
    let causes = causes(report, Finding::is_open).len();
    if causes <= MANY || report.verb != "check" {
        return String::new();
    }
    let site = report.site.as_ref().map(|s| &*s.argument).unwrap_or_default();
    let open = report.findings.iter().filter(|f| f.is_open()).count();
    format!("{open} findings of {causes} causes, a row for each: fieldlock check --by-cause{}\n", argument(site))
}

/// Findings under the head of their device; devices without any are left out unless all are asked for.
pub(super) fn findings(report: &Report, sources: &SourceMap, view: &View) -> String {
    let causes = causes(report, |f| view.all || f.is_told());
    let mut out = String::new();
    let mut heads = Heads { report, open: open_by_device(report), told_above: told_above(&causes), done: 0 };
    let mut under: Option<Option<&str>> = None;
    for cause in &causes {
        let here = cause.devices.first().copied();
        if under != Some(here) {
            heads.up_to(&mut out, here, view);
            under = Some(here);
        }
        let drawn = cause.finding.is_open() && cause.finding.known.is_none();
        let text = if drawn { told(cause, sources, view) } else { brief(cause, view) };
        out.push_str(&text);
    }
    heads.up_to(&mut out, Some("\0"), view);
    out
}

/// Prints heads in the order of the report, those of devices without an own cause in passing.
struct Heads<'a> {
    report: &'a Report,
    open: HashMap<&'a str, Open>,
    told_above: HashMap<&'a str, Vec<usize>>,
    done: usize,
}

/// The numbers of the causes that reach a device and stand with another.
fn told_above<'a>(causes: &[Cause<'a>]) -> HashMap<&'a str, Vec<usize>> {
    let mut told: HashMap<&str, Vec<usize>> = HashMap::new();
    for cause in causes {
        for device in cause.devices.iter().skip(1) {
            told.entry(device).or_default().push(cause.number);
        }
    }
    told
}

impl Heads<'_> {
    fn up_to(&mut self, out: &mut String, device: Option<&str>, view: &View) {
        let Some(name) = device else {
            out.push_str(&format!("{}\n\n", view.ink(Ink::Strong, &site_name(self.report))));
            return;
        };
        while let Some(next) = self.report.devices.get(self.done) {
            self.done += 1;
            let here = next.name == name;
            let shared: &[usize] = self.told_above.get(&*next.name).map_or(&[], Vec::as_slice);
            if here || view.all || !shared.is_empty() || self.report.devices.len() == 1 {
                let open = self.open.get(&*next.name).copied().unwrap_or_default();
                out.push_str(&head(next, open, (shared, here), view));
                out.push('\n');
            }
            if here {
                out.push('\n');
                return;
            }
        }
        // a device that could not be read far enough to be in the report
        if name != "\0" {
            out.push_str(&format!("{}\n\n", view.ink(Ink::Strong, &escape::line(name))));
        }
    }
}

fn site_name(report: &Report) -> String {
    // one whose name could not be read is called like that
    let named = report.site.as_ref().filter(|site| site.name != "site");
    named.map_or("the site".to_owned(), |s| format!("site {}", escape::line(&s.name)))
}

/// What may become of a device, as far as the findings tell.
pub(super) struct Standing {
    /// Open findings that keep it from being built.
    pub(super) must: usize,
    /// Open findings that do not.
    pub(super) should: usize,
    /// Rules that wait for the secrets: `build` refuses until they are judged.
    waits: usize,
    complies: bool,
}

impl Standing {
    pub(super) fn of(device: &DeviceReport, open: Open) -> Standing {
        let Open { must, should } = open;
        let t = device.tally;
        Standing { must, should, waits: t.later_secrets, complies: device.complies }
    }

    /// Whether nothing but the secrets is missed: who has them knows whether it complies.
    fn only_waits(&self) -> bool {
        self.must == 0 && !self.complies && self.waits > 0
    }

    /// `2 must be fixed before it can be built, 1 should be`
    pub(super) fn words(&self) -> String {
        let should = match self.should {
            0 => String::new(),
            n => format!("{n} should be fixed"),
        };
        match (self.must, self.complies, self.waits) {
            (0, true, _) if self.should == 0 => "complies".to_owned(),
            (0, true, _) => format!("can be built, {should}"),
            (0, false, 0) if self.should > 0 => format!("{should}, as this run asks, before it is built"),
            (0, false, 0) => "not judged".to_owned(),
            (0, false, n) => {
                let left = if n == 1 { "1 rule waits".to_owned() } else { format!("{n} rules wait") };
                let should = if should.is_empty() { should } else { format!("{should}, ") };
                format!("{should}{left} for the secrets")
            }
            (n, _, _) if self.should == 0 => format!("{n} must be fixed before it can be built"),
            (n, _, _) => format!("{n} must be fixed before it can be built, {} should be", self.should),
        }
    }
}

/// How many devices comply, do not, and wait for nothing but the secrets.
pub(super) fn standing(report: &Report) -> [usize; 3] {
    let open = open_by_device(report);
    let of = |device: &DeviceReport| Standing::of(device, open.get(&*device.name).copied().unwrap_or_default());
    let comply = report.devices.iter().filter(|device| device.complies).count();
    let wait = report.devices.iter().filter(|device| of(device).only_waits()).count();
    [comply, report.devices.len() - comply - wait, wait]
}

/// `1 complies, 2 do not, 3 wait for the secrets`
pub(super) fn standings(report: &Report) -> String {
    let [comply, not, wait] = standing(report);
    let wait = if wait > 0 {
        format!(", {}", count(wait, "waits for the secrets", "wait for the secrets"))
    } else {
        String::new()
    };
    let against = against(report).map_or(String::new(), |told| format!("; {told}"));
    format!("{}, {}{wait}{against}", count(comply, "complies", "comply"), count(not, "does not", "do not"))
}

/// `what people answer stands against 2 devices`: those comply by what is described, and a rule that people answer is
/// broken or open there.
pub(super) fn against(report: &Report) -> Option<String> {
    let stands = report.findings.iter().filter(|f| f.later && f.is_open() && f.severity >= report.block_on);
    let against: HashSet<&str> = stands.flat_map(Finding::devices).collect();
    let devices = report.devices.iter().filter(|device| device.complies && against.contains(&*device.name)).count();
    (devices > 0).then(|| format!("what people answer stands against {}", count(devices, "device", "devices")))
}

/// `np07   NPort 6250-G2, firmware 1.1.0, zone control (SL-T 2)      2 must be fixed before it can be built`
fn head(device: &DeviceReport, open: Open, (told_above, more): (&[usize], bool), view: &View) -> String {
    let name = pad(&escape::line(&device.name), 4);
    let what = described(device);
    let standing = Standing::of(device, open);
    let mut state = standing.words();
    if !told_above.is_empty() {
        let numbers: Vec<String> = told_above.iter().map(usize::to_string).collect();
        let also = if more { "; also" } else { ":" };
        state = format!("{state}{also} told above in {}", numbers.join(", "));
    }
    let ink = match (standing.must, standing.should, device.complies) {
        (0, 0, true) => Ink::Good,
        (0, _, _) => Ink::Warn,
        _ => Ink::Bad,
    };
    let left = format!("{name}   {what}");
    let (name, state) = (view.ink(Ink::Strong, &name), (width(&state), view.ink(ink, &state)));
    if width(&left) + 3 + state.0 > view.width {
        return format!("{name}   {what}\n     {}", state.1);
    }
    let gap = " ".repeat(view.width - width(&left) - state.0);
    format!("{name}   {what}{gap}{}", state.1)
}

/// `MDS-G4012, firmware 3.2, zone control (SL-T 2)`; the platform where no model is said.
pub(super) fn described(device: &DeviceReport) -> String {
    let mut parts = Vec::new();
    match (&device.model, &*device.platform) {
        (Some(model), _) => parts.push(escape::line(model)),
        (None, "") => {}
        (None, platform) => parts.push(escape::line(platform)),
    }
    parts.extend(device.firmware.as_deref().map(|f| format!("firmware {}", escape::line(f))));
    parts.extend(device.zone.as_ref().map(|(zone, level)| match level {
        Some(level) => format!("zone {} (SL-T {level})", escape::line(zone)),
        None => format!("zone {}", escape::line(zone)),
    }));
    parts.join(", ")
}

/// An open finding: code, severity and setting, and then as `miette` draws it.
fn told(cause: &Cause<'_>, sources: &SourceMap, view: &View) -> String {
    let f = cause.finding;
    let others = match cause.devices.len().saturating_sub(1) {
        0 => String::new(),
        n => format!("and {}", count(n, "other device", "other devices")),
    };
    let (by_use, beside) =
        if f.trail.is_empty() || others.is_empty() { ("", &*others) } else { (&*format!(", {others}"), "") };
    // what fieldlock ships is read by `explain`
    let places = places(f, by_use, MOST_DRAWN, view.all);
    let mut told = FindingDiagnostic::at(f, places, sources, view.width.saturating_sub(8));
    let supports = match &f.supports[..] {
        [] => String::new(),
        [one] => format!(", {}", escape::line(one)),
        [one, more @ ..] => format!(", {} +{}", escape::line(one), more.len()),
    };
    let settings = match &cause.paths[..] {
        [one] => escape::line(one),
        paths => {
            if paths.is_empty() {
                String::new()
            } else {
                count(paths.len(), "setting", "settings")
            }
        }
    };
    let head = [
        format!("{} {}", cause.number, told.code),
        format!("{}{supports}", f.severity.word()),
        settings,
        beside.to_owned(),
    ];
    told.code = head.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("   ");
    told.help = help(cause, sources, view);
    draw(&told, view) + "\n"
}

/// One line for what is not open: passes, waived ones, those left for later.
fn brief(cause: &Cause<'_>, view: &View) -> String {
    let f = cause.finding;
    let mut line =
        format!("{} {}   {}: {}", cause.number, escape::line(&f.code), f.status.words(), escape::line(&f.message));
    if let Some(waiver) = &f.waiver {
        line.push_str(&format!(" ({})", escape::line(waiver)));
    }
    for why in f.reason.iter().chain(&f.known) {
        line.push_str(&format!(" ({})", escape::line(why)));
    }
    if cause.devices.len() > 1 {
        line.push_str(&format!(", {}", count(cause.devices.len(), "device", "devices")));
    }
    let mut lines = wrap(&line, view.width.saturating_sub(4));
    if !cause.paths.is_empty() {
        lines.extend(wrap(&settings(cause), view.width.saturating_sub(4)));
    }
    lines.iter().enumerate().map(|(i, line)| format!("{}{line}\n", if i == 0 { "" } else { "    " })).collect()
}

/// `of ethernet.port[1/1].enabled, ethernet.port[1/2].enabled`
fn settings(cause: &Cause<'_>) -> String {
    format!("of {}", cause.paths.iter().map(|path| escape::line(path)).collect::<Vec<_>>().join(", "))
}

/// What to write, where it is typed on the device, the settings where they are several, and the places that are not
/// drawn.
fn help(cause: &Cause<'_>, sources: &SourceMap, view: &View) -> Option<String> {
    let f = cause.finding;
    let room = view.width.saturating_sub(10);
    let mut lines: Vec<String> = match (&f.fix, &f.help) {
        (Some(fix), _) => wrap_kdl(&escape::line(&fix.kdl), room),
        (None, help) => help.iter().map(|help| escape::line(help)).collect(),
    };
    if let Some(menu) = f.menu.as_deref().map(|m| format!("on the device: {}", escape::line(m))) {
        match lines.last_mut() {
            Some(last) if lines_fit(last, &menu, room) => *last = format!("{}   {menu}", pad(last, 38)),
            _ => lines.push(menu),
        }
    }
    if cause.paths.len() > 1 {
        lines.push(settings(cause));
    }
    lines.extend(more(f, sources));
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn lines_fit(left: &str, right: &str, room: usize) -> bool {
    width(&pad(left, 38)) + 3 + width(right) <= room
}

/// `devices/np07.kdl:21`; nothing where no file is named.
pub(super) fn place(sources: &SourceMap, loc: Loc) -> Option<String> {
    sources.get(loc.file).map(|f| format!("{}:{}", escape::line(f.name()), f.position(loc.span.start).line))
}

/// Further places that are not drawn: the same words once, with all of their places.
fn more(f: &Finding, sources: &SourceMap) -> Option<String> {
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    let drawn = f.related.iter().take(MOST_DRAWN).filter(|note| !note.loc.is_some());
    for Note { loc, text } in drawn.chain(f.related.iter().skip(MOST_DRAWN)) {
        let (text, place) = (escape::line(text), place(sources, *loc));
        match said.iter_mut().find(|(t, _)| *t == text) {
            Some((_, places)) => places.extend(place.filter(|p| !places.contains(p))),
            None => said.push((text, place.into_iter().collect())),
        }
    }
    let one = |(text, places): (String, Vec<String>)| match &places[..] {
        [] => text,
        _ => format!("{text} ({})", places.join(", ")),
    };
    (!said.is_empty()).then(|| format!("see {}", said.into_iter().map(one).collect::<Vec<_>>().join("; ")))
}

/// KDL on lines of at most `columns` where that can be: broken only where a new line means the same.
fn wrap_kdl(kdl: &str, columns: usize) -> Vec<String> {
    let (mut parts, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in kdl.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' | '{' if !quoted && kdl[at + 1..].starts_with(' ') => {
                parts.push(&kdl[from..=at]);
                from = at + 2;
            }
            _ => {}
        }
    }
    parts.push(&kdl[from..]);
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(part) <= columns => *line = format!("{line} {part}"),
            _ => lines.push(part.to_owned()),
        }
    }
    lines
}

/// What was passed, waived, left; and what to type next.
pub(super) fn closing(report: &Report, view: &View) -> String {
    let mut out = String::new();
    if report.devices.len() > 1 {
        out.push('\n');
        out.push_str(&fleet(report, view));
    }
    out.push_str(&super::build::rules(report));
    out.push_str(&counts(report));
    let code = format!("exit {}", report.outcome().code());
    out.push_str(&apart(&next(report), &code, view.width));
    out.push('\n');
    out
}

/// `25 devices   1 can be built   3 can be once the secrets are judged   21 can not`
fn fleet(report: &Report, view: &View) -> String {
    let open = open_by_device(report);
    let of = |d: &DeviceReport| Standing::of(d, open.get(&*d.name).copied().unwrap_or_default());
    let standings: Vec<Standing> = report.devices.iter().map(of).collect();
    let failing = standings.iter().filter(|s| s.must > 0).count();
    let ready = standings.iter().filter(|s| s.must == 0 && s.complies).count();
    let waiting = standings.iter().filter(|s| s.must == 0 && !s.complies && s.waits > 0).count();
    let unjudged = standings.len() - failing - ready - waiting;
    let mut state = count(standings.len(), "device", "devices");
    state.push_str(&format!("   {ready} can be built"));
    if waiting > 0 {
        state.push_str(&format!("   {waiting} can be once the secrets are judged"));
    }
    state.push_str(&format!("   {failing} can not"));
    if unjudged > 0 {
        state.push_str(&format!("   {unjudged} not judged"));
    }
    format!("{}\n", view.ink(if failing + unjudged == 0 { Ink::Good } else { Ink::Bad }, &state))
}

/// The closing counts: `passed 71   waived 1 (W-2026-007, 78 days left)   does not apply 9`, and what is left.
pub(super) fn counts(report: &Report) -> String {
    let tally = report.tally();
    let mut out = format!("passed {}   waived {}{}", tally.pass, tally.waived, waivers(report));
    out.push_str(&attested(report));
    out.push_str(&format!("   does not apply {}", tally.not_applicable));
    if tally.no_place > 0 {
        out.push_str(&format!(" ({} for want of a place on the device)", tally.no_place));
    }
    out.push('\n');
    if let Some(later) = later(tally) {
        out.push_str(&format!("left for later: {later}\n"));
    }
    out
}

/// As many attestations are named; all are in the JSON report.
const MOST_ATTESTATIONS: usize = 3;

/// `   attested A-2026-014 (2026-03-02, ot-lead), A-2026-015 (2026-03-04, ot-lead) and 2 more`
fn attested(report: &Report) -> String {
    let one = |a: &super::AttestationLine| {
        format!("{} ({}, {})", escape::line(&a.id), escape::line(&a.at), escape::line(&a.by))
    };
    let named: Vec<String> = report.attestations.iter().take(MOST_ATTESTATIONS).map(one).collect();
    match (report.attestations.len(), named.join(", ")) {
        (0, _) => String::new(),
        (n, named) if n > MOST_ATTESTATIONS => format!("   attested {named} and {} more", n - MOST_ATTESTATIONS),
        (_, named) => format!("   attested {named}"),
    }
}

/// As many waivers are named; each finding says by which it is waived.
const MOST_WAIVERS: usize = 2;

/// ` (W-2026-007, 78 days left; W-2026-011, 80 days left; 3 more)`: those that end first.
fn waivers(report: &Report) -> String {
    let used: HashSet<&str> = report.findings.iter().filter_map(|f| f.waiver.as_deref()).collect();
    let mut waivers: Vec<&super::WaiverLine> = report.waivers.iter().filter(|w| used.contains(&*w.said.id)).collect();
    waivers.sort_by_key(|w| w.days_left);
    let named = waivers.iter().take(MOST_WAIVERS);
    let named = named
        .map(|w| format!("{}, {} left", escape::line(&w.said.id), count(w.days_left.max(0) as usize, "day", "days")));
    let more = waivers.len().checked_sub(MOST_WAIVERS).filter(|n| *n > 0).map(|n| format!("{n} more"));
    let texts: Vec<String> = named.chain(more).collect();
    if texts.is_empty() { String::new() } else { format!(" ({})", texts.join("; ")) }
}

/// `4 need the secrets, 2 need the device`
pub(super) fn later(tally: Tally) -> Option<String> {
    let part = |n: usize, what: &str| match n {
        0 => None,
        1 => Some(format!("1 needs {what}")),
        n => Some(format!("{n} need {what}")),
    };
    let parts = [
        part(tally.later_secrets, "the secrets"),
        part(tally.later_device, "the device"),
        part(tally.later_other, "an attestation"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn next(report: &Report) -> String {
    let site = report.site.as_ref().map(|s| &*s.argument).unwrap_or_default();
    let mut broken = report.findings.iter().filter(|f| f.is_input_error()).peekable();
    let read = broken.peek().is_some() && broken.all(|f| f.code == codes::site::NO_DEVICES);
    if read {
        return format!("next: fieldlock new device NAME --model MODEL --address 10.20.7.7/16{}", argument(site));
    }
    if report.findings.iter().any(|f| f.is_input_error()) {
        return format!("mend what can't be read, then: fieldlock check{}", argument(site));
    }
    match worst(report) {
        Some(finding) => why(finding, site),
        None if report.verb == "check"
            && report.outcome() < Outcome::Fails
            && report.devices.iter().any(|d| d.complies) =>
        {
            format!("next: fieldlock build{}", argument(site))
        }
        None => String::new(),
    }
}

/// The first of the worst findings that a rule is behind.
fn worst(report: &Report) -> Option<&Finding> {
    let open = causes(report, Finding::is_open);
    let of_rules = open.iter().filter(|c| !c.finding.rules.is_empty());
    of_rules.rev().max_by_key(|c| c.finding.severity).map(|c| c.finding)
}

/// The page of the rule behind a finding; a rule of the site's own is found with the site only.
pub(super) fn why(finding: &Finding, site: &str) -> String {
    format!("why: fieldlock explain {}{}", escape::line(&finding.code), argument(site))
}

/// A site as it is typed: nothing for the one found from here, in quotes where a shell would part it.
pub fn argument(site: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/\\._-:".contains(c);
    match site {
        "" => String::new(),
        s if s.chars().all(plain) => format!(" {s}"),
        s => format!(" \"{}\"", escape::line(s)),
    }
}
