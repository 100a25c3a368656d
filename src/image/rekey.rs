//! Other holders for the same image: the table is replaced, body, digest and signature stay.
//!
//! Nobody loses what he has: whoever kept a copy of the old file opens that one as before.

use super::code::UnlockCode;
use super::digest::Digest;
use super::error::OpenError;
use super::header::Kind;
use super::kdf::KdfCeiling;
use super::open::{Opened, Proof, examine};
use super::seal::{Holder, SealError, SealedImage, check_holders, seal_slot, with_slots};
use super::slots::SlotParams;
use crate::secret::{Entropy, EntropyError};

/// Why an image keeps the holders it has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RekeyError {
    /// A new slot would stand as proof of an origin that nothing proved.
    #[error("the origin of the image is not proved, and a new slot would prove it to others")]
    NotProved {
        /// It was opened by an unlock code.
        by_code: bool,
    },
    /// The file is not the one that was opened.
    #[error("the file is not the image that was opened")]
    OtherFile,
    /// The file can't be read.
    #[error(transparent)]
    File(#[from] OpenError),
    /// The holders are not possible.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl From<EntropyError> for RekeyError {
    fn from(error: EntropyError) -> RekeyError {
        RekeyError::Seal(error.into())
    }
}

impl RekeyError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            RekeyError::NotProved { by_code: true } => {
                "an unlock code proves it to its holder alone: open it by the passphrase, or bring the signed index of \
                 its build"
            }
            RekeyError::NotProved { by_code: false } => {
                "open it by the site's passphrase, or bring the signed index of its build; a demo image keeps the \
                 passphrase that everybody knows"
            }
            RekeyError::OtherFile => "the file was changed while it was read; try again",
            RekeyError::File(error) => error.help(),
            RekeyError::Seal(error) => error.help(),
        }
    }
}

/// The image with slots for these holders in place of those it has.
///
/// # Errors
/// The origin is not proved, by a signature or by the passphrase; or the holders are not possible.
pub fn rekey(file: &[u8], opened: &Opened, holders: &[Holder<'_>]) -> Result<SealedImage, RekeyError> {
    check_holders(holders, opened.core.demo)?;
    let body = body(file, opened)?;
    let data_key = &opened.data_key;
    Ok(with_slots(body, data_key, |body| holders.iter().map(|holder| holder.slot(body, data_key)).collect()))
}

/// A copy that opens by this code and by nothing else: it holds nothing to guess the site's passphrase by.
///
/// # Errors
/// The origin is not proved, by a signature or by the passphrase; or there is no randomness.
pub fn grant(
    file: &[u8],
    opened: &Opened,
    code: &UnlockCode,
    entropy: &mut dyn Entropy,
) -> Result<SealedImage, RekeyError> {
    let body = body(file, opened)?;
    let mut salt = [0; 16];
    entropy.fill(&mut salt)?;
    let key = code.key(&salt);
    let slot = |body: &Digest| vec![seal_slot(SlotParams::UnlockCode { salt }, &key, body, &opened.data_key)];
    Ok(with_slots(body, &opened.data_key, slot))
}

/// The body of the very image that was opened, if its origin is proved.
fn body(file: &[u8], opened: &Opened) -> Result<Vec<u8>, RekeyError> {
    if !opened.proof.vouches() {
        return Err(RekeyError::NotProved { by_code: opened.proof == Proof::UnlockCode });
    }
    let envelope = examine(file, Some(Kind::Device), KdfCeiling(u32::MAX))?;
    let body = file[envelope.layout.body.clone()].to_vec();
    if Digest::of(&body) == opened.digest { Ok(body) } else { Err(RekeyError::OtherFile) }
}
