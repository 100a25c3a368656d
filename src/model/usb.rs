//! The socket for a stick with configuration files.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Switch;

/// `usb { port off; auto-load off; auto-save off }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Usb {
    /// Whether it takes a stick (ABC-02).
    pub port: Option<Switch>,
    /// Whether a configuration is loaded from it at start.
    pub auto_load: Option<Switch>,
    /// Whether the configuration is saved to it.
    pub auto_save: Option<Switch>,
}
