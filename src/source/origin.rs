//! Where a value came from: its place, and the layer that said it.

use super::{FileId, Loc, Span};

/// The kinds of layer, lowest first: what a higher one says wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LayerKind {
    /// What the vendor ships, per platform and firmware.
    Factory,
    /// A capture of the device that a rendering is laid over.
    #[serde(rename = "capture")]
    Base,
    /// A profile, reached by `use`.
    Profile,
    /// The device's own words.
    Device,
}

/// Origin of one value: 16 bytes, kept beside every fact.
///
/// `layer` is an index into the layers of the device that the facts belong to; before merging it is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub file: FileId,
    /// The bytes in it.
    pub span: Span,
    /// Index of the layer in the merged device.
    pub layer: u16,
}

impl Origin {
    /// An origin in a file, before merging.
    pub fn new(loc: Loc) -> Origin {
        Origin { file: loc.file, span: loc.span, layer: 0 }
    }

    /// Of a value that no text says.
    pub const NONE: Origin = Origin { file: FileId::NONE, span: Span { start: 0, end: 0 }, layer: 0 };

    /// The place alone.
    pub fn loc(self) -> Loc {
        Loc { file: self.file, span: self.span }
    }
}
