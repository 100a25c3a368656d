//! What a switch does between its ports.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Name, Switch, Time, Vlan, Vlans};

/// VLANs and what goes with them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Switching {
    /// The VLANs of the device. VLAN 1 is always there, and not listed.
    #[serde(default)]
    pub vlan: Vec<VlanEntry>,
    /// Whether neighbours may make VLANs (GVRP).
    pub gvrp: Option<Switch>,
    /// After how long a hardware address is forgotten that was not seen again.
    pub mac_aging: Option<Time>,
    /// How often LLDP is spoken, where `services { lldp on }` says that it is.
    pub lldp_timer: Option<Time>,
    /// Whether a cable that leads back is noticed.
    pub loop_protection: Option<LoopProtection>,
    /// Whether groups reach those alone who asked for them.
    pub igmp_snooping: Option<IgmpSnooping>,
    /// Whether it is looked at who hands out addresses.
    pub dhcp_snooping: Option<Snooping>,
    /// Whether ARP is held against what DHCP snooping knows.
    pub arp_inspection: Option<Snooping>,
}

/// `vlan 20 name="field"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct VlanEntry {
    /// Its number.
    #[schemars(extend("x-key" = true))]
    #[schemars(range(min = 2, max = 4094))]
    pub number: Option<u16>,
    /// What it is called wherever a VLAN is meant; the device knows its number alone.
    #[schemars(extend("x-note" = true))]
    pub name: Option<Name>,
    /// What it is for, where that decides who may be in it.
    #[schemars(extend("x-note" = true))]
    pub role: Option<VlanRole>,
    /// Who is in it.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 128))]
    pub purpose: Option<String>,
}

/// What a VLAN is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum VlanRole {
    /// Devices are managed in it.
    Management,
    /// Ports that nobody uses are in it, and frames without a tag on links.
    Parking,
    /// Frames without a tag on links are in it.
    Native,
}

/// `loop-protection on interval="5 s"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct LoopProtection {
    /// Whether it is looked for.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// How often.
    pub interval: Option<Time>,
}

/// `igmp-snooping on { query-interval "125 s"; vlan "video" querier=on }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IgmpSnooping {
    /// Whether it is done.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// How often it is asked who wants which group.
    pub query_interval: Option<Time>,
    /// VLANs in which it is done.
    #[serde(default)]
    pub vlan: Vec<IgmpVlan>,
}

/// A VLAN with groups.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct IgmpVlan {
    /// The VLAN.
    #[schemars(extend("x-key" = true, "x-ref" = "switching.vlan"))]
    pub vlan: Option<Vlan>,
    /// Whether the device itself asks.
    pub querier: Option<Switch>,
}

/// `dhcp-snooping on { vlans "control,field" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Snooping {
    /// Whether it is done.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// VLANs in which it is done.
    #[schemars(extend("x-ref" = "switching.vlan"))]
    pub vlans: Option<Vlans>,
}
