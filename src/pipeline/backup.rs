//! The whole state of a device as it exported it, secrets included: sealed before anything is written to the device,
//! and taken out again to go back.

use crate::image::{
    Entropy, Holder, KdfCeiling, OpenError, OpenedStore, Part, PartKind, PartsError, PassphraseKey, Plain, SealError,
    SealedImage, SecretSpan, StoreCore, StoreExpected, Unlock, open_backup, seal_store,
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
    seal_with(export, Vec::new(), of, (group, 1), key, entropy)
}

/// The same with what is known of it beside.
pub(super) fn seal_with(
    export: SecretValue,
    beside: Vec<Part>,
    of: Of<'_>,
    (group, revision): (&str, u32),
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
        revision,
        site: of.site.to_owned(),
    };
    let parts = std::iter::once(part).chain(beside).collect();
    seal_store(&Plain::of_store(parts)?, &core, &[Holder::Passphrase(key)], entropy)
}

/// What a backup holds: the very bytes that the device exported.
///
/// # Errors
/// It does not open, is no backup, or is of another device.
pub fn open(file: &[u8], of: Of<'_>, unlock: &Unlock<'_>, ceiling: KdfCeiling) -> Result<SecretValue, OpenError> {
    open_with(file, of, unlock, ceiling).map(|(export, _)| export)
}

/// The same with what is known of it beside, and all else that it says.
pub(super) fn open_with(
    file: &[u8],
    of: Of<'_>,
    unlock: &Unlock<'_>,
    ceiling: KdfCeiling,
) -> Result<(SecretValue, OpenedStore), OpenError> {
    let expected = StoreExpected { site: of.site, device: of.device, ceiling };
    let opened = open_backup(file, unlock, &expected)?;
    let part = opened.plain.part(EXPORT).ok_or(OpenError::Parts(PartsError::Name))?;
    Ok((SecretValue::copy_of(part.bytes.expose()), opened))
}

fn token(device: &str) -> String {
    SecretRef::new(&format!("{device}/{EXPORT}"))
        .map_or_else(|_| String::new(), |name| Token::of(&name, None).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Derivations, KdfParams, Passphrase};
    use crate::pipeline::SealedExport;

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), crate::secret::EntropyError> {
            bytes.fill(7);
            Ok(())
        }
    }

    /// One that was sealed before something was written, and one that was kept to be compared, are the same thing.
    #[test]
    fn every_backup_is_restored_and_compared() {
        let phrase = Passphrase::new(SecretValue::copy_of(b"weir sluice penstock")).ok().unwrap();
        let ceiling = KdfCeiling(u32::MAX);
        let key = Derivations::new().derive(&phrase, KdfParams::LEAST, [1; 16], ceiling).ok().unwrap();
        let of = Of { site: "west", device: "np07" };
        let export = || SecretValue::copy_of(b"Console Password=hunter2");
        let sealed = seal(export(), of, "west", &key, &mut Fixed).unwrap().bytes;
        let unlock = Unlock::Key(&key);
        let kept = SealedExport::open(&sealed, "west", "np07", &unlock, ceiling).ok().unwrap();
        let (_, told) = SealedExport::next(Some(&kept), export(), false);
        assert_eq!(told, crate::report::documents::ComparedExport::Same);
        let beside = vec![Part {
            kind: PartKind::Other,
            name: "volatile.json".into(),
            bytes: SecretValue::copy_of(b"{}"),
            secrets: Vec::new(),
        }];
        let with = seal_with(export(), beside, of, ("west", 4), &key, &mut Fixed).unwrap().bytes;
        assert!(open(&with, of, &unlock, ceiling).ok().unwrap().expose() == export().expose());
        assert!(open(&with, Of { device: "np08", ..of }, &unlock, ceiling).is_err());
        assert!(SealedExport::open(&with, "west", "np07", &unlock, ceiling).is_err(), "what stands beside is none");
        let token = crate::image::inspect(&with).unwrap().store.unwrap();
        assert_eq!((token.revision, &*token.kind), (4, "backup"));
    }
}
