//! SHA-256 digests, as bytes and as text.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// Bytes of a digest, and so of a commitment, of the MAC and of CHECK.
pub const HASH_LEN: usize = 32;

/// A SHA-256 digest; 64 lower-case hexadecimal digits as text.
///
/// Never of anything that holds a secret, where the digest leaves the process in clear: with all but the secret
/// known, a digest lets everybody try guesses at full speed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, schemars::JsonSchema)]
pub struct Digest(#[schemars(with = "String")] [u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    /// The digest of several pieces, one directly behind the other.
    pub fn of_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Digest {
        let mut hasher = Sha256::new();
        for piece in pieces {
            hasher.update(piece);
        }
        Digest(hasher.finalize().into())
    }

    /// A digest that was read from somewhere.
    pub fn from_bytes(bytes: [u8; 32]) -> Digest {
        Digest(bytes)
    }

    /// From 64 lower-case hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Digest> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Digest(bytes))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 12 digits, grouped by four, to be read aloud and compared by eye: `91c0-77ab-e2f4`.
    pub fn short(&self) -> String {
        let hex = self.to_string();
        format!("{}-{}-{}", &hex[..4], &hex[4..8], &hex[8..12])
    }
}

/// A digest of what came so far: several beginnings of one file are digested in one pass.
pub(super) struct Running(Sha256);

impl Running {
    /// Of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Running {
        Running(Sha256::new_with_prefix(bytes))
    }

    /// More bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all of them until now.
    pub(super) fn so_far(&self) -> Digest {
        Digest(self.0.clone().finalize().into())
    }
}

/// A digest over fields, each behind its length in eight bytes, so that none runs into the next.
pub struct Fields(Sha256);

impl Fields {
    /// Of no field yet.
    pub fn new() -> Fields {
        Fields(Sha256::new())
    }

    /// One more field.
    pub fn put(&mut self, field: &[u8]) {
        self.0.update(length(field));
        self.0.update(field);
    }

    /// One more field: how many there are of what follows.
    pub fn count(&mut self, count: usize) {
        self.put(&(count as u64).to_be_bytes());
    }

    /// The digest.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl Default for Fields {
    fn default() -> Fields {
        Fields::new()
    }
}

/// What stands before a field.
pub(super) fn length(field: &[u8]) -> [u8; 8] {
    (field.len() as u64).to_be_bytes()
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// As text: indexes and memos hold tens of thousands of them.
struct Hex([u8; 64]);

impl Hex {
    fn of(digest: &Digest) -> Hex {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 64];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(digest.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Hex(hex)
    }

    fn text(&self) -> &str {
        // all of them are ASCII
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Hex::of(self).text())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Hex::of(self).text())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        deserializer.deserialize_str(FromHex)
    }
}

struct FromHex;

impl Visitor<'_> for FromHex {
    type Value = Digest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("64 lower-case hexadecimal digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
        Digest::from_hex(text).ok_or_else(|| E::custom("a digest is 64 lower-case hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_as_text_and_back() {
        let digest = Digest::of(b"abc");
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), hex);
        assert_eq!(Digest::from_hex(hex), Some(digest));
        assert_eq!(digest.short(), "ba78-16bf-8f01");
        assert_eq!(Digest::of_pieces([&b"a"[..], b"", b"bc"]), digest);
    }

    #[test]
    fn other_spellings_of_a_digest_are_refused() {
        let hex = Digest::of(b"abc").to_string();
        assert_eq!(Digest::from_hex(&hex.to_uppercase()), None);
        assert_eq!(Digest::from_hex(&hex[1..]), None);
        assert_eq!(Digest::from_hex(&format!("{hex}0")), None);
        assert_eq!(Digest::from_hex(&hex.replace('b', "+")), None);
    }
}
