//! Buttons of the device itself.

use schemars::JsonSchema;
use serde::Deserialize;

/// What somebody at the cabinet can do with the device's own parts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hardware {
    /// When the reset button restores the factory settings.
    pub reset_button: Option<ResetButton>,
}

/// When the reset button restores the factory settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ResetButton {
    /// Whenever it is held for 5 seconds.
    Always,
    /// Within 60 seconds after the device has booted.
    AfterBoot,
}
