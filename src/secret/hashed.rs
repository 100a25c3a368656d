//! A device's hash of a password against the secret that is wanted.
//!
//! A text is taken for a hash by its own form, the modular crypt format `$ID$...$...`: no claim is made about which
//! device uses which scheme. SHA-crypt (`$5$`, `$6$`) is verified; of every other scheme it is said that it can't be
//! compared, never that it differs.

use sha_crypt::{PasswordVerifier, ShaCrypt};

use super::SecretValue;

/// Most rounds that are run: a hash from outside must not cost minutes. The usual number is 5,000.
const MAX_ROUNDS: u32 = 200_000;

/// What came of comparing a hash with a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hashed {
    /// It is the secret's hash.
    Match,
    /// It is another one's.
    Differ,
    /// Of a scheme that is not verified, or too costly.
    Opaque,
}

/// Whether a native value is a hash by its form.
pub fn is_hash(native: &SecretValue) -> bool {
    native.expose_text().is_some_and(|text| scheme(text).is_some())
}

/// Compares a native value with a secret, where it is a hash; `None` where it is none.
pub fn compare(native: &SecretValue, secret: &SecretValue) -> Option<Hashed> {
    let text = native.expose_text()?;
    let id = scheme(text)?;
    if !matches!(id, "5" | "6") || rounds(text).is_none_or(|rounds| rounds > MAX_ROUNDS) {
        return Some(Hashed::Opaque);
    }
    Some(match ShaCrypt::default().verify_password(secret.expose(), text) {
        Ok(()) => Hashed::Match,
        Err(sha_crypt::password_hash::Error::PasswordInvalid) => Hashed::Differ,
        Err(_) => Hashed::Opaque,
    })
}

/// The scheme of a text in modular crypt format: `$ID$`, something, and no character that no hash has.
fn scheme(text: &str) -> Option<&str> {
    let (id, rest) = text.strip_prefix('$')?.split_once('$')?;
    let of_id = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let of_hash =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'$' | b'=' | b',' | b'+' | b'-' | b'_');
    let fits = (1..=16).contains(&id.len()) && id.bytes().all(of_id) && rest.len() >= 20 && rest.bytes().all(of_hash);
    fits.then_some(id)
}

/// The rounds that a SHA-crypt hash asks for; `None` where they are no number.
fn rounds(text: &str) -> Option<u32> {
    match text.split('$').nth(2)?.strip_prefix("rounds=") {
        Some(number) => number.parse().ok(),
        None => Some(5_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(native: &str, secret: &str) -> Option<Hashed> {
        compare(&SecretValue::copy_of(native.as_bytes()), &SecretValue::copy_of(secret.as_bytes()))
    }

    /// Test vectors of the SHA-crypt specification (Drepper, SHA-crypt.txt); `openssl passwd` gives the same.
    #[test]
    fn published_hashes_match_their_passwords_and_no_other() {
        let known = [
            ("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"),
            ("$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA", "Hello world!"),
            (
                "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
                "Hello world!",
            ),
        ];
        for (hash, password) in known {
            assert_eq!(of(hash, password), Some(Hashed::Match), "{hash}");
            assert_eq!(of(hash, "Hello world?"), Some(Hashed::Differ), "{hash}");
        }
    }

    #[test]
    fn other_schemes_can_not_be_compared() {
        for hash in [
            "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
            "$2b$12$KIXQeVrVh0sVq3yJ1m8nUO5m0P1bT6QqkqkqkqkqkqkqkqkqkqkqK",
            "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b7dWA",
            "$5$rounds=999999999$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
            "$5$rounds=x$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
            "$6$onlysaltandnothingbehinditatall",
        ] {
            assert_eq!(of(hash, "Hello world!"), Some(Hashed::Opaque), "{hash}");
        }
    }

    #[test]
    fn what_is_no_hash_is_none() {
        for text in
            ["", "$", "$$", "hunter2", "$5$short", "$6 $saltstringsaltstring", "$5$a space is in here, no hash is so"]
        {
            assert_eq!(of(text, "x"), None, "{text}");
        }
    }
}
