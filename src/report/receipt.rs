//! A receipt for people: who did what, on which device, what of it a person confirmed, and what is left.

use super::documents::moment;
use super::escape::line;
use super::layout::count;
use crate::ledger::Receipt;
use crate::ledger::receipt::{Command, CommandStatus, Ended, Event, How, Identity, Outcome, Part, Row, RowStatus};

/// As a text of ASCII. `signed` says who signed it, or why nobody did.
pub fn text(receipt: &Receipt, signed: &str) -> String {
    let begun = receipt.begun();
    let (from, until) = receipt.times();
    let device = &begun.device;
    let mut out = format!("{}   {}   by {}\n", receipt.number(), line(device), line(&begun.by));
    let mut say = |head: &str, said: &str| {
        if !said.is_empty() {
            out.push_str(&format!("  {head:<12} {}\n", line(said)));
        }
    };
    say("when", &format!("{} to {}, by the clock of the laptop", moment(from), moment(until)));
    say("site", &begun.site);
    if begun.revision > 0 {
        say("image", &format!("revision {}, {}", begun.revision, short(&begun.image)));
    }
    say("sheet", short(&begun.sheet));
    say("plan", short(&begun.plan));
    say("approved", &begun.approved.join(", "));
    say("emergency", &begun.emergency);
    say("answers", short(&begun.answers));
    say("signed", signed);
    let mut menu = "";
    for told in receipt.lines() {
        match &told.event {
            Event::Row(row) if row.menu != menu => {
                menu = &row.menu;
                out.push_str(&format!("\n  {}\n", line(menu)));
            }
            _ => {}
        }
        out.extend(said(&told.event).map(|said| format!("    {}\n", line(&said))));
    }
    out.push_str(&format!("\n{}\n", line(&ending(receipt))));
    out
}

/// In one sentence: what was done and what is left.
pub fn ending(receipt: &Receipt) -> String {
    let device = &receipt.begun().device;
    let Some(ended) = receipt.ended() else {
        return format!("{device} is between two states: the work was broken off and is not ended");
    };
    if receipt.is_live() {
        return over_ssh(receipt, ended);
    }
    let confirmed = count(ended.confirmed as usize, "row", "rows");
    let left = count(ended.left as usize, "row", "rows");
    match ended.outcome {
        Outcome::Done if ended.confirmed == 0 && !receipt.begun().emergency.is_empty() => {
            format!("what was done on {device} stands in no description: it stays a finding until it does")
        }
        Outcome::Done => format!("{device}: {confirmed} confirmed by a person, nothing is left"),
        Outcome::Deviates => {
            format!("{device}: {confirmed} confirmed by a person, {left} left; the answers go home for a new plan")
        }
        Outcome::Stopped if receipt.is_undoing() => {
            format!("{device} is between two states: taking back was not ended, {left} not taken back")
        }
        Outcome::Stopped => {
            format!("{device} is between two states: {confirmed} confirmed by a person, {left} left")
        }
        Outcome::Undone if ended.left == 0 => format!("{device}: what was done was taken back"),
        Outcome::Undone => format!("{device}: what was done was taken back, {left} excepted"),
    }
}

/// The same of what a program did.
fn over_ssh(receipt: &Receipt, ended: &Ended) -> String {
    let device = &receipt.begun().device;
    let (read, taken) = receipt.commands();
    let steps = count(read + taken, "step", "steps");
    let taken = if taken == 0 { String::new() } else { format!(", {taken} of them taken and not shown") };
    let left = count(ended.left as usize, "setting is left", "settings are left");
    match ended.outcome {
        Outcome::Done => format!("{device}: {steps} read back from the device{taken}, nothing is left"),
        Outcome::Deviates => format!("{device}: {steps} read back from the device{taken}, {left} for the sheet"),
        Outcome::Stopped => format!("{device} is between two states: {steps} read back from the device{taken}"),
        Outcome::Undone => format!("{device}: what was done was taken back, as it was read back from the device"),
    }
}

/// The words for a part of what a device is.
pub fn part(part: Part) -> &'static str {
    match part {
        Part::Model => "model",
        Part::Serial => "serial number",
        Part::Mac => "MAC address",
        Part::Firmware => "firmware",
    }
}

fn said(event: &Event) -> Option<String> {
    Some(match event {
        Event::Begun(_) | Event::Started(_) | Event::Ended(_) => return None,
        Event::Identity(Identity { expected, fits, how, part: what, seen }) => {
            let how = if *how == How::Typed { "typed by a person" } else { "read from the device" };
            let wanted = if *fits { String::new() } else { format!(", the image is for {expected}") };
            format!("{} {seen}, {how}{wanted}", part(*what))
        }
        Event::Rebound(said) => format!("another device takes its place: {}", said.text),
        Event::Backup(backup) => format!("backup: {} {}", backup.what, short(&backup.digest)).trim_end().to_owned(),
        Event::Confirmed(said) => format!("confirmed in as many words: {}", said.text),
        Event::Row(row) => answer(row),
        Event::Page(page) => match (page.saved, page.seen) {
            (true, true) => "page saved, opened again, values stand".to_owned(),
            (true, false) => "page saved, not looked at again".to_owned(),
            (false, _) => "page not saved".to_owned(),
        },
        Event::Session(said) => format!("over sessions with the device: {}", said.text),
        Event::Command(Command { lines, said, status, .. }) => match status {
            CommandStatus::ReadBack => format!("sent and read back: {lines}"),
            CommandStatus::Taken => format!("sent, taken and not shown: {lines}"),
            CommandStatus::Not => format!("NOT DONE: {lines}: {said}"),
        },
        Event::Resumed(said) => format!("went on after a break: {}", said.text),
        Event::Undoing(said) => format!("taken back from here on: {}", said.text),
        Event::Emergency(said) => format!("done without a description: {}", said.text),
    })
}

fn answer(row: &Row) -> String {
    let Row { field, value, said, typed, .. } = row;
    match row.status {
        RowStatus::Done => format!("{field}: {value}"),
        RowStatus::Skipped => format!("{field}: SKIPPED, {said}"),
        RowStatus::Absent => format!("{field}: NOT THERE, {said}"),
        RowStatus::Renamed => format!("{field}: called {said} there, {}", if typed.is_empty() { value } else { typed }),
        RowStatus::Other => format!("{field}: OTHER VALUE {typed} in place of {value}, {said}"),
        RowStatus::Undone => format!("{field}: taken back {said}").trim_end().to_owned(),
    }
}

/// Why a row is left, in a few words.
pub(super) fn why(row: &Row) -> String {
    let why = match row.status {
        RowStatus::Done => "its page was not saved and looked at again".to_owned(),
        RowStatus::Skipped => format!("skipped, {}", row.said),
        RowStatus::Absent => format!("not there, {}", row.said),
        RowStatus::Renamed => format!("called {} there", row.said),
        RowStatus::Other => format!("other value {}, {}", row.typed, row.said),
        RowStatus::Undone => "taken back".to_owned(),
    };
    line(&why)
}

/// The first digits of a digest.
fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
