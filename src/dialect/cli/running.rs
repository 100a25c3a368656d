//! What commands make of a running configuration: the entries of a table, carried out line by line.
//!
//! The same entries that reading goes by say which line takes the place of which, and which one takes another away, so
//! that a device to rehearse on knows the commands that the table knows, and no others.

use zeroize::Zeroize;

use super::read::{each_of, key_of};
use super::{Each, Entry, Fills, Kind, Line, Slot, Table, Token, is};
use crate::model::facts::key_text;
use crate::model::shape::Shape;
use crate::source::Origin;

/// A running configuration.
#[derive(Clone)]
pub struct Running<'t> {
    table: &'t Table,
    /// In the order in which it is shown.
    lines: Vec<Held>,
}

/// Alike where the same lines are in force.
impl PartialEq for Running<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines
    }
}

/// A line that is in force.
#[derive(Clone, PartialEq, Eq)]
struct Held {
    at: At,
    words: Vec<Word>,
}

/// Whose line it is: no two lines of a configuration have the same. First the entry at the top, then that within its
/// block, then that within a mode of the block: each by its number, and by the entry of a list, the value, or the word
/// that it is of; empty where there is one line only. Lines that no setting maps come behind all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct At(Vec<(usize, String)>);

impl At {
    /// What it stands in.
    fn within(&self) -> &[(usize, String)] {
        self.0.split_last().map_or(&[], |(_, within)| within)
    }

    fn top(&self) -> usize {
        self.0.first().map_or(usize::MAX, |(entry, _)| *entry)
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Word {
    text: String,
    secret: bool,
}

impl Drop for Word {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// The block that is open: lines are of its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    entry: usize,
    keys: Vec<String>,
    /// Modes within it, each by its number and the line that opened it.
    modes: Vec<(usize, String)>,
}

impl Block {
    /// What it was opened in.
    pub fn left(mut self) -> Option<Block> {
        self.modes.pop().map(|_| self)
    }
}

/// What came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The configuration is as the line says.
    Done,
    /// It opens a block.
    Opened(Block),
    /// The table has it as a command of the exec prompt.
    Exec,
    /// The table has the command, and not this value.
    Value,
    /// No entry and no listed command is of its words.
    Strange,
}

enum Change {
    Set(String, Vec<Word>),
    Gone(String),
    /// All lines of the entry.
    Emptied,
}

impl<'t> Running<'t> {
    /// A configuration without a line.
    pub fn empty(table: &'t Table) -> Running<'t> {
        Running { table, lines: Vec::new() }
    }

    /// Carries a line out, at the top or in a block.
    pub fn take(&mut self, block: Option<&Block>, line: &str) -> Taken {
        let words = super::text::words(line);
        match block {
            Some(block) => self.take_within(block, &words),
            None => self.take_at_top(&words),
        }
    }

    /// As `show running-config` prints it: lines of a block set in by one blank, those of a mode within by two; `cover`
    /// makes of a secret what is shown.
    pub fn show(&self, cover: &dyn Fn(&str) -> String) -> Vec<String> {
        self.show_with(cover, &|_| true)
    }

    /// The same, of lists only with those that are asked for by their paths.
    pub fn show_with(&self, cover: &dyn Fn(&str) -> String, lists: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut shown = Vec::new();
        let mut open: &[(usize, String)] = &[];
        let set_in = |depth: usize, line: &str| format!("{}{line}", " ".repeat(depth));
        let close = |shown: &mut Vec<String>, from: usize, to: usize| {
            shown.extend((to..from).rev().map(|depth| set_in(depth, "exit")));
        };
        for held in self.lines.iter().filter(|held| self.list(held).is_none_or(lists)) {
            let within = held.at.within();
            let common = open.iter().zip(within).take_while(|(a, b)| a == b).count();
            close(&mut shown, open.len(), common);
            let opened = (common..within.len()).map(|depth| set_in(depth, &self.opening(depth, &within[depth])));
            shown.extend(opened);
            open = within;
            let words =
                held.words.iter().map(|w| if w.secret { cover(&w.text) } else { super::text::joined(&[&w.text]) });
            shown.push(set_in(open.len(), &words.collect::<Vec<_>>().join(" ")));
        }
        close(&mut shown, open.len(), 0);
        shown
    }

    /// The list that a line is of an entry of.
    fn list(&self, held: &Held) -> Option<&str> {
        match &self.table.entries.get(held.at.top())?.kind {
            Kind::Each(Each { list, .. }) | Kind::Block { list, .. } => Some(&list.path),
            _ => None,
        }
    }

    /// What the lines of a list's entries say, place by place: secrets in clear. Only a device that is rehearsed on
    /// asks, to let people in.
    pub fn entries(&self, list: &str) -> Vec<Vec<(&str, &str)>> {
        let of_list = |held: &&Held| match self.table.entries.get(held.at.top()).map(|e| &e.kind) {
            Some(Kind::Each(each)) => *each.list.path == *list,
            _ => false,
        };
        self.lines.iter().filter(of_list).filter_map(|held| self.said(held)).collect()
    }

    fn said<'a>(&'a self, held: &'a Held) -> Option<Vec<(&'a str, &'a str)>> {
        let Kind::Each(each) = &self.table.entries.get(held.at.top())?.kind else { return None };
        let words: Vec<&str> = held.words.iter().map(|w| &*w.text).collect();
        each.lines.iter().chain(&each.reads).find_map(|line| {
            let filled = line.pattern.fill(&words, |name| line.width(name))?;
            Some(line.pattern.slots().zip(filled).map(|(name, r)| (name, &*held.words[r.start].text)).collect())
        })
    }

