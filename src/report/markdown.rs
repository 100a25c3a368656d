//! `review.md`: the page a change board reads without any key, one block for each device that changes.
//!
//! Nothing random and no image digest that changes from build to build stands in prose: the proof line names the
//! image by its digest, everything else follows from the source.

mod board;
mod same;

pub use same::says_the_same;

use foldhash::{HashMap, HashSet};

use rayon::prelude::*;

use self::same::{BACK, CHANGE, SAME, SECRETS, SENTENCE};
use super::causes::{Open, open_by_device};
use super::check::{later, standings};
use super::difference::{after, before, kept, matters, rest};
use super::escape::{code, fenced, prose};
use super::layout::count;
use super::{BaseHead, ChangeRow, DeviceReport, Difference, Left, Report, RuleEffect, SecretCount};
use crate::finding::{Finding, Verdict};
use crate::native::{Grade, SecretState};

/// Begins the line of the time at which a build was judged.
const JUDGED: &str = "Judged at ";

/// The time at which the build of a page was judged, as the page says it.
pub fn judged_at(page: &str) -> Option<&str> {
    page.lines().find_map(|line| line.strip_prefix(JUDGED)?.strip_suffix('.'))
}

/// The page as it would be had it been judged at that time.
pub fn review_of(report: &mut Report, judged_at: String) -> String {
    let now = std::mem::replace(&mut report.judged_at, judged_at);
    let page = review(report);
    report.judged_at = now;
    page
}

/// The whole page.
pub fn review(report: &Report) -> String {
    let mut out = head(report) + &board::board(report);
    let (changed, same): (Vec<_>, Vec<_>) = report.devices.iter().partition(|d| changes(d));
    let told = ByDevice::of(report);
    let blocks: Vec<String> = changed.par_iter().map(|device| block(report, device, &told)).collect();
    out.reserve(blocks.iter().map(|block| block.len() + 1).sum());
    for block in blocks {
        out.push('\n');
        out.push_str(&block);
    }
    if !same.is_empty() {
        let names: Vec<String> = same.iter().map(|d| code(&d.name)).collect();
        out.push_str(&format!("\n## {SAME}\n\n{}\n", names.join(", ")));
    }
    let one = |left: &Left| format!("{} (revision {})", code(&left.device), left.revision);
    for (head, list, end) in [
        ("Not built, left as it was", &report.left, ""),
        (
            "GONE: no longer in the site",
            &report.gone,
            "\nDecision: [ ] approve [ ] reject — name ____________ date ________\n",
        ),
    ] {
        if !list.is_empty() {
            let names: Vec<String> = list.iter().map(one).collect();
            out.push_str(&format!("\n## {head}\n\n{}\n{end}", names.join(", ")));
        }
    }
    out.push_str("\nThis page supports an assessment by IEC 62443-4-2; it is not a certificate.\n");
    out
}

/// What findings say of the devices, gathered in one pass: a large site has many of both.
struct ByDevice<'a> {
    open: HashMap<&'a str, Open>,
    /// Devices and the waivers that cover something on them.
    waived: HashSet<(&'a str, &'a str)>,
}

