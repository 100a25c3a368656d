//! Command lines for everybody's eyes: which words of a line may be seen.

use std::collections::HashSet;
use std::ops::Range;

use super::passing::begun_as;
use super::read::{Extent, read};
use super::text::{TextLine, joined, lines, session, stands_alone, words};
use super::{Entry, Fills, Kind, Line, Listed, Pattern, Shows, Table, is};
use crate::dialect::exposure::{Exposure, HIDDEN, Touching, Veil, is_token, unknown};
use crate::native::{KeptLine, Touches};
use crate::source::{FileId, Span, names_secret};

/// A line's words in pieces, each with who may see it.
pub(super) struct Seen<'t> {
    pieces: Vec<(Range<usize>, Exposure)>,
    /// The command of the table that it begins as, where no entry maps it.
    pub(super) listed: Option<&'t Listed>,
}

impl Seen<'_> {
    /// The line as everybody may see it.
    pub(super) fn shown(&self, words: &[&str]) -> String {
        let one = |(range, exposure): &(Range<usize>, Exposure)| match exposure {
            Exposure::Shown => joined(&words[range.clone()]),
            _ => HIDDEN.to_owned(),
        };
        let after = self.pieces.iter().skip(1).map(|(_, exposure)| Some(*exposure)).chain([None]);
        let pieces = self.pieces.iter().zip(after);
        // what is hidden all the same before a secret is one with it
        let shown =
            pieces.filter(|((_, exposure), next)| *exposure != Exposure::Hidden || *next != Some(Exposure::Secret));
        shown.map(|(piece, _)| one(piece)).collect::<Vec<_>>().join(" ")
    }

    /// Whether a secret stands in it, or may.
    pub(super) fn exposure(&self) -> Exposure {
        self.pieces.iter().map(|(_, exposure)| *exposure).max().unwrap_or(Exposure::Shown)
    }
}

/// Looks a line up: its entry, else the longest command that the table lists, else the words in it.
pub(super) fn seen<'t>(table: &'t Table, words: &[&str]) -> Seen<'t> {
    if matches!(words, ["exit"] | ["end"] | ["!"]) {
        return Seen { pieces: vec![(0..1, Exposure::Shown)], listed: None };
    }
    // what a device tells of itself is no secret
    let told = || table.tells(words).map(|_| vec![(0..words.len(), Exposure::Shown)]);
    if let Some(pieces) = table.near(words).find_map(|entry| of_entry(entry, words)).or_else(told) {
        return Seen { pieces, listed: None };
    }
    match table.listed(words) {
        Some(listed) => Seen { pieces: listed.pieces(words), listed: Some(listed) },
        None => Seen { pieces: of_family(table, words), listed: None },
    }
}

/// A recorded session or an exported file with everything hidden that may be a secret. Prompts and what stands before
/// the configuration are left out.
pub fn redact(table: &Table, text: &str) -> String {
    lines(text).iter().map(|line| public(table, line) + "\n").collect()
}

/// A line as everybody may see it. What would be read otherwise in public text is hidden too: where a text over several
/// lines may begin, it would swallow what stands below.
fn public(table: &Table, line: &TextLine<'_>) -> String {
    let shown = seen(table, &line.words).shown(&line.words);
    match line.within || !stands_alone(&shown) {
        true => HIDDEN.to_owned(),
        false => " ".repeat(line.indent.min(40)) + &shown,
    }
}

/// The prompt of a session that is kept: what a device's own says is nobody's business.
const PROMPT: &str = "device#";

/// The same as a session that is read as the text is: with what the device told of itself, and with the prompts that
/// show that nothing is missing. Beside it the number of the line that each line was, from 1; 0 for a prompt.
pub fn kept(table: &Table, text: &str) -> (String, Vec<usize>) {
    let session = session(text);
    let reading = read(table, FileId::NONE, text, Extent::Whole);
    // what was typed and changed nobody knows what is so as it is kept, too
    let unread: HashSet<usize> = unread(table, &session.config, &reading.kept).iter().map(|line| line.number).collect();
    let mut kept: Vec<(String, usize)> = Vec::new();
    let asked = |what: &str| (format!("{PROMPT} {what}"), 0);
    let told: Vec<&TextLine<'_>> = session.told.iter().filter(|line| table.tells(&line.words).is_some()).collect();
    if !told.is_empty() {
        kept.push(asked("show version"));
        kept.extend(told.iter().map(|line| (public(table, line), line.number)));
    }
    if session.picked {
        kept.push(asked(&format!("show running-config {HIDDEN}")));
    } else if session.whole || !told.is_empty() {
        kept.push(asked("show running-config"));
    }
    kept.extend(session.config.iter().map(|line| match unread.contains(&line.number) {
        true => (format!("{PROMPT} {HIDDEN}"), line.number),
        false => (public(table, line), line.number),
    }));
    if session.whole {
        kept.push((PROMPT.to_owned(), 0));
    }
    let text = kept.iter().map(|(line, _)| format!("{line}\n")).collect();
    (text, kept.into_iter().map(|(_, number)| number).collect())
}

