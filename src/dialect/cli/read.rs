//! Command lines to facts.

mod blocks;
mod entries;

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use blocks::{Block, Open};
pub(in crate::dialect) use entries::full_path;
pub(super) use entries::{each_of, key_of};

use super::redact::{touching, unread, veils_of};
use super::text::{Session, TextLine, session};
use super::{Absent, Condition, Each, Entry, Fills, Kind, Table};
use crate::dialect::Target;
use crate::dialect::entries::Entries;
use crate::dialect::exposure::Survey;
use crate::model::facts::{Fact, Facts, Group, Setting, Value};
use crate::model::shape::Shape;
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
    let reading = of_session(table, file, text, &session, Extent::Whole);
    let veils = veils_of(table, text, &session.config);
    Survey { veils, touching: touching(table, &session.config, &reading.kept), reading }
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
    reader.lines(&session.config, session.picked);
    let whole = session.whole && unread(table, &session.config, &reader.kept).is_empty();
    if extent == Extent::Whole {
        for entry in &table.entries {
            idle(entry, &mut reader.facts.root);
        }
    }
    if extent == Extent::Whole && whole {
        for entry in &table.entries {
            absent(entry, &mut reader.facts.root);
        }
    }
    canonical(table, &mut reader.facts);
    let Reader { facts, secrets, mut redacted, kept, numbers, .. } = reader;
    redacted.sort();
    redacted.dedup();
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

impl<'t> Reader<'t> {
    /// Where lines were picked out of others, none is of the block that one before it opened.
    fn lines(&mut self, lines: &[TextLine<'_>], picked: bool) {
        let mut open: Option<Open<'t>> = None;
        // lines below an unknown opening line are of a block that no entry maps
        let mut unknown: Option<usize> = None;
        for line in lines {
            if picked {
                self.close(open.take());
                unknown = None;
            }
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

/// What a line of a block says counts only where the device is what the entry asks of it: the interval of a version of
/// VRRP that it does not speak is not the one that it keeps to.
fn idle(entry: &Entry, root: &mut Group) {
    let Kind::Block { list, entries, .. } = &entry.kind else { return };
    for inner in entries {
        let of_device = |condition: &&Condition| condition.any.iter().all(|asked| asked.of_device);
        let said = |root: &Group, condition: &Condition| {
            condition.any.iter().any(|asked| asked.is_said(asked.target.get(root))) != condition.none
        };
        if inner.when.iter().filter(of_device).all(|condition| said(root, condition)) {
            continue;
        }
        let Kind::Line(line) = &inner.kind else { continue };
        // asked for to be changed, a list is made
        if list.items(root).is_none() {
            return;
        }
        for item in list.items_mut(root, Origin::NONE).into_iter().flat_map(|items| &mut items.items) {
            line.targets()
                .filter(|target| !target.field.key)
                .for_each(|target| drop(target.take_fact(&mut item.group)));
        }
    }
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
            let items = crate::model::facts::Items::new(Origin::NONE, Vec::new());
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
