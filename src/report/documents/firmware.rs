//! What a file of a firmware is, by the site's list.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::model::site::Firmware;

/// A file that the list knows.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FirmwareFile {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The file as it was named.
    pub file: String,
    /// Its SHA-512, in hexadecimal.
    pub sha512: String,
    /// How many bytes it has.
    pub size: u64,
    /// The lines of the list that say what it is.
    pub lines: Vec<FirmwareLine>,
}

/// A line of the list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FirmwareLine {
    /// The model, as its label begins.
    pub model: Option<String>,
    /// The version.
    pub version: Option<String>,
    /// Whether devices of the model are to have it; absent where the list does not say.
    pub approved: Option<bool>,
    /// From where the file is.
    pub from: Option<String>,
    /// Where its release notes are.
    pub notes: Option<String>,
    /// When it was taken from there.
    pub taken: Option<String>,
    /// Who took it.
    pub by: Option<String>,
}

impl FirmwareFile {
    /// A file, and what the list says of it.
    pub fn of(file: &str, sha512: String, size: u64, lines: &[&Firmware]) -> FirmwareFile {
        let lines = lines.iter().map(|line| FirmwareLine::of(line)).collect();
        FirmwareFile { format_version: FORMAT_VERSION, file: file.to_owned(), sha512, size, lines }
    }
}

impl FirmwareLine {
    fn of(line: &Firmware) -> FirmwareLine {
        FirmwareLine {
            model: line.model.clone(),
            version: line.version.map(|version| version.to_string()),
            approved: line.approved.map(|switch| switch.0),
            from: line.from.clone(),
            notes: line.notes.clone(),
            taken: line.taken.map(|day| day.to_string()),
            by: line.by.as_ref().map(|name| name.to_string()),
        }
    }
}
