//! The rules that look at a setting, and those that it decides: a sheet names these for each row, a comparison for each
//! change. Thousands of devices ask for the same settings, so each is answered once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::ReadySite;
use crate::model::device::PlatformKind;
use crate::model::facts::without_keys;
use crate::model::shape::FieldIx;
use crate::policy::{concerns_bare, decides_bare, settings};

/// Rules by a path without its keys.
type ByPath = HashMap<String, Arc<[String]>>;

/// The rules in force with the settings that they read.
pub(super) struct Why {
    rules: Vec<OfRule>,
    seen: Mutex<ByPath>,
    decided: Mutex<HashMap<PlatformKind, ByPath>>,
}

struct OfRule {
    id: String,
    platforms: Vec<PlatformKind>,
    /// All that it reads.
    reads: Vec<String>,
    /// The settings that it asks something of.
    asks: Vec<Vec<FieldIx>>,
}

impl Why {
    /// Of the packs in force.
    pub(super) fn of(ready: &ReadySite) -> Why {
        let of = |r: &Arc<crate::policy::Rule>| OfRule {
            id: r.id.to_string(),
            platforms: r.platforms.clone(),
            reads: r.paths(),
            asks: settings(&r.asked()),
        };
        Why { rules: ready.packs.rules().map(of).collect(), seen: Mutex::default(), decided: Mutex::default() }
    }

    /// The ids of those that read what stands at a path.
    pub(super) fn rules(&self, path: &str) -> Arc<[String]> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.answer(&mut seen, path, |rule, bare| concerns_bare(&rule.reads, bare))
    }

    /// The ids of those of a platform whose verdict is about what stands at a path itself, not about what lies around
    /// it.
    pub(super) fn decided(&self, platform: PlatformKind, path: &str) -> Arc<[String]> {
        let mut decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        let decided = decided.entry(platform).or_default();
        self.answer(decided, path, |rule, bare| rule.platforms.contains(&platform) && decides_bare(&rule.asks, bare))
    }

    fn answer(&self, known: &mut ByPath, path: &str, is: impl Fn(&OfRule, &str) -> bool) -> Arc<[String]> {
        let bare = without_keys(path);
        if let Some(rules) = known.get(&bare) {
            return Arc::clone(rules);
        }
        let rules: Arc<[String]> = self.rules.iter().filter(|r| is(r, &bare)).map(|r| r.id.clone()).collect();
        known.insert(bare, Arc::clone(&rules));
        rules
    }
}
