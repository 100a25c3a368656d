//! An Ed25519 public key as OpenSSH writes it: in lines of text, in blobs, as a fingerprint.

use std::fmt;

use ed25519_dalek::{Signature, VerifyingKey};

use super::base64;
use super::wire::{Reader, put};
use crate::image::Digest;

/// The name of the one kind of key that signs an index.
pub const KEY_TYPE: &str = "ssh-ed25519";

/// Other kinds that a line can have; none of them signs an index.
const OTHER_TYPES: [&str; 14] = [
    "ssh-rsa",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-ed25519-cert-v01@openssh.com",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-dss-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
];

/// An Ed25519 public key. Any 32 bytes: those that are no point of the curve verify nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

/// Why a text is no key that signs an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No key at all.
    #[error("there is no key where one is expected")]
    None,
    /// Not whole.
    #[error("its key is damaged")]
    Broken,
    /// A key of a kind that signs no index.
    #[error("its key is of type {name}, and only ssh-ed25519 signs an index")]
    Type {
        /// The type.
        name: &'static str,
    },
}

impl PublicKey {
    /// From the line of a public key's file: `ssh-ed25519 AAAA... comment`.
    ///
    /// # Errors
    /// It is a line of something else, of another kind of key, or not whole.
    pub fn parse(line: &[u8]) -> Result<PublicKey, KeyError> {
        read(line.trim_ascii_start())
    }

    /// `ssh-ed25519 AAAA...`, without a comment.
    pub fn to_line(&self) -> String {
        format!("{KEY_TYPE} {}", base64::encode(&self.blob()))
    }

    /// `SHA256:...`, as `ssh-keygen -l` shows it.
    pub fn fingerprint(&self) -> String {
        let digest = base64::encode(Digest::of(&self.blob()).as_bytes());
        format!("SHA256:{}", digest.trim_end_matches('='))
    }

    /// From a blob: name of the type, key, nothing behind. As OpenSSH does, one zero byte behind the name is let pass
    /// where `lenient`.
    pub(super) fn from_blob(blob: &[u8], lenient: bool) -> Option<PublicKey> {
        let mut reader = Reader::new(blob);
        let name = reader.text()?;
        let name = name.strip_suffix(b"\0").filter(|_| lenient).unwrap_or(name);
        let key = reader.text()?.try_into().ok()?;
        (name == KEY_TYPE.as_bytes() && reader.is_empty()).then_some(PublicKey(key))
    }

    pub(super) fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        put(&mut blob, KEY_TYPE.as_bytes());
        put(&mut blob, &self.0);
        blob
    }

    /// Whether the key made this signature of a message. Strict: one signature per message and key, no key or point
    /// of small order.
    pub(super) fn made(&self, signature: &[u8; 64], message: &[u8]) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }

    #[cfg(test)]
    pub(super) fn from_bytes(bytes: [u8; 32]) -> PublicKey {
        PublicKey(bytes)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fingerprint())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads a key where a line is expected to have one. What stands behind it is a comment.
pub(super) fn read(text: &[u8]) -> Result<PublicKey, KeyError> {
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let Some(end) = text.iter().position(blank) else { return Err(KeyError::None) };
    let (name, rest) = text.split_at(end);
    if let Some(name) = OTHER_TYPES.iter().find(|t| t.as_bytes() == name) {
        return Err(KeyError::Type { name });
    }
    if name != KEY_TYPE.as_bytes() {
        return Err(KeyError::None);
    }
    let rest = &rest[rest.iter().position(|b| !blank(b)).unwrap_or(rest.len())..];
    let blob = rest.split(blank).next().unwrap_or_default();
    let blob = base64::decode(blob).ok_or(KeyError::Broken)?;
    PublicKey::from_blob(&blob, true).ok_or(KeyError::Broken)
}
