//! A sectioned table from KDL.

use foldhash::{HashMap, HashMapExt as _};

use crate::finding::codes;

use super::{Bits, Each, Entry, Key, Kind, Section, SerialCode, Slot, Slots, Table, loose};
use crate::dialect::exposure::Exposure;
use crate::dialect::{Codec, CodecKind, Loader, Place, Target};
use crate::model::facts::Value;
use crate::model::shape::{GroupId, Kind as FieldKind, ScalarKind, Shape, parse_scalar};
use crate::native::Touches;
use crate::syntax::{Node, Scalar};

const COMMON: [&str; 10] = ["at", "grade", "source", "when", "empty", "reset", "fresh", "default", "access", "since"];
const CODEC: [&str; 10] = ["as", "alphabet", "except", "length", "range", "unit", "zero", "on", "off", "also"];

impl Table {
    /// The sections of a `dialect` node.
    pub(in crate::dialect) fn load(loader: &mut Loader, root: &Node) -> Table {
        let place = loader.place_if_said(root, None);
        let mut sections = Vec::new();
        for node in root.children() {
            if &*node.name == "section" {
                sections.extend(section(loader, node, place.as_ref()));
            } else {
                unknown(loader, node, "a table of this form has `section` nodes");
            }
        }
        one_key_one_setting(loader, &sections);
        Table { sections }
    }
}

fn unknown(loader: &mut Loader, node: &Node, help: &str) {
    loader.report(codes::dialect::NODE, node.name_span, format!("no node is called `{}` here", node.name), help);
}

fn section(loader: &mut Loader, node: &Node, around: Option<&Place>) -> Option<Section> {
    loader.known_props(node, &["each", "grade", "source", "touches", "why"]);
    let name = loader.arg(node, 0, "the section's name")?;
    let all = loader.touches(node)?;
    let place = loader.place_if_said(node, around);
    let each = match loader.prop(node, "each") {
        Some(path) => Some(each(loader, node, path)?),
        None => None,
    };
    let from = each.as_ref().map_or(Shape::device().root, |e| e.group);
    let mut section = Section { name: name.into(), each, keys: HashMap::new(), entries: Vec::new() };
    for child in node.children() {
        match &*child.name {
            "show" | "hidden" | "secret" => {
                let of_section = (&all, node.prop("why").and_then(crate::syntax::Entry::text));
                let key_of = loose::key(loader, child, of_section)?;
                for key in loader.args(child).into_iter().flat_map(expand) {
                    known(loader, child, &mut section, key, key_of.clone());
                }
            }
            _ => {
                if let Some(entry) = entry(loader, child, place.as_ref(), from) {
                    for (key, exposure, setting) in keys_of(&entry) {
                        let key_of = Key { setting: Some(setting), ..Key::of(exposure, Touches::none()) };
                        known(loader, child, &mut section, key, key_of);
                    }
                    section.entries.push(entry);
                }
            }
        }
    }
    Some(section)
}

fn each(loader: &mut Loader, node: &Node, path: &str) -> Option<Each> {
    let shape = Shape::device();
    let list = Target::resolve(shape.root, path);
    let numbered = list.and_then(|list| {
        let group = list.list?;
        let (key, field) = shape.group(group).keys().next()?;
        let number = matches!(field.kind, FieldKind::Scalar(ScalarKind::Int { .. }));
        number.then_some(Each { list, group, key })
    });
    if numbered.is_none() {
        let help = "`each=` names a list whose entries are numbered, such as `serial.port`";
        loader.report(codes::dialect::UNKNOWN_PATH, node.header, format!("`{path}` is no such list"), help);
    }
    numbered
}

/// `Host Name #1..16` is sixteen keys.
fn expand(text: &str) -> Vec<Box<str>> {
    let range = text.rsplit_once('#').and_then(|(before, range)| {
        let (low, high) = range.split_once("..")?;
        Some((before, low.parse::<u32>().ok()?, high.parse::<u32>().ok()?))
    });
    match range {
        Some((before, low, high)) if high < 1000 => (low..=high).map(|n| format!("{before}#{n}").into()).collect(),
        _ => vec![text.into()],
    }
}

fn known(loader: &mut Loader, at: &Node, section: &mut Section, key: Box<str>, new: Key) {
    if key.is_empty() || key.contains('=') || key.starts_with('[') || key.chars().any(char::is_control) {
        loader.report(
            codes::dialect::KEY,
            at.header,
            format!("`{key}` can be no native key"),
            "write the key as it stands",
        );
        return;
    }
    match section.keys.get_mut(&key) {
        // several settings may share a key (an address and whether there is one): hidden once is hidden
        Some(old) if old.setting.is_some() && new.setting.is_some() => old.exposure = old.exposure.max(new.exposure),
        // a key that is shown and means no setting may be learned, one that is hidden stays so
        Some(old) if loader.is_own(at.header) && old.setting.is_none() && old.exposure == Exposure::Shown => *old = new,
        Some(_) => {
            let help = "list a key once; mapped keys need no `show`, and what is hidden stays hidden";
            loader.report(codes::dialect::TWICE, at.header, format!("`{key}` is listed twice"), help);
        }
        None => {
            section.keys.insert(key, new);
        }
    }
}

