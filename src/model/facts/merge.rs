//! Layers over one another: factory < base < profiles in `use` order < the device's own words.

use std::collections::BTreeSet;

use super::path::key_text;
use super::{Facts, Group, Item, Items, Keyed, Setting, Value};
use crate::model::shape::{FieldIx, FieldShape, Shape};
use crate::source::Origin;

/// Marks every origin of a layer with the layer's number.
pub fn stamp(group: &mut Group, layer: u16) {
    group.origin.layer = layer;
    for (_, setting) in group.iter_mut() {
        match setting {
            Setting::Value(fact) => {
                fact.origin.layer = layer;
                if let Value::List(list) = &mut fact.value {
                    list.iter_mut().for_each(|f| f.origin.layer = layer);
                }
            }
            Setting::Group(inner) => stamp(inner, layer),
            Setting::Items(items) => {
                items.origin.layer = layer;
                items.items.iter_mut().for_each(|i| stamp(&mut i.group, layer));
            }
        }
    }
}

/// Lays what a person wrote over what a person wrote (a later profile or the device over earlier profiles): groups
/// by field, keyed lists by key, other lists whole; `(drop)` takes an inherited entry away. Gives the entries to drop
/// that nothing held.
pub fn overlay(shape: &Shape, under: &mut Group, over: &Group) -> Vec<Origin> {
    let mut merge = Merge { shape, drops: drops(over), idle: Vec::new() };
    merge.group(under, over);
    merge.idle
}

/// Whether entries are to be dropped in it.
fn drops(group: &Group) -> bool {
    group.iter().any(|(_, setting)| match setting {
        Setting::Value(_) => false,
        Setting::Group(inner) => drops(inner),
        Setting::Items(items) => items.items.iter().any(|i| i.dropped || drops(&i.group)),
    })
}

struct Merge<'a> {
    shape: &'a Shape,
    /// Whether what lies above holds entries to drop. Where it does not, whole groups of it are taken as they are.
    drops: bool,
    idle: Vec<Origin>,
}

impl Merge<'_> {
    fn group(&mut self, under: &mut Group, over: &Group) {
        if under.is_empty() && !self.drops {
            *under = over.clone();
            return;
        }
        // another variant of a tagged group replaces the whole: the properties of the old one mean nothing to it
        if let Some(tag) = self.shape.group(over.shape).tag
            && let (Some(old), Some(new)) = (under.fact(tag), over.fact(tag))
            && old.value != new.value
        {
            *under = Group::new(over.shape, over.origin);
        }
        under.origin = over.origin;
        give_way(self.shape, under, over);
        for (ix, setting) in over.iter() {
            match (under.get_mut(ix), setting) {
                (Some(Setting::Group(old)), Setting::Group(new)) => self.group(old, new),
                (Some(Setting::Items(old)), Setting::Items(new)) => {
                    self.items(old, new, self.shape.group(over.shape).at(ix).last);
                }
                // merged into nothing rather than cloned, so that no entry to drop stays behind
                (_, Setting::Group(new)) if self.drops => {
                    let mut fresh = Group::new(new.shape, new.origin);
                    self.group(&mut fresh, new);
                    under.set(ix, Setting::Group(fresh));
                }
                (_, Setting::Items(new)) if self.drops => {
                    let mut fresh = Items::new(new.origin, Vec::new());
                    self.items(&mut fresh, new, false);
                    under.set(ix, Setting::Items(fresh));
                }
                _ => {
                    under.set(ix, setting.clone());
                }
            }
        }
    }

    /// `first`: entries that come stand before those that are there.
    fn items(&mut self, under: &mut Items, over: &Items, first: bool) {
        let before = under.items.len();
        if over.items.is_empty() {
            *under = over.clone();
            return;
        }
        under.origin = over.origin;
        let mut keyed = Keyed::default();
        let mut gone = BTreeSet::new();
        for item in &over.items {
            let found = keyed.find(self.shape, &under.items, &item.group).filter(|at| !gone.contains(at));
            match (found, item.dropped) {
                (Some(at), true) => {
                    gone.insert(at);
                }
                (None, true) => self.idle.push(item.group.origin),
                (Some(at), false) => {
                    let below = &mut under.items[at].group;
                    // what asks to go is over for whoever says of the entry what it is
                    if asks_to_go(self.shape, below) && !asks_to_go(self.shape, &item.group) {
                        *below = Group::new(item.group.shape, item.group.origin);
                    }
                    self.group(below, &item.group);
                }
                (None, false) if !self.drops => under.items.push(item.clone()),
                (None, false) => {
                    let mut group = Group::new(item.group.shape, item.group.origin);
                    self.group(&mut group, &item.group);
                    under.items.push(Item { group, dropped: false });
                }
            }
        }
        if first {
            under.items.rotate_left(before);
            let moved = under.items.len() - before;
            gone = gone.into_iter().map(|at| at + moved).collect();
        }
        if !gone.is_empty() {
            let mut place = 0..;
            under.items.retain(|_| !place.next().is_some_and(|at| gone.contains(&at)));
        }
    }
}

