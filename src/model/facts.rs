//! Facts: values at paths, each with its origin. **Facts are the truth**: merging, patterns, diff and dialects work
//! on them.
//!
//! They form a tree that mirrors the [`Shape`]: a group holds settings by field number, a list holds items. What is
//! not written is not there. A clone of a group shares its settings until one of both changes: what hundreds of
//! devices take from one profile stands in memory once.

mod compose;
mod decode;
mod keyed;
mod merge;
mod misfits;
mod path;
mod put;
mod walk;

use std::borrow::Cow;
use std::sync::Arc;

use ipnet::IpNet;

pub use compose::{Unknown, compose};
pub use keyed::Keyed;
pub use merge::{by_count, complete, fill_secrets, overlay, owned_over, stamp};
pub use misfits::{Misfit, misfits_of, without_misfits};
pub use path::{Path, PathError, Step, below, is_within, key_text, overlap, without_keys};
pub use put::name_secrets;
pub use walk::{Leaf, each_value, leaves, leaves_beneath, only, uncalled};

use super::shape::{FieldIx, FieldShape, GroupId, Shape};
use super::value::{Address, Date, Mac, Moment, Network, Rate, SerialLine, Set, Time, Version, VersionRange};
use crate::source::Origin;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `on`, `off`.
    Switch(bool),
    /// A whole number.
    Int(i64),
    /// Text, a name, a path.
    Text(Box<str>),
    /// A word of a closed list.
    Word(&'static str),
    /// A time span, or never.
    Time(Time),
    /// A network or host.
    Network(Network),
    /// An address.
    Address(Address),
    /// A day.
    Date(Date),
    /// A moment.
    Moment(Box<Moment>),
    /// A version.
    Version(Version),
    /// A range of versions.
    Range(Box<VersionRange>),
    /// A hardware address.
    Mac(Mac),
    /// Serial line settings.
    Line(SerialLine),
    /// Packets a second, or never.
    Rate(Rate),
    /// Numbered things in ranges, and names: VLANs, ports.
    Set(Box<Set>),
    /// The name of a secret. Its value is never among the facts.
    Secret(Box<str>),
    /// Read from a device: a secret is there. Its value, where it was readable, lies beside the facts.
    Held,
    /// Several values; each with its own origin.
    List(Vec<Fact>),
    /// Written, and already reported: present without a value. Rules treat it as unknown.
    Bad,
    /// A native value that is not believed: kept, shown where it is no secret, unknown to rules.
    Foreign(Box<Foreign>),
}

/// A native value that is not believed, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreign {
    /// As it stands there.
    pub raw: Box<str>,
    /// Why it is not believed.
    pub why: Doubt,
}

/// Why a native value is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// No source says what the values of the place mean: the table knows that.
    NoMeaning,
    /// No source shows this value there.
    Undocumented,
    /// It would be a value without the blanks around it.
    Blank,
    /// The place stands there twice, with two values, or an entry of that key does.
    Twice,
    /// A key that it is made of, or that says whether it counts, does not stand there.
    Lacking,
    /// A number outside of what the device takes, from and to.
    Outside(i64, i64),
    /// The setting was taken back by a `no`; what it is then, no source says.
    TakenBack,
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Doubt::NoMeaning => f.write_str("no source says what the values of this place mean"),
            Doubt::Undocumented => f.write_str("no source shows such a value here"),
            Doubt::Blank => f.write_str("there is a blank at its end, which the device may count"),
            Doubt::Twice => f.write_str("it is said twice, and no source says which counts"),
            Doubt::Lacking => f.write_str("a line that belongs to it is not there"),
            Doubt::Outside(min, max) => write!(f, "it is outside of {min} to {max}, which the device takes"),
            Doubt::TakenBack => f.write_str("it was taken back, and no source says what it is then"),
        }
    }
}

/// A value with its origin. Facts are equal when their values are; where they were said does not matter.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The value.
    pub value: Value,
    /// Who said it, where.
    pub origin: Origin,
}

impl PartialEq for Fact {
    fn eq(&self, other: &Fact) -> bool {
        self.value == other.value
    }
}

/// One field's content.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// A value, or several.
    Value(Fact),
    /// A group.
    Group(Group),
    /// A list of groups.
    Items(Items),
}

/// A group: settings by field number, sorted.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its group in the shape.
    pub shape: GroupId,
    /// Where the node itself stands (its header).
    pub origin: Origin,
    fields: Arc<Vec<(FieldIx, Setting)>>,
}

impl PartialEq for Group {
    fn eq(&self, other: &Group) -> bool {
        self.shape == other.shape && (self.shares(other) || self.fields == other.fields)
    }
}

/// A list of groups.
#[derive(Debug, Clone)]
pub struct Items {
    /// Where the first of them, or the explicit `none`, stands.
    pub origin: Origin,
    /// The entries.
    pub items: Vec<Item>,
    /// Where those stand that were asked for.
    places: keyed::Places,
}

impl Items {
    /// A list.
    pub fn new(origin: Origin, items: Vec<Item>) -> Items {
        Items { origin, items, places: keyed::Places::default() }
    }

