//! The plan as a file: one spelling, bound by digests to everything that it was made of. It is good for one use, and
//! only while nothing of that has moved.

use serde::{Deserialize, Serialize};

use super::{Class, Part, Way};
use crate::image::Digest;
use crate::image::canonical::{self, CanonicalError};
use crate::ledger::IndexPack;
use crate::ledger::receipt::{Event, Said};

/// What a plan says it is.
pub const FORMAT: &str = "fieldlock-plan.v1";
/// The largest plan that is written or read, in bytes.
pub const MAX_LEN: usize = 8 << 20;

/// A plan for one device. Secrets stand in it by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// What the person accepted in as many words, where a step locks everybody out; else empty.
    pub accepted: String,
    /// How many must approve it, the author not counted.
    pub approvals: u32,
    /// Who made it: a person of the site.
    pub author: String,
    /// The device.
    pub device: String,
    /// What rules on the changes found, most severe first. What may not be is no plan.
    pub findings: Vec<PlanFinding>,
    /// Whether steps are allowed that set what neither end has.
    pub foreign: bool,
    /// [`FORMAT`].
    pub format: String,
    /// The addresses that the engineer works from.
    pub from: Vec<String>,
    /// The digest of the device's sealed image, or empty where none was built.
    pub image: String,
    /// The digest of the list that vouches for it, or empty.
    pub index: String,
    /// The account that one logs in with today, where somebody said it.
    pub login: String,
    /// When it was made, `YYYY-MM-DDTHH:MM:SSZ`.
    pub made_at: String,
    /// What of a way in is not known in the end.
    pub missing: Vec<Part>,
    /// Computers that are out of reach between two steps, though they reach the device at both ends.
    pub out: Vec<OutBetween>,
    /// The packs in force, ascending by name.
    pub packs: Vec<IndexPack>,
    /// The platform.
    pub platform: String,
    /// The port of the device that the laptop is plugged into, where somebody said it.
    pub port: String,
    /// What was read from the device.
    pub read: ReadFrom,
    /// The digest of all that people said of the device.
    pub revision: Digest,
    /// The site.
    pub site: String,
    /// The steps.
    pub steps: Vec<PlanStep>,
    /// The digest of the tables that it was planned by.
    pub tables: Digest,
    /// How one gets in in the end; empty where no way is known. Canonical JSON has no `null`.
    pub then: Vec<Way>,
    /// How one gets in today; empty where no way is known.
    pub today: Vec<Way>,
    /// What made it, with its version.
    pub tool: String,
    /// The waivers that cover the device, with the digest of each one's text.
    pub waivers: Vec<NamedDigest>,
}

/// Something, and the digest of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedDigest {
    /// Its name.
    pub name: String,
    /// The digest.
    pub sha256: Digest,
}

/// What a rule on the changes found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFinding {
    /// In one sentence.
    pub message: String,
    /// The rules that say so.
    pub rules: Vec<String>,
    /// `critical`, `high`, `medium`, `low` or `info`.
    pub severity: String,
    /// The waiver that covers it, or empty.
    pub waiver: String,
}

/// What was read from the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadFrom {
    /// The file; empty where nothing was read, and the plan begins at what the device was shipped with.
    pub file: String,
    /// The digest of its text without secrets, or empty.
    pub sha256: String,
    /// When and by whom it was read, where that is known.
    pub when: String,
}

/// A computer that is out of reach for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutBetween {
    /// The steps after which it is, counted from 1.
    pub steps: Vec<usize>,
    /// The computer, as the site names it.
    pub station: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanStep {
    /// What is set.
    pub changes: Vec<PlanChange>,
    /// How it is known that the device is still reached.
    pub check: PlanCheck,
    /// What kind of step it is.
    pub class: Class,
    /// What is set for a while, as setting and value; a later step ends it.
    pub temporary: Vec<[String; 2]>,
}

/// One setting that a step sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanChange {
    /// The value, as the language writes it; empty where it goes.
    pub after: String,
    /// What the device has; empty where that is nothing, or not known.
    pub before: String,
    /// How sure it is that the device takes it: the word of a grade, or empty where no place is known.
    pub grade: String,
    /// The page of the device's own, or empty.
    pub menu: String,
    /// The setting.
    pub path: String,
    /// Whether it can be taken back: what was there is known.
    pub reversible: bool,
    /// Whether a slip on the page cuts the connection.
    pub risky: bool,
    /// Rules whose verdict changes: `MX-SVC-002 fail -> pass`.
    pub rules: Vec<String>,
}

