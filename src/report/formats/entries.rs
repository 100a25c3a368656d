//! A report row by row, for formats that know nothing but rows: its findings, then what differs on the devices.

use std::collections::HashMap;

use super::super::{ChangeRow, Comparison, Report, Standing, side};
use crate::finding::{Finding, Severity, Verdict};
use crate::image::Digest;
use crate::native::Change;
use crate::source::Loc;

/// What a row is called that says that a device is not as described.
pub(super) const DIFFERS: &str = "differs";
/// What a row is called of a device that nothing was compared with.
pub(super) const NOT_COMPARED: &str = "not-compared";
/// What a row is called of a file that nothing was compared with.
pub(super) const UNREAD: &str = "unread";

/// What such a row says and what to do, for formats that ask for both.
pub(super) fn page(code: &str) -> Option<&'static str> {
    Some(match code {
        DIFFERS => "What runs on the device is not what is described. Set the device, or describe what it is to have.",
        NOT_COMPARED => {
            "Nothing was read from the device, so nobody knows how it is. Read it, and capture what it says."
        }
        UNREAD => "A file was handed in that nothing was compared with. Describe its device, or take the file away.",
        _ => return None,
    })
}

/// One row.
pub(super) struct Entry<'a> {
    /// The id of a rule, a code of our own, or a word of this file.
    pub(super) code: &'a str,
    pub(super) severity: Severity,
    pub(super) status: Verdict,
    /// Every device that it concerns; none where it concerns the site.
    pub(super) devices: Vec<&'a str>,
    /// The setting.
    pub(super) path: Option<&'a str>,
    /// The sentence.
    pub(super) message: String,
    pub(super) loc: Loc,
    /// The finding that it is; none for a difference.
    pub(super) finding: Option<&'a Finding>,
    /// What the device has and what is described, of a difference.
    pub(super) sides: [Option<String>; 2],
    /// What the device is worth beside its description, where the two were to be compared.
    pub(super) standing: Option<Standing>,
}

/// All rows: the findings as `json` lists them, then differences device by device, then files that are of no device.
pub(super) fn entries(report: &Report, all: bool) -> Vec<Entry<'_>> {
    let mut found: Vec<Entry<'_>> =
        report.findings.iter().filter(|finding| all || finding.is_told()).map(of_finding).collect();
    if report.compares() {
        for device in &report.devices {
            let Some(difference) = &device.difference else { continue };
            let row = |code, status| Entry {
                code,
                severity: Severity::Medium,
                status,
                devices: vec![&*device.name],
                path: None,
                message: match &difference.unreached {
                    Some(why) => format!("nothing was read from this device: {}", why.message),
                    None if report.verb == "drift" => "no file that was handed in is of this device".to_owned(),
                    None => "nothing was read from this device".to_owned(),
                },
                loc: device.loc.unwrap_or(Loc::NONE),
                finding: None,
                sides: [None, None],
                standing: Some(difference.standing()),
            };
            if difference.comparison() == Comparison::NotCompared {
                found.push(row(NOT_COMPARED, Verdict::Unknown));
            }
            let compared = difference.changes.iter().filter(|row| row.change.is_compared());
            found.extend(compared.map(|differing @ ChangeRow { change, .. }| Entry {
                path: Some(&change.path),
                message: differs(change) + &worth(report, differing),
                loc: Some(change.origin.loc()).filter(|loc| loc.is_some()).or(device.loc).unwrap_or(Loc::NONE),
                sides: [side(&change.before), side(&change.after)],
                ..row(DIFFERS, Verdict::Fail)
            }));
        }
        found.extend(report.unread.iter().map(|file| Entry {
            code: UNREAD,
            severity: Severity::Medium,
            status: Verdict::Unknown,
            devices: Vec::new(),
            path: None,
            message: format!("nothing was compared with `{}`: {}", file.file, file.message),
            loc: Loc::NONE,
            finding: None,
            sides: [None, None],
            standing: None,
        }));
    }
    found
}

