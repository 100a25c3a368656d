//! What was really done on a device: one line after the other, each in canonical JSON and bound to the line before it
//! by a digest. While the work goes on it is the journal; with its last line it is the receipt.
//!
//! The journal says what may have happened, the device what did: a line is on the disk before what it tells is done.

mod event;

pub use event::{
    Backup, Begun, Command, CommandStatus, Ended, Event, How, Identity, MAX_TEXT, Outcome, Part, Row, RowStatus, Said,
    SavedPage, Started,
};

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::image::Digest;
use crate::image::canonical::{self, CanonicalError};
use crate::image::core::utc;

/// What a receipt says it is.
pub const FORMAT: &str = "fieldlock-receipt.v1";
/// The largest receipt, in bytes.
pub const MAX_LEN: usize = 8 << 20;
/// The most lines.
pub const MAX_LINES: usize = 50_000;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// When, `YYYY-MM-DDTHH:MM:SSZ`, by the clock of the computer: a claim. The order is that of the lines.
    pub at: String,
    /// What happened, or is about to.
    pub event: Event,
    /// The digest of the line before, without its line break; that of nothing for the first one.
    pub previous: Digest,
}

/// A receipt, or the journal of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    begun: Begun,
    lines: Vec<Line>,
    bytes: Vec<u8>,
    last: Digest,
}

/// Why bytes are no receipt, or nothing can be added to one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// More than a receipt has.
    #[error("a receipt has at most 8 MiB and 50,000 lines")]
    TooLarge,
    /// A line that is none.
    #[error("line {line} can't be read: {why}")]
    Json {
        /// From 1.
        line: usize,
        /// Why.
        why: CanonicalError,
    },
    /// A line that does not follow the one before.
    #[error("line {0} does not follow from the line before it: something was changed, taken out or put in")]
    Chain(usize),
    /// A text or time that no receipt has.
    #[error("line {0} has a text or a time that no receipt has")]
    Value(usize),
    /// It begins with something else, or begins twice, or goes on behind its end.
    #[error("line {0} can't stand where it does")]
    Order(usize),
    /// Its last line is not the one that ends it.
    #[error("it does not end: its last line is missing")]
    Open,
}

impl Receipt {
    /// Begins one.
    ///
    /// # Errors
    /// A text that no receipt has.
    pub fn begin(begun: Begun, at: Timestamp) -> Result<Receipt, ReceiptError> {
        let mut receipt = Receipt::new(begun.clone());
        receipt.add(Event::Begun(Box::new(begun)), at)?;
        Ok(receipt)
    }

    fn new(begun: Begun) -> Receipt {
        Receipt { begun, lines: Vec::new(), bytes: Vec::new(), last: Digest::of(b"") }
    }

