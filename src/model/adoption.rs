//! `adoption.kdl`: what stood when a plant began, and until when each of it is to be mended.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Moment, Name};

/// What stood when a plant began to be checked. Until its date it is told by `check` and fails nothing there; it never
/// makes a device one that may be built.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Adoption {
    /// A rule that does not hold yet.
    #[serde(default)]
    pub stands: Vec<Stands>,
}

/// A rule that does not hold yet, and until when it has to: `stands "NP6-SES-001" until="2027-03-31" owner="ot-lead"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Stands {
    /// The rule.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub rule: Option<String>,
    /// Until when it is to hold. A date alone ends that day, UTC.
    #[schemars(extend("x-at" = "prop"))]
    #[schemars(extend("x-required" = true))]
    pub until: Option<Moment>,
    /// Who answers for that: a person of the site.
    #[schemars(extend("x-at" = "prop"))]
    #[schemars(extend("x-required" = true))]
    pub owner: Option<Name>,
    /// On these devices only; without them wherever it stands.
    pub devices: Option<Vec<Name>>,
}
