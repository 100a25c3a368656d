//! Going through all values of a tree, each with its path.

use super::path::{below, key_text};
use super::{Fact, Facts, Group, Item, Setting};
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
    leaves_beneath(facts, &[""])
}

/// Those whose paths begin with one of some paths.
pub fn leaves_beneath<'a>(facts: &'a Facts, paths: &[&str]) -> impl Iterator<Item = Leaf<'a>> {
    let mut found = Vec::new();
    visit(facts, &facts.root, &mut String::new(), paths, &mut found);
    found.into_iter()
}

/// Entries that can't be called, each by its path and what stands for its key and is not believed.
pub fn uncalled(facts: &Facts) -> Vec<Leaf<'_>> {
    let mut found = Vec::new();
    uncalled_in(facts, &facts.root, "", &mut found);
    found
}

fn uncalled_in<'a>(facts: &'a Facts, group: &'a Group, prefix: &str, found: &mut Vec<Leaf<'a>>) {
    let declared = facts.shape.group(group.shape);
    for (ix, setting) in group.iter() {
        match setting {
            Setting::Value(_) => {}
            Setting::Group(inner) => uncalled_in(facts, inner, &below(prefix, declared.at(ix).name), found),
            Setting::Items(items) => {
                for Item { group, .. } in &items.items {
                    let path = || format!("{}[{}]", below(prefix, declared.at(ix).name), key_text(facts.shape, group));
                    let keys = facts.shape.group(group.shape).keys();
                    let foreign = keys.filter_map(|(ix, field)| Some((field, group.fact(ix)?)));
                    let foreign = foreign.filter(|(_, fact)| fact.value.doubt().is_some());
                    found.extend(foreign.map(|(field, fact)| Leaf { path: path(), fact, field }).next());
                    if group.iter().any(|(_, setting)| !matches!(setting, Setting::Value(_))) {
                        uncalled_in(facts, group, &path(), found);
                    }
                }
            }
        }
    }
}

/// All values, key fields of entries left out, without their paths.
pub fn each_value<'a>(facts: &'a Facts, visit: &mut impl FnMut(&'static FieldShape, &'a Fact)) {
    within(facts, &facts.root, visit);
}

fn within<'a>(facts: &'a Facts, group: &'a Group, visit: &mut impl FnMut(&'static FieldShape, &'a Fact)) {
    for (ix, setting) in group.iter() {
        let field = facts.shape.group(group.shape).at(ix);
        match setting {
            Setting::Value(_) if field.key && !std::ptr::eq(group, &facts.root) => {}
            Setting::Value(fact) => visit(field, fact),
            Setting::Group(inner) => within(facts, inner, visit),
            Setting::Items(items) => items.items.iter().for_each(|i| within(facts, &i.group, visit)),
        }
    }
}

/// The values and lists whose path is to be kept; groups that hold nothing else go.
pub fn only(facts: &Facts, keep: &impl Fn(&str) -> bool) -> Facts {
    Facts { shape: facts.shape, root: only_in(facts, &facts.root, "", keep) }
}

fn only_in(facts: &Facts, group: &Group, prefix: &str, keep: &impl Fn(&str) -> bool) -> Group {
    let mut kept = Group::new(group.shape, group.origin);
    for (ix, setting) in group.iter() {
        let name = facts.shape.group(group.shape).at(ix).name;
        let path = below(prefix, name);
        match setting {
            Setting::Group(inner) => {
                let inner = only_in(facts, inner, &path, keep);
                if !inner.is_empty() {
                    kept.set(ix, Setting::Group(inner));
                }
            }
            other if keep(&path) => drop(kept.set(ix, other.clone())),
            _ => {}
        }
    }
    kept
}

/// `path` is that of the group, and is so again afterwards.
fn visit<'a>(facts: &Facts, group: &'a Group, path: &mut String, beneath: &[&str], found: &mut Vec<Leaf<'a>>) {
    let shape = facts.shape;
    let here = path.len();
    for (ix, setting) in group.iter() {
        let field = shape.group(group.shape).at(ix);
        if here > 0 {
            path.push('.');
        }
        path.push_str(field.name);
        let is_beneath = beneath.iter().any(|of| path.starts_with(of));
        match setting {
            Setting::Value(_) if field.key && here > 0 => {}
            Setting::Value(fact) if is_beneath => found.push(Leaf { path: path.clone(), fact, field }),
            Setting::Value(_) => {}
            _ if !is_beneath && !beneath.iter().any(|of| of.starts_with(&**path)) => {}
            Setting::Group(inner) => visit(facts, inner, path, beneath, found),
            Setting::Items(items) => {
                let list = path.len();
                for (i, item) in items.items.iter().enumerate() {
                    let key = key_text(shape, &item.group);
                    let key = if key.is_empty() { (i + 1).to_string() } else { key };
                    path.push('[');
                    path.push_str(&key);
                    path.push(']');
                    visit(facts, &item.group, path, beneath, found);
                    path.truncate(list);
                }
            }
        }
        path.truncate(here);
    }
}
