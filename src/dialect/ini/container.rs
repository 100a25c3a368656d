//! The file in which a device of the series exports its settings with its own encryption, and imports them again.
//!
//! Confirmed: an encrypted export of an NP6650-16 with firmware 2.3 decrypts byte for byte to the plain export of the
//! same moment. The layout, the constant and the words for the series are those of the public backup tool
//! `dls-backup-bl` 1.3.1, which was held against the vendor's own library. Likely: version 1, which nobody has shown.
//!
//! It protects little: a block cipher without chaining or authentication, and a key that every device has from the
//! factory. It is read, and written where a device is to import it; it is no sealed image.

use simple_rijndael::rijndael::Rijndael;
use zeroize::{Zeroize, Zeroizing};

/// The key that a device has from the factory.
pub const PRESET: &str = "moxa";

/// A key longer than this is none.
pub const LONGEST_KEY: usize = 32;

/// What a file begins with, by series.
const SERIES: [&[u8; 4]; 7] = [b"6000", b"5000", b"500A", b"8000", b"NEE1", b"NEE2", b"NEE3"];

/// The series whose text there is a table for.
const OURS: &[u8; 4] = b"6000";

/// Beneath the key of a person: the vendor's constant, whose first bytes the key replaces.
const CONSTANT: [u8; 32] = [
    0x2d, 0x37, 0x58, 0x41, 0xa8, 0x5c, 0xc7, 0x75, 0x25, 0xa1, 0x87, 0x47, 0xf0, 0xa7, 0x05, 0x2b, 0x4c, 0x8b, 0x9e,
    0x70, 0xda, 0xb3, 0x0d, 0xcb, 0x51, 0xd0, 0xd3, 0x12, 0x5a, 0xc4, 0x3c, 0x97,
];

const VERSION_1: u32 = 1;
const VERSION_2: u32 = 0x0101_0000;
/// Series, version, sum.
const HEAD_1: usize = 12;
/// The same and the length of what follows.
const HEAD_2: usize = 16;
/// A block of the cipher, in bytes.
const BLOCK: usize = 32;

/// Why an encrypted export can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContainerError {
    /// It is of a series without a table.
    #[error("it is an encrypted export of another series: it begins with `{0}`")]
    Series(String),
    /// A version that nobody has described.
    #[error("it is an encrypted NPort export in a version that is not known ({0:#010x})")]
    Version(u32),
    /// Less is there than the file says that it holds.
    #[error("it is an encrypted NPort export that was cut off: {is} of {says} bytes are there")]
    CutOff {
        /// Bytes that are there.
        is: usize,
        /// Bytes that the file says.
        says: usize,
    },
    /// What it says of its length can't be.
    #[error("it is an encrypted NPort export whose length can't be: {0} bytes are no whole number of blocks")]
    Length(usize),
    /// The sum is another.
    #[error("it is an encrypted NPort export that this key does not open: it has another, or is damaged")]
    Key,
    /// A key that the device does not take.
    #[error("a key of an encrypted NPort export is 1 to 32 characters of ASCII")]
    NoKey,
}

/// Whether a file is one, of whatever series.
pub fn is_container(bytes: &[u8]) -> bool {
    bytes.get(..4).is_some_and(|series| SERIES.iter().any(|known| *known == series)) && version(bytes).is_some()
}

fn version(bytes: &[u8]) -> Option<u32> {
    // four letters alone begin many a text; no text goes on with these
    word(bytes, 4).filter(|_| bytes.get(4..8).is_some_and(|v| v.contains(&0)))
}

/// The text within.
///
/// # Errors
/// See [`ContainerError`]; the sum over the text is compared before anything of it is handed out.
pub fn open(bytes: &[u8], key: &[u8]) -> Result<Zeroizing<Vec<u8>>, ContainerError> {
    let series = bytes.get(..4).unwrap_or_default();
    if series != OURS {
        return Err(ContainerError::Series(String::from_utf8_lossy(series).into_owned()));
    }
    let cut = |says| ContainerError::CutOff { is: bytes.len(), says };
    let head = match word(bytes, 4).ok_or_else(|| cut(HEAD_2))? {
        VERSION_1 => HEAD_1,
        VERSION_2 => HEAD_2,
        other => return Err(ContainerError::Version(other)),
    };
    let sum = word(bytes, 8).ok_or_else(|| cut(head))?;
    let length = match head {
        HEAD_1 => bytes.len() - HEAD_1,
        _ => word(bytes, 12).ok_or_else(|| cut(head))? as usize,
    };
    if length % BLOCK != 0 {
        return Err(ContainerError::Length(length));
    }
    let end = head.saturating_add(length);
    let sealed = bytes.get(head..end).ok_or_else(|| cut(end))?;
    let cipher = cipher(key)?;
    let mut text = Zeroizing::new(Vec::with_capacity(sealed.len()));
    for block in sealed.chunks_exact(BLOCK) {
        let mut plain = cipher.decrypt(&across(block, 4)).map_err(|_| ContainerError::Length(block.len()))?;
        text.extend(across(&plain, BLOCK / 4));
        plain.zeroize();
    }
    if self::sum(&text) != sum {
        return Err(ContainerError::Key);
    }
    // the last block is filled with NUL, which no text holds
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    text.truncate(end);
    Ok(text)
}

