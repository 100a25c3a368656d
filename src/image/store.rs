//! The envelope of the secret store, and of a backup: as a device image's, with a core of its own and without native
//! texts.

use super::core::{StoreCore, core_kind};
use super::digest::Digest;
use super::error::{OpenError, PassphraseProblem, Stale};
use super::header::Kind;
use super::kdf::KdfCeiling;
use super::open::{About, Unlock, examine, open_payload, unwrap_data_key};
use super::parts::unpad;
use super::plain::Plain;
use super::seal::{Holder, SealError, SealedImage, check_holders, seal_file};
use crate::secret::Entropy;

/// What the reader of a store holds it against.
#[derive(Debug, Clone)]
pub struct StoreExpected<'a> {
    /// The site it has to be of.
    pub site: &'a str,
    /// Whose secrets it has to hold: a device, `shared` or `site`.
    pub device: &'a str,
    /// The most memory for a derivation.
    pub ceiling: KdfCeiling,
}

/// An opened store. No `Debug`: it holds secrets.
pub struct OpenedStore {
    /// What it says of itself, now proven.
    pub core: StoreCore,
    /// The parts: see [`Plain::of_store`].
    pub plain: Plain,
    /// D, the file's digest.
    pub digest: Digest,
}

/// Seals a store, or a backup: what `core.kind` says. Only a passphrase holds one: nothing else proves where it comes
/// from.
///
/// # Errors
/// See [`SealError`].
pub fn seal_store(
    plain: &Plain,
    core: &StoreCore,
    holders: &[Holder<'_>],
    entropy: &mut dyn Entropy,
) -> Result<SealedImage, SealError> {
    check_holders(holders, false)?;
    if holders.iter().any(|holder| !matches!(holder, Holder::Passphrase(_))) {
        return Err(SealError::Holders);
    }
    let is_backup = core.kind == core_kind(Kind::Backup);
    let kind = if is_backup { Kind::Backup } else { Kind::SecretStore };
    seal_file(kind, &core.to_bytes()?, plain.write()?, holders, entropy)
}

/// Opens a store by its passphrase: that it opens proves that somebody with the passphrase sealed exactly this.
///
/// # Errors
/// The first step that failed; nothing of the content is given or named.
pub fn open_store(file: &[u8], unlock: &Unlock<'_>, expected: &StoreExpected<'_>) -> Result<OpenedStore, OpenError> {
    open_kind(Kind::SecretStore, file, unlock, expected)
}

/// The same of a backup.
///
/// # Errors
/// As of a store.
pub fn open_backup(file: &[u8], unlock: &Unlock<'_>, expected: &StoreExpected<'_>) -> Result<OpenedStore, OpenError> {
    open_kind(Kind::Backup, file, unlock, expected)
}

fn open_kind(
    kind: Kind,
    file: &[u8],
    unlock: &Unlock<'_>,
    expected: &StoreExpected<'_>,
) -> Result<OpenedStore, OpenError> {
    let envelope = examine(file, Some(kind), expected.ceiling)?;
    let About::Store(core) = &envelope.about else {
        return Err(envelope.head.not_a(kind).into());
    };
    if !matches!(unlock, Unlock::Passphrase { .. } | Unlock::Key(_)) {
        return Err(PassphraseProblem::Store.into());
    }
    let digest = envelope.digest;
    let data_key = unwrap_data_key(&envelope, false, &digest, unlock, expected.ceiling)?;
    let padded = open_payload(&envelope, &digest, &data_key)?;
    let plain = Plain::parse_store(unpad(&padded).ok_or(OpenError::Padding)?)?;
    if core.site != expected.site {
        return Err(Stale::Site { wanted: expected.site.to_owned(), found: core.site.clone() }.into());
    }
    if core.device != expected.device {
        return Err(Stale::Device { wanted: expected.device.to_owned(), found: core.device.clone() }.into());
    }
    Ok(OpenedStore { core: core.clone(), plain, digest })
}

/// The salts of a sealed file's passphrase slots with what a derivation costs, in their order, and of nothing that
/// needs a key: whoever has the passphrase derives with the same salt again.
///
/// # Errors
/// The file is not a sealed one.
pub fn salts(file: &[u8]) -> Result<Vec<(super::kdf::KdfParams, [u8; 16])>, OpenError> {
    let envelope = examine(file, None, KdfCeiling(u32::MAX))?;
    let salt = |slot: &super::slots::Slot| match slot.params {
        super::slots::SlotParams::Passphrase { kdf, salt } => Some((kdf, salt)),
        _ => None,
    };
    Ok(envelope.slots.iter().filter_map(salt).collect())
}

/// The age files of a sealed file's slots for recipients, each checked before it is handed to the `age` program.
///
/// # Errors
/// The file is not a sealed one.
pub fn age_files(file: &[u8]) -> Result<Vec<Vec<u8>>, OpenError> {
    let envelope = examine(file, None, KdfCeiling(u32::MAX))?;
    let age = |slot: super::slots::Slot| match slot.params {
        super::slots::SlotParams::Age(file) if super::group::check_age_file(&file).is_ok() => Some(file),
        _ => None,
    };
    Ok(envelope.slots.into_iter().filter_map(age).collect())
}
