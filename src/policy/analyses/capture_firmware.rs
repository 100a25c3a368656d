//! Whether the firmware that a device told is the one that is described, and one whose text is known.

use super::capture_identity::{Says, beside, reading_says, with};
use crate::model::paths::{ASSET_SEEN_FIRMWARE, PLATFORM_FIRMWARE};
use crate::model::value::{Version, VersionRange};
use crate::policy::analysis::Input;
use crate::policy::pattern::Cause;
use crate::site::TextRead;
use crate::site::identity::version;

/// Firmware as the device told it, and as the file beside what was read says it.
pub(super) fn seen_firmware(read: &TextRead) -> Vec<(Version, Says)> {
    let seen = [reading_says(read, ASSET_SEEN_FIRMWARE), beside(read, "firmware")];
    seen.into_iter().flatten().filter_map(|says| Some((version(&says.text)?, says))).collect()
}

/// Firmware that the device told in words that are no version: nobody can tell whether it is the described one.
pub(super) fn unreadable(input: &Input<'_>, read: &TextRead) -> Option<Cause> {
    let says = reading_says(read, ASSET_SEEN_FIRMWARE).filter(|says| version(&says.text).is_none())?;
    let sentence = format!("the firmware that was read, `{}`, is no version that can be compared", says.text);
    let help = "look at the device, and read it again; where it does show this, only a person can say what it is";
    Some(Cause { help: Some(help.to_owned()), ..with(input, PLATFORM_FIRMWARE, sentence, says.loc, says.who) })
}

/// Firmware as it was told against what is described, against what the file beside it says, and against the table.
pub(super) fn firmware(input: &Input<'_>, read: &TextRead) -> Option<Cause> {
    const PATH: &str = PLATFORM_FIRMWARE;
    let seen = seen_firmware(read);
    let (one, says) = seen.first()?;
    let device = input.device;
    if let Some((_, other)) = seen.iter().find(|(other, _)| other != one) {
        let sentence = format!("the device told the firmware `{}`, {} says `{}`", says.text, other.who, other.text);
        return Some(with(input, PATH, sentence, other.loc, other.who));
    }
    let taken = device.accepts.or(device.firmware.map(|only| VersionRange { min: only, max: only }));
    if let Some(taken) = taken.filter(|taken| !taken.contains(*one)) {
        let sentence = format!("firmware {one} was read, the description is for {}", ranged(taken));
        return Some(with(input, PATH, sentence, says.loc, says.who));
    }
    let table = read.firmware.filter(|table| !table.contains(*one))?;
    let sentence =
        format!("firmware {one} was read, and no source tells how its text is read: {} is known", ranged(table));
    Some(with(input, PATH, sentence, says.loc, says.who))
}

fn ranged(range: VersionRange) -> String {
    if range.min == range.max { range.min.to_string() } else { range.to_string() }
}
