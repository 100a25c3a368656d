//! A device of a site with all that is said of it, layer by layer.

use std::sync::Arc;

use super::types::SiteCapture;
use crate::dialect::Tables;
use crate::finding::Note;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::{complete, leaves};
use crate::model::value::{Sha256, Version, VersionRange};
use crate::native::Unjudged;
use crate::source::{FileId, LayerKind, Loc, Origin};

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

/// What was read from a device.
#[derive(Debug, Clone)]
pub struct AsRead {
    /// What the device has, as far as its text shows it: the values read, over those factory settings of which the
    /// form's table says that they hold where the text is silent. What else the text is silent about is unknown. Of
    /// several texts the newer one lies over the older.
    pub facts: Facts,
    /// The texts that it was read from, the newest first.
    pub texts: Vec<TextRead>,
}

impl AsRead {
    /// Whether one of its texts is cut off: what it does not show says nothing.
    pub fn is_cut(&self) -> bool {
        self.texts.iter().any(|text| text.cut)
    }
}

/// One text that was read from a device.
#[derive(Debug, Clone)]
pub struct TextRead {
    /// What it says by itself.
    pub facts: Facts,
    /// The text.
    pub file: FileId,
    /// Firmware that the table of its form was written for.
    pub firmware: Option<VersionRange>,
    /// Who read it and when; `None` for a state that was handed in.
    pub capture: Option<Arc<SiteCapture>>,
    /// Whether the text is one whose silence would say something, and does not show that nothing of it is missing.
    pub cut: bool,
}

/// A device after loading and merging.
#[derive(Debug, Clone)]
pub struct SiteDevice {
    /// Its name.
    pub name: Arc<str>,
    /// Its header line: where an absent setting would stand.
    pub loc: Loc,
    /// What it is.
    pub platform: PlatformKind,
    /// The tables of its native texts: those that ship, over them what the site adds.
    pub tables: Tables,
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
    /// What was read from it, where anything was.
    pub read: Option<Arc<AsRead>>,
    /// Native lines that it will have and that no rule can judge: those that it passes through, and those of its
    /// capture.
    pub unjudged: Arc<[Unjudged]>,
    /// The layers; index 0 is the factory, 1 what was read, then profiles in the order they lie, the device last.
    pub layers: Vec<Layer>,
}

impl SiteDevice {
    /// Number of the factory layer.
    pub const FACTORY: u16 = 0;
    /// Number of the layer that was read.
    pub const BASE: u16 = 1;

    /// A device of which settings are known and nothing else, for rendering them by tables.
    pub fn alone(name: &str, tables: Tables, own: Facts) -> SiteDevice {
        SiteDevice {
            name: name.into(),
            loc: Loc::NONE,
            platform: tables.kind,
            tables,
            platform_loc: Loc::NONE,
            model: None,
            firmware: None,
            accepts: None,
            zone: None,
            own,
            factory: None,
            read: None,
            unjudged: Arc::default(),
            layers: Vec::new(),
        }
    }

    /// What is judged: what people said over what the device has.
    pub fn complete(&self) -> Facts {
        complete(self.own.shape, None, self.beneath(), self.own.clone())
    }

    /// The same, of one of its groups alone.
    pub fn complete_in(&self, group: &str) -> Facts {
        let beneath = self.beneath().map(|facts| facts.part(group));
        complete(self.own.shape, None, beneath.as_ref(), self.own.part(group))
    }

    /// What the device has before anything that people said: what was read from it; factory settings where nothing was.
    pub fn beneath(&self) -> Option<&Facts> {
        self.read.as_deref().map(|read| &read.facts).or(self.factory.as_deref())
    }

    /// A digest of all that people said of it: any change of a setting, in a profile too, makes another. Secrets are in
    /// it by name.
    pub fn revision(&self) -> Sha256 {
        let mut text = String::new();
        for leaf in leaves(&self.own) {
            text.push_str(&leaf.path);
            text.push('\0');
            text.push_str(&leaf.fact.value.to_kdl());
            text.push('\0');
        }
        Sha256::of(text.as_bytes())
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
