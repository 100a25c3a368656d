//! The sealed image: one file per device, encrypted, proven, and tied to the text that was reviewed.
//!
//! `schema/image.md` says every byte. Sealing: [`Plain`] (parts with the spans of their secrets) and [`Core`] go
//! through [`seal`], for one or more [`Holder`]s. Opening: [`open`] takes the steps in their order, each with its own
//! class of error, and gives nothing before the last. [`rekey`] and [`grant`] give an opened image other holders; its
//! body stays. [`inspect`] says what can be said without a key. [`seal_store`] and [`open_store`] do the same for the
//! secrets of a device, and [`FingerprintKey`] marks secrets in public text.
//!
//! Around the images of a build: [`index`] is their list, [`signature`] says who vouches for it, [`memory`] what this
//! computer saw of them, and [`memo`] what a build need not find out again.
//!
//! This is the only module that names ciphers.

mod aead;
pub mod canonical;
pub mod code;
pub mod core;
pub mod digest;
pub mod entropy;
pub mod error;
pub mod fingerprint;
pub mod fuzz_entry;
pub mod group;
pub mod header;
pub mod index;
mod inspect;
pub mod kdf;
mod keys;
mod manifest;
pub mod memo;
pub mod memory;
mod open;
pub mod parts;
pub mod redact;
mod rekey;
mod seal;
pub mod signature;
pub mod slots;
pub mod store;

#[cfg(test)]
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
pub use self::entropy::{Entropy, EntropyError};
pub use self::error::{IndexError, OpenError, OriginProblem, PassphraseProblem, Stale};
pub use self::fingerprint::FingerprintKey;
pub use self::group::{AgeFileProblem, GroupKey, GroupSecret};
pub use self::header::{Kind, MAX_FILE_LEN};
pub use self::index::{Index, IndexImage, IndexPack, parse_index};
pub use self::inspect::{Inspection, inspect};
pub use self::kdf::{Derivations, KdfCeiling, KdfParams, Passphrase, PassphraseKey, fresh_salt};
pub use self::memo::{Memo, MemoDevice, MemoKey, MemoTag, parse_memo};
pub use self::memory::Memory;
pub use self::open::{About, Expected, Opened, Origin, Proof, Seen, Unlock, check_named, open};
pub use self::parts::{Part, PartKind, PartsError, Plain};
pub use self::redact::SecretSpan;
pub use self::rekey::{RekeyError, grant, rekey};
pub use self::seal::{Holder, SealError, SealedImage, seal};
pub use self::signature::{AllowedSigners, SignatureError, VerifiedIndex, verify_index};
pub use self::store::{OpenedStore, StoreExpected, age_files, open_store, salts, seal_store};
