//! Which lines of a rendered text nobody can account for, and which settings share a line with another.

use foldhash::HashSet;

use super::layout::{Cut, LineKind};
use super::{Entry, Kind, Section};
use crate::dialect::{Codec, CodecKind, Dialect, NativeLine, TextRules, native_lines};
use crate::model::facts::Facts;
use crate::model::shape::split_path;

/// Lines (from 1) of `text` that neither an entry maps, nor the base has, nor `vendor-settings` says.
pub fn strangers(dialect: &'static Dialect, text: &str, base: &str, own: &Facts) -> Vec<usize> {
    let (Some(text), Some(base)) = (Cut::new(dialect, text), Cut::new(dialect, base)) else { return Vec::new() };
    let loose =
        |cut: &Cut<'_>, at: u32| !matches!(cut.layout.lines[at as usize].kind, LineKind::Key { mapped: true, .. });
    let lines = |cut: &Cut<'_>| 0..cut.count() as u32;
    let known: HashSet<(&str, &str)> =
        lines(&base).filter(|at| loose(&base, *at)).map(|at| (base.section_of(at), base.line(at))).collect();
    let passed = |line: NativeLine<'_>| match line {
        NativeLine::Key(section, key, value) => Some((section.to_owned(), format!("{key}={value}"))),
        NativeLine::Line(_) => None,
    };
    let vendor: HashSet<(String, String)> = native_lines(own).into_iter().filter_map(|w| passed(w.line)).collect();
    lines(&text)
        .filter(|at| loose(&text, *at) && !text.line(*at).is_empty())
        .filter(|at| !known.contains(&(text.section_of(*at), text.line(*at))))
        .filter(|at| !vendor.contains(&(text.section_of(*at).to_owned(), text.line(*at).to_owned())))
        .map(|at| at as usize + 1)
        .collect()
}

/// Paths of settings that share a key with another: a switch that is the presence of an address, and that address.
pub fn shared(dialect: &'static Dialect) -> Vec<&'static str> {
    let Some(table) = super::table(dialect) else { return Vec::new() };
    let mut found = Vec::new();
    for section in &table.sections {
        let present = |e: &&Entry| matches!(e.kind, Kind::Present);
        for one in section.entries.iter().filter(present) {
            found.push(&*one.at.path);
            found.extend(section.entries.iter().filter(|e| holds(e, &one.keys)).map(|e| &*e.at.path));
        }
    }
    found
}

/// What the place of a secret can hold; `path` as a description's facts name it.
pub fn secret_rules(dialect: &'static Dialect, path: &str) -> Option<&'static TextRules> {
    let names = |path: &str| split_path(path).iter().map(|p| p.split('[').next().unwrap_or(p).to_owned()).collect();
    let wanted: Vec<String> = names(path);
    let rules = |entry: &'static Entry, within: &str| {
        let own: Vec<String> = names(&format!("{within}{}", entry.at.leaf));
        match &entry.kind {
            Kind::Scalar(Codec { kind: CodecKind::Secret(rules), .. }) if own == wanted => Some(rules),
            _ => None,
        }
    };
    let within = |section: &'static Section| match &section.each {
        Some(each) => format!("{}.", each.list.path),
        None => String::new(),
    };
    let all = super::table(dialect)?.sections.iter().flat_map(|s| s.entries.iter().map(move |e| (within(s), e)));
    all.into_iter().find_map(|(within, entry)| match &entry.kind {
        Kind::Slots(slots) => slots.entries.iter().find_map(|e| rules(e, &format!("{within}{}.", entry.at.path))),
        _ => rules(entry, &within),
    })
}

fn holds(entry: &Entry, keys: &[Box<str>]) -> bool {
    let inner = match &entry.kind {
        Kind::Slots(slots) => slots.entries.iter().any(|e| holds(e, keys)),
        _ => false,
    };
    inner || entry.keys.iter().any(|k| keys.contains(k))
}
