//! Facts to command lines.
//!
//! Only what people said becomes a line. Where one line says several settings and people said some of them, the rest
//! comes from the base; where it is not known there, the line can't be written and its settings stay without place.

mod words;

use std::borrow::Cow;
use std::collections::BTreeSet;

use self::words::{filled, gone_word, key_word, word, word_of};
use super::pattern::NUMBER;
use super::read::full_path;
use super::{Asked, Condition, Each, Entry, Fills, Kind, Line, Member, Pattern, Slot, Table, Token};
use crate::dialect::lines::{Lines, Purpose, Word, is_removed, unread};
use crate::dialect::written::Spelling;
use crate::dialect::{NativeLine, Place, Refusal, Target, native_lines};
use crate::model::facts::{Facts, Group, Item, Keyed, Setting, Value, key_text};
use crate::model::shape::Shape;
use crate::native::{Alphabet, Form, Grade, Reading, Rendered};

/// The command lines that bring what people said onto a device. `base` is what runs there, where that is known.
pub fn render<'t>(table: &'t Table, own: &Facts, base: Option<&Reading>, purpose: Purpose) -> Lines<'t> {
    let mut writer = Writer { own, base, out: Lines::with_room(Form::Cli, purpose), indent: "" };
    let (exec, config): (Vec<&Entry>, Vec<&Entry>) = table.entries.iter().partition(|e| e.exec);
    for entry in config {
        writer.entry(entry, &own.root, writer.base.map(|b| &b.facts.root), "");
    }
    writer.vendor_lines(table);
    for entry in exec {
        writer.entry(entry, &own.root, writer.base.map(|b| &b.facts.root), "");
    }
    writer.out
}

struct Writer<'a, 't> {
    own: &'a Facts,
    base: Option<&'a Reading>,
    out: Lines<'t>,
    indent: &'static str,
}

impl<'a, 't> Writer<'a, 't> {
    fn entry(&mut self, entry: &'t Entry, own: &'a Group, base: Option<&'a Group>, path: &str) {
        // those of a list are asked of each of its entries
        let of_entries = matches!(entry.kind, Kind::Block { .. } | Kind::Each(_));
        if entry.place.grade == Grade::Unknown {
            return;
        }
        if !of_entries && !self.all_hold(&entry.when, own, base) {
            return;
        }
        match &entry.kind {
            Kind::Switch { target, on, off } => {
                let Some(Value::Switch(said)) = target.fact(own).map(|f| &f.value) else { return };
                let (words, place) = if *said { (on, &entry.place) } else { (off, &entry.off_place) };
                if words.is_empty() || place.grade == Grade::Unknown {
                    return;
                }
                self.line(|| words.join(" "));
                self.out.put(full_path(path, target), || words.join(" "), place);
            }
            Kind::Line(line) => {
                self.one(line, own, base, path, None, &entry.place);
            }
            Kind::Each(each) => self.each(each, &entry.when, &entry.place),
            Kind::Values { target, pattern, written, remove } => {
                let lines = (pattern, remove.as_ref());
                match target.is_set() {
                    true => self.set(target, lines, (own, base), path, &entry.place),
                    false => self.values(target, lines, written, (own, base), path, &entry.place),
                }
            }
            Kind::Members { target, members } => self.members(target, members),
            Kind::Block { list, open, key, entries, most } => {
                let Some(items) = list.items(own) else { return };
                let below = base.and_then(|b| list.items(b)).map_or(&[][..], |b| &b.items);
                if let Some((most, first)) = most.and_then(|most| Some((most, items.items.get(most)?))) {
                    let refusal = Refusal::new(format!("the device takes at most {most} of them"), "take some out");
                    self.out.refuse(entry_path(list, &first.group).into(), first.group.origin.loc(), refusal);
                }
                if key.inside {
                    return self.made_inside((list, open, &entry.when), entries, &items.items, below);
                }
                let mut theirs = Keyed::default();
                for item in &items.items {
                    let name = key_text(Shape::device(), &item.group);
                    let Some(slot) = key.slot(&name) else { continue };
                    let path = format!("{}[{name}]", list.path);
                    let under = theirs.find(Shape::device(), below, &item.group).map(|at| &below[at].group);
                    let open = || filled(open, |_| slot.unwrap_or("").into());
                    self.block(open, &item.group, under, path, entries);
                }
            }
            Kind::Mode { open, entries } => self.mode(open, own, base, path, entries, &entry.place),
            Kind::Flag { target, line, usual } => match target.fact(own).map(|f| &f.value) {
                Some(Value::Switch(true)) => {
                    self.line(|| line.join(" "));
                    self.out.put(full_path(path, target), || line.join(" "), &entry.place);
                }
                // an entry that is made without the word is without it
                Some(Value::Switch(false)) => {
                    self.out.put(full_path(path, target), || line.join(" "), &entry.off_place)
                }
                None if *usual => self.line(|| line.join(" ")),
                _ => {}
            },
            Kind::Fixed(words) if !self.indent.is_empty() => self.line(|| words.join(" ")),
            Kind::Fixed(words) => {
                if !self.out.is_empty() {
                    self.line(|| words.join(" "));
                }
            }
        }
    }