    fn take_at_top(&mut self, words: &[&str]) -> Taken {
        let mut known = false;
        for (number, entry) in self.table.entries.iter().enumerate() {
            if let Kind::Block { open, key, .. } = &entry.kind {
                let Some(filled) = open.fill(words, |_| Some(1)) else { continue };
                let named = filled.first().map(|range| each_of(words[range.start]));
                let keys = match named {
                    Some(names) => names.iter().map(|name| key.key(Some(name))).collect(),
                    // what stands in it names it: each one that is opened is another entry
                    None if key.inside => vec![self.next_of(number)],
                    None => vec![key.key(None)],
                };
                return Taken::Opened(Block { entry: number, keys, modes: Vec::new() });
            }
            if let Kind::Mode { open, .. } = &entry.kind
                && open.fill(words).is_some()
            {
                return Taken::Opened(Block { entry: number, keys: vec![words.join(" ")], modes: Vec::new() });
            }
            let at = |key| At(vec![(number, key)]);
            let Some(change) = self.change(entry, &at, words) else { continue };
            if entry.exec {
                return Taken::Exec;
            }
            match change {
                Some(change) => {
                    self.carry_out(change, at, &|at| at.top() == number);
                    return Taken::Done;
                }
                None => known = true,
            }
        }
        if known { Taken::Value } else { self.listed(words) }
    }

    /// The place behind the blocks of an entry that are there.
    fn next_of(&self, entry: usize) -> String {
        let of_entry = self.lines.iter().filter_map(|held| held.at.0.first().filter(|(of, _)| *of == entry));
        let last = of_entry.filter_map(|(_, key)| key.parse::<usize>().ok()).max();
        last.map_or(1, |last| last + 1).to_string()
    }

    fn take_within(&mut self, block: &Block, words: &[&str]) -> Taken {
        let table: &'t Table = self.table;
        let entries = |kind: &'t Kind| match kind {
            Kind::Block { entries, .. } | Kind::Mode { entries, .. } => Some(entries),
            _ => None,
        };
        let top = table.entries.get(block.entry).and_then(|entry| entries(&entry.kind));
        let inner =
            |all: Option<&'t Vec<Entry>>, mode: &(usize, String)| all?.get(mode.0).and_then(|e| entries(&e.kind));
        let Some(all) = block.modes.iter().fold(top, inner) else { return Taken::Strange };
        let (mut known, mut taken) = (false, false);
        for (number, entry) in all.iter().enumerate() {
            if let Kind::Mode { open, .. } = &entry.kind
                && open.fill(words).is_some()
            {
                let mut opened = block.clone();
                opened.modes.push((number, words.join(" ")));
                return Taken::Opened(opened);
            }
            for key in &block.keys {
                let within: Vec<(usize, String)> =
                    std::iter::once((block.entry, key.clone())).chain(block.modes.iter().cloned()).collect();
                let at = |inner| At([&within[..], &[(number, inner)]].concat());
                match self.change(entry, &at, words) {
                    None => break,
                    Some(None) => known = true,
                    Some(Some(change)) => {
                        let is_of = |held: &At| {
                            held.0
                                .strip_prefix(&within[..])
                                .and_then(|rest| rest.first())
                                .is_some_and(|l| l.0 == number)
                        };
                        self.carry_out(change, at, &is_of);
                        taken = true;
                    }
                }
            }
            if taken {
                return Taken::Done;
            }
        }
        if known { Taken::Value } else { Taken::Strange }
    }

