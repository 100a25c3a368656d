//! The rules that look at a setting: a sheet names them for each row, a comparison for each change. Thousands of devices
//! ask for the same settings, so each is answered once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Plant;
use crate::model::device::PlatformKind;
use crate::model::facts::without_keys;
use crate::policy::concerns_bare;

/// Rules by a path without its keys.
type ByPath = HashMap<String, Arc<[String]>>;

/// The rules in force with the settings that they read.
pub(super) struct Why {
    rules: Vec<(String, Vec<PlatformKind>, Vec<String>)>,
    known: Mutex<HashMap<Option<PlatformKind>, ByPath>>,
}

impl Why {
    /// Of the packs in force.
    pub(super) fn of(plant: &Plant) -> Why {
        let rules = plant.packs.rules().map(|r| (r.id.to_string(), r.platforms.clone(), r.paths())).collect();
        Why { rules, known: Mutex::default() }
    }

    /// The ids of those that read what stands at a path, and speak of the platform where one is named.
    pub(super) fn rules(&self, platform: Option<PlatformKind>, path: &str) -> Arc<[String]> {
        let bare = without_keys(path);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(platform).or_default();
        if let Some(rules) = known.get(&bare) {
            return Arc::clone(rules);
        }
        let reads = |(_, platforms, paths): &&(String, Vec<PlatformKind>, Vec<String>)| {
            platform.is_none_or(|platform| platforms.contains(&platform)) && concerns_bare(paths, &bare)
        };
        let rules: Arc<[String]> = self.rules.iter().filter(reads).map(|r| r.0.clone()).collect();
        known.insert(bare, Arc::clone(&rules));
        rules
    }
}
