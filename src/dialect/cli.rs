//! The `cli` form: settings as command lines.
//!
//! A table's order is the order of the rendered lines: hosts before the switch that shuts others out, commands of the
//! exec level last. What the absence of a line in a running configuration means is said per entry; where no source
//! says it, the setting is unknown.

mod load;
mod passing;
mod pattern;
mod read;
mod redact;
mod render;
mod running;
mod text;

#[cfg(test)]
mod tests;

pub(super) use passing::passes;
pub(super) use read::full_path;
pub use read::{Extent, read, survey};
pub(super) use redact::veils;
pub use redact::{kept, redact};
pub use render::render;
pub use running::{Block, Running, Taken};

use pattern::{Pattern, Token};

use foldhash::{HashMap, HashSet};

use super::written::Spelling;
use super::{Place, Target};
use crate::model::facts::{Setting, Value, is_within, without_keys};
use crate::model::shape::GroupId;
use crate::native::Touches;

/// Whether a recorded session ends before the device had shown its configuration.
pub fn is_cut_off(text: &str) -> bool {
    text::session(text).cut_off
}

/// The entries of a table of command lines.
#[derive(Debug)]
pub struct Table {
    entries: Vec<Entry>,
    /// Where the entries stand that a line may be of, by its first word.
    heads: HashMap<Box<str>, Vec<usize>>,
    listed: Vec<Listed>,
    /// What a device tells of itself in the same recording.
    told: Vec<Line>,
    /// All words of its commands, in small letters: none of them is the short form of another.
    words: HashSet<String>,
    /// Whether a secret in a running configuration is printed as it was set; where no source says so, it can't be
    /// compared.
    secrets_as_set: bool,
}

impl Table {
    /// Whether a running configuration without the line of a setting means its factory value.
    pub fn absent_is_factory(&self, path: &str) -> bool {
        let is = |target: &&Target| *target.path == *path || *target.leaf == *path;
        let mut silent = self.entries.iter().filter(|entry| entry.absent == Absent::Factory);
        silent.any(|entry| entry.kind.targets().iter().any(is))
    }

    /// Whether a running configuration has a place for a setting; `bare` is its path without keys.
    pub fn shows(&self, bare: &str) -> bool {
        // a path to a group with a head means the head, and not the group
        let is = |target: &&Target| {
            let (path, leaf) = (without_keys(&target.path), without_keys(&target.leaf));
            path == bare || leaf == bare || target.list.is_some() && is_within(bare, &path)
        };
        // what is typed at the exec prompt stands in no running configuration
        let shown = |entry: &&Entry| !entry.exec;
        let mut all: Vec<&Entry> = self.entries.iter().filter(shown).collect();
        while let Some(entry) = all.pop() {
            if entry.kind.targets().iter().any(is) {
                return true;
            }
            if let Kind::Mode { entries, .. } = &entry.kind {
                all.extend(entries.iter().filter(shown));
            }
        }
        false
    }

    /// The entries that a line may be of, whole or begun, taken back or not, in their order: all others begin
    /// otherwise.
    fn near(&self, words: &[&str]) -> impl Iterator<Item = &Entry> {
        let said = if let ["no", ..] = words { 2 } else { 1 };
        let heads = words.iter().take(said).chain([&ANY]).filter_map(|word| self.heads.get(*word));
        let mut places: Vec<usize> = heads.flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| &self.entries[place])
    }
}

/// Stands for the first word of lines that begin with a place.
const ANY: &str = "";

