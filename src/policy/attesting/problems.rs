//! What keeps an attestation from holding: its time, its evidence, its points, a change since.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::{Said, at};
use crate::model::Facts;
use crate::model::attestation::{Attestation, Evidence, PointAnswer};
use crate::model::value::Sha256;
use crate::policy::Context;
use crate::policy::rule::{Attest, Point};
use crate::source::Loc;

/// Where evidence lies: nothing else of a site is asked for its digest.
const EVIDENCE: &str = "evidence/";

/// One reason.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) loc: Loc,
    pub(super) words: String,
    pub(super) help: String,
}

fn problem(loc: Loc, words: impl Into<String>, help: impl Into<String>) -> Problem {
    Problem { loc, words: words.into(), help: help.into() }
}

/// What each file of evidence came to: it is read once, however many attestations name it.
pub(super) type Digests = HashMap<String, Result<Sha256, String>>;

/// What is wrong with an attestation whatever rule asks for it.
pub(super) fn of_itself(
    attestation: &Attestation,
    facts: &Facts,
    id: &str,
    context: &Context<'_>,
    digests: &mut Digests,
) -> Vec<Problem> {
    let mut found = Vec::new();
    if let Some(when) = attestation.at.filter(|when| when.begins() > context.now) {
        let words = format!("attestation `{id}` is of `{when}`, which is still to come");
        found.push(problem(at(facts, "at"), words, "say when it was done; what is planned is not done"));
    }
    if let Some(until) = attestation.until.filter(|until| context.now >= until.ends()) {
        let words = format!("attestation `{id}` ended with `{until}`");
        found.push(problem(at(facts, "until"), words, "do it again, and write a new attestation"));
    }
    for evidence in &attestation.evidence {
        found.extend(of_evidence(evidence, facts, context, digests));
    }
    if attestation.evidence.is_empty() {
        let words = format!("attestation `{id}` names no evidence");
        found.push(problem(facts.root.origin.loc(), words, "add `evidence \"evidence/...\" sha256=\"...\"`"));
    }
    found
}

fn of_evidence(evidence: &Evidence, facts: &Facts, context: &Context<'_>, digests: &mut Digests) -> Option<Problem> {
    let (file, sha256) = (evidence.file.as_deref()?, evidence.sha256?);
    let loc = at(facts, &format!("evidence[{file}]"));
    if !file.starts_with(EVIDENCE) {
        let words = format!("`{file}` is no evidence: it does not lie beneath `{EVIDENCE}`");
        return Some(problem(loc, words, format!("put the file beneath `{EVIDENCE}` and name it there")));
    }
    let digest = digests.entry(file.to_owned()).or_insert_with(|| context.files.digest(file));
    match digest {
        Err(why) => {
            let words = format!("the evidence `{file}` can't be read: {why}");
            Some(problem(loc, words, "put the file where it is named; what nobody can look at shows nothing"))
        }
        Ok(now) if *now != sha256 => {
            let words = format!("the evidence `{file}` is not the file that was attested");
            let help = format!(
                "its SHA-256 is {now}; bring back the file as it was, or have somebody look and attest it anew"
            );
            Some(problem(loc, words, help))
        }
        Ok(now) if *now == Sha256::of(b"") => {
            let words = format!("the evidence `{file}` is empty");
            Some(problem(loc, words, "put the record itself there; an empty file shows nothing"))
        }
        Ok(_) => None,
    }
}

/// What keeps it from answering one rule on a device that is described by `revision`.
pub(super) fn of_rule(said: &Said<'_>, attest: &Attest, revision: Option<Sha256>, now: Timestamp) -> Vec<Problem> {
    let Said { attestation, facts, id, .. } = said;
    let mut found = Vec::new();
    if let Some(days) = attest.within.and_then(|time| time.millis())
        && let (Some(when), Ok(millis)) = (attestation.at, i64::try_from(days))
        && now.duration_since(when.begins()) > SignedDuration::from_millis(millis)
    {
        let limit = attest.within.map(|time| time.to_string()).unwrap_or_default();
        let words = format!("attestation `{id}` is of `{when}`, more than {limit} ago");
        found.push(problem(at(facts, "at"), words, "do it again, and write a new attestation"));
    }
    match (attestation.revision, revision) {
        (None, Some(now)) if attest.bound => {
            let words = format!("attestation `{id}` does not say of which description it speaks");
            found.push(problem(
                facts.root.origin.loc(),
                words,
                format!("add `revision \"{now}\"` where it is this one"),
            ));
        }
        (Some(then), Some(now)) if then != now => {
            let words = format!("attestation `{id}` speaks of another description: the device was changed since");
            let help = format!("look again; the description of now is `revision \"{now}\"`");
            found.push(problem(at(facts, "revision"), words, help));
        }
        _ => {}
    }
    found.extend(attest.points.iter().filter_map(|point| of_point(said, point)));
    found
}

fn of_point(said: &Said<'_>, asked: &Point) -> Option<Problem> {
    let Said { attestation, facts, id, .. } = said;
    let (name, text) = (&asked.name, &asked.text);
    let Some(point) = attestation.point.iter().find(|point| point.name.as_deref() == Some(name)) else {
        let words = format!("attestation `{id}` does not speak of `{name}`: {text}");
        let help = format!("add `point \"{name}\" \"yes\"`, `\"no\"`, or `\"not-applicable\" reason=\"...\"`");
        return Some(problem(facts.root.origin.loc(), words, help));
    };
    let loc = at(facts, &format!("point[{name}]"));
    let reason = point.reason.as_deref().filter(|reason| !crate::model::value::is_blank(reason));
    match (point.answer, reason) {
        (Some(PointAnswer::Yes), _) | (Some(PointAnswer::NotApplicable), Some(_)) => None,
        (Some(PointAnswer::NotApplicable), None) => {
            let words = format!("nobody says why `{name}` does not apply");
            Some(problem(loc, words, "add `reason=\"...\"`"))
        }
        (Some(PointAnswer::No), _) => {
            Some(problem(loc, format!("it is not so: {text}"), "mend it, and attest it anew"))
        }
        // an answer that is none was told where the file was read
        (None, _) => Some(problem(loc, format!("nobody knows of `{name}`: {text}"), "answer it")),
    }
}
