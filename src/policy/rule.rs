//! What a rule is.

mod attest;
mod read;
mod reader;

use std::sync::Arc;

pub use attest::{Attest, Point};
pub(super) use read::{PackWords, device_node, read};
pub(super) use reader::Reader;

use super::analysis::{Analysis, Params};
use super::pattern::Pattern;
use crate::finding::Severity;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::source::Loc;
use crate::syntax::Node;

/// When a rule is judged. The order is the order of a device's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Moment {
    /// From the description alone.
    Describe,
    /// Before sealing: secrets and files are at hand.
    Build,
    /// At the device, before the first step.
    Connect,
    /// While it runs.
    Operate,
    /// When it is taken out.
    Retire,
}

impl Moment {
    /// All, in order, with their words.
    pub const ALL: [(Moment, &'static str); 5] = [
        (Moment::Describe, "describe"),
        (Moment::Build, "build"),
        (Moment::Connect, "connect"),
        (Moment::Operate, "operate"),
        (Moment::Retire, "retire"),
    ];

    /// The word as written in packs.
    pub fn word(self) -> &'static str {
        Moment::ALL.iter().find(|(m, _)| *m == self).map_or("", |(_, w)| w)
    }

    /// From the word.
    pub fn from_word(word: &str) -> Option<Moment> {
        Moment::ALL.iter().find(|(_, w)| *w == word).map(|(m, _)| *m)
    }
}

/// Where a requirement comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Id of the document.
    pub document: String,
    /// Section in it.
    pub section: String,
}

/// A requirement of a standard that the rule supports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supports {
    /// `CR 2.5`.
    pub requirement: String,
    /// Lowest security level that asks for it.
    pub sl: Option<u8>,
}

/// A device that the rule passes or fails.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its name, or why it fails.
    pub name: Option<String>,
    /// Its block as written.
    pub kdl: String,
    /// Settings of the device.
    pub settings: Vec<Node>,
    /// What stands beside the device.
    pub with: Vec<Node>,
    /// Its line.
    pub loc: Loc,
}

/// Settings that mend what a rule asks: for no plant in particular.
#[derive(Debug, Clone)]
pub struct RuleFix {
    /// As written.
    pub kdl: String,
    /// The same as facts.
    pub settings: Facts,
}

/// What is said for a platform: its own, else what is said for all.
pub(super) fn on<T>(said: &[(Option<PlatformKind>, T)], platform: PlatformKind) -> Option<&T> {
    let of = |whose: Option<PlatformKind>| said.iter().find(|(of, _)| *of == whose).map(|(_, what)| what);
    of(Some(platform)).or_else(|| of(None))
}

/// An analysis with the rule's parameters.
#[derive(Debug, Clone)]
pub struct Analyse {
    /// Which.
    pub analysis: &'static Analysis,
    /// Its parameters.
    pub params: Params,
    /// The adjustable that moves its limit.
    pub adjustable: Option<Box<str>>,
    /// Its line.
    pub loc: Loc,
}

/// One checkable statement.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `NP6-SES-001`.
    pub id: Arc<str>,
    /// Its pack.
    pub pack: Arc<str>,
    /// How bad it is when it does not hold.
    pub severity: Severity,
    /// Vendor-neutral key, `login.lockout`.
    pub family: Arc<str>,
    /// When it is judged.
    pub moment: Moment,
    /// When its other half is judged, which this device can't answer now.
    pub also: Option<Moment>,
    /// Whether it looks at other devices too.
    pub site: bool,
    /// Whether it is in force in every site, and no waiver covers it.
    pub always: bool,
    /// The statement.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// The sentence when it does not hold.
    pub otherwise: Option<String>,
    /// Platforms it concerns.
    pub platforms: Vec<PlatformKind>,
    /// Guard.
    pub when: Option<Pattern>,
    /// Condition.
    pub require: Option<Pattern>,
    /// Analyses.
    pub analyse: Vec<Analyse>,
    /// What people have to attest, in place of a condition.
    pub attest: Option<Attest>,
    /// What mends it; of one platform, or of all.
    pub fixes: Vec<(Option<PlatformKind>, RuleFix)>,
    /// What to do where no settings can be offered.
    pub help: Option<String>,
    /// Menu paths on the device's web pages; of one platform, or of all.
    pub menus: Vec<(Option<PlatformKind>, String)>,
    /// Documents.
    pub sources: Vec<Source>,
    /// Requirements.
    pub supports: Vec<Supports>,
    /// What of it goes beyond the documents it is taken from: limits of our own.
    pub ours: Vec<String>,
    /// Further remarks.
    pub notes: Vec<String>,
    /// Devices that it passes.
    pub passes: Vec<Sample>,
    /// Devices that it fails.
    pub fails: Vec<Sample>,
    /// `when`, `require` and `analyse` as written.
    pub wording: String,
    /// Its header.
    pub loc: Loc,
    /// Its condition: where reports point.
    pub body_loc: Loc,
}

impl Rule {
    /// When it is judged: two moments where a device answers half of it.
    pub fn moments(&self) -> impl Iterator<Item = Moment> {
        [Some(self.moment), self.also].into_iter().flatten()
    }

    /// Whether people answer it after the build: it keeps nothing from being sealed.
    pub fn is_later(&self) -> bool {
        self.attest.is_some() && self.moment > Moment::Build
    }
}
