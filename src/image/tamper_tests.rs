//! Sealed, then attacked: as it is, with CHECK repaired, and with the keys in hand.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use super::core::Core;
use super::digest::Digest;
use super::error::OpenError;
use super::forge::*;
use super::header::{Kind, PAD_TO};
use super::kdf::{DEMO_PASSPHRASE, Derivations, KdfCeiling, KdfParams};
use super::open::{Expected, Origin, Proof, Unlock, open, read_content};
use super::parts::{Part, unpad};
use super::plain::Plain;
use super::redact::SecretSpan;
use super::seal::{Holder, SealError, seal};
use super::slots::{SlotParams, parse_table, write_table};
use super::{inspect, parts};
use crate::secret::SecretValue;

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out[bit / 8] ^= 1 << (bit % 8);
    out
}

fn signed(index: &Signed) -> Expected<'_> {
    Expected { origin: Origin::Verified(index), ..expected() }
}

fn is_in(class: &str, allowed: &[&str]) -> bool {
    allowed.contains(&class)
}

#[test]
fn sealed_is_opened() {
    let sealed = seal(&plain(), &core(), &[Holder::Passphrase(&key())], &mut Repeatable::new(1)).unwrap();
    assert_eq!(sealed.file, Digest::of(&sealed.bytes));
    let derivations = Derivations::new();
    let word = passphrase(PASSPHRASE);
    let unlock = Unlock::Passphrase { passphrase: &word, derivations: &derivations };
    for _ in 0..3 {
        let opened = open(&sealed.bytes, &unlock, &expected()).ok().unwrap();
        assert!(opened.plain == plain());
        assert_eq!((opened.core, opened.digest, opened.proof), (core(), sealed.digest, Proof::Passphrase));
    }
    assert_eq!(derivations.runs(), 1);
    let wrong = passphrase("correct horse battery stapler");
    let unlock = Unlock::Passphrase { passphrase: &wrong, derivations: &derivations };
    assert_eq!(open(&sealed.bytes, &unlock, &expected()).err().unwrap().class(), "passphrase");
    assert_eq!(derivations.runs(), 2);
}

#[test]
fn no_two_sealings_share_anything_but_the_core() {
    let one = seal(&plain(), &core(), &[Holder::Passphrase(&key())], &mut Repeatable::new(1)).unwrap();
    let two = seal(&plain(), &core(), &[Holder::Passphrase(&key())], &mut Repeatable::new(2)).unwrap();
    assert_ne!(one.digest, two.digest);
    let body = 36 + core().to_bytes().unwrap().len();
    let equal = one.bytes[body..].iter().zip(&two.bytes[body..]).filter(|(a, b)| a == b).count();
    assert!(equal < one.bytes.len() / 64, "{equal}");
    let canary = SECRET.as_bytes();
    assert!(!one.bytes.windows(canary.len()).any(|w| w == canary));
}

#[test]
fn the_forge_makes_proper_images() {
    assert_eq!(class(&Forge::good(1).file()), "opens");
}

#[test]
fn what_is_not_sealed() {
    let refused =
        |core: Core| seal(&plain(), &core, &[Holder::Passphrase(&key())], &mut Repeatable::new(1)).unwrap_err();
    assert_eq!(refused(Core { review: Digest::of(b"other"), ..core() }), SealError::Review);
    assert_eq!(refused(Core { demo: true, ..core() }), SealError::OwnPassphrase);
    assert!(matches!(refused(Core { device: "../x".into(), ..core() }), SealError::Core(_)));
    let demo = Derivations::new().derive(&passphrase(DEMO_PASSPHRASE), KdfParams::LEAST, SALT, ANY).ok().unwrap();
    let error = seal(&plain(), &core(), &[Holder::Passphrase(&demo)], &mut Repeatable::new(1)).unwrap_err();
    assert_eq!(error, SealError::DemoPassphrase);
    let sealed =
        seal(&plain(), &Core { demo: true, ..core() }, &[Holder::Passphrase(&demo)], &mut Repeatable::new(1)).unwrap();
    let opened = open(&sealed.bytes, &Unlock::Key(&demo), &expected()).ok().unwrap();
    assert_eq!(opened.proof, Proof::DemoPassphrase);
}

