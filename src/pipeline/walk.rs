//! The way through a sheet at the device: what comes next, by what the journal says was done. There is no other state,
//! so that going on after a break is the same as going on.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::Receipt;
use crate::ledger::receipt::{Ended, Event, Outcome, Row as Answer, RowStatus, SavedPage};
use crate::report::apply::Left;
use crate::sheet::{Page, Row, Sheet};

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<'a> {
    /// A row is to be done.
    Row(&'a Page, &'a Row),
    /// All rows of a page were answered: it is to be saved, opened again and looked at.
    Page(&'a Page),
    /// Nothing is left that can be done now.
    End,
}

/// A row, and what was answered of it.
pub type Answered<'a> = (&'a Row, Option<&'a Answer>);

/// A sheet with the journal of the work on it: of each row and page what was said last, with its place in the journal.
pub struct Walk<'a> {
    sheet: &'a Sheet,
    answers: BTreeMap<&'a str, (usize, &'a Answer)>,
    started: BTreeMap<&'a str, usize>,
    saved: BTreeMap<&'a str, (usize, &'a SavedPage)>,
    resumed: Option<usize>,
    /// Where it began that all is taken back.
    undoing: Option<usize>,
    /// Rows that have to wait, by id.
    locked: BTreeSet<&'a str>,
}

