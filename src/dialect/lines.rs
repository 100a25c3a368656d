//! What the line-wise forms (`cli`, `sheet`) have in common when they render: pieces, what was placed, what the
//! device can't hold, and what still needs a place.

use std::borrow::Cow;

use foldhash::fast::RandomState;
use foldhash::{HashMap, HashSet};

use super::{Place, Refusal};
use crate::finding::{Finding, codes};
use crate::model::facts::{Facts, Group, Items, Setting, Value, key_text};
use crate::model::shape::Shape;
use crate::native::{Alphabet, Form, NativeText, Piece, Rendered};
use crate::secret::SecretRef;
use crate::source::{Loc, Origin};

/// What a rendering is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The text, and where each setting stands in it.
    Write,
    /// What the device can't hold, and what has no place: no text is made that nobody reads.
    Judge,
}

/// Paths of what has its place, as [`wanted`] calls it. Those of no list are a table's own words.
pub type Placed<'t> = HashSet<Cow<'t, str>>;

/// Lines that were rendered.
pub struct Lines<'t> {
    /// The text. Where nobody asks for it, a piece without text stands for all of it.
    pub text: NativeText,
    /// Every setting with its native place.
    pub rendered: Vec<Rendered>,
    /// Values that the device or the form can't hold: `platform.limit`.
    pub findings: Vec<Finding>,
    /// What has its place now.
    pub placed: Placed<'t>,
    purpose: Purpose,
}

/// So many settings have their place on most devices: a set that grows is filled anew each time.
const USUAL: usize = 64;

impl<'t> Lines<'t> {
    /// No lines yet, and room for what a table says.
    pub(super) fn with_room(form: Form, purpose: Purpose) -> Lines<'t> {
        Lines { placed: Placed::with_capacity_and_hasher(USUAL, RandomState::default()), ..Lines::new(form, purpose) }
    }

    /// No lines.
    pub fn new(form: Form, purpose: Purpose) -> Lines<'t> {
        let text = NativeText { form, pieces: Vec::new() };
        Lines { text, rendered: Vec::new(), findings: Vec::new(), placed: Placed::default(), purpose }
    }

    /// Whether no line was rendered.
    pub fn is_empty(&self) -> bool {
        self.text.pieces.is_empty()
    }

    /// Whether anybody reads the text.
    pub(super) fn is_read(&self) -> bool {
        self.purpose == Purpose::Write
    }

    /// Lines of a part of the same text.
    pub(super) fn part(&self) -> Lines<'t> {
        Lines::new(self.text.form, self.purpose)
    }

    /// A line is rendered, whatever it says.
    pub(super) fn line(&mut self) {
        if self.is_empty() {
            self.text.pieces.push(Piece::Shown(String::new()));
        }
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

    /// A setting has its place; `native` names it for people.
    pub(super) fn put(&mut self, path: Cow<'t, str>, native: impl FnOnce() -> String, place: &Place) {
        if self.is_read() {
            let (form, grade, source) = (self.text.form, place.grade, place.source.clone());
            self.rendered.push(Rendered { path: path.to_string(), place: native(), form, grade, source });
        }
        self.placed.insert(path);
    }

    pub(super) fn refuse(&mut self, path: Cow<'t, str>, loc: Loc, refusal: Refusal) {
        let finding = Finding::new(codes::platform::LIMIT, loc, refusal.message);
        self.findings.push(finding.help(refusal.help).path(&*path));
        self.placed.insert(path);
    }
}

/// An entry that the device has and nobody wrote, and that no line or row can take away: what calls it means nothing.
pub(super) fn unread() -> Refusal {
    let help = "take it away on the device, and capture it again";
    Refusal::new("the device has an entry here that can't be called, and that nobody wrote", help)
}

/// Everything that people said and that a device has to be told: values, and entries of lists that are not there by
/// hardware. Paths as [`leaves`](crate::model::facts::leaves) gives them; a list that is said to be empty stands
/// with its own path, each word of a list of words that has a line of its own as `log.send[lockout]`.
pub fn wanted(own: &Facts, tell: &mut impl FnMut(&str, Origin)) {
    let mut path = String::new();
    for (ix, setting) in own.root.iter() {
        let field = own.shape.root().at(ix);
        if field.note || field.key || matches!(field.name, "platform" | "vendor-settings") {
            continue;
        }
        path.push_str(field.name);
        visit(own.shape, &mut path, field.fixed, setting, tell);
        path.clear();
    }
}

/// Where people said what is [`wanted`] at each of some paths, found in one walk.
pub fn origins<'p>(own: &Facts, paths: impl Iterator<Item = &'p str>) -> HashMap<&'p str, Origin> {
    let mut found: HashMap<&str, Option<Origin>> = paths.map(|path| (path, None)).collect();
    if !found.is_empty() {
        wanted(own, &mut |path, origin| {
            if let Some(place) = found.get_mut(path) {
                place.get_or_insert(origin);
            }
        });
    }
    found.into_iter().filter_map(|(path, origin)| Some((path, origin?))).collect()
}

/// `path` is that of the setting, and is so again afterwards.
fn visit(shape: &Shape, path: &mut String, fixed: bool, setting: &Setting, tell: &mut impl FnMut(&str, Origin)) {
    match setting {
        Setting::Value(fact) => tell(path, fact.origin),
        Setting::Group(group) => fields(shape, path, group, tell),
        Setting::Items(Items { origin, items, .. }) if items.is_empty() => tell(path, *origin),
        Setting::Items(Items { items, .. }) => {
            let here = path.len();
            for item in items {
                path.push('[');
                path.push_str(&key_text(shape, &item.group));
                path.push(']');
                if !fixed {
                    tell(path, item.group.origin);
                }
                fields(shape, path, &item.group, tell);
                path.truncate(here);
            }
        }
    }
}

fn fields(shape: &Shape, path: &mut String, group: &Group, tell: &mut impl FnMut(&str, Origin)) {
    let here = path.len();
    for (ix, setting) in group.iter() {
        let field = shape.group(group.shape).at(ix);
        if !field.note && !field.key {
            path.push('.');
            path.push_str(field.name);
            visit(shape, path, field.fixed, setting, tell);
            path.truncate(here);
        }
    }
}

/// What is written or typed for a setting.
pub(super) enum Word<'v> {
    /// This text.
    Text(Cow<'v, str>),
    /// The value of this secret.
    Secret(SecretRef),
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
