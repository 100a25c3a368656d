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

/// The block that lines belong to: of one entry, or of several that one line opened.
struct Open<'t> {
    entries: &'t [Entry],
    list: &'t Target,
    keys: Vec<String>,
    indent: usize,
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
                (open, unknown) = (None, None);
                continue;
            }
            if unknown.is_some_and(|indent| line.indent > indent) {
                self.keep(line);
                continue;
            }
            if let Some(block) = &open {
                if self.in_block(block, line) {
                    continue;
                }
                if line.indent > block.indent {
                    self.keep(line);
                    continue;
                }
            }
            unknown = None;
            match self.top(line) {
                Some(block) => open = block,
                None if open.is_some() => self.keep(line),
                None => {
                    self.keep(line);
                    unknown = Some(line.indent);
                }
            }
        }
    }

    /// A line that no block holds; gives the block that it opens. `None` where nothing knows it.
    fn top(&mut self, line: &TextLine<'_>) -> Option<Option<Open<'t>>> {
        let table: &'t Table = self.table;
        for entry in table.near(&line.words) {
            if let Kind::Block { list, open, key, entries } = &entry.kind {
                let Some(filled) = open.fill(&line.words, |_| Some(1)) else { continue };
                let keys = match filled.first() {
                    Some(range) => each_of(line.words[range.start]).iter().map(|word| key.key(Some(word))).collect(),
                    None => vec![key.key(None)],
                };
                // an interface that is opened and left exists
                for key in &keys {
                    self.item(list, key, self.origin(line))?;
                }
                return Some(Some(Open { entries, list, keys, indent: line.indent }));
            }
            if self.entry(entry, line) {
                return Some(None);
            }
        }
        let known = |reader: &mut Self, entry| reader.taken_back(entry, line) || reader.foreign(entry, line);
        (table.near(&line.words).any(|entry| known(self, entry)) || self.told(line)).then_some(None)
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
            Kind::Block { .. } => false,
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
            let Some(mut group) = self.item(list, &key_text(shape, &key), origin) else { continue };
            let path = format!("{}[{}]", list.path, key_text(shape, &key));
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

    fn in_block(&mut self, block: &Open<'t>, line: &TextLine<'_>) -> bool {
        let origin = self.origin(line);
        let mut known = false;
        for key in &block.keys {
            let Some(group) = self.item(block.list, key, origin) else { continue };
            known |= self.in_entry(block, key, group, line);
        }
        known
    }

    fn in_entry(&mut self, block: &Open<'t>, key: &str, mut group: Group, line: &TextLine<'_>) -> bool {
        let origin = self.origin(line);
        for entry in block.entries {
            match &entry.kind {
                Kind::Switch { target, on, off } if is(&line.words, on) || is(&line.words, off) => {
                    let value = Value::Switch(is(&line.words, on));
                    target.put_fact(&mut group, Fact::new(value, origin));
                }
                Kind::Line(pattern) => match pattern.fill(&line.words) {
                    Some(filled) => self.put(&mut group, &format!("{}[{key}]", block.list.path), filled, origin),
                    None => continue,
                },
                Kind::Values { target, pattern, remove, .. } => {
                    let member = |pattern: &Pattern| {
                        let filled = pattern.fill(&line.words, |_| Some(1))?;
                        filled.into_iter().next().map(|range| line.words[range].concat())
                    };
                    let (said, gone) = (member(pattern), remove.as_ref().and_then(member));
                    if said.is_none() && gone.is_none() {
                        continue;
                    }
                    let before = match target.fact(&group).map(|f| &f.value) {
                        Some(Value::Set(set)) => set.members().collect(),
                        _ => Vec::new(),
                    };
                    let left = before.into_iter().filter(|m| gone.as_ref() != Some(m)).chain(said);
                    let set = left.collect::<Set>().to_string();
                    let read = target.scalar().and_then(|kind| parse_scalar(kind, None, &set));
                    let value = read.unwrap_or_else(|| Value::foreign(&*set, Doubt::Undocumented));
                    target.put_fact(&mut group, Fact::new(value, origin));
                }
                _ => continue,
            }
            self.replace(block.list, group);
            return true;
        }
        false
    }

    fn keep(&mut self, line: &TextLine<'_>) {
        let seen = super::redact::seen(self.table, &line.words);
        let (shown, listed) = (seen.shown(&line.words), seen.listed.is_some());
        self.kept.push(KeptLine { line: line.number, shown, listed });
    }
}

/// What stands for a text that may hold a secret.
const HIDDEN: &str = "<hidden>";

/// The names that a word of an opening line stands for: `1/1-4` is `1/1` to `1/4` (devices-2.md 2.2).
fn each_of(word: &str) -> Vec<String> {
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
fn key_of(list: &Target, pattern: &Line, filled: &[(&Slot, Vec<&str>)], origin: Origin) -> Option<Group> {
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
