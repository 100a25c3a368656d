//! What holds of every entry of every sectioned table.

use std::collections::BTreeSet;

use super::*;
use crate::dialect::sample::secrets;
use crate::dialect::{CodecKind, NativeLine, passes};
use crate::model::facts::{Fact, Facts, Group, Item, Items, Setting, Value, same_key};
use crate::model::shape::{ScalarKind, Shape, parse_scalar};
use crate::model::value::Time;
use crate::native::{Form, Grade, Reading};
use crate::source::{FileId, Origin};

/// Written by us in the device's format: every key of an export, four ports.
const BASE: &str = include_str!("../../../tests/fixtures/nport-6000/hardened.ini");

fn dialect() -> &'static Dialect {
    crate::dialect::of("nport-6000", Form::Ini).expect("`every_table_that_the_binary_carries_loads` says why not")
}

/// Values of a setting: the ends of its range, each of its words.
fn values(kind: &Kind) -> Vec<Value> {
    let texts = |scalar: &ScalarKind, texts: &[&str]| -> Vec<Value> {
        texts.iter().filter_map(|text| parse_scalar(scalar, None, text)).collect()
    };
    match kind {
        Kind::Scalar(codec) => match &codec.kind {
            CodecKind::Int { min, max } => vec![Value::Int(*min), Value::Int(*max)],
            CodecKind::Time { unit, min, max, never } => {
                let ends = [*min, *max].map(|n| Value::Time(Time::Millis(n * unit)));
                ends.into_iter().chain(never.then_some(Value::Time(Time::Never))).collect()
            }
            CodecKind::Words(words) => words.iter().map(|word| word.value.clone()).collect(),
            CodecKind::Secret(_) => vec![Value::Secret("d1/a".into())],
            CodecKind::Foreign | CodecKind::Rate { .. } => Vec::new(),
            CodecKind::Text(_) => {
                let found = texts(codec.scalar, &["a1", "10.1.2.3", "10.1.2.0/24"]);
                found.into_iter().filter(|value| codec.encode(value).is_ok()).take(1).collect()
            }
        },
        Kind::Network => texts(&ScalarKind::Network, &["10.1.2.0/24", "10.1.2.3"]),
        Kind::SerialLine(_) => texts(&ScalarKind::SerialLine, &["50 5N1", "921600 8S2", "9600 7E1"]),
        Kind::List(codec) => {
            let one = values(&Kind::Scalar(codec.clone())).into_iter().map(|value| Fact::new(value, Origin::NONE));
            vec![Value::List(one.collect()), Value::List(Vec::new())]
        }
        Kind::Members(members) => {
            let list = |words: &Vec<Value>| words.iter().map(|w| Fact::new(w.clone(), Origin::NONE)).collect();
            members.iter().map(|words| Value::List(list(words))).collect()
        }
        Kind::Tag(words) => words.iter().map(|(word, _)| word.clone()).collect(),
        // what another setting decides: tests of their own
        Kind::Present | Kind::Reference { .. } | Kind::Slots(_) => Vec::new(),
    }
}

/// The keys that an entry writes, in the section of port 1.
fn keys(section: &Section, entry: &Entry) -> BTreeSet<(String, String)> {
    let name = section.name.replace("{n}", "1");
    let inner = |slots: &Slots| -> Vec<String> {
        let of = |slot: &Slot, key: &str| key.replace("{slot}", &slot.name);
        let mut all = Vec::new();
        for slot in &slots.slots {
            all.extend(slots.used.iter().map(|(key, ..)| of(slot, key)));
            all.extend(slots.entries.iter().flat_map(|entry| &entry.keys).map(|key| of(slot, key)));
        }
        all
    };
    let own = entry.keys.iter().map(ToString::to_string);
    let inner = if let Kind::Slots(slots) = &entry.kind { inner(slots) } else { Vec::new() };
    own.chain(inner).map(|key| (name.clone(), key)).collect()
}

/// The keys whose lines differ.
fn changed(before: &str, after: &str) -> BTreeSet<(String, String)> {
    assert_eq!(before.lines().count(), after.lines().count());
    let mut section = "";
    let mut found = BTreeSet::new();
    for (a, b) in before.lines().zip(after.lines()) {
        section = a.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(section);
        if a != b {
            found.insert((section.to_owned(), a.split('=').next().unwrap_or(a).to_owned()));
        }
    }
    found
}

struct Case<'a> {
    section: &'a Section,
    entry: &'a Entry,
    /// The entry that writes the word which decides whether this one counts.
    tag: Option<&'a Entry>,
}

