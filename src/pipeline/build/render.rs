//! A device rendered and read back: its image kept where it is what would be sealed now, or sealed; its files staged.

use super::cache::{self, Made};
use super::device::{DeviceBuild, OneDevice, Sealed, Trouble, image_report};
use super::files::Files;
use super::keep;
use super::lock::Opens;
use super::previous::{Before, Earlier, Previous};
use super::secrets;
use crate::diff;
use crate::finding::{Finding, codes};
use crate::image::{Digest, PartKind, Tag};
use crate::ledger::IndexImage;
use crate::native::{Form, NativeConfig};
use crate::pipeline::folder;
use crate::pipeline::seal::{Prepared, render_and_read_back, unplaced};
use crate::report::{NativeReport, Since, WrittenKind};
use crate::site::SiteDevice;
use crate::site::output::Access;

/// An image as it stands in the output folder.
struct Image {
    revision: u32,
    digest: Digest,
    file: Digest,
    /// Whether it was sealed in this build.
    fresh: bool,
}

/// Renders the device, reads it back, and keeps its image or seals a new one.
pub(super) fn render(one: &OneDevice<'_>, inputs: Option<Tag>) -> Result<DeviceBuild, Trouble> {
    let OneDevice { shared, evaluation, compliant, lock, stamp, .. } = one;
    let (folder, device) = (&shared.folder, compliant.device());
    let (ready, name) = (folder.ready, &device.name);
    let prepared =
        render_and_read_back(compliant, ready.under(device), shared.request.secrets, folder.certificates, stamp)?;

    let entry = shared.previous.entry(name);
    let earlier = shared.previous.image(&ready.site.name, name, lock.key.as_ref());
    let before = secrets::earlier(shared.previous, entry, earlier.as_ref());
    let text_before = text_before(shared.previous, entry, earlier.as_ref());
    let now = secrets::tokens(&prepared.plain);
    secrets::refuse_loss(device, &before, &now)?;
    let mut files = Files { folder, written: Vec::new() };
    let (image, mut findings) = image(one, &prepared, entry, earlier, &mut files)?;
    // what was kept is the same by its content, whatever the texts can tell
    let compared = if image.fresh { secrets::count(&before, &now) } else { secrets::all_unchanged(&now) };

    let texts: Vec<(Form, &str)> = prepared.redacted().collect();
    let about = (&texts[..], prepared.core.review);
    let (public, sheets) = files.stage_public(evaluation, &prepared.native, about, image.revision)?;
    let since = text_before.filter(|_| image.fresh).and_then(|(revision, before)| {
        let now: String = texts.iter().map(|(_, text)| *text).collect();
        Some(Since { revision: revision.into(), lines: diff::line_changes(&now, &before)? })
    });
    let entry = IndexImage {
        device: name.to_string(),
        file: image.file,
        image: image.digest,
        public,
        revision: image.revision,
        structure: prepared.structure,
    };
    let native = counted(&prepared.native);
    let redacted: Vec<(Form, Digest)> = texts.iter().map(|(form, text)| (*form, Digest::of(text.as_bytes()))).collect();
    let made = Made { entry: &entry, native: &native, secrets: now.len(), redacted: &redacted, sheets };
    let cached = inputs.and_then(|inputs| cache::keep(inputs, &made));
    let written = files.written;
    let image = image_report(one, (image.revision, image.digest, image.fresh), &written, compared, since);
    findings.extend(unplaced(device, &native.unplaced));
    Ok(DeviceBuild { sealed: Some(Sealed { entry, cached }), image: Some(image), native, written, findings })
}

