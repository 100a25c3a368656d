//! Native text to facts. Nothing is lost: what no entry maps is kept, what has no meaning is foreign.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net};
use zeroize::Zeroizing;

use super::layout::{Bound, BoundSlot, Cut, LineKind};
use super::{Entry, Kind, SerialCode, Slots};
use crate::dialect::exposure::{Exposure, HIDDEN, is_token};
use crate::dialect::{Codec, Dialect};
use crate::model::Shape;
use crate::model::facts::{Doubt, Fact, Facts, Group, Item, Items, Setting, Value, key_text};
use crate::model::value::{Network, Parity, SerialLine};
use crate::native::{KeptLine, Reading};
use crate::secret::SecretValue;
use crate::source::{FileId, Loc, Origin, Span};

/// Reads a text. Any text gives an answer.
pub fn read(dialect: &'static Dialect, file: FileId, text: &str) -> Reading {
    let shape = Shape::device();
    let origin = Origin::new(Loc::new(file, Span::new(0, 0)));
    let mut facts = Facts::empty(shape, origin);
    let mut reading = Reading {
        facts: Facts::empty(shape, origin),
        secrets: BTreeMap::new(),
        redacted: Vec::new(),
        numbers: BTreeMap::new(),
        kept: Vec::new(),
        whole: false,
        text: Zeroizing::new(text.to_owned()),
    };
    let Some(cut) = Cut::new(dialect, text) else { return reading };
    let mut cx = Reader { cut: &cut, file, secrets: BTreeMap::new(), redacted: Vec::new() };
    for instance in &cut.layout.instances {
        match (&instance.section.each, instance.number) {
            (Some(each), Some(number)) => {
                let at = cx.header_origin(instance.bound.iter().flat_map(|b| b.lines.iter().flatten()).next());
                let key = Fact::new(Value::Int(i64::from(number)), at);
                let prefix = format!("{}[{number}].", each.list.path);
                let Some(items) = each.list.items_mut(&mut facts.root, at) else { continue };
                let place = items.items.iter().position(|i| i.group.fact(each.key) == Some(&key));
                let place = place.unwrap_or_else(|| {
                    let mut group = Group::new(each.group, at);
                    group.set(each.key, Setting::Value(key));
                    items.items.push(Item { group, dropped: false });
                    items.items.len() - 1
                });
                cx.entries(&instance.bound, &mut items.items[place].group, &prefix);
            }
            _ => cx.entries(&instance.bound, &mut facts.root, ""),
        }
    }
    (reading.secrets, reading.redacted) = (cx.secrets, cx.redacted);
    reading.facts = facts;
    reading.kept = kept(&cut);
    reading
}

/// Lines that no entry maps, blank lines and headers left out.
pub(super) fn kept(cut: &Cut<'_>) -> Vec<KeptLine> {
    let mut kept = Vec::new();
    for (at, line) in cut.layout.lines.iter().enumerate() {
        let (shown, listed) = match line.kind {
            LineKind::Key { mapped: false, exposure, listed } => (shown(cut, at as u32, exposure), listed),
            LineKind::Other => (HIDDEN.to_owned(), false),
            _ => continue,
        };
        kept.push(KeptLine { line: at + 1, shown, listed });
    }
    kept
}

/// A line with a key as public text shows it. That a value is empty is no secret. One with a `=` in it may be the rest
/// of another line whose break was lost, and that line's value a secret.
pub(super) fn shown(cut: &Cut<'_>, line: u32, exposure: Exposure) -> String {
    let value = cut.value(line);
    if exposure == Exposure::Shown && !value.contains('=') || value.is_empty() || is_token(value) {
        cut.line(line).to_owned()
    } else {
        format!("{}{HIDDEN}", cut.key(line))
    }
}

pub(super) struct Reader<'c, 't> {
    pub(super) cut: &'c Cut<'t>,
    pub(super) file: FileId,
    pub(super) secrets: BTreeMap<String, SecretValue>,
    pub(super) redacted: Vec<String>,
}

