//! What comes home from a sheet: the file that its page saves, `fieldlock-answers.v1`.
//!
//! Times in it are claims of a laptop whose clock may be wrong; `seq` orders. It shows damage, and not who wrote it:
//! whatever stands in it is text from outside.

mod check;
mod log;
#[cfg(test)]
mod tests;

pub use log::{LogEntry, LogKind, PageTick};

use serde::{Deserialize, Serialize};

use super::SheetKind;
use crate::image::Digest;

/// What answers say they are.
pub const FORMAT: &str = "fieldlock-answers.v1";
/// The largest file of answers that is read, in bytes.
pub const MAX_LEN: usize = 2_000_000;
/// The most entries of its log.
pub const MAX_LOG: usize = 20_000;
/// The longest text in it, in characters.
pub const MAX_TEXT: usize = 200;

/// The answers of one sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// [`FORMAT`].
    pub format: String,
    /// The sheet.
    pub sheet: OfSheet,
    /// Which file of it this is.
    pub save: Save,
    /// What was said of the laptop's clock.
    pub clock: Clock,
    /// What was told before the rows opened.
    pub before: Before,
    /// The pages of the device.
    pub pages: Vec<PageAnswer>,
    /// The rows that were answered.
    pub rows: Vec<RowAnswer>,
    /// What was done, in order.
    pub log: Vec<LogEntry>,
}

/// The sheet that answers belong to, as it says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfSheet {
    /// For one device, or one page of many.
    pub kind: SheetKind,
    /// The site.
    pub site: String,
    /// The device, or the name of the sheet for many.
    pub device: String,
    /// The device's serial number; empty where none was written down, and for many.
    pub serial: String,
    /// The revision of the image; 0 where none was sealed.
    pub revision: u32,
    /// Digest of the reviewed text; empty for many devices.
    pub review: String,
    /// Digest of the sheet: [`Sheet::digest`](super::Sheet::digest).
    pub sheet: Digest,
    /// What made the sheet, with its version.
    pub tool: String,
    /// Whether it is of a demo.
    pub demo: bool,
}

/// Which file of a sheet's answers this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Save {
    /// From 1.
    pub number: u32,
    /// When, by the laptop's clock, `YYYY-MM-DDTHH:MM:SSZ`.
    pub at: String,
    /// The digest of the file before, or empty.
    pub previous: String,
}

/// What was said of the laptop's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Its zone, in minutes east of UTC.
    pub zone_min: i32,
    /// Right time minus that of the laptop, in seconds.
    pub offset_s: i64,
}

/// What was told before the rows opened. Texts are empty and ticks off where nothing was said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Before {
    /// The label on the housing is the one of the sheet.
    pub label: bool,
    /// The last characters of the serial number, as they were read from the label.
    pub serial_last: String,
    /// The console is the one at the address of the sheet.
    pub address: bool,
    /// The address, where the sheet knows none.
    pub address_typed: String,
    /// The firmware that the device shows.
    pub firmware: String,
    /// The laptop's clock is right.
    pub clock_right: bool,
    /// The right time, where it is not.
    pub right_time: String,
    /// Who does it.
    pub name: String,
    /// The initials.
    pub initials: String,
    /// Who looks on.
    pub second_name: String,
    /// Something differs, or can't be read: why it goes on, and who agreed.
    pub differs: String,
    /// Somebody is logged in a second time.
    pub second_login: bool,
    /// The laptop's address.
    pub laptop: String,
    /// Another way in than the allowlist.
    pub other_way: String,
}

/// A page of the device: an absent tick was not set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageAnswer {
    /// The page, as [`Page::name`](super::Page::name) has it.
    pub page: String,
    /// SAVE was pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved: Option<Tick>,
    /// It was opened again, and the values stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Tick>,
}

/// A tick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    /// Its place in the order.
    pub seq: u64,
    /// When, by the laptop's clock.
    pub at: String,
    /// Initials, or empty.
    pub by: String,
}

