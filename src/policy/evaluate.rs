//! Judging devices by packs.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::analysis::{Answer, Input, header};
use super::applies::{Guard, asks_unsaid, before_it_is_looked_at, homeless, missing, not_known, until};
use super::attesting::{Attestations, Attested};
use super::bind::{Bound, bind};
use super::levels::{Target, unsaid};
use super::pack::Packs;
use super::pattern::{Cause, Truth, Walk};
use super::report;
use super::rule::Moment;
use super::unjudged::{entries, unsettle};
use super::waiving::Waivers;
use super::{Context, Judged, SiteFacts};
use crate::finding::{Finding, Severity, Verdict, Waits};
use crate::model::attestation::Attestation;
use crate::model::waiver::Waiver;

/// What became of one rule on one device.
#[derive(Debug, Clone)]
pub struct RuleOutcome {
    /// The rule's id.
    pub rule: Arc<str>,
    /// Its pack.
    pub pack: Arc<str>,
    /// Its severity, at the target level of the device's zone.
    pub severity: Severity,
    /// Its family.
    pub family: Arc<str>,
    /// The moment that this outcome is of: the rule's own, or that of its other half.
    pub moment: Moment,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is unknown, or passes by what somebody attested, in a few words.
    pub reason: Option<String>,
    /// What it is left for, where it is.
    pub waits: Option<Waits>,
    /// The waivers that cover it.
    pub waivers: Vec<String>,
    /// Whether people answer it after the build: it keeps nothing from being sealed.
    pub later: bool,
}

impl RuleOutcome {
    /// Why it is as it is, in a few words, where more is known than the verdict says.
    pub fn why(&self) -> Option<&str> {
        self.reason.as_deref().or(self.waits.map(Waits::words))
    }
}

/// All that the rules say of one device.
#[derive(Debug, Clone)]
pub struct Evaluation<'a> {
    /// The device and what was judged of it.
    pub judged: Judged<'a>,
    /// Every rule of every pack that speaks of its platform, in the order of packs and ids.
    pub outcomes: Vec<RuleOutcome>,
    /// What fails, is unknown or is waived: most severe first, then by place.
    pub findings: Vec<Finding>,
    /// The earliest end of a waiver that a verdict rests on.
    pub not_after: Option<jiff::Timestamp>,
    /// The waivers that cover something of it, by id.
    pub waivers: Vec<Waiver>,
    /// The attestations that answer a rule on it, by id.
    pub attestations: Vec<Attestation>,
}

/// All devices, and what concerns none of them.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    /// One each, in the order they were handed in.
    pub evaluations: Vec<Evaluation<'a>>,
    /// Adjustables and waivers of the site that are wrong, late or idle.
    pub findings: Vec<Finding>,
}

impl<'a> Judgement<'a> {
    /// The evaluations by device name.
    pub fn by_name(&self) -> std::collections::HashMap<&'a str, &Evaluation<'a>> {
        self.evaluations.iter().map(|e| (&*e.judged.device.name, e)).collect()
    }
}

/// One rule on one device, with why.
pub(super) struct Decided {
    pub(super) verdict: Verdict,
    pub(super) reason: Option<String>,
    pub(super) causes: Vec<Cause>,
    /// What it is left for, where it is.
    pub(super) waits: Option<Waits>,
    /// Whether native lines that no rule can judge decide it, not the settings.
    pub(super) unjudged: bool,
    /// Whether the causes are of what says whether the rule applies: what the rule asks does not mend them.
    pub(super) of_guard: bool,
    /// Whether it is open only for nobody saying whether the device has what the rule speaks of.
    pub(super) unsaid: bool,
}

impl Decided {
    pub(super) fn of(verdict: Verdict, reason: Option<String>, causes: Vec<Cause>) -> Decided {
        Decided { verdict, reason, causes, waits: None, unjudged: false, of_guard: false, unsaid: false }
    }

    pub(super) fn plain(verdict: Verdict) -> Decided {
        Decided::of(verdict, None, Vec::new())
    }

    pub(super) fn deferred(waits: Option<Waits>) -> Decided {
        Decided { waits, ..Decided::plain(Verdict::Deferred) }
    }
}

