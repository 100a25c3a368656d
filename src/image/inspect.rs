//! What can be said of a sealed file without any key. None of it is proved.

use super::core::{Core, StoreCore};
use super::digest::Digest;
use super::error::OpenError;
use super::header::Kind;
use super::kdf::KdfCeiling;
use super::open::{About, examine};
use super::slots::{Slot, SlotParams};

/// What a sealed file says of itself, and nobody vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What it is for.
    pub kind: Kind,
    /// What it says of its device; `None` for other kinds.
    pub core: Option<Core>,
    /// What a secret store or a backup says of itself; `None` for other kinds.
    pub store: Option<StoreCore>,
    /// Who can open it.
    pub slots: Vec<Slot>,
    /// D, the image's digest.
    pub digest: Digest,
    /// The digest of the file.
    pub file: Digest,
    /// Bytes of the file.
    pub file_len: usize,
    /// Bytes of the padded plaintext.
    pub padded_len: usize,
}

/// Takes the steps of the opening that need no key. Any derivation within the format's limits passes, whatever
/// this machine could run.
pub fn inspect(file: &[u8]) -> Result<Inspection, OpenError> {
    let envelope = examine(file, None, KdfCeiling(u32::MAX))?;
    let (core, store) = match envelope.about {
        About::Device(core) => (Some(core), None),
        About::Store(core) => (None, Some(core)),
    };
    Ok(Inspection {
        kind: envelope.head.kind,
        core,
        store,
        digest: envelope.digest,
        file: envelope.whole,
        file_len: file.len(),
        padded_len: envelope.head.padded_len,
        slots: envelope.slots,
    })
}

impl Inspection {
    /// What to show, as name and value, the warning first. Values come from the file: escape them for the output.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = vec![("origin", "not proved: anybody can have written what follows".to_owned())];
        rows.push(("kind", self.kind.words().to_owned()));
        if let Some(core) = &self.core {
            let said = |text: &str| if text.is_empty() { "not said".to_owned() } else { text.to_owned() };
            let firmware = if core.firmware.min == core.firmware.max {
                core.firmware.min.clone()
            } else {
                format!("{} to {}", core.firmware.min, core.firmware.max)
            };
            if core.demo {
                rows.push(("demo", "yes: everybody knows its passphrase".to_owned()));
            }
            rows.push(("site", core.site.clone()));
            rows.push(("device", core.device.clone()));
            rows.push(("revision", core.revision.to_string()));
            rows.push(("platform", core.platform.clone()));
            rows.push(("model", said(&core.model)));
            rows.push(("firmware", said(&firmware)));
            rows.push(("serial", said(&core.serial)));
            rows.push(("mac", said(&core.mac)));
            let until = if core.not_after.is_empty() { "no end".to_owned() } else { core.not_after.clone() };
            rows.push(("usable until", until));
            rows.push(("passphrase of", core.group.clone()));
            rows.push(("reviewed text", core.review.to_string()));
        }
        if let Some(core) = &self.store {
            rows.push(("site", core.site.clone()));
            rows.push(("secrets of", core.device.clone()));
            rows.push(("revision", core.revision.to_string()));
            rows.push(("passphrase of", core.group.clone()));
        }
        rows.push(("image digest", self.digest.to_string()));
        rows.push(("file digest", self.file.to_string()));
        rows.push(("size", format!("{} bytes, content at most {}", self.file_len, self.padded_len)));
        rows.extend(self.slots.iter().map(|slot| ("opened by", opened_by(&slot.params))));
        rows
    }

    /// What the table of keys says that opens it, in a few words: `a passphrase, recipients`. Nothing proves it without
    /// a key.
    pub fn openers(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        for slot in &self.slots {
            let word = match slot.params {
                SlotParams::Passphrase { .. } => "a passphrase",
                SlotParams::Age(_) => "recipients",
                SlotParams::UnlockCode { .. } => "an unlock code",
                _ => "something else",
            };
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.join(", ")
    }
}

fn opened_by(params: &SlotParams) -> String {
    match params {
        SlotParams::Passphrase { kdf, .. } => {
            format!("passphrase (Argon2id, {} MiB, {} passes, {} lanes)", kdf.m_kib / 1024, kdf.t, kdf.p)
        }
        SlotParams::Age(file) => format!("recipients, by the age program ({} bytes)", file.len()),
        SlotParams::UnlockCode { .. } => "an unlock code, which was shown once".to_owned(),
        other => format!("slot type {}: {}", other.number(), other.words()),
    }
}
