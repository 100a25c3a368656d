//! Facts to rows, and rows to `native.sheet`.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Each, Entry, Field, Page, Table};
use crate::dialect::cli::full_path;
use crate::dialect::lines::{Lines, Placed, Purpose, Word, is_removed, secret_name, unread};
use crate::dialect::written::{BETWEEN, NONE, Spelling};
use crate::dialect::{Alphabet as Signs, Codec, CodecKind, Place, Refusal};
use crate::model::facts::{Fact, Facts, Group, Item, Items, Keyed, Setting, Value, key_text};
use crate::model::shape::{ScalarKind, Shape};
use crate::native::{Alphabet, Form, Grade, Reading};
use crate::secret::SecretRef;
use crate::source::Loc;

/// One thing to type.
#[derive(Debug, Clone)]
pub struct Row {
    /// Menu path of the page.
    pub menu: Arc<str>,
    /// Whether a slip on this page shuts people out.
    pub risky: bool,
    /// The field's name on the page.
    pub field: String,
    /// What to type there.
    pub value: Cell,
    /// The names of the fields that it is typed into word by word, where the page has several for it.
    pub parts: Vec<String>,
    /// Whether it is a list, its texts parted by `BETWEEN`.
    pub several: bool,
    /// What stands there now, where a capture says so.
    pub before: Option<String>,
    /// Dotted path of the setting.
    pub path: String,
    /// What is done with the value.
    pub verb: Verb,
    /// How sure we are of page, field and value.
    pub place: Place,
    /// What is seen once it was done and the page is opened again.
    pub look: String,
}

/// What is seen of most values.
pub const STANDS: &str = "the value stands there";

/// What is done with a value on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Type it.
    Type,
    /// Choose it from a list.
    Choose,
    /// Set a switch to it.
    Switch,
    /// Leave a box ticked, or not ticked.
    Box,
    /// Choose these and no others.
    SelectExactly,
    /// Upload the file.
    File,
    /// Take the entry away.
    Delete,
    /// Only look: it is to stay.
    Leave,
    /// Type the secret of this name.
    Secret,
}

impl Verb {
    /// What is seen of it once the page is opened again, where the table says nothing more.
    pub fn look(self) -> &'static str {
        match self {
            Verb::Type | Verb::Choose | Verb::Switch | Verb::Box | Verb::Leave => STANDS,
            Verb::SelectExactly => "these are selected and no others",
            Verb::File => "the page shows that it has a file",
            Verb::Delete => "the entry is gone",
            Verb::Secret => "no page shows it: whoever uses it sees whether it is right",
        }
    }

    /// The word, as it is printed.
    pub fn word(self) -> &'static str {
        match self {
            Verb::Type => "type",
            Verb::Choose => "choose",
            Verb::Switch => "switch to",
            Verb::Box => "box",
            Verb::SelectExactly => "select exactly",
            Verb::File => "file",
            Verb::Delete => "delete",
            Verb::Leave => "leave",
            Verb::Secret => "secret",
        }
    }
}

/// What to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// This text.
    Text(String),
    /// The value of this secret.
    Secret(SecretRef),
}

/// The lines of `native.sheet` for everything that people said and that `placed` does not hold yet.
pub fn render<'t>(
    table: &'t Table,
    own: &Facts,
    base: Option<&Reading>,
    placed: &Placed<'_>,
    purpose: Purpose,
) -> Lines<'t> {
    let mut out = Lines::with_room(Form::Sheet, purpose);
    for row in rows(table, own, base, placed, &mut out) {
        for text in [&*row.menu, "\t", &*row.field, "\t"] {
            out.shown(text);
        }
        match &row.value {
            Cell::Text(text) => out.shown(text),
            Cell::Secret(name) => out.secret(name.clone(), &row.path, Alphabet::Line),
        }
        out.shown("\n");
        out.put(row.path.into(), || [&*row.menu, " > ", &*row.field].concat(), &row.place);
    }
    out
}

/// What there is to type, in the order of the table; none where `out` is for judging alone. What the sheet can't hold
/// goes to the findings of `out`.
pub fn rows<'t>(
    table: &'t Table,
    own: &Facts,
    base: Option<&Reading>,
    placed: &Placed<'_>,
    out: &mut Lines<'t>,
) -> Vec<Row> {
    let mut writer = Writer { base: base.map(|b| &b.facts), placed, out, rows: Vec::new() };
    for page in &table.pages {
        for entry in &page.entries {
            match entry {
                Entry::Field(field) => {
                    let under = writer.base.map(|b| &b.root);
                    writer.field(page, field, &own.root, under, "", "");
                }
                Entry::Each(each) => writer.each(page, each, own),
            }
        }
    }
    in_place(writer.rows)
}

