//! Opening: the steps of `schema/image.md`, section 9, in their order. Nothing is given before the last.

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::aead;
use super::core::{Core, parse_core};
use super::digest::Digest;
use super::error::{OpenError, PassphraseProblem, Stale};
use super::header::{HASH_LEN, Head, Kind, Layout, parse_head};
use super::kdf::{Derivations, KdfCeiling, KdfParams, Passphrase, PassphraseKey};
use super::keys::{DataKey, Key, equal, slot_keys};
use super::parts::{Plain, unpad};
use super::slots::{Slot, SlotParams, parse_table};

/// What the reader has to open an image with.
pub enum Unlock<'a> {
    /// A passphrase; derived at most once per salt.
    Passphrase {
        /// As typed, or from a file.
        passphrase: &'a Passphrase,
        /// Shared by all images of a run.
        derivations: &'a Derivations,
    },
    /// A key that was derived before, with this salt and cost; no derivation is run.
    Key(&'a PassphraseKey),
}

/// What the reader knows from elsewhere, and holds the image against.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// The site it has to be for; `None`: any.
    pub site: Option<&'a str>,
    /// The device it has to be for; `None`: any.
    pub device: Option<&'a str>,
    /// The digest that a verified index names for it; `None`: there is no such index.
    pub digest: Option<Digest>,
    /// The time of the run.
    pub now: Timestamp,
    /// The most memory for a derivation.
    pub ceiling: KdfCeiling,
}

/// The highest revision that this laptop saw of a device, and which image it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// From 1.
    pub revision: u32,
    /// The image's digest.
    pub digest: Digest,
}

/// What proved where an image comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Somebody with the passphrase sealed exactly this.
    Passphrase,
    /// Somebody with the passphrase that everybody knows did: that proves nothing.
    DemoPassphrase,
}

/// An opened image. No `Debug`: it holds secrets.
pub struct Opened {
    /// What it says of itself, now proven.
    pub core: Core,
    /// The parts.
    pub plain: Plain,
    /// D, the image's digest.
    pub digest: Digest,
    /// What proved its origin.
    pub proof: Proof,
}

/// Opens a device image. `file` is the whole file, read once, at most
/// [`MAX_FILE_LEN`](super::header::MAX_FILE_LEN) bytes and one.
pub fn open(file: &[u8], unlock: &Unlock<'_>, expected: &Expected<'_>) -> Result<Opened, OpenError> {
    let envelope = examine(file, Some(Kind::Device), expected.ceiling)?;
    let number = envelope.head.kind.number();
    let core = envelope.core.clone().ok_or(OpenError::Kind { wanted: Some(Kind::Device), found: number })?;
    let digest = Digest::of(&file[envelope.layout.body.clone()]);
    if let Some(wanted) = expected.digest
        && wanted != digest
    {
        return Err(OpenError::Signature { wanted, found: digest });
    }
    let (data_key, proof) = unwrap_data_key(&envelope, &core, &digest, unlock, expected.ceiling)?;
    let padded = open_payload(&envelope, &digest, &data_key)?;
    let plain = read_content(&padded, &core)?;
    check_fresh(&core, expected)?;
    Ok(Opened { core, plain, digest, proof })
}

/// A file whose form is right: everything that can be checked without a key.
pub(super) struct Envelope<'a> {
    pub(super) file: &'a [u8],
    pub(super) head: Head<'a>,
    pub(super) layout: Layout,
    /// `None` for kinds other than device images.
    pub(super) core: Option<Core>,
    pub(super) slots: Vec<Slot>,
}

impl<'a> Envelope<'a> {
    fn table(&self) -> &'a [u8] {
        &self.file[self.layout.body.end..self.file.len() - 2 * HASH_LEN]
    }

    fn mac(&self) -> &'a [u8] {
        &self.file[self.file.len() - 2 * HASH_LEN..self.file.len() - HASH_LEN]
    }
}

