//! One device of a build: prepared, its image kept or sealed, its files staged.

use std::collections::{BTreeMap, HashSet};

use super::Order;
use super::carry;
use super::keep::{Plan, plan};
use super::lock::Lock;
use super::memo::{Made, Memos, Recalled, remember};
use super::previous::{Earlier, Previous, image_name};
use super::secrets;
use crate::finding::{Finding, Severity};
use crate::image::{Digest, IndexImage, IndexPack, MemoDevice, Tag};
use crate::native::{Form, NativeConfig};
use crate::pipeline::Plant;
use crate::pipeline::public::{About, Public, Verdicts};
use crate::pipeline::seal::{Prepared, Stamp, core_time, prepare};
use crate::pipeline::sheet;
use crate::pipeline::why::Why;
use crate::policy::{Compliant, Evaluation};
use crate::report::{ImageReport, NativeReport, SecretCount, Written, WrittenKind};
use crate::site::SiteDevice;
use crate::site::output::{Access, OutDir, OutProblem};

/// What all devices of a build have in common.
pub(super) struct Shared<'a> {
    pub(super) plant: &'a Plant,
    pub(super) order: &'a Order<'a>,
    pub(super) out: &'a OutDir,
    pub(super) previous: &'a Previous<'a>,
    /// By group.
    pub(super) locks: &'a BTreeMap<String, Lock>,
    pub(super) packs: &'a [IndexPack],
    pub(super) certificates: &'a BTreeMap<String, Vec<u8>>,
    pub(super) memos: &'a Memos<'a>,
    pub(super) why: &'a Why,
    pub(super) block_on: Severity,
    /// Devices of which something that is said can't be used.
    pub(super) unreadable: &'a HashSet<&'a str>,
}

/// What is asked for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// The image before where it is what would be sealed now, else a new one.
    Build,
    /// The image before where it is what would be sealed now, else nothing.
    Keep,
}

/// What became of one device.
pub(super) struct Settled {
    pub(super) entry: IndexImage,
    /// What the next build may go by.
    pub(super) memo: Option<MemoDevice>,
    pub(super) image: ImageReport,
    pub(super) native: NativeReport,
    pub(super) written: Vec<Written>,
    /// What is to be said though nothing is wrong with the device.
    pub(super) findings: Vec<Finding>,
}

/// An image as it will stand in the output folder.
struct Image {
    revision: u32,
    digest: Digest,
    file: Digest,
    /// Whether it was sealed in this build.
    fresh: bool,
    /// Whether the file was not there before: sealed, or brought from another folder.
    placed: bool,
}

/// Settles one device. `Err` within: it can't be sealed, for these reasons.
pub(super) fn settle(
    shared: &Shared<'_>,
    evaluation: &Evaluation<'_>,
    wish: Wish,
) -> Result<Result<Settled, Vec<Finding>>, OutProblem> {
    match attempt(shared, evaluation, wish) {
        Ok(settled) => Ok(Ok(settled)),
        Err(Trouble::Findings(findings)) => Ok(Err(findings)),
        Err(Trouble::Out(problem)) => Err(problem),
    }
}

enum Trouble {
    Findings(Vec<Finding>),
    Out(OutProblem),
}

impl From<Vec<Finding>> for Trouble {
    fn from(findings: Vec<Finding>) -> Trouble {
        Trouble::Findings(findings)
    }
}

impl From<OutProblem> for Trouble {
    fn from(problem: OutProblem) -> Trouble {
        Trouble::Out(problem)
    }
}

fn attempt(shared: &Shared<'_>, evaluation: &Evaluation<'_>, wish: Wish) -> Result<Settled, Trouble> {
    let compliant = evaluation.compliant(shared.block_on).map_err(|_| Vec::new())?;
    let (plant, device) = (shared.plant, compliant.device());
    let name = &device.name;
    let group = plant.site.group(name);
    let lock = shared.locks.get(group).ok_or_else(Vec::new)?;
    let stamp = Stamp { site: &plant.site.name, demo: plant.site.demo, group };
    let inputs = shared.memos.inputs(plant, evaluation, &compliant, &stamp);
    match inputs.as_ref().and_then(|inputs| shared.memos.recall(shared.previous, device, inputs)) {
        Some(recalled) => leave(shared, &compliant, recalled),
        None => render(shared, (evaluation, &compliant, wish), lock, &stamp, inputs),
    }
}

/// Nothing that decides the device's files is another: all of them stay.
fn leave(shared: &Shared<'_>, compliant: &Compliant<'_>, recalled: Recalled) -> Result<Settled, Trouble> {
    let Recalled { entry, memo, native, files } = recalled;
    let written = carry::stage(shared, files)?;
    let secrets = memo.secrets as usize;
    let image = Image { revision: entry.revision, digest: entry.image, file: entry.file, fresh: false, placed: false };
    let secrets = SecretCount { sealed: secrets, unchanged: secrets, ..SecretCount::default() };
    let image = told(compliant, &image, &written, secrets);
    Ok(Settled { entry, memo: Some(memo), image, native, written, findings: Vec::new() })
}