/// A row of the site's own table takes the place of a shipped one for the same setting: people there saw what the field
/// is called. It stays as sure as a site can be, and a filled sheet is read under both names.
fn in_place(mut rows: Vec<Row>) -> Vec<Row> {
    let goes = |row: &Row| row.verb == Verb::Delete;
    for at in (0..rows.len()).rev() {
        if rows[at].place.grade != Grade::Site {
            continue;
        }
        let same =
            |row: &Row| row.path == rows[at].path && goes(row) == goes(&rows[at]) && row.place.grade != Grade::Site;
        if let Some(shipped) = rows.iter().position(same) {
            rows[shipped] = rows[at].clone();
            rows.remove(at);
        }
    }
    rows
}

struct Writer<'a, 't> {
    base: Option<&'a Facts>,
    placed: &'a Placed<'a>,
    out: &'a mut Lines<'t>,
    rows: Vec<Row>,
}

impl Field {
    /// Whether the page has it for the variant that its group is of: times of a mode in minutes, of another in
    /// milliseconds.
    pub(super) fn is_shown(&self, own: &Group) -> bool {
        if self.when.is_empty() {
            return true;
        }
        let holder = self.target.holder(own);
        let tag = holder.and_then(|g| g.fact(Shape::device().group(g.shape).tag?)).and_then(|f| f.value.text());
        tag.is_some_and(|tag| self.when.iter().any(|w| **w == *tag))
    }
}

