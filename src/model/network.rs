//! Addresses and names.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Address, Network, Secret, Switch};

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
    /// Whether IPv6 is spoken at all.
    pub ipv6: Option<Switch>,
    /// Names that the device knows by itself (NPort 6000 `[Host Table]`).
    #[serde(default)]
    pub host: Vec<KnownHost>,
    /// Telling a name service the device's address.
    pub ddns: Option<Ddns>,
}

/// A name that the device knows by itself: `host "plc-7" address="10.20.0.7"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct KnownHost {
    /// The name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub name: Option<String>,
    /// Its address.
    pub address: Option<Address>,
}

/// Telling a name service the device's address: `ddns on service="dyndns" domain="np07.example.org" account="ot"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Ddns {
    /// Whether it is told.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Whose service.
    pub service: Option<DdnsService>,
    /// Name that it is told under.
    #[schemars(length(min = 1, max = 60))]
    pub domain: Option<String>,
    /// Account there.
    #[schemars(length(min = 1, max = 60))]
    pub account: Option<String>,
    /// Name of that account's password.
    #[schemars(extend("x-secret" = "{device}/ddns", "x-secret-when" = "account"))]
    pub password: Option<Secret>,
}

/// A name service that takes addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum DdnsService {
    /// dyndns.org.
    Dyndns,
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