/// The redacted text of the image before and its revision: of the image that the list names, where it was opened, or
/// where somebody trusted signed that list.
fn text_before(
    previous: &Previous<'_>,
    entry: Option<&IndexImage>,
    earlier: Option<&Earlier>,
) -> Option<(u32, String)> {
    let earlier = earlier?;
    let entry = entry.filter(|entry| entry.image == earlier.inspection.digest)?;
    if let Some(opened) = &earlier.opened {
        let native = opened.plain.parts().iter().filter(|part| part.kind == PartKind::Native);
        let texts = native.filter_map(|part| opened.plain.redacted(&part.name)).flatten();
        return Some((entry.revision, String::from_utf8(texts.collect()).ok()?));
    }
    previous.signed()?;
    let core = earlier.inspection.core.as_ref()?;
    Some((entry.revision, previous.redacted(&entry.device, &core.review)?))
}

/// Keeps the image before, or stages a new one.
fn image(
    one: &OneDevice<'_>,
    prepared: &Prepared,
    entry: Option<&IndexImage>,
    earlier: Option<Earlier>,
    files: &mut Files<'_>,
) -> Result<(Image, Vec<Finding>), Trouble> {
    let OneDevice { shared, compliant, lock, may_seal, .. } = one;
    let device = compliant.device();
    let name = folder::image(&device.name);
    if let (Some(entry), Some(earlier)) = (entry, &earlier)
        && keep::stays(prepared, entry, earlier, lock)
    {
        let placed = if shared.previous.is_out() {
            shared.folder.out.keep(&name)?;
            false
        } else {
            shared.folder.out.keep_or_add(&name, &earlier.bytes, Access::Owner)?
        };
        files.staged(name, WrittenKind::Image, placed);
        let (digest, file) = (earlier.inspection.digest, earlier.inspection.file);
        return Ok((Image { revision: entry.revision, digest, file, fresh: false }, Vec::new()));
    }
    if !may_seal {
        return Err(Trouble::Findings(Vec::new()));
    }
    let revision = keep::next_revision(entry, earlier.as_ref(), seen(one)).ok_or_else(|| vec![exhausted(device)])?;
    let strange = lock.opens == Opens::Theirs && entry.is_some() && earlier.as_ref().is_none_or(|e| e.opened.is_none());
    let findings = if strange { vec![replaced(device)] } else { Vec::new() };
    let mut entropy = (shared.request.keys.entropy)();
    let sealed = prepared.seal(device, revision, &lock.holders(), &mut *entropy)?;
    shared.folder.out.add(&name, &sealed.bytes, Access::Owner)?;
    files.staged(name, WrittenKind::Image, true);
    Ok((Image { revision, digest: sealed.digest, file: sealed.file, fresh: true }, findings))
}

/// The highest revision that this computer saw of the device; 0 where it saw none, or where numbering begins anew.
fn seen(one: &OneDevice<'_>) -> u32 {
    let (history, site) = (&one.shared.request.history, &one.shared.folder.ready.site);
    let seen = history.seen.filter(|_| !site.demo && history.before != Before::Nothing);
    seen.and_then(|seen| seen.of(&site.name, one.compliant.name())).map_or(0, |known| known.highest.revision)
}

fn exhausted(device: &SiteDevice) -> Finding {
    Finding::new(codes::image::REVISION, device.loc, "no revision is left for the image").device(&*device.name)
}

/// The other images of the build before open, this one does not, or is gone: somebody may want to know.
fn replaced(device: &SiteDevice) -> Finding {
    let message = format!(
        "the image of `{}` that the build before lists is missing, damaged, or not sealed with this passphrase: \
         a new one takes its place",
        device.name
    );
    Finding::new(codes::image::REPLACED, device.loc, message).device(&*device.name)
}

/// What reports say of a native text.
pub(super) fn counted(native: &NativeConfig) -> NativeReport {
    let mut report = NativeReport {
        unmodelled: native.unmodelled.clone(),
        omitted: native.omitted.clone(),
        unplaced: native.unplaced.clone(),
        ..NativeReport::default()
    };
    for rendered in &native.rendered {
        report.count(rendered.grade, rendered.form == Form::Sheet);
    }
    report
}
