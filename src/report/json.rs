//! For programs: one document, its schema generated from these types into `schema/report.json`.
//!
//! Positions count from 1, columns in characters; files are relative to the site, with `/`. A reader ignores fields
//! it does not know; a field that is here stays, or `format_version` is counted up.

use schemars::JsonSchema;
use serde::Serialize;

use super::causes::is_open;
use super::{BaseHead, DeviceReport, Difference, Outcome, Report, Tally, escape};
use crate::finding::{Finding, Note, Severity, Verdict};
use crate::native::{Change, SecretState};
use crate::source::{Loc, SourceMap};

/// Version of the format below.
pub const FORMAT_VERSION: u32 = 1;

/// What a run found out and did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The program.
    pub tool: Tool,
    /// The verb that ran: `check`, `build`, `diff`.
    pub verb: String,
    /// The site's name, where it could be read.
    pub site: Option<String>,
    /// When it was judged, UTC.
    pub judged_at: Option<String>,
    /// Packs in force.
    pub packs: Vec<Pack>,
    /// Counts.
    pub summary: Summary,
    /// What was found: open and waived ones and those left for later; with `--all` also passes and rules that do not
    /// apply.
    pub findings: Vec<FindingJson>,
    /// The devices asked for.
    pub devices: Vec<Device>,
    /// Waivers in force.
    pub waivers: Vec<Waiver>,
    /// Files written, relative to the output folder.
    pub written: Vec<WrittenFile>,
}

/// The program.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// `fieldlock`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A pack in force.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pack {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How many rules it has.
    pub rules: usize,
}

/// Counts of the whole run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// How the run ended.
    pub outcome: OutcomeWord,
    /// The exit code that goes with it, where nothing else (an image, an output folder) failed.
    pub exit: u8,
    /// Devices asked for.
    pub devices: usize,
    /// Devices that nothing keeps from being sealed.
    pub complying: usize,
    /// Open findings (fail and unknown) by severity.
    pub open: BySeverity,
    /// Verdicts over all devices.
    pub verdicts: Verdicts,
}

/// How a run ended.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeWord {
    /// Nothing fails.
    Clean,
    /// There is a difference, and `--exit-code` asked for it.
    Differs,
    /// Findings fail.
    Fails,
    /// The input can't be read.
    Invalid,
}

/// A count for each severity.
#[derive(Debug, Serialize, JsonSchema, Default)]
pub struct BySeverity {
    /// Critical ones.
    pub critical: usize,
    /// High ones.
    pub high: usize,
    /// Medium ones.
    pub medium: usize,
    /// Low ones.
    pub low: usize,
    /// For information.
    pub info: usize,
}

/// A count for each verdict.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Verdicts {
    /// Rules that hold.
    pub pass: usize,
    /// Rules that are broken.
    pub fail: usize,
    /// Rules that can't be told.
    pub unknown: usize,
    /// Rules that a person answers for.
    pub waived: usize,
    /// Rules left for later.
    pub deferred: usize,
    /// Rules that do not concern the device.
    pub not_applicable: usize,
}

/// How bad it is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SeverityWord {
    /// Locks somebody out, or opens the door.
    Critical,
    /// Must be fixed before sealing.
    High,
    /// Should be fixed.
    Medium,
    /// Little risk.
    Low,
    /// Worth knowing.
    Info,
}

/// What became of a rule.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Holds.
    Pass,
    /// Is broken.
    Fail,
    /// Can't be told.
    Unknown,
    /// A person answers for it.
    Waived,
    /// Waits for the secrets, the device or an attestation.
    Deferred,
    /// Does not concern the device.
    NotApplicable,
}

/// A place in a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Location {
    /// Relative to the site, with `/`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Line of the last character.
    pub end_line: usize,
    /// Column just past the last character.
    pub end_column: usize,
}

/// A place with words beside it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Related {
    /// What to say there.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
}

