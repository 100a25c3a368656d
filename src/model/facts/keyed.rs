//! Entries of a list by their key: a list of thousands is not walked once for each of its entries.

use std::sync::OnceLock;

use foldhash::HashMap;

use super::{Group, Item, key_text, same_key};
use crate::model::shape::Shape;

/// As many entries are looked through without a table: people write a handful.
const FEW: usize = 16;

/// Where the entries of one list stand, by key. It follows a list that grows at its end; an entry that leaves is
/// told to it, and entries that move need another index.
#[derive(Debug, Default)]
pub struct Keyed {
    places: HashMap<String, Vec<usize>>,
    known: usize,
}

impl Keyed {
    /// The first entry with the same, wholly known key. Lists without keys have none.
    pub fn find(&mut self, shape: &Shape, items: &[Item], group: &Group) -> Option<usize> {
        shape.group(group.shape).keys().next()?;
        if items.len() <= FEW {
            return items.iter().position(|item| same_key(shape, &item.group, group));
        }
        if items.len() < self.known {
            *self = Keyed::default();
        }
        self.follow(shape, items);
        // two kinds of value may read alike, so the key itself decides
        self.alike(&key_text(shape, group)).find(|place| same_key(shape, &items[*place].group, group))
    }

    /// Follows a list that grew.
    fn follow(&mut self, shape: &Shape, items: &[Item]) {
        for (place, item) in items.iter().enumerate().skip(self.known) {
            self.places.entry(key_text(shape, &item.group)).or_default().push(place);
        }
        self.known = items.len();
    }

    /// Where entries stand whose keys read so.
    fn alike(&self, key: &str) -> impl Iterator<Item = usize> {
        self.places.get(key).into_iter().flatten().copied()
    }

    /// Follows an entry that leaves the list: those behind it move up.
    pub fn left(&mut self, place: usize) {
        for places in self.places.values_mut() {
            places.retain(|p| *p != place);
            places.iter_mut().filter(|p| **p > place).for_each(|p| *p -= 1);
        }
        self.known -= usize::from(place < self.known);
    }
}

/// The same of a list that is asked and does not change: a path names an entry by its key. Made when it is first asked.
#[derive(Default)]
pub(super) struct Places(OnceLock<Keyed>);

impl Places {
    /// The entry that is meant, of those whose keys read so.
    pub(super) fn find<'i>(
        &self,
        shape: &Shape,
        items: &'i [Item],
        key: &str,
        is: impl Fn(&Group) -> bool,
    ) -> Option<&'i Item> {
        let is = |item: &&Item| is(&item.group);
        let walked = || items.iter().find(is);
        if items.len() <= FEW {
            return walked();
        }
        let keyed = self.0.get_or_init(|| {
            let mut keyed = Keyed::default();
            keyed.follow(shape, items);
            keyed
        });
        // where the list was changed since, what is known of it may be wrong
        keyed.alike(key).filter_map(|place| items.get(place)).find(is).or_else(walked)
    }
}

/// A copy is another list, and may be changed.
impl Clone for Places {
    fn clone(&self) -> Places {
        Places::default()
    }
}

impl std::fmt::Debug for Places {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("_")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::{Fact, Items, Setting, Value};
    use crate::source::Origin;

    fn accounts(names: impl IntoIterator<Item = Value>) -> Vec<Item> {
        let shape = Shape::device();
        let (_, accounts) = shape.root().field("accounts").unwrap();
        let crate::model::shape::Kind::Group(id) = accounts.kind else { panic!() };
        let (_, account) = shape.group(id).field("account").unwrap();
        let crate::model::shape::Kind::Groups(id) = account.kind else { panic!() };
        let (name, _) = shape.group(id).keys().next().unwrap();
        let entry = |value| {
            let mut group = Group::new(id, Origin::NONE);
            group.set(name, Setting::Value(Fact::new(value, Origin::NONE)));
            Item { group, dropped: false }
        };
        names.into_iter().map(entry).collect()
    }

    #[test]
    fn what_is_found_is_what_looking_through_finds() {
        let text = |i: usize| Value::Text(format!("u{}", i % 40).into());
        let mut all = accounts((0..100).map(|i| if i % 7 == 0 { Value::Bad } else { text(i) }));
        let late = all.split_off(60);
        let shape = Shape::device();
        let mut keyed = Keyed::default();
        for item in late {
            let walked = all.iter().position(|i| same_key(shape, &i.group, &item.group));
            assert_eq!(keyed.find(shape, &all, &item.group), walked);
            all.push(item);
        }
        assert!(all.len() == 100 && keyed.known == 99);
    }

    #[test]
    fn an_entry_is_found_by_its_key_whatever_happens_to_the_list() {
        let shape = Shape::device();
        let names = (0..60).map(|i| Value::Text(format!("u{}", i % 40).into()));
        let mut list = Items::new(Origin::NONE, accounts(names));
        for _ in 0..3 {
            for name in (0..45).map(|i| format!("u{i}")) {
                let walked = list.items.iter().position(|i| key_text(shape, &i.group) == name);
                assert_eq!(list.find(shape, &name), walked.map(|at| &list.items[at]), "{name}");
            }
            list.items.truncate(list.items.len() - 10);
            list.items.swap(0, 12);
        }
    }

    #[test]
    fn of_two_that_read_alike_the_one_with_the_same_key_is_found() {
        let shape = Shape::device();
        let names = (0..40).map(|i| Value::Text(i.to_string().into())).chain((0..40).map(Value::Int));
        let list = Items::new(Origin::NONE, accounts(names));
        for item in &list.items {
            assert_eq!(list.like(shape, &item.group), Some(item));
        }
    }

    #[test]
    fn what_left_is_not_found_and_what_stood_behind_is_found_where_it_moved() {
        let mut all = accounts((0..40).map(|i| Value::Text(format!("u{i}").into())));
        let (shape, mut keyed) = (Shape::device(), Keyed::default());
        let wanted: Vec<Item> = all.clone();
        for gone in [39, 7, 0] {
            assert_eq!(keyed.find(shape, &all, &wanted[gone].group), Some(gone));
            all.remove(gone);
            keyed.left(gone);
            for item in &wanted {
                let walked = all.iter().position(|i| same_key(shape, &i.group, &item.group));
                assert_eq!(keyed.find(shape, &all, &item.group), walked);
            }
        }
    }
}
