//! The `cli` form: settings as command lines.
//!
//! A table's order is the order of the rendered lines: hosts before the switch that shuts others out, commands of the
//! exec level last. What the absence of a line in a running configuration means is said per entry; where no source
//! says it, the setting is unknown.

mod load;
mod pattern;
mod read;
mod redact;
mod render;
mod text;

#[cfg(test)]
mod tests;

pub use read::{Extent, read};
pub(super) use read::{full_path, is_token};
pub use redact::redact;
pub use render::render;

use pattern::Pattern;

use super::written::Written;
use super::{Place, Target};
use crate::model::facts::Value;
use crate::model::shape::GroupId;

/// The entries of a table of command lines.
#[derive(Debug)]
pub struct Table {
    entries: Vec<Entry>,
    listed: Vec<Listed>,
    /// Whether a secret in a running configuration is printed as it was set; where no source says so, it can't be
    /// compared.
    secrets_as_set: bool,
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
}

#[derive(Debug)]
enum Kind {
    /// One line for on, one for off.
    Switch { target: Target, on: Box<[Box<str>]>, off: Box<[Box<str>]> },
    /// One line for one or several settings.
    Line(Line),
    /// A line for each entry of a list, the most telling form first.
    Each { list: Target, lines: Vec<Line>, remove: Option<Pattern> },
    /// A line for each value of a list of values.
    Values { target: Target, pattern: Pattern, written: Written, remove: Option<Pattern> },
    /// A line for each word that a list of words may hold.
    Members { target: Target, members: Vec<Member> },
    /// A line that opens a block of lines for one entry of a list.
    Block { list: Target, open: Pattern, key: Key, entries: Vec<Entry> },
    /// A line that says nothing: `save`.
    Fixed(Box<[Box<str>]>),
}

/// A line with places.
#[derive(Debug)]
struct Line {
    pattern: Pattern,
    /// By the place's name.
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    name: Box<str>,
    fills: Fills,
}

#[derive(Debug)]
enum Fills {
    Setting(Target, Written),
    /// The entry's number in its list, from 1.
    Number,
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
}

/// What it means that a running configuration does not have the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absent {
    /// The factory setting holds.
    Factory,
    /// It is off, or the list is empty.
    Off,
    /// No source says.
    Unknown,
}

/// A command that no entry maps, but whose words are known.
#[derive(Debug)]
struct Listed {
    words: Box<[Box<str>]>,
    /// Whether the whole line may be shown.
    show: bool,
}

impl Line {
    fn slot(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|s| *s.name == *name)
    }

    fn fills(&self) -> impl Iterator<Item = (&Target, &Written)> {
        self.slots.iter().filter_map(|s| match &s.fills {
            Fills::Setting(target, written) => Some((target, written)),
            Fills::Number => None,
        })
    }

    /// Which words fill which place.
    fn fill<'a>(&self, words: &[&'a str]) -> Option<Vec<(&Slot, Vec<&'a str>)>> {
        let width = |name: &str| match self.slot(name).map(|s| &s.fills) {
            Some(Fills::Setting(_, written)) => written.words(),
            _ => Some(1),
        };
        let filled = self.pattern.fill(words, width)?;
        let slots = self.pattern.slots().filter_map(|name| self.slot(name));
        Some(slots.zip(filled.into_iter().map(|range| words[range].to_vec())).collect())
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
