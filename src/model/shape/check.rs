//! A tree against a shape: every finding at once, each at its place, and the facts that could be read.
//!
//! A bad value stays as [`Value::Bad`]: it is there, it has been reported, and nothing further is said about it.

mod scalar;
mod spread;

use std::collections::BTreeMap;

pub use scalar::parse as parse_scalar;

use super::{At, FieldShape, GroupId, GroupShape, Kind, ScalarKind, Shape, closest};
use crate::finding::{Code, Finding, codes};
use crate::model::facts::{Fact, Facts, Group, Item, Items, Keyed, Setting, Value, misfits_of};
use crate::source::{FileId, Loc, Origin, Span, names_secret};
use crate::syntax::{Entry, Node, Scalar};

/// What came of checking one root node.
#[derive(Debug)]
pub struct Checked {
    /// All that could be read.
    pub facts: Facts,
    /// All that was wrong.
    pub findings: Vec<Finding>,
    /// Literal secrets, and what may be one: to be masked before anything is shown.
    pub masks: Vec<Loc>,
}

/// Checks one root node (`device`, `profile`, `site`, `waiver`, `capture`) against its shape.
pub fn check(shape: &'static Shape, file: FileId, node: &Node) -> Checked {
    let templates = &*node.name == "profile";
    let mut cx = Cx { shape, file, templates, findings: Vec::new(), masks: Vec::new() };
    let root = cx.group(shape.root, node);
    Checked { facts: Facts { shape, root }, findings: cx.findings, masks: cx.masks }
}

struct Cx {
    shape: &'static Shape,
    file: FileId,
    /// Whether names of secrets may hold `{device}`, `{site}`, `{zone}`: in profiles.
    templates: bool,
    findings: Vec<Finding>,
    masks: Vec<Loc>,
}

/// Most entries of one list. No device takes so many, and rules hold entries against each other.
const MAX_ENTRIES: usize = 4096;

impl Cx {
    fn loc(&self, span: Span) -> Loc {
        Loc::new(self.file, span)
    }

    fn origin(&self, span: Span) -> Origin {
        Origin::new(self.loc(span))
    }

    fn report(&mut self, code: Code, span: Span, message: String, help: impl Into<String>) {
        self.findings.push(Finding::new(code, self.loc(span), message).help(help));
    }

    /// With the help of the code itself.
    fn tell(&mut self, code: Code, span: Span, message: String) {
        self.findings.push(Finding::new(code, self.loc(span), message));
    }

    fn group(&mut self, id: GroupId, node: &Node) -> Group {
        let room = node.entries.len() + node.children().len();
        let mut group = Group::with_room(id, self.origin(node.header), room);
        self.arguments(id, node, &mut group);
        self.properties(id, node, &mut group);
        self.children(id, node, &mut group);
        self.variant(&mut group);
        self.choice(id, &mut group);
        group.fit();
        group
    }

    fn arguments(&mut self, id: GroupId, node: &Node, group: &mut Group) {
        let shape = self.shape;
        let declared = shape.group(id);
        let holds_secret = self.has_secret(declared);
        let mut fields = declared.args().peekable();
        for entry in node.args() {
            // an argument that is a word of a later field only (`account "x" removed`) skips the optional ones before
            while let Some((_, field)) = fields.peek()
                && !field.key
                && !self.reads(field, entry)
                && declared.args().any(|(_, f)| !f.key && self.reads(f, entry))
            {
                fields.next();
            }
            match fields.next() {
                Some((ix, field)) => {
                    let fact = self.scalar_field(field, entry, holds_secret);
                    group.set(ix, Setting::Value(fact));
                }
                None => {
                    self.mask_stranger(entry, holds_secret || names_secret(&node.name));
                    let message = match declared.args().count() {
                        0 => format!("`{}` takes no argument", node.name),
                        1 => format!("`{}` takes one argument", node.name),
                        n => format!("`{}` takes {n} arguments", node.name),
                    };
                    let help = self.extra_argument_help(declared, node);
                    self.report(codes::shape::EXTRA_ARGUMENT, entry.span, message, help);
                }
            }
        }
    }