/// The native keys of an entry, its slots' included, who may see their values, and for which setting they stand.
fn keys_of(entry: &Entry) -> Vec<(Box<str>, Exposure, Box<str>)> {
    let exposure = match &entry.kind {
        Kind::Scalar(codec) | Kind::List(codec) if codec.is_secret() => Exposure::Secret,
        _ => Exposure::Shown,
    };
    let path = &entry.at.path;
    let mut all: Vec<_> = entry.keys.iter().map(|k| (k.clone(), exposure, path.clone())).collect();
    if let Kind::Slots(slots) = &entry.kind {
        for slot in &slots.slots {
            let at = |key: &str| -> Box<str> { key.replace("{slot}", &slot.name).into() };
            all.extend(slots.used.iter().map(|(key, ..)| (at(key), Exposure::Shown, path.clone())));
            for inner in &slots.entries {
                let named = |(k, s, p): (Box<str>, Exposure, Box<str>)| (at(&k), s, format!("{path}.{p}").into());
                all.extend(keys_of(inner).into_iter().map(named));
            }
        }
    }
    all
}

fn entry(loader: &mut Loader, node: &Node, around: Option<&Place>, from: GroupId) -> Option<Entry> {
    let known: &[&[&str]] = match &*node.name {
        "key" | "list" => &[&COMMON, &CODEC],
        "network" | "serial-line" | "members" | "tag" | "present" => &[&COMMON],
        "ref" => &[&COMMON, &["section", "name", "count"]],
        "slots" => &[&COMMON, &["count"]],
        _ => {
            unknown(
                loader,
                node,
                "there are `show`, `hidden`, `secret`, `key`, `network`, `serial-line`, `list`, `members`, `tag`, \
                 `present`, `ref` and `slots`",
            );
            return None;
        }
    };
    loader.known_props(node, &known.concat());
    let place = loader.place(node, around);
    let at = loader.target(node, from)?;
    let keys: Vec<Box<str>> = loader.args(node).into_iter().map(Into::into).collect();
    let wanted = match &*node.name {
        "key" | "present" | "ref" => 1..=1,
        "network" | "serial-line" => 2..=2,
        "list" | "tag" => 1..=usize::MAX,
        _ => 0..=0,
    };
    if !wanted.contains(&keys.len()) {
        loader.report(
            codes::dialect::KEY,
            node.header,
            format!("`{}` has too few or too many keys", node.name),
            "see the form",
        );
        return None;
    }
    let mut keys = keys;
    let kind = match &*node.name {
        "key" => Kind::Scalar(loader.codec(node, &at)?),
        "list" => Kind::List(listed(loader, node, &at)?),
        "network" => fits(loader, node, &at, |k| *k == ScalarKind::Network).then_some(Kind::Network)?,
        "serial-line" => {
            fits(loader, node, &at, |k| *k == ScalarKind::SerialLine).then_some(())?;
            Kind::SerialLine(serial_code(loader, node)?)
        }
        "members" => members(loader, node, &at, &mut keys)?,
        "tag" => tag(loader, node, &at, keys.len())?,
        "present" => fits(loader, node, &at, |k| *k == ScalarKind::Switch).then_some(Kind::Present)?,
        "ref" => reference(loader, node)?,
        _ => slots(loader, node, &at, place.as_ref())?,
    };
    let text = |loader: &mut Loader, name| loader.prop(node, name).map(Into::into);
    let default = loader.prop(node, "default");
    let means = |native: &str| matches!(&kind, Kind::Scalar(codec) if codec.decode(native).is_some());
    if let Some(native) = default.filter(|native| !means(native)) {
        loader.tell(codes::dialect::VALUE, node.header, format!("`{native}` is no value of this key"));
    }
    let when = loader.prop(node, "when").map(|w| w.split(' ').map(Into::into).collect()).unwrap_or_default();
    Some(Entry {
        when,
        keys,
        kind,
        empty: text(loader, "empty"),
        reset: text(loader, "reset"),
        fresh: text(loader, "fresh"),
        default: default.map(Into::into),
        read_only: loader.prop(node, "access") == Some("read"),
        since: loader.prop(node, "since").is_some(),
        place: place?,
        at,
    })
}

