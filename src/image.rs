//! The sealed image: one file per device, encrypted, proven, and tied to the text that was reviewed.
//!
//! `schema/image.md` says every byte. Sealing: [`Plain`] (parts with the spans of their secrets) and [`Core`] go
//! through [`seal`] with a [`PassphraseKey`]. Opening: [`open`] takes the steps in their order, each with its own
//! class of error, and gives nothing before the last. [`inspect`] says what can be said without a key.
//!
//! This is the only module that names ciphers.

mod aead;
pub mod canonical;
pub mod core;
pub mod digest;
pub mod entropy;
pub mod error;
pub mod fuzz_entry;
pub mod header;
pub mod index;
mod inspect;
pub mod kdf;
mod keys;
mod manifest;
pub mod memory;
mod open;
pub mod parts;
pub mod redact;
mod seal;
pub mod slots;

#[cfg(test)]
mod forge;
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

pub use self::core::{Core, Firmware};
pub use self::digest::Digest;
pub use self::entropy::{Entropy, EntropyError};
pub use self::error::{IndexError, OpenError, PassphraseProblem, Stale};
pub use self::header::{Kind, MAX_FILE_LEN};
pub use self::index::{Index, IndexImage, IndexPack, parse_index};
pub use self::inspect::{Inspection, inspect};
pub use self::kdf::{Derivations, KdfCeiling, KdfParams, Passphrase, PassphraseKey, fresh_salt};
pub use self::memory::Memory;
pub use self::open::{Expected, Opened, Proof, Seen, Unlock, open};
pub use self::parts::{Part, PartKind, PartsError, Plain};
pub use self::redact::SecretSpan;
pub use self::seal::{SealError, SealedImage, seal};
