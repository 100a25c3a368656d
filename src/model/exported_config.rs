//! How the device protects the files it exports.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Secret, Switch};

/// `exported-config encrypted=on password=(stored)"np07/backup"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct ExportedConfig {
    /// Whether exported files are encrypted. An image of an NPort 6000 then holds the file for the device in the
    /// device's own encryption, too (`native.dec`), which protects little.
    pub encrypted: Option<Switch>,
    /// How much of the file is.
    pub scope: Option<EncryptionScope>,
    /// Whether a file is taken from a device with the same firmware alone (`config-fwr-ver-check`).
    pub check_firmware: Option<Switch>,
    /// Whether exported files are signed.
    pub signed: Option<Switch>,
    /// Name of the password's secret.
    #[schemars(extend("x-secret" = "{device}/backup", "x-secret-when" = "encrypted=on"))]
    pub password: Option<Secret>,
}

/// How much of an exported file is encrypted (`config-file data-encryption`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum EncryptionScope {
    /// Secrets only.
    Sensitive,
    /// The whole file.
    All,
}
