//! Opening: the steps of `schema/image.md`, section 9, in their order. Nothing is given before the last.

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::aead;
use super::code::UnlockCode;
use super::core::{Core, StoreCore, parse_core, parse_store_core};
use super::digest::HASH_LEN;
use super::digest::{Digest, Running};
use super::error::{OpenError, OriginProblem, PassphraseProblem, Stale};
use super::group::GroupKey;
use super::header::{Head, Kind, Layout, parse_head};
use super::kdf::{Derivations, KdfCeiling, KdfParams, Passphrase, PassphraseKey};
use super::keys::{DataKey, Key, equal, slot_keys};
use super::parts::unpad;
use super::plain::Plain;
use super::slots::{Slot, SlotParams, parse_table};

/// What the reader has to open a sealed file with.
pub enum Unlock<'a> {
    /// A passphrase; derived at most once per salt.
    Passphrase {
        /// As typed, or from a file.
        passphrase: &'a Passphrase,
        /// Shared by all images of a run.
        derivations: &'a Derivations,
    },
    /// A key that was derived before, with this salt and cost; no derivation is run.
    Key(&'a PassphraseKey),
    /// The code that was granted for this image.
    Code(&'a UnlockCode),
    /// The key of a group, as the `age` program gave it: anybody can make a slot for a recipient, so it opens only what
    /// a verified index names.
    Recipient(&'a GroupKey),
}

/// A list of images that somebody trusted signed. The one there is outside of tests is a
/// [`VerifiedIndex`](crate::ledger::VerifiedIndex), which nothing but a signature that holds makes.
pub trait SignedList: std::fmt::Debug + Sync {
    /// D of the image that it names for a device of a site.
    fn image(&self, site: &str, device: &str) -> Option<Digest>;

    /// Who signed it.
    fn signer(&self) -> &str;
}

/// What a signed index says of the image.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// Nobody is trusted here to sign: passphrases and unlock codes prove where an image comes from.
    NoSigners,
    /// The index of the build, its signature verified: the image has to be the one that it names for its device.
    Verified(&'a dyn SignedList),
    /// Signers are configured, and there is no index with a valid signature: always refused.
    Missing,
}

/// The highest revision of a device's image that was seen on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The revision.
    pub revision: u32,
    /// The image's digest.
    pub digest: Digest,
}

/// What the reader knows from elsewhere, and holds the image against.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// The site it has to be for; `None`: any.
    pub site: Option<&'a str>,
    /// The device it has to be for; `None`: any.
    pub device: Option<&'a str>,
    /// What a signed index says of it.
    pub origin: Origin<'a>,
    /// What was seen before of this device; `None`: nothing, or a person accepts an older one.
    pub seen: Option<Seen>,
    /// The time of the run.
    pub now: Timestamp,
    /// The most memory for a derivation.
    pub ceiling: KdfCeiling,
}

/// What proved where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A trusted signer named exactly this image.
    Signature {
        /// Who.
        signer: String,
    },
    /// Somebody with the passphrase sealed exactly this.
    Passphrase,
    /// Somebody with the unlock code did: whoever granted it, or whoever got it.
    UnlockCode,
    /// Somebody with the passphrase that everybody knows did: that proves nothing.
    DemoPassphrase,
}

impl Proof {
    /// Whether it is proof for everybody who may open it by other means later. A code is proof for its holder alone:
    /// he could have sealed other content under it.
    pub fn vouches(&self) -> bool {
        matches!(self, Proof::Signature { .. } | Proof::Passphrase)
    }
}

/// An opened image. No `Debug`: it holds secrets.
pub struct Opened {
    /// What it says of itself, now proven.
    pub core: Core,
    /// The parts.
    pub plain: Plain,
    /// D, the image's digest.
    pub digest: Digest,
    /// What proved its origin.
    pub proof: Proof,
    pub(super) data_key: DataKey,
}

/// Opens a device image. `file` is the whole file, read once, at most
/// [`MAX_FILE_LEN`](super::header::MAX_FILE_LEN) bytes and one.
///
/// # Errors
/// The first step that failed; nothing of the content is given or named.
pub fn open(file: &[u8], unlock: &Unlock<'_>, expected: &Expected<'_>) -> Result<Opened, OpenError> {
    let envelope = examine(file, Some(Kind::Device), expected.ceiling)?;
    let About::Device(core) = &envelope.about else {
        return Err(envelope.head.not_a(Kind::Device).into());
    };
    let digest = envelope.digest;
    let signer = check_origin(core, &digest, matches!(unlock, Unlock::Recipient(_)), expected.origin)?;
    let data_key = unwrap_data_key(&envelope, core.demo, &digest, unlock, expected.ceiling)?;
    let padded = open_payload(&envelope, &digest, &data_key)?;
    let plain = read_content(&padded, core)?;
    check_fresh(core, &digest, expected)?;
    let proof = match (signer, unlock) {
        (Some(signer), _) => Proof::Signature { signer },
        (None, Unlock::Code(_)) => Proof::UnlockCode,
        (None, _) if unlock.is_demo() => Proof::DemoPassphrase,
        (None, _) => Proof::Passphrase,
    };
    Ok(Opened { core: core.clone(), plain, digest, proof, data_key })
}

