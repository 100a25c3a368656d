//! Going through all values of a tree, each with its path.

use super::path::key_text;
use super::{Fact, Facts, Group, Setting};
use crate::model::shape::FieldShape;

/// A value with its path and the field that declares it.
pub struct Leaf<'a> {
    /// Dotted path with keys in brackets.
    pub path: String,
    /// The value.
    pub fact: &'a Fact,
    /// Its declaration.
    pub field: &'static FieldShape,
}

/// All values in order of declaration, lists in their own order. Key fields of entries are left out: they stand in
/// the path.
pub fn leaves(facts: &Facts) -> impl Iterator<Item = Leaf<'_>> {
    let mut found = Vec::new();
    visit(facts, &facts.root, "", &mut found);
    found.into_iter()
}

fn visit<'a>(facts: &Facts, group: &'a Group, prefix: &str, found: &mut Vec<Leaf<'a>>) {
    let shape = facts.shape;
    for (ix, setting) in group.iter() {
        let field = shape.group(group.shape).at(ix);
        let path = if prefix.is_empty() { field.name.to_owned() } else { format!("{prefix}.{}", field.name) };
        match setting {
            Setting::Value(_) if field.key && !prefix.is_empty() => {}
            Setting::Value(fact) => found.push(Leaf { path, fact, field }),
            Setting::Group(inner) => visit(facts, inner, &path, found),
            Setting::Items(items) => {
                for (i, item) in items.items.iter().enumerate() {
                    let key = key_text(shape, &item.group);
                    let key = if key.is_empty() { (i + 1).to_string() } else { key };
                    visit(facts, &item.group, &format!("{path}[{key}]"), found);
                }
            }
        }
    }
}
