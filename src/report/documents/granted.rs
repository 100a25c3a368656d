//! What people answer for: waivers and attestations of a site, those that ended or have not begun as well.

use schemars::JsonSchema;
use serde::Serialize;

use super::listed::ToldOf;
use crate::report::WaiverWords;

/// The waivers and attestations of a site, by date.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Granted {
    /// Of which state.
    #[serde(flatten)]
    pub of: ToldOf,
    /// Only what holds at some time from here on.
    pub from: Option<String>,
    /// Only what holds at some time before.
    pub until: Option<String>,
    /// Waivers, the first to begin first.
    pub waivers: Vec<GrantedWaiver>,
    /// Attestations, the first that was done first.
    pub attestations: Vec<GivenAttestation>,
}

/// How something that has an end stands at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It has not begun.
    ToCome,
    /// It holds.
    InForce,
    /// It is over.
    Ended,
}

impl Standing {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Standing::ToCome => "to come",
            Standing::InForce => "in force",
            Standing::Ended => "ended",
        }
    }
}

/// A waiver.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GrantedWaiver {
    /// What it says.
    #[serde(flatten)]
    pub said: WaiverWords,
    /// The rules or families that it covers.
    pub rules: Vec<String>,
    /// Where: `np33 login.lockout.after 5`, `zone control`.
    pub place: String,
    /// How it stands.
    pub standing: Standing,
    /// On how many devices a rule is waived by it.
    pub devices: usize,
}

/// An attestation.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GivenAttestation {
    /// `A-2026-014`.
    pub id: String,
    /// The rules that it answers.
    pub rules: Vec<String>,
    /// The devices, zones and groups that it speaks of.
    pub place: String,
    /// When it was done.
    pub at: String,
    /// Until when it is good, where it says so itself; rules may ask for it sooner.
    pub until: Option<String>,
    /// How it stands by its own words.
    pub standing: Standing,
    /// On how many devices it answers something now.
    pub devices: usize,
    /// Who says so: a statement in a file, no signature.
    pub by: String,
    /// The files that show it, each with its SHA-256.
    pub evidence: Vec<String>,
    /// Anything else.
    pub note: Option<String>,
}
