//! Addresses that the device hands out.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Address, Mac, Ports, Switch, Time};

/// `dhcp on { pool 1 { from "10.20.10.100"; to "10.20.10.150"; netmask "255.255.255.0" } }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Dhcp {
    /// Whether the device hands out addresses.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Addresses for whoever asks.
    #[serde(default)]
    pub pool: Vec<DhcpPool>,
    /// Addresses for a hardware address each.
    #[serde(default)]
    pub host: Vec<DhcpHost>,
    /// Whether who asks is heard by a server elsewhere.
    pub relay: Option<DhcpRelay>,
}

/// `relay on { server "10.20.0.3"; ports "1/1-8" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DhcpRelay {
    /// Whether questions are passed on.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Who hands out addresses, in the order in which they are asked.
    #[serde(default)]
    #[schemars(length(min = 1, max = 4))]
    pub server: Vec<Address>,
    /// Ports whose questions are passed on.
    pub ports: Option<Ports>,
    /// Ports whose questions are told where they came from (option 82).
    pub option_82: Option<Ports>,
    /// Ports behind which other relays are believed.
    pub trusted: Option<Ports>,
    /// What the device calls itself there.
    pub remote_id: Option<RemoteId>,
    /// The words where it calls itself `"other"`.
    #[schemars(length(min = 1, max = 64))]
    pub remote_id_text: Option<String>,
}

/// What a relay calls itself in option 82.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum RemoteId {
    /// Its address.
    Ip,
    /// Its hardware address.
    Mac,
    /// Its client id.
    ClientId,
    /// A text.
    Other,
}

/// Addresses for whoever asks.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DhcpPool {
    /// Its number.
    #[schemars(extend("x-key" = true))]
    #[schemars(range(min = 1, max = 64))]
    pub number: Option<u8>,
    /// Whether it is used.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// The first address.
    pub from: Option<Address>,
    /// The last one.
    pub to: Option<Address>,
    /// Their netmask: `"255.255.255.0"`.
    pub netmask: Option<Address>,
    /// Where packets to elsewhere are to go.
    pub gateway: Option<Address>,
    /// A name server.
    pub dns: Option<Address>,
    /// A second one.
    pub second_dns: Option<Address>,
    /// A time server.
    pub ntp: Option<Address>,
    /// How long an address is lent.
    pub lease: Option<Time>,
}

/// An address for one hardware address: `host "panel-3" { mac "00:90:e8:11:22:33"; address "10.20.10.60" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DhcpHost {
    /// What it is called.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// Whether it is used.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Who gets it.
    pub mac: Option<Mac>,
    /// The address.
    pub address: Option<Address>,
    /// Its netmask: `"255.255.255.0"`.
    pub netmask: Option<Address>,
    /// Where packets to elsewhere are to go.
    pub gateway: Option<Address>,
    /// A name server.
    pub dns: Option<Address>,
    /// A second one.
    pub second_dns: Option<Address>,
    /// A time server.
    pub ntp: Option<Address>,
    /// How long it is lent.
    pub lease: Option<Time>,
}
