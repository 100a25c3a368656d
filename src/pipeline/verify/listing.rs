//! The index of a folder, behind its signature.

use jiff::Timestamp;

use super::line_ends::CHANGED;
use crate::image::{Digest, Origin};
use crate::ledger::index::MAX_INDEX_LEN;
use crate::ledger::signature::{AllowedSigners, MAX_SIGNATURE_LEN, SignatureError, VerifiedIndex, verify_index};
use crate::ledger::{Index, IndexError, parse_index};
use crate::pipeline::folder::{INDEX, SIGNATURE};
use crate::site::files::{FileProblem, Root, lf};

/// An index that was read, and who signed it.
#[derive(Debug, Clone)]
pub struct Listing {
    /// What it says.
    pub index: Index,
    /// Its bytes, as they were read and checked.
    pub bytes: Vec<u8>,
    /// The bytes of its signature, where there are any.
    pub signature: Option<Vec<u8>>,
    /// The same, behind its signature; `None` where nobody is trusted to sign.
    verified: Option<VerifiedIndex>,
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Who, by the list of signers.
    pub signer: String,
    /// The key, as `ssh-keygen -l` shows it.
    pub key: String,
    /// From when on the list allows it.
    pub since: Option<Timestamp>,
}

/// Why there is no index to go by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListingProblem {
    /// There is none.
    #[error("there is no `{INDEX}` here")]
    NoIndex,
    /// Signers are trusted here, and nobody signed it.
    #[error("signers are trusted here, and there is no `{SIGNATURE}`")]
    NoSignature,
    /// The signature does not hold.
    #[error("the signature of the index does not hold: {0}")]
    Signature(SignatureError),
    /// A carriage return, which no list has.
    #[error("`{INDEX}` {CHANGED}")]
    LineEnds,
    /// A file that is no file, or too large.
    #[error(transparent)]
    File(FileProblem),
    /// The index is not one.
    #[error(transparent)]
    Index(IndexError),
}

impl ListingProblem {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            ListingProblem::NoIndex => {
                "give the folder of a build or of a bundle: the one that holds `index.json` and `images`"
            }
            ListingProblem::NoSignature => {
                "copy it from where it was built; nothing that is not signed is taken here, whatever opens it"
            }
            ListingProblem::Signature(error) => error.help(),
            ListingProblem::LineEnds | ListingProblem::File(_) | ListingProblem::Index(_) => {
                "copy it again from where it was built"
            }
        }
    }
}

impl Signature {
    /// `ci@example, key SHA256:..., allowed since 2026-01-05`.
    pub fn words(&self) -> String {
        let since = self.since.map(|t| format!(", allowed since {}", t.strftime("%Y-%m-%d"))).unwrap_or_default();
        format!("{}, key {}{since}", self.signer, self.key)
    }
}

impl Listing {
    /// Who signed it; `None` where nobody is trusted to sign.
    pub fn signed(&self) -> Option<Signature> {
        let (signer, key) = (self.verified.as_ref()?.signer(), self.verified.as_ref()?.key());
        Some(Signature { signer: signer.name.clone(), key: key.to_string(), since: signer.since })
    }

    /// What opening an image is told of its origin.
    pub fn origin(&self) -> Origin<'_> {
        match &self.verified {
            Some(verified) => Origin::Verified(verified),
            None => Origin::NoSigners,
        }
    }

    /// The digest of its bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }
}

/// Reads a folder's index, each file once. With signers no byte of it is parsed before a signature of one of them
/// holds, and one that is missing is an error; without, it is taken as it is and nobody vouches for it.
///
/// # Errors
/// It is missing, can't be read, or is not signed as it has to be.
pub fn listing(folder: &Root, signers: Option<&AllowedSigners>, now: Timestamp) -> Result<Listing, ListingProblem> {
    let bytes = read(folder, INDEX, MAX_INDEX_LEN)?.ok_or(ListingProblem::NoIndex)?;
    // its armour is text, whose line ends are nobody's
    let signature = read(folder, SIGNATURE, MAX_SIGNATURE_LEN)?.map(lf);
    if bytes.contains(&b'\r') {
        return Err(ListingProblem::LineEnds);
    }
    let Some(signers) = signers else {
        let index = parse_index(&bytes).map_err(ListingProblem::Index)?;
        return Ok(Listing { index, bytes, signature, verified: None });
    };
    let sig = signature.as_deref().ok_or(ListingProblem::NoSignature)?;
    let verified = verify_index(&bytes, sig, signers, now).map_err(ListingProblem::Signature)?;
    Ok(Listing { index: verified.index().clone(), bytes, signature, verified: Some(verified) })
}

fn read(folder: &Root, name: &str, max: usize) -> Result<Option<Vec<u8>>, ListingProblem> {
    match folder.read_bytes(name, max) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(FileProblem::Missing { .. }) => Ok(None),
        Err(problem) => Err(ListingProblem::File(problem)),
    }
}
