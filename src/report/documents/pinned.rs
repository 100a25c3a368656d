//! What a site agreed to be judged by.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::ledger::IndexPack;
use crate::model::lock::{Lock, Pin};

/// The pins of a site as they are now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pinned {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The packs in force, by name.
    pub packs: Vec<PinnedPack>,
    /// Names of packs that were pinned before and are not in force any more.
    pub gone: Vec<String>,
}

/// A pack that is pinned.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PinnedPack {
    /// Its name, version and digest, and whether fieldlock brings it.
    #[serde(flatten)]
    pub pack: IndexPack,
    /// The version that was pinned before, where one was.
    pub before: Option<String>,
    /// Whether it is the same as before, digest and all.
    pub same: bool,
}

impl Pinned {
    /// Of the pins before and the packs now.
    pub fn of(before: Option<&Lock>, packs: &[IndexPack]) -> Pinned {
        let pins = || before.iter().flat_map(|lock| &lock.pack);
        let named = |pin: &&Pin, name: &str| pin.name.as_deref() == Some(name);
        let one = |pack: &IndexPack| {
            let pin = pins().find(|pin| named(pin, &pack.name));
            let sha256 = pin.and_then(|pin| pin.sha256).map(|sha256| sha256.to_string());
            let before = pin.and_then(|pin| pin.version.clone());
            PinnedPack { pack: pack.clone(), before, same: sha256 == Some(pack.sha256.to_string()) }
        };
        let gone = pins().filter_map(|pin| pin.name.clone()).filter(|name| packs.iter().all(|pack| pack.name != *name));
        Pinned { format_version: FORMAT_VERSION, packs: packs.iter().map(one).collect(), gone: gone.collect() }
    }
}
