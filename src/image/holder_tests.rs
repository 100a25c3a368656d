//! Who can open an image: passphrases, recipients, unlock codes; what each proves; other holders for the same body.

use super::code::UnlockCode;
use super::core::{Core, StoreCore};
use super::digest::Digest;
use super::error::{OpenError, OriginProblem};
use super::forge::*;
use super::group::tests::{age_file, group_key};
use super::group::{GroupKey, GroupSecret};
use super::header::Kind;
use super::inspect;
use super::kdf::{DEMO_PASSPHRASE, Derivations, KdfParams, PassphraseKey};
use super::keys::{Key, slot_keys};
use super::open::{Expected, Opened, Origin, Proof, Seen, Unlock, open};
use super::parts::{Part, PartKind};
use super::plain::Plain;
use super::redact::SecretSpan;
use super::rekey::{RekeyError, grant, rekey};
use super::seal::{Holder, SealError, SealedImage, seal};
use super::slots::SlotParams;
use super::store::{StoreExpected, age_files, open_store, salts, seal_store};
use crate::secret::SecretValue;

fn code(seed: u64) -> UnlockCode {
    UnlockCode::fresh(&mut Repeatable::new(seed)).unwrap()
}

fn other_key() -> PassphraseKey {
    PassphraseKey { kdf: KdfParams::LEAST, salt: [8; 16], key: Key::from_bytes([0x77; 32]), demo: false }
}

fn sealed(holders: &[Holder<'_>]) -> SealedImage {
    seal(&plain(), &core(), holders, &mut Repeatable::new(3)).unwrap()
}

fn signed(index: &Signed) -> Expected<'_> {
    Expected { origin: Origin::Verified(index), ..expected() }
}

fn index_of(image: &SealedImage) -> Signed {
    signed_list(Some(image.digest))
}

fn opened(file: &[u8], unlock: &Unlock<'_>, expected: &Expected<'_>) -> Opened {
    open(file, unlock, expected).ok().unwrap()
}

fn refused(file: &[u8], unlock: &Unlock<'_>, expected: &Expected<'_>) -> (&'static str, String) {
    let error = open(file, unlock, expected).err().unwrap();
    (error.class(), error.to_string())
}

#[test]
fn each_holder_opens_what_was_sealed_for_all() {
    let (group, ours) = (group_key(5), key());
    let image = sealed(&[Holder::Passphrase(&ours), Holder::Recipients(&group), Holder::Passphrase(&other_key())]);
    for key in [&ours, &other_key()] {
        let opened = opened(&image.bytes, &Unlock::Key(key), &expected());
        assert!(opened.plain == plain() && opened.proof == Proof::Passphrase);
    }
    let of_group = opened(&image.bytes, &Unlock::Recipient(&group), &signed(&index_of(&image)));
    assert!(of_group.plain == plain());
    assert_eq!(of_group.proof, Proof::Signature { signer: "ci@example".into() });
    assert_eq!(age_files(&image.bytes).unwrap(), [age_file()]);
    assert_eq!(salts(&image.bytes).unwrap(), [(KdfParams::LEAST, SALT), (KdfParams::LEAST, [8; 16])]);
    let rows = format!("{:?}", inspect(&image.bytes).unwrap().rows());
    assert!(rows.contains("recipients, by the age program"), "{rows}");
}

#[test]
fn holders_that_no_image_has() {
    let (ours, group) = (key(), group_key(5));
    let refused = |holders: &[Holder<'_>], demo| {
        seal(&plain(), &Core { demo, ..core() }, holders, &mut Repeatable::new(1)).unwrap_err()
    };
    assert_eq!(refused(&[], false), SealError::Holders);
    assert_eq!(refused(&[Holder::Passphrase(&ours); 3], false), SealError::Holders);
    assert_eq!(refused(&[Holder::Recipients(&group); 9], false), SealError::Holders);
    assert_eq!(refused(&[Holder::Recipients(&group)], true), SealError::OwnPassphrase);
}