/// What a person wrote, over the state of a device (factory, base). **A list that is written is owned whole**: of
/// the entries below only those stay, field by field, whose key is written; entries of `x-fixed` lists exist by
/// hardware and stay.
pub fn owned_over(shape: &Shape, under: &Group, over: &Group) -> Group {
    let mut merged = over.clone();
    if let Some(tag) = shape.group(over.shape).tag
        && let (Some(old), Some(new)) = (under.fact(tag), over.fact(tag))
        && old.value != new.value
    {
        return merged;
    }
    for (ix, below) in under.iter() {
        let field = shape.group(under.shape).at(ix);
        match (merged.get(ix), below) {
            (None, _) if has_no_say(shape, over, field) => {}
            (None, _) => {
                merged.set(ix, below.clone());
            }
            (Some(Setting::Group(own)), Setting::Group(below)) => {
                let whole = owned_over(shape, below, own);
                if !whole.shares(own) {
                    merged.set(ix, Setting::Group(whole));
                }
            }
            (Some(Setting::Items(own)), Setting::Items(below)) => {
                let whole = own_items(shape, own, below, field.fixed);
                merged.set(ix, Setting::Items(whole));
            }
            _ => {}
        }
    }
    merged
}

/// Whether another field was chosen above it.
fn has_no_say(shape: &Shape, over: &Group, field: &FieldShape) -> bool {
    let declared = shape.group(over.shape);
    (field.choice.is_some() || field.beside.is_some())
        && over.iter().any(|(ix, _)| declared.excludes(declared.at(ix), field))
}

/// Of the fields of a choice one stands: what is chosen above takes away the others, and what goes with them.
fn give_way(shape: &Shape, under: &mut Group, over: &Group) {
    let declared = shape.group(under.shape);
    let gone: Vec<FieldIx> =
        under.iter().map(|(ix, _)| ix).filter(|ix| has_no_say(shape, over, declared.at(*ix))).collect();
    gone.into_iter().for_each(|ix| drop(under.remove(ix)));
}

fn own_items(shape: &Shape, own: &Items, below: &Items, fixed: bool) -> Items {
    let mut own = own.clone();
    let mut keyed = Keyed::default();
    for item in &below.items {
        match keyed.find(shape, &own.items, &item.group) {
            // what is asked to go takes nothing along
            Some(at) if asks_to_go(shape, &own.items[at].group) => {}
            Some(at) => own.items[at].group = owned_over(shape, &item.group, &own.items[at].group),
            None if fixed => own.items.push(item.clone()),
            None => {}
        }
    }
    if fixed {
        by_count(shape, &mut own.items);
    }
    own
}

fn asks_to_go(shape: &Shape, group: &Group) -> bool {
    group.iter().any(|(ix, _)| shape.group(group.shape).at(ix).intent)
}

/// Sorts entries by their keys in the order people count: `1/2` before `1/10`.
pub fn by_count(shape: &Shape, items: &mut [Item]) {
    items.sort_by_cached_key(|i| sortable(&key_text(shape, &i.group)));
}

fn sortable(key: &str) -> Vec<(u64, String)> {
    key.split('/').map(|part| (part.parse().unwrap_or(u64::MAX), part.to_owned())).collect()
}

