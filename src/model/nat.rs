//! Addresses of the inside behind those of the outside.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Address, Span, Switch};

/// Rules in order.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Nat {
    /// The rules: the first one that fits decides.
    #[serde(default)]
    #[schemars(extend("x-ordered" = true))]
    pub rule: Vec<NatRule>,
}

/// `rule "hist-in" "pat" interface="wan" protocol="tcp" outside-port=8443 inside="10.21.0.5" inside-port=443`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct NatRule {
    /// What it is called.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// How addresses are exchanged.
    #[schemars(extend("x-at" = "arg"))]
    pub mode: Option<NatMode>,
    /// The interface of the outside.
    #[schemars(extend("x-ref" = "network.interface"))]
    #[schemars(length(min = 1, max = 32))]
    pub interface: Option<String>,
    /// The address that the outside sees; without it that of the interface.
    pub outside: Option<Address>,
    /// The port that the outside sees.
    #[schemars(range(min = 1, max = 65535))]
    pub outside_port: Option<u16>,
    /// The address, or addresses, of the inside.
    pub inside: Option<Span>,
    /// The port of the inside.
    #[schemars(range(min = 1, max = 65535))]
    pub inside_port: Option<u16>,
    /// Of which protocol the ports are.
    pub protocol: Option<NatProtocol>,
    /// Whether the inside reaches it by the outside address too.
    pub loopback: Option<Switch>,
    /// Whether the source is exchanged as well.
    pub double: Option<Switch>,
    /// Whether it is looked at.
    #[schemars(extend("x-at" = "prop"))]
    pub enabled: Option<Switch>,
    /// Why it is there.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 256))]
    pub purpose: Option<String>,
}

/// How addresses are exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum NatMode {
    /// One of the inside for one of the outside.
    #[serde(rename = "1-1")]
    N11,
    /// Many of the inside for one of the outside.
    #[serde(rename = "n-1")]
    N1,
    /// A port of the outside for one of the inside.
    #[serde(rename = "pat")]
    Pat,
}

/// A protocol with ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum NatProtocol {
    /// TCP.
    #[serde(rename = "tcp")]
    Tcp,
    /// UDP.
    #[serde(rename = "udp")]
    Udp,
}
