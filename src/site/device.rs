//! A device of a site with all that is said of it, layer by layer.

use std::sync::Arc;

use crate::finding::Note;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::value::{Version, VersionRange};
use crate::source::{LayerKind, Loc, Origin};

/// One layer of a merged device; facts refer to it by number.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Which kind.
    pub kind: LayerKind,
    /// Its name for people: `profile "nport-baseline"`, `factory settings of mx-ros`.
    pub name: Arc<str>,
    /// The `use` lines by which it was reached, the device's own first; empty for other kinds.
    pub trail: Vec<Loc>,
}

/// A device after loading and merging. Its facts are complete once factory and base lie under them.
#[derive(Debug, Clone)]
pub struct SiteDevice {
    /// Its name.
    pub name: Arc<str>,
    /// Its header line: where an absent setting would stand.
    pub loc: Loc,
    /// What it is.
    pub platform: PlatformKind,
    /// The `platform` line.
    pub platform_loc: Loc,
    /// The model, where said.
    pub model: Option<Arc<str>>,
    /// Firmware that the description is written for.
    pub firmware: Option<Version>,
    /// Range of firmware that may take it.
    pub accepts: Option<VersionRange>,
    /// The zone, where said.
    pub zone: Option<Arc<str>>,
    /// What people said: profiles and the device's own words, default names of secrets filled in. **Only this is
    /// rendered.**
    pub own: Facts,
    /// Factory settings that apply to its firmware.
    pub factory: Option<Arc<Facts>>,
    /// The layers; index 0 is the factory, 1 the base, then profiles in the order they lie, the device last.
    pub layers: Vec<Layer>,
}

impl SiteDevice {
    /// Number of the factory layer.
    pub const FACTORY: u16 = 0;
    /// Number of the base layer.
    pub const BASE: u16 = 1;

    /// What is judged: factory under base under what people said.
    pub fn complete(&self, base: Option<&Facts>) -> Facts {
        crate::model::facts::complete(self.own.shape, self.factory.as_deref(), base, self.own.clone())
    }

    /// The layer that a value came from.
    pub fn layer(&self, origin: Origin) -> Option<&Layer> {
        self.layers.get(origin.layer as usize)
    }

    /// How a value's line reaches the device, as notes for a finding; empty for the device's own words.
    pub fn trail(&self, origin: Origin) -> Vec<Note> {
        let Some(layer) = self.layer(origin) else { return Vec::new() };
        let text = |_| format!("reaches {} by {}", self.name, layer.name);
        layer.trail.iter().map(|loc| Note { loc: *loc, text: text(loc) }).collect()
    }
}
