//! What a run has to tell, as plain data, and one rendering per file: pure functions of the report, its texts and a
//! [`View`].
//!
//! Nothing here knows a terminal: colour and width are handed in. Text from outside (values, names, paths, source
//! lines, device text) passes [`escape`] on its way into any format.

mod build;
mod causes;
mod changes;
mod check;
mod diagnostic;
mod difference;
pub mod documents;
pub mod escape;
mod excerpts;
mod explain;
pub mod formats;
mod layout;
mod markdown;
mod outcome;
mod paint;
mod policy;
mod retired;
mod show;
pub mod verify;
#[cfg(test)]
mod tests;

pub use build::build;
pub use causes::{Cause, causes};
pub use changes::sides;
pub use check::check;
pub use diagnostic::{FindingDiagnostic, draw, narrate};
pub use difference::difference;
pub use explain::{RulePage, Sample, explain, explain_code, explain_gone};
pub use formats::{concise, json, plain};
pub use markdown::{review, says_the_same};
pub use outcome::{FailOn, Outcome};
pub use paint::View;
pub use policy::{policy_list, policy_page, policy_tested};
pub use retired::retirement;
pub use show::{Shown, show};

use schemars::JsonSchema;
use serde::Serialize;

use crate::diff::LineChanges;
use crate::finding::{Finding, Severity, Verdict};
use crate::ledger::signature::VerifiedIndex;
use crate::native::{Change, Grade, KeptLine};
use crate::policy::Advisories;
use crate::source::Loc;

/// All that a run found out and did.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Version of the program.
    pub version: String,
    /// The verb that ran: `check`, `build`, `diff`.
    pub verb: &'static str,
    /// The site, where one could be loaded at all.
    pub site: Option<SiteHead>,
    /// The packs in force, in the order of `site.kdl`.
    pub packs: Vec<PackHead>,
    /// The list of known holes in firmware that it was judged by.
    pub known_holes: Option<KnownHoles>,
    /// When it was judged, as people read it: `2026-03-09 14:10 UTC`. Waivers count from here.
    pub judged_at: String,
    /// Where the site's files stand in git, for a build of one that is no demo.
    pub commit: Option<Commit>,
    /// From which severity a finding keeps a device from being sealed.
    pub block_on: Severity,
    /// What makes the run fail.
    pub fail_on: FailOn,
    /// The devices asked for, by name.
    pub devices: Vec<DeviceReport>,
    /// Everything found, passes included where the evaluation kept them.
    pub findings: Vec<Finding>,
    /// Waivers in force.
    pub waivers: Vec<WaiverLine>,
    /// Attestations that answer rules.
    pub attestations: Vec<AttestationLine>,
    /// The output folder, as it is typed; empty for the one of the site that is found from here.
    pub out: String,
    /// Files written, relative to the output folder, with `/`.
    pub written: Vec<Written>,
    /// Devices that this build makes no image of, not being asked for them or since they fail, and whose image of the
    /// build before stays.
    pub left: Vec<Left>,
    /// Devices that the list of the build before names and the site no longer has: their images go.
    pub gone: Vec<Left>,
    /// Who opens the images, and who signed for them.
    pub sealing: Sealing,
    /// Whether image and findings come from a demo site.
    pub demo: bool,
    /// Whether a build was asked for that seals nothing, since it has no secrets: rules that need them wait.
    pub draft: bool,
    /// Whether a comparison decides how the run ends.
    pub exit_code: bool,
}

/// A commit, and whether files differ from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Commit {
    /// In hexadecimal.
    pub id: String,
    /// Whether something is uncommitted.
    pub dirty: bool,
}

impl Commit {
    /// `commit 3e90d77, nothing uncommitted`
    pub fn words(&self) -> String {
        let id = escape::line(self.id.get(..7).unwrap_or(&self.id));
        let rest = if self.dirty { "AND SOMETHING UNCOMMITTED" } else { "nothing uncommitted" };
        format!("commit {id}, {rest}")
    }
}

/// A device that is not built, and the image that the build before has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Left {
    /// Its name.
    pub device: String,
    /// The revision of that image.
    pub revision: u64,
}

/// Who can open the images of a build, and who vouches for them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Sealing {
    /// The groups whose images were sealed or kept, by name.
    pub groups: Vec<String>,
    /// Whether a passphrase of the group opens them.
    pub passphrase: bool,
    /// Derivations that were run.
    #[serde(skip)]
    pub derivations: usize,
    /// How many recipients open them too.
    pub recipients: usize,
    /// Who signed the index; absent where nobody did whom this computer trusts.
    pub signed: Option<Signed>,
    /// Whether signers are trusted here: then an index that nobody signed is believed by nobody.
    #[serde(skip)]
    pub expected: bool,
}

