//! Recipients: one random key per build and group, in an age file that the `age` program wrote.
//!
//! The file is the same in every image of the group, so that whoever opens them asks `age`, or touches a token, once.
//! No age file is decrypted here; what it looks like is checked before it is put into a slot or handed to the program.

use zeroize::Zeroizing;

use super::keys::Key;
use crate::secret::SecretValue;
use crate::secret::{Entropy, EntropyError};

/// The longest age file that a slot holds, in bytes.
pub const MAX_AGE_FILE: usize = super::slots::MAX_SLOT_LEN - 80;
/// Most recipients of one age file: each costs whoever opens it a key agreement.
pub const MAX_STANZAS: usize = 64;

const LABEL: &[u8] = b"fieldlock/v1/age-key\0";
/// Nonce, content and tag of an age file that holds one of our keys.
const PAYLOAD_LEN: usize = 16 + LABEL.len() + 32 + 16;

/// A fresh key of a group, to be wrapped by the `age` program. Erased on drop.
pub struct GroupSecret(Key);

/// The key of a group and the age file that holds it. No `Debug`: it opens images.
pub struct GroupKey {
    pub(super) key: Key,
    pub(super) age_file: Vec<u8>,
}

/// Why a file is not an age file that a slot may hold, or does not hold a key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AgeFileProblem {
    /// More than [`MAX_AGE_FILE`] bytes.
    #[error("the age file is larger than {MAX_AGE_FILE} bytes")]
    TooLarge,
    /// No age v1 header, or one that is cut short.
    #[error("this is not a binary age file")]
    Header,
    /// No recipient, or more than [`MAX_STANZAS`].
    #[error("the age file has no recipient, or more than {MAX_STANZAS}")]
    Recipients,
    /// It is opened by a passphrase: with a work factor of its own, and a question to a person.
    #[error("the age file is encrypted to a passphrase, not to recipients")]
    Passphrase,
    /// Its content has another length than a key of ours.
    #[error("the age file holds something else than a key of a group")]
    Content,
}

impl AgeFileProblem {
    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            AgeFileProblem::TooLarge | AgeFileProblem::Recipients => {
                "give fewer recipients: 64 at most, and no more than fit 8,112 bytes"
            }
            _ => "the slot was not made by `fieldlock build --recipients`; ask where the image came from",
        }
    }
}

impl GroupSecret {
    /// A new one.
    ///
    /// # Errors
    /// There is no randomness.
    pub fn fresh(entropy: &mut dyn Entropy) -> Result<GroupSecret, EntropyError> {
        Key::fill(|bytes| entropy.fill(bytes)).map(GroupSecret)
    }

    /// What the `age` program gets on its standard input, never in a file.
    pub fn plaintext(&self) -> SecretValue {
        let mut text = Zeroizing::new(Vec::with_capacity(LABEL.len() + 32));
        text.extend_from_slice(LABEL);
        text.extend_from_slice(self.0.expose());
        SecretValue::new(std::mem::take(&mut *text))
    }

    /// With what the program gave back.
    ///
    /// # Errors
    /// It is not an age file that a slot may hold.
    pub fn wrapped(self, age_file: Vec<u8>) -> Result<GroupKey, AgeFileProblem> {
        check_age_file(&age_file)?;
        Ok(GroupKey { key: self.0, age_file })
    }
}

impl GroupKey {
    /// From what the `age` program decrypted.
    ///
    /// # Errors
    /// It is not a key of ours, or the file is not one that a slot may hold.
    pub fn opened(plaintext: &SecretValue, age_file: Vec<u8>) -> Result<GroupKey, AgeFileProblem> {
        check_age_file(&age_file)?;
        let bytes = plaintext.expose().strip_prefix(LABEL).ok_or(AgeFileProblem::Content)?;
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| AgeFileProblem::Content)?;
        let key = Key::fill(|key| {
            key.copy_from_slice(bytes);
            Ok::<(), AgeFileProblem>(())
        })?;
        Ok(GroupKey { key, age_file })
    }
}

