//! Fingerprints of secrets: they tell a reviewer that a secret changed, not what it is, and not whether another device
//! has the same.

use super::digest::length;
use super::keys::{Key, expand, hmac_sha256};
use crate::secret::SecretValue;

/// Symbols of a fingerprint: 65 bits.
const SYMBOLS: usize = 13;
/// Symbols of a key's id.
const ID_SYMBOLS: usize = 4;
/// Crockford's alphabet in small letters: nothing that is misread aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The key that fingerprints are made with: the secret `site/fingerprint-key`, 32 random bytes as 64 hexadecimal
/// digits. Never derived from a passphrase. Erased on drop.
pub struct FingerprintKey {
    key: Key,
    id: String,
}

impl FingerprintKey {
    /// From the secret; `None` where it is not 64 hexadecimal digits.
    pub fn new(secret: &SecretValue) -> Option<FingerprintKey> {
        let digits = secret.expose();
        if digits.len() != 64 {
            return None;
        }
        let nibble = |digit: u8| char::from(digit).to_digit(16).map(|n| n as u8);
        let key = Key::fill(|bytes| {
            for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                *byte = nibble(pair[0]).ok_or(())? << 4 | nibble(pair[1]).ok_or(())?;
            }
            Ok::<(), ()>(())
        });
        let key = key.ok()?;
        let id = format!("k{}", symbols(expand(&key, "fingerprint-id", &[]).expose(), ID_SYMBOLS));
        Some(FingerprintKey { key, id })
    }

    /// `k` and four symbols that tell one key from another, so that a changed key is not taken for changed secrets.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The fingerprint of the secret that a setting (dotted path) of a device of a site holds. Site, device and path
    /// are in it: the same value elsewhere has another one.
    pub fn of(&self, site: &str, device: &str, path: &str, value: &SecretValue) -> String {
        let fields = [site.as_bytes(), device.as_bytes(), path.as_bytes(), value.expose()];
        let lengths = fields.map(length);
        let pieces: Vec<&[u8]> = lengths.iter().zip(fields).flat_map(|(length, field)| [&length[..], field]).collect();
        symbols(&hmac_sha256(self.key.expose(), &pieces), SYMBOLS)
    }

    /// The same behind the key's id, as public texts show it.
    pub fn told(&self, site: &str, device: &str, path: &str, value: &SecretValue) -> String {
        format!("{}:{}", self.id, self.of(site, device, path, value))
    }
}

/// The first bits, five a symbol.
fn symbols(bytes: &[u8; 32], count: usize) -> String {
    let bit = |at: usize| usize::from(bytes[at / 8] >> (7 - at % 8) & 1);
    (0..count).map(|n| char::from(ALPHABET[(0..5).fold(0, |sum, i| sum << 1 | bit(n * 5 + i))])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: &str) -> FingerprintKey {
        FingerprintKey::new(&SecretValue::new(byte.repeat(32).into_bytes())).unwrap()
    }

    #[test]
    fn a_fingerprint_depends_on_all_that_it_is_of() {
        let value = SecretValue::copy_of(b"hunter2");
        let of = |site: &str, device: &str, path: &str| key("5a").of(site, device, path, &value);
        let here = of("west", "np07", "accounts.account[admin]");
        assert_eq!(here.len(), 13);
        assert_eq!(here, of("west", "np07", "accounts.account[admin]"));
        let others = [
            of("east", "np07", "accounts.account[admin]"),
            of("west", "np08", "accounts.account[admin]"),
            of("west", "np07", "accounts.account[guest]"),
            of("westn", "p07", "accounts.account[admin]"),
            key("5b").of("west", "np07", "accounts.account[admin]", &value),
            key("5a").of("west", "np07", "accounts.account[admin]", &SecretValue::copy_of(b"hunter3")),
        ];
        assert!(others.iter().all(|other| *other != here), "{others:?}");
        assert_ne!(key("5a").id(), key("5b").id());
        assert_eq!(key("5a").id().len(), 5);
    }

    /// Computed by Python: HMAC over the fields, each behind its length in eight bytes.
    #[test]
    fn others_compute_the_same() {
        let of = key("5a").of("west", "np07", "snmp.read", &SecretValue::copy_of(b"hunter2"));
        assert_eq!((key("5a").id(), &*of), ("k9b83", "r6x6dr82cg66a"));
    }

    #[test]
    fn keys_that_are_none() {
        for text in ["", "5a", &"5a".repeat(33), &"zz".repeat(32), &"+5".repeat(32)] {
            assert!(FingerprintKey::new(&SecretValue::copy_of(text.as_bytes())).is_none(), "{text}");
        }
    }
}
