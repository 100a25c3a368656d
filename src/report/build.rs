//! `build` for people: which devices comply, which images are new, how they reach the device.

use std::collections::BTreeMap;

use super::check::{against, argument, counts, findings, why};
use super::layout::{apart, count, pad};
use super::paint::{Ink, View};
use super::{DeviceReport, ImageReport, Left, PackHead, Report, Signed, Since, WrittenKind, escape};
use crate::finding::Verdict;
use crate::native::Grade;
use crate::source::SourceMap;

/// The whole screen: the site and its packs, findings where there are any, then what was made.
pub fn build(report: &Report, sources: &SourceMap, view: &View) -> String {
    let mut out = title(report, view);
    out.push_str(&findings(report, sources, view));
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
    out.push_str(&devices(report, view));
    out.push_str(&images(report, view));
    out.push_str(&closing(report, view));
    out
}

fn title(report: &Report, view: &View) -> String {
    let name = report.site.as_ref().map_or("the site".to_owned(), |s| escape::line(&s.name));
    let demo = if report.demo { "   DEMO: the passphrase is public, images are marked" } else { "" };
    let judged = if report.judged_at.is_empty() {
        String::new()
    } else {
        format!("   judged at {}", escape::line(&report.judged_at))
    };
    let commit = report.commit.as_ref().map(|commit| {
        let words = commit.words();
        format!("   {}", if commit.dirty { view.ink(Ink::Warn, &words) } else { words })
    });
    let commit = commit.unwrap_or_default();
    let mut out = format!("{}{commit}{judged}{}\n", view.ink(Ink::Strong, &name), view.ink(Ink::Warn, demo));
    if report.draft {
        let told =
            "NOT SEALED: secrets are placeholders; rules that need them wait, and there is no image and no index";
        out.push_str(&format!("{}\n", view.ink(Ink::Warn, told)));
    }
    out.push_str(&rules(report));
    out
}

/// `rules   nport-6000-g2 1.0.0   ours 1.0.0 (the site's own)   ot-baseline 1.0.0 (in every site)   (51 rules)`
pub(super) fn rules(report: &Report) -> String {
    let head = |p: &PackHead| format!("{} {}{}", escape::line(&p.name), escape::line(&p.version), p.mark());
    let packs: Vec<String> = report.packs.iter().map(head).collect();
    let rules = report.packs.iter().map(|p| p.rules).sum();
    if packs.is_empty() {
        return String::new();
    }
    let holes = report.known_holes.as_ref().map(|list| escape::line(&list.words()));
    let holes = holes.map(|words| format!("known holes in firmware   {words}\n"));
    let pinned = if report.packs.iter().all(|p| p.pinned) { ", pinned" } else { "" };
    let rules = count(rules, "rule", "rules");
    format!("rules   {}   ({rules}{pinned})\n{}", packs.join("   "), holes.unwrap_or_default())
}

fn devices(report: &Report, view: &View) -> String {
    let complying = report.devices.iter().filter(|d| d.complies).count();
    let drafted = report.devices.iter().filter(|d| d.drafted).count();
    let failing = report.devices.len() - complying - drafted;
    let waived = report.devices.iter().filter(|d| d.complies && d.tally.waived > 0).count();
    let by_waiver = match waived {
        0 => String::new(),
        1 => ", 1 of them by a waiver".to_owned(),
        n => format!(", {n} of them by a waiver"),
    };
    let all = count(report.devices.len(), "device", "devices");
    let (comply, fail) =
        (if complying == 1 { "complies" } else { "comply" }, if failing == 1 { "fails" } else { "fail" });
    let good = view.ink(Ink::Good, &format!("{complying} {comply}{by_waiver}"));
    let bad = format!("{failing} {fail}");
    let bad = if failing == 0 { bad } else { view.ink(Ink::Bad, &bad) };
    let waits = match drafted {
        0 => String::new(),
        n => format!("   {}", count(n, "waits for the secrets", "wait for the secrets")),
    };
    let against = against(report).map_or(String::new(), |told| format!("   {told}"));
    format!("{all}   {good}{waits}   {bad}{against}\n")
}

fn images(report: &Report, view: &View) -> String {
    let sealed: Vec<(&DeviceReport, &ImageReport)> =
        report.devices.iter().filter_map(|d| d.image.as_ref().map(|i| (d, i))).collect();
    if sealed.is_empty() {
        return String::new();
    }
    let fresh: Vec<_> = sealed.iter().filter(|(_, i)| i.fresh).collect();
    let kept = sealed.len() - fresh.len();
    let left = format!(" {}", count(fresh.len(), "new image", "new images"));
    let kept = if kept == 0 { String::new() } else { format!("{kept} unchanged, kept") };
    let mut out = format!("{}\n", apart(&left, &kept, 70));
    let name_width = fresh.iter().map(|(d, _)| super::layout::width(&d.name)).max().unwrap_or(0);
    for (device, image) in &fresh {
        let name = pad(&escape::line(&device.name), name_width);
        out.push_str(&format!("   {name}  rev {}   {}\n", pad(&image.revision.to_string(), 3), what(device, image)));
    }
    for (told, list) in
        [(" not built, left as they were", &report.left), (" no longer in the site, gone", &report.gone)]
    {
        if !list.is_empty() {
            out.push_str(&view.ink(Ink::Warn, &format!("{told}   {}", named(list))));
            out.push('\n');
        }
    }
    out.push_str(&reach(report));
    out
}

