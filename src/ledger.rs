//! What was built, and what was seen of it: the list of a build's images, who vouches for that list, the revisions that
//! this computer saw, and what a build keeps for the next one.
//!
//! [`index`] is the list; [`signature`] proves it, and alone makes a [`VerifiedIndex`]. [`seen`] notices older images.
//! [`receipt`] is what was really done on a device. [`build_cache`] is what a build need not find out again.
//! `schema/image.md`, sections 10 and 11, says every byte of the first two.

pub mod build_cache;
pub mod index;
pub mod receipt;
pub mod seen;
pub mod signature;

pub use self::build_cache::{BuildCache, CachedDevice, parse_build_cache};
pub use self::index::{Index, IndexError, IndexImage, IndexPack, parse_index};
pub use self::receipt::{Receipt, ReceiptError};
pub use self::seen::{SeenRevisions, Sighting};
pub use self::signature::{AllowedSigners, SignatureError, VerifiedIndex, verify_index};
