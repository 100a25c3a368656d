//! `memo.json`: what a build remembers of the one before (`schema/image.md`, section 13).
//!
//! An image stays only where it is what would be sealed now. Rendering everything anew to find that out takes as long
//! as building it; a memo says it sooner, of inputs that are the same byte for byte. Its tags are made with a key that
//! the passphrase leads to, so a memo proves as much as a slot does: whoever has the passphrase found that these inputs
//! give these files.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::canonical;
use super::core::is_name;
use super::digest::{Digest, length};
use super::error::IndexError;
use super::kdf::PassphraseKey;
use super::keys::{equal, expand};
use crate::native::Form;
use crate::secret::SecretValue;

/// What a memo says it is.
pub const FORMAT: &str = "fieldlock-memo.v1";
/// The largest memo that is written or read, in bytes.
pub const MAX_MEMO_LEN: usize = 64 << 20;

/// What a build remembers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memo {
    /// Ascending by device.
    pub devices: Vec<MemoDevice>,
    /// [`FORMAT`].
    pub format: String,
}

/// What a build remembers of one device. Only the tag proves anything, and all of this is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoDevice {
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

impl Memo {
    /// The one spelling of this memo, checked.
    ///
    /// # Errors
    /// A device that is none or out of order, or more than [`MAX_MEMO_LEN`] bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, IndexError> {
        self.check()?;
        let bytes = canonical::write(self)?;
        if bytes.len() > MAX_MEMO_LEN { Err(IndexError::TooLarge) } else { Ok(bytes) }
    }

    /// What is remembered of a device.
    pub fn device(&self, device: &str) -> Option<&MemoDevice> {
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

/// Reads a memo and checks its values; what it says is worth nothing before its tags are checked.
///
/// # Errors
/// Not canonical JSON, another format, a device that is none or out of order, too large.
pub fn parse_memo(bytes: &[u8]) -> Result<Memo, IndexError> {
    if bytes.len() > MAX_MEMO_LEN {
        return Err(IndexError::TooLarge);
    }
    let memo: Memo = canonical::read(bytes)?;
    memo.check()?;
    Ok(memo)
}

/// The key of a group's tags. No `Debug`: it vouches for files.
pub struct MemoKey(Hmac<Sha256>);

/// A tag in the making: over fields in a fixed order, each behind its length, so that none runs into the next. No
/// `Debug`: secrets have gone into it.
#[derive(Clone)]
pub struct MemoTag(Hmac<Sha256>);

impl PassphraseKey {
    /// The key of the group's tags.
    pub fn memo(&self) -> MemoKey {
        let key = expand(&self.key, "memo", &[]);
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        MemoKey(Hmac::new_from_slice(key.expose()).expect("a key of any length"))
    }
}

impl MemoKey {
    /// A tag of no field yet.
    pub fn tag(&self) -> MemoTag {
        MemoTag(self.0.clone())
    }
}

impl MemoTag {
    /// One more field.
    pub fn put(&mut self, field: &[u8]) {
        self.0.update(&length(field));
        self.0.update(field);
    }

    /// One more field: how many there are of what follows.
    pub fn count(&mut self, count: usize) {
        self.put(&(count as u64).to_be_bytes());
    }

    /// One more field, of a secret.
    pub fn secret(&mut self, value: &SecretValue) {
        self.put(value.expose());
    }

    /// The tag.
    pub fn finish(self) -> Digest {
        Digest::from_bytes(self.0.finalize().into_bytes().into())
    }

    /// Whether this is the tag, in time that does not depend on where it differs.
    pub fn is(self, tag: &Digest) -> bool {
        equal(self.finish().as_bytes(), tag.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::kdf::KdfParams;
    use crate::image::keys::{Key, hmac_sha256};

    fn key(byte: u8) -> MemoKey {
        PassphraseKey { kdf: KdfParams::LEAST, salt: [0; 16], key: Key::from_bytes([byte; 32]), demo: false }.memo()
    }

    fn device(name: &str) -> MemoDevice {
        MemoDevice {
            device: name.into(),
            forms: vec![Form::Cli, Form::Sheet],
            grades: [0, 1, 2, 3],
            lists: false,
            machine: 5,
            secrets: 1,
            tag: Digest::of(name.as_bytes()),
        }
    }

    fn sample() -> Memo {
        Memo { devices: vec![device("np07"), device("sw04")], format: FORMAT.into() }
    }

    #[test]
    fn a_memo_of_more_bytes_than_any_has() {
        assert_eq!(parse_memo(&vec![b'{'; MAX_MEMO_LEN + 1]), Err(IndexError::TooLarge));
        assert_ne!(parse_memo(b"{"), Err(IndexError::TooLarge));
    }

    #[test]
    fn a_memo_is_read_back() {
        let bytes = sample().to_bytes().unwrap();
        assert!(bytes.starts_with(br#"{"devices":[{"device":"np07","forms":["cli","sheet"],"grades":[0,1,2,3],"#));
        let read = parse_memo(&bytes).unwrap();
        assert_eq!(read, sample());
        assert_eq!(read.device("sw04").unwrap().device, "sw04");
        assert_eq!(read.device("sw05"), None);
    }

    #[test]
    fn values_that_no_memo_has() {
        let refused = |wanted: &str, change: fn(&mut Memo)| {
            let mut memo = sample();
            change(&mut memo);
            match parse_memo(&canonical::write(&memo).unwrap()) {
                Err(IndexError::Value { what }) => assert!(what.contains(wanted), "{what}"),
                other => panic!("{wanted}: {other:?}"),
            }
            assert!(memo.to_bytes().is_err());
        };
        refused("format", |memo| memo.format = "fieldlock-memo.v2".into());
        refused("device", |memo| memo.devices[0].device = "../x".into());
        refused("forms", |memo| memo.devices[0].forms.push(Form::Ini));
        refused("order", |memo| memo.devices.swap(0, 1));
        refused("order", |memo| memo.devices.push(device("sw04")));
        assert!(matches!(parse_memo(b"{}"), Err(IndexError::Json(_))));
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let tag = |byte: u8, fields: &[&str]| {
            let mut tag = key(byte).tag();
            fields.iter().for_each(|field| tag.put(field.as_bytes()));
            tag
        };
        let all = [
            tag(1, &["ab", "c"]).finish(),
            tag(1, &["a", "bc"]).finish(),
            tag(1, &["abc"]).finish(),
            tag(1, &["abc", ""]).finish(),
            tag(2, &["abc"]).finish(),
        ];
        assert!((0..all.len()).all(|i| !all[..i].contains(&all[i])));
        assert!(tag(1, &["abc"]).is(&all[2]) && !tag(1, &["abc"]).is(&all[3]));
    }

    /// The formula of `schema/image.md`, section 13.
    #[test]
    fn a_tag_is_an_hmac_over_lengths_and_fields() {
        let mut tag = key(7).tag();
        tag.put(b"np07");
        tag.count(2);
        tag.secret(&SecretValue::copy_of(b"hunter2"));
        let key = expand(&Key::from_bytes([7; 32]), "memo", &[]);
        let length = |n: u64| n.to_be_bytes();
        let (four, eight, two, seven) = (length(4), length(8), length(2), length(7));
        let pieces: [&[u8]; 6] = [&four, b"np07", &eight, &two, &seven, b"hunter2"];
        assert_eq!(*tag.finish().as_bytes(), hmac_sha256(key.expose(), &pieces));
    }
}