impl<'t> Writer<'_, 't> {
    /// A setting is typed. The rest of its row is made only where somebody reads it.
    fn row(&mut self, path: Cow<'t, str>, rest: impl FnOnce(String) -> Row) {
        if self.out.is_read() {
            self.rows.push(rest(path.into_owned()));
        } else {
            self.out.line();
            self.out.placed.insert(path);
        }
    }

    fn field(&mut self, page: &Page, field: &'t Field, own: &Group, base: Option<&Group>, path: &str, key: &str) {
        let Some(setting) = field.target.get(own) else { return };
        let path = full_path(path, &field.target);
        if self.placed.contains(&*path) || !field.is_shown(own) || field.place.grade == Grade::Unknown {
            return;
        }
        let left = self.without_placed(&path, setting);
        let Some(setting) = left.as_deref() else { return };
        let value = match cell(setting, &field.written) {
            Some(Ok(value)) => value,
            Some(Err(refusal)) => return self.out.refuse(path, loc(setting), refusal),
            None => return,
        };
        if let Setting::Items(items) = setting {
            self.placed_within(&path, items);
        }
        self.row(path, |path| Row {
            before: base.and_then(|b| field.target.get(b)).map(|s| shown(s, &field.written)),
            parts: field.parts.iter().map(|part| part.of(key)).collect(),
            several: matches!(field.written, Spelling::List { .. }),
            ..Row::new(page, field.label.of(key), (verb(&field.written), value), path, &field.place)
                .seen(field.look.as_deref(), key)
        });
    }

    /// One row says all entries of such a list.
    fn placed_within(&mut self, path: &str, items: &Items) {
        let shape = Shape::device();
        for item in &items.items {
            let path = format!("{path}[{}]", key_text(shape, &item.group));
            for (ix, _) in item.group.iter() {
                self.out.placed.insert(format!("{path}.{}", shape.group(item.group.shape).at(ix).name).into());
            }
            self.out.placed.insert(path.into());
        }
    }

    /// A list of words without those that have a line of their own elsewhere; `None` where nothing is left.
    fn without_placed<'s>(&self, path: &str, setting: &'s Setting) -> Option<Cow<'s, Setting>> {
        let Setting::Value(fact) = setting else { return Some(Cow::Borrowed(setting)) };
        let Value::List(list) = &fact.value else { return Some(Cow::Borrowed(setting)) };
        let placed = |v: &Value| self.placed.contains(&*format!("{path}[{}]", v.plainly()));
        if self.placed.is_empty() || !list.iter().any(|f| placed(&f.value)) {
            return Some(Cow::Borrowed(setting));
        }
        let left: Vec<_> = list.iter().filter(|f| !placed(&f.value)).cloned().collect();
        if left.is_empty() {
            return None;
        }
        Some(Cow::Owned(Setting::Value(Fact::new(Value::List(left), fact.origin))))
    }

    fn each(&mut self, page: &Page, each: &'t Each, own: &Facts) {
        let shape = Shape::device();
        let Some(items) = each.list.items(&own.root) else { return };
        let none = Items::new(items.origin, Vec::new());
        let below = self.base.and_then(|b| each.list.items(&b.root)).unwrap_or(&none);
        let (mut ours, mut theirs) = (Keyed::default(), Keyed::default());
        for item in items.items.iter().filter(|i| !is_removed(shape, &i.group)) {
            let key = key_text(shape, &item.group);
            let path = [&*each.list.path, "[", &*key, "]"].concat();
            if key.chars().any(|c| !Signs::Visible.holds(c)) || key == NONE {
                let help = "write it with characters that can be seen";
                let refusal = Refusal::new("a name that a sheet can't hold", help);
                self.out.refuse(path.into(), item.group.origin.loc(), refusal);
                continue;
            }
            let under = theirs.find(shape, &below.items, &item.group).map(|at| &below.items[at].group);
            if let Some((name, target, written, place)) = &each.head
                && !self.placed.contains(&*path)
                && place.grade != Grade::Unknown
            {
                match target.get(&item.group).and_then(|s| cell(s, written)) {
                    Some(Ok(value)) => self.row(path.clone().into(), |path| Row {
                        before: under.and_then(|g| target.get(g)).map(|s| shown(s, written)),
                        parts: each.parts.iter().map(ToString::to_string).collect(),
                        ..Row::new(page, name.to_string(), (verb(written), value), path, place)
                            .seen(each.look.as_deref(), &key)
                    }),
                    Some(Err(refusal)) => {
                        self.out.refuse(path.into(), item.group.origin.loc(), refusal);
                        continue;
                    }
                    None => continue,
                }
            }
            for field in &each.fields {
                self.field(page, field, &item.group, under, &path, &key);
            }
        }
        if each.head.is_some() && items.items.is_empty() && !self.placed.contains(&*each.list.path) {
            self.empty(page, each);
        }
        let asked = items.items.iter().filter(|i| is_removed(shape, &i.group));
        let mut is_ours = |b: &&Item| ours.find(shape, &items.items, &b.group).is_some();
        let extra = below.items.iter().filter(|b| !each.list.field.fixed && !is_ours(b));
        for item in asked.chain(extra) {
            self.gone(page, each, item);
        }
    }

    fn empty(&mut self, page: &Page, each: &'t Each) {
        let Some((name, _, _, place)) = &each.head else { return };
        let path: &'t str = &each.list.path;
        let none = (Verb::Leave, Word::Text(NONE.into()));
        self.row(path.into(), |path| Row::new(page, name.to_string(), none, path, place));
    }

    fn gone(&mut self, page: &Page, each: &Each, item: &Item) {
        let key = key_text(Shape::device(), &item.group);
        let path = format!("{}[{key}]", each.list.path);
        let (Some(name), Some((_, target, written, place))) = (&each.remove, &each.head) else { return };
        if self.placed.contains(&*path) {
            return;
        }
        match target.get(&item.group).and_then(|s| cell(s, written)) {
            Some(Ok(value)) => {
                for (ix, _) in item.group.iter() {
                    let field = Shape::device().group(item.group.shape).at(ix);
                    self.out.placed.insert(format!("{path}.{}", field.name).into());
                }
                self.row(path.into(), |path| Row::new(page, name.to_string(), (Verb::Delete, value), path, place));
            }
            Some(Err(refusal)) => self.out.refuse(path.into(), item.group.origin.loc(), refusal),
            None => self.out.refuse(path.into(), item.group.origin.loc(), unread()),
        }
    }
}

impl Row {
    /// The texts of it: one, or as many as a list has. None for a field that is left empty, and for a secret.
    pub fn texts(&self) -> Vec<String> {
        match &self.value {
            Cell::Text(text) if self.several && text != NONE => text.split(BETWEEN).map(str::to_owned).collect(),
            Cell::Text(text) if text.is_empty() || self.several => Vec::new(),
            Cell::Text(text) => vec![text.clone()],
            Cell::Secret(_) => Vec::new(),
        }
    }

