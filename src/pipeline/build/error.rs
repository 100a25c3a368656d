//! Why a build could not be finished.

use std::fmt::Display;

use miette::Diagnostic;

use crate::ledger::signature::SignatureError;
use crate::site::files::FileProblem;
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
    /// It is there and can't be read now: nothing is numbered anew for that.
    #[error("the index of the build before: {0}")]
    PreviousUnread(FileProblem),
    /// The index of the build before is another site's.
    #[error("the build before is one of the site `{0}`")]
    OtherSite(String),
    /// Signers are trusted, and the index of the build before has no signature.
    #[error("`index.json` of the build before is not signed")]
    PreviousUnsigned,
    /// Signers are trusted, and none of them signed the index of the build before.
    #[error("`index.json` of the build before can't be believed: {0}")]
    PreviousForged(SignatureError),
    /// The build before holds images of devices of the site that this build was not asked for, which are not what would
    /// be sealed now, and no verified list names them: a new list would vouch for them, or they would be gone.
    #[error(
        "this build leaves out devices whose images are not proved to be what would be sealed now: {}", .0.join(", ")
    )]
    Partial(Vec<String>),
    /// Devices that fail have images that no verified list names, nor does the passphrase vouch for them alone: a new
    /// list would vouch for them, or they would be gone, and their revisions with them.
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

/// How a build begins anew.
const ANEW: &str = "name the folder of the build before with --previous; `--previous none` numbers images from 1 again, \
                    which laptops that saw higher ones refuse";

impl Diagnostic for BuildError {
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(match self {
            BuildError::Out(out) => out.help().to_string(),
            BuildError::Previous(_) => ANEW.to_owned(),
            BuildError::PreviousUnread(problem) => format!("{}; then build again", problem.help()),
            BuildError::PreviousUnsigned => format!(
                "signers are trusted here, and revisions count on from it; if it is yours, sign it in a copy of the \
                 folder, `ssh-keygen -Y sign -n fieldlock-index.v1 -f KEY last/index.json`, and {ANEW}"
            ),
            BuildError::PreviousForged(why) | BuildError::Signature(why) => why.help().to_owned(),
            BuildError::OtherSite(_) => "give this site a folder of its own with --out".to_owned(),
            BuildError::Sealed => "give a build with placeholders a folder of its own with --out".to_owned(),
            BuildError::Partial(_) => "a new list would vouch for them unseen: build them too, or give the passphrase \
                                       of their group; or say who signed the list of the build before with \
                                       --allowed-signers; or give this build a folder of its own with --out"
                .to_owned(),
            BuildError::Failing(_) => "mend them first, `fieldlock check` says what fails; or say who signed the list \
                                       of the build before with --allowed-signers, and they stay; or give this build \
                                       a folder of its own with --out"
                .to_owned(),
            BuildError::Unsigning => {
                "give a key with --sign-key; or give a build without signature a folder of its own with --out"
                    .to_owned()
            }
            BuildError::Unsigned => "give a key with --sign-key, or a passphrase with --passphrase-file".to_owned(),
            BuildError::NoKey | BuildError::NotSigned | BuildError::Index(_) => return None,
        }))
    }
}
