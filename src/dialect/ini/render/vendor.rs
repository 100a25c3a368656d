//! Native keys that a description passes through, in the lines of the base.

use super::{Out, Writer};
use crate::dialect::{Dialect, NativeLine, Refusal, native_lines, passes};
use crate::finding::codes;
use crate::model::facts::Facts;
use crate::model::paths::VENDOR_SETTINGS_KEY;

impl Writer<'_, '_> {
    /// Sets what the table lets through; the rest is told before anything is rendered.
    pub(super) fn vendor(&mut self, dialect: &Dialect, own: &Facts) {
        for written in native_lines(own) {
            let NativeLine::Key(section, name, value) = written.line else { continue };
            if passes(&dialect.table, written.line).is_err() {
                continue;
            }
            let path = format!("{VENDOR_SETTINGS_KEY}[{section},{name}]");
            let lines = 0..self.cut.count() as u32;
            let here = |l: &u32| self.cut.key(*l).strip_suffix('=') == Some(name) && self.cut.section_of(*l) == section;
            match lines.into_iter().find(here) {
                Some(line) => {
                    let by = Some((&*path, written.origin));
                    self.set(Some(line), Out::Text(value.to_owned()), section, name, by);
                }
                None => {
                    let message = format!("the base has no line `[{section}] {name}`");
                    let refusal = Refusal::new(message, "capture the device again, or leave the line out");
                    self.finding(codes::platform::NO_KEY, refusal, written.origin, &path);
                }
            }
        }
    }
}
