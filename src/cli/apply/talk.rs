//! The walk through the sheet with the person at the device: one row, one answer, each on the disk before the next.

use fieldlock::dialect::sheet::Verb;
use fieldlock::ledger::receipt::{Event, Row as Answer, RowStatus, Said, SavedPage, Started};
use fieldlock::pipeline::returned::row as answered;
use fieldlock::pipeline::walk::{Next, Walk};
use fieldlock::report::apply as text;
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
}

impl Talk<'_> {
    /// Goes on from what the journal says until nothing is left that can be done; `false` where the person stopped.
    pub(super) fn go(&mut self) -> Result<bool, Problem> {
        let mut shown = String::new();
        let mut second = false;
        loop {
            let Some(journal) = self.journal.receipt.clone() else { return Ok(true) };
            let walk = Walk::of(self.sheet, &journal);
            match walk.next() {
                Next::End => return Ok(true),
                Next::Row(page, row) => {
                    if shown != page.name {
                        terminal::complain(&text::page(self.sheet, page));
                        shown.clone_from(&page.name);
                    }
                    if page.risky && !second {
                        if !self.second_way()? {
                            return Ok(false);
                        }
                        second = true;
                    }
                    if !self.row(page, row, walk.may_have_been(row))? {
                        return Ok(false);
                    }
                }
                Next::Page(page) => {
                    let saved = yes("  SAVE pressed on this page")?;
                    let seen = saved && yes("  the page opened again, and the values stand")?;
                    self.add(Event::Page(SavedPage { menu: page.name.clone(), saved, seen }))?;
                }
                Next::Undo(page, row) => {
                    if !self.undo(page, row)? {
                        return Ok(false);
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
                Typed::Show => self.unlocked.show(row.value.first().map_or("", String::as_str))?,
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
        let Some(back) = text::back(row) else {
            terminal::complain(&format!(
                "{}      can't be taken back: what stood there is not known\n",
                text::row(row)
            ));
            return self.answer(answered(
                page,
                row,
                RowStatus::Skipped,
                "no way back is known".to_owned(),
                String::new(),
            ));
        };
        terminal::complain(&format!("\n{}\n{}      {back}, and save the page\n", page.name, text::row(row)));
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
            Typed::Said(status) => self.answer(answered(page, row, status, String::new(), String::new())),
            Typed::Show | Typed::Stop => Ok(false),
        }
    }

    /// Before the pages on which a slip shuts people out: a second way in, from an address that is let in.
    fn second_way(&mut self) -> Result<bool, Problem> {
        terminal::complain(
            "  from here on a slip can shut you out: log in a second time, from a private window or another browser, and \
             keep both open\n",
        );
        if !yes("  logged in a second time")? {
            return Ok(false);
        }
        let laptop = ask("  the address of this laptop", None, &|typed| {
            typed.parse::<std::net::IpAddr>().map_err(|_| "an address is written 10.20.0.10".to_owned())
        })?;
        let lets = |entry: &String| entry.parse::<ipnet::IpNet>().is_ok_and(|net| net.contains(&laptop));
        if self.sheet.allowlist.is_empty() || self.sheet.allowlist.iter().any(lets) {
            let text = format!("logged in a second time from {laptop}, which is let in");
            self.add(Event::Confirmed(Said { text }))?;
            return Ok(true);
        }
        let sentence = format!("{} can't be reached from {laptop}", self.sheet.device);
        terminal::complain(&format!(
            "  the allowlist of the sheet does not let {laptop} in; where that is meant, type what will be: {sentence}\n"
        ));
        let typed = ask("  the sentence, or nothing to stop", Some(""), &|typed| Ok(typed.to_owned()))?;
        if typed != sentence {
            return Ok(false);
        }
        self.add(Event::Confirmed(Said { text: sentence }))?;
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
