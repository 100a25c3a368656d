//! Facts to command lines.
//!
//! Only what people said becomes a line. Where one line says several settings and people said some of them, the rest
//! comes from the base; where it is not known there, the line can't be written and its settings stay without place.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Extent, full_path, read_numbered};
use super::{Entry, Fills, Kind, Line, Member, Pattern, Slot, Table};
use crate::dialect::lines::{Lines, is_removed, secret_name};
use crate::dialect::written::{Written, is_word};
use crate::dialect::{NativeLine, Place, Refusal, Target, native_lines};
use crate::model::facts::{Facts, Group, Item, Keyed, Setting, Value, key_text};
use crate::model::paths::VENDOR_SETTINGS_LINE;
use crate::model::shape::Shape;
use crate::native::{Alphabet, Form, Reading};
use crate::secret::SecretRef;
use crate::source::FileId;

/// The command lines that bring what people said onto a device. `base` is what runs there, where that is known.
pub fn render(table: &Table, own: &Facts, base: Option<&Reading>) -> Lines {
    let numbers = base.map(|b| read_numbered(table, FileId::NONE, &b.text, Extent::Whole).1).unwrap_or_default();
    let mut writer = Writer { own, base: base.map(|b| &b.facts), numbers, out: Lines::new(Form::Cli), indent: "" };
    let (exec, config): (Vec<&Entry>, Vec<&Entry>) = table.entries.iter().partition(|e| e.exec);
    for entry in config {
        writer.entry(entry, &own.root, writer.base.map(|b| &b.root), "");
    }
    writer.vendor_lines(table);
    for entry in exec {
        writer.entry(entry, &own.root, writer.base.map(|b| &b.root), "");
    }
    writer.out
}

struct Writer<'a> {
    own: &'a Facts,
    base: Option<&'a Facts>,
    numbers: BTreeMap<String, usize>,
    out: Lines,
    indent: &'static str,
}

/// What stands in a place of a line.
enum Word {
    Text(String),
    Secret(SecretRef, String),
}

impl<'a> Writer<'a> {
    fn entry(&mut self, entry: &Entry, own: &'a Group, base: Option<&'a Group>, path: &str) {
        match &entry.kind {
            Kind::Switch { target, on, off } => {
                let Some(Value::Switch(said)) = target.fact(own).map(|f| &f.value) else { return };
                let (words, place) = if *said { (on, &entry.place) } else { (off, &entry.off_place) };
                let line = words.join(" ");
                self.line(&line);
                self.out.put(&full_path(path, target), line, place);
            }
            Kind::Line(line) => {
                self.one(line, own, base, path, None, &entry.place);
            }
            Kind::Each(each) => self.each(&each.list, &each.lines, each.remove.as_ref(), &entry.place),
            Kind::Values { target, pattern, written, remove } => {
                self.values(target, pattern, written, remove.as_ref(), &entry.place);
            }
            Kind::Members { target, members } => self.members(target, members),
            Kind::Block { list, open, key, entries } => {
                let Some(items) = list.items(own) else { return };
                let below = base.and_then(|b| list.items(b)).map_or(&[][..], |b| &b.items);
                let mut theirs = Keyed::default();
                for item in &items.items {
                    let name = key_text(Shape::device(), &item.group);
                    let Some(slot) = key.slot(&name) else { continue };
                    let path = format!("{}[{name}]", list.path);
                    let under = theirs.find(Shape::device(), below, &item.group).map(|at| &below[at].group);
                    self.block(&filled(open, |_| slot.unwrap_or("").to_owned()), &item.group, under, &path, entries);
                }
            }
            Kind::Fixed(words) => {
                if !self.out.is_empty() {
                    self.line(&words.join(" "));
                }
            }
        }
    }

    /// A block is opened only where something stands in it.
    fn block(&mut self, open: &str, own: &'a Group, base: Option<&'a Group>, path: &str, entries: &[Entry]) {
        let before = std::mem::replace(&mut self.out, Lines::new(Form::Cli));
        self.indent = "    ";
        for entry in entries {
            self.entry(entry, own, base, path);
        }
        self.indent = "";
        let mut inner = std::mem::replace(&mut self.out, before);
        if !inner.is_empty() {
            self.line(open);
            self.out.text.pieces.append(&mut inner.text.pieces);
            self.line("exit");
            self.out.placed.insert(path.to_owned());
        }
        let shown =
            |r: crate::native::Rendered| crate::native::Rendered { place: format!("{open} > {}", r.place), ..r };
        self.out.rendered.extend(inner.rendered.into_iter().map(shown));
        self.out.findings.append(&mut inner.findings);
        self.out.placed.append(&mut inner.placed);
    }

    fn line(&mut self, line: &str) {
        let line = format!("{}{line}\n", self.indent);
        self.out.shown(&line);
    }

