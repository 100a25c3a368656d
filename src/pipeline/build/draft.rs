//! A build without secrets (`--secrets placeholder`): everything but sealing, for whoever may not see secrets, such as the
//! CI of a fork. Texts, public files, sheets and the review are there, no image and no index; a file in the folder says
//! so, and a sealed build is never replaced by it.

use rayon::prelude::*;

use super::render::counted;
use super::{BuildError, Built, Order};
use crate::finding::{Finding, codes};
use crate::image::Digest;
use crate::native::NativeText;
use crate::pipeline::folder::{self, INDEX, REVIEW};
use crate::pipeline::public::{About, Public, Verdicts};
use crate::pipeline::seal::unplaced;
use crate::pipeline::why::Why;
use crate::pipeline::{Plant, certificates, compare, gather, sheet};
use crate::policy::{Evaluation, NotCompliant};
use crate::report::{self, NativeReport, Outcome, Written, WrittenKind};
use crate::site::output::{Access, OutDir};
use crate::{ledger::IndexPack, platform};

const NOTICE: &str = "NOT-SEALED.txt";

const NOTICE_TEXT: &str = "This folder was built with placeholders for secrets (`--secrets placeholder`).\n\
    There is no image and no index: nothing here can be put on a device, and nothing here is proved.\n\
    Rules that need the secrets were not judged. The texts, sheets and review.md are what a sealed build of the same\n\
    sources would have, but for fingerprints of secrets and revisions.\n";

/// Judges, compares, renders and writes, without a key and without a secret.
pub(super) fn draft(plant: &Plant, order: &Order<'_>) -> Result<Built, BuildError> {
    let selection = &order.selection;
    let judgement = plant.judge(order.secrets, selection.now);
    let mut report = gather::report(plant, &judgement, "build", selection);
    report.draft = true;
    gather::tighten(&mut report);
    report.commit = super::said_commit(plant, order);
    report.findings.extend(super::late(plant, order, &order.commit.time, super::COMMIT));
    compare::add(plant, &judgement, order.secrets, selection, &mut report);

    let block_on = gather::block_on(plant);
    let by_name = judgement.by_name();
    let unreadable = gather::unreadable(plant);
    let failing = gather::failing(&report);
    let sound = |evaluation: &Evaluation<'_>| {
        let name = &*evaluation.judged.device.name;
        plant.site.is_sound(name) && !unreadable.contains(name) && !failing.contains(name)
    };
    // what waits for the secrets stands against sealing, and nothing is sealed here
    let passes = |evaluation: &Evaluation<'_>| {
        matches!(evaluation.compliant(block_on), Ok(_) | Err(NotCompliant::Open(_))) && sound(evaluation)
    };
    let chosen: Vec<(usize, &Evaluation<'_>)> = (report.devices.iter().enumerate())
        .filter_map(|(at, d)| Some((at, *by_name.get(&*d.name)?)))
        .filter(|(_, evaluation)| passes(evaluation))
        .collect();
    for (at, _) in &chosen {
        report.devices[*at].complies = true;
    }
    compare::add_first(plant, &judgement, &mut report);
    report.findings.extend(super::unproved(&judgement, block_on, selection, true));
    let hopeless = gather::hopeless(&report);
    let all = chosen.len() == report.devices.len() && report.outcome() < Outcome::Fails;
    if hopeless || chosen.is_empty() || !(all || order.keep_going) {
        gather::refuse(plant, &judgement, &mut report, |_| true);
        return Ok(Built::nothing(report));
    }
    let out = (order.out)()?;
    if out.has(INDEX) {
        return Err(BuildError::Sealed);
    }
    let (packs, why) = (plant.index_packs(), Why::of(plant));
    let one = |(at, evaluation): &(usize, &Evaluation<'_>)| {
        let done = device(plant, evaluation, &packs, &why, &out);
        if let Some(progress) = order.progress {
            progress();
        }
        done.map(|done| (*at, done))
    };
    let done: Vec<(usize, _)> = chosen.par_iter().map(one).collect::<Result<_, BuildError>>()?;
    let mut failed = false;
    for (at, device) in done {
        match device {
            Ok((native, written)) => {
                let drafted = chosen.iter().find(|(chosen, _)| *chosen == at);
                let placeless = drafted.map(|(_, e)| unplaced(e.judged.device, &native.unplaced));
                report.findings.extend(placeless.unwrap_or_default());
                report.devices[at].native = Some(native);
                report.written.extend(written);
            }
            Err(findings) => {
                failed = true;
                report.devices[at].complies = false;
                report.findings.extend(findings);
            }
        }
    }
    if report.written.is_empty() || failed && !order.keep_going {
        report.written.clear();
        return Ok(Built::nothing(report));
    }
    let notice = Written { path: NOTICE.to_owned(), kind: WrittenKind::Notice, fresh: true };
    out.add(NOTICE, NOTICE_TEXT.as_bytes(), Access::Everyone)?;
    let review = Written { path: REVIEW.to_owned(), kind: WrittenKind::Review, fresh: true };
    out.add(REVIEW, report::review(&report).as_bytes(), Access::Everyone)?;
    report.written.extend([notice, review]);
    out.commit()?;
    Ok(Built { report, wrote: true, memo: None })
}