impl<'t> Reader<'_, 't> {
    pub(super) fn new<'c>(cut: &'c Cut<'t>) -> Reader<'c, 't> {
        Reader { cut, file: FileId::NONE, secrets: BTreeMap::new(), redacted: Vec::new() }
    }

    fn origin(&self, line: u32) -> Origin {
        let (start, end) = self.cut.value_span(line);
        Origin::new(Loc::new(self.file, Span::new(start, end)))
    }

    fn header_origin(&self, line: Option<&u32>) -> Origin {
        line.map_or(Origin::new(Loc::new(self.file, Span::new(0, 0))), |l| self.origin(*l))
    }

    /// The value of a line. Lines that say one key twice and differ have none that could be trusted.
    fn value(&self, line: Option<u32>) -> Option<Result<&'t str, &'t str>> {
        let line = line?;
        let value = self.cut.value(line);
        let differs = |twins: &Vec<u32>| twins.iter().any(|t| self.cut.value(*t) != value);
        let trusted = !self.cut.layout.twins.get(&line).is_some_and(differs);
        Some(if trusted { Ok(value) } else { Err(value) })
    }

    pub(super) fn entries(&mut self, bound: &[Bound], group: &mut Group, prefix: &str) {
        for one in bound {
            if !one.entry.when.is_empty() && !applies(one.entry, group, None) {
                continue;
            }
            match &one.entry.kind {
                Kind::Slots(slots) => {
                    let items = self.slots(one, slots, prefix);
                    let origin = items.origin;
                    // a list whose keys are not there says nothing
                    if one.slots.iter().any(|slot| slot.lines().next().is_some()) {
                        one.entry.at.put(group, Setting::Items(items), origin);
                    }
                }
                _ => {
                    if let Some(fact) = self.fact(one, prefix) {
                        one.entry.at.put_fact(group, fact);
                    }
                }
            }
        }
    }

    /// The value that an entry's lines hold.
    pub(super) fn fact(&mut self, one: &Bound, prefix: &str) -> Option<Fact> {
        let entry = one.entry;
        let first = one.lines.iter().flatten().next()?;
        let origin = self.origin(*first);
        let values: Vec<Option<Result<&str, &str>>> = one.lines.iter().map(|l| self.value(*l)).collect();
        if values.iter().flatten().any(|v| is_token(v.unwrap_or_else(|v| v))) {
            self.redacted.push(format!("{prefix}{}", entry.at.path));
            let secret = matches!(&entry.kind, Kind::Scalar(codec) if codec.is_secret());
            return secret.then_some(Fact::new(Value::Held, origin));
        }
        let natives: Option<Vec<&str>> = values.iter().map(|v| v.and_then(Result::ok)).collect();
        let Some(natives) = natives else {
            // said twice, differently; a secret's text is in no foreign value
            if values.iter().flatten().any(Result::is_err) {
                let secret = matches!(&entry.kind, Kind::Scalar(codec) if codec.is_secret());
                let raw = if secret {
                    HIDDEN.to_owned()
                } else {
                    raw(values.iter().flatten().map(|v| v.unwrap_or_else(|v| v)))
                };
                return Some(Fact::new(Value::foreign(raw, Doubt::Twice), origin));
            }
            return self.partial(one, origin);
        };
        let value = match &entry.kind {
            Kind::Scalar(codec) if codec.is_secret() => {
                if natives[0].is_empty() {
                    return None;
                }
                let path = format!("{prefix}{}", entry.at.path);
                self.secrets.insert(path, SecretValue::copy_of(natives[0].as_bytes()));
                Value::Held
            }
            _ => decode(entry, &natives, |k| one.names.get(k).copied().flatten().map(|l| self.cut.value(l)))?,
        };
        let fact = Fact::new(value, origin);
        Some(match fact.value {
            Value::List(list) => {
                let places: Vec<Origin> = one.lines.iter().flatten().map(|l| self.origin(*l)).collect();
                let at = |i: usize| places.get(i).copied().unwrap_or(origin);
                let list = list.into_iter().enumerate().map(|(i, f)| Fact::new(f.value, at(i))).collect();
                Fact::new(Value::List(list), origin)
            }
            value => Fact::new(value, origin),
        })
    }

    /// Some of an entry's keys are not in the text: a list has what is there, anything else has no value.
    fn partial(&self, one: &Bound, origin: Origin) -> Option<Fact> {
        let there: Vec<&str> = one.lines.iter().flatten().map(|l| self.cut.value(*l)).collect();
        match &one.entry.kind {
            Kind::List(codec) => Some(Fact::new(list(one.entry, codec, &there), origin)),
            _ => None,
        }
    }

    fn slots(&mut self, one: &Bound, slots: &Slots, prefix: &str) -> Items {
        let first = one.slots.iter().flat_map(BoundSlot::lines).next();
        let origin = self.header_origin(first.as_ref());
        let mut items = Items::new(origin, Vec::new());
        for slot in &one.slots {
            let used = self.is_used(slots, slot);
            if used == Ok(false) {
                continue;
            }
            let Some(mut group) = self.slot(slots, slot, &format!("{prefix}{}", one.entry.at.path)) else { continue };
            if let (Err(why), Some(first)) = (used, slot.bound.first())
                && let Some(fact) = first.entry.at.fact(&group).filter(|fact| fact.value.is_known()).cloned()
            {
                let doubtful = Value::foreign(fact.value.plain(), why);
                first.entry.at.put_fact(&mut group, Fact::new(doubtful, fact.origin));
            }
            items.items.push(Item { group, dropped: false });
        }
        items
    }

    /// Whether a slot's flag says that it is used; true where there is no flag. A flag that is said twice and not
    /// alike, or that is not there, does not say that it is not.
    pub(super) fn is_used(&self, slots: &Slots, slot: &BoundSlot) -> Result<bool, Doubt> {
        let Some((_, _, off)) = &slots.used else { return Ok(true) };
        match self.value(slot.used) {
            Some(Ok(value)) => Ok(*value != **off),
            Some(Err(_)) => Err(Doubt::Twice),
            None if slot.lines().next().is_some() => Err(Doubt::Lacking),
            None => Ok(false),
        }
    }

    /// What calls an entry of which some lines are there, and not all that call it, or none that says it in clear.
    fn lacking(&self, key: &Bound, slot: &BoundSlot) -> Option<Fact> {
        let there: Vec<&str> = key.lines.iter().flatten().map(|line| self.cut.value(*line)).collect();
        let hidden = there.iter().any(|value| is_token(value));
        let is_empty = there.first().is_some_and(|first| key.entry.empty.as_deref() == Some(first));
        if is_empty || !hidden && there.len() == key.lines.len() {
            return None;
        }
        let (text, why) = match hidden {
            true => (HIDDEN.to_owned(), Doubt::Undocumented),
            false => (raw(there.into_iter()), Doubt::Lacking),
        };
        Some(Fact::new(Value::foreign(text, why), self.origin(slot.lines().next()?)))
    }

    /// What stands in a slot, whether it is used or not; `None` where its key is empty, or none of its lines is there.
    pub(super) fn slot(&mut self, slots: &Slots, slot: &BoundSlot, list: &str) -> Option<Group> {
        let (first, rest) = slot.bound.split_first()?;
        let shape = Shape::device();
        let mut group = Group::new(slots.group, Origin::NONE);
        for (ix, value) in &slot.slot.fixed {
            group.set(*ix, Setting::Value(Fact::new(value.clone(), Origin::NONE)));
        }
        // the slot may give the key, as for communities: then the first setting tells whether it is used
        let known = format!("{list}[{}].", key_text(shape, &group));
        let fact = self.fact(first, &known).or_else(|| self.lacking(first, slot))?;
        group.origin = fact.origin;
        for (ix, value) in &slot.slot.fixed {
            group.set(*ix, Setting::Value(Fact::new(value.clone(), fact.origin)));
        }
        first.entry.at.put_fact(&mut group, fact);
        let prefix = format!("{list}[{}].", key_text(shape, &group));
        self.entries(rest, &mut group, &prefix);
        Some(group)
    }
}

