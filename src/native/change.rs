//! A difference by meaning, as values. Texts of it are made where it is shown.

use super::{HIDDEN, Rendered};
use crate::model::{Group, Value};
use crate::source::Origin;

/// How a secret compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecretState {
    /// The device holds the same value.
    Unchanged,
    /// Another one.
    Changed,
    /// The device has none.
    New,
    /// One side can't be read.
    CannotCompare,
    /// The device holds a hash of a scheme that can't be compared. No drift: told, and no more.
    Opaque,
}

/// One side of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Side {
    /// The device has nothing there, or shall have nothing.
    Nothing,
    /// A value; of a secret its name, or only that one is held.
    Value(Value),
    /// An entry of a list, and what such an entry is called.
    Entry(&'static str, Group),
    /// The keys of the entries that both sides have, in their order.
    Order(Vec<String>),
    /// Something that is not shown.
    Hidden,
    /// Something that what was read has no place for: nobody looked.
    Unread,
}

impl Side {
    /// A value, unless it is one that is not shown.
    pub fn of(value: &Value) -> Side {
        if is_hidden(value) { Side::Hidden } else { Side::Value(value.clone()) }
    }
}

/// Whether a native value is not shown.
pub fn is_hidden(value: &Value) -> bool {
    matches!(value, Value::Foreign(foreign) if foreign.raw.is_empty() || foreign.raw.contains(HIDDEN))
}

/// The page of the device's own that shows a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its menu path.
    pub menu: String,
    /// Whether its table says that a wrong value there cuts the connection.
    pub risky: bool,
}

/// One setting that differs between the device and what is desired.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Dotted path.
    pub path: String,
    /// What the device has.
    pub before: Side,
    /// What is desired; nothing where an owned list takes it away.
    pub after: Side,
    /// For secrets: how they compare. Values are on neither side.
    pub secret: Option<SecretState>,
    /// Who says the desired value.
    pub origin: Origin,
    /// The page on the device, where one is known.
    pub page: Option<Page>,
    /// The entry of the table that writes it, and that reads it too; none where nothing was rendered, or where the
    /// change takes something away.
    pub place: Option<Rendered>,
}

impl Change {
    /// Whether both sides could be held against each other. Where one of them is not shown nobody knows whether they
    /// differ: that is told, and is no difference.
    pub fn is_compared(&self) -> bool {
        !matches!(self.secret, Some(SecretState::CannotCompare | SecretState::Opaque))
            && !matches!(self.before, Side::Hidden | Side::Unread)
    }

    /// The change that takes this one back. None where nobody holds what was there: a secret, what is not shown or not
    /// believed, and what the device said nothing of.
    pub fn reverse(&self) -> Option<Change> {
        let known = match (&self.before, &self.after) {
            (Side::Value(value), _) => value.is_known(),
            (Side::Nothing, Side::Entry(..)) | (Side::Entry(..) | Side::Order(_), _) => true,
            (Side::Nothing | Side::Hidden | Side::Unread, _) => false,
        };
        let back = || Change { before: self.after.clone(), after: self.before.clone(), place: None, ..self.clone() };
        (known && self.secret.is_none()).then(back)
    }
}
