//! What the verdict of a rule rests on, as a word.

use schemars::JsonSchema;
use serde::Serialize;

/// What a verdict rests on, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Nothing yet: it is judged later.
    None,
    /// The description alone says so.
    Declared,
    /// Secrets and files were at hand when it was built.
    Built,
    /// A person saw it on the device, or attests it.
    Person,
    /// The device itself said so, read by machine.
    ReadBack,
}

impl Evidence {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Evidence::None => "not judged yet",
            Evidence::Declared => "declared",
            Evidence::Built => "built",
            Evidence::Person => "confirmed by a person",
            Evidence::ReadBack => "read back",
        }
    }
}
