//! Which firmware a device has, by its description and by what was read from it.

use super::capture_firmware::seen_firmware;
use crate::finding::Note;
use crate::model::paths::PLATFORM_FIRMWARE;
use crate::model::value::Version;
use crate::policy::analysis::Input;
use crate::policy::pattern::Cause;

/// A firmware that the device is said to have.
pub(super) struct Had {
    pub(super) version: Version,
    /// Where it was read, where the description says another.
    seen: Option<Note>,
}

/// The described one, and each other that was read. Empty where nobody says any.
pub(super) fn had(input: &Input<'_>) -> Vec<Had> {
    let mut all: Vec<Had> = input.device.firmware.map(|version| Had { version, seen: None }).into_iter().collect();
    for (version, says) in input.device.read.iter().flat_map(|read| &read.texts).flat_map(seen_firmware) {
        if all.iter().all(|had| had.version != version) {
            let seen = Some(Note { loc: says.loc, text: format!("{} says it here", says.who) });
            all.push(Had { version, seen });
        }
    }
    all
}

/// A cause at the firmware of the description, in what of it was said.
pub(super) fn cause(input: &Input<'_>, had: &Had, sentence: String) -> Cause {
    let own = input.device.own.value(PLATFORM_FIRMWARE).map(|fact| fact.origin);
    let mut cause = input.cause(PLATFORM_FIRMWARE, own, sentence);
    cause.related.extend(had.seen.clone());
    cause
}

/// That nobody says a firmware: the site is told so once, whatever rules ask for it.
pub(super) fn unsaid(input: &Input<'_>) -> Cause {
    Cause { reported: true, ..input.absent(PLATFORM_FIRMWARE, "is not set; the rule needs it") }
}
