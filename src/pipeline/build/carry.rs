//! Devices that a build was not asked for, or that fail: what the build before made of them stays, where it is what
//! would be made now, or where a verified list names it. Nothing else may stand in a new list.

use std::collections::{BTreeSet, HashSet};

use rayon::prelude::*;

use super::device::{self, DeviceBuild, Sealed, Shared};
use super::{BuildError, Rendered};
use crate::image::{Digest, MAX_FILE_LEN, inspect};
use crate::ledger::IndexImage;
use crate::pipeline::folder::{self, FORMS};
use crate::pipeline::public::Beside;
use crate::policy::{Evaluation, Judgement};
use crate::report::{Left, Written, WrittenKind};
use crate::site::output::{Access, OutProblem};

/// A file of the build before, as it was read.
pub(super) type File = (String, WrittenKind, Vec<u8>);

/// An image that stays, with the files of its device.
type Carried = (Sealed, Vec<Written>);

/// Devices of the site that have an image and that this build makes none of, since it was not asked for them or they
/// fail: all of them are carried over, or nothing is built. An image that was left behind would take its revision with
/// it.
pub(super) fn add_others(
    shared: &Shared<'_>,
    judgement: &Judgement<'_>,
    mut rendered: Rendered,
) -> Result<Rendered, BuildError> {
    let (ready, previous, by_name) = (shared.folder.ready, shared.previous, judgement.by_name());
    let made: HashSet<&str> = rendered.sealed.iter().map(|sealed| &*sealed.entry.device).collect();
    let asked = |name: &str| ready.site.device(name).is_none_or(|device| (shared.request.selection.devices)(device));
    let has_image = |name: &&str| previous.entry(name).is_some() || shared.folder.out.has(&folder::image(name));
    // one whose file can't be read is a device of the site too
    let names = ready.site.devices.iter().map(|d| &*d.name).chain(ready.site.unsound.iter().map(|name| &**name));
    let others: BTreeSet<&str> = names.filter(|name| !made.contains(name)).filter(has_image).collect();
    let others: Vec<&str> = others.into_iter().collect();
    let carry = |name: &&str| carry(shared, name, by_name.get(name).copied());
    let carried: Vec<Option<Carried>> = others.par_iter().map(carry).collect::<Result<_, OutProblem>>()?;
    let lost = others.iter().zip(&carried).filter(|(_, carried)| carried.is_none()).map(|(name, _)| (*name).to_owned());
    let (failing, partial): (Vec<String>, Vec<String>) = lost.partition(|name| asked(name));
    if !partial.is_empty() {
        return Err(BuildError::Partial(partial));
    }
    if !failing.is_empty() {
        return Err(BuildError::Failing(failing));
    }
    for (sealed, written) in carried.into_iter().flatten() {
        let (device, revision) = (sealed.entry.device.clone(), sealed.entry.revision.into());
        rendered.report.left.push(Left { device, revision });
        rendered.report.written.extend(written);
        rendered.sealed.push(sealed);
    }
    Ok(rendered)
}

/// Stages what the build before made of a device; `None` where nothing proves it.
fn carry(
    shared: &Shared<'_>,
    device: &str,
    evaluation: Option<&Evaluation<'_>>,
) -> Result<Option<Carried>, OutProblem> {
    let sound = shared.folder.ready.site.is_sound(device) && !shared.unreadable.contains(device);
    if let Some(evaluation) = evaluation.filter(|_| sound)
        && let Ok(DeviceBuild { sealed: Some(sealed), written, .. }) = device::build(shared, evaluation, false)?
    {
        return Ok(Some((sealed, written)));
    }
    // its sources may be others by now, or its secrets not at hand: then somebody must have signed for it
    let Some(entry) = shared.previous.entry(device) else { return Ok(None) };
    if shared.previous.signed().is_none() && !ours(shared, device, entry) {
        return Ok(None);
    }
    let Some(files) = named(shared, device, entry) else { return Ok(None) };
    let written = stage(shared, files)?;
    let cached = shared.cache.carried(device);
    Ok(Some((Sealed { entry: entry.clone(), cached }, written)))
}

/// Stages files of the build before, as they were read.
pub(super) fn stage(shared: &Shared<'_>, files: Vec<File>) -> Result<Vec<Written>, OutProblem> {
    let one = |(path, kind, bytes): File| {
        if kind != WrittenKind::Image {
            shared.folder.leaks.look(&path, &bytes);
        }
        let fresh = if shared.previous.is_out() {
            shared.folder.out.keep(&path)?;
            false
        } else {
            let access = if kind == WrittenKind::Image { Access::Owner } else { Access::Everyone };
            shared.folder.out.keep_or_add(&path, &bytes, access)?
        };
        Ok(Written { path, kind, fresh })
    };
    files.into_iter().map(one).collect()
}

/// Whether a device that fails, in a build that nobody signs, has an image that the passphrase opens: then that vouches
/// for it, as it does for everything in such a build.
fn ours(shared: &Shared<'_>, device: &str, entry: &IndexImage) -> bool {
    let site = &shared.folder.ready.site;
    let asked = site.device(device).is_none_or(|device| (shared.request.selection.devices)(device));
    let key = shared.locks.get(site.group(device)).and_then(|lock| lock.key.as_ref());
    let earlier = || shared.previous.image(&site.name, device, key);
    let opens = || earlier().is_some_and(|e| e.opened.is_some() && e.inspection.digest == entry.image);
    asked && shared.request.keys.sign.is_none() && opens()
}

/// Its files, where the list names the image and the public file, and the others are those that belong to them.
fn named(shared: &Shared<'_>, name: &str, entry: &IndexImage) -> Option<Vec<File>> {
    let previous = shared.previous;
    let site = &*shared.folder.ready.site.name;
    let bytes = previous.read(&folder::image(name), MAX_FILE_LEN)?;
    let inspection = inspect(&bytes).ok()?;
    let core = inspection.core.filter(|core| core.site == site && core.device == name)?;
    if inspection.digest != entry.image || core.revision != entry.revision {
        return None;
    }
    let public = folder::public(name);
    let text = previous.read(&public, MAX_FILE_LEN).filter(|text| Digest::of(text) == entry.public)?;
    let beside = Beside::of(&text)?;
    let mut files = vec![(folder::image(name), WrittenKind::Image, bytes), (public, WrittenKind::Public, text)];

    let redacted = FORMS.map(|form| folder::redacted(name, form));
    let texts = redacted.into_iter().filter_map(|path| previous.read(&path, MAX_FILE_LEN).map(|text| (path, text)));
    let texts: Vec<(String, Vec<u8>)> = texts.collect();
    if Digest::of_pieces(texts.iter().map(|(_, text)| &text[..])) != core.review {
        return None;
    }
    files.extend(texts.into_iter().map(|(path, text)| (path, WrittenKind::Redacted, text)));
    for (path, digest) in folder::sheets(name).into_iter().zip(beside.sheets()) {
        let bytes = previous.read(&path, MAX_FILE_LEN).filter(|bytes| digest == Digest::of(bytes))?;
        files.push((path, WrittenKind::Sheet, bytes));
    }
    for named in beside.certificates {
        let path = folder::certificate(name, &named.file);
        let bytes = previous.read(&path, MAX_FILE_LEN).filter(|bytes| named.sha256 == Digest::of(bytes))?;
        files.push((path, WrittenKind::Certificate, bytes));
    }
    Some(files)
}
