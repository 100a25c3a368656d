//! What was seen of devices from outside.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;

/// Devices that were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Probed {
    /// Version of this format: 1.
    pub format_version: u32,
    /// When: a time in UTC.
    pub at: String,
    /// Each device.
    pub devices: Vec<ProbedDevice>,
}

/// A device that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProbedDevice {
    /// Its name.
    pub device: String,
    /// The address that was looked at.
    pub address: String,
    /// What was seen.
    pub sights: Vec<ProbedSight>,
}

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProbedSight {
    /// The setting that it is about.
    pub path: String,
    /// What was seen.
    pub seen: String,
    /// What it says of the description.
    pub verdict: ProbedVerdict,
    /// The rules that ask something of that setting.
    pub rules: Vec<String>,
    /// What it rests on: `read back`.
    pub evidence: String,
}

/// What a sight says of the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProbedVerdict {
    /// As it is described.
    Agrees,
    /// Otherwise than it is described.
    Differs,
    /// What nobody should see from outside, whatever is described.
    Broken,
    /// Nothing is described that it could be held against.
    Told,
}

impl Probed {
    /// Of these devices.
    pub fn of(at: String, devices: Vec<ProbedDevice>) -> Probed {
        Probed { format_version: FORMAT_VERSION, at, devices }
    }
}
