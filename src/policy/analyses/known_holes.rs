//! Firmware with holes that somebody published, by the list of known ones.

use super::answer;
use super::firmware::{Had, cause, had, unsaid};
use crate::model::paths::{ASSET_SEEN_FIRMWARE, PLATFORM_FIRMWARE, PLATFORM_MODEL};
use crate::policy::advisories::Hole;
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::policy::pattern::{Cause, Truth};

/// Advisories that a sentence names; all of them are counted.
const NAMED: usize = 3;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "firmware-without-known-holes",
    doc: "The firmware that is described, and each that was read, has no hole that the list of known ones has for its \
          model. Unknown where nobody says the firmware, where the model decides and is not said, where a source is no \
          more than likely, and between the last firmware that is said to have a hole and the first that has not. The \
          list has a version and a date; a report says them.",
    params: &[],
    reads: &[],
    looks_at: &[PLATFORM_FIRMWARE, PLATFORM_MODEL, ASSET_SEEN_FIRMWARE],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let all = had(input);
    if all.is_empty() {
        return Answer::Unknown(vec![unsaid(input)]);
    }
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    for had in &all {
        let device = input.device;
        let said = input.advisories.of(device.platform, device.model.as_deref(), had.version);
        let (has, may): (Vec<_>, Vec<_>) = said.into_iter().partition(|(_, truth)| *truth == Truth::True);
        failed.extend(told(input, had, "has known holes", &has));
        unknown.extend(told(input, had, "may have known holes", &may));
    }
    answer(failed, unknown)
}

fn told(input: &Input<'_>, had: &Had, what: &str, holes: &[(&Hole, Truth)]) -> Option<Cause> {
    let mut named: Vec<&Hole> = holes.iter().map(|(hole, _)| *hole).collect();
    named.dedup_by(|a, b| a.advisory == b.advisory);
    if named.is_empty() {
        return None;
    }
    let more = named.len().saturating_sub(NAMED);
    let words: Vec<String> =
        named.iter().take(NAMED).map(|hole| format!("{} ({})", hole.advisory, hole.cves.join(", "))).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let mut cause = cause(input, had, format!("{} {what}: {}{more}", had.version, words.join("; ")));
    cause.help = Some(help(input, had));
    Some(cause)
}

fn help(input: &Input<'_>, had: &Had) -> String {
    let (device, list) = (input.device, input.advisories);
    let unsaid = if device.model.is_none() { "say the model, which decides; " } else { "" };
    match list.clean_above(device.platform, device.model.as_deref(), had.version) {
        Some(clean) => format!("{unsaid}take {clean} or newer: no hole of {clean} was known on {}", list.date),
        None => format!("{unsaid}ask the vendor's support for a fix: on {} none was published", list.date),
    }
}
