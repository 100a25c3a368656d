//! Native lines that no setting maps.

use schemars::JsonSchema;
use serde::Deserialize;

/// Passed through word for word, checked against the platform's table of keys, never judged.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-passes" = true))]
pub struct VendorSettings {
    /// Keys of a sectioned file (NPort 6000).
    #[serde(default)]
    pub key: Vec<VendorKey>,
    /// Command lines (MX).
    #[serde(default)]
    #[schemars(extend("x-ordered" = true))]
    pub line: Vec<VendorLine>,
}

/// `key "Basic Settings" "Daylight Saving Time" "0,0,0,0,0,0,0,0,0,-1"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line", "x-passes" = true))]
pub struct VendorKey {
    /// Section, without brackets.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub section: Option<String>,
    /// Key in it.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub name: Option<String>,
    /// Value as the device writes it.
    #[schemars(extend("x-at" = "arg"))]
    #[schemars(extend("x-required" = true))]
    #[schemars(length(min = 0, max = 512))]
    pub value: Option<String>,
}

/// `line "ip broadcast-forward"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line", "x-passes" = true))]
pub struct VendorLine {
    /// The line.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 512))]
    pub text: Option<String>,
}