/// Who signed an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Signed {
    /// As the allowed signers call them; absent where the key is nobody's whom they know.
    pub signer: Option<String>,
    /// `SHA256:...`
    pub key: String,
}

impl Signed {
    /// Of an index whose signature holds.
    pub fn by(verified: &VerifiedIndex) -> Signed {
        Signed { signer: Some(verified.signer().name.clone()), key: verified.key().fingerprint() }
    }
}

/// The site in a few words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteHead {
    /// Its name.
    pub name: String,
    /// How it was named on the command line; empty where it was found from the current folder.
    pub argument: String,
}

/// A pack in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PackHead {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How many rules it has.
    pub rules: usize,
    /// Whether fieldlock brought it; else it is the site's own.
    pub shipped: bool,
    /// Whether the site names it; else only those of its rules count that every site has.
    pub named: bool,
}

impl PackHead {
    /// What is said behind its version where it is no shipped pack that the site names; else empty.
    pub fn mark(&self) -> &'static str {
        match (self.shipped, self.named) {
            (false, _) => " (the site's own)",
            (true, false) => " (in every site)",
            (true, true) => "",
        }
    }
}

/// A list of known holes in firmware.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KnownHoles {
    /// Its version.
    pub version: u32,
    /// The day up to which records were looked through.
    pub date: String,
    /// Whether fieldlock brought it; else it is a newer one that somebody vouches for.
    pub shipped: bool,
}

impl KnownHoles {
    /// Of a list.
    pub fn of(list: &Advisories) -> KnownHoles {
        KnownHoles { version: list.version, date: list.date.to_string(), shipped: list.shipped }
    }

    /// `list 1 of 2026-05-04; no newer list than of that day`
    pub fn words(&self) -> String {
        let whose = if self.shipped { "" } else { ", not the shipped one" };
        format!("list {} of {}{whose}; no newer list than of that day", self.version, self.date)
    }
}

/// A waiver that covers something, with the days it has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaiverLine {
    /// `W-2026-007`.
    pub id: String,
    /// Its first moment, as people read it.
    pub from: String,
    /// Its last moment, as people read it.
    pub until: String,
    /// Whole days until then; 0 on the last day.
    pub days_left: i64,
    /// Who answers for it.
    pub owner: String,
    /// Who allowed it.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// What is done instead.
    pub instead: String,
    /// Where it stands.
    #[serde(skip)]
    pub loc: Loc,
}

/// An attestation that answers rules of the devices that are reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AttestationLine {
    /// `A-2026-014`.
    pub id: String,
    /// The rules that it names.
    pub rules: Vec<String>,
    /// Who said so.
    pub by: String,
    /// When it was done, as people read it.
    pub at: String,
    /// Until when it is good, where it says so, as people read it.
    pub until: Option<String>,
    /// The files that show it.
    pub evidence: Vec<String>,
    /// Where it stands.
    #[serde(skip)]
    pub loc: Loc,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WrittenKind {
    /// A sealed image.
    Image,
    /// The list of a build.
    Index,
    /// The signature of the list.
    Signature,
    /// The page for the change board.
    Review,
    /// Public facts of one image.
    Public,
    /// Native text with its secrets blanked.
    Redacted,
    /// What a person types into the device.
    Sheet,
    /// A certificate that a person uploads to the device.
    Certificate,
    /// What the whole folder is, where it is no sealed build.
    Notice,
}

/// A file that the run wrote, or found unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Written {
    /// Relative to the output folder, with `/`.
    pub path: String,
    /// What it is for.
    #[serde(skip)]
    pub kind: WrittenKind,
    /// Whether it is new or differs from what lay there.
    pub fresh: bool,
}

/// What became of one device.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeviceReport {
    /// Its name.
    pub name: String,
    /// Its header line.
    pub loc: Option<Loc>,
    /// `nport-6000-g2`; empty where the device could not be read.
    pub platform: String,
    /// As its label says it.
    pub model: Option<String>,
    /// Firmware that the description is written for.
    pub firmware: Option<String>,
    /// Number in the asset register.
    pub asset: Option<String>,
    /// Its zone, and the zone's target level.
    pub zone: Option<(String, Option<u32>)>,
    /// How many rules ended how.
    pub tally: Tally,
    /// Whether nothing keeps it from being sealed.
    pub complies: bool,
    /// The attestations that answer rules on it.
    pub attested: Vec<String>,
    /// Native lines that it will have and that no rule can judge, as everybody may see them.
    pub unjudged: Vec<String>,
    /// Compared with the running device, where there is something to compare with.
    pub difference: Option<Difference>,
    /// Rendered, where it was.
    pub native: Option<NativeReport>,
    /// Sealed, where it was.
    pub image: Option<ImageReport>,
}