/// What is in force at a site: the rules with its adjustables, and the waivers that hold at the time of the context.
pub struct InForce<'p> {
    site: &'p SiteFacts,
    context: &'p Context<'p>,
    rules: Vec<Bound<'p>>,
    waivers: Waivers<'p>,
    attestations: Attestations<'p>,
    /// What is wrong with adjustables, waivers and attestations: told by [`evaluate`].
    findings: Vec<Finding>,
}

impl<'p> InForce<'p> {
    /// Of packs and a site. `devices` are all that it has: a waiver for another one is told, and does not hold.
    pub fn of(packs: &'p Packs, site: &'p SiteFacts, devices: &[Judged<'_>], context: &'p Context<'p>) -> InForce<'p> {
        InForce::by(packs, site, site, devices, context)
    }

    /// The same by the adjustables of another state of the site, whose packs these are.
    pub fn by(
        packs: &'p Packs,
        other: &'p SiteFacts,
        site: &'p SiteFacts,
        devices: &[Judged<'_>],
        context: &'p Context<'p>,
    ) -> InForce<'p> {
        let mut findings = Vec::new();
        let rules = bind(packs, other, &mut findings);
        let waivers = Waivers::read(site, &rules, devices, context.now, &mut findings);
        let attestations = Attestations::read(site, &rules, devices, context, &mut findings);
        InForce { site, context, rules, waivers, attestations, findings }
    }
}

/// Judges devices by packs. Same input, same answer, in the same order.
pub fn evaluate<'a>(packs: &Packs, site: &SiteFacts, devices: &[Judged<'a>], context: &Context<'_>) -> Judgement<'a> {
    let mut in_force = InForce::of(packs, site, devices, context);
    let evaluations: Vec<Evaluation<'a>> =
        devices.par_iter().map(|judged| evaluate_one(&in_force, devices, *judged)).collect();
    in_force.waivers.idle(&evaluations, &mut in_force.findings);
    in_force.attestations.retired(&in_force.rules, &mut in_force.findings);
    in_force.attestations.idle(&evaluations, &mut in_force.findings);
    Judgement { evaluations, findings: in_force.findings }
}

/// Judges one device by what is in force; `all` are those that rules over several devices see.
pub fn evaluate_one<'a>(in_force: &InForce<'_>, all: &[Judged<'a>], judged: Judged<'a>) -> Evaluation<'a> {
    let InForce { site, context, rules, waivers, attestations, .. } = in_force;
    let mut evaluation = Evaluation {
        judged,
        outcomes: Vec::with_capacity(rules.len()),
        findings: Vec::new(),
        not_after: None,
        waivers: Vec::new(),
        attestations: Vec::new(),
    };
    let mut all_found = Vec::new();
    let target = Target::of(judged, site);
    let uncalled = entries(judged);
    for bound in rules.iter().filter(|b| b.pack.platforms.contains(&judged.device.platform)) {
        let Attested { decided, by } = match &bound.attest {
            Some(_) if Guard::of(bound, judged) == Guard::Fails => {
                Attested { decided: Decided::plain(Verdict::NotApplicable), by: None }
            }
            Some(attest) => attestations.decide(bound, attest, judged),
            None => Attested { decided: homeless(bound, judged, decide(bound, site, all, judged, context)), by: None },
        };
        if let Some(by) = by {
            let ends = by.until.filter(|_| !bound.rule.is_later()).map(|until| until.ends());
            evaluation.not_after = [evaluation.not_after, ends].into_iter().flatten().min();
            evaluation.attestations.push(by.clone());
        }
        let mut decided = unsettle(bound, (judged.device, &uncalled), context.until, decided);
        let mut found = report::findings(bound, (judged, target), site, context, &decided);
        let covered = waivers.cover(bound.rule, judged, &mut found);
        // a value that was reported as bad has no finding here, and no waiver covers it
        if covered.all && decided.causes.iter().all(|c| !c.reported) {
            decided.verdict = Verdict::Waived;
            evaluation.not_after = [evaluation.not_after, covered.until].into_iter().flatten().min();
        }
        let ids = covered.by.iter().filter_map(|waiver| waiver.id.clone()).collect();
        let said = outcome(bound, target, bound.rule.moment, decided, ids);
        let applies = said.verdict != Verdict::NotApplicable;
        evaluation.outcomes.push(said);
        evaluation.waivers.extend(covered.by.into_iter().cloned());
        if let Some(also) = bound.rule.also.filter(|_| applies) {
            evaluation.outcomes.push(outcome(bound, target, also, Decided::deferred(until(also)), Vec::new()));
        }
        all_found.append(&mut found);
    }
    evaluation.findings = report::joined(all_found, judged, context);
    evaluation.waivers.sort_by(|a, b| a.id.cmp(&b.id));
    evaluation.waivers.dedup_by(|a, b| a.id == b.id);
    evaluation.attestations.sort_by(|a, b| a.id.cmp(&b.id));
    evaluation.attestations.dedup_by(|a, b| a.id == b.id);
    evaluation
}

