//! A difference by meaning.

use super::HIDDEN;
use crate::source::Origin;

/// How a secret compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecretState {
    /// The device holds the same value.
    Unchanged,
    /// Another one.
    Changed,
    /// The device has none.
    New,
    /// One side can't be read.
    CannotCompare,
    /// The device holds a hash of a scheme that can't be compared. No drift: told, and no more.
    Opaque,
}

impl Change {
    /// Whether both sides could be held against each other. Where one of them is not shown nobody knows whether they
    /// differ: that is told, and is no difference.
    pub fn is_compared(&self) -> bool {
        !matches!(self.secret, Some(SecretState::CannotCompare | SecretState::Opaque))
            && self.before.as_deref() != Some(HIDDEN)
    }
}

/// One setting that differs between the device and what is desired.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Dotted path.
    pub path: String,
    /// What the device has, as KDL shows it; `None` where it has nothing.
    pub before: Option<String>,
    /// What is desired, as KDL shows it; `None` where an owned list takes it away.
    pub after: Option<String>,
    /// For secrets: how they compare. Values are in neither text.
    pub secret: Option<SecretState>,
    /// Who says the desired value.
    pub origin: Origin,
    /// Menu path on the device's web pages, where known.
    pub menu: Option<String>,
}
