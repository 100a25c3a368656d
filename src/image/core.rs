//! The core: what an image says of itself to everybody, before anything is decrypted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::canonical::{self, CanonicalError};
use super::digest::Digest;
use super::header::{Kind, MAX_CORE};
use crate::model::value::is_windows_device;

/// The longest text of a core that is not a name, in bytes.
pub const MAX_TEXT: usize = 200;

/// What an image says of itself. Absent is the empty string. As authentic as what opened the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Core {
    /// Sealed with the passphrase that everybody knows.
    pub demo: bool,
    /// The device's name.
    pub device: String,
    /// The firmware versions it was made for.
    pub firmware: Firmware,
    /// Who shares the passphrase: the site's name unless groups are declared.
    pub group: String,
    /// `device` in a device image.
    pub kind: String,
    /// The MAC address on the device's label, or empty.
    pub mac: String,
    /// The model, or empty.
    pub model: String,
    /// The earliest end of a waiver that the content stands on, `YYYY-MM-DDTHH:MM:SSZ`, or empty.
    pub not_after: String,
    /// The platform's name.
    pub platform: String,
    /// The digest of the redacted text: see [`Plain::review`](super::Plain::review).
    pub review: Digest,
    /// From 1, growing.
    pub revision: u32,
    /// The serial number on the device's label, or empty.
    pub serial: String,
    /// The site's name.
    pub site: String,
}

/// A range of firmware versions, both ends included; equal where one version is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Firmware {
    /// The highest.
    pub max: String,
    /// The lowest.
    pub min: String,
}

impl Firmware {
    /// The range of one version.
    pub fn exactly(version: &str) -> Firmware {
        Firmware { min: version.to_owned(), max: version.to_owned() }
    }
}

/// Why bytes are not a core, or a core can't be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoreError {
    /// Not canonical JSON with exactly the keys of a core.
    #[error("{0}")]
    Json(#[from] CanonicalError),
    /// A value that is not allowed for its key.
    #[error("`{key}` has a value that is not allowed")]
    Value {
        /// The key.
        key: &'static str,
    },
    /// More than 65,536 bytes.
    #[error("it is longer than {MAX_CORE} bytes")]
    TooLong,
}

impl Core {
    /// The one spelling of this core, checked.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CoreError> {
        self.check()?;
        let bytes = canonical::write(self)?;
        if bytes.len() > MAX_CORE { Err(CoreError::TooLong) } else { Ok(bytes) }
    }

    /// When the last waiver that it stands on ends; `None`: it stands on none.
    pub fn ends(&self) -> Option<Timestamp> {
        utc(&self.not_after)
    }

    /// Whether every value is one that a core has; then it can be written, for each has its bound.
    ///
    /// # Errors
    /// The first key whose value is not.
    pub fn check(&self) -> Result<(), CoreError> {
        let value = |key, holds: bool| if holds { Ok(()) } else { Err(CoreError::Value { key }) };
        let names =
            [("device", &self.device), ("group", &self.group), ("platform", &self.platform), ("site", &self.site)];
        names.into_iter().try_for_each(|(key, name)| value(key, is_name(name)))?;
        let texts = [
            ("firmware", &self.firmware.max),
            ("firmware", &self.firmware.min),
            ("mac", &self.mac),
            ("model", &self.model),
            ("serial", &self.serial),
        ];
        texts.into_iter().try_for_each(|(key, text)| value(key, text.len() <= MAX_TEXT))?;
        value("kind", self.kind == core_kind(Kind::Device))?;
        value("not_after", self.not_after.is_empty() || utc(&self.not_after).is_some())?;
        value("revision", self.revision >= 1)
    }
}

/// What a secret store or a backup says of itself: the keys of [`Core`] that have a meaning for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreCore {
    /// The first part of its secrets' names: a device, `shared` or `site`; of a backup the device.
    pub device: String,
    /// Who shares the passphrase.
    pub group: String,
    /// `secret-store` or `backup`.
    pub kind: String,
    /// From 1, one more at every writing.
    pub revision: u32,
    /// The site's name.
    pub site: String,
}

impl StoreCore {
    /// The one spelling of this core, checked.
    ///
    /// # Errors
    /// A value that no core has.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CoreError> {
        self.check()?;
        Ok(canonical::write(self)?)
    }

    fn check(&self) -> Result<(), CoreError> {
        let names = [("device", &self.device), ("group", &self.group), ("site", &self.site)];
        let name = names.into_iter().find(|(_, name)| !is_name(name)).map(|(key, _)| key);
        let known = [Kind::SecretStore, Kind::Backup].map(core_kind).contains(&&*self.kind);
        let kind = (!known).then_some("kind");
        let revision = (self.revision < 1).then_some("revision");
        match name.or(kind).or(revision) {
            Some(key) => Err(CoreError::Value { key }),
            None => Ok(()),
        }
    }
}