fn fits(loader: &mut Loader, node: &Node, at: &Target, legal: impl Fn(&ScalarKind) -> bool) -> bool {
    let ok = at.scalar().is_some_and(legal);
    if !ok {
        let message = format!("`{}` can't hold `{}`", node.name, at.path);
        loader.report(codes::dialect::CODEC, node.header, message, "choose another kind of entry");
    }
    ok
}

fn listed(loader: &mut Loader, node: &Node, at: &Target) -> Option<Codec> {
    let codec = loader.codec(node, at)?;
    if !at.is_scalars() || codec.is_secret() {
        loader.report(codes::dialect::CODEC, node.header, "`list` is for a list of values", "use `key` for one value");
        return None;
    }
    Some(codec)
}

fn serial_code(loader: &mut Loader, node: &Node) -> Option<SerialCode> {
    let numbers = |node: &Node| -> Vec<u32> {
        let number = |v: &Scalar| if let Scalar::Int(n) = v { u32::try_from(*n).ok() } else { None };
        node.args().filter_map(|e| number(&e.value)).collect()
    };
    let mut bits = |name: &str, legal: &str| {
        let found = node.child(name).and_then(|child| {
            loader.known_props(child, &["shift", "width"]);
            let number =
                |p: &str| child.prop(p).and_then(|e| if let Scalar::Int(n) = e.value { Some(n) } else { None });
            let (shift, width) = (number("shift")? as u32, number("width")? as u32);
            let means: Vec<u8> = loader.args(child).iter().map(|t| t.bytes().next().unwrap_or(0)).collect();
            let mut seen = std::collections::BTreeSet::new();
            let legal = |m: &u8| *m == 0 || legal.contains(*m as char) && seen.insert(*m);
            let whole = shift + width <= 16 && means.len() == 1 << width && means.iter().all(legal);
            whole.then_some(Bits { shift, width, means })
        });
        if found.is_none() {
            let help =
                format!("write `{name} shift=0 width=2` and one meaning of `{legal}` for each value, `\"\"` for none");
            loader.report(codes::dialect::BITS, node.header, format!("`{name}` is not said, or not in full"), help);
        }
        found
    };
    let (data, parity, stop) = (bits("data", "5678"), bits("parity", "NOEMS"), bits("stop", "12"));
    let bauds = node.child("baud").map(numbers).unwrap_or_default();
    let distinct = bauds.iter().collect::<std::collections::BTreeSet<_>>().len() == bauds.len();
    if bauds.is_empty() || !distinct {
        loader.report(codes::dialect::BITS, node.header, "`baud` needs each speed once", "write `baud 50 75 110`");
        return None;
    }
    Some(SerialCode { bauds, data: data?, parity: parity?, stop: stop? })
}

fn members(loader: &mut Loader, node: &Node, at: &Target, keys: &mut Vec<Box<str>>) -> Option<Kind> {
    if !at.is_scalars() {
        loader.report(
            codes::dialect::CODEC,
            node.header,
            "`members` is for a list of words",
            "use `key` for one value",
        );
        return None;
    }
    let scalar = at.scalar()?;
    let mut members: Vec<Vec<Value>> = Vec::new();
    for child in node.children() {
        let words = loader.args(child);
        let values: Vec<Value> = words.iter().skip(1).filter_map(|w| parse_scalar(scalar, None, w)).collect();
        if &*child.name != "member" || words.len() < 2 || values.len() + 1 != words.len() {
            loader.report(
                codes::dialect::WORD,
                child.header,
                "not a member",
                "write `member \"Native Key\" \"our-word\"`",
            );
            return None;
        }
        if values.iter().any(|v| members.iter().flatten().any(|m| m == v)) {
            let help = "a word in two keys can't be read back as one";
            loader.report(codes::dialect::NOT_INJECTIVE, child.header, "a word stands in two members", help);
            return None;
        }
        keys.push(words[0].into());
        members.push(values);
    }
    Some(Kind::Members(members))
}

fn tag(loader: &mut Loader, node: &Node, at: &Target, keys: usize) -> Option<Kind> {
    let scalar = at.scalar()?;
    let mut words: Vec<(Value, Vec<Box<str>>)> = Vec::new();
    for child in node.children() {
        let texts = loader.args(child);
        let value = texts.first().and_then(|w| parse_scalar(scalar, None, w));
        let (Some(value), true) = (value, texts.len() == keys + 1) else {
            let help = "write `word` with our word and one native value for each key";
            loader.report(codes::dialect::WORD, child.header, "not a word of this setting", help);
            return None;
        };
        let natives: Vec<Box<str>> = texts.iter().skip(1).map(|t| (*t).into()).collect();
        if let Some((other, _)) = words.iter().find(|(v, n)| *n == natives || *v == value) {
            let message = format!("`{}` and `{}` can't be told apart", other.plain(), value.plain());
            let help = "two words need two native spellings, else what is read back is not what was written";
            loader.report(codes::dialect::NOT_INJECTIVE, child.header, message, help);
            return None;
        }
        words.push((value, natives));
    }
    Some(Kind::Tag(words))
}

