//! One function per reader of bytes from outside, for fuzz targets: none may panic, and what is read is written
//! back as it was.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::core::parse_core;
use super::group::check_age_file;
use super::header::{HASH_LEN, Kind, PAD_TO, parse_head};
use super::kdf::{KdfCeiling, KdfParams, PassphraseKey};
use super::keys::Key;
use super::open::{Expected, Origin, Unlock, open};
use super::parts::{RawPart, parse_parts, unpad, write_parts};
use super::seal::seal_file;
use super::slots::{parse_table, write_table};
use super::{
    AllowedSigners, Core, Digest, Entropy, EntropyError, Firmware, Holder, Part, PartKind, Plain, SealError,
    SecretSpan, StoreCore, StoreExpected, UnlockCode, index, inspect, open_store, parse_memo, seal, seal_store,
    signature,
};
use crate::secret::SecretValue;

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

/// The memo.
pub fn memo(bytes: &[u8]) {
    if let Ok(memo) = parse_memo(bytes) {
        assert_eq!(memo.to_bytes().as_deref(), Ok(bytes), "a memo is written back as it was");
        let found = memo.devices.iter().all(|device| memo.device(&device.device) == Some(device));
        assert!(found, "each device is found by its name");
    }
}

/// The decrypted content: padding, list, manifest.
pub fn content(bytes: &[u8]) {
    let body = unpad(bytes).unwrap_or(bytes);
    if let Ok(list) = parse_parts(body) {
        assert!(write_parts(&list).as_slice() == body, "a list is written back as it was");
    }
    if let Ok(plain) = Plain::parse(body) {
        let again = plain.write();
        assert!(again.is_ok_and(|padded| unpad(&padded) == Some(body)), "content is written back as it was");
    }
}

/// The manifest of content whose other parts stay as they are.
pub fn manifest(bytes: &[u8]) {
    let Ok(plain) = plain() else { return };
    let mut list = vec![RawPart { kind: 0, name: "manifest.json", bytes }];
    list.extend(plain.parts().iter().map(|p| RawPart { kind: 1, name: &p.name, bytes: p.bytes.expose() }));
    if let Ok(read) = Plain::parse(&write_parts(&list)) {
        assert!(read.parts().len() == 1 && read.redacted("native.cli").is_some(), "spans that are taken redact");
    }
}

/// What a person types as an unlock code.
pub fn code(bytes: &[u8]) {
    if let Ok(code) = UnlockCode::parse(&SecretValue::copy_of(bytes)) {
        assert!(UnlockCode::parse(&code.shown()).is_ok(), "what is shown is read");
    }
}

/// An age file, before it is handed to the `age` program.
pub fn age_file(bytes: &[u8]) {
    if check_age_file(bytes).is_ok() {
        // only in the header: an encrypted content may spell anything
        let header = bytes.split(|b| *b == b'\n').take_while(|line| !line.starts_with(b"--- "));
        let recipients = header.filter_map(|line| line.strip_prefix(b"->"));
        for kind in recipients.map(|line| line.trim_ascii_start().split(u8::is_ascii_whitespace).next()) {
            assert!(kind.is_some_and(|kind| !kind.is_empty() && kind != b"scrypt"), "no passphrase");
        }
    }
}

/// A whole store with a fitting checksum, opened with a known key: the steps up to the MAC.
pub fn store_with_known_key(bytes: &[u8]) {
    let _ = store_opened(&with_check(bytes));
}

/// A whole image with a fitting checksum, opened with a known key: the steps up to the MAC. What changes the body
/// changes what its slot is bound to, so what lies behind is for [`sealed_image`].
pub fn image_with_known_key(bytes: &[u8]) {
    let _ = image_opened(&with_check(bytes));
}

/// Any core and any content, sealed with the keys in hand: the steps behind the MAC. Two bytes say how long the core is;
/// the content is filled up with zeros.
pub fn sealed_image(bytes: &[u8]) {
    let _ = sealed(Kind::Device, bytes).map(|file| image_opened(&file));
}

