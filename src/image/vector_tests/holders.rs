//! Vectors of unlock codes, recipients, what the laptop knows, and secret stores.

use super::super::code::UnlockCode;
use super::super::core::StoreCore;
use super::super::group::tests::age_file;
use super::super::parts::{Part, PartKind};
use super::super::redact::SecretSpan;
use super::*;

const CODE: &str = "7F3K9-2XAQM-00000-11111-ZZZZZ";
const SALT_OF_CODE: [u8; 16] = *b"salt of the code";
const GROUP: [u8; 32] = [0xab; 32];

fn code() -> UnlockCode {
    UnlockCode::parse(&SecretValue::copy_of(CODE.as_bytes())).ok().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn by_code() -> Forge {
    let slot = (SlotParams::UnlockCode { salt: SALT_OF_CODE }, *code().key(&SALT_OF_CODE).expose(), good().mac_with);
    Forge { slots: vec![slot], ..good() }
}

fn for_recipients() -> Forge {
    let slot = (SlotParams::Age(age_file()), GROUP, good().mac_with);
    Forge { slots: vec![slot, good().slots.remove(0)], ..good() }
}

fn digest() -> String {
    Digest::of(&good().pieces().body()).to_string()
}

fn with_code(vector: Vector) -> Vector {
    vector.with("code", CODE)
}

fn with_recipient(vector: Vector) -> Vector {
    vector.with("recipient", &hex(&GROUP)).with("age-file", &hex(&age_file()))
}

pub(super) fn all() -> Vec<Vector> {
    let mut all = codes();
    all.extend(recipients());
    all.extend(origins());
    all.extend(stores());
    all
}

fn codes() -> Vec<Vector> {
    let mut forged = by_code().pieces();
    forged.slots[0].wrapped[40] ^= 1;
    let mut retyped = by_code().pieces();
    retyped.mac = Some(retyped.right_mac());
    retyped.slots[0].params = SlotParams::UnlockCode { salt: [0; 16] };
    vec![
        with_code(vector("success", "success-code", "one slot, for an unlock code", by_code().file())),
        with_code(vector(
            "success",
            "success-code-typed",
            "small letters, l for 1, o for 0, no dashes",
            by_code().file(),
        ))
        .with("code", "7f3k9 2xaqm ooooo lllll zzzzz"),
        with_code(vector("passphrase", "passphrase-other-code", "the last symbol is another", by_code().file()))
            .with("code", "7F3K9-2XAQM-00000-11111-ZZZZY"),
        with_code(vector("passphrase", "passphrase-no-code", "no slot for a code", good().file())),
        vector("passphrase", "passphrase-code-only", "a passphrase, and a slot for a code only", by_code().file()),
        with_code(vector("passphrase", "passphrase-code-salt", "the salt of the code's slot changed", retyped.join())),
        with_code(vector("slot", "slot-code", "one bit of the data key wrapped for a code", forged.join())),
        with_code(vector("mac", "mac-code-stripped", "the passphrase slot beside the code's was taken away", {
            let mut pieces = Forge { slots: [by_code().slots, good().slots].concat(), ..good() }.pieces();
            pieces.mac = Some(pieces.right_mac());
            pieces.slots.truncate(1);
            pieces.join()
        })),
    ]
}

fn recipients() -> Vec<Vector> {
    let of = |expect, name, comment| with_recipient(vector(expect, name, comment, for_recipients().file()));
    vec![
        of("success", "success-recipient", "recipients, and an index that names the image").with("digest", &digest()),
        vector("success", "success-beside-recipients", "a passphrase beside recipients", for_recipients().file()),
        of("signature", "signature-recipient", "a recipient's key, and nobody trusted to sign"),
        of("passphrase", "passphrase-other-recipient", "the key of another group")
            .with("digest", &digest())
            .with("recipient", &hex(&[0xac; 32])),
        of("passphrase", "passphrase-other-age-file", "the key came from another age file")
            .with("digest", &digest())
            .with("age-file", &hex(&[&age_file()[..], b"x"].concat())),
        with_recipient(vector("passphrase", "passphrase-no-recipient", "no slot for recipients", good().file()))
            .with("digest", &digest()),
    ]
}

fn origins() -> Vec<Vector> {
    let revision = super::super::forge::core().revision;
    let seen = |expect, name, comment, revision: u32, digest: &str| {
        vector(expect, name, comment, good().file())
            .with("seen-revision", &revision.to_string())
            .with("seen-digest", digest)
    };
    let other = Digest::of(b"another").to_string();
    vec![
        vector("signature", "signature-missing", "signers are trusted, no signed index is there", good().file())
            .with("digest", "missing"),
        vector("signature", "signature-unlisted", "the signed index does not list the device", good().file())
            .with("digest", "unlisted"),
        with_code(vector("signature", "signature-code", "a code does not stand in for a signature", by_code().file()))
            .with("digest", "missing"),
        seen("success", "success-seen", "this very image was seen before", revision, &digest()),
        seen("success", "success-newer", "an older one was seen before", revision - 1, &other),
        seen("stale", "stale-older", "a higher revision was seen before", revision + 1, &other),
        seen("stale", "stale-twin", "this revision was seen with other content", revision, &other),
    ]
}

fn stores() -> Vec<Vector> {
    let core = StoreCore {
        device: "ps7-router".into(),
        group: "example-west".into(),
        kind: "secret-store".into(),
        revision: 2,
        site: "example-west".into(),
    };
    let span = SecretSpan { offset: 0, length: SECRET.len() as u32, token: "<secret ps7-router/ot-admin>".into() };
    let part = |name: &str, bytes: &[u8], secrets| Part {
        kind: PartKind::Other,
        name: name.into(),
        bytes: SecretValue::copy_of(bytes),
        secrets,
    };
    let values = part("values", SECRET.as_bytes(), vec![span]);
    let plain = Plain::of_store(vec![part("secrets.json", b"{\"secrets\":[]}", vec![]), values]).ok().unwrap();
    let text = core.to_bytes().unwrap();
    let store = || Forge { kind: Kind::SecretStore, padded: plain.write().unwrap().to_vec(), ..good() };
    let of = |expect, name, comment, file| {
        vector(expect, name, comment, file)
            .with("kind", "secret-store")
            .with("site", "example-west")
            .with("device", "ps7-router")
    };
    let whole = || store().with_core(&text).file();
    let wrong = |change: fn(&mut StoreCore)| {
        let mut core = core.clone();
        change(&mut core);
        store().with_core(&canonical::write(&core).unwrap()).file()
    };
    let native = Forge { kind: Kind::SecretStore, ..good() }.with_core(&text).file();
    vec![
        of("success", "success-store", "the secrets of a device", whole()),
        of("kind", "kind-image-as-store", "an image where a store is asked for", good().file()),
        vector("kind", "kind-store-as-image", "a store where an image is asked for", whole()),
        of("core", "core-store-of-image", "a store with the core of an image", store().file()),
        of("core", "core-store-kind", "a store whose core says device", wrong(|core| core.kind = "device".into())),
        of("core", "core-store-revision", "a store of revision 0", wrong(|core| core.revision = 0)),
        of("parts", "parts-store-native", "native text in a store", native),
        of("passphrase", "passphrase-store", "the passphrase of nobody", whole()).with("passphrase", "of nobody"),
        with_code(of("passphrase", "passphrase-store-code", "a slot for a code beside the passphrase's", {
            let slots = [store().slots, by_code().slots].concat();
            Forge { slots, ..store() }.with_core(&text).file()
        })),
        of("stale", "stale-store-device", "the secrets of another device", whole()).with("device", "np07"),
        of("stale", "stale-store-site", "the secrets of another site", whole()).with("site", "example-east"),
    ]
}