    /// Adds a line, and gives its bytes for the disk.
    ///
    /// # Errors
    /// It can't stand there, or there are too many; nothing is added then.
    pub fn add(&mut self, event: Event, at: Timestamp) -> Result<Vec<u8>, ReceiptError> {
        let at = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let line = Line { at, event, previous: self.last };
        let number = self.lines.len() + 1;
        let mut bytes = canonical::write(&line).map_err(|why| ReceiptError::Json { line: number, why })?;
        self.push(line, &bytes)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a receipt that ended.
    ///
    /// # Errors
    /// It is none, was altered, or did not end.
    pub fn read(bytes: &[u8]) -> Result<Receipt, ReceiptError> {
        let receipt = Receipt::parse(bytes)?;
        let whole = receipt.bytes.len() == bytes.len() && receipt.ended().is_some();
        if whole { Ok(receipt) } else { Err(ReceiptError::Open) }
    }

    /// Reads the journal of one: what stands behind its last line break was never wholly written, and is left out.
    ///
    /// # Errors
    /// It is none, or was altered.
    pub fn parse(bytes: &[u8]) -> Result<Receipt, ReceiptError> {
        if bytes.len() > MAX_LEN {
            return Err(ReceiptError::TooLarge);
        }
        let whole = bytes.split_inclusive(|byte| *byte == b'\n').map_while(|text| text.strip_suffix(b"\n"));
        let mut receipt: Option<Receipt> = None;
        for (at, text) in whole.enumerate() {
            let line: Line = canonical::read(text).map_err(|why| ReceiptError::Json { line: at + 1, why })?;
            let begun = match &line.event {
                Event::Begun(begun) => Some(Receipt::new((**begun).clone())),
                _ => None,
            };
            let receipt = match receipt.as_mut() {
                Some(receipt) => receipt,
                None => receipt.insert(begun.ok_or(ReceiptError::Order(1))?),
            };
            receipt.push(line, text)?;
        }
        receipt.ok_or(ReceiptError::Order(1))
    }

    fn push(&mut self, line: Line, text: &[u8]) -> Result<(), ReceiptError> {
        let number = self.lines.len() + 1;
        if number > MAX_LINES || self.bytes.len() + text.len() >= MAX_LEN {
            return Err(ReceiptError::TooLarge);
        }
        if line.previous != self.last {
            return Err(ReceiptError::Chain(number));
        }
        if utc(&line.at).is_none() || !line.event.is_sound() {
            return Err(ReceiptError::Value(number));
        }
        let begins = matches!(line.event, Event::Begun(_));
        if begins != self.lines.is_empty() || self.ended().is_some() {
            return Err(ReceiptError::Order(number));
        }
        self.last = Digest::of(text);
        self.bytes.extend_from_slice(text);
        self.bytes.push(b'\n');
        self.lines.push(line);
        Ok(())
    }

    /// All of it, as it is written.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// `R-91c077ab`: what people call it. It follows from what stands in it, so that nobody has to hand out numbers.
    pub fn number(&self) -> String {
        format!("R-{}", &Digest::of(&self.bytes).to_string()[..8])
    }

    /// What it began with.
    pub fn begun(&self) -> &Begun {
        &self.begun
    }

    /// When it began and when its last line was written.
    pub fn times(&self) -> (&str, &str) {
        (self.lines.first().map_or("", |line| &line.at), self.lines.last().map_or("", |line| &line.at))
    }

    /// How it ended; `None` for a journal.
    pub fn ended(&self) -> Option<&Ended> {
        self.lines.last().and_then(|line| if let Event::Ended(ended) = &line.event { Some(ended) } else { None })
    }

    /// The device's own serial number, as it was seen last.
    pub fn serial(&self) -> Option<&str> {
        self.seen(Part::Serial).map(|identity| &*identity.seen)
    }

    /// A part of what the device is, as it was seen last.
    pub fn seen(&self, part: Part) -> Option<&Identity> {
        self.lines.iter().rev().find_map(|line| match &line.event {
            Event::Identity(identity) if identity.part == part => Some(identity),
            _ => None,
        })
    }

    /// Whether a program worked, over sessions with the device itself.
    pub fn is_live(&self) -> bool {
        self.lines.iter().any(|line| matches!(line.event, Event::Session(_)))
    }

    /// How many steps the device has, by what came of each last: those that were read back, and those that it took.
    pub fn commands(&self) -> (usize, usize) {
        let mut last: BTreeMap<&str, CommandStatus> = BTreeMap::new();
        for line in &self.lines {
            match &line.event {
                Event::Command(command) => drop(last.insert(&command.id, command.status)),
                Event::Undoing(_) => last.clear(),
                _ => {}
            }
        }
        let count = |status| last.values().filter(|last| **last == status).count();
        (count(CommandStatus::ReadBack), count(CommandStatus::Taken))
    }

    /// Whether another device took the place of the described one.
    pub fn is_rebound(&self) -> bool {
        self.lines.iter().any(|line| matches!(line.event, Event::Rebound(_)))
    }

    /// Whether anything was begun: the device may have it.
    pub fn is_begun(&self) -> bool {
        self.lines.iter().any(|line| matches!(line.event, Event::Started(_)))
    }

    /// Whether somebody began to take back what was done.
    pub fn is_undoing(&self) -> bool {
        self.lines.iter().any(|line| matches!(line.event, Event::Undoing(_)))
    }

    /// Whether what was done was taken back.
    pub fn is_undone(&self) -> bool {
        self.ended().is_some_and(|ended| ended.outcome == Outcome::Undone)
    }

    /// What was answered last of each row, in the order in which the rows came up first.
    pub fn rows(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for line in &self.lines {
            let Event::Row(row) = &line.event else { continue };
            match places.get(&*row.id) {
                Some(at) => rows[*at] = row,
                None => {
                    places.insert(&row.id, rows.len());
                    rows.push(row);
                }
            }
        }
        rows
    }

    /// Rows that a person confirmed: done as they are printed, whatever the field is called there, and on a page that
    /// was saved and looked at again behind the last answer.
    pub fn confirmed(&self) -> Vec<&Row> {
        self.standing().into_iter().filter(|row| row.is_as_printed()).collect()
    }

    /// Rows on pages that were saved and looked at again behind the last answer on them, whatever that was.
    pub fn standing(&self) -> Vec<&Row> {
        let (mut answered, mut saved) = (BTreeMap::new(), BTreeMap::new());
        for (at, line) in self.lines.iter().enumerate() {
            match &line.event {
                Event::Row(row) => drop(answered.insert(&*row.menu, at)),
                Event::Page(page) if page.saved && page.seen => drop(saved.insert(&*page.menu, at)),
                _ => {}
            }
        }
        let holds = |row: &&Row| answered.get(&*row.menu) < saved.get(&*row.menu);
        self.rows().into_iter().filter(holds).collect()
    }
}

#[cfg(test)]
mod tests;