/// The same of a store.
pub fn sealed_store(bytes: &[u8]) {
    let _ = sealed(Kind::SecretStore, bytes).map(|file| store_opened(&file));
}

fn sealed(kind: Kind, bytes: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (core, content) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let mut padded = content.to_vec();
    padded.resize(content.len().next_multiple_of(PAD_TO).max(PAD_TO), 0);
    Some(seal_file(kind, core, padded.into(), &[Holder::Passphrase(&known_key())], &mut Zeros).ok()?.bytes)
}

/// Class of the step that refused it, or `opens`.
fn image_opened(file: &[u8]) -> &'static str {
    let key = known_key();
    let expected = Expected {
        site: None,
        device: None,
        origin: Origin::NoSigners,
        seen: None,
        now: Timestamp::UNIX_EPOCH,
        ceiling: KdfCeiling(u32::MAX),
    };
    match open(file, &Unlock::Key(&key), &expected) {
        Err(error) => error.class(),
        Ok(opened) => {
            assert!(
                inspect(file).is_ok_and(|inspection| inspection.digest == opened.digest),
                "what opens is inspected"
            );
            assert!(opened.plain.review() == opened.core.review, "what opens is what was reviewed");
            "opens"
        }
    }
}

fn store_opened(file: &[u8]) -> &'static str {
    let expected = StoreExpected { site: "west", device: "np07", ceiling: KdfCeiling(u32::MAX) };
    match open_store(file, &Unlock::Key(&known_key()), &expected) {
        Err(error) => error.class(),
        Ok(opened) => {
            assert!(
                inspect(file).is_ok_and(|inspection| inspection.digest == opened.digest),
                "what opens is inspected"
            );
            "opens"
        }
    }
}

/// With the last bytes made to fit what comes before them.
fn with_check(bytes: &[u8]) -> Vec<u8> {
    let mut file = bytes.to_vec();
    if let Some(content) = file.len().checked_sub(HASH_LEN) {
        let check = Digest::of(&file[..content]);
        file[content..].copy_from_slice(check.as_bytes());
    }
    file
}

/// A signature file. What is read has one spelling, and only the message that was signed verifies.
pub fn sshsig(bytes: &[u8]) {
    if let Some(again) = signature::rewritten(bytes) {
        assert!(again == bytes, "a signature is written back as it was");
    }
    let index = br#"{"format":"fieldlock-index.v1"}"#;
    assert!(signature::verify_by_itself(index, bytes).is_err(), "nobody signed this");
}

/// A file of allowed signers. Whoever is named as signer is somebody that the lines allow.
pub fn allowed_signers(bytes: &[u8]) {
    let (signers, problems) = AllowedSigners::parse(bytes, &TimeZone::UTC);
    let lines = bytes.split(|b| *b == b'\n').count();
    let told = problems.iter().map(|problem| problem.line);
    assert!(told.chain(signers.lines().iter().map(|line| line.number())).all(|line| (1..=lines).contains(&line)));
    let now = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 365 * 56);
    for key in signers.lines().iter().filter_map(|line| line.key()).take(4) {
        assert_eq!(signature::PublicKey::parse(key.to_line().as_bytes()), Ok(key), "a key is written back as it was");
        let found = signers.find_principals(&key, now);
        if let Ok(signer) = signers.signer(&key, signature::NAMESPACE, now) {
            assert!(!signer.name.is_empty() && found.is_some(), "who signs is somebody");
            let lossy = signer.name.contains(char::REPLACEMENT_CHARACTER);
            assert!(lossy || signers.allow(signer.name.as_bytes(), &key, signature::NAMESPACE, now), "and allowed");
        }
    }
}

/// What each reader takes, cut out of one image and one store.
pub struct Seeds {
    /// Fixed part and core.
    pub header: Vec<u8>,
    /// The table of slots.
    pub table: Vec<u8>,
    /// The core.
    pub core: Vec<u8>,
    /// Padded plaintext.
    pub content: Vec<u8>,
    /// The manifest in it.
    pub manifest: Vec<u8>,
    /// The image.
    pub image: Vec<u8>,
    /// A secret store.
    pub store: Vec<u8>,
    /// Core and content of the image, for [`sealed_image`].
    pub image_content: Vec<u8>,
    /// Core and content of the store, for [`sealed_store`].
    pub store_content: Vec<u8>,
}