    fn extra_argument_help(&self, declared: &GroupShape, node: &Node) -> String {
        let props: Vec<&str> = declared.fields.iter().filter(|f| f.at == At::Prop).map(|f| f.name).collect();
        if props.is_empty() {
            format!("put settings of `{0}` into its block: `{0} {{ ... }}`", node.name)
        } else {
            format!("name it: {}", props.iter().map(|p| format!("`{p}=`")).collect::<Vec<_>>().join(", "))
        }
    }

    fn reads(&self, field: &FieldShape, entry: &Entry) -> bool {
        match &field.kind {
            Kind::Scalar(kind) => scalar::read(kind, field.word, entry).is_ok(),
            _ => false,
        }
    }

    fn properties(&mut self, id: GroupId, node: &Node, group: &mut Group) {
        let shape = self.shape;
        let declared = shape.group(id);
        for entry in &node.entries {
            let Some((name, name_span)) = &entry.name else { continue };
            match declared.field(name) {
                Some((ix, field)) if field.at == At::Prop => {
                    let fact = self.scalar_field(field, entry, self.has_secret(declared));
                    // a repeated property was reported when the text was read; the last one counts, as KDL has it
                    group.set(ix, Setting::Value(fact));
                }
                Some((ix, field)) => {
                    if field.kind == Kind::Scalar(ScalarKind::Secret) || names_secret(name) {
                        self.mask(entry);
                    }
                    let help = match field.at {
                        At::Arg => format!("write the value right after the name: `{} ...`", node.name),
                        _ => format!("write it in the block: `{} {{ {name} ... }}`", node.name),
                    };
                    self.report(codes::shape::WRONG_PLACE, entry.span, format!("`{name}` is no property"), help);
                    let bad = Fact::new(Value::Bad, self.origin(entry.value_span));
                    if matches!(field.kind, Kind::Scalar(_) | Kind::Scalars(_)) {
                        group.set(ix, Setting::Value(bad));
                    }
                }
                None => match declared.open {
                    Some(list) => self.open_property(declared, list, entry, name, group),
                    None => {
                        self.mask_stranger(entry, names_secret(name) || self.has_secret(declared));
                        let names = || declared.fields.iter().filter(|f| f.at == At::Prop).map(|f| f.name);
                        let help = suggestion(name, names(), &format!("`{}` has no properties", node.name));
                        let told = self.called(declared, name, *name_span, closest(name, names()).is_some());
                        let message = format!("`{}` has no property {told}", node.name);
                        self.report(codes::shape::UNKNOWN_PROPERTY, *name_span, message, help);
                    }
                },
            }
        }
    }

    /// Whether a secret has its place there, or whatever a device takes: who slips may have written one.
    fn has_secret(&self, declared: &GroupShape) -> bool {
        declared.passes || declared.fields.iter().any(|f| f.kind == Kind::Scalar(ScalarKind::Secret))
    }

    fn open_property(&mut self, declared: &GroupShape, list: u16, entry: &Entry, name: &str, group: &mut Group) {
        let Kind::Groups(id) = declared.at(list).kind else { return };
        let origin = self.origin(entry.value_span);
        let mut item = Group::new(id, self.origin(entry.span));
        let fields: Vec<u16> = self.shape.group(id).args().map(|(ix, _)| ix).collect();
        let text = match &entry.value {
            Scalar::Text(t) => t.to_string(),
            Scalar::Int(n) => n.to_string(),
            Scalar::Number(n) => n.to_string(),
            Scalar::Bool(b) => if *b { "on" } else { "off" }.to_owned(),
            Scalar::Null => String::new(),
        };
        for (ix, value) in fields.iter().zip([name.to_owned(), text]) {
            item.set(*ix, Setting::Value(Fact::new(Value::Text(value.into()), origin)));
        }
        if let Some(items) = group.items_mut(list, origin) {
            items.items.push(Item { group: item, dropped: false });
        }
    }

