//! A waiver: a person answers for a finding until a date.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Moment, Name};

/// One waiver, a file each. It never hides: the finding stays, as waived.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Waiver {
    /// Its number: `W-2026-007`.
    #[schemars(extend("x-key" = true))]
    #[schemars(extend("x-required" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub id: Option<String>,
    /// The rules it covers.
    pub rule: Option<Vec<String>>,
    /// Or the families of rules.
    pub family: Option<Vec<String>>,
    /// The device and setting it covers.
    pub device: Option<WaivedDevice>,
    /// Or every device of a zone.
    pub zone: Option<WaivedZone>,
    /// From when. A date alone begins with that day, UTC.
    #[schemars(extend("x-required" = true))]
    pub from: Option<Moment>,
    /// Until when. A date alone ends that day, UTC; at most 365 days after `from`.
    #[schemars(extend("x-required" = true))]
    pub until: Option<Moment>,
    /// Why it is needed.
    #[schemars(extend("x-required" = true))]
    #[schemars(length(min = 1, max = 1000))]
    pub reason: Option<String>,
    /// What it risks.
    #[schemars(extend("x-required" = true))]
    #[schemars(length(min = 1, max = 1000))]
    pub risk: Option<String>,
    /// What is done instead (compensating control).
    #[schemars(extend("x-required" = true))]
    #[schemars(length(min = 1, max = 1000))]
    pub instead: Option<String>,
    /// Number in the change system.
    #[schemars(extend("x-required" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub ticket: Option<String>,
    /// Who answers for it: a person of the site.
    #[schemars(extend("x-required" = true))]
    pub owner: Option<Name>,
    /// Who allowed it: another person of the site.
    #[schemars(extend("x-required" = true))]
    pub approver: Option<Name>,
}

/// The device, setting and value that a waiver covers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct WaivedDevice {
    /// The device.
    #[schemars(extend("x-at" = "arg"))]
    #[schemars(extend("x-required" = true))]
    pub name: Option<Name>,
    /// Dotted path of the setting.
    #[schemars(length(min = 1, max = 256))]
    pub setting: Option<String>,
    /// The value it covers, as written in KDL; another value is not covered.
    #[schemars(length(min = 0, max = 256))]
    pub value: Option<String>,
}

/// The zone whose devices a waiver covers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct WaivedZone {
    /// The zone.
    #[schemars(extend("x-at" = "arg"))]
    #[schemars(extend("x-required" = true))]
    pub name: Option<Name>,
    /// Dotted path of the setting.
    #[schemars(length(min = 1, max = 256))]
    pub setting: Option<String>,
    /// The value it covers, as written in KDL; another value is not covered.
    #[schemars(length(min = 0, max = 256))]
    pub value: Option<String>,
}
