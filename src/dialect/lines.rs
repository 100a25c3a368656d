//! What the line-wise forms (`cli`, `sheet`) have in common when they render: pieces, what was placed, what the
//! device can't hold, and what still needs a place.

use std::collections::BTreeSet;

use super::{Place, Refusal};
use crate::finding::{Finding, codes};
use crate::model::facts::{Facts, Group, Items, Setting, Value, key_text};
use crate::model::shape::Shape;
use crate::native::{Alphabet, Form, NativeText, Piece, Rendered};
use crate::secret::SecretRef;
use crate::source::{Loc, Origin};

/// Lines that were rendered.
pub struct Lines {
    /// The text.
    pub text: NativeText,
    /// Every setting with its native place.
    pub rendered: Vec<Rendered>,
    /// Values that the device or the form can't hold: `platform.limit`.
    pub findings: Vec<Finding>,
    /// What has its place now, as [`wanted`] calls it.
    pub placed: BTreeSet<String>,
}

impl Lines {
    /// No lines yet.
    pub fn new(form: Form) -> Lines {
        let text = NativeText { form, pieces: Vec::new() };
        Lines { text, rendered: Vec::new(), findings: Vec::new(), placed: BTreeSet::new() }
    }

    /// Whether no line was rendered.
    pub fn is_empty(&self) -> bool {
        self.text.pieces.is_empty()
    }

    pub(super) fn shown(&mut self, text: &str) {
        match self.text.pieces.last_mut() {
            Some(Piece::Shown(last)) => last.push_str(text),
            _ => self.text.pieces.push(Piece::Shown(text.to_owned())),
        }
    }

    pub(super) fn secret(&mut self, name: SecretRef, path: &str, alphabet: Alphabet) {
        self.text.pieces.push(Piece::Secret { name, path: path.to_owned(), alphabet });
    }

    pub(super) fn put(&mut self, path: &str, native: String, place: &Place) {
        self.placed.insert(path.to_owned());
        let form = self.text.form;
        let (grade, source) = (place.grade, place.source.clone());
        self.rendered.push(Rendered { path: path.to_owned(), place: native, form, grade, source });
    }

    pub(super) fn refuse(&mut self, path: &str, loc: Loc, refusal: Refusal) {
        let finding = Finding::new(codes::platform::LIMIT, loc, refusal.message).help(refusal.help).path(path);
        self.placed.insert(path.to_owned());
        self.findings.push(finding);
    }
}

/// Everything that people said and that a device has to be told: values, and entries of lists that are not there by
/// hardware. Paths as [`leaves`](crate::model::facts::leaves) gives them; a list that is said to be empty stands
/// with its own path, each word of a list of words that has a line of its own as `log.send[lockout]`.
pub fn wanted(own: &Facts) -> Vec<(String, Origin)> {
    let mut found = Vec::new();
    for (ix, setting) in own.root.iter() {
        let field = own.shape.root().at(ix);
        if field.note || field.key || matches!(field.name, "platform" | "vendor-settings") {
            continue;
        }
        visit(own.shape, &mut field.name.to_owned(), field.fixed, setting, &mut found);
    }
    found
}

/// `path` is that of the setting, and is so again afterwards.
fn visit(shape: &Shape, path: &mut String, fixed: bool, setting: &Setting, found: &mut Vec<(String, Origin)>) {
    match setting {
        Setting::Value(fact) => found.push((path.clone(), fact.origin)),
        Setting::Group(group) => fields(shape, path, group, found),
        Setting::Items(Items { origin, items }) if items.is_empty() => found.push((path.clone(), *origin)),
        Setting::Items(Items { items, .. }) => {
            let here = path.len();
            for item in items {
                path.push('[');
                path.push_str(&key_text(shape, &item.group));
                path.push(']');
                if !fixed {
                    found.push((path.clone(), item.group.origin));
                }
                fields(shape, path, &item.group, found);
                path.truncate(here);
            }
        }
    }
}

fn fields(shape: &Shape, path: &mut String, group: &Group, found: &mut Vec<(String, Origin)>) {
    let here = path.len();
    for (ix, setting) in group.iter() {
        let field = shape.group(group.shape).at(ix);
        if !field.note && !field.key {
            path.push('.');
            path.push_str(field.name);
            visit(shape, path, field.fixed, setting, found);
            path.truncate(here);
        }
    }
}

/// The name of a secret that a setting refers to.
pub(super) fn secret_name(value: &Value) -> Option<SecretRef> {
    match value {
        Value::Secret(name) => SecretRef::new(name).ok(),
        _ => None,
    }
}

/// Whether an entry of a list is asked to go.
pub(super) fn is_removed(shape: &Shape, group: &Group) -> bool {
    group.iter().any(|(ix, _)| shape.group(group.shape).at(ix).intent)
}