    fn children(&mut self, id: GroupId, node: &Node, group: &mut Group) {
        let shape = self.shape;
        let declared = shape.group(id);
        let mut keyed: BTreeMap<u16, Keyed> = BTreeMap::new();
        let mut spread: BTreeMap<u16, Vec<(Item, &Node)>> = BTreeMap::new();
        for child in node.children() {
            let Some((ix, field)) = declared.field(&child.name).filter(|(_, f)| f.at == At::Child) else {
                self.unknown_child(declared, node, child);
                continue;
            };
            let dropped = self.annotation(child, field);
            match &field.kind {
                Kind::Scalar(_) | Kind::Scalars(_) | Kind::Group(_) if group.get(ix).is_some() => {
                    self.repeated(child, group, ix);
                }
                Kind::Scalar(kind) => {
                    let fact = self.scalar_child(field, kind, child, self.has_secret(declared));
                    group.set(ix, Setting::Value(fact));
                }
                Kind::Scalars(kind) => {
                    let fact = self.scalars_child(field, kind, child, self.has_secret(declared));
                    group.set(ix, Setting::Value(fact));
                }
                Kind::Group(inner) => {
                    let inner = self.group(*inner, child);
                    group.set(ix, Setting::Group(inner));
                }
                Kind::Groups(inner) => {
                    let entry = self.item(*inner, ix, child, dropped, group);
                    if shape.group(*inner).spreads() {
                        spread.entry(ix).or_default().extend(entry.map(|item| (item, child)));
                    } else if let (Some(item), Some(Setting::Items(items))) = (entry, group.get_mut(ix)) {
                        self.add(items, item, child, keyed.entry(ix).or_default());
                    }
                }
            }
        }
        for (ix, lines) in spread {
            if let Some(Setting::Items(items)) = group.get_mut(ix) {
                self.spread(lines, items);
            }
        }
    }

    /// Of the fields of a choice one is said, and what goes with another one is not.
    fn choice(&mut self, id: GroupId, group: &mut Group) {
        let declared = self.shape.group(id);
        let chosen = group.iter().map(|(ix, _)| declared.at(ix)).find(|f| f.choice.is_some());
        let Some(chosen) = chosen else { return };
        let others: Vec<u16> =
            group.iter().map(|(ix, _)| ix).filter(|ix| declared.excludes(chosen, declared.at(*ix))).collect();
        for ix in others {
            let (name, other) = (declared.at(ix).name, declared.at(ix).choice.is_some());
            let Some(Setting::Value(fact)) = group.remove(ix) else { continue };
            let message = format!("`{name}` beside `{}`", chosen.name);
            let help = match other {
                true => format!("a port is one of both: remove `{name}`, or `{}`", chosen.name),
                false => format!("`{name}` goes with {}", declared.fields_beside(ix)),
            };
            self.report(codes::shape::CHOICE, fact.origin.span, message, help);
        }
    }

    /// The only annotation on a node is `(drop)`, on an entry of a list.
    fn annotation(&mut self, child: &Node, field: &FieldShape) -> bool {
        match (child.ty.as_deref(), &field.kind) {
            (None, _) => false,
            (Some("drop"), Kind::Groups(_)) => true,
            (Some("drop"), _) => {
                let help = "only an entry of a list can be dropped; write the value that should hold instead";
                self.report(codes::shape::ANNOTATION, child.header, format!("`{}` is no list", child.name), help);
                false
            }
            (Some(_), _) => {
                let help = "`(drop)` before an entry of a list takes an inherited one away; there is no other";
                self.report(codes::shape::ANNOTATION, child.header, "unknown annotation".to_owned(), help);
                false
            }
        }
    }

    fn repeated(&mut self, child: &Node, group: &Group, ix: u16) {
        let first = match group.get(ix) {
            Some(Setting::Value(fact)) => fact.origin.loc(),
            Some(Setting::Group(inner)) => inner.origin.loc(),
            _ => self.loc(child.name_span),
        };
        let finding =
            Finding::new(codes::shape::REPEATED, self.loc(child.name_span), format!("`{}` is said twice", child.name))
                .related(first, "said here first");
        self.findings.push(finding);
        self.mask_all(child);
    }

