//! The sealed image: one file per device, encrypted, proven, and tied to the text that was reviewed.
//!
//! `schema/image.md` says every byte. Sealing: [`Plain`] (parts with the spans of their secrets) and [`Core`] go
//! through [`seal`], for one or more [`Holder`]s. Opening: [`open`] takes the steps in their order, each with its own
//! class of error, and gives nothing before the last. [`rekey`] and [`grant`] give an opened image other holders; its
//! body stays. [`inspect`] says what can be said without a key. [`seal_store`] and [`open_store`] do the same for the
//! secrets of a device, and [`FingerprintKey`] marks secrets in public text.
//!
//! What was built and seen of them is [`ledger`](crate::ledger)'s. This is the only module that names ciphers.

mod aead;
pub mod canonical;
pub mod code;
pub mod core;
pub mod digest;
pub mod error;
pub mod fingerprint;
#[cfg(any(test, fuzzing))]
pub mod fuzz_entry;
pub mod group;
pub mod header;
mod inspect;
pub mod kdf;
mod keys;
mod manifest;
mod open;
pub mod parts;
mod plain;
pub mod redact;
mod rekey;
mod seal;
pub mod slots;
pub mod store;
pub mod tag;

#[cfg(any(test, fuzzing))]
#[cfg_attr(fuzzing, allow(dead_code, reason = "tests use all of it"))]
mod forge;
#[cfg(test)]
mod holder_tests;
#[cfg(test)]
mod published_tests;
#[cfg(test)]
mod tamper_tests;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod two_key_tests;
#[cfg(test)]
mod two_reader_tests;
#[cfg(test)]
mod vector_tests;

pub use self::code::{CodeError, UnlockCode};
pub use self::core::{Core, Firmware, StoreCore};
pub use self::digest::Digest;
pub use self::error::{OpenError, OriginProblem, PassphraseProblem, Stale};
pub use self::fingerprint::FingerprintKey;
pub use self::group::{AgeFileProblem, GroupKey, GroupSecret};
pub use self::header::{HeadError, Kind, MAX_FILE_LEN};
pub use self::inspect::{Inspection, inspect};
pub use self::kdf::{Derivations, KdfCeiling, KdfParams, Passphrase, PassphraseKey, fresh_salt};
pub use self::open::{About, Expected, Opened, Origin, Proof, Seen, SignedList, Unlock, check_named, open};
pub use self::parts::{Part, PartKind, PartsError};
pub use self::plain::Plain;
pub use self::redact::SecretSpan;
pub use self::rekey::{RekeyError, grant, rekey};
pub use self::seal::{Holder, SealError, SealedImage, seal};
pub use self::store::{OpenedStore, StoreExpected, age_files, open_backup, open_store, salts, seal_store};
pub use self::tag::{Tag, TagKey};
pub use crate::secret::{Entropy, EntropyError};
