//! Dotted paths to settings: `login.lockout.after`, `serial.port[1].mode.data-port`.

use super::{Fact, Facts, Group, Items, Setting, Value};
use crate::model::shape::{FieldIx, Kind, Shape, path_parts, split_path};

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Into a field.
    Field(FieldIx),
    /// To the entry of a list with this key, as shown in brackets (several key fields are joined by a comma).
    Key(Box<str>),
}

/// A path, resolved against a shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Its steps from the root.
    pub steps: Vec<Step>,
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A name that the shape does not have.
    #[error("no setting is called `{0}`")]
    Unknown(String),
    /// A list without a key in brackets on the way to something below it.
    #[error("`{0}` is a list: say which entry in brackets, `{0}[...]`")]
    NoKey(String),
}

impl Path {
    /// Reads a path. A list may end the path without brackets; on the way it needs them.
    pub fn parse(shape: &Shape, text: &str) -> Result<Path, PathError> {
        let mut steps = Vec::new();
        let mut group = Some(shape.root);
        let parts = split_path(text);
        for (i, part) in parts.iter().enumerate() {
            let (name, key) = match part.split_once('[') {
                Some((name, rest)) => (name, Some(rest.trim_end_matches(']'))),
                None => (*part, None),
            };
            let at = group.ok_or_else(|| PathError::Unknown((*part).to_owned()))?;
            let (ix, field) = shape.group(at).field(name).ok_or_else(|| PathError::Unknown(name.to_owned()))?;
            steps.push(Step::Field(ix));
            group = match field.kind {
                Kind::Group(id) | Kind::Groups(id) => Some(id),
                _ => None,
            };
            match (&field.kind, key) {
                (Kind::Groups(_), Some(key)) => steps.push(Step::Key(key.into())),
                (Kind::Groups(_), None) if i + 1 < parts.len() => return Err(PathError::NoKey(name.to_owned())),
                (_, Some(_)) => return Err(PathError::Unknown((*part).to_owned())),
                _ => {}
            }
        }
        Ok(Path { steps })
    }
}

/// The key of an item as it stands in brackets.
pub fn key_text(shape: &Shape, group: &Group) -> String {
    let mut keys = group.key(shape);
    let Some(first) = keys.next() else { return String::new() };
    keys.fold(first.plain(), |text, key| format!("{text},{}", key.plain()))
}

/// Whether an item has this key.
pub(super) fn has_key(shape: &Shape, group: &Group, wanted: &str) -> bool {
    let mut keys = group.key(shape);
    match (keys.next().and_then(Value::text), keys.next()) {
        (Some(only), None) => only == wanted,
        _ => key_text(shape, group) == wanted,
    }
}

/// The path of a name in a group: `services.ssh`; at the root the name itself.
pub fn below(group: &str, name: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{group}.{name}") }
}

/// Whether one of two paths is the other, or within it.
pub fn overlap(one: &str, other: &str) -> bool {
    is_within(one, other) || is_within(other, one)
}

