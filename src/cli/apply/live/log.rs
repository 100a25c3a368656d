//! The journal of what a program does: each note is on the disk before the work goes on.

use std::path::Path;

use fieldlock::device::apply::{Came, Note, Seen, Step, Told, Trouble};
use fieldlock::ledger::receipt::{Command, CommandStatus, Event, MAX_TEXT, Said, SavedPage, Started};
use fieldlock::report::escape;
use fieldlock::secret::SecretValue;

use super::super::backup::{Before, Export};
use super::super::identity;
use super::super::journal::Journal;
use super::super::talk::yes;
use super::super::unlocked::{Unlocked, search};
use super::super::{ApplyArgs, Stick, first};
use super::ready::Ready;
use crate::cli::problem::Problem;
use crate::cli::terminal;

/// What a saved configuration stands under in a receipt.
const COMMAND_LINE: &str = "command line";

pub(super) struct Log<'a> {
    args: &'a ApplyArgs,
    stick: &'a Stick,
    unlocked: &'a Unlocked<'a>,
    ready: &'a Ready,
    journal: &'a mut Journal,
    to: &'a Path,
    /// Why the work was ended here, as it is told.
    pub(super) problem: Option<Problem>,
}

impl<'a> Log<'a> {
    pub(super) fn new(
        args: &'a ApplyArgs,
        stick: &'a Stick,
        unlocked: &'a Unlocked<'a>,
        ready: &'a Ready,
        (journal, to): (&'a mut Journal, &'a Path),
    ) -> Log<'a> {
        Log { args, stick, unlocked, ready, journal, to, problem: None }
    }

    fn take(&mut self, note: &Note<'_>) -> Result<(), Problem> {
        match note {
            Note::First(seen) if self.journal.receipt.is_none() => self.begin(seen),
            // after a break: the same device
            Note::First(seen) => self.identity(seen).map(drop),
            Note::Starting(step) => self.add(Event::Started(Started { id: step.id.clone() })),
            Note::Came(step, came) => {
                let (status, words) = match came {
                    Came::ReadBack => (CommandStatus::ReadBack, "read back".to_owned()),
                    Came::Taken => (CommandStatus::Taken, "taken, and not shown".to_owned()),
                    Came::Not(why) => (CommandStatus::Not, format!("NOT DONE: {why}")),
                };
                let lines = step.shown().join("; ");
                terminal::complain(&format!("  {}   {}\n", escape::line(&lines), escape::line(&words)));
                self.add(Event::Command(command(step, status, came)))
            }
            Note::Again(why) => {
                terminal::complain(&format!("  connected again: {}\n", escape::line(why)));
                self.add(said(Event::Resumed, &format!("connected again: {why}")))
            }
            Note::Undoing(trouble) => {
                terminal::complain(&format!("  {}; going back\n", escape::line(&trouble.to_string())));
                self.add(said(Event::Undoing, &trouble.to_string()))
            }
            Note::Saved => {
                terminal::complain("  saved, and what it is started with is what runs\n");
                self.add(Event::Page(SavedPage { menu: COMMAND_LINE.to_owned(), saved: true, seen: true }))
            }
        }
    }

    fn identity(&self, seen: &Seen) -> Result<Vec<Event>, Problem> {
        identity::tell(&identity::Asked {
            core: &self.stick.core,
            read: Some(&seen.tells),
            rebind: self.args.rebind.as_deref(),
            other: &|serial| self.stick.other(serial),
        })
    }

    /// The right device, a backup of it, and then a journal.
    fn begin(&mut self, seen: &Seen) -> Result<(), Problem> {
        let events = self.identity(seen)?;
        let backup = Before::Export(Box::new(Export {
            bytes: SecretValue::copy_of(seen.text.as_bytes()),
            text: None,
            encrypted: false,
            tells: Some(seen.tells.clone()),
        }));
        let backup = backup.keep(self.stick, self.unlocked, self.to)?;
        let reach = &self.ready.reach;
        let session = format!("SSH at {} as {}, host key {}", reach.at, reach.account, reach.keys.join(" or "));
        let events = events.into_iter().chain([backup, said(Event::Session, &session)]);
        let approved = (&self.ready.approved, String::new());
        self.journal.keep(first(self.args, self.stick, self.unlocked, approved, events)?)
    }

    fn add(&mut self, event: Event) -> Result<(), Problem> {
        let values = self.unlocked.values();
        self.journal.add(event, search(&values).as_ref())
    }
}

impl Told for Log<'_> {
    fn tell(&mut self, note: Note<'_>) -> Result<(), String> {
        self.take(&note).map_err(|problem| {
            let message = problem.message.clone();
            self.problem = Some(problem);
            message
        })
    }

    fn goes_back(&mut self, trouble: &Trouble) -> bool {
        // nothing is sent to another device, nor without a journal
        if matches!(trouble, Trouble::Other { .. } | Trouble::Journal(_)) {
            return false;
        }
        if self.args.live.go_back {
            return true;
        }
        if !terminal::can_ask() {
            return false;
        }
        terminal::complain(&format!("  {}\n", escape::line(&trouble.to_string())));
        yes("  take back what was done, by a plan from what the device has now").unwrap_or(false)
    }
}

fn command(step: &Step, status: CommandStatus, came: &Came) -> Command {
    let said = if let Came::Not(why) = came { why.as_str() } else { "" };
    let sets: Vec<String> =
        step.sets.iter().map(|(path, value)| format!("{path} {value}").trim_end().to_owned()).collect();
    Command {
        id: step.id.clone(),
        lines: short(&step.shown().join("; ")),
        said: short(said),
        sets: short(&sets.join("; ")),
        status,
    }
}

fn said(event: fn(Said) -> Event, text: &str) -> Event {
    event(Said { text: short(text) })
}

/// As a receipt takes it: short, and without what acts.
fn short(text: &str) -> String {
    let mut text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text
}