#[test]
fn what_does_not_fit_its_slot_is_told_apart() {
    let (ours, group) = (key(), group_key(5));
    let image = sealed(&[Holder::Passphrase(&ours)]);
    assert_eq!(refused(&image.bytes, &Unlock::Code(&code(1)), &expected()).1, "this image has no unlock code");
    let index = index_of(&image);
    let at = signed(&index);
    assert_eq!(refused(&image.bytes, &Unlock::Recipient(&group), &at).1, "this image has no recipients");
    let image = sealed(&[Holder::Recipients(&group)]);
    assert_eq!(refused(&image.bytes, &Unlock::Key(&ours), &expected()).1, "this image has no passphrase");
    let index = index_of(&image);
    let at = signed(&index);
    let wrong = "the key does not belong to this image's recipients";
    assert_eq!(refused(&image.bytes, &Unlock::Recipient(&group_key(6)), &at).1, wrong);
    let other_file = GroupKey { key: Key::from_bytes([5; 32]), age_file: [age_file(), vec![0]].concat() };
    assert_eq!(refused(&image.bytes, &Unlock::Recipient(&other_file), &at).1, wrong);
}

/// Threats M5 and C1: where signers are configured nothing stands in for a signature; where none are, a recipient's key
/// proves nothing, since anybody can seal for a recipient.
#[test]
fn an_origin_that_nobody_proved_is_refused_before_any_cost() {
    let (group, derivations) = (group_key(5), Derivations::new());
    let image = sealed(&[Holder::Passphrase(&key()), Holder::Recipients(&group)]);
    let word = passphrase(PASSPHRASE);
    let by_passphrase = Unlock::Passphrase { passphrase: &word, derivations: &derivations };
    let missing = Expected { origin: Origin::Missing, ..expected() };
    let (nothing, another) = (signed_list(None), signed_list(Some(Digest::of(b"another"))));
    let (unlisted, other) = (signed(&nothing), signed(&another));
    for expected in [&missing, &unlisted, &other] {
        for unlock in [&by_passphrase, &Unlock::Recipient(&group), &Unlock::Code(&code(1))] {
            assert_eq!(refused(&image.bytes, unlock, expected).0, "signature");
        }
    }
    assert_eq!(refused(&image.bytes, &Unlock::Recipient(&group), &expected()).0, "signature");
    assert_eq!(derivations.runs(), 0);
}

/// Threat H13: the index of another site, by the same signer, names an image of the same device name.
#[test]
fn an_index_of_another_site_names_nothing_here() {
    let image = sealed(&[Holder::Passphrase(&key())]);
    let here = index_of(&image);
    assert!(open(&image.bytes, &Unlock::Key(&key()), &signed(&here)).is_ok());
    let elsewhere = Signed { site: "example-east".into(), ..here };
    assert_eq!(refused(&image.bytes, &Unlock::Key(&key()), &signed(&elsewhere)).0, "signature");
}

/// Threat H9: a granted copy has the code's slot and nothing else: nothing to guess the site's passphrase by.
#[test]
fn a_granted_copy_opens_by_its_code_alone() {
    let image = sealed(&[Holder::Passphrase(&key()), Holder::Recipients(&group_key(5))]);
    let ours = opened(&image.bytes, &Unlock::Key(&key()), &expected());
    let (mine, theirs) = (code(1), code(2));
    let copy = grant(&image.bytes, &ours, &mine, &mut Repeatable::new(9)).unwrap();
    assert_eq!((copy.digest, inspect(&copy.bytes).unwrap().slots.len()), (image.digest, 1));
    assert!(salts(&copy.bytes).unwrap().is_empty() && age_files(&copy.bytes).unwrap().is_empty());
    let by_code = opened(&copy.bytes, &Unlock::Code(&mine), &expected());
    assert!(by_code.plain == plain() && by_code.proof == Proof::UnlockCode);
    let signed_for = opened(&copy.bytes, &Unlock::Code(&mine), &signed(&index_of(&image)));
    assert!(signed_for.proof.vouches(), "the signature is over the body, which stayed");
    assert_eq!(refused(&copy.bytes, &Unlock::Code(&theirs), &expected()).1, "wrong unlock code");
    assert_eq!(refused(&copy.bytes, &Unlock::Key(&key()), &expected()).0, "passphrase");
    let second = grant(&image.bytes, &ours, &mine, &mut Repeatable::new(10)).unwrap();
    assert_ne!(second.bytes, copy.bytes, "a salt of its own");
}

