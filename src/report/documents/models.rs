//! What fieldlock knows of each model: its ports, and the firmware from which on no hole is known.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::model::device::PlatformKind;
use crate::native::{Form, Grade};
use crate::platform;
use crate::policy::Advisories;
use crate::report::KnownHoles;
use crate::site::models::{self, Model};

/// All models of some platforms.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ModelList {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The list of known holes that firmware is held against.
    pub known_holes: KnownHoles,
    /// Each platform.
    pub platforms: Vec<PlatformModels>,
}

/// A platform, what its settings are written as, and its models.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlatformModels {
    /// The word for it in a description.
    pub platform: String,
    /// The form that a machine reads: `ini` or `cli`. Absent where people type all of it from a sheet.
    pub machine_form: Option<String>,
    /// The tables that its native text is written and read by.
    pub tables: Vec<TableOf>,
    /// Its models.
    pub models: Vec<ModelEntry>,
}

/// A table of native text.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TableOf {
    /// `ini`, `cli` or `sheet`.
    pub form: String,
    /// Firmware that it holds for.
    pub firmware: String,
}

/// A model.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ModelEntry {
    /// Its name, as labels begin.
    pub model: String,
    /// How many Ethernet ports it has; absent where nobody says.
    pub ethernet_ports: Option<u32>,
    /// How an Ethernet port is named, `{n}` for its number; absent where no source says.
    pub ethernet_port_name: Option<String>,
    /// How many serial ports it has; absent where nobody says.
    pub serial_ports: Option<u32>,
    /// How sure the ports are.
    pub grade: Grade,
    /// From where they are known.
    pub source: String,
    /// The lowest firmware that no hole is known of; absent where none is named.
    pub firmware_floor: Option<FirmwareFloor>,
    /// Advisories that name the model.
    pub advisories: Vec<String>,
}

/// The lowest firmware of a model that no hole is known of.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FirmwareFloor {
    /// The version.
    pub version: String,
    /// How sure that is.
    pub grade: Grade,
    /// From where it is known.
    pub source: String,
}

impl ModelList {
    /// Of some platforms, held against a list of known holes.
    pub fn of(platforms: &[PlatformKind], holes: &Advisories) -> ModelList {
        ModelList {
            format_version: FORMAT_VERSION,
            known_holes: KnownHoles::of(holes),
            platforms: platforms.iter().map(|kind| PlatformModels::of(*kind, holes)).collect(),
        }
    }
}

impl PlatformModels {
    fn of(kind: PlatformKind, holes: &Advisories) -> PlatformModels {
        let on = platform::of(kind);
        let form = |form: Form| form.ending().to_owned();
        let tables = Form::ALL.into_iter().filter_map(|form| on.table(form));
        PlatformModels {
            platform: kind.word().to_owned(),
            machine_form: on.machine.map(form),
            tables: tables.map(|t| TableOf { form: form(t.form), firmware: t.firmware.to_string() }).collect(),
            models: models::of(kind).iter().map(|model| ModelEntry::of(kind, model, holes)).collect(),
        }
    }
}

impl ModelEntry {
    fn of(kind: PlatformKind, model: &Model, holes: &Advisories) -> ModelEntry {
        ModelEntry {
            model: model.name.to_string(),
            ethernet_ports: model.ethernet,
            ethernet_port_name: model.port_name.as_deref().map(str::to_owned),
            serial_ports: model.serial,
            grade: model.grade,
            source: model.source.to_string(),
            firmware_floor: holes.lowest_clean(kind, &model.name).map(|(version, hole)| FirmwareFloor {
                version: version.to_string(),
                grade: hole.grade,
                source: hole.source.to_string(),
            }),
            advisories: holes.naming(kind, &model.name).iter().map(ToString::to_string).collect(),
        }
    }
}
