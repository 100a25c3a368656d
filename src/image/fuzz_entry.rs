//! For fuzz targets: what is read behind the keys of a file, with every key in hand. None of it may panic. The steps
//! before a key are reached by what everybody can call.

use super::digest::HASH_LEN;
use super::forge::*;
use super::header::{Kind, PAD_TO};
use super::inspect;
use super::open::{Unlock, open};
use super::parts::{Part, PartKind, RawPart, unpad, write_parts};
use super::plain::Plain;
use super::store::{StoreExpected, open_store};
use super::{Core, SecretSpan, StoreCore};
use crate::secret::SecretValue;

/// The decrypted content: padding, list, manifest.
pub fn content(bytes: &[u8]) {
    let body = unpad(bytes).unwrap_or(bytes);
    if let Ok(plain) = Plain::parse(body) {
        let again = plain.write();
        assert!(again.is_ok_and(|padded| unpad(&padded) == Some(body)), "content is written back as it was");
    }
}

/// The manifest of content whose other parts stay as they are.
pub fn manifest(bytes: &[u8]) {
    let plain = plain();
    let kind = |part: &Part| if part.kind == PartKind::Native { 1 } else { 2 };
    let mut list = vec![RawPart { kind: 0, name: "manifest.json", bytes }];
    list.extend(plain.parts().iter().map(|p| RawPart { kind: kind(p), name: &p.name, bytes: p.bytes.expose() }));
    if let Ok(read) = Plain::parse(&write_parts(&list)) {
        assert!(read.parts().len() == 3 && read.redacted("native.cli").is_some(), "spans that are taken redact");
    }
}

/// A file of this kind with a fitting checksum, opened: the steps up to the MAC. What changes the body changes what its
/// slot is bound to, so what lies behind is for [`sealed`]. Gives the class of the step that refused it, or `opens`.
pub fn file(kind: Kind, bytes: &[u8]) -> &'static str {
    let repaired = if bytes.len() < HASH_LEN { bytes.to_vec() } else { repaired(bytes) };
    opened(kind, &repaired)
}

/// Any core and any content, sealed and opened: the steps behind the MAC. Two bytes say how long the core is; the
/// content is filled up with zeros.
pub fn sealed(kind: Kind, bytes: &[u8]) -> &'static str {
    let Some((length, rest)) = bytes.split_first_chunk() else { return "nothing" };
    let Some((core, content)) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length))) else {
        return "nothing";
    };
    let mut padded = content.to_vec();
    padded.resize(content.len().next_multiple_of(PAD_TO).max(PAD_TO), 0);
    opened(kind, &Forge { kind, core: core.to_vec(), padded, ..Forge::good(1) }.file())
}

fn opened(kind: Kind, file: &[u8]) -> &'static str {
    let (key, device) = (key(), core().device);
    let unlock = Unlock::Key(&key);
    let digest = if kind == Kind::Device {
        open(file, &unlock, &expected()).map(|opened| {
            assert!(opened.plain.review() == opened.core.review, "what opens is what was reviewed");
            opened.digest
        })
    } else {
        let expected = StoreExpected { site: &core().site, device: &device, ceiling: ANY };
        open_store(file, &unlock, &expected).map(|opened| opened.digest)
    };
    match digest {
        Err(error) => error.class(),
        Ok(digest) => {
            assert!(inspect(file).is_ok_and(|inspection| inspection.digest == digest), "what opens is inspected");
            "opens"
        }
    }
}

/// A file of this kind that opens, and the padded plaintext in it: seeds that reach every step.
pub fn seed(kind: Kind) -> (Vec<u8>, Vec<u8>) {
    let forge = if kind == Kind::Device { Forge::good(1) } else { store() };
    (forge.file(), forge.padded)
}

fn store() -> Forge {
    let Core { device, group, site, .. } = core();
    let core = StoreCore { device, group, kind: "secret-store".to_owned(), revision: 1, site };
    let token = "<secret ps7-router/ot-admin>".to_owned();
    let secrets = vec![SecretSpan { offset: 0, length: SECRET.len() as u32, token }];
    let bytes = SecretValue::copy_of(SECRET.as_bytes());
    let values = Part { kind: PartKind::Other, name: "values".to_owned(), bytes, secrets };
    let padded = Plain::of_store(vec![values]).and_then(|plain| plain.write()).map(|padded| padded.to_vec());
    Forge {
        kind: Kind::SecretStore,
        core: core.to_bytes().unwrap_or_default(),
        padded: padded.unwrap_or_default(),
        ..Forge::good(2)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::image::header::parse_head;

    const KINDS: [Kind; 2] = [Kind::Device, Kind::SecretStore];

    fn all(bytes: &[u8]) {
        content(bytes);
        manifest(bytes);
        for kind in KINDS {
            file(kind, bytes);
            sealed(kind, bytes);
        }
    }

    /// Core and content of the seed, for [`sealed`].
    fn inner(kind: Kind) -> Vec<u8> {
        let (file, padded) = seed(kind);
        let core = parse_head(&file, Some(kind)).unwrap().core;
        [&(core.len() as u16).to_be_bytes(), core, &padded].concat()
    }

    #[test]
    fn the_seeds_open() {
        for kind in KINDS {
            assert_eq!((file(kind, &seed(kind).0), sealed(kind, &inner(kind))), ("opens", "opens"));
            all(&seed(kind).0);
            all(&seed(kind).1);
        }
        all(&[]);
    }

    /// Changed files end before the MAC is passed; changed content, sealed anew, behind it.
    #[test]
    fn every_step_is_reached() {
        let each = |bytes: &[u8], class: &dyn Fn(&[u8]) -> &'static str| -> BTreeSet<&'static str> {
            let flipped = |at: usize| {
                let mut bytes = bytes.to_vec();
                bytes[at] ^= 4;
                class(&bytes)
            };
            // the long middle is ciphertext or zeros
            let middle = 900..bytes.len() - 300;
            (0..bytes.len()).filter(|at| !middle.contains(at) || at % 32 == 0).map(flipped).collect()
        };
        let whole = each(&seed(Kind::Device).0, &|bytes| file(Kind::Device, bytes));
        let before = ["core", "kdf-limit", "kind", "length", "mac", "magic", "passphrase", "slot", "slots", "version"];
        assert!(before.iter().all(|class| whole.contains(class)), "{whole:?}");
        let behind = each(&inner(Kind::Device), &|bytes| sealed(Kind::Device, bytes));
        assert!(["core", "opens", "padding", "parts", "review"].iter().all(|c| behind.contains(c)), "{behind:?}");
        let behind = each(&inner(Kind::SecretStore), &|bytes| sealed(Kind::SecretStore, bytes));
        assert!(["core", "opens", "padding", "parts", "stale"].iter().all(|c| behind.contains(c)), "{behind:?}");
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            all(&bytes);
        }

        #[test]
        fn a_changed_seed(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut: prop::sample::Index,
        ) {
            let mut bytes = seed(Kind::Device).0;
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            all(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            all(&bytes);
        }
    }
}