fn outcome(
    bound: &Bound<'_>,
    target: Option<Target>,
    moment: Moment,
    decided: Decided,
    waivers: Vec<String>,
) -> RuleOutcome {
    let rule = bound.rule;
    RuleOutcome {
        rule: rule.id.clone(),
        pack: rule.pack.clone(),
        severity: if decided.unsaid { unsaid(rule, target) } else { rule.severity_at(target) },
        family: rule.family.clone(),
        moment,
        verdict: decided.verdict,
        reason: decided.reason,
        waits: decided.waits,
        waivers,
        later: rule.is_later(),
    }
}

/// Judges one rule.
pub(super) fn decide(
    bound: &Bound<'_>,
    site: &SiteFacts,
    all: &[Judged<'_>],
    judged: Judged<'_>,
    context: &Context<'_>,
) -> Decided {
    let facts = judged.complete;
    let guard = Guard::of(bound, judged);
    if let Some(decided) = before_it_is_looked_at(bound, guard, context) {
        return decided;
    }
    let home = header(judged.device);
    let mut truth = Truth::True;
    let mut causes = Vec::new();
    let mut applied = false;
    if let Some(require) = &bound.require {
        truth = require.judge(Some(&facts.root));
        applied = truth != Truth::True || require.asks(Some(&facts.root));
        if truth != Truth::True {
            causes = Walk::causes(facts.shape, require, &facts.root, home);
        }
    }
    let (among, mut unseen) = (OnceLock::new(), false);
    for analyse in bound.analyse.iter() {
        let input = Input {
            device: judged.device,
            facts,
            all,
            site,
            secrets: context.secrets,
            files: context.files,
            advisories: context.advisories,
            changes: context.changes,
            now: context.now,
            params: &analyse.params,
            seen: &bound.seen,
            among: &among,
        };
        let (said, because) = match missing(&input, analyse.analysis.reads) {
            Some(cause) => (Truth::Unknown, vec![cause]),
            None => match (analyse.analysis.run)(&input) {
                Answer::Pass | Answer::NotApplicable if !analyse.analysis.has_seen(facts) => {
                    unseen = true;
                    continue;
                }
                Answer::Pass => (Truth::True, Vec::new()),
                Answer::Fail(causes) => (Truth::False, causes),
                Answer::Unknown(causes) => (Truth::Unknown, causes),
                Answer::NotApplicable => continue,
            },
        };
        applied = true;
        if said < truth {
            causes.clear();
        }
        if said <= truth && said != Truth::True {
            causes.extend(because);
        }
        truth = truth.min(said);
    }
    if !applied {
        // what nobody says may be what it would ask
        unseen |= guard == Guard::Unsaid && asks_unsaid(bound, judged);
        return match guard {
            Guard::Open | Guard::Unsaid if unseen => guard.open(bound, judged, causes),
            _ => Decided::plain(Verdict::NotApplicable),
        };
    }
    match (guard, truth) {
        (_, Truth::True) => Decided::plain(Verdict::Pass),
        (Guard::Holds, Truth::False) => Decided::of(Verdict::Fail, None, causes),
        (Guard::Holds, _) => Decided::of(Verdict::Unknown, not_known(judged, &causes), causes),
        // what the rule asks is of no interest before it is known whether it asks
        _ => guard.open(bound, judged, causes),
    }
}
