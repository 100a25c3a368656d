//! Command lines to facts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::redact::{touching, veils_of};
use super::text::{Session, TextLine, session};
use super::{Absent, Each, Entry, Fills, Kind, Line, Pattern, Slot, Table, Token, is, key_group};
use crate::dialect::Target;
use crate::dialect::entries::Entries;
use crate::dialect::exposure::{Survey, is_token};
use crate::model::facts::{Doubt, Fact, Facts, Group, Setting, Value, key_text};
use crate::model::shape::{Shape, parse_scalar};
use crate::model::value::Set;
use crate::native::{KeptLine, Reading};
use crate::secret::SecretValue;
use crate::source::{FileId, Loc, Origin};

/// How much of a device a text shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A running configuration: what is absent means what the table says, where the text shows that it is whole.
    Whole,
    /// Some lines, such as those that were rendered: what is absent says nothing.
    Part,
}

/// Reads command lines. Any text gives an answer: a line that no entry maps is kept, a known line whose value means
/// nothing that is known is foreign.
pub fn read(table: &Table, file: FileId, text: &str, extent: Extent) -> Reading {
    of_session(table, file, text, &session(text), extent)
}

/// What a device shows of itself, whole, and who may see what of it.
pub fn survey(table: &Table, file: FileId, text: &str) -> Survey {
    let session = session(text);
    Survey {
        reading: of_session(table, file, text, &session, Extent::Whole),
        veils: veils_of(table, text, &session.config),
        touching: touching(table, &session.config),
    }
}

fn of_session(table: &Table, file: FileId, text: &str, session: &Session<'_>, extent: Extent) -> Reading {
    let facts = Facts::empty(Shape::device(), Origin::NONE);
    let mut reader = Reader {
        table,
        file,
        facts,
        entries: Entries::default(),
        secrets: BTreeMap::new(),
        redacted: Vec::new(),
        kept: Vec::new(),
        numbers: BTreeMap::new(),
        clear: extent == Extent::Part || table.secrets_as_set,
    };
    for line in &session.told {
        reader.told(line);
    }
    reader.lines(&session.config);
    if extent == Extent::Whole && session.whole {
        for entry in &table.entries {
            absent(entry, &mut reader.facts.root);
        }
    }
    canonical(table, &mut reader.facts);
    let Reader { facts, secrets, mut redacted, kept, numbers, .. } = reader;
    redacted.sort();
    redacted.dedup();
    let whole = session.whole;
    Reading { facts, secrets, redacted, numbers, kept, whole, text: Zeroizing::new(text.to_owned()) }
}

struct Reader<'t> {
    table: &'t Table,
    file: FileId,
    facts: Facts,
    entries: Entries,
    secrets: BTreeMap<String, SecretValue>,
    redacted: Vec<String>,
    kept: Vec<KeptLine>,
    numbers: BTreeMap<String, usize>,
    /// Whether what stands for a secret is the secret.
    clear: bool,
}

/// The blocks that lines belong to: those that one line opened, and the groups within them.
struct Open<'t> {
    blocks: Vec<Block<'t>>,
    indent: usize,
}

/// A block of one entry, or of several, or of no list.
struct Block<'t> {
    scope: Scope<'t>,
    /// The entries of the block, and of each group that is open in it.
    levels: Vec<&'t [Entry]>,
}