/// What not everybody may see of a text. All of it is looked at, what stands before the configuration and behind a
/// prompt as well: a session may hold a copy command with a password.
pub(in crate::dialect) fn veils(table: &Table, text: &str) -> Vec<Veil> {
    veils_of(table, text, &lines(text))
}

pub(super) fn veils_of(table: &Table, text: &str, lines: &[TextLine<'_>]) -> Vec<Veil> {
    let mut found = Vec::new();
    let mut start = 0;
    // what a person wrote over several lines is hidden, whatever words stand there
    let within: HashSet<usize> = lines.iter().filter(|l| l.within).map(|l| l.number).collect();
    for (at, line) in text.split_inclusive('\n').enumerate() {
        if within.contains(&(at + 1)) {
            let hidden = unknown(line, start).map(|veil| Veil { exposure: Exposure::Hidden, ..veil });
            found.extend(hidden);
            start += line.len();
            continue;
        }
        let all = words(line.trim());
        let begins =
            all.iter().position(|w| w.len() > 1 && w.ends_with(['#', '>']) && !is_token(w)).map_or(0, |at| at + 1);
        let words = &all[begins..];
        let seen = seen(table, words);
        let before = found.len();
        for (range, exposure) in seen.pieces.iter().filter(|(_, exposure)| *exposure != Exposure::Shown) {
            let Some((first, last)) = words[range.clone()].first().zip(words[range.clone()].last()) else { continue };
            if !words[range.clone()].iter().all(|w| is_token(w)) {
                let at = |word: &str| word.as_ptr() as usize - line.as_ptr() as usize;
                let span = Span::new(start + at(first), start + at(last) + last.len());
                found.push(Veil { span, exposure: *exposure });
            }
        }
        // a prompt may hold more than a prompt
        if found.len() == before && begins > 0 {
            found.extend(unknown(line, start));
        }
        start += line.len();
    }
    found
}

/// Lines that no entry reads and that may change settings: as the table says, or those whose lines they begin as. What
/// a command did that somebody typed and that no table reads, nobody knows.
pub(super) fn touching(table: &Table, lines: &[TextLine<'_>], kept: &[KeptLine]) -> Vec<Touching> {
    let unread: HashSet<usize> = unread(table, lines, kept).iter().map(|line| line.number).collect();
    let kept: HashSet<usize> = kept.iter().map(|kept| kept.line).collect();
    let one = |line: &TextLine<'_>| {
        let seen = seen(table, &line.words);
        let touches = match seen.listed {
            _ if unread.contains(&line.number) => Touches::Anything,
            Some(listed) => Some(&listed.touches).filter(|touches| touches.names_some())?.clone(),
            None if kept.contains(&line.number) => Touches::These(begun_as(table, &line.words)?),
            None => return None,
        };
        Some(Touching { span: line.span, shown: seen.shown(&line.words), touches })
    };
    lines.iter().filter(|line| line.typed || !line.within).filter_map(one).collect()
}

/// Commands that somebody typed, that no table reads, and that may have changed anything.
pub(super) fn unread<'l, 't>(table: &Table, lines: &'l [TextLine<'t>], kept: &[KeptLine]) -> Vec<&'l TextLine<'t>> {
    let kept: HashSet<usize> = kept.iter().map(|kept| kept.line).collect();
    let changes = |line: &&TextLine<'_>| {
        let touches = seen(table, &line.words).listed.map(|listed| &listed.touches);
        touches.is_none_or(|touches| *touches == Touches::Anything)
    };
    lines.iter().filter(|line| line.typed && kept.contains(&line.number)).filter(changes).collect()
}

impl Table {
    /// The line of the table by which a device tells of itself, and the words in its places: the last takes all that
    /// is left, a version its build number too.
    pub(super) fn tells(&self, words: &[&str]) -> Option<(&Line, Vec<Range<usize>>)> {
        self.told.iter().find_map(|told| {
            let last = told.pattern.slots().last().map(str::to_owned);
            let width = |name: &str| if last.as_deref() == Some(name) { None } else { Some(1) };
            Some((told, told.pattern.fill(words, width)?))
        })
    }

    /// The longest command that a line begins as. Commands with secrets are known in other cases, as short forms and
    /// behind `no` as well: rather one too many is hidden.
    pub(super) fn listed(&self, words: &[&str]) -> Option<&Listed> {
        let begins = |listed: &&Listed| match listed.shows {
            Shows::All => listed.words.len() <= words.len() && is(&words[..listed.words.len()], &listed.words),
            _ => self.begins_loosely(words, &listed.words),
        };
        self.listed.iter().filter(begins).max_by_key(|l| (l.words.len(), l.shows.fits(words)))
    }
}

impl Table {
    /// Whether a line begins with these words, or with their short forms, in any case, taken back or not.
    pub(super) fn begins_loosely(&self, words: &[&str], line: &[Box<str>]) -> bool {
        let words = after_no(words, line);
        let short = |word: &str, whole: &str| {
            let begins = whole.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
            begins && word.len() >= 2 && !self.words.contains(&word.to_lowercase())
        };
        let same = |word: &str, whole: &str| whole.eq_ignore_ascii_case(word) || short(word, whole);
        !line.is_empty() && words.len() >= line.len() && words.iter().zip(line).all(|(word, whole)| same(word, whole))
    }
}