/// Devices of a row before the rest is counted.
const NAMED: usize = 8;

/// `np21 (revision 3), sw04 (revision 1) and 2 more`
fn named(list: &[Left]) -> String {
    let one = |left: &Left| format!("{} (revision {})", escape::line(&left.device), left.revision);
    let shown: Vec<String> = list.iter().take(NAMED).map(one).collect();
    let more = list.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// `4 changes   login.lockout, allowlist.host, log.server x2   1 secret changed`
fn what(device: &DeviceReport, image: &ImageReport) -> String {
    let mut parts = Vec::new();
    parts.extend(image.since.as_ref().map(Since::words));
    match &device.difference {
        Some(d) if d.base.is_some() => {
            let changes = count(d.differing(), "change", "changes");
            let differ = d.changes.iter().filter(|row| row.change.is_compared());
            let topics = topics(differ.map(|c| &*c.change.path));
            parts.push(if topics.is_empty() { changes } else { format!("{}   {topics}", pad(&changes, 10)) });
            if d.unseen() > 0 {
                parts.push(format!("{} can't be compared", d.unseen()));
            }
        }
        Some(_) | None if image.since.is_some() => parts.push("nothing read from the device yet".to_owned()),
        Some(_) | None => {
            let settings = device.native.as_ref().map_or(0, |n| n.machine + n.by_hand);
            parts.push(format!("{}, nothing read from the device yet", count(settings, "setting", "settings")));
        }
    }
    let secrets = image.secrets;
    for (n, what) in [(secrets.changed, "changed"), (if image.revision > 1 { secrets.new } else { 0 }, "new")] {
        if n > 0 {
            parts.push(format!("{} {what}", count(n, "secret", "secrets")));
        }
    }
    if !image.not_after.is_empty() {
        parts.push(format!("the image refuses to be used after {}", escape::line(&image.not_after)));
    }
    parts.join("   ")
}

/// The first name of each path, once each with a count, at most six.
fn topics<'a>(paths: impl Iterator<Item = &'a str>) -> String {
    let mut found: Vec<(String, usize)> = Vec::new();
    for path in paths {
        let topic = escape::line(path.split(['.', '[']).next().unwrap_or(path));
        match found.iter_mut().find(|(t, _)| *t == topic) {
            Some((_, n)) => *n += 1,
            None => found.push((topic, 1)),
        }
    }
    let more = found.len().saturating_sub(6);
    let shown = found.into_iter().take(6).map(|(t, n)| if n > 1 { format!("{t} x{n}") } else { t });
    let mut shown: Vec<String> = shown.collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}

/// How the settings reach the devices, and how sure that is.
fn reach(report: &Report) -> String {
    let native: Vec<_> = report.devices.iter().filter_map(|d| d.native.as_ref()).collect();
    if native.is_empty() {
        return String::new();
    }
    let machine: usize = native.iter().map(|n| n.machine).sum();
    let by_hand: usize = native.iter().map(|n| n.by_hand).sum();
    let all: usize = native.iter().map(|n| n.grades.iter().sum::<usize>()).sum();
    let confirmed: usize = native.iter().map(|n| n.graded(Grade::Confirmed)).sum();
    let percent = (confirmed * 100).checked_div(all).unwrap_or(0);
    let mut out = format!(
        " how they reach the device   {machine} settings in a file or by command   {by_hand} typed from a sheet   \
         ({percent} % confirmed)\n"
    );
    let unplaced: usize = native.iter().map(|n| n.unplaced.len()).sum();
    if unplaced > 0 {
        out.push_str(&format!(" without a place on the device   {}\n", count(unplaced, "setting", "settings")));
    }
    let kept: usize = native.iter().map(|n| n.unmodelled.len()).sum();
    if kept > 0 {
        let lines = count(kept, "line", "lines");
        out.push_str(&format!(" without a setting           {lines} of the captures, sealed as they are\n"));
    }
    out
}

fn closing(report: &Report, view: &View) -> String {
    let mut out = String::from("\n");
    out.push_str(&counts(report));
    out.push_str(&sealing(report, view));
    out.push_str(&written(report));
    let site = report.site.as_ref().map(|s| &*s.argument).unwrap_or_default();
    let open = report.findings.iter().find(|f| report.blocks(f) && !f.rules.is_empty());
    let next = match open {
        Some(finding) => why(finding, site),
        None if report.written.is_empty() => String::new(),
        // without a reading there is nothing to compare with
        None if read_any(report) => format!("next: fieldlock diff{}", argument(site)),
        // nobody vouches for a demo, so it goes on no stick
        None if report.draft || report.demo => String::new(),
        None if report.out.is_empty() => "next: fieldlock bundle DIR   (a new folder on the stick)".to_owned(),
        None => format!("next: fieldlock bundle DIR --from{}   (a new folder on the stick)", argument(&report.out)),
    };
    out.push_str(&format!("{}\n", apart(&next, &format!("exit {}", report.outcome().code()), view.width)));
    out
}

