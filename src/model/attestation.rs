//! An attestation: a person says that something was done which no configuration shows.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Moment, Name, Sha256};

/// One attestation, a file each. It answers rules that ask for one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Attestation {
    /// Its number: `A-2026-014`.
    #[schemars(extend("x-key" = true))]
    #[schemars(extend("x-required" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub id: Option<String>,
    /// The rules it answers.
    #[schemars(extend("x-required" = true))]
    pub rule: Option<Vec<String>>,
    /// The devices it speaks of.
    pub device: Option<Vec<Name>>,
    /// Or every device of these zones.
    pub zone: Option<Vec<Name>>,
    /// Or every device of these groups; the group that is called as the site holds the devices of no other.
    pub group: Option<Vec<Name>>,
    /// Who says so: a person of the site.
    #[schemars(extend("x-required" = true))]
    pub by: Option<Name>,
    /// When it was done. A date alone begins with that day, UTC.
    #[schemars(extend("x-required" = true))]
    pub at: Option<Moment>,
    /// Until when it is good, where that is sooner than the rule says. A date alone ends that day, UTC.
    pub until: Option<Moment>,
    /// What shows it: files of the site.
    #[serde(default)]
    #[schemars(extend("x-required" = true))]
    pub evidence: Vec<Evidence>,
    /// The description that it speaks of, where it is about a change: any later change ends it.
    pub revision: Option<Sha256>,
    /// The points that the rule asks for, one by one.
    #[serde(default)]
    pub point: Vec<AttestedPoint>,
    /// Anything else: who was a witness, the number of a seal.
    #[schemars(length(min = 1, max = 1000))]
    pub note: Option<String>,
}

/// A file that shows what is attested. It lies in the site, beneath `evidence/`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Evidence {
    /// Its path in the site.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 256))]
    pub file: Option<String>,
    /// SHA-256 of its bytes; of a text with lines ended by LF.
    #[schemars(extend("x-required" = true))]
    pub sha256: Option<Sha256>,
}

/// One of the points that a rule asks for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct AttestedPoint {
    /// Its name, as the rule has it.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub name: Option<String>,
    /// Whether it is so.
    #[schemars(extend("x-at" = "arg"))]
    #[schemars(extend("x-required" = true))]
    pub answer: Option<PointAnswer>,
    /// Why it does not apply, or is not so.
    #[schemars(length(min = 1, max = 1000))]
    pub reason: Option<String>,
}

/// What is said of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum PointAnswer {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It does not apply; a reason says why.
    NotApplicable,
}

impl PointAnswer {
    /// The word as written.
    pub fn word(self) -> &'static str {
        match self {
            PointAnswer::Yes => "yes",
            PointAnswer::No => "no",
            PointAnswer::NotApplicable => "not-applicable",
        }
    }
}
