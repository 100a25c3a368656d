//! What the verdict of a rule rests on: on words alone, on what a person or the device itself said, on what was at hand
//! when it was built.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::receipts::SiteReceipt;
use super::{ReadySite, State};
use crate::finding::Verdict;
use crate::model::facts::{leaves, without_keys};
use crate::model::{Facts, Value};
use crate::native::Form;
use crate::policy::evidence::Evidence;
use crate::policy::{Evaluation, Moment, RuleOutcome, concerns_bare};
use crate::source::FileId;

/// What every rule asks something of, by id: found once for all devices.
pub(super) type Asked = HashMap<Arc<str>, Vec<String>>;

pub(super) fn asked(ready: &ReadySite) -> Asked {
    ready.packs.rules().map(|rule| (rule.id.clone(), rule.asked())).collect()
}

/// As many values of a rule are told.
const MOST_VALUES: usize = 4;

/// A value: its path without keys, its path, and itself.
type Judged = (String, String, Value);

/// The group that a path begins in.
fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

/// What there is to say of one device.
pub(super) struct Seen<'a> {
    asked: &'a Asked,
    /// All values by the first name of their path, each without keys and with them: a rule asks of a few groups only.
    complete: HashMap<String, Vec<Judged>>,
    /// What was read from the device.
    read: Option<&'a Facts>,
    /// The texts that a person filled in.
    typed: Vec<FileId>,
    /// What people confirmed, the oldest first.
    receipts: &'a [SiteReceipt],
}

impl<'a> Seen<'a> {
    pub(super) fn of(ready: &'a ReadySite, evaluation: &Evaluation<'a>) -> Seen<'a> {
        let device = evaluation.judged.device;
        let texts = ready.states.get(&device.name).map_or(&[][..], State::texts);
        let sheets = texts.iter().filter(|text| text.form == Form::Sheet).map(|text| text.file);
        let confirmed = ready.states.get(&device.name).into_iter().flat_map(State::confirmed).copied();
        let typed = sheets.chain(confirmed).collect();
        let read = device.read.as_ref().map(|read| &read.facts);
        let mut complete: HashMap<String, Vec<Judged>> = HashMap::new();
        for leaf in leaves(evaluation.judged.complete) {
            let bare = without_keys(&leaf.path);
            let of_group = complete.entry(first(&bare).to_owned()).or_default();
            of_group.push((bare, leaf.path, leaf.fact.value.clone()));
        }
        let receipts = ready.receipts.get(&device.name).map_or(&[][..], Vec::as_slice);
        Seen { asked: ready.asked(), complete, read, typed, receipts }
    }

    /// The last receipt that says what a rule asks for.
    pub(super) fn confirmed(&self, rule: &str) -> Option<&'a SiteReceipt> {
        let read = self.read?;
        let files = self.judged(rule).filter_map(|(_, path, _)| read.value(path)).map(|fact| fact.origin.loc().file);
        let files: BTreeSet<FileId> = files.collect();
        self.receipts.iter().rfind(|one| one.confirmed.as_ref().is_some_and(|(file, _)| files.contains(file)))
    }

    /// The values of the settings that a rule asks something of.
    fn judged(&self, rule: &str) -> impl Iterator<Item = &Judged> {
        let asked = self.asked.get(rule).map_or(&[][..], Vec::as_slice);
        let groups: BTreeSet<&str> = asked.iter().map(|path| first(path)).collect();
        let of_groups = groups.into_iter().filter_map(|group| self.complete.get(group)).flatten();
        of_groups.filter(move |(bare, ..)| concerns_bare(asked, bare))
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

    /// Whether a rule asks for settings, and something holds of each of them.
    pub(super) fn all(&self, rule: &str, holds: impl Fn(&str, &Value) -> bool) -> bool {
        let mut judged = self.judged(rule).peekable();
        judged.peek().is_some() && judged.all(|(_, path, value)| holds(path, value))
    }

    fn read_back(&self, rule: &str) -> Option<Evidence> {
        let read = self.read?;
        let mut judged = self.judged(rule).peekable();
        judged.peek()?;
        let same = |(_, path, value): &Judged| read.value(path).filter(|fact| value.is_known() && fact.value == *value);
        let facts = judged.map(same).collect::<Option<Vec<_>>>()?;
        // one value that only a person saw is enough
        let person = facts.iter().any(|fact| self.typed.contains(&fact.origin.loc().file));
        Some(if person { Evidence::Person } else { Evidence::ReadBack })
    }

    /// What stands in the settings that a rule asks something of, and what was read there: the first few of each.
    pub(super) fn values(&self, rule: &str) -> (Vec<String>, Vec<String>) {
        let judged: Vec<&Judged> = self.judged(rule).take(MOST_VALUES).collect();
        let read = |(_, path, _): &&Judged| Some(self.read?.value(path)?.value.plain());
        (judged.iter().map(|(.., value)| value.plain()).collect(), judged.iter().filter_map(read).collect())
    }
}
