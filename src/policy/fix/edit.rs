//! A fix as edits of the files that own its settings.
//!
//! A value that a person wrote is replaced where it stands, in the device's file or a profile's. What nobody wrote is
//! put into the nearest line or block that somebody did. What one device has of its own goes into no profile.

use crate::finding::Edit;
use crate::model::facts::{Fact, Facts, Group, Item, Items, Setting, Value, same_key};
use crate::model::shape::{At, FieldIx, FieldShape, Shape};
use crate::model::write::{Node, node, nodes, on_one_line};
use crate::policy::Judged;
use crate::source::{FileId, Loc, Origin, SourceMap, Span};
use crate::syntax::edit;

/// What writes settings into the files of a device. Nothing where a person has to decide more than what is asked for.
///
/// `apart`: of the entries that share a line some only are meant, so that those get a line of their own.
pub(in crate::policy) fn edits(
    asked: &Facts,
    judged: Judged<'_>,
    sources: &SourceMap,
    apart: bool,
) -> Option<Vec<Edit>> {
    let Judged { device, complete } = judged;
    sources.get(device.loc.file)?;
    let mut edits = Edits { shape: asked.shape, home: device.loc.file, sources, edits: Vec::new(), apart };
    edits.group(&asked.root, &device.own.root, Some(&complete.root), device.loc)?;
    Some(edits.edits)
}

struct Edits<'a> {
    shape: &'static Shape,
    /// The device's own file.
    home: FileId,
    sources: &'a SourceMap,
    edits: Vec<Edit>,
    apart: bool,
}

