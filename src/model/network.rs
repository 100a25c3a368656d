//! Addresses and names.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Address, Network};

/// Interfaces and name servers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Networking {
    /// Interfaces with an address.
    #[serde(default)]
    #[schemars(extend("x-fixed" = true))]
    pub interface: Vec<Interface>,
    /// Name servers, in order of preference. `dns none` says that there are none.
    #[schemars(extend("x-ordered" = true))]
    #[schemars(extend("x-word" = "none"))]
    pub dns: Option<Vec<Address>>,
}

/// One interface. `services { dhcp-client on }` says that its address is leased.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Interface {
    /// `lan`, `wan`, or `vlan <id>`.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 32))]
    pub name: Option<String>,
    /// Address with prefix length.
    pub address: Option<Network>,
    /// Where packets to elsewhere go.
    pub gateway: Option<Address>,
}
