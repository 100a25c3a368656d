//! What a site holds once it is loaded: plain data for every later stage.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::SiteDevice;
use crate::dialect::SiteTables;
use crate::finding::Finding;
use crate::model::adoption::Adoption;
use crate::model::attestation::Attestation;
use crate::model::capture::Capture;
use crate::model::lock::Lock;
use crate::model::waiver::Waiver;
use crate::model::{self, Facts};
use crate::native::Form;
use crate::source::{FileId, Loc, SourceMap};

/// What came of loading a site: what could be read, and everything that is wrong with the rest.
pub struct Loaded {
    /// The site.
    pub site: Site,
    /// Its texts, literal secrets masked.
    pub sources: SourceMap,
    /// All that is wrong, by place.
    pub findings: Vec<Finding>,
}

/// A site.
#[derive(Debug)]
pub struct Site {
    /// Its name; `site` where `site.kdl` says none (which is a finding).
    pub name: Arc<str>,
    /// Its `site` line.
    pub loc: Loc,
    /// What `site.kdl` says.
    pub facts: Facts,
    /// The same, typed.
    pub typed: model::site::Site,
    /// Its devices, by name.
    pub devices: Vec<SiteDevice>,
    /// Devices of a declared group, with its name; all others are sealed with the site's own passphrase.
    pub groups: BTreeMap<Arc<str>, Arc<str>>,
    /// Devices of which something could not be read (a broken file, a profile that is missing): what rules would say
    /// of them could be wrong.
    pub unsound: BTreeSet<Arc<str>>,
    /// Its waivers, in the order of their files.
    pub waivers: Vec<SiteWaiver>,
    /// Its attestations, in the order of their files.
    pub attestations: Vec<SiteAttestation>,
    /// Devices that were taken out of operation, by name: their descriptions lie in `retired/`.
    pub retired: BTreeSet<String>,
    /// Its captures, by device: one for each form that was read.
    pub captures: BTreeMap<Arc<str>, Vec<Arc<SiteCapture>>>,
    /// Exports that nobody can read and that are kept sealed, by device.
    pub sealed: BTreeMap<Arc<str>, SealedCapture>,
    /// Packs of its own, whether `packs` names them or not, by name.
    pub own_packs: Vec<OwnPack>,
    /// The packs that it is pinned to, where it is.
    pub lock: Option<SiteLock>,
    /// What stood when it began, where it says so.
    pub adoption: Option<SiteAdoption>,
    /// The tables of native texts, with what the site adds to them.
    pub tables: SiteTables,
    /// Whether it is a demo: only its own `demo/` folder counts then.
    pub demo: bool,
}

/// A waiver with the facts that point at its lines.
#[derive(Debug)]
pub struct SiteWaiver {
    /// Its `waiver` line.
    pub loc: Loc,
    /// What it says.
    pub facts: Facts,
    /// The same, typed.
    pub typed: Waiver,
}

/// An attestation with the facts that point at its lines.
#[derive(Debug, Clone)]
pub struct SiteAttestation {
    /// Whether all of it was understood: what was not may be what ends it.
    pub sound: bool,
    /// Its `attestation` line.
    pub loc: Loc,
    /// What it says.
    pub facts: Facts,
    /// The same, typed.
    pub typed: Attestation,
}

/// The packs that a site is pinned to, with the facts that point at its lines.
#[derive(Debug)]
pub struct SiteLock {
    /// Its `lock` line.
    pub loc: Loc,
    /// What it says.
    pub facts: Facts,
    /// The same, typed.
    pub typed: Lock,
}

/// What stood when a plant began, with the facts that point at its lines.
#[derive(Debug)]
pub struct SiteAdoption {
    /// What it says.
    pub facts: Facts,
    /// The same, typed.
    pub typed: Adoption,
}

/// A capture: what `captures/<device>.kdl` or `captures/<device>.<form>.kdl` says, and the native text beside it.
#[derive(Debug)]
pub struct SiteCapture {
    /// Its `capture` line.
    pub loc: Loc,
    /// What it says.
    pub facts: Facts,
    /// The same, typed.
    pub typed: Capture,
    /// Form of the text.
    pub form: Form,
    /// The native text, as it lies there (a byte order mark taken off). Its place in the source map is `file`; the
    /// dialect that reads it knows what of it to mask.
    pub text: Arc<str>,
    /// The text's file.
    pub file: FileId,
}

/// An exported file that is kept sealed.
#[derive(Debug)]
pub struct SealedCapture {
    /// Its `capture` line.
    pub loc: Loc,
    /// What it says.
    pub typed: Capture,
    /// The sealed file, beneath the site's root.
    pub path: String,
}

/// A pack of the site's own.
#[derive(Debug)]
pub struct OwnPack {
    /// Its name, that of its folder.
    pub name: Arc<str>,
    /// Its files, by path.
    pub files: Vec<PackFile>,
}

/// A file of a pack of the site's own.
#[derive(Debug)]
pub struct PackFile {
    /// Its path in the site: `packs/ours/pack.kdl`.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// Its number in the source map.
    pub file: FileId,
}

impl Site {
    /// A device by its name.
    pub fn device(&self, name: &str) -> Option<&SiteDevice> {
        self.devices.binary_search_by(|d| (*d.name).cmp(name)).ok().map(|at| &self.devices[at])
    }

    /// What was read from a device, one capture a form.
    pub fn captures_of(&self, device: &str) -> &[Arc<SiteCapture>] {
        self.captures.get(device).map_or(&[], Vec::as_slice)
    }

    /// The group whose passphrase a device's image and secrets are sealed with: by default it is called as the site.
    pub fn group(&self, device: &str) -> &str {
        self.groups.get(device).unwrap_or(&self.name)
    }

    /// Whether a group of that name is declared, or it is the site's own.
    pub fn has_group(&self, name: &str) -> bool {
        name == &*self.name || self.typed.group.iter().any(|g| g.name.as_ref().is_some_and(|n| n.as_str() == name))
    }

    /// Whether all that is said of a device could be read.
    pub fn is_sound(&self, device: &str) -> bool {
        !self.unsound.contains(device)
    }
}
