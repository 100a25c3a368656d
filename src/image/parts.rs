//! The plaintext: a list of named parts, no archive, no compression; and its padding.

use zeroize::Zeroizing;

use super::core::is_file_name;
use super::digest::Digest;
use super::header::{MAX_PADDED, PAD_TO};
use super::manifest::{self, apply_manifest, write_manifest};
use super::redact::{SecretSpan, redact, redact_structure, spans_fit};
use crate::secret::SecretValue;

/// Most parts, the manifest included.
pub const MAX_PARTS: usize = 64;

/// The longest name of a part, in bytes.
const MAX_NAME: usize = 64;

const NATIVE: [&str; 3] = ["native.cli", "native.ini", "native.sheet"];

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PartKind {
    /// The device's configuration: `native.ini` or `native.cli`, and `native.sheet`.
    Native,
    /// Another file, such as a certificate.
    Other,
}

impl PartKind {
    fn number(self) -> u8 {
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

/// All parts but the manifest, checked and in their order. What goes into an image and comes out of it.
#[derive(PartialEq, Eq)]
pub struct Plain {
    parts: Vec<Part>,
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

impl Plain {
    /// Puts the parts of a device image in their order and checks them.
    ///
    /// # Errors
    /// What no image holds.
    pub fn new(parts: Vec<Part>) -> Result<Plain, PartsError> {
        Plain::checked(parts, check_names)
    }

    /// Puts the parts of a secret store in their order and checks them: none is native text.
    ///
    /// # Errors
    /// What no store holds.
    pub fn of_store(parts: Vec<Part>) -> Result<Plain, PartsError> {
        Plain::checked(parts, check_store_names)
    }

    fn checked(mut parts: Vec<Part>, check: fn(&[Part]) -> Result<(), PartsError>) -> Result<Plain, PartsError> {
        parts.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        if parts.is_empty() || parts.len() >= MAX_PARTS {
            return Err(PartsError::Count);
        }
        if parts.iter().any(|part| !spans_fit(&part.secrets, part.bytes.len())) {
            return Err(PartsError::Spans);
        }
        check(&parts)?;
        Ok(Plain { parts })
    }

    /// The parts, by kind and name.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The part of this name.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// The redacted text of a part.
    pub fn redacted(&self, name: &str) -> Option<Vec<u8>> {
        let part = self.part(name)?;
        redact(part.bytes.expose(), &part.secrets)
    }

    /// The digest of the redacted text: the machine form, then the sheet. What reviewers saw, and what an opened
    /// image is held against.
    pub fn review(&self) -> Digest {
        self.native_digest(redact)
    }

    /// As [`Plain::review`], fingerprints of secrets blanked.
    pub fn structure(&self) -> Digest {
        self.native_digest(redact_structure)
    }

    fn native_digest(&self, redact: fn(&[u8], &[SecretSpan]) -> Option<Vec<u8>>) -> Digest {
        // The order of names is the order wanted: there is one machine form, and `native.sheet` is behind it.
        let native = self.parts.iter().filter(|part| part.kind == PartKind::Native);
        let texts: Vec<_> = native.filter_map(|part| redact(part.bytes.expose(), &part.secrets)).collect();
        Digest::of_pieces(texts.iter().map(Vec::as_slice))
    }

    /// The padded plaintext: body length, manifest and parts, zeros.
    pub(super) fn write(&self) -> Result<Zeroizing<Vec<u8>>, PartsError> {
        let manifest = write_manifest(&self.parts)?;
        let mut list: Vec<RawPart<'_>> = vec![RawPart { kind: 0, name: manifest::NAME, bytes: manifest.expose() }];
        list.extend(self.parts.iter().map(|part| RawPart {
            kind: part.kind.number(),
            name: &part.name,
            bytes: part.bytes.expose(),
        }));
        pad(&list)
    }

    /// From the body of a decrypted payload. Everything is checked, the manifest included; the review is not.
    pub(super) fn parse(body: &[u8]) -> Result<Plain, PartsError> {
        Plain::parsed(body, check_names)
    }

    /// As [`Plain::parse`], of a secret store.
    pub(super) fn parse_store(body: &[u8]) -> Result<Plain, PartsError> {
        Plain::parsed(body, check_store_names)
    }

    fn parsed(body: &[u8], check: fn(&[Part]) -> Result<(), PartsError>) -> Result<Plain, PartsError> {
        let list = parse_parts(body)?;
        let (first, rest) = list.split_first().ok_or(PartsError::Count)?;
        if (first.kind, first.name) != (0, manifest::NAME) {
            return Err(PartsError::Manifest);
        }
        let mut parts = Vec::with_capacity(rest.len());
        for raw in rest {
            let kind = match raw.kind {
                1 => PartKind::Native,
                2 => PartKind::Other,
                _ => return Err(PartsError::Kind),
            };
            let bytes = SecretValue::copy_of(raw.bytes);
            parts.push(Part { kind, name: raw.name.to_owned(), bytes, secrets: Vec::new() });
        }
        check(&parts)?;
        apply_manifest(first.bytes, &mut parts)?;
        Ok(Plain { parts })
    }
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

fn pad(list: &[RawPart<'_>]) -> Result<Zeroizing<Vec<u8>>, PartsError> {
    let len = list_len(list);
    let padded_len = (4 + len).next_multiple_of(PAD_TO);
    let body_len = u32::try_from(len).map_err(|_| PartsError::TooLarge)?;
    if padded_len > MAX_PADDED {
        return Err(PartsError::TooLarge);
    }
    // Room for the tag too, so that sealing in place does not leave a copy behind.
    let mut out = Zeroizing::new(Vec::with_capacity(padded_len + super::header::TAG_LEN));
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

/// What the kinds ask of the names; the parts are in their order.
fn check_names(parts: &[Part]) -> Result<(), PartsError> {
    if parts.iter().any(|part| !is_file_name(&part.name, MAX_NAME)) {
        return Err(PartsError::Name);
    }
    let reserved = |name: &str| name == manifest::NAME || NATIVE.contains(&name);
    if parts.iter().any(|part| match part.kind {
        PartKind::Native => !NATIVE.contains(&part.name.as_str()),
        PartKind::Other => reserved(&part.name),
    }) {
        return Err(PartsError::Name);
    }
    if parts.windows(2).any(|pair| pair[0].name == pair[1].name) {
        return Err(PartsError::Order);
    }
    let native = || parts.iter().filter(|part| part.kind == PartKind::Native);
    let machine_forms = native().filter(|part| part.name != "native.sheet").count();
    if native().count() == 0 || machine_forms > 1 { Err(PartsError::Native) } else { Ok(()) }
}

/// A store has other files only.
fn check_store_names(parts: &[Part]) -> Result<(), PartsError> {
    let reserved = |part: &Part| part.name == manifest::NAME || NATIVE.contains(&part.name.as_str());
    if parts.iter().any(|part| part.kind != PartKind::Other || reserved(part) || !is_file_name(&part.name, MAX_NAME)) {
        return Err(PartsError::Name);
    }
    if parts.windows(2).any(|pair| pair[0].name == pair[1].name) { Err(PartsError::Order) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(kind: PartKind, name: &str, bytes: &[u8]) -> Part {
        Part { kind, name: name.into(), bytes: SecretValue::copy_of(bytes), secrets: Vec::new() }
    }

    fn error(parts: Vec<Part>) -> Option<PartsError> {
        Plain::new(parts).err()
    }

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
    fn what_a_device_image_holds() {
        use PartKind::{Native, Other};
        assert_eq!(error(vec![]), Some(PartsError::Count));
        assert_eq!(error(vec![part(Other, "x", b"")]), Some(PartsError::Native));
        assert_eq!(error(vec![part(Native, "native.txt", b"")]), Some(PartsError::Name));
        let two = vec![part(Native, "native.ini", b""), part(Native, "native.cli", b"")];
        assert_eq!(error(two), Some(PartsError::Native));
        let twice = vec![part(Native, "native.ini", b""), part(Native, "native.ini", b"")];
        assert_eq!(error(twice), Some(PartsError::Order));
        let twin = vec![part(Native, "native.ini", b""), part(Other, "native.ini", b"")];
        assert_eq!(error(twin), Some(PartsError::Name));
        let posing = vec![part(Native, "native.ini", b""), part(Other, "manifest.json", b"")];
        assert_eq!(error(posing), Some(PartsError::Name));
        let many = |n: usize| -> Vec<Part> {
            let others = (1..n).map(|i| part(Other, &format!("f{i}"), b""));
            std::iter::once(part(Native, "native.ini", b"")).chain(others).collect()
        };
        assert_eq!(error(many(63)), None);
        assert_eq!(error(many(64)), Some(PartsError::Count));
    }

    #[test]
    fn review_covers_machine_form_then_sheet() {
        let secret = SecretSpan { offset: 2, length: 3, token: "<hidden>".into() };
        let cli = Part { secrets: vec![secret], ..part(PartKind::Native, "native.cli", b"p abc\n") };
        let sheet = part(PartKind::Native, "native.sheet", b"menu\tfield\tvalue\n");
        let other = part(PartKind::Other, "a", b"not in it");
        let plain = Plain::new(vec![other, sheet, cli]).ok().unwrap();
        assert_eq!(plain.review(), Digest::of(b"p <hidden>\nmenu\tfield\tvalue\n"));
        assert_eq!(plain.structure(), plain.review());
        assert_eq!(plain.redacted("native.cli").unwrap(), b"p <hidden>\n");
        assert_eq!(plain.redacted("native.ini"), None);
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

    #[test]
    fn too_large_a_plaintext() {
        let plain = |len| Plain::new(vec![part(PartKind::Native, "native.ini", &vec![b'x'; len])]).ok().unwrap();
        assert_eq!(plain(MAX_PADDED).write().err(), Some(PartsError::TooLarge));
        assert!(plain(MAX_PADDED - PAD_TO).write().is_ok_and(|padded| padded.len() == MAX_PADDED));
    }

    struct Sample(Plain);

    impl std::fmt::Debug for Sample {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let list = self.0.parts.iter().map(|part| (&part.name, part.bytes.expose(), &part.secrets));
            f.debug_list().entries(list).finish()
        }
    }

    fn plains() -> impl Strategy<Value = Sample> {
        let text = || prop::collection::vec(any::<u8>(), 0..500);
        let others = prop::collection::btree_map("f[a-z0-9._-]{0,10}x", text(), 0..5);
        (prop::sample::select(vec!["native.ini", "native.cli"]), text(), text(), others, 0u32..50).prop_map(
            |(form, machine, sheet, others, at)| {
                let span = SecretSpan { offset: at.min(machine.len() as u32), length: 0, token: "<hidden>".into() };
                let machine = Part { secrets: vec![span], ..part(PartKind::Native, form, &machine) };
                let others = others.into_iter().map(|(name, bytes)| part(PartKind::Other, &name, &bytes));
                let all = others.chain([part(PartKind::Native, "native.sheet", &sheet), machine]).collect();
                Sample(Plain::new(all).ok().unwrap())
            },
        )
    }

    proptest! {
        #[test]
        fn written_parts_are_read_back(Sample(plain) in plains()) {
            let padded = plain.write().unwrap();
            let body = unpad(&padded).unwrap();
            prop_assert!(Plain::parse(body).ok().unwrap() == plain);
            prop_assert!(Plain::parse(body).ok().unwrap().write().unwrap() == padded);
        }

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