#[test]
fn every_flipped_bit_as_it_is() {
    let file = Forge::good(1).file();
    let derivations = Derivations::new();
    let word = passphrase(PASSPHRASE);
    let unlock = Unlock::Passphrase { passphrase: &word, derivations: &derivations };
    for bit in 0..file.len() * 8 {
        let class = open(&flipped(&file, bit), &unlock, &expected()).err().map(|error| error.class());
        let allowed: &[&str] = match bit / 8 {
            0..8 => &["magic"],
            8..10 => &["version"],
            10..12 => &["kind"],
            12..20 => &["length", "damaged"],
            _ => &["damaged"],
        };
        assert!(is_in(class.unwrap_or("opens"), allowed), "bit {bit}: {class:?}");
    }
    assert_eq!(derivations.runs(), 0);
}

#[test]
fn every_truncation() {
    let file = Forge::good(1).file();
    let derivations = Derivations::new();
    let word = passphrase(PASSPHRASE);
    let unlock = Unlock::Passphrase { passphrase: &word, derivations: &derivations };
    let mut repaired_classes = BTreeSet::new();
    for n in 0..file.len() {
        let class = open(&file[..n], &unlock, &expected()).err().map(|error| error.class());
        assert!(is_in(class.unwrap_or("opens"), &["magic", "length", "damaged"]), "{n}: {class:?}");
        let cut = with_check(file[..n].to_vec());
        if cut != file {
            let class = open(&cut, &unlock, &expected()).err().map(|error| error.class());
            assert!(
                is_in(class.unwrap_or("opens"), &["magic", "version", "kind", "length", "slots"]),
                "{n}: {class:?}"
            );
            repaired_classes.extend(class);
        }
    }
    for more in 1..4 {
        let longer = [&file[..], &vec![0; more]].concat();
        assert_eq!(class(&longer), "damaged");
        assert_eq!(class(&repaired(&longer)), "slots");
    }
    assert!(repaired_classes.contains("slots"));
    assert_eq!(derivations.runs(), 0);
}

#[test]
fn every_flipped_bit_with_check_repaired() {
    let good = Forge::good(1);
    let pieces = good.pieces();
    let file = pieces.join();
    let core_end = 36 + good.core.len();
    let table = pieces.body().len();
    let (params, commit, wrapped) = (table + 4, table + 30, table + 62);
    let mac = table + pieces.table().len();
    (0..(file.len() - 32) * 8).into_par_iter().for_each(|bit| {
        let at = bit / 8;
        let allowed: &[&str] = match at {
            0..8 => &["magic"],
            8..10 => &["version"],
            10..12 => &["kind"],
            12..20 => &["length", "core", "slots"],
            20..36 => &["passphrase"],
            _ if at < core_end => &["core", "passphrase"],
            _ if at < table => &["passphrase"],
            _ if at < table + 1 => &["slots"],
            _ if at < params => &["slots", "passphrase"],
            _ if at < params + 10 => &["slots", "kdf-limit", "passphrase"],
            _ if at < wrapped => &["passphrase"],
            _ if at < mac => &["slot"],
            _ => &["mac"],
        };
        let class = class(&repaired(&flipped(&file, bit)));
        assert!(is_in(class, allowed), "byte {at}, bit {bit}: {class}");
    });
    assert!(params < commit && commit < wrapped);
}

#[test]
fn every_flipped_bit_of_the_body_with_the_keys_in_hand() {
    let good = Forge::good(1).pieces();
    let head_bits = (20 * 8..good.head.len() * 8).map(|bit| (bit, 0));
    let commit_bits = (0..good.commit.len() * 8).map(|bit| (bit, 1));
    let payload_bits = (0..good.payload.len() * 8).map(|bit| (bit, 2));
    let all: Vec<(usize, u8)> = head_bits.chain(commit_bits).chain(payload_bits).collect();
    all.into_par_iter().for_each(|(bit, piece)| {
        let mut pieces = good.clone();
        let (bytes, allowed): (_, &[&str]) = match piece {
            0 => (&mut pieces.head, &["core", "commit"]),
            1 => (&mut pieces.commit, &["commit"]),
            _ => (&mut pieces.payload, &["payload"]),
        };
        *bytes = flipped(bytes, bit);
        let class = class(&pieces.resealed().join());
        assert!(is_in(class, allowed), "piece {piece}, bit {bit}: {class}");
    });
}

#[test]
fn every_flipped_bit_of_the_table_with_the_keys_in_hand() {
    let good = Forge::good(1).pieces();
    let table = good.table();
    for bit in 0..table.len() * 8 {
        let class = class(&Pieces { table: Some(flipped(&table, bit)), ..good.clone() }.join());
        let allowed: &[&str] = match bit / 8 {
            0 => &["slots"],
            1..4 => &["slots", "passphrase"],
            4..14 => &["slots", "kdf-limit", "passphrase"],
            14..62 => &["passphrase"],
            _ => &["slot"],
        };
        assert!(is_in(class, allowed), "bit {bit}: {class}");
    }
}

