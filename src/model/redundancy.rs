//! Ways around a cable that broke.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Name, Switch, Time};

/// Spanning tree and rings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Redundancy {
    /// Spanning tree of the device.
    pub spanning_tree: Option<SpanningTree>,
    /// Rings of the vendor, Turbo Ring v2.
    #[serde(default)]
    pub turbo_ring: Vec<TurboRing>,
}

/// `spanning-tree on mode="rstp" priority=32768`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct SpanningTree {
    /// Whether it is spoken.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Which.
    pub mode: Option<SpanningTreeMode>,
    /// Which device is the root: the lowest. In steps of 4096.
    #[schemars(range(min = 0, max = 61440))]
    pub priority: Option<u16>,
    /// How often it says that it is there.
    pub hello: Option<Time>,
    /// How long what was heard counts.
    pub max_age: Option<Time>,
    /// How long a port listens before it forwards.
    pub forward_delay: Option<Time>,
    /// After how long a port that was shut is tried again.
    pub recover: Option<Time>,
}

/// Which spanning tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum SpanningTreeMode {
    /// One tree, RSTP.
    #[serde(rename = "rstp")]
    Rstp,
    /// A tree for groups of VLANs, MSTP.
    #[serde(rename = "mstp")]
    Mstp,
}

/// `turbo-ring 1 on ring="pump-ring" master=off first="1/1" second="1/2"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct TurboRing {
    /// Which ring of the device.
    #[schemars(extend("x-key" = true))]
    #[schemars(range(min = 1, max = 2))]
    pub number: Option<u8>,
    /// Whether it is part of it.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// The ring, as all its devices call it.
    #[schemars(extend("x-note" = true))]
    pub ring: Option<Name>,
    /// Whether it decides where the ring is open.
    pub master: Option<Switch>,
    /// The first port.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    #[schemars(length(min = 1, max = 16))]
    pub first: Option<String>,
    /// The second port.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    #[schemars(length(min = 1, max = 16))]
    pub second: Option<String>,
}
