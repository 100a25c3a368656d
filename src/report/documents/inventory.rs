//! The devices of a site, with their firmware and what is known of its holes.

use schemars::JsonSchema;
use serde::Serialize;

use super::listed::ToldOf;
use crate::report::KnownHoles;

/// The devices of a site.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Inventory {
    /// Of which state.
    #[serde(flatten)]
    pub of: ToldOf,
    /// The list of known holes that firmware is held against: what came out after its day is not in it.
    pub known_holes: KnownHoles,
    /// The devices that were asked for, by name.
    pub devices: Vec<InventoryDevice>,
}

/// A device: what people say of it, and what was read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InventoryDevice {
    /// Its name.
    pub device: String,
    /// `mx-ros`.
    pub platform: String,
    /// As its label says it.
    pub model: Option<String>,
    /// The zone that it stands in.
    pub zone: Option<String>,
    /// Number in the asset register.
    pub asset: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// Hardware address.
    pub mac: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it stands.
    pub location: Option<String>,
    /// Addresses of its interfaces.
    pub addresses: Vec<String>,
    /// Firmware that it is described with.
    pub firmware: Option<String>,
    /// Firmware that was read from it; none where it was never read.
    pub seen_firmware: Vec<String>,
    /// Whether the site approves all of this firmware for the model; absent where it approves none at all.
    pub approved: Option<bool>,
    /// Holes that were published of that firmware.
    pub holes: Vec<HoleInFirmware>,
    /// The lowest firmware above it without a hole that was known; absent where none has to be, or none is known.
    pub mended_by: Option<String>,
    /// When it was read last; absent where it never was.
    pub read: Option<LastRead>,
    /// The last receipt of work on it.
    pub receipt: Option<String>,
}

/// When a device was read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LastRead {
    /// When.
    pub at: String,
    /// Who did: a person of the site.
    pub by: String,
    /// How: `export`, `running-config`, `sheet`.
    pub how: String,
}

/// A hole that was published.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HoleInFirmware {
    /// The advisory.
    pub advisory: String,
    /// Its CVE records.
    pub cves: Vec<String>,
    /// The firmware that has it.
    pub firmware: String,
    /// Whether it surely has; else no source is sure.
    pub certain: bool,
    /// The first firmware without it, where one is named.
    pub fixed: Option<String>,
}