    /// A value where none belongs: no shape says what it is. A number or switch that nothing calls a secret is shown.
    fn mask_stranger(&mut self, entry: &Entry, named: bool) {
        if named || entry.text().is_some_and(|text| !matches!(text, "on" | "off")) {
            self.mask(entry);
        }
    }

    /// Every text of a node and of its block.
    fn mask_strangers(&mut self, node: &Node) {
        node.entries.iter().for_each(|entry| self.mask_stranger(entry, false));
        node.children().iter().for_each(|child| self.mask_strangers(child));
    }

    /// A node that was refused is not read further: what it may hide is masked, all but the first word behind its name.
    fn mask_all(&mut self, node: &Node) {
        self.mask_within(node, false);
    }

    /// The same; all of it where a name around it calls it a secret.
    fn mask_within(&mut self, node: &Node, named: bool) {
        let named = named || names_secret(&node.name);
        for entry in &node.entries {
            let first = node.args().next().is_some_and(|first| first.span == entry.span);
            if let Some((_, span)) = entry.name.as_ref().filter(|_| named) {
                self.masks.push(self.loc(*span));
            }
            let told = entry.name.as_ref().map(|(name, _)| &**name).or(entry.text());
            if named || told.is_some_and(names_secret) {
                self.mask(entry);
            } else if !first {
                self.mask_stranger(entry, false);
            }
        }
        for child in node.children() {
            if named {
                self.masks.push(self.loc(child.name_span));
            }
            self.mask_within(child, named);
        }
    }

    fn unknown_child(&mut self, declared: &GroupShape, node: &Node, child: &Node) {
        let names = || declared.fields.iter().filter(|f| f.at == At::Child).map(|f| f.name);
        let elsewhere = self.elsewhere(&child.name);
        let near = closest(&child.name, names()).is_some() || elsewhere.is_some();
        self.mask_all(child);
        // of what is like nothing that is known nobody can say what it holds
        if self.has_secret(declared) || !near {
            self.mask_strangers(child);
        }
        if let Some((_, field)) = declared.field(&child.name) {
            if field.kind == Kind::Scalar(ScalarKind::Secret) {
                child.entries.iter().for_each(|e| self.mask(e));
            }
            let help = match field.at {
                At::Prop => format!("write it on the line: `{} ... {}=...`", node.name, child.name),
                _ => format!("write its value right after the name: `{} ...`", node.name),
            };
            self.report(
                codes::shape::WRONG_PLACE,
                child.name_span,
                format!("`{}` is not written in a block", child.name),
                help,
            );
            return;
        }
        let nothing = format!("`{}` has no block", node.name);
        let mut help = suggestion(&child.name, names(), &nothing);
        if let Some(elsewhere) = elsewhere {
            help = format!("{help}; there is one in `{elsewhere}`");
        }
        let told = self.called(declared, &child.name, child.name_span, near);
        let message = format!("`{}` has no setting {told}", node.name);
        self.report(codes::shape::UNKNOWN_SETTING, child.name_span, message, help);
    }

    /// A name that the shape does not have, for a message. Where a secret has its place one that is like no other may
    /// be a part of it, and is masked.
    fn called(&mut self, around: &GroupShape, name: &str, span: Span, near: bool) -> String {
        // what has blanks in it is no name that somebody mistyped, but a line
        let is_name = !name.contains(char::is_whitespace) && !name.is_empty();
        if near || is_name && !self.has_secret(around) {
            return format!("`{name}`");
        }
        self.masks.push(self.loc(span));
        "of the name that stands there".to_owned()
    }