impl<'a> ByDevice<'a> {
    fn of(report: &'a Report) -> ByDevice<'a> {
        let waived = |f: &'a Finding| Some((f.device.as_deref()?, f.waiver.as_deref()?));
        ByDevice { open: open_by_device(report), waived: report.findings.iter().filter_map(waived).collect() }
    }
}

fn changes(device: &DeviceReport) -> bool {
    !device.is_written() || device.difference.as_ref().is_none_or(|d| !d.changes.is_empty() || d.base.is_none())
}

fn head(report: &Report) -> String {
    let site = report.site.as_ref().map_or("-".to_owned(), |s| code(&s.name));
    let mut out = format!("# Review of site {site}\n\n");
    out.push_str(&rules_changed(report));
    if let Some(commit) = &report.commit {
        out.push_str(&format!("Built from {}.\n", prose(&commit.words())));
    }
    if let Some((author, subject)) = &report.commit_words {
        out.push_str(&format!("Committed by {}: {}.\n", code(author), code(subject)));
    }
    match report.before.as_ref().filter(|_| !report.draft) {
        Some(before) => out.push_str(&format!("Follows the build whose list is {}.\n", code(&short(&before.list)))),
        None if report.verb == "build" && !report.draft => out.push_str("There is no build before this one.\n"),
        None => {}
    }
    if !report.judged_at.is_empty() {
        out.push_str(&format!("{JUDGED}{}.\n", prose(&report.judged_at)));
    }
    if report.demo {
        out.push_str("**This is a demo: its passphrase is public and its images are marked.**\n");
    }
    if report.draft {
        out.push_str(
            "**Not sealed: no secrets were given. Rules that need them were not judged, and there is no image.**\n",
        );
    }
    let packs: Vec<String> = report
        .packs
        .iter()
        .map(|p| format!("{} {}{} ({})", code(&p.name), prose(&p.version), p.mark(), count(p.rules, "rule", "rules")))
        .collect();
    if !packs.is_empty() {
        out.push_str(&format!("Rules: {}.\n", packs.join(", ")));
    }
    if let Some(holes) = &report.known_holes {
        out.push_str(&format!("Known holes in firmware: {}.\n", prose(&holes.words())));
    }
    let all = count(report.devices.len(), "device", "devices");
    out.push_str(&format!("{all}: {}.\n", standings(report)));
    out
}

/// What comes first: who changes the rules decides what anything here is worth.
fn rules_changed(report: &Report) -> String {
    let Some(before) = report.before.as_ref().filter(|before| !before.rules_changed.is_empty()) else {
        return String::new();
    };
    let what: String = before.rules_changed.iter().map(|what| format!("- {}\n", prose(what))).collect();
    let command = match before.commit.get(..7) {
        Some(commit) => format!("fieldlock posture --since {commit}"),
        None => "fieldlock posture --since COMMIT".to_owned(),
    };
    format!(
        "**This change also touches the rules:**\n\n{what}\n{} judges what is described by those of before as well.\n\n",
        code(&command)
    )
}

fn block(report: &Report, device: &DeviceReport, told: &ByDevice<'_>) -> String {
    let mut out = format!("## {CHANGE}{}\n\n", code(&device.name));
    out.push_str(&format!("{}\n\n", described(device)));
    let difference = device.difference.as_ref();
    out.push_str(&format!("{}\n\n", compared(device, difference)));
    out.push_str(&since(device));
    out.push_str(&format!("{SENTENCE}{}\n\n", sentence(device, told)));
    if let Some(d) = difference.filter(|d| !d.changes.is_empty()) {
        out.push_str(&rows(d));
    }
    if let Some(d) = difference.filter(|d| d.base.is_some()) {
        out.push_str(&untouched(device, d));
    }
    out.push_str("| about | what is told |\n|---|---|\n");
    for (name, text) in facts(report, device, told) {
        out.push_str(&format!("| {name} | {text} |\n"));
    }
    out.push_str("\nDecision: [ ] approve [ ] reject — name ____________ date ________\n");
    out
}

fn described(device: &DeviceReport) -> String {
    let mut parts = Vec::new();
    parts.extend(device.model.as_deref().map(code));
    if !device.platform.is_empty() {
        parts.push(code(&device.platform));
    }
    parts.extend(device.firmware.as_deref().map(|f| format!("firmware {}", code(f))));
    parts.extend(device.asset.as_deref().map(|a| format!("asset {}", code(a))));
    parts.extend(device.zone.as_ref().map(|(zone, level)| match level {
        Some(level) => format!("zone {} (SL-T {level})", code(zone)),
        None => format!("zone {}", code(zone)),
    }));
    parts.join(", ")
}

fn compared(device: &DeviceReport, difference: Option<&Difference>) -> String {
    match difference.map(|d| d.base.as_ref().map(|base| (base, &d.beside))) {
        None if !device.is_written() => "Not compared: the device does not comply.".to_owned(),
        None | Some(None) => "Nothing was read from this device yet: every setting is new.".to_owned(),
        Some(Some((base, beside))) => {
            let all: Vec<String> = std::iter::once(base).chain(beside).map(read).collect();
            format!("Compared with {}; what was changed on the device since is not seen.", all.join(" and "))
        }
    }
}

fn read(base: &BaseHead) -> String {
    let by = if base.by.is_empty() { String::new() } else { format!(" by {}", code(&base.by)) };
    let taken = if base.taken.is_empty() { String::new() } else { format!(" {}", prose(&base.taken)) };
    let how = if base.how.is_empty() { String::new() } else { format!(" ({})", prose(&base.how)) };
    format!("{}, read{by}{taken}{how}", code(&base.file))
}

/// Lines of a change that are shown; the texts themselves have them all.
const SINCE_LINES: usize = 40;

/// What the text changed against the image before: for a device that was built before, that is what is to be decided.
fn since(device: &DeviceReport) -> String {
    let Some(image) = device.image.as_ref().filter(|image| image.revision > 1) else { return String::new() };
    if !image.fresh {
        return format!("The image of revision {} stays: nothing that it holds would be another.\n\n", image.revision);
    }
    let Some(since) = &image.since else {
        return "What changed since the image before can't be told: nothing proves what that one held.\n\n".to_owned();
    };
    let mut out = format!("Against the image before: {}.\n\n", prose(&since.words()));
    let shown: Vec<&str> = since.lines.unified.lines().filter(|line| !line.starts_with("@@")).collect();
    if !shown.is_empty() {
        let list: String = shown.iter().take(SINCE_LINES).map(|line| format!("{line}\n")).collect();
        out.push_str(&fenced(&list, "diff"));
        if shown.len() > SINCE_LINES {
            out.push_str(&format!("\nand {} more\n", count(shown.len() - SINCE_LINES, "line", "lines")));
        }
        out.push('\n');
    }
    out
}

/// What the change does to the rules, in a sentence, and which way it goes.
fn sentence(device: &DeviceReport, told: &ByDevice<'_>) -> String {
    if !device.is_written() {
        let n = told.open.get(&*device.name).map_or(0, |open| open.must);
        return format!("nothing is built for this device: {} must be fixed first.", count(n, "finding", "findings"));
    }
    let changes = device.difference.as_ref().map_or(&[][..], |d| &d.changes[..]);
    let effects: Vec<&RuleEffect> = changes.iter().flat_map(|c| &c.rules).collect();
    let good = |v: Option<Verdict>| matches!(v, Some(Verdict::Pass | Verdict::NotApplicable));
    let mended = distinct(effects.iter().filter(|r| r.before == Some(Verdict::Fail) && r.after == Verdict::Pass));
    let told = |r: &&&RuleEffect| !good(r.before) && r.before != Some(Verdict::Fail) && r.after == Verdict::Pass;
    let settled = distinct(effects.iter().filter(told));
    let waived = distinct(effects.iter().filter(|r| r.after == Verdict::Waived && r.before != Some(Verdict::Waived)));
    let worse =
        distinct(effects.iter().filter(|r| good(r.before) && matches!(r.after, Verdict::Fail | Verdict::Unknown)));
    let first = device.difference.as_ref().is_some_and(|d| d.base.is_none());
    let what = match &device.native {
        Some(native) if first => {
            let all = native.machine + native.by_hand;
            let again = device.image.as_ref().is_some_and(|image| image.revision > 1);
            let when = if again { "" } else { " for the first time" };
            format!("{}{when}", count(all, "setting is made", "settings are made"))
        }
        _ => {
            let (differ, unseen) = device.difference.as_ref().map_or((0, 0), |d| (d.differing(), d.unseen()));
            let differ = count(differ, "setting differs", "settings differ");
            match unseen {
                0 => differ,
                n => format!("{differ}, {n} can't be compared and {} again", if n == 1 { "is set" } else { "are set" }),
            }
        }
    };
    if first {
        return format!("{what}; what runs there now is not known.");
    }
    let mut parts = Vec::new();
    for (n, one, many) in [
        (mended, "1 rule that fails on the device will pass", "rules that fail on the device will pass"),
        (
            settled,
            "1 rule that could not be told for the device will pass",
            "rules that could not be told for the device will pass",
        ),
        (waived, "1 rule is broken from now on by a waiver", "rules are broken from now on by a waiver"),
        (worse, "1 rule will fail", "rules will fail"),
    ] {
        match n {
            0 => {}
            1 => parts.push(one.to_owned()),
            n => parts.push(format!("{n} {many}")),
        }
    }
    let risk = match (mended, waived, worse) {
        (_, 1.., _) => " RISK: WEAKER, by waiver.",
        (_, 0, 1..) => " RISK: WEAKER.",
        (1.., 0, 0) => " Risk: stronger.",
        _ => "",
    };
    if parts.is_empty() {
        format!("{what}; no rule changes its verdict.")
    } else {
        format!("{what}; {}.{risk}", parts.join(", "))
    }
}

fn distinct<'a>(effects: impl Iterator<Item = &'a &'a RuleEffect>) -> usize {
    effects.map(|r| &*r.rule).collect::<std::collections::BTreeSet<_>>().len()
}