/// The steps magic to signature, for whoever would open the image by a recipient's identity: before another program is
/// asked to open a slot of it.
///
/// # Errors
/// The first step that failed.
pub fn check_named(file: &[u8], expected: &Expected<'_>) -> Result<(), OpenError> {
    let envelope = examine(file, Some(Kind::Device), expected.ceiling)?;
    let About::Device(core) = &envelope.about else {
        return Err(envelope.head.not_a(Kind::Device).into());
    };
    check_origin(core, &envelope.digest, true, expected.origin)?;
    Ok(())
}

impl Unlock<'_> {
    /// Whether it is the passphrase that everybody knows.
    fn is_demo(&self) -> bool {
        match self {
            Unlock::Passphrase { passphrase, .. } => passphrase.is_demo(),
            Unlock::Key(key) => key.is_demo(),
            Unlock::Code(_) | Unlock::Recipient(_) => false,
        }
    }
}

/// The step signature: who signed for it, where somebody had to.
fn check_origin(
    core: &Core,
    found: &Digest,
    by_recipient: bool,
    origin: Origin<'_>,
) -> Result<Option<String>, OriginProblem> {
    match origin {
        Origin::Missing => Err(OriginProblem::Missing),
        Origin::Verified(list) => match list.image(&core.site, &core.device).ok_or(OriginProblem::Unlisted)? {
            wanted if wanted != *found => Err(OriginProblem::Other { wanted, found: *found }),
            _ => Ok(Some(list.signer().to_owned())),
        },
        Origin::NoSigners if by_recipient => Err(OriginProblem::Recipient),
        Origin::NoSigners => Ok(None),
    }
}

/// A file whose form is right: everything that can be checked without a key.
pub(super) struct Envelope<'a> {
    pub(super) file: &'a [u8],
    pub(super) head: Head<'a>,
    pub(super) layout: Layout,
    /// D, of the body.
    pub(super) digest: Digest,
    /// Of the whole file.
    pub(super) whole: Digest,
    pub(super) about: About,
    pub(super) slots: Vec<Slot>,
}

/// What a sealed file says of itself, by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A device image.
    Device(Core),
    /// A secret store or a backup.
    Store(StoreCore),
}

impl<'a> Envelope<'a> {
    fn table(&self) -> &'a [u8] {
        &self.file[self.layout.body.end..self.file.len() - 2 * HASH_LEN]
    }

    fn mac(&self) -> &'a [u8] {
        &self.file[self.file.len() - 2 * HASH_LEN..self.file.len() - HASH_LEN]
    }
}

/// The steps magic to kdf-limit.
pub(super) fn examine(file: &[u8], wanted: Option<Kind>, ceiling: KdfCeiling) -> Result<Envelope<'_>, OpenError> {
    let head = parse_head(file, wanted)?;
    let layout = head.layout();
    let (content, check) = file.split_at(file.len() - HASH_LEN);
    let (body, behind) = content.split_at(layout.body.end);
    let mut running = Running::of(body);
    let digest = running.so_far();
    running.update(behind);
    if running.so_far().as_bytes() != check {
        return Err(OpenError::Damaged);
    }
    running.update(check);
    let about = match head.kind {
        Kind::Device => About::Device(parse_core(head.core)?),
        kind @ (Kind::SecretStore | Kind::Backup) => About::Store(parse_store_core(head.core, kind)?),
    };
    let slots = parse_table(&content[layout.body.end..content.len() - HASH_LEN])?;
    for slot in &slots {
        if let SlotParams::Passphrase { kdf, .. } = slot.params {
            kdf.check(ceiling)?;
        }
    }
    Ok(Envelope { file, head, layout, digest, whole: running.so_far(), about, slots })
}