/// Whether a path is a setting, one of its entries, or something in it.
pub fn is_within(path: &str, setting: &str) -> bool {
    path.strip_prefix(setting).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A dotted path without its keys: `serial.port[1].mode` is `serial.port.mode`.
pub fn without_keys(path: &str) -> String {
    if !path.contains('[') {
        return path.to_owned();
    }
    let mut depth = 0;
    let keep = |c: &char| {
        depth += usize::from(*c == '[');
        let kept = depth == 0;
        depth -= usize::from(*c == ']' && depth > 0);
        kept
    };
    path.chars().filter(keep).collect()
}

impl Facts {
    /// What stands at a path. A path to a group with a head (`lockout`) gives the group.
    pub fn at(&self, path: &Path) -> Option<&Setting> {
        let mut steps = path.steps.iter().peekable();
        let Step::Field(first) = steps.next()? else { return None };
        let mut here = self.root.get(*first)?;
        for step in steps {
            here = match (step, here) {
                (Step::Field(ix), Setting::Group(group)) => group.get(*ix)?,
                (Step::Key(_), Setting::Items(_)) => {
                    return self.below_item(path);
                }
                _ => return None,
            };
        }
        Some(here)
    }

    /// The slow way, for paths through lists: an item is a group, not a setting.
    fn below_item(&self, path: &Path) -> Option<&Setting> {
        let mut group = &self.root;
        let mut steps = path.steps.iter().peekable();
        loop {
            let Step::Field(ix) = steps.next()? else { return None };
            let setting = group.get(*ix)?;
            match (setting, steps.peek()) {
                (_, None) => return Some(setting),
                (Setting::Group(inner), _) => group = inner,
                (Setting::Items(items), Some(Step::Key(key))) => {
                    steps.next();
                    group = &items.find(self.shape, key)?.group;
                }
                _ => return None,
            }
        }
    }

    /// The value at a dotted path, where there is one. A path to a group means its head: `services.telnet`.
    pub fn value(&self, path: &str) -> Option<&Fact> {
        match self.setting(path)? {
            Setting::Value(fact) => Some(fact),
            Setting::Group(group) => {
                let (ix, _) = self.shape.group(group.shape).head()?;
                group.fact(ix)
            }
            Setting::Items(_) => None,
        }
    }

    /// The value at a dotted path that ends at it, to change.
    pub(crate) fn at_mut(&mut self, path: &str) -> Option<&mut Fact> {
        let path = Path::parse(self.shape, path).ok()?;
        let (shape, mut group) = (self.shape, &mut self.root);
        let mut steps = path.steps.iter().peekable();
        loop {
            let Step::Field(ix) = steps.next()? else { return None };
            group = match (group.get_mut(*ix)?, steps.peek()) {
                (Setting::Value(fact), None) => return Some(fact),
                (Setting::Group(inner), Some(_)) => inner,
                (Setting::Items(items), Some(Step::Key(key))) => {
                    steps.next();
                    &mut items.items.iter_mut().find(|item| has_key(shape, &item.group, key))?.group
                }
                _ => return None,
            };
        }
    }

    /// The list at a dotted path.
    pub fn items(&self, path: &str) -> Option<&Items> {
        match self.setting(path)? {
            Setting::Items(items) => Some(items),
            _ => None,
        }
    }

    /// The list at a dotted path without keys, to change.
    pub fn items_mut(&mut self, path: &str) -> Option<&mut Items> {
        let shape = self.shape;
        let mut group = &mut self.root;
        let (last, groups) = split_path(path).split_last().map(|(last, groups)| (*last, groups.to_vec()))?;
        for name in groups {
            let (ix, _) = shape.group(group.shape).field(name)?;
            let Setting::Group(inner) = group.get_mut(ix)? else { return None };
            group = inner;
        }
        let (ix, _) = shape.group(group.shape).field(last)?;
        match group.get_mut(ix)? {
            Setting::Items(items) => Some(items),
            _ => None,
        }
    }

    /// The group at a dotted path; an entry of a list is reached by its key in brackets.
    pub fn group(&self, path: &str) -> Option<&Group> {
        match self.place(path)? {
            PathEnd::Entry(group) | PathEnd::Setting(Setting::Group(group)) => Some(group),
            PathEnd::Setting(_) => None,
        }
    }

    /// Whether anything stands at a dotted path.
    pub fn says(&self, path: &str) -> bool {
        self.place(path).is_some()
    }

    /// What stands at a dotted path; `None` for an entry of a list.
    fn setting(&self, path: &str) -> Option<&Setting> {
        match self.place(path)? {
            PathEnd::Setting(setting) => Some(setting),
            PathEnd::Entry(_) => None,
        }
    }

    /// Follows a path as it is read: no [`Path`] is made of what is asked once.
    fn place(&self, path: &str) -> Option<PathEnd<'_>> {
        let mut group = &self.root;
        let mut rest = path;
        // names alone, as most paths are: bytes are looked through faster than a search is set up
        loop {
            let end = rest.bytes().position(|b| matches!(b, b'.' | b'['));
            match end.map(|at| (at, rest.as_bytes()[at])) {
                None => return group.get(self.shape.group(group.shape).field(rest)?.0).map(PathEnd::Setting),
                Some((at, b'.')) => {
                    let (ix, _) = self.shape.group(group.shape).field(&rest[..at])?;
                    let Setting::Group(inner) = group.get(ix)? else { return None };
                    (group, rest) = (inner, &rest[at + 1..]);
                }
                Some(_) => break,
            }
        }
        let mut parts = path_parts(rest).peekable();
        while let Some(part) = parts.next() {
            let (name, key) = match part.bytes().position(|b| b == b'[') {
                Some(at) => (&part[..at], Some(part[at + 1..].trim_end_matches(']'))),
                None => (part, None),
            };
            let (ix, _) = self.shape.group(group.shape).field(name)?;
            let setting = group.get(ix)?;
            let last = parts.peek().is_none();
            group = match (setting, key) {
                (Setting::Items(items), Some(key)) => {
                    let group = &items.find(self.shape, key)?.group;
                    if last {
                        return Some(PathEnd::Entry(group));
                    }
                    group
                }
                (_, Some(_)) => return None,
                (_, None) if last => return Some(PathEnd::Setting(setting)),
                (Setting::Group(inner), None) => inner,
                (Setting::Value(_) | Setting::Items(_), None) => return None,
            };
        }
        None
    }
}

/// Where a dotted path leads.
enum PathEnd<'a> {
    Setting(&'a Setting),
    Entry(&'a Group),
}