/// Factory, base and own words in one: the complete facts that are judged.
pub fn complete(shape: &'static Shape, factory: Option<&Facts>, base: Option<&Facts>, own: Facts) -> Facts {
    let mut root = own.root;
    for below in [base, factory].into_iter().flatten() {
        root = owned_over(shape, &below.root, &root);
    }
    let mut facts = Facts { shape, root };
    // what is said without the word that takes it means nothing beside the word that the device has
    super::without_misfits(&mut facts);
    facts
}

/// Puts the default names of secrets where a person left them out: `<device>/<account>`.
///
/// Only into entries that a person wrote, which are those that the own words hold: call it before [`complete`].
pub fn fill_secrets(facts: &mut Facts, device: &str) {
    let shape = facts.shape;
    fill(shape, &mut facts.root, device, "");
}

fn fill(shape: &Shape, group: &mut Group, device: &str, key: &str) {
    for (ix, name) in lacking(shape, group) {
        let name = name.replace("{device}", device).replace("{key}", &secret_segment(key));
        let fact = super::Fact::new(Value::Secret(name.into()), group.origin);
        group.set(ix, Setting::Value(fact));
    }
    let within: Vec<FieldIx> = group.iter().filter(|(_, s)| lacks(shape, s)).map(|(ix, _)| ix).collect();
    for ix in within {
        match group.get_mut(ix) {
            Some(Setting::Group(inner)) => fill(shape, inner, device, ""),
            Some(Setting::Items(items)) => {
                for Item { group, .. } in items.items.iter_mut().filter(|i| group_lacks(shape, &i.group)) {
                    let key = key_text(shape, group);
                    fill(shape, group, device, &key);
                }
            }
            Some(Setting::Value(_)) | None => {}
        }
    }
}

/// Whether the name of a secret is to be filled in somewhere within: only then is anything changed, and no longer
/// shared.
fn lacks(shape: &Shape, setting: &Setting) -> bool {
    match setting {
        Setting::Value(_) => false,
        Setting::Group(inner) => group_lacks(shape, inner),
        Setting::Items(items) => items.items.iter().any(|i| group_lacks(shape, &i.group)),
    }
}

fn group_lacks(shape: &Shape, group: &Group) -> bool {
    shape.group(group.shape).secrets
        && (!lacking(shape, group).is_empty() || group.iter().any(|(_, setting)| lacks(shape, setting)))
}

/// The fields of a group that need a secret and don't name it, with the names that they get.
fn lacking<'a>(shape: &'a Shape, group: &Group) -> Vec<(FieldIx, &'a str)> {
    let fields = || (0..).zip(&shape.group(group.shape).fields);
    let secrets = fields().filter_map(|(ix, f)| Some((ix, f, f.secret?)));
    let unnamed = secrets.filter(|(ix, f, _)| group.get(*ix).is_none() && needed(shape, group, f.secret_when));
    let unnamed: Vec<_> = unnamed.map(|(ix, _, name)| (ix, name)).collect();
    let meant = || fields().any(|(ix, f)| f.intent && group.get(ix).is_some());
    if unnamed.is_empty() || meant() { Vec::new() } else { unnamed }
}

/// A key as a segment of a secret's name: lower case, other characters become `-`.
fn secret_segment(key: &str) -> String {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let text: String = key.to_lowercase().chars().map(|c| if legal(c) { c } else { '-' }).collect();
    let text = text.trim_start_matches(['.', '_', '-']);
    if text.is_empty() { "unnamed".to_owned() } else { text.to_owned() }
}

/// Whether the field that makes a secret needed says so: `auth` (set, and not the word `none`), `encrypted=on`.
fn needed(shape: &Shape, group: &Group, when: Option<&str>) -> bool {
    let Some(when) = when else { return true };
    let (name, words) = when.split_once('=').map_or((when, None), |(n, w)| (n, Some(w)));
    let Some((ix, _)) = shape.group(group.shape).field(name) else { return false };
    let Some(fact) = group.fact(ix) else { return false };
    let said = fact.value.plain();
    match words {
        Some(words) => words.split(',').any(|w| w == said),
        None => said != "none",
    }
}