    /// One line for the settings in its places. Nothing where none of them was said, or one is not known at all.
    fn one(
        &mut self,
        line: &Line,
        own: &Group,
        base: Option<&Group>,
        path: &str,
        number: Option<usize>,
        place: &Place,
    ) -> bool {
        // a line for an entry of a list says at least that the entry is there
        let untold = |t: &Target| t.get(own).is_some() && !self.out.placed.contains(&full_path(path, t));
        if number.is_none() && !line.fills().any(|(t, _)| untold(t)) {
            return false;
        }
        let mut words = BTreeMap::new();
        let mut said = Vec::new();
        for slot in &line.slots {
            let Fills::Setting(target, written) = &slot.fills else {
                words.insert(&*slot.name, Word::Text(number.unwrap_or(1).to_string()));
                continue;
            };
            let at = full_path(path, target);
            let Some(setting) = target.get(own).or_else(|| base.and_then(|b| target.get(b))) else { return false };
            match word(setting, written, &at) {
                Some(Ok(text)) => {
                    words.insert(&*slot.name, text);
                }
                Some(Err(refusal)) => {
                    let loc = match setting {
                        Setting::Value(fact) => fact.origin.loc(),
                        Setting::Items(items) => items.origin.loc(),
                        Setting::Group(group) => group.origin.loc(),
                    };
                    self.out.refuse(&at, loc, refusal);
                    self.out.placed.insert(path.to_owned());
                    return true;
                }
                None => return false,
            }
            if target.get(own).is_some() && !target.field.key {
                said.push(at);
            }
        }
        self.pieces(&line.pattern, &words);
        let native = line.pattern.shown();
        for at in said {
            self.out.put(&at, native.clone(), place);
        }
        true
    }

    fn pieces(&mut self, pattern: &Pattern, words: &BTreeMap<&str, Word>) {
        self.out.shown(self.indent);
        for (i, token) in pattern.tokens.iter().enumerate() {
            if i > 0 {
                self.out.shown(" ");
            }
            match token {
                super::pattern::Token::Word(word) => self.out.shown(word),
                super::pattern::Token::Slot(name) => match words.get(&**name) {
                    Some(Word::Text(text)) => self.out.shown(text),
                    Some(Word::Secret(name, path)) => self.out.secret(name.clone(), path, Alphabet::Word),
                    None => {}
                },
            }
        }
        self.out.shown("\n");
    }

    fn each(&mut self, list: &Target, lines: &[Line], remove: Option<&Pattern>, place: &Place) {
        let shape = Shape::device();
        let Some(items) = list.items(&self.own.root) else { return };
        let base = self.base.and_then(|b| list.items(&b.root));
        let below = base.map_or(&[][..], |b| &b.items);
        let (mut ours, mut theirs) = (Keyed::default(), Keyed::default());
        let mut numbers = 1..;
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        for item in &items.items {
            taken.extend(self.numbers.get(&entry_path(list, &item.group)));
        }
        for item in items.items.iter().filter(|i| !is_removed(shape, &i.group)) {
            let path = entry_path(list, &item.group);
            let under = theirs.find(shape, below, &item.group).map(|at| &below[at].group);
            let number = self.numbers.get(&path).copied().unwrap_or_else(|| {
                // none comes twice, so what is handed out needs no other mark
                numbers.find(|n| !taken.contains(n)).unwrap_or(1)
            });
            if lines.iter().any(|line| self.one(line, &item.group, under, &path, Some(number), place)) {
                self.out.put(&path, lines[0].pattern.shown(), place);
            }
        }
        let Some((first, remove)) = lines.first().zip(remove) else { return };
        let asked = items.items.iter().filter(|i| is_removed(shape, &i.group));
        let extra = below.iter().filter(|b| ours.find(shape, &items.items, &b.group).is_none());
        let gone: Vec<&Item> = asked.chain(extra).collect();
        for item in gone {
            let path = entry_path(list, &item.group);
            let slot = |name: &str| first.slot(name).and_then(|s| key_word(s, &item.group));
            if remove.slots().any(|name| slot(name).is_none()) {
                continue;
            }
            let line = filled(remove, |name| slot(name).unwrap_or_default());
            self.line(&line);
            self.out.put(&path, line, place);
            for (ix, _) in item.group.iter() {
                let field = shape.group(item.group.shape).at(ix);
                if !field.key {
                    self.out.placed.insert(format!("{path}.{}", field.name));
                }
            }
        }
        if items.items.is_empty() && base.is_some() {
            self.out.placed.insert(list.path.to_string());
        }
    }