    /// Entries that the lines of a block make, one block each. No word is known that changes, moves or takes one away:
    /// an entry that the device has already stays as it is, and new ones come behind. Where that is not what people
    /// said, entries have no place here; of an ordered list none has.
    fn made_inside(
        &mut self,
        (list, open, when): (&'t Target, &'t Pattern, &'t [Condition]),
        entries: &'t [Entry],
        ours: &'a [Item],
        below: &'a [Item],
    ) {
        let shape = Shape::device();
        let same = |item: &Item, other: &Item| is_removed(shape, &item.group) || covers(&other.group, &item.group);
        let mut theirs = Keyed::default();
        let known: Vec<Option<&Item>> =
            ours.iter().map(|item| theirs.find(shape, below, &item.group).map(|at| &below[at])).collect();
        if list.field.ordered {
            let stands =
                |(at, item): (usize, &Item)| known.get(at).is_some_and(|k| k.is_some_and(|k| std::ptr::eq(k, item)));
            let kept = below.iter().enumerate().all(stands);
            if !kept || known.iter().zip(ours).any(|(known, item)| known.is_some_and(|known| !same(item, known))) {
                return;
            }
        }
        let number_of = |item: &Item| self.base.and_then(|b| b.numbers.get(&entry_path(list, &item.group))).copied();
        let last = below.iter().filter_map(number_of).max().unwrap_or(0);
        let mut next = last + 1..;
        for (item, known) in ours.iter().zip(known) {
            if is_removed(shape, &item.group) || !self.all_hold(when, &item.group, None) {
                continue;
            }
            let path = entry_path(list, &item.group);
            match known {
                Some(known) if same(item, known) => self.placed_whole(&item.group, &path),
                Some(_) => {}
                None => {
                    let number = next.next().unwrap_or(1).to_string();
                    self.block(|| filled(open, |_| number.clone().into()), &item.group, None, path, entries);
                }
            }
        }
    }

    /// An entry that the device has as people said it: nothing is to be written.
    fn placed_whole(&mut self, group: &Group, path: &str) {
        let shape = Shape::device();
        for (ix, setting) in group.iter() {
            let within = format!("{path}.{}", shape.group(group.shape).at(ix).name);
            if let Setting::Group(inner) = setting {
                self.placed_whole(inner, &within);
            } else {
                self.out.placed.insert(within.into());
            }
        }
        self.out.placed.insert(path.to_owned().into());
    }

    /// Lines of a group between the line that opens it and `exit`.
    fn mode(
        &mut self,
        open: &'t Line,
        own: &'a Group,
        base: Option<&'a Group>,
        path: &str,
        entries: &'t [Entry],
        place: &Place,
    ) {
        let said = open.fills().any(|(target, _)| target.get(own).is_some());
        let known = |target: &Target| target.get(own).or_else(|| base.and_then(|b| target.get(b))).is_some();
        if !open.fills().all(|(target, _)| known(target)) {
            return;
        }
        let part = self.out.part();
        let mut before = std::mem::replace(&mut self.out, part);
        self.out.placed = std::mem::take(&mut before.placed);
        let outer = self.indent;
        self.indent = if outer.is_empty() { "    " } else { "        " };
        for entry in entries {
            self.entry(entry, own, base, path);
        }
        self.indent = outer;
        let mut inner = std::mem::replace(&mut self.out, before);
        self.out.placed = std::mem::take(&mut inner.placed);
        self.out.findings.append(&mut inner.findings);
        if inner.is_empty() && !said {
            return;
        }
        match open.slots.is_empty() {
            true => self.line(|| open.pattern.shown()),
            false => drop(self.opening(open, own, base, path, place)),
        }
        self.out.text.pieces.append(&mut inner.text.pieces);
        self.line(|| "exit".to_owned());
        self.out.rendered.append(&mut inner.rendered);
    }

    /// The line that opens a group, and is written whether or not people said what stands in it.
    fn opening(&mut self, open: &'t Line, own: &'a Group, base: Option<&'a Group>, path: &str, place: &Place) -> bool {
        let said = open.fills().any(|(target, _)| target.get(own).is_some());
        // the lines in it ask for the line, as an entry's number would
        self.one(open, own, base, path, if said { None } else { Some(1) }, place)
    }

    /// A block is opened only where something stands in it.
    fn block(
        &mut self,
        open: impl Fn() -> String,
        own: &'a Group,
        base: Option<&'a Group>,
        path: String,
        entries: &'t [Entry],
    ) {
        let part = self.out.part();
        let mut before = std::mem::replace(&mut self.out, part);
        self.out.placed = std::mem::take(&mut before.placed);
        self.indent = "    ";
        for entry in entries {
            self.entry(entry, own, base, &path);
        }
        self.indent = "";
        let mut inner = std::mem::replace(&mut self.out, before);
        self.out.placed = inner.placed;
        self.out.findings.append(&mut inner.findings);
        if inner.text.pieces.is_empty() {
            return;
        }
        self.line(&open);
        self.out.text.pieces.append(&mut inner.text.pieces);
        self.line(|| "exit".to_owned());
        self.out.placed.insert(path.into());
        let within = |r: Rendered| Rendered { place: format!("{} > {}", open(), r.place), ..r };
        self.out.rendered.extend(inner.rendered.into_iter().map(within));
    }

    fn line(&mut self, line: impl FnOnce() -> String) {
        if !self.out.is_read() {
            return self.out.line();
        }
        for text in [self.indent, &line(), "\n"] {
            self.out.shown(text);
        }
    }

    /// One line for the settings in its places. Nothing where none of them was said, or one is not known at all.
    fn one(
        &mut self,
        line: &'t Line,
        own: &Group,
        base: Option<&Group>,
        path: &str,
        number: Option<usize>,
        place: &Place,
    ) -> bool {
        // a line for an entry of a list says at least that the entry is there
        let untold = |t: &Target| t.get(own).is_some() && !self.out.placed.contains(&*full_path(path, t));
        if number.is_none() && !line.targets().any(untold) {
            return false;
        }
        let is = |(target, value): &(Target, Value)| target.fact(own).is_some_and(|fact| fact.value == *value);
        if !line.implies.iter().all(is) {
            return false;
        }
        let mut words: Vec<(&Slot, Word<'_>)> = Vec::new();
        let mut said = Vec::new();
        for slot in &line.slots {
            let (target, written) = match &slot.fills {
                Fills::Setting(target, written) => (target, written),
                Fills::Number => {
                    words.push((slot, Word::Text(number.unwrap_or(1).to_string().into())));
                    continue;
                }
                Fills::Bits(bits) => {
                    let Some(sum) = sum(bits, own, base) else { return false };
                    words.push((slot, Word::Text(sum.to_string().into())));
                    said.extend(bits.iter().map(|(_, target)| target).filter(|target| target.get(own).is_some()));
                    continue;
                }
            };
            let said_here = target.get(own).or_else(|| base.and_then(|b| target.get(b)));
            let setting = match (said_here, &slot.otherwise) {
                (Some(setting), _) => setting,
                (None, Some(otherwise)) => {
                    words.push((slot, Word::Text(Cow::Borrowed(&*otherwise.word))));
                    continue;
                }
                (None, None) => return false,
            };
            match word(setting, written) {
                Some(Ok(text)) => words.push((slot, text)),
                Some(Err(refusal)) => {
                    let loc = match setting {
                        Setting::Value(fact) => fact.origin.loc(),
                        Setting::Items(items) => items.origin.loc(),
                        Setting::Group(group) => group.origin.loc(),
                    };
                    self.out.refuse(full_path(path, target), loc, refusal);
                    self.out.placed.insert(path.to_owned().into());
                    return true;
                }
                None => return false,
            }
            if target.get(own).is_some() && !target.field.key {
                said.push(target);
            }
        }
        self.pieces(&line.pattern, path, words);
        said.extend(line.implies.iter().map(|(target, _)| target));
        for target in said {
            self.out.put(full_path(path, target), || line.pattern.shown(), place);
        }
        true
    }

    fn pieces(&mut self, pattern: &Pattern, path: &str, words: Vec<(&Slot, Word<'_>)>) {
        if !self.out.is_read() {
            return self.out.line();
        }
        self.out.shown(self.indent);
        for (i, token) in pattern.tokens.iter().enumerate() {
            if i > 0 {
                self.out.shown(" ");
            }
            match token {
                Token::Word(word) => self.out.shown(word),
                Token::Slot(name) => match words.iter().find(|(slot, _)| slot.name == *name) {
                    Some((_, Word::Text(text))) => self.out.shown(text),
                    Some((Slot { fills: Fills::Setting(target, _), .. }, Word::Secret(name))) => {
                        self.out.secret(name.clone(), &full_path(path, target), Alphabet::Word);
                    }
                    _ => {}
                },
            }
        }
        self.out.shown("\n");
    }

    /// Whether all of it is said, by people or by the device.
    fn all_hold(&self, when: &[Condition], own: &Group, base: Option<&Group>) -> bool {
        let device = (&self.own.root, self.base.map(|base| &base.facts.root));
        let said = |asked: &Asked| {
            let (own, base) = if asked.of_device { device } else { (own, base) };
            asked.is_said(asked.target.get(own).or_else(|| base.and_then(|b| asked.target.get(b))))
        };
        when.iter().all(|condition| condition.any.iter().any(said) != condition.none)
    }

    fn each(&mut self, each: &'t Each, when: &[Condition], place: &Place) {
        let Each { list, lines, remove, .. } = each;
        let shape = Shape::device();
        let Some(items) = list.items(&self.own.root) else { return };
        let read = self.base;
        let base = read.and_then(|b| list.items(&b.facts.root));
        let below = base.map_or(&[][..], |b| &b.items);
        let (mut ours, mut theirs) = (Keyed::default(), Keyed::default());
        let mut numbers = 1..;
        let number_of = |path: &str| read.and_then(|b| b.numbers.get(path)).copied();
        let taken: BTreeSet<usize> =
            items.items.iter().filter_map(|item| number_of(&entry_path(list, &item.group))).collect();
        for item in items.items.iter().filter(|i| !is_removed(shape, &i.group)) {
            let path = entry_path(list, &item.group);
            let under = theirs.find(shape, below, &item.group).map(|at| &below[at].group);
            if !self.all_hold(when, &item.group, under) {
                continue;
            }
            let number = number_of(&path).unwrap_or_else(|| {
                // none comes twice, so what is handed out needs no other mark
                numbers.find(|n| !taken.contains(n)).unwrap_or(1)
            });
            if lines.iter().any(|line| self.one(line, &item.group, under, &path, Some(number), place)) {
                self.out.put(path.into(), || lines[0].pattern.shown(), place);
            }
        }
        let Some((first, remove)) = lines.first().zip(remove.as_ref()) else { return };
        let asked = items.items.iter().filter(|i| is_removed(shape, &i.group));
        let extra = below.iter().filter(|b| ours.find(shape, &items.items, &b.group).is_none());
        let gone: Vec<&Item> = asked.chain(extra).collect();
        for item in gone {
            let path = entry_path(list, &item.group);
            let slot = |name: &str| first.slot(name).and_then(|s| key_word(s, &item.group));
            if remove.slots().any(|name| slot(name).is_none()) {
                if !item.group.key(shape).all(Value::is_known) {
                    self.out.refuse(path.into(), item.group.origin.loc(), unread());
                }
                continue;
            }
            let line = || filled(remove, |name| slot(name).unwrap_or_default());
            self.line(line);
            for (ix, _) in item.group.iter() {
                let field = shape.group(item.group.shape).at(ix);
                if !field.key {
                    self.out.placed.insert(format!("{path}.{}", field.name).into());
                }
            }
            self.out.put(path.into(), line, place);
        }
        if items.items.is_empty() && base.is_some() {
            self.out.placed.insert(list.path.to_string().into());
        }
    }

    fn values(
        &mut self,
        target: &'t Target,
        (pattern, remove): (&Pattern, Option<&Pattern>),
        written: &Spelling,
        (own, base): (&Group, Option<&Group>),
        within: &str,
        place: &Place,
    ) {
        let Some(fact) = target.fact(own) else { return };
        let Value::List(values) = &fact.value else { return };
        let path = full_path(within, target);
        let below = match base.and_then(|b| target.fact(b)).map(|f| &f.value) {
            Some(Value::List(list)) => Some(list),
            _ => None,
        };
        // one that is behind the last one now, and that no word takes away, needs another place
        let left = below.is_some_and(|below| {
            let gone = || below.iter().any(|held| !values.contains(held));
            if pattern.is_numbered() { below.len() > values.len() } else { gone() }
        });
        if left && remove.is_none() {
            return;
        }
        for (value, number) in values.iter().zip(1..) {
            match word_of(&value.value, written) {
                Some(Ok(Word::Text(text))) => {
                    let word =
                        |name: &str| if name == NUMBER { Cow::Owned(i32::to_string(&number)) } else { text.clone() };
                    self.line(|| filled(pattern, word));
                    self.out.put(path.clone(), || pattern.shown(), place);
                }
                Some(Err(refusal)) => self.out.refuse(path.clone(), value.origin.loc(), refusal),
                _ => {}
            }
        }
        for gone in below.into_iter().flatten().filter(|b| !values.contains(b)) {
            match (remove, gone_word(&gone.value, written)) {
                (Some(remove), Some(text)) => {
                    self.line(|| filled(remove, |_| text.clone()));
                    self.out.put(path.clone(), || remove.shown(), place);
                }
                (Some(_), None) => self.out.refuse(path.clone(), gone.origin.loc(), unread()),
                _ => {}
            }
        }
        // an empty list over an unknown state takes nothing away: it needs another place
        if values.is_empty() && below.is_some() {
            self.out.placed.insert(path.clone());
        }
    }

    /// A line for each member of a set. What the device has beyond it goes by its own line; where there is none, the
    /// set needs another place.
    fn set(
        &mut self,
        target: &'t Target,
        (pattern, remove): (&Pattern, Option<&Pattern>),
        (own, base): (&Group, Option<&Group>),
        path: &str,
        place: &Place,
    ) {
        let set = |group: &Group| match target.fact(group).map(|f| &f.value) {
            Some(Value::Set(set)) => Some((**set).clone()),
            _ => None,
        };
        let Some(said) = set(own) else { return };
        let below = base.and_then(set).unwrap_or_default();
        let line = |pattern: &Pattern, member: &str| filled(pattern, |_| Cow::Owned(member.to_owned()));
        for member in said.members() {
            self.line(|| line(pattern, &member));
        }
        let mut gone = below.members().filter(|member| !said.members().any(|m| m == *member)).peekable();
        if gone.peek().is_some() && remove.is_none() {
            return;
        }
        for (member, remove) in gone.filter_map(|member| Some((member, remove?))) {
            self.line(|| line(remove, &member));
        }
        self.out.put(full_path(path, target), || pattern.shown(), place);
    }

    fn members(&mut self, target: &'t Target, members: &[Member]) {
        let Some(fact) = target.fact(&self.own.root) else { return };
        let Value::List(said) = &fact.value else { return };
        let path: &'t str = &target.leaf;
        let below = match self.base.and_then(|b| target.fact(&b.facts.root)).map(|f| &f.value) {
            Some(Value::List(list)) => list.as_slice(),
            _ => &[],
        };
        let mut all = true;
        for member in members.iter().filter(|member| member.place.grade != Grade::Unknown) {
            let held: Vec<&Value> = member.values.iter().filter(|v| said.iter().any(|f| f.value == **v)).collect();
            if held.len() == member.values.len() {
                self.line(|| member.on.join(" "));
                for value in held {
                    let word = format!("{path}[{}]", value.plainly());
                    self.out.put(word.into(), || member.on.join(" "), &member.place);
                }
            } else if !held.is_empty() {
                let words: Vec<String> = member.values.iter().map(|v| format!("`\"{}\"`", v.plain())).collect();
                let message = format!("this device can't demand `{}` alone", held[0].plain());
                let help = format!("its one line means {} together: write all of them, or none", words.join(" and "));
                let loc = said.iter().find(|f| f.value == *held[0]).map_or(fact.origin.loc(), |f| f.origin.loc());
                self.out.refuse(path.into(), loc, Refusal::new(message, help));
            } else if let Some(off) = &member.off {
                self.line(|| off.join(" "));
                self.out.put(path.into(), || off.join(" "), &member.place);
            } else if member.values.iter().any(|v| below.iter().any(|b| b.value == *v)) {
                all = false;
            }
        }
        let written = |m: &&Member| m.place.grade != Grade::Unknown;
        let known = |v: &Value| members.iter().filter(written).any(|m| m.values.contains(v));
        let whole = members.iter().all(|m| m.off.is_some()) || !said.is_empty();
        if all && whole && said.iter().all(|f| known(&f.value)) {
            self.out.placed.insert(path.into());
        } else {
            self.out.placed.remove(path);
        }
    }

    /// Lines that the table lets people pass through; the rest is told before anything is rendered.
    fn vendor_lines(&mut self, table: &Table) {
        for written in native_lines(self.own) {
            if let NativeLine::Line(line) = written.line
                && super::passes(table, line).is_ok()
            {
                self.line(|| line.to_owned());
            }
        }
    }
}

/// What the switches that are on come to; `None` where one is not known, and where none is on.
fn sum(bits: &[(u32, Target)], own: &Group, base: Option<&Group>) -> Option<u32> {
    let mut sum = 0;
    for (bit, target) in bits {
        match target.fact(own).or_else(|| base.and_then(|b| target.fact(b))).map(|fact| &fact.value) {
            Some(Value::Switch(on)) => sum += if *on { *bit } else { 0 },
            _ => return None,
        }
    }
    (sum > 0).then_some(sum)
}

/// Whether a device has all that people said of an entry.
fn covers(has: &Group, said: &Group) -> bool {
    let shape = Shape::device();
    said.iter().filter(|(ix, _)| !shape.group(said.shape).at(*ix).note).all(|(ix, setting)| {
        match (has.get(ix), setting) {
            (Some(Setting::Value(a)), Setting::Value(b)) => a.value == b.value || a.value == Value::Held,
            (Some(Setting::Group(a)), Setting::Group(b)) => covers(a, b),
            _ => false,
        }
    })
}

fn entry_path(list: &Target, group: &Group) -> String {
    [&*list.path, "[", &*key_text(Shape::device(), group), "]"].concat()
}