/// Whether something was read from any of the devices.
fn read_any(report: &Report) -> bool {
    report.devices.iter().filter_map(|d| d.difference.as_ref()).any(|d| d.base.is_some())
}

/// `sealed for  west (passphrase, 1 derivation)   signed  ci@example SHA256:Qm3v...`
fn sealing(report: &Report, view: &View) -> String {
    let s = &report.sealing;
    if s.groups.is_empty() {
        return String::new();
    }
    let groups: Vec<String> = s.groups.iter().map(|group| escape::line(group)).collect();
    let mut by = Vec::new();
    if s.passphrase {
        by.push(if groups.len() == 1 { "passphrase" } else { "a passphrase each" }.to_owned());
    }
    if s.recipients > 0 {
        by.push(count(s.recipients, "recipient", "recipients"));
    }
    if s.derivations > 0 {
        by.push(count(s.derivations, "derivation", "derivations"));
    }
    let signed = match &s.signed {
        Some(Signed { signer: None, key }) => format!("   signed  {}", escape::line(key)),
        Some(Signed { signer: Some(who), key }) => format!("   signed  {} {}", escape::line(who), escape::line(key)),
        None if s.expected => {
            format!("   {}", view.ink(Ink::Warn, "not signed: whoever trusts signers refuses these images"))
        }
        None => String::new(),
    };
    let mut out = format!("sealed for  {} ({}){signed}\n", groups.join(", "), by.join(", "));
    if s.signed.is_some() && !s.expected && !report.demo {
        out.push_str(&view.ink(Ink::Warn, NOBODY));
        out.push('\n');
    }
    out
}

/// To whoever signs for the first time: else the next verb refuses what was just made.
const NOBODY: &str = "nobody's signature counts on this computer yet, yours included: fieldlock trust add NAME KEY.pub";

fn written(report: &Report) -> String {
    if report.written.is_empty() {
        return "written  nothing\n".to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for file in report.written.iter().filter(|w| w.fresh) {
        let folder = match file.kind {
            WrittenKind::Notice | WrittenKind::Index | WrittenKind::Signature | WrittenKind::Review => {
                parts.push(escape::line(&file.path));
                continue;
            }
            WrittenKind::Image => "images/",
            WrittenKind::Public => "public/",
            WrittenKind::Redacted => "redacted/",
            WrittenKind::Sheet => "sheets/",
            WrittenKind::Certificate => "certs/",
            WrittenKind::Table => "tables/",
        };
        *folders.entry(folder).or_default() += 1;
    }
    if parts.is_empty() && folders.is_empty() {
        return "written  nothing: all files are as they were\n".to_owned();
    }
    parts.sort();
    parts.extend(folders.iter().map(|(folder, fresh)| format!("{folder} ({fresh} new)")));
    format!("written  {}\n", parts.join("  "))
}

/// The same for logs.
pub(super) fn plain(report: &Report) -> String {
    let mut out = String::new();
    for device in &report.devices {
        if let Some(image) = &device.image {
            let state = if image.fresh { "sealed anew" } else { "unchanged, kept" };
            let (file, digest) = (escape::line(&image.file), escape::line(&image.digest));
            let since = image.since.as_ref().map_or(String::new(), |since| format!(", {}", since.words()));
            out.push_str(&format!("image {file}: revision {}, {state}{since}, digest {digest}\n", image.revision));
        }
    }
    for (told, list) in [("not built, left as they were", &report.left), ("no longer in the site, gone", &report.gone)]
    {
        if !list.is_empty() {
            out.push_str(&format!("{told}: {}\n", named(list)));
        }
    }
    for file in report.written.iter().filter(|w| w.fresh) {
        out.push_str(&format!("written {}\n", escape::line(&file.path)));
    }
    let s = &report.sealing;
    for group in &s.groups {
        let by = match (s.passphrase, s.recipients) {
            (true, 0) => "its passphrase".to_owned(),
            (true, n) => format!("its passphrase and {}", count(n, "recipient", "recipients")),
            (false, n) => count(n, "recipient", "recipients"),
        };
        out.push_str(&format!("sealed for the group {}: {by}\n", escape::line(group)));
    }
    match &s.signed {
        Some(Signed { signer: None, key }) => out.push_str(&format!("signed by {}\n", escape::line(key))),
        Some(Signed { signer: Some(who), key }) => {
            out.push_str(&format!("signed by {}, {}\n", escape::line(who), escape::line(key)));
        }
        None if s.expected => out.push_str("not signed: whoever trusts signers refuses these images\n"),
        None => {}
    }
    let waived = report.findings.iter().filter(|f| f.status == Verdict::Waived).count();
    if waived > 0 {
        out.push_str(&format!("{} waived\n", count(waived, "finding is", "findings are")));
    }
    out
}