    fn values(
        &mut self,
        target: &Target,
        pattern: &Pattern,
        written: &Written,
        remove: Option<&Pattern>,
        place: &Place,
    ) {
        let Some(fact) = target.fact(&self.own.root) else { return };
        let Value::List(values) = &fact.value else { return };
        let path = full_path("", target);
        let below = match self.base.and_then(|b| target.fact(&b.root)).map(|f| &f.value) {
            Some(Value::List(list)) => Some(list),
            _ => None,
        };
        for value in values {
            let setting = Setting::Value(value.clone());
            match word(&setting, written, &path) {
                Some(Ok(Word::Text(text))) => {
                    let line = filled(pattern, |_| text.clone());
                    self.line(&line);
                    self.out.put(&path, pattern.shown(), place);
                }
                Some(Err(refusal)) => self.out.refuse(&path, value.origin.loc(), refusal),
                _ => {}
            }
        }
        for gone in below.into_iter().flatten().filter(|b| !values.contains(b)) {
            let text = word(&Setting::Value(gone.clone()), written, &path);
            if let (Some(remove), Some(Ok(Word::Text(text)))) = (remove, text) {
                let line = filled(remove, |_| text.clone());
                self.line(&line);
                self.out.put(&path, remove.shown(), place);
            }
        }
        // an empty list over an unknown state takes nothing away: it needs another place
        if values.is_empty() && below.is_some() {
            self.out.placed.insert(path);
        }
    }

    fn members(&mut self, target: &Target, members: &[Member]) {
        let Some(fact) = target.fact(&self.own.root) else { return };
        let Value::List(said) = &fact.value else { return };
        let path = full_path("", target);
        let below = match self.base.and_then(|b| target.fact(&b.root)).map(|f| &f.value) {
            Some(Value::List(list)) => list.as_slice(),
            _ => &[],
        };
        let mut all = true;
        for member in members {
            let held: Vec<&Value> = member.values.iter().filter(|v| said.iter().any(|f| f.value == **v)).collect();
            if held.len() == member.values.len() {
                let line = member.on.join(" ");
                self.line(&line);
                for value in held {
                    self.out.put(&format!("{path}[{}]", value.plain()), line.clone(), &member.place);
                }
            } else if !held.is_empty() {
                let words: Vec<String> = member.values.iter().map(|v| format!("`\"{}\"`", v.plain())).collect();
                let message = format!("this device can't demand `{}` alone", held[0].plain());
                let help = format!("its one line means {} together: write all of them, or none", words.join(" and "));
                let loc = said.iter().find(|f| f.value == *held[0]).map_or(fact.origin.loc(), |f| f.origin.loc());
                self.out.refuse(&path, loc, Refusal::new(message, help));
            } else if let Some(off) = &member.off {
                let line = off.join(" ");
                self.line(&line);
                self.out.put(&path, line, &member.place);
            } else if member.values.iter().any(|v| below.iter().any(|b| b.value == *v)) {
                all = false;
            }
        }
        let known = |v: &Value| members.iter().any(|m| m.values.contains(v));
        let whole = members.iter().all(|m| m.off.is_some()) || !said.is_empty();
        if all && whole && said.iter().all(|f| known(&f.value)) {
            self.out.placed.insert(path);
        } else {
            self.out.placed.remove(&path);
        }
    }

    /// Lines that the table lets people pass through; the rest is told before anything is rendered.
    fn vendor_lines(&mut self, table: &Table) {
        for written in native_lines(self.own) {
            if let NativeLine::Line(line) = written.line
                && super::passes(table, line).is_ok()
            {
                self.line(line);
                self.out.placed.insert(format!("{VENDOR_SETTINGS_LINE}[{line}]"));
            }
        }
    }
}

fn entry_path(list: &Target, group: &Group) -> String {
    format!("{}[{}]", list.path, key_text(Shape::device(), group))
}

fn filled(pattern: &Pattern, word: impl Fn(&str) -> String) -> String {
    let words = pattern.tokens.iter().map(|t| match t {
        super::pattern::Token::Word(text) => text.to_string(),
        super::pattern::Token::Slot(name) => word(name),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn key_word(slot: &Slot, group: &Group) -> Option<String> {
    let Fills::Setting(target, written) = &slot.fills else { return None };
    match word(target.get(group)?, written, "")? {
        Ok(Word::Text(text)) => Some(text),
        _ => None,
    }
}

/// The text of a setting, judged as words of a line; `None` for what has no text (unknown values, held secrets).
fn word(setting: &Setting, written: &Written, path: &str) -> Option<Result<Word, Refusal>> {
    if let Setting::Value(fact) = setting {
        if !fact.value.is_known() || fact.value == Value::Held {
            return None;
        }
        if written.is_secret() {
            return secret_name(&fact.value).map(|name| Ok(Word::Secret(name, path.to_owned())));
        }
    }
    let text = match written.encode(setting) {
        Ok(text) => text,
        Err(refusal) => return Some(Err(refusal)),
    };
    let fixed = written.words() != Some(1);
    if is_word(&text) || (fixed && text.split(' ').all(is_word)) {
        return Some(Ok(Word::Text(text)));
    }
    let help = "a command line takes letters, digits and `~@$%^&*-_:,./+=[]{}()` here, without spaces: what quotes, \
                `?`, `!`, `#`, `;` and others do there, no source says";
    Some(Err(Refusal::new("a text that a command line can't hold as it is", help)))
}
