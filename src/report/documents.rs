//! What single verbs tell programs: a document each, its schema generated from its type into `schema/`.
//!
//! Texts of people and files stand in them as they are; what would act on a terminal is escaped as JSON does.

mod coverage;
mod dialects;
mod error;
mod explained;
mod firmware;
mod granted;
mod history;
mod image;
mod imported;
mod inventory;
mod lab;
mod listed;
mod models;
mod pinned;
mod probed;
mod policies;
mod posture;
pub mod report;
mod receipt;
mod receipts;
mod retired;
mod secrets;
mod shown;
mod signers;
mod verified;

pub use coverage::{Coverage, Covered, CoveredDevice, CoveredRequirement, CoveredZone, CoveringRule};
pub use dialects::{DialectList, DialectPlace, DialectTable, KnownText, TextLine};
pub use error::{ErrorDocument, ErrorJson};
pub use explained::Explained;
pub use firmware::{FirmwareFile, FirmwareLine};
pub use granted::{GivenAttestation, Granted, GrantedWaiver, Standing};
pub use history::{History, HistoryPoint, Mended, OpenSince};
pub use image::ImageDocument;
pub use imported::{ChangedSetting, ComparedExport, Imported, ImportedDevice, ProposedProfile, RefusedFile};
pub use inventory::{HoleInFirmware, Inventory, InventoryDevice, LastRead};
pub use lab::{Examined, ExaminedStep, LabConsole, LabDevice, LabDevices};
pub use listed::ToldOf;
pub use models::{FirmwareFloor, ModelEntry, ModelList, PlatformModels, TableOf};
pub use pinned::{Pinned, PinnedPack};
pub use policies::{PolicyList, PolicyTested, RuleEntry, TestedRule};
pub use posture::{Flip, OtherSettings, Posture, PostureDevice, Presence};
pub use probed::{Probed, ProbedDevice, ProbedSight, ProbedVerdict};
pub use receipt::ReceiptDocument;
pub use receipts::{ReceiptEntry, ReceiptList};
pub use retired::{Mention, MovedFile, Retirement, Server, Shared, Step};
pub use secrets::{SecretEntry, SecretList};
pub use shown::{ShownDevice, ShownDevices};
pub use signers::{SignerEntry, SignerList, UselessLine};
pub use verified::Verified;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use self::report::Document;
use super::escape;
use crate::source::{Loc, SourceMap};

/// Version of every document.
pub const FORMAT_VERSION: u32 = 1;

/// The program.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// `fieldlock`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Tool {
    /// This program, of a version.
    pub fn of(version: &str) -> Tool {
        Tool { name: "fieldlock".to_owned(), version: version.to_owned() }
    }
}

/// A place in a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Location {
    /// Relative to the site, with `/`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Line of the last character.
    pub end_line: usize,
    /// Column just past the last character.
    pub end_column: usize,
}

/// A place as programs read it; `None` where it is in no file.
pub fn at(sources: &SourceMap, loc: Loc) -> Option<Location> {
    location(sources, loc)
}

/// A place as programs read it; `None` where it is in no file.
pub(super) fn location(sources: &SourceMap, loc: Loc) -> Option<Location> {
    let file = sources.get(loc.file)?;
    let (start, end) = (file.position(loc.span.start), file.position(loc.span.end));
    Some(Location {
        file: file.name().to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    })
}

/// A moment as documents say it.
pub fn said(at: jiff::Timestamp) -> String {
    crate::model::value::Moment::At(at).to_string()
}

/// A moment of a document as people read it, `2026-12-02 00:36 UTC`; what is none as it is.
pub fn moment(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), said)
}

/// A document, with a line break at its end.
pub fn text(document: &impl Serialize) -> String {
    escape::json(&serde_json::to_string_pretty(document).unwrap_or_default()) + "\n"
}

/// A document: the name of its schema, who prints it, and the schema.
pub struct Kind {
    /// `secrets`: it lies in `schema/secrets.json`.
    pub name: &'static str,
    /// Who prints it.
    pub by: &'static str,
    /// The JSON Schema.
    pub schema: fn() -> Value,
}

/// All documents.
pub static ALL: [Kind; 30] = [
    Kind { name: "report", by: "what check, build and diff print with --format json", schema: of::<Document> },
    Kind { name: "verified", by: "what verify prints with --format json", schema: of::<Verified> },
    Kind {
        name: "image",
        by: "what image inspect and image open print with --format json",
        schema: of::<ImageDocument>,
    },
    Kind { name: "secrets", by: "what secret list prints with --format json", schema: of::<SecretList> },
    Kind { name: "signers", by: "what trust list prints with --format json", schema: of::<SignerList> },
    Kind { name: "explained", by: "what explain prints with --format json", schema: of::<Explained> },
    Kind { name: "policies", by: "what policy list and policy doc print with --format json", schema: of::<PolicyList> },
    Kind { name: "policy-tested", by: "what policy test prints with --format json", schema: of::<PolicyTested> },
    Kind {
        name: "coverage",
        by: "what report coverage and report evidence print with --format json",
        schema: of::<Coverage>,
    },
    Kind {
        name: "inventory",
        by: "what report inventory and report firmware print with --format json",
        schema: of::<Inventory>,
    },
    Kind { name: "granted", by: "what report waivers prints with --format json", schema: of::<Granted> },
    Kind { name: "receipts", by: "what report receipts prints with --format json", schema: of::<ReceiptList> },
    Kind { name: "history", by: "what report history prints with --format json", schema: of::<History> },
    Kind { name: "posture", by: "what posture prints with --format json", schema: of::<Posture> },
    Kind { name: "pinned", by: "what policy pin prints with --format json", schema: of::<Pinned> },
    Kind { name: "shown", by: "what show prints with --format json", schema: of::<ShownDevices> },
    Kind { name: "firmware", by: "what firmware verify prints with --format json", schema: of::<FirmwareFile> },
    Kind { name: "dialects", by: "what dialect list and show print with --format json", schema: of::<DialectList> },
    Kind { name: "known-text", by: "what dialect show prints of a text with --format json", schema: of::<KnownText> },
    Kind {
        name: "error",
        by: "what --format json prints where a verb could not do its work",
        schema: of::<ErrorDocument>,
    },
    Kind { name: "models", by: "what models prints with --format json", schema: of::<ModelList> },
    Kind {
        name: "plan",
        by: "what plan writes, and what plan show prints with --format json",
        schema: of::<crate::plan::file::PlanFile>,
    },
    Kind { name: "receipt", by: "what receipt prints with --format json", schema: of::<ReceiptDocument> },
    Kind {
        name: "sheet",
        by: "what build writes for those who do by hand what a sheet says",
        schema: of::<crate::sheet::Sheet>,
    },
    Kind { name: "answers", by: "what the page of a sheet saves", schema: of::<crate::sheet::answers::Answers> },
    Kind { name: "retired", by: "what retire prints with --format json", schema: of::<Retirement> },
    Kind { name: "lab", by: "what lab prints with --format json, and writes with --write", schema: of::<LabDevices> },
    Kind { name: "examined", by: "what doctor prints with --format json", schema: of::<Examined> },
    Kind { name: "probed", by: "what probe prints with --format json", schema: of::<Probed> },
    Kind { name: "imported", by: "what capture and import print with --format json", schema: of::<Imported> },
];

fn of<T: JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

/// A text that says something.
pub(super) fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
