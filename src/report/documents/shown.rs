//! A device as it is merged: each setting, and who says it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT_VERSION, Location, location};
use crate::model::facts::{Value, leaves};
use crate::report::show::Shown;
use crate::source::{LayerKind, SourceMap};

/// Devices as they are merged.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownDevices {
    /// Version of this format: 1.
    pub format_version: u32,
    /// Each of them.
    pub devices: Vec<ShownDevice>,
}

impl ShownDevices {
    /// Of devices.
    pub fn of(devices: Vec<ShownDevice>) -> ShownDevices {
        ShownDevices { format_version: FORMAT_VERSION, devices }
    }
}

/// A device.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownDevice {
    /// Its name.
    pub device: String,
    /// Its platform.
    pub platform: &'static str,
    /// Its settings in the order of the language.
    pub settings: Vec<ShownSetting>,
}

/// A setting. The value of a secret is never among them: its name stands there.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownSetting {
    /// Dotted path, the key of an entry in brackets.
    pub path: String,
    /// As KDL; absent where it can't be read, or where a device has a secret that was not read.
    pub value: Option<String>,
    /// Who says it.
    pub layer: Option<LayerKind>,
    /// Where.
    pub location: Option<Location>,
}

impl ShownDevice {
    /// Of a device.
    pub fn of(shown: Shown<'_>, sources: &SourceMap) -> ShownDevice {
        let Shown { device, facts } = shown;
        let setting = |leaf: crate::model::facts::Leaf<'_>| ShownSetting {
            value: match &leaf.fact.value {
                Value::Bad | Value::Foreign(_) | Value::Held => None,
                known => Some(known.to_kdl()),
            },
            layer: device.layer(leaf.fact.origin).map(|layer| layer.kind),
            location: location(sources, leaf.fact.origin.loc()),
            path: leaf.path,
        };
        ShownDevice {
            device: device.name.to_string(),
            platform: device.platform.word(),
            settings: leaves(facts).map(setting).collect(),
        }
    }
}
