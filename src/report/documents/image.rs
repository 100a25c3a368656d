//! What an image says of itself, and once it is open, what is in it.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use super::filled;
use crate::image::slots::{Slot, SlotParams};
use crate::image::{Core, Digest, Firmware, Inspection, Kind, Opened, PartKind, Proof, StoreCore};

/// An image.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImageDocument {
    /// Version of this format: 1.
    pub format_version: u32,
    /// What proves where it comes from. Without a proof, anybody can have written all that follows.
    pub origin: Origin,
    /// Who proved it, where a signature did.
    pub signer: Option<String>,
    /// What it is for.
    pub kind: Kind,
    /// Whether everybody knows its passphrase.
    pub demo: bool,
    /// The site's name.
    pub site: Option<String>,
    /// The device; for a store of secrets whose they are.
    pub device: Option<String>,
    /// From 1, growing.
    pub revision: Option<u32>,
    /// The platform's name.
    pub platform: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The firmware versions it was made for.
    pub firmware: Option<Firmware>,
    /// The serial number on the device's label.
    pub serial: Option<String>,
    /// The hardware address on the device's label.
    pub mac: Option<String>,
    /// After this moment it refuses to be used, `YYYY-MM-DDTHH:MM:SSZ`.
    pub usable_until: Option<String>,
    /// Whose passphrase opens it: the site's name, or a group's.
    pub passphrase_of: Option<String>,
    /// The digest of the redacted text that was reviewed, hexadecimal.
    pub reviewed_text: Option<Digest>,
    /// The image's digest, hexadecimal: that of all but its table of keys.
    pub image_digest: Digest,
    /// The digest of the file, hexadecimal.
    pub file_digest: Digest,
    /// Bytes of the file.
    pub bytes: usize,
    /// Bytes that its content has at most.
    pub content_at_most: usize,
    /// What opens it, as its table of keys says.
    pub opened_by: Vec<Opener>,
    /// What is in it, once it is open; its secrets are masked.
    pub parts: Option<Vec<PartDocument>>,
}

/// What proves where an image comes from.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Nothing: it was not opened.
    NotProved,
    /// A trusted signer named exactly this image.
    Signature,
    /// Somebody with the passphrase sealed exactly this.
    Passphrase,
    /// Somebody with the unlock code did; that is proof for its holder alone.
    UnlockCode,
    /// Somebody with the passphrase that everybody knows did: that proves nothing.
    DemoPassphrase,
}

/// What opens an image.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Opener {
    /// A passphrase, by Argon2id.
    Passphrase {
        /// Memory of the derivation, in KiB.
        memory_kib: u32,
        /// Its passes.
        passes: u32,
        /// Its lanes.
        lanes: u32,
    },
    /// Recipients, by the age program.
    Recipients,
    /// A code for one device.
    UnlockCode,
    /// Something that this fieldlock does not know.
    Other {
        /// Its number in the table of keys.
        number: u8,
    },
}

/// A part of an image.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PartDocument {
    /// Its name: `native.sheet`.
    pub name: String,
    /// Its bytes, secrets in clear.
    pub bytes: usize,
    /// How many secrets stand in it.
    pub masked: usize,
    /// The text with its secrets masked; absent for other files.
    pub text: Option<String>,
}

impl ImageDocument {
    /// Of a file that nobody opened.
    pub fn of(inspection: &Inspection) -> ImageDocument {
        let device = inspection.core.as_ref();
        let store = inspection.store.as_ref();
        let said = |of: fn(&Core) -> &String| device.and_then(|core| filled(of(core)));
        let either =
            |of: fn(&Core) -> &String, or: fn(&StoreCore) -> &String| device.map(of).or_else(|| store.map(or)).cloned();
        ImageDocument {
            format_version: FORMAT_VERSION,
            origin: Origin::NotProved,
            signer: None,
            kind: inspection.kind,
            demo: device.is_some_and(|core| core.demo),
            site: either(|core| &core.site, |core| &core.site),
            device: either(|core| &core.device, |core| &core.device),
            revision: device.map(|core| core.revision).or(store.map(|core| core.revision)),
            platform: said(|core| &core.platform),
            model: said(|core| &core.model),
            firmware: device.map(|core| core.firmware.clone()).filter(|firmware| !firmware.min.is_empty()),
            serial: said(|core| &core.serial),
            mac: said(|core| &core.mac),
            usable_until: said(|core| &core.not_after),
            passphrase_of: either(|core| &core.group, |core| &core.group),
            reviewed_text: device.map(|core| core.review),
            image_digest: inspection.digest,
            file_digest: inspection.file,
            bytes: inspection.file_len,
            content_at_most: inspection.padded_len,
            opened_by: inspection.slots.iter().map(opener).collect(),
            parts: None,
        }
    }

    /// Of one that was opened.
    pub fn opened(inspection: &Inspection, opened: &Opened) -> ImageDocument {
        let (origin, signer) = match &opened.proof {
            Proof::Signature { signer } => (Origin::Signature, Some(signer.clone())),
            Proof::Passphrase => (Origin::Passphrase, None),
            Proof::UnlockCode => (Origin::UnlockCode, None),
            Proof::DemoPassphrase => (Origin::DemoPassphrase, None),
        };
        let plain = &opened.plain;
        let text = |name: &str| plain.redacted(name).map(|text| String::from_utf8_lossy(&text).into_owned());
        let part = |part: &crate::image::Part| PartDocument {
            name: part.name.clone(),
            bytes: part.bytes.len(),
            masked: part.secrets.len(),
            text: if part.kind == PartKind::Native { text(&part.name) } else { None },
        };
        let parts = Some(plain.parts().iter().map(part).collect());
        ImageDocument { origin, signer, parts, ..ImageDocument::of(inspection) }
    }
}

fn opener(slot: &Slot) -> Opener {
    match &slot.params {
        SlotParams::Passphrase { kdf, .. } => {
            Opener::Passphrase { memory_kib: kdf.m_kib, passes: kdf.t, lanes: kdf.p.into() }
        }
        SlotParams::Age(_) => Opener::Recipients,
        SlotParams::UnlockCode { .. } => Opener::UnlockCode,
        SlotParams::Other { number, .. } => Opener::Other { number: *number },
    }
}
