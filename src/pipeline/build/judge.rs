//! The first stage: what the rules say of the site, and which devices may be built.

use super::request::{Commit, Request};
use crate::finding::{Finding, Severity, codes};
use crate::pipeline::{ReadySite, clock, compare, gather};
use crate::policy::{Evaluation, Judgement, NotCompliant};
use crate::report::{self, Outcome, Report};
use crate::secret::Secrets;

/// A judged site, of which something may be built.
pub(super) struct Judged<'a> {
    pub(super) report: Report,
    /// The devices that may be built, each with its place in the report.
    pub(super) chosen: Vec<(usize, &'a Evaluation<'a>)>,
}

/// Judges and compares. `Err`: nothing may be built, and the report says why.
pub(super) fn judge<'a>(
    ready: &ReadySite,
    request: &Request<'_>,
    judgement: &'a Judgement<'a>,
) -> Result<Judged<'a>, Box<Report>> {
    let (selection, block_on) = (&request.selection, gather::block_on(ready));
    let draft = matches!(request.secrets, Secrets::Placeholder);
    let mut report = gather::report(ready, judgement, "build", selection);
    report.draft = draft;
    report.commit = shown_commit(ready, request);
    let Commit { author, subject, .. } = &request.commit;
    report.commit_words = report.commit.as_ref().map(|_| (author.clone(), subject.clone()));
    gather::tighten(&mut report);
    report.findings.extend(refuse_clock_behind(ready, request, &request.commit.time, COMMIT));
    let (failing, unreadable, hopeless) =
        (gather::failing(&report), gather::unreadable(ready), gather::hopeless(&report));
    let by_name = judgement.by_name();
    for device in &mut report.devices {
        let name = &*device.name;
        // what waits for the secrets stands against sealing, and nothing is sealed in a draft
        let waits = |e: &&Evaluation<'_>| matches!(e.compliant(block_on), Err(NotCompliant::Open(_)));
        let sound = !hopeless && ready.site.is_sound(name) && !unreadable.contains(name);
        device.complies &= !failing.contains(name);
        device.drafted = draft && sound && !failing.contains(name) && by_name.get(name).is_some_and(waits);
    }
    compare::add(ready, judgement, request.secrets, selection, &mut report);
    compare::add_first(ready, judgement, &mut report);

    let written = report.devices.iter().enumerate().filter(|(_, d)| d.is_written());
    let chosen: Vec<(usize, &Evaluation<'_>)> =
        written.filter_map(|(at, d)| Some((at, *by_name.get(&*d.name)?))).collect();
    report.findings.extend(unproved(judgement, block_on, request, draft));
    // a device whose file can't be read is not among the report's, and fails the run all the same
    let all = chosen.len() == report.devices.len() && report.outcome() < Outcome::Fails;
    let goes_on = !gather::refused(&report) && (all || request.keep_going);
    // those that are built are rendered in any case
    gather::refuse(ready, judgement, &mut report, |device| !(goes_on && device.is_written()));
    if goes_on { Ok(Judged { report, chosen }) } else { Err(Box::new(report)) }
}

/// Where the site's files stand in git; a demo proves nothing, whatever it was built from.
fn shown_commit(ready: &ReadySite, request: &Request<'_>) -> Option<report::Commit> {
    let Commit { id, dirty, .. } = &request.commit;
    (!id.is_empty() && !ready.site.demo).then(|| report::Commit { id: id.clone(), dirty: *dirty })
}

/// Refused: a clock that is behind what is built. What has ended would be in force again.
pub(super) fn refuse_clock_behind(
    ready: &ReadySite,
    request: &Request<'_>,
    time: &str,
    (what, help): (&str, &str),
) -> Option<Finding> {
    let later = clock::behind(request.selection.now, [time])?;
    let (now, later) = (gather::said(request.selection.now), gather::said(later));
    let message = format!(
        "this machine's clock says {now}, and {what} is of {later}: waivers and keys that have ended would count again"
    );
    Some(
        Finding::new(codes::site::CLOCK, ready.site.loc, message)
            .help(format!("set the clock; where it is right, {help}")),
    )
}

const COMMIT: (&str, &str) = ("the commit", "commit again: whoever did had a wrong one");
pub(super) const BUILD_BEFORE: (&str, &str) =
    ("the build before", "that one was made with a wrong clock: name an earlier one with `--previous`");

/// Devices that nothing is wrong with and that still can't be sealed: rules wait for the secrets (as they may in a
/// draft), or there are none.
fn unproved(judgement: &Judgement<'_>, block_on: Severity, request: &Request<'_>, draft: bool) -> Vec<Finding> {
    let finding = |evaluation: &Evaluation<'_>| {
        let device = evaluation.judged.device;
        let (message, help) = match evaluation.compliant(block_on) {
            Err(NotCompliant::Open(_)) if draft => return None,
            Err(NotCompliant::Open(rules)) => {
                let rules: Vec<&str> = rules.iter().map(|r| &**r).collect();
                let message = format!("`{}` can't be sealed without its secrets: {}", device.name, rules.join(", "));
                (
                    message,
                    "`fieldlock secret generate --missing` makes them, sealed in the site; or give them by `--secrets DIR`, a file \
                     per secret, or `--secrets -`, a JSON map on standard input",
                )
            }
            Err(NotCompliant::NoRules) => {
                let message =
                    format!("no rule in force applies to `{}`: nothing would be proved by sealing it", device.name);
                (message, "name a pack for its platform in `packs` of site.kdl")
            }
            Ok(_) | Err(NotCompliant::Broken(_)) => return None,
        };
        Some(Finding::new(codes::image::UNPROVED, device.loc, message).help(help).device(&*device.name))
    };
    let chosen = judgement.evaluations.iter().filter(|e| (request.selection.devices)(e.judged.device));
    chosen.filter_map(finding).collect()
}