    fn carry_out(&mut self, change: Change, at: impl Fn(String) -> At, is_of: &dyn Fn(&At) -> bool) {
        match change {
            Change::Set(key, words) => self.hold(Held { at: at(key), words }),
            Change::Gone(key) => {
                let at = at(key);
                self.lines.retain(|held| held.at != at);
            }
            Change::Emptied => self.lines.retain(|held| !is_of(&held.at)),
        }
    }

    /// In place of the line that it replaces, else behind those of its entry.
    fn hold(&mut self, new: Held) {
        if let Some(held) = self.lines.iter_mut().find(|held| held.at == new.at) {
            *held = new;
            return;
        }
        // as deep within what it stands in as there is a line already
        let beside = |depth: usize| move |held: &Held, new: &At| held.at.0.get(..depth) == new.0.get(..depth);
        let depth = (0..new.at.0.len()).rev().find(|d| self.lines.iter().any(|held| beside(*d)(held, &new.at)));
        let depth = depth.unwrap_or(0);
        let is_beside = |held: &Held| beside(depth)(held, &new.at);
        let number = |at: &At| at.0.get(depth).map(|level| level.0);
        let last = self.lines.iter().rposition(|held| is_beside(held) && number(&held.at) <= number(&new.at));
        let place = last.map_or_else(|| self.lines.iter().position(is_beside).unwrap_or(0), |last| last + 1);
        self.lines.insert(place, new);
    }

    /// What a line does as one of this entry: `None` where it is none of it, `Some(None)` where its value is refused.
    fn change(&self, entry: &Entry, at: &dyn Fn(String) -> At, words: &[&str]) -> Option<Option<Change>> {
        let plain = |words: &[&str]| words.iter().map(|w| Word { text: (*w).to_owned(), secret: false }).collect();
        let back = words.strip_prefix(&["no"]);
        match &entry.kind {
            Kind::Switch { on, off, .. } => {
                (is(words, on) || is(words, off)).then(|| Some(Change::Set(String::new(), plain(words))))
            }
            Kind::Fixed(line) => is(words, line).then_some(Some(Change::Emptied)),
            Kind::Line(line) => match line.fill(words) {
                Some(filled) => Some(fits(&filled).then(|| Change::Set(String::new(), marked(line, words)))),
                None => back.filter(|rest| line.pattern.begins(rest)).map(|_| Some(Change::Emptied)),
            },
            Kind::Members { members, .. } => members.iter().find_map(|member| {
                let key = member.on.join(" ");
                let off = member.off.as_ref().is_some_and(|off| is(words, off));
                if off {
                    Some(Some(Change::Gone(key)))
                } else {
                    is(words, &member.on).then(|| Some(Change::Set(key, plain(words))))
                }
            }),
            Kind::Values { pattern, written, remove, target } => {
                if let Some((_, word)) = remove.as_ref().and_then(|remove| remove.value(words)) {
                    return Some(Some(Change::Gone(word.to_owned())));
                }
                if let Some((number, word)) = pattern.value(words) {
                    let taken = target.is_set() || written.decode(word, Origin::NONE).is_some();
                    let key = number.map_or_else(|| word.to_owned(), |number| number.to_string());
                    return Some(taken.then(|| Change::Set(key, plain(words))));
                }
                back.filter(|rest| pattern.begins(rest) && rest.len() == pattern.lead()).map(|_| Some(Change::Emptied))
            }
            Kind::Each(each) => {
                for (line, is_read) in each.lines.iter().map(|l| (l, false)).chain(each.reads.iter().map(|l| (l, true)))
                {
                    let Some(filled) = line.fill(words) else { continue };
                    let key = key_of(&each.list, line, &filled, Origin::NONE).filter(|_| fits(&filled));
                    let Some(key) = key.map(|key| key_text(Shape::device(), &key)) else { return Some(None) };
                    let before = self.lines.iter().find(|held| is_read && held.at == at(key.clone()));
                    let whole = before.and_then(|before| self.over(before, &filled, &each.lines));
                    return Some(Some(Change::Set(key, whole.unwrap_or_else(|| marked(line, words)))));
                }
                let first = each.lines.first()?;
                each.remove.iter().chain(&each.gone).find_map(|gone| {
                    let filled = gone.fill(words, |name| first.width(name))?;
                    let slots = gone.slots().filter_map(|name| first.slot(name));
                    let filled: Vec<_> = slots.zip(filled.into_iter().map(|r| words[r].to_vec())).collect();
                    let key = key_of(&each.list, first, &filled, Origin::NONE)?;
                    Some(Some(Change::Gone(key_text(Shape::device(), &key))))
                })
            }
            Kind::Flag { line, .. } => match back {
                Some(rest) if is(rest, line) => Some(Some(Change::Emptied)),
                _ => is(words, line).then(|| Some(Change::Set(String::new(), plain(words)))),
            },
            Kind::Block { .. } | Kind::Mode { .. } => None,
        }
    }