fn of_finding(finding: &Finding) -> Entry<'_> {
    Entry {
        code: &finding.code,
        severity: finding.severity,
        status: finding.status,
        devices: finding.devices().collect(),
        path: finding.path.as_deref(),
        message: finding.message.clone(),
        loc: finding.loc,
        finding: Some(finding),
        sides: [None, None],
        standing: None,
    }
}

/// ``services.telnet: the device has `on`, described is `off` ``
fn differs(change: &Change) -> String {
    let told = |side: Option<String>| side.map_or("nothing".to_owned(), |text| format!("`{text}`"));
    if change.secret.is_some() {
        return format!("{}: the device does not hold the secret that is described", change.path);
    }
    format!(
        "{}: the device has {}, described is {}",
        change.path,
        told(side(&change.before)),
        told(side(&change.after))
    )
}

/// `; weaker by NP6-SES-001`: by which rules the device is worth less or more, where that is what is asked.
fn worth(report: &Report, row: &ChangeRow) -> String {
    let by = |standing: Standing| {
        let rules: Vec<&str> = row.rules_of(standing).collect();
        if rules.is_empty() { String::new() } else { format!("; {} by {}", standing.words(), rules.join(", ")) }
    };
    if report.verb == "drift" { by(Standing::Weaker) + &by(Standing::Stronger) } else { String::new() }
}

impl Entry<'_> {
    /// What is to be written, or done.
    pub(super) fn remedy(&self) -> Option<&str> {
        let finding = self.finding?;
        finding.fix.as_ref().map(|fix| &*fix.kdl).or(finding.help.as_deref())
    }

    /// The same as a sentence goes on: `; write: login { lockout on after=3 }`.
    pub(super) fn remedy_words(&self) -> String {
        let fix = self.finding.is_some_and(|finding| finding.fix.is_some());
        let write = if fix { "write: " } else { "" };
        self.remedy().map(|remedy| format!("; {write}{remedy}")).unwrap_or_default()
    }

    /// What there is to say in one line: the sentence, what stands beside the underline, why it is not told.
    pub(super) fn sentence(&self) -> String {
        let mut text = self.message.clone();
        let finding = self.finding;
        let beside = finding.map(|f| &*f.label).filter(|label| !label.is_empty());
        for more in beside.into_iter().chain(finding.and_then(|f| f.reason.as_deref())) {
            text.push_str(&format!("; {more}"));
        }
        text
    }

    /// How it ended, where it did not fail: ` (waived, W-2026-007)`, ` (stood there at 3e90d77)`.
    pub(super) fn standing(&self) -> String {
        let of = |get: fn(&Finding) -> Option<&str>| self.finding.and_then(get);
        let status = Some(self.status.words()).filter(|_| self.status != Verdict::Fail);
        let words = [status, of(|f| f.waiver.as_deref()), of(|f| f.known.as_deref())];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
    }

    /// Whether it is open and nothing of it was known before.
    pub(super) fn is_news(&self) -> bool {
        matches!(self.status, Verdict::Fail | Verdict::Unknown) && self.finding.is_none_or(|f| f.known.is_none())
    }
}

/// Names of rows that stay the same while lines move: of rule, device and setting, in a document each once.
#[derive(Default)]
pub(super) struct Fingerprints {
    seen: HashMap<String, usize>,
}

impl Fingerprints {
    /// The next row's, in hexadecimal; `file` tells rows of no device apart. No value goes into it.
    pub(super) fn next(&mut self, entry: &Entry<'_>, file: &str) -> String {
        let (path, file) = (entry.path.unwrap_or_default(), if entry.devices.is_empty() { file } else { "" });
        // a name holds no NUL: names of two rows are never the same text
        let name = [entry.code, &entry.devices.join("\0"), path, file].join("\0\0");
        let count = self.seen.entry(name.clone()).or_default();
        *count += 1;
        let digest = Digest::of(format!("{name}\0\0{count}").as_bytes()).to_string();
        digest.chars().filter(char::is_ascii_hexdigit).take(32).collect()
    }
}
