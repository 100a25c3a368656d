//! Sealing what complies, into an output folder that changes whole or not at all.
//!
//! A build goes through stages, each made from the one before: [`Judged`](judge::Judged), where rules have spoken;
//! [`Rendered`], where every device that complies has its files staged, its image kept or sealed; [`Built`], with the
//! list of all images. A draft is the same without images and list.

mod request;
mod judge;
mod previous;
mod lock;
mod cache;
mod secrets;
mod keep;
mod leaks;
mod files;
mod render;
mod device;
mod carry;
mod chain;
mod draft;
mod error;

pub use error::BuildError;
pub use previous::Before;
pub use request::{Commit, History, KeyOf, Keys, Recipients, Request, Sign, Wrap};

use std::collections::HashSet;

use rayon::prelude::*;

use self::device::{DeviceBuild, Sealed, Shared};
use self::files::Folder;
use self::judge::Judged;
use self::previous::Previous;
use super::ReadySite;
use crate::finding::Finding;
use crate::policy::Evaluation;
use crate::report::{Left, Outcome, Report, Sealing};
use crate::secret::Secrets;

/// What a build did.
pub struct Built {
    /// Everything found, changed and written.
    pub report: Report,
    /// Whether the output folder holds this build now.
    pub wrote: bool,
    /// What the next build need not find out again; nothing of it is secret. `None` where nothing was built.
    pub cache: Option<Vec<u8>>,
}

impl Built {
    fn nothing(mut report: Report) -> Built {
        report.written.clear();
        report.devices.iter_mut().for_each(|d| d.image = None);
        Built { report, wrote: false, cache: None }
    }
}

/// Judges, compares, seals and writes. Nothing is written where a device fails, unless the request says to keep going.
/// An image of the build before stays where nothing about it would change. With placeholders for secrets everything but
/// sealing is done, in a folder that says so.
///
/// # Errors
/// Of the output folder, of the build before, of key and signature; everything else is in the report.
pub fn build(ready: &ReadySite, request: &Request<'_>) -> Result<Built, BuildError> {
    let judgement = ready.judge_for(request.secrets, &request.selection);
    let mut judged = match judge::judge(ready, request, &judgement) {
        Ok(judged) => judged,
        Err(report) => return Ok(Built::nothing(*report)),
    };
    if matches!(request.secrets, Secrets::Placeholder) {
        return draft::draft(ready, request, judged);
    }
    if request.keys.passphrase.is_none() && request.keys.sign.is_none() {
        return Err(BuildError::Unsigned);
    }
    let out = (request.out)()?;
    let previous = Previous::find(request, &ready.site.name, &out)?;
    let judged_at = previous.index().map_or("", |index| &index.judged_at);
    if let Some(finding) = judge::refuse_clock_behind(ready, request, judged_at, judge::BUILD_BEFORE) {
        judged.report.findings.push(finding);
        return Ok(Built::nothing(judged.report));
    }
    let locks = lock::locks(ready, request, &previous, &judged.chosen)?;
    judged.report.findings.extend(locks.iter().filter_map(|(group, lock)| lock::stranger(ready, group, lock)));
    // known by now, where they were asked for; everybody knows a demo's
    let passphrases = if ready.site.demo { Vec::new() } else { (request.keys.passphrases)() };
    let folder = Folder::of(ready, request.secrets, &passphrases, &out);
    let shared = Shared::of(folder, request, &previous, &locks);
    let one = |evaluation: &Evaluation<'_>| Ok(device::build(&shared, evaluation, true)?);
    let built = match render(request, judged, one)? {
        Ok(rendered) => list(&shared, carry::add_others(&shared, &judgement, rendered)?)?,
        Err(report) => Built::nothing(*report),
    };
    if built.wrote {
        out.commit()?;
    }
    Ok(built)
}

/// Devices whose files are staged.
struct Rendered {
    report: Report,
    /// Their images.
    sealed: Vec<Sealed>,
}

/// Builds the chosen devices side by side, and puts what became of each into the report. `Err` within: nothing may be
/// written, and the report says why.
fn render(
    request: &Request<'_>,
    judged: Judged<'_>,
    one: impl Fn(&Evaluation<'_>) -> Result<Result<DeviceBuild, Vec<Finding>>, BuildError> + Sync,
) -> Result<Result<Rendered, Box<Report>>, BuildError> {
    let Judged { mut report, chosen } = judged;
    let with_progress = |(at, evaluation): &(usize, &Evaluation<'_>)| {
        let done = one(evaluation);
        if let Some(progress) = request.progress {
            progress();
        }
        done.map(|done| (*at, done))
    };
    let done: Vec<(usize, _)> = chosen.par_iter().map(with_progress).collect::<Result<_, _>>()?;
    let (mut sealed, mut failed) = (Vec::new(), false);
    for (at, done) in done {
        match done {
            Ok(built) => {
                let device = &mut report.devices[at];
                (device.image, device.native) = (built.image, Some(built.native));
                sealed.extend(built.sealed);
                report.written.extend(built.written);
                report.findings.extend(built.findings);
            }
            Err(findings) => {
                failed = true;
                let device = &mut report.devices[at];
                (device.complies, device.drafted) = (false, false);
                report.findings.extend(findings);
            }
        }
    }
    let stops = (failed || report.outcome() >= Outcome::Fails) && !request.keep_going;
    Ok(if report.written.is_empty() || stops { Err(Box::new(report)) } else { Ok(Rendered { report, sealed }) })
}

/// Stages the list of all images beside them: all that is left is to put the folder into place.
fn list(shared: &Shared<'_>, rendered: Rendered) -> Result<Built, BuildError> {
    let Rendered { mut report, sealed } = rendered;
    let (images, cached): (Vec<_>, Vec<_>) = sealed.into_iter().map(|s| (s.entry, s.cached)).unzip();
    let new: HashSet<&str> = images.iter().map(|new| &*new.device).collect();
    let gone = shared.previous.index().into_iter().flat_map(|index| &index.images);
    let gone = gone.filter(|old| !new.contains(&*old.device));
    report.gone.extend(gone.map(|old| Left { device: old.device.clone(), revision: old.revision.into() }));
    let keys = &shared.request.keys;
    report.sealing = Sealing {
        groups: shared.locks.keys().cloned().collect(),
        passphrase: keys.passphrase.is_some(),
        recipients: keys.recipients.map_or(0, |r| r.lines.len()),
        expected: shared.request.history.signers.is_some(),
        ..Sealing::default()
    };
    chain::stage(shared, images, &mut report)?;
    let leaked = shared.folder.leaks.findings(shared.folder.ready);
    if !leaked.is_empty() {
        report.findings.extend(leaked);
        return Ok(Built::nothing(report));
    }
    Ok(Built { report, wrote: true, cache: cache::written(cached.into_iter().flatten().collect()) })
}
