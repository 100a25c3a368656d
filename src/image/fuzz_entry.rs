//! One function per reader of bytes from outside, for fuzz targets: none may panic, and what is read is written
//! back as it was.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::core::parse_core;
use super::group::check_age_file;
use super::header::{HASH_LEN, parse_head};
use super::kdf::{KdfCeiling, KdfParams, PassphraseKey};
use super::keys::Key;
use super::open::{Expected, Origin, Unlock, open};
use super::parts::{RawPart, parse_parts, unpad, write_parts};
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

/// A secret store with a known key and a fitting checksum.
pub fn store_with_known_key(bytes: &[u8]) {
    let file = with_check(bytes);
    let expected = StoreExpected { site: "west", device: "np07", ceiling: KdfCeiling(u32::MAX) };
    let opened = open_store(&file, &Unlock::Key(&known_key()), &expected);
    assert!(opened.is_err() || inspect(&file).is_ok(), "what opens can be inspected");
}

/// The whole path with a known key and a fitting checksum, so that what lies behind both is reached.
pub fn open_with_known_key(bytes: &[u8]) {
    let file = with_check(bytes);
    let key = known_key();
    let expected = Expected {
        site: None,
        device: None,
        origin: Origin::NoSigners,
        seen: None,
        now: Timestamp::UNIX_EPOCH,
        ceiling: KdfCeiling(u32::MAX),
    };
    let opened = open(&file, &Unlock::Key(&key), &expected);
    assert!(opened.is_err() || inspect(&file).is_ok(), "what opens can be inspected");
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

/// What each reader takes, cut out of one image: [`header`], [`table`], [`core()`], [`content`] and the whole of it.
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
}

/// Seeds for every layer.
///
/// # Errors
/// As [`seed`].
pub fn seeds() -> Result<Seeds, SealError> {
    let image = seed()?;
    let empty = Vec::new;
    let (manifest, store) = (empty(), store()?);
    let mut seeds = Seeds { header: empty(), table: empty(), core: empty(), content: empty(), manifest, image, store };
    if let Ok(head) = parse_head(&seeds.image, None) {
        let ends = seeds.image.len().saturating_sub(2 * HASH_LEN);
        seeds.table = seeds.image.get(head.layout().body.end..ends).unwrap_or_default().to_vec();
        seeds.core = head.core.to_vec();
    }
    // a header is read with the file behind it: its lengths have to fit
    seeds.header = seeds.image.clone();
    seeds.content = plain()?.write()?.to_vec();
    if let Some(Ok(list)) = unpad(&seeds.content).map(parse_parts) {
        seeds.manifest = list.first().map(|part| part.bytes.to_vec()).unwrap_or_default();
    }
    Ok(seeds)
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

/// A store that opens with the known key.
fn store() -> Result<Vec<u8>, SealError> {
    let secrets = vec![SecretSpan { offset: 0, length: 7, token: "<secret np07/ot-admin>".to_owned() }];
    let bytes = SecretValue::copy_of(b"hunter2");
    let plain = Plain::of_store(vec![Part { kind: PartKind::Other, name: "values".to_owned(), bytes, secrets }])?;
    let core = StoreCore {
        device: "np07".to_owned(),
        group: "west".to_owned(),
        kind: "secret-store".to_owned(),
        revision: 1,
        site: "west".to_owned(),
    };
    Ok(seal_store(&plain, &core, &[Holder::Passphrase(&known_key())], &mut Zeros)?.bytes)
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
        for entry in entries.into_iter().chain([open_with_known_key, sshsig, allowed_signers, store_with_known_key]) {
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
        let Seeds { header, table, core, content, manifest, image, store } = seeds().unwrap();
        assert!(manifest.starts_with(b"{\"parts\":[{\"name\":\"native.cli\""));
        let wanted = StoreExpected { site: "west", device: "np07", ceiling: KdfCeiling(u32::MAX) };
        assert!(open_store(&store, &Unlock::Key(&known_key()), &wanted).is_ok());
        all(&manifest);
        all(&store);
        assert!(parse_head(&header, None).is_ok() && parse_table(&table).is_ok() && parse_core(&core).is_ok());
        assert!(unpad(&content).is_some_and(|body| Plain::parse(body).is_ok()) && image == seed);
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
