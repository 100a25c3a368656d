//! The sectioned form: `[Section]`, `Key=Value`, one setting in one or several keys.
//!
//! A text is read and rendered through a [`Layout`]: the table compiled once to the line numbers of texts that are
//! built alike. Lines that no entry maps stay byte for byte.

pub mod container;
mod layout;
mod load;
mod loose;
mod passing;
mod read;
mod redact;
mod render;
mod strangers;
mod usual;
mod whole;
#[cfg(test)]
mod tests;

pub use layout::{Layout, LineKind};
pub(super) use passing::passes;
pub use read::read;
pub use redact::redact;
pub(super) use redact::veils;
pub use render::{Rendering, render};
pub use strangers::{secret_rules, shared, strangers};
pub use usual::usual;
pub use whole::lacks;

use foldhash::HashMap;

use super::exposure::Exposure;
use super::{Codec, Dialect, Place, Table as AnyTable, Target};
use crate::model::facts::Value;
use crate::model::shape::{FieldIx, GroupId};
use crate::native::Touches;

/// The entries of a sectioned table.
#[derive(Debug)]
pub struct Table {
    /// Its sections.
    pub sections: Vec<Section>,
}

impl Table {
    /// Whether a switch is on where the key of another setting holds anything.
    pub fn follows_another(&self, path: &str) -> bool {
        let entries = self.sections.iter().flat_map(|section| &section.entries);
        entries.filter(|entry| matches!(entry.kind, Kind::Present)).any(|entry| *entry.at.path == *path)
    }
}

impl Table {
    /// Whether a line is told by the device and never taken from a file.
    pub fn is_told(&self, section: &str, key: &str) -> bool {
        let entries = self.sections.iter().filter(|one| *one.name == *section).flat_map(|section| &section.entries);
        entries.filter(|entry| entry.read_only).any(|entry| entry.keys.iter().any(|own| **own == *key))
    }

    /// The setting that a key holds by values that no source explains.
    pub fn unexplained(&self, section: &str, key: &str) -> Option<&str> {
        let (section, _) = self.section(section)?;
        let setting = section.keys.get(key)?.setting.as_deref()?;
        let foreign = |entry: &Entry, named: &dyn Fn(&str) -> bool| {
            matches!(&entry.kind, Kind::Scalar(codec) if codec.is_foreign()) && entry.keys.iter().any(|own| named(own))
        };
        let holds = |entry: &Entry| match &entry.kind {
            Kind::Slots(slots) => slots.slots.iter().any(|slot| {
                let named = |own: &str| own.replace("{slot}", &slot.name) == key;
                slots.entries.iter().any(|inner| foreign(inner, &named))
            }),
            _ => foreign(entry, &|own| own == key),
        };
        section.entries.iter().any(holds).then_some(setting)
    }

    /// Whether anything is held of the top group that a path begins with.
    pub fn holds_of(&self, path: &str) -> bool {
        let top = |path: &str| path.split(['.', '[']).next().unwrap_or_default().to_owned();
        let wanted = top(path);
        let of = |section: &Section| match &section.each {
            Some(each) => top(&each.list.path) == wanted,
            None => section.entries.iter().any(|entry| top(&entry.at.path) == wanted),
        };
        self.sections.iter().any(of)
    }
}

/// One kind of section.
#[derive(Debug)]
pub struct Section {
    /// Its name in brackets; `{n}` stands for a number.
    pub name: Box<str>,
    /// The list whose entries it describes, one section each; `{n}` is their key.
    pub each: Option<Each>,
    /// All keys that the section is known to have.
    pub keys: HashMap<Box<str>, Key>,
    /// What its keys mean.
    pub entries: Vec<Entry>,
}

/// A list of settings that has one section for each entry.
#[derive(Debug)]
pub struct Each {
    /// The list.
    pub list: Target,
    /// The group of its entries.
    pub group: GroupId,
    /// The field that is their key, a whole number.
    pub key: FieldIx,
}

/// What is known of a native key.
#[derive(Debug, Clone)]
pub struct Key {
    /// Who may see its value.
    pub exposure: Exposure,
    /// The setting that it holds, or holds a part of.
    pub setting: Option<Box<str>>,
    /// Which settings it may change beside what it says.
    pub touches: Touches,
    /// What it takes, where no setting maps it and a source says so.
    pub holds: Option<Codec>,
    /// What a device has there that nobody set up.
    pub default: Option<Box<str>>,
    /// Why no setting maps it.
    pub why: Option<Box<str>>,
}

