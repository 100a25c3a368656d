//! The pages of a table as forms: what stands in each field, and what a page takes. A device to rehearse on is made of
//! it.

mod take;

use std::collections::BTreeMap;

use super::label::{LABEL, ROWS};
use super::{Each, Entry, Field, Table, parts, read};
use crate::dialect::written::{BETWEEN, NONE, Spelling};
use crate::dialect::{Codec, CodecKind};
use crate::model::Facts;
use crate::model::facts::{Group, key_text, leaves};
use crate::model::shape::Shape;
use crate::source::{FileId, Origin};
use take::{Taking, key};

/// What is typed into a form: names of fields with what stands in them, in the order of the page.
pub type Typed = [(String, String)];

/// Pages with what stands in them. No value of a secret is kept.
pub struct Console {
    table: &'static Table,
    /// What stands on the label.
    about: [String; ROWS.len()],
    /// The entries of lists that nobody adds to: ports, and words of a closed list.
    keys: BTreeMap<&'static str, Vec<String>>,
    /// Rows of a sheet, by page: names of fields with their values.
    rows: BTreeMap<&'static str, Vec<(String, String)>>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Its name on the page.
    pub name: String,
    /// The entry of a list that it is of; empty for one of none.
    pub entry: String,
    /// What stands in it.
    pub value: String,
    /// What it takes.
    pub input: Input,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A text.
    Text,
    /// A secret: what stands there is not shown.
    Secret,
    /// One of these words.
    Choice(Vec<String>),
    /// Some of these words.
    Several(Vec<String>),
    /// The entry itself, which is there.
    Fixed,
    /// Whether the entry goes.
    Remove,
}

/// A field that the page does not take, with why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its name on the page.
    pub name: String,
    /// Why, in one sentence.
    pub why: String,
}

impl Console {
    /// Pages that begin with the rows of a sheet. `about` is what stands on the label: model, serial number, MAC
    /// address, firmware; `keys` are the entries of a list, as far as they are known.
    pub fn new(
        table: &'static Table,
        about: [String; ROWS.len()],
        keys: &dyn Fn(&str) -> Vec<String>,
        text: &str,
    ) -> Console {
        let mut console = Console { table, about, keys: BTreeMap::new(), rows: BTreeMap::new() };
        for each in table.pages.iter().flat_map(|page| &page.entries).filter_map(each_of) {
            console.keys.entry(&each.list.path).or_insert_with(|| super::blank::known(each, keys));
        }
        for menu in console.menus() {
            let lines = text.lines().filter_map(|line| line.strip_prefix(menu)?.strip_prefix('\t')?.split_once('\t'));
            let goes =
                |name: &str| console.entries(menu).filter_map(each_of).any(|e| e.remove.as_deref() == Some(name));
            let rows = lines.filter(|(name, _)| !goes(name)).map(|(name, value)| (name.to_owned(), value.to_owned()));
            let rows = rows.collect();
            console.rows.insert(menu, rows);
        }
        console
    }

