//! Evaluations and findings to a report.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::finding::{Code, Finding, RuleRef, Severity, Verdict, codes, join_ends};
use crate::model::paths::ASSET_ID;
use crate::policy::{Evaluation, Judgement, RuleOutcome, why_not};
pub(super) use crate::report::documents::said;
use crate::report::{
    AttestationLine, DeviceReport, FailOn, KnownHoles, PackHead, Report, RulePage, SiteHead, Tally, WaiverLine,
    WaiverWords,
};
use crate::secret::Secrets;
use crate::site::SiteDevice;
use crate::source::Loc;

use super::ReadySite;
use super::adoption;
use super::clean_groups::CleanGroups;
use super::pins;
use super::ready::pack_digest;
use super::seal::{Stamp, refusals};

/// What a run is asked for, beside the site.
pub struct Selection<'a> {
    /// The devices to speak of; all are loaded and judged, since rules may look at several.
    pub devices: &'a (dyn Fn(&SiteDevice) -> bool + Sync),
    /// What makes the run fail.
    pub fail_on: FailOn,
    /// How the site was named on the command line.
    pub argument: String,
    /// Now.
    pub now: jiff::Timestamp,
    /// Which rules are listed though nothing is wrong with them.
    pub list: List,
    /// Whether fixes are also wanted as edits of the files: looked up in their texts, a finding each.
    pub edits: bool,
    /// Where native texts are compared line by line as well: when the run began, by the clock that never goes back. It
    /// takes longer than all else of a comparison, and gives up in time.
    pub texts: Option<std::time::Instant>,
}

impl<'a> Selection<'a> {
    /// Devices at a time, with nothing beyond what is found.
    pub fn of(devices: &'a (dyn Fn(&SiteDevice) -> bool + Sync), now: jiff::Timestamp) -> Selection<'a> {
        Selection {
            devices,
            fail_on: FailOn::default(),
            argument: String::new(),
            now,
            list: List::Nothing,
            edits: false,
            texts: None,
        }
    }
}

/// Rules that are listed though nothing is wrong with them. Each is a finding: many, in a large site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// None: they are only counted.
    Nothing,
    /// Those left for later, passes, and rules that do not apply.
    All,
}

/// Checks a site: findings of the input, of the rules, and counts per device.
pub fn check(ready: &ReadySite, secrets: &Secrets, selection: &Selection<'_>) -> Report {
    checked(ready, &ready.judge_for(secrets, selection), selection)
}

/// The same of what is judged already.
pub(super) fn checked(ready: &ReadySite, judgement: &Judgement<'_>, selection: &Selection<'_>) -> Report {
    let mut report = report(ready, judgement, "check", selection);
    refuse(ready, judgement, &mut report, |_| true);
    adoption::mark(ready, judgement, &mut report, selection.now);
    report
}

/// Adds what stands against sealing the devices of a report though no rule says so, and needs no secret to be told:
/// limits of the device, a base that is missing, settings that its native text has no place for.
pub(super) fn refuse(
    ready: &ReadySite,
    judgement: &Judgement<'_>,
    report: &mut Report,
    asked: impl Fn(&DeviceReport) -> bool + Sync,
) {
    let by_name = judgement.by_name();
    let unreadable = unreadable(ready);
    let certificates = ready.certificates();
    let clean = CleanGroups::default();
    let one = |device: &DeviceReport| {
        let sound = ready.site.is_sound(&device.name) && !unreadable.contains(&*device.name) && asked(device);
        let evaluation = by_name.get(&*device.name).filter(|_| sound)?;
        let (device, site) = (evaluation.judged.device, &ready.site);
        let stamp = Stamp { site: &site.name, demo: site.demo, group: site.group(&device.name) };
        Some(refusals(device, ready.under(device), certificates, &stamp, &clean))
    };
    let told: Vec<Option<Vec<Finding>>> = report.devices.par_iter().map(one).collect();
    for (at, findings) in told.into_iter().enumerate() {
        let findings = findings.unwrap_or_default();
        report.devices[at].complies &= !findings.iter().any(|f| report.blocks(f));
        report.findings.extend(findings);
    }
}

/// The page of every rule in force, for reports that tell them.
pub fn rule_pages(ready: &ReadySite) -> Vec<RulePage> {
    let of = |pack: &crate::policy::Pack| {
        let digest = pack_digest(&pack.name, &ready.site.own_packs).to_string();
        let rules = pack.rules.iter();
        rules.map(|rule| RulePage::of(rule, &ready.packs, &ready.sources, &digest)).collect::<Vec<_>>()
    };
    ready.packs.packs.iter().flat_map(of).collect()
}

