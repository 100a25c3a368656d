//! A table of command lines, from KDL.

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

use super::{
    Absent, Asked, Condition, Each, Entry, Fills, Key, Kind, Line, Listed, Member, Otherwise, Pattern, Said, Shows,
    Slot, Table,
};
use crate::dialect::written::Spelling;
use crate::dialect::{Loader, Place, Target};
use crate::finding::codes;
use crate::model::facts::Value;
use crate::model::shape::{GroupId, ScalarKind, Shape, parse_scalar};
use crate::native::Grade;
use crate::syntax::{Node, Scalar};

/// Properties that every entry may have.
const USUAL: [&str; 9] = ["grade", "source", "off-grade", "absent", "mode", "when", "and", "without", "unsaid"];
/// Properties of codecs.
const CODEC: [&str; 13] =
    ["at", "as", "on", "off", "range", "unit", "zero", "alphabet", "except", "length", "remove", "none", "unsaid"];

impl Table {
    pub(in crate::dialect) fn load(loader: &mut Loader, root: &Node) -> Option<Table> {
        let around = loader.place_if_said(root, None);
        let secrets_as_set = loader.prop(root, "secrets") == Some("as-set");
        let words = words_of(root.children());
        let (entries, heads, listed, told) = (Vec::new(), HashMap::new(), Vec::new(), Vec::new());
        let mut table = Table { entries, heads, listed, told, words, secrets_as_set };
        for node in root.children() {
            match &*node.name {
                "keep" | "hide" | "secret" => table.listed.extend(loader.listed(node)),
                "told" => {
                    let known: Vec<&str> = CODEC.into_iter().chain(["grade", "source"]).collect();
                    loader.known_props(node, &known);
                    if loader.place(node, around.as_ref()).is_some() {
                        table.told.extend(loader.cli_line(node, Shape::device().root));
                    }
                }
                _ => table.entries.extend(loader.entry(node, Shape::device().root, around.as_ref())),
            }
        }
        for (place, entry) in table.entries.iter().enumerate() {
            let mut heads = Vec::new();
            entry.heads(&mut heads);
            heads.into_iter().for_each(|head| table.heads.entry(head.into()).or_default().push(place));
        }
        own_lines(root.children(), &table.listed, loader);
        let exec = table.entries.iter().position(|e| e.exec);
        if let Some(late) = exec.and_then(|at| table.entries[at..].iter().find(|e| !e.exec)) {
            loader.tell(codes::dialect::ORDER, late.place.loc.span, "a configuration line after an exec command");
        }
        Some(table)
    }
}

/// What may hold a secret stays hidden, whatever a site says of it.
fn own_lines(nodes: &[Node], listed: &[Listed], loader: &mut Loader) {
    for node in nodes {
        let said =
            node.arg(0).and_then(|entry| entry.text()).filter(|_| loader.is_own(node.header)).unwrap_or_default();
        let veils = |listed: &&Listed| {
            let mut pairs = listed.words.iter().zip(said.split_whitespace());
            !said.is_empty()
                && !matches!(listed.shows, Shows::All)
                && pairs.all(|(a, b)| **a == *b || a.starts_with('{') || b.starts_with('{'))
        };
        if listed.iter().any(|listed| veils(&listed)) {
            let help = "what may hold a secret stays hidden, whatever a site says of it";
            let message = format!("`{said}` may be a line that is hidden");
            loader.report(codes::dialect::TWICE, node.header, message, help);
        }
        own_lines(node.children(), listed, loader);
    }
}

/// All words that the nodes of a table write, places left out.
fn words_of(nodes: &[Node]) -> HashSet<String> {
    let mut words = HashSet::new();
    for node in nodes {
        let texts = node.entries.iter().filter_map(|entry| entry.text());
        words.extend(texts.flat_map(str::split_whitespace).filter(|w| !w.starts_with('{')).map(str::to_lowercase));
        words.extend(words_of(node.children()));
    }
    words
}

fn stands_in_block(entry: &Entry, inside: bool) -> bool {
    match &entry.kind {
        Kind::Switch { .. } | Kind::Line(_) | Kind::Values { .. } | Kind::Fixed(_) => true,
        Kind::Flag { .. } => inside,
        Kind::Mode { entries, .. } => entries.iter().all(|entry| stands_in_block(entry, inside)),
        _ => false,
    }
}

