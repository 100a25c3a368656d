//! Ways to other networks.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Address, Network, Secret, Switch, Time};

/// Routes that people set, and protocols that find them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Routing {
    /// Static routes.
    #[serde(default)]
    pub route: Vec<Route>,
    /// Routes found by OSPF.
    pub ospf: Option<Ospf>,
    /// Where RIP is spoken, and how; whether it is, stands in `services { rip }`.
    pub rip: Option<Rip>,
    /// One address that several routers stand for.
    pub vrrp: Option<Vrrp>,
}

/// A static route: `route "10.60.0.0/16" "10.20.10.254" metric=1 purpose="weir"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Route {
    /// Where to.
    #[schemars(extend("x-key" = true))]
    pub destination: Option<Network>,
    /// The next hop.
    #[schemars(extend("x-key" = true))]
    pub via: Option<Address>,
    /// Cost: the lower one is taken.
    #[schemars(range(min = 1, max = 255))]
    pub metric: Option<u32>,
    /// Interface that it leaves by: `lan`, or `port 3` for the line of a serial port (NPort 6000).
    #[schemars(length(min = 1, max = 32))]
    pub interface: Option<String>,
    /// What it is called on the device (MX-ROS).
    #[schemars(length(min = 1, max = 32))]
    pub name: Option<String>,
    /// Whether it is used.
    pub enabled: Option<Switch>,
    /// Why it is needed.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 256))]
    pub purpose: Option<String>,
}

/// `rip { version 2; network "lan" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rip {
    /// Version of the protocol.
    #[schemars(range(min = 1, max = 2))]
    pub version: Option<u8>,
    /// The interfaces that it is spoken on.
    #[schemars(extend("x-ref" = "network.interface", "x-word" = "none"))]
    #[schemars(length(min = 1, max = 32))]
    pub network: Option<Vec<String>>,
    /// Further routes that are told.
    #[schemars(extend("x-word" = "none"))]
    pub redistribute: Option<Vec<RipRedistributed>>,
}

/// Routes of another origin, to neighbours by RIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum RipRedistributed {
    /// Routes that are written.
    Static,
    /// Networks of the interfaces.
    Connected,
    /// Routes found by OSPF.
    Ospf,
}

/// `ospf on { router-id "10.20.10.1" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ospf {
    /// Whether it is spoken.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// The name of this router among others.
    pub router_id: Option<Address>,
    /// The areas that it is in, where not those of its interfaces alone.
    #[schemars(length(min = 1, max = 32))]
    pub area: Option<Vec<Address>>,
    /// Further routes that are told.
    #[serde(default)]
    pub redistribute: Vec<Redistributed>,
    /// The interfaces that it is spoken on.
    #[serde(default)]
    pub interface: Vec<OspfInterface>,
}

/// Routes of another origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Redistributed {
    /// Routes that are written.
    #[serde(rename = "static")]
    Static,
    /// Networks of the interfaces.
    #[serde(rename = "connected")]
    Connected,
    /// Routes found by RIP.
    #[serde(rename = "rip")]
    Rip,
}

/// `interface "lan" area="0.0.0.0" auth="md5" key-id=1`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct OspfInterface {
    /// The interface.
    #[schemars(extend("x-key" = true, "x-ref" = "network.interface"))]
    #[schemars(length(min = 1, max = 32))]
    pub name: Option<String>,
    /// The area that it is in.
    #[schemars(extend("x-ref" = "routing.ospf.area"))]
    pub area: Option<Address>,
    /// Which router speaks for all: the highest.
    #[schemars(range(min = 0, max = 255))]
    pub priority: Option<u8>,
    /// How often it says that it is there.
    pub hello: Option<Time>,
    /// After how long of silence a neighbour is gone.
    pub dead: Option<Time>,
    /// How dear the way is.
    #[schemars(range(min = 1, max = 65535))]
    pub cost: Option<u16>,
    /// Whether its network is told and nothing is spoken on it.
    pub passive: Option<Switch>,
    /// How a neighbour shows that it is one.
    pub auth: Option<OspfAuth>,
    /// Number of the key.
    #[schemars(range(min = 1, max = 255))]
    pub key_id: Option<u8>,
    /// The key.
    #[schemars(extend("x-secret" = "{device}/ospf-{key}", "x-secret-when" = "auth"))]
    pub key: Option<Secret>,
}

/// How a neighbour shows that it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum OspfAuth {
    /// Not at all.
    #[serde(rename = "none")]
    None,
    /// By a password in clear.
    #[serde(rename = "simple")]
    Simple,
    /// By a key, MD5.
    #[serde(rename = "md5")]
    Md5,
}

/// `vrrp on { group "lan" 1 address="10.20.10.254" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Vrrp {
    /// Whether it is spoken.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Version of the protocol.
    #[schemars(extend("x-at" = "child"))]
    #[schemars(range(min = 2, max = 3))]
    pub version: Option<u8>,
    /// The addresses that it stands for.
    #[serde(default)]
    pub group: Vec<VrrpGroup>,
}

/// One address of several routers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct VrrpGroup {
    /// The interface.
    #[schemars(extend("x-key" = true, "x-ref" = "network.interface"))]
    #[schemars(length(min = 1, max = 32))]
    pub interface: Option<String>,
    /// Number that all of them use.
    #[schemars(extend("x-key" = true))]
    #[schemars(range(min = 1, max = 255))]
    pub id: Option<u8>,
    /// The address.
    pub address: Option<Address>,
    /// Which router has it: the highest.
    #[schemars(range(min = 1, max = 254))]
    pub priority: Option<u8>,
    /// Whether a higher one takes it back.
    pub preempt: Option<Switch>,
    /// How long a higher one waits before it takes it back.
    pub delay: Option<Time>,
    /// Whether it answers at that address.
    pub accept: Option<Switch>,
    /// How often the one that has it says so.
    pub interval: Option<Time>,
}