/// A change of source text that mends a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FixJson {
    /// The KDL to write.
    pub kdl: String,
    /// What it replaces, where that is known exactly.
    pub replaces: Option<Location>,
    /// Whether applying it can't take anything away.
    pub safe: bool,
}

/// A rule behind a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleJson {
    /// Its id.
    pub id: String,
    /// Its own severity.
    pub severity: SeverityWord,
    /// Where it stands.
    pub location: Option<Location>,
}

/// One thing found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingJson {
    /// Rule id, or a code of fieldlock's own: `syntax.*`, `shape.*`, `site.*`, ...
    pub rule: String,
    /// Family of the rule; empty for own codes.
    pub family: String,
    /// How bad.
    pub severity: SeverityWord,
    /// What became of it.
    pub status: Status,
    /// The device it concerns.
    pub device: Option<String>,
    /// Dotted path of the setting.
    pub path: Option<String>,
    /// The sentence.
    pub message: String,
    /// Words beside the underline.
    pub label: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// Why it is deferred or unknown.
    pub reason: Option<String>,
    /// The user's line.
    pub location: Option<Location>,
    /// The rule's line.
    pub rule_location: Option<Location>,
    /// Further places.
    pub related: Vec<Related>,
    /// How the line reaches the device, the device's own `use` first.
    pub trail: Vec<Related>,
    /// The mending text.
    pub fix: Option<FixJson>,
    /// Every rule behind it.
    pub rules: Vec<RuleJson>,
    /// The waiver that covers it.
    pub waiver: Option<String>,
    /// Menu path on the device's web pages.
    pub menu: Option<String>,
    /// Requirements that the rule supports.
    pub supports: Vec<String>,
}

/// What became of one device.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// Its platform; empty where it could not be read.
    pub platform: String,
    /// Its model.
    pub model: Option<String>,
    /// Firmware that the description is written for.
    pub firmware: Option<String>,
    /// Its zone.
    pub zone: Option<String>,
    /// Whether nothing keeps it from being sealed.
    pub complies: bool,
    /// How many rules ended how.
    pub verdicts: Verdicts,
    /// Compared with what runs there.
    pub difference: Option<DifferenceJson>,
    /// Its sealed image.
    pub image: Option<Image>,
}

/// What differs from the running device.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DifferenceJson {
    /// What it was compared with.
    pub compared_with: Option<Base>,
    /// Settings that differ.
    pub changes: Vec<ChangeJson>,
    /// Lines on the device that fieldlock does not know; as they may be shown.
    pub unknown_lines: Vec<String>,
    /// Unified difference of the redacted native texts.
    pub text: Option<String>,
}

/// The state that a device is compared with.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Base {
    /// The file, relative to the site.
    pub file: String,
    /// When it was read.
    pub taken: String,
    /// Who read it.
    pub by: String,
    /// How.
    pub how: String,
}

/// How a secret compares.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecretWord {
    /// The device holds the same value.
    Unchanged,
    /// Another one.
    Changed,
    /// The device has none.
    New,
    /// One side can't be read.
    CannotCompare,
}

/// A setting that differs. Secrets show how they compare, never what they are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeJson {
    /// Dotted path.
    pub path: String,
    /// On the device, as KDL.
    pub before: Option<String>,
    /// As described, as KDL.
    pub after: Option<String>,
    /// For secrets: how they compare.
    pub secret: Option<SecretWord>,
    /// Menu path on the device's web pages.
    pub menu: Option<String>,
    /// Who says the described value.
    pub location: Option<Location>,
    /// Rules that read it, before and after.
    pub rules: Vec<EffectJson>,
}

/// What a change means to a rule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EffectJson {
    /// Its id.
    pub rule: String,
    /// On the running device.
    pub before: Option<Status>,
    /// On what is described.
    pub after: Status,
    /// The waiver that covers it.
    pub waiver: Option<String>,
}

