//! The difference between what is described and what a device runs, by meaning.
//!
//! Only what people wrote is compared: absent is unmanaged. Order is no difference where it has no meaning, a factory
//! value that the device doesn't show is none, and a native value that nobody can decode is one that is said to be so.
//! Notes and intents are for people; an account that is `removed` and still there is a change.

mod entries;
mod text;
mod values;
mod vendor;

pub use text::{LineChanges, line_changes, text_view};

use crate::model::Facts;
use crate::model::facts::{Group, Setting, Value, key_text};
use crate::model::shape::Shape;
use crate::native::{Change, Page, Reading, Side};
use crate::secret::{SecretValue, Secrets};
use crate::source::Origin;

/// What a comparison knows beside both sides.
pub struct Context<'a> {
    /// Values of the secrets that the description names.
    pub secrets: &'a Secrets,
    /// The page of a setting on the device, by its dotted path.
    pub page: &'a (dyn Fn(&str) -> Option<Page> + Sync),
    /// What a setting is while the reading does not show it: the factory value, where the dialect says that its absence
    /// means that one. See [`factory`].
    pub absent: &'a (dyn Fn(&str) -> Option<Value> + Sync),
    /// Whether a secret that the reading shows redacted is this one; `None` where nobody can tell.
    pub is_held: &'a (dyn Fn(&str, &SecretValue) -> Option<bool> + Sync),
}

/// What came of a comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Compared {
    /// What differs, or can't be compared, in the order of the model.
    pub changes: Vec<Change>,
    /// Secrets that are the same on both sides.
    pub same_secrets: Vec<Change>,
}

/// What differs between what people wrote and what a device runs.
pub fn changes(own: &Facts, running: &Reading, context: &Context) -> Vec<Change> {
    compare(own, running, context).changes
}

/// What is set on a device that nothing was read from, of which `shipped` is what it has from the factory: what is to
/// go may be there all the same.
pub fn first_changes(own: &Facts, shipped: &Reading, context: &Context) -> Vec<Change> {
    walk(own, shipped, context, true).changes
}

/// The same, with the secrets that are unchanged.
pub fn compare(own: &Facts, running: &Reading, context: &Context) -> Compared {
    walk(own, running, context, false)
}

fn walk(own: &Facts, running: &Reading, context: &Context, unread: bool) -> Compared {
    let mut walk = Walk { shape: own.shape, running, context, unread, in_new_entry: false, found: Compared::default() };
    walk.group(&own.root, Some(&running.facts.root), &At::Root);
    walk.found
}

/// For [`Context::absent`]: factory settings, where `means_factory` says that absence at a path means them.
pub fn factory<'a>(
    settings: Option<&'a Facts>,
    means_factory: impl Fn(&str) -> bool + Sync + 'a,
) -> impl Fn(&str) -> Option<Value> + Sync + 'a {
    move |path| settings?.value(path).filter(|_| means_factory(path)).map(|f| f.value.clone())
}

/// Where the walk is; becomes a path only when there is something to say.
enum At<'a> {
    Root,
    Field(&'a At<'a>, &'static str),
    Entry(&'a At<'a>, &'a Shape, &'a Group),
    Numbered(&'a At<'a>, usize),
}

impl At<'_> {
    fn path(&self) -> String {
        match self {
            At::Root => String::new(),
            At::Field(At::Root, name) => (*name).to_owned(),
            At::Field(above, name) => format!("{}.{name}", above.path()),
            At::Entry(above, shape, group) => format!("{}[{}]", above.path(), key_text(shape, group)),
            At::Numbered(above, number) => format!("{}[{number}]", above.path()),
        }
    }
}

struct Walk<'a> {
    shape: &'static Shape,
    running: &'a Reading,
    context: &'a Context<'a>,
    /// Whether nobody knows that what is not there is not there.
    unread: bool,
    /// Whether the entry that is walked is one that the device does not have.
    in_new_entry: bool,
    found: Compared,
}

impl Walk<'_> {
    fn group(&mut self, own: &Group, running: Option<&Group>, at: &At) {
        let declared = self.shape.group(own.shape);
        for (ix, setting) in own.iter() {
            let field = declared.at(ix);
            if field.note || field.intent || field.key {
                continue;
            }
            // what the device is, is no setting of it
            if matches!(at, At::Root) && field.name == "platform" {
                continue;
            }
            let at = match at {
                // `services.telnet` means its switch
                At::Field(above, name) if declared.head().is_some_and(|(head, _)| head == ix) => At::Field(above, name),
                at => At::Field(at, field.name),
            };
            if matches!(at, At::Field(At::Root, "vendor-settings")) {
                self.vendor(setting);
                continue;
            }
            let there = running.and_then(|g| g.get(ix));
            match setting {
                Setting::Value(fact) => self.value(field, fact, there, &at),
                Setting::Group(inner) => {
                    let there = if let Some(Setting::Group(g)) = there { Some(g) } else { None };
                    self.group(inner, there, &at);
                }
                Setting::Items(items) => {
                    let there = if let Some(Setting::Items(i)) = there { Some(i) } else { None };
                    self.items(field, items, there, &at);
                }
            }
        }
    }

    fn report(&mut self, change: Change) {
        self.found.changes.push(change);
    }

    fn change(&self, path: String, before: Side, after: Side, origin: Origin) -> Change {
        let page = (self.context.page)(&path);
        Change { path, before, after, secret: None, origin, page, place: None }
    }
}

/// Whether an entry only asks for something to go (`removed`).
fn asks_to_go(shape: &Shape, group: &Group) -> bool {
    group.iter().any(|(ix, _)| shape.group(group.shape).at(ix).intent)
}