fn reference(loader: &mut Loader, node: &Node) -> Option<Kind> {
    let section = loader.required(node, "section")?.into();
    let name = loader.required(node, "name")?;
    let count = count(loader, node)?;
    let names = (1..=count).map(|n| name.replace("{slot}", &n.to_string()).into()).collect();
    Some(Kind::Reference { section, names })
}

fn count(loader: &mut Loader, node: &Node) -> Option<u32> {
    let number =
        node.prop("count").and_then(|e| if let Scalar::Int(n) = e.value { u32::try_from(n).ok() } else { None });
    let legal = number.filter(|n| (1..=256).contains(n));
    if legal.is_none() {
        loader.report(
            codes::dialect::COUNT,
            node.header,
            format!("`{}` needs `count=`, 1 to 256", node.name),
            "write it",
        );
    }
    legal
}

fn slots(loader: &mut Loader, node: &Node, at: &Target, place: Option<&Place>) -> Option<Kind> {
    let Some(group) = at.list else {
        loader.report(codes::dialect::CODEC, node.header, "`slots` is for a list of entries", "use `list` or `key`");
        return None;
    };
    let shape = Shape::device();
    let mut found = Slots { slots: Vec::new(), used: None, entries: Vec::new(), group };
    for child in node.children() {
        match &*child.name {
            "used" => {
                loader.known_props(child, &["on", "off"]);
                let key = loader.arg(child, 0, "its key")?.into();
                let word = |loader: &mut Loader, name, or: &str| loader.prop(child, name).unwrap_or(or).into();
                found.used = Some((key, word(loader, "on", "1"), word(loader, "off", "0")));
            }
            "slot" => {
                let name = loader.arg(child, 0, "its name")?.into();
                let mut fixed = Vec::new();
                for (field, entry) in child.props() {
                    let value = shape.group(group).field(field).and_then(|(ix, f)| match &f.kind {
                        FieldKind::Scalar(kind) => Some((ix, parse_scalar(kind, None, entry.text()?)?)),
                        _ => None,
                    });
                    match value {
                        Some(value) => fixed.push(value),
                        None => loader.report(
                            codes::dialect::PROPERTY,
                            entry.span,
                            "no such field",
                            "name a field of the list",
                        ),
                    }
                }
                found.slots.push(Slot { name, fixed });
            }
            _ => found.entries.extend(entry(loader, child, place, group)),
        }
    }
    if found.slots.is_empty() {
        let count = count(loader, node)?;
        found.slots = (1..=count).map(|n| Slot { name: n.to_string().into(), fixed: Vec::new() }).collect();
    }
    let key = shape.group(group).keys().next().map(|(ix, _)| ix);
    let by_slot = found.slots.iter().all(|s| s.fixed.iter().any(|(ix, _)| Some(*ix) == key));
    let keyed = found.entries.first().is_some_and(|e| e.at.field.key || by_slot);
    if !keyed {
        let help = "the first entry of `slots` maps the key of the list: what is there is known by it";
        loader.report(codes::dialect::SLOTS, node.header, "the key of the list comes first", help);
        return None;
    }
    Some(Kind::Slots(found))
}

/// A shown key that two settings write could not be told apart; an address and its presence, or several settings of
/// unknown meaning, may share one.
fn one_key_one_setting(loader: &mut Loader, sections: &[Section]) {
    for section in sections {
        let mut seen: Vec<(&str, &Entry)> = Vec::new();
        for entry in &section.entries {
            for key in &entry.keys {
                let shares = |e: &Entry| match &e.kind {
                    Kind::Present => true,
                    Kind::Scalar(codec) => matches!(codec.kind, CodecKind::Foreign),
                    _ => false,
                };
                let apart = |e: &Entry| !e.when.is_empty() && e.when.iter().all(|w| !entry.when.contains(w));
                let twin = seen.iter().find(|(k, e)| *k == &**key && !shares(e) && !shares(entry) && !apart(e));
                if let Some((_, twin)) = twin {
                    let message = format!("`{key}` holds both `{}` and `{}`", twin.at.path, entry.at.path);
                    let finding = crate::finding::Finding::new(codes::dialect::NOT_INJECTIVE, entry.place.loc, message)
                        .help("one key holds one setting; guard both by `when=` where the variant decides")
                        .related(twin.place.loc, "the other one");
                    loader.findings.push(finding);
                }
                seen.push((key, entry));
            }
        }
    }
}