#[test]
fn rekey_replaces_the_table_and_nothing_else() {
    let image = sealed(&[Holder::Passphrase(&key())]);
    let before = opened(&image.bytes, &Unlock::Key(&key()), &expected());
    let other = other_key();
    let after = rekey(&image.bytes, &before, &[Holder::Passphrase(&other)]).unwrap();
    let body = Forge::good(1).pieces().body().len();
    assert_eq!((after.digest, &after.bytes[..body]), (image.digest, &image.bytes[..body]));
    assert_ne!(after.file, image.file);
    assert_eq!(refused(&after.bytes, &Unlock::Key(&key()), &expected()).0, "passphrase");
    assert!(opened(&after.bytes, &Unlock::Key(&other), &signed(&index_of(&image))).plain == plain());
    assert!(opened(&image.bytes, &Unlock::Key(&key()), &expected()).plain == plain(), "old copies stay openable");
    let changed = sealed(&[Holder::Passphrase(&other)]);
    let twin = seal(&plain(), &core(), &[Holder::Passphrase(&key())], &mut Repeatable::new(4)).unwrap();
    assert_eq!(changed.digest, image.digest, "one seed, one body");
    assert_eq!(rekey(&twin.bytes, &before, &[Holder::Passphrase(&other)]), Err(RekeyError::OtherFile));
    assert!(matches!(rekey(&image.bytes, &before, &[]), Err(RekeyError::Seal(SealError::Holders))));
}

/// Threat H2: whoever writes an image for a recipient, or seals under a code that he was given, must not get a
/// passphrase slot that proves it to others.
#[test]
fn an_image_of_unproved_origin_gets_no_other_holders() {
    let ours = key();
    let holders = [Holder::Passphrase(&ours)];
    let not_proved = |file: &[u8], opened: &Opened, by_code| {
        assert_eq!(rekey(file, opened, &holders), Err(RekeyError::NotProved { by_code }));
        let granted = grant(file, opened, &code(4), &mut Repeatable::new(1));
        assert_eq!(granted, Err(RekeyError::NotProved { by_code }));
    };

    // a contractor seals what he likes under the code that he was granted
    let mine = code(1);
    let mut evil = Forge::good(1);
    evil.slots = vec![(SlotParams::UnlockCode { salt: [1; 16] }, *mine.key(&[1; 16]).expose(), evil.mac_with)];
    let evil = evil.file();
    not_proved(&evil, &opened(&evil, &Unlock::Code(&mine), &expected()), true);

    // an image for a recipient does not even open where nobody is trusted to sign
    let group = group_key(5);
    let anybody = sealed(&[Holder::Recipients(&group)]);
    assert_eq!(refused(&anybody.bytes, &Unlock::Recipient(&group), &expected()).0, "signature");
    let signed_for = opened(&anybody.bytes, &Unlock::Recipient(&group), &signed(&index_of(&anybody)));
    assert!(rekey(&anybody.bytes, &signed_for, &holders).is_ok());

    // everybody knows a demo's passphrase
    let demo = Derivations::new().derive(&passphrase(DEMO_PASSPHRASE), KdfParams::LEAST, SALT, ANY).ok().unwrap();
    let core = Core { demo: true, ..core() };
    let image = seal(&plain(), &core, &[Holder::Passphrase(&demo)], &mut Repeatable::new(1)).unwrap();
    let of_demo = opened(&image.bytes, &Unlock::Key(&demo), &expected());
    assert_eq!(rekey(&image.bytes, &of_demo, &holders), Err(RekeyError::Seal(SealError::OwnPassphrase)));
    assert_eq!(
        rekey(&image.bytes, &of_demo, &[Holder::Passphrase(&demo)]),
        Err(RekeyError::NotProved { by_code: false })
    );
}