/// Seeds for every layer.
///
/// # Errors
/// As [`seed`].
pub fn seeds() -> Result<Seeds, SealError> {
    let (image, store) = (seed()?, store()?);
    let core_of = |file: &[u8]| parse_head(file, None).map(|head| head.core.to_vec()).unwrap_or_default();
    let with_core = |file: &[u8], content: &[u8]| {
        let core = core_of(file);
        [&(core.len() as u16).to_be_bytes(), &core[..], content].concat()
    };
    let table = parse_head(&image, None).map(|head| head.layout().body.end..image.len() - 2 * HASH_LEN);
    let table = table.ok().and_then(|table| image.get(table)).unwrap_or_default().to_vec();
    let content = plain()?.write()?.to_vec();
    let list = unpad(&content).map(parse_parts);
    let manifest = list.and_then(|list| Some(list.ok()?.first()?.bytes.to_vec())).unwrap_or_default();
    Ok(Seeds {
        // a header is read with the file behind it: its lengths have to fit
        header: image.clone(),
        table,
        core: core_of(&image),
        image_content: with_core(&image, &content),
        store_content: with_core(&store, &store_plain()?.write()?),
        content,
        manifest,
        image,
        store,
    })
}

fn plain() -> Result<Plain, SealError> {
    let secrets = vec![SecretSpan { offset: 9, length: 7, token: "<secret np07/ot-admin>".to_owned() }];
    let bytes = SecretValue::copy_of(b"password hunter2\n");
    Ok(Plain::new(vec![Part { kind: PartKind::Native, name: "native.cli".to_owned(), bytes, secrets }])?)
}

/// An image that opens with the known key: a seed that reaches every layer. The randomness in it is none.
///
/// # Errors
/// Those of sealing; there are none, in truth.
pub fn seed() -> Result<Vec<u8>, SealError> {
    let plain = plain()?;
    let core = Core {
        demo: false,
        device: "np07".to_owned(),
        firmware: Firmware::exactly("2.2"),
        group: "west".to_owned(),
        kind: "device".to_owned(),
        mac: String::new(),
        model: String::new(),
        not_after: String::new(),
        platform: "nport-6000".to_owned(),
        review: plain.review(),
        revision: 1,
        serial: String::new(),
        site: "west".to_owned(),
    };
    Ok(seal(&plain, &core, &[Holder::Passphrase(&known_key())], &mut Zeros)?.bytes)
}

fn store_plain() -> Result<Plain, SealError> {
    let secrets = vec![SecretSpan { offset: 0, length: 7, token: "<secret np07/ot-admin>".to_owned() }];
    let bytes = SecretValue::copy_of(b"hunter2");
    Ok(Plain::of_store(vec![Part { kind: PartKind::Other, name: "values".to_owned(), bytes, secrets }])?)
}

/// A store that opens with the known key.
fn store() -> Result<Vec<u8>, SealError> {
    let core = StoreCore {
        device: "np07".to_owned(),
        group: "west".to_owned(),
        kind: "secret-store".to_owned(),
        revision: 1,
        site: "west".to_owned(),
    };
    Ok(seal_store(&store_plain()?, &core, &[Holder::Passphrase(&known_key())], &mut Zeros)?.bytes)
}

/// Randomness that is none.
struct Zeros;

impl Entropy for Zeros {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        out.fill(0);
        Ok(())
    }
}

