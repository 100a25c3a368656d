//! Packets that only an attacker sends, and too many of them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Rate, Switch};

/// `dos { drop "null-scan"; syn-flood "4000 pps" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Dos {
    /// Scans that are dropped.
    #[serde(default)]
    #[schemars(extend("x-word" = "none"))]
    pub drop: Vec<Scan>,
    /// ICMP packets that are let through.
    #[schemars(extend("x-word" = "never"))]
    pub icmp_flood: Option<Rate>,
    /// New TCP connections that are let through.
    #[schemars(extend("x-word" = "never"))]
    pub syn_flood: Option<Rate>,
    /// ARP packets that are let through.
    #[schemars(extend("x-word" = "never"))]
    pub arp_flood: Option<Rate>,
    /// Whether packets that are no such are dropped.
    pub malformed: Option<Switch>,
    /// Where it is told that they were.
    #[serde(default)]
    #[schemars(extend("x-word" = "none"))]
    pub malformed_log: Vec<DosLogTo>,
    /// Whether it is told what else was dropped.
    pub log: Option<DosLog>,
}

/// `log on { to "flash" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DosLog {
    /// Whether it is told.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Where.
    #[serde(default)]
    #[schemars(extend("x-word" = "none"))]
    pub to: Vec<DosLogTo>,
}

/// Where attacks are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum DosLogTo {
    /// In the log that the device keeps.
    Flash,
    /// At the log servers.
    Syslog,
    /// By SNMP.
    Trap,
}

/// A scan by its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Scan {
    /// No flag.
    #[serde(rename = "null-scan")]
    NullScan,
    /// FIN, PSH and URG.
    #[serde(rename = "xmas-scan")]
    XmasScan,
    /// The same as nmap sends it.
    #[serde(rename = "nmap-xmas-scan")]
    NmapXmasScan,
    /// By numbers of packets.
    #[serde(rename = "nmap-id-scan")]
    NmapIdScan,
    /// FIN alone.
    #[serde(rename = "fin-scan")]
    FinScan,
    /// SYN and FIN.
    #[serde(rename = "syn-fin-scan")]
    SynFinScan,
    /// SYN and RST.
    #[serde(rename = "syn-rst-scan")]
    SynRstScan,
    /// A connection that does not begin as one.
    #[serde(rename = "new-tcp-without-syn")]
    NewTcpWithoutSyn,
}
