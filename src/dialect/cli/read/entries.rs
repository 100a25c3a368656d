//! Single command lines: the setting, the list or the entry that each says something of.

use std::borrow::Cow;

use super::Reader;
use crate::dialect::Target;
use crate::dialect::cli::text::TextLine;
use crate::dialect::cli::{Each, Entry, Fills, Kind, Line, Pattern, Slot, Token, is, key_group};
use crate::dialect::exposure::is_token;
use crate::model::facts::{Doubt, Fact, Group, Setting, Value, key_text};
use crate::model::shape::Shape;
use crate::model::value::Set;
use crate::secret::SecretValue;
use crate::source::Origin;

/// What stands for a text that may hold a secret.
pub(super) const HIDDEN: &str = "<hidden>";

impl<'t> Reader<'t> {
    pub(super) fn entry(&mut self, entry: &'t Entry, line: &TextLine<'_>) -> bool {
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
                if let Some((_, gone)) = remove.as_ref().and_then(|r| r.value(&line.words)) {
                    let gone = written.decode(gone, origin);
                    if let (Some(Setting::Value(gone)), Some(Value::List(list))) = (gone, self.list_at(target)) {
                        let left = list.into_iter().filter(|f| *f != gone).collect();
                        target.put_fact(&mut self.facts.root, Fact::new(Value::List(left), origin));
                    }
                    return true;
                }
                let Some((_, word)) = pattern.value(&line.words) else { return false };
                let value = match written.decode(word, origin) {
                    Some(Setting::Value(fact)) => fact.value,
                    _ => Value::foreign(word, written.doubt(word)),
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

    pub(super) fn list_at(&self, target: &Target) -> Option<Value> {
        target.fact(&self.facts.root).map(|f| f.value.clone())
    }

    pub(super) fn push(&mut self, target: &Target, values: Vec<Value>, origin: Origin) {
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

    pub(super) fn each(&mut self, each: &'t Each, line: &TextLine<'_>) -> bool {
        let Each { list, lines, .. } = each;
        let shape = Shape::device();
        let origin = self.origin(line);
        for pattern in lines.iter().chain(&each.reads) {
            let Some(filled) = pattern.fill(&line.words) else { continue };
            let Some(key) = key_of(list, pattern, &filled, origin) else { continue };
            let found = match shape.group(key.shape).keys().count() {
                1 => self.item(list, &key_text(shape, &key), origin),
                _ => self.entries.keyed(&mut self.facts.root, list, key, origin),
            };
            let Some(group) = found else { continue };
            self.said_of(each, group, pattern, filled, origin);
            return true;
        }
        each.remove.iter().chain(&each.gone).any(|gone| self.gone(each, gone, line, key_of))
    }

    /// What a line says of an entry of a list.
    fn said_of(
        &mut self,
        each: &'t Each,
        mut group: Group,
        pattern: &'t Line,
        filled: Vec<(&Slot, Vec<&str>)>,
        origin: Origin,
    ) {
        let Each { list, lines, .. } = each;
        let path = format!("{}[{}]", list.path, key_text(Shape::device(), &group));
        self.put(&mut group, &path, filled, origin);
        for (target, value) in &pattern.implies {
            target.put_fact(&mut group, Fact::new(value.clone(), origin));
        }
        // a form without the secret does not say that there is none
        for (target, _) in lines.iter().flat_map(Line::fills).filter(|(_, written)| written.is_secret()) {
            if target.get(&group).is_none() {
                target.put_fact(&mut group, Fact::new(Value::Held, origin));
                self.redacted.push(full_path(&path, target).into());
            }
        }
        self.replace(list, group);
    }

    /// A line of an entry that can't be called: what stands in the place of its key means nothing. The entry is there
    /// all the same.
    fn uncalled(&mut self, each: &'t Each, line: &TextLine<'_>) -> bool {
        let origin = self.origin(line);
        if each.remove.iter().chain(&each.gone).any(|gone| self.gone(each, gone, line, raw_key)) {
            return true;
        }
        for pattern in each.lines.iter().chain(&each.reads) {
            let Some(filled) = pattern.fill(&line.words) else { continue };
            let Some(key) = raw_key(&each.list, pattern, &filled, origin) else { continue };
            self.said_of(each, key, pattern, filled, origin);
            return true;
        }
        each.any && (self.named(each, line) || self.begun(each, line))
    }

    /// A line that begins as an entry's does, and that names none.
    fn begun(&mut self, each: &'t Each, line: &TextLine<'_>) -> bool {
        if !each.lines.iter().any(|pattern| pattern.pattern.leads(&line.words)) {
            return false;
        }
        let origin = self.origin(line);
        let mut entry = Group::new(key_group(&each.list), origin);
        for (ix, _) in Shape::device().group(entry.shape).keys() {
            entry.set(ix, Setting::Value(Fact::new(Value::foreign(HIDDEN, Doubt::Undocumented), origin)));
        }
        self.replace(&each.list, entry);
        self.keep(line);
        true
    }

    /// A line that takes an entry away, which it calls by the key that `key` makes of it.
    fn gone(&mut self, each: &'t Each, gone: &Pattern, line: &TextLine<'_>, key: MakeKey) -> bool {
        let (shape, origin) = (Shape::device(), self.origin(line));
        let (Some(first), list) = (each.lines.first(), &each.list) else { return false };
        let Some(filled) = gone.fill(&line.words, |name| first.width(name)) else { return false };
        let slots = gone.slots().filter_map(|name| first.slot(name));
        let filled: Vec<(&Slot, Vec<&str>)> = slots.zip(filled.into_iter().map(|r| line.words[r].to_vec())).collect();
        let Some(key) = key(list, first, &filled, origin) else { return false };
        if self.entries.take(&mut self.facts.root, list, &key) {
            let gone = format!("{}[{}]", list.path, key_text(shape, &key));
            self.secrets.retain(|path, _| !path.starts_with(&gone));
            self.redacted.retain(|path| !path.starts_with(&gone));
        }
        true
    }

    /// The entry of a list with that key, made where it is missing. `None` where the text is no key.
    pub(super) fn item(&mut self, list: &Target, key: &str, origin: Origin) -> Option<Group> {
        self.entries.entry(&mut self.facts.root, list, key, origin)
    }

    pub(super) fn replace(&mut self, list: &Target, group: Group) {
        self.entries.put(&mut self.facts.root, list, group);
    }

    /// Puts what fills the places of a line into a group; `path` is the group's own.
    pub(super) fn put(&mut self, group: &mut Group, path: &str, filled: Vec<(&Slot, Vec<&str>)>, origin: Origin) {
        for (slot, words) in filled {
            let text = words.join(" ");
            if slot.otherwise.as_ref().is_some_and(|otherwise| !otherwise.is_value && *otherwise.word == *text) {
                continue;
            }
            match &slot.fills {
                Fills::Number => {
                    self.numbers.extend(text.parse().ok().map(|number| (path.to_owned(), number)));
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
                Fills::Bits(bits) => {
                    let most = bits.iter().map(|(bit, _)| bit).sum();
                    let sum = text.parse::<u32>().ok().filter(|sum| (1..=most).contains(sum));
                    for (bit, target) in bits {
                        let foreign = || Value::foreign(&*text, Doubt::Outside(1, most.into()));
                        let value = sum.map_or_else(foreign, |sum| Value::Switch(sum & bit != 0));
                        target.put_fact(group, Fact::new(value, origin));
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
    pub(super) fn taken_back(&mut self, entry: &'t Entry, line: &TextLine<'_>) -> bool {
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
    pub(super) fn doubtful(&mut self, pattern: &Line, raw: &str, why: Doubt, origin: Origin) {
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
    pub(super) fn foreign(&mut self, entry: &'t Entry, line: &TextLine<'_>) -> bool {
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
            Kind::Each(each) => self.uncalled(each, line),
            _ => false,
        }
    }
}

/// The names that a word of an opening line stands for: `1/1-4` is `1/1` to `1/4` (devices-2.md 2.2).
pub(in crate::dialect::cli) fn each_of(word: &str) -> Vec<String> {
    match word.parse::<Set>() {
        Ok(set) if set.len() <= MOST_PORTS => set.members().collect(),
        _ => vec![word.to_owned()],
    }
}

/// Most names in one range.
const MOST_PORTS: usize = 256;

/// The key that a line names, where it begins as a pattern does up to its key.
pub(super) fn named_key(list: &Target, pattern: &Line, words: &[&str], origin: Origin) -> Option<Group> {
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

/// Makes the key of an entry of what fills the places of a line.
type MakeKey = fn(&Target, &Line, &[(&Slot, Vec<&str>)], Origin) -> Option<Group>;

/// The key fields of a line, as a group; `None` where one means nothing.
pub(in crate::dialect::cli) fn key_of(
    list: &Target,
    pattern: &Line,
    filled: &[(&Slot, Vec<&str>)],
    origin: Origin,
) -> Option<Group> {
    raw_key(list, pattern, filled, origin).filter(|key| key.key(Shape::device()).all(Value::is_known))
}

/// The same, a field that means nothing as the text that stands there.
fn raw_key(list: &Target, pattern: &Line, filled: &[(&Slot, Vec<&str>)], origin: Origin) -> Option<Group> {
    let shape = Shape::device();
    let id = key_group(list);
    let mut group = Group::new(id, origin);
    for (slot, words) in filled {
        let Fills::Setting(target, written) = &slot.fills else { continue };
        if target.field.key {
            let text = words.join(" ");
            let foreign = || Setting::Value(Fact::new(Value::foreign(&*text, written.doubt(&text)), origin));
            target.put(&mut group, written.decode(&text, origin).unwrap_or_else(foreign), origin);
        }
    }
    let whole = shape.group(id).keys().all(|(ix, _)| group.get(ix).is_some());
    (whole && !pattern.slots.is_empty()).then_some(group)
}

/// The whole path of a setting, down to its field.
pub(in crate::dialect) fn full_path<'t>(prefix: &str, target: &'t Target) -> Cow<'t, str> {
    if prefix.is_empty() { Cow::Borrowed(&target.leaf) } else { [prefix, ".", &target.leaf].concat().into() }
}