#[test]
fn every_flipped_bit_of_the_plaintext_with_the_keys_in_hand() {
    let good = Forge::good(1);
    let body = 4 + unpad(&good.padded).unwrap().len();
    let core = core();
    let allowed = |bit: usize| -> &[&str] {
        match bit / 8 {
            0..4 => &["padding", "parts"],
            // A span or token of the manifest may still fit: then it is not what was reviewed.
            at if at < body => &["parts", "review"],
            _ => &["padding"],
        }
    };
    (0..good.padded.len() * 8).into_par_iter().for_each(|bit| {
        let padded = flipped(&good.padded, bit);
        let of_content = read_content(&padded, &core).err().map_or("opens", |error| error.class());
        assert!(is_in(of_content, allowed(bit)), "bit {bit}: {of_content}");
        // the same through a whole file; all that is behind the content is padding
        if bit / 8 < body + 8 {
            assert_eq!(class(&Forge { padded, ..good.clone() }.file()), of_content, "bit {bit}");
        }
    });
}

#[test]
fn every_truncation_of_the_content_with_the_keys_in_hand() {
    let good = Forge::good(1);
    let body = unpad(&good.padded).unwrap().to_vec();
    for n in 0..body.len() {
        assert_eq!(class(&Forge::good(1).with_body(&body[..n]).file()), "parts", "{n}");
    }
    assert_eq!(class(&Forge::good(1).with_body(&[&body[..], &[0]].concat()).file()), "parts");
    for n in 0..good.core.len() {
        let class = class(&Forge::good(1).with_core(&good.core[..n]).file());
        assert_eq!(class, if n == 0 { "length" } else { "core" }, "{n}");
    }
}

/// With every key in hand and the manifest made to fit, only the review is left; and the secret itself is not in it.
#[test]
fn every_flipped_bit_of_the_native_text_with_manifest_made_to_fit() {
    let (text, span) = native_text();
    let secret = span.offset as usize..(span.offset + span.length) as usize;
    for bit in 0..text.len() * 8 {
        let mut parts = parts();
        parts[0].bytes = SecretValue::new(flipped(text.as_bytes(), bit));
        let plain = Plain::new(parts).ok().unwrap();
        let class = class(&Forge { padded: plain.write().unwrap().to_vec(), ..Forge::good(1) }.file());
        assert_eq!(class, if secret.contains(&(bit / 8)) { "opens" } else { "review" }, "bit {bit}");
    }
}

#[test]
fn a_moved_or_renamed_span_is_not_what_was_reviewed() {
    let change = |change: fn(&mut Part)| {
        let mut parts = parts();
        change(&mut parts[0]);
        let plain = Plain::new(parts).ok().unwrap();
        class(&Forge { padded: plain.write().unwrap().to_vec(), ..Forge::good(1) }.file())
    };
    assert_eq!(change(|part| part.secrets.clear()), "review");
    assert_eq!(change(|part| part.secrets[0].offset -= 9), "review");
    assert_eq!(change(|part| part.secrets[0].length += 12), "review");
    assert_eq!(change(|part| part.secrets[0].token = "<secret np07/ot-admin>".into()), "review");
}

#[test]
fn slots_that_are_not_ours_are_stepped_over_and_stay_under_the_mac() {
    let mut good = Forge::good(1);
    good.slots.extend(other_slots(&Forge::good(1)));
    let pieces = good.pieces();
    let file = pieces.join();
    assert_eq!(class(&file), "opens");
    let with = |change: &dyn Fn(&mut Pieces)| {
        let mut pieces = pieces.clone();
        pieces.mac = Some(pieces.right_mac());
        change(&mut pieces);
        class(&pieces.join())
    };
    assert_eq!(with(&|_| ()), "opens");
    assert_eq!(with(&|p| p.slots.swap(1, 2)), "mac", "swapped");
    assert_eq!(with(&|p| p.slots.truncate(1)), "mac", "stripped");
    assert_eq!(with(&|p| p.slots.push(p.slots[3].clone())), "slots", "doubled");
    assert_eq!(with(&|p| p.slots[3].params = SlotParams::Other { number: 201, params: vec![] }), "mac", "retyped");
    assert_eq!(with(&|p| p.slots[0].params = SlotParams::Other { number: 1, params: vec![] }), "slots", "retyped");
    assert_eq!(with(&|p| drop(p.slots.remove(0))), "passphrase", "ours is gone");
    let foreign = Forge::good(2).pieces().slots.remove(0);
    assert_eq!(with(&|p| p.slots.push(foreign.clone())), "mac", "another image's beside ours");
    assert_eq!(with(&|p| p.slots[0] = foreign.clone()), "passphrase", "another image's for ours");
    for bit in 0..pieces.slots[3].wrapped.len() * 8 {
        let flip = |p: &mut Pieces| p.slots[3].wrapped = flipped(&pieces.slots[3].wrapped, bit).try_into().unwrap();
        assert_eq!(with(&flip), "mac", "a slot that we can't open, bit {bit}");
    }
}

