//! Attestations: what people say was done, held against the rules that ask for it.

mod aims;
mod problems;

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use self::aims::Known;
use self::problems::{Problem, of_itself, of_rule};
use super::analysis::header;
use super::bind::Bound;
use super::evaluate::{Decided, Evaluation};
use super::pattern::Cause;
use super::rule::{Attest, Moment, Rule};
use super::{Context, Judged, SiteFacts};
use crate::finding::{Code, Finding, RuleRef, Verdict, Waits, codes};
use crate::model::Facts;
use crate::model::attestation::Attestation;
use crate::model::value::Switch;
use crate::site::{SiteAttestation, SiteDevice};
use crate::source::{Loc, Origin};

/// The attestations of a site, each with what keeps it from holding.
pub(super) struct Attestations<'a> {
    said: Vec<Said<'a>>,
    /// Where they stand among `said`, by rule and place.
    places: HashMap<(&'a str, Scope<'a>), Vec<usize>>,
    /// What any attestation speaks of, sound or not: what runs there has begun.
    begun: HashSet<Scope<'a>>,
    /// Whether the site says that all of it is in operation.
    in_operation: bool,
    site: &'a SiteFacts,
    now: jiff::Timestamp,
}

/// An attestation that is written as it should be.
pub(super) struct Said<'a> {
    attestation: &'a Attestation,
    sound: bool,
    facts: &'a Facts,
    id: &'a str,
    at: jiff::Timestamp,
    /// What keeps it from holding, whatever rule asks.
    problems: Vec<Problem>,
}

/// What an attestation speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Scope<'a> {
    Device(&'a str),
    Zone(&'a str),
    Group(&'a str),
}

/// What became of a rule that asks for an attestation.
pub(super) struct Attested<'a> {
    pub(super) decided: Decided,
    /// The one that answers it.
    pub(super) by: Option<&'a Attestation>,
}

/// What an attestation names, place by place.
fn scopes(attestation: &Attestation) -> Vec<Scope<'_>> {
    let devices = attestation.device.iter().flatten().map(|name| Scope::Device(name.as_str()));
    let zones = attestation.zone.iter().flatten().map(|name| Scope::Zone(name.as_str()));
    let groups = attestation.group.iter().flatten().map(|name| Scope::Group(name.as_str()));
    devices.chain(zones).chain(groups).collect()
}