type Drafted = Result<(NativeReport, Vec<Written>), Vec<Finding>>;

/// The public files of one device. `Err` within: what its text can't hold.
fn device(
    plant: &Plant,
    evaluation: &Evaluation<'_>,
    packs: &[IndexPack],
    why: &Why,
    out: &OutDir,
) -> Result<Drafted, BuildError> {
    let device = evaluation.judged.device;
    let name = &device.name;
    let Some(on) = platform::of(device.platform) else {
        let message = format!("no table tells how `{}` writes its settings", device.platform.word());
        return Ok(Err(vec![Finding::new(codes::platform::NO_TABLE, device.platform_loc, message).device(&**name)]));
    };
    let strangers = certificates::refused(device, plant.certificates());
    if !strangers.is_empty() {
        return Ok(Err(strangers));
    }
    let native = match on.render(device, plant.under(device)) {
        Ok(native) => native,
        Err(findings) => return Ok(Err(findings)),
    };
    let texts = [&native.machine, &native.sheet].into_iter().flatten();
    let texts: Vec<(&NativeText, String)> = texts.map(|text| (text, text.redacted())).collect();
    let redacted = Digest::of_pieces(texts.iter().map(|(_, text)| text.as_bytes()));
    let sheet = sheet::print(plant, device, (&native, redacted), "not sealed", why);
    let (site, demo) = (&*plant.site.name, plant.site.demo);
    let certificates = certificates::of(device, plant.certificates());
    let about = About { site, demo, packs, redacted, sheet: Digest::of(sheet.as_bytes()), certificates: &certificates };
    let public = match Public::of(device, &native, Verdicts::of(evaluation), &about).to_bytes() {
        Ok(public) => public,
        Err(error) => {
            let finding = Finding::new(codes::image::PUBLIC, device.loc, error.to_string());
            return Ok(Err(vec![finding.device(&**name)]));
        }
    };
    let mut written = Vec::new();
    let mut add = |path: String, kind, bytes: &[u8]| {
        out.add(&path, bytes, Access::Everyone)?;
        written.push(Written { path, kind, fresh: true });
        Ok::<(), BuildError>(())
    };
    add(folder::public(name), WrittenKind::Public, &public)?;
    for (text, redacted) in &texts {
        let path = folder::redacted(name, text.form);
        add(path, WrittenKind::Redacted, redacted.as_bytes())?;
    }
    add(folder::sheet(name), WrittenKind::Sheet, sheet.as_bytes())?;
    for certificate in &certificates {
        add(folder::certificate(name, &certificate.name), WrittenKind::Certificate, certificate.bytes)?;
    }
    Ok(Ok((counted(&native), written)))
}
