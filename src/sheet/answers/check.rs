//! What a file of answers may hold.

use std::collections::BTreeSet;

use super::{Answers, FORMAT, LogEntry, MAX_LOG, MAX_TEXT, RowAnswer, Status, Tick};
use crate::image::Digest;
use crate::image::canonical::MAX_INTEGER;
use crate::image::core::{is_name, utc};

/// Says what is wrong, where something is.
pub(super) fn check(answers: &Answers) -> Result<(), &'static str> {
    let Answers { sheet, save, clock, pages, rows, log, .. } = answers;
    let unless = |holds: bool, what| if holds { Ok(()) } else { Err(what) };
    unless(answers.format == FORMAT, "it is of another format")?;
    unless(log.len() <= MAX_LOG, "its log is too long")?;
    unless(answers.typed().all(is_text), "a text is too long, or holds a control character")?;
    unless(is_name(&sheet.site) && is_name(&sheet.device), "`site` or `device` is not a name")?;
    unless(is_text(&sheet.serial) && is_text(&sheet.tool), "`serial` or `tool` is too long")?;
    unless(is_digest_or_empty(&sheet.review), "`review` is not a digest")?;
    unless(save.number >= 1, "`number` is 0")?;
    unless(utc(&save.at).is_some() && is_digest_or_empty(&save.previous), "`save` is not valid")?;
    unless(clock.zone_min.unsigned_abs() <= 24 * 60, "`zone_min` is more than a day")?;
    unless(clock.offset_s.unsigned_abs() <= MAX_INTEGER, "`offset_s` is too large")?;
    let mut names = BTreeSet::new();
    unless(pages.iter().all(|page| is_page(&page.page) && names.insert(&*page.page)), "a page is not valid")?;
    let mut ticks = pages.iter().flat_map(|page| [&page.saved, &page.seen]).flatten();
    unless(ticks.all(is_tick), "a tick is not valid")?;
    let mut ids = BTreeSet::new();
    unless(rows.iter().all(|row| is_row(row) && ids.insert(&*row.id)), "a row is not valid")?;
    unless(log.iter().all(|entry| utc(&entry.at).is_some() && entry.seq <= MAX_INTEGER), "a time is not valid")?;
    unless(log.iter().all(LogEntry::is_of_its_kind), "an entry of the log is not valid")?;
    unless(log.windows(2).all(|pair| pair[0].seq < pair[1].seq), "the log is not in its order")
}

/// Whether a text can be one that a page saved: short, and nothing in it acts.
fn is_text(text: &str) -> bool {
    text.chars().count() <= MAX_TEXT && !text.chars().any(char::is_control)
}

fn is_digest_or_empty(text: &str) -> bool {
    text.is_empty() || Digest::from_hex(text).is_some()
}

/// Menu paths come from tables, of a site too.
fn is_page(name: &str) -> bool {
    !name.is_empty() && is_text(name)
}

fn is_tick(tick: &Tick) -> bool {
    utc(&tick.at).is_some() && tick.seq <= MAX_INTEGER
}

/// Each answer has the words that are asked for with it, and no other.
fn is_row(row: &RowAnswer) -> bool {
    let RowAnswer { why, place, name, value, .. } = row;
    let may = match row.status {
        Status::Done => [false, false, false, false],
        Status::Skipped => [true, false, false, false],
        Status::Absent => [false, true, false, false],
        Status::Renamed => [false, false, true, true],
        Status::Other => [true, false, false, true],
    };
    let fits = [why, place, name, value].into_iter().zip(may).all(|(text, may)| may || text.is_empty());
    fits && row.no >= 1 && is_name(&row.id) && utc(&row.at).is_some() && row.seq <= MAX_INTEGER
}