fn boxed(text: &str) -> Box<[Box<str>]> {
    text.split_whitespace().map(Into::into).collect()
}

impl Loader {
    /// A command that no entry maps: shown, hidden, or with places of secrets in it.
    fn listed(&mut self, node: &Node) -> Option<Listed> {
        self.known_props(node, &["touches"]);
        let pattern = Pattern::parse(self.arg(node, 0, "the words it begins with")?);
        let words: Box<[Box<str>]> = pattern.words().map(Into::into).collect();
        if words.is_empty() || pattern.slots().next().is_some() && &*node.name != "secret" {
            let help = "each begins with a word, and `secret` alone has places: `{secret}`, and others";
            self.report(codes::dialect::SLOTS, node.header, "no such command", help);
            return None;
        }
        let shows = match &*node.name {
            "keep" => Shows::All,
            "hide" => Shows::Head,
            _ => Shows::Places(pattern),
        };
        Some(Listed { words, shows, touches: self.touches(node)? })
    }

    fn entry(&mut self, node: &Node, from: GroupId, around: Option<&Place>) -> Option<Entry> {
        let known: Vec<&str> = USUAL.into_iter().chain(CODEC).chain(["key", "each", "line", "any", "most"]).collect();
        self.known_props(node, &known);
        let place = self.place(node, around)?;
        let kind = match &*node.name {
            "switch" => self.switch(node, from)?,
            "line" => Kind::Line(self.cli_line(node, from)?),
            "each" => self.cli_each(node, from)?,
            "values" => self.values(node, from)?,
            "members" => self.members(node, from, &place)?,
            "block" => self.block(node, from, &place)?,
            "group" => self.group(node, from, &place)?,
            "flag" => self.flag(node, from)?,
            "fixed" => Kind::Fixed(boxed(self.arg(node, 0, "its words")?)),
            _ => {
                let help = "there are line, switch, flag, each, values, members, block, group, fixed, told, keep, hide, secret";
                self.report(codes::dialect::ENTRY, node.name_span, format!("no entry is called `{}`", node.name), help);
                return None;
            }
        };
        let absent = match self.prop(node, "absent") {
            None | Some("unknown") => Absent::Unknown,
            Some("factory") => Absent::Factory,
            Some("off") => Absent::Off,
            Some(_) => {
                self.tell(codes::dialect::ABSENT, node.header, "no such meaning");
                return None;
            }
        };
        let mut off_place = place.clone();
        if let Some(word) = self.prop(node, "off-grade") {
            off_place.grade = Grade::from_word(word).unwrap_or(Grade::Unknown).min(place.grade);
        }
        let exec = match self.prop(node, "mode") {
            None | Some("config") => false,
            Some("exec") => true,
            Some(_) => {
                self.tell(codes::dialect::MODE, node.header, "no such mode");
                return None;
            }
        };
        let of_entries = match &kind {
            Kind::Block { list, .. } | Kind::Each(Each { list, .. }) => list.list?,
            _ => from,
        };
        let mut when = Vec::new();
        for (name, none) in [("when", false), ("and", false), ("without", true)] {
            when.extend(self.condition(node, of_entries, name, none)?);
        }
        Some(Entry { kind, absent, place, off_place, exec, when })
    }

    /// `when="mode=pat"`, `without="source-mac destination-mac"`: settings of the same entry, or by their whole path of
    /// the device.
    fn condition(&mut self, node: &Node, from: GroupId, name: &str, none: bool) -> Option<Option<Condition>> {
        let Some(said) = self.prop(node, name).map(str::to_owned) else { return Some(None) };
        let mut any = Vec::new();
        for path in said.split(' ') {
            let (path, word) = match (path.split_once('='), path.split_once('~')) {
                (Some((path, word)), _) => (path, Some(Said::Is(word.into()))),
                (None, Some((path, part))) => (path, Some(Said::Holds(part.into()))),
                _ => (path, None),
            };
            let of_entry = Target::resolve(from, path);
            let of_device = of_entry.is_none();
            let Some(target) = of_entry.or_else(|| Target::resolve(Shape::device().root, path)) else {
                let message = format!("no setting is called `{path}`");
                self.tell(codes::dialect::UNKNOWN_PATH, node.header, message);
                return None;
            };
            any.push(Asked { target, word, of_device });
        }
        Some(Some(Condition { any, none }))
    }

