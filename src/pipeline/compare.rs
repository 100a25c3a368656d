//! Evaluations with the difference to what runs.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use super::gather::{self, Selection};
use super::lockout;
use super::ready::ReadySite;
use super::receipts;
use super::together::{ReadText, State};
use super::why::Why;
use crate::diff;
use crate::finding::Verdict;
use crate::image::FingerprintKey;
use crate::model::Facts;
use crate::native::{Change, NativeConfig, NativeText, Rendered, Side};
use crate::platform::{self, Platform};
use crate::policy::{Context, Evaluation, InForce, Judged, Judgement, evaluate_one};
use crate::report::{BaseHead, ChangeRow, DeviceReport, Difference, Report, RuleEffect};
use crate::secret::{SecretValue, Secrets};
use crate::site::secrets::FINGERPRINT_KEY;
use crate::source::{Origin, SourceMap};

/// What all comparisons of a run go by.
struct Run<'a> {
    ready: &'a ReadySite,
    secrets: &'a Secrets,
    selection: &'a Selection<'a>,
    in_force: InForce<'a>,
    /// The devices as they run: a rule over several of them is asked of all.
    running: Vec<Judged<'a>>,
    why: Why,
    /// What fingerprints of secrets in captures are made with.
    key: Option<FingerprintKey>,
}

/// Compares what is described with what runs, for every device that has something to compare with.
pub fn compare(ready: &ReadySite, secrets: &Secrets, selection: &Selection<'_>) -> Report {
    let mut report = to_set(ready, secrets, selection);
    report.devices.iter_mut().for_each(|device| unread(ready, device));
    report
}

/// The same, of what is to be set: what was never seen is set like what is not there.
pub(super) fn to_set(ready: &ReadySite, secrets: &Secrets, selection: &Selection<'_>) -> Report {
    let judgement = ready.judge(secrets, selection.now);
    let mut report = gather::report(ready, &judgement, "diff", selection);
    add(ready, &judgement, secrets, selection, &mut report);
    for device in &mut report.devices {
        device.difference.get_or_insert_default();
    }
    report
}

/// Adds what differs on each device of a report; what nothing was read from is told too.
pub(super) fn differences(
    ready: &ReadySite,
    judgement: &Judgement<'_>,
    secrets: &Secrets,
    selection: &Selection<'_>,
    report: &mut Report,
) {
    add(ready, judgement, secrets, selection, report);
    for device in &mut report.devices {
        device.difference.get_or_insert_default();
        unread(ready, device);
    }
}

/// The same with what was handed in alone: an older capture says nothing of how a device is today.
pub fn drift(ready: &ReadySite, secrets: &Secrets, selection: &Selection<'_>) -> Report {
    let mut report = compare(ready, secrets, selection);
    report.verb = "drift";
    for device in &mut report.devices {
        let state = ready.states.get(&*device.name).filter(|state| state.handed());
        if state.is_none() {
            device.difference = Some(Difference::default());
        }
    }
    report
}

/// Of what no text of a device has a place for, nobody knows whether it differs.
fn unread(ready: &ReadySite, device: &mut DeviceReport) {
    let state = ready.states.get(&*device.name).zip(ready.site.device(&device.name));
    let Some(((state, described), difference)) = state.zip(device.difference.as_mut()) else { return };
    let on = platform::at(described);
    for ChangeRow { change, .. } in &mut difference.changes {
        if change.before == Side::Nothing && change.secret.is_none() && !state.shows(&on, &change.path) {
            change.before = Side::Unread;
        }
    }
}

/// Puts the differences into a report.
pub(super) fn add(
    ready: &ReadySite,
    judgement: &Judgement<'_>,
    secrets: &Secrets,
    selection: &Selection<'_>,
    report: &mut Report,
) {
    let by_name = judgement.by_name();
    // verdicts are asked for, no fix: none is looked up in the texts
    let nothing = SourceMap::new();
    let context = Context { sources: &nothing, ..ready.context(secrets, selection.now) };
    let key = secrets.get(FINGERPRINT_KEY).and_then(FingerprintKey::new);
    let run = Run {
        ready,
        secrets,
        selection,
        in_force: ready.in_force(&context),
        running: ready.running(),
        why: Why::of(ready),
        key,
    };
    report.devices.par_iter_mut().for_each(|device| {
        if let Some(evaluation) = by_name.get(&*device.name)
            && let Some(running) = ready.states.get(&evaluation.judged.device.name)
        {
            device.difference = difference(&run, evaluation, running);
        }
    });
}

/// Devices that comply and of which nothing was read yet: all that is said of them is new.
pub(super) fn add_first(ready: &ReadySite, judgement: &Judgement<'_>, report: &mut Report) {
    let by_name = judgement.by_name();
    report.devices.par_iter_mut().filter(|d| d.is_written() && d.difference.is_none()).for_each(|device| {
        let lock_out = by_name.get(&*device.name).map(|e| lockout::sentence(ready, e));
        device.difference = Some(Difference { lock_out, ..Difference::default() });
    });
}