/// A key that no passphrase leads to.
fn known_key() -> PassphraseKey {
    PassphraseKey { kdf: KdfParams::LEAST, salt: [0x5a; 16], key: Key::from_bytes([0xa5; 32]), demo: false }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8]) {
        let entries = [header, table, core, index, memo, content, manifest, code, age_file];
        let files = [image_with_known_key, store_with_known_key, sealed_image, sealed_store, sshsig, allowed_signers];
        for entry in entries.into_iter().chain(files) {
            entry(bytes);
        }
    }

    #[test]
    fn the_seed_opens() {
        let seed = seed().unwrap();
        let expected = Expected {
            site: None,
            device: None,
            origin: Origin::NoSigners,
            seen: None,
            now: Timestamp::UNIX_EPOCH,
            ceiling: KdfCeiling(65_536),
        };
        assert!(open(&seed, &Unlock::Key(&known_key()), &expected).is_ok());
        all(&seed);
        all(&[]);
        let Seeds { header, table, core, content, manifest, image, store, image_content, store_content } =
            seeds().unwrap();
        assert_eq!(sealed(Kind::Device, &image_content).as_ref().map(|file| image_opened(file)), Some("opens"));
        assert_eq!(sealed(Kind::SecretStore, &store_content).map(|file| store_opened(&file)), Some("opens"));
        assert!(manifest.starts_with(b"{\"parts\":[{\"name\":\"native.cli\""));
        let wanted = StoreExpected { site: "west", device: "np07", ceiling: KdfCeiling(u32::MAX) };
        assert!(open_store(&store, &Unlock::Key(&known_key()), &wanted).is_ok());
        all(&manifest);
        all(&store);
        assert!(parse_head(&header, None).is_ok() && parse_table(&table).is_ok() && parse_core(&core).is_ok());
        assert!(unpad(&content).is_some_and(|body| Plain::parse(body).is_ok()) && image == seed);
    }

    /// Changed files end before the MAC is passed; changed content, sealed anew, behind it.
    #[test]
    fn every_step_is_reached() {
        let seeds = seeds().unwrap();
        let each = |bytes: &[u8], class: &dyn Fn(&[u8]) -> Option<&'static str>| {
            let flipped = |at: usize| {
                let mut bytes = bytes.to_vec();
                bytes[at] ^= 4;
                class(&bytes)
            };
            // the long middle is ciphertext or zeros
            let middle = 700..bytes.len() - 300;
            (0..bytes.len())
                .filter(|at| !middle.contains(at) || at % 32 == 0)
                .filter_map(flipped)
                .collect::<std::collections::BTreeSet<_>>()
        };
        let whole = each(&seeds.image, &|bytes| Some(image_opened(&with_check(bytes))));
        let before = ["core", "kdf-limit", "kind", "length", "mac", "magic", "passphrase", "slot", "slots", "version"];
        assert!(before.iter().all(|class| whole.contains(class)), "{whole:?}");
        let inner = each(&seeds.image_content, &|bytes| Some(image_opened(&sealed(Kind::Device, bytes)?)));
        for class in ["core", "opens", "padding", "parts", "review"] {
            assert!(inner.contains(class), "{inner:?}");
        }
        let inner = each(&seeds.store_content, &|bytes| Some(store_opened(&sealed(Kind::SecretStore, bytes)?)));
        for class in ["core", "opens", "padding", "parts", "stale"] {
            assert!(inner.contains(class), "{inner:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            all(&bytes);
        }

        #[test]
        fn a_changed_seed(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), cut: prop::sample::Index) {
            let mut bytes = seed().unwrap();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            all(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            all(&bytes);
        }

        #[test]
        fn a_changed_text(at: prop::sample::Index, byte: u8, index_text: bool) {
            let core_text = br#"{"demo":false,"device":"a","firmware":{"max":"","min":""},"group":"a","kind":"device","mac":"","model":"","not_after":"","platform":"a","review":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","revision":1,"serial":"","site":"a"}"#;
            let list = br#"{"commit":"","commit_time":"","demo":false,"dirty":false,"format":"fieldlock-index.v1","images":[],"judged_at":"2026-03-09T14:05:00Z","packs":[],"previous":"","recipients":[],"site":"a","tool":""}"#;
            prop_assert!(parse_core(core_text).is_ok() && index::parse_index(list).is_ok());
            let mut bytes = if index_text { list.to_vec() } else { core_text.to_vec() };
            let at = at.index(bytes.len());
            bytes[at] = byte;
            all(&bytes);
        }
    }
}
