//! Why a verb could not do its work.

use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT_VERSION, Tool};

/// What `--format json` prints where a verb could not do its work.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorDocument {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The program.
    pub tool: Tool,
    /// What stopped it.
    pub error: ErrorJson,
}

impl ErrorDocument {
    /// Of a version of the program.
    pub fn of(version: &str, error: ErrorJson) -> ErrorDocument {
        ErrorDocument { format_version: FORMAT_VERSION, tool: Tool::of(version), error }
    }
}

/// What stopped a verb.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorJson {
    /// The exit code.
    pub exit: u8,
    /// The sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// In what state things are left.
    pub state: Option<String>,
}