/// A sealed image.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Image {
    /// Relative to the output folder.
    pub file: String,
    /// Its revision.
    pub revision: u64,
    /// The image digest, hexadecimal.
    pub digest: String,
    /// Sealed anew in this run.
    pub fresh: bool,
    /// After this moment it refuses to be used.
    pub not_after: Option<String>,
}

/// A waiver in force.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Waiver {
    /// Its number.
    pub id: String,
    /// Its first moment.
    pub from: String,
    /// Its last moment.
    pub until: String,
    /// Whole days left.
    pub days_left: i64,
    /// Who answers for it.
    pub owner: String,
    /// Who allowed it.
    pub approver: String,
    /// Where it stands.
    pub location: Option<Location>,
}

/// A file written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WrittenFile {
    /// Relative to the output folder, with `/`.
    pub path: String,
    /// Whether it is new or differs from what lay there.
    pub fresh: bool,
}

/// The report as JSON, with a line break at its end. `all` keeps passes and rules that do not apply.
pub fn json(report: &Report, sources: &SourceMap, all: bool) -> String {
    let text = serde_json::to_string_pretty(&document(report, sources, all)).unwrap_or_default();
    escape::json(&text) + "\n"
}

/// The JSON Schema of [`Document`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

/// The report as the types of this format.
pub fn document(report: &Report, sources: &SourceMap, all: bool) -> Document {
    let place = |loc: Loc| location(sources, loc);
    let listed = |f: &&Finding| all || !matches!(f.status, Verdict::Pass | Verdict::NotApplicable);
    Document {
        format_version: FORMAT_VERSION,
        tool: Tool { name: "fieldlock".to_owned(), version: report.version.clone() },
        verb: report.verb.to_owned(),
        site: report.site.as_ref().map(|s| s.name.clone()),
        judged_at: filled(&report.judged_at),
        packs: report
            .packs
            .iter()
            .map(|p| Pack { name: p.name.clone(), version: p.version.clone(), rules: p.rules })
            .collect(),
        summary: summary(report),
        findings: report.findings.iter().filter(listed).map(|f| finding(f, sources)).collect(),
        devices: report.devices.iter().map(|d| device(d, sources)).collect(),
        waivers: report
            .waivers
            .iter()
            .map(|w| Waiver {
                id: w.id.clone(),
                from: w.from.clone(),
                until: w.until.clone(),
                days_left: w.days_left,
                owner: w.owner.clone(),
                approver: w.approver.clone(),
                location: place(w.loc),
            })
            .collect(),
        written: report.written.iter().map(|w| WrittenFile { path: w.path.clone(), fresh: w.fresh }).collect(),
    }
}

fn summary(report: &Report) -> Summary {
    let outcome = report.outcome();
    let mut open = BySeverity::default();
    for finding in report.findings.iter().filter(|f| is_open(f)) {
        match finding.severity {
            Severity::Critical => open.critical += 1,
            Severity::High => open.high += 1,
            Severity::Medium => open.medium += 1,
            Severity::Low => open.low += 1,
            Severity::Info => open.info += 1,
        }
    }
    Summary {
        exit: outcome.code(),
        outcome: match outcome {
            Outcome::Clean => OutcomeWord::Clean,
            Outcome::Differs => OutcomeWord::Differs,
            Outcome::Fails => OutcomeWord::Fails,
            Outcome::Invalid => OutcomeWord::Invalid,
        },
        devices: report.devices.len(),
        complying: report.devices.iter().filter(|d| d.complies).count(),
        open,
        verdicts: verdicts(report.tally()),
    }
}

fn verdicts(tally: Tally) -> Verdicts {
    Verdicts {
        pass: tally.pass,
        fail: tally.fail,
        unknown: tally.unknown,
        waived: tally.waived,
        deferred: tally.later(),
        not_applicable: tally.not_applicable,
    }
}