    /// The entry with this key, as it stands in brackets.
    pub fn find(&self, shape: &Shape, key: &str) -> Option<&Item> {
        self.places.find(shape, &self.items, key, |group| path::has_key(shape, group, key))
    }

    /// The entry with the same, wholly known key.
    pub fn like(&self, shape: &Shape, group: &Group) -> Option<&Item> {
        self.places.find(shape, &self.items, &key_text(shape, group), |other| same_key(shape, other, group))
    }
}

impl PartialEq for Items {
    fn eq(&self, other: &Items) -> bool {
        self.items == other.items
    }
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its content, key fields included.
    pub group: Group,
    /// `(drop)`: takes an inherited entry of that key away. Gone after merging.
    pub dropped: bool,
}

/// A tree of settings and the shape that it obeys.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The shape.
    pub shape: &'static Shape,
    /// The root group.
    pub root: Group,
}

impl PartialEq for Facts {
    fn eq(&self, other: &Facts) -> bool {
        std::ptr::eq(self.shape, other.shape) && self.root == other.root
    }
}

impl Fact {
    /// A value from somewhere.
    pub fn new(value: Value, origin: Origin) -> Fact {
        Fact { value, origin }
    }
}

impl Group {
    /// An empty group.
    pub fn new(shape: GroupId, origin: Origin) -> Group {
        Group::with_room(shape, origin, 0)
    }

    /// An empty group with room for so many settings.
    pub fn with_room(shape: GroupId, origin: Origin, room: usize) -> Group {
        Group { shape, origin, fields: Arc::new(Vec::with_capacity(room)) }
    }

    /// Whether both are clones of one group and neither was changed since.
    pub fn shares(&self, other: &Group) -> bool {
        Arc::ptr_eq(&self.fields, &other.fields)
    }

    /// What groups have in common that [share](Group::shares) their settings, and no other group has while one of them
    /// is there.
    pub fn identity(&self) -> usize {
        Arc::as_ptr(&self.fields).addr()
    }

    /// Gives back memory that was reserved for more settings and entries than there are.
    pub fn fit(&mut self) {
        let fields = Arc::make_mut(&mut self.fields);
        fields.shrink_to_fit();
        for (_, setting) in fields {
            if let Setting::Items(items) = setting {
                items.items.shrink_to_fit();
            }
        }
    }

    /// A field's content.
    pub fn get(&self, ix: FieldIx) -> Option<&Setting> {
        self.place(ix).ok().map(|at| &self.fields[at].1)
    }

    /// Where a field stands, or would.
    fn place(&self, ix: FieldIx) -> Result<usize, usize> {
        self.fields.binary_search_by_key(&ix, |(i, _)| *i)
    }

    /// A field's content, to change.
    pub fn get_mut(&mut self, ix: FieldIx) -> Option<&mut Setting> {
        let at = self.place(ix).ok()?;
        Some(&mut Arc::make_mut(&mut self.fields)[at].1)
    }

    /// A field's value, where it holds one.
    pub fn fact(&self, ix: FieldIx) -> Option<&Fact> {
        match self.get(ix) {
            Some(Setting::Value(fact)) => Some(fact),
            _ => None,
        }
    }

    /// Sets a field; gives back what stood there.
    pub fn set(&mut self, ix: FieldIx, setting: Setting) -> Option<Setting> {
        let place = self.place(ix);
        let fields = Arc::make_mut(&mut self.fields);
        match place {
            Ok(at) => Some(std::mem::replace(&mut fields[at].1, setting)),
            Err(at) => {
                fields.insert(at, (ix, setting));
                None
            }
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, ix: FieldIx) -> Option<Setting> {
        let at = self.place(ix).ok()?;
        Some(Arc::make_mut(&mut self.fields).remove(at).1)
    }

    /// The group in a field, made empty where there is none. `None` where the field holds something else.
    pub fn group_mut(&mut self, ix: FieldIx, shape: GroupId, origin: Origin) -> Option<&mut Group> {
        if self.get(ix).is_none() {
            self.set(ix, Setting::Group(Group::new(shape, origin)));
        }
        match self.get_mut(ix) {
            Some(Setting::Group(group)) => Some(group),
            _ => None,
        }
    }

    /// The list in a field, made empty where there is none. `None` where the field holds something else.
    pub fn items_mut(&mut self, ix: FieldIx, origin: Origin) -> Option<&mut Items> {
        if self.get(ix).is_none() {
            self.set(ix, Setting::Items(Items::new(origin, Vec::new())));
        }
        match self.get_mut(ix) {
            Some(Setting::Items(items)) => Some(items),
            _ => None,
        }
    }

    /// All settings, in order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = (FieldIx, &Setting)> {
        self.fields.iter().map(|(ix, s)| (*ix, s))
    }

