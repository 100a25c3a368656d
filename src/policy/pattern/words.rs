//! A pattern in words, for explanations.

use super::{Pattern, Test};
use crate::model::shape::{FieldIx, GroupId, Kind, Shape};

impl Pattern {
    /// What the pattern asks of a device, a line each, indented by two spaces for each level.
    pub fn in_words(&self, shape: &Shape) -> Vec<String> {
        let mut lines = Vec::new();
        say(self, shape, shape.root, "", 0, &mut lines);
        lines
    }
}

fn say(pattern: &Pattern, shape: &Shape, id: GroupId, path: &str, depth: usize, lines: &mut Vec<String>) {
    let mut line = |text: String| lines.push(format!("{}{text}", "  ".repeat(depth)));
    let at = |field: FieldIx| {
        let name = shape.group(id).at(field).name;
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    };
    let inner_of = |field: FieldIx| match shape.group(id).at(field).kind {
        Kind::Group(inner) | Kind::Groups(inner) => inner,
        _ => id,
    };
    match pattern {
        Pattern::All(list) => list.iter().for_each(|p| say(p, shape, id, path, depth, lines)),
        Pattern::Any(list) => {
            line("at least one of:".to_owned());
            list.iter().for_each(|p| say(p, shape, id, path, depth + 1, lines));
        }
        Pattern::If { when, then } => {
            line("only where:".to_owned());
            say(when, shape, id, path, depth + 1, lines);
            say(then, shape, id, path, depth, lines);
        }
        Pattern::Into { field, inner } => say(inner, shape, inner_of(*field), &at(*field), depth, lines),
        Pattern::Leaf(leaf) => {
            let head = shape.group(id).head().is_some_and(|(ix, _)| ix == leaf.field) && !path.is_empty();
            let name = if head { path.to_owned() } else { at(leaf.field) };
            let moved = leaf.adjustable.as_ref().map(|a| format!(" (adjustable: {a})")).unwrap_or_default();
            line(format!("`{name}`: {}{moved}", leaf.test.words(leaf.negated)));
        }
        Pattern::Has(leaf) => {
            let what = match (&leaf.test, leaf.negated) {
                (Test::Declared, false) => "is written",
                (Test::Declared, true) => "is not written",
                (_, false) => "is there",
                (_, true) => "is not there",
            };
            line(format!("`{}` {what}", at(leaf.field)));
        }
        Pattern::Each { field, inner } => {
            line(format!("of every entry of `{}`:", at(*field)));
            say(inner, shape, inner_of(*field), "", depth + 1, lines);
        }
        Pattern::Some { field, inner } => {
            line(format!("of at least one entry of `{}`:", at(*field)));
            say(inner, shape, inner_of(*field), "", depth + 1, lines);
        }
        Pattern::Last { field, inner, .. } => {
            line(format!("of the last entry of `{}`:", at(*field)));
            say(inner, shape, inner_of(*field), "", depth + 1, lines);
        }
        Pattern::Count { field, filter, min, max, adjustable } => {
            let number = match (min, max) {
                (min, &usize::MAX) => format!("at least {min}"),
                (0, max) => format!("at most {max}"),
                (min, max) => format!("{min} to {max}"),
            };
            let moved = adjustable.as_ref().map(|(a, _)| format!(" (adjustable: {a})")).unwrap_or_default();
            let colon = if filter.is_some() { " of which holds:" } else { "" };
            line(format!("`{}`: {number} entries{moved}{colon}", at(*field)));
            if let Some(filter) = filter {
                say(filter, shape, inner_of(*field), "", depth + 1, lines);
            }
        }
        Pattern::Unique { field, by, negated } => {
            let by = shape.group(inner_of(*field)).at(*by).name;
            let how = if *negated { "are not all different" } else { "are all different" };
            line(format!("`{by}` of the entries of `{}` {how}", at(*field)));
        }
        Pattern::Values { field, some, tests } => {
            let which = if *some { "at least one value" } else { "every value" };
            let words: Vec<String> = tests.iter().map(|(t, negated)| t.words(*negated)).collect();
            line(format!("`{}`: {which} {}", at(*field), words.join(" and ")));
        }
    }
}
