//! A filled sheet to facts.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{Each, Entry, Field, Page, Table, label};
use crate::dialect::cli::full_path;
use crate::dialect::entries::Entries;
use crate::dialect::exposure::{Exposure, HIDDEN, Veil, is_token, unknown};
use crate::dialect::written::NONE;
use crate::model::facts::{Doubt, Fact, Facts, Group, Setting, Value, key_text};
use crate::model::shape::Shape;
use crate::native::{KeptLine, Reading};
use crate::secret::SecretValue;
use crate::source::{FileId, Loc, Origin, Span};

/// Reads `menu TAB field TAB value` lines. Any text gives an answer: a line that no row of the table knows is kept, a
/// known row whose value means nothing that is known is foreign.
pub fn read(table: &Table, file: FileId, text: &str) -> Reading {
    let mut reader = Reader {
        table,
        facts: Facts::empty(Shape::device(), Origin::NONE),
        entries: Entries::default(),
        secrets: BTreeMap::new(),
        redacted: Vec::new(),
        kept: Vec::new(),
    };
    let mut start = 0;
    for (i, raw) in text.split_inclusive('\n').enumerate() {
        let at = start;
        start += raw.len();
        let line = raw.trim_end_matches(['\n', '\r']);
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        let origin = Origin::new(Loc::new(file, Span::new(at, at + raw.trim_end_matches(['\n', '\r']).len())));
        if !reader.line(line, origin) {
            reader.keep(i + 1, line);
        }
    }
    let Reader { facts, secrets, mut redacted, kept, .. } = reader;
    redacted.sort();
    redacted.dedup();
    let (numbers, whole) = (BTreeMap::new(), false);
    Reading { facts, secrets, redacted, numbers, kept, whole, text: Zeroizing::new(text.to_owned()) }
}

/// A sheet for everybody's eyes: values of rows that the table knows and that are no secrets.
pub fn redact(table: &Table, text: &str) -> String {
    let mut out = String::new();
    for line in text.lines().map(|line| line.trim_end_matches('\r')) {
        let parts: Vec<&str> = line.split('\t').collect();
        match parts.as_slice() {
            [""] => {}
            [menu, name, value] => match is_secret_row(table, menu, name) {
                Some(false) => out.push_str(&format!("{menu}\t{name}\t{value}")),
                Some(true) => out.push_str(&format!("{menu}\t{name}\t{HIDDEN}")),
                None => out.push_str(HIDDEN),
            },
            _ => out.push_str(HIDDEN),
        }
        out.push('\n');
    }
    out
}

/// What not everybody may see of a sheet.
pub(in crate::dialect) fn veils(table: &Table, text: &str) -> Vec<Veil> {
    let mut found = Vec::new();
    let mut start = 0;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end_matches(['\n', '\r']);
        let parts: Vec<&str> = line.split('\t').collect();
        let value = |value: &str| {
            let span = Span::new(start + line.len() - value.len(), start + line.len());
            let clear = !value.trim().is_empty() && !is_token(value);
            clear.then_some(Veil { span, exposure: Exposure::Secret })
        };
        match parts.as_slice() {
            [menu, name, text] => match is_secret_row(table, menu, name) {
                Some(false) => {}
                Some(true) => found.extend(value(text)),
                None if crate::source::names_secret(name) => found.extend(value(text)),
                None => found.extend(unknown(line, start)),
            },
            _ => found.extend(unknown(line, start)),
        }
        start += raw.len();
    }
    found
}

/// Whether a row holds a secret; `None` for one that the table does not know.
fn is_secret_row(table: &Table, menu: &str, name: &str) -> Option<bool> {
    if label::target(menu, name).is_some() {
        return Some(false);
    }
    let pages = table.pages.iter().filter(|p| &*p.menu == menu);
    pages.flat_map(|p| &p.entries).find_map(|entry| match entry {
        Entry::Field(field) => field.label.key(name).map(|_| field.written.is_secret()),
        Entry::Each(each) => {
            let head = each.head.as_ref().is_some_and(|h| *h.0 == *name) || each.remove.as_deref() == Some(name);
            let field = || each.fields.iter().find(|f| f.label.key(name).is_some());
            if head { Some(false) } else { field().map(|f| f.written.is_secret()) }
        }
    })
}