/// Threat H3: one passphrase, one salt, one header, another data key. Were a slot bound to the header alone, both would
/// be wrapped by one key, and whoever knows one data key would have the other.
#[test]
fn no_slot_key_wraps_two_data_keys() {
    let (one, second) = (Forge::good(1), [0x22; 32]);
    let slots = vec![(passphrase_params(), *key().key.expose(), second)];
    let two = Forge { commit_with: second, payload_with: second, mac_with: second, slots, ..one.clone() };
    let (pieces, other) = (one.pieces(), two.pieces());
    assert_eq!(pieces.head, other.head, "the same header");
    assert_eq!(pieces.slots[0].params, other.slots[0].params, "the same passphrase, salt and cost");
    assert_eq!((class(&one.file()), class(&two.file())), ("opens", "opens"));
    assert_ne!(pieces.slots[0].commit, other.slots[0].commit);
    let xor = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| a ^ b).collect::<Vec<u8>>();
    let learnt = xor(&pieces.slots[0].wrapped[..32], &other.slots[0].wrapped[..32]);
    assert_ne!(learnt, xor(&one.mac_with, &two.mac_with), "one key stream for both");
    let wrap = |pieces: &Pieces| {
        let (key, body) = (key(), Digest::of(&pieces.body()));
        *slot_keys(&key.key, &body, &pieces.slots[0].params.write()).wrap.expose()
    };
    assert_ne!(wrap(&pieces), wrap(&other));
    // other slots for the same body: the same message
    let ours = key();
    let file = one.file();
    let before = opened(&file, &Unlock::Key(&ours), &expected());
    assert_eq!(rekey(&file, &before, &[Holder::Passphrase(&ours)]).unwrap().bytes, file);
}

/// Threats M7 and rollback: what the laptop saw before.
#[test]
fn an_older_revision_and_a_twin_are_refused() {
    let image = sealed(&[Holder::Passphrase(&key())]);
    let revision = core().revision;
    let at = |revision, digest| Expected { seen: Some(Seen { revision, digest }), ..expected() };
    let (same, other) = (image.digest, Digest::of(b"another"));
    let class = |expected: &Expected<'_>| refused(&image.bytes, &Unlock::Key(&key()), expected);
    assert!(open(&image.bytes, &Unlock::Key(&key()), &at(revision, same)).is_ok());
    assert!(open(&image.bytes, &Unlock::Key(&key()), &at(revision - 1, other)).is_ok());
    assert_eq!(class(&at(revision + 1, same)).0, "stale");
    assert!(class(&at(revision, other)).1.contains("other content"));
}

fn store_plain() -> Plain {
    let part = |name: &str, bytes: &[u8], secrets| Part {
        kind: PartKind::Other,
        name: name.into(),
        bytes: SecretValue::copy_of(bytes),
        secrets,
    };
    let span = SecretSpan { offset: 0, length: 11, token: "<secret np07/ot-admin>".into() };
    Plain::of_store(vec![part("values", SECRET.as_bytes(), vec![span]), part("secrets.json", b"{}", vec![])])
        .ok()
        .unwrap()
}

fn store_core() -> StoreCore {
    StoreCore {
        device: "np07".into(),
        group: "west".into(),
        kind: "secret-store".into(),
        revision: 3,
        site: "west".into(),
    }
}