/// Renders the device, reads it back, and keeps its image or seals a new one.
fn render(
    shared: &Shared<'_>,
    (evaluation, compliant, wish): (&Evaluation<'_>, &Compliant<'_>, Wish),
    lock: &Lock,
    stamp: &Stamp<'_>,
    inputs: Option<Tag>,
) -> Result<Settled, Trouble> {
    let (plant, order, device) = (shared.plant, shared.order, compliant.device());
    let name = &device.name;
    let prepared = prepare(compliant, plant.under(device), order.secrets, shared.certificates, stamp)?;

    let entry = shared.previous.entry(name);
    let earlier = shared.previous.image(&plant.site.name, name, lock.key.as_ref());
    let before = secrets::before(shared.previous, entry, earlier.as_ref());
    let now = secrets::tokens(&prepared.plain);
    secrets::refuse_loss(device, &before, &now)?;
    let (image, findings) = image(shared, (&prepared, device, wish), lock, entry, earlier)?;
    // what was kept is the same by its content, whatever the texts can tell
    let compared = if image.fresh { secrets::count(&before, &now) } else { secrets::all_unchanged(&now) };

    let review = prepared.core.review;
    let about = About { site: &plant.site.name, demo: plant.site.demo, packs: shared.packs, redacted: review };
    let public = Public::of(device, &prepared.native, Verdicts::of(evaluation), &about).to_bytes();
    let public =
        public.map_err(|error| vec![Finding::error("image.public", device.loc, error.to_string()).device(&**name)])?;

    let mut files = Files { out: shared.out, written: Vec::new() };
    files.told(image_name(name), WrittenKind::Image, image.placed);
    files.settle(format!("public/{name}.public.json"), WrittenKind::Public, &public)?;
    let mut redacted = Vec::new();
    for (form, text) in prepared.redacted() {
        files.settle(format!("redacted/{name}.redacted.{}", form.ending()), WrittenKind::Redacted, text.as_bytes())?;
        redacted.push((form, Digest::of(text.as_bytes())));
    }
    let sheet = sheet::print(plant, device, (&prepared.native, review), image.revision, shared.why);
    files.settle(format!("sheets/{name}.sheet.md"), WrittenKind::Sheet, sheet.as_bytes())?;

    let entry = IndexImage {
        device: name.to_string(),
        file: image.file,
        image: image.digest,
        public: Digest::of(&public),
        revision: image.revision,
        structure: prepared.structure,
    };
    let native = counted(&prepared.native);
    let sheet = Digest::of(sheet.as_bytes());
    let made = Made { entry: &entry, native: &native, secrets: now.len(), redacted: &redacted, sheet };
    let memo = inputs.and_then(|inputs| remember(inputs, &made));
    let written = files.written;
    Ok(Settled { image: told(compliant, &image, &written, compared), entry, memo, native, written, findings })
}

/// An image, for the report.
fn told(compliant: &Compliant<'_>, image: &Image, written: &[Written], secrets: SecretCount) -> ImageReport {
    let redacted = written.iter().find(|w| w.kind == WrittenKind::Redacted).map(|w| w.path.clone());
    ImageReport {
        revision: u64::from(image.revision),
        digest: image.digest.to_string(),
        fresh: image.fresh,
        file: image_name(compliant.name()),
        redacted: redacted.unwrap_or_default(),
        not_after: compliant.not_after().map(core_time).unwrap_or_default(),
        secrets,
    }
}

/// Keeps the image before, or stages a new one.
fn image(
    shared: &Shared<'_>,
    (prepared, device, wish): (&Prepared, &SiteDevice, Wish),
    lock: &Lock,
    entry: Option<&IndexImage>,
    earlier: Option<Earlier>,
) -> Result<(Image, Vec<Finding>), Trouble> {
    let name = image_name(&device.name);
    let revision = match plan(prepared, entry, earlier.as_ref(), lock) {
        Plan::Keep => {
            let Some(earlier) = earlier else { return Err(Vec::new().into()) };
            let placed = if shared.previous.is_out() {
                shared.out.keep(&name)?;
                false
            } else {
                shared.out.settle(&name, &earlier.bytes, Access::Owner)?
            };
            let revision = entry.map_or(1, |e| e.revision);
            let (digest, file) = (earlier.inspection.digest, earlier.inspection.file);
            return Ok((Image { revision, digest, file, fresh: false, placed }, Vec::new()));
        }
        _ if wish == Wish::Keep => return Err(Vec::new().into()),
        Plan::Seal(revision) => revision,
        Plan::Exhausted => {
            let finding = Finding::error("image.revision", device.loc, "no revision is left for the image")
                .device(&*device.name)
                .help("the list of the build before gives it the highest there is; begin anew with `--previous none`");
            return Err(vec![finding].into());
        }
    };
    let strange = lock.known && entry.is_some() && earlier.as_ref().is_none_or(|e| e.opened.is_none());
    let findings = if strange { vec![replaced(device)] } else { Vec::new() };
    let mut entropy = (shared.order.entropy)();
    let sealed = prepared.seal(device, revision, &lock.holders(), &mut *entropy)?;
    shared.out.add(&name, &sealed.bytes, Access::Owner)?;
    Ok((Image { revision, digest: sealed.digest, file: sealed.file, fresh: true, placed: true }, findings))
}

/// The other images of the build before open, this one does not, or is gone: somebody may want to know.
fn replaced(device: &SiteDevice) -> Finding {
    let message = format!(
        "the image of `{}` that the build before lists is missing, damaged, or not sealed with this passphrase: \
         a new one takes its place",
        device.name
    );
    Finding::error("image.replaced", device.loc, message)
        .severity(Severity::Info)
        .device(&*device.name)
        .help("ask who can write where earlier builds are kept")
}

struct Files<'a> {
    out: &'a OutDir,
    written: Vec<Written>,
}

impl Files<'_> {
    fn settle(&mut self, path: String, kind: WrittenKind, bytes: &[u8]) -> Result<(), OutProblem> {
        let fresh = self.out.settle(&path, bytes, Access::Everyone)?;
        self.told(path, kind, fresh);
        Ok(())
    }

    fn told(&mut self, path: String, kind: WrittenKind, fresh: bool) {
        self.written.push(Written { path, kind, fresh });
    }
}

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