    /// The menu paths of its pages, in the vendor's order.
    pub fn menus(&self) -> Vec<&'static str> {
        let mut all: Vec<&str> = Vec::new();
        for page in &self.table.pages {
            if !all.contains(&&*page.menu) {
                all.push(&page.menu);
            }
        }
        all
    }

    /// All that stands in its fields, as a filled sheet.
    pub fn text(&self) -> String {
        let label = ROWS.iter().zip(&self.about).map(|((row, _), value)| format!("{LABEL}\t{row}\t{value}\n"));
        let row = |menu: &str, (name, value): &(String, String)| format!("{menu}\t{name}\t{value}\n");
        let of = |menu: &'static str| self.rows.get(menu).into_iter().flatten().map(move |one| row(menu, one));
        label.chain(self.menus().into_iter().flat_map(of)).collect()
    }

    /// The fields of a page, with what was typed in place of what stands there.
    pub fn controls(&self, menu: &str, typed: &Typed) -> Vec<Control> {
        let facts = read(self.table, FileId::NONE, &self.text()).facts;
        let mut all = Vec::new();
        for entry in self.entries(menu) {
            match entry {
                Entry::Field(field) if field.is_shown(&facts.root) => self.field(menu, field, "", "", &mut all),
                Entry::Field(_) => {}
                Entry::Each(each) => self.each(menu, each, &facts, &mut all),
            }
        }
        for control in &mut all {
            let is_free = matches!(control.input, Input::Text | Input::Choice(_) | Input::Several(_));
            // an entry's name stands there once for each entry: only what is typed anew is the last one
            let mut said = typed.iter().rev().filter(|(name, _)| *name == control.name).map(|(_, value)| &**value);
            match &control.input {
                Input::Several(_) if typed.iter().any(|(name, _)| *name == control.name) => {
                    let chosen: Vec<&str> = said.filter(|value| !value.is_empty()).collect();
                    control.value = chosen.into_iter().rev().collect::<Vec<_>>().join(BETWEEN);
                }
                _ if is_free => control.value = said.next().map_or(std::mem::take(&mut control.value), str::to_owned),
                _ => {}
            }
        }
        all
    }

    /// Saves a page as it was typed: all of it, or none of it where something is refused.
    pub fn take(&mut self, menu: &str, typed: &Typed) -> Vec<Refused> {
        let mut taking = Taking { console: self, menu, typed, rows: Vec::new(), refused: Vec::new() };
        for entry in self.entries(menu) {
            match entry {
                Entry::Field(field) => taking.field(field, ""),
                Entry::Each(each) => taking.each(each),
            }
        }
        let Taking { rows, mut refused, .. } = taking;
        let text: String = rows.iter().map(|(name, value)| format!("{menu}\t{name}\t{value}\n")).collect();
        let reading = read(self.table, FileId::NONE, &text);
        let whole = reading.kept.is_empty() && leaves(&reading.facts).all(|leaf| leaf.fact.value.is_known());
        if refused.is_empty() && !whole {
            let why = "what stands there together means nothing that is known".to_owned();
            refused.push(Refused { name: menu.to_owned(), why });
        }
        if let (true, Some(kept)) = (refused.is_empty(), self.rows.get_mut(menu)) {
            *kept = rows;
        }
        refused
    }

    fn entries<'m>(&self, menu: &'m str) -> impl Iterator<Item = &'static Entry> + use<'m> {
        let table: &'static Table = self.table;
        table.pages.iter().filter(move |page| &*page.menu == menu).flat_map(|page| &page.entries)
    }

    fn value(&self, menu: &str, name: &str) -> Option<&str> {
        let rows = self.rows.get(menu).into_iter().flatten();
        rows.rev().find(|(row, _)| row == name).map(|(_, value)| &**value)
    }

    /// The entries of a list: their keys, and the text that names each where the page has a row for that.
    fn keys(&self, menu: &str, each: &Each) -> Vec<(String, Option<String>)> {
        let rows = || self.rows.get(menu).into_iter().flatten();
        if let Some((head, ..)) = &each.head {
            let named = rows().filter(|(name, value)| **name == **head && value != NONE);
            return named.filter_map(|(_, value)| Some((key(each, value)?, Some(value.clone())))).collect();
        }
        let mut all: Vec<String> = self.keys.get(&*each.list.path).cloned().unwrap_or_default();
        for (name, _) in rows() {
            let found = each.fields.iter().find_map(|field| field.label.key(name));
            all.extend(found.filter(|key| !all.iter().any(|known| known == key)).map(str::to_owned));
        }
        all.into_iter().map(|key| (key, None)).collect()
    }

    fn each(&self, menu: &str, each: &Each, facts: &Facts, all: &mut Vec<Control>) {
        let items = || each.list.items(&facts.root).into_iter().flat_map(|items| &items.items);
        let empty = Group::new(each.list.list.unwrap_or_default(), Origin::NONE);
        for (key, named) in self.keys(menu, each) {
            let entry = named.clone().unwrap_or_else(|| key.clone());
            if let (Some((head, ..)), Some(value)) = (&each.head, named) {
                let control = |name: &str, input| Control {
                    name: name.to_owned(),
                    entry: entry.clone(),
                    value: value.clone(),
                    input,
                };
                all.push(control(head, Input::Fixed));
                all.extend(each.remove.iter().map(|remove| control(remove, Input::Remove)));
            }
            let group = items().map(|item| &item.group).find(|group| key_text(Shape::device(), group) == key);
            let shown = each.fields.iter().filter(|field| field.is_shown(group.unwrap_or(&empty)));
            shown.for_each(|field| self.field(menu, field, &key, &entry, all));
        }
        if let Some((head, _, written, _)) = &each.head {
            let entry = format!("New: {head}");
            let names = if each.parts.is_empty() { std::slice::from_ref(head) } else { &each.parts };
            let blank = |name: &str| Control {
                name: name.to_owned(),
                entry: entry.clone(),
                value: String::new(),
                input: input(written),
            };
            all.extend(names.iter().map(|name| blank(name)));
        }
    }

    fn field(&self, menu: &str, field: &Field, key: &str, entry: &str, all: &mut Vec<Control>) {
        let name = field.label.of(key);
        let value = self.value(menu, &name).unwrap_or_default().to_owned();
        let control = |name, value| Control { name, entry: entry.to_owned(), value, input: input(&field.written) };
        if field.parts.is_empty() {
            return all.push(control(name, value));
        }
        let words = parts::words(&value).unwrap_or_default();
        let word = |at: usize| words.get(at).cloned().unwrap_or_default();
        all.extend(field.parts.iter().enumerate().map(|(at, part)| control(part.of(key), word(at))));
    }
}

fn each_of(entry: &Entry) -> Option<&Each> {
    if let Entry::Each(each) = entry { Some(each) } else { None }
}

fn input(written: &Spelling) -> Input {
    let words = |codec: &Codec| match &codec.kind {
        CodecKind::Words(words) => Some(words.iter().map(|word| word.native.to_string()).collect()),
        _ => None,
    };
    match written {
        _ if written.is_secret() => Input::Secret,
        Spelling::One(codec) => words(codec).map_or(Input::Text, Input::Choice),
        Spelling::List { codec, .. } => words(codec).map_or(Input::Text, Input::Several),
        Spelling::Sets(sets) => Input::Choice(sets.iter().map(|(_, name)| name.to_string()).collect()),
        Spelling::Mask | Spelling::Records { .. } => Input::Text,
    }
}