    fn flag(&mut self, node: &Node, from: GroupId) -> Option<Kind> {
        let target = self.target(node, from)?;
        if target.scalar() != Some(&ScalarKind::Switch) {
            let help = "use `line`";
            self.report(codes::dialect::CODEC, node.header, "a flag is for settings that are on or off", help);
            return None;
        }
        let usual = self.prop(node, "unsaid") == Some("on");
        Some(Kind::Flag { target, line: boxed(self.arg(node, 0, "the line for on")?), usual })
    }

    fn group(&mut self, node: &Node, from: GroupId, around: &Place) -> Option<Kind> {
        let pattern = Pattern::parse(self.arg(node, 0, "its first line")?);
        let open = match pattern.slots().count() {
            1.. => self.cli_line(node, from)?,
            0 => Line { pattern, slots: Vec::new(), implies: Vec::new() },
        };
        let inside = node.children().iter().filter(|child| &*child.name != "slot");
        let entries = inside.filter_map(|child| self.entry(child, from, Some(around))).collect();
        Some(Kind::Mode { open, entries })
    }

    /// What is written in a place whose setting nobody says: `none="any"` is no value, `unsaid="1"` is one.
    fn otherwise(&mut self, node: &Node) -> Option<Otherwise> {
        let [none, unsaid] = ["none", "unsaid"].map(|name| self.prop(node, name).map(Into::into));
        let of = |word: Option<Box<str>>, is_value| Some(Otherwise { word: word?, is_value });
        of(none, false).or_else(|| of(unsaid, true))
    }

    fn switch(&mut self, node: &Node, from: GroupId) -> Option<Kind> {
        let target = self.target(node, from)?;
        if target.scalar() != Some(&ScalarKind::Switch) {
            self.report(
                codes::dialect::CODEC,
                node.header,
                "a switch is for settings that are on or off",
                "use `line`",
            );
            return None;
        }
        let on = boxed(node.arg(0).and_then(|entry| entry.text()).unwrap_or_default());
        let off = boxed(self.prop(node, "off").unwrap_or_default());
        if on == off {
            self.tell(codes::dialect::NOT_INJECTIVE, node.header, "on and off are one line");
            return None;
        }
        Some(Kind::Switch { target, on, off })
    }

    /// A line with one place says `at=` and `as=` itself; one with several has a `slot` for each.
    fn cli_line(&mut self, node: &Node, from: GroupId) -> Option<Line> {
        let pattern = Pattern::parse(self.arg(node, 0, "the line")?);
        let names: Vec<Box<str>> = pattern.slots().map(Into::into).collect();
        let mut slots = Vec::new();
        if node.prop("at").is_some() {
            let [name] = names.as_slice() else {
                self.report(
                    codes::dialect::SLOTS,
                    node.header,
                    "a line with one setting has one place",
                    "use `slot` nodes",
                );
                return None;
            };
            slots.push(Slot { name: name.clone(), fills: self.fills(node, from)?, otherwise: None });
        }
        for child in node.children().iter().filter(|c| &*c.name == "slot") {
            let known: Vec<&str> = CODEC.into_iter().chain(["number"]).collect();
            self.known_props(child, &known);
            let name = self.arg(child, 0, "the place's name")?;
            let fills = match child.arg(1).and_then(|e| e.text()) {
                Some("number") => Fills::Number,
                Some("bits") => Fills::Bits(self.bits(child, from)?),
                _ => self.fills(child, from)?,
            };
            slots.push(Slot { name: name.into(), fills, otherwise: self.otherwise(child) });
        }
        let same = names.len() == slots.len() && names.iter().all(|n| slots.iter().any(|s| s.name == *n));
        if !same || names.is_empty() {
            self.tell(codes::dialect::SLOTS, node.header, "places and slots differ");
            return None;
        }
        let implies = self.implied(node, from)?;
        Some(Line { pattern, slots, implies })
    }