impl Case<'_> {
    /// A description that says one thing, put there by `put`.
    fn own(&self, put: &dyn Fn(&mut Group)) -> Facts {
        let mut own = Facts::empty(Shape::device(), Origin::NONE);
        match &self.section.each {
            None => put(&mut own.root),
            Some(each) => {
                let mut port = Group::new(each.group, Origin::NONE);
                port.set(each.key, Setting::Value(Fact::new(Value::Int(1), Origin::NONE)));
                if let (Some(tag), Some(word)) = (self.tag, self.entry.when.first()) {
                    let Kind::Tag(words) = &tag.kind else { unreachable!() };
                    let (word, _) = words.iter().find(|(w, _)| *w.plain() == **word).expect("a word of the tag");
                    tag.at.put_fact(&mut port, Fact::new(word.clone(), Origin::NONE));
                }
                put(&mut port);
                let items = each.list.items_mut(&mut own.root, Origin::NONE).expect("a list");
                items.items.push(Item { group: port, dropped: false });
            }
        }
        own
    }

    fn group<'f>(&self, facts: &'f Facts) -> &'f Group {
        match &self.section.each {
            None => &facts.root,
            Some(each) => {
                let items = &each.list.items(&facts.root).expect("ports").items;
                let is_first = |item: &&Item| item.group.fact(each.key).is_some_and(|f| f.value == Value::Int(1));
                &items.iter().find(is_first).expect("port 1").group
            }
        }
    }

    /// Renders, looks at the lines that changed, and reads the text.
    fn over(&self, own: &Facts, base: &Reading, what: &str) -> Reading {
        let rendering = render(dialect(), own, base, &|_| Vec::new()).unwrap_or_else(|f| panic!("{what}: {f:#?}"));
        assert_eq!(rendering.unplaced, [""; 0], "{what}");
        let text = rendering.text.fill(&secrets(own)).unwrap().text;
        let mut allowed = keys(self.section, self.entry);
        allowed.extend(self.tag.map(|tag| keys(self.section, tag)).unwrap_or_default());
        let changed = changed(&base.text, &text);
        assert!(changed.is_subset(&allowed), "{what}: {:?}", changed.difference(&allowed));
        read(dialect(), FileId(0), &text)
    }
}

fn same(said: &Value, read: Option<&Fact>) -> bool {
    match (said, read) {
        (Value::Secret(_), Some(read)) => read.value == Value::Held,
        (said, Some(read)) => read.value == *said,
        (said, None) => said.plain().is_empty(),
    }
}

#[test]
fn each_setting_changes_its_own_lines_and_is_read_back() {
    let base = read(dialect(), FileId(0), BASE);
    let mut tried = 0;
    for section in &table(dialect()).expect("a table of sections").sections {
        let tag = section.entries.iter().find(|entry| matches!(entry.kind, Kind::Tag(_)));
        for entry in section.entries.iter().filter(|e| !e.read_only && e.place.grade != Grade::Unknown) {
            let case = Case { section, entry, tag: tag.filter(|_| !entry.when.is_empty()) };
            for value in values(&entry.kind) {
                let what = format!("{} = {}", entry.at.path, value.plain());
                let fact = Fact::new(value.clone(), Origin::NONE);
                let own = case.own(&|group| entry.at.put_fact(group, fact.clone()));
                let again = case.over(&own, &base, &what);
                assert!(same(&value, entry.at.fact(case.group(&again.facts))), "{what}: {:?}", again.facts);
                tried += 1;
            }
            if let Kind::Slots(slots) = &entry.kind {
                tried += each_of_a_slot(&case, slots, &base);
            }
        }
    }
    assert!(tried > 400, "{tried}");
}

fn each_of_a_slot(case: &Case<'_>, slots: &Slots, base: &Reading) -> usize {
    let mut tried = 0;
    for entry in slots.entries.iter().filter(|entry| entry.place.grade != Grade::Unknown) {
        for value in values(&entry.kind) {
            let what = format!("{}.{} = {}", case.entry.at.path, entry.at.path, value.plain());
            let mut group = Group::new(slots.group, Origin::NONE);
            for (ix, value) in &slots.slots[0].fixed {
                group.set(*ix, Setting::Value(Fact::new(value.clone(), Origin::NONE)));
            }
            for key in slots.entries.iter().filter(|entry| entry.at.field.key) {
                let value = values(&key.kind).swap_remove(0);
                key.at.put_fact(&mut group, Fact::new(value, Origin::NONE));
            }
            entry.at.put_fact(&mut group, Fact::new(value.clone(), Origin::NONE));
            let item = Item { group: group.clone(), dropped: false };
            let items = Items::new(Origin::NONE, vec![item]);
            let own = case.own(&|g| case.entry.at.put(g, Setting::Items(items.clone()), Origin::NONE));
            let again = case.over(&own, base, &what);
            let found = case.entry.at.items(case.group(&again.facts)).expect("a list");
            let found = found.items.iter().find(|i| same_key(Shape::device(), &i.group, &group)).expect(&what);
            assert!(same(&value, entry.at.fact(&found.group)), "{what}: {found:?}");
            tried += 1;
        }
    }
    tried
}

#[test]
fn each_key_without_a_setting_says_what_it_takes_and_why() {
    let dialect = dialect();
    for ((section, name), key) in table(dialect).expect("a table of sections").loose() {
        let what = format!("[{section}] {name}");
        assert!(key.why.is_some(), "{what}: no why");
        let passed = |value: &str| {
            let section = section.replace("{n}", "1");
            passes(&dialect.table, NativeLine::Key(&section, name, value)).is_ok()
        };
        if key.exposure != Exposure::Shown {
            assert!(!passed("1"), "{what}");
            continue;
        }
        let (Some(codec), Some(default)) = (&key.holds, &key.default) else { panic!("{what}: no type or default") };
        assert!(passed(default), "{what}: {default}");
        match &codec.kind {
            CodecKind::Int { min, max } => {
                assert!(
                    passed(&min.to_string()) && passed(&max.to_string()) && !passed(&(max + 1).to_string()),
                    "{what}"
                );
            }
            CodecKind::Words(words) => assert!(words.iter().all(|w| passed(&w.native)) && !passed("99"), "{what}"),
            _ => assert!(!passed("\u{7}"), "{what}"),
        }
    }
}
