//! The tree of a KDL text: names, arguments and properties with a byte span each.

use crate::source::{FileId, Loc, Span};

/// A scalar as KDL knows it. `on`, `off`, `never` are plain texts.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// A quoted or bare text.
    Text(Box<str>),
    /// A whole number that fits.
    Int(i64),
    /// Any other number, as written.
    Number(Box<str>),
    /// `#true`, `#false`.
    Bool(bool),
    /// `#null`.
    Null,
}

/// An argument or a property of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The property's name with its span; `None` for an argument.
    pub name: Option<(Box<str>, Span)>,
    /// A type annotation in front of the value: `(stored)"x"`.
    pub ty: Option<Box<str>>,
    /// The value.
    pub value: Scalar,
    /// The value's own bytes, quotes included, annotation left out.
    pub value_span: Span,
    /// All of it: `name=(ty)value`.
    pub span: Span,
    /// Whether the value stands in quotes (a bare word otherwise).
    pub quoted: bool,
}

/// A node: name, entries in the order written, children.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// A type annotation in front of the name: `(drop)host`.
    pub ty: Option<Box<str>>,
    /// Its name.
    pub name: Box<str>,
    /// The name's own bytes.
    pub name_span: Span,
    /// Name and entries, without the children block.
    pub header: Span,
    /// The whole node, children included.
    pub span: Span,
    /// Arguments and properties.
    pub entries: Vec<Entry>,
    /// Children; `None` where there is no block (an empty block is `Some`).
    pub children: Option<Vec<Node>>,
}

/// A whole text.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// Which file.
    pub file: FileId,
    /// Its top-level nodes.
    pub nodes: Vec<Node>,
}

impl Node {
    /// Arguments in order.
    pub fn args(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|e| e.name.is_none())
    }

    /// The n-th argument, from 0.
    pub fn arg(&self, index: usize) -> Option<&Entry> {
        self.args().nth(index)
    }

    /// A property by name; the last one written, as KDL has it.
    pub fn prop(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|e| e.name.as_ref().is_some_and(|(n, _)| &**n == name))
    }

    /// Properties in order.
    pub fn props(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().filter_map(|e| e.name.as_ref().map(|(n, _)| (&**n, e)))
    }

    /// Children, none where there is no block.
    pub fn children(&self) -> &[Node] {
        self.children.as_deref().unwrap_or(&[])
    }

    /// First child of a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children().iter().find(|n| &*n.name == name)
    }
}

impl Entry {
    /// The text, where it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Scalar::Text(t) => Some(t),
            _ => None,
        }
    }
}

impl Tree {
    /// A place in this text.
    pub fn loc(&self, span: Span) -> Loc {
        Loc::new(self.file, span)
    }
}
