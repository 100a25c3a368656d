//! Lists of entries: those that come, those that go, and what differs in those that stay.

use std::collections::HashSet;

use super::values::same;
use super::{At, Walk, asks_to_go};
use crate::model::facts::{Fact, Group, Item, Items, Keyed, Setting, Value, key_text};
use crate::model::shape::FieldShape;
use crate::native::Side;
use crate::source::Origin;

impl Walk<'_> {
    pub(super) fn items(&mut self, field: &FieldShape, own: &Items, there: Option<&Items>, at: &At) {
        let there = there.map_or(&[][..], |i| &i.items);
        let keyed = own.items.iter().map(|i| i.group.shape).chain(there.iter().map(|i| i.group.shape));
        if keyed.take(1).any(|shape| self.shape.group(shape).keys().next().is_some()) {
            self.keyed(field, own, there, at);
        } else {
            self.unkeyed(field, own, there, at);
        }
    }

    fn keyed(&mut self, field: &FieldShape, own: &Items, there: &[Item], at: &At) {
        let shape = self.shape;
        let (mut theirs, mut ours) = (Keyed::default(), Keyed::default());
        for item in &own.items {
            let at = At::Entry(at, shape, &item.group);
            match theirs.find(shape, there, &item.group) {
                Some(place) if asks_to_go(shape, &item.group) => {
                    self.goes(field, &there[place].group, item.group.origin, &at);
                }
                None if asks_to_go(shape, &item.group) && !self.unread => {}
                // nobody knows that it is not there
                None if asks_to_go(shape, &item.group) => self.goes(field, &item.group, item.group.origin, &at),
                Some(place) => self.group(&item.group, Some(&there[place].group), &at),
                None => self.comes(field, &item.group, &at),
            }
        }
        // entries that exist by hardware are not taken away by writing others
        if !field.fixed {
            for item in there.iter().filter(|i| ours.find(shape, &own.items, &i.group).is_none()) {
                self.goes(field, &item.group, own.origin, &At::Entry(at, shape, &item.group));
            }
        }
        if field.ordered {
            self.order(own, there, at);
        }
    }

    /// The common entries of an ordered list stand in another order.
    fn order(&mut self, own: &Items, there: &[Item], at: &At) {
        let key = |item: &Item| key_text(self.shape, &item.group);
        let (own_keys, their_keys): (Vec<_>, Vec<_>) =
            (own.items.iter().map(key).collect(), there.iter().map(key).collect());
        let only = |list: &[String], other: &[String]| -> Vec<String> {
            let other: HashSet<&String> = other.iter().collect();
            list.iter().filter(|k| other.contains(k)).cloned().collect()
        };
        let (wanted, found) = (only(&own_keys, &their_keys), only(&their_keys, &own_keys));
        if wanted != found {
            let change = self.change(at.path(), Side::Order(found), Side::Order(wanted), own.origin);
            self.report(change);
        }
    }

    /// Entries without a key are the same or not; in an ordered list at the same place.
    fn unkeyed(&mut self, field: &FieldShape, own: &Items, there: &[Item], at: &At) {
        let mut left: Vec<&Item> = there.iter().collect();
        for (index, item) in own.items.iter().enumerate() {
            let at = At::Numbered(at, index + 1);
            let found = if field.ordered {
                there.get(index).and_then(|t| left.iter().position(|l| std::ptr::eq(*l, t)))
            } else {
                left.iter().position(|t| self.same_group(&item.group, &t.group))
            };
            match found.map(|place| left.remove(place)) {
                Some(other) => self.group(&item.group, Some(&other.group), &at),
                None => self.comes(field, &item.group, &at),
            }
        }
        for item in left {
            let number = there.iter().position(|t| std::ptr::eq(t, item)).unwrap_or(0) + 1;
            self.goes(field, &item.group, own.origin, &At::Numbered(at, number));
        }
    }

    /// Whether everything that is asked for stands in another group. Secrets don't count.
    fn same_group(&self, own: &Group, there: &Group) -> bool {
        let declared = self.shape.group(own.shape);
        own.iter().filter(|(ix, _)| declared.at(*ix).is_told()).all(|(ix, setting)| match (setting, there.get(ix)) {
            (Setting::Value(Fact { value: Value::Secret(_), .. }), _) => true,
            (Setting::Value(a), Some(Setting::Value(b))) => same(declared.at(ix), &a.value, &b.value),
            (Setting::Group(a), Some(Setting::Group(b))) => self.same_group(a, b),
            (Setting::Items(a), Some(Setting::Items(b))) => {
                a.items.len() == b.items.len()
                    && a.items.iter().all(|a| b.items.iter().any(|b| self.same_group(&a.group, &b.group)))
            }
            _ => false,
        })
    }

    /// One change for the entry, then one for each secret and list in it.
    fn comes(&mut self, field: &FieldShape, group: &Group, at: &At) {
        let change = self.change(at.path(), Side::Nothing, Side::Entry(field.name, group.clone()), group.origin);
        self.report(change);
        let outside = std::mem::replace(&mut self.in_new_entry, true);
        let declared = self.shape.group(group.shape);
        for (ix, setting) in group.iter() {
            let field = declared.at(ix);
            let at = At::Field(at, field.name);
            match setting {
                Setting::Value(fact) if matches!(fact.value, Value::Secret(_)) => self.value(field, fact, None, &at),
                Setting::Value(_) => {}
                Setting::Group(inner) => self.group(inner, None, &at),
                Setting::Items(items) => self.items(field, items, None, &at),
            }
        }
        self.in_new_entry = outside;
    }

    fn goes(&mut self, field: &FieldShape, group: &Group, origin: Origin, at: &At) {
        let change = self.change(at.path(), Side::Entry(field.name, group.clone()), Side::Nothing, origin);
        self.report(change);
    }
}
