//! Copies of what goes over ports.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Ports;

/// `mirror { session none }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mirror {
    /// What is copied, and to where.
    #[serde(default)]
    pub session: Vec<MirrorSession>,
}

/// `session 1 to="2/8" receive="1/1-4" purpose="intrusion detection"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct MirrorSession {
    /// Its number.
    #[schemars(extend("x-key" = true))]
    #[schemars(range(min = 1, max = 16))]
    pub number: Option<u8>,
    /// The port that copies leave by.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    #[schemars(length(min = 1, max = 16))]
    pub to: Option<String>,
    /// Ports of which is copied what comes in.
    pub receive: Option<Ports>,
    /// Ports of which is copied what goes out.
    pub send: Option<Ports>,
    /// Who listens.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 128))]
    pub purpose: Option<String>,
}
