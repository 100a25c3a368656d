//! Ethernet ports.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Switch;

/// The ports of a switch or router.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ethernet {
    /// One each.
    #[serde(default)]
    #[schemars(extend("x-fixed" = true))]
    pub port: Vec<EthernetPort>,
}

/// `port "1/3" enabled=off in-use=off`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct EthernetPort {
    /// Module and port as the device counts them.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 16))]
    pub name: Option<String>,
    /// Whether it carries traffic.
    pub enabled: Option<Switch>,
    /// Whether something is plugged in.
    #[schemars(extend("x-note" = true))]
    pub in_use: Option<Switch>,
    /// What is plugged in.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 128))]
    pub purpose: Option<String>,
}
