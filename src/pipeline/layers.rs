//! What was read, as the layer beneath what people said of a device.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plant::State;
use crate::model::Facts;
use crate::model::facts::{complete, only};
use crate::native::Form;
use crate::platform::{self, Platform};
use crate::site::{AsRead, Site, SiteDevice};
use crate::source::SourceMap;

/// Lays what was read from each device beneath what people said of it.
///
/// A device that was read is no longer as it was shipped: the factory counts only where the table of the text's form
/// says that silence means it. All else that the text does not show is unknown.
pub(super) fn lay(site: &mut Site, states: &BTreeMap<Arc<str>, State>, sources: &SourceMap) {
    let Site { devices, captures, .. } = site;
    for device in devices {
        let Some((on, state)) = platform::of(device.platform).zip(states.get(&device.name)) else { continue };
        let facts = beneath(on, state.form, device.factory.as_deref(), &state.reading.facts);
        let capture = captures.get(&device.name).filter(|capture| capture.file == state.file).cloned();
        let words = match &capture {
            Some(capture) => {
                let by = capture.typed.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
                format!("as read {}{by}", capture.typed.taken.map(|t| t.to_string()).unwrap_or_default())
            }
            None => format!("as it runs, {}", sources.name(state.file)),
        };
        if let Some(layer) = device.layers.get_mut(usize::from(SiteDevice::BASE)) {
            layer.name = words.into();
        }
        let firmware = on.table(state.form).map(|dialect| dialect.firmware);
        device.read = Some(Arc::new(AsRead { facts, file: state.file, firmware, capture }));
    }
}

/// What a device has: the values read over what it was shipped with, as far as silence means that.
fn beneath(on: &Platform, form: Form, factory: Option<&Facts>, read: &Facts) -> Facts {
    let factory = factory.map(|factory| only(factory, &|path: &str| on.absent_is_factory(form, path)));
    complete(read.shape, factory.as_ref(), None, read.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Table;
    use crate::model::device::PlatformKind;
    use crate::model::facts::stamp;
    use crate::site::factory;
    use crate::source::FileId;

    /// Every setting of every table: what its own line says is what a silent description is judged by.
    #[test]
    fn whatever_a_text_shows_lies_beneath_a_silent_description() {
        let mut count = 0;
        for kind in PlatformKind::ALL {
            let on = platform::of(kind).unwrap();
            let firmware = if kind == PlatformKind::MxRos { "3.14" } else { "1.1" };
            let (shipped, _) = factory::facts(kind, firmware.parse().ok(), &mut SourceMap::new());
            for form in [Form::Cli, Form::Sheet] {
                let specimens = match on.table(form).map(|dialect| &dialect.table) {
                    Some(Table::Cli(table)) => table.specimens(),
                    Some(Table::Sheet(table)) => table.specimens(),
                    _ => Vec::new(),
                };
                for (path, value, text) in specimens {
                    let mut read = on.read(form, FileId(7), &text).unwrap().facts;
                    stamp(&mut read.root, SiteDevice::BASE);
                    let facts = beneath(on, form, shipped.as_ref(), &read);
                    let fact = facts.value(&path).unwrap_or_else(|| panic!("{}: {path} of {text}", kind.word()));
                    assert_eq!(fact.value.plain(), value, "{}: {text}", kind.word());
                    assert_eq!((fact.origin.layer, fact.origin.file), (SiteDevice::BASE, FileId(7)), "{path}");
                    count += 1;
                }
            }
        }
        assert!(count > 250, "only {count} settings");
    }

    #[test]
    fn silence_of_a_text_is_the_factory_only_where_the_table_says_so() {
        let on = platform::of(PlatformKind::MxRos).unwrap();
        let (shipped, _) = factory::facts(PlatformKind::MxRos, "3.14".parse().ok(), &mut SourceMap::new());
        let under = |form, text: &str| {
            let read = on.read(form, FileId(7), text).unwrap().facts;
            let facts = beneath(on, form, shipped.as_ref(), &read);
            ["services.telnet", "services.http", "allowlist"].map(|path| facts.value(path).map(|f| f.value.plain()))
        };
        assert_eq!(under(Form::Cli, "hostname r\n"), [Some("off".to_owned()), None, None]);
        assert_eq!(under(Form::Sheet, "x\ty\tz\n"), [None, None, None]);
    }
}