impl<'a> Attestations<'a> {
    /// Those of a site, held against its rules, devices, people and files; what is wrong with them is found.
    pub(super) fn read(
        site: &'a SiteFacts,
        rules: &[Bound<'_>],
        devices: &[Judged<'_>],
        context: &Context<'_>,
        findings: &mut Vec<Finding>,
    ) -> Attestations<'a> {
        let known = Known::of(site, rules, devices);
        let mut read = Attestations {
            said: Vec::new(),
            places: HashMap::new(),
            begun: HashSet::new(),
            in_operation: site.site.in_operation == Some(Switch(true)),
            site,
            now: context.now,
        };
        let mut digests = HashMap::new();
        for SiteAttestation { typed: attestation, facts, sound: understood, .. } in &site.attestations {
            let before = findings.len();
            let sound = known.aims(attestation, facts, findings) && findings.len() == before;
            read.begun.extend(scopes(attestation));
            let (true, Some(id), Some(at)) = (sound, attestation.id.as_deref(), attestation.at) else { continue };
            let problems = of_itself(attestation, facts, id, context, &mut digests);
            let place = read.said.len();
            for rule in attestation.rule.iter().flatten() {
                for scope in scopes(attestation) {
                    read.places.entry((rule, scope)).or_default().push(place);
                }
            }
            read.said.push(Said { attestation, sound: *understood, facts, id, at: at.begins(), problems });
        }
        read
    }

    fn scopes_of<'d>(&'d self, device: &'d SiteDevice) -> impl Iterator<Item = Scope<'d>> {
        let own = self.site.site.name.as_ref().map(|name| name.as_str());
        let group = self.site.groups.get(&device.name).map(|group| &**group).or(own);
        let zone = device.zone.as_deref().map(Scope::Zone);
        [Some(Scope::Device(&device.name)), zone, group.map(Scope::Group)].into_iter().flatten()
    }

    /// Those that answer a rule on a device, in the order of their files.
    fn candidates(&self, rule: &str, device: &SiteDevice) -> BTreeSet<usize> {
        let found = self.scopes_of(device).filter_map(|scope| self.places.get(&(rule, scope)));
        found.flatten().copied().collect()
    }

    /// Whether what nobody attested of a device is unknown by now, and no longer left for later.
    fn is_due(&self, moment: Moment, device: &SiteDevice) -> bool {
        let runs = || self.in_operation || self.scopes_of(device).any(|scope| self.begun.contains(&scope));
        moment <= Moment::Build || moment < Moment::Retire && runs()
    }

    /// Judges a rule that asks for an attestation: the newest answers it, or says why it does not. What was found
    /// before is no answer to what was found since.
    pub(super) fn decide(&self, bound: &Bound<'_>, attest: &Attest, judged: Judged<'_>) -> Attested<'a> {
        let (rule, device) = (bound.rule, judged.device);
        // a digest of all that is described: made for who binds to it only
        let described = OnceCell::new();
        let revision = |asked: bool| asked.then(|| *described.get_or_init(|| device.revision()));
        let all: Vec<&Said<'a>> = self.candidates(&rule.id, device).into_iter().map(|at| &self.said[at]).collect();
        let latest = all.iter().map(|said| said.at).max();
        // of the same moment all have to hold
        let newest: Vec<&Said<'a>> = all.into_iter().filter(|said| Some(said.at) == latest).collect();
        let problems = |said: &&Said<'a>| {
            let asked = attest.bound || said.attestation.revision.is_some();
            said.problems.iter().cloned().chain(of_rule(said, attest, revision(asked), self.now)).collect::<Vec<_>>()
        };
        let mut why: Vec<Problem> = newest.iter().flat_map(problems).collect();
        if let Some(said) = newest.iter().find(|said| !said.sound).filter(|_| why.is_empty()) {
            why.push(said.mistaken());
        }
        let decided = match newest.first() {
            Some(said) if why.is_empty() => {
                let reason = Some(format!("attested by `{}`", said.id));
                let decided = Decided { reason, ..Decided::plain(Verdict::Pass) };
                return Attested { decided, by: Some(said.attestation) };
            }
            Some(_) => {
                let causes = why.into_iter().map(|problem| problem.cause(device)).collect();
                Decided::of(Verdict::Fail, None, causes)
            }
            None if self.is_due(rule.moment, device) => {
                let missing = Problem {
                    loc: self.site.facts.root.origin.loc(),
                    words: format!("nobody has attested `{}`", attest.kind),
                    help: attest.asks(&rule.id, revision(attest.bound)),
                };
                Decided::of(Verdict::Unknown, None, vec![missing.cause(device)])
            }
            None => Decided::deferred(Some(Waits::Attestation)),
        };
        Attested { decided, by: None }
    }

    /// What is still open of devices that were taken out: their records are judged, since nothing else of them is.
    pub(super) fn retired(&self, rules: &[Bound<'_>], findings: &mut Vec<Finding>) {
        for name in &self.site.retired {
            let named = |said: &&Said<'_>| said.attestation.device.iter().flatten().any(|n| n.as_str() == name);
            let mut records = self.said.iter().filter(named).peekable();
            if records.peek().is_none() {
                let message = format!("nobody says who took out `{name}`, when and why");
                let loc = self.site.facts.root.origin.loc();
                findings.push(Finding::new(codes::attestation::NO_RECORD, loc, message));
            }
            let asking = rules.iter().filter(|bound| bound.rule.moment == Moment::Retire);
            for (bound, attest) in asking.filter_map(|bound| Some((bound, bound.attest.as_ref()?))) {
                let places = self.places.get(&(&*bound.rule.id, Scope::Device(name))).into_iter().flatten();
                let Some(newest) = places.map(|at| &self.said[*at]).max_by_key(|said| said.at) else { continue };
                let more = of_rule(newest, attest, None, self.now);
                for problem in newest.problems.iter().cloned().chain(more) {
                    findings.push(problem.of_retired(bound.rule));
                }
            }
        }
    }

    /// Attestations that answer no rule of any device that they name.
    pub(super) fn idle(&self, evaluations: &[Evaluation<'_>], findings: &mut Vec<Finding>) {
        let mut used = BTreeSet::new();
        let attested: HashSet<&str> = self.places.keys().map(|(rule, _)| *rule).collect();
        for evaluation in evaluations {
            let applies = evaluation.outcomes.iter().filter(|o| o.verdict != Verdict::NotApplicable);
            for outcome in applies.filter(|outcome| attested.contains(&*outcome.rule)) {
                used.extend(self.candidates(&outcome.rule, evaluation.judged.device));
            }
        }
        let gone = |said: &Said<'_>| {
            said.attestation.device.iter().flatten().any(|name| self.site.retired.contains(name.as_str()))
        };
        for (at, said) in self.said.iter().enumerate() {
            if !used.contains(&at) && !gone(said) {
                let message = format!("attestation `{}` answers nothing", said.id);
                findings.push(Finding::new(codes::attestation::IDLE, said.facts.root.origin.loc(), message));
            }
        }
    }
}

impl Said<'_> {
    fn mistaken(&self) -> Problem {
        Problem {
            loc: self.facts.root.origin.loc(),
            words: format!("not all of attestation `{}` was understood", self.id),
            help: "mend what is told of it: it may be what ends it".to_owned(),
        }
    }
}

impl Problem {
    /// As a finding about a device that is no more.
    fn of_retired(self, rule: &Rule) -> Finding {
        Finding {
            family: rule.family.to_string(),
            rule_loc: Some(rule.body_loc),
            rules: vec![RuleRef { id: rule.id.to_string(), loc: rule.body_loc, severity: rule.severity }],
            supports: rule.supports.iter().map(|s| s.requirement.clone()).collect(),
            later: true,
            ..Finding::new(Code::Rule(rule.id.clone()), self.loc, self.words).severity(rule.severity).help(self.help)
        }
    }

    fn cause(self, device: &SiteDevice) -> Cause {
        let origin = Origin { layer: header(device).layer, ..Origin::new(self.loc) };
        Cause { help: Some(self.help), ..Cause::told(origin, "", self.words) }
    }
}

/// The line of a setting of an attestation, where it is written; else its first.
fn at(facts: &Facts, path: &str) -> Loc {
    let here = facts.value(path).map(|f| f.origin.loc());
    here.or_else(|| facts.group(path).map(|g| g.origin.loc())).unwrap_or(facts.root.origin.loc())
}