#[test]
fn the_second_passphrase_slot_is_tried_too() {
    let good = Forge::good(1);
    let foreign = (SlotParams::Passphrase { kdf: KdfParams::LEAST, salt: [9; 16] }, [9; 32], good.mac_with);
    let mut two = Forge::good(1);
    two.slots.insert(0, foreign);
    assert_eq!(class(&two.file()), "opens");
    // The same salt twice: both are tried with one key.
    let mut same = Forge::good(1);
    same.slots.insert(0, (passphrase_params(), [9; 32], good.mac_with));
    assert_eq!(class(&same.file()), "opens");
}

/// Threat C1: who learnt the data key by another slot keeps the passphrase slot and seals other content under it.
#[test]
fn forged_origin_does_not_open_by_the_passphrase() {
    let good = Forge::good(1).pieces();
    let [forged, by_the_passphrase] = forged_origin(&Forge::good(1));
    // all that an earlier design bound the slot to is the same, and the slot itself
    assert_eq!((&forged.head, &forged.commit), (&good.head, &good.commit));
    assert_eq!(forged.slots[0].wrapped, good.slots[0].wrapped.clone(), "the kept slot");
    assert_ne!(forged.payload, good.payload);
    assert_eq!(class(&forged.join()), "passphrase");
    // nothing else is wrong with it
    assert_eq!(class(&by_the_passphrase.join()), "opens");
}

/// Two data keys for one body: whoever opens it by one slot must not see other content than by another.
#[test]
fn a_body_has_one_data_key() {
    let good = Forge::good(1);
    let second = [0x22; 32];
    let slot = |data_key| vec![(passphrase_params(), *key().key.expose(), data_key)];
    // a signature over the body stands in for no key
    let all = |forge: Forge| {
        let file = forge.file();
        let index = signed_list(inspect(&file).ok().map(|inspection| inspection.digest));
        let by_signature = open(&file, &Unlock::Key(&key()), &signed(&index)).err().map_or("opens", |e| e.class());
        assert_eq!(by_signature, class(&file));
        by_signature
    };
    assert_eq!(all(Forge::good(1)), "opens");
    assert_eq!(all(Forge { slots: slot(second), ..Forge::good(1) }), "mac");
    assert_eq!(all(Forge { slots: slot(second), mac_with: second, ..Forge::good(1) }), "commit");
    let payload_too = Forge { slots: slot(second), mac_with: second, payload_with: second, ..Forge::good(1) };
    assert_eq!(all(payload_too), "commit");
    assert_eq!(all(Forge { payload_with: second, ..Forge::good(1) }), "payload");
    assert_eq!(all(Forge { commit_with: second, ..Forge::good(1) }), "commit");
    assert_eq!(good.commit_with, good.payload_with);
}

#[test]
fn another_kind_is_no_device_image() {
    for kind in [Kind::SecretStore, Kind::Backup] {
        let file = Forge { kind, ..Forge::good(1) }.file();
        assert_eq!(class(&file), "kind");
        assert!(open_with_key(&file).err().unwrap().to_string().contains(kind.words()));
        // a device's core is none of theirs
        assert!(inspect(&file).is_err());
    }
}

#[test]
fn genuine_and_yet_refused() {
    let core = Core { not_after: "2026-03-12T18:00:00Z".into(), ..core() };
    let file = Forge::good(1).with_core(&core.to_bytes().unwrap()).file();
    let key = key();
    let open_at = |expected: Expected<'_>| open(&file, &Unlock::Key(&key), &expected).err();
    let digest = inspect(&file).unwrap().digest;
    assert_eq!(open_at(signed(&signed_list(Some(digest)))), None);
    let now = |text: &str| Expected { now: text.parse().unwrap(), ..expected() };
    assert_eq!(open_at(now("2026-03-12T18:00:00Z")), None);
    let class = |expected| open_at(expected).unwrap().class();
    assert_eq!(class(now("2026-03-12T18:00:01Z")), "stale");
    assert_eq!(class(Expected { site: Some("east"), ..expected() }), "stale");
    assert_eq!(class(Expected { device: Some("np07"), ..expected() }), "stale");
    assert_eq!(class(signed(&signed_list(Some(Digest::of(b""))))), "signature");
    let here = Expected { site: Some("example-west"), device: Some("ps7-router"), ..expected() };
    assert_eq!(open_at(here), None);
}

