//! Every key of an image, each from one secret by a label, each erased on drop.

use ctutils::CtEq;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::digest::Digest;
use super::digest::HASH_LEN;
use crate::secret::{Entropy, EntropyError};

/// 32 secret bytes. No `Debug`, no `Clone`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Key([u8; 32]);

impl Key {
    #[cfg(any(test, fuzzing))]
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Key {
        Key(bytes)
    }

    /// To be filled in place, so that no copy stays on the stack.
    pub(super) fn fill<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Key, E> {
        let mut key = Key([0; 32]);
        fill(&mut key.0)?;
        Ok(key)
    }

    /// A second key with the same bytes. Not `Clone`, so that it is seen at the call.
    pub(super) fn copy(&self) -> Key {
        let mut copy = Key([0; 32]);
        copy.0.copy_from_slice(&self.0);
        copy
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The data key: one per sealing, the root of everything in the body.
pub(super) struct DataKey(pub(super) Key);

impl DataKey {
    pub(super) fn fresh(entropy: &mut dyn Entropy) -> Result<DataKey, EntropyError> {
        Key::fill(|bytes| entropy.fill(bytes)).map(DataKey)
    }

    /// What stands in the body before the payload: nobody can find a second key with the same.
    pub(super) fn commit(&self, head: &Digest) -> [u8; HASH_LEN] {
        *expand(&self.0, "payload-commit", &[head.as_bytes()]).expose()
    }

    pub(super) fn payload_key(&self, head: &Digest) -> Key {
        expand(&self.0, "payload-key", &[head.as_bytes()])
    }

    /// The MAC that ties the table to the body.
    pub(super) fn mac(&self, body: &Digest, table: &[u8]) -> [u8; HASH_LEN] {
        let key = expand(&self.0, "mac", &[]);
        hmac_sha256(key.expose(), &[body.as_bytes(), table])
    }
}

/// What opens a slot, whatever its type.
pub(super) struct SlotKeys {
    pub(super) commit: [u8; HASH_LEN],
    pub(super) wrap: Key,
}

/// The keys of one slot: they depend on the whole body and on the slot's type, length and parameters.
pub(super) fn slot_keys(pk: &Key, body: &Digest, pre: &[u8]) -> SlotKeys {
    let context = [&body.as_bytes()[..], pre];
    SlotKeys { commit: *expand(pk, "slot-commit", &context).expose(), wrap: expand(pk, "slot-key", &context) }
}

/// In time that does not depend on the content.
pub(super) fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).to_bool()
}

/// `Expand(k, label, ctx)` of `schema/image.md`; the context in pieces.
pub(super) fn expand(key: &Key, label: &str, context: &[&[u8]]) -> Key {
    let mut info: Vec<&[u8]> = vec![b"fieldlock/v1/", label.as_bytes(), &[0]];
    info.extend_from_slice(context);
    let mut out = Key([0; 32]);
    #[expect(clippy::expect_used, reason = "HKDF takes a key of 32 bytes and gives up to 8,160")]
    Hkdf::<Sha256>::from_prk(&key.0)
        .expect("a key of 32 bytes")
        .expand_multi_info(&info, &mut out.0)
        .expect("32 bytes of output");
    out
}

/// HKDF-Extract-SHA256: a key from a salt and a secret that is not evenly distributed.
pub(super) fn extract(salt: &[u8], secret: &[u8]) -> Key {
    Key(hmac_sha256(salt, &[secret]))
}

pub(super) fn hmac_sha256(key: &[u8], pieces: &[&[u8]]) -> [u8; HASH_LEN] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::test_support::unhex;

    /// RFC 5869, appendix A, tests 1 to 3: PRK, info, OKM.
    #[test]
    fn hkdf_expand_is_the_published_one() {
        let cases = [
            (
                "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
                "f0f1f2f3f4f5f6f7f8f9".to_owned(),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            ),
            (
                "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
                (0xb0..=0xffu8).map(|b| format!("{b:02x}")).collect(),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da\
                 3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
            (
                "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
                String::new(),
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            ),
        ];
        for (prk, info, okm) in cases {
            let (prk, info, okm) = (unhex(prk), unhex(&info), unhex(okm));
            let mut out = vec![0; okm.len()];
            Hkdf::<Sha256>::from_prk(&prk).unwrap().expand(&info, &mut out).unwrap();
            assert_eq!(out, okm);
        }
    }

    /// RFC 4231, tests 1, 2, 3, 4 and 6.
    #[test]
    fn hmac_is_the_published_one() {
        let cases = [
            ("0b".repeat(20), "4869205468657265".to_owned(), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                "4a656665".to_owned(),
                "7768617420646f2079612077616e7420666f72206e6f7468696e673f".to_owned(),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            ("aa".repeat(20), "dd".repeat(50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                "0102030405060708090a0b0c0d0e0f10111213141516171819".to_owned(),
                "cd".repeat(50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
            (
                "aa".repeat(131),
                "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374"
                    .to_owned(),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, data, mac) in cases {
            let data = unhex(&data);
            let (front, back) = data.split_at(data.len() / 2);
            assert_eq!(hmac_sha256(&unhex(&key), &[front, back]).to_vec(), unhex(mac));
        }
    }

    #[test]
    fn a_label_and_its_context_do_not_run_into_each_other() {
        let key = Key::from_bytes([1; 32]);
        let all = [
            *expand(&key, "mac", &[]).expose(),
            *expand(&key, "mac", &[b"\0"]).expose(),
            *expand(&key, "ma", &[b"c"]).expose(),
            *expand(&key, "mac", &[b"c"]).expose(),
        ];
        for i in 0..all.len() {
            assert!(!all[..i].contains(&all[i]));
        }
        assert_eq!(*expand(&key, "x", &[b"ab", b"c"]).expose(), *expand(&key, "x", &[b"a", b"bc"]).expose());
    }
}