/// A text as a device of the series imports it, version 2.
///
/// # Errors
/// The key is none.
pub fn close(text: &[u8], key: &[u8]) -> Result<Vec<u8>, ContainerError> {
    let cipher = cipher(key)?;
    let mut padded = Zeroizing::new(text.to_vec());
    padded.resize(text.len().next_multiple_of(BLOCK), 0);
    let length = u32::try_from(padded.len()).map_err(|_| ContainerError::Length(padded.len()))?;
    let mut bytes = OURS.to_vec();
    [VERSION_2, sum(&padded), length].iter().for_each(|word| bytes.extend(word.to_le_bytes()));
    for block in padded.chunks_exact(BLOCK) {
        let sealed = cipher.encrypt(&across(block, 4)).map_err(|_| ContainerError::Length(block.len()))?;
        bytes.extend(across(&sealed, BLOCK / 4));
    }
    Ok(bytes)
}

fn cipher(key: &[u8]) -> Result<Rijndael, ContainerError> {
    if key.is_empty() || key.len() > LONGEST_KEY || !key.is_ascii() {
        return Err(ContainerError::NoKey);
    }
    let mut whole = Zeroizing::new(CONSTANT);
    whole[..key.len()].copy_from_slice(key);
    Rijndael::new(&across(&*whole, 4), BLOCK).map_err(|_| ContainerError::NoKey)
}

/// The vendor lays bytes into the cipher's table of 4 by 8 row by row, the cipher column by column.
fn across(bytes: &[u8], rows: usize) -> Vec<u8> {
    let columns = BLOCK / rows;
    (0..BLOCK).map(|at| bytes[at % rows * columns + at / rows]).collect()
}

/// The sum of the words of a text that fills whole blocks.
fn sum(padded: &[u8]) -> u32 {
    let words = padded.chunks_exact(4).filter_map(|chunk| word(chunk, 0));
    words.fold(0, u32::wrapping_add)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(word.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needs;

    #[test]
    fn what_a_device_encrypted_is_the_text_that_it_exported() {
        let Some(folder) = needs::samples() else { return };
        let sealed = std::fs::read(folder.join("np6650-16_fw2.3_export.dec")).unwrap();
        let plain = std::fs::read(folder.join("np6650-16_fw2.3_export.ini")).unwrap();
        assert!(is_container(&sealed) && !is_container(&plain));
        assert!(*open(&sealed, PRESET.as_bytes()).unwrap() == plain, "another text");
        assert!(close(&plain, PRESET.as_bytes()).unwrap() == sealed, "other bytes");
    }

    #[test]
    fn what_is_closed_is_opened_by_its_key_alone() {
        for text in ["", "x", "[A]\r\nK=1\r\n", &"long".repeat(500)] {
            for key in ["moxa", "k", &"k".repeat(LONGEST_KEY)] {
                let sealed = close(text.as_bytes(), key.as_bytes()).unwrap();
                assert_eq!(**open(&sealed, key.as_bytes()).unwrap(), *text.as_bytes());
                if !text.is_empty() {
                    assert_eq!(open(&sealed, b"other"), Err(ContainerError::Key));
                }
            }
        }
        for key in ["", "ö", &"k".repeat(LONGEST_KEY + 1)] {
            assert_eq!(close(b"x", key.as_bytes()), Err(ContainerError::NoKey), "{key}");
        }
    }

    #[test]
    fn each_damage_is_told_by_its_name() {
        let sealed = close(b"[A]\r\nK=1\r\n", b"moxa").unwrap();
        let with = |at: usize, bytes: &[u8]| {
            let mut sealed = sealed.clone();
            sealed[at..at + bytes.len()].copy_from_slice(bytes);
            open(&sealed, b"moxa").unwrap_err()
        };
        assert_eq!(with(0, b"500A"), ContainerError::Series("500A".to_owned()));
        assert_eq!(with(4, &[2, 0, 0, 0]), ContainerError::Version(2));
        assert_eq!(with(8, &[0; 4]), ContainerError::Key);
        assert_eq!(with(12, &[31, 0, 0, 0]), ContainerError::Length(31));
        assert_eq!(with(12, &[64, 0, 0, 0]), ContainerError::CutOff { is: 48, says: 80 });
        assert_eq!(with(20, &[0xff]), ContainerError::Key);
        for cut in 4..sealed.len() {
            assert!(matches!(open(&sealed[..cut], b"moxa"), Err(ContainerError::CutOff { .. })), "{cut}");
        }
        assert!(!is_container(b"6000 ports are open"));
    }

    #[test]
    fn the_older_head_has_no_length() {
        let new = close(b"[A]\r\nK=1\r\n", b"moxa").unwrap();
        let mut old = new.clone();
        old[4..8].copy_from_slice(&1u32.to_le_bytes());
        old.drain(12..16);
        assert_eq!(open(&old, b"moxa").unwrap(), open(&new, b"moxa").unwrap());
    }
}
