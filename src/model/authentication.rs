//! Central login servers. Whether they are asked stands in `services`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Secret, Switch, Time};

/// Servers that are asked before or instead of the local accounts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Authentication {
    /// Who checks a login on the consoles, in which order (NPort 6000).
    pub console: Option<ConsoleLogin>,
    /// Whether a console login that one server denies is tried with the next kind, too (NPort 6000).
    pub try_next: Option<Switch>,
    /// RADIUS servers in order of preference.
    #[serde(default)]
    #[schemars(extend("x-ordered" = true))]
    pub radius: Vec<Radius>,
    /// TACACS+ servers in order of preference.
    #[serde(default)]
    #[schemars(extend("x-ordered" = true))]
    pub tacacs: Vec<Tacacs>,
}

/// Who checks a login on the consoles (MOXA-NP6000-MIB, consoleAuthenticationType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ConsoleLogin {
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

/// A RADIUS server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Radius {
    /// Address or name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub server: Option<String>,
    /// UDP port; 1812, or the retired 1645.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Name of the shared secret.
    #[schemars(extend("x-secret" = "{device}/radius"))]
    pub secret: Option<Secret>,
    /// How the password travels.
    pub method: Option<RadiusMethod>,
    /// Whether logins are reported to it.
    pub accounting: Option<Switch>,
    /// How long to wait for an answer.
    pub timeout: Option<Time>,
}

/// How a password travels to a RADIUS server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum RadiusMethod {
    /// PAP.
    Pap,
    /// CHAP.
    Chap,
    /// PEAP with MS-CHAPv2.
    PeapMschapv2,
}

/// A TACACS+ server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Tacacs {
    /// Address or name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub server: Option<String>,
    /// TCP port; 49.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Name of the shared secret.
    #[schemars(extend("x-secret" = "{device}/tacacs"))]
    pub secret: Option<Secret>,
    /// How the password travels.
    pub method: Option<TacacsMethod>,
    /// Whether logins are reported to it.
    pub accounting: Option<Switch>,
    /// How long to wait for an answer.
    pub timeout: Option<Time>,
}

/// How a password travels to a TACACS+ server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum TacacsMethod {
    /// ASCII login, character by character.
    Ascii,
    /// PAP.
    Pap,
    /// CHAP.
    Chap,
    /// MS-CHAP.
    Mschap,
}
