//! The way through a sheet at the device: what comes next, by what the journal says was done. There is no other state,
//! so that going on after a break is the same as going on.

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

/// A sheet with the journal of the work on it.
pub struct Walk<'a> {
    sheet: &'a Sheet,
    events: Vec<&'a Event>,
}

impl<'a> Walk<'a> {
    /// Of a sheet and its journal.
    pub fn of(sheet: &'a Sheet, journal: &'a Receipt) -> Walk<'a> {
        Walk { sheet, events: journal.lines().iter().map(|line| &line.event).collect() }
    }

    /// What comes next.
    pub fn next(&self) -> Next<'a> {
        if self.last(|event| matches!(event, Event::Undoing(_))).is_some() {
            return self.next_undo();
        }
        for page in &self.sheet.pages {
            let open = |row: &&Row| self.answer(page, row).is_none() && !self.is_locked(page, row);
            if let Some(row) = page.rows.iter().find(open) {
                return Next::Row(page, row);
            }
            let answered = page.rows.iter().filter_map(|row| self.answer(page, row)).map(|(at, _)| at).max();
            if answered.is_some() && self.page(page).map(|(at, _)| at) < answered {
                return Next::Page(page);
            }
        }
        Next::End
    }

    /// The last row that was done and is not taken back.
    fn next_undo(&self) -> Next<'a> {
        let done = self.sheet.rows().filter(|(_, row)| {
            let last = self.last(|event| matches!(event, Event::Row(answer) if answer.id == row.id));
            let started = self.last(|event| matches!(event, Event::Started(started) if started.id == row.id));
            let kept = |status| matches!(status, RowStatus::Skipped | RowStatus::Absent | RowStatus::Undone);
            let touched = last.is_some_and(|(_, event)| matches!(event, Event::Row(answer) if !kept(answer.status)));
            // begun and never answered: it may have been done
            touched || started.map(|(at, _)| at) > last.map(|(at, _)| at)
        });
        done.last().map_or(Next::End, |(page, row)| Next::Undo(page, row))
    }

    /// Whether a row may have been begun before a break and is not answered since: one looks before one types.
    pub fn may_have_been(&self, row: &Row) -> bool {
        self.last(|event| matches!(event, Event::Started(started) if started.id == row.id)).is_some()
    }

    /// Rows that wait for a new plan, since something before them in their chain is not as printed.
    pub fn locked(&self) -> Vec<(&'a Page, &'a Row)> {
        self.sheet.rows().filter(|(page, row)| self.answer(page, row).is_none() && self.is_locked(page, row)).collect()
    }

    /// How the work ends, were it to end now.
    pub fn ending(&self, journal: &Receipt) -> Ended {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let all = self.sheet.rows().count();
        let confirmed = journal.confirmed().len();
        if self.last(|event| matches!(event, Event::Undoing(_))).is_some() {
            let kept =
                |row: &&&Answer| !matches!(row.status, RowStatus::Undone | RowStatus::Skipped | RowStatus::Absent);
            let left = journal.rows().iter().filter(kept).count();
            return Ended { confirmed: 0, left: count(left), outcome: Outcome::Undone };
        }
        let left = all.saturating_sub(confirmed);
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
        let (at, event) = self.last(|event| matches!(event, Event::Row(answer) if answer.id == row.id))?;
        let Event::Row(answer) = event else { return None };
        let broken = self.last(|event| matches!(event, Event::Resumed(_))).is_some_and(|(resumed, _)| resumed > at);
        let saved = self.page(page).is_some_and(|(saved, tick)| saved > at && tick.saved);
        (!broken || saved).then_some((at, answer))
    }

    fn page(&self, page: &Page) -> Option<(usize, &'a SavedPage)> {
        let (at, event) = self.last(|event| matches!(event, Event::Page(saved) if saved.menu == page.name))?;
        if let Event::Page(saved) = event { Some((at, saved)) } else { None }
    }

    /// Whether a row has to wait: on an earlier page every row of its chain has to be done as printed, and the page
    /// saved; on its own page none before it may be otherwise.
    fn is_locked(&self, page: &Page, row: &Row) -> bool {
        if row.chain.is_empty() {
            return false;
        }
        let of_chain = |page: &'a Page| page.rows.iter().filter(|other| other.chain == row.chain);
        let earlier = self.sheet.pages.iter().take_while(|other| other.name != page.name);
        let open = earlier.filter(|other| of_chain(other).next().is_some()).any(|other| {
            let printed = |row: &Row| self.answer(other, row).is_some_and(|(_, answer)| is_as_printed(answer));
            !of_chain(other).all(printed) || !self.page(other).is_some_and(|(_, tick)| tick.saved)
        });
        let Some(own) = self.sheet.pages.iter().find(|other| other.name == page.name) else { return open };
        let before = of_chain(own).take_while(|other| other.id != row.id);
        open || before.filter_map(|other| self.answer(own, other)).any(|(_, answer)| !is_as_printed(answer))
    }

    fn last(&self, wanted: impl Fn(&Event) -> bool) -> Option<(usize, &'a Event)> {
        self.events.iter().copied().enumerate().rev().find(|(_, event)| wanted(event))
    }
}

/// Whether the value stands on the device as the sheet has it.
fn is_as_printed(answer: &Answer) -> bool {
    answer.status == RowStatus::Done || answer.status == RowStatus::Renamed && answer.typed.is_empty()
}
