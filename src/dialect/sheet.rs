//! The `sheet` form: settings as a person types them on the device's web pages.
//!
//! `native.sheet` is one line for each, `menu TAB field TAB value`, in the order of the vendor's menu; a sheet that
//! was filled in is read back with the same table. [`crate::sheet`] is what people are told of it.

mod blank;
mod console;
mod label;
mod load;
mod parts;
mod read;
mod render;

#[cfg(test)]
mod tests;

pub use blank::{blank, filled};
pub use console::{Console, Control, Input, Refused, Typed};
pub(super) use read::veils;
pub use read::{read, redact};
pub use render::{Cell, Row, STANDS, Verb, render, rows};

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::written::Spelling;
use super::{Place, Target};
use crate::model::shape::{FieldIx, Shape};
use crate::native;

/// The pages of a platform.
#[derive(Debug)]
pub struct Table {
    pages: Vec<Page>,
    /// Where settings lie on the pages, once anybody asked.
    laid: OnceLock<Laid>,
}

/// The page of each setting, by its fields from the root.
#[derive(Debug, Default)]
struct Laid {
    rows: BTreeMap<Vec<FieldIx>, usize>,
    /// Lists, in the order of the pages.
    lists: Vec<(Vec<FieldIx>, usize)>,
    /// Settings and lists, in the order of the pages.
    all: Vec<(Vec<FieldIx>, usize)>,
}

/// One web page, or a part of it.
#[derive(Debug)]
struct Page {
    menu: Arc<str>,
    /// Whether a slip here shuts people out: it comes last on paper.
    risky: bool,
    /// What is seen there afterwards, for rows that say nothing of their own.
    look: Option<Box<str>>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
enum Entry {
    Field(Field),
    Each(Each),
}

/// A list, its entries each with some fields.
#[derive(Debug)]
struct Each {
    list: Target,
    /// The row that says that an entry is there: its name, and how its key is written.
    head: Option<(Box<str>, Target, Spelling, Place)>,
    /// The row that asks for an entry to be taken away.
    remove: Option<Box<str>>,
    /// The fields that the key is typed into, where the page has several for it.
    parts: Vec<Box<str>>,
    /// What is seen of an entry afterwards.
    look: Option<Box<str>>,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    label: Label,
    /// The fields that it is typed into, where the page has several for it.
    parts: Vec<Label>,
    /// The variants of its group that the page shows it for; empty for all.
    when: Vec<Box<str>>,
    target: Target,
    written: Spelling,
    place: Place,
    /// What is seen afterwards; `{}` in it is the key of the list's entry.
    look: Option<Box<str>>,
}

/// A field's name; `{}` in it is the key of the list's entry.
#[derive(Debug)]
struct Label {
    before: Box<str>,
    after: Option<Box<str>>,
}

impl Label {
    fn parse(text: &str) -> Label {
        match text.split_once("{}") {
            Some((before, after)) => Label { before: before.into(), after: Some(after.into()) },
            None => Label { before: text.into(), after: None },
        }
    }

    fn of(&self, key: &str) -> String {
        match &self.after {
            Some(after) => format!("{}{key}{after}", self.before),
            None => self.before.to_string(),
        }
    }

    /// The key in a name; `Some("")` where it has none. `None` for another name.
    fn key<'a>(&self, name: &'a str) -> Option<&'a str> {
        match &self.after {
            Some(after) => name.strip_prefix(&*self.before)?.strip_suffix(&**after).filter(|key| !key.is_empty()),
            None => (name == &*self.before).then_some(""),
        }
    }
}

impl Table {
    /// The page of a setting on the device: the one with its row, else that of its list, else the first with a row
    /// beneath it. Keys of lists don't matter.
    pub fn page(&self, path: &str) -> Option<native::Page> {
        let wanted = Shape::device().setting(path)?;
        let laid = self.laid.get_or_init(|| laid(&self.pages));
        let list = || laid.lists.iter().find(|(list, _)| wanted.starts_with(list)).map(|(_, page)| *page);
        let below = || laid.all.iter().find(|(fields, _)| fields.starts_with(&wanted)).map(|(_, page)| *page);
        let page = &self.pages[laid.rows.get(&wanted).copied().or_else(list).or_else(below)?];
        Some(native::Page { menu: page.menu.to_string(), risky: page.risky })
    }