/// Reads the core of a file of this kind, a secret store or a backup, and checks every value.
///
/// # Errors
/// Not canonical JSON, or a value that no core has.
pub fn parse_store_core(bytes: &[u8], kind: Kind) -> Result<StoreCore, CoreError> {
    let core: StoreCore = canonical::read(bytes)?;
    core.check()?;
    if core.kind == core_kind(kind) { Ok(core) } else { Err(CoreError::Value { key: "kind" }) }
}

/// Reads a core and checks every value.
pub fn parse_core(bytes: &[u8]) -> Result<Core, CoreError> {
    let core: Core = canonical::read(bytes)?;
    core.check()?;
    Ok(core)
}

/// The word for a kind of file in its core.
pub fn core_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Device => "device",
        Kind::SecretStore => "secret-store",
        Kind::Backup => "backup",
    }
}

/// `[a-z0-9][a-z0-9._-]{0,62}`: a device, site, group or platform.
pub(crate) fn is_name(name: &str) -> bool {
    is_file_name(name, 63)
}

/// The same of at most so many bytes: parts have names of 64.
pub(super) fn is_file_name(name: &str, max: usize) -> bool {
    let first = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let rest = |b: u8| first(b) || matches!(b, b'.' | b'_' | b'-');
    let spelled = name.bytes().next().is_some_and(first) && name.bytes().all(rest);
    // names become files: those that Windows can't have are none
    name.len() <= max && spelled && !name.ends_with('.') && !is_windows_device(name)
}

/// A time in the one spelling that cores and indexes use, `YYYY-MM-DDTHH:MM:SSZ`; the year 0 is not one.
pub(crate) fn utc(text: &str) -> Option<Timestamp> {
    let time: Timestamp = text.parse().ok()?;
    (text.len() == 20 && !text.starts_with("0000") && time.to_string() == text).then_some(time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::image::forge::sample_core as sample;

    #[test]
    fn the_spelling_of_a_core() {
        let bytes = sample().to_bytes().unwrap();
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            "{\"demo\":false,\"device\":\"ps7-router\",\"firmware\":{\"max\":\"3.14\",\"min\":\"3.14\"},\
             \"group\":\"example-west\",\"kind\":\"device\",\"mac\":\"00:90:e8:7a:12:03\",\"model\":\"EDR-G9010\",\
             \"not_after\":\"\",\"platform\":\"mx-ros\",\
             \"review\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\
             \"revision\":1,\"serial\":\"TBZKB1090123\",\"site\":\"example-west\"}"
        );
        assert_eq!(parse_core(&bytes).unwrap(), sample());
    }

    #[test]
    fn values_that_no_core_has() {
        let refused = |key: &str, change: fn(&mut Core)| {
            let mut core = sample();
            change(&mut core);
            let bytes = canonical::write(&core).unwrap();
            assert!(matches!(parse_core(&bytes), Err(CoreError::Value { key: k }) if k == key), "{key}");
            assert!(core.to_bytes().is_err());
        };
        refused("device", |core| core.device = "../x".into());
        refused("device", |core| core.device = "PS7".into());
        refused("site", |core| core.site = String::new());
        refused("group", |core| core.group = "a".repeat(64));
        refused("kind", |core| core.kind = "backup".into());
        refused("revision", |core| core.revision = 0);
        refused("serial", |core| core.serial = "x".repeat(MAX_TEXT + 1));
        for bad in [
            "2026-03-12",
            "2026-03-12T18:00:00+00:00",
            "2026-03-12T18:00:00.5Z",
            "2026-13-12T18:00:00Z",
            "2026-02-29T18:00:00Z",
            "2026-06-30T23:59:60Z",
            "2026-03-12T24:00:00Z",
            "0000-03-12T18:00:00Z",
            "2026-03-12t18:00:00z",
            "x",
        ] {
            let core = Core { not_after: bad.into(), ..sample() };
            assert!(core.to_bytes().is_err(), "{bad}");
        }
        assert!(Core { not_after: "2026-03-12T18:00:00Z".into(), ..sample() }.to_bytes().is_ok());
    }

    #[test]
    fn what_is_checked_can_be_written() {
        // six bytes each as JSON says them
        let (name, text) = ("a".repeat(63), "\u{1}".repeat(MAX_TEXT));
        let longest = Core {
            device: name.clone(),
            group: name.clone(),
            platform: name.clone(),
            site: name,
            firmware: Firmware::exactly(&text),
            mac: text.clone(),
            model: text.clone(),
            serial: text,
            not_after: "2026-03-12T18:00:00Z".into(),
            revision: u32::MAX,
            ..sample()
        };
        assert_eq!(longest.check(), Ok(()));
        assert!(longest.to_bytes().unwrap().len() < MAX_CORE);
    }

    proptest! {
        #[test]
        fn written_cores_are_read_back(serial in ".{0,40}", model in ".{0,40}", revision in 1u32.., demo: bool) {
            let core = Core { serial, model, revision, demo, ..sample() };
            let bytes = core.to_bytes().unwrap();
            let read = parse_core(&bytes).unwrap();
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);
            prop_assert_eq!(read, core);
        }
    }
}