impl Entry {
    /// The first words of its lines, and of those in its block.
    fn heads<'e>(&'e self, found: &mut Vec<&'e str>) {
        let word = |line: &'e [Box<str>]| line.first().map_or(ANY, |word| &**word);
        let head = |pattern: &'e Pattern| pattern.words().next().unwrap_or(ANY);
        match &self.kind {
            Kind::Switch { on, off, .. } => found.extend([word(on), word(off)]),
            Kind::Line(line) => found.push(head(&line.pattern)),
            Kind::Each(Each { lines, reads, remove, gone, .. }) => {
                found.extend(lines.iter().chain(reads).map(|line| head(&line.pattern)));
                found.extend(remove.iter().chain(gone).map(head));
            }
            Kind::Values { pattern, remove, .. } => found.extend([pattern].into_iter().chain(remove).map(head)),
            Kind::Members { members, .. } => {
                members.iter().for_each(|m| found.extend([&m.on].into_iter().chain(&m.off).map(|line| word(line))));
            }
            Kind::Block { open, entries, .. } => {
                found.push(head(open));
                entries.iter().for_each(|entry| entry.heads(found));
            }
            Kind::Mode { open, entries } => {
                found.push(head(&open.pattern));
                entries.iter().for_each(|entry| entry.heads(found));
            }
            Kind::Fixed(line) | Kind::Flag { line, .. } => found.push(word(line)),
        }
    }
}

/// A line, or a family of lines, and what it says.
#[derive(Debug)]
struct Entry {
    kind: Kind,
    absent: Absent,
    place: Place,
    /// Where the negative form is known from.
    off_place: Place,
    /// Sent at the exec prompt: never part of a running configuration.
    exec: bool,
    /// Written only where all of these hold of what is said around it.
    when: Vec<Condition>,
}

/// Whether something is said of the same entry, or of the device.
#[derive(Debug)]
struct Condition {
    any: Vec<Asked>,
    /// Whether none of them may be said.
    none: bool,
}

/// A setting that a condition asks for, with this word where there is one.
#[derive(Debug)]
struct Asked {
    target: Target,
    word: Option<Said>,
    /// Whether it is one of the device, and none of the entry.
    of_device: bool,
}

impl Asked {
    /// Whether what a group says of the setting is what is asked for.
    fn is_said(&self, setting: Option<&Setting>) -> bool {
        match (setting, &self.word) {
            (Some(Setting::Value(fact)), Some(Said::Is(word))) => *fact.value.plainly() == **word,
            (Some(Setting::Value(fact)), Some(Said::Holds(part))) => fact.value.plainly().contains(&**part),
            (setting, None) => setting.is_some(),
            _ => false,
        }
    }
}

/// What is said of a setting.
#[derive(Debug)]
enum Said {
    /// This.
    Is(Box<str>),
    /// A text that holds this.
    Holds(Box<str>),
}

#[derive(Debug)]
enum Kind {
    /// One line for on, one for off; what has no line needs another place.
    Switch { target: Target, on: Box<[Box<str>]>, off: Box<[Box<str>]> },
    /// One line for one or several settings.
    Line(Line),
    /// A line for each entry of a list.
    Each(Each),
    /// A line for each value of a list of values, numbered where the line has a place for it.
    Values { target: Target, pattern: Pattern, written: Spelling, remove: Option<Pattern> },
    /// A line for each word that a list of words may hold.
    Members { target: Target, members: Vec<Member> },
    /// A line that opens a block of lines for one entry of a list.
    Block { list: Target, open: Pattern, key: Key, entries: Vec<Entry>, most: Option<usize> },
    /// A line that opens lines of settings that are of no list, or of the entry whose block they stand in.
    Mode { open: Line, entries: Vec<Entry> },
    /// A line in the block of an entry that is made there: on where it stands there, off where it does not.
    Flag { target: Target, line: Box<[Box<str>]>, usual: bool },
    /// A line that says nothing: `save`.
    Fixed(Box<[Box<str>]>),
}

impl Kind {
    /// The settings that its lines say, or the list whose entries they are of; none of a mode, whose own entries say
    /// them.
    fn targets(&self) -> Vec<&Target> {
        match self {
            Kind::Switch { target, .. }
            | Kind::Values { target, .. }
            | Kind::Members { target, .. }
            | Kind::Flag { target, .. } => vec![target],
            Kind::Line(line) => line.targets().collect(),
            Kind::Each(Each { list, .. }) | Kind::Block { list, .. } => vec![list],
            Kind::Mode { .. } | Kind::Fixed(_) => Vec::new(),
        }
    }
}