/// The report of a judgement, without differences or images.
pub(super) fn report(
    ready: &ReadySite,
    judgement: &Judgement<'_>,
    verb: &'static str,
    selection: &Selection<'_>,
) -> Report {
    let mut report = Report::new(verb, env!("CARGO_PKG_VERSION"));
    report.site = Some(SiteHead { name: ready.site.name.to_string(), argument: selection.argument.clone() });
    report.packs = packs(ready);
    report.known_holes = Some(KnownHoles::of(&ready.advisories));
    report.judged_at = said(selection.now);
    report.block_on = block_on(ready);
    report.fail_on = selection.fail_on;
    if !selection.fail_on.named {
        report.fail_on.severity = selection.fail_on.severity.min(report.block_on);
    }
    report.waivers = waivers(ready, selection.now);
    report.demo = ready.site.demo;

    let chosen: Vec<&Evaluation<'_>> =
        judgement.evaluations.iter().filter(|e| (selection.devices)(e.judged.device)).collect();
    let chosen_name = |name: &str| ready.site.device(name).is_none_or(selection.devices);
    let speaks_of = |f: &&Finding| f.device.is_none() || f.devices().any(chosen_name);
    report.findings.extend(ready.findings.iter().filter(speaks_of).cloned());
    report.findings.extend(judgement.findings.iter().filter(speaks_of).cloned());
    let unreadable = unreadable(ready);
    let block_on = report.block_on;
    let hopeless = hopeless(&report);
    let one = |evaluation: &&Evaluation<'_>| {
        // a device of which a text can't be read would fail for all that stands in it: one slip, a hundred findings
        if !ready.site.is_sound(&evaluation.judged.device.name) {
            return (DeviceReport { tally: Tally::default(), ..describe(ready, evaluation) }, Vec::new());
        }
        let quiet = evaluation.outcomes.iter().filter_map(|o| quiet(ready, evaluation, o, selection.list));
        let findings = evaluation.findings.iter().cloned().chain(quiet).chain(unjudged(evaluation)).collect();
        let mut device = describe(ready, evaluation);
        if hopeless {
            device.tally = Tally::default();
        }
        device.complies = !hopeless && !unreadable.contains(&*device.name) && complies(ready, evaluation, block_on);
        (device, findings)
    };
    report.attestations = attestations(ready, &chosen);
    let told: Vec<(DeviceReport, Vec<Finding>)> = chosen.par_iter().map(one).collect();
    for (device, findings) in told {
        report.devices.push(device);
        report.findings.extend(findings);
    }
    join_ends(&mut report.findings);
    report
}

/// Whether something is wrong with the input that is of no device: then no device can be built.
pub(super) fn hopeless(report: &Report) -> bool {
    report.findings.iter().any(|f| f.device.is_none() && f.is_input_error())
}

/// Whether something of no device keeps a build from going on, whatever is asked for.
pub(super) fn refused(report: &Report) -> bool {
    report.findings.iter().any(|f| f.device.is_none() && f.is_refused())
}

/// For a build: a flag tightens what the site asks for before anything is sealed, and never loosens it.
pub(super) fn tighten(report: &mut Report) {
    report.fail_on.severity = report.fail_on.severity.min(report.block_on);
    report.fail_on.sealing = true;
}

/// Devices that a finding fails the run for: a flag may ask for more than the site does before anything is sealed.
pub(super) fn failing(report: &Report) -> HashSet<String> {
    let failing = report.findings.iter().filter(|f| report.fail_on.fails(f));
    failing.flat_map(Finding::devices).map(str::to_owned).collect()
}

/// Devices of which something that is said can't be used, or that their platform does not take: none of them complies,
/// whatever rules say.
pub(super) fn unreadable(ready: &ReadySite) -> HashSet<&str> {
    ready.findings.iter().filter(|f| f.is_refused()).flat_map(Finding::devices).collect()
}

/// Lines that a description passes through and that make no rule unknown: told, so that nobody takes them for judged.
fn unjudged(evaluation: &Evaluation<'_>) -> impl Iterator<Item = Finding> {
    let device = evaluation.judged.device;
    let told = |loc: Loc| evaluation.findings.iter().any(|f| f.loc == loc);
    let lines = device.unjudged.iter().filter(move |line| !line.read && !told(line.loc));
    lines.map(|line| {
        let message = format!("unjudged: `{}` is passed through as it is", line.shown);
        let finding = Finding::new(codes::platform::UNJUDGED, line.loc, message);
        Finding { status: Verdict::Unknown, ..finding.device(&*device.name).path("vendor-settings") }
    })
}

