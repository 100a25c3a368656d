//! Sealing: from parts and core to the bytes of a file.

use zeroize::Zeroizing;

use super::aead;
use super::core::{Core, CoreError};
use super::digest::{Digest, Running};
use super::group::GroupKey;
use super::header::{Head, Kind, TAG_LEN};
use super::kdf::{KdfCeiling, KdfLimit, PassphraseKey};
use super::keys::{DataKey, Key, slot_keys};
use super::parts::PartsError;
use super::plain::Plain;
use super::slots::{MAX_PASSPHRASE_SLOTS, MAX_SLOTS, Slot, SlotParams, WRAPPED_LEN, write_table};
use crate::secret::{Entropy, EntropyError};

/// A sealed file, to be written as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedImage {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// D, the image's digest: it stays when slots change.
    pub digest: Digest,
    /// The digest of the file.
    pub file: Digest,
}

/// Why nothing was sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The core has a value that no core has.
    #[error("the image's description is not valid: {0}")]
    Core(#[from] CoreError),
    /// The core's `review` is not the digest of what is to be sealed.
    #[error("what is to be sealed is not what was reviewed")]
    Review,
    /// The passphrase that everybody knows, for a site that is no demo.
    #[error("the demo passphrase seals nothing but a demo site")]
    DemoPassphrase,
    /// A demo site with a passphrase of its own.
    #[error("a demo site is sealed with the demo passphrase only")]
    OwnPassphrase,
    /// Nobody to seal for, or more than a table holds.
    #[error("an image is sealed for one to eight holders, two passphrases among them at most")]
    Holders,
    /// A key from a derivation that no reader would run.
    #[error("the passphrase was derived at a cost that no reader takes: {0}")]
    Kdf(#[from] KdfLimit),
    /// The parts don't make an image.
    #[error("the content can't be sealed: {0}")]
    Parts(#[from] PartsError),
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl SealError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            SealError::Core(CoreError::Value { .. }) => "say it otherwise in the description: it is shown to everybody",
            SealError::DemoPassphrase => "everybody knows it; give the site's own with `--passphrase-file`",
            SealError::OwnPassphrase => "leave `--passphrase-file` out, or take `demo on` out of site.kdl",
            SealError::Holders => "give a passphrase or recipients",
            SealError::Parts(PartsError::TooLarge) => "an image holds 16 MiB: leave files out",
            SealError::Entropy(_) => "the operating system could not give random bytes; try again",
            SealError::Core(_) | SealError::Review | SealError::Kdf(_) | SealError::Parts(_) => {
                "this is a fault in fieldlock; nothing was sealed; please report it"
            }
        }
    }
}

/// Who can open what is sealed.
#[derive(Clone, Copy)]
pub enum Holder<'a> {
    /// Whoever has the passphrase.
    Passphrase(&'a PassphraseKey),
    /// The recipients of a group.
    Recipients(&'a GroupKey),
}

/// Seals a device image, a slot for each holder in their order. `core.review` is [`Plain::review`] of the same parts.
///
/// # Errors
/// See [`SealError`].
pub fn seal(
    plain: &Plain,
    core: &Core,
    holders: &[Holder<'_>],
    entropy: &mut dyn Entropy,
) -> Result<SealedImage, SealError> {
    check_holders(holders, core.demo)?;
    if core.review != plain.review() {
        return Err(SealError::Review);
    }
    seal_file(Kind::Device, &core.to_bytes()?, plain.write()?, holders, entropy)
}

/// Who may hold what: a demo only those who know what everybody knows.
pub(super) fn check_holders(holders: &[Holder<'_>], demo: bool) -> Result<(), SealError> {
    let passphrases = holders.iter().filter(|h| matches!(h, Holder::Passphrase(_))).count();
    if holders.is_empty() || holders.len() > MAX_SLOTS || passphrases > MAX_PASSPHRASE_SLOTS {
        return Err(SealError::Holders);
    }
    for holder in holders {
        match holder {
            Holder::Passphrase(key) => {
                match (demo, key.is_demo()) {
                    (false, true) => return Err(SealError::DemoPassphrase),
                    (true, false) => return Err(SealError::OwnPassphrase),
                    _ => {}
                }
                key.kdf.check(KdfCeiling(u32::MAX))?;
            }
            Holder::Recipients(_) if demo => return Err(SealError::OwnPassphrase),
            Holder::Recipients(_) => {}
        }
    }
    Ok(())
}

/// Seals any kind of file.
pub(super) fn seal_file(
    kind: Kind,
    core: &[u8],
    padded: Zeroizing<Vec<u8>>,
    holders: &[Holder<'_>],
    entropy: &mut dyn Entropy,
) -> Result<SealedImage, SealError> {
    let mut image_id = [0; 16];
    entropy.fill(&mut image_id)?;
    let data_key = DataKey::fresh(entropy)?;
    let head = Head { kind, image_id, core, padded_len: padded.len() };
    let body = seal_body(&head, padded, &data_key);
    Ok(with_slots(body, &data_key, |body| holders.iter().map(|holder| holder.slot(body, &data_key)).collect()))
}

/// A whole file: body, table, MAC, CHECK.
pub(super) fn with_slots(body: Vec<u8>, data_key: &DataKey, slots: impl Fn(&Digest) -> Vec<Slot>) -> SealedImage {
    let mut running = Running::of(&body);
    let digest = running.so_far();
    let table = write_table(&slots(&digest));
    let mac = data_key.mac(&digest, &table);
    let mut bytes = body;
    let mut append = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        running.update(piece);
        running.so_far()
    };
    append(&table);
    let check = append(&mac);
    let file = append(check.as_bytes());
    SealedImage { bytes, digest, file }
}

impl Holder<'_> {
    pub(super) fn slot(&self, body: &Digest, data_key: &DataKey) -> Slot {
        match self {
            Holder::Passphrase(key) => {
                let params = SlotParams::Passphrase { kdf: key.kdf, salt: key.salt };
                seal_slot(params, &key.key, body, data_key)
            }
            Holder::Recipients(group) => seal_slot(SlotParams::Age(group.age_file.clone()), &group.key, body, data_key),
        }
    }
}

/// BODY: head, commitment, payload.
pub(super) fn seal_body(head: &Head<'_>, padded: Zeroizing<Vec<u8>>, data_key: &DataKey) -> Vec<u8> {
    let mut body = head.write();
    let head = Digest::of(&body);
    body.reserve_exact(32 + padded.len() + TAG_LEN);
    body.extend_from_slice(&data_key.commit(&head));
    body.extend_from_slice(&aead::seal(data_key.payload_key(&head), padded));
    body
}

/// A slot that opens this very body for whoever has `pk`.
pub(super) fn seal_slot(params: SlotParams, pk: &Key, body: &Digest, data_key: &DataKey) -> Slot {
    let keys = slot_keys(pk, body, &params.write());
    let sealed = aead::seal(keys.wrap, Zeroizing::new(with_room(data_key.0.expose())));
    let mut wrapped = [0; WRAPPED_LEN];
    wrapped.copy_from_slice(&sealed);
    Slot { params, commit: keys.commit, wrapped }
}

fn with_room(key: &[u8; 32]) -> Vec<u8> {
    let mut message = Vec::with_capacity(WRAPPED_LEN);
    message.extend_from_slice(key);
    message
}
