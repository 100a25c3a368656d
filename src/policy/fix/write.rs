//! Settings as a person writes them, on one line.

use crate::model::facts::{Group, Setting};
use crate::model::shape::{At, Shape};

/// The settings of a group as KDL on one line: `login { lockout on after=3 }`.
pub(super) fn block(shape: &Shape, group: &Group) -> String {
    let declared = shape.group(group.shape);
    let mut nodes = Vec::new();
    for (ix, setting) in group.iter() {
        let field = declared.at(ix);
        match setting {
            Setting::Value(_) if field.at != At::Child => {}
            Setting::Value(fact) => nodes.push(format!("{} {}", field.name, fact.value.to_kdl_at(field))),
            Setting::Group(inner) => nodes.push(node(shape, field.name, inner)),
            Setting::Items(items) => nodes.extend(items.items.iter().map(|i| node(shape, field.name, &i.group))),
        }
    }
    nodes.join("; ")
}

fn node(shape: &Shape, name: &str, group: &Group) -> String {
    let declared = shape.group(group.shape);
    let mut line = name.to_owned();
    for at in [At::Arg, At::Prop] {
        for (ix, setting) in group.iter() {
            let (field, Setting::Value(fact)) = (declared.at(ix), setting) else { continue };
            match field.at {
                here if here != at => {}
                At::Arg => line.push_str(&format!(" {}", fact.value.to_kdl_at(field))),
                _ => line.push_str(&format!(" {}={}", field.name, fact.value.to_kdl_at(field))),
            }
        }
    }
    let inside = block(shape, group);
    if inside.is_empty() { line } else { format!("{line} {{ {inside} }}") }
}