    /// Where in the shape a setting of this name belongs.
    fn elsewhere(&self, name: &str) -> Option<&'static str> {
        let root = self.shape.root();
        root.fields.iter().find_map(|f| match f.kind {
            Kind::Group(id) if self.shape.group(id).field(name).is_some() => Some(f.name),
            _ => None,
        })
    }

    /// An entry of a list; `none` is no entry.
    fn item(&mut self, id: GroupId, ix: u16, child: &Node, dropped: bool, group: &mut Group) -> Option<Item> {
        let origin = self.origin(child.header);
        let explicit_none = child.entries.len() == 1
            && child.arg(0).is_some_and(|e| !e.quoted && e.text() == Some("none"))
            && child.children.is_none();
        let before = group.get(ix).is_some();
        let items = group.items_mut(ix, origin)?;
        if !explicit_none {
            return Some(Item { group: self.group(id, child), dropped });
        }
        if before && !items.items.is_empty() {
            let finding = Finding::new(
                codes::shape::NONE_AND_SOME,
                Loc::new(self.file, child.header),
                format!("`{} none` beside entries of that list", child.name),
            )
            .related(items.origin.loc(), "the first entry");
            self.findings.push(finding);
        }
        None
    }

    /// Puts an entry into its list, where none has its key yet.
    fn add(&mut self, items: &mut Items, item: Item, child: &Node, keyed: &mut Keyed) {
        // one more than there may be is told, and those after it are looked at no more
        if items.items.len() > MAX_ENTRIES {
            return;
        }
        if let Some(first) = keyed.find(self.shape, &items.items, &item.group) {
            let key = item.group.key(self.shape).map(Value::plain).collect::<Vec<_>>().join(" ");
            // a key of several words is a line of the device's own language, and may hold anything
            let quoted = !key.contains(char::is_whitespace) && !names_secret(&key);
            let what = if quoted { format!("`{key}`") } else { "this".to_owned() };
            let related = items.items[first].group.origin.loc();
            if !quoted {
                child.entries.iter().for_each(|e| self.masks.push(Loc::new(self.file, e.value_span)));
            }
            let finding =
                Finding::new(codes::shape::REPEATED_ENTRY, self.loc(child.header), format!("{what} is listed twice"))
                    .related(related, "listed here first");
            self.findings.push(finding);
            return;
        }
        self.require_key(item.group.shape, child, &item.group);
        if items.items.len() == MAX_ENTRIES {
            let message = format!("more than {MAX_ENTRIES} entries of `{}`", child.name);
            self.tell(codes::shape::TOO_MANY, child.header, message);
        }
        items.items.push(item);
    }

    fn require_key(&mut self, id: GroupId, node: &Node, item: &Group) {
        let missing: Vec<&FieldShape> =
            self.shape.group(id).keys().filter(|(ix, _)| item.get(*ix).is_none()).map(|(_, f)| f).collect();
        if let Some(field) = missing.first() {
            let expected = match &field.kind {
                Kind::Scalar(kind) => kind.expected(),
                _ => String::new(),
            };
            let message = format!("`{}` needs its {} right after the name", node.name, field.name);
            self.report(codes::shape::NO_KEY, node.header, message, format!("write {expected}"));
        }
    }

    /// Properties of one variant of a tagged group on another.
    fn variant(&mut self, group: &mut Group) {
        for misfit in misfits_of(self.shape, group, "") {
            self.report(codes::shape::WRONG_VARIANT, misfit.origin.span, misfit.message, misfit.help);
        }
    }

    fn scalar_child(&mut self, field: &FieldShape, kind: &ScalarKind, node: &Node, beside: bool) -> Fact {
        let mut args = node.args();
        let Some(entry) = args.next() else {
            self.report(
                codes::shape::NO_VALUE,
                node.name_span,
                format!("`{}` has no value", node.name),
                format!("write {}", kind.expected()),
            );
            return Fact::new(Value::Bad, self.origin(node.name_span));
        };
        let fact = self.scalar_field(field, entry, beside);
        let extra: Vec<&Entry> = args.chain(node.entries.iter().filter(|e| e.name.is_some())).collect();
        self.nothing_more(node, &extra, &format!("`{}` is one value", node.name));
        fact
    }

    fn scalars_child(&mut self, field: &FieldShape, kind: &ScalarKind, node: &Node, beside: bool) -> Fact {
        let origin = self.origin(node.header);
        let args: Vec<&Entry> = node.args().collect();
        let props: Vec<&Entry> = node.entries.iter().filter(|e| e.name.is_some()).collect();
        self.nothing_more(node, &props, &format!("`{}` is a list of values", node.name));
        if let ([only], Some(word)) = (args.as_slice(), field.word)
            && !only.quoted
            && only.text() == Some(word)
        {
            return Fact::new(Value::List(Vec::new()), origin);
        }
        if args.is_empty() {
            let help = match field.word {
                Some(word) => format!("write the values, each {}; or `{word}`", kind.expected()),
                None => format!("write the values, each {}", kind.expected()),
            };
            self.report(codes::shape::NO_VALUE, node.name_span, format!("`{}` has no values", node.name), help);
            return Fact::new(Value::Bad, origin);
        }
        let mut list: Vec<Fact> = Vec::with_capacity(args.len());
        for entry in args {
            let fact = self.scalar(kind, None, entry, beside);
            match list.iter().find(|f| f.value == fact.value && f.value.is_known()) {
                Some(first) => {
                    let finding = Finding::new(
                        codes::shape::REPEATED_VALUE,
                        self.loc(entry.span),
                        format!("`{}` is said twice", fact.value.plain()),
                    )
                    .related(first.origin.loc(), "said here first");
                    self.findings.push(finding);
                }
                None => list.push(fact),
            }
        }
        Fact::new(Value::List(list), origin)
    }

    fn nothing_more(&mut self, node: &Node, extra: &[&Entry], what: &str) {
        if let Some(entry) = extra.first() {
            extra.iter().for_each(|entry| self.mask_stranger(entry, names_secret(&node.name)));
            self.tell(codes::shape::EXTRA_ARGUMENT, entry.span, format!("{what}; this is too much"));
        }
        if let Some(children) = &node.children {
            let span = children.first().map_or(node.span, |c| c.span);
            self.tell(codes::shape::NO_BLOCK, span, format!("{what}, not a block"));
            children.iter().for_each(|c| self.mask_all(c));
        }
    }

    /// `beside`: whether a secret has its place beside it, so that a word that does not fit may be that secret.
    fn scalar_field(&mut self, field: &FieldShape, entry: &Entry, beside: bool) -> Fact {
        match &field.kind {
            Kind::Scalar(kind) => self.scalar(kind, field.word, entry, beside),
            _ => Fact::new(Value::Bad, self.origin(entry.value_span)),
        }
    }

    fn scalar(&mut self, kind: &ScalarKind, word: Option<&'static str>, entry: &Entry, beside: bool) -> Fact {
        let origin = self.origin(entry.span);
        if self.templates
            && let Some(name) = scalar::secret_template(kind, entry)
        {
            return Fact::new(Value::Secret(name.into()), origin);
        }
        match scalar::read(kind, word, entry) {
            Ok(value) => Fact::new(value, origin),
            Err(problem) => {
                let stranger = beside && entry.text().is_some() && !problem.near;
                if *kind == ScalarKind::Secret || stranger {
                    self.mask(entry);
                }
                let message = match stranger && *kind != ScalarKind::Secret {
                    true => "what stands here is not what belongs here".to_owned(),
                    false => problem.message,
                };
                self.report(problem.code, entry.value_span, message, problem.help);
                Fact::new(Value::Bad, origin)
            }
        }
    }

    fn mask(&mut self, entry: &Entry) {
        self.masks.push(self.loc(entry.value_span));
    }
}

fn suggestion<'a>(name: &str, names: impl Iterator<Item = &'a str>, nothing: &str) -> String {
    let names: Vec<&str> = names.collect();
    match (closest(name, names.iter().copied()), names.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => nothing.to_owned(),
        (None, names) => format!("there are {}", names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")),
    }
}
