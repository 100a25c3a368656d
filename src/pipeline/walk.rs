//! The way through a sheet at the device: what comes next, by what the journal says was done. There is no other state,
//! so that going on after a break is the same as going on.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::Receipt;
use crate::ledger::receipt::{Ended, Event, Outcome, Row as Answer, RowStatus, SavedPage};
use crate::sheet::{Page, Row, Sheet};

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<'a> {
    /// A row is to be done.
    Row(&'a Page, &'a Row),
    /// All rows of a page were answered: it is to be saved, opened again and looked at.
    Page(&'a Page),
    /// What was done is to be taken back: this row.
    Undo(&'a Page, &'a Row),
    /// Nothing is left that can be done now.
    End,
}

/// A sheet with the journal of the work on it: of each row and page what was said last, with its place in the journal.
pub struct Walk<'a> {
    sheet: &'a Sheet,
    answers: BTreeMap<&'a str, (usize, &'a Answer)>,
    started: BTreeMap<&'a str, usize>,
    saved: BTreeMap<&'a str, (usize, &'a SavedPage)>,
    resumed: Option<usize>,
    undoing: bool,
    /// Rows that have to wait, by id.
    locked: BTreeSet<&'a str>,
}

impl<'a> Walk<'a> {
    /// Of a sheet and its journal.
    pub fn of(sheet: &'a Sheet, journal: &'a Receipt) -> Walk<'a> {
        let (answers, started, saved) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut walk = Walk { sheet, answers, started, saved, resumed: None, undoing: false, locked: BTreeSet::new() };
        for (at, line) in journal.lines().iter().enumerate() {
            match &line.event {
                Event::Row(answer) => drop(walk.answers.insert(&answer.id, (at, answer))),
                Event::Started(started) => drop(walk.started.insert(&started.id, at)),
                Event::Page(saved) => drop(walk.saved.insert(&saved.menu, (at, saved))),
                Event::Resumed(_) => walk.resumed = Some(at),
                Event::Undoing(_) => walk.undoing = true,
                _ => {}
            }
        }
        walk.locked = walk.find_locked();
        walk
    }

    /// What comes next.
    pub fn next(&self) -> Next<'a> {
        if self.undoing {
            return self.next_undo();
        }
        for page in &self.sheet.pages {
            let open = |row: &&Row| self.answer(page, row).is_none() && !self.is_locked(row);
            if let Some(row) = page.rows.iter().find(open) {
                return Next::Row(page, row);
            }
            let answered = page.rows.iter().filter_map(|row| self.answer(page, row)).map(|(at, _)| at).max();
            if answered.is_some() && self.saved(page).map(|(at, _)| at) < answered {
                return Next::Page(page);
            }
        }
        Next::End
    }

    /// The last row that was done and is not taken back.
    fn next_undo(&self) -> Next<'a> {
        let done = self.sheet.rows().filter(|(_, row)| {
            let last = self.answers.get(&*row.id);
            let touched = last.is_some_and(|(_, answer)| !is_as_before(answer));
            // begun and never answered: it may have been done
            touched || self.started.get(&*row.id) > last.map(|(at, _)| at)
        });
        done.last().map_or(Next::End, |(page, row)| Next::Undo(page, row))
    }

    /// Whether a row may have been begun before a break and is not answered since: one looks before one types.
    pub fn may_have_been(&self, row: &Row) -> bool {
        self.started.contains_key(&*row.id)
    }

    /// Rows that wait for a new plan, since something before them in their chain is not as printed.
    pub fn locked(&self) -> Vec<(&'a Page, &'a Row)> {
        self.sheet.rows().filter(|(page, row)| self.answer(page, row).is_none() && self.is_locked(row)).collect()
    }

    /// How the work ends, were it to end now.
    pub fn ending(&self, journal: &Receipt) -> Ended {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        if self.undoing {
            let left = journal.rows().into_iter().filter(|row| !is_as_before(row)).count();
            return Ended { confirmed: 0, left: count(left), outcome: Outcome::Undone };
        }
        let confirmed: BTreeSet<&str> = journal.confirmed().into_iter().map(|row| &*row.id).collect();
        // lines of a file that was imported are rows of no page
        let all: BTreeSet<&str> = self.sheet.rows().map(|(_, row)| &*row.id).chain(self.handed_out()).collect();
        let left = all.difference(&confirmed).count();
        let confirmed = confirmed.len();
        let outcome = match (left, self.next()) {
            (0, _) => Outcome::Done,
            (_, Next::End) => Outcome::Deviates,
            _ => Outcome::Stopped,
        };
        Ended { confirmed: count(confirmed), left: count(left), outcome }
    }

    /// The answer of a row that counts, and where it stands. What was typed into a page that was not saved is lost in a
    /// break.
    fn answer(&self, page: &Page, row: &Row) -> Option<(usize, &'a Answer)> {
        let (at, answer) = *self.answers.get(&*row.id)?;
        let broken = self.resumed.is_some_and(|resumed| resumed > at);
        let saved = self.saved(page).is_some_and(|(saved, tick)| saved > at && tick.saved);
        (!broken || saved).then_some((at, answer))
    }

    fn saved(&self, page: &Page) -> Option<(usize, &'a SavedPage)> {
        self.saved.get(&*page.name).copied()
    }

    /// What was begun or answered and is none of the sheet's rows.
    fn handed_out(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.started.keys().chain(self.answers.keys()).copied()
    }

    fn is_locked(&self, row: &Row) -> bool {
        self.locked.contains(&*row.id)
    }

    /// On an earlier page every row of a chain has to be done as printed, and the page saved; on its own page none
    /// before it may be otherwise.
    fn find_locked(&self) -> BTreeSet<&'a str> {
        let (mut locked, mut open) = (BTreeSet::new(), BTreeSet::new());
        for page in &self.sheet.pages {
            let saved = self.saved(page).is_some_and(|(_, tick)| tick.saved);
            let (mut otherwise, mut left) = (BTreeSet::new(), BTreeSet::new());
            for row in page.rows.iter().filter(|row| !row.chain.is_empty()) {
                let chain = &*row.chain;
                if open.contains(chain) || otherwise.contains(chain) {
                    locked.insert(&*row.id);
                }
                let printed = self.answer(page, row).map(|(_, answer)| is_as_printed(answer));
                if printed == Some(false) {
                    otherwise.insert(chain);
                }
                if printed != Some(true) || !saved {
                    left.insert(chain);
                }
            }
            open.append(&mut left);
        }
        locked
    }
}

/// Whether the value stands on the device as the sheet has it.
fn is_as_printed(answer: &Answer) -> bool {
    answer.status == RowStatus::Done || answer.status == RowStatus::Renamed && answer.typed.is_empty()
}

/// Whether the device is as it was before.
fn is_as_before(answer: &Answer) -> bool {
    matches!(answer.status, RowStatus::Skipped | RowStatus::Absent | RowStatus::Undone)
}