/// Whether a file may be put into a slot, or handed to the `age` program: a binary age v1 file for recipients, of a
/// size that costs nobody anything, none of whose recipients is a passphrase, with a key of ours for content.
///
/// # Errors
/// What is wrong with it.
pub fn check_age_file(file: &[u8]) -> Result<(), AgeFileProblem> {
    if file.len() > MAX_AGE_FILE {
        return Err(AgeFileProblem::TooLarge);
    }
    let mut rest = file.strip_prefix(b"age-encryption.org/v1\n").ok_or(AgeFileProblem::Header)?;
    let mut stanzas = 0;
    loop {
        let end = rest.iter().position(|b| *b == b'\n').ok_or(AgeFileProblem::Header)?;
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if !line.iter().all(|b| matches!(b, b' '..=b'~')) {
            return Err(AgeFileProblem::Header);
        }
        if line.starts_with(b"--- ") {
            break;
        }
        if let Some(stanza) = line.strip_prefix(b"-> ") {
            stanzas += 1;
            let mut arguments = stanza.split(|b| *b == b' ');
            if arguments.clone().any(<[u8]>::is_empty) {
                return Err(AgeFileProblem::Header);
            }
            if arguments.next() == Some(b"scrypt") {
                return Err(AgeFileProblem::Passphrase);
            }
        } else if stanzas == 0 || !line.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')) {
            return Err(AgeFileProblem::Header);
        }
    }
    if !(1..=MAX_STANZAS).contains(&stanzas) {
        return Err(AgeFileProblem::Recipients);
    }
    if rest.len() == PAYLOAD_LEN { Ok(()) } else { Err(AgeFileProblem::Content) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Looks like one: the recipients are nobody.
    pub(in crate::image) fn age_file() -> Vec<u8> {
        let head = "age-encryption.org/v1\n-> X25519 bm9ib2R5\nbm9ib2R5IGVpdGhlcg\n--- bm8gbWFj\n";
        [head.as_bytes(), &[7; PAYLOAD_LEN]].concat()
    }

    pub(in crate::image) fn group_key(byte: u8) -> GroupKey {
        GroupKey { key: Key::from_bytes([byte; 32]), age_file: age_file() }
    }

    #[test]
    fn a_key_goes_out_and_comes_back() {
        let secret = GroupSecret(Key::from_bytes([9; 32]));
        let plaintext = secret.plaintext();
        assert_eq!(plaintext.expose(), [&b"fieldlock/v1/age-key\0"[..], &[9; 32]].concat());
        let key = GroupKey::opened(&plaintext, age_file()).ok().unwrap();
        assert!(secret.wrapped(age_file()).ok().unwrap().key.expose() == key.key.expose());
        for wrong in [&b""[..], b"fieldlock/v1/age-key\0", &[0; 53], &[plaintext.expose(), b"\n"].concat()] {
            let wrong = SecretValue::copy_of(wrong);
            assert_eq!(GroupKey::opened(&wrong, age_file()).err(), Some(AgeFileProblem::Content));
        }
    }

    /// Threat M6: an age file may hold a passphrase stanza with a work factor of its own, or thousands of recipients.
    #[test]
    fn age_files_that_no_slot_may_hold() {
        assert_eq!(check_age_file(&age_file()), Ok(()));
        let with = |head: &str| {
            let head = format!("age-encryption.org/v1\n{head}");
            check_age_file(&[head.as_bytes(), &[7; PAYLOAD_LEN]].concat()).err()
        };
        use AgeFileProblem::{Header, Passphrase, Recipients};
        assert_eq!(with("-> X25519 a\nb\n-> scrypt c2FsdA 30\nb\n--- m\n"), Some(Passphrase));
        assert_eq!(with("-> scrypt\n--- m\n"), Some(Passphrase));
        assert_eq!(with("--- m\n"), Some(Recipients));
        assert_eq!(with(&("-> X25519 a\n\n".repeat(MAX_STANZAS) + "--- m\n")), None);
        assert_eq!(with(&("-> X25519 a\n\n".repeat(MAX_STANZAS + 1) + "--- m\n")), Some(Recipients));
        assert_eq!(with("stray\n--- m\n"), Some(Header));
        // another reader may take the second word for the first
        assert_eq!(with("->  scrypt c2FsdA 30\nb\n--- m\n"), Some(Header));
        assert_eq!(with("-> X25519 a \nb\n--- m\n"), Some(Header));
        assert_eq!(with("-> X25519 a\x1b\n--- m\n"), Some(Header));
        assert_eq!(with("-> X25519 a\n"), Some(Header));
        // an argument of another kind, and what is encrypted, may spell anything
        assert_eq!(with("-> X25519 -> scrypt a\nb\n--- m\n"), None);
        let spelled = [&age_file()[..age_file().len() - 11], b"\n-> scrypt "].concat();
        assert_eq!(check_age_file(&spelled), Ok(()));
        let file = age_file();
        assert_eq!(check_age_file(b"-----BEGIN AGE ENCRYPTED FILE-----\n"), Err(Header));
        assert_eq!(check_age_file(&file[..file.len() - 1]), Err(AgeFileProblem::Content));
        assert_eq!(check_age_file(&[&file[..], b"x"].concat()), Err(AgeFileProblem::Content));
        assert_eq!(check_age_file(&[&file[..], &[0; MAX_AGE_FILE]].concat()), Err(AgeFileProblem::TooLarge));
    }
}
