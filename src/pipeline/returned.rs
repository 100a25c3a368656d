//! What came home from a sheet, as what was done: the answers that its page saved, in the order of a receipt.

use crate::ledger::receipt::{Event, How, Identity, Part, Row as Answer, RowStatus, Said, SavedPage};
use crate::sheet::answers::{Answers, Before, RowAnswer, Status};
use crate::sheet::{Page, Row, Sheet, SheetKind};

/// Why answers are not those of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOf {
    /// Of another site, device or sheet for many.
    #[error("they are of {0}")]
    Another(String),
    /// Of another revision, or of another reading of the device.
    #[error("they are of another sheet of the device: what is printed there is not what is printed here")]
    Sheet,
    /// A row that the sheet has not.
    #[error("row {0} is not on the sheet")]
    Row(u32),
}

/// What was done, by the answers of a sheet for one device.
///
/// # Errors
/// They are not of this sheet.
pub fn events(sheet: &Sheet, answers: &Answers) -> Result<Vec<Event>, NotOf> {
    let of = &answers.sheet;
    if of.kind != SheetKind::Device || of.site != sheet.site || of.device != sheet.device || of.serial != sheet.head.serial
    {
        return Err(NotOf::Another(format!("{} of {}", of.device, of.site)));
    }
    if of.sheet != sheet.digest() || of.revision != sheet.revision {
        return Err(NotOf::Sheet);
    }
    let mut turns: Vec<(u64, Event)> = Vec::new();
    for answer in &answers.rows {
        let found = sheet.rows().find(|(_, row)| row.id == answer.id);
        let (page, row) = found.ok_or(NotOf::Row(answer.no))?;
        turns.push((answer.seq, Event::Row(answered(page, row, answer))));
    }
    for page in &sheet.pages {
        let Some(ticked) = answers.pages.iter().find(|ticked| ticked.page == page.name) else { continue };
        let on_page = |answer: &&RowAnswer| page.rows.iter().any(|row| row.id == answer.id);
        let last = answers.rows.iter().filter(on_page).map(|answer| answer.seq).max().unwrap_or_default();
        // an answer that was changed later takes the ticks away
        let saved = ticked.saved.as_ref().map(|tick| tick.seq).filter(|seq| *seq > last);
        let seen = ticked.seen.as_ref().map(|tick| tick.seq).filter(|seq| Some(*seq) > saved && saved.is_some());
        let event = SavedPage { menu: page.name.clone(), saved: saved.is_some(), seen: seen.is_some() };
        turns.extend(seen.max(saved).map(|seq| (seq, Event::Page(event))));
    }
    turns.sort_by_key(|(seq, _)| *seq);
    let told = identity(sheet, &answers.before).into_iter();
    Ok(told.chain(turns.into_iter().map(|(_, event)| event)).collect())
}

/// What came of a row of a sheet.
pub fn row(page: &Page, row: &Row, status: RowStatus, said: String, typed: String) -> Answer {
    Answer {
        field: row.field.clone(),
        id: row.id.clone(),
        menu: page.name.clone(),
        path: row.path.clone(),
        said,
        status,
        typed,
        value: row.value.join(", "),
    }
}

fn answered(page: &Page, printed: &Row, answer: &RowAnswer) -> Answer {
    let (status, said) = match answer.status {
        Status::Done => (RowStatus::Done, String::new()),
        Status::Skipped => (RowStatus::Skipped, answer.why.clone()),
        Status::Absent => (RowStatus::Absent, answer.place.clone()),
        Status::Renamed => (RowStatus::Renamed, answer.name.clone()),
        Status::Other => (RowStatus::Other, answer.why.clone()),
    };
    row(page, printed, status, said, answer.value.clone())
}

/// What was said of the device before the rows opened.
fn identity(sheet: &Sheet, before: &Before) -> Vec<Event> {
    let mut events = Vec::new();
    let mut seen = |part, expected: &str, seen: &str, fits| {
        let (expected, seen) = (expected.to_owned(), seen.to_owned());
        if !seen.is_empty() {
            events.push(Event::Identity(Identity { expected, fits, how: How::Typed, part, seen }));
        }
    };
    let serial = &sheet.head.serial;
    let last = before.serial_last.trim().to_lowercase();
    let fits = before.label && !last.is_empty() && serial.to_lowercase().ends_with(&last);
    // a person ticks the whole and types its end
    seen(Part::Serial, serial, if fits { serial } else { &before.serial_last }, fits);
    let firmware = &sheet.head.firmware;
    seen(Part::Firmware, firmware, &before.firmware, accepts(firmware, &before.firmware));
    events.extend((!before.differs.is_empty()).then(|| Event::Confirmed(Said { text: before.differs.clone() })));
    events.extend((!before.other_way.is_empty()).then(|| Event::Confirmed(Said { text: before.other_way.clone() })));
    events
}

/// Whether a version is one of a range, `1.1` or `3.14 to 3.19`; of no range each is.
pub fn accepts(range: &str, version: &str) -> bool {
    use crate::model::value::{Version, VersionRange};
    let version = version.trim().trim_start_matches(['v', 'V']).split_whitespace().next().unwrap_or_default();
    match (range.parse::<VersionRange>(), version.parse::<Version>()) {
        _ if range.is_empty() => true,
        (Ok(range), Ok(version)) => range.contains(version),
        _ => false,
    }
}
