//! The sides of a change as text, as KDL would say them.

use crate::model::facts::{Group, Setting, Value, quote};
use crate::model::shape::{At, Shape};
use crate::native::{Change, HIDDEN, Side, is_hidden};

/// What the device has, and what is desired; none where it is nothing.
pub fn sides(change: &Change) -> (Option<String>, Option<String>) {
    (side(&change.before), side(&change.after))
}

/// One of them.
pub fn side(side: &Side) -> Option<String> {
    Some(match side {
        Side::Nothing => return None,
        Side::Hidden => HIDDEN.to_owned(),
        Side::Unread => "<not read>".to_owned(),
        Side::Value(known) => value(known),
        Side::Entry(name, group) => entry(name, group),
        Side::Order(keys) => keys.iter().map(|key| quote(key)).collect::<Vec<_>>().join(" "),
    })
}

/// An entry as one would write it on a line: `host "10.20.0.10"`; without secrets, notes and blocks.
fn entry(name: &str, group: &Group) -> String {
    let declared = Shape::device().group(group.shape);
    let mut line = name.to_owned();
    for (ix, setting) in group.iter() {
        let field = declared.at(ix);
        let Setting::Value(fact) = setting else { continue };
        if !field.is_told() || matches!(fact.value, Value::Secret(_) | Value::Held | Value::Bad) {
            continue;
        }
        match field.at {
            At::Arg => line.push_str(&format!(" {}", value(&fact.value))),
            At::Prop | At::Child => line.push_str(&format!(" {}={}", field.name, value(&fact.value))),
        }
    }
    line
}

fn value(value: &Value) -> String {
    match value {
        Value::Held => "set".to_owned(),
        hidden if is_hidden(hidden) => HIDDEN.to_owned(),
        Value::Foreign(foreign) => format!("{}: {}", foreign.raw, foreign.why),
        value => value.to_kdl(),
    }
}
