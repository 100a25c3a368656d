//! Lists in numbered places. What the device has already stays in its place; what is no longer written is given up.

use super::super::Slots;
use super::super::layout::{Bound, BoundSlot};
use super::{Out, Site, Writer};
use crate::dialect::Refusal;
use crate::model::Shape;
use crate::model::facts::{Group, Item, key_text};

impl Writer<'_, '_> {
    pub(super) fn slots(&mut self, bound: &Bound, slots: &Slots, group: &Group, site: Site<'_>) {
        let entry = bound.entry;
        let Some(items) = entry.at.items(group) else { return };
        let list = format!("{}{}", site.prefix, entry.at.path);
        self.covered.insert(list.clone());
        for item in &items.items {
            let path = format!("{list}[{}]", key_text(Shape::device(), &item.group));
            if is_intent(&item.group) {
                self.covered.extend(intents(&item.group).map(|name| format!("{path}.{name}")));
            }
            self.covered.insert(path);
        }
        let wanted: Vec<&Item> = items.items.iter().filter(|i| !i.dropped && !is_intent(&i.group)).collect();
        let held: Vec<Option<Group>> = bound.slots.iter().map(|s| self.read.slot(slots, s, "")).collect();
        let used: Vec<bool> = bound
            .slots
            .iter()
            .zip(&held)
            .map(|(s, h)| h.is_some() && self.read.is_used(slots, s) != Ok(false))
            .collect();
        let placed = if entry.at.field.ordered {
            in_order(&wanted, &held, &used)
        } else {
            assign(&bound.slots, &wanted, &held, &used)
        };
        for (i, item) in wanted.iter().enumerate() {
            if !placed.contains(&Some(i)) {
                let message = format!("the device has no place left for `{}`", key_text(Shape::device(), &item.group));
                let help = format!("`{list}` takes at most {}", bound.slots.len());
                let path = format!("{list}[{}]", key_text(Shape::device(), &item.group));
                self.refuse(Refusal::new(message, help), item.group.origin, &path);
            }
        }
        for (at, slot) in bound.slots.iter().enumerate() {
            match placed[at] {
                Some(i) => {
                    let stays = held[at].as_ref().filter(|h| same_key(h, &wanted[i].group));
                    self.fill(slots, slot, &wanted[i].group, stays, &list, site);
                }
                None if used[at] => self.give_up(slots, slot),
                None => {}
            }
        }
    }

    /// Puts an entry into a slot; `held` is what stands there of the same key.
    fn fill(
        &mut self,
        slots: &Slots,
        slot: &BoundSlot,
        item: &Group,
        held: Option<&Group>,
        list: &str,
        site: Site<'_>,
    ) {
        let prefix = format!("{list}[{}].", key_text(Shape::device(), item));
        let inner = Site { section: site.section, prefix: &prefix };
        if held.is_none() {
            self.give_up(slots, slot);
        }
        for one in &slot.bound {
            let fresh = one.entry.fresh.as_deref().filter(|_| held.is_none() && one.entry.at.get(item).is_none());
            if let (Some(fresh), [line]) = (fresh, &one.lines[..]) {
                self.set(*line, Out::Text(fresh.to_owned()), "", "", None);
            }
            self.entry(one, item, held, inner);
        }
        for (ix, _) in &slot.slot.fixed {
            let name = Shape::device().group(slots.group).at(*ix).name;
            self.covered.insert(format!("{prefix}{name}"));
        }
        if let (Some((_, on, _)), Some(line)) = (&slots.used, slot.used)
            && self.read.is_used(slots, slot) != Ok(true)
        {
            self.set(Some(line), Out::Text(on.to_string()), "", "", None);
        } else if let (Some((_, on, off)), Some(line)) = (&slots.used, slot.used)
            && matches!(self.out.get(&line), Some(Out::Text(t)) if **t == **off)
        {
            self.set(Some(line), Out::Text(on.to_string()), "", "", None);
        }
    }

    /// Empties a slot.
    fn give_up(&mut self, slots: &Slots, slot: &BoundSlot) {
        if let (Some((_, _, off)), Some(line)) = (&slots.used, slot.used) {
            self.set(Some(line), Out::Text(off.to_string()), "", "", None);
        }
        for one in &slot.bound {
            let secret = matches!(&one.entry.kind, super::Kind::Scalar(codec) if codec.is_secret());
            let native = one.entry.reset.as_deref().or(one.entry.empty.as_deref()).or(secret.then_some(""));
            if let Some(native) = native {
                for line in &one.lines {
                    self.set(*line, Out::Text(native.to_owned()), "", "", None);
                }
            }
        }
    }
}

/// What is asked for and never read back, by name: `removed`.
fn intents(group: &Group) -> impl Iterator<Item = &'static str> {
    let declared = Shape::device().group(group.shape);
    group.iter().filter(|(ix, _)| declared.at(*ix).intent).map(|(ix, _)| declared.at(ix).name)
}

fn is_intent(group: &Group) -> bool {
    intents(group).next().is_some()
}

/// Whether two entries have the same key, one that was never understood included.
fn same_key(a: &Group, b: &Group) -> bool {
    let mut keys = Shape::device().group(a.shape).keys();
    keys.all(|(ix, _)| a.fact(ix).is_some() && a.fact(ix) == b.fact(ix))
}

/// Which of the wanted entries each slot gets where their order counts: one after the other, unless they stand there
/// in that order already, with gaps.
fn in_order(wanted: &[&Item], held: &[Option<Group>], used: &[bool]) -> Vec<Option<usize>> {
    let there: Vec<usize> = (0..held.len()).filter(|at| used[*at]).collect();
    let is = |(at, item): (&usize, &&Item)| held[*at].as_ref().is_some_and(|h| same_key(h, &item.group));
    if there.len() == wanted.len() && there.iter().zip(wanted).all(is) {
        return (0..held.len()).map(|at| there.iter().position(|t| *t == at)).collect();
    }
    (0..held.len()).map(|i| (i < wanted.len()).then_some(i)).collect()
}

/// Which of the wanted entries each slot gets: first those that are there, then the others into free places, into
/// places that hold something unused, and into those that are given up.
fn assign(slots: &[BoundSlot], wanted: &[&Item], held: &[Option<Group>], used: &[bool]) -> Vec<Option<usize>> {
    let fits = |slot: &BoundSlot, item: &Group| {
        slot.slot.fixed.iter().all(|(ix, value)| item.fact(*ix).is_none_or(|f| f.value == *value))
    };
    let mut placed: Vec<Option<usize>> = vec![None; slots.len()];
    let mut homeless = Vec::new();
    for (i, item) in wanted.iter().enumerate() {
        let there = |at: &usize| {
            placed[*at].is_none()
                && held[*at].as_ref().is_some_and(|h| same_key(h, &item.group))
                && fits(&slots[*at], &item.group)
        };
        // one in use before one that is not
        let found = (0..slots.len()).filter(|at| used[*at]).find(there).or_else(|| (0..slots.len()).find(there));
        match found {
            Some(at) => placed[at] = Some(i),
            None => homeless.push(i),
        }
    }
    for i in homeless {
        let free = |at: &usize| placed[*at].is_none() && fits(&slots[*at], &wanted[i].group);
        let rank = |at: &usize| (used[*at], held[*at].is_some(), *at);
        if let Some(at) = (0..slots.len()).filter(free).min_by_key(rank) {
            placed[at] = Some(i);
        }
    }
    placed
}
