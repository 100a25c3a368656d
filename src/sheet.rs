//! What a person does by hand on a device's pages: the data behind the printed sheet, the page and the walk in the
//! terminal, and the answers that come home from it.
//!
//! Everything that is printed is in here and in one spelling, so one digest names it. A secret stands in it by name.

pub mod answers;

use serde::{Deserialize, Serialize};

use crate::dialect::sheet::{STANDS, Verb};
use crate::image::Digest;
use crate::image::canonical::{self, CanonicalError};
use crate::image::digest::Fields;
use crate::native::Grade;

/// What a sheet says it is.
pub const FORMAT: &str = "fieldlock-sheet.v1";
/// The largest sheet that is read, in bytes.
pub const MAX_LEN: usize = 8 << 20;

/// The chain of what decides who gets in.
pub const ACCESS: &str = "access";
/// The chain of rules that packets are held against.
pub const FIREWALL: &str = "firewall";
/// What the chain of a list of servers begins with; the list's path follows.
pub const SERVERS: &str = "servers ";

/// What is done by hand: on one device, or on one page of many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Who is let in once all is done, as networks; empty where the list does not hold anybody off.
    pub allowlist: Vec<String>,
    /// Whether it is of a demo: not for a device.
    pub demo: bool,
    /// The device; of many devices the name of the sheet.
    pub device: String,
    /// Files that are uploaded.
    pub files: Vec<SheetFile>,
    /// [`FORMAT`].
    pub format: String,
    /// What is looked at before the first row.
    pub head: Head,
    /// For what.
    pub kind: SheetKind,
    /// The device's pages in the order that they are gone through. Of many devices the one page.
    pub pages: Vec<Page>,
    /// The devices by place, where it is one page of many.
    pub places: Vec<Place>,
    /// Digest of the reviewed text; empty where it is of many devices.
    pub review: String,
    /// Revision of the image; 0 where none was sealed. Of many devices the highest.
    pub revision: u32,
    /// The site.
    pub site: String,
    /// What made it, with its version.
    pub tool: String,
    /// Settings that have no place on any page and no native line.
    pub unplaced: Vec<String>,
    /// What is said before anything else; empty where nothing stands against it.
    pub warnings: Vec<String>,
}

#[cfg(test)]
impl Sheet {
    /// One with pages and nothing beside them.
    pub(crate) fn bare(site: &str, device: &str, head: Head, pages: Vec<Page>) -> Sheet {
        Sheet {
            allowlist: Vec::new(),
            demo: false,
            device: device.into(),
            files: Vec::new(),
            format: FORMAT.into(),
            head,
            kind: SheetKind::Device,
            pages,
            places: Vec::new(),
            review: String::new(),
            revision: 1,
            site: site.into(),
            tool: "fieldlock".into(),
            unplaced: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// What a sheet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SheetKind {
    /// One device.
    Device,
    /// One page of many devices.
    Fleet,
}

/// What is looked at before the first row. Texts are empty where nobody said them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Address of the device's console as it is reached today: `https://10.20.7.7`.
    pub address: String,
    /// Number in the asset register.
    pub asset: String,
    /// What "was" rests on: `capture of 2026-03-09 14:02 UTC`.
    pub compared: String,
    /// What is known of the address and the account that it comes with, in sentences; empty where it was read, or where
    /// both are said.
    pub factory: String,
    /// The firmware that it is written for, or the range that is accepted.
    pub firmware: String,
    /// How long the console stays open without a click, as it is set today.
    pub idle: String,
    /// Settings of the device that it leaves out, for they are set already.
    pub left: usize,
    /// Where it stands.
    pub location: String,
    /// As whom one logs in today; empty where nothing was read.
    pub login: String,
    /// The model, as its label says it.
    pub model: String,
    /// The end of a waiver that it stands on, `YYYY-MM-DDTHH:MM:SSZ`, or empty.
    pub not_after: String,
    /// The youngest date that it rests on, `YYYY-MM-DD`: a clock that shows less is wrong. Or empty.
    pub not_before: String,
    /// The platform's word.
    pub platform: String,
    /// Serial number on the label.
    pub serial: String,
}

/// A file that is uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetFile {
    /// Where it lies beside the sheet.
    pub name: String,
    /// The digest of its bytes.
    pub sha256: Digest,
}

/// One page of the device, or one visit of it where it is saved more than once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its menu path.
    pub menu: String,
    /// What answers call it: the menu path, and from the second visit on which visit it is. No two have the same.
    pub name: String,
    /// Whether a slip here can shut people out.
    pub risky: bool,
    /// What there is to do.
    pub rows: Vec<Row>,
    /// What is said above its rows.
    pub warnings: Vec<String>,
}

