//! The ladder of `verify`: what a build's folder proves, rung by rung, in plain words. Each rung says what it proves
//! and what it does not.

mod markdown;
mod print;

use schemars::JsonSchema;
use serde::Serialize;

use crate::ledger::IndexPack;

pub use self::markdown::markdown;
pub(super) use self::print::{answers, closing, packs, shown, told_of};
pub use self::print::{plain, tables, verify};

/// A pack that a build says it was judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct JudgedBy {
    /// What the build says.
    #[serde(flatten)]
    pub pack: IndexPack,
    /// Whether this program brings that very text; what a build says of itself is no proof of it.
    pub known: bool,
}

/// A rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// Checksums and digests fit.
    Whole,
    /// Somebody who is trusted here signed the index.
    Signed,
    /// The redacted text beside the image is the one that it was sealed with.
    Reviewed,
    /// The site's files give that text.
    Source,
    /// The sealed content is that text plus secrets.
    Content,
    /// It was put on the device.
    Applied,
}

impl Rung {
    /// All, from the ground up.
    pub const ALL: [Rung; 6] = [Rung::Whole, Rung::Signed, Rung::Reviewed, Rung::Source, Rung::Content, Rung::Applied];

    /// Its number, from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// What it says, of one device or of several.
    pub fn sentence(self, one: bool) -> &'static str {
        match (self, one) {
            (Rung::Whole, true) => "the file is whole",
            (Rung::Whole, false) => "the files are whole",
            (Rung::Signed, true) => "it is signed",
            (Rung::Signed, false) => "they are signed",
            (Rung::Reviewed, true) => "the redacted text is the one that was sealed",
            (Rung::Reviewed, false) => "the redacted texts are those that were sealed",
            (Rung::Source, true) => "that text follows from the source at that commit",
            (Rung::Source, false) => "those texts follow from the source at that commit",
            (Rung::Content, _) => "the sealed content is that text plus the secrets",
            (Rung::Applied, true) => "it was put on the device",
            (Rung::Applied, false) => "they were put on their devices",
        }
    }

    /// What it proves where it holds, and what it does not.
    pub fn meaning(self) -> (&'static str, &'static str) {
        match self {
            Rung::Whole => ("nothing was lost or changed on the way here", "who made it"),
            Rung::Signed => {
                ("somebody who is trusted here listed exactly these images", "that they do what was agreed")
            }
            Rung::Reviewed => ("what reviewers read beside the image is what it says it holds", "what the secrets are"),
            Rung::Source => ("nobody wrote that text by hand, and its rules held", "the values of secrets"),
            Rung::Content => ("what a device will be given, secrets included", "that the device was given it"),
            Rung::Applied => ("what a receipt says that somebody did there", "what runs on the device now"),
        }
    }
}

/// What a rung says of one device, or of the whole: in a word, and by what, or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "state", content = "text", rename_all = "kebab-case")]
pub enum RungAnswer {
    /// It holds; by what.
    Holds(String),
    /// It does not: damaged, forged, not for here, or not there.
    Failed(String),
    /// The text or the content is another than the source gives.
    Differs(String),
    /// The source can't be read or judged.
    Unreadable(String),
    /// It was not looked at, or can't be without a key; why.
    Open(String),
}

impl RungAnswer {
    /// By what, or why not.
    pub fn text(&self) -> &str {
        match self {
            RungAnswer::Holds(text)
            | RungAnswer::Failed(text)
            | RungAnswer::Differs(text)
            | RungAnswer::Unreadable(text)
            | RungAnswer::Open(text) => text,
        }
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        matches!(self, RungAnswer::Holds(_))
    }
}

/// One device on the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRungs {
    /// Its name.
    pub device: String,
    /// The revision that the index gives it.
    pub revision: u32,
    /// The image's digest in the index, short.
    pub digest: String,
    /// Rung 1.
    pub whole: RungAnswer,
    /// Rung 3.
    pub reviewed: RungAnswer,
    /// Rung 4.
    pub source: RungAnswer,
    /// Rung 5.
    pub content: RungAnswer,
    /// Rung 6.
    pub applied: RungAnswer,
    /// Whether it was opened, and is the redacted text beside it.
    pub opened: bool,
    /// Whether the source gives the very sheet.
    pub sheet: bool,
    /// Where its table of keys is not the one of the build: what it says that opens it now. Of what it holds that says
    /// nothing.
    pub rekeyed: Option<String>,
    /// Why it may not be used here and now though it may be genuine: ended, or older than what was seen here.
    pub stale: Option<String>,
    /// Why it is taken though it is older than what was seen here.
    pub back: Option<String>,
}

