//! The plaintext: a list of named parts, no archive, no compression; and its padding.

use zeroize::Zeroizing;

use super::core::is_file_name;
use super::header::{MAX_PADDED, PAD_TO, TAG_LEN};
use super::redact::SecretSpan;
use crate::secret::SecretValue;

/// Most parts, the manifest included.
pub const MAX_PARTS: usize = 64;

/// The longest name of a part, in bytes.
pub(super) const MAX_NAME: usize = 64;

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PartKind {
    /// The device's configuration: `native.ini` or `native.cli`, and `native.sheet`.
    Native,
    /// Another file, such as a certificate.
    Other,
}

impl PartKind {
    pub(super) fn number(self) -> u8 {
        match self {
            PartKind::Native => 1,
            PartKind::Other => 2,
        }
    }
}

/// One part, its bytes erased on drop. No `Debug`: it holds secrets.
#[derive(PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// `[a-z0-9][a-z0-9._-]{0,63}`, no Windows device name, no dot at the end.
    pub name: String,
    /// All of it, secrets included.
    pub bytes: SecretValue,
    /// What of it may not be shown.
    pub secrets: Vec<SecretSpan>,
}

/// Why parts can't be sealed, or a plaintext is none. Names nothing of the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartsError {
    /// The list says there are none, or more than 64.
    #[error("there are no parts, or more than 64")]
    Count,
    /// The list ends inside a part.
    #[error("a part is cut short")]
    CutShort,
    /// Bytes behind the last part.
    #[error("bytes stand behind the last part")]
    Trailing,
    /// A kind of part that there is not.
    #[error("a part is of no known kind")]
    Kind,
    /// A name that a part can't have.
    #[error("a part has a name that is not allowed")]
    Name,
    /// Not ascending by kind and name, or a name twice.
    #[error("the parts are not in their order, or a name stands there twice")]
    Order,
    /// No native text, or two machine forms.
    #[error("there is not one native text of a device")]
    Native,
    /// The manifest is missing or can't be read.
    #[error("the manifest is missing or not valid")]
    Manifest,
    /// The manifest speaks of other parts.
    #[error("the manifest does not fit the parts")]
    ManifestDiffers,
    /// Secret spans outside their part, overlapping, or with a token that is none.
    #[error("the secret spans of a part do not fit it")]
    Spans,
    /// More than 16 MiB.
    #[error("the parts are larger than 16 MiB")]
    TooLarge,
}

/// One entry of the list, its bytes still in the list's buffer. No `Debug`: it holds secrets.
#[derive(PartialEq, Eq)]
pub struct RawPart<'a> {
    /// 0 manifest, 1 native text, 2 another file.
    pub kind: u8,
    /// Checked to be a part's name.
    pub name: &'a str,
    /// All of it.
    pub bytes: &'a [u8],
}

/// The list of parts as bytes, in a buffer that is erased on drop and never grows.
pub fn write_parts(list: &[RawPart<'_>]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(list_len(list)));
    append_parts(list, &mut out);
    out
}

/// Reads a list of parts: limits, names, order. What the kinds mean is not looked at.
pub fn parse_parts(body: &[u8]) -> Result<Vec<RawPart<'_>>, PartsError> {
    let (count, mut rest) = take_u32(body)?;
    if !(1..=MAX_PARTS).contains(&(count as usize)) {
        return Err(PartsError::Count);
    }
    let mut list: Vec<RawPart<'_>> = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let (&[kind, name_len], behind) = rest.split_first_chunk().ok_or(PartsError::CutShort)?;
        let (name, behind) = behind.split_at_checked(usize::from(name_len)).ok_or(PartsError::CutShort)?;
        let name =
            std::str::from_utf8(name).ok().filter(|name| is_file_name(name, MAX_NAME)).ok_or(PartsError::Name)?;
        let (len, behind) = take_u32(behind)?;
        let (bytes, behind) = behind.split_at_checked(len as usize).ok_or(PartsError::CutShort)?;
        if list.last().is_some_and(|last| (last.kind, last.name) >= (kind, name)) {
            return Err(PartsError::Order);
        }
        if list.iter().any(|other| other.name == name) {
            return Err(PartsError::Order);
        }
        list.push(RawPart { kind, name, bytes });
        rest = behind;
    }
    if rest.is_empty() { Ok(list) } else { Err(PartsError::Trailing) }
}

