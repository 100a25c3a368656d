//! What a plan does to a device beside leading to what is described: what follows from a change, what held before it,
//! and what nobody knows of it.

use super::answer;
use crate::model::facts::{leaves, without_keys};
use crate::policy::analysis::{Analysis, Answer, Input, Param, ParamKind};
use crate::policy::pattern::Cause;

/// Lines that a sentence shows; all of them are counted.
const SHOWN: usize = 3;

pub(super) static KEEP: Analysis = Analysis {
    name: "changes-keep-rules",
    doc: "Whatever rule holds on the device as it was read holds as it is described, or a waiver covers it. Asked where the \
          changes of a plan are known.",
    params: &[],
    reads: &[],
    looks_at: &[],
    needs: &[],
    run: |input| {
        let lost = input.changes.iter().flat_map(|changes| &changes.costs).map(|cost| {
            let origin = input.facts.value(&cost.path).map(|fact| fact.origin);
            input.cause(
                cost.path.clone(),
                origin,
                format!("is set so that {} holds no longer, which holds today", cost.rule),
            )
        });
        answer(lost.collect(), Vec::new())
    },
};

pub(super) static LEAVE: Analysis = Analysis {
    name: "changes-leave-setting",
    doc: "A setting is described as it was read, whatever its entry is called. Does not concern a device of which it was not \
          read.",
    params: &[Param {
        name: "setting",
        kind: ParamKind::Text,
        required: true,
        toward: None,
        doc: "its path, without keys",
    }],
    reads: &[],
    looks_at: &[],
    needs: &[],
    run: leave,
};

pub(super) static KNOWN: Analysis = Analysis {
    name: "lines-read-are-known",
    doc: "Every line that was read from the device is one that its table knows. Asked where the changes of a plan are known; \
          does not concern a device of which nothing was read.",
    params: &[],
    reads: &[],
    looks_at: &[],
    needs: &[],
    run: known,
};

fn leave(input: &Input<'_>) -> Answer {
    let setting = input.text("setting").unwrap_or_default();
    let Some(read) = &input.device.read else { return Answer::NotApplicable };
    let is = |path: &str| without_keys(path) == setting;
    let before: Vec<String> =
        leaves(&read.facts).filter(|leaf| is(&leaf.path)).map(|leaf| leaf.fact.value.plain()).collect();
    if before.is_empty() {
        return Answer::NotApplicable;
    }
    let other = leaves(input.facts).filter(|leaf| is(&leaf.path) && !before.contains(&leaf.fact.value.plain()));
    let moved: Vec<Cause> = other
        .map(|leaf| {
            let sentence = format!("becomes {}, and is {} today", leaf.fact.value.plain(), before.join(", "));
            input.cause(leaf.path, Some(leaf.fact.origin), sentence)
        })
        .collect();
    answer(moved, Vec::new())
}

fn known(input: &Input<'_>) -> Answer {
    let read = input.device.read.as_ref();
    let Some(changes) = input.changes.filter(|_| read.is_some()) else { return Answer::NotApplicable };
    if changes.unknown.is_empty() {
        return Answer::Pass;
    }
    let shown: Vec<String> = changes.unknown.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = changes.unknown.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let sentence = format!("nobody knows what these lines of what was read do: {}{more}", shown.join(", "));
    Answer::Fail(vec![input.cause("platform", None, sentence)])
}
