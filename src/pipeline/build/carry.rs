//! Devices that a build was not asked for: what the build before made of them stays, where it proves itself.

use super::device::Shared;
use super::previous::{Earlier, FORMS, image_name};
use crate::image::{Digest, IndexImage, MAX_FILE_LEN};
use crate::report::{Written, WrittenKind};
use crate::site::SiteDevice;
use crate::site::output::{Access, OutProblem};

/// A file of the build before, as it was read.
pub(super) type File = (String, WrittenKind, Vec<u8>);

/// Stages what the build before made of a device; `None` where it doesn't prove itself.
pub(super) fn carry(
    shared: &Shared<'_>,
    device: &SiteDevice,
    entry: &IndexImage,
) -> Result<Option<Vec<Written>>, OutProblem> {
    proved(shared, device, entry).map(|files| stage(shared, files)).transpose()
}

/// Stages files of the build before, as they were read.
pub(super) fn stage(shared: &Shared<'_>, files: Vec<File>) -> Result<Vec<Written>, OutProblem> {
    let one = |(path, kind, bytes): File| {
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

/// Its files: the image opens or a verified list names it, and the public files are those that belong to it.
fn proved(shared: &Shared<'_>, device: &SiteDevice, entry: &IndexImage) -> Option<Vec<File>> {
    let (name, previous) = (&*device.name, shared.previous);
    let key = shared.locks.get(shared.plant.site.group(name)).and_then(|lock| lock.key.as_ref());
    let site = &*shared.plant.site.name;
    let Earlier { bytes, inspection, opened } = previous.image(site, name, key)?;
    let core = inspection.core.filter(|core| core.site == site && core.device == name)?;
    let vouched = opened.is_some() || previous.signed().is_some();
    if !vouched || inspection.digest != entry.image || core.revision != entry.revision {
        return None;
    }
    let public = format!("public/{name}.public.json");
    let text = previous.read(&public, MAX_FILE_LEN).filter(|text| Digest::of(text) == entry.public)?;
    let mut files = vec![(image_name(name), WrittenKind::Image, bytes), (public, WrittenKind::Public, text)];

    let redacted = FORMS.map(|form| format!("redacted/{name}.redacted.{form}"));
    let texts = redacted.into_iter().filter_map(|path| previous.read(&path, MAX_FILE_LEN).map(|text| (path, text)));
    let texts: Vec<(String, Vec<u8>)> = texts.collect();
    if Digest::of_pieces(texts.iter().map(|(_, text)| &text[..])) != core.review {
        return None;
    }
    files.extend(texts.into_iter().map(|(path, text)| (path, WrittenKind::Redacted, text)));
    let sheet = format!("sheets/{name}.sheet.md");
    files.extend(previous.read(&sheet, MAX_FILE_LEN).map(|text| (sheet, WrittenKind::Sheet, text)));
    Some(files)
}
