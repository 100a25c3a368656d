//! The key that a group's images are sealed with, and its salt, which belongs to the passphrase and not to the build.

use std::collections::{BTreeMap, HashMap};

use super::previous::Previous;
use super::{BuildError, KeyOf, Request};
use crate::finding::{Finding, codes};
use crate::image::header::MAX_FILE_LEN;
use crate::image::{Expected, GroupKey, Holder, KdfCeiling, Origin, PassphraseKey, Unlock, open, salts};
use crate::pipeline::{ReadySite, folder};
use crate::policy::Evaluation;

/// As many images of the build before are asked for their salt.
const ASKED: usize = 9;

/// What the images of a group are sealed with.
pub(super) struct Lock {
    /// The key of the passphrase, where there is one.
    pub(super) key: Option<PassphraseKey>,
    /// The key that its recipients have, where there are any.
    pub(super) recipients: Option<GroupKey>,
    /// Whether the passphrase opens what lay there.
    pub(super) opens: Opens,
}

/// What the passphrase opens of the images of the build before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opens {
    /// None of them was sealed with a passphrase, or there is none.
    Nothing,
    /// At least one: then an image that it does not open is not ours.
    Theirs,
    /// None of those that were sealed with one.
    NoneOfThem,
}

impl Lock {
    /// Who gets a slot.
    pub(super) fn holders(&self) -> Vec<Holder<'_>> {
        let passphrase = self.key.iter().map(Holder::Passphrase);
        passphrase.chain(self.recipients.iter().map(Holder::Recipients)).collect()
    }
}

/// The keys of the groups whose devices are sealed.
pub(super) fn locks(
    ready: &ReadySite,
    request: &Request<'_>,
    previous: &Previous<'_>,
    chosen: &[(usize, &Evaluation<'_>)],
) -> Result<BTreeMap<String, Lock>, BuildError> {
    let mut locks = BTreeMap::new();
    for (_, evaluation) in chosen {
        let group = ready.site.group(&evaluation.judged.device.name);
        if !locks.contains_key(group) {
            let devices = ready.site.devices.iter().filter(|device| ready.site.group(&device.name) == group);
            let lock = lock(request, previous, group, devices.map(|device| &*device.name))?;
            locks.insert(group.to_owned(), lock);
        }
    }
    Ok(locks)
}

/// What the images of a group are sealed with.
fn lock<'d>(
    request: &Request<'_>,
    previous: &Previous<'_>,
    group: &str,
    devices: impl Iterator<Item = &'d str>,
) -> Result<Lock, BuildError> {
    let recipients = request.keys.recipients.map(|r| (r.wrap)(group).ok_or(BuildError::NoKey)).transpose()?;
    let Some(key_of) = request.keys.passphrase else {
        return Ok(Lock { key: None, recipients, opens: Opens::Nothing });
    };
    let (key, opens) = key(key_of, previous, group, devices).ok_or(BuildError::NoKey)?;
    Ok(Lock { key: Some(key), recipients, opens })
}

/// Says why everything is new: another passphrase is no accident that should pass unseen, and no error either.
pub(super) fn stranger(ready: &ReadySite, group: &str, lock: &Lock) -> Option<Finding> {
    let mut devices =
        ready.site.devices.iter().filter(|d| lock.opens == Opens::NoneOfThem && ready.site.group(&d.name) == group);
    let first = devices.next()?;
    let message = format!(
        "the passphrase given for `{group}` opens none of the images of the build before: all of them are sealed anew"
    );
    let finding = Finding {
        also: devices.map(|d| d.name.to_string()).collect(),
        ..Finding::new(codes::image::PASSPHRASE, first.loc, message)
    };
    Some(finding.device(&*first.name))
}

/// The key of a passphrase: with the salt of the build before where the passphrase opens that, else with a fresh one.
fn key<'d>(
    key_of: &KeyOf<'_>,
    previous: &Previous<'_>,
    group: &str,
    devices: impl Iterator<Item = &'d str>,
) -> Option<(PassphraseKey, Opens)> {
    let images: Vec<Vec<u8>> =
        devices.filter_map(|device| previous.read(&folder::image(device), MAX_FILE_LEN)).take(ASKED).collect();
    let Some(salt) = usual_salt(&images) else { return Some((key_of(group, None)?, Opens::Nothing)) };
    let key = key_of(group, Some(salt))?;
    if images.iter().any(|image| opens(image, &key)) {
        return Some((key, Opens::Theirs));
    }
    // whoever chose another salt has a reason: a store that is sealed with it
    let key = if key.salt() == salt { key_of(group, None)? } else { key };
    Some((key, Opens::NoneOfThem))
}

/// The salt that most of them have: one that somebody put there does not decide.
fn usual_salt(images: &[Vec<u8>]) -> Option<[u8; 16]> {
    let mut count: HashMap<[u8; 16], usize> = HashMap::new();
    for (_, salt) in images.iter().filter_map(|image| salts(image).ok()).flatten() {
        *count.entry(salt).or_default() += 1;
    }
    count.into_iter().max_by_key(|(salt, count)| (*count, *salt)).map(|(salt, _)| salt)
}

fn opens(image: &[u8], key: &PassphraseKey) -> bool {
    let (now, ceiling) = (jiff::Timestamp::MIN, KdfCeiling(u32::MAX));
    let expected = Expected { site: None, device: None, origin: Origin::NoSigners, seen: None, now, ceiling };
    open(image, &Unlock::Key(key), &expected).is_ok()
}
