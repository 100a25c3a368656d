//! The signature of an index (`schema/image.md`, section 11): made by `ssh-keygen -Y sign`, checked here, so that a
//! laptop in a plant needs nothing else.
//!
//! A [`VerifiedIndex`] is made by [`verify_index`] alone: the signature is read strictly, it holds over the very bytes,
//! and [`AllowedSigners`] allow its key, by the reading of ssh-keygen. Only then is the index parsed.

mod base64;
mod error;
mod key;
mod line;
mod pattern;
mod signers;
mod sshsig;
mod times;
mod wire;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use self::error::{LineProblem, LineProblemKind, Refusal, SignatureError};
pub use self::key::{KEY_TYPE, PublicKey};
pub use self::signers::{AllowedSigners, MAX_LINE_LEN, MAX_SIGNERS_LEN, Signer, SignerLine};
pub use self::sshsig::MAX_SIGNATURE_LEN;

use self::sshsig::SshSig;
use super::Digest;
use super::error::IndexError;
use super::index::{Index, MAX_INDEX_LEN, parse_index};

/// What signatures of an index are for: no signature made for something else is one.
pub const NAMESPACE: &str = "fieldlock-index.v1";

/// An index whose signature holds.
#[derive(Debug, Clone)]
pub struct VerifiedIndex {
    index: Index,
    signer: Signer,
    key: PublicKey,
    digest: Digest,
}

impl VerifiedIndex {
    /// The index.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Who signed it.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The key that signed it.
    pub fn key(&self) -> PublicKey {
        self.key
    }

    /// The digest of its bytes, which the next index names as `previous`.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

#[cfg(test)]
impl VerifiedIndex {
    /// As if somebody trusted had signed it: for tests of what comes after.
    pub(super) fn as_if(index: Index) -> VerifiedIndex {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
        let signer = Signer { name: "ci@example".to_owned(), line: 1, since: None, until: None };
        VerifiedIndex { digest: Digest::of(b""), index, signer, key: PublicKey::parse(key.as_bytes()).unwrap() }
    }
}

/// Checks the signature of an index, and then reads the index. No byte of it is parsed before the signature holds.
///
/// # Errors
/// The first check that failed.
pub fn verify_index(
    index_json: &[u8],
    signature: &[u8],
    signers: &AllowedSigners,
    now: Timestamp,
) -> Result<VerifiedIndex, SignatureError> {
    let key = verify_by_itself(index_json, signature)?;
    let signer = signers.signer(&key, NAMESPACE, now).map_err(|why| SignatureError::Signer { key, why })?;
    Ok(VerifiedIndex { index: parse_index(index_json)?, signer, key, digest: Digest::of(index_json) })
}

/// The key that signed an index, whoever's it is: proves nothing where nobody knows the key. For who just signed, and
/// wants to see that the signature is a good one.
///
/// # Errors
/// The first check that failed.
pub fn verify_by_itself(index_json: &[u8], signature: &[u8]) -> Result<PublicKey, SignatureError> {
    if index_json.len() > MAX_INDEX_LEN {
        return Err(IndexError::TooLarge.into());
    }
    let signature = SshSig::parse(signature, NAMESPACE)?;
    if signature.holds(index_json, NAMESPACE) {
        Ok(signature.key)
    } else {
        Err(SignatureError::Forged { key: signature.key })
    }
}

/// A signature file as it is written, of one that was read; `None` where it is none.
pub(super) fn rewritten(file: &[u8]) -> Option<Vec<u8>> {
    Some(SshSig::parse(file, NAMESPACE).ok()?.write(NAMESPACE))
}
