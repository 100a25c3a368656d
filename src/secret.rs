//! Secrets: what a description may say of one, and the value itself.
//!
//! Two types that nothing turns into each other. A [`SecretRef`] is a name that stands in a description and may be
//! shown anywhere; a [`SecretValue`] is the bytes, shown nowhere. [`state`] is what is kept of one over its life,
//! [`generate`] draws values at random, [`strength`] judges passphrases that people chose, [`hashed`] compares a value
//! with a device's hash.

mod char_class;
mod entropy;
pub mod generate;
pub mod hashed;
mod search;
pub mod state;
mod store;
pub mod strength;

use std::fmt;

use ctutils::CtEq;
use zeroize::Zeroizing;

use crate::source::{Utf16, without_mark};

pub use char_class::CharClass;
pub use entropy::{Entropy, EntropyError};
pub use search::{SHORTEST, Search, Sought};
pub use state::{Came, Stored, Version};
pub use store::Secrets;

/// The longest name of a secret, in bytes.
pub const MAX_NAME: usize = 200;

/// The name of a secret: segments `[a-z0-9][a-z0-9._-]*` joined by `/`, at most [`MAX_NAME`] bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretRef(String);

/// Why a text is not the name of a secret. Says nothing of the text itself: it may be a secret put in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefError {
    /// No text at all.
    #[error("the name of a secret is empty")]
    Empty,
    /// More than [`MAX_NAME`] bytes.
    #[error("the name of a secret is longer than {MAX_NAME} bytes")]
    TooLong,
    /// A segment between slashes is empty, begins otherwise, or has a character that is not allowed.
    #[error("this is not the name of a secret")]
    Segment,
}

impl SecretRefError {
    /// What to do about it.
    pub fn help(self) -> &'static str {
        "a secret is named, not written: small letters, digits, `.`, `_` and `-`, segments joined by `/`, \
         such as `np07/ot-admin`"
    }
}

impl SecretRef {
    /// Checks a name.
    pub fn new(name: &str) -> Result<SecretRef, SecretRefError> {
        if name.is_empty() {
            return Err(SecretRefError::Empty);
        }
        if name.len() > MAX_NAME {
            return Err(SecretRefError::TooLong);
        }
        if name.split('/').all(is_segment) { Ok(SecretRef(name.to_owned())) } else { Err(SecretRefError::Segment) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first segment: the device that the secret belongs to, or `shared` or `site`.
    pub fn owner(&self) -> &str {
        self.0.split('/').next().unwrap_or(&self.0)
    }

    /// The segments in order; a folder of secrets has one folder level for each but the last.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for SecretRef {
    type Err = SecretRefError;

    fn from_str(name: &str) -> Result<SecretRef, SecretRefError> {
        SecretRef::new(name)
    }
}

fn is_segment(segment: &str) -> bool {
    let first = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let rest = |b: u8| first(b) || matches!(b, b'.' | b'_' | b'-');
    segment.bytes().next().is_some_and(first) && segment.bytes().all(rest)
}

/// The bytes of a secret. Erased on drop; no `Debug`, `Display`, `Serialize` or `Clone`, on purpose.
///
/// Hand a buffer over whole: growing a vector leaves copies behind that nothing erases.
pub struct SecretValue(Zeroizing<Vec<u8>>);

impl SecretValue {
    /// Takes the bytes over; they are erased with the value.
    pub fn new(bytes: Vec<u8>) -> SecretValue {
        SecretValue(Zeroizing::new(bytes))
    }

    /// A second copy, where a value has to outlive its source. Not `Clone`, so that it is seen at the call.
    pub fn copy_of(bytes: &[u8]) -> SecretValue {
        SecretValue::new(bytes.to_vec())
    }

    /// The value in a file that holds it and nothing else: an editor's mark at its beginning and one LF or CRLF at its
    /// end are not part of it.
    ///
    /// # Errors
    /// The file is UTF-16.
    pub fn of_file(content: &SecretValue) -> Result<SecretValue, Utf16> {
        let text = without_mark(content.expose())?;
        let line = text.strip_suffix(b"\n").map_or(text, |line| line.strip_suffix(b"\r").unwrap_or(line));
        Ok(SecretValue::copy_of(line))
    }

    /// The bytes, for writing into native text or a key derivation, never for showing.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, where they are UTF-8.
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// In time that depends on the lengths only.
impl PartialEq for SecretValue {
    fn eq(&self, other: &SecretValue) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).to_bool()
    }
}

impl Eq for SecretValue {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for good in ["a", "np07/ot-admin", "shared/ntp.key_1", "0/1/2", "a..b", "a/b."] {
            assert!(SecretRef::new(good).is_ok(), "{good}");
        }
        for bad in ["", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "a/.b", "-a", "A", "a b", "a\\b", "ä", "a\n"] {
            assert!(SecretRef::new(bad).is_err(), "{bad:?}");
        }
        assert!(SecretRef::new(&"a".repeat(MAX_NAME)).is_ok());
        assert_eq!(SecretRef::new(&"a".repeat(MAX_NAME + 1)), Err(SecretRefError::TooLong));
    }

    #[test]
    fn an_owner_is_the_first_segment() {
        let name: SecretRef = "np07/snmp/read".parse().unwrap();
        assert_eq!(name.owner(), "np07");
        assert_eq!(name.segments().count(), 3);
        assert_eq!(name.to_string(), "np07/snmp/read");
    }

    #[test]
    fn an_error_does_not_repeat_what_was_written() {
        let error = SecretRef::new("Hunter2!").unwrap_err();
        assert!(!format!("{error} {} {error:?}", error.help()).contains("Hunter2"));
    }

    #[test]
    fn values_compare_by_content() {
        let value = SecretValue::copy_of(b"hunter2");
        assert!(value == SecretValue::new(b"hunter2".to_vec()));
        assert!(value != SecretValue::copy_of(b"hunter3"));
        assert!(value != SecretValue::copy_of(b"hunter"));
        assert_eq!((value.len(), value.is_empty(), value.expose_text()), (7, false, Some("hunter2")));
    }
}