/// The lines of a list's entries.
#[derive(Debug)]
struct Each {
    list: Target,
    /// The most telling form first.
    lines: Vec<Line>,
    /// Forms that are read and never written: the same entry in other words.
    reads: Vec<Line>,
    /// The line that takes an entry away.
    remove: Option<Pattern>,
    /// Forms that are read as an entry that is not there.
    gone: Vec<Pattern>,
    /// Whether a line that begins as the first form, up to its key, names an entry whatever else it says.
    any: bool,
}

/// A line with places.
#[derive(Debug)]
struct Line {
    pattern: Pattern,
    /// By the place's name.
    slots: Vec<Slot>,
    /// What the line says by being there.
    implies: Vec<(Target, Value)>,
}

#[derive(Debug)]
struct Slot {
    name: Box<str>,
    fills: Fills,
    /// What is written where nobody says the setting.
    otherwise: Option<Otherwise>,
}

/// What stands in a place whose setting nobody says.
#[derive(Debug)]
struct Otherwise {
    word: Box<str>,
    /// Whether it is a value of the setting; else it is read as one that nobody says.
    is_value: bool,
}

#[derive(Debug)]
enum Fills {
    Setting(Target, Spelling),
    /// The entry's number in its list, from 1.
    Number,
    /// A sum of what stands for the switches that are on: all are said, and one at least is on.
    Bits(Vec<(u32, Target)>),
}

/// One line of a family, and the words that it means together.
#[derive(Debug)]
struct Member {
    on: Box<[Box<str>]>,
    off: Option<Box<[Box<str>]>>,
    values: Vec<Value>,
    place: Place,
}

/// How the key of a block's entry is made of its opening line: `lan`, or `vlan {}`.
#[derive(Debug)]
struct Key {
    before: Box<str>,
    has_slot: bool,
    /// The entry's lines say its key, so it is made by them; the opening line says its number at most.
    inside: bool,
}

/// What it means that a running configuration does not have the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absent {
    /// The factory setting holds.
    Factory,
    /// It is off, or the list is empty.
    Off,
    /// No source says: the setting is unknown, whatever the factory shipped.
    Unknown,
}

/// A command that no entry maps, but whose words are known.
#[derive(Debug)]
struct Listed {
    /// What it begins with.
    words: Box<[Box<str>]>,
    shows: Shows,
    /// Which settings it may change beside what it says.
    touches: Touches,
}

/// What of a command may be shown.
#[derive(Debug, PartialEq, Eq)]
enum Shows {
    /// All of it.
    All,
    /// The words that it begins with: a person's text follows.
    Head,
    /// All but the places called `secret`; where it has no place, or goes on otherwise, the words that it begins with.
    Places(Pattern),
}

