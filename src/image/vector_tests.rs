//! Image vectors: committed files under `tests/vectors/image`, each wrong in one way, for this reader and others.
//!
//! A vector is text: `name: value` lines, an empty line, the file in base64. `expect` is `success` or the class of
//! the error.

mod holders;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64ct::{Base64, Encoding};

use super::canonical;
use super::code::UnlockCode;
use super::core::Core;
use super::forge::*;
use super::group::GroupKey;
use super::header::{Kind, PAD_TO};
use super::kdf::{DEMO_PASSPHRASE, Derivations, KdfParams};
use super::keys::Key;
use super::open::{Expected, Origin, Seen, Unlock, open};
use super::parts::{RawPart, parse_parts, unpad, write_parts};
use super::plain::Plain;
use super::slots::SlotParams;
use super::store::{StoreExpected, open_store};
use super::test_support::unhex;
use super::{Digest, OpenError};
use crate::expected::expect;
use crate::secret::SecretValue;

struct Vector {
    name: &'static str,
    expect: &'static str,
    comment: &'static str,
    /// Beyond the passphrase and the time.
    expected: Vec<(&'static str, String)>,
    file: Vec<u8>,
}

fn vector(expect: &'static str, name: &'static str, comment: &'static str, file: Vec<u8>) -> Vector {
    Vector { name, expect, comment, expected: Vec::new(), file }
}

impl Vector {
    /// A later value for the same field is the one that counts.
    fn with(mut self, field: &'static str, value: &str) -> Vector {
        self.expected.push((field, value.to_owned()));
        self
    }

    fn text(&self) -> String {
        let mut fields = BTreeMap::from([("passphrase", PASSPHRASE), ("now", "2026-03-09T14:05:00Z")]);
        fields.extend(self.expected.iter().map(|(field, value)| (*field, value.as_str())));
        let fields: String = fields.iter().map(|(field, value)| format!("{field}: {value}\n")).collect();
        let data = Base64::encode_string(&self.file);
        let lines: String = data.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "\n").collect();
        format!("expect: {}\ncomment: {}\n{fields}\n{lines}", self.expect, self.comment)
    }
}

