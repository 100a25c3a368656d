//! What came home from a sheet, as what was done: the answers that its page saved, in the order of a receipt.

use std::collections::{BTreeMap, BTreeSet};

use super::walk::Walk;
use crate::dialect::sheet::Verb;
use crate::image::Digest;
use crate::ledger::Receipt;
use crate::ledger::receipt::{Begun, Event, How, Identity, Part, Row as Answer, RowStatus, Said, SavedPage};
use crate::native::Form;
use crate::platform::Platform;
use crate::sheet::answers::{Answers, Before, RowAnswer, Status};
use crate::sheet::{FleetDevice, Page, Row, Sheet, SheetKind};
use crate::source::FileId;

/// What parts the texts of a list in one field.
const BETWEEN: &str = ", ";

/// Why answers are not those of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOf {
    /// Of another site, device or sheet for many.
    #[error("they are of {0}")]
    Another(String),
    /// Of another revision, or of another reading of the device.
    #[error("they are of another sheet of the device: what is printed there is not what is printed here")]
    Sheet,
    /// A text that no receipt has.
    #[error("a text in them is too long, or acts")]
    Text,
    /// A row that the sheet has not.
    #[error("row {0} is not on the sheet")]
    Row(u32),
    /// A value that nobody should have typed.
    #[error("a value stands with row {0}, which is of a secret: take it out, and change the secret")]
    Secret(u32),
    /// Of many devices, one whose own sheet is not there.
    #[error("the sheet of {0}, whose page it is, is not on the stick beside it")]
    Without(String),
}

