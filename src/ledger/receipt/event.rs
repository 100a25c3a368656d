//! What happens while somebody works on a device.

use serde::{Deserialize, Serialize};

/// The longest text of a receipt, in bytes.
pub const MAX_TEXT: usize = 1000;
/// The most names of those who approved.
const MOST_NAMES: usize = 16;

/// What happened, or is about to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The work begins.
    Begun(Box<Begun>),
    /// What the device is, part by part.
    Identity(Identity),
    /// Another device takes the place of the described one; why.
    Rebound(Said),
    /// What the device had before.
    Backup(Backup),
    /// A person said in as many words that a consequence is meant.
    Confirmed(Said),
    /// A row is about to be done: whatever stops the work from here on, it may have been.
    Started(Started),
    /// What came of a row.
    Row(Row),
    /// What came of a page.
    Page(SavedPage),
    /// A program works from here on, over sessions with the device itself: where, as whom.
    Session(Said),
    /// What came of commands that were sent.
    Command(Command),
    /// The work goes on after a break.
    Resumed(Said),
    /// What was done is taken back from here on, the last first; why.
    Undoing(Said),
    /// What no description says was done on the device.
    Emergency(Said),
    /// The work ended.
    Ended(Ended),
}

/// How the work begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// The digest of the saved answers that this was made of; empty where it was written at the device.
    pub answers: String,
    /// Who approved the plan, its author not counted.
    pub approved: Vec<String>,
    /// Who works.
    pub by: String,
    /// The device.
    pub device: String,
    /// The ticket of an emergency; empty where there is none.
    pub emergency: String,
    /// `fieldlock-receipt.v1`.
    pub format: String,
    /// The digest of the device's sealed image; empty where none was at hand.
    pub image: String,
    /// The digest of the plan; empty where there was none.
    pub plan: String,
    /// The revision of the image; 0 where none was at hand.
    pub revision: u32,
    /// The digest of the sheet that is worked through; empty where there is none.
    pub sheet: String,
    /// The site.
    pub site: String,
    /// What wrote this, with its version.
    pub tool: String,
}

/// A part of what a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The model.
    Model,
    /// The serial number on its label.
    Serial,
    /// The MAC address on its label.
    Mac,
    /// The firmware that runs on it.
    Firmware,
}

/// How something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// A person read and typed it.
    Typed,
    /// A machine read it from what the device itself says.
    Read,
}

/// A part of what a device is, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// What the image is for; empty where it does not say.
    pub expected: String,
    /// Whether it fits.
    pub fits: bool,
    /// How it was seen.
    pub how: How,
    /// Which part.
    pub part: Part,
    /// What was seen.
    pub seen: String,
}

/// Words of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The words.
    pub text: String,
}

/// What the device had before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// The digest of the sealed backup; empty where the capture at hand is all there is.
    pub digest: String,
    /// What there is of it, in words or as a file's name.
    pub what: String,
}

/// A row that is about to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Started {
    /// The row.
    pub id: String,
}

/// What came of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RowStatus {
    /// The value was typed or chosen as the sheet has it.
    Done,
    /// Left as it was; why.
    Skipped,
    /// The device has no such field; where it was looked for.
    Absent,
    /// The field is called otherwise.
    Renamed,
    /// Another value was typed; why.
    Other,
    /// It was taken back to what it was before.
    Undone,
}

/// A row, with what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The field, as the sheet calls it.
    pub field: String,
    /// Which row: the same in every sheet that has it.
    pub id: String,
    /// The page.
    pub menu: String,
    /// The setting.
    pub path: String,
    /// Why, where it was looked for, or what the field is called there; empty for one that was done.
    pub said: String,
    /// What came of it.
    pub status: RowStatus,
    /// What was typed instead, of one with another value; else empty.
    pub typed: String,
    /// What the sheet has, as the page writes it; secrets by name.
    pub value: String,
}

/// What came of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CommandStatus {
    /// The device has it, as it was read back.
    ReadBack,
    /// The device took it and does not show it.
    Taken,
    /// The device has not.
    Not,
}

/// Commands of one step, with what came of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Which step: the same whenever the same is set.
    pub id: String,
    /// The commands, without secrets.
    pub lines: String,
    /// What the device said, where it has not; else empty.
    pub said: String,
    /// The settings.
    pub sets: String,
    /// What came of them.
    pub status: CommandStatus,
}

/// What came of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedPage {
    /// The page.
    pub menu: String,
    /// Whether its button was pressed.
    pub saved: bool,
    /// Whether it was opened again, and the values stood there.
    pub seen: bool,
}

/// How the work ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// How many rows a person confirmed.
    pub confirmed: u32,
    /// How many rows are left.
    pub left: u32,
    /// How.
    pub outcome: Outcome,
}

/// How the work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every row was done.
    Done,
    /// Rows were skipped, not there, or other; answers go home for a new plan.
    Deviates,
    /// It was stopped, and the device is between two states.
    Stopped,
    /// What was done was taken back.
    Undone,
}

impl Row {
    /// Whether a person says that the value stands there as the sheet has it, in the field of that name or another.
    pub fn is_as_printed(&self) -> bool {
        match self.status {
            RowStatus::Done => true,
            RowStatus::Renamed => self.typed.is_empty() || self.typed == self.value,
            _ => false,
        }
    }
}

impl Begun {
    /// What is always said: whose device, and who works; all else is said by whoever knows it.
    pub fn new(site: &str, device: &str, by: &str) -> Begun {
        Begun {
            answers: String::new(),
            approved: Vec::new(),
            by: by.to_owned(),
            device: device.to_owned(),
            emergency: String::new(),
            format: super::FORMAT.to_owned(),
            image: String::new(),
            plan: String::new(),
            revision: 0,
            sheet: String::new(),
            site: site.to_owned(),
            tool: concat!("fieldlock ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl Event {
    /// Whether each text is one that a receipt has: short, and nothing in it acts.
    pub(super) fn is_sound(&self) -> bool {
        let sound =
            |texts: &[&str]| texts.iter().all(|text| text.len() <= MAX_TEXT && !text.chars().any(char::is_control));
        match self {
            Event::Begun(begun) => {
                let names: Vec<&str> = begun.approved.iter().map(String::as_str).collect();
                let Begun { answers, by, device, emergency, format, image, plan, sheet, site, tool, .. } = &**begun;
                format == super::FORMAT
                    && names.len() <= MOST_NAMES
                    && sound(&names)
                    && sound(&[answers, by, device, emergency, image, plan, sheet, site, tool])
            }
            Event::Identity(seen) => sound(&[&seen.expected, &seen.seen]),
            Event::Backup(backup) => sound(&[&backup.digest, &backup.what]),
            Event::Started(row) => sound(&[&row.id]),
            Event::Row(row) => sound(&[&row.field, &row.id, &row.menu, &row.path, &row.said, &row.typed, &row.value]),
            Event::Page(page) => sound(&[&page.menu]),
            Event::Command(Command { id, lines, said, sets, .. }) => sound(&[id, lines, said, sets]),
            Event::Rebound(said)
            | Event::Confirmed(said)
            | Event::Session(said)
            | Event::Resumed(said)
            | Event::Undoing(said)
            | Event::Emergency(said) => sound(&[&said.text]),
            Event::Ended(_) => true,
        }
    }
}