/// The answer of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowAnswer {
    /// The row's number on its sheet.
    pub no: u32,
    /// [`Row::id`](super::Row::id); of a sheet for many the device.
    pub id: String,
    /// The field, for human eyes.
    pub field: String,
    /// The answer.
    pub status: Status,
    /// Skipped, another value: why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Not there: where somebody looked.
    #[serde(default, skip_serializing_if = "String::is_empty", rename = "where")]
    pub place: String,
    /// Called otherwise: its name on the page.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Called otherwise, another value: the value that stands there. Never of a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Of a sheet for many: the end of the serial number, as it was read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub serial_last: String,
    /// Initials.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// When, by the laptop's clock.
    pub at: String,
    /// Its place in the order.
    pub seq: u64,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The value stands there as printed.
    Done,
    /// It was not done.
    Skipped,
    /// There is no such page or field.
    Absent,
    /// Done, and the field is called otherwise.
    Renamed,
    /// The device has, or took, another value.
    Other,
}

/// Why bytes are no answers. None of the texts in them is repeated: they may hold anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswersError {
    /// More than [`MAX_LEN`] bytes.
    #[error("the file is larger than 2 MB")]
    TooLarge,
    /// Not JSON of answers.
    #[error("it is damaged, or no answers of a sheet (line {line}, column {column})")]
    Json {
        /// The line where the reader stopped, from 1.
        line: usize,
        /// The column.
        column: usize,
    },
    /// Something that no sheet saves.
    #[error("it is not as a sheet saves it: {what}")]
    Value {
        /// What is wrong.
        what: &'static str,
    },
}

impl Answers {
    /// Reads a file of answers; a mark of byte order and line ends of Windows are let pass.
    ///
    /// # Errors
    /// It is none, is too large, or holds what no sheet saves.
    pub fn read(bytes: &[u8]) -> Result<Answers, AnswersError> {
        if bytes.len() > MAX_LEN {
            return Err(AnswersError::TooLarge);
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let json = |error: serde_json::Error| AnswersError::Json { line: error.line(), column: error.column() };
        let answers: Answers = serde_json::from_slice(bytes).map_err(json)?;
        check::check(&answers).map_err(|what| AnswersError::Value { what })?;
        Ok(answers)
    }

    /// As a sheet's page writes it: one space a level, a line end behind it.
    pub fn to_text(&self) -> String {
        let mut out = Vec::new();
        let indent = serde_json::ser::PrettyFormatter::with_indent(b" ");
        let written = self.serialize(&mut serde_json::Serializer::with_formatter(&mut out, indent));
        out.push(b'\n');
        written.ok().and_then(|()| String::from_utf8(out).ok()).unwrap_or_default()
    }

    /// What the file of these bytes is called; another name, or another digest in it, is a note and no error: editors
    /// change line ends.
    pub fn file_name(&self, bytes: &[u8]) -> String {
        let OfSheet { device, revision, sheet, .. } = &self.sheet;
        let short = |digest: Digest| digest.to_string().chars().take(12).collect::<String>();
        let (sheet, own) = (short(*sheet), short(Digest::of(bytes)));
        format!("{device}-r{revision}-{sheet}-answers-{}-{own}.json", self.save.number)
    }

    /// Every text that somebody typed: where secrets are looked for.
    pub fn typed(&self) -> impl Iterator<Item = &str> {
        let Before { serial_last, address_typed, firmware, right_time, name, initials, second_name, .. } = &self.before;
        let Before { differs, laptop, other_way, .. } = &self.before;
        let before = [serial_last, address_typed, firmware, right_time, name, initials, second_name];
        let rows =
            self.rows.iter().flat_map(|r| [&r.field, &r.why, &r.place, &r.name, &r.value, &r.serial_last, &r.by]);
        let pages = self.pages.iter().flat_map(|p| [&p.saved, &p.seen]).flatten().map(|tick| &tick.by);
        let log = self.log.iter().flat_map(|entry| entry.texts());
        let all = before.into_iter().chain([differs, laptop, other_way]).chain(rows).chain(pages);
        all.map(String::as_str).chain(log)
    }
}

impl RowAnswer {
    /// Whether nothing is left to be said.
    pub fn is_whole(&self, is_secret: bool) -> bool {
        match self.status {
            Status::Done => true,
            Status::Skipped => !self.why.is_empty(),
            Status::Absent => !self.place.is_empty(),
            Status::Renamed => !self.name.is_empty(),
            Status::Other => !self.why.is_empty() && (is_secret || !self.value.is_empty()),
        }
    }

    /// Whether the value stands on the device as printed.
    pub fn is_as_printed(&self) -> bool {
        self.status == Status::Done || self.status == Status::Renamed && self.value.is_empty()
    }
}
