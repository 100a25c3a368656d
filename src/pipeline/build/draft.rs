//! A build without secrets (`--secrets placeholder`): everything but sealing, for whoever may not see secrets, such as
//! the CI of a fork. Texts, public files, sheets and the review are there, no image and no index; a file in the folder
//! says so, and a sealed build is never replaced by it.

use super::device::{DeviceBuild, Trouble};
use super::files::{Files, Folder};
use super::judge::Judged;
use super::render::counted;
use super::{BuildError, Built, Rendered, Request, render};
use crate::image::Digest;
use crate::native::{Form, NativeText};
use crate::pipeline::folder::{INDEX, MAX_PAGE, REVIEW, REVIEW_PAGE};
use crate::pipeline::seal::unplaced;
use crate::pipeline::{ReadySite, certificates};
use crate::platform;
use crate::policy::Evaluation;
use crate::report::{self, Report, Written, WrittenKind};
use crate::site::output::{Access, OutDir};

const NOTICE: &str = "NOT-SEALED.txt";

const NOTICE_TEXT: &str = "This folder was built with placeholders for secrets (`--secrets placeholder`).\n\
    There is no image and no index: nothing here can be put on a device, and nothing here is proved.\n\
    Rules that need the secrets were not judged. The texts, sheets and review pages are what a sealed build of the same\n\
    sources would have, but for fingerprints of secrets and revisions.\n";

/// Renders and writes, without a key and without a secret.
pub(super) fn draft(ready: &ReadySite, request: &Request<'_>, judged: Judged<'_>) -> Result<Built, BuildError> {
    if judged.chosen.is_empty() {
        return Ok(Built::nothing(judged.report));
    }
    let out = (request.out)()?;
    if out.has(INDEX) {
        return Err(BuildError::Sealed);
    }
    let folder = Folder::of(ready, request.secrets, &[], &out);
    let one = |evaluation: &Evaluation<'_>| match device(&folder, evaluation) {
        Ok(built) => Ok(Ok(built)),
        Err(Trouble::Findings(findings)) => Ok(Err(findings)),
        Err(Trouble::Out(problem)) => Err(problem.into()),
    };
    let Rendered { mut report, .. } = match render(request, judged, one)? {
        Ok(rendered) => rendered,
        Err(report) => return Ok(Built::nothing(*report)),
    };
    let notice = Written { path: NOTICE.to_owned(), kind: WrittenKind::Notice, fresh: true };
    out.add(NOTICE, NOTICE_TEXT.as_bytes(), Access::Everyone)?;
    report.written.push(notice);
    let page = page(&out, &mut report);
    for (name, text) in [(REVIEW, &page), (REVIEW_PAGE, &report::page::board(&page))] {
        let fresh = out.keep_or_add(name, text.as_bytes(), Access::Everyone)?;
        report.written.push(Written { path: name.to_owned(), kind: WrittenKind::Review, fresh });
    }
    out.commit()?;
    Ok(Built { report, wrote: true, cache: None })
}

/// The page; of the time at which the draft before was judged, where nothing else is another.
fn page(out: &OutDir, report: &mut Report) -> String {
    let before = out.read(REVIEW, MAX_PAGE).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let then = before.as_deref().and_then(report::judged_at);
    let again = then.map(|then| report::review_of(report, then.to_owned()));
    again.filter(|again| before.as_ref() == Some(again)).unwrap_or_else(|| report::review(report))
}

/// The public files of one device.
fn device(folder: &Folder<'_>, evaluation: &Evaluation<'_>) -> Result<DeviceBuild, Trouble> {
    let device = evaluation.judged.device;
    let strangers = certificates::refused(device, &certificates::named(&device.own), folder.certificates);
    if !strangers.is_empty() {
        return Err(strangers.into());
    }
    let native = platform::at(device).render(device, folder.ready.under(device))?;
    let texts = [&native.machine, &native.sheet].into_iter().flatten();
    let texts: Vec<(Form, String)> = texts.map(|text: &NativeText| (text.form, text.redacted())).collect();
    let texts: Vec<(Form, &str)> = texts.iter().map(|(form, text)| (*form, &**text)).collect();
    let redacted = Digest::of_pieces(texts.iter().map(|(_, text)| text.as_bytes()));
    let mut files = Files { folder, written: Vec::new() };
    files.stage_public(evaluation, &native, (&texts, redacted), 0)?;
    let findings = unplaced(device, &native.unplaced);
    Ok(DeviceBuild { sealed: None, image: None, native: counted(&native), written: files.written, findings })
}
