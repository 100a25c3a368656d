//! Tunnels through networks of others.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Address, Name, Network, Secret, Time};

/// Tunnels.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Vpn {
    /// Tunnels by IPsec.
    #[serde(default)]
    pub ipsec: Vec<Ipsec>,
    /// Computers that come in by L2TP, over the interface `wan`.
    pub l2tp: Option<L2tp>,
}

/// `l2tp { local "10.20.50.1"; from "10.20.50.10"; to "10.20.50.20"; user "maintenance" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct L2tp {
    /// The device's own address in the tunnels.
    pub local: Option<Address>,
    /// The first address that is handed out.
    pub from: Option<Address>,
    /// The last one.
    pub to: Option<Address>,
    /// Who may come in.
    #[serde(default)]
    pub user: Vec<L2tpUser>,
}

/// `user "maintenance"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct L2tpUser {
    /// What it is called.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 32))]
    pub name: Option<String>,
    /// Its password.
    #[schemars(extend("x-secret" = "{device}/l2tp-{key}"))]
    pub password: Option<Secret>,
}

/// `ipsec "scada" { gateway "203.0.113.10"; local "10.20.0.0/16"; remote "10.40.0.0/16" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ipsec {
    /// What it is called.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// The interface that it leaves by.
    #[schemars(extend("x-ref" = "network.interface"))]
    #[schemars(length(min = 1, max = 32))]
    pub interface: Option<String>,
    /// The other end.
    pub gateway: Option<Address>,
    /// Who begins.
    pub start: Option<TunnelStart>,
    /// Networks of this end.
    #[serde(default)]
    pub local: Vec<Network>,
    /// Networks of the other end.
    #[serde(default)]
    pub remote: Vec<Network>,
    /// How the ends show who they are.
    pub auth: Option<TunnelAuth>,
    /// The key that both ends have.
    #[schemars(extend("x-secret" = "{device}/ipsec-{key}", "x-secret-when" = "auth=psk"))]
    pub psk: Option<Secret>,
    /// The device of the site at the other end.
    #[schemars(extend("x-note" = true))]
    pub peer: Option<Name>,
    /// How the ends agree on keys.
    pub ike: Option<Ike>,
    /// How packets are protected.
    pub esp: Option<Esp>,
    /// What is done where the other end is silent.
    pub dpd: Option<DeadPeer>,
}

/// Who begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum TunnelStart {
    /// This end.
    #[serde(rename = "initiate")]
    Initiate,
    /// The other end.
    #[serde(rename = "wait")]
    Wait,
}

/// How the ends show who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum TunnelAuth {
    /// By a key that both have.
    #[serde(rename = "psk")]
    Psk,
    /// By certificates.
    #[serde(rename = "certificate")]
    Certificate,
}

/// `ike version=2 encryption="aes256" hash="sha256" dh=14 lifetime="12 h"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Ike {
    /// Version of IKE.
    #[schemars(range(min = 1, max = 2))]
    pub version: Option<u8>,
    /// How version 1 begins.
    pub mode: Option<IkeMode>,
    /// How it is kept secret.
    pub encryption: Option<Cipher>,
    /// How a change is noticed.
    pub hash: Option<TunnelHash>,
    /// Group of Diffie and Hellman.
    #[schemars(range(min = 1, max = 32))]
    pub dh: Option<u8>,
    /// How long the keys are used.
    pub lifetime: Option<Time>,
}

/// How version 1 begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum IkeMode {
    /// In six messages, with names kept secret.
    #[serde(rename = "main")]
    Main,
    /// In three, with names in clear.
    #[serde(rename = "aggressive")]
    Aggressive,
}

/// How it is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Cipher {
    /// Broken.
    #[serde(rename = "des")]
    Des,
    /// Too weak.
    #[serde(rename = "3des")]
    N3des,
    /// Sound.
    #[serde(rename = "aes128")]
    Aes128,
    /// Sound.
    #[serde(rename = "aes192")]
    Aes192,
    /// Sound.
    #[serde(rename = "aes256")]
    Aes256,
}

/// How a change is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum TunnelHash {
    /// Broken.
    #[serde(rename = "md5")]
    Md5,
    /// Too weak.
    #[serde(rename = "sha1")]
    Sha1,
    /// Sound.
    #[serde(rename = "sha256")]
    Sha256,
    /// Sound.
    #[serde(rename = "sha512")]
    Sha512,
}

/// `esp encryption="aes256" hash="sha256" pfs=14 lifetime="1 h"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Esp {
    /// How it is kept secret.
    pub encryption: Option<Cipher>,
    /// How a change is noticed.
    pub hash: Option<TunnelHash>,
    /// Group of Diffie and Hellman for keys of their own.
    #[schemars(range(min = 1, max = 32))]
    pub pfs: Option<u8>,
    /// How long the keys are used.
    pub lifetime: Option<Time>,
}

/// `dpd "restart" delay="30 s" timeout="120 s"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct DeadPeer {
    /// What is done.
    #[schemars(extend("x-at" = "arg"))]
    pub action: Option<DeadPeerAction>,
    /// How often it is asked.
    pub delay: Option<Time>,
    /// After how long of silence it is gone.
    pub timeout: Option<Time>,
}

/// What is done where the other end is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum DeadPeerAction {
    /// The tunnel waits.
    #[serde(rename = "hold")]
    Hold,
    /// The tunnel is taken down.
    #[serde(rename = "clear")]
    Clear,
    /// The tunnel is built anew.
    #[serde(rename = "restart")]
    Restart,
    /// Nothing.
    #[serde(rename = "none")]
    None,
}
