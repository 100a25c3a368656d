//! Why a signature does not prove an index, and why a line of allowed signers is of no use.

use jiff::Timestamp;

use super::key::{KeyError, PublicKey};
use crate::ledger::IndexError;

/// The first check of a signature that failed. For whoever opens an image all of them are of the class `signature`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// More than [`super::MAX_SIGNATURE_LEN`] bytes.
    #[error("the signature file is too long for a signature")]
    TooLong,
    /// Not the text that ssh-keygen writes.
    #[error("the signature file is not as ssh-keygen wrote it: {what}")]
    Armor {
        /// What is wrong.
        what: &'static str,
    },
    /// Not the fields of a signature.
    #[error("the signature can't be read: {what}")]
    Format {
        /// What is wrong.
        what: &'static str,
    },
    /// Another version of the format.
    #[error("the signature is of version {found}, and this fieldlock reads version 1")]
    Version {
        /// The version in the file.
        found: u32,
    },
    /// Something stands behind the last field.
    #[error("something stands behind the signature")]
    Trailing,
    /// Made by another kind of key.
    #[error("the signature was made by a key of type `{name}`, and only ssh-ed25519 signs here")]
    KeyType {
        /// The type.
        name: String,
    },
    /// Made for another purpose.
    #[error("the signature is for `{found}`, not for `{wanted}`")]
    Namespace {
        /// What it is for.
        found: String,
        /// What it has to be for.
        wanted: String,
    },
    /// The field that is kept for later is in use.
    #[error("the signature has something in a field that is kept for later")]
    Reserved,
    /// Another hash.
    #[error("the signature is over a `{name}` digest, and only sha512 and sha256 are read")]
    Hash {
        /// Its name.
        name: String,
    },
    /// Well formed, and not a signature of this text.
    #[error("it is not what was signed by {key}")]
    Forged {
        /// The key that the file names.
        key: PublicKey,
    },
    /// A true signature, by somebody who may not sign.
    #[error("it is signed by {key}: {why}")]
    Signer {
        /// The key that signed.
        key: PublicKey,
        /// Why it may not.
        why: Refusal,
    },
    /// Signed, and no index.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// Why a key may not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No usable line has the key.
    #[error("no line of the allowed signers has this key")]
    Unknown,
    /// It signs other things.
    #[error("line {line} of the allowed signers allows this key for other namespaces only")]
    Namespace {
        /// The line, from 1.
        line: usize,
    },
    /// Its time has yet to come.
    #[error("line {line} of the allowed signers allows this key from {} on", .from.strftime(SECONDS))]
    NotYet {
        /// The line, from 1.
        line: usize,
        /// From when on.
        from: Timestamp,
    },
    /// Its time is over.
    #[error("line {line} of the allowed signers allows this key until {} only", .until.strftime(SECONDS))]
    Expired {
        /// The line, from 1.
        line: usize,
        /// Until when.
        until: Timestamp,
    },
    /// The line fits no name that it names.
    #[error("line {line} of the allowed signers has this key, and allows nobody")]
    Nobody {
        /// The line, from 1.
        line: usize,
    },
}

/// A line of allowed signers that is of no use, as it is of none to ssh-keygen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProblem {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: LineProblemKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineProblemKind {
    /// The file is larger than [`super::MAX_SIGNERS_LEN`]; none of its lines is used.
    #[error("the file is larger than 1 MiB, so none of its lines is used")]
    FileTooLarge,
    /// The line is longer than [`super::MAX_LINE_LEN`].
    #[error("it is longer than 16 KiB")]
    TooLong,
    /// A quote that is not closed.
    #[error("a quote is not closed")]
    Quote,
    /// No key that is of use, or something that is neither option nor key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// `cert-authority`: certificates are not read.
    #[error("it allows certificates, which sign no index")]
    CertAuthority,
    /// An option that ssh-keygen does not know either.
    #[error("it has an unknown option")]
    UnknownOption,
    /// An option's value is not quoted.
    #[error("the value of an option is not in double quotes")]
    OptionQuote,
    /// An option twice.
    #[error("it has `{name}` twice")]
    Twice {
        /// Its name.
        name: &'static str,
    },
    /// No time.
    #[error("its `{name}` is not a time such as 20270101Z or 20270101063000Z")]
    Time {
        /// The option's name.
        name: &'static str,
    },
    /// A time of the zone that a reader happens to be in: one line would hold at another moment on each computer.
    #[error("its `{name}` is in no zone: say it in UTC, with a Z behind it, such as 20270101Z")]
    NoZone {
        /// The option's name.
        name: &'static str,
    },
    /// `valid-before` is not later than `valid-after`.
    #[error("its `valid-before` is not later than its `valid-after`")]
    Period,
}

impl SignatureError {
    /// The check that failed, in one word.
    pub fn class(&self) -> &'static str {
        match self {
            SignatureError::TooLong => "length",
            SignatureError::Armor { .. } => "armor",
            SignatureError::Format { .. } => "format",
            SignatureError::Version { .. } => "version",
            SignatureError::Trailing => "trailing",
            SignatureError::KeyType { .. } => "key-type",
            SignatureError::Namespace { .. } => "namespace",
            SignatureError::Reserved => "reserved",
            SignatureError::Hash { .. } => "hash",
            SignatureError::Forged { .. } => "forged",
            SignatureError::Signer { .. } => "signer",
            SignatureError::Index(_) => "index",
        }
    }

    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            SignatureError::TooLong | SignatureError::Armor { .. } => {
                "copy index.json.sig again, byte for byte, from where the index was built"
            }
            SignatureError::Format { .. } | SignatureError::Trailing | SignatureError::Reserved => {
                "it was not made by `ssh-keygen -Y sign`; ask whoever built the index to sign it again"
            }
            SignatureError::Version { .. } => "use a newer fieldlock, or sign with an ssh-keygen of today",
            SignatureError::KeyType { .. } | SignatureError::Hash { .. } => {
                "sign the index with a key that `ssh-keygen -t ed25519` made"
            }
            SignatureError::Namespace { .. } => "it was made for something else; sign the index again",
            SignatureError::Forged { .. } => {
                "the index or its signature was changed or swapped; trust neither, and take both from whoever built them"
            }
            SignatureError::Signer { why: Refusal::Unknown, .. } => {
                "ask whoever signs for the fingerprint of the key, by another way than this one, and only then add it \
                 with `fieldlock trust add`; somebody who no longer signs is trusted until a build of whoever follows \
                 has taken the list over"
            }
            SignatureError::Signer { .. } => {
                "ask whoever signs whether that line still holds; `fieldlock trust list` shows your own lines"
            }
            SignatureError::Index(_) => "the signature holds; take a fieldlock as new as the one that built the index",
        }
    }
}

const SECONDS: &str = "%Y-%m-%dT%H:%M:%SZ";
