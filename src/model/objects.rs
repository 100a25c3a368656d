//! Names for addresses and services, by which rules of a firewall mean them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Ports, Span};

/// Names that rules use.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Objects {
    /// Addresses.
    #[serde(default)]
    pub address: Vec<AddressObject>,
    /// Services.
    #[serde(default)]
    pub service: Vec<ServiceObject>,
}

/// `address "plcs" "10.20.10.11-10.20.10.30"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct AddressObject {
    /// What rules call it.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// A host, a network, or the addresses from one to another.
    #[schemars(extend("x-at" = "arg"))]
    pub value: Option<Span>,
}

/// `service "opc-ua" tcp="4840"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct ServiceObject {
    /// What rules call it.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// TCP ports.
    pub tcp: Option<Ports>,
    /// UDP ports.
    pub udp: Option<Ports>,
    /// What ICMP is asked or told.
    #[schemars(length(min = 1, max = 32))]
    pub icmp: Option<String>,
    /// Number of another protocol over IP.
    #[schemars(range(min = 0, max = 255))]
    pub protocol: Option<u8>,
}
