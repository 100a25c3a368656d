//! What stands behind the word of an operation mode.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::value::Address;

/// Protection of a connection (guide 3.1, Secure Connection).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Secure {
    /// In clear.
    None,
    /// Encrypted; the peer is not proved.
    Encrypted,
    /// Encrypted, and the peer's certificate is checked against `ca`.
    EncryptedAuthenticated,
}

/// Who checks a login on a reverse terminal (nport.md 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum TerminalLogin {
    /// Nobody.
    None,
    /// The local accounts.
    Local,
    /// RADIUS.
    Radius,
    /// RADIUS, then the local accounts.
    RadiusLocal,
    /// The local accounts, then RADIUS.
    LocalRadius,
    /// TACACS+.
    Tacacs,
    /// TACACS+, then the local accounts.
    TacacsLocal,
    /// The local accounts, then TACACS+.
    LocalTacacs,
}

/// Where a TCP client, or a reverse Real COM port, connects to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Destination {
    /// Address or name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub address: Option<String>,
    /// TCP port there.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// TCP port here.
    #[schemars(range(min = 1, max = 65535))]
    pub local_port: Option<u16>,
    /// TCP port for commands there (reverse Real COM).
    #[schemars(range(min = 1, max = 65535))]
    pub command_port: Option<u16>,
    /// TCP port for commands here (reverse Real COM).
    #[schemars(range(min = 1, max = 65535))]
    pub local_command_port: Option<u16>,
}

/// Addresses that datagrams go to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct AddressRange {
    /// First address.
    #[schemars(extend("x-key" = true))]
    pub from: Option<Address>,
    /// Last address.
    pub to: Option<Address>,
    /// UDP port there.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
}