/// How many rules ended how on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Hold.
    pub pass: usize,
    /// Are broken.
    pub fail: usize,
    /// Can't be told.
    pub unknown: usize,
    /// Are broken or unknown, and a person answers.
    pub waived: usize,
    /// Do not concern the device.
    pub not_applicable: usize,
    /// Of these, those that ask for what the device has no place for.
    pub no_place: usize,
    /// Wait for the secrets.
    pub later_secrets: usize,
    /// Wait for the device.
    pub later_device: usize,
    /// Wait for an attestation, or for anything else.
    pub later_other: usize,
}

impl Tally {
    /// Counts one verdict; deferred ones by the first word of their reason (`secrets`, `device`).
    pub fn count(&mut self, status: Verdict, reason: Option<&str>) {
        match status {
            Verdict::Pass => self.pass += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Waived => self.waived += 1,
            Verdict::NotApplicable => {
                self.not_applicable += 1;
                self.no_place += usize::from(reason.is_some());
            }
            Verdict::Deferred => {
                let reason = reason.unwrap_or_default();
                if reason.contains("secret") {
                    self.later_secrets += 1;
                } else if reason.contains("device") {
                    self.later_device += 1;
                } else {
                    self.later_other += 1;
                }
            }
        }
    }

    /// Both together.
    pub fn plus(self, other: Tally) -> Tally {
        Tally {
            pass: self.pass + other.pass,
            fail: self.fail + other.fail,
            unknown: self.unknown + other.unknown,
            waived: self.waived + other.waived,
            not_applicable: self.not_applicable + other.not_applicable,
            no_place: self.no_place + other.no_place,
            later_secrets: self.later_secrets + other.later_secrets,
            later_device: self.later_device + other.later_device,
            later_other: self.later_other + other.later_other,
        }
    }

    /// Rules left for a later moment.
    pub fn later(self) -> usize {
        self.later_secrets + self.later_device + self.later_other
    }
}

/// What differs between the running device and what is described.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Difference {
    /// What it was compared with; `None` where nothing was read from the device yet.
    pub base: Option<BaseHead>,
    /// Settings that differ, in the order of the model.
    pub changes: Vec<ChangeRow>,
    /// Lines on the device that no setting maps; they stay as they are.
    pub kept: Vec<KeptLine>,
    /// Unified difference of the redacted native texts; empty where there is none.
    pub text: String,
    /// What is said about the way back in: `engineering station 10.20.0.10 keeps HTTPS and SSH`.
    pub lock_out: Option<String>,
}

/// How a device stands to its description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// All that can be compared is as described.
    AsDescribed,
    /// Something differs.
    Differs,
    /// Nothing was read from it, or its description can't be read.
    NotCompared,
}

impl Difference {
    /// How the device stands. What can't be compared is told, and no difference by itself.
    pub fn comparison(&self) -> Comparison {
        match (&self.base, self.differing()) {
            (None, _) => Comparison::NotCompared,
            (Some(_), 0) => Comparison::AsDescribed,
            (Some(_), _) => Comparison::Differs,
        }
    }

    /// How many settings differ.
    pub fn differing(&self) -> usize {
        self.changes.iter().filter(|row| row.change.is_compared()).count()
    }

    /// How many settings can't be compared.
    pub fn unseen(&self) -> usize {
        self.changes.len() - self.differing()
    }
}

/// The state that a device is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct BaseHead {
    /// The file, relative to the site.
    pub file: String,
    /// When it was read.
    pub taken: String,
    /// Who read it.
    pub by: String,
    /// How: `export`, `running-config`, `sheet`.
    pub how: String,
}

/// One setting that differs, and the rules that see it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRow {
    /// The difference.
    pub change: Change,
    /// Rules that read the setting: their verdict on the running device and on what is described.
    pub rules: Vec<RuleEffect>,
}

/// What a change means to a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleEffect {
    /// Its id.
    pub rule: String,
    /// On the running device; absent where it can't be told.
    pub before: Option<Verdict>,
    /// On what is described.
    pub after: Verdict,
    /// The waiver that covers it.
    pub waiver: Option<String>,
    /// Whether the rule's verdict is about the setting itself, not about what lies around it.
    #[serde(skip)]
    pub decides: bool,
}

