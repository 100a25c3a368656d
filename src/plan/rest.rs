//! The order of what decides nobody's way in: lists of servers, ordered rules, settings of every kind.
//!
//! It goes before all that does, so that logs of the rest go where they are to go. New entries come before old ones
//! leave; a list that is full takes turns.

use std::collections::BTreeMap;

use super::Input;
use super::read::{PORT, is_made};
use super::sequence::{Turn, sequence};
use super::step::Class;
use crate::model::Facts;
use crate::model::facts::{is_within, key_text, without_keys};
use crate::model::paths::ETHERNET_PORT;
use crate::model::shape::{FieldShape, Kind, Shape};
use crate::native::{Change, Side};

/// One step: the changes of it, and its class.
pub(super) type Step = (Vec<usize>, Class);

/// The steps of the changes that `core` does not hold.
pub(super) fn steps(input: &Input<'_>, core: &dyn Fn(usize) -> bool) -> Vec<Step> {
    let changes = input.changes;
    let heads = heads(changes);
    let own = |at: &usize| is_made(&changes[*at]) && heads[*at] == *at && !core(*at);
    let mut lists: BTreeMap<&str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    let mut out: Vec<Step> = Vec::new();
    for at in (0..changes.len()).filter(own) {
        match (&changes[at].before, &changes[at].after, list_of(&changes[at].path)) {
            (Side::Entry(..), Side::Nothing, Some(list)) => lists.entry(list).or_default().1.push(at),
            (_, Side::Entry(..), Some(list)) => lists.entry(list).or_default().0.push(at),
            _ => out.push((vec![at], Class::Make)),
        }
    }
    let shape = input.before.shape;
    // what a list of rules leaves open is set behind those that come, and what uses other entries comes behind them
    let ruled: Vec<&str> = lists
        .iter()
        .filter(|(list, (comes, _))| !comes.is_empty() && is_ordered(shape, list))
        .filter_map(|(list, _)| Some(list.rsplit_once('.')?.0))
        .collect();
    let is_late = |(step, _): &Step| ruled.iter().any(|group| is_within(&changes[step[0]].path, group));
    let (late, mut out): (Vec<Step>, Vec<Step>) = out.into_iter().partition(is_late);
    let mut lists: Vec<_> = lists.into_iter().map(|(list, all)| (depth(shape, list, 0), list, all)).collect();
    lists.sort_by_key(|(depth, ..)| *depth);
    let mut ending: Vec<Step> = Vec::new();
    for (_, list, (mut comes, mut goes)) in lists {
        in_turn(input, list, &mut comes, &mut goes);
        let held = input.before.items(list).map_or(0, |items| items.items.len());
        let mut room = (input.slots)(list).map_or(usize::MAX, |slots| slots.saturating_sub(held));
        let mut goes = goes.into_iter();
        for at in comes {
            if room == 0
                && let Some(old) = goes.next()
            {
                out.push((vec![old], Class::Remove));
                room += 1;
            }
            out.push((vec![at], Class::Make));
            room = room.saturating_sub(1);
        }
        // nothing goes that another entry still uses
        ending.splice(0..0, goes.map(|at| (vec![at], Class::Remove)));
    }
    out.extend(late);
    out.extend(ending);
    let riders = |head: usize| (0..changes.len()).filter(move |at| *at != head).collect::<Vec<_>>();
    for (step, _) in &mut out {
        let head = step[0];
        step.extend(riders(head).into_iter().filter(|at| heads[*at] == head && is_made(&changes[*at])));
    }
    out
}

fn field_of<'s>(shape: &'s Shape, list: &str) -> Option<&'s FieldShape> {
    shape.setting(&without_keys(list)).and_then(|at| shape.field_at(&at))
}

fn is_ordered(shape: &Shape, list: &str) -> bool {
    field_of(shape, list).is_some_and(|field| field.ordered)
}

/// How many lists stand behind one another until what an entry names uses nothing more.
fn depth(shape: &Shape, list: &str, above: usize) -> usize {
    let Some(Kind::Groups(group)) = field_of(shape, list).map(|field| &field.kind).filter(|_| above < 4) else {
        return 0;
    };
    let named = shape.group(*group).fields.iter().filter_map(|field| field.refers);
    named.map(|other| 1 + depth(shape, other, above + 1)).max().unwrap_or(0)
}

/// Puts the entries of a list whose order counts into the order that they come and go in.
fn in_turn(input: &Input<'_>, list: &str, comes: &mut [usize], goes: &mut [usize]) {
    let shape = input.before.shape;
    if !is_ordered(shape, list) {
        return;
    }
    let keys = |facts: &Facts| -> Vec<String> {
        let items = facts.items(list).into_iter().flat_map(|items| &items.items);
        items.map(|item| format!("{list}[{}]", key_text(shape, &item.group))).collect()
    };
    let (old, new) = (keys(input.before), keys(input.after));
    let mut turn = BTreeMap::new();
    for (at, one) in sequence(&old, &new).into_iter().enumerate() {
        match one {
            Turn::Insert(place, _) => turn.insert((true, &*new[place]), at),
            Turn::Delete(place) => turn.insert((false, &*old[place]), at),
            Turn::Default => None,
        };
    }
    let when = |comes: bool| {
        let turn = &turn;
        move |at: &usize| turn.get(&(comes, &*input.changes[*at].path)).copied().unwrap_or(usize::MAX)
    };
    comes.sort_by_key(when(true));
    goes.sort_by_key(when(false));
}

/// The change that each one comes along with: what stands in an entry that is new comes with the entry.
pub(super) fn heads(changes: &[Change]) -> Vec<usize> {
    let entries: BTreeMap<&str, usize> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| matches!(change.after, Side::Entry(..)))
        .map(|(at, change)| (&*change.path, at))
        .collect();
    let head = |(at, change): (usize, &Change)| {
        if let Some(port) = port_of(&change.path) {
            return changes.iter().position(|other| port_of(&other.path) == Some(port)).unwrap_or(at);
        }
        let ends = change.path.match_indices(']').map(|(end, _)| &change.path[..=end]);
        ends.filter_map(|above| entries.get(above)).copied().find(|head| *head != at).unwrap_or(at)
    };
    changes.iter().enumerate().map(head).collect()
}

/// The port that a setting says the VLANs of.
fn port_of(path: &str) -> Option<&str> {
    let (port, field) = path.rsplit_once('.')?;
    (port.starts_with(ETHERNET_PORT) && PORT.contains(&field)).then_some(port)
}

/// The list that an entry is of.
fn list_of(path: &str) -> Option<&str> {
    let body = path.strip_suffix(']')?;
    body.rfind('[').map(|at| &path[..at])
}
