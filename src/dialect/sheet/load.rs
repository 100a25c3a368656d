//! A table of web pages, from KDL.

use crate::finding::codes;
use std::sync::OnceLock;

use super::{Each, Entry, Field, Label, Page, Table};
use crate::dialect::written::Spelling;
use crate::dialect::{Loader, Place, Target};
use crate::model::shape::{GroupId, Shape};
use crate::syntax::Node;

const CODEC: [&str; 14] = [
    "look", "at", "as", "on", "off", "range", "unit", "zero", "alphabet", "except", "length", "when", "grade", "source",
];

impl Table {
    pub(in crate::dialect) fn load(loader: &mut Loader, root: &Node) -> Option<Table> {
        let around = loader.place_if_said(root, None);
        let mut pages = Vec::new();
        for node in root.children() {
            if &*node.name != "page" {
                loader.report(
                    codes::dialect::ENTRY,
                    node.name_span,
                    "a sheet holds pages",
                    "write `page \"Menu > Page\" { }`",
                );
                continue;
            }
            loader.known_props(node, &["risky", "look", "grade", "source"]);
            let around = loader.place_if_said(node, around.as_ref());
            let Some(menu) = loader.arg(node, 0, "its menu path") else { continue };
            let risky = loader.prop(node, "risky") == Some("yes");
            let entries = node.children().iter().filter_map(|n| loader.row(n, around.as_ref())).collect();
            let look = loader.prop(node, "look").map(Into::into);
            pages.push(Page { menu: menu.into(), risky, look, entries });
        }
        let table = Table { pages, laid: OnceLock::new() };
        if let Some((menu, name)) = twins(&table) {
            let help = "each field of a page has a name of its own, else what is read back is not what was written";
            loader.report(
                codes::dialect::NOT_INJECTIVE,
                root.header,
                format!("`{name}` of `{menu}` is not the only one"),
                help,
            );
        }
        Some(table)
    }
}

/// Two fields that one name could mean.
fn twins(table: &Table) -> Option<(&str, String)> {
    let mut seen: Vec<(&str, String)> = Vec::new();
    let mut labels: Vec<(&str, &Label)> = Vec::new();
    for page in &table.pages {
        for entry in &page.entries {
            match entry {
                Entry::Field(field) => labels.push((&page.menu, &field.label)),
                Entry::Each(each) => {
                    let heads = each.head.iter().map(|h| &h.0).chain(&each.remove);
                    seen.extend(heads.map(|name| (&*page.menu, name.to_string())));
                    labels.extend(each.fields.iter().map(|f| (&*page.menu, &f.label)));
                }
            }
        }
    }
    for (i, (menu, label)) in labels.iter().enumerate() {
        // a key that is taken for part of the name would let one name mean two fields
        let name = label.of("key");
        let other = labels.iter().enumerate().any(|(j, (m, l))| i != j && m == menu && l.key(&name).is_some());
        if other || seen.iter().any(|(m, n)| m == menu && label.key(n).is_some()) {
            return Some((menu, name));
        }
    }
    let double = |(i, s): (usize, &(&str, String))| seen[..i].contains(s);
    seen.iter().enumerate().find(|(i, s)| double((*i, s))).map(|(_, (menu, name))| (*menu, name.clone()))
}

/// The names of the fields that one setting is typed into: `part "Netmask"`.
fn parts<'n>(node: &'n Node, written: &Spelling) -> impl Iterator<Item = &'n str> {
    let several = written.has_parts();
    let parts = node.children().iter().filter(move |c| several && &*c.name == "part");
    parts.filter_map(|c| c.arg(0)?.text())
}

impl Loader {
    fn row(&mut self, node: &Node, around: Option<&Place>) -> Option<Entry> {
        match &*node.name {
            "field" => self.field(node, Shape::device().root, around).map(Entry::Field),
            "each" => self.sheet_each(node, around).map(Entry::Each),
            _ => {
                let help = "a page holds `field` and `each`";
                self.report(codes::dialect::ENTRY, node.name_span, format!("no entry is called `{}`", node.name), help);
                None
            }
        }
    }

    fn field(&mut self, node: &Node, from: GroupId, around: Option<&Place>) -> Option<Field> {
        self.known_props(node, &CODEC);
        let place = self.place(node, around)?;
        let label = Label::parse(self.arg(node, 0, "its name on the page")?);
        let target = self.target(node, from)?;
        let written = Spelling::load(self, node, &target)?;
        if label.after.is_some() == (from == Shape::device().root) {
            let help = "`{}` in a field's name stands for the key of the list's entry, in lists only and always there";
            self.report(codes::dialect::NO_KEY, node.header, "a field that doesn't say which entry it is of", help);
            return None;
        }
        let parts = parts(node, &written).map(Label::parse).collect();
        let when = self.prop(node, "when").unwrap_or_default().split_whitespace().map(Into::into).collect();
        let look = self.prop(node, "look").map(Into::into);
        Some(Field { label, parts, when, target, written, place, look })
    }

    fn sheet_each(&mut self, node: &Node, around: Option<&Place>) -> Option<Each> {
        self.known_props(node, &["remove", "grade", "source"]);
        let place = self.place(node, around)?;
        let path = self.arg(node, 0, "a list")?;
        let list = Target::resolve(Shape::device().root, path).filter(|t| t.list.is_some());
        let Some((list, group)) = list.and_then(|t| t.list.map(|g| (t, g))) else {
            self.report(
                codes::dialect::UNKNOWN_PATH,
                node.header,
                format!("no list is called `{path}`"),
                "name a list",
            );
            return None;
        };
        let mut each = Each { list, head: None, remove: None, parts: Vec::new(), look: None, fields: Vec::new() };
        each.remove = self.prop(node, "remove").map(Into::into);
        for child in node.children() {
            match &*child.name {
                "entry" => {
                    self.known_props(child, &CODEC);
                    let name = self.arg(child, 0, "its name on the page")?;
                    let key = self.target(child, group)?;
                    let written = Spelling::load(self, child, &key)?;
                    let place = self.place(child, Some(&place))?;
                    each.parts = parts(child, &written).map(Into::into).collect();
                    each.look = self.prop(child, "look").map(Into::into);
                    each.head = Some((name.into(), key, written, place));
                }
                _ => each.fields.extend(self.field(child, group, Some(&place))),
            }
        }
        Some(each)
    }
}