/// A rule that sees more rows than this is told once below them.
const ROWS_OF_A_RULE: usize = 3;

fn rows(d: &Difference) -> String {
    let mut out = String::from("| # | setting (menu) | as read | will be | rule | before -> after |\n");
    out.push_str("|---|---|---|---|---|---|\n");
    let wide = wide_rules(d);
    for (i, row) in d.changes.iter().enumerate() {
        let menu = row.change.page.as_ref().map_or(String::new(), |page| format!(" ({})", prose(&page.menu)));
        let setting = format!("{}{menu}", code(&row.change.path));
        let (rule, verdicts) = effect(row, &wide);
        let (now, then) = (cell(&before(row)), cell(&after(row)));
        out.push_str(&format!("| {} | {setting} | {now} | {then} | {rule} | {verdicts} |\n", i + 1));
    }
    if !wide.is_empty() {
        out.push_str("\nRules that see several rows at once:\n\n");
    }
    for (effect, rows) in &wide {
        out.push_str(&format!("- {} {}: rows {}\n", code(&effect.rule), verdicts(effect), ranges(rows)));
    }
    out.push('\n');
    out
}

/// Rules whose verdict changes and that see many rows, or that no row decides alone, with the numbers of these.
fn wide_rules(d: &Difference) -> Vec<(&RuleEffect, Vec<usize>)> {
    let mut found: Vec<(&RuleEffect, Vec<usize>)> = Vec::new();
    for (i, row) in d.changes.iter().enumerate() {
        for effect in row.rules.iter().filter(|r| matters(r)) {
            match found.iter_mut().find(|(e, _)| e.rule == effect.rule) {
                Some((_, rows)) => rows.push(i + 1),
                None => found.push((effect, vec![i + 1])),
            }
        }
    }
    let alone = |rule: &str| d.changes.iter().any(|row| row.rules.iter().any(|r| r.rule == rule && r.decides));
    found.retain(|(effect, rows)| rows.len() > ROWS_OF_A_RULE || !alone(&effect.rule));
    found
}