impl Edits<'_> {
    /// Writes a group over what people wrote of it (`own`, whose node stands at `home`) and what is judged
    /// (`complete`).
    fn group(&mut self, asked: &Group, own: &Group, complete: Option<&Group>, home: Loc) -> Option<()> {
        self.keeps_its_mode(asked, own)?;
        let declared = self.shape.group(asked.shape);
        let mut new = Group::new(asked.shape, asked.origin);
        for (ix, setting) in asked.iter() {
            let field = declared.at(ix);
            let judged = complete.and_then(|group| group.get(ix));
            match (setting, own.get(ix)) {
                (Setting::Value(asked), Some(Setting::Value(own))) if asked.value == own.value => {}
                (Setting::Value(asked), Some(Setting::Value(own))) => self.replace(field, asked, own)?,
                (Setting::Value(asked), None) if field.at != At::Child => self.add(ix, field, asked, own, home)?,
                (Setting::Group(asked), Some(Setting::Group(own))) => {
                    let judged = if let Some(Setting::Group(judged)) = judged { Some(judged) } else { None };
                    self.group(asked, own, judged, own.origin.loc())?;
                }
                (Setting::Items(asked), Some(Setting::Items(own))) => self.items(field, asked, own, judged, home)?,
                (setting, None) => {
                    self.takes_nothing(field, setting, judged)?;
                    new.set(ix, setting.clone());
                }
                _ => return None,
            }
        }
        self.put_in(nodes(self.shape, &new, &|field, fact| fact.value.to_kdl_at(field)), &new, home)
    }

    fn items(
        &mut self,
        field: &FieldShape,
        asked: &Items,
        own: &Items,
        judged: Option<&Setting>,
        home: Loc,
    ) -> Option<()> {
        let judged = if let Some(Setting::Items(judged)) = judged { Some(judged) } else { None };
        for Item { group, .. } in &asked.items {
            let keyed = self.shape.group(group.shape).keys().next().is_some();
            match own.like(self.shape, group).filter(|_| keyed) {
                Some(its) if self.apart => self.aside(field, group, &own.items, &its.group, home)?,
                Some(Item { group: own, .. }) => {
                    let judged = judged.and_then(|items| items.like(self.shape, group)).map(|item| &item.group);
                    self.group(group, own, judged, own.origin.loc())?;
                }
                // `none` would stand beside it
                None if own.items.is_empty() => return None,
                None => {
                    let new = node(self.shape, field.name, group, &|field, fact| fact.value.to_kdl_at(field));
                    self.put_in(vec![new], group, home)?;
                }
            }
        }
        Some(())
    }

    /// What one of several entries is to have that share a line, or took it from a class: on its own line, where it has
    /// one; else on a new one, which lies over theirs.
    fn aside(&mut self, field: &FieldShape, asked: &Group, own: &[Item], its: &Group, home: Loc) -> Option<()> {
        let declared = self.shape.group(asked.shape);
        let header = its.origin.loc();
        let mut new = Group::new(asked.shape, asked.origin);
        let other = |ix: &FieldIx, setting: &Setting| its.get(*ix) != Some(setting) || declared.at(*ix).key;
        asked.iter().filter(|(ix, s)| other(ix, s)).for_each(|(ix, s)| drop(new.set(ix, s.clone())));
        if own.iter().filter(|item| item.group.origin.loc() == header).count() > 1 {
            let new = (node(self.shape, field.name, &new, &|field, fact| fact.value.to_kdl_at(field)), new);
            return self.put_in(vec![new.0], &new.1, home);
        }
        for (ix, setting) in new.iter().filter(|(ix, _)| !declared.at(*ix).key) {
            let Setting::Value(asked) = setting else { return None };
            let on_the_line =
                |fact: &&Fact| header.file == fact.origin.file && header.span.join(fact.origin.span) == header.span;
            match its.fact(ix).filter(on_the_line) {
                Some(said) => self.replace(declared.at(ix), asked, said)?,
                None => self.add(ix, declared.at(ix), asked, its, header)?,
            }
        }
        Some(())
    }

    /// A value in the place of another.
    fn replace(&mut self, field: &FieldShape, asked: &Fact, own: &Fact) -> Option<()> {
        let value = self.shown(field, asked, own.origin.file)?;
        let text = match (field.at, &own.value) {
            (At::Prop, _) => format!("{}={value}", field.name),
            (At::Child, Value::List(_)) => format!("{} {value}", field.name),
            _ => value,
        };
        self.push(own.origin.loc(), text)
    }

    /// An argument or a property on the line of a node that is there.
    fn add(&mut self, ix: FieldIx, field: &FieldShape, asked: &Fact, own: &Group, home: Loc) -> Option<()> {
        let value = self.shown(field, asked, home.file)?;
        if field.at == At::Prop {
            let (span, text) = edit::behind_header(home.span, &format!("{}={value}", field.name));
            return self.push(Loc::new(home.file, span), text);
        }
        let before = own.iter().take_while(|(other, _)| *other < ix).filter_map(|(other, _)| {
            let origin = own.fact(other)?.origin;
            let on_the_line = origin.file == home.file && home.span.join(origin.span) == home.span;
            (self.shape.group(own.shape).at(other).at == At::Arg && on_the_line).then_some(origin.span.end as usize)
        });
        let (span, text) = match before.max() {
            Some(end) => (Span::new(end, end), format!(" {value}")),
            None => edit::behind_name(self.sources.get(home.file)?, home.span, &value)?,
        };
        self.push(Loc::new(home.file, span), text)
    }

    /// Nodes in the block of a node that is there.
    fn put_in(&mut self, new: Vec<Node>, of: &Group, home: Loc) -> Option<()> {
        if new.is_empty() {
            return Some(());
        }
        self.all_shown(of, home.file)?;
        let lines: Vec<String> = new.iter().map(|node| on_one_line(std::slice::from_ref(node))).collect();
        let (span, text) = edit::into_block(self.sources.get(home.file)?, home.span, &lines)?;
        self.push(Loc::new(home.file, span), text)
    }

    fn push(&mut self, at: Loc, text: String) -> Option<()> {
        let file = self.sources.get(at.file)?;
        file.text().get(at.span.range())?;
        self.edits.push(Edit { at, text });
        Some(())
    }

    /// What is written of another mode means nothing to the one that is asked for: which of it goes a person says.
    fn keeps_its_mode(&self, asked: &Group, own: &Group) -> Option<()> {
        let declared = self.shape.group(asked.shape);
        let Some((ix, Value::Word(mode))) = declared.tag.and_then(|ix| Some((ix, &asked.fact(ix)?.value))) else {
            return Some(());
        };
        let fits = |field: &FieldShape| field.only.is_empty() || field.only.contains(mode);
        own.iter().all(|(other, _)| other == ix || fits(declared.at(other))).then_some(())
    }

    /// A list that is written is owned whole: the first entry that is written would take away all that the device has.
    fn takes_nothing(&self, field: &FieldShape, asked: &Setting, judged: Option<&Setting>) -> Option<()> {
        match (asked, judged) {
            (Setting::Group(asked), Some(Setting::Group(judged))) => {
                let declared = self.shape.group(asked.shape);
                let mut all = asked.iter();
                all.all(|(ix, s)| self.takes_nothing(declared.at(ix), s, judged.get(ix)).is_some()).then_some(())
            }
            (Setting::Items(asked), Some(Setting::Items(judged))) if !field.fixed => {
                let named = |i: &Item| asked.items.iter().any(|a| same_key(self.shape, &a.group, &i.group));
                judged.items.iter().all(named).then_some(())
            }
            _ => Some(()),
        }
    }

    /// A value as it is written into a file. Nothing for the name of a secret, which a person gives, nor for what is
    /// one device's own where others have the file too: it has an origin, what the rule says has none.
    fn shown(&self, field: &FieldShape, fact: &Fact, file: FileId) -> Option<String> {
        let shared = file == self.home || fact.origin == Origin::NONE;
        (shared && !matches!(fact.value, Value::Secret(_))).then(|| fact.value.to_kdl_at(field))
    }

    /// Whether all of a group may be written into a file.
    fn all_shown(&self, group: &Group, file: FileId) -> Option<()> {
        group.iter().try_for_each(|(ix, setting)| match setting {
            Setting::Value(fact) => self.shown(self.shape.group(group.shape).at(ix), fact, file).map(drop),
            Setting::Group(inner) => self.all_shown(inner, file),
            Setting::Items(items) => items.items.iter().try_for_each(|item| self.all_shown(&item.group, file)),
        })
    }
}
