//! SNMP agent and traps. Whether the agent answers stands in `services`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Secret;

/// What the SNMP agent speaks and to whom it reports.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Snmp {
    /// Versions that are spoken.
    pub versions: Option<Vec<SnmpVersion>>,
    /// What the agent is told apart by, and what keys of users are made with: 5 to 32 bytes in hexadecimal (RFC 3411).
    #[schemars(length(min = 10, max = 64))]
    pub engine_id: Option<String>,
    /// Users of version 3.
    #[serde(default)]
    pub user: Vec<SnmpUser>,
    /// Communities of versions 1 and 2c.
    #[serde(default)]
    pub community: Vec<Community>,
    /// Receivers of traps and informs.
    #[serde(default)]
    pub trap: Vec<Trap>,
}

/// A version of SNMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum SnmpVersion {
    /// Version 1, in clear.
    V1,
    /// Version 2c, in clear.
    V2c,
    /// Version 3.
    V3,
}

/// A user of SNMPv3.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct SnmpUser {
    /// Its name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 32))]
    pub name: Option<String>,
    /// What it may do.
    pub access: Option<SnmpAccess>,
    /// How it proves itself.
    pub auth: Option<SnmpAuth>,
    /// How what it sends is encrypted.
    pub privacy: Option<SnmpPrivacy>,
    /// Name of the secret it proves itself with.
    #[schemars(extend("x-secret" = "{device}/snmp-{key}-auth", "x-secret-when" = "auth"))]
    pub auth_password: Option<Secret>,
    /// Name of the secret that encrypts.
    #[schemars(extend("x-secret" = "{device}/snmp-{key}-privacy", "x-secret-when" = "privacy"))]
    pub privacy_password: Option<Secret>,
}

/// What an SNMP user or community may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum SnmpAccess {
    /// Look.
    ReadOnly,
    /// Change.
    ReadWrite,
}

/// How an SNMPv3 user proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum SnmpAuth {
    /// Not at all.
    None,
    /// HMAC-MD5.
    Md5,
    /// HMAC-SHA-1.
    Sha,
    /// HMAC-SHA-2.
    Sha256,
}

/// How SNMPv3 messages are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum SnmpPrivacy {
    /// Not at all.
    None,
    /// DES.
    Des,
    /// AES-128.
    Aes,
}

/// A community of SNMP 1 and 2c: a password in clear, hence a secret.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Community {
    /// What it allows.
    #[schemars(extend("x-key" = true))]
    pub access: Option<SnmpAccess>,
    /// Name of the secret that is its text.
    #[schemars(extend("x-secret" = "{device}/snmp-{key}"))]
    pub text: Option<Secret>,
}

/// A receiver of traps or informs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Trap {
    /// Address or name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub receiver: Option<String>,
    /// Version that is sent.
    pub version: Option<SnmpVersion>,
    /// Whether the receiver confirms.
    pub kind: Option<TrapKind>,
    /// Name of the secret that is the community's text (versions 1 and 2c).
    #[schemars(extend("x-secret" = "{device}/snmp-trap", "x-secret-when" = "version=v1,v2c"))]
    pub community: Option<Secret>,
}

/// Whether a trap is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum TrapKind {
    /// Sent once.
    Trap,
    /// Sent until confirmed.
    Inform,
}