struct Reader<'t> {
    table: &'t Table,
    facts: Facts,
    entries: Entries,
    secrets: BTreeMap<String, SecretValue>,
    redacted: Vec<String>,
    kept: Vec<KeptLine>,
}

impl<'t> Reader<'t> {
    fn line(&mut self, line: &str, origin: Origin) -> bool {
        let mut parts = line.split('\t');
        let (Some(menu), Some(name), Some(value), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        if let Some(target) = label::target(menu, name) {
            target.put_fact(&mut self.facts.root, Fact::new(Value::Text(value.trim().into()), origin));
            return true;
        }
        let table: &'t Table = self.table;
        let pages: Vec<&'t Page> = table.pages.iter().filter(|p| &*p.menu == menu).collect();
        pages.iter().flat_map(|p| &p.entries).any(|entry| match entry {
            Entry::Field(field) => {
                if field.label.key(name).is_none() {
                    return false;
                }
                let mut root = std::mem::replace(&mut self.facts.root, Group::new(Shape::device().root, Origin::NONE));
                self.put(&mut root, field, "", value, origin);
                self.facts.root = root;
                true
            }
            Entry::Each(each) => self.each(each, name, value, origin),
        })
    }

    fn each(&mut self, each: &Each, name: &str, value: &str, origin: Origin) -> bool {
        if each.remove.as_deref() == Some(name) {
            return true;
        }
        if let Some((head, target, written, _)) = &each.head
            && **head == *name
        {
            if value == NONE {
                return each.list.items_mut(&mut self.facts.root, origin).is_some();
            }
            let mut group = Group::new(each.list.list.unwrap_or_default(), origin);
            let Some(setting) = written.decode(value, origin) else {
                // an entry that can't be called is there all the same
                target.put_fact(&mut group, Fact::new(Value::foreign(value, written.doubt(value)), origin));
                self.entries.put(&mut self.facts.root, &each.list, group);
                return true;
            };
            target.put(&mut group, setting, origin);
            let key = key_text(Shape::device(), &group);
            return self.entries.entry(&mut self.facts.root, &each.list, &key, origin).is_some();
        }
        for field in &each.fields {
            let Some(key) = field.label.key(name) else { continue };
            let Some(mut group) = self.entries.entry(&mut self.facts.root, &each.list, key, origin) else { continue };
            let path = format!("{}[{key}]", each.list.path);
            self.put(&mut group, field, &path, value, origin);
            self.entries.put(&mut self.facts.root, &each.list, group);
            return true;
        }
        false
    }

    fn put(&mut self, group: &mut Group, field: &Field, path: &str, value: &str, origin: Origin) {
        let path = full_path(path, &field.target).into_owned();
        if field.written.is_secret() {
            field.target.put_fact(group, Fact::new(Value::Held, origin));
            if is_token(value) || value.is_empty() {
                self.redacted.push(path);
            } else {
                self.secrets.insert(path, SecretValue::copy_of(value.as_bytes()));
            }
            return;
        }
        let foreign = |why: Doubt| Setting::Value(Fact::new(Value::foreign(value, why), origin));
        let setting = field.written.decode(value, origin).unwrap_or_else(|| foreign(field.written.doubt(value)));
        // a field that was filled in twice, in two ways, says nothing
        let setting = match field.target.get(group) {
            Some(before) if *before != setting => foreign(Doubt::Twice),
            _ => setting,
        };
        field.target.put(group, setting, origin);
    }

    fn keep(&mut self, number: usize, line: &str) {
        let menu = line.split('\t').next().unwrap_or("");
        let page = self.table.pages.iter().find(|p| &*p.menu == menu);
        let shown = page.map_or_else(|| HIDDEN.to_owned(), |p| format!("{} {HIDDEN}", p.menu));
        self.kept.push(KeptLine { line: number, shown, listed: page.is_some() });
    }
}
