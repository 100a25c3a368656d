//! What the verdict of a rule rests on: on words alone, on what a person or the device itself said, on what was at hand
//! when it was built.

use std::collections::HashMap;
use std::sync::Arc;

use super::ReadySite;
use crate::finding::Verdict;
use crate::model::facts::{leaves, without_keys};
use crate::model::{Facts, Value};
use crate::native::Form;
use crate::policy::evidence::Evidence;
use crate::policy::{Evaluation, Moment, RuleOutcome, concerns_bare};

/// What every rule asks something of, by id: found once for all devices.
pub(super) type Asked = HashMap<Arc<str>, Vec<String>>;

pub(super) fn asked(ready: &ReadySite) -> Asked {
    ready.packs.rules().map(|rule| (rule.id.clone(), rule.asked())).collect()
}

/// As many values of a rule are told.
const MOST_VALUES: usize = 4;

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
        Seen { asked: ready.asked(), complete: complete.collect(), read }
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

    /// What stands in the settings that a rule asks something of, and what was read there: the first few of each.
    pub(super) fn values(&self, rule: &str) -> (Vec<String>, Vec<String>) {
        let asked = self.asked.get(rule).map_or(&[][..], Vec::as_slice);
        let judged: Vec<_> =
            self.complete.iter().filter(|(bare, ..)| concerns_bare(asked, bare)).take(MOST_VALUES).collect();
        let read = |(_, path, _): &&(String, String, Value)| Some(self.read?.0.value(path)?.value.plain());
        (judged.iter().map(|(.., value)| value.plain()).collect(), judged.iter().filter_map(read).collect())
    }
}
