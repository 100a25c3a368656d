//! One device of a build: what the build before left of it stays, or it is rendered.

use std::collections::{BTreeMap, HashSet};

use super::Request;
use super::cache::{Cache, Unchanged};
use super::carry;
use super::files::{Files, Folder};
use super::lock::Lock;
use super::previous::Previous;
use super::render::render;
use crate::finding::{Finding, Severity, codes};
use crate::image::Digest;
use crate::ledger::{CachedDevice, IndexImage};
use crate::pipeline::seal::{Stamp, core_time, unplaced};
use crate::pipeline::{certificates, folder, gather};
use crate::policy::{Compliant, Evaluation};
use crate::report::{ImageReport, NativeReport, SecretCount, Since, Written, WrittenKind};
use crate::site::output::OutProblem;

/// What all devices of a sealed build have in common.
pub(super) struct Shared<'a> {
    pub(super) folder: Folder<'a>,
    pub(super) request: &'a Request<'a>,
    pub(super) previous: &'a Previous<'a>,
    /// By group.
    pub(super) locks: &'a BTreeMap<String, Lock>,
    pub(super) cache: Cache<'a>,
    /// Devices of which something that is said can't be used.
    pub(super) unreadable: HashSet<&'a str>,
    block_on: Severity,
}

impl<'a> Shared<'a> {
    pub(super) fn of(
        folder: Folder<'a>,
        request: &'a Request<'a>,
        previous: &'a Previous<'a>,
        locks: &'a BTreeMap<String, Lock>,
    ) -> Shared<'a> {
        let ready = folder.ready;
        let cache = Cache::of(ready, request.history.cache, locks, request.secrets);
        let (unreadable, block_on) = (gather::unreadable(ready), gather::block_on(ready));
        Shared { folder, request, previous, locks, cache, unreadable, block_on }
    }
}

/// What became of one device.
pub(super) struct DeviceBuild {
    /// `None` in a draft.
    pub(super) sealed: Option<Sealed>,
    pub(super) image: Option<ImageReport>,
    pub(super) native: NativeReport,
    pub(super) written: Vec<Written>,
    /// What is to be said though nothing is wrong with the device.
    pub(super) findings: Vec<Finding>,
}

/// An image of the build, whenever it was sealed.
pub(super) struct Sealed {
    /// Its entry in the list.
    pub(super) entry: IndexImage,
    /// What the next build may go by.
    pub(super) cached: Option<CachedDevice>,
}

/// One device on its way.
pub(super) struct OneDevice<'a> {
    pub(super) shared: &'a Shared<'a>,
    pub(super) evaluation: &'a Evaluation<'a>,
    pub(super) compliant: Compliant<'a>,
    pub(super) lock: &'a Lock,
    pub(super) stamp: Stamp<'a>,
    /// Whether a new image may be sealed; else the one before stays, or nothing comes of the device.
    pub(super) may_seal: bool,
}

/// Why nothing came of a device.
pub(super) enum Trouble {
    /// It can't be sealed, for these reasons; for none where it was to stay only, and would be another.
    Findings(Vec<Finding>),
    /// The output folder.
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

/// Builds one device. `Err` within: it can't be sealed, for these reasons, or not stay, for none.
pub(super) fn build(
    shared: &Shared<'_>,
    evaluation: &Evaluation<'_>,
    may_seal: bool,
) -> Result<Result<DeviceBuild, Vec<Finding>>, OutProblem> {
    match attempt(shared, evaluation, may_seal) {
        Ok(built) => Ok(Ok(built)),
        Err(Trouble::Findings(findings)) => Ok(Err(findings)),
        Err(Trouble::Out(problem)) => Err(problem),
    }
}

fn attempt(shared: &Shared<'_>, evaluation: &Evaluation<'_>, may_seal: bool) -> Result<DeviceBuild, Trouble> {
    let (device, site) = (evaluation.judged.device, &shared.folder.ready.site);
    let refused = |why: String| vec![Finding::new(codes::image::REFUSED, device.loc, why).device(&*device.name)];
    let compliant = evaluation.compliant(shared.block_on).map_err(|why| refused(why.to_string()))?;
    let group = site.group(&device.name);
    let lock = shared.locks.get(group).ok_or_else(|| refused(format!("there is no key for the group `{group}`")))?;
    let stamp = Stamp { site: &site.name, demo: site.demo, group };
    let one = OneDevice { shared, evaluation, compliant, lock, stamp, may_seal };
    let inputs = shared.cache.inputs(shared.folder.ready, evaluation, &compliant, &one.stamp);
    match inputs.as_ref().and_then(|inputs| shared.cache.unchanged(shared.previous, device, inputs)) {
        Some(unchanged) => stay(&one, unchanged),
        None => render(&one, inputs),
    }
}

/// Nothing that decides the device's files is another: all of them stay.
fn stay(one: &OneDevice<'_>, unchanged: Unchanged) -> Result<DeviceBuild, Trouble> {
    let Unchanged { entry, cached, native, files } = unchanged;
    let (device, folder) = (one.compliant.device(), &one.shared.folder);
    let mut files = Files { folder, written: carry::stage(one.shared, files)? };
    files.upload(device, &certificates::of(device, folder.certificates))?;
    let written = files.written;
    let secrets = cached.secrets as usize;
    let secrets = SecretCount { sealed: secrets, unchanged: secrets, ..SecretCount::default() };
    let image = image_report(one, (entry.revision, entry.image, false), &written, secrets, None);
    let findings = unplaced(device, &native.unplaced);
    let sealed = Some(Sealed { entry, cached: Some(cached) });
    Ok(DeviceBuild { sealed, image: Some(image), native, written, findings })
}

/// An image (its revision, its digest, whether it is new), for the report.
pub(super) fn image_report(
    one: &OneDevice<'_>,
    (revision, digest, fresh): (u32, Digest, bool),
    written: &[Written],
    secrets: SecretCount,
    since: Option<Since>,
) -> ImageReport {
    let redacted = written.iter().find(|w| w.kind == WrittenKind::Redacted).map(|w| w.path.clone());
    ImageReport {
        revision: u64::from(revision),
        digest: digest.to_string(),
        fresh,
        file: folder::image(one.compliant.name()),
        redacted: redacted.unwrap_or_default(),
        not_after: one.compliant.not_after().map(core_time).unwrap_or_default(),
        secrets,
        since,
    }
}
