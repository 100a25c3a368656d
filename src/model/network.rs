//! Addresses and names.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Address, Mac, Name, Network, Secret, Switch, Vlan};

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
    /// Whether it answers a ping from outside.
    pub ping_response: Option<Switch>,
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
    /// freedns.afraid.org.
    Freedns,
    /// 3322.org.
    #[serde(rename = "3322")]
    N3322,
    /// no-ip.com.
    NoIp,
}

/// One interface. `services { dhcp-client on }` says that its address is leased.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Interface {
    /// `lan`, `wan`, or `vlan <id>`; on switches `management`.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 32))]
    pub name: Option<String>,
    /// Address with prefix length.
    pub address: Option<Network>,
    /// Where packets to elsewhere go.
    pub gateway: Option<Address>,
    /// The VLAN that it stands in.
    #[schemars(extend("x-ref" = "switching.vlan"))]
    pub vlan: Option<Vlan>,
    /// Whether it is used.
    pub enabled: Option<Switch>,
    /// Its hardware address, where that is not the device's own.
    pub mac_address: Option<Mac>,
    /// Whether it answers for addresses of others.
    pub proxy_arp: Option<Switch>,
    /// The zone that its network is in, where the device stands in several.
    #[schemars(extend("x-note" = true))]
    pub zone: Option<Name>,
    /// Whether it leads to a network of others.
    #[schemars(extend("x-note" = true))]
    pub outside: Option<Switch>,
    /// What answers there to whoever manages the device.
    #[serde(default)]
    #[schemars(extend("x-word" = "none"))]
    pub management: Vec<ManagementService>,
}

/// What answers to whoever manages a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ManagementService {
    /// Web console over TLS.
    #[serde(rename = "https")]
    Https,
    /// Web console in clear.
    #[serde(rename = "http")]
    Http,
    /// Command line over SSH.
    #[serde(rename = "ssh")]
    Ssh,
    /// Command line in clear.
    #[serde(rename = "telnet")]
    Telnet,
    /// SNMP agent.
    #[serde(rename = "snmp")]
    Snmp,
    /// Echo.
    #[serde(rename = "ping")]
    Ping,
}
