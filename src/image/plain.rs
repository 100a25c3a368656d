//! The content of a sealed file: its parts with the manifest over them, checked; what goes in and what comes out.

use zeroize::Zeroizing;

use super::core::is_file_name;
use super::digest::Digest;
use super::manifest::{self, apply_manifest, write_manifest};
use super::parts::{MAX_NAME, MAX_PARTS, Part, PartKind, PartsError, RawPart, pad, parse_parts};
use super::redact::{SecretSpan, redact, redact_structure, spans_fit};
use crate::secret::SecretValue;

const NATIVE: [&str; 3] = ["native.cli", "native.ini", "native.sheet"];

/// All parts but the manifest, checked and in their order. What goes into an image and comes out of it.
#[derive(PartialEq, Eq)]
pub struct Plain {
    parts: Vec<Part>,
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
    use crate::image::header::{MAX_PADDED, PAD_TO};
    use crate::image::parts::unpad;

    fn part(kind: PartKind, name: &str, bytes: &[u8]) -> Part {
        Part { kind, name: name.into(), bytes: SecretValue::copy_of(bytes), secrets: Vec::new() }
    }

    fn error(parts: Vec<Part>) -> Option<PartsError> {
        Plain::new(parts).err()
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
    }
}
