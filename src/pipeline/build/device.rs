//! One device of a build: what the build before left of it stays, or it is rendered.

use std::collections::{BTreeMap, HashSet};

use super::Order;
use super::cache::{Memos, Recalled};
use super::carry;
use super::leaks::Leaks;
use super::lock::Lock;
use super::previous::Previous;
use super::render::{Files, render};
use crate::finding::{Finding, Severity, codes};
use crate::image::Digest;
use crate::ledger::{CachedDevice, IndexImage, IndexPack};
use crate::pipeline::seal::{Stamp, core_time, unplaced};
use crate::pipeline::why::Why;
use crate::pipeline::{Plant, certificates, folder};
use crate::policy::{Compliant, Evaluation};
use crate::report::{ImageReport, NativeReport, SecretCount, Since, Written, WrittenKind};
use crate::site::output::{OutDir, OutProblem};

/// What all devices of a build have in common.
pub(super) struct Shared<'a> {
    /// Looks through every file that everybody may read.
    pub(super) leaks: &'a Leaks<'a>,
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
    pub(super) memo: Option<CachedDevice>,
    pub(super) image: ImageReport,
    pub(super) native: NativeReport,
    pub(super) written: Vec<Written>,
    /// What is to be said though nothing is wrong with the device.
    pub(super) findings: Vec<Finding>,
}

/// One device on its way.
pub(super) struct One<'a> {
    pub(super) shared: &'a Shared<'a>,
    pub(super) evaluation: &'a Evaluation<'a>,
    pub(super) compliant: Compliant<'a>,
    pub(super) lock: &'a Lock,
    pub(super) stamp: Stamp<'a>,
    pub(super) wish: Wish,
}

/// Why nothing came of a device.
pub(super) enum Trouble {
    /// It can't be sealed.
    Findings(Vec<Finding>),
    /// It was to be kept only, and would be another.
    Another,
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

/// Settles one device. `Err` within: it can't be sealed, for these reasons, or not be kept, for none.
pub(super) fn settle(
    shared: &Shared<'_>,
    evaluation: &Evaluation<'_>,
    wish: Wish,
) -> Result<Result<Settled, Vec<Finding>>, OutProblem> {
    match attempt(shared, evaluation, wish) {
        Ok(settled) => Ok(Ok(settled)),
        Err(Trouble::Findings(findings)) => Ok(Err(findings)),
        Err(Trouble::Another) => Ok(Err(Vec::new())),
        Err(Trouble::Out(problem)) => Err(problem),
    }
}

fn attempt(shared: &Shared<'_>, evaluation: &Evaluation<'_>, wish: Wish) -> Result<Settled, Trouble> {
    let device = evaluation.judged.device;
    let refused = |why: String| vec![Finding::new(codes::image::REFUSED, device.loc, why).device(&*device.name)];
    let compliant = evaluation.compliant(shared.block_on).map_err(|why| refused(why.to_string()))?;
    let group = shared.plant.site.group(&device.name);
    let lock = shared.locks.get(group).ok_or_else(|| refused(format!("there is no key for the group `{group}`")))?;
    let stamp = Stamp { site: &shared.plant.site.name, demo: shared.plant.site.demo, group };
    let one = One { shared, evaluation, compliant, lock, stamp, wish };
    let inputs = shared.memos.inputs(shared.plant, evaluation, &compliant, &one.stamp);
    match inputs.as_ref().and_then(|inputs| shared.memos.recall(shared.previous, device, inputs)) {
        Some(recalled) => stay(&one, recalled),
        None => render(&one, inputs),
    }
}

/// Nothing that decides the device's files is another: all of them stay.
fn stay(one: &One<'_>, recalled: Recalled) -> Result<Settled, Trouble> {
    let Recalled { entry, memo, native, files } = recalled;
    let device = one.compliant.device();
    let mut files = Files { shared: one.shared, written: carry::stage(one.shared, files)? };
    files.upload(device, &certificates::of(device, one.shared.certificates))?;
    let written = files.written;
    let secrets = memo.secrets as usize;
    let secrets = SecretCount { sealed: secrets, unchanged: secrets, ..SecretCount::default() };
    let image = told(one, (entry.revision, entry.image, false), &written, secrets, None);
    let findings = unplaced(device, &native.unplaced);
    Ok(Settled { entry, memo: Some(memo), image, native, written, findings })
}

/// An image (its revision, its digest, whether it is new), for the report.
pub(super) fn told(
    one: &One<'_>,
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
