//! What `retire` does with a device, and what people have to do.

use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT_VERSION, Location};
use crate::native::Grade;

/// A device that is taken out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Retirement {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The device.
    pub device: String,
    /// Its platform.
    pub platform: String,
    /// Its model, where said.
    pub model: Option<String>,
    /// Its serial number, where said.
    pub serial: Option<String>,
    /// Where it stands, where said.
    pub location: Option<String>,
    /// Who takes it out.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, as people read it.
    pub at: String,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// What to do at the device, in order.
    pub steps: Vec<Step>,
    /// Lines of other files that speak of it: an allowlist, a peer, a server.
    pub lines: Vec<Mention>,
    /// Servers that know it: it is a client of theirs until somebody takes it out there.
    pub servers: Vec<Server>,
    /// The certificate that it shows of itself, to be revoked.
    pub certificates: Vec<Shared>,
    /// Secrets that it knows, by name.
    pub secrets: Vec<Shared>,
    /// Files of the site that are moved.
    pub moved: Vec<MovedFile>,
    /// The record, an attestation whose points are open.
    pub record: String,
    /// This page, kept as its evidence.
    pub page: String,
}

/// What people do at the device.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Step {
    /// What to do.
    pub text: String,
    /// How sure that is.
    pub grade: Grade,
    /// From where it is known.
    pub source: String,
}

/// A line that speaks of the device.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Mention {
    /// Of which other device; absent where it is the site's own.
    pub device: Option<String>,
    /// Dotted path of the setting.
    pub path: String,
    /// What it says.
    pub value: String,
    /// Where.
    pub location: Option<Location>,
}

/// A server that knows the device.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Server {
    /// Its address.
    pub address: String,
    /// The setting by which the device asks it.
    pub path: String,
}

/// What the device has and others may have too.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shared {
    /// Its name, never a value.
    pub name: String,
    /// Other devices that have it.
    pub with: Vec<String>,
}

/// A file of the site that is moved.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MovedFile {
    /// From here.
    pub from: String,
    /// To there.
    pub to: String,
}

impl Retirement {
    /// The version of the format.
    pub const VERSION: u32 = FORMAT_VERSION;
}
