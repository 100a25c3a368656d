//! How many connections a service takes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Switch;

/// Limits by name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SessionLimits {
    /// The limits.
    #[serde(default)]
    pub limit: Vec<SessionLimit>,
}

/// `limit "hist" "drop" destination="historian" service="https" total=200 concurrent=20`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct SessionLimit {
    /// What it is called.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// What becomes of more.
    #[schemars(extend("x-at" = "arg"))]
    pub action: Option<SessionAction>,
    /// The addresses that connections go to.
    #[schemars(extend("x-ref" = "objects.address"))]
    #[schemars(length(min = 1, max = 63))]
    pub destination: Option<String>,
    /// The service that they ask for.
    #[schemars(extend("x-ref" = "objects.service"))]
    #[schemars(length(min = 1, max = 63))]
    pub service: Option<String>,
    /// Most TCP connections of all together.
    #[schemars(range(min = 1, max = 65535))]
    pub total: Option<u16>,
    /// Most TCP connections at once.
    #[schemars(range(min = 1, max = 65535))]
    pub concurrent: Option<u16>,
    /// Whether it is recorded.
    pub log: Option<Switch>,
    /// Whether it is looked at.
    #[schemars(extend("x-at" = "prop"))]
    pub enabled: Option<Switch>,
}

/// What becomes of more connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum SessionAction {
    /// They are dropped.
    Drop,
    /// They are counted.
    Monitor,
}