/// The body of a padded plaintext; `None` where the padding is not the one there can be.
pub fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (len, rest) = take_u32(padded).ok()?;
    let (body, zeros) = rest.split_at_checked(len as usize)?;
    let minimal = padded.len() == (4 + body.len()).next_multiple_of(PAD_TO);
    (minimal && zeros.iter().all(|b| *b == 0)).then_some(body)
}

/// A list of parts as a padded plaintext.
pub(super) fn pad(list: &[RawPart<'_>]) -> Result<Zeroizing<Vec<u8>>, PartsError> {
    let len = list_len(list);
    let padded_len = (4 + len).next_multiple_of(PAD_TO);
    let body_len = u32::try_from(len).map_err(|_| PartsError::TooLarge)?;
    if padded_len > MAX_PADDED {
        return Err(PartsError::TooLarge);
    }
    // Room for the tag too, so that sealing in place does not leave a copy behind.
    let mut out = Zeroizing::new(Vec::with_capacity(padded_len + TAG_LEN));
    out.extend_from_slice(&body_len.to_be_bytes());
    append_parts(list, &mut out);
    out.resize(padded_len, 0);
    Ok(out)
}

fn list_len(list: &[RawPart<'_>]) -> usize {
    list.iter().fold(4, |sum, part| sum.saturating_add(6 + part.name.len() + part.bytes.len()))
}

fn append_parts(list: &[RawPart<'_>], out: &mut Vec<u8>) {
    let u32_of = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
    out.extend_from_slice(&u32_of(list.len()));
    for part in list {
        out.push(part.kind);
        out.push(u8::try_from(part.name.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(part.name.as_bytes());
        out.extend_from_slice(&u32_of(part.bytes.len()));
        out.extend_from_slice(part.bytes);
    }
}

fn take_u32(bytes: &[u8]) -> Result<(u32, &[u8]), PartsError> {
    let (number, rest) = bytes.split_first_chunk().ok_or(PartsError::CutShort)?;
    Ok((u32::from_be_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_parts() {
        for good in ["a", "0", "native.ini", "ca.pem", "com", "com10", "console.txt", "a..b", &"a".repeat(64)] {
            assert!(is_file_name(good, MAX_NAME), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a\\b", "A", "a.", "con", "nul.txt", "com1", "lpt0.cfg", "a b", "-a", "ä"] {
            assert!(!is_file_name(bad, MAX_NAME), "{bad}");
        }
        assert!(!is_file_name(&"a".repeat(65), MAX_NAME));
    }

    #[test]
    fn padding_is_minimal_and_zero() {
        for (len, padded_len) in [(0, 4096), (4092, 4096), (4093, 8192)] {
            let mut padded = (len as u32).to_be_bytes().to_vec();
            padded.resize(4 + len, 1);
            padded.resize(padded_len, 0);
            assert_eq!(unpad(&padded).map(<[u8]>::len), Some(len));
            padded.resize(padded_len + PAD_TO, 0);
            assert_eq!(unpad(&padded), None, "longer than needed");
            padded.truncate(padded_len - 1);
            assert_eq!(unpad(&padded), None, "no multiple");
        }
        let mut dirty = vec![0; PAD_TO];
        dirty[PAD_TO - 1] = 1;
        assert_eq!(unpad(&dirty), None);
        assert_eq!(unpad(&u32::MAX.to_be_bytes()), None);
        assert_eq!(unpad(b""), None);
    }

    proptest! {
        #[test]
        fn read_lists_are_written_back(entries in prop::collection::vec((0u8..4, "[a-c.]{1,3}", any::<[u8; 3]>()), 0..4)) {
            let list: Vec<_> = entries.iter().map(|(kind, name, bytes)| RawPart { kind: *kind, name, bytes }).collect();
            let body = write_parts(&list);
            if let Ok(read) = parse_parts(&body) {
                prop_assert!(read == list);
                prop_assert!(write_parts(&read) == body);
            }
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(list) = parse_parts(&bytes) {
                prop_assert!(write_parts(&list).as_slice() == bytes);
            }
        }
    }
}
