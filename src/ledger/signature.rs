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
mod wire;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use self::error::{LineProblem, LineProblemKind, Refusal, SignatureError};
pub use self::key::{KEY_TYPE, KeyError, PublicKey};
pub use self::signers::{AllowedSigners, MAX_LINE_LEN, MAX_SIGNERS_LEN, Signer, SignerLine};
pub use self::sshsig::MAX_SIGNATURE_LEN;

use self::sshsig::SshSig;
use super::index::{Index, IndexError, MAX_INDEX_LEN, parse_index};
use crate::image::{Digest, SignedList};

/// What signatures of an index are for: no signature made for something else is one.
pub const NAMESPACE: &str = "fieldlock-index.v1";
/// What signatures of a plan are for: whoever may sign builds may not therefore approve plans, nor the other way round.
pub const PLAN_NAMESPACE: &str = "fieldlock-plan.v1";
/// What signatures of a receipt are for.
pub const RECEIPT_NAMESPACE: &str = "fieldlock-receipt.v1";
/// What signatures of a list of known holes are for.
pub const ADVISORIES_NAMESPACE: &str = "fieldlock-advisories.v1";

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

impl SignedList for VerifiedIndex {
    fn image(&self, site: &str, device: &str) -> Option<Digest> {
        let listed = self.index.image(device).filter(|_| self.index.site == site);
        listed.map(|entry| entry.image)
    }

    fn signer(&self) -> &str {
        &self.signer.name
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
    key_of(index_json, signature, NAMESPACE)
}

/// The key that signed a text for a purpose, whoever's it is.
///
/// # Errors
/// It is no signature of the text for that.
pub fn key_of(text: &[u8], signature: &[u8], namespace: &str) -> Result<PublicKey, SignatureError> {
    let signature = SshSig::parse(signature, namespace)?;
    if signature.holds(text, namespace) {
        Ok(signature.key)
    } else {
        Err(SignatureError::Forged { key: signature.key })
    }
}

/// Who signed a text for a purpose: who approves a plan, who did what a receipt says.
///
/// # Errors
/// It is no such signature, or of nobody who may sign for that.
pub fn signer_of(
    text: &[u8],
    signature: &[u8],
    (namespace, signers): (&str, &AllowedSigners),
    now: Timestamp,
) -> Result<String, SignatureError> {
    let key = key_of(text, signature, namespace)?;
    let signer = signers.signer(&key, namespace, now).map_err(|why| SignatureError::Signer { key, why })?;
    Ok(signer.name)
}

/// A signature file as it is written, of one that was read; `None` where it is none.
#[cfg(any(test, fuzzing))]
pub fn rewritten(file: &[u8]) -> Option<Vec<u8>> {
    Some(SshSig::parse(file, NAMESPACE).ok()?.write(NAMESPACE))
}