    /// `bit "4" "syslog"`: what is added where a switch is on.
    fn bits(&mut self, node: &Node, from: GroupId) -> Option<Vec<(u32, Target)>> {
        let mut bits = Vec::new();
        for child in node.children() {
            let number = self.arg(child, 0, "its number")?.parse::<u32>().ok().filter(|n| n.is_power_of_two());
            let target = Target::resolve(from, self.arg(child, 1, "a switch")?);
            let target = target.filter(|target| target.scalar() == Some(&ScalarKind::Switch));
            let Some(bit) = number.zip(target) else {
                let help = "write `bit \"4\" \"syslog\"`: a power of two, then a switch";
                self.report(codes::dialect::WORD, child.header, "no such bit", help);
                return None;
            };
            if bits.iter().any(|(known, _)| *known == bit.0) {
                self.tell(codes::dialect::NOT_INJECTIVE, child.header, "two switches are one number");
                return None;
            }
            bits.push(bit);
        }
        Some(bits)
    }

    /// `implies "querier" "on"`: what a line says by being there.
    fn implied(&mut self, node: &Node, from: GroupId) -> Option<Vec<(Target, Value)>> {
        let mut implied = Vec::new();
        for child in node.children().iter().filter(|child| &*child.name == "implies") {
            let target = Target::resolve(from, self.arg(child, 0, "a setting")?);
            let word = self.arg(child, 1, "its value")?;
            let said = target.and_then(|target| {
                let value = parse_scalar(target.scalar()?, target.field.word, word)?;
                Some((target, value))
            });
            if said.is_none() {
                self.tell(codes::dialect::WORD, child.header, format!("`{word}` is no value here"));
            }
            implied.push(said?);
        }
        Some(implied)
    }

    fn fills(&mut self, node: &Node, from: GroupId) -> Option<Fills> {
        let target = self.target(node, from)?;
        let written = Spelling::load(self, node, &target)?;
        Some(Fills::Setting(target, written))
    }

    fn list(&mut self, node: &Node, from: GroupId) -> Option<Target> {
        let path = if &*node.name == "block" { self.required(node, "each")? } else { self.arg(node, 0, "a list")? };
        let target = Target::resolve(from, path).filter(|t| t.list.is_some());
        if target.is_none() {
            self.report(
                codes::dialect::UNKNOWN_PATH,
                node.header,
                format!("no list is called `{path}`"),
                "name a list",
            );
        }
        target
    }

