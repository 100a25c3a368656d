//! Dotted paths to settings: `login.lockout.after`, `serial.port[1].mode.data-port`.

use super::{Facts, Group, Setting, Value};
use crate::model::shape::{FieldIx, Kind, Shape, split_path};

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
    group.key(shape).map(Value::plain).collect::<Vec<_>>().join(",")
}

/// A dotted path without its keys: `serial.port[1].mode` is `serial.port.mode`.
pub fn without_keys(path: &str) -> String {
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
                    group = &items.items.iter().find(|i| key_text(self.shape, &i.group) == **key)?.group;
                }
                _ => return None,
            }
        }
    }

    /// The value at a dotted path, where there is one. A path to a group means its head: `services.telnet`.
    pub fn value(&self, path: &str) -> Option<&super::Fact> {
        let path = Path::parse(self.shape, path).ok()?;
        match self.at(&path)? {
            Setting::Value(fact) => Some(fact),
            Setting::Group(group) => {
                let (ix, _) = self.shape.group(group.shape).head()?;
                group.fact(ix)
            }
            Setting::Items(_) => None,
        }
    }

    /// The group at a dotted path; an entry of a list is reached by its key in brackets.
    pub fn group(&self, path: &str) -> Option<&Group> {
        let path = Path::parse(self.shape, path).ok()?;
        let mut group = &self.root;
        let mut steps = path.steps.iter().peekable();
        while let Some(step) = steps.next() {
            let Step::Field(ix) = step else { return None };
            group = match (group.get(*ix)?, steps.peek()) {
                (Setting::Group(inner), _) => inner,
                (Setting::Items(items), Some(Step::Key(key))) => {
                    steps.next();
                    &items.items.iter().find(|i| key_text(self.shape, &i.group) == **key)?.group
                }
                _ => return None,
            };
        }
        Some(group)
    }
}
