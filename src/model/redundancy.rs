//! Ways around a cable that broke.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Name, Switch, Time, Vlan};

/// Spanning tree and rings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Redundancy {
    /// Spanning tree of the device.
    pub spanning_tree: Option<SpanningTree>,
    /// Rings of the vendor, Turbo Ring v2.
    #[serde(default)]
    pub turbo_ring: Vec<TurboRing>,
    /// Rings of IEC 62439-2, MRP.
    #[serde(default)]
    pub mrp: Vec<Mrp>,
    /// A link between two rings.
    pub coupling: Option<Coupling>,
    /// A chain of devices, Turbo Chain, both of whose ends are elsewhere.
    pub turbo_chain: Option<TurboChain>,
    /// Two ways out, of which one is taken.
    pub dual_homing: Option<DualHoming>,
}

/// `mrp 1 role="manager" vlan=1 first="1/1" second="1/2"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Mrp {
    /// Which ring of the device.
    #[schemars(extend("x-key" = true))]
    #[schemars(range(min = 1, max = 2))]
    pub number: Option<u8>,
    /// What it does in the ring.
    pub role: Option<MrpRole>,
    /// The VLAN that the ring's own frames are in.
    #[schemars(extend("x-ref" = "switching.vlan"))]
    pub vlan: Option<Vlan>,
    /// The first port.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    #[schemars(length(min = 1, max = 16))]
    pub first: Option<String>,
    /// The second port.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    #[schemars(length(min = 1, max = 16))]
    pub second: Option<String>,
}

/// What a device does in a ring of MRP (IEC-62439-2-MIB, mrpDomainAdminRole).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum MrpRole {
    /// It is no part of it.
    Disabled,
    /// It passes on.
    Client,
    /// It decides where the ring is open.
    Manager,
    /// It decides where no other does.
    Auto,
}

/// `coupling on mode="primary" port="1/3"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Coupling {
    /// Whether the device links the rings.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Which of the two links it has.
    pub mode: Option<CouplingMode>,
    /// The port that leads to the other ring.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    #[schemars(length(min = 1, max = 16))]
    pub port: Option<String>,
}

/// Which of the two links between rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum CouplingMode {
    /// The one that is taken.
    Primary,
    /// The one that waits.
    Backup,
}

/// `turbo-chain on role="head" first="1/1" second="1/2"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct TurboChain {
    /// Whether it is part of the chain.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Where in it.
    pub role: Option<ChainRole>,
    /// The first port.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    #[schemars(length(min = 1, max = 16))]
    pub first: Option<String>,
    /// The second port.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    #[schemars(length(min = 1, max = 16))]
    pub second: Option<String>,
}

/// Where in a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ChainRole {
    /// At its beginning.
    Head,
    /// Between both ends.
    Member,
    /// At its end.
    Tail,
}

/// `dual-homing on primary="1/1" secondary="1/2"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct DualHoming {
    /// Whether it is used.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// The port that is taken.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    #[schemars(length(min = 1, max = 16))]
    pub primary: Option<String>,
    /// The port that waits.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    #[schemars(length(min = 1, max = 16))]
    pub secondary: Option<String>,
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
