//! Name and place as the device itself tells them.

use schemars::JsonSchema;
use serde::Deserialize;

/// What the device says of itself to management stations.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Identity {
    /// Its name.
    #[schemars(length(min = 0, max = 64))]
    pub hostname: Option<String>,
    /// Where it stands.
    #[schemars(length(min = 0, max = 128))]
    pub location: Option<String>,
    /// Whom to call.
    #[schemars(length(min = 0, max = 128))]
    pub contact: Option<String>,
}
