//! Where an entry's value lies among the facts: a path, resolved once, with the keys of lists as values.

use crate::model::facts::{Fact, Facts, Group, Item, Items, Setting, Value};
use crate::model::shape::{FieldIx, FieldShape, GroupId, Kind, ScalarKind, Shape, parse_scalar, split_path};
use crate::source::Origin;

#[derive(Debug, Clone)]
enum Step {
    Group(FieldIx, GroupId),
    Item(FieldIx, GroupId, Vec<(FieldIx, Value)>),
}

/// A path from some group to a scalar, a list of scalars, or a list of groups.
#[derive(Debug, Clone)]
pub struct Target {
    /// As written: `login.lockout.after`; a path to a group with a head means the head.
    pub path: Box<str>,
    /// The same down to the value: `services.snmp.enabled`, as [`crate::model::facts::leaves`] names it.
    pub leaf: Box<str>,
    /// The field it ends at.
    pub field: &'static FieldShape,
    /// The group of the list's entries, where it ends at one.
    pub list: Option<GroupId>,
    steps: Vec<Step>,
    last: FieldIx,
}

impl Target {
    /// Resolves a path that begins at a group of the device's shape. `None` where a name is unknown, a list on the
    /// way has no key, or a key is no value of its field.
    pub fn resolve(from: GroupId, path: &str) -> Option<Target> {
        let shape = Shape::device();
        let mut steps = Vec::new();
        let mut group = from;
        let parts = split_path(path);
        for (i, part) in parts.iter().enumerate() {
            let (name, key) = match part.split_once('[') {
                Some((name, rest)) => (name, Some(rest.strip_suffix(']')?)),
                None => (*part, None),
            };
            let (ix, field) = shape.group(group).field(name)?;
            let end = i + 1 == parts.len();
            match (&field.kind, key) {
                (Kind::Scalar(_) | Kind::Scalars(_), None) if end => {
                    return Some(Target { path: path.into(), leaf: path.into(), field, list: None, steps, last: ix });
                }
                (Kind::Groups(id), None) if end => {
                    return Some(Target {
                        path: path.into(),
                        leaf: path.into(),
                        field,
                        list: Some(*id),
                        steps,
                        last: ix,
                    });
                }
                (Kind::Group(id), None) => {
                    steps.push(Step::Group(ix, *id));
                    group = *id;
                    if end {
                        let (ix, field) = shape.group(group).head()?;
                        let leaf = format!("{path}.{}", field.name).into();
                        return Some(Target { path: path.into(), leaf, field, list: None, steps, last: ix });
                    }
                }
                (Kind::Groups(id), Some(key)) => {
                    let fields: Vec<(FieldIx, &FieldShape)> = shape.group(*id).keys().collect();
                    let words: Vec<&str> = if fields.len() == 1 { vec![key] } else { key.split(',').collect() };
                    if words.len() != fields.len() {
                        return None;
                    }
                    let mut keys = Vec::new();
                    for ((ix, field), word) in fields.into_iter().zip(words) {
                        let Kind::Scalar(kind) = &field.kind else { return None };
                        keys.push((ix, parse_scalar(kind, field.word, word)?));
                    }
                    steps.push(Step::Item(ix, *id, keys));
                    group = *id;
                    if end {
                        let (ix, field) = shape.group(group).head()?;
                        let leaf = format!("{path}.{}", field.name).into();
                        return Some(Target { path: path.into(), leaf, field, list: None, steps, last: ix });
                    }
                }
                _ => return None,
            }
        }
        None
    }

