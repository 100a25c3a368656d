//! What a build keeps for the next one of the same person (`schema/image.md`, section 10).
//!
//! An image stays only where it is what would be sealed now. Rendering everything anew to find that out takes as long
//! as building it; the cache says it sooner, of inputs that are the same byte for byte. Its tags are made with a key
//! that the passphrase leads to, so it proves as much as a slot does: whoever has the passphrase found that these
//! inputs give these files.

use serde::{Deserialize, Serialize};

use super::index::IndexError;
use crate::image::core::is_name;
use crate::image::{Digest, canonical};
use crate::native::Form;

/// What a cache says it is.
pub const FORMAT: &str = "fieldlock-build-cache.v1";
/// The largest cache that is written or read, in bytes.
pub const MAX_CACHE_LEN: usize = 64 << 20;

/// What a build keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildCache {
    /// Ascending by device.
    pub devices: Vec<CachedDevice>,
    /// [`FORMAT`].
    pub format: String,
}

/// What a build keeps of one device. Only the tag proves anything, and all of this is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CachedDevice {
    /// The device's name.
    pub device: String,
    /// The forms of its redacted texts, the machine form first; at most two.
    pub forms: Vec<Form>,
    /// Settings by grade: unknown, site, likely, confirmed.
    pub grades: [u32; 4],
    /// Whether its `public.json` lists anything as omitted, unmodelled or unplaced: reports repeat that.
    pub lists: bool,
    /// Settings that go into a machine form.
    pub machine: u32,
    /// Secrets in the image, each name once.
    pub secrets: u32,
    /// Over inputs and files, by the key of the group's passphrase.
    pub tag: Digest,
}

impl BuildCache {
    /// The one spelling of this cache, checked.
    ///
    /// # Errors
    /// A device that is none or out of order, or more than [`MAX_CACHE_LEN`] bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, IndexError> {
        self.check()?;
        let bytes = canonical::write(self)?;
        if bytes.len() > MAX_CACHE_LEN { Err(IndexError::TooLarge) } else { Ok(bytes) }
    }

    /// What is kept of a device.
    pub fn device(&self, device: &str) -> Option<&CachedDevice> {
        let at = self.devices.binary_search_by(|d| d.device.as_str().cmp(device)).ok()?;
        self.devices.get(at)
    }

    fn check(&self) -> Result<(), IndexError> {
        let what = if self.format != FORMAT {
            "it is of another format"
        } else if !self.devices.iter().all(|d| is_name(&d.device)) {
            "a `device` is not a name"
        } else if self.devices.iter().any(|d| d.forms.len() > 2) {
            "a device has more than two `forms`"
        } else if !self.devices.windows(2).all(|pair| pair[0].device < pair[1].device) {
            "`devices` are not in their order"
        } else {
            return Ok(());
        };
        Err(IndexError::Value { what })
    }
}

/// Reads a cache and checks its values; what it says is worth nothing before its tags are checked.
///
/// # Errors
/// Not canonical JSON, another format, a device that is none or out of order, too large.
pub fn parse_build_cache(bytes: &[u8]) -> Result<BuildCache, IndexError> {
    if bytes.len() > MAX_CACHE_LEN {
        return Err(IndexError::TooLarge);
    }
    let cache: BuildCache = canonical::read(bytes)?;
    cache.check()?;
    Ok(cache)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str) -> CachedDevice {
        CachedDevice {
            device: name.into(),
            forms: vec![Form::Cli, Form::Sheet],
            grades: [0, 1, 2, 3],
            lists: false,
            machine: 5,
            secrets: 1,
            tag: Digest::of(name.as_bytes()),
        }
    }

    fn sample() -> BuildCache {
        BuildCache { devices: vec![device("np07"), device("sw04")], format: FORMAT.into() }
    }

    #[test]
    fn a_cache_of_more_bytes_than_any_has() {
        assert_eq!(parse_build_cache(&vec![b'{'; MAX_CACHE_LEN + 1]), Err(IndexError::TooLarge));
        assert_ne!(parse_build_cache(b"{"), Err(IndexError::TooLarge));
    }

    #[test]
    fn a_cache_is_read_back() {
        let bytes = sample().to_bytes().unwrap();
        assert!(bytes.starts_with(br#"{"devices":[{"device":"np07","forms":["cli","sheet"],"grades":[0,1,2,3],"#));
        let read = parse_build_cache(&bytes).unwrap();
        assert_eq!(read, sample());
        assert_eq!(read.device("sw04").unwrap().device, "sw04");
        assert_eq!(read.device("sw05"), None);
    }

    #[test]
    fn values_that_no_cache_has() {
        let refused = |wanted: &str, change: fn(&mut BuildCache)| {
            let mut cache = sample();
            change(&mut cache);
            match parse_build_cache(&canonical::write(&cache).unwrap()) {
                Err(IndexError::Value { what }) => assert!(what.contains(wanted), "{what}"),
                other => panic!("{wanted}: {other:?}"),
            }
            assert!(cache.to_bytes().is_err());
        };
        refused("format", |cache| cache.format = "fieldlock-build-cache.v2".into());
        refused("device", |cache| cache.devices[0].device = "../x".into());
        refused("forms", |cache| cache.devices[0].forms.push(Form::Ini));
        refused("order", |cache| cache.devices.swap(0, 1));
        refused("order", |cache| cache.devices.push(device("sw04")));
        assert!(matches!(parse_build_cache(b"{}"), Err(IndexError::Json(_))));
    }
}
