//! The printed sheet of one device: for most devices, what a person in the plant holds in hand.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::Plant;
use crate::dialect::{self, Lines, Table, sheet};
use crate::image::Digest;
use crate::model::device::PlatformKind;
use crate::model::facts::without_keys;
use crate::native::{Form, NativeConfig};
use crate::policy::{Evaluation, concerns_bare};

/// Rules by a path without its keys.
type ByPath = HashMap<String, Arc<[String]>>;

/// The rules that look at each setting, per platform: gathered once per build.
pub(super) struct Why {
    rules: Vec<(String, Vec<PlatformKind>, Vec<String>)>,
    known: Mutex<HashMap<PlatformKind, ByPath>>,
}

impl Why {
    /// Of the packs in force.
    pub(super) fn of(plant: &Plant) -> Why {
        let rules = plant.packs.rules().map(|r| (r.id.to_string(), r.platforms.clone(), r.paths())).collect();
        Why { rules, known: Mutex::default() }
    }

    fn rules(&self, platform: PlatformKind, path: &str) -> Arc<[String]> {
        let bare = without_keys(path);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(platform).or_default();
        if let Some(rules) = known.get(&bare) {
            return Arc::clone(rules);
        }
        let reads = |(_, platforms, paths): &&(String, Vec<PlatformKind>, Vec<String>)| {
            platforms.contains(&platform) && concerns_bare(paths, &bare)
        };
        let rules: Arc<[String]> = self.rules.iter().filter(reads).map(|r| r.0.clone()).collect();
        known.insert(bare, Arc::clone(&rules));
        rules
    }
}

/// The sheet as Markdown. It says nothing random, so it names the reviewed text and not the image, which differs in
/// every build.
pub(super) fn print(
    plant: &Plant,
    evaluation: &Evaluation<'_>,
    (native, review): (&NativeConfig, Digest),
    revision: impl std::fmt::Display,
    why: &Why,
) -> String {
    let device = evaluation.judged.device;
    let placed: BTreeSet<String> =
        native.rendered.iter().filter(|r| r.form != Form::Sheet).map(|r| r.path.clone()).collect();
    let state = plant.states.get(&device.name);
    let table = dialect::of(device.platform.word(), Form::Sheet);
    let rows = match table.map(|d| &d.table) {
        Some(Table::Sheet(table)) => {
            let running = state.map(|s| &s.reading);
            let mut rows = sheet::rows(table, &device.own, running, &placed, &mut Lines::new(Form::Sheet));
            // a whole file takes entries away by itself
            let whole = native.machine.as_ref().is_some_and(|t| t.form == Form::Ini);
            rows.retain(|row| !(whole && row.removes));
            rows
        }
        _ => Vec::new(),
    };
    let behind = |path: &str| why.rules(device.platform, path);
    let said = |path: &str| device.own.value(path).map(|f| f.value.plain());
    let (asset, serial, location) = (said("asset.id"), said("asset.serial"), said("asset.location"));
    let (firmware, revision) = (device.firmware.map(|f| f.to_string()), revision.to_string());
    let review = review.to_string();
    let compared = plant
        .site
        .captures
        .get(&device.name)
        .map(|c| format!("capture of {}", c.typed.taken.map(|t| t.to_string()).unwrap_or_default()));
    let head = sheet::Head {
        device: &device.name,
        platform: device.platform.word(),
        model: device.model.as_deref(),
        asset: asset.as_deref(),
        serial: serial.as_deref(),
        location: location.as_deref(),
        firmware: firmware.as_deref(),
        revision: &revision,
        digest: review.get(..12).unwrap_or(&review),
        compared: compared.as_deref(),
    };
    let full = state.is_none() || device.own.count() == 0;
    let print = sheet::Print { head, rows: &rows, why: &behind, unplaced: &native.unplaced, full };
    sheet::markdown(&print)
}