impl Line {
    fn slot(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|s| *s.name == *name)
    }

    fn fills(&self) -> impl Iterator<Item = (&Target, &Spelling)> {
        self.slots.iter().filter_map(|s| match &s.fills {
            Fills::Setting(target, written) => Some((target, written)),
            Fills::Number | Fills::Bits(_) => None,
        })
    }

    /// All settings that it says, in places and by being there.
    fn targets(&self) -> impl Iterator<Item = &Target> {
        let placed = self.slots.iter().flat_map(|slot| match &slot.fills {
            Fills::Setting(target, _) => vec![target],
            Fills::Bits(bits) => bits.iter().map(|(_, target)| target).collect(),
            Fills::Number => Vec::new(),
        });
        placed.chain(self.implies.iter().map(|(target, _)| target))
    }

    /// How many words a place takes; `None` for the rest of the line.
    fn width(&self, name: &str) -> Option<usize> {
        match self.slot(name).map(|s| &s.fills) {
            Some(Fills::Setting(_, written)) => written.words(),
            _ => Some(1),
        }
    }

    /// Which words fill which place.
    fn fill<'a>(&self, words: &[&'a str]) -> Option<Vec<(&Slot, Vec<&'a str>)>> {
        let filled = self.pattern.fill(words, |name| self.width(name))?;
        let slots = self.pattern.slots().filter_map(|name| self.slot(name));
        let filled: Vec<_> = slots.zip(filled.into_iter().map(|range| words[range].to_vec())).collect();
        // `logging ADDRESS PORT disable` is not the line that ends with a number
        let fits = |(slot, words): &(&Slot, Vec<&str>)| {
            !matches!(slot.fills, Fills::Number) || words.concat().parse::<u16>().is_ok()
        };
        filled.iter().all(fits).then_some(filled)
    }
}

impl Key {
    /// The group's key from the words of the opening line.
    fn key(&self, slot: Option<&str>) -> String {
        format!("{}{}", self.before, slot.unwrap_or(""))
    }

    /// The words of the opening line from a key, where it is of this kind.
    fn slot<'a>(&self, key: &'a str) -> Option<Option<&'a str>> {
        if !self.has_slot {
            return (key == &*self.before).then_some(None);
        }
        let rest = key.strip_prefix(&*self.before)?;
        super::written::is_word(rest).then_some(Some(rest))
    }
}

fn is(words: &[&str], line: &[Box<str>]) -> bool {
    words.len() == line.len() && words.iter().zip(line).all(|(a, b)| **a == **b)
}

fn key_group(list: &Target) -> GroupId {
    list.list.unwrap_or_default()
}

#[cfg(test)]
impl Table {
    /// For each setting of a running configuration: its path, a value, and the lines that say it.
    pub(crate) fn specimens(&self) -> Vec<(String, String, String)> {
        let mut found = Vec::new();
        self.entries.iter().filter(|entry| !entry.exec).for_each(|entry| specimens(entry, "", "", &mut found));
        found
    }
}