/// `13 to 20, 24`
fn ranges(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    let one = |run: &[usize]| match run {
        [first, .., last] => format!("{first} to {last}"),
        _ => run.iter().map(usize::to_string).collect(),
    };
    runs.map(one).collect::<Vec<_>>().join(", ")
}

fn cell(text: &str) -> String {
    if text == "-" { text.to_owned() } else { code(text) }
}

/// The rules whose verdict changes, but for those told below the rows; where none does, the first that judges the
/// setting.
fn effect(row: &ChangeRow, wide: &[(&RuleEffect, Vec<usize>)]) -> (String, String) {
    let decided = || row.rules.iter().filter(|r| r.decides);
    let changed: Vec<&RuleEffect> = decided().filter(|r| matters(r)).collect();
    let judges = |r: &&RuleEffect| r.after != Verdict::NotApplicable;
    let listed = if changed.is_empty() { decided().filter(judges).take(1).collect() } else { changed };
    if listed.is_empty() {
        let seen = row.rules.iter().any(|r| wide.iter().any(|(w, _)| w.rule == r.rule));
        return (if seen { "below" } else { "no rule" }.to_owned(), "-".to_owned());
    }
    let own: Vec<&RuleEffect> = listed.into_iter().filter(|r| !wide.iter().any(|(w, _)| w.rule == r.rule)).collect();
    if own.is_empty() {
        return ("below".to_owned(), "-".to_owned());
    }
    let ids: Vec<String> = own.iter().map(|r| code(&r.rule)).collect();
    (ids.join("<br>"), own.iter().map(|r| verdicts(r)).collect::<Vec<_>>().join("<br>"))
}

