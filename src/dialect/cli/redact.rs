//! Command lines for everybody's eyes: what the table knows not to be secret.

use super::text::{joined, lines};
use super::{Entry, Fills, Kind, Line, Pattern, Table, is};

const HIDDEN: &str = "<hidden>";

/// A recorded session or an exported file with everything hidden that may be a secret. Prompts and what stands before
/// the configuration are left out.
pub fn redact(table: &Table, text: &str) -> String {
    let mut out = String::new();
    for line in lines(text) {
        if line.within {
            out.push_str(&format!("{HIDDEN}\n"));
            continue;
        }
        let structural = matches!(line.words.as_slice(), ["exit"] | ["end"] | ["!"]);
        let known = table.entries.iter().find_map(|e| of_entry(e, &line.words));
        let shown =
            if structural { joined(&line.words) } else { known.unwrap_or_else(|| listed(table, &line.words).0) };
        out.push_str(&" ".repeat(line.indent.min(40)));
        out.push_str(&shown);
        out.push('\n');
    }
    out
}

fn of_entry(entry: &Entry, words: &[&str]) -> Option<String> {
    let whole = || Some(joined(words));
    let known = |pattern: &Pattern| pattern.fill(words, |_| Some(1)).is_some();
    match &entry.kind {
        Kind::Switch { on, off, .. } if is(words, on) || is(words, off) => whole(),
        Kind::Fixed(line) if is(words, line) => whole(),
        Kind::Line(line) => of_line(line, words),
        Kind::Each(each) => {
            let gone = |r: &Pattern| r.fill(words, |name| each.lines[0].width(name)).is_some();
            let said = each.lines.iter().chain(&each.reads).find_map(|l| of_line(l, words));
            said.or_else(|| if each.remove.iter().chain(&each.gone).any(gone) { whole() } else { None })
        }
        Kind::Values { pattern, remove, .. } if known(pattern) || remove.as_ref().is_some_and(known) => whole(),
        Kind::Members { members, .. } => {
            let said = |m: &super::Member| is(words, &m.on) || m.off.as_ref().is_some_and(|off| is(words, off));
            if members.iter().any(said) { whole() } else { None }
        }
        Kind::Block { open, entries, .. } => {
            if known(open) {
                whole()
            } else {
                entries.iter().find_map(|e| of_entry(e, words))
            }
        }
        _ => None,
    }
}

fn of_line(line: &Line, words: &[&str]) -> Option<String> {
    let filled = line.fill(words)?;
    let mut shown = Vec::new();
    let mut filled = filled.into_iter();
    for token in &line.pattern.tokens {
        match token {
            super::pattern::Token::Word(word) => shown.push(word.to_string()),
            super::pattern::Token::Slot(_) => {
                let (slot, words) = filled.next()?;
                let secret = matches!(&slot.fills, Fills::Setting(_, written) if written.is_secret());
                shown.push(if secret { HIDDEN.to_owned() } else { joined(&words) });
            }
        }
    }
    Some(shown.join(" "))
}

/// What may be shown of a line that no entry maps, and whether the table lists it.
pub(super) fn listed(table: &Table, words: &[&str]) -> (String, bool) {
    let begins = |line: &[Box<str>]| line.len() <= words.len() && is(&words[..line.len()], line);
    match table.listed.iter().filter(|l| begins(&l.words)).max_by_key(|l| l.words.len()) {
        Some(listed) if listed.show => (joined(words), true),
        Some(listed) => (format!("{} {HIDDEN}", listed.words.join(" ")), true),
        None => (HIDDEN.to_owned(), false),
    }
}
