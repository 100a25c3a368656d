//! What must be there once all layers are merged, told where it would stand.

use crate::finding::{Finding, codes};
use crate::model::Facts;
use crate::model::facts::{Group, Setting, Value};
use crate::model::shape::{At, FieldShape, GroupShape, Kind, Shape};
use crate::source::Origin;

/// A setting that is missing.
pub(super) struct Missing {
    pub(super) finding: Finding,
    /// Header of the group that should hold it.
    pub(super) origin: Origin,
}

/// Everything required that merged facts don't say. Keys were asked for when the text was checked.
pub(super) fn missing(facts: &Facts) -> Vec<Missing> {
    let mut found = Vec::new();
    visit(facts.shape, &facts.root, "", &mut found);
    found
}

fn visit(shape: &Shape, group: &Group, name: &str, found: &mut Vec<Missing>) {
    let declared = shape.group(group.shape);
    let lifted = declared.fields.iter().enumerate().any(|(ix, f)| f.intent && group.get(ix as u16).is_some());
    for (ix, field) in declared.fields.iter().enumerate() {
        if field.required && !field.key && !lifted && group.get(ix as u16).is_none() && applies(declared, group, field)
        {
            found.push(Missing { finding: report(group, name, field), origin: group.origin });
        }
    }
    for (ix, setting) in group.iter() {
        let name = declared.at(ix).name;
        match setting {
            Setting::Value(_) => {}
            Setting::Group(inner) => visit(shape, inner, name, found),
            Setting::Items(items) => items.items.iter().for_each(|i| visit(shape, &i.group, name, found)),
        }
    }
}

/// A field of one variant is required of that variant only.
fn applies(declared: &GroupShape, group: &Group, field: &FieldShape) -> bool {
    let tag = declared.tag.and_then(|ix| group.fact(ix)).map(|f| &f.value);
    match tag {
        _ if field.only.is_empty() => true,
        Some(Value::Word(word)) => field.only.contains(word),
        _ => false,
    }
}

fn report(group: &Group, name: &str, field: &FieldShape) -> Finding {
    let expected = match &field.kind {
        Kind::Scalar(kind) | Kind::Scalars(kind) => format!(", {}", kind.expected()),
        Kind::Group(_) | Kind::Groups(_) => String::new(),
    };
    let (message, help) = match (name, field.at) {
        ("", _) => {
            (format!("`{}` is missing", field.name), format!("write `{} ...` into the block{expected}", field.name))
        }
        (_, At::Arg) => (
            format!("`{name}` needs its {}", field.name),
            format!("write it right after the word: `{name} ...`{expected}"),
        ),
        (_, At::Prop) => {
            (format!("`{name}` needs `{}=`", field.name), format!("write `{}=...` on its line{expected}", field.name))
        }
        (_, At::Child) => {
            (format!("`{name}` needs `{}`", field.name), format!("write `{} ...` into its block{expected}", field.name))
        }
    };
    Finding::new(codes::shape::MISSING, group.origin.loc(), message).help(help)
}
