//! For tests and fuzzing: a maker of files with every key in hand, so that each layer can be wrong alone.

#![allow(clippy::unwrap_used, reason = "what can't be made stops the test or the fuzzer that asked for it")]

use std::sync::OnceLock;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::aead;
use super::core::{Core, Firmware};
use super::digest::Digest;
use super::digest::HASH_LEN;
use super::error::OpenError;
use super::header::{Head, Kind, PAD_TO};
use super::kdf::{Derivations, KdfCeiling, KdfParams, Passphrase, PassphraseKey};
use super::keys::{DataKey, Key};
use super::open::{Expected, Opened, Origin, SignedList, Unlock, open};
use super::parts::{Part, PartKind};
use super::plain::Plain;
use super::redact::SecretSpan;
use super::seal::seal_slot;
use super::slots::{Slot, SlotParams, write_table};
use crate::secret::SecretValue;
use crate::secret::{Entropy, EntropyError};

pub(super) const PASSPHRASE: &str = "correct horse battery staple";
pub(super) const SALT: [u8; 16] = *b"salt of the site";
pub(super) const SECRET: &str = "Tr0ub4dor&3";
pub(super) const ANY: KdfCeiling = KdfCeiling(u32::MAX);

/// Numbers that look random and are the same in every run.
pub(super) struct Repeatable(u64);

impl Repeatable {
    pub(super) fn new(seed: u64) -> Repeatable {
        Repeatable(seed << 32)
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out).unwrap();
        out
    }
}

impl Entropy for Repeatable {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        for chunk in out.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&Digest::of(&self.0.to_be_bytes()).as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub(super) fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(SecretValue::copy_of(text.as_bytes())).ok().unwrap()
}

/// The key of [`PASSPHRASE`], derived once for all tests.
pub(super) fn key() -> PassphraseKey {
    static DERIVATIONS: OnceLock<Derivations> = OnceLock::new();
    let derivations = DERIVATIONS.get_or_init(Derivations::new);
    derivations.derive(&passphrase(PASSPHRASE), KdfParams::LEAST, SALT, ANY).ok().unwrap()
}

/// A device's text with one secret in it.
pub(super) fn native_text() -> (String, SecretSpan) {
    let before = "ip telnet\nusername ot-admin password ";
    let token = "<secret ps7-router/ot-admin>".to_owned();
    let span = SecretSpan { offset: before.len() as u32, length: SECRET.len() as u32, token };
    (format!("{before}{SECRET} privilege 1\n"), span)
}

pub(super) fn parts() -> Vec<Part> {
    let (text, span) = native_text();
    let part = |kind, name: &str, bytes: &[u8], secrets| Part {
        kind,
        name: name.into(),
        bytes: SecretValue::copy_of(bytes),
        secrets,
    };
    vec![
        part(PartKind::Native, "native.cli", text.as_bytes(), vec![span]),
        part(PartKind::Native, "native.sheet", b"Security > Login\tBanner\tKeep out\n", vec![]),
        part(PartKind::Other, "ot-ca.pem", b"-----BEGIN CERTIFICATE-----\n", vec![]),
    ]
}

pub(super) fn plain() -> Plain {
    Plain::new(parts()).ok().unwrap()
}

/// A core of a router.
pub(super) fn sample_core() -> Core {
    Core {
        demo: false,
        device: "ps7-router".into(),
        firmware: Firmware::exactly("3.14"),
        group: "example-west".into(),
        kind: "device".into(),
        mac: "00:90:e8:7a:12:03".into(),
        model: "EDR-G9010".into(),
        not_after: String::new(),
        platform: "mx-ros".into(),
        review: Digest::of(b""),
        revision: 1,
        serial: "TBZKB1090123".into(),
        site: "example-west".into(),
    }
}

pub(super) fn core() -> Core {
    Core { review: plain().review(), ..sample_core() }
}

/// Parameters, the key of the slot, the data key in it.
pub(super) type SlotRecipe = (SlotParams, [u8; 32], [u8; 32]);

/// A file before it is put together; [`Forge::good`] is a proper image.
#[derive(Clone)]
pub(super) struct Forge {
    pub(super) kind: Kind,
    pub(super) image_id: [u8; 16],
    pub(super) core: Vec<u8>,
    pub(super) padded: Vec<u8>,
    pub(super) commit_with: [u8; 32],
    pub(super) payload_with: [u8; 32],
    pub(super) mac_with: [u8; 32],
    pub(super) slots: Vec<SlotRecipe>,
}

/// The file in pieces, to be changed and joined.
#[derive(Clone)]
pub(super) struct Pieces {
    pub(super) head: Vec<u8>,
    pub(super) commit: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) slots: Vec<Slot>,
    /// In place of the table of `slots`.
    pub(super) table: Option<Vec<u8>>,
    pub(super) mac_with: [u8; 32],
    /// In place of the right MAC.
    pub(super) mac: Option<Vec<u8>>,
}

impl Forge {
    pub(super) fn good(seed: u64) -> Forge {
        let mut entropy = Repeatable::new(seed);
        let image_id = entropy.bytes();
        let data_key = entropy.bytes();
        Forge {
            kind: Kind::Device,
            image_id,
            core: core().to_bytes().unwrap(),
            padded: plain().write().unwrap().to_vec(),
            commit_with: data_key,
            payload_with: data_key,
            mac_with: data_key,
            slots: vec![(passphrase_params(), *key().key.expose(), data_key)],
        }
    }

    /// With this core, otherwise good.
    pub(super) fn with_core(mut self, core: &[u8]) -> Forge {
        self.core = core.to_vec();
        self
    }

