//! Evaluations with the difference to what runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use super::gather::{self, Selection};
use super::lockout;
use super::plant::{Plant, State};
use crate::diff;
use crate::finding::Verdict;
use crate::model::facts::{complete, without_keys};
use crate::native::{Change, NativeConfig, NativeText, Reading};
use crate::platform::{self, Platform};
use crate::policy::{Evaluation, Judgement, concerns_bare};
use crate::report::{BaseHead, ChangeRow, Difference, Report, RuleEffect};
use crate::secret::Secrets;
use crate::site::SiteDevice;

/// Rules with the settings that they read.
type Rules<'a> = [(&'a str, Vec<String>)];

/// Compares what is described with what runs, for every device that has something to compare with.
pub fn compare(plant: &Plant, secrets: &Secrets, selection: &Selection<'_>) -> Report {
    let judgement = plant.judge(secrets, selection.now);
    let mut report = gather::report(plant, &judgement, "diff", selection);
    add(plant, &judgement, secrets, selection, &mut report);
    report
}

/// Puts the differences into a report.
pub(super) fn add(
    plant: &Plant,
    judgement: &Judgement<'_>,
    secrets: &Secrets,
    selection: &Selection<'_>,
    report: &mut Report,
) {
    let by_name = judgement.by_name();
    let rules: Vec<(&str, Vec<String>)> = plant.packs.rules().map(|r| (&*r.id, r.paths())).collect();
    report.devices.par_iter_mut().for_each(|device| {
        if let Some(evaluation) = by_name.get(&*device.name)
            && let Some(running) = plant.states.get(&evaluation.judged.device.name)
        {
            device.difference = difference(plant, evaluation, running, &rules, secrets, selection);
        }
    });
}

/// Devices that comply and of which nothing was read yet: all that is said of them is new.
pub(super) fn add_first(plant: &Plant, judgement: &Judgement<'_>, report: &mut Report) {
    let by_name = judgement.by_name();
    for device in report.devices.iter_mut().filter(|d| d.complies && d.difference.is_none()) {
        let lock_out = by_name.get(&*device.name).map(|e| lockout::sentence(plant, e));
        device.difference = Some(Difference { lock_out, ..Difference::default() });
    }
}

fn difference(
    plant: &Plant,
    evaluation: &Evaluation<'_>,
    state: &State,
    rules: &Rules<'_>,
    secrets: &Secrets,
    selection: &Selection<'_>,
) -> Option<Difference> {
    let device = evaluation.judged.device;
    let on = platform::of(device.platform)?;
    let running = &state.reading;
    let menu = |path: &str| on.menu(path);
    let absent = diff::factory(device.factory.as_deref(), |path| on.absent_is_factory(path));
    let context = diff::Context { secrets, menu: &menu, absent: &absent };
    let changes = diff::changes(&device.own, running, &context);
    let changes = effects(plant, evaluation, running, rules, changes, secrets, selection.now);
    let rendered = on.render(device, plant.under(device)).ok();
    Some(Difference {
        base: Some(head(plant, device)),
        changes,
        kept: running.kept.clone(),
        text: rendered.map(|native| text(on, &native, state, selection.started)).unwrap_or_default(),
        lock_out: Some(lockout::sentence(plant, evaluation)),
    })
}

/// The rules that see each change, with their verdicts before and after.
fn effects(
    plant: &Plant,
    evaluation: &Evaluation<'_>,
    running: &Reading,
    rules: &Rules<'_>,
    changes: Vec<Change>,
    secrets: &Secrets,
    now: jiff::Timestamp,
) -> Vec<ChangeRow> {
    let device = evaluation.judged.device;
    if changes.is_empty() {
        return Vec::new();
    }
    // what the device runs, over what it shipped with; people's words are not asked
    let before = complete(running.facts.shape, device.factory.as_deref(), None, running.facts.clone());
    let before = plant.judge_running(device, &before, secrets, now);
    let verdicts = |outcomes: &[crate::policy::RuleOutcome]| -> BTreeMap<Arc<str>, (Verdict, Option<String>)> {
        outcomes.iter().map(|o| (Arc::clone(&o.rule), (o.verdict, o.waivers.first().cloned()))).collect()
    };
    let before = before.evaluations.first().map(|e| verdicts(&e.outcomes)).unwrap_or_default();
    let after = verdicts(&evaluation.outcomes);
    let row = |change: Change| {
        let bare = without_keys(&change.path);
        let seen = rules.iter().filter(|(_, paths)| concerns_bare(paths, &bare));
        let rules = seen
            .filter_map(|(id, _)| {
                let (now, waiver) = after.get(*id)?;
                let before = before.get(*id).map(|(v, _)| *v);
                Some(RuleEffect { rule: (*id).to_owned(), before, after: *now, waiver: waiver.clone() })
            })
            .collect();
        ChangeRow { change, rules }
    };
    changes.into_iter().map(row).collect()
}

fn head(plant: &Plant, device: &SiteDevice) -> BaseHead {
    match plant.site.captures.get(&device.name) {
        Some(capture) => BaseHead {
            file: plant.sources.name(capture.file).to_owned(),
            taken: capture.typed.taken.map(|t| t.to_string()).unwrap_or_default(),
            by: capture.typed.by.as_ref().map(ToString::to_string).unwrap_or_default(),
            how: capture.facts.value("how").map(|f| f.value.plain()).unwrap_or_default(),
        },
        None => BaseHead::default(),
    }
}

/// The text view: both sides redacted by the same table.
fn text(on: &dyn Platform, native: &NativeConfig, state: &State, started: Instant) -> String {
    let desired = [&native.machine, &native.sheet].into_iter().flatten().find(|t| t.form == state.form);
    let Some(desired) = desired.map(NativeText::redacted) else { return String::new() };
    diff::text_view(&desired, &on.redact(state.form, &state.reading.text), started)
}