/// How it is known that the device is still reached after a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanCheck {
    /// Of a blind step: the part of the way that only the step itself shows to work.
    pub blind: Vec<Part>,
    /// What there is to check.
    pub kind: CheckKind,
    /// The way in that is counted on afterwards, where there is one.
    pub way: Vec<Way>,
}

/// What there is to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckKind {
    /// Nothing: it decides nobody's way in.
    None,
    /// Nothing: the way in use stays.
    Stays,
    /// Log in this way before the step.
    Before,
    /// Log in this way after it, from a second window.
    After,
    /// The session ends, and nothing but the step shows that the way works.
    Blind,
    /// Nothing that was read shows a way in.
    NotKnown,
    /// Nobody gets in after it; somebody accepted that in as many words.
    LockedOut,
}

/// Why bytes are no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    /// More than [`MAX_LEN`] bytes.
    #[error("the plan is larger than 8 MiB")]
    TooLarge,
    /// Not canonical JSON of a plan.
    #[error("the plan can't be read: {0}")]
    Json(#[from] CanonicalError),
    /// Of another format.
    #[error("it is no plan of this format")]
    Format,
}

impl PlanFile {
    /// The sentence by which somebody accepted that nobody gets in any more, as a receipt has it.
    pub fn accepted(&self) -> Option<Event> {
        let text = format!("{}, accepted by {} in the plan", self.accepted, self.author);
        (!self.accepted.is_empty()).then_some(Event::Confirmed(Said { text }))
    }

    /// The one spelling of this plan.
    ///
    /// # Errors
    /// It is too large.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PlanFileError> {
        let bytes = canonical::write(self)?;
        if bytes.len() > MAX_LEN { Err(PlanFileError::TooLarge) } else { Ok(bytes) }
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// It is none, or was altered by hand.
    pub fn read(bytes: &[u8]) -> Result<PlanFile, PlanFileError> {
        if bytes.len() > MAX_LEN {
            return Err(PlanFileError::TooLarge);
        }
        let plan: PlanFile = canonical::read(bytes)?;
        if plan.format == FORMAT { Ok(plan) } else { Err(PlanFileError::Format) }
    }

    /// What moved between this plan and one that is made of what is seen now. Empty where its steps, or fewer of them
    /// in the same order, are still what is to be done.
    pub fn moved(&self, now: &PlanFile) -> Vec<String> {
        let mut moved = Vec::new();
        let mut unless = |same: bool, what: &str| moved.extend((!same).then(|| what.to_owned()));
        unless(self.site == now.site && self.device == now.device, "it is for another device");
        unless(self.platform == now.platform, "the platform of the device is another one");
        unless(self.tables == now.tables, "the program has other tables of what devices take");
        unless(self.packs == now.packs, "the rules in force are others");
        unless(self.waivers == now.waivers, "the waivers are others");
        unless(self.revision == now.revision, "the description of the device says something else");
        unless(self.image == now.image && self.index == now.index, "the build is another one");
        unless(now.findings.iter().all(|f| self.findings.contains(f)), "rules say more of the changes than they did");
        unless(self.approvals >= now.approvals, "more people must approve");
        if let Some(change) = strange(&self.turns(), &now.turns()) {
            let read = if self.read.sha256 == now.read.sha256 { "" } else { "the device is not as it was read: " };
            moved.push(format!("{read}`{change}` is to be done now, and was not approved there"));
        }
        moved
    }

    /// Whether a setting with that value, empty where it goes, is one that the plan sets.
    pub fn sets(&self, path: &str, value: &str) -> bool {
        self.steps.iter().flat_map(|step| &step.changes).any(|change| change.path == path && change.after == value)
    }

    /// Everything that is set, in order.
    fn turns(&self) -> Vec<(&str, &str)> {
        let mut turns = Vec::new();
        for step in &self.steps {
            turns.extend(step.changes.iter().map(|change| (&*change.path, &*change.after)));
            turns.extend(step.temporary.iter().map(|[setting, value]| (&**setting, &**value)));
        }
        turns
    }
}

/// The first of some turns that is no part of the approved ones, in their order.
fn strange<'a>(approved: &[(&str, &str)], now: &[(&'a str, &str)]) -> Option<&'a str> {
    let mut left = approved.iter();
    now.iter().find(|turn| !left.any(|approved| approved == *turn)).map(|(path, _)| *path)
}