/// Whether the variant around an entry's field is one that the entry belongs to; `below` is asked where the group
/// does not say.
pub(super) fn applies(entry: &Entry, group: &Group, below: Option<&Group>) -> bool {
    let shape = Shape::device();
    let word = |group: &Group| {
        let holder = entry.at.holder(group)?;
        match &holder.fact(shape.group(holder.shape).tag?)?.value {
            Value::Word(word) => Some(*word),
            _ => None,
        }
    };
    let word = word(group).or_else(|| below.and_then(word));
    entry.when.is_empty() || word.is_some_and(|w| entry.when.iter().any(|x| **x == *w))
}

fn raw<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.collect::<Vec<_>>().join(" ")
}

/// The value of native words, one for each key of the entry; `None` where they say that nothing is set.
pub(super) fn decode<'a>(entry: &Entry, natives: &[&str], name: impl Fn(usize) -> Option<&'a str>) -> Option<Value> {
    let foreign = || {
        let blank = natives.iter().any(|native| native.trim() != *native);
        let why = match &entry.kind {
            Kind::Scalar(codec) => codec.doubt(natives.first().copied().unwrap_or("")),
            _ if blank => Doubt::Blank,
            _ => Doubt::Undocumented,
        };
        Value::foreign(raw(natives.iter().copied()), why)
    };
    let empty = entry.empty.as_deref();
    let first = *natives.first()?;
    if empty == Some(first) && !matches!(entry.kind, Kind::List(_) | Kind::Present) {
        return None;
    }
    Some(match &entry.kind {
        Kind::Scalar(codec) if codec.is_foreign() => foreign(),
        // an empty text that the model's setting can't be says nothing
        Kind::Scalar(codec) => match codec.decode(first) {
            Some(value) => value,
            None if first.is_empty() => return None,
            None => foreign(),
        },
        Kind::Network => network(natives).unwrap_or_else(foreign),
        Kind::SerialLine(code) => serial(code, natives).map_or_else(foreign, Value::Line),
        Kind::List(codec) => list(entry, codec, natives),
        Kind::Members(members) => {
            let mut list = Vec::new();
            for (words, native) in members.iter().zip(natives) {
                match *native {
                    "0" => {}
                    "1" => list.extend(words.iter().map(|w| Fact::new(w.clone(), Origin::NONE))),
                    other => list.push(Fact::new(Value::foreign(other, Doubt::Undocumented), Origin::NONE)),
                }
            }
            Value::List(list)
        }
        Kind::Tag(words) => {
            let same = |n: &Vec<Box<str>>| n.iter().zip(natives).all(|(a, b)| **a == **b);
            words.iter().find(|(_, n)| same(n)).map_or_else(foreign, |(w, _)| w.clone())
        }
        Kind::Present => Value::Switch(empty.unwrap_or("") != first),
        Kind::Reference { .. } => {
            let number = first.parse::<usize>().ok().filter(|n| n.to_string() == first);
            match number.and_then(&name) {
                Some(text) if !text.is_empty() && !is_token(text) => Value::Text(text.into()),
                _ => foreign(),
            }
        }
        Kind::Slots(_) => return None,
    })
}

