//! What the verdict of a rule rests on: on words alone, on what a person or the device itself said, on what was at hand
//! when it was built.

use std::collections::HashMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::ReadySite;
use crate::finding::Verdict;
use crate::model::facts::{leaves, without_keys};
use crate::model::{Facts, Value};
use crate::native::Form;
use crate::policy::{Evaluation, Moment, RuleOutcome, concerns_bare};

/// What a verdict rests on, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Nothing yet: it is judged later.
    None,
    /// The description alone says so.
    Declared,
    /// Secrets and files were at hand when it was built.
    Built,
    /// A person saw it on the device, or attests it.
    Person,
    /// The device itself said so, read by machine.
    ReadBack,
}

impl Evidence {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Evidence::None => "not judged yet",
            Evidence::Declared => "declared",
            Evidence::Built => "built",
            Evidence::Person => "confirmed by a person",
            Evidence::ReadBack => "read back",
        }
    }
}

/// What every rule asks something of, by id: found once for all devices.
pub(super) type Asked = HashMap<Arc<str>, Vec<String>>;

pub(super) fn asked(ready: &ReadySite) -> Asked {
    ready.packs.rules().map(|rule| (rule.id.clone(), rule.asked())).collect()
}

/// What there is to say of one device.
pub(super) struct Seen<'a> {
    asked: &'a Asked,
    complete: Vec<(String, String, Value)>,
    /// What was read from the device, and by whom.
    read: Option<(&'a Facts, Evidence)>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(ready: &'a ReadySite, evaluation: &Evaluation<'a>) -> Seen<'a> {
        let device = evaluation.judged.device;
        let by = ready.states.get(&device.name).map(|state| match state.form {
            Form::Sheet => Evidence::Person,
            _ => Evidence::ReadBack,
        });
        let read = device.read.as_ref().map(|read| &read.facts).zip(by);
        let complete = leaves(evaluation.judged.complete);
        let complete = complete.map(|leaf| (without_keys(&leaf.path).to_string(), leaf.path, leaf.fact.value.clone()));
        // who was never read has nothing to compare with
        let complete = if read.is_some() { complete.collect() } else { Vec::new() };
        Seen { asked: ready.asked(), complete, read }
    }

    /// Of one rule: where every setting that it asks something of was read from the device as it is judged, that.
    pub(super) fn evidence(&self, outcome: &RuleOutcome) -> Evidence {
        match (outcome.verdict, outcome.moment) {
            (Verdict::Deferred, _) => Evidence::None,
            // what is described says that it does not concern the device
            (Verdict::NotApplicable, _) => Evidence::Declared,
            (_, Moment::Describe) => self.read_back(&outcome.rule).unwrap_or(Evidence::Declared),
            (_, Moment::Build) => Evidence::Built,
            // what nobody attested is unknown, and rests on nothing
            (Verdict::Unknown, _) => Evidence::None,
            (_, Moment::Connect | Moment::Operate | Moment::Retire) => Evidence::Person,
        }
    }

    fn read_back(&self, rule: &str) -> Option<Evidence> {
        let (read, by) = self.read?;
        let asked = self.asked.get(rule)?;
        let mut judged = self.complete.iter().filter(|(bare, ..)| concerns_bare(asked, bare)).peekable();
        judged.peek()?;
        let same = |(_, path, value): &(String, String, Value)| {
            value.is_known() && read.value(path).is_some_and(|fact| fact.value == *value)
        };
        judged.all(same).then_some(by)
    }
}