    /// The kind of one value that stands there; `None` for a list of groups.
    pub fn scalar(&self) -> Option<&'static ScalarKind> {
        match &self.field.kind {
            Kind::Scalar(kind) | Kind::Scalars(kind) => Some(kind),
            _ => None,
        }
    }

    /// Whether several values stand there.
    pub fn is_scalars(&self) -> bool {
        matches!(self.field.kind, Kind::Scalars(_))
    }

    /// Whether one value holds several things: VLANs, ports.
    pub fn is_set(&self) -> bool {
        matches!(self.field.kind, Kind::Scalar(ScalarKind::Vlans | ScalarKind::Ports | ScalarKind::PortNumbers))
    }

    /// The group that holds its field.
    pub fn holder<'a>(&self, from: &'a Group) -> Option<&'a Group> {
        let mut here = from;
        for step in &self.steps {
            here = match (step, here.get(step.field())?) {
                (Step::Group(..), Setting::Group(inner)) => inner,
                (Step::Item(_, _, keys), Setting::Items(items)) => &items.items[find(items, keys)?].group,
                _ => return None,
            };
        }
        Some(here)
    }

    /// What stands there.
    pub fn get<'a>(&self, from: &'a Group) -> Option<&'a Setting> {
        self.holder(from)?.get(self.last)
    }

    /// The value that stands there.
    pub fn fact<'a>(&self, from: &'a Group) -> Option<&'a Fact> {
        self.holder(from)?.fact(self.last)
    }

    /// The entries that stand there; `Some` and empty where the list is said to be empty.
    pub fn items<'a>(&self, from: &'a Group) -> Option<&'a Items> {
        match self.get(from)? {
            Setting::Items(items) => Some(items),
            _ => None,
        }
    }

    /// The list of entries that stands there, made where it is missing.
    pub fn items_mut<'a>(&self, from: &'a mut Group, origin: Origin) -> Option<&'a mut Items> {
        let mut here = from;
        for step in &self.steps {
            here = step.enter(here, origin)?;
        }
        here.items_mut(self.last, origin)
    }

    /// Puts something there; groups and entries on the way are made where they are missing.
    pub fn put(&self, from: &mut Group, setting: Setting, origin: Origin) {
        let mut here = from;
        for step in &self.steps {
            // a field of another kind can't stand there: path and facts are of one shape
            let Some(next) = step.enter(here, origin) else { return };
            here = next;
        }
        here.set(self.last, setting);
    }

    /// Puts a value there.
    pub fn put_fact(&self, from: &mut Group, fact: Fact) {
        let origin = fact.origin;
        self.put(from, Setting::Value(fact), origin);
    }

    /// Takes the value out that stands there.
    pub fn take_fact(&self, from: &mut Group) -> Option<Fact> {
        let origin = self.fact(from)?.origin;
        let mut here = from;
        for step in &self.steps {
            here = step.enter(here, origin)?;
        }
        match here.remove(self.last)? {
            Setting::Value(fact) => Some(fact),
            _ => None,
        }
    }

    /// The value among all facts of a device, for paths that begin at the root.
    pub fn of<'a>(&self, facts: &'a Facts) -> Option<&'a Fact> {
        self.fact(&facts.root)
    }
}

impl Step {
    /// What lies behind the step, made where it is missing.
    fn enter<'a>(&self, from: &'a mut Group, origin: Origin) -> Option<&'a mut Group> {
        match self {
            Step::Group(ix, id) => from.group_mut(*ix, *id, origin),
            Step::Item(ix, id, keys) => from.items_mut(*ix, origin).map(|items| entry(items, *id, keys, origin)),
        }
    }

    fn field(&self) -> FieldIx {
        match self {
            Step::Group(ix, _) | Step::Item(ix, _, _) => *ix,
        }
    }
}

fn find(items: &Items, keys: &[(FieldIx, Value)]) -> Option<usize> {
    let same = |i: &Item| keys.iter().all(|(ix, v)| i.group.fact(*ix).is_some_and(|f| f.value == *v));
    items.items.iter().position(same)
}

fn entry<'a>(items: &'a mut Items, id: GroupId, keys: &[(FieldIx, Value)], origin: Origin) -> &'a mut Group {
    let at = find(items, keys).unwrap_or_else(|| {
        let mut group = Group::new(id, origin);
        for (ix, value) in keys {
            group.set(*ix, Setting::Value(Fact::new(value.clone(), origin)));
        }
        items.items.push(Item { group, dropped: false });
        items.items.len() - 1
    });
    &mut items.items[at].group
}
