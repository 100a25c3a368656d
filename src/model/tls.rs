//! Protocol settings behind HTTPS and serial encryption.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Switch;

/// What all TLS of the device has in common.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tls {
    /// NPort 6000 `[SSL/TLS Configuration] High Security Mode`: leaves old protocols and ciphers out (inferred
    /// from its name, nport.md 1.3).
    pub high_security: Option<Switch>,
}