#[test]
fn a_store_opens_as_the_store_of_its_device_and_nothing_else() {
    let ours = key();
    let file =
        seal_store(&store_plain(), &store_core(), &[Holder::Passphrase(&ours)], &mut Repeatable::new(1)).unwrap();
    let wanted = StoreExpected { site: "west", device: "np07", ceiling: ANY };
    let store = open_store(&file.bytes, &Unlock::Key(&ours), &wanted).ok().unwrap();
    assert!(store.plain == store_plain() && store.core == store_core() && store.digest == file.digest);
    assert!(!file.bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()));
    assert_eq!(inspect(&file.bytes).unwrap().store, Some(store_core()));
    assert_eq!(class(&file.bytes), "kind", "a store offered as an image");
    let class = |file: &[u8], unlock: &Unlock<'_>, wanted: &StoreExpected<'_>| {
        open_store(file, unlock, wanted).err().as_ref().map_or("opens", OpenError::class)
    };
    let by_key = Unlock::Key(&ours);
    assert_eq!(class(&file.bytes, &by_key, &StoreExpected { site: "east", ..wanted.clone() }), "stale");
    assert_eq!(class(&file.bytes, &by_key, &StoreExpected { device: "np08", ..wanted.clone() }), "stale");
    assert_eq!(class(&file.bytes, &Unlock::Key(&other_key()), &wanted), "passphrase");
    assert_eq!(class(&file.bytes, &Unlock::Recipient(&group_key(5)), &wanted), "passphrase");
    // a slot for a code opens no store, even where somebody put one there
    let (code, salt) = (code(4), [3; 16]);
    let mut with_code = Forge { kind: Kind::SecretStore, ..Forge::good(1) };
    with_code.padded = store_plain().write().unwrap().to_vec();
    let slot = (SlotParams::UnlockCode { salt }, *code.key(&salt).expose(), with_code.mac_with);
    with_code.slots.push(slot);
    let with_code = with_code.with_core(&store_core().to_bytes().unwrap()).file();
    assert_eq!(class(&with_code, &by_key, &wanted), "opens");
    assert_eq!(class(&with_code, &Unlock::Code(&code), &wanted), "passphrase");
    assert_eq!(class(&Forge::good(1).file(), &by_key, &wanted), "kind", "an image offered as a store");
    assert_eq!(class(&Forge { kind: Kind::SecretStore, ..Forge::good(1) }.file(), &by_key, &wanted), "core");
    let texts = Plain::new(parts()).ok().unwrap().write().unwrap().to_vec();
    let posing = Forge { kind: Kind::SecretStore, padded: texts, ..Forge::good(1) };
    assert_eq!(class(&posing.with_core(&store_core().to_bytes().unwrap()).file(), &by_key, &wanted), "parts");
}

#[test]
fn stores_that_are_not_sealed() {
    let ours = key();
    let refused = |core: StoreCore, holder: Holder<'_>| {
        seal_store(&store_plain(), &core, &[holder], &mut Repeatable::new(1)).unwrap_err()
    };
    let demo = Derivations::new().derive(&passphrase(DEMO_PASSPHRASE), KdfParams::LEAST, SALT, ANY).ok().unwrap();
    assert_eq!(refused(store_core(), Holder::Passphrase(&demo)), SealError::DemoPassphrase);
    assert_eq!(refused(store_core(), Holder::Recipients(&group_key(5))), SealError::Holders);
    for wrong in [
        StoreCore { device: "../x".into(), ..store_core() },
        StoreCore { kind: "device".into(), ..store_core() },
        StoreCore { revision: 0, ..store_core() },
    ] {
        assert!(matches!(refused(wrong, Holder::Passphrase(&ours)), SealError::Core(_)));
    }
    assert!(Plain::of_store(parts()).is_err());
}

#[test]
fn a_secret_for_a_group_is_fresh() {
    let one = GroupSecret::fresh(&mut Repeatable::new(1)).unwrap().plaintext();
    let two = GroupSecret::fresh(&mut Repeatable::new(2)).unwrap().plaintext();
    assert!(one != two && one.len() == 53);
    assert!(matches!(
        open(&sealed(&[Holder::Recipients(&group_key(1))]).bytes, &Unlock::Recipient(&group_key(1)), &expected()),
        Err(OpenError::Signature(OriginProblem::Recipient))
    ));
}
