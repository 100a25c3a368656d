//! Entries of a device's lists while lines are read: each list has its index, so that thousands of lines about
//! thousands of entries are read in a straight line.

use foldhash::HashMap;

use super::Target;
use crate::model::facts::{Fact, Group, Item, Keyed, Setting};
use crate::model::shape::{Kind, Shape, parse_scalar};
use crate::model::value::Set;
use crate::source::Origin;

/// Indexes of the lists that were read so far, by path.
#[derive(Debug, Default)]
pub(super) struct Entries {
    keyed: HashMap<Box<str>, Keyed>,
}

impl Entries {
    /// The entry of a list with that key, made where it is missing. `None` where the text is no key.
    pub(super) fn entry(&mut self, root: &mut Group, list: &Target, key: &str, origin: Origin) -> Option<Group> {
        let (shape, id) = (Shape::device(), list.list?);
        let [(ix, field)] = shape.group(id).keys().collect::<Vec<_>>()[..] else { return None };
        let Kind::Scalar(kind) = &field.kind else { return None };
        // in a description it would mean several, or nothing
        if field.spread && key.contains([',', '-']) && !key.parse::<Set>().is_ok_and(|set| set.members().eq([key])) {
            return None;
        }
        let items = list.items_mut(root, origin)?;
        let mut group = Group::new(id, origin);
        group.set(ix, Setting::Value(Fact::new(parse_scalar(kind, field.word, key)?, origin)));
        match self.of(list).find(shape, &items.items, &group) {
            Some(at) => Some(items.items[at].group.clone()),
            None => {
                items.items.push(Item { group: group.clone(), dropped: false });
                Some(group)
            }
        }
    }

    /// The same by the key as a group, of one field or several.
    pub(super) fn keyed(&mut self, root: &mut Group, list: &Target, key: Group, origin: Origin) -> Option<Group> {
        let items = list.items_mut(root, origin)?;
        match self.of(list).find(Shape::device(), &items.items, &key) {
            Some(at) => Some(items.items[at].group.clone()),
            None => {
                items.items.push(Item { group: key.clone(), dropped: false });
                Some(key)
            }
        }
    }

    /// Whether an entry of that key is there.
    pub(super) fn has(&mut self, root: &Group, list: &Target, key: &Group) -> bool {
        list.items(root).is_some_and(|items| self.of(list).find(Shape::device(), &items.items, key).is_some())
    }

    /// Puts an entry where the one of its key stands, or at the end.
    pub(super) fn put(&mut self, root: &mut Group, list: &Target, group: Group) {
        let Some(items) = list.items_mut(root, group.origin) else { return };
        match self.of(list).find(Shape::device(), &items.items, &group) {
            Some(at) => items.items[at].group = group,
            None => items.items.push(Item { group, dropped: false }),
        }
    }

    /// Takes the entry of that key away; whether it was there.
    pub(super) fn take(&mut self, root: &mut Group, list: &Target, key: &Group) -> bool {
        if list.items(root).is_none() {
            return false;
        }
        let Some(items) = list.items_mut(root, key.origin) else { return false };
        let index = self.of(list);
        let Some(at) = index.find(Shape::device(), &items.items, key) else { return false };
        items.items.remove(at);
        index.left(at);
        true
    }

    fn of(&mut self, list: &Target) -> &mut Keyed {
        self.keyed.entry(list.path.clone()).or_default()
    }
}
