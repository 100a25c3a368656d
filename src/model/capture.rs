//! A capture: the state read from a device, redacted.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Moment, Name, Version};

/// What `captures/<device>.kdl` says of the native text beside it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Capture {
    /// The device.
    #[schemars(extend("x-key" = true))]
    #[schemars(extend("x-required" = true))]
    pub device: Option<Name>,
    /// Form of the text beside it.
    #[schemars(extend("x-required" = true))]
    pub form: Option<CaptureForm>,
    /// When it was read.
    #[schemars(extend("x-required" = true))]
    pub taken: Option<Moment>,
    /// Who read it: a person of the site.
    #[schemars(extend("x-required" = true))]
    pub by: Option<Name>,
    /// How.
    pub how: Option<How>,
    /// Firmware that the device named.
    pub firmware: Option<Version>,
    /// Serial number that the device named.
    #[schemars(length(min = 1, max = 64))]
    pub serial: Option<String>,
    /// Secrets that it held, where the site's key for fingerprints was at hand when it was read: whether the device has
    /// the one that is described can be told of them, and nothing else.
    #[serde(default)]
    pub held: Vec<HeldSecret>,
}

/// A secret that the device held: `held "accounts.account[admin].password" fingerprint="k9b83:r6x6dr82cg66a"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct HeldSecret {
    /// The setting, as differences name it.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 512))]
    pub setting: Option<String>,
    /// `KEY:FINGERPRINT`. The site, the device and the setting are in it: equal secrets have different ones.
    #[schemars(length(min = 1, max = 64))]
    pub fingerprint: Option<String>,
}

/// Form of a captured text, and its file ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum CaptureForm {
    /// Sections and keys.
    Ini,
    /// Command lines.
    Cli,
    /// Menu path, field and value, by a person.
    Sheet,
    /// An exported file that nobody can read, sealed as it is; its ending is `flk`.
    Sealed,
}

/// How a capture was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum How {
    /// A file that the device exported.
    Export,
    /// `show running-config`.
    RunningConfig,
    /// A sheet filled in by a person.
    Sheet,
}