/// One field, or one thing to take away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it is done in order with: [`ACCESS`], [`FIREWALL`], [`SERVERS`] and a list, or empty. Where a row of a
    /// chain is not done as printed, what follows in the chain must wait for a new plan.
    pub chain: String,
    /// The field's name on the page.
    pub field: String,
    /// How sure it is that page and field are called so.
    pub grade: Grade,
    /// 8 hexadecimal digits over path, page, field, verb and value: the same in each revision that asks for the same.
    pub id: String,
    /// What is seen once it was done and the page is opened again: `the value stands there`.
    pub look: String,
    /// Its number on the sheet, from 1.
    pub no: u32,
    /// The setting.
    pub path: String,
    /// Of a file, the digest of its bytes as 64 hexadecimal digits; else empty.
    pub sha256: String,
    /// Whether it is set for a while only: a later row sets what stays.
    pub temporary: bool,
    /// What: one text, several where all of them are entered, the name of a secret, of a file, of what goes. None for a
    /// field that is left empty.
    pub value: Vec<String>,
    /// What is done with it.
    pub verb: Verb,
    /// What stands there.
    pub was: Was,
    /// The rule that asks for it; empty where none does.
    pub why: Vec<RowRule>,
}

/// What stands in a field before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Was {
    /// Nobody looked.
    NotRead,
    /// What was read shows nothing there.
    Nothing,
    /// A secret, whichever.
    Set,
    /// This.
    Text(String),
}

/// A rule that asks for a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowRule {
    /// Its id.
    pub id: String,
    /// Its sentence.
    pub title: String,
}

/// A place with devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The devices.
    pub devices: Vec<FleetDevice>,
    /// The place; empty for devices of which nobody said it.
    pub name: String,
}

/// A device of a sheet for many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FleetDevice {
    /// Address of its console.
    pub address: String,
    /// Its name; what answers call its row.
    pub device: String,
    /// The last characters of its serial number, as many as tell it from the others; empty where none is known.
    pub last: String,
    /// The number of its row, from 1.
    pub no: u32,
    /// Revision of its image.
    pub revision: u32,
    /// Its serial number.
    pub serial: String,
    /// The digest of its own sheet, whose page this is.
    pub sheet: Digest,
    /// What stands there, in the order of the rows of the page.
    pub was: Vec<Was>,
}

impl Sheet {
    /// The one spelling of it.
    ///
    /// # Errors
    /// A number in it is too large.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::write(self)
    }

    /// Reads a sheet.
    ///
    /// # Errors
    /// It is none, or was altered by hand.
    pub fn read(bytes: &[u8]) -> Result<Sheet, SheetError> {
        if bytes.len() > MAX_LEN {
            return Err(SheetError::TooLarge);
        }
        let sheet: Sheet = canonical::read(bytes)?;
        if sheet.format == FORMAT { Ok(sheet) } else { Err(SheetError::Format) }
    }

    /// The digest that stands on the page and in its answers: of [`Self::to_bytes`].
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_bytes().unwrap_or_default())
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = (&Page, &Row)> {
        self.pages.iter().flat_map(|page| page.rows.iter().map(move |row| (page, row)))
    }
}

impl Page {
    /// What is seen on it afterwards beside values that stand there, each with its rows: `rows 3, 4`.
    pub fn looks(&self) -> Vec<(String, &str)> {
        let mut found: Vec<(&str, Vec<String>)> = Vec::new();
        for row in self.rows.iter().filter(|row| !row.look.is_empty() && row.look != STANDS) {
            match found.iter_mut().find(|(look, _)| *look == row.look) {
                Some((_, numbers)) => numbers.push(row.no.to_string()),
                None => found.push((&row.look, vec![row.no.to_string()])),
            }
        }
        let named =
            |numbers: &[String]| format!("row{} {}", if numbers.len() > 1 { "s" } else { "" }, numbers.join(", "));
        found.into_iter().map(|(look, numbers)| (named(&numbers), look)).collect()
    }
}

impl Row {
    /// The stable name of a row. `turn` tells rows apart that say the same: 0 for the first.
    pub fn id_of(path: &str, page: &str, field: &str, (verb, value): (Verb, &[String]), turn: usize) -> String {
        let mut fields = Fields::new();
        for text in [path, page, field, verb.word()] {
            fields.put(text.as_bytes());
        }
        value.iter().for_each(|text| fields.put(text.as_bytes()));
        if turn > 0 {
            fields.count(turn);
        }
        fields.finish().to_string().chars().take(8).collect()
    }
}

/// Why bytes are no sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// More than [`MAX_LEN`] bytes.
    #[error("the sheet is larger than 8 MiB")]
    TooLarge,
    /// Not canonical JSON of a sheet.
    #[error("the sheet can't be read: {0}")]
    Json(#[from] CanonicalError),
    /// Of another format.
    #[error("it is no sheet of this format")]
    Format,
}