/// `fail -> pass`, `pass -> WAIVED W-2026-012`
fn verdicts(r: &RuleEffect) -> String {
    let waiver = r.waiver.as_deref().map_or(String::new(), |w| format!(" {}", code(w)));
    let after = if r.after == Verdict::Waived { "WAIVED" } else { r.after.words() };
    format!("{} -> {after}{waiver}", r.before.map_or("?", Verdict::words))
}

/// What stays as it is. Lines that a table lists are only counted: the public file has them all.
fn untouched(device: &DeviceReport, d: &Difference) -> String {
    let (lines, more) = kept(d, 20);
    let mut out = format!("{}.\n", capital(&rest(d)));
    if !d.kept.is_empty() && device.image.is_some() {
        let public = format!("public/{}.public.json", device.name);
        out.push_str(&format!("All of them stand in {}.\n", code(&public)));
    }
    if !lines.is_empty() {
        let list: String = lines.iter().map(|k| format!("{}\n", super::escape::line(&k.shown))).collect();
        out.push_str(&format!("\n{}", fenced(&list, "text")));
    }
    if more > 0 {
        out.push_str(&format!("\nand {more} more\n"));
    }
    out.push('\n');
    out
}

fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or(String::new(), |first| first.to_uppercase().chain(signs).collect())
}

fn facts(report: &Report, device: &DeviceReport, told: &ByDevice<'_>) -> Vec<(&'static str, String)> {
    let mut rows = vec![(
        "Service",
        "effect on traffic or restart: not known for this model; plan for an interruption".to_owned(),
    )];
    if let Some(lock_out) = device.difference.as_ref().and_then(|d| d.lock_out.as_deref()) {
        rows.push(("Lock-out", prose(lock_out)));
    }
    rows.push((SECRETS, secrets(device)));
    for waiver in report.waivers.iter().map(|waiver| &waiver.said) {
        if told.waived.contains(&(&*device.name, &*waiver.id)) {
            rows.push(("Waiver", format!(
                "{} from {} to {}, owner {}, approver {} (a statement in a file, not a signature); reason: {}; instead: {}",
                code(&waiver.id), prose(&waiver.from), prose(&waiver.until), code(&waiver.owner), code(&waiver.approver),
                prose(&waiver.reason), prose(&waiver.instead),
            )));
        }
    }
    for attestation in report.attestations.iter().filter(|a| device.attested.contains(&a.id)) {
        let rules: Vec<String> = attestation.rules.iter().map(|rule| code(rule)).collect();
        rows.push((
            "Attested",
            format!(
                "{} of {}{}, by {} (a statement in a file, not a signature): {}; evidence: {}",
                code(&attestation.id),
                prose(&attestation.at),
                attestation.until.as_deref().map(|until| format!(" until {}", prose(until))).unwrap_or_default(),
                code(&attestation.by),
                rules.join(", "),
                attestation.evidence.iter().map(|file| code(file)).collect::<Vec<_>>().join(", "),
            ),
        ));
    }
    rows.push((BACK, way_back(device)));
    let t = device.tally;
    let judged = t.pass + t.fail + t.unknown + t.waived;
    let counted = [(t.pass, "pass"), (t.waived, "waived"), (t.fail, "fail"), (t.unknown, "can't be told")];
    let counted: Vec<String> = counted.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let apply = match t.not_applicable {
        0 => String::new(),
        1 => "; 1 does not apply".to_owned(),
        n => format!("; {n} do not apply"),
    };
    rows.push(("Posture", format!("{}: {}{apply}", count(judged, "rule judged", "rules judged"), counted.join(", "))));
    if let Some(native) = &device.native {
        rows.push(("How sure", sure(native)));
        if !native.unplaced.is_empty() {
            let names: Vec<String> = native.unplaced.iter().map(|p| code(p)).collect();
            rows.push(("Not placed", format!("no native place is known for {}", names.join(", "))));
        }
        if !native.omitted.is_empty() {
            let lines = count(native.omitted.len(), "redacted line", "redacted lines");
            rows.push((
                "Left out",
                format!(
                    "{lines} of the capture that no setting fills; the device keeps or drops them, which is not known"
                ),
            ));
        }
    }
    if !device.unjudged.is_empty() {
        let lines: Vec<String> = device.unjudged.iter().map(|line| code(line)).collect();
        rows.push(("Unjudged", format!("native lines that no rule can judge: {}", lines.join(", "))));
    }
    rows.push((
        "Not judged",
        later(t).map_or("nothing was left for later".to_owned(), |l| format!("left for later: {l}")),
    ));
    if let Some(image) = &device.image {
        rows.push((
            "Sealed",
            format!(
                "image {} revision {}, redacted text {}",
                code(&short(&image.digest)),
                image.revision,
                code(&image.redacted)
            ),
        ));
    }
    rows
}