/// One mapping: a setting and the keys that hold it.
#[derive(Debug)]
pub struct Entry {
    /// The setting.
    pub at: Target,
    /// How sure, from where.
    pub place: Place,
    /// Variants of the group around it to which it belongs; empty for all.
    pub when: Vec<Box<str>>,
    /// Its keys; `{slot}` stands for the name of a slot.
    pub keys: Vec<Box<str>>,
    /// How the keys hold it.
    pub kind: Kind,
    /// Native value (of the first key) that says that nothing is set.
    pub empty: Option<Box<str>>,
    /// Native value that is written when an entry's slot is given up.
    pub reset: Option<Box<str>>,
    /// Native value that is written for a new entry whose description does not say it.
    pub fresh: Option<Box<str>>,
    /// Native value that a device has that nobody set up.
    pub default: Option<Box<str>>,
    /// Told by the device, never written.
    pub read_only: bool,
    /// Whether an earlier firmware of the table's range exports files without it.
    pub since: bool,
}

/// How keys hold a setting.
#[derive(Debug)]
pub enum Kind {
    /// One key, one value.
    Scalar(Codec),
    /// An address and a netmask.
    Network,
    /// A speed by its number in a list, and a frame packed into bits.
    SerialLine(SerialCode),
    /// Several values, one key each, in order; further keys are empty.
    List(Codec),
    /// Words of a list, one key for one or several of them, `1` or `0`.
    Members(Vec<Vec<Value>>),
    /// A word that several keys spell together.
    Tag(Vec<(Value, Vec<Box<str>>)>),
    /// A switch that is on when the key holds anything.
    Present,
    /// The name that another section's key holds; the value is its number.
    Reference {
        /// The section.
        section: Box<str>,
        /// Its keys, in order of the numbers from 0.
        names: Vec<Box<str>>,
    },
    /// A list in parallel numbered keys.
    Slots(Slots),
}

/// Numbers of serial line settings.
#[derive(Debug, PartialEq, Eq)]
pub struct SerialCode {
    /// Speeds in bit/s; the native number is the place.
    pub bauds: Vec<u32>,
    /// Data bits, parity and stop bits in the packed frame.
    pub data: Bits,
    /// `N O E M S`.
    pub parity: Bits,
    /// Stop bits.
    pub stop: Bits,
}

/// Some bits of a packed number.
#[derive(Debug, PartialEq, Eq)]
pub struct Bits {
    /// Lowest bit.
    pub shift: u32,
    /// How many.
    pub width: u32,
    /// The meaning of each value of these bits; 0 for those without one.
    pub means: Vec<u8>,
}

/// Places of a list.
#[derive(Debug)]
pub struct Slots {
    /// Their names (`1`, `2`, `Read`), and fields whose value the slot gives.
    pub slots: Vec<Slot>,
    /// The key that says whether a slot is used, with its words for yes and no. Without one a slot is used when the
    /// key of its entry is there.
    pub used: Option<(Box<str>, Box<str>, Box<str>)>,
    /// What the keys of a slot mean; targets begin at the list's entry.
    pub entries: Vec<Entry>,
    /// The group of the list's entries.
    pub group: GroupId,
}

/// One place of a list.
#[derive(Debug)]
pub struct Slot {
    /// What stands for `{slot}`.
    pub name: Box<str>,
    /// Fields that every entry here has.
    pub fixed: Vec<(FieldIx, Value)>,
}

/// The sectioned table of a dialect.
pub(super) fn table(dialect: &Dialect) -> Option<&Table> {
    match &dialect.table {
        AnyTable::Ini(table) => Some(table),
        _ => None,
    }
}

impl Table {
    /// How many entries of a list the file has places for.
    pub fn slots(&self, list: &str) -> Option<usize> {
        let entries = self.sections.iter().flat_map(|section| &section.entries);
        entries.filter(|entry| *entry.at.path == *list).find_map(|entry| match &entry.kind {
            Kind::Slots(slots) => Some(slots.slots.len()),
            _ => None,
        })
    }

    /// The section of a name, and the number that stands for `{n}`.
    pub fn section(&self, name: &str) -> Option<(&Section, Option<u32>)> {
        self.sections.iter().find_map(|s| s.number(name).map(|n| (s, n)))
    }
}

impl Section {
    /// Whether a name is this section's: `Some(None)` where it has no number.
    fn number(&self, name: &str) -> Option<Option<u32>> {
        let Some((before, after)) = self.name.split_once("{n}") else {
            return (&*self.name == name).then_some(None);
        };
        let digits = name.strip_prefix(before)?.strip_suffix(after)?;
        let plain = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
        if plain && !digits.starts_with('0') { digits.parse().ok().map(Some) } else { None }
    }
}
