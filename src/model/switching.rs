//! What a switch does between its ports.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Name;

/// VLANs and what goes with them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Switching {
    /// The VLANs of the device. VLAN 1 is always there, and not listed.
    #[serde(default)]
    pub vlan: Vec<VlanEntry>,
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
