//! Devices to rehearse on: where they answer; and how far somebody comes with a device.

use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FORMAT_VERSION;

/// Devices of a lab, while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabDevices {
    /// Version of this format: 1.
    pub format_version: u32,
    /// Each device with a command line.
    pub devices: Vec<LabDevice>,
    /// The web console of each device without one.
    #[serde(default)]
    pub consoles: Vec<LabConsole>,
}

/// A web console of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabConsole {
    /// Its name in the site.
    pub name: String,
    /// Where its pages are: `http://127.0.0.1:2203/`.
    pub url: String,
}

/// A device of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabDevice {
    /// Its name in the site.
    pub name: String,
    /// Where it answers: address and port.
    #[schemars(with = "String")]
    pub address: SocketAddr,
    /// The fingerprint of its host key, which is another one each time.
    pub host_key: String,
}

/// How far somebody comes with a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Examined {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The device.
    pub device: String,
    /// Each step, up to the first that fails.
    pub steps: Vec<ExaminedStep>,
}

/// A step towards what runs on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExaminedStep {
    /// What was tried.
    pub step: String,
    /// Whether it went well.
    pub ok: bool,
    /// What was found, or why it failed.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl LabDevices {
    /// Of these devices.
    pub fn of(devices: Vec<LabDevice>, consoles: Vec<LabConsole>) -> LabDevices {
        LabDevices { format_version: FORMAT_VERSION, devices, consoles }
    }
}

impl Examined {
    /// Of these steps.
    pub fn of(device: String, steps: Vec<ExaminedStep>) -> Examined {
        Examined { format_version: FORMAT_VERSION, device, steps }
    }
}