/// What was done, by the answers of a sheet for one device.
///
/// # Errors
/// They are not of this sheet.
pub fn events(sheet: &Sheet, answers: &Answers) -> Result<Vec<Event>, NotOf> {
    are_of(sheet, SheetKind::Device, answers)?;
    let mut turns: Vec<(u64, Event)> = Vec::new();
    for answer in &answers.rows {
        let found = sheet.rows().find(|(_, row)| row.id == answer.id);
        let (page, row) = found.ok_or(NotOf::Row(answer.no))?;
        if row.verb == Verb::Secret && !answer.value.is_empty() {
            return Err(NotOf::Secret(answer.no));
        }
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

fn are_of(sheet: &Sheet, kind: SheetKind, answers: &Answers) -> Result<(), NotOf> {
    let of = &answers.sheet;
    let same = (&of.site, &of.device, &of.serial) == (&sheet.site, &sheet.device, &sheet.head.serial);
    if !same || (of.kind, sheet.kind) != (kind, kind) {
        return Err(NotOf::Another(format!("{} of {}", of.device, of.site)));
    }
    if of.sheet != sheet.digest() || of.revision != sheet.revision { Err(NotOf::Sheet) } else { Ok(()) }
}

/// A receipt of saved answers; `image` is the digest of the image that their sheet is of, `accepted` what a lock-out
/// was accepted by in its plan. The same answers give the same one, so that who brings them twice brings nothing new.
///
/// # Errors
/// They are not of this sheet, or hold what no receipt has.
pub fn receipt_of(
    sheet: &Sheet,
    answers: &Answers,
    digest: Digest,
    (image, accepted): (String, Option<Event>),
) -> Result<Receipt, NotOf> {
    let events = accepted.into_iter().chain(events(sheet, answers)?).collect();
    written(sheet, answers, digest, image, events)
}

/// The receipts of saved answers of a page of many devices: one for each device that was answered, of its own sheet and
/// image, which `own` gives.
///
/// # Errors
/// They are not of this sheet, or hold what no receipt has; the sheet of a device is not at hand.
pub fn receipts_of(
    fleet: &Sheet,
    answers: &Answers,
    digest: Digest,
    own: impl Fn(&FleetDevice) -> Option<(Sheet, String)>,
) -> Result<Vec<Receipt>, NotOf> {
    are_of(fleet, SheetKind::Fleet, answers)?;
    let devices: Vec<&FleetDevice> = fleet.places.iter().flat_map(|place| &place.devices).collect();
    let receipt = |answer: &RowAnswer| {
        let device = devices.iter().find(|device| device.device == answer.id).ok_or(NotOf::Row(answer.no))?;
        let (sheet, image) = own(device).ok_or_else(|| NotOf::Without(device.device.clone()))?;
        written(&sheet, answers, digest, image, on_device(fleet, device, answer))
    };
    answers.rows.iter().map(receipt).collect()
}

/// What was done on one device of a page of many: its one answer is of all rows of the page.
fn on_device(fleet: &Sheet, device: &FleetDevice, answer: &RowAnswer) -> Vec<Event> {
    let mut events: Vec<Event> = serial(&device.serial, &answer.serial_last, true).into_iter().collect();
    let alone = fleet.rows().count() == 1;
    for (page, printed) in fleet.rows() {
        let mut row = answered(page, printed, answer);
        // which of several rows it was nobody says: none of them counts, and what was said stands with each
        if !alone && !matches!(row.status, RowStatus::Done | RowStatus::Skipped) {
            let said = [&*row.said, &*row.typed].into_iter().filter(|text| !text.is_empty());
            let said = said.collect::<Vec<_>>().join(BETWEEN);
            row = Answer { said, status: RowStatus::Other, typed: String::new(), ..row };
        }
        events.push(Event::Row(row));
    }
    let saved = !matches!(answer.status, Status::Skipped | Status::Absent);
    events
        .extend(fleet.pages.iter().map(|page| Event::Page(SavedPage { menu: page.name.clone(), saved, seen: saved })));
    events
}

fn written(
    sheet: &Sheet,
    answers: &Answers,
    digest: Digest,
    image: String,
    events: Vec<Event>,
) -> Result<Receipt, NotOf> {
    let at: jiff::Timestamp = answers.save.at.parse().map_err(|_| NotOf::Sheet)?;
    // the laptop's clock was wrong, and somebody said by how much
    let wrong = jiff::SignedDuration::from_secs(answers.clock.offset_s);
    let at = at.checked_add(wrong).unwrap_or(at);
    let by = [&answers.before.name, &answers.before.initials].into_iter().find(|by| !by.is_empty());
    let begun = Begun {
        answers: digest.to_string(),
        image,
        revision: sheet.revision,
        sheet: sheet.digest().to_string(),
        tool: answers.sheet.tool.clone(),
        ..Begun::new(&sheet.site, &sheet.device, by.map_or("", String::as_str))
    };
    let unsound = |_| NotOf::Text;
    let mut receipt = Receipt::begin(begun, at).map_err(unsound)?;
    for event in events {
        receipt.add(event, at).map_err(unsound)?;
    }
    let ended = Walk::of(sheet, &receipt).ending(&receipt);
    receipt.add(Event::Ended(ended), at).map_err(unsound)?;
    Ok(receipt)
}

/// Of several files of answers the last of each chain: the page writes into each the digest of the one before. Two that
/// go on from one, or that know nothing of each other, may not answer one row otherwise: a person decides.
///
/// # Errors
/// The names of two that contradict each other.
pub fn whole_chain<'a>(
    saved: impl Iterator<Item = (&'a str, Digest, &'a Answers)>,
) -> Result<Vec<usize>, (String, String)> {
    let saved: Vec<(&str, Digest, &Answers)> = saved.collect();
    let goes_on = |digest: &Digest| saved.iter().any(|(.., answers)| answers.save.previous == digest.to_string());
    let mut seen = BTreeSet::new();
    let heads: Vec<usize> =
        (0..saved.len()).filter(|at| !goes_on(&saved[*at].1) && seen.insert(saved[*at].1)).collect();
    for (number, at) in heads.iter().enumerate() {
        for other in &heads[number + 1..] {
            let ((a, _, one), (b, _, two)) = (saved[*at], saved[*other]);
            let same = |x: &RowAnswer, y: &RowAnswer| (x.status, &x.value) == (y.status, &y.value);
            let differ = |row: &RowAnswer| two.rows.iter().any(|other| other.id == row.id && !same(row, other));
            if one.sheet.sheet == two.sheet.sheet && one.rows.iter().any(differ) {
                return Err((a.to_owned(), b.to_owned()));
            }
        }
    }
    Ok(heads)
}

/// What stands on the device by a receipt, as lines that a filled sheet has: what a person confirmed as it was printed,
/// and other values that somebody typed. `reviewed` is the text of the sheet that was reviewed; secrets stand in it by
/// name.
pub fn standing(sheet: &Sheet, reviewed: &str, on: &Platform, receipt: &Receipt) -> String {
    let answers: BTreeMap<&str, &Answer> = receipt.standing().into_iter().map(|row| (&*row.id, row)).collect();
    let reading = on.read(Form::Sheet, FileId::NONE, reviewed);
    let mut lines: Vec<String> = Vec::new();
    for (page, row) in sheet.rows().filter(|(_, row)| !row.temporary) {
        let own = line_of(page, row, reviewed);
        // fields that one line of the text says together
        let parts: Vec<&Row> = match &own {
            Some(_) => vec![row],
            None => page.rows.iter().filter(|other| other.path == row.path).collect(),
        };
        let done = |part: &&Row| answers.get(&*part.id).is_some_and(|answer| answer.is_as_printed());
        let joint = || {
            let facts = &reading.as_ref()?.facts;
            let origin = facts.value(&row.path).map(|fact| fact.origin);
            let span = origin.or_else(|| facts.group(&row.path).map(|group| group.origin))?.loc().span;
            reviewed.get(span.start as usize..span.end as usize).map(str::to_owned)
        };
        let line = match answers.get(&*row.id) {
            _ if parts.iter().all(done) => own.or_else(joint),
            Some(answer)
                if matches!(answer.status, RowStatus::Other | RowStatus::Renamed)
                    && parts.len() == 1
                    && !answer.typed.is_empty() =>
            {
                Some(format!("{}\t{}\t{}", page.menu, row.field, answer.typed))
            }
            _ => None,
        };
        lines.extend(line.filter(|line| !lines.contains(line)));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The line of the reviewed text that says exactly this row.
fn line_of(page: &Page, row: &Row, reviewed: &str) -> Option<String> {
    let field = format!("{}\t{}\t", page.menu, row.field);
    let mut of_field = reviewed.lines().filter(|line| line.starts_with(&field));
    if row.verb == Verb::Secret {
        let line = of_field.next()?;
        return of_field.next().is_none().then(|| line.to_owned());
    }
    let whole = format!("{field}{}", row.value.join(BETWEEN));
    of_field.find(|line| *line == whole).map(str::to_owned)
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
    let mut events: Vec<Event> = serial(&sheet.head.serial, &before.serial_last, before.label).into_iter().collect();
    let firmware = &sheet.head.firmware;
    events.extend(seen(Part::Firmware, firmware, &before.firmware, accepts(firmware, &before.firmware)));
    events.extend((!before.differs.is_empty()).then(|| Event::Confirmed(Said { text: before.differs.clone() })));
    events.extend((!before.other_way.is_empty()).then(|| Event::Confirmed(Said { text: before.other_way.clone() })));
    events
}

/// A serial number, of which a person `ticked` the whole and typed the end.
fn serial(expected: &str, typed: &str, ticked: bool) -> Option<Event> {
    let last = typed.trim().to_lowercase();
    let fits = ticked && !last.is_empty() && expected.to_lowercase().ends_with(&last);
    seen(Part::Serial, expected, if fits { expected } else { typed }, fits)
}

fn seen(part: Part, expected: &str, seen: &str, fits: bool) -> Option<Event> {
    let (expected, seen) = (expected.to_owned(), seen.to_owned());
    (!seen.is_empty()).then_some(Event::Identity(Identity { expected, fits, how: How::Typed, part, seen }))
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