    /// Some places of an entry's line changed, the others as they were.
    fn over(&self, before: &Held, filled: &[(&Slot, Vec<&str>)], lines: &[Line]) -> Option<Vec<Word>> {
        let said = self.said(before)?;
        let place = |name: &str| {
            let new = filled.iter().find(|(slot, _)| *slot.name == *name).map(|(_, words)| words.join(" "));
            new.or_else(|| said.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()))
        };
        lines.iter().find_map(|line| {
            let words = line.pattern.tokens.iter().map(|token| match token {
                Token::Word(word) => Some(Word { text: word.to_string(), secret: false }),
                Token::Slot(name) => Some(Word { text: place(name)?, secret: line.slot(name).is_some_and(is_secret) }),
            });
            words.collect()
        })
    }

    /// A command that no setting maps: its last word takes the place of another last word.
    fn listed(&mut self, words: &[&str]) -> Taken {
        let (said, back) = words.strip_prefix(&["no"]).map_or((words, false), |rest| (rest, true));
        let begins = |line: &[Box<str>]| said.len() >= line.len() && line.iter().zip(said).all(|(a, b)| **a == **b);
        let found = self.table.listed.iter().enumerate().filter(|(_, listed)| begins(&listed.words));
        let Some((number, listed)) = found.max_by_key(|(_, listed)| listed.words.len()) else { return Taken::Strange };
        let entry = self.table.entries.len() + number;
        if back {
            let taken = |held: &Held| {
                held.at.top() == entry && said.iter().zip(&held.words).all(|(said, word)| **said == *word.text)
            };
            self.lines.retain(|held| !taken(held));
            return Taken::Done;
        }
        let named = if said.len() > listed.words.len() { said.len() - 1 } else { said.len() };
        let words = said.iter().map(|w| Word { text: (*w).to_owned(), secret: false }).collect();
        self.hold(Held { at: At(vec![(entry, said[..named].join(" "))]), words });
        Taken::Done
    }

    fn opening(&self, depth: usize, (entry, key): &(usize, String)) -> String {
        let at_top = self.table.entries.get(*entry).filter(|_| depth == 0);
        let Some(Kind::Block { open, key: made, .. }) = at_top.map(|e| &e.kind) else {
            // a mode is known by its whole line
            return key.clone();
        };
        let slot = made.slot(key).flatten().unwrap_or_default();
        let words = open.tokens.iter().map(|token| if let Token::Word(word) = token { word } else { slot });
        words.collect::<Vec<_>>().join(" ")
    }
}

fn is_secret(slot: &Slot) -> bool {
    matches!(&slot.fills, Fills::Setting(_, written) if written.is_secret())
}

/// Whether the device takes what fills the places.
fn fits(filled: &[(&Slot, Vec<&str>)]) -> bool {
    filled.iter().all(|(slot, words)| match &slot.fills {
        Fills::Number => true,
        Fills::Bits(bits) => {
            let most = bits.iter().map(|(bit, _)| bit).sum();
            words.concat().parse::<u32>().is_ok_and(|sum| (1..=most).contains(&sum))
        }
        Fills::Setting(_, written) if written.is_secret() => true,
        Fills::Setting(_, written) => {
            written.decode(&words.join(" "), Origin::NONE).is_some_and(|setting| written.encode(&setting).is_ok())
        }
    })
}

/// The words of a line, those that are secrets marked.
fn marked(line: &Line, words: &[&str]) -> Vec<Word> {
    let places = line.pattern.fill(words, |name| line.width(name)).unwrap_or_default();
    let secrets: Vec<_> =
        line.pattern.slots().zip(places).filter(|(name, _)| line.slot(name).is_some_and(is_secret)).collect();
    let secret = |at: usize| secrets.iter().any(|(_, range)| range.contains(&at));
    words.iter().enumerate().map(|(at, w)| Word { text: (*w).to_owned(), secret: secret(at) }).collect()
}

#[cfg(test)]
mod tests;