/// The steps passphrase and slot. All slots of the kind that we have a key for are tried; the first whose commitment
/// fits is the one.
pub(super) fn unwrap_data_key(
    envelope: &Envelope<'_>,
    demo: bool,
    body: &Digest,
    unlock: &Unlock<'_>,
    ceiling: KdfCeiling,
) -> Result<DataKey, OpenError> {
    if unlock.is_demo() && !demo {
        return Err(PassphraseProblem::Demo.into());
    }
    let (none, wrong) = match unlock {
        Unlock::Passphrase { .. } | Unlock::Key(_) => (PassphraseProblem::NoSlot, PassphraseProblem::Wrong),
        Unlock::Code(_) => (PassphraseProblem::NoCode, PassphraseProblem::WrongCode),
        Unlock::Recipient(_) => (PassphraseProblem::NoRecipient, PassphraseProblem::WrongRecipient),
    };
    let mut problem = none;
    for slot in &envelope.slots {
        let key = match (&slot.params, unlock) {
            (SlotParams::Passphrase { kdf, salt }, Unlock::Passphrase { .. } | Unlock::Key(_)) => {
                problem = wrong.clone();
                key_for(unlock, *kdf, *salt, ceiling)?
            }
            (SlotParams::UnlockCode { salt }, Unlock::Code(code)) => {
                problem = wrong.clone();
                Some(code.key(salt))
            }
            (SlotParams::Age(file), Unlock::Recipient(group)) => {
                problem = wrong.clone();
                (*file == group.age_file).then(|| group.key.copy())
            }
            _ => None,
        };
        let Some(key) = key else { continue };
        let keys = slot_keys(&key, body, &slot.params.write());
        if !equal(&keys.commit, &slot.commit) {
            continue;
        }
        let bytes = aead::open(keys.wrap, &slot.wrapped).map_err(|_| OpenError::Slot)?;
        let data_key = Key::fill(|out| {
            out.copy_from_slice(bytes.get(..32).ok_or(OpenError::Slot)?);
            Ok::<(), OpenError>(())
        })?;
        return Ok(DataKey(data_key));
    }
    Err(problem.into())
}

fn key_for(unlock: &Unlock<'_>, kdf: KdfParams, salt: [u8; 16], ceiling: KdfCeiling) -> Result<Option<Key>, OpenError> {
    match unlock {
        Unlock::Passphrase { passphrase, derivations } => {
            Ok(Some(derivations.derive(passphrase, kdf, salt, ceiling)?.key.copy()))
        }
        Unlock::Key(key) if key.kdf == kdf && key.salt == salt => Ok(Some(key.key.copy())),
        Unlock::Key(_) | Unlock::Code(_) | Unlock::Recipient(_) => Ok(None),
    }
}

/// The steps mac, commit and payload.
pub(super) fn open_payload(
    envelope: &Envelope<'_>,
    body: &Digest,
    data_key: &DataKey,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    if !equal(&data_key.mac(body, envelope.table()), envelope.mac()) {
        return Err(OpenError::Mac);
    }
    let head = Digest::of(&envelope.file[envelope.layout.head.clone()]);
    if !equal(&data_key.commit(&head), &envelope.file[envelope.layout.commit.clone()]) {
        return Err(OpenError::Commit);
    }
    let payload = &envelope.file[envelope.layout.payload.clone()];
    aead::open(data_key.payload_key(&head), payload).map_err(|_| OpenError::Payload)
}

/// The steps padding, parts and review.
pub(super) fn read_content(padded: &[u8], core: &Core) -> Result<Plain, OpenError> {
    let plain = Plain::parse(unpad(padded).ok_or(OpenError::Padding)?)?;
    if plain.review() == core.review { Ok(plain) } else { Err(OpenError::Review) }
}

/// The step stale: genuine, but for here and now?
fn check_fresh(core: &Core, digest: &Digest, expected: &Expected<'_>) -> Result<(), Stale> {
    if let Some(wanted) = expected.site.filter(|site| *site != core.site) {
        return Err(Stale::Site { wanted: wanted.to_owned(), found: core.site.clone() });
    }
    if let Some(wanted) = expected.device.filter(|device| *device != core.device) {
        return Err(Stale::Device { wanted: wanted.to_owned(), found: core.device.clone() });
    }
    if core.ends().is_some_and(|end| expected.now > end) {
        return Err(Stale::Ended { not_after: core.not_after.clone() });
    }
    match expected.seen {
        Some(seen) if core.revision < seen.revision => Err(Stale::Older { found: core.revision, seen: seen.revision }),
        Some(seen) if core.revision == seen.revision && seen.digest != *digest => {
            Err(Stale::Twin { revision: core.revision })
        }
        _ => Ok(()),
    }
}
