use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::dialect::{Table as AnyTable, of, wanted};
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::leaves;
use crate::native::{Form, Grade, Reading};
use crate::source::{FileId, SourceMap};
use crate::syntax;

fn table(name: &str) -> &'static Table {
    let AnyTable::Sheet(table) = &of(name, Form::Sheet).expect("loads").table else { panic!("no sheet") };
    table
}

fn device(text: &str) -> Facts {
    let text = format!("device \"np07\" {{ {text} }}");
    let mut map = SourceMap::new();
    let file = map.add("devices/np07.kdl", text.as_str());
    let parsed = syntax::parse(file, &text);
    let checked = crate::model::shape::check(Shape::device(), file, &parsed.tree.expect("well-formed").nodes[0]);
    assert_eq!(checked.findings, []);
    let mut facts = checked.facts;
    crate::model::facts::fill_secrets(&mut facts, "np07");
    facts
}

fn text(name: &str, own: &Facts, base: Option<&Reading>) -> String {
    let lines = render(table(name), own, base, &BTreeSet::new());
    assert_eq!(lines.findings, []);
    lines.text.redacted()
}

fn settings(facts: &Facts) -> Vec<String> {
    leaves(facts).map(|l| format!("{} {}", l.path, l.fact.value.to_kdl())).collect()
}

#[test]
fn tables_load() {
    for (name, text) in crate::embedded::DIALECTS.iter().filter(|(name, _)| name.ends_with(".sheet.kdl")) {
        let found = crate::dialect::load(FileId(0), text, Grade::Confirmed);
        assert_eq!(found.err(), None, "{name}");
    }
    for kind in PlatformKind::ALL {
        assert!(of(kind.word(), Form::Sheet).is_some(), "{}", kind.word());
    }
}
