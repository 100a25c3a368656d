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
fn look() {
    let Some(text) = export() else { return };
    let reading = read(&text);
    for leaf in leaves(&reading.facts) {
        println!("{} = {}", leaf.path, leaf.fact.value.to_kdl());
    }
    println!("{} kept, {} unlisted", reading.kept.len(), reading.kept.iter().filter(|k| !k.listed).count());
    println!("{:?}", reading.secrets.keys().collect::<Vec<_>>());
    for _ in 0..3 {
        let t = std::time::Instant::now();
        let r = read(&text);
        println!("{:?} {}", t.elapsed(), r.kept.len());
    }
}
