//! Whether a file is a whole export: one that was cut off is no base for another.

use std::collections::BTreeSet;

use super::layout::{BoundSlot, Cut, LineKind};
use crate::dialect::Dialect;

/// What a whole export has and a text lacks: sections and keys of settings, told as they would stand there. An export
/// has every section; those of ports have the same numbers throughout.
pub fn lacks(dialect: &'static Dialect, text: &str) -> Vec<String> {
    let Some(cut) = Cut::new(dialect, text) else { return Vec::new() };
    let layout = &cut.layout;
    let (mut lacking, mut places) = (Vec::new(), Vec::new());
    for instance in layout.instances.iter().filter(|i| i.number.is_none()) {
        let name = &instance.name;
        if !layout.ends.contains_key(name) {
            lacking.push(format!("[{name}]"));
            continue;
        }
        for bound in instance.bound.iter().filter(|bound| !bound.entry.since) {
            let missing = bound.keys.iter().zip(&bound.lines).filter(|(_, line)| line.is_none());
            lacking.extend(missing.map(|(key, _)| format!("[{name}] {key}")));
            // one of several places of a list that is not there at all; what is there in part is told as what it is
            let is_there = |slot: &BoundSlot| slot.lines().next().is_some();
            let gone = bound.slots.iter().filter(|slot| !is_there(slot) && bound.slots.iter().any(is_there));
            let mut keys = gone.filter_map(|slot| slot.bound.first()?.keys.first());
            places.extend(keys.next().map(|key| format!("[{name}] {key}")));
        }
    }
    lacking.extend(places);
    let ports = || layout.instances.iter().filter(|i| i.section.each.is_some());
    let numbers: BTreeSet<u32> = ports().filter_map(|i| i.number).collect();
    let kinds: BTreeSet<&str> = ports().map(|i| &*i.section.name).collect();
    for kind in kinds {
        for number in &numbers {
            if !ports().any(|i| &*i.section.name == kind && i.number == Some(*number)) {
                lacking.push(format!("[{}]", kind.replace("{n}", &number.to_string())));
            }
        }
    }
    // a line that was cut off
    let last = (0..cut.count() as u32).rev().find(|at| layout.lines[*at as usize].kind != LineKind::Blank);
    lacking.extend(last.filter(|at| layout.lines[*at as usize].kind == LineKind::Other).map(|_| "the rest".to_owned()));
    lacking
}
