//! Whether an image holds what a description says now: a device is given nothing that was not sealed.

use super::together::together;
use crate::diff;
use crate::image::Plain;
use crate::model::Value;
use crate::native::{Change, Form, SecretState, Side};
use crate::platform::Platform;
use crate::secret::Secrets;
use crate::site::SiteDevice;
use crate::source::FileId;

/// A setting that is described otherwise than the image has it; `None` where there is none. `unplaced` are settings
/// that have no place in native text. What lies in several texts, and entries that a device may have already, say
/// nothing.
pub fn differs(
    on: &Platform,
    device: &SiteDevice,
    secrets: &Secrets,
    plain: &Plain,
    unplaced: &[String],
) -> Option<String> {
    let text = |form: Form| {
        let part = plain.part(&format!("native.{}", form.ending()))?;
        on.read(form, FileId::NONE, part.bytes.expose_text()?).map(|reading| (form, reading))
    };
    let mut read: Vec<_> = Form::ALL.into_iter().filter_map(text).collect();
    let all = together(on, &read.iter().map(|(form, reading)| (*form, reading)).collect::<Vec<_>>());
    let Some(reading) = all.or_else(|| read.pop().map(|(_, reading)| reading)) else {
        return Some("platform".to_owned());
    };
    let context = diff::Context { secrets, page: &|_| None, absent: &|_| None, is_held: &|_, _| None };
    let other = |change: &Change| match (&change.secret, &change.before, &change.after) {
        (Some(state), ..) => *state == SecretState::Changed,
        (None, Side::Entry(..), Side::Nothing) => true,
        (None, _, Side::Value(Value::List(_))) => false,
        (None, Side::Value(_), _) => true,
        (None, Side::Nothing, Side::Value(_)) => !change.path.contains('[') && !unplaced.contains(&change.path),
        _ => false,
    };
    diff::changes(&device.own, &reading, &context).into_iter().find(other).map(|change| change.path)
}