fn finding(f: &Finding, sources: &SourceMap) -> FindingJson {
    let place = |loc: Loc| location(sources, loc);
    let notes = |notes: &[Note]| {
        notes.iter().map(|n| Related { message: n.text.clone(), location: place(n.loc) }).collect::<Vec<_>>()
    };
    FindingJson {
        rule: f.code.to_string(),
        family: f.family.clone(),
        severity: severity(f.severity),
        status: status(f.status),
        device: f.device.clone(),
        path: f.path.clone(),
        message: f.message.clone(),
        label: filled(&f.label),
        help: f.help.clone(),
        reason: f.reason.clone(),
        location: place(f.loc),
        rule_location: f.rule_loc.and_then(place),
        related: notes(&f.related),
        trail: notes(&f.trail),
        fix: f.fix.as_ref().map(|fix| FixJson {
            kdl: fix.kdl.clone(),
            replaces: fix.replaces.and_then(place),
            safe: fix.safe,
        }),
        rules: f
            .rules
            .iter()
            .map(|r| RuleJson { id: r.id.clone(), severity: severity(r.severity), location: place(r.loc) })
            .collect(),
        waiver: f.waiver.clone(),
        menu: f.menu.clone(),
        supports: f.supports.clone(),
    }
}

fn device(d: &DeviceReport, sources: &SourceMap) -> Device {
    Device {
        name: d.name.clone(),
        platform: d.platform.clone(),
        model: d.model.clone(),
        firmware: d.firmware.clone(),
        zone: d.zone.as_ref().map(|(name, _)| name.clone()),
        complies: d.complies,
        verdicts: verdicts(d.tally),
        difference: d.difference.as_ref().map(|x| difference(x, sources)),
        image: d.image.as_ref().map(|i| Image {
            file: i.file.clone(),
            revision: i.revision,
            digest: i.digest.clone(),
            fresh: i.fresh,
            not_after: filled(&i.not_after),
        }),
    }
}

fn difference(d: &Difference, sources: &SourceMap) -> DifferenceJson {
    let base =
        |b: &BaseHead| Base { file: b.file.clone(), taken: b.taken.clone(), by: b.by.clone(), how: b.how.clone() };
    let rows = d.changes.iter().map(|row| {
        let Change { path, before, after, secret, origin, menu } = &row.change;
        ChangeJson {
            path: path.clone(),
            before: before.clone(),
            after: after.clone(),
            secret: secret.map(|s| match s {
                SecretState::Unchanged => SecretWord::Unchanged,
                SecretState::Changed => SecretWord::Changed,
                SecretState::New => SecretWord::New,
                SecretState::CannotCompare => SecretWord::CannotCompare,
            }),
            menu: menu.clone(),
            location: location(sources, origin.loc()),
            rules: row
                .rules
                .iter()
                .map(|r| EffectJson {
                    rule: r.rule.clone(),
                    before: r.before.map(status),
                    after: status(r.after),
                    waiver: r.waiver.clone(),
                })
                .collect(),
        }
    });
    DifferenceJson {
        compared_with: d.base.as_ref().map(base),
        changes: rows.collect(),
        unknown_lines: d.kept.iter().map(|k| k.shown.clone()).collect(),
        text: filled(&d.text),
    }
}

fn location(sources: &SourceMap, loc: Loc) -> Option<Location> {
    let file = sources.get(loc.file)?;
    let (start, end) = (file.position(loc.span.start), file.position(loc.span.end));
    Some(Location {
        file: file.name().to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    })
}

fn severity(severity: Severity) -> SeverityWord {
    match severity {
        Severity::Critical => SeverityWord::Critical,
        Severity::High => SeverityWord::High,
        Severity::Medium => SeverityWord::Medium,
        Severity::Low => SeverityWord::Low,
        Severity::Info => SeverityWord::Info,
    }
}

fn status(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Pass => Status::Pass,
        Verdict::Fail => Status::Fail,
        Verdict::Unknown => Status::Unknown,
        Verdict::Waived => Status::Waived,
        Verdict::Deferred => Status::Deferred,
        Verdict::NotApplicable => Status::NotApplicable,
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