/// The steps magic to kdf-limit.
pub(super) fn examine(file: &[u8], wanted: Option<Kind>, ceiling: KdfCeiling) -> Result<Envelope<'_>, OpenError> {
    let head = parse_head(file, wanted)?;
    let layout = head.layout();
    let (content, check) = file.split_at(file.len() - HASH_LEN);
    if Digest::of(content).as_bytes() != check {
        return Err(OpenError::Damaged);
    }
    let core = match head.kind {
        Kind::Device => Some(parse_core(head.core)?),
        Kind::SecretStore | Kind::Backup => None,
    };
    let slots = parse_table(&content[layout.body.end..content.len() - HASH_LEN])?;
    for slot in &slots {
        if let SlotParams::Passphrase { kdf, .. } = slot.params {
            kdf.check(ceiling)?;
        }
    }
    Ok(Envelope { file, head, layout, core, slots })
}

/// The steps passphrase and slot. All passphrase slots are tried; the first whose commitment fits is the one.
fn unwrap_data_key(
    envelope: &Envelope<'_>,
    core: &Core,
    body: &Digest,
    unlock: &Unlock<'_>,
    ceiling: KdfCeiling,
) -> Result<(DataKey, Proof), OpenError> {
    let demo = match unlock {
        Unlock::Passphrase { passphrase, .. } => passphrase.is_demo(),
        Unlock::Key(key) => key.is_demo(),
    };
    if demo && !core.demo {
        return Err(PassphraseProblem::Demo.into());
    }
    let mut problem = PassphraseProblem::NoSlot;
    for slot in &envelope.slots {
        let SlotParams::Passphrase { kdf, salt } = slot.params else { continue };
        problem = PassphraseProblem::Wrong;
        let Some(key) = key_for(unlock, kdf, salt, ceiling)? else { continue };
        let keys = slot_keys(&key.key, body, &slot.params.write());
        if !equal(&keys.commit, &slot.commit) {
            continue;
        }
        let bytes = aead::open(keys.wrap, &slot.wrapped).map_err(|_| OpenError::Slot)?;
        let data_key = Key::fill(|out| {
            out.copy_from_slice(bytes.get(..32).ok_or(OpenError::Slot)?);
            Ok::<(), OpenError>(())
        })?;
        return Ok((DataKey(data_key), if demo { Proof::DemoPassphrase } else { Proof::Passphrase }));
    }
    Err(problem.into())
}

fn key_for(
    unlock: &Unlock<'_>,
    kdf: KdfParams,
    salt: [u8; 16],
    ceiling: KdfCeiling,
) -> Result<Option<PassphraseKey>, OpenError> {
    match unlock {
        Unlock::Passphrase { passphrase, derivations } => Ok(Some(derivations.derive(passphrase, kdf, salt, ceiling)?)),
        Unlock::Key(key) if key.kdf == kdf && key.salt == salt => Ok(Some(key.copy())),
        Unlock::Key(_) => Ok(None),
    }
}

/// The steps mac, commit and payload.
fn open_payload(envelope: &Envelope<'_>, body: &Digest, data_key: &DataKey) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    if !equal(&data_key.mac(body, envelope.table()), envelope.mac()) {
        return Err(OpenError::Mac);
    }
    let head = Digest::of(&envelope.file[envelope.layout.head.clone()]);
    if !equal(&data_key.commit(&head), &envelope.file[envelope.layout.commit.clone()]) {
        return Err(OpenError::Commit);
    }
    let payload = &envelope.file[envelope.layout.payload.clone()];
    aead::open(data_key.payload_key(&head), payload).map_err(|_| OpenError::Payload)
}

/// The steps padding, parts and review.
pub(super) fn read_content(padded: &[u8], core: &Core) -> Result<Plain, OpenError> {
    let plain = Plain::parse(unpad(padded).ok_or(OpenError::Padding)?)?;
    if plain.review() == core.review { Ok(plain) } else { Err(OpenError::Review) }
}

/// The step stale: genuine, but for here and now?
fn check_fresh(core: &Core, expected: &Expected<'_>) -> Result<(), Stale> {
    if let Some(wanted) = expected.site.filter(|site| *site != core.site) {
        return Err(Stale::Site { wanted: wanted.to_owned(), found: core.site.clone() });
    }
    if let Some(wanted) = expected.device.filter(|device| *device != core.device) {
        return Err(Stale::Device { wanted: wanted.to_owned(), found: core.device.clone() });
    }
    match core.ends() {
        Some(end) if expected.now > end => Err(Stale::Ended { not_after: core.not_after.clone() }),
        _ => Ok(()),
    }
}