fn list(entry: &Entry, codec: &Codec, natives: &[&str]) -> Value {
    let empty = entry.empty.as_deref().unwrap_or("");
    let one = |n: &&str| codec.decode(n).unwrap_or_else(|| Value::foreign(*n, codec.doubt(n)));
    let used = natives.iter().filter(|n| **n != empty && !n.is_empty());
    Value::List(used.map(|n| Fact::new(one(n), Origin::NONE)).collect())
}

fn network(natives: &[&str]) -> Option<Value> {
    let [address, mask] = natives else { return None };
    let net = Ipv4Net::with_netmask(address.parse().ok()?, mask.parse().ok()?).ok()?;
    Some(Value::Network(Network(IpNet::V4(net))))
}

fn serial(code: &SerialCode, natives: &[&str]) -> Option<SerialLine> {
    let [baud, frame] = natives else { return None };
    let baud = *code.bauds.get(baud.parse::<usize>().ok()?)?;
    let frame: u32 = frame.parse().ok()?;
    let known = [&code.data, &code.parity, &code.stop].map(|b| ((1 << b.width) - 1) << b.shift);
    if frame & !known.iter().fold(0, |a, b| a | b) != 0 {
        return None;
    }
    let mean = |b: &super::Bits| match b.means[(frame >> b.shift) as usize & ((1 << b.width) - 1)] {
        0 => None,
        mean => Some(mean),
    };
    let parity = match mean(&code.parity)? {
        b'N' => Parity::None,
        b'O' => Parity::Odd,
        b'E' => Parity::Even,
        b'M' => Parity::Mark,
        b'S' => Parity::Space,
        _ => return None,
    };
    Some(SerialLine { baud, data: mean(&code.data)? - b'0', parity, stop: mean(&code.stop)? - b'0' })
}
