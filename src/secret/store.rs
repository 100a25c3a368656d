//! The secrets of one run, by name.

use std::collections::BTreeMap;

use super::{SecretRef, SecretValue};

/// Where the values are.
#[derive(Default)]
pub enum Secrets {
    /// None were given: rules that need them are deferred, nothing can be sealed.
    #[default]
    Absent,
    /// On purpose none: everything but sealing works (`--secrets placeholder`).
    Placeholder,
    /// Read once, at the start.
    Loaded(BTreeMap<SecretRef, SecretValue>),
}

impl Secrets {
    /// A value by its name.
    pub fn get(&self, name: &str) -> Option<&SecretValue> {
        match self {
            Secrets::Loaded(values) => SecretRef::new(name).ok().and_then(|n| values.get(&n)),
            _ => None,
        }
    }

    /// Whether values were given at all.
    pub fn is_loaded(&self) -> bool {
        matches!(self, Secrets::Loaded(_))
    }
}