    /// Whether something is entered.
    pub(super) fn is_typed(&self) -> bool {
        !matches!(self.verb, Verb::Delete | Verb::Leave | Verb::Secret)
    }

    /// Whether it has to be done: secrets always, for what a device holds can't be seen.
    pub fn is_due(&self) -> bool {
        match &self.value {
            Cell::Secret(_) => true,
            Cell::Text(text) => self.verb == Verb::Delete || self.before.as_deref() != Some(text),
        }
    }

    fn new(page: &Page, field: String, (verb, value): (Verb, Word<'_>), path: String, place: &Place) -> Row {
        let (menu, risky, place) = (Arc::clone(&page.menu), page.risky, place.clone());
        let value = match value {
            Word::Text(text) => Cell::Text(text.into_owned()),
            Word::Secret(name) => Cell::Secret(name),
        };
        let look = match verb {
            // of what goes and of what stays nothing else is seen than that
            Verb::Delete | Verb::Leave => verb.look(),
            verb => page.look.as_deref().unwrap_or(verb.look()),
        };
        let look = look.to_owned();
        Row { menu, risky, field, value, parts: Vec::new(), several: false, before: None, path, verb, place, look }
    }

    /// With what the table says of its own field.
    fn seen(self, look: Option<&str>, key: &str) -> Row {
        match look {
            Some(look) => Row { look: look.replace("{}", key), ..self },
            None => self,
        }
    }
}

/// What is done on a page, by how its values are written.
fn verb(written: &Spelling) -> Verb {
    let codec = match written {
        Spelling::One(codec) => codec,
        Spelling::List { codec: Codec { kind: CodecKind::Words(_), .. }, .. } => return Verb::SelectExactly,
        Spelling::Sets(_) => return Verb::Choose,
        Spelling::Mask | Spelling::List { .. } | Spelling::Records { .. } => return Verb::Type,
    };
    match &codec.kind {
        CodecKind::Secret(_) => Verb::Secret,
        // a rate, a number of bits: no device takes any other than those of its list
        _ if codec.scalar == &ScalarKind::SerialLine => Verb::Choose,
        _ if codec.scalar == &ScalarKind::Path => Verb::File,
        CodecKind::Words(words) => {
            let are = |wanted: &[&str]| words.iter().all(|word| wanted.contains(&&*word.native));
            match () {
                () if are(&["ticked", "not ticked"]) => Verb::Box,
                () if are(&["On", "Off"]) => Verb::Switch,
                () => Verb::Choose,
            }
        }
        CodecKind::Text(_) | CodecKind::Int { .. } | CodecKind::Time { .. } | CodecKind::Rate { .. } => Verb::Type,
        CodecKind::Foreign => Verb::Type,
    }
}

fn loc(setting: &Setting) -> Loc {
    match setting {
        Setting::Value(fact) => fact.origin.loc(),
        Setting::Group(group) => group.origin.loc(),
        Setting::Items(items) => items.origin.loc(),
    }
}

/// What to type; `None` for what has no text.
fn cell<'v>(setting: &'v Setting, written: &'v Spelling) -> Option<Result<Word<'v>, Refusal>> {
    if let Setting::Value(fact) = setting {
        if !fact.value.is_known() || fact.value == Value::Held {
            return None;
        }
        if written.is_secret() {
            return secret_name(&fact.value).map(|name| Ok(Word::Secret(name)));
        }
    }
    let text = written.encode(setting);
    Some(text.and_then(|text| {
        if Alphabet::Line.holds(&text) {
            return Ok(Word::Text(text));
        }
        Err(Refusal::new("a character that a sheet can't hold", "leave out tabs, line breaks and control characters"))
    }))
}

/// What a capture says, for showing: never a secret.
fn shown(setting: &Setting, written: &Spelling) -> String {
    match setting {
        _ if written.is_secret() => "(set)".to_owned(),
        Setting::Value(fact) if !fact.value.is_known() => match &fact.value {
            Value::Foreign(foreign) => format!("{} ({})", foreign.raw, foreign.why),
            _ => "(not known)".to_owned(),
        },
        _ => match cell(setting, written) {
            Some(Ok(Word::Text(text))) => text.into_owned(),
            _ => "(not known)".to_owned(),
        },
    }
}
