//! From where management is allowed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Network, Switch};

/// `allowlist on { host "10.20.0.10" }`. NPort: Allowlist, Accessible IP List; MX: Trusted Access.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Allowlist {
    /// Whether addresses outside the list are refused.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Whether the device's own services are restricted too, not only serial data (NPort 6000 `IP Filter Plus
    /// Mode`; meaning likely, from the sister family, nport.md 4).
    pub own_services: Option<Switch>,
    /// Whether every computer on the LAN is let in beside the list (MX-ROS, from the factory; mx.md 2, trusted access).
    pub whole_lan: Option<Switch>,
    /// Hosts and networks that are let in. A list that is written is owned whole.
    #[serde(default)]
    pub host: Vec<Host>,
}

/// A host or network that is let in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Host {
    /// Address or network.
    #[schemars(extend("x-key" = true))]
    pub net: Option<Network>,
    /// Who sits there.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 256))]
    pub purpose: Option<String>,
}
