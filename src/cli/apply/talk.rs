//! The walk through the sheet with the person at the device: one row, one answer, each on the disk before the next.

use std::collections::BTreeSet;
use std::net::IpAddr;

use fieldlock::dialect::sheet::Verb;
use fieldlock::ledger::receipt::{Event, Row as Answer, RowStatus, Said, SavedPage, Started};
use fieldlock::model::facts::overlap;
use fieldlock::pipeline::back::{self, Before};
use fieldlock::pipeline::returned::row as answered;
use fieldlock::pipeline::walk::{Next, Walk};
use fieldlock::report::{apply as text, escape};
use fieldlock::sheet::{Page, Row, Sheet};

use super::super::asking::ask;
use super::super::problem::Problem;
use super::super::terminal;
use super::journal::Journal;
use super::unlocked::Unlocked;

/// The longest words that are taken, in characters.
const MOST: usize = 200;

/// What a person may say to a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typed {
    Said(RowStatus),
    Show,
    Stop,
}

/// The work at one device.
pub(super) struct Talk<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) journal: &'a mut Journal,
    pub(super) unlocked: &'a Unlocked<'a>,
    /// The laptop's address, once it is known.
    pub(super) laptop: Option<IpAddr>,
}

/// What is worked through, by which lines of the journal, and whether to take back what was done.
#[derive(Clone, Copy)]
struct Work<'w> {
    sheet: &'w Sheet,
    from: usize,
    undoes: bool,
}

