//! The report of `check`, `build` and `diff`.
//!
//! Positions count from 1, columns in characters; files are relative to the site, with `/`. A reader ignores fields
//! it does not know; a field that is here stays, or `format_version` is counted up.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Location, RefusedFile, Tool};
use crate::finding::{Severity, Verdict};
use crate::native::{Form, Grade, SecretState};
use crate::policy::guides::Cited;
use crate::report::{
    AttestationLine, BaseHead, Commit, Compared, Comparison, KnownHoles, Left, Outcome, PackHead, RuleEffect, Sealing,
    SecretCount, Standing, WaiverLine, Written,
};

/// What a run found out and did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The program.
    pub tool: Tool,
    /// The verb that ran: `check`, `build`, `diff`, `drift`.
    pub verb: String,
    /// The site's name, where it could be read.
    pub site: Option<String>,
    /// When it was judged, UTC.
    pub judged_at: Option<String>,
    /// Where the site's files stand in git; absent outside git, for a demo, and where nothing is built.
    pub commit: Option<Commit>,
    /// Packs in force.
    pub packs: Vec<PackHead>,
    /// The list of known holes in firmware that devices were judged by: what came out after its day is not in it.
    pub known_holes: Option<KnownHoles>,
    /// Counts.
    pub summary: Summary,
    /// What was found: open and waived ones and those left for later; with `--all` also passes and rules that do not
    /// apply.
    pub findings: Vec<FindingJson>,
    /// The devices asked for.
    pub devices: Vec<Device>,
    /// Waivers in force.
    pub waivers: Vec<Waiver>,
    /// Attestations that answer rules.
    pub attestations: Vec<Attestation>,
    /// Devices that were not built, and whose image of the build before stays.
    pub left: Vec<Left>,
    /// Devices that the build before has an image of, and that the site no longer has.
    pub gone: Vec<Left>,
    /// Who opens the images, and who vouches for them; absent where nothing was sealed.
    pub sealed_for: Option<Sealing>,
    /// Files written, relative to the output folder.
    pub written: Vec<Written>,
    /// Files that were handed in for a comparison, and that nothing was compared with.
    pub unread: Vec<RefusedFile>,
}

/// Counts of the whole run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// How the run ended.
    pub outcome: Outcome,
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
    /// For a comparison: how many devices stand how to their description.
    pub compared: Option<Compared>,
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
    /// Of these, those that ask for what the device has no place for.
    pub no_place: usize,
}

/// A place with words beside it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Related {
    /// What to say there.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
}

/// What mends a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FixJson {
    /// The KDL to write.
    pub kdl: String,
    /// The same as edits of the files that own the settings, all of them or none; empty where a person has to decide
    /// more than that.
    pub edits: Vec<EditJson>,
    /// Whether applying it can't take anything away.
    pub safe: bool,
}

/// An edit: the bytes of a file from `start` up to `end` give way to a text.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EditJson {
    /// The file, relative to the site.
    pub file: String,
    /// First byte that goes, from 0.
    pub start: u32,
    /// One past the last byte that goes; `start` where the text is put in.
    pub end: u32,
    /// What comes in their place.
    pub text: String,
}

/// A rule behind a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleJson {
    /// Its id.
    pub id: String,
    /// Its own severity.
    pub severity: Severity,
    /// Where it stands.
    pub location: Option<Location>,
    /// The documents that it is taken from, with section and lines.
    pub source: Vec<Cited>,
    /// What of it goes beyond these documents: limits of our own.
    pub ours: Vec<String>,
}

/// One thing found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingJson {
    /// Rule id, or a code of fieldlock's own: `syntax.*`, `shape.*`, `site.*`, ...
    pub rule: String,
    /// Family of the rule; empty for own codes.
    pub family: String,
    /// How bad.
    pub severity: Severity,
    /// What became of it.
    pub status: Verdict,
    /// The device it concerns.
    pub device: Option<String>,
    /// Further devices that it is true of: the same line, or the other end of the same cause.
    pub also: Vec<String>,
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
    /// Why it fails no run though it is open: it stood there before what is looked at was changed.
    pub known: Option<String>,
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
    /// The attestations that answer rules on it.
    pub attested: Vec<String>,
    /// Native lines that it will have and that no rule can judge, as everybody may see them.
    pub unjudged: Vec<String>,
    /// Compared with what runs there.
    pub difference: Option<DifferenceJson>,
    /// Its sealed image.
    pub image: Option<Image>,
}

/// What differs from the running device.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DifferenceJson {
    /// How the device stands to its description.
    pub state: Comparison,
    /// What the device is worth beside its description.
    pub standing: Standing,
    /// The rules that are kept worse on the device than as described.
    pub weaker_by: Vec<String>,
    /// Those that are kept better.
    pub stronger_by: Vec<String>,
    /// Why nothing was read from it, where it was spoken to.
    pub not_reached: Option<String>,
    /// What to do then.
    pub help: Option<String>,
    /// What it was compared with.
    pub compared_with: Option<BaseHead>,
    /// Older texts of the device in other forms, for what the newest does not tell.
    pub compared_beside: Vec<BaseHead>,
    /// Settings that differ.
    pub changes: Vec<ChangeJson>,
    /// Lines on the device that fieldlock does not know; as they may be shown.
    pub unknown_lines: Vec<String>,
    /// Unified difference of the redacted native texts.
    pub text: Option<String>,
}

/// A setting that differs. Secrets show how they compare, never what they are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeJson {
    /// Dotted path.
    pub path: String,
    /// On the device, as KDL; `<not read>` where no text of it has a place for the setting.
    pub before: Option<String>,
    /// As described, as KDL.
    pub after: Option<String>,
    /// Whether both sides could be held against each other; where not, this is no difference.
    pub compared: bool,
    /// For secrets: how they compare.
    pub secret: Option<SecretState>,
    /// Menu path on the device's web pages.
    pub menu: Option<String>,
    /// Whether a wrong value on that page cuts the connection, as its table says.
    pub risky: Option<bool>,
    /// Where it is written in the device's own text, and how sure that is; none where nothing was rendered, or where
    /// something is taken away.
    pub native: Option<PlaceJson>,
    /// Who says the described value.
    pub location: Option<Location>,
    /// Rules that read it, before and after.
    pub rules: Vec<RuleEffect>,
}

/// A place in native text.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlaceJson {
    /// Which text: `ini`, `cli`, `sheet`.
    pub form: Form,
    /// The place: `[Password Login Policy] Password Minimum Length`, `ip telnet`.
    pub place: String,
    /// How sure we are that the device takes it.
    pub grade: Grade,
    /// Where that is known from.
    pub source: String,
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
    /// Its secrets against those of the image before.
    pub secrets: SecretCount,
    /// Its redacted text against that of the image before; absent where nothing was sealed anew, where there was none,
    /// or where nothing proves what that one held.
    pub since: Option<SinceJson>,
}

/// Lines of a redacted text against those of the image before.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SinceJson {
    /// The revision of the image before.
    pub revision: u64,
    /// Lines that it did not have.
    pub lines_new: usize,
    /// Lines that it had.
    pub lines_gone: usize,
}

/// An attestation that answers rules.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Attestation {
    /// What it says.
    #[serde(flatten)]
    pub line: AttestationLine,
    /// Where it stands.
    pub location: Option<Location>,
}

/// A waiver in force.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Waiver {
    /// What it says.
    #[serde(flatten)]
    pub line: WaiverLine,
    /// Where it stands.
    pub location: Option<Location>,
}
