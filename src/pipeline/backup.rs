//! The whole state of a device as it exported it, secrets included: sealed before anything is written to the device,
//! and taken out again to go back.

use crate::image::{
    Entropy, Holder, KdfCeiling, OpenError, Part, PartKind, PassphraseKey, Plain, SealError, SealedImage, SecretSpan,
    StoreCore, StoreExpected, Unlock, open_backup, seal_store,
};
use crate::native::Token;
use crate::secret::{SecretRef, SecretValue};

/// The folder, beside the receipts.
pub const FOLDER: &str = "backups";
/// The one part of a backup.
const EXPORT: &str = "export";

/// Whose state it is.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// The site.
    pub site: &'a str,
    /// The device.
    pub device: &'a str,
}

/// Seals what a device exported: all of it is a secret.
///
/// # Errors
/// See [`SealError`].
pub fn seal(
    export: SecretValue,
    of: Of<'_>,
    group: &str,
    key: &PassphraseKey,
    entropy: &mut dyn Entropy,
) -> Result<SealedImage, SealError> {
    let length = u32::try_from(export.len()).unwrap_or(u32::MAX);
    let whole = SecretSpan { length, offset: 0, token: token(of.device) };
    let part = Part { kind: PartKind::Other, name: EXPORT.to_owned(), bytes: export, secrets: vec![whole] };
    let core = StoreCore {
        device: of.device.to_owned(),
        group: group.to_owned(),
        kind: "backup".to_owned(),
        revision: 1,
        site: of.site.to_owned(),
    };
    seal_store(&Plain::of_store(vec![part])?, &core, &[Holder::Passphrase(key)], entropy)
}

/// What a backup holds: the very bytes that the device exported.
///
/// # Errors
/// It does not open, is no backup, or is of another device.
pub fn open(file: &[u8], of: Of<'_>, unlock: &Unlock<'_>, ceiling: KdfCeiling) -> Result<SecretValue, OpenError> {
    let expected = StoreExpected { site: of.site, device: of.device, ceiling };
    let opened = open_backup(file, unlock, &expected)?;
    let part = opened.plain.part(EXPORT).ok_or(OpenError::Parts(crate::image::PartsError::Name))?;
    Ok(SecretValue::copy_of(part.bytes.expose()))
}

fn token(device: &str) -> String {
    SecretRef::new(&format!("{device}/{EXPORT}"))
        .map_or_else(|_| String::new(), |name| Token::of(&name, None).to_string())
}
