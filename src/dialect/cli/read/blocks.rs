//! Blocks of command lines: what one line opened, the groups within it, and the entries that its lines make.

use super::Reader;
use super::entries::{HIDDEN, each_of, full_path, named_key};
use crate::dialect::Target;
use crate::dialect::cli::text::TextLine;
use crate::dialect::cli::{Each, Entry, Kind, Line, Pattern, Table, is, key_group};
use crate::model::facts::{Doubt, Fact, Group, Setting, Value, key_text};
use crate::model::shape::{Shape, parse_scalar};
use crate::model::value::Set;
use crate::native::KeptLine;
use crate::source::Origin;

/// The blocks that lines belong to: those that one line opened, and the groups within them.
pub(super) struct Open<'t> {
    pub(super) blocks: Vec<Block<'t>>,
    pub(super) indent: usize,
}

/// A block of one entry, or of several, or of no list.
pub(super) struct Block<'t> {
    pub(super) scope: Scope<'t>,
    /// The entries of the block, and of each group that is open in it.
    pub(super) levels: Vec<&'t [Entry]>,
}

/// What the lines of a block are of.
pub(super) enum Scope<'t> {
    /// Of the device itself.
    Root,
    /// Of entries by their keys; made by the first line that says something of them.
    Entries { list: &'t Target, keys: Vec<String> },
    /// Of an entry that its lines make.
    New { list: &'t Target, group: Group, number: Option<usize>, told: Vec<KeptLine> },
}

/// Stands for the path of an entry that its lines make, until its key is known. No path of a setting begins so.
const NEW: &str = "\0";

impl<'t> Reader<'t> {
    /// A line that no block holds; gives the blocks that it opens. `None` where nothing knows it.
    pub(super) fn top(&mut self, line: &TextLine<'_>) -> Option<Option<Open<'t>>> {
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
                        // an interface that is opened and left exists; what else opens by the same line exists by its
                        // own
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

    pub(super) fn take_root(&mut self) -> Group {
        std::mem::replace(&mut self.facts.root, Group::new(Shape::device().root, Origin::NONE))
    }

    pub(super) fn opens(&self, open: &Line, line: &TextLine<'_>) -> bool {
        match open.slots.is_empty() {
            true => open.pattern.fill(&line.words, |_| Some(1)).is_some(),
            false => open.fill(&line.words).is_some(),
        }
    }

    pub(super) fn put_line(&mut self, group: &mut Group, path: &str, pattern: &Line, line: &TextLine<'_>) {
        if let Some(filled) = pattern.fill(&line.words) {
            self.put(group, path, filled, self.origin(line));
        }
    }

    /// A line within a block: of the innermost group that knows it, or one that opens another group.
    pub(super) fn in_open(&mut self, open: &mut Open<'t>, line: &TextLine<'_>) -> bool {
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

    pub(super) fn in_scope(&mut self, scope: &mut Scope<'t>, entries: &'t [Entry], line: &TextLine<'_>) -> bool {
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

    /// An entry that its lines made is whole where the block ends. One without its key, and a second one of the same
    /// key, can't be called; it is there all the same.
    pub(super) fn close(&mut self, open: Option<Open<'t>>) {
        for block in open.into_iter().flat_map(|open| open.blocks) {
            let Scope::New { list, mut group, number, told } = block.scope else { continue };
            let shape = Shape::device();
            let keys: Vec<_> = shape.group(group.shape).keys().map(|(ix, _)| ix).collect();
            let named = keys.iter().all(|ix| group.fact(*ix).is_some_and(|fact| fact.value.is_known()));
            let again = named && self.entries.has(&self.facts.root, list, &group);
            let whole = named && !again;
            if !whole {
                for ix in keys {
                    let text = group.fact(ix).map_or(HIDDEN.to_owned(), |fact| fact.value.plain());
                    let doubt = if again { Doubt::Twice } else { Doubt::Undocumented };
                    let foreign = Fact::new(Value::foreign(&*text, doubt), group.origin);
                    group.set(ix, Setting::Value(foreign));
                }
            }
            let of_new: Vec<String> = self.secrets.keys().filter(|path| path.starts_with(NEW)).cloned().collect();
            let path = format!("{}[{}]", list.path, key_text(shape, &group));
            for old in of_new {
                if let Some(secret) = self.secrets.remove(&old).filter(|_| whole) {
                    self.secrets.insert(format!("{path}{}", &old[NEW.len()..]), secret);
                }
            }
            let renamed = |old: &String| old.strip_prefix(NEW).map(|rest| format!("{path}{rest}"));
            if !whole {
                self.kept.extend(told);
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

    /// A line that names an entry of a list and goes on as no source shows: the entry is there, what else is said of it
    /// is not known.
    pub(super) fn named(&mut self, each: &'t Each, line: &TextLine<'_>) -> bool {
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
    pub(super) fn says(&mut self, group: &mut Group, path: &str, entries: &'t [Entry], line: &TextLine<'_>) -> bool {
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
                    let member = |pattern: &Pattern| pattern.value(&line.words).map(|(_, word)| word.to_owned());
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
}

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