    /// Every setting that has a row, as a path without keys.
    pub fn paths(&self) -> Vec<String> {
        let mut found = Vec::new();
        for entry in self.pages.iter().flat_map(|p| &p.entries) {
            match entry {
                Entry::Field(field) => found.push(field.target.leaf.to_string()),
                Entry::Each(each) => {
                    found.push(each.list.path.to_string());
                    let path = |f: &Field| super::cli::full_path(&each.list.path, &f.target).into_owned();
                    found.extend(each.fields.iter().map(path));
                }
            }
        }
        found
    }
}

/// Where the settings of some pages lie.
fn laid(pages: &[Page]) -> Laid {
    let shape = Shape::device();
    let mut laid = Laid::default();
    for (at, entry) in pages.iter().enumerate().flat_map(|(at, page)| page.entries.iter().map(move |entry| (at, entry)))
    {
        let (target, is_list) = match entry {
            Entry::Field(field) => (&field.target, field.target.list.is_some()),
            Entry::Each(each) => (&each.list, true),
        };
        if let Entry::Each(each) = entry {
            for path in each.fields.iter().filter_map(|field| fields(shape, &[&each.list, &field.target])) {
                laid.rows.entry(path).or_insert(at);
            }
        }
        let Some(path) = fields(shape, &[target]) else { continue };
        if is_list {
            laid.lists.push((path.clone(), at));
        }
        if matches!(entry, Entry::Field(_)) {
            laid.rows.entry(path.clone()).or_insert(at);
        }
        laid.all.push((path, at));
    }
    laid
}

fn fields(shape: &'static Shape, parts: &[&Target]) -> Option<Vec<u16>> {
    let [first, rest @ ..] = parts else { return None };
    let path = rest.iter().fold(first.path.to_string(), |path, t| format!("{path}.{}", t.path));
    shape.setting(&path)
}

#[cfg(test)]
impl Table {
    /// For each setting of the pages: its path, a value, and the rows that say it.
    pub(crate) fn specimens(&self) -> Vec<(String, String, String)> {
        use super::sample::{plain, specimen};
        let mut found = Vec::new();
        for page in &self.pages {
            for entry in &page.entries {
                match entry {
                    Entry::Field(field) => {
                        found.extend(specimen(&field.written, &field.target).map(|(value, text)| {
                            (
                                field.target.leaf.to_string(),
                                plain(&value),
                                format!("{}\t{}\t{text}\n", page.menu, field.label.of("")),
                            )
                        }))
                    }
                    Entry::Each(each) => {
                        let head = each.head.as_ref().and_then(|(name, key, written, _)| {
                            let (value, text) = specimen(written, key)?;
                            Some((plain(&value), format!("{}\t{name}\t{text}\n", page.menu)))
                        });
                        let keys =
                            ["1", "1/1", "read-only", "security", "lan", "a1"].map(|k| (k.to_owned(), String::new()));
                        for field in &each.fields {
                            let of = |(key, head): &(String, String)| {
                                let (value, text) = specimen(&field.written, &field.target)?;
                                let path = format!("{}[{key}]", each.list.path);
                                let path = super::cli::full_path(&path, &field.target).into_owned();
                                let text = format!("{head}{}\t{}\t{text}\n", page.menu, field.label.of(key));
                                let known = read(self, crate::source::FileId(7), &text).facts.value(&path).is_some();
                                known.then(|| (path, plain(&value), text))
                            };
                            let keys = head.iter().chain(keys.iter().filter(|_| head.is_none()));
                            found.extend(keys.into_iter().find_map(of));
                        }
                    }
                }
            }
        }
        found
    }
}