impl Shows {
    /// How well a command of several with the same first words fits a line.
    fn fits(&self, words: &[&str]) -> u8 {
        match self {
            Shows::All => 0,
            Shows::Places(pattern) => {
                if pattern.fill(words, |_| Some(1)).is_some() {
                    3
                } else {
                    1
                }
            }
            Shows::Head => 2,
        }
    }
}

fn after_no<'a, 'w>(words: &'a [&'w str], line: &[Box<str>]) -> &'a [&'w str] {
    match words {
        [no, rest @ ..] if no.eq_ignore_ascii_case("no") && line.first().is_some_and(|w| **w != *"no") => rest,
        _ => words,
    }
}

impl Listed {
    fn pieces(&self, words: &[&str]) -> Vec<(Range<usize>, Exposure)> {
        let taken_back = words.len() - after_no(words, &self.words).len();
        let head = taken_back + self.words.len();
        match &self.shows {
            Shows::All => by_words(words, head, Exposure::Shown),
            Shows::Head => by_words(words, head, Exposure::Hidden),
            Shows::Places(pattern) => {
                let Some(places) = pattern.fill(&words[taken_back..], |_| Some(1)).filter(|p| !p.is_empty()) else {
                    return split(words.len(), head, Exposure::Secret);
                };
                let mut pieces: Vec<(Range<usize>, Exposure)> =
                    (0..words.len()).map(|at| (at..at + 1, Exposure::Shown)).collect();
                for (_, at) in pattern.slots().zip(places).filter(|(name, _)| *name == "secret") {
                    pieces[taken_back + at.start].1 = Exposure::Secret;
                }
                pieces
            }
        }
    }
}

/// A shown head, and the rest.
fn split(count: usize, head: usize, rest: Exposure) -> Vec<(Range<usize>, Exposure)> {
    let both = [(0..head, Exposure::Shown), (head..count, rest)];
    both.into_iter().filter(|(range, _)| !range.is_empty()).collect()
}

/// The same, but that what follows a word that names a secret is one.
fn by_words(words: &[&str], head: usize, rest: Exposure) -> Vec<(Range<usize>, Exposure)> {
    // what the table itself writes of a command that it shows names no secret
    let from = if rest == Exposure::Shown { head } else { 0 };
    let named = words[from..].iter().position(|w| names_secret(w)).map(|at| from + at + 1);
    let Some(secret) = named.filter(|at| *at < words.len()) else { return split(words.len(), head, rest) };
    let mut pieces = split(secret.max(head), head, rest);
    pieces.push((secret.max(head)..words.len(), Exposure::Secret));
    pieces.retain(|(range, _)| !range.is_empty());
    pieces
}

/// A line that nothing maps or lists: all that follows the first words of an entry with a secret is one.
fn of_family(table: &Table, words: &[&str]) -> Vec<(Range<usize>, Exposure)> {
    let leads = |line: &Line| {
        let lead = line.pattern.lead();
        let secret = line.fills().any(|(_, written)| written.is_secret());
        (secret && line.pattern.leads(words)).then_some(lead)
    };
    let of = |entry: &Entry| match &entry.kind {
        Kind::Line(line) => leads(line),
        Kind::Each(each) => each.lines.iter().chain(&each.reads).find_map(leads),
        _ => None,
    };
    match table.near(words).find_map(of) {
        Some(lead) => split(words.len(), lead, Exposure::Secret),
        None => by_words(words, 0, Exposure::Hidden),
    }
}

fn of_entry(entry: &Entry, words: &[&str]) -> Option<Vec<(Range<usize>, Exposure)>> {
    let whole = || Some(split(words.len(), words.len(), Exposure::Shown));
    let known = |pattern: &Pattern| pattern.fill(words, |_| Some(1)).is_some();
    match &entry.kind {
        Kind::Switch { on, off, .. } if is(words, on) || is(words, off) => whole(),
        Kind::Fixed(line) | Kind::Flag { line, .. } if is(words, line) => whole(),
        Kind::Mode { open, entries } => {
            let opened = if open.slots.is_empty() && known(&open.pattern) { whole() } else { of_line(open, words) };
            opened.or_else(|| entries.iter().find_map(|e| of_entry(e, words)))
        }
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

fn of_line(line: &Line, words: &[&str]) -> Option<Vec<(Range<usize>, Exposure)>> {
    let filled = line.fill(words)?;
    let mut pieces = Vec::new();
    let mut filled = filled.into_iter();
    let mut at = 0;
    for token in &line.pattern.tokens {
        let (end, secret) = match token {
            super::pattern::Token::Word(_) => (at + 1, false),
            super::pattern::Token::Slot(_) => {
                let (slot, words) = filled.next()?;
                (at + words.len(), matches!(&slot.fills, Fills::Setting(_, written) if written.is_secret()))
            }
        };
        pieces.push((at..end, if secret { Exposure::Secret } else { Exposure::Shown }));
        at = end;
    }
    Some(pieces)
}