fn difference(run: &Run<'_>, evaluation: &Evaluation<'_>, state: &State) -> Option<Difference> {
    let Run { ready, secrets, selection, .. } = run;
    let device = evaluation.judged.device;
    let on = &platform::at(device);
    let running = state.reading();
    let page = |path: &str| on.page(path);
    let absent = diff::factory(device.factory.as_deref(), |path| state.absent_is_factory(on, path));
    let is_held = |path: &str, wanted: &SecretValue| {
        let key = run.key.as_ref()?;
        state.is_held(path, &key.told(&ready.site.name, &device.name, path, wanted))
    };
    let context = diff::Context { secrets, page: &page, absent: &absent, is_held: &is_held };
    let mut changes = diff::changes(&device.own, running, &context);
    let text = selection.texts.and_then(|began| {
        let native = on.render(device, ready.under(device)).ok()?;
        places(&native, &mut changes);
        Some(text(on, &native, state, began))
    });
    let changes = effects(run, evaluation, changes);
    let receipt = receipts::last(&ready.receipts, &device.name, state).map(|one| BaseHead {
        file: one.path.clone(),
        taken: one.receipt.times().1.to_owned(),
        by: one.receipt.begun().by.clone(),
        how: format!("receipt {}, confirmed by a person", one.receipt.number()),
    });
    let read_by = state.texts().iter().filter(|text| !state.confirmed().contains(&text.file));
    let mut heads = receipt.into_iter().chain(read_by.map(|text| head(ready, text)));
    Some(Difference {
        base: heads.next(),
        beside: heads.collect(),
        changes,
        kept: running.kept.clone(),
        text: text.unwrap_or_default(),
        lock_out: Some(lockout::sentence(ready, evaluation)),
        unreached: None,
    })
}

/// The entries of tables that write the changes: that of the setting itself, or one of what it holds.
fn places(native: &NativeConfig, changes: &mut [Change]) {
    let rendered: BTreeMap<&str, &Rendered> = native.rendered.iter().map(|one| (&*one.path, one)).collect();
    for change in changes.iter_mut().filter(|change| change.after != Side::Nothing) {
        // what a group holds, and each word of a list that is one switch on the device
        let held = |sign: char| {
            let within = format!("{}{sign}", change.path);
            let mut behind = rendered.range::<str, _>((Bound::Included(&*within), Bound::Unbounded));
            behind.next().filter(|(path, _)| path.starts_with(&within)).map(|(_, one)| one)
        };
        let one = rendered.get(&*change.path).or_else(|| held('.')).or_else(|| held('['));
        change.place = one.map(|one| (*one).clone());
    }
}

/// The rules that see each change, with their verdicts before and after.
fn effects(run: &Run<'_>, evaluation: &Evaluation<'_>, changes: Vec<Change>) -> Vec<ChangeRow> {
    let Run { in_force, running, why, .. } = run;
    let device = evaluation.judged.device;
    if changes.is_empty() {
        return Vec::new();
    }
    // what the device has; people's words are not asked
    let nothing = || Facts::empty(device.own.shape, Origin::NONE);
    let before = device.beneath().cloned().unwrap_or_else(nothing);
    let judged = Judged { device, complete: &before };
    let before = evaluate_one(in_force, running, judged);
    let verdicts = |outcomes: &[crate::policy::RuleOutcome]| -> BTreeMap<Arc<str>, (Verdict, Option<String>)> {
        outcomes.iter().map(|o| (Arc::clone(&o.rule), (o.verdict, o.waivers.first().cloned()))).collect()
    };
    let before = verdicts(&before.outcomes);
    let after = verdicts(&evaluation.outcomes);
    let row = |change: Change| {
        let decided = why.decided(device.platform, &change.path);
        let effect = |id: &String| {
            let (now, waiver) = after.get(&**id)?;
            let before = before.get(&**id).map(|(v, _)| *v);
            let decides = decided.contains(id);
            Some(RuleEffect { rule: id.clone(), before, after: *now, waiver: waiver.clone(), decides })
        };
        let rules = why.rules(&change.path).iter().filter_map(effect).collect();
        ChangeRow { change, rules }
    };
    changes.into_iter().map(row).collect()
}

fn head(ready: &ReadySite, text: &ReadText) -> BaseHead {
    let file = ready.sources.name(text.file).to_owned();
    match &text.capture {
        Some(capture) => BaseHead {
            file,
            taken: capture.typed.taken.map(|t| t.to_string()).unwrap_or_default(),
            by: capture.typed.by.as_ref().map(ToString::to_string).unwrap_or_default(),
            how: capture.facts.value("how").map(|f| f.value.plain()).unwrap_or_default(),
        },
        None => BaseHead { file, how: text.how.to_owned(), ..BaseHead::default() },
    }
}

/// The text view: both sides redacted by the same table, form by form.
fn text(on: &Platform, native: &NativeConfig, state: &State, started: Instant) -> String {
    let one = |desired: &NativeText| {
        let read = state.in_form(desired.form)?;
        Some(diff::text_view(&desired.redacted(), &on.redact(read.form, &read.reading.text), started))
    };
    [&native.machine, &native.sheet].into_iter().flatten().filter_map(one).collect()
}
