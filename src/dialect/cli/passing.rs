//! Command lines that a description passes through: those that begin, word for word, as the table lists them, and that
//! no entry maps in any spelling.

use std::sync::Arc;

use super::redact::seen;
use super::text::words;
use super::{Entry, Kind, Line, Pattern, Shows, Table};
use crate::dialect::Target;
use crate::dialect::exposure::Exposure;
use crate::dialect::passing::NotPassed;
use crate::dialect::written::is_word;
use crate::finding::codes;
use crate::model::facts::without_keys;
use crate::native::Touches;

/// Whether a line is passed through.
pub(in crate::dialect) fn passes(table: &Table, line: &str) -> Result<Touches, NotPassed> {
    let words = words(line);
    let listed = table.listed(&words);
    if let Some(listed) = listed.filter(|l| l.shows != Shows::All) {
        return Err(NotPassed::hidden(codes::platform::HIDDEN_LINE, &listed.words.join(" ")));
    }
    if seen(table, &words).exposure() == Exposure::Secret {
        return Err(NotPassed::hidden(codes::platform::HIDDEN_LINE, "a line like this"));
    }
    let known = listed.map_or(0, |l| l.words.len());
    if let Some(setting) = mapped(table, &table.entries, &words, known) {
        return Err(NotPassed::mapped(codes::platform::MAPPED_LINE, setting));
    }
    let Some(listed) = listed else {
        return Err(NotPassed::new(codes::platform::UNKNOWN_LINE, "no source knows this line"));
    };
    if words.join(" ") != line || !words.iter().all(|w| is_word(w)) {
        let help = "write words of letters, digits and `~@$%^&*-_:,./+=[]{}()`, one space between them";
        let message = "this is no command line that can be passed through";
        return Err(NotPassed::new(codes::platform::UNKNOWN_LINE, message).help(help));
    }
    Ok(listed.touches.clone())
}

/// The setting that entries map a line to: one whose own line it is, else one with such a line in its block.
fn mapped<'t>(table: &Table, entries: &'t [Entry], words: &[&str], known: usize) -> Option<&'t str> {
    // a command that the table lists with more words than an entry begins with is another one
    let begins = |line: &[Box<str>]| line.len() >= known && table.begins_loosely(words, line);
    let inside = |entry: &'t Entry| match &entry.kind {
        Kind::Block { list, entries, .. } => mapped(table, entries, words, known).map(|_| &*list.path),
        Kind::Mode { entries, .. } => mapped(table, entries, words, known),
        _ => None,
    };
    let own = entries.iter().find_map(|entry| own(entry, &begins));
    own.or_else(|| entries.iter().find_map(inside))
}

/// The settings that a line begins as a line of, in full, in short, in other letters or taken back, and goes on as no
/// source shows: what a device makes of it, nobody knows. `None` where it begins as none.
pub(super) fn begun_as(table: &Table, words: &[&str]) -> Option<Arc<[Box<str>]>> {
    let begins = |line: &[Box<str>]| table.begins_loosely(words, line);
    let mut found: Vec<Box<str>> = Vec::new();
    let mut all: Vec<&Entry> = table.entries.iter().collect();
    while let Some(entry) = all.pop() {
        found.extend(own(entry, &begins).map(|path| without_keys(path).into()));
        if let Kind::Block { entries, .. } | Kind::Mode { entries, .. } = &entry.kind {
            all.extend(entries);
        }
    }
    (!found.is_empty()).then(|| found.into())
}

/// The setting whose own line it is, taken back or not, whole or begun.
fn own<'t>(entry: &'t Entry, begins: &impl Fn(&[Box<str>]) -> bool) -> Option<&'t str> {
    let begins = |line: &[Box<str>]| {
        let line = line.strip_prefix(&["no".into()]).unwrap_or(line);
        !line.is_empty() && begins(line)
    };
    let leads = |pattern: &Pattern| {
        let lead: Vec<Box<str>> = pattern.words().map(Into::into).collect();
        begins(&lead)
    };
    let path = |target: &'t Target| Some(&*target.path);
    let line = |line: &'t Line| line.targets().next().filter(|_| leads(&line.pattern)).and_then(path);
    match &entry.kind {
        Kind::Switch { target, on, off } if begins(on) || begins(off) => path(target),
        Kind::Line(said) | Kind::Mode { open: said, .. } => line(said),
        Kind::Each(each) => {
            let lines = each.lines.iter().chain(&each.reads).map(|line| &line.pattern);
            lines.chain(&each.remove).chain(&each.gone).any(leads).then_some(&*each.list.path)
        }
        Kind::Values { target, pattern, remove, .. } if leads(pattern) || remove.as_ref().is_some_and(leads) => {
            path(target)
        }
        Kind::Members { target, members } => {
            let said = |m: &super::Member| begins(&m.on) || m.off.as_ref().is_some_and(|off| begins(off));
            members.iter().any(said).then_some(&*target.path)
        }
        Kind::Block { list, open, .. } => leads(open).then_some(&*list.path),
        Kind::Flag { target, line, .. } if begins(line) => path(target),
        _ => None,
    }
}
