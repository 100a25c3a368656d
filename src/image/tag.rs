//! Keyed tags: what whoever has the passphrase found out, so that a later run of theirs need not find it out again.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::digest::{Digest, length};
use super::kdf::PassphraseKey;
use super::keys::{equal, expand};
use crate::secret::SecretValue;

/// The key that a passphrase leads to for tags. No `Debug`: it vouches for files.
pub struct TagKey(Hmac<Sha256>);

/// A tag in the making: over fields in a fixed order, each behind its length, so that none runs into the next. No
/// `Debug`: secrets have gone into it.
#[derive(Clone)]
pub struct Tag(Hmac<Sha256>);

impl PassphraseKey {
    /// The key for tags.
    pub fn tags(&self) -> TagKey {
        let key = expand(&self.key, "build-cache", &[]);
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        TagKey(Hmac::new_from_slice(key.expose()).expect("a key of any length"))
    }
}

impl TagKey {
    /// A tag of no field yet.
    pub fn tag(&self) -> Tag {
        Tag(self.0.clone())
    }
}

impl Tag {
    /// One more field.
    pub fn put(&mut self, field: &[u8]) {
        self.0.update(&length(field));
        self.0.update(field);
    }

    /// One more field: how many there are of what follows.
    pub fn count(&mut self, count: usize) {
        self.put(&(count as u64).to_be_bytes());
    }

    /// One more field, of a secret.
    pub fn secret(&mut self, value: &SecretValue) {
        self.put(value.expose());
    }

    /// The tag.
    pub fn finish(self) -> Digest {
        Digest::from_bytes(self.0.finalize().into_bytes().into())
    }

    /// Whether this is the tag, in time that does not depend on where it differs.
    pub fn is(self, tag: &Digest) -> bool {
        equal(self.finish().as_bytes(), tag.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::kdf::KdfParams;
    use crate::image::keys::{Key, hmac_sha256};

    fn key(byte: u8) -> TagKey {
        PassphraseKey { kdf: KdfParams::LEAST, salt: [0; 16], key: Key::from_bytes([byte; 32]), demo: false }.tags()
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let tag = |byte: u8, fields: &[&str]| {
            let mut tag = key(byte).tag();
            fields.iter().for_each(|field| tag.put(field.as_bytes()));
            tag
        };
        let all = [
            tag(1, &["ab", "c"]).finish(),
            tag(1, &["a", "bc"]).finish(),
            tag(1, &["abc"]).finish(),
            tag(1, &["abc", ""]).finish(),
            tag(2, &["abc"]).finish(),
        ];
        assert!((0..all.len()).all(|i| !all[..i].contains(&all[i])));
        assert!(tag(1, &["abc"]).is(&all[2]) && !tag(1, &["abc"]).is(&all[3]));
    }

    /// The formula of `schema/image.md`, section 10.
    #[test]
    fn a_tag_is_an_hmac_over_lengths_and_fields() {
        let mut tag = key(7).tag();
        tag.put(b"np07");
        tag.count(2);
        tag.secret(&SecretValue::copy_of(b"hunter2"));
        let key = expand(&Key::from_bytes([7; 32]), "build-cache", &[]);
        let length = |n: u64| n.to_be_bytes();
        let (four, eight, two, seven) = (length(4), length(8), length(2), length(7));
        let pieces: [&[u8]; 6] = [&four, b"np07", &eight, &two, &seven, b"hunter2"];
        assert_eq!(*tag.finish().as_bytes(), hmac_sha256(key.expose(), &pieces));
    }
}
