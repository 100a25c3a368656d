//! Settings beside a word that has no room for them: the command port of a serial port that speaks UDP.

use super::{Fact, Facts, Group, Setting, Value, below, key_text};
use crate::model::shape::{FieldIx, FieldShape, GroupShape, Shape};
use crate::source::Origin;

/// What is taken out of facts.
pub struct Misfit {
    /// Its dotted path.
    pub path: String,
    /// Where it stood.
    pub origin: Origin,
    /// Where the word stands.
    pub word: Origin,
    /// Why nothing comes of it, in words.
    pub message: String,
    /// What the word takes.
    pub help: String,
}

/// Takes out what belongs to other words of a tag than to the one that stands: layers are merged field by field, and
/// whoever fills in a sheet copies the rows of the mode before.
pub fn without_misfits(facts: &mut Facts) -> Vec<Misfit> {
    let mut found = Vec::new();
    if any(facts.shape, &facts.root) {
        within(facts.shape, &mut facts.root, "", &mut found);
    }
    found
}

/// The same of one group, without what it holds.
pub fn misfits_of(shape: &Shape, group: &mut Group, prefix: &str) -> Vec<Misfit> {
    let declared = shape.group(group.shape);
    let Some((word, at)) = word(declared, group) else { return Vec::new() };
    let foreign: Vec<FieldIx> = group.iter().map(|(ix, _)| ix).filter(|ix| !takes(declared.at(*ix), word)).collect();
    let taken: Vec<&str> = declared.fields.iter().filter(|f| f.only.contains(&word)).map(|field| field.name).collect();
    let help = match taken.as_slice() {
        [] => format!("`\"{word}\"` takes nothing; remove it, or choose another mode"),
        taken => format!("`\"{word}\"` takes {}", taken.join(", ")),
    };
    let misfit = |ix| {
        let origin = match group.remove(ix)? {
            Setting::Value(fact) => fact.origin,
            Setting::Group(inner) => inner.origin,
            Setting::Items(items) => items.origin,
        };
        let name = declared.at(ix).name;
        let message = format!("`{name}` means nothing to `\"{word}\"`");
        Some(Misfit { path: below(prefix, name), origin, word: at, message, help: help.clone() })
    };
    foreign.into_iter().filter_map(misfit).collect()
}

fn within(shape: &'static Shape, group: &mut Group, prefix: &str, found: &mut Vec<Misfit>) {
    found.extend(misfits_of(shape, group, prefix));
    let declared = shape.group(group.shape);
    // a group that is only read goes on being shared
    let inner: Vec<FieldIx> = group.iter().filter(|(_, s)| in_setting(shape, s)).map(|(ix, _)| ix).collect();
    for ix in inner {
        let path = below(prefix, declared.at(ix).name);
        match group.get_mut(ix) {
            Some(Setting::Group(inner)) => within(shape, inner, &path, found),
            Some(Setting::Items(items)) => {
                for (i, item) in items.items.iter_mut().enumerate() {
                    let key = key_text(shape, &item.group);
                    let key = if key.is_empty() { (i + 1).to_string() } else { key };
                    within(shape, &mut item.group, &format!("{path}[{key}]"), found);
                }
            }
            _ => {}
        }
    }
}

fn any(shape: &Shape, group: &Group) -> bool {
    let declared = shape.group(group.shape);
    let word = word(declared, group);
    group
        .iter()
        .any(|(ix, setting)| word.is_some_and(|(word, _)| !takes(declared.at(ix), word)) || in_setting(shape, setting))
}

fn in_setting(shape: &Shape, setting: &Setting) -> bool {
    match setting {
        Setting::Value(_) => false,
        Setting::Group(inner) => any(shape, inner),
        Setting::Items(items) => items.items.iter().any(|item| any(shape, &item.group)),
    }
}

/// The word of a tag, and where it stands.
fn word(declared: &GroupShape, group: &Group) -> Option<(&'static str, Origin)> {
    match group.fact(declared.tag?)? {
        Fact { value: Value::Word(word), origin } => Some((word, *origin)),
        _ => None,
    }
}

fn takes(field: &FieldShape, word: &str) -> bool {
    field.only.is_empty() || field.only.contains(&word)
}
