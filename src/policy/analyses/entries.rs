//! What an entry of a list says, of any device.

use crate::model::Facts;
use crate::model::facts::{Group, Items, Value};
use crate::policy::analysis::field;

/// The entries of a list, none where nobody says anything of it.
pub(super) fn entries<'a>(facts: &'a Facts, list: &str) -> impl Iterator<Item = &'a Group> {
    let items = facts.items(list).map(|Items { items, .. }| items.as_slice()).unwrap_or_default();
    items.iter().map(|item| &item.group)
}

/// Those that are not off.
pub(super) fn in_use<'a>(facts: &'a Facts, list: &str) -> impl Iterator<Item = &'a Group> {
    entries(facts, list).filter(|group| !is_off(facts, group))
}

/// A field's value.
pub(super) fn value<'a>(facts: &Facts, group: &'a Group, name: &str) -> Option<&'a Value> {
    field(facts, group, name).map(|fact| &fact.value)
}

/// The same, where it is a word or text.
pub(super) fn text<'a>(facts: &Facts, group: &'a Group, name: &str) -> Option<&'a str> {
    value(facts, group, name).and_then(Value::text)
}

/// The same, where it is a number.
pub(super) fn int(facts: &Facts, group: &Group, name: &str) -> Option<i64> {
    match value(facts, group, name)? {
        Value::Int(n) => Some(*n),
        _ => None,
    }
}

/// Whether a switch is on.
pub(super) fn is_on(facts: &Facts, group: &Group, name: &str) -> bool {
    value(facts, group, name) == Some(&Value::Switch(true))
}

/// Whether somebody says that it is off.
pub(super) fn is_off(facts: &Facts, group: &Group) -> bool {
    value(facts, group, "enabled") == Some(&Value::Switch(false))
}