    /// With this body of the plaintext, padded as it has to be.
    pub(super) fn with_body(mut self, body: &[u8]) -> Forge {
        self.padded = (body.len() as u32).to_be_bytes().to_vec();
        self.padded.extend_from_slice(body);
        self.padded.resize(self.padded.len().next_multiple_of(PAD_TO), 0);
        self
    }

    pub(super) fn pieces(&self) -> Pieces {
        let head =
            Head { kind: self.kind, image_id: self.image_id, core: &self.core, padded_len: self.padded.len() }.write();
        let hh = Digest::of(&head);
        let data_key = |bytes: &[u8; 32]| DataKey(Key::from_bytes(*bytes));
        let commit = data_key(&self.commit_with).commit(&hh).to_vec();
        let payload_key = data_key(&self.payload_with).payload_key(&hh);
        let payload = aead::seal(payload_key, Zeroizing::new(self.padded.clone()));
        let body = Digest::of_pieces([&head[..], &commit, &payload]);
        let slot = |(params, pk, wrapped): &SlotRecipe| {
            seal_slot(params.clone(), &Key::from_bytes(*pk), &body, &data_key(wrapped))
        };
        let slots = self.slots.iter().map(slot).collect();
        Pieces { head, commit, payload, slots, table: None, mac_with: self.mac_with, mac: None }
    }

    pub(super) fn file(&self) -> Vec<u8> {
        self.pieces().join()
    }
}

impl Pieces {
    pub(super) fn body(&self) -> Vec<u8> {
        [&self.head[..], &self.commit, &self.payload].concat()
    }

    pub(super) fn table(&self) -> Vec<u8> {
        self.table.clone().unwrap_or_else(|| write_table(&self.slots))
    }

    pub(super) fn right_mac(&self) -> Vec<u8> {
        DataKey(Key::from_bytes(self.mac_with)).mac(&Digest::of(&self.body()), &self.table()).to_vec()
    }

    /// The file, with MAC unless given and with the right CHECK.
    pub(super) fn join(&self) -> Vec<u8> {
        let mac = self.mac.clone().unwrap_or_else(|| self.right_mac());
        with_check([self.body(), self.table(), mac].concat())
    }

    /// The slots made anew for the body as it is now, as whoever has the keys can.
    pub(super) fn resealed(mut self) -> Pieces {
        let body = Digest::of(&self.body());
        let data_key = DataKey(Key::from_bytes(self.mac_with));
        for slot in &mut self.slots {
            *slot = seal_slot(slot.params.clone(), &key().key, &body, &data_key);
        }
        self
    }
}

pub(super) fn passphrase_params() -> SlotParams {
    SlotParams::Passphrase { kdf: KdfParams::LEAST, salt: SALT }
}

/// Slots that we step over, with the image's data key in them.
pub(super) fn other_slots(of: &Forge) -> Vec<SlotRecipe> {
    vec![
        (SlotParams::Age(b"age-encryption.org/v1\n".to_vec()), [2; 32], of.mac_with),
        (SlotParams::UnlockCode { salt: [3; 16] }, [3; 32], of.mac_with),
        (SlotParams::Other { number: 200, params: vec![] }, [4; 32], of.mac_with),
    ]
}

/// Another password, of the same length, sealed under a data key that was learnt by another slot; the passphrase slot
/// is the kept one. Header, review and commitment are those of the genuine image: a slot that is bound to less than the
/// whole body opens it. The second is the same with a slot made for it, as whoever has the passphrase can.
pub(super) fn forged_origin(of: &Forge) -> [Pieces; 2] {
    let mut mixed = of.clone();
    mixed.slots.extend(other_slots(of));
    let kept = mixed.pieces().slots.remove(0);
    let mut evil = parts();
    let text = evil[0].bytes.expose_text().unwrap().replace(SECRET, &"x".repeat(SECRET.len()));
    evil[0].bytes = SecretValue::new(text.into_bytes());
    let evil = Plain::new(evil).ok().unwrap();
    let forged = Forge { padded: evil.write().unwrap().to_vec(), ..of.clone() }.pieces();
    [Pieces { slots: vec![kept], ..forged.clone() }, forged]
}

/// CHECK behind whatever comes before it.
pub(super) fn with_check(mut content: Vec<u8>) -> Vec<u8> {
    let check = Digest::of(&content);
    content.extend_from_slice(check.as_bytes());
    content
}

/// CHECK made to fit the bytes before it.
pub(super) fn repaired(file: &[u8]) -> Vec<u8> {
    with_check(file[..file.len().saturating_sub(HASH_LEN)].to_vec())
}

/// As if somebody trusted had signed a list of the device of [`core()`]; with `None` it lists nothing.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) site: String,
    pub(super) digest: Option<Digest>,
}

impl SignedList for Signed {
    fn image(&self, site: &str, device: &str) -> Option<Digest> {
        self.digest.filter(|_| site == self.site && device == core().device)
    }

    fn signer(&self) -> &str {
        "ci@example"
    }
}

pub(super) fn signed_list(digest: Option<Digest>) -> Signed {
    Signed { site: core().site, digest }
}

pub(super) fn expected() -> Expected<'static> {
    let now: Timestamp = "2026-03-09T14:05:00Z".parse().unwrap();
    Expected { site: None, device: None, origin: Origin::NoSigners, seen: None, now, ceiling: ANY }
}

pub(super) fn open_with_key(file: &[u8]) -> Result<Opened, OpenError> {
    open(file, &Unlock::Key(&key()), &expected())
}

/// `opens`, or the class of the error.
pub(super) fn class(file: &[u8]) -> &'static str {
    open_with_key(file).err().map_or("opens", |error| error.class())
}