#[test]
fn no_derivation_before_its_turn() {
    let good = Forge::good(1);
    let derivations = Derivations::new();
    let word = passphrase(PASSPHRASE);
    let open = |file: &[u8], expected: Expected<'_>| {
        open(file, &Unlock::Passphrase { passphrase: &word, derivations: &derivations }, &expected).err().unwrap()
    };
    let costly = |t, m_kib, p| {
        let params = SlotParams::Passphrase { kdf: KdfParams { t, m_kib, p }, salt: SALT };
        Forge { slots: vec![(params, [0; 32], [0; 32])], ..Forge::good(1) }.file()
    };
    for file in [costly(u32::MAX, u32::MAX, 255), costly(0, 0, 0), costly(3, 65_535, 1), costly(9, 1 << 20, 4)] {
        assert_eq!(open(&file, expected()).class(), "kdf-limit");
    }
    let small = Expected { ceiling: KdfCeiling(65_535), ..expected() };
    assert_eq!(open(&good.file(), small).class(), "kdf-limit");
    let another = signed_list(Some(Digest::of(b"")));
    assert_eq!(open(&good.file(), signed(&another)).class(), "signature");
    assert_eq!(
        open(&Forge { slots: other_slots(&Forge::good(1)), ..Forge::good(1) }.file(), expected()).class(),
        "passphrase"
    );
    let demo = passphrase(DEMO_PASSPHRASE);
    let unlock = Unlock::Passphrase { passphrase: &demo, derivations: &derivations };
    let error = super::open(&good.file(), &unlock, &expected()).err().unwrap();
    assert!(matches!(error, OpenError::Passphrase(super::PassphraseProblem::Demo)));
    assert_eq!(derivations.runs(), 0);
}

#[test]
fn no_message_shows_a_secret() {
    let mut parts = parts();
    parts[0].secrets.clear();
    let plain = Plain::new(parts).ok().unwrap();
    let file = Forge { padded: plain.write().unwrap().to_vec(), ..Forge::good(1) }.file();
    let error = open_with_key(&file).err().unwrap();
    let said = format!("{error} {error:?} {}", error.help());
    assert!(!said.contains(SECRET) && error.class() == "review", "{said}");
    let rows = format!("{:?}", inspect(&Forge::good(1).file()).unwrap().rows());
    assert!(rows.starts_with("[(\"origin\", \"not proved") && !rows.contains(SECRET), "{rows}");
}

#[test]
fn a_table_survives_reading_and_writing_in_a_real_file() {
    let pieces = Forge::good(1).pieces();
    let table = pieces.table();
    assert_eq!(write_table(&parse_table(&table).unwrap()), table);
    assert_eq!(pieces.payload.len() % PAD_TO, 16);
    assert!(parts::unpad(&Forge::good(1).padded).is_some());
}

struct Sample(Plain);

impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.parts().iter().map(|part| (&part.name, part.bytes.len(), &part.secrets))).finish()
    }
}

fn samples() -> impl Strategy<Value = Sample> {
    let text = || prop::collection::vec(any::<u8>(), 0..9_000);
    (text(), text(), any::<u32>(), any::<u32>()).prop_map(|(native, other, at, len)| {
        let mut parts = parts();
        let offset = at % (native.len() as u32 + 1);
        let length = len % (native.len() as u32 - offset + 1);
        parts[0].secrets = vec![SecretSpan { offset, length, token: "<hidden>".into() }];
        parts[0].bytes = SecretValue::new(native);
        parts[2].bytes = SecretValue::new(other);
        Sample(Plain::new(parts).ok().unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_sealed_is_opened(Sample(plain) in samples(), seed: u32, revision in 1u32.., serial in ".{0,40}") {
        let core = Core { review: plain.review(), revision, serial, ..core() };
        let sealed = seal(&plain, &core, &[Holder::Passphrase(&key())], &mut Repeatable::new(seed.into())).unwrap();
        let opened = open_with_key(&sealed.bytes).ok().unwrap();
        prop_assert!(opened.plain == plain);
        prop_assert_eq!(opened.core, core);
        let inspection = inspect(&sealed.bytes).unwrap();
        prop_assert_eq!((inspection.digest, inspection.file), (sealed.digest, sealed.file));
    }
}
