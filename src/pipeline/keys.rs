//! The keys of a run: one per group of devices.

use std::collections::BTreeMap;

use crate::image::PassphraseKey;

/// Keys by the group whose images and secrets they seal; see [`Site::group`](crate::site::Site::group).
#[derive(Default)]
pub struct Keys {
    of: BTreeMap<String, PassphraseKey>,
}

impl Keys {
    /// None yet.
    pub fn new() -> Keys {
        Keys::default()
    }

    /// Takes the key of a group, in place of the one it had.
    pub fn insert(&mut self, group: &str, key: PassphraseKey) {
        self.of.insert(group.to_owned(), key);
    }

    /// The key of a group.
    pub fn of(&self, group: &str) -> Option<&PassphraseKey> {
        self.of.get(group)
    }
}