#[test]
fn vectors_are_what_the_generator_writes() {
    let vectors = vectors();
    let mut names = BTreeSet::new();
    for vector in &vectors {
        expect(&format!("tests/vectors/image/{}.flkv", vector.name), &vector.text());
        names.insert(format!("{}.flkv", vector.name));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/image");
    let found = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(found.collect::<BTreeSet<_>>(), names);
}

#[test]
fn every_vector_ends_in_its_class() {
    let derivations = Derivations::new();
    let mut classes = BTreeSet::new();
    for vector in vectors() {
        let (name, text) = (vector.name, vector.text());
        let (header, data) = text.split_once("\n\n").unwrap();
        let fields: BTreeMap<&str, &str> = header.lines().map(|line| line.split_once(": ").unwrap()).collect();
        let before = derivations.runs();
        let opened = open_as(&fields, &Base64::decode_vec(&data.replace('\n', "")).unwrap(), &derivations);
        let class = opened.as_ref().err().map_or("success", OpenError::class);
        assert_eq!(class, fields["expect"], "{name}: {}", fields["comment"]);
        let costless = ["magic", "version", "kind", "length", "damaged", "core", "slots", "kdf-limit", "signature"];
        assert!(!costless.contains(&class) || derivations.runs() == before, "{name}");
        if let Ok(content) = opened {
            assert!(fields.contains_key("kind") || content == plain(), "{name}");
        }
        classes.insert(class);
    }
    assert_eq!(classes.len(), 19, "success and all 18 classes: {classes:?}");
}

/// Opens a vector by what its fields say.
fn open_as(fields: &BTreeMap<&str, &str>, file: &[u8], derivations: &Derivations) -> Result<Plain, OpenError> {
    let word = passphrase(fields["passphrase"]);
    let code = fields.get("code").map(|typed| UnlockCode::parse(&SecretValue::copy_of(typed.as_bytes())).ok().unwrap());
    let group = fields.get("recipient").map(|key| GroupKey {
        key: Key::from_bytes(unhex(key).try_into().unwrap()),
        age_file: unhex(fields["age-file"]),
    });
    let unlock = match (&code, &group) {
        (Some(code), _) => Unlock::Code(code),
        (_, Some(group)) => Unlock::Recipient(group),
        _ => Unlock::Passphrase { passphrase: &word, derivations },
    };
    if fields.contains_key("kind") {
        let expected = StoreExpected { site: fields["site"], device: fields["device"], ceiling: ANY };
        return open_store(file, &unlock, &expected).map(|store| store.plain);
    }
    let verified;
    let expected = Expected {
        site: fields.get("site").copied(),
        device: fields.get("device").copied(),
        origin: match fields.get("digest") {
            Some(&"missing") => Origin::Missing,
            Some(digest) => {
                let here = signed_list(Digest::from_hex(digest));
                let site = fields.get("index-site").map_or(here.site.clone(), |site| (*site).to_owned());
                verified = Signed { site, ..here };
                Origin::Verified(&verified)
            }
            None => Origin::NoSigners,
        },
        seen: fields.get("seen-revision").map(|revision| Seen {
            revision: revision.parse().unwrap(),
            digest: Digest::from_hex(fields["seen-digest"]).unwrap(),
        }),
        now: fields["now"].parse().unwrap(),
        ceiling: ANY,
    };
    open(file, &unlock, &expected).map(|opened| opened.plain)
}

fn vectors() -> Vec<Vector> {
    let mut all = good_ones();
    all.extend(bad_heads());
    all.extend(bad_tables());
    all.extend(bad_keys());
    all.extend(bad_contents());
    all.extend(stale_ones());
    all.extend(holders::all());
    all
}

fn good() -> Forge {
    Forge::good(77)
}

fn params(t: u32, m_kib: u32, p: u8) -> SlotParams {
    SlotParams::Passphrase { kdf: KdfParams { t, m_kib, p }, salt: SALT }
}

fn with_slots(mut forge: Forge, before: bool) -> Forge {
    let at = if before { 0 } else { forge.slots.len() };
    forge.slots.splice(at..at, other_slots(&good()));
    forge
}

fn good_ones() -> Vec<Vector> {
    let mut two = good();
    two.slots.insert(0, (passphrase_params(), [9; 32], two.mac_with));
    vec![
        vector("success", "success", "one passphrase slot", good().file()),
        vector(
            "success",
            "success-stepped-over",
            "slots of types 2, 3 and 200 before it",
            with_slots(good(), true).file(),
        ),
        vector("success", "success-second-passphrase", "the second of two passphrase slots", two.file()),
        vector("success", "success-not-after", "stands on a waiver that ends at this very second", ending().file())
            .with("now", "2026-03-12T18:00:00Z"),
        vector("success", "success-expected", "site, device and digest are the expected ones", good().file())
            .with("site", "example-west")
            .with("device", "ps7-router")
            .with("digest", &Digest::of(&good().pieces().body()).to_string()),
    ]
}

fn bad_heads() -> Vec<Vector> {
    let head = |at: usize, bytes: &[u8]| {
        let mut pieces = good().pieces();
        pieces.head[at..at + bytes.len()].copy_from_slice(bytes);
        pieces.resealed().join()
    };
    let core = |text: String| good().with_core(text.as_bytes()).file();
    let right = String::from_utf8(good().core).unwrap();
    let bare = |change: fn(&mut Core)| {
        let mut wrong = super::forge::core();
        change(&mut wrong);
        good().with_core(&canonical::write(&wrong).unwrap()).file()
    };
    let file = good().file();
    let mut damaged = file.clone();
    damaged[2_000] ^= 1;
    vec![
        vector("magic", "magic-other", "begins like an archive", head(0, b"PK\x03\x04")),
        vector("magic", "magic-as-text", "CR LF became LF on the way", {
            let mut mangled = file.clone();
            mangled.remove(4);
            mangled
        }),
        vector("magic", "magic-empty", "no byte at all", vec![]),
        vector("version", "version-2", "made by a newer fieldlock", head(8, &[0, 2])),
        vector("kind", "kind-store", "a secret store", Forge { kind: Kind::SecretStore, ..good() }.file()),
        vector("kind", "kind-backup", "a backup", Forge { kind: Kind::Backup, ..good() }.file()),
        vector("length", "length-core-zero", "core_len is 0", head(12, &[0, 0, 0, 0])),
        vector("length", "length-core-huge", "core_len is 65,537", head(12, &[0, 1, 0, 1])),
        vector("length", "length-payload-odd", "padded is no multiple of 4,096", head(16, &[0, 0, 0x10, 0x11])),
        vector("length", "length-payload-huge", "padded is 16 MiB and 4,096", head(16, &[1, 0, 0x10, 0x10])),
        vector("length", "length-cut", "cut in the middle of the payload", file[..3_000].to_vec()),
        vector("damaged", "damaged", "one bit of the payload changed on the way", damaged),
        vector("damaged", "damaged-cut", "the last byte is missing", file[..file.len() - 1].to_vec()),
        vector(
            "core",
            "core-key-order",
            "two keys change places",
            core(right.replace("\"demo\":false,\"device\":\"ps7-router\"", "\"device\":\"ps7-router\",\"demo\":false")),
        ),
        vector(
            "core",
            "core-unknown-key",
            "a key that no core has",
            core(right.replace("\"mac\"", "\"lab\":1,\"mac\"")),
        ),
        vector(
            "core",
            "core-twice",
            "a key stands there twice",
            core(right.replace("\"demo\":false", "\"demo\":false,\"demo\":false")),
        ),
        vector("core", "core-space", "a space behind a colon", core(right.replace("\"mac\":", "\"mac\": "))),
        vector("core", "core-escape", "a letter as an escape", core(right.replace("EDR", "\\u0045DR"))),
        vector("core", "core-half-pair", "half a surrogate pair", core(right.replace("EDR-G9010", "\\ud83d"))),
        vector(
            "core",
            "core-year-zero",
            "not_after in the year 0",
            bare(|core| {
                core.not_after = "0000-03-12T18:00:00Z".into();
            }),
        ),
        vector("core", "core-device-name", "the device is called `../x`", bare(|core| core.device = "../x".into())),
        vector("core", "core-windows-name", "the device is called `nul`", bare(|core| core.device = "nul".into())),
        vector("core", "core-trailing-dot", "the group is called `west.`", bare(|core| core.group = "west.".into())),
        vector("core", "core-kind", "a device image whose core says backup", bare(|core| core.kind = "backup".into())),
        vector(
            "core",
            "core-time",
            "not_after is no UTC time",
            bare(|core| core.not_after = "2026-02-30T00:00:00Z".into()),
        ),
    ]
}

fn bad_tables() -> Vec<Vector> {
    let table = |change: fn(&mut Vec<u8>)| {
        let mut pieces = good().pieces();
        let mut table = pieces.table();
        change(&mut table);
        pieces.table = Some(table);
        pieces.join()
    };
    let costly = |t, m_kib, p| Forge { slots: vec![(params(t, m_kib, p), [1; 32], [1; 32])], ..good() }.file();
    let three = (1..=2).map(|n| (params(3, 65_536, 1), [n; 32], good().mac_with));
    let mut many = good();
    many.slots.extend(three);
    let mut twice = good().pieces();
    twice.slots.push(twice.slots[0].clone());
    vec![
        vector("slots", "slots-none", "count is 0", table(|table| *table = vec![0])),
        vector("slots", "slots-trailing", "a byte behind the last slot", table(|table| table.push(0))),
        vector("slots", "slots-count", "count says two, there is one", table(|table| table[0] = 2)),
        vector("slots", "slots-type-zero", "type 0", table(|table| table[1] = 0)),
        vector("slots", "slots-length", "len is 79", table(|table| table[2..4].copy_from_slice(&[0, 79]))),
        vector("slots", "slots-argon2-version", "Argon2 version 0x10", table(|table| table[4] = 0x10)),
        vector("slots", "slots-three-passphrases", "three slots of type 1", many.file()),
        vector("slots", "slots-doubled", "the same slot twice, MAC made to fit", twice.join()),
        vector("kdf-limit", "kdf-limit-passes", "2 passes", costly(2, 65_536, 1)),
        vector("kdf-limit", "kdf-limit-memory", "4 TiB of memory", costly(3, u32::MAX, 1)),
        vector("kdf-limit", "kdf-limit-little", "19 MiB of memory", costly(3, 19_456, 1)),
        vector("kdf-limit", "kdf-limit-lanes", "no lanes", costly(3, 65_536, 0)),
        vector("kdf-limit", "kdf-limit-work", "9 passes over 1 GiB", costly(9, 1_048_576, 4)),
    ]
}

fn bad_keys() -> Vec<Vector> {
    let other = Forge::good(78);
    let second = [0x22; 32];
    let slot_of = |data_key| vec![(passphrase_params(), *key().key.expose(), data_key)];
    let mixed = || {
        let mut pieces = with_slots(good(), false).pieces();
        pieces.mac = Some(pieces.right_mac());
        pieces
    };
    let changed = |change: fn(&mut Pieces)| {
        let mut pieces = mixed();
        change(&mut pieces);
        pieces.join()
    };
    let foreign = Pieces { slots: other.pieces().slots, ..good().pieces() };
    let mut wrapped = good().pieces();
    wrapped.slots[0].wrapped[0] ^= 1;
    let mut payload = good().pieces();
    payload.payload[100] ^= 1;
    vec![
        vector("signature", "signature-other-digest", "the index names another image", good().file())
            .with("digest", &Digest::of(&other.pieces().body()).to_string()),
        vector(
            "signature",
            "signature-other-site",
            "the index is of another site and names this very image",
            good().file(),
        )
        .with("digest", &Digest::of(&good().pieces().body()).to_string())
        .with("index-site", "example-east"),
        vector("passphrase", "passphrase-wrong", "one letter more", good().file())
            .with("passphrase", "correct horse battery staples"),
        vector("passphrase", "passphrase-demo", "the demo passphrase, the core says no demo", demo_slot().file())
            .with("passphrase", DEMO_PASSPHRASE),
        vector(
            "passphrase",
            "passphrase-none",
            "no passphrase slot",
            Forge { slots: other_slots(&good()), ..good() }.file(),
        ),
        vector("passphrase", "passphrase-foreign-slot", "the slot of another image", foreign.join()),
        vector(
            "passphrase",
            "passphrase-forged-origin",
            "another password under a kept slot and data key",
            forged_origin(&good())[0].join(),
        ),
        vector("slot", "slot-wrapped", "one bit of the wrapped data key", wrapped.join()),
        vector("mac", "mac-stripped", "a slot was taken away", changed(|p| drop(p.slots.pop()))),
        vector("mac", "mac-swapped", "two slots changed places", changed(|p| p.slots.swap(1, 2))),
        vector(
            "mac",
            "mac-retyped",
            "type 200 became 201",
            changed(|p| {
                p.slots[3].params = SlotParams::Other { number: 201, params: vec![] };
            }),
        ),
        vector("mac", "mac-bit", "one bit of the MAC", changed(|p| p.mac.as_mut().unwrap()[0] ^= 1)),
        vector(
            "commit",
            "commit-second-key",
            "slot and MAC are for a second data key",
            Forge { slots: slot_of(second), mac_with: second, ..good() }.file(),
        ),
        vector(
            "commit",
            "commit-second-payload",
            "slot, MAC and payload are for a second data key",
            Forge { slots: slot_of(second), mac_with: second, payload_with: second, ..good() }.file(),
        ),
        vector("payload", "payload-bit", "one bit of the payload, all else made to fit", payload.resealed().join()),
        vector(
            "payload",
            "payload-other-key",
            "encrypted under another data key than committed to",
            Forge { payload_with: second, ..good() }.file(),
        ),
    ]
}

/// Kind, name, bytes of each part.
type RawList = Vec<(u8, String, Vec<u8>)>;

fn bad_contents() -> Vec<Vector> {
    let padded = |change: fn(&mut Vec<u8>)| {
        let mut forge = good();
        change(&mut forge.padded);
        forge.file()
    };
    let body = unpad(&good().padded).unwrap().to_vec();
    let list = |change: fn(&mut RawList)| {
        let mut list: RawList =
            parse_parts(&body).ok().unwrap().iter().map(|p| (p.kind, p.name.to_owned(), p.bytes.to_vec())).collect();
        change(&mut list);
        let raw: Vec<_> = list.iter().map(|(kind, name, bytes)| RawPart { kind: *kind, name, bytes }).collect();
        good().with_body(&write_parts(&raw)).file()
    };
    let text = |from: &str, to: &str| {
        let mut parts = parts();
        let old = parts[0].bytes.expose_text().unwrap().replacen(from, to, 1);
        parts[0].bytes = SecretValue::new(old.into_bytes());
        Forge { padded: Plain::new(parts).ok().unwrap().write().unwrap().to_vec(), ..good() }.file()
    };
    vec![
        vector(
            "padding",
            "padding-not-minimal",
            "one block of zeros too many",
            padded(|p| p.resize(p.len() + PAD_TO, 0)),
        ),
        vector("padding", "padding-not-zero", "the last byte is not zero", padded(|p| *p.last_mut().unwrap() = 1)),
        vector("padding", "padding-body-len", "body_len is larger than what is there", padded(|p| p[2] = 0xff)),
        vector("parts", "parts-order", "two parts changed places", list(|list| list.swap(1, 2))),
        vector("parts", "parts-no-manifest", "the manifest is missing", list(|list| drop(list.remove(0)))),
        vector(
            "parts",
            "parts-traversal",
            "a part is called `../ot-ca.pem`",
            list(|list| {
                list[3].1 = "../ot-ca.pem".into();
            }),
        ),
        vector("parts", "parts-windows-name", "a part is called `nul.pem`", list(|list| list[3].1 = "nul.pem".into())),
        vector(
            "parts",
            "parts-unlisted",
            "a part that the manifest does not know",
            list(|list| {
                list.push((2, "z".into(), vec![]));
            }),
        ),
        vector("parts", "parts-digest", "a part's digest is not the manifest's", list(|list| list[3].2.push(b'x'))),
        vector("parts", "parts-kind", "a part of kind 3", list(|list| list[3].0 = 3)),
        vector("parts", "parts-no-native", "no native text", list(|list| drop(list.drain(1..3)))),
        vector(
            "parts",
            "parts-span-outside",
            "a secret span reaches behind its part",
            list(|list| {
                let manifest = String::from_utf8(list[0].2.clone()).unwrap();
                list[0].2 = manifest.replace("\"length\":11", "\"length\":99").into_bytes();
            }),
        ),
        vector(
            "parts",
            "parts-token-line",
            "a token would add a line",
            list(|list| {
                let manifest = String::from_utf8(list[0].2.clone()).unwrap();
                list[0].2 = manifest.replace("<secret ps7", "<\\nip telnet ps7").into_bytes();
            }),
        ),
        vector("parts", "parts-manifest-spelling", "the manifest is not canonical", list(|list| list[0].2.push(b'\n'))),
        vector(
            "parts",
            "parts-trailing",
            "a byte behind the last part",
            good().with_body(&[&body[..], &[0]].concat()).file(),
        ),
        vector(
            "review",
            "review-other-text",
            "another line than was reviewed, manifest made to fit",
            text("ip telnet", "no telnet"),
        ),
    ]
}

fn stale_ones() -> Vec<Vector> {
    vec![
        vector("stale", "stale-ended", "one second after the waiver's end", ending().file())
            .with("now", "2026-03-12T18:00:01Z"),
        vector("stale", "stale-device", "another device was asked for", good().file()).with("device", "np07"),
        vector("stale", "stale-site", "another site was asked for", good().file()).with("site", "example-east"),
    ]
}

fn ending() -> Forge {
    let core = Core { not_after: "2026-03-12T18:00:00Z".into(), ..core() };
    good().with_core(&core.to_bytes().unwrap())
}

fn demo_slot() -> Forge {
    let key = Derivations::new().derive(&passphrase(DEMO_PASSPHRASE), KdfParams::LEAST, SALT, ANY).ok().unwrap();
    Forge { slots: vec![(passphrase_params(), *key.key.expose(), good().mac_with)], ..good() }
}
