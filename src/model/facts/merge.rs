//! Layers over one another: factory < base < profiles in `use` order < the device's own words.

use super::path::key_text;
use super::{Facts, Group, Item, Items, Setting, Value};
use crate::model::shape::Shape;
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
    let mut idle = Vec::new();
    merge(shape, under, over, &mut idle);
    idle
}

fn merge(shape: &Shape, under: &mut Group, over: &Group, idle: &mut Vec<Origin>) {
    // another variant of a tagged group replaces the whole: the properties of the old one mean nothing to it
    if let Some(tag) = shape.group(over.shape).tag
        && let (Some(old), Some(new)) = (under.fact(tag), over.fact(tag))
        && old.value != new.value
    {
        *under = Group::new(over.shape, over.origin);
    }
    under.origin = over.origin;
    for (ix, setting) in over.iter() {
        match (under.get_mut(ix), setting) {
            (Some(Setting::Group(old)), Setting::Group(new)) => merge(shape, old, new, idle),
            (Some(Setting::Items(old)), Setting::Items(new)) => merge_items(shape, old, new, idle),
            // merged into nothing rather than cloned, so that no entry to drop stays behind
            (_, Setting::Group(new)) => {
                let mut fresh = Group::new(new.shape, new.origin);
                merge(shape, &mut fresh, new, idle);
                under.set(ix, Setting::Group(fresh));
            }
            (_, Setting::Items(new)) => {
                let mut fresh = Items { origin: new.origin, items: Vec::new() };
                merge_items(shape, &mut fresh, new, idle);
                under.set(ix, Setting::Items(fresh));
            }
            _ => {
                under.set(ix, setting.clone());
            }
        }
    }
}

fn merge_items(shape: &Shape, under: &mut Items, over: &Items, idle: &mut Vec<Origin>) {
    if over.items.is_empty() {
        *under = over.clone();
        return;
    }
    under.origin = over.origin;
    for item in &over.items {
        match (under.find(shape, &item.group), item.dropped) {
            (Some(at), true) => {
                under.items.remove(at);
            }
            (None, true) => idle.push(item.group.origin),
            (Some(at), false) => merge(shape, &mut under.items[at].group, &item.group, idle),
            (None, false) => {
                let mut group = Group::new(item.group.shape, item.group.origin);
                merge(shape, &mut group, &item.group, idle);
                under.items.push(Item { group, dropped: false });
            }
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
        match (merged.get_mut(ix), below) {
            (None, _) => {
                merged.set(ix, below.clone());
            }
            (Some(Setting::Group(own)), Setting::Group(below)) => *own = owned_over(shape, below, own),
            (Some(Setting::Items(own)), Setting::Items(below)) => own_items(shape, own, below, field.fixed),
            _ => {}
        }
    }
    merged
}

fn own_items(shape: &Shape, own: &mut Items, below: &Items, fixed: bool) {
    for item in &below.items {
        match own.find(shape, &item.group) {
            Some(at) => own.items[at].group = owned_over(shape, &item.group, &own.items[at].group),
            None if fixed => own.items.push(item.clone()),
            None => {}
        }
    }
    if fixed {
        own.items.sort_by_cached_key(|i| sortable(&key_text(shape, &i.group)));
    }
}

/// Port numbers in the order people count: `1/2` before `1/10`.
fn sortable(key: &str) -> Vec<(u64, String)> {
    key.split('/').map(|part| (part.parse().unwrap_or(u64::MAX), part.to_owned())).collect()
}

/// Factory, base and own words in one: the complete facts that are judged.
pub fn complete(shape: &'static Shape, factory: Option<&Facts>, base: Option<&Facts>, own: Facts) -> Facts {
    let mut root = own.root;
    for below in [base, factory].into_iter().flatten() {
        root = owned_over(shape, &below.root, &root);
    }
    Facts { shape, root }
}

/// Puts the default names of secrets where a person left them out: `<device>/<account>`.
///
/// Only into entries that a person wrote, which are those that the own words hold: call it before [`complete`].
pub fn fill_secrets(facts: &mut Facts, device: &str) {
    let shape = facts.shape;
    fill(shape, &mut facts.root, device, "");
}

fn fill(shape: &Shape, group: &mut Group, device: &str, key: &str) {
    let declared = shape.group(group.shape);
    let removed = declared.fields.iter().enumerate().any(|(ix, f)| f.intent && group.get(ix as u16).is_some());
    for (ix, field) in declared.fields.iter().enumerate() {
        let ix = ix as u16;
        if let Some(name) = field.secret
            && !removed
            && group.get(ix).is_none()
            && needed(shape, group, field.secret_when)
        {
            let name = name.replace("{device}", device).replace("{key}", &secret_segment(key));
            let fact = super::Fact::new(Value::Secret(name.into()), group.origin);
            group.set(ix, Setting::Value(fact));
        }
    }
    for (_, setting) in group.iter_mut() {
        match setting {
            Setting::Value(_) => {}
            Setting::Group(inner) => fill(shape, inner, device, ""),
            Setting::Items(items) => {
                for Item { group, .. } in &mut items.items {
                    let key = key_text(shape, group);
                    fill(shape, group, device, &key);
                }
            }
        }
    }
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