impl<'a> Walk<'a> {
    /// Of a sheet and its journal.
    pub fn of(sheet: &'a Sheet, journal: &'a Receipt) -> Walk<'a> {
        Walk::since(sheet, journal, 0)
    }

    /// The same by what the journal says from one of its lines on.
    pub fn since(sheet: &'a Sheet, journal: &'a Receipt, from: usize) -> Walk<'a> {
        let (answers, started, saved) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut walk = Walk { sheet, answers, started, saved, resumed: None, undoing: None, locked: BTreeSet::new() };
        for (at, line) in journal.lines().iter().enumerate().skip(from) {
            match &line.event {
                Event::Row(answer) => drop(walk.answers.insert(&answer.id, (at, answer))),
                Event::Started(started) => drop(walk.started.insert(&started.id, at)),
                Event::Page(saved) => drop(walk.saved.insert(&saved.menu, (at, saved))),
                Event::Resumed(_) => walk.resumed = Some(at),
                Event::Undoing(_) => drop(walk.undoing.get_or_insert(at)),
                _ => {}
            }
        }
        walk.locked = walk.find_locked();
        walk
    }

    /// What comes next.
    pub fn next(&self) -> Next<'a> {
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

    /// Whether a row is done as it is printed, on a page that was saved and looked at since.
    pub fn stands(&self, page: &Page, row: &Row) -> bool {
        let saved = self.saved(page).filter(|(_, tick)| tick.saved && tick.seen).map(|(at, _)| at);
        self.answer(page, row).is_some_and(|(at, answer)| is_as_printed(answer) && Some(at) < saved)
    }

    /// The first page of which nobody knows whether it was saved with what was typed into it, with those rows and
    /// their answers.
    pub fn doubtful(&self) -> Option<(&'a Page, Vec<Answered<'a>>)> {
        self.sheet.pages.iter().find_map(|page| {
            let saved = self.saved(page).filter(|(_, tick)| tick.saved).map(|(at, _)| at);
            let typed = |row: &&Row| match self.answers.get(&*row.id) {
                Some((at, answer)) => !is_as_before(answer) && Some(*at) > saved,
                None => false,
            };
            let begun = |row: &&Row| {
                let begun = self.started.get(&*row.id).copied();
                begun > saved && begun > self.answers.get(&*row.id).map(|(at, _)| *at)
            };
            let answer = |row: &Row| self.answers.get(&*row.id).map(|(_, answer)| *answer);
            let rows = page.rows.iter().filter(|row| typed(row) || begun(row));
            let rows: Vec<_> = rows.map(|row| (row, answer(row).filter(|_| !begun(&row)))).collect();
            (!rows.is_empty()).then_some((page, rows))
        })
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
        if self.undoing.is_some() {
            let stays = self.stays();
            let open = self.doubtful().is_some() || stays.iter().any(|id| self.is_unanswered_since(id));
            let outcome = if open { Outcome::Stopped } else { Outcome::Undone };
            return Ended { confirmed: 0, left: count(stays.len()), outcome };
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

    /// Rows that stay, or may, although what was done is taken back, by id; none where it is not.
    fn stays(&self) -> BTreeSet<&'a str> {
        let Some(undoing) = self.undoing else { return BTreeSet::new() };
        // what is done to take back are rows of another sheet
        let stays = |(id, (at, answer)): &(&&str, &(usize, &Answer))| match *at < undoing {
            true => !is_as_before(answer),
            false => self.is_own(id) && answer.status != RowStatus::Undone,
        };
        let answered = self.answers.iter().filter(stays).map(|(id, _)| *id);
        let doubtful = self.doubtful().into_iter().flat_map(|(_, rows)| rows);
        answered.chain(doubtful.map(|(row, _)| &*row.id)).collect()
    }

    /// What is left, were the work to end now.
    pub fn left(&self) -> Left<'a> {
        let unanswered = |(page, rows): (&'a Page, Vec<Answered<'a>>)| {
            rows.into_iter().filter(|(_, answer)| answer.is_none()).map(move |(row, _)| (page, row))
        };
        let open = match self.undoing {
            Some(_) => self.doubtful().into_iter().flat_map(unanswered).collect(),
            None => self.locked(),
        };
        Left { open, stays: self.stays() }
    }

    /// Whether the way back did not come to a row of this sheet yet.
    fn is_unanswered_since(&self, id: &str) -> bool {
        self.is_own(id)
            && self.answers.get(id).is_none_or(|(at, answer)| {
                self.undoing.is_some_and(|undoing| *at < undoing) || answer.status != RowStatus::Skipped
            })
    }

    fn is_own(&self, id: &str) -> bool {
        self.sheet.rows().any(|(_, row)| row.id == id)
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

    /// On an earlier page every row of a chain has to be done as printed, and the page saved and looked at; on its own
    /// page none before it may be otherwise.
    fn find_locked(&self) -> BTreeSet<&'a str> {
        let (mut locked, mut open) = (BTreeSet::new(), BTreeSet::new());
        for page in &self.sheet.pages {
            // a value that does not stand when the page is opened again was not taken
            let saved = self.saved(page).is_some_and(|(_, tick)| tick.saved && tick.seen);
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
    answer.is_as_printed() || answer.status == RowStatus::Undone
}

/// Whether the device is as it was before.
fn is_as_before(answer: &Answer) -> bool {
    matches!(answer.status, RowStatus::Skipped | RowStatus::Absent | RowStatus::Undone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::sheet::Verb;
    use crate::ledger::receipt::{Begun, Said, Started};
    use crate::native::Grade;
    use crate::pipeline::returned::row as answered;
    use crate::sheet::{ACCESS, Head, Was};

    /// Two pages with a row each, of one chain.
    fn sheet() -> Sheet {
        let row = |no: u32, field: &str| Row {
            chain: ACCESS.into(),
            field: field.into(),
            grade: Grade::Confirmed,
            id: no.to_string(),
            look: String::new(),
            no,
            path: String::new(),
            sha256: String::new(),
            temporary: false,
            value: vec!["on".into()],
            verb: Verb::Type,
            was: Was::NotRead,
            why: Vec::new(),
        };
        let page = |no: u32, menu: &str| Page {
            menu: menu.into(),
            name: menu.into(),
            risky: false,
            rows: vec![row(no, menu)],
            warnings: Vec::new(),
        };
        Sheet::bare("weir", "np07", Head::default(), vec![page(1, "Accounts"), page(2, "Services")])
    }

    fn journal(events: Vec<Event>) -> Receipt {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let mut receipt = Receipt::begin(Begun::new("weir", "np07", "ot-lead"), at).unwrap();
        events.into_iter().for_each(|event| drop(receipt.add(event, at).unwrap()));
        receipt
    }

    fn row(sheet: &Sheet, no: usize, status: RowStatus) -> Event {
        let page = &sheet.pages[no - 1];
        Event::Row(answered(page, &page.rows[0], status, String::new(), String::new()))
    }

    fn page(menu: &str, seen: bool) -> Event {
        Event::Page(SavedPage { menu: menu.into(), saved: true, seen })
    }

    #[test]
    fn a_value_that_does_not_stand_keeps_what_builds_on_it() {
        let sheet = sheet();
        for (seen, locked) in [(true, 0), (false, 1)] {
            let journal = journal(vec![row(&sheet, 1, RowStatus::Done), page("Accounts", seen)]);
            assert_eq!(Walk::of(&sheet, &journal).locked().len(), locked);
        }
    }

    #[test]
    fn what_can_not_be_taken_back_stays() {
        let sheet = sheet();
        let done = |no: usize, menu: &str| {
            [Event::Started(Started { id: no.to_string() }), row(&sheet, no, RowStatus::Done), page(menu, true)]
        };
        let mut events: Vec<Event> = done(1, "Accounts").into_iter().chain(done(2, "Services")).collect();
        events.push(Event::Undoing(Said { text: "CHG-1".into() }));
        events.push(row(&sheet, 2, RowStatus::Undone));
        events.push(row(&sheet, 1, RowStatus::Skipped));
        let ended = journal(events.clone());
        let walk = Walk::of(&sheet, &ended);
        let Ended { left, outcome, .. } = walk.ending(&ended);
        assert_eq!((left, outcome), (1, Outcome::Undone));
        events.push(row(&sheet, 1, RowStatus::Undone));
        let ended = journal(events);
        assert_eq!(Walk::of(&sheet, &ended).ending(&ended).left, 0);
    }

    #[test]
    fn a_way_back_that_did_not_end_leaves_the_device_between_two_states() {
        let sheet = sheet();
        let begun = |no: usize| Event::Started(Started { id: no.to_string() });
        let undoing = Event::Undoing(Said { text: "CHG-1".into() });
        let done = |no: usize| row(&sheet, no, RowStatus::Done);
        for (done, left) in [
            (vec![begun(1), done(1), page("Accounts", true)], 1),
            (vec![begun(1), done(1), page("Accounts", true), begun(2), done(2)], 2),
            // nobody looked whether it stands
            (vec![begun(1)], 1),
        ] {
            let events = done.into_iter().chain([undoing.clone(), Event::Resumed(Said { text: "later".into() })]);
            let journal = journal(events.collect());
            let ended = Walk::of(&sheet, &journal).ending(&journal);
            assert_eq!((ended.left, ended.outcome), (left, Outcome::Stopped));
        }
    }
}
