//! Why a build could not be finished.

use crate::ledger::signature::SignatureError;
use crate::site::output::OutProblem;

/// Why a build could not be finished. The output folder is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The output folder.
    #[error(transparent)]
    Out(#[from] OutProblem),
    /// The index of the build before can't be read.
    #[error("`index.json` of the build before can't be used: {0}")]
    Previous(String),
    /// The index of the build before is another site's.
    #[error("the build before is one of the site `{0}`")]
    OtherSite(String),
    /// Signers are trusted, and the index of the build before has no signature.
    #[error("`index.json` of the build before is not signed")]
    PreviousUnsigned,
    /// Signers are trusted, and none of them signed the index of the build before.
    #[error("`index.json` of the build before can't be believed: {0}")]
    PreviousForged(SignatureError),
    /// The build before holds images of devices of the site that this build was not asked for, which are not what would be
    /// sealed now, and no verified list names them: a new list would vouch for them, or they would be gone.
    #[error(
        "this build leaves out devices whose images are not proved to be what would be sealed now: {}", .0.join(", ")
    )]
    Partial(Vec<String>),
    /// Devices that fail have images that no verified list names, nor does the passphrase vouch for them alone: a new list would vouch for them, or they would be gone, and
    /// their revisions with them.
    #[error("devices that fail have images of the build before that nobody vouches for: {}", .0.join(", "))]
    Failing(Vec<String>),
    /// A build that seals nothing would take a sealed one away.
    #[error("the output folder holds a sealed build; one with placeholders would take its images away")]
    Sealed,
    /// There is no key to seal with.
    #[error("there is no key to seal with")]
    NoKey,
    /// Images that recipients alone open, and no key to sign with.
    #[error("images that recipients alone can open are worth nothing without a signature")]
    Unsigned,
    /// The index could not be signed.
    #[error("the index could not be signed")]
    NotSigned,
    /// What lies in the output folder is signed, and this build is not to be.
    #[error("the build before is signed, and this one would not be")]
    Unsigning,
    /// The signature is none that anybody would believe.
    #[error("the index was signed, and the signature does not hold: {0}")]
    Signature(SignatureError),
    /// Something that can't happen did.
    #[error("the index could not be written: {0}")]
    Index(String),
}
