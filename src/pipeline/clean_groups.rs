//! What hundreds of devices take from one profile is looked at once.
//!
//! Groups that devices share need no second look on the same platform: no line of a table says settings of two groups,
//! as a test asks of every table.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::{Group, Setting};
use crate::site::SiteDevice;

/// Groups of settings that a device was found with against which nothing stands. They are kept, so that no other group
/// can have the identity of one of them.
#[derive(Default)]
pub(super) struct CleanGroups(Mutex<HashMap<(PlatformKind, usize), Group>>);

impl CleanGroups {
    /// What of a device's own settings still has to be looked at; `None` where that is all.
    pub(super) fn rest(&self, device: &SiteDevice) -> Option<Facts> {
        let clean = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let root = &device.own.root;
        let is_clean = |setting: &Setting| match setting {
            Setting::Group(group) => clean.contains_key(&(device.platform, group.identity())),
            Setting::Value(_) | Setting::Items(_) => false,
        };
        if !root.iter().any(|(_, setting)| is_clean(setting)) {
            return None;
        }
        let mut rest = Group::new(root.shape, root.origin);
        for (ix, setting) in root.iter().filter(|(_, setting)| !is_clean(setting)) {
            rest.set(ix, setting.clone());
        }
        Some(Facts { shape: device.own.shape, root: rest })
    }

    /// Nothing stands against any setting of this device: other devices of its platform may have the same groups.
    pub(super) fn remember(&self, device: &SiteDevice) {
        let mut clean = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, setting) in device.own.root.iter() {
            if let Setting::Group(group) = setting
                && group.origin.loc().file != device.loc.file
            {
                clean.entry((device.platform, group.identity())).or_insert_with(|| group.clone());
            }
        }
    }
}
