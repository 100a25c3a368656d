//! The device side's vocabulary: native text, its lines, grades, changes. Plain data; `dialect` and `platform` make
//! it, `image`, `diff` and `report` use it.

mod change;
mod config;
mod reading;
mod token;
mod unjudged;

pub use change::{Change, Page, SecretState, Side, is_hidden};
pub use config::{
    Alphabet, FillError, Filled, Fingerprint, Form, NativeConfig, NativeText, Piece, RedactSpan, Rendered,
};
pub use reading::{KeptLine, Reading};
pub use token::Token;
pub use unjudged::{Touches, Unjudged};

/// What stands for a native value that may not be shown.
pub const HIDDEN: &str = "<hidden>";

/// How sure we are that the real device takes a line, or means what we think by it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// No source: never rendered by itself.
    Unknown,
    /// A site's own capture.
    Site,
    /// A sister family, or an inference from a source.
    Likely,
    /// Seen in the source named.
    Confirmed,
}

impl Grade {
    /// The word as written in dialects and reports.
    pub fn word(self) -> &'static str {
        match self {
            Grade::Unknown => "unknown",
            Grade::Site => "site",
            Grade::Likely => "likely",
            Grade::Confirmed => "confirmed",
        }
    }

    /// From the word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Grade> {
        [Grade::Unknown, Grade::Site, Grade::Likely, Grade::Confirmed].into_iter().find(|g| g.word() == word)
    }
}
