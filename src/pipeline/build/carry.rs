//! Devices that a build was not asked for, or that fail: what the build before made of them stays, where it is what would be made now,
//! or where a verified list names it. Nothing else may stand in a new list.

use super::device::{Settled, Shared, Wish, settle};
use crate::image::{Digest, MAX_FILE_LEN, inspect};
use crate::ledger::{CachedDevice, IndexImage};
use crate::pipeline::folder::{self, FORMS};
use crate::pipeline::public::Beside;
use crate::policy::Evaluation;
use crate::report::{Written, WrittenKind};
use crate::site::output::{Access, OutProblem};

/// A file of the build before, as it was read.
pub(super) type File = (String, WrittenKind, Vec<u8>);

/// A device as the build before left it.
pub(super) struct Carried {
    pub(super) entry: IndexImage,
    pub(super) memo: Option<CachedDevice>,
    pub(super) written: Vec<Written>,
}

/// Stages what the build before made of a device; `None` where nothing proves it.
pub(super) fn carry(
    shared: &Shared<'_>,
    device: &str,
    evaluation: Option<&Evaluation<'_>>,
) -> Result<Option<Carried>, OutProblem> {
    let sound = shared.plant.site.is_sound(device) && !shared.unreadable.contains(device);
    if let Some(evaluation) = evaluation.filter(|_| sound)
        && let Ok(Settled { entry, memo, written, .. }) = settle(shared, evaluation, Wish::Keep)?
    {
        return Ok(Some(Carried { entry, memo, written }));
    }
    // its sources may be others by now, or its secrets not at hand: then somebody must have signed for it
    let Some(entry) = shared.previous.entry(device) else { return Ok(None) };
    if shared.previous.signed().is_none() && !ours(shared, device, entry) {
        return Ok(None);
    }
    let Some(files) = named(shared, device, entry) else { return Ok(None) };
    let written = stage(shared, files)?;
    let memo = shared.memos.carried(device);
    Ok(Some(Carried { entry: entry.clone(), memo, written }))
}

/// Stages files of the build before, as they were read.
pub(super) fn stage(shared: &Shared<'_>, files: Vec<File>) -> Result<Vec<Written>, OutProblem> {
    let one = |(path, kind, bytes): File| {
        if kind != WrittenKind::Image {
            shared.leaks.look(&path, &bytes);
        }
        let fresh = if shared.previous.is_out() {
            shared.out.keep(&path)?;
            false
        } else {
            let access = if kind == WrittenKind::Image { Access::Owner } else { Access::Everyone };
            shared.out.settle(&path, &bytes, access)?
        };
        Ok(Written { path, kind, fresh })
    };
    files.into_iter().map(one).collect()
}

/// Whether a device that fails, in a build that nobody signs, has an image that the passphrase opens: then that vouches for
/// it, as it does for everything in such a build.
fn ours(shared: &Shared<'_>, device: &str, entry: &IndexImage) -> bool {
    let site = &shared.plant.site;
    let asked = site.device(device).is_none_or(|device| (shared.order.selection.devices)(device));
    let key = shared.locks.get(site.group(device)).and_then(|lock| lock.key.as_ref());
    let earlier = || shared.previous.image(&site.name, device, key);
    let opens = || earlier().is_some_and(|e| e.opened.is_some() && e.inspection.digest == entry.image);
    asked && shared.order.sign.is_none() && opens()
}

/// Its files, where the list names the image and the public file, and the others are those that belong to them.
fn named(shared: &Shared<'_>, name: &str, entry: &IndexImage) -> Option<Vec<File>> {
    let previous = shared.previous;
    let site = &*shared.plant.site.name;
    let bytes = previous.read(&folder::image(name), MAX_FILE_LEN)?;
    let inspection = inspect(&bytes).ok()?;
    let core = inspection.core.filter(|core| core.site == site && core.device == name)?;
    if inspection.digest != entry.image || core.revision != entry.revision {
        return None;
    }
    let public = folder::public(name);
    let text = previous.read(&public, MAX_FILE_LEN).filter(|text| Digest::of(text) == entry.public)?;
    let Beside { sheet: printed, certificates } = Beside::of(&text)?;
    let mut files = vec![(folder::image(name), WrittenKind::Image, bytes), (public, WrittenKind::Public, text)];

    let redacted = FORMS.map(|form| folder::redacted(name, form));
    let texts = redacted.into_iter().filter_map(|path| previous.read(&path, MAX_FILE_LEN).map(|text| (path, text)));
    let texts: Vec<(String, Vec<u8>)> = texts.collect();
    if Digest::of_pieces(texts.iter().map(|(_, text)| &text[..])) != core.review {
        return None;
    }
    files.extend(texts.into_iter().map(|(path, text)| (path, WrittenKind::Redacted, text)));
    let sheet = folder::sheet(name);
    let text = previous.read(&sheet, MAX_FILE_LEN).filter(|text| printed == Digest::of(text))?;
    files.push((sheet, WrittenKind::Sheet, text));
    for named in certificates {
        let path = folder::certificate(name, &named.file);
        let bytes = previous.read(&path, MAX_FILE_LEN).filter(|bytes| named.sha256 == Digest::of(bytes))?;
        files.push((path, WrittenKind::Certificate, bytes));
    }
    Some(files)
}
