//! What answers on the network and on the console.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Switch;

/// Every service of the vendors' tables, on or off. Off is said; absent is unmanaged.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Services {
    /// Web console over TLS.
    pub https: Option<Https>,
    /// Web console in clear.
    pub http: Option<Service>,
    /// Command line over SSH.
    pub ssh: Option<Service>,
    /// Command line in clear.
    pub telnet: Option<Service>,
    /// Command line on the serial console.
    pub serial_console: Option<Service>,
    /// SNMP agent; what it speaks stands in `snmp`.
    pub snmp: Option<Service>,
    /// The vendor's own: REST, mDNS and LLDP on NPort 6000-G2 (MOXA Service).
    pub vendor_service: Option<Service>,
    /// NetBIOS name service.
    pub wins: Option<Service>,
    /// Routing protocol without authentication.
    pub rip: Option<Service>,
    /// Login through a RADIUS server; which, stands in `authentication`.
    pub radius: Option<Service>,
    /// Login through a TACACS+ server; which, stands in `authentication`.
    pub tacacs: Option<Service>,
    /// Address leased from a DHCP server.
    pub dhcp_client: Option<Service>,
    /// Clock set from a time server; which, stands in `time`.
    pub sntp: Option<Service>,
    /// Log sent to a server; which, stands in `log`.
    pub syslog: Option<Service>,
    /// Neighbour discovery.
    pub lldp: Option<Service>,
    /// The device's own state by Modbus TCP.
    pub modbus: Option<Service>,
    /// The device as part of PROFINET.
    pub profinet: Option<Service>,
    /// The device as part of EtherNet/IP.
    pub ethernet_ip: Option<Service>,
}

/// A service: on or off, and why.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Service {
    /// Whether it answers.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// TCP or UDP port that it listens on.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Most sessions at once.
    #[schemars(range(min = 1, max = 100))]
    pub max_users: Option<u32>,
    /// Why it is needed.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 256))]
    pub purpose: Option<String>,
}

/// The web console over TLS.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Https {
    /// Whether it answers.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// TCP port that it listens on.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Most sessions at once.
    #[schemars(range(min = 1, max = 100))]
    pub max_users: Option<u32>,
    /// Why it is needed.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 256))]
    pub purpose: Option<String>,
    /// Lowest TLS version that is spoken.
    #[schemars(extend("x-at" = "child"))]
    pub tls_min: Option<TlsVersion>,
}

/// Versions of TLS, the oldest first: a closed list, since SSL 3.0 is older than all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum TlsVersion {
    /// Broken.
    #[serde(rename = "1.0")]
    V1_0,
    /// Broken.
    #[serde(rename = "1.1")]
    V1_1,
    /// Sound.
    #[serde(rename = "1.2")]
    V1_2,
    /// Sound, and the newest.
    #[serde(rename = "1.3")]
    V1_3,
}