impl Talk<'_> {
    /// Goes on from what the journal says until nothing is left that can be done; `false` where the person stopped.
    pub(super) fn go(&mut self) -> Result<bool, Problem> {
        self.work(Work { sheet: self.sheet, from: 0, undoes: false })
    }

    /// Takes back what was done: planned again, from what stands there to what was read before.
    pub(super) fn go_back(&mut self, before: &Before<'_>) -> Result<bool, Problem> {
        self.settle()?;
        if self.laptop.is_none() {
            self.laptop = Some(laptop()?);
        }
        let Some(journal) = self.journal.receipt.clone() else { return Ok(true) };
        let before = Before { laptop: self.laptop, ..*before };
        let Some(back) = back::back(self.sheet, &before, &journal) else {
            return Err(Problem::refused(format!(
                "this fieldlock does not know the platform of {}",
                self.sheet.device
            ))
            .help("bring the fieldlock of the build"));
        };
        let stands = back::standing(self.sheet, &journal);
        for (page, row) in self.sheet.rows().filter(|(_, row)| stands.contains_key(&*row.id)) {
            if back.same.contains(&row.id) {
                self.answer(answered(page, row, RowStatus::Undone, String::new(), String::new()))?;
            } else if back.stays.contains(&row.id) {
                terminal::complain(&format!(
                    "{}      can't be taken back: what stood there is not known\n",
                    text::row(row)
                ));
                let said = "no way back is known".to_owned();
                self.answer(answered(page, row, RowStatus::Skipped, said, String::new()))?;
            }
        }
        if let Some(why) = &back.refused {
            let sentence = format!("{} may not be reached any more", self.sheet.device);
            terminal::complain(&format!("\n  {}\n", escape::line(why)));
            if !self.accepts("where that is meant, type what may be", &sentence)? {
                return Ok(false);
            }
        }
        terminal::complain(&text::head(&back.sheet));
        let from = self.journal.receipt.as_ref().map_or(0, |journal| journal.lines().len());
        let ended = self.work(Work { sheet: &back.sheet, from, undoes: true })?;
        if ended {
            self.leave(&back.stays)?;
        }
        Ok(ended)
    }

    /// The way back has come to its end: what stands there still is told as left.
    fn leave(&mut self, told: &BTreeSet<String>) -> Result<(), Problem> {
        let Some(journal) = self.journal.receipt.clone() else { return Ok(()) };
        let stands = back::standing(self.sheet, &journal);
        let left = |(_, row): &(&Page, &Row)| stands.contains_key(&*row.id) && !told.contains(&row.id);
        for (page, row) in self.sheet.rows().filter(left) {
            let said = "what takes it back was not done".to_owned();
            self.answer(answered(page, row, RowStatus::Skipped, said, String::new()))?;
        }
        Ok(())
    }

    /// Where the journal does not say whether something was done, the device does.
    fn settle(&mut self) -> Result<(), Problem> {
        while let Some(journal) = self.journal.receipt.clone() {
            let walk = Walk::of(self.sheet, &journal);
            let Some((page, rows)) = walk.doubtful() else { break };
            let numbers: Vec<String> = rows.iter().map(|(row, _)| row.no.to_string()).collect();
            terminal::complain(&format!("\n{}\n", escape::line(&page.name)));
            let saved = yes(&format!("  open it and look: does anything of row {} stand there", numbers.join(", ")))?;
            for (row, answer) in rows {
                let stands = saved && {
                    terminal::complain(&text::row(row));
                    yes("      it stands there")?
                };
                let new = |status| answered(page, row, status, String::new(), String::new());
                let answer = match (stands, answer) {
                    (true, Some(answer)) => answer.clone(),
                    (true, None) => new(RowStatus::Done),
                    (false, _) => new(RowStatus::Undone),
                };
                self.answer(answer)?;
            }
            if saved {
                self.add(Event::Page(SavedPage { menu: page.name.clone(), saved: true, seen: true }))?;
            }
        }
        Ok(())
    }

    /// Rows of which all that takes them back is done, and was seen.
    fn taken_back(&mut self, back: Work<'_>) -> Result<(), Problem> {
        let Some(journal) = self.journal.receipt.clone() else { return Ok(()) };
        let walk = Walk::since(back.sheet, &journal, back.from);
        let stands = back::standing(self.sheet, &journal);
        for (page, row) in self.sheet.rows().filter(|(_, row)| stands.contains_key(&*row.id)) {
            let own = back.sheet.rows().filter(|(_, other)| overlap(&other.path, &row.path));
            let done: Vec<bool> = own.map(|(page, other)| walk.stands(page, other)).collect();
            if !done.is_empty() && done.iter().all(|done| *done) {
                self.answer(answered(page, row, RowStatus::Undone, String::new(), String::new()))?;
            }
        }
        Ok(())
    }

    fn work(&mut self, work: Work<'_>) -> Result<bool, Problem> {
        let mut shown = String::new();
        let mut second = false;
        loop {
            let Some(journal) = self.journal.receipt.clone() else { return Ok(true) };
            let walk = Walk::since(work.sheet, &journal, work.from);
            match walk.next() {
                Next::End => return Ok(true),
                Next::Row(page, row) => {
                    if shown != page.name {
                        terminal::complain(&text::page(work.sheet, page));
                        shown.clone_from(&page.name);
                    }
                    if page.risky && !second {
                        if !self.second_way(work.sheet)? {
                            return Ok(false);
                        }
                        second = true;
                    }
                    let goes_on = match work.undoes {
                        true => self.undo(page, row)?,
                        false => self.row(page, row, walk.may_have_been(row))?,
                    };
                    if !goes_on {
                        return Ok(false);
                    }
                }
                Next::Page(page) => {
                    let saved = yes("  SAVE pressed on this page")?;
                    if saved {
                        terminal::complain(&text::looks(page));
                    }
                    let seen = saved && yes("  the page opened again, and the values stand")?;
                    self.add(Event::Page(SavedPage { menu: page.name.clone(), saved, seen }))?;
                    if work.undoes {
                        self.taken_back(work)?;
                    }
                }
            }
        }
    }

    fn row(&mut self, page: &Page, row: &Row, maybe: bool) -> Result<bool, Problem> {
        terminal::complain(&text::row(row));
        if maybe {
            terminal::complain("      it may have been done before the break: look before you type\n");
        }
        self.add(Event::Started(Started { id: row.id.clone() }))?;
        let secret = row.verb == Verb::Secret;
        let show = if secret { ", ? show the secret" } else { "" };
        let question = format!("      done, s skipped, n not there, c called otherwise, o other value{show}, q stop");
        let status = loop {
            match ask(&question, Some("done"), &|typed| answer(typed, secret))? {
                Typed::Stop => return Ok(false),
                // a passphrase that does not open, or no passphrase at all, ends nothing
                Typed::Show => {
                    if let Err(why) = self.unlocked.show(row.value.first().map_or("", String::as_str)) {
                        let help = why.help.iter().map(|help| format!("; {help}")).collect::<String>();
                        let told = format!("not shown: {}{help}", why.message);
                        terminal::complain(&format!("      {}\n", escape::line(&told)));
                    }
                }
                Typed::Said(status) => break status,
            }
        };
        let (mut said, mut typed) = (String::new(), String::new());
        match status {
            RowStatus::Skipped => said = words("      why")?,
            RowStatus::Absent => said = words("      where you looked")?,
            RowStatus::Renamed => {
                said = words("      what it is called there")?;
                if !secret {
                    typed = ask("      the value that stands there, where it is another", Some(""), &bounded)?;
                }
            }
            RowStatus::Other => {
                if !secret {
                    typed = words("      the value that stands there")?;
                }
                said = words("      why")?;
            }
            RowStatus::Done | RowStatus::Undone => {}
        }
        self.answer(answered(page, row, status, said, typed))
    }

    fn undo(&mut self, page: &Page, row: &Row) -> Result<bool, Problem> {
        terminal::complain(&text::row(row));
        self.add(Event::Started(Started { id: row.id.clone() }))?;
        let typed = |typed: &str| match typed {
            "" | "done" | "d" => Ok(Typed::Said(RowStatus::Undone)),
            "s" => Ok(Typed::Said(RowStatus::Skipped)),
            "q" => Ok(Typed::Stop),
            _ => Err("Enter for done, s, or q".to_owned()),
        };
        match ask("      done, s not possible, q stop", Some("done"), &typed)? {
            Typed::Said(RowStatus::Skipped) => {
                let why = words("      why")?;
                self.answer(answered(page, row, RowStatus::Skipped, why, String::new()))
            }
            Typed::Said(status) => {
                let value = row.value.join(", ");
                let said = if row.verb == Verb::Delete || value.is_empty() { value } else { format!("to {value}") };
                self.answer(answered(page, row, status, said, String::new()))
            }
            Typed::Show | Typed::Stop => Ok(false),
        }
    }

    /// Before the pages on which a slip shuts people out: a second way in, from an address that is let in.
    fn second_way(&mut self, sheet: &Sheet) -> Result<bool, Problem> {
        terminal::complain(
            "  from here on a slip can shut you out: log in a second time, from a private window or another browser, and \
             keep both open\n",
        );
        if !yes("  logged in a second time")? {
            return Ok(false);
        }
        let laptop = match self.laptop {
            Some(laptop) => laptop,
            None => laptop()?,
        };
        let lets = |entry: &String| entry.parse::<ipnet::IpNet>().is_ok_and(|net| net.contains(&laptop));
        if sheet.allowlist.is_empty() || sheet.allowlist.iter().any(lets) {
            let text = format!("logged in a second time from {laptop}, which is let in");
            self.add(Event::Confirmed(Said { text }))?;
            return Ok(true);
        }
        let sentence = format!("{} can't be reached from {laptop}", sheet.device);
        let why =
            format!("the allowlist of the sheet does not let {laptop} in; where that is meant, type what will be");
        self.accepts(&why, &sentence)
    }

    /// Whether the person types the sentence that names the consequence; it stands in the receipt.
    fn accepts(&mut self, why: &str, sentence: &str) -> Result<bool, Problem> {
        terminal::complain(&format!("  {why}: {sentence}\n"));
        let typed = ask("  the sentence, or nothing to stop", Some(""), &|typed| Ok(typed.to_owned()))?;
        if typed != sentence {
            return Ok(false);
        }
        self.add(Event::Confirmed(Said { text: typed }))?;
        Ok(true)
    }

    fn answer(&mut self, answer: Answer) -> Result<bool, Problem> {
        self.add(Event::Row(answer)).map(|()| true)
    }

    fn add(&mut self, event: Event) -> Result<(), Problem> {
        let values = self.unlocked.values();
        self.journal.add(event, super::unlocked::search(&values).as_ref())
    }
}

