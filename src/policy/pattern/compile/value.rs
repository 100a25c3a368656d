//! Values of a pattern, read as the setting they stand for.

use super::Compiler;
use crate::finding::codes;
use crate::model::facts::Value;
use crate::model::shape::{FieldShape, Kind, ScalarKind, parse_scalar};
use crate::syntax::{Entry, Scalar};

/// A limit as text (`"10 min"`, `12`, `"1.2"`) as a value of a kind.
pub fn limit(kind: &ScalarKind, word: Option<&'static str>, text: &str) -> Option<Value> {
    match kind {
        ScalarKind::Int { .. } => text.parse().ok().map(Value::Int),
        ScalarKind::Network => text.parse().ok().map(Value::Int),
        _ => parse_scalar(kind, word, text),
    }
}

/// The kind of value that a field holds, or that its entries are.
pub(super) fn kind_of(field: &FieldShape) -> Option<&ScalarKind> {
    match &field.kind {
        Kind::Scalar(kind) | Kind::Scalars(kind) => Some(kind),
        _ => None,
    }
}

impl Compiler<'_> {
    /// A value of the field's kind; reports what is none.
    pub(super) fn value(&mut self, field: &FieldShape, entry: &Entry) -> Option<Value> {
        let kind = kind_of(field)?;
        let value = match (&entry.value, kind) {
            (Scalar::Int(n), ScalarKind::Int { min, max }) if (min..=max).contains(&n) => Some(Value::Int(*n)),
            (Scalar::Int(n), ScalarKind::Vlan | ScalarKind::Vlans | ScalarKind::Ports | ScalarKind::PortNumbers) => {
                parse_scalar(kind, None, &n.to_string())
            }
            (Scalar::Text(_), ScalarKind::Int { .. }) => None,
            (Scalar::Text(text), kind) => parse_scalar(kind, field.word, text),
            _ => None,
        };
        if value.is_none() {
            let message = format!("this is no value of `{}`", field.name);
            self.report(codes::pack::BAD_VALUE, entry.value_span, message, format!("write {}", kind.expected()));
        }
        value
    }

    /// Values of a word such as `one-of`: its arguments, or a list of the pack. An entry of the pack's list that the
    /// setting can't take is reported at the place that uses it.
    pub(super) fn values(&mut self, field: &FieldShape, node: &crate::syntax::Node) -> Vec<Value> {
        let mut found = Vec::new();
        for entry in node.args() {
            found.extend(self.value(field, entry));
        }
        for entry in node.entries.iter().filter(|e| e.name.is_some()) {
            match entry.name.as_ref().map(|(n, _)| &**n) {
                Some("list") => found.extend(self.listed(field, entry)),
                Some("fold") => {}
                _ => {
                    let message = format!("`{}` has no such property", node.name);
                    self.report(codes::pack::EXTRA, entry.span, message, "it takes values, or `list=`, and `fold=on`");
                }
            }
        }
        if found.is_empty() && node.entries.is_empty() {
            self.report(
                codes::pack::EMPTY,
                node.header,
                format!("`{}` has no values", node.name),
                "write them behind it",
            );
        }
        found
    }

    fn listed(&mut self, field: &FieldShape, entry: &Entry) -> Vec<Value> {
        let name = entry.text().unwrap_or("");
        let lists = self.lists;
        let Some(list) = lists.get(name) else {
            let near = crate::model::shape::closest(name, lists.keys().map(|k| &**k));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "declare it in `pack.kdl`: `list \"name\" \"a\" \"b\"`".to_owned(),
            };
            self.report(codes::pack::UNKNOWN_LIST, entry.value_span, format!("the pack has no list `{name}`"), help);
            return Vec::new();
        };
        let Some(kind) = kind_of(field) else { return Vec::new() };
        let mut found = Vec::new();
        for text in list {
            match limit(kind, field.word, text) {
                Some(value) if !matches!(kind, ScalarKind::Network) => found.push(value),
                _ => match parse_scalar(kind, field.word, text) {
                    Some(value) => found.push(value),
                    None => {
                        let message = format!("`{text}` of the list is no value of `{}`", field.name);
                        self.report(
                            codes::pack::BAD_VALUE,
                            entry.value_span,
                            message,
                            format!("write {}", kind.expected()),
                        );
                    }
                },
            }
        }
        found
    }
}
