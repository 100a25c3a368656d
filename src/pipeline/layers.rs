//! What was read, as the layer beneath what people said of a device.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::receipts::{self, Receipts};
use super::together::{ReadText, State};
use crate::model::Facts;
use crate::model::facts::{complete, only};
use crate::native::Form;
use crate::platform::{self, Platform};
use crate::site::{AsRead, Site, SiteDevice, TextRead};
use crate::source::SourceMap;

/// Lays what was read from each device beneath what people said of it.
///
/// A device that was read is no longer as it was shipped: the factory counts only where the table of the text's form
/// says that silence means it. All else that the text does not show is unknown.
pub(super) fn lay(site: &mut Site, states: &BTreeMap<Arc<str>, State>, receipts: &Receipts, sources: &SourceMap) {
    for device in &mut site.devices {
        let Some(state) = states.get(&device.name) else { continue };
        let on = platform::at(device);
        let facts = beneath(&on, device.factory.as_deref(), state);
        let read_by = state.texts().iter().filter(|text| !state.confirmed().contains(&text.file));
        let mut words: Vec<String> = read_by.map(|text| words(text, sources)).collect();
        words.extend(receipts::last(receipts, &device.name, state).map(|one| one.words()));
        if let Some(layer) = device.layers.get_mut(usize::from(SiteDevice::BASE)) {
            layer.name = words.join(", and ").into();
        }
        let texts = state.texts().iter().map(|text| read(&on, text)).collect();
        device.read = Some(Arc::new(AsRead { facts, texts }));
    }
}

fn words(text: &ReadText, sources: &SourceMap) -> String {
    match &text.capture {
        Some(capture) => {
            let by = capture.typed.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            format!("as read {}{by}", capture.typed.taken.map(|t| t.to_string()).unwrap_or_default())
        }
        None => format!("as it runs, {}", sources.name(text.file)),
    }
}

fn read(on: &Platform, text: &ReadText) -> TextRead {
    TextRead {
        facts: text.reading.facts.clone(),
        file: text.file,
        firmware: on.table(text.form).map(|dialect| dialect.firmware),
        capture: text.capture.clone(),
        cut: text.form == Form::Cli && !text.reading.whole,
    }
}

/// What a device has: the values read over what it was shipped with, as far as silence means that.
fn beneath(on: &Platform, factory: Option<&Facts>, state: &State) -> Facts {
    let factory = factory.map(|factory| only(factory, &|path: &str| state.absent_is_factory(on, path)));
    let read = &state.reading().facts;
    complete(read.shape, factory.as_ref(), None, read.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Table;
    use crate::model::device::PlatformKind;
    use crate::model::facts::stamp;
    use crate::native::Reading;
    use crate::site::factory;
    use crate::source::FileId;

    fn state(on: &Platform, form: Form, reading: Reading) -> State {
        State::of(on, vec![ReadText { form, file: FileId(7), capture: None, how: "", reading }]).unwrap()
    }

    /// Every setting of every table: what its own line says is what a silent description is judged by.
    #[test]
    fn whatever_a_text_shows_lies_beneath_a_silent_description() {
        let mut count = 0;
        for kind in PlatformKind::ALL {
            let on = platform::of(kind);
            let firmware = if kind == PlatformKind::MxRos { "3.14" } else { "1.1" };
            let (shipped, _) = factory::facts(kind, firmware.parse().ok(), &mut SourceMap::new());
            for form in [Form::Cli, Form::Sheet] {
                let specimens = match on.table(form).map(|dialect| &dialect.table) {
                    Some(Table::Cli(table)) => table.specimens(),
                    Some(Table::Sheet(table)) => table.specimens(),
                    _ => Vec::new(),
                };
                for (path, value, text) in specimens {
                    let mut read = on.read(form, FileId(7), &text).unwrap();
                    stamp(&mut read.facts.root, SiteDevice::BASE);
                    let facts = beneath(&on, shipped.as_ref(), &state(&on, form, read));
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
        let on = platform::of(PlatformKind::MxRos);
        let (shipped, _) = factory::facts(PlatformKind::MxRos, "3.14".parse().ok(), &mut SourceMap::new());
        let under = |form, text: &str| {
            let read = on.read(form, FileId(7), text).unwrap();
            let facts = beneath(&on, shipped.as_ref(), &state(&on, form, read));
            ["services.telnet", "services.http", "allowlist"].map(|path| facts.value(path).map(|f| f.value.plain()))
        };
        let silent = "r# show running-config\nhostname r\n";
        assert_eq!(under(Form::Cli, &format!("{silent}r#\n")), [Some("off".to_owned()), None, None]);
        // nobody can tell what is missing behind its end, or before its beginning
        for cut in [silent, "hostname r\n", "hostname r\nr#\n", "hostname r\nend\n"] {
            assert_eq!(under(Form::Cli, cut), [None, None, None], "{cut}");
        }
        for pager in ["--More--\n", "--More--", "\u{1b}[7m--More--\u{1b}[m"] {
            assert_eq!(under(Form::Cli, &format!("{silent}{pager}r#\n"))[0], None, "left in {pager:?}");
        }
        let paged = "r# show running-config\nhostname r\n--More--\r        \rip http-server\nr# exit\n";
        assert_eq!(under(Form::Cli, paged)[0].as_deref(), Some("off"));
        assert_eq!(under(Form::Sheet, "x\ty\tz\n"), [None, None, None]);
    }
}