/// A rule that is not open, as a finding at the device's line.
fn quiet(ready: &ReadySite, evaluation: &Evaluation<'_>, outcome: &RuleOutcome, list: List) -> Option<Finding> {
    let listed = match outcome.verdict {
        Verdict::Deferred | Verdict::Pass | Verdict::NotApplicable => list == List::All,
        Verdict::Fail | Verdict::Unknown | Verdict::Waived => false,
    };
    if !listed {
        return None;
    }
    let device = evaluation.judged.device;
    let rule = ready.packs.rule(&outcome.rule)?;
    Some(Finding {
        family: outcome.family.to_string(),
        status: outcome.verdict,
        device: Some(device.name.to_string()),
        rule_loc: Some(rule.body_loc),
        rules: vec![RuleRef { id: rule.id.to_string(), loc: rule.body_loc, severity: rule.severity }],
        supports: rule.supports.iter().map(|s| s.requirement.clone()).collect(),
        reason: match outcome.verdict {
            Verdict::NotApplicable => outcome.reason.clone().or_else(|| Some(why_not(rule, evaluation.judged))),
            _ => outcome.why().map(str::to_owned),
        },
        ..Finding::new(Code::Rule(outcome.rule.clone()), device.loc, rule.title.clone()).severity(outcome.severity)
    })
}

/// From which severity a finding keeps a device from being sealed. A site may only tighten it.
pub(super) fn block_on(ready: &ReadySite) -> Severity {
    use crate::model::site::BlockOn;
    match ready.site.typed.block_on {
        None | Some(BlockOn::High) => Severity::High,
        Some(BlockOn::Medium) => Severity::Medium,
        Some(BlockOn::Low) => Severity::Low,
        Some(BlockOn::Info) => Severity::Info,
    }
}

/// Whether a device may be sealed that has no input error of its own: all that it uses could be read, its rules say so.
fn complies(ready: &ReadySite, evaluation: &Evaluation<'_>, block_on: Severity) -> bool {
    ready.site.is_sound(&evaluation.judged.device.name) && evaluation.compliant(block_on).is_ok()
}

fn describe(ready: &ReadySite, evaluation: &Evaluation<'_>) -> DeviceReport {
    let device = evaluation.judged.device;
    let said = |path: &str| device.own.value(path).map(|f| f.value.plain());
    let zone = device.zone.as_ref().map(|zone| {
        let declared = ready.site.typed.zone.iter().find(|z| z.name.as_ref().is_some_and(|n| n.as_str() == &**zone));
        (zone.to_string(), declared.and_then(|z| z.sl_t))
    });
    let mut tally = Tally::default();
    for outcome in &evaluation.outcomes {
        tally.count(outcome);
    }
    DeviceReport {
        name: device.name.to_string(),
        loc: Some(device.loc),
        platform: device.platform.word().to_owned(),
        model: device.model.as_ref().map(|m| m.to_string()),
        firmware: device.firmware.map(|f| f.to_string()),
        asset: said(ASSET_ID),
        zone,
        tally,
        attested: evaluation.attestations.iter().filter_map(|a| a.id.clone()).collect(),
        unjudged: device.unjudged.iter().map(|line| line.shown.to_string()).collect(),
        ..DeviceReport::default()
    }
}

fn packs(ready: &ReadySite) -> Vec<PackHead> {
    let head = |p: &crate::policy::Pack| PackHead {
        name: p.name.to_string(),
        version: p.version.clone(),
        rules: p.rules.len(),
        shipped: p.shipped,
        named: p.named,
        pinned: pins::is_pinned(ready, &p.name),
    };
    ready.packs.packs.iter().map(head).collect()
}

fn waivers(ready: &ReadySite, now: jiff::Timestamp) -> Vec<WaiverLine> {
    let line = |w: &crate::site::SiteWaiver| {
        let (from, until) = (w.typed.from?, w.typed.until?);
        if now < from.begins() || now >= until.ends() {
            return None;
        }
        let seconds = until.ends().as_second() - now.as_second();
        Some(WaiverLine { said: WaiverWords::of(&w.typed), days_left: seconds / 86_400, loc: w.loc })
    };
    ready.site.waivers.iter().filter_map(line).collect()
}

/// The attestations of the site that answer something on the chosen devices.
fn attestations(ready: &ReadySite, chosen: &[&Evaluation<'_>]) -> Vec<AttestationLine> {
    let used: HashSet<&str> =
        chosen.iter().flat_map(|e| &e.attestations).filter_map(|attestation| attestation.id.as_deref()).collect();
    let line = |a: &crate::site::SiteAttestation| {
        let id = a.typed.id.clone().filter(|id| used.contains(&**id))?;
        Some(AttestationLine {
            id,
            rules: a.typed.rule.clone().unwrap_or_default(),
            by: a.typed.by.as_ref().map(ToString::to_string).unwrap_or_default(),
            at: a.typed.at?.to_string(),
            until: a.typed.until.map(|until| until.to_string()),
            evidence: a.typed.evidence.iter().filter_map(|e| e.file.clone()).collect(),
            loc: a.loc,
        })
    };
    ready.site.attestations.iter().filter_map(line).collect()
}
