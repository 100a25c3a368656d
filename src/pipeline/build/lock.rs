//! The key that a group's images are sealed with, and its salt, which belongs to the passphrase and not to the build.

use std::collections::HashMap;

use super::previous::{Previous, image_name};
use super::{BuildError, Order};
use crate::image::header::MAX_FILE_LEN;
use crate::image::{Expected, KdfCeiling, Origin, PassphraseKey, Unlock, open, salts};

/// As many images of the build before are asked for their salt.
const ASKED: usize = 9;

/// What the images of a group are sealed with.
pub(super) struct Lock {
    /// The key of the passphrase.
    pub(super) key: PassphraseKey,
    /// Whether it opens what lay there: then an image that it does not open is not ours.
    pub(super) known: bool,
}

/// The key of a group: with the salt of the build before where the passphrase opens that, else with a fresh one.
pub(super) fn lock<'d>(
    order: &Order<'_>,
    previous: &Previous<'_>,
    group: &str,
    devices: impl Iterator<Item = &'d str>,
) -> Result<Lock, BuildError> {
    let images: Vec<Vec<u8>> =
        devices.filter_map(|device| previous.read(&image_name(device), MAX_FILE_LEN)).take(ASKED).collect();
    if let Some(salt) = usual_salt(&images) {
        let key = (order.key)(group, Some(salt)).ok_or(BuildError::NoKey)?;
        let known = images.iter().any(|image| opens(image, &key));
        // whoever chose another salt has a reason: a store that is sealed with it
        if known || key.salt() != salt {
            return Ok(Lock { key, known });
        }
    }
    let key = (order.key)(group, None).ok_or(BuildError::NoKey)?;
    Ok(Lock { key, known: false })
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
