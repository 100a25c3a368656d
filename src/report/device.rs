//! What a run found out of one device, and did with it.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::documents::RefusedFile;
use super::layout;
use crate::diff::LineChanges;
use crate::finding::{Verdict, Waits};
use crate::native::{Change, Grade, KeptLine, Side};
use crate::policy::RuleOutcome;
use crate::source::Loc;

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
    /// Whether nothing stands against it but secrets that a draft does without: its texts are written all the same.
    pub drafted: bool,
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

impl DeviceReport {
    /// Whether texts of it are made: it complies, or is drafted.
    pub fn is_written(&self) -> bool {
        self.complies || self.drafted
    }
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
    /// Wait for the secrets, or for a build, which has them.
    pub later_secrets: usize,
    /// Wait for the device.
    pub later_device: usize,
    /// Wait for an attestation.
    pub later_other: usize,
}

impl Tally {
    /// Counts the verdict of one rule.
    pub fn count(&mut self, outcome: &RuleOutcome) {
        match outcome.verdict {
            Verdict::Pass => self.pass += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Waived => self.waived += 1,
            Verdict::NotApplicable => {
                self.not_applicable += 1;
                self.no_place += usize::from(outcome.reason.is_some());
            }
            Verdict::Deferred => match outcome.waits {
                Some(Waits::Secrets | Waits::Build) => self.later_secrets += 1,
                Some(Waits::Device) => self.later_device += 1,
                Some(Waits::Attestation | Waits::Operation | Waits::Retirement) | None => self.later_other += 1,
            },
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
    /// Older texts of the device in other forms, for what the newest does not tell.
    pub beside: Vec<BaseHead>,
    /// Settings that differ, in the order of the model.
    pub changes: Vec<ChangeRow>,
    /// Lines on the device that no setting maps; they stay as they are.
    pub kept: Vec<KeptLine>,
    /// Unified difference of the redacted native texts; empty where there is none.
    pub text: String,
    /// What is said about the way back in: `engineering station 10.20.0.10 keeps HTTPS and SSH`.
    pub lock_out: Option<String>,
    /// Why nothing was read from it, where it was spoken to.
    pub unreached: Option<RefusedFile>,
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

/// What a device is worth beside its description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Something differs, and a rule is kept worse on the device than as described.
    Weaker,
    /// Something differs; rules are kept better on the device, and none worse.
    Stronger,
    /// Something differs, and no rule is known to be kept worse or better.
    Other,
    /// It was spoken to, and did not show how it is.
    NotReached,
    /// Nothing was read from it, or its description can't be read.
    NotCompared,
    /// All that can be compared is as described.
    AsDescribed,
}

impl Standing {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Standing::Weaker => "weaker",
            Standing::Stronger => "stronger",
            Standing::Other => "other",
            Standing::NotReached => "not reached",
            Standing::NotCompared => "not compared",
            Standing::AsDescribed => "as described",
        }
    }
}

impl RuleEffect {
    /// Whether the rule is kept worse or better on the device than as described; nothing where nobody knows. What was
    /// not read is no worse than it was.
    pub fn standing(&self) -> Option<Standing> {
        let verdict = self.before?;
        match verdict.strength()?.cmp(&self.after.strength()?) {
            Ordering::Less if verdict != Verdict::Unknown => Some(Standing::Weaker),
            Ordering::Greater => Some(Standing::Stronger),
            _ => None,
        }
    }
}

impl ChangeRow {
    /// The rules that see it and stand so, by name.
    pub fn rules_of(&self, standing: Standing) -> impl Iterator<Item = &str> {
        self.rules.iter().filter(move |effect| effect.standing() == Some(standing)).map(|effect| &*effect.rule)
    }
}

impl Difference {
    /// What the device is worth beside its description, by the rules that judge both.
    pub fn standing(&self) -> Standing {
        let any = |standing| self.compared().any(|row| row.rules_of(standing).next().is_some());
        match self.comparison() {
            Comparison::AsDescribed => Standing::AsDescribed,
            Comparison::NotCompared if self.unreached.is_some() => Standing::NotReached,
            Comparison::NotCompared => Standing::NotCompared,
            Comparison::Differs if any(Standing::Weaker) => Standing::Weaker,
            Comparison::Differs if any(Standing::Stronger) => Standing::Stronger,
            Comparison::Differs => Standing::Other,
        }
    }

    /// The rules that stand so, each once.
    pub fn rules_of(&self, standing: Standing) -> Vec<&str> {
        let all: BTreeSet<&str> = self.compared().flat_map(|row| row.rules_of(standing)).collect();
        all.into_iter().collect()
    }

    fn compared(&self) -> impl Iterator<Item = &ChangeRow> {
        self.changes.iter().filter(|row| row.change.is_compared())
    }

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
        self.compared().count()
    }

    /// How many settings can't be compared.
    pub fn unseen(&self) -> usize {
        self.changes.len() - self.differing()
    }

    /// How many of these no text of the device has a place for.
    pub fn not_read(&self) -> usize {
        self.changes.iter().filter(|row| row.change.before == Side::Unread).count()
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

impl RuleEffect {
    /// Whether the verdict becomes another one. A rule that waited and does not apply any more judged nothing.
    pub fn flips(&self) -> bool {
        self.before != Some(self.after)
            && (self.before, self.after) != (Some(Verdict::Deferred), Verdict::NotApplicable)
    }
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
    /// Something differs: the next three together.
    pub differ: usize,
    /// A rule is kept worse on them than as described.
    pub weaker: usize,
    /// Rules are kept better on them, and none worse.
    pub stronger: usize,
    /// No rule is known to be kept worse or better on them.
    pub other: usize,
    /// Nothing was read from them, whether they were spoken to or not.
    pub not_compared: usize,
    /// Those of them that were spoken to.
    pub not_reached: usize,
}

impl Compared {
    /// Counts a device.
    pub fn count(&mut self, standing: Standing) {
        let (of, also) = match standing {
            Standing::Weaker => (&mut self.differ, Some(&mut self.weaker)),
            Standing::Stronger => (&mut self.differ, Some(&mut self.stronger)),
            Standing::Other => (&mut self.differ, Some(&mut self.other)),
            Standing::NotReached => (&mut self.not_compared, Some(&mut self.not_reached)),
            Standing::NotCompared => (&mut self.not_compared, None),
            Standing::AsDescribed => (&mut self.as_described, None),
        };
        *of += 1;
        also.into_iter().for_each(|also| *also += 1);
    }

    /// Of those that differ, how many are worth what: ` (1 weaker, 2 other)`; nothing where none differs.
    pub fn worth(&self) -> String {
        within([(self.weaker, Standing::Weaker), (self.stronger, Standing::Stronger), (self.other, Standing::Other)])
    }

    /// Of those that were not compared, how many were spoken to: ` (1 not reached)`.
    pub fn reach(&self) -> String {
        within([(self.not_reached, Standing::NotReached)])
    }
}

fn within<const N: usize>(counts: [(usize, Standing); N]) -> String {
    let told = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, standing)| format!("{n} {}", standing.words()));
    let told: Vec<String> = told.collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}