/// How all of it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// All rungs that were asked for hold, and something proved the origin.
    Holds,
    /// Damaged, forged, stale, or nothing proves where it comes from.
    Refused,
    /// The source can't be read.
    Unreadable,
    /// Text or content is another than the source gives.
    Differs,
}

/// All that `verify` found out of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// The site's name by the index; empty where the index could not be read.
    pub site: String,
    /// Its commit; empty outside git.
    pub commit: String,
    /// Whether something was uncommitted.
    pub dirty: bool,
    /// When it was judged, `YYYY-MM-DDTHH:MM:SSZ`.
    pub judged_at: String,
    /// The packs that it was judged by, and whose they are.
    pub packs: Vec<JudgedBy>,
    /// A demo's: everybody knows its passphrase.
    pub demo: bool,
    /// How many devices the index names.
    pub listed: usize,
    /// Rung 2, for all of them.
    pub signed: RungAnswer,
    /// Those that something of is here, and that were asked for.
    pub devices: Vec<DeviceRungs>,
    /// Files here that the index does not name.
    pub strangers: Vec<String>,
    /// Whether the page for the change board is the one that the index names.
    pub page: RungAnswer,
    /// What proved the origin; `None`: nothing.
    pub proved: Option<String>,
    /// Why the machine's clock can't be trusted.
    pub clock: Option<String>,
}

impl Ladder {
    /// A ladder that ends at the ground: the index itself does not hold.
    pub fn fallen(signed: RungAnswer) -> Ladder {
        Ladder {
            site: String::new(),
            commit: String::new(),
            dirty: false,
            judged_at: String::new(),
            packs: Vec::new(),
            demo: false,
            listed: 0,
            signed,
            devices: Vec::new(),
            strangers: Vec::new(),
            page: RungAnswer::Open(String::new()),
            proved: None,
            clock: None,
        }
    }

    /// What a rung says of a device.
    pub fn said<'a>(&'a self, rung: Rung, device_rungs: &'a DeviceRungs) -> &'a RungAnswer {
        match rung {
            Rung::Whole => &device_rungs.whole,
            Rung::Signed => &self.signed,
            Rung::Reviewed => &device_rungs.reviewed,
            Rung::Source => &device_rungs.source,
            Rung::Content => &device_rungs.content,
            Rung::Applied => &device_rungs.applied,
        }
    }

    /// Whether something here is not what it should be: then nothing but the list has a proved origin.
    pub fn falls(&self) -> bool {
        let each =
            self.devices.iter().flat_map(|d| [&d.whole, &d.reviewed, &d.content]).chain([&self.signed, &self.page]);
        each.into_iter().any(|said| matches!(said, RungAnswer::Failed(_))) || !self.strangers.is_empty()
    }

    /// Whether somebody or something vouches for the sheets that are typed from: a signature, or the source that gives
    /// them. A passphrase vouches for images only.
    pub fn sheets_hold(&self) -> bool {
        self.signed.holds() || self.devices.iter().all(|d| d.sheet)
    }

    /// How it ended: what is not authentic before what can't be read, that before what differs.
    pub fn ending(&self) -> Ending {
        let each = || self.devices.iter().flat_map(|d| [&d.whole, &d.reviewed, &d.source, &d.content]);
        let any = |is: fn(&RungAnswer) -> bool| is(&self.signed) || is(&self.page) || each().any(is);
        let stale = self.devices.iter().any(|d| d.stale.is_some()) || self.clock.is_some();
        if any(|s| matches!(s, RungAnswer::Failed(_))) || stale || !self.strangers.is_empty() || self.devices.is_empty()
        {
            Ending::Refused
        } else if any(|s| matches!(s, RungAnswer::Unreadable(_))) {
            Ending::Unreadable
        } else if self.proved.is_none() {
            Ending::Refused
        } else if any(|s| matches!(s, RungAnswer::Differs(_))) {
            Ending::Differs
        } else {
            Ending::Holds
        }
    }
}

#[cfg(test)]
mod tests;
