//! Native lines that no entry of a table maps, and what they may change beside what they say.

use std::sync::Arc;

use crate::source::Loc;

/// Which settings a native line may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touches {
    /// Nobody says: all of them.
    Anything,
    /// These, as dotted paths without keys; none at all where the list is empty.
    These(Arc<[Box<str>]>),
}

impl Touches {
    /// No setting.
    pub fn none() -> Touches {
        Touches::These(Arc::default())
    }

    /// Whether somebody says of some settings that it may change them.
    pub fn names_some(&self) -> bool {
        matches!(self, Touches::These(paths) if !paths.is_empty())
    }
}

/// A native line that a device will have and that no rule can judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// Where it stands: in a description, or in what was read from the device.
    pub loc: Loc,
    /// The line as everybody may see it.
    pub shown: Box<str>,
    /// Which settings it may change.
    pub touches: Touches,
    /// Whether it was read from the device; else somebody wrote it.
    pub read: bool,
}
