//! What of a reading every device has that nobody set up.

use super::{Entry, Kind, table};
use crate::dialect::Dialect;
use crate::model::facts::{Facts, Group, Item, Setting};
use crate::model::shape::Shape;

/// The settings of a reading that have the table's `default=`, and nothing else. Leaving one out of a description says
/// the same: the device has it anyhow, and its export tells so.
pub fn usual(dialect: &Dialect, read: &Facts) -> Facts {
    let mut found = Facts::empty(Shape::device(), read.root.origin);
    for section in table(dialect).iter().flat_map(|table| &table.sections) {
        let Some(each) = &section.each else {
            section.entries.iter().for_each(|entry| take(entry, &read.root, &mut found.root));
            continue;
        };
        for item in each.list.items(&read.root).iter().flat_map(|items| &items.items) {
            let Some(items) = each.list.items_mut(&mut found.root, item.group.origin) else { continue };
            let key = item.group.fact(each.key);
            let at = items.items.iter().position(|known| known.group.fact(each.key) == key).unwrap_or_else(|| {
                let mut group = Group::new(each.group, item.group.origin);
                key.map(|key| group.set(each.key, Setting::Value(key.clone())));
                items.items.push(Item { group, dropped: false });
                items.items.len() - 1
            });
            section.entries.iter().for_each(|entry| take(entry, &item.group, &mut items.items[at].group));
        }
    }
    found
}

fn take(entry: &Entry, from: &Group, to: &mut Group) {
    let (Kind::Scalar(codec), Some(default)) = (&entry.kind, &entry.default) else { return };
    if let Some(fact) = entry.at.fact(from).filter(|fact| codec.decode(default).as_ref() == Some(&fact.value)) {
        entry.at.put_fact(to, fact.clone());
    }
}