/// A device's native text, counted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NativeReport {
    /// Settings by how sure their native place is: unknown, site, likely, confirmed.
    pub grades: [usize; 4],
    /// Settings that go into a machine form.
    pub machine: usize,
    /// Settings that a person types from the sheet.
    pub by_hand: usize,
    /// Lines of the base that no setting maps; they are sealed with the rest.
    pub unmodelled: Vec<KeptLine>,
    /// Redacted lines of the base that nothing fills; they were left out.
    pub omitted: Vec<KeptLine>,
    /// Settings without a native place.
    pub unplaced: Vec<String>,
}

impl NativeReport {
    /// Counts one rendered setting.
    pub fn count(&mut self, grade: Grade, by_hand: bool) {
        self.grades[grade as usize] += 1;
        if by_hand {
            self.by_hand += 1;
        } else {
            self.machine += 1;
        }
    }

    /// How many settings have a grade.
    pub fn graded(&self, grade: Grade) -> usize {
        self.grades[grade as usize]
    }
}

/// A device's sealed image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageReport {
    /// Its revision.
    pub revision: u64,
    /// The image digest (SHA-256 of its body), hexadecimal.
    pub digest: String,
    /// Sealed anew in this run; otherwise the one that lay there was kept.
    pub fresh: bool,
    /// The image, relative to the output folder.
    pub file: String,
    /// The redacted text that a reviewer reads, relative to the output folder.
    pub redacted: String,
    /// After this moment the image refuses to be used; empty where it does not end.
    pub not_after: String,
    /// Secrets in it that the image before did not have, that differ, and that are the same.
    pub secrets: SecretCount,
    /// Where it was sealed anew: what its text changed against the image before, as far as that is proved.
    pub since: Option<Since>,
}

/// How a redacted text differs from that of the image before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The revision of the image before.
    pub revision: u64,
    /// Its lines.
    pub lines: LineChanges,
}

impl Since {
    /// `1 line new, 2 gone since revision 3`
    pub fn words(&self) -> String {
        let LineChanges { added, removed, .. } = self.lines;
        let told = match (added, removed) {
            (0, 0) => return format!("the same text as revision {}", self.revision),
            (0, n) => format!("{} gone", layout::count(n, "line", "lines")),
            (n, 0) => format!("{} new", layout::count(n, "line", "lines")),
            (n, gone) => format!("{} new, {gone} gone", layout::count(n, "line", "lines")),
        };
        format!("{told} since revision {}", self.revision)
    }
}

/// Secrets counted, never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SecretCount {
    /// New ones.
    pub new: usize,
    /// Other values than before.
    pub changed: usize,
    /// The same.
    pub unchanged: usize,
    /// One side can't be read.
    pub cannot_compare: usize,
    /// All that lie in the image, each name once.
    pub sealed: usize,
}

/// How many devices stand how to their description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Compared {
    /// All that can be compared is as described.
    pub as_described: usize,
    /// Something differs.
    pub differ: usize,
    /// Nothing was read from them.
    pub not_compared: usize,
}

impl Report {
    /// An empty report of a verb.
    pub fn new(verb: &'static str, version: impl Into<String>) -> Report {
        Report {
            version: version.into(),
            verb,
            site: None,
            packs: Vec::new(),
            known_holes: None,
            judged_at: String::new(),
            commit: None,
            block_on: Severity::High,
            fail_on: FailOn::default(),
            devices: Vec::new(),
            findings: Vec::new(),
            waivers: Vec::new(),
            attestations: Vec::new(),
            out: String::new(),
            written: Vec::new(),
            left: Vec::new(),
            gone: Vec::new(),
            sealing: Sealing::default(),
            draft: false,
            demo: false,
            exit_code: false,
        }
    }

    /// The device of a name.
    pub fn device(&self, name: &str) -> Option<&DeviceReport> {
        self.devices.iter().find(|d| d.name == name)
    }

    /// How many devices stand how to their description, of those that a comparison speaks of.
    pub fn compared(&self) -> Compared {
        let mut compared = Compared::default();
        for difference in self.devices.iter().filter_map(|d| d.difference.as_ref()) {
            match difference.comparison() {
                Comparison::AsDescribed => compared.as_described += 1,
                Comparison::Differs => compared.differ += 1,
                Comparison::NotCompared => compared.not_compared += 1,
            }
        }
        compared
    }

    /// All tallies together.
    pub fn tally(&self) -> Tally {
        self.devices.iter().fold(Tally::default(), |sum, d| sum.plus(d.tally))
    }
}