/// What the lines of a block are of.
enum Scope<'t> {
    /// Of the device itself.
    Root,
    /// Of entries by their keys; made by the first line that says something of them.
    Entries { list: &'t Target, keys: Vec<String> },
    /// Of an entry that its lines make.
    New { list: &'t Target, group: Group, number: Option<usize>, told: Vec<KeptLine> },
}

impl<'t> Reader<'t> {
    fn lines(&mut self, lines: &[TextLine<'_>]) {
        let mut open: Option<Open<'t>> = None;
        // lines below an unknown opening line are of a block that no entry maps
        let mut unknown: Option<usize> = None;
        for line in lines {
            if line.within {
                self.keep(line);
                continue;
            }
            if matches!(line.words.as_slice(), ["exit"] | ["end"] | ["!"]) {
                let inner = |block: &&mut Block<'t>| line.words[0] == "exit" && block.levels.len() > 1;
                let left =
                    open.as_mut().and_then(|open| open.blocks.iter_mut().find(inner)).map(|block| block.levels.pop());
                if left.is_none() {
                    self.close(open.take());
                }
                unknown = None;
                continue;
            }
            if unknown.is_some_and(|indent| line.indent > indent) {
                self.keep(line);
                continue;
            }
            if let Some(inside) = &mut open {
                if self.in_open(inside, line) {
                    continue;
                }
                if line.indent > inside.indent {
                    self.keep(line);
                    continue;
                }
            }
            unknown = None;
            match self.top(line) {
                Some(block) => {
                    self.close(open.take());
                    open = block;
                }
                None if open.is_some() => self.keep(line),
                None => {
                    self.keep(line);
                    unknown = Some(line.indent);
                }
            }
        }
        self.close(open);
    }

    /// A line that no block holds; gives the blocks that it opens. `None` where nothing knows it.
    fn top(&mut self, line: &TextLine<'_>) -> Option<Option<Open<'t>>> {
        let table: &'t Table = self.table;
        let mut blocks: Vec<Block<'t>> = Vec::new();
        for entry in table.near(&line.words) {
            match &entry.kind {
                Kind::Block { list, open, key, entries, .. } => {
                    let Some(filled) = open.fill(&line.words, |_| Some(1)) else { continue };
                    let word = filled.first().map(|range| line.words[range.start]);
                    let scope = if key.inside {
                        let number = word.and_then(|word| word.parse().ok());
                        Scope::New {
                            list,
                            group: Group::new(key_group(list), self.origin(line)),
                            number,
                            told: Vec::new(),
                        }
                    } else {
                        let keys = match word {
                            Some(word) => each_of(word).iter().map(|word| key.key(Some(word))).collect(),
                            None => vec![key.key(None)],
                        };
                        // an interface that is opened and left exists; what else opens by the same line exists by its own
                        for key in keys.iter().filter(|_| blocks.is_empty()) {
                            self.item(list, key, self.origin(line))?;
                        }
                        Scope::Entries { list, keys }
                    };
                    blocks.push(Block { scope, levels: vec![entries] });
                }
                Kind::Mode { open, entries } if self.opens(open, line) => {
                    let mut root = self.take_root();
                    self.put_line(&mut root, "", open, line);
                    self.facts.root = root;
                    blocks.push(Block { scope: Scope::Root, levels: vec![entries] });
                }
                _ if blocks.is_empty() && self.entry(entry, line) => return Some(None),
                _ => {}
            }
        }
        if !blocks.is_empty() {
            return Some(Some(Open { blocks, indent: line.indent }));
        }
        let known = |reader: &mut Self, entry| reader.taken_back(entry, line) || reader.foreign(entry, line);
        (table.near(&line.words).any(|entry| known(self, entry)) || self.told(line)).then_some(None)
    }

    fn take_root(&mut self) -> Group {
        std::mem::replace(&mut self.facts.root, Group::new(Shape::device().root, Origin::NONE))
    }

    fn opens(&self, open: &Line, line: &TextLine<'_>) -> bool {
        match open.slots.is_empty() {
            true => open.pattern.fill(&line.words, |_| Some(1)).is_some(),
            false => open.fill(&line.words).is_some(),
        }
    }

    fn put_line(&mut self, group: &mut Group, path: &str, pattern: &Line, line: &TextLine<'_>) {
        if let Some(filled) = pattern.fill(&line.words) {
            self.put(group, path, filled, self.origin(line));
        }
    }

    /// A line within a block: of the innermost group that knows it, or one that opens another group.
    fn in_open(&mut self, open: &mut Open<'t>, line: &TextLine<'_>) -> bool {
        let mut known = false;
        for block in &mut open.blocks {
            for level in (0..block.levels.len()).rev() {
                let entries = block.levels[level];
                let group = entries.iter().find_map(|entry| match &entry.kind {
                    Kind::Mode { open, entries } if self.opens(open, line) => Some(entries),
                    _ => None,
                });
                if group.is_none() && !self.in_scope(&mut block.scope, entries, line) {
                    continue;
                }
                block.levels.truncate(level + 1);
                block.levels.extend(group.map(Vec::as_slice));
                known = true;
                break;
            }
        }
        known
    }

    fn in_scope(&mut self, scope: &mut Scope<'t>, entries: &'t [Entry], line: &TextLine<'_>) -> bool {
        let origin = self.origin(line);
        match scope {
            Scope::Root => {
                let mut root = self.take_root();
                let known = self.says(&mut root, "", entries, line);
                self.facts.root = root;
                known
            }
            Scope::Entries { list, keys } => {
                let mut known = false;
                for key in keys {
                    if !entries.iter().any(|entry| knows(entry, line)) {
                        continue;
                    }
                    let Some(mut group) = self.item(list, key, origin) else { continue };
                    known |= self.says(&mut group, &format!("{}[{key}]", list.path), entries, line);
                    self.replace(list, group);
                }
                known
            }
            Scope::New { group, told, .. } => {
                let known = self.says(group, NEW, entries, line);
                if known {
                    told.push(self.kept_line(line));
                }
                known
            }
        }
    }

    /// An entry that its lines made is whole where the block ends. One without its key is none that could be called.
    fn close(&mut self, open: Option<Open<'t>>) {
        for block in open.into_iter().flat_map(|open| open.blocks) {
            let Scope::New { list, mut group, number, told } = block.scope else { continue };
            let shape = Shape::device();
            let whole =
                shape.group(group.shape).keys().all(|(ix, _)| group.fact(ix).is_some_and(|f| f.value.is_known()));
            let of_new: Vec<String> = self.secrets.keys().filter(|path| path.starts_with(NEW)).cloned().collect();
            let path = format!("{}[{}]", list.path, key_text(shape, &group));
            for old in of_new {
                if let Some(secret) = self.secrets.remove(&old).filter(|_| whole) {
                    self.secrets.insert(format!("{path}{}", &old[NEW.len()..]), secret);
                }
            }
            let renamed = |old: &String| old.strip_prefix(NEW).map(|rest| format!("{path}{rest}"));
            if !whole {
                self.redacted.retain(|path| !path.starts_with(NEW));
                self.kept.extend(told);
                continue;
            }
            self.redacted.iter_mut().for_each(|old| *old = renamed(old).unwrap_or_else(|| old.clone()));
            let origin = group.origin;
            for entry in block.levels.first().into_iter().flat_map(|entries| entries.iter()) {
                if let Kind::Flag { target, .. } = &entry.kind
                    && target.get(&group).is_none()
                {
                    target.put_fact(&mut group, Fact::new(Value::Switch(false), origin));
                }
            }
            if let Some(number) = number {
                self.numbers.insert(path, number);
            }
            self.replace(list, group);
        }
    }

    /// What the device told of itself: model, firmware, serial number.
    fn told(&mut self, line: &TextLine<'_>) -> bool {
        let table: &'t Table = self.table;
        let origin = self.origin(line);
        let Some((told, filled)) = table.tells(&line.words) else { return false };
        let slots = told.pattern.slots().filter_map(|name| told.slot(name));
        for (slot, range) in slots.zip(filled) {
            let Fills::Setting(target, written) = &slot.fills else { continue };
            let text = line.words[range].join(" ");
            if let Some(setting) = written.decode(&text, origin) {
                target.put(&mut self.facts.root, setting, origin);
            }
        }
        true
    }

    fn origin(&self, line: &TextLine<'_>) -> Origin {
        Origin::new(Loc::new(self.file, line.span))
    }

    fn entry(&mut self, entry: &'t Entry, line: &TextLine<'_>) -> bool {
        let origin = self.origin(line);
        match &entry.kind {
            Kind::Switch { target, on, off } => {
                let said = is(&line.words, on);
                if said || is(&line.words, off) {
                    target.put_fact(&mut self.facts.root, Fact::new(Value::Switch(said), origin));
                    return true;
                }
                false
            }
            Kind::Line(pattern) => {
                let Some(filled) = pattern.fill(&line.words) else { return false };
                let mut root = std::mem::replace(&mut self.facts.root, Group::new(Shape::device().root, Origin::NONE));
                self.put(&mut root, "", filled, origin);
                self.facts.root = root;
                true
            }
            Kind::Each(each) => self.each(each, line),
            Kind::Values { target, pattern, written, remove } => {
                let one = |_: &str| Some(1);
                if let Some(range) =
                    remove.as_ref().and_then(|r| r.fill(&line.words, one)).and_then(|f| f.into_iter().next())
                {
                    let gone = written.decode(&line.words[range].join(" "), origin);
                    if let (Some(Setting::Value(gone)), Some(Value::List(list))) = (gone, self.list_at(target)) {
                        let left = list.into_iter().filter(|f| *f != gone).collect();
                        target.put_fact(&mut self.facts.root, Fact::new(Value::List(left), origin));
                    }
                    return true;
                }
                let Some(range) = pattern.fill(&line.words, one).and_then(|f| f.into_iter().next()) else {
                    return false;
                };
                let word = line.words[range].join(" ");
                let value = match written.decode(&word, origin) {
                    Some(Setting::Value(fact)) => fact.value,
                    _ => Value::foreign(&*word, written.doubt(&word)),
                };
                self.push(target, vec![value], origin);
                true
            }
            Kind::Members { target, members } => {
                for member in members {
                    if is(&line.words, &member.on) {
                        self.push(target, member.values.clone(), origin);
                        return true;
                    }
                    if member.off.as_ref().is_some_and(|off| is(&line.words, off)) {
                        let list = match self.list_at(target) {
                            Some(Value::List(list)) => list,
                            _ => Vec::new(),
                        };
                        let left = list.into_iter().filter(|f| !member.values.contains(&f.value)).collect();
                        target.put_fact(&mut self.facts.root, Fact::new(Value::List(left), origin));
                        return true;
                    }
                }
                false
            }
            Kind::Fixed(words) => is(&line.words, words),
            Kind::Block { .. } | Kind::Mode { .. } | Kind::Flag { .. } => false,
        }
    }

    fn list_at(&self, target: &Target) -> Option<Value> {
        target.fact(&self.facts.root).map(|f| f.value.clone())
    }

    fn push(&mut self, target: &Target, values: Vec<Value>, origin: Origin) {
        // the list is moved out and in again: a copy for each line would be a square of them
        let list = target.take_fact(&mut self.facts.root).map(|fact| fact.value);
        let mut list = if let Some(Value::List(list)) = list { list } else { Vec::new() };
        for value in values {
            if !list.iter().any(|f| f.value == value) {
                list.push(Fact::new(value, origin));
            }
        }
        target.put_fact(&mut self.facts.root, Fact::new(Value::List(list), origin));
    }

    fn each(&mut self, each: &'t Each, line: &TextLine<'_>) -> bool {
        let Each { list, lines, .. } = each;
        let shape = Shape::device();
        let origin = self.origin(line);
        for pattern in lines.iter().chain(&each.reads) {
            let Some(filled) = pattern.fill(&line.words) else { continue };
            let Some(key) = key_of(list, pattern, &filled, origin) else { continue };
            let path = format!("{}[{}]", list.path, key_text(shape, &key));
            let found = match shape.group(key.shape).keys().count() {
                1 => self.item(list, &key_text(shape, &key), origin),
                _ => self.entries.keyed(&mut self.facts.root, list, key, origin),
            };
            let Some(mut group) = found else { continue };
            self.put(&mut group, &path, filled, origin);
            // a form without the secret does not say that there is none
            for (target, _) in lines.iter().flat_map(Line::fills).filter(|(_, written)| written.is_secret()) {
                if target.get(&group).is_none() {
                    target.put_fact(&mut group, Fact::new(Value::Held, origin));
                    self.redacted.push(full_path(&path, target).into());
                }
            }
            self.replace(list, group);
            return true;
        }
        each.remove.iter().chain(&each.gone).any(|gone| self.gone(each, gone, line))
    }

    /// A line that takes an entry away.
    fn gone(&mut self, each: &'t Each, gone: &Pattern, line: &TextLine<'_>) -> bool {
        let (shape, origin) = (Shape::device(), self.origin(line));
        let (Some(first), list) = (each.lines.first(), &each.list) else { return false };
        let Some(filled) = gone.fill(&line.words, |name| first.width(name)) else { return false };
        let slots = gone.slots().filter_map(|name| first.slot(name));
        let filled: Vec<(&Slot, Vec<&str>)> = slots.zip(filled.into_iter().map(|r| line.words[r].to_vec())).collect();
        let Some(key) = key_of(list, first, &filled, origin) else { return false };
        if self.entries.take(&mut self.facts.root, list, &key) {
            let gone = format!("{}[{}]", list.path, key_text(shape, &key));
            self.secrets.retain(|path, _| !path.starts_with(&gone));
            self.redacted.retain(|path| !path.starts_with(&gone));
        }
        true
    }

    /// The entry of a list with that key, made where it is missing. `None` where the text is no key.
    fn item(&mut self, list: &Target, key: &str, origin: Origin) -> Option<Group> {
        self.entries.entry(&mut self.facts.root, list, key, origin)
    }

    fn replace(&mut self, list: &Target, group: Group) {
        self.entries.put(&mut self.facts.root, list, group);
    }

    /// Puts what fills the places of a line into a group; `path` is the group's own.
    fn put(&mut self, group: &mut Group, path: &str, filled: Vec<(&Slot, Vec<&str>)>, origin: Origin) {
        for (slot, words) in filled {
            let text = words.join(" ");
            if slot.otherwise.as_ref().is_some_and(|otherwise| !otherwise.is_value && *otherwise.word == *text) {
                continue;
            }
            match &slot.fills {
                Fills::Number => {
                    if let Ok(number) = text.parse() {
                        self.numbers.insert(path.to_owned(), number);
                    }
                }
                Fills::Setting(target, written) if written.is_secret() => {
                    let at = full_path(path, target).into_owned();
                    target.put_fact(group, Fact::new(Value::Held, origin));
                    if self.clear && !is_token(&text) {
                        self.secrets.insert(at, SecretValue::copy_of(text.as_bytes()));
                    } else {
                        self.redacted.push(at);
                    }
                }
                Fills::Setting(target, written) => {
                    let foreign = || Setting::Value(Fact::new(Value::foreign(&*text, written.doubt(&text)), origin));
                    target.put(group, written.decode(&text, origin).unwrap_or_else(foreign), origin);
                }
            }
        }
    }

    /// `no` and what an entry's line begins with: a list is empty then; what another setting is set back to, no source
    /// says.
    fn taken_back(&mut self, entry: &'t Entry, line: &TextLine<'_>) -> bool {
        let Some(("no", words)) = line.words.split_first().map(|(first, rest)| (*first, rest)) else { return false };
        let origin = self.origin(line);
        match &entry.kind {
            Kind::Line(pattern) if pattern.pattern.begins(words) => {
                self.doubtful(pattern, &line.words.join(" "), Doubt::TakenBack, origin);
                true
            }
            Kind::Values { target, pattern, .. } if pattern.begins(words) && words.len() == pattern.lead() => {
                target.put_fact(&mut self.facts.root, Fact::new(Value::List(Vec::new()), origin));
                true
            }
            _ => false,
        }
    }

    /// The settings of a line are there, and nobody knows their values.
    fn doubtful(&mut self, pattern: &Line, raw: &str, why: Doubt, origin: Origin) {
        let secret = pattern.fills().any(|(_, written)| written.is_secret());
        for (target, written) in pattern.fills() {
            let value = match written.is_secret() {
                true => Value::Held,
                false => Value::foreign(if secret { HIDDEN } else { raw }, why.clone()),
            };
            if written.is_secret() {
                self.redacted.push(full_path("", target).into());
            }
            target.put_fact(&mut self.facts.root, Fact::new(value, origin));
        }
    }

    /// A line that begins as an entry's does and goes on otherwise: the setting is there, its value is not known.
    fn foreign(&mut self, entry: &'t Entry, line: &TextLine<'_>) -> bool {
        let origin = self.origin(line);
        match &entry.kind {
            Kind::Line(pattern) if pattern.pattern.leads(&line.words) => {
                let rest = line.words[pattern.pattern.lead()..].join(" ");
                self.doubtful(pattern, &rest, Doubt::Undocumented, origin);
                true
            }
            Kind::Values { target, pattern, .. } if pattern.leads(&line.words) => {
                let rest = line.words[pattern.lead()..].join(" ");
                self.push(target, vec![Value::foreign(&*rest, Doubt::Undocumented)], origin);
                true
            }
            Kind::Each(each) if each.any => self.named(each, line),
            _ => false,
        }
    }

    /// A line that names an entry of a list and goes on as no source shows: the entry is there, what else is said of it
    /// is not known.
    fn named(&mut self, each: &'t Each, line: &TextLine<'_>) -> bool {
        let (shape, origin, list) = (Shape::device(), self.origin(line), &each.list);
        for pattern in &each.lines {
            let Some(key) = named_key(list, pattern, &line.words, origin) else { continue };
            let name = key_text(shape, &key);
            let Some(mut group) = self.item(list, &name, origin) else { continue };
            for (target, written) in pattern.fills().filter(|(target, _)| !target.field.key) {
                if written.is_secret() {
                    self.redacted.push(full_path(&format!("{}[{name}]", list.path), target).into());
                    target.put_fact(&mut group, Fact::new(Value::Held, origin));
                } else if target.get(&group).is_none() {
                    target.put_fact(&mut group, Fact::new(Value::foreign(HIDDEN, Doubt::Undocumented), origin));
                }
            }
            self.replace(list, group);
            self.keep(line);
            return true;
        }
        false
    }

    /// A line that says something of a group: of an entry, or of the device.
    fn says(&mut self, group: &mut Group, path: &str, entries: &'t [Entry], line: &TextLine<'_>) -> bool {
        let origin = self.origin(line);
        for entry in entries {
            match &entry.kind {
                Kind::Switch { target, on, off } if is(&line.words, on) || is(&line.words, off) => {
                    target.put_fact(group, Fact::new(Value::Switch(is(&line.words, on)), origin));
                }
                Kind::Flag { target, line: on, .. } if is(&line.words, on) => {
                    target.put_fact(group, Fact::new(Value::Switch(true), origin));
                }
                Kind::Fixed(words) if is(&line.words, words) => {}
                Kind::Line(pattern) => match pattern.fill(&line.words) {
                    Some(filled) => self.put(group, path, filled, origin),
                    None => continue,
                },
                Kind::Values { target, pattern, remove, written } => {
                    let member = |pattern: &Pattern| {
                        let filled = pattern.fill(&line.words, |_| Some(1))?;
                        filled.into_iter().next().map(|range| line.words[range].concat())
                    };
                    let (said, gone) = (member(pattern), remove.as_ref().and_then(member));
                    if said.is_none() && gone.is_none() {
                        continue;
                    }
                    match target.is_set() {
                        true => member_of_set(group, target, said, gone, origin),
                        false => {
                            let decode = |text: String| match written.decode(&text, origin) {
                                Some(Setting::Value(fact)) => fact.value,
                                _ => Value::foreign(&*text, written.doubt(&text)),
                            };
                            let mut list = match target.take_fact(group).map(|fact| fact.value) {
                                Some(Value::List(list)) => list,
                                _ => Vec::new(),
                            };
                            let (said, gone) = (said.map(decode), gone.map(decode));
                            list.retain(|fact| {
                                Some(&fact.value) != gone.as_ref() && Some(&fact.value) != said.as_ref()
                            });
                            list.extend(said.map(|value| Fact::new(value, origin)));
                            target.put_fact(group, Fact::new(Value::List(list), origin));
                        }
                    }
                }
                _ => continue,
            }
            return true;
        }
        false
    }

    fn kept_line(&self, line: &TextLine<'_>) -> KeptLine {
        let seen = super::redact::seen(self.table, &line.words);
        let (shown, listed) = (seen.shown(&line.words), seen.listed.is_some());
        KeptLine { line: line.number, shown, listed }
    }

    fn keep(&mut self, line: &TextLine<'_>) {
        let kept = self.kept_line(line);
        self.kept.push(kept);
    }
}

/// Stands for the path of an entry that its lines make, until its key is known. No path of a setting begins so.
const NEW: &str = "\0";

/// Whether a line is of an entry of a block, before anything is put anywhere.
fn knows(entry: &Entry, line: &TextLine<'_>) -> bool {
    let one = |pattern: &Pattern| pattern.fill(&line.words, |_| Some(1)).is_some();
    match &entry.kind {
        Kind::Switch { on, off, .. } => is(&line.words, on) || is(&line.words, off),
        Kind::Flag { line: on, .. } => is(&line.words, on),
        Kind::Fixed(words) => is(&line.words, words),
        Kind::Line(pattern) => pattern.fill(&line.words).is_some(),
        Kind::Values { pattern, remove, .. } => one(pattern) || remove.as_ref().is_some_and(one),
        _ => false,
    }
}

/// Puts a member into a set, or takes one out.
fn member_of_set(group: &mut Group, target: &Target, said: Option<String>, gone: Option<String>, origin: Origin) {
    let before = match target.fact(group).map(|f| &f.value) {
        Some(Value::Set(set)) => set.members().collect(),
        _ => Vec::new(),
    };
    let left = before.into_iter().filter(|m| gone.as_ref() != Some(m)).chain(said);
    let set = left.collect::<Set>().to_string();
    let read = target.scalar().and_then(|kind| parse_scalar(kind, None, &set));
    let value = read.unwrap_or_else(|| Value::foreign(&*set, Doubt::Undocumented));
    target.put_fact(group, Fact::new(value, origin));
}

/// What stands for a text that may hold a secret.
const HIDDEN: &str = "<hidden>";

/// The names that a word of an opening line stands for: `1/1-4` is `1/1` to `1/4` (devices-2.md 2.2).
pub(super) fn each_of(word: &str) -> Vec<String> {
    match word.parse::<Set>() {
        Ok(set) if set.len() <= MOST_PORTS => set.members().collect(),
        _ => vec![word.to_owned()],
    }
}

/// Most names in one range.
const MOST_PORTS: usize = 256;

/// The key that a line names, where it begins as a pattern does up to its key.
fn named_key(list: &Target, pattern: &Line, words: &[&str], origin: Origin) -> Option<Group> {
    let mut at = 0;
    let mut filled = Vec::new();
    for token in &pattern.pattern.tokens {
        match token {
            Token::Word(word) if words.get(at) == Some(&&**word) => at += 1,
            Token::Word(_) => break,
            Token::Slot(name) => {
                let end = at + pattern.width(name).unwrap_or(1);
                let Some((slot, words)) = pattern.slot(name).zip(words.get(at..end)) else { break };
                filled.push((slot, words.to_vec()));
                at = end;
            }
        }
    }
    if pattern.pattern.lead() == 0 { None } else { key_of(list, pattern, &filled, origin) }
}

/// The key fields of a line, as a group; `None` where one means nothing.
pub(super) fn key_of(list: &Target, pattern: &Line, filled: &[(&Slot, Vec<&str>)], origin: Origin) -> Option<Group> {
    let shape = Shape::device();
    let id = key_group(list);
    let mut group = Group::new(id, origin);
    for (slot, words) in filled {
        let Fills::Setting(target, written) = &slot.fills else { continue };
        if target.field.key {
            target.put(&mut group, written.decode(&words.join(" "), origin)?, origin);
        }
    }
    let whole = shape.group(id).keys().all(|(ix, _)| group.get(ix).is_some());
    (whole && !pattern.slots.is_empty()).then_some(group)
}

/// Where the absence of an entry's lines means off. Where it means the factory setting, or no source says what it
/// means, nothing is said here: see [`Table::absent_is_factory`].
fn absent(entry: &Entry, root: &mut Group) {
    if entry.exec || entry.absent != Absent::Off {
        return;
    }
    match &entry.kind {
        Kind::Switch { target, .. } if target.get(root).is_none() => {
            target.put_fact(root, Fact::new(Value::Switch(false), Origin::NONE));
        }
        Kind::Values { target, .. } | Kind::Members { target, .. } if target.get(root).is_none() => {
            target.put_fact(root, Fact::new(Value::List(Vec::new()), Origin::NONE));
        }
        Kind::Each(Each { list, .. }) if list.get(root).is_none() => {
            let items = crate::model::facts::Items { origin: Origin::NONE, items: Vec::new() };
            list.put(root, Setting::Items(items), Origin::NONE);
        }
        _ => {}
    }
}

/// Words of a family of lines stand in the order in which the model declares them, whatever the order of the lines.
fn canonical(table: &Table, facts: &mut Facts) {
    for entry in &table.entries {
        let Kind::Members { target, .. } = &entry.kind else { continue };
        if target.field.ordered {
            continue;
        }
        if let Some(Setting::Value(fact)) = target.get(&facts.root).cloned()
            && let Value::List(mut list) = fact.value
        {
            list.sort_by_key(|f| rank(target, &f.value));
            target.put_fact(&mut facts.root, Fact::new(Value::List(list), fact.origin));
        }
    }
}

fn rank(target: &Target, value: &Value) -> usize {
    match (target.scalar(), value) {
        (Some(crate::model::shape::ScalarKind::Word(words)), Value::Word(word)) => {
            words.iter().position(|w| w.word == *word).unwrap_or(usize::MAX)
        }
        _ => usize::MAX,
    }
}

/// The whole path of a setting, down to its field.
pub(in crate::dialect) fn full_path<'t>(prefix: &str, target: &'t Target) -> Cow<'t, str> {
    if prefix.is_empty() { Cow::Borrowed(&target.leaf) } else { [prefix, ".", &target.leaf].concat().into() }
}