/// `before` are the lines that open a block.
#[cfg(test)]
fn specimens(entry: &Entry, path: &str, before: &str, found: &mut Vec<(String, String, String)>) {
    use super::sample::{plain, specimen};
    use crate::model::shape::{FieldShape, ScalarKind};
    let joined = |words: &[Box<str>]| words.join(" ");
    let of_line = |line: &Line, list: Option<&Target>, found: &mut Vec<_>| {
        let slots: Vec<(&Slot, Option<_>)> = line
            .slots
            .iter()
            .map(|slot| match &slot.fills {
                Fills::Setting(target, written) => (slot, specimen(written, target)),
                Fills::Number | Fills::Bits(_) => (slot, None),
            })
            .collect();
        let word = |name: &str| {
            let slot = slots.iter().find(|(slot, _)| *slot.name == *name);
            slot.and_then(|(slot, said)| match (&slot.fills, said) {
                (Fills::Number, _) => Some("1".to_owned()),
                (Fills::Bits(bits), _) => Some(bits.iter().map(|(bit, _)| bit).sum::<u32>().to_string()),
                (Fills::Setting(_, written), _) if written.is_secret() => Some("<hidden>".to_owned()),
                (_, said) => said.as_ref().map(|(_, text)| text.clone()),
            })
        };
        let words: Option<Vec<String>> = line
            .pattern
            .tokens
            .iter()
            .map(|token| match token {
                Token::Word(word) => Some(word.to_string()),
                Token::Slot(name) => word(name),
            })
            .collect();
        let Some(words) = words else { return };
        let keys: Vec<String> = slots
            .iter()
            .filter_map(|(slot, said)| match &slot.fills {
                Fills::Setting(target, _) if target.field.key => said.as_ref().map(|(value, _)| plain(value)),
                _ => None,
            })
            .collect();
        let key = (!keys.is_empty()).then(|| keys.join(","));
        let path = match (list, key) {
            (Some(list), Some(key)) => format!("{}[{key}]", list.path),
            _ => path.to_owned(),
        };
        let said_line = format!("{before}{}\n", words.join(" "));
        let bits = slots.iter().flat_map(|(slot, _)| if let Fills::Bits(bits) = &slot.fills { &bits[..] } else { &[] });
        let on = bits.map(|(_, target)| (target, "on".to_owned()));
        for (target, word) in on.chain(line.implies.iter().map(|(target, value)| (target, value.plain()))) {
            found.push((full_path(&path, target).into(), word, said_line.clone()));
        }
        for (slot, said) in &slots {
            if let (Fills::Setting(target, _), Some((value, _))) = (&slot.fills, said)
                && !target.field.key
            {
                found.push((full_path(&path, target).into(), plain(value), said_line.clone()));
            }
        }
    };
    match &entry.kind {
        Kind::Switch { target, on, off } => {
            for (line, word) in [(on, "on"), (off, "off")].into_iter().filter(|(line, _)| !line.is_empty()) {
                found.push((full_path(path, target).into(), word.to_owned(), format!("{before}{}\n", joined(line))));
            }
        }
        Kind::Line(line) => of_line(line, None, found),
        Kind::Each(each) => each.lines.iter().for_each(|line| of_line(line, Some(&each.list), found)),
        Kind::Values { target, pattern, written, .. } => {
            let said = specimen(written, target).map(|(value, text)| {
                let words = pattern.tokens.iter().map(|token| match token {
                    Token::Word(word) => word.to_string(),
                    Token::Slot(name) if **name == *pattern::NUMBER => "1".to_owned(),
                    Token::Slot(_) => text.clone(),
                });
                let line = words.collect::<Vec<_>>().join(" ");
                (full_path(path, target).into(), plain(&value), format!("{before}{line}\n"))
            });
            found.extend(said);
        }
        Kind::Members { target, members } => found.extend(members.iter().map(|member| {
            let words: Vec<String> = member.values.iter().map(Value::plain).collect();
            (target.leaf.to_string(), words.join(" "), format!("{}\n", joined(&member.on)))
        })),
        Kind::Mode { open, entries } => {
            of_line(open, None, found);
            let said: Option<Vec<String>> = open
                .pattern
                .tokens
                .iter()
                .map(|token| match token {
                    Token::Word(word) => Some(word.to_string()),
                    Token::Slot(name) => match &open.slot(name)?.fills {
                        Fills::Setting(target, written) => specimen(written, target).map(|(_, text)| text),
                        Fills::Number | Fills::Bits(_) => Some("1".to_owned()),
                    },
                })
                .collect();
            if let Some(words) = said {
                let before = format!("{before}{}\n ", words.join(" "));
                entries.iter().for_each(|entry| specimens(entry, path, &before, found));
            }
        }
        // a line in a block that is made by its lines says something beside the others alone
        Kind::Block { key, .. } if key.inside => {}
        Kind::Block { list, open, key, entries, .. } => {
            let number =
                |field: &FieldShape| matches!(field.kind, crate::model::shape::Kind::Scalar(ScalarKind::Int { .. }));
            let mut keys = crate::model::shape::Shape::device().group(key_group(list)).keys();
            let counted = *key.before == *"vlan " || keys.any(|(_, field)| number(field));
            let slot = if counted { "12" } else { "1/1" };
            let opened = open.shown().replace("<name>", slot).replace("<id>", slot).replace("<number>", slot);
            let path = format!("{}[{}]", list.path, key.key(key.has_slot.then_some(slot)));
            entries.iter().for_each(|entry| specimens(entry, &path, &format!("{opened}\n "), found));
        }
        Kind::Fixed(_) | Kind::Flag { .. } => {}
    }
}
