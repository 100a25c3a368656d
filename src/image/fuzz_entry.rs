//! One function per reader of bytes from outside, for fuzz targets: none may panic, and what is read is written
//! back as it was.

use jiff::Timestamp;

use super::core::parse_core;
use super::header::{HASH_LEN, parse_head};
use super::kdf::{KdfCeiling, KdfParams, PassphraseKey};
use super::keys::Key;
use super::open::{Expected, Unlock, open};
use super::parts::{parse_parts, unpad, write_parts};
use super::slots::{parse_table, write_table};
use super::{Digest, index, inspect};

/// The header.
pub fn header(bytes: &[u8]) {
    if let Ok(head) = parse_head(bytes, None) {
        assert!(bytes.starts_with(&head.write()), "a header is written back as it was");
    }
}

/// The table of slots.
pub fn table(bytes: &[u8]) {
    if let Ok(slots) = parse_table(bytes) {
        assert_eq!(write_table(&slots), bytes, "a table is written back as it was");
    }
}

/// The core, and with it canonical JSON.
pub fn core(bytes: &[u8]) {
    if let Ok(core) = parse_core(bytes) {
        assert_eq!(core.to_bytes().as_deref(), Ok(bytes), "a core is written back as it was");
    }
}

/// The index.
pub fn index(bytes: &[u8]) {
    if let Ok(index) = index::parse_index(bytes) {
        assert_eq!(index.to_bytes().as_deref(), Ok(bytes), "an index is written back as it was");
    }
}

/// The decrypted content: padding, list, manifest.
pub fn content(bytes: &[u8]) {
    let body = unpad(bytes).unwrap_or(bytes);
    if let Ok(list) = parse_parts(body) {
        assert!(write_parts(&list).as_slice() == body, "a list is written back as it was");
    }
    if let Ok(plain) = super::Plain::parse(body) {
        let again = plain.write();
        assert!(again.is_ok_and(|padded| unpad(&padded) == Some(body)), "content is written back as it was");
    }
}

/// The whole path with a known key and a fitting checksum, so that what lies behind both is reached.
pub fn open_with_known_key(bytes: &[u8]) {
    let mut file = bytes.to_vec();
    if let Some(content) = file.len().checked_sub(HASH_LEN) {
        let check = Digest::of(&file[..content]);
        file[content..].copy_from_slice(check.as_bytes());
    }
    let key = known_key();
    let expected =
        Expected { site: None, device: None, digest: None, now: Timestamp::UNIX_EPOCH, ceiling: KdfCeiling(u32::MAX) };
    let opened = open(&file, &Unlock::Key(&key), &expected);
    assert!(opened.is_err() || inspect(&file).is_ok(), "what opens can be inspected");
}

/// A key that no passphrase leads to.
fn known_key() -> PassphraseKey {
    PassphraseKey { kdf: KdfParams::LEAST, salt: [0x5a; 16], key: Key::from_bytes([0xa5; 32]), demo: false }
}
