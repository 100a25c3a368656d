//! What `capture` and `import` made of files from devices.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;

/// Files from devices, and what became of each.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Imported {
    /// Version of this format: 1.
    pub format_version: u32,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The devices, by name.
    pub devices: Vec<ImportedDevice>,
    /// Profiles of what devices share.
    pub profiles: Vec<ProposedProfile>,
    /// Secrets that were read in clear, by name: sealed where a passphrase was given, else kept nowhere.
    pub read_secrets: Vec<String>,
    /// Whether they were sealed into the site's store.
    pub sealed: bool,
    /// Files that nothing was made of.
    pub refused: Vec<RefusedFile>,
}

impl Default for Imported {
    fn default() -> Imported {
        Imported {
            format_version: FORMAT_VERSION,
            dry_run: true,
            devices: Vec::new(),
            profiles: Vec::new(),
            read_secrets: Vec::new(),
            sealed: false,
            refused: Vec::new(),
        }
    }
}

/// A device of which something was read.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct ImportedDevice {
    /// Its name in the site.
    pub device: String,
    /// The file that it was read from, or the line of a list.
    pub from: String,
    /// Whether the device had encrypted it.
    pub encrypted: bool,
    /// Its platform.
    pub platform: String,
    /// The model that it told.
    pub model: Option<String>,
    /// The serial number that it told.
    pub serial: Option<String>,
    /// The firmware that it told.
    pub firmware: Option<String>,
    /// The redacted text in the site; none where it stands in a list only.
    pub capture: Option<String>,
    /// Its description, where it was written: a device that the site had keeps its own.
    pub description: Option<String>,
    /// The profile that the description is over.
    pub profile: Option<String>,
    /// Lines of the description.
    pub lines: usize,
    /// Lines of the text that no setting maps; they are in the capture.
    pub without_setting: usize,
    /// Those of them that no table lists, redacted, each with its number in the text: `line 41: <hidden>`.
    pub unknown: Vec<String>,
    /// Secrets that it needs and whose values were not read, by name.
    pub secrets: Vec<String>,
    /// What it has otherwise than when it was read before.
    pub changes: Vec<ChangedSetting>,
    /// How an export that nobody can read, and that is kept sealed, stands to the one before.
    pub sealed_export: Option<ComparedExport>,
}

/// An export that nobody can read, against the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ComparedExport {
    /// There was none before.
    First,
    /// Byte for byte the same.
    Same,
    /// The same but for bytes that differ between exports of a unit that nobody touched.
    SameButVolatile {
        /// How many.
        bytes: usize,
    },
    /// Nobody touched the unit: what differs is volatile from now on.
    Learned {
        /// How many bytes differ.
        bytes: usize,
        /// How many of them were not known to.
        new: usize,
    },
    /// Most bytes differ though nobody touched the unit: the device encrypts each export afresh.
    CannotTell {
        /// How many bytes differ.
        bytes: usize,
    },
    /// Something was changed on the device.
    Differs {
        /// How many bytes, without volatile ones.
        bytes: usize,
        /// How many volatile ones beside them.
        volatile: usize,
    },
    /// It is longer or shorter: something was changed, and which bytes are volatile has to be learned anew.
    OtherLength {
        /// How long the one before was, in bytes.
        before: usize,
        /// How long it is.
        now: usize,
    },
}

/// A setting that a device has otherwise than before; secrets only say that they are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangedSetting {
    /// Dotted path.
    pub path: String,
    /// What it was, as KDL.
    pub before: Option<String>,
    /// What it is, as KDL.
    pub after: Option<String>,
}

/// A profile of what devices share.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProposedProfile {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// How many devices use it.
    pub devices: usize,
    /// How many settings it says.
    pub settings: usize,
}

/// A file that nothing was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RefusedFile {
    /// The file.
    pub file: String,
    /// Why.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}
