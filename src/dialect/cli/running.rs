//! What commands make of a running configuration: the entries of a table, carried out line by line.
//!
//! The same entries that reading goes by say which line takes the place of which, and which one takes another away, so
//! that a device to rehearse on knows the commands that the table knows, and no others.

use zeroize::Zeroize;

use super::read::{each_of, key_of};
use super::{Entry, Fills, Kind, Line, Pattern, Slot, Table, Token, is};
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

/// A line that is in force.
#[derive(Clone, PartialEq, Eq)]
struct Held {
    at: At,
    words: Vec<Word>,
}

/// Whose line it is: no two lines of a configuration have the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    /// Number of the entry; those that no setting maps come behind all others.
    entry: usize,
    /// The entry of a list, the value, or the word; empty where there is one line only.
    key: String,
    /// The same within a block.
    inner: Option<(usize, String)>,
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

    /// As `show running-config` prints it: lines of a block set in by one blank; `cover` makes of a secret what is shown.
    pub fn show(&self, cover: &dyn Fn(&str) -> String) -> Vec<String> {
        let mut shown = Vec::new();
        let mut open: Option<(usize, &str)> = None;
        for held in &self.lines {
            let block = held.at.inner.as_ref().map(|_| (held.at.entry, &*held.at.key));
            if block != open {
                if open.is_some() {
                    shown.push("exit".to_owned());
                }
                shown.extend(block.map(|(entry, key)| self.opening(entry, key)));
                open = block;
            }
            let words =
                held.words.iter().map(|w| if w.secret { cover(&w.text) } else { super::text::joined(&[&w.text]) });
            shown.push(format!("{}{}", if block.is_some() { " " } else { "" }, words.collect::<Vec<_>>().join(" ")));
        }
        if open.is_some() {
            shown.push("exit".to_owned());
        }
        shown
    }

    /// What the lines of a list's entries say, place by place: secrets in clear. Only a device that is rehearsed on
    /// asks, to let people in.
    pub fn entries(&self, list: &str) -> Vec<Vec<(&str, &str)>> {
        let of_list = |held: &&Held| match self.table.entries.get(held.at.entry).map(|e| &e.kind) {
            Some(Kind::Each(each)) => *each.list.path == *list,
            _ => false,
        };
        self.lines.iter().filter(of_list).filter_map(|held| self.said(held)).collect()
    }

    fn said<'a>(&'a self, held: &'a Held) -> Option<Vec<(&'a str, &'a str)>> {
        let Kind::Each(each) = &self.table.entries.get(held.at.entry)?.kind else { return None };
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
                let keys = named.map_or_else(|| vec![key.key(None)], |n| n.iter().map(|w| key.key(Some(w))).collect());
                return Taken::Opened(Block { entry: number, keys });
            }
            if let Kind::Mode { open, .. } = &entry.kind
                && open.fill(words).is_some()
            {
                return Taken::Opened(Block { entry: number, keys: vec![words.join(" ")] });
            }
            let Some(change) = self.change(entry, &|key| At { entry: number, key, inner: None }, words) else {
                continue;
            };
            if entry.exec {
                return Taken::Exec;
            }
            match change {
                Some(change) => {
                    self.carry_out(change, |key| At { entry: number, key, inner: None }, &|at| at.entry == number);
                    return Taken::Done;
                }
                None => known = true,
            }
        }
        if known { Taken::Value } else { self.listed(words) }
    }

    fn take_within(&mut self, block: &Block, words: &[&str]) -> Taken {
        let Some(Kind::Block { entries, .. } | Kind::Mode { entries, .. }) =
            self.table.entries.get(block.entry).map(|e| &e.kind)
        else {
            return Taken::Strange;
        };
        let (mut known, mut taken) = (false, false);
        for (number, entry) in entries.iter().enumerate() {
            let at = |key: &str, inner| At { entry: block.entry, key: key.to_owned(), inner: Some((number, inner)) };
            let is_of = |held: &At, key: &str| {
                (held.entry, &*held.key) == (block.entry, key) && held.inner.as_ref().is_some_and(|i| i.0 == number)
            };
            for key in &block.keys {
                match self.change(entry, &|inner| at(key, inner), words) {
                    None => break,
                    Some(None) => known = true,
                    Some(Some(change)) => {
                        self.carry_out(change, |inner| at(key, inner), &|held| is_of(held, key));
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
        let block = |at: &At| at.inner.as_ref().map(|inner| inner.0);
        let same_block =
            |held: &Held| new.at.inner.is_some() && (held.at.entry, &held.at.key) == (new.at.entry, &new.at.key);
        let place = match self.lines.iter().any(same_block) {
            true => self
                .lines
                .iter()
                .rposition(|held| same_block(held) && block(&held.at) <= block(&new.at))
                .map_or_else(|| self.lines.iter().position(same_block).unwrap_or(0), |last| last + 1),
            false => self.lines.iter().rposition(|held| held.at.entry <= new.at.entry).map_or(0, |last| last + 1),
        };
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
                let value = |pattern: &Pattern| pattern.fill(words, |_| Some(1)).and_then(|f| f.into_iter().next());
                if let Some(range) = remove.as_ref().and_then(value) {
                    return Some(Some(Change::Gone(words[range].join(" "))));
                }
                if let Some(range) = value(pattern) {
                    let word = words[range].join(" ");
                    let taken = target.is_set() || written.decode(&word, Origin::NONE).is_some();
                    return Some(taken.then(|| Change::Set(word, plain(words))));
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
            // modes within a block are not carried out
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
                held.at.entry == entry && said.iter().zip(&held.words).all(|(said, word)| **said == *word.text)
            };
            self.lines.retain(|held| !taken(held));
            return Taken::Done;
        }
        let named = if said.len() > listed.words.len() { said.len() - 1 } else { said.len() };
        let words = said.iter().map(|w| Word { text: (*w).to_owned(), secret: false }).collect();
        self.hold(Held { at: At { entry, key: said[..named].join(" "), inner: None }, words });
        Taken::Done
    }

    fn opening(&self, entry: usize, key: &str) -> String {
        let Some(Kind::Block { open, key: made, .. }) = self.table.entries.get(entry).map(|e| &e.kind) else {
            // a mode is known by its whole line
            return key.to_owned();
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
        Fills::Number => words.concat().parse::<u16>().is_ok(),
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
mod tests {
    use super::*;
    use crate::dialect::Tables;
    use crate::model::device::PlatformKind;
    use crate::native::Form;

    fn table(kind: PlatformKind) -> &'static Table {
        match &Tables::shipped(kind).of(Form::Cli).unwrap().table {
            crate::dialect::Table::Cli(table) => table,
            _ => unreachable!(),
        }
    }

    /// Carries lines out as a session does, and shows what is in force; refused ones in front.
    fn after(kind: PlatformKind, text: &str) -> Vec<String> {
        let mut running = Running::empty(table(kind));
        let (mut block, mut refused) = (None, Vec::new());
        for line in text.lines() {
            match line {
                "exit" => block = None,
                line => match running.take(block.as_ref(), line) {
                    Taken::Opened(opened) => block = Some(opened),
                    Taken::Done => {}
                    other => refused.push(format!("{other:?} {line}")),
                },
            }
        }
        refused.extend(running.show(&|_| "<hidden>".to_owned()));
        refused
    }

    #[test]
    fn a_later_line_takes_the_place_of_the_one_before() {
        let ros = |text: &str| after(PlatformKind::MxRos, text);
        assert_eq!(ros("ip telnet\nhostname a\nno ip telnet\nhostname b"), ["hostname b", "no ip telnet"]);
        assert_eq!(
            ros(
                "username a password p1 privilege 1\nusername a privilege 3\nusername b password q privilege 1\nno username b"
            ),
            ["username a password <hidden> privilege 3"]
        );
        assert_eq!(
            ros("interface trusted-access 10.0.0.1 255.255.255.255 enable\ninterface trusted-access\n\
                 no interface trusted-access 10.0.0.1 255.255.255.255"),
            ["interface trusted-access"]
        );
        assert_eq!(
            ros("ntp remote-server 10.0.0.1\nntp remote-server 10.0.0.2\nno ntp remote-server 10.0.0.1").len(),
            1
        );
        assert_eq!(ros("clock timezone gmt 1\nclock timezone gmt 2"), ["clock timezone gmt 2"]);
        assert_eq!(ros("dos null-scan\nno dos null-scan"), Vec::<String>::new());
    }

    #[test]
    fn blocks_hold_the_lines_of_their_entries() {
        let text =
            "interface ethernet 1/2-3\nshutdown\nswitchport access vlan 5\nexit\ninterface ethernet 1/2\nno shutdown";
        assert_eq!(
            after(PlatformKind::MxNos, text),
            [
                "interface ethernet 1/2",
                " no shutdown",
                " switchport access vlan 5",
                "exit",
                "interface ethernet 1/3",
                " shutdown",
                " switchport access vlan 5",
                "exit"
            ]
        );
    }

    #[test]
    fn what_no_table_has_is_strange_and_a_value_that_is_not_taken_is_told() {
        let told = after(PlatformKind::MxRos, "ip tellnet\npassword-policy minimum-length 99\nsave\nhostname r");
        assert_eq!(told, ["Strange ip tellnet", "Value password-policy minimum-length 99", "Exec save", "hostname r"]);
    }

    proptest::proptest! {
        #[test]
        fn any_words_leave_a_configuration_that_can_be_shown(lines in proptest::collection::vec(
            "(no )?(username|hostname|ip|interface|vlan|l3l7-policy|logging|exit|snmp|\\PC)( [a-z0-9./-]{1,8}| \\PC){0,5}", 0..12)) {
            for kind in [PlatformKind::MxRos, PlatformKind::MxNos] {
                after(kind, &lines.join("\n"));
            }
        }
    }
}