    fn cli_each(&mut self, node: &Node, from: GroupId) -> Option<Kind> {
        let list = self.list(node, from)?;
        let group = list.list?;
        let (mut lines, mut reads, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for child in node.children() {
            self.known_props(child, &CODEC);
            match &*child.name {
                "line" => lines.push(self.cli_line(child, group)?),
                "reads" => reads.push(self.cli_line(child, group)?),
                "gone" => gone.push(Pattern::parse(self.arg(child, 0, "the line")?)),
                _ => {
                    let help = "a list holds `line`, `reads` and `gone`";
                    self.report(
                        codes::dialect::ENTRY,
                        child.name_span,
                        format!("no entry is called `{}`", child.name),
                        help,
                    );
                }
            }
        }
        let keys: Vec<&str> = Shape::device().group(group).keys().map(|(_, f)| f.name).collect();
        let has_keys = |l: &Line| keys.iter().all(|k| l.fills().any(|(t, _)| &*t.path == *k));
        if lines.is_empty() || !lines.iter().chain(&reads).all(has_keys) {
            self.tell(codes::dialect::NO_KEY, node.header, "a line without the key of its list");
            return None;
        }
        let remove = self.prop(node, "remove").map(Pattern::parse);
        let fits = |r: &Pattern| r.slots().all(|s| lines[0].slot(s).is_some());
        if !remove.iter().chain(&gone).all(fits) {
            self.report(
                codes::dialect::SLOTS,
                node.header,
                "`remove=` has a place that the line hasn't",
                "name it alike",
            );
            return None;
        }
        let any = self.prop(node, "any") == Some("yes");
        Some(Kind::Each(Each { list, lines, reads, remove, gone, any }))
    }

    fn values(&mut self, node: &Node, from: GroupId) -> Option<Kind> {
        let target = self.target(node, from)?;
        let pattern = Pattern::parse(self.required(node, "line")?);
        let codec = self.codec(node, &target)?;
        let places = pattern.slots().count() - usize::from(pattern.is_numbered());
        if !(target.is_scalars() || target.is_set()) || places != 1 || target.is_set() && pattern.is_numbered() {
            self.report(codes::dialect::SLOTS, node.header, "`values` is a list of values, one a line", "use `line`");
            return None;
        }
        let remove = self.prop(node, "remove").map(Pattern::parse);
        Some(Kind::Values { target, pattern, written: Spelling::One(codec), remove })
    }

    fn members(&mut self, node: &Node, from: GroupId, around: &Place) -> Option<Kind> {
        let path = self.arg(node, 0, "a list of words")?;
        let target = Target::resolve(from, path).filter(Target::is_scalars);
        let Some((target, scalar)) = target.and_then(|t| t.scalar().map(|s| (t, s))) else {
            self.report(
                codes::dialect::UNKNOWN_PATH,
                node.header,
                format!("no list of words is called `{path}`"),
                "name one",
            );
            return None;
        };
        let mut members: Vec<Member> = Vec::new();
        for child in node.children() {
            self.known_props(child, &["off", "grade", "source"]);
            let place = self.place(child, Some(around))?;
            let on = boxed(self.arg(child, 0, "its line")?);
            let off = self.prop(child, "off").map(boxed);
            let mut values = Vec::new();
            for word in self.args(child).into_iter().skip(1) {
                match parse_scalar(scalar, None, word) {
                    Some(value) => values.push(value),
                    None => {
                        let help = format!("write {}", scalar.expected());
                        self.report(codes::dialect::WORD, child.header, format!("`{word}` is no value here"), help);
                    }
                }
            }
            let twice = members.iter().any(|m| m.on == on || m.values.iter().any(|v| values.contains(v)));
            if twice || values.is_empty() {
                let help = "one line for each word, and each word in one line";
                self.report(
                    codes::dialect::NOT_INJECTIVE,
                    child.header,
                    "words and lines don't match one to one",
                    help,
                );
                return None;
            }
            members.push(Member { on, off, values, place });
        }
        Some(Kind::Members { target, members })
    }

    fn block(&mut self, node: &Node, from: GroupId, around: &Place) -> Option<Kind> {
        let list = self.list(node, from)?;
        let open = Pattern::parse(self.arg(node, 0, "its first line")?);
        let places = open.slots().count();
        let key = match (self.prop(node, "key"), places) {
            (Some("inside"), 0) => Key { before: "".into(), has_slot: false, inside: true },
            (Some("inside"), 1) if open.slots().eq(["number"]) => {
                Key { before: "".into(), has_slot: true, inside: true }
            }
            (None, 1) => Key { before: "".into(), has_slot: true, inside: false },
            (Some(key), 0) => Key { before: key.into(), has_slot: false, inside: false },
            (Some(key), 1) if key.ends_with("{}") => {
                Key { before: key[..key.len() - 2].into(), has_slot: true, inside: false }
            }
            _ => {
                let help = "a block names its entry: by one place, or by `key=`, in which `{}` stands for the place";
                self.report(codes::dialect::NO_KEY, node.header, "a block without the key of its list", help);
                return None;
            }
        };
        let group = list.list?;
        let entries: Vec<Entry> =
            node.children().iter().filter_map(|child| self.entry(child, group, Some(around))).collect();
        let keys = Shape::device().group(group).keys().map(|(_, field)| field.name);
        let said = |key: &str| {
            entries.iter().any(|e| matches!(&e.kind, Kind::Line(l) if l.fills().any(|(t, _)| &*t.path == key)))
        };
        if key.inside && !keys.into_iter().all(said) {
            let help = "with `key=\"inside\"` a line in it says each part of the key";
            self.report(codes::dialect::NO_KEY, node.header, "a block without the key of its list", help);
            return None;
        }
        if !entries.iter().all(|entry| stands_in_block(entry, key.inside)) {
            let message = "a block holds lines, switches, values, groups, and flags where its lines make the entry";
            self.report(codes::dialect::ENTRY, node.header, message, "put the rest outside");
            return None;
        }
        let most =
            node.prop("most").and_then(|e| if let Scalar::Int(n) = e.value { usize::try_from(n).ok() } else { None });
        Some(Kind::Block { list, open, key, entries, most })
    }
}