/// The image that undoes the change, by its name and number.
fn way_back(device: &DeviceReport) -> String {
    match device.image.as_ref().map(|image| (image.revision, &image.file, image.fresh)) {
        None => "no image is made".to_owned(),
        Some((0 | 1, _, _)) => "no image before this one: only a backup of the device leads back".to_owned(),
        Some((_, _, false)) => "nothing is to be undone: the image is the one of the build before".to_owned(),
        Some((revision, file, true)) => {
            format!(
                "{} of the build before, revision {}; a secret that changed is changed back",
                code(file),
                revision - 1
            )
        }
    }
}

fn sure(native: &super::NativeReport) -> String {
    let typed =
        if native.by_hand > 0 { format!("{} typed by hand from the sheet; ", native.by_hand) } else { String::new() };
    let grades: Vec<String> = [Grade::Confirmed, Grade::Likely, Grade::Site, Grade::Unknown]
        .into_iter()
        .filter(|g| native.graded(*g) > 0)
        .map(|g| format!("{} {}", native.graded(g), g.word()))
        .collect();
    let grades = if grades.is_empty() { "no setting has a native place".to_owned() } else { grades.join(", ") };
    format!("{typed}native places: {grades}")
}

fn secrets(device: &DeviceReport) -> String {
    let counted = device.image.as_ref().map(|i| i.secrets).unwrap_or_else(|| {
        let mut sum = SecretCount::default();
        for row in device.difference.iter().flat_map(|d| &d.changes) {
            match row.change.secret {
                Some(SecretState::New) => sum.new += 1,
                Some(SecretState::Changed) => sum.changed += 1,
                Some(SecretState::Unchanged) => sum.unchanged += 1,
                Some(SecretState::CannotCompare | SecretState::Opaque) => sum.cannot_compare += 1,
                None => {}
            }
        }
        sum
    });
    let SecretCount { new, changed, unchanged, cannot_compare, sealed } = counted;
    let parts = [(new, "new"), (changed, "changed"), (unchanged, "unchanged"), (cannot_compare, "can't be compared")];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let first = device.image.as_ref().is_some_and(|image| image.revision == 1);
    let what = match (sealed, parts.len()) {
        (_, 0) => "none".to_owned(),
        (0, _) => parts.join(", "),
        _ if first => format!("{sealed} in the image, which is the first"),
        _ => format!("{sealed} in the image; against the image before: {}", parts.join(", ")),
    };
    format!("{what}; no value stands on this page")
}

/// The first 12 characters of a digest in groups, as a person compares them.
fn short(digest: &str) -> String {
    let head: Vec<char> = digest.chars().take(12).collect();
    head.chunks(4).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
