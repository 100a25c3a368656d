//! NPort 6000: the real export, our own fixture, and what the sectioned form promises (invariants 5, 6, 12).

use fieldlock::dialect::{self, Dialect, ini};
use fieldlock::model::facts::leaves;
use fieldlock::native::{Form, Reading};
use fieldlock::source::FileId;

fn table() -> &'static Dialect {
    dialect::of("nport-6000", Form::Ini).expect("the table loads")
}

fn read(text: &str) -> Reading {
    ini::read(table(), FileId(0), text)
}

/// The export of a real device; it stays where it is.
fn export() -> Option<String> {
    let Some(folder) = std::env::var_os("FIELDLOCK_SAMPLES") else {
        println!("not run: FIELDLOCK_SAMPLES is not set");
        return None;
    };
    let path = std::path::Path::new(&folder).join("np6650-16_fw2.3_export.ini");
    Some(std::fs::read_to_string(path).expect("the sample is there"))
}

#[test]
fn the_export_is_read_and_rendered_over_itself_byte_for_byte() {
    let Some(text) = export() else { return };
    let base = read(&text);
    let rendered = ini::render(table(), &base.facts, &base, &|_| Vec::new()).unwrap_or_else(|f| panic!("{f:#?}"));
    let filled = rendered.text.fill(&fieldlock::secret::Secrets::Absent).unwrap_or_else(|e| panic!("{e}"));
    assert!(*filled.text == text, "the bytes differ");
    assert!(rendered.omitted.is_empty() && rendered.unplaced.is_empty(), "{:?}", rendered.unplaced);
    assert!(base.kept.iter().all(|k| k.listed), "a key that the table does not list");
    assert!(leaves(&base.facts).count() > 200);
}