fn answer(typed: &str, secret: bool) -> Result<Typed, String> {
    Ok(Typed::Said(match typed {
        "" | "done" | "d" => RowStatus::Done,
        "s" => RowStatus::Skipped,
        "n" => RowStatus::Absent,
        "c" => RowStatus::Renamed,
        "o" => RowStatus::Other,
        "q" => return Ok(Typed::Stop),
        "?" if secret => return Ok(Typed::Show),
        _ => return Err("Enter for done, or one of the letters".to_owned()),
    }))
}

fn laptop() -> Result<IpAddr, Problem> {
    ask("  the address of this laptop", None, &|typed| {
        typed.parse::<IpAddr>().map_err(|_| "an address is written 10.20.0.10".to_owned())
    })
}

/// A question that is answered with yes or no.
pub(crate) fn yes(question: &str) -> Result<bool, Problem> {
    ask(&format!("{question}, yes or no"), None, &|typed| match typed {
        "y" | "yes" => Ok(true),
        "n" | "no" => Ok(false),
        _ => Err("yes or no".to_owned()),
    })
}

fn words(question: &str) -> Result<String, Problem> {
    ask(question, None, &bounded)
}

fn bounded(typed: &str) -> Result<String, String> {
    let bad = typed.chars().count() > MOST || typed.chars().any(char::is_control);
    if bad { Err(format!("at most {MOST} characters, and none that acts")) } else { Ok(typed.to_owned()) }
}