    /// All settings, to change. Nothing is shared afterwards: look first whether anything is to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (FieldIx, &mut Setting)> {
        Arc::make_mut(&mut self.fields).iter_mut().map(|(ix, s)| (*ix, s))
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The values of the key fields, in order; empty where the group has none.
    pub fn key<'a>(&'a self, shape: &'a Shape) -> impl Iterator<Item = &'a Value> {
        let keys = shape.group(self.shape).keys();
        keys.filter_map(|(ix, _)| self.fact(ix).map(|f| &f.value))
    }
}

/// Whether two groups have the same, wholly known key.
pub fn same_key(shape: &Shape, a: &Group, b: &Group) -> bool {
    shape.group(a.shape).keys().all(|(ix, _)| match (a.fact(ix), b.fact(ix)) {
        (Some(a), Some(b)) => a.value == b.value && !matches!(a.value, Value::Bad | Value::Foreign(_)),
        _ => false,
    })
}

impl Facts {
    /// No facts at all.
    pub fn empty(shape: &'static Shape, origin: Origin) -> Facts {
        Facts { shape, root: Group::new(shape.root, origin) }
    }

    /// What stands in one field of the root, and nothing else.
    pub fn part(&self, field: &str) -> Facts {
        let mut part = Facts::empty(self.shape, self.root.origin);
        if let Some((ix, _)) = self.shape.root().field(field)
            && let Some(setting) = self.root.get(ix)
        {
            part.root.set(ix, setting.clone());
        }
        part
    }

    /// How many values there are.
    pub fn count(&self) -> usize {
        let mut count = 0;
        each_value(self, &mut |_, _| count += 1);
        count
    }
}

impl Value {
    /// Whether rules can judge it: neither bad nor foreign.
    pub fn is_known(&self) -> bool {
        match self {
            Value::Bad | Value::Foreign(_) => false,
            Value::List(list) => list.iter().all(|f| f.value.is_known()),
            _ => true,
        }
    }

    /// A native value that is not believed.
    pub fn foreign(raw: impl Into<Box<str>>, why: Doubt) -> Value {
        Value::Foreign(Box::new(Foreign { raw: raw.into(), why }))
    }

    /// Why it is not believed, where it is a native value that is not, or a list with one.
    pub fn doubt(&self) -> Option<&Doubt> {
        match self {
            Value::Foreign(foreign) => Some(&foreign.why),
            Value::List(list) => list.iter().find_map(|f| f.value.doubt()),
            _ => None,
        }
    }

    /// The text of a text or word.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(t) => Some(t),
            Value::Word(w) => Some(w),
            _ => None,
        }
    }

    /// The network of a network or address.
    pub fn network(&self) -> Option<IpNet> {
        match self {
            Value::Network(n) => Some(n.0),
            Value::Address(a) => Some(a.0.into()),
            _ => None,
        }
    }

    /// As a person would write it in KDL, quotes included. Secrets show their name, never more.
    pub fn to_kdl(&self) -> String {
        match self {
            Value::Switch(_) => self.plain(),
            Value::Int(n) => n.to_string(),
            Value::Time(Time::Never) | Value::Rate(Rate::Never) => "never".to_owned(),
            Value::Secret(name) => format!("(stored){}", quote(name)),
            Value::Held => "<secret>".to_owned(),
            Value::List(list) if list.is_empty() => "none".to_owned(),
            Value::List(list) => list.iter().map(|f| f.value.to_kdl()).collect::<Vec<_>>().join(" "),
            Value::Bad => "<bad>".to_owned(),
            Value::Foreign(foreign) => format!("<native {}>", foreign.raw),
            other => quote(&other.plain()),
        }
    }

    /// The same as it is written at a setting: a word that asks for something, `removed`, stands without quotes.
    pub fn to_kdl_at(&self, field: &FieldShape) -> String {
        if field.intent { self.plain() } else { self.to_kdl() }
    }

    /// Without quotes: for keys in paths, and for tables.
    pub fn plain(&self) -> String {
        self.plainly().into_owned()
    }

    /// The same, copied only where it is put together.
    pub fn plainly(&self) -> Cow<'_, str> {
        let text = match self {
            Value::Text(text) | Value::Secret(text) => return Cow::Borrowed(text),
            Value::Word(word) => return Cow::Borrowed(word),
            Value::Switch(on) => return Cow::Borrowed(if *on { "on" } else { "off" }),
            Value::Time(t) => t.to_string(),
            Value::Network(n) => n.to_string(),
            Value::Address(a) => a.to_string(),
            Value::Date(d) => d.to_string(),
            Value::Moment(m) => m.to_string(),
            Value::Version(v) => v.to_string(),
            Value::Range(r) => r.to_string(),
            Value::Mac(m) => m.to_string(),
            Value::Line(l) => l.to_string(),
            Value::Set(s) => s.to_string(),
            Value::Rate(r) => r.to_string(),
            Value::List(list) => list.iter().map(|f| f.value.plain()).collect::<Vec<_>>().join(" "),
            other => other.to_kdl(),
        };
        Cow::Owned(text)
    }
}

/// A KDL string in quotes. What KDL takes nowhere, or as a line break, is escaped.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control()
                || matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') =>
            {
                out.push_str(&format!("\\u{{{:x}}}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
