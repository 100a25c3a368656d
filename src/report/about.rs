//! What a run is about, beside its devices: the site, its packs and papers, the files that were written and who opens
//! them.

use schemars::JsonSchema;
use serde::Serialize;

use super::escape;
use crate::ledger::signature::VerifiedIndex;
use crate::model::waiver::Waiver;
use crate::policy::Advisories;
use crate::source::Loc;

/// A commit, and whether files differ from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Commit {
    /// In hexadecimal.
    pub id: String,
    /// Whether something is uncommitted.
    pub dirty: bool,
}

impl Commit {
    /// `commit 3e90d77, nothing uncommitted`
    pub fn words(&self) -> String {
        let id = escape::line(self.id.get(..7).unwrap_or(&self.id));
        let rest = if self.dirty { "AND SOMETHING UNCOMMITTED" } else { "nothing uncommitted" };
        format!("commit {id}, {rest}")
    }
}

/// A device that is not built, and the image that the build before has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Left {
    /// Its name.
    pub device: String,
    /// The revision of that image.
    pub revision: u64,
}

/// Who can open the images of a build, and who vouches for them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Sealing {
    /// The groups whose images were sealed or kept, by name.
    pub groups: Vec<String>,
    /// Whether a passphrase of the group opens them.
    pub passphrase: bool,
    /// Derivations that were run.
    #[serde(skip)]
    pub derivations: usize,
    /// How many recipients open them too.
    pub recipients: usize,
    /// Who signed the index; absent where nobody did whom this computer trusts.
    pub signed: Option<Signed>,
    /// Whether signers are trusted here: then an index that nobody signed is believed by nobody.
    #[serde(skip)]
    pub expected: bool,
}

/// Who signed an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Signed {
    /// As the allowed signers call them; absent where the key is nobody's whom they know.
    pub signer: Option<String>,
    /// `SHA256:...`
    pub key: String,
}

impl Signed {
    /// Of an index whose signature holds.
    pub fn by(verified: &VerifiedIndex) -> Signed {
        Signed { signer: Some(verified.signer().name.clone()), key: verified.key().fingerprint() }
    }
}

/// The site in a few words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteHead {
    /// Its name.
    pub name: String,
    /// How it was named on the command line; empty where it was found from the current folder.
    pub argument: String,
}

/// A pack in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PackHead {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How many rules it has.
    pub rules: usize,
    /// Whether fieldlock brought it; else it is the site's own.
    pub shipped: bool,
    /// Whether the site names it; else only those of its rules count that every site has.
    pub named: bool,
    /// Whether it is what the site agreed to in `fieldlock.lock`.
    pub pinned: bool,
}

impl PackHead {
    /// What is said behind its version where it is no shipped pack that the site names; else empty.
    pub fn mark(&self) -> &'static str {
        match (self.shipped, self.named) {
            (false, _) => " (the site's own)",
            (true, false) => " (in every site)",
            (true, true) => "",
        }
    }
}

/// A list of known holes in firmware.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KnownHoles {
    /// Its version.
    pub version: u32,
    /// The day up to which records were looked through.
    pub date: String,
    /// Whether fieldlock brought it; else it is a newer one that somebody vouches for.
    pub shipped: bool,
    /// Who vouches for it, by a signature; absent where fieldlock brought it.
    pub signer: Option<String>,
    /// The digest of its text.
    pub sha256: String,
}

impl KnownHoles {
    /// Of a list.
    pub fn of(list: &Advisories) -> KnownHoles {
        KnownHoles {
            version: list.version,
            date: list.date.to_string(),
            shipped: list.signer.is_none(),
            signer: list.signer.as_deref().map(str::to_owned),
            sha256: list.sha256.to_string(),
        }
    }

    /// `list 1 of 2026-05-04; no newer list than of that day`
    pub fn words(&self) -> String {
        let digest = self.sha256.get(..12).unwrap_or_default();
        let whose = self.signer.as_ref().map(|signer| format!(", signed by {signer}, SHA-256 {digest}..."));
        format!("list {} of {}{}; no newer list than of that day", self.version, self.date, whose.unwrap_or_default())
    }
}

/// What a waiver says of itself, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct WaiverWords {
    /// `W-2026-007`.
    pub id: String,
    /// Its first moment.
    pub from: String,
    /// Its last moment.
    pub until: String,
    /// Who answers for it.
    pub owner: String,
    /// Who allowed it: a statement in a file, no signature.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// What may happen because of it.
    pub risk: String,
    /// What is done instead.
    pub instead: String,
    /// Where it was asked for.
    pub ticket: String,
}

impl WaiverWords {
    /// Of a waiver; what it leaves out is empty.
    pub fn of(waiver: &Waiver) -> WaiverWords {
        fn text<T: ToString>(said: &Option<T>) -> String {
            said.as_ref().map(T::to_string).unwrap_or_default()
        }
        WaiverWords {
            id: text(&waiver.id),
            from: text(&waiver.from),
            until: text(&waiver.until),
            owner: text(&waiver.owner),
            approver: text(&waiver.approver),
            reason: text(&waiver.reason),
            risk: text(&waiver.risk),
            instead: text(&waiver.instead),
            ticket: text(&waiver.ticket),
        }
    }
}

/// A waiver that covers something, with the days it has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaiverLine {
    /// What it says.
    #[serde(flatten)]
    pub said: WaiverWords,
    /// Whole days until its last moment; 0 on the last day.
    pub days_left: i64,
    /// Where it stands.
    #[serde(skip)]
    pub loc: Loc,
}

/// The build before, as far as this one follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildBefore {
    /// The digest of its list.
    pub list: String,
    /// Its commit; empty outside git.
    pub commit: String,
    /// How the rules are others than then.
    pub rules_changed: Vec<String>,
}

/// An attestation that answers rules of the devices that are reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AttestationLine {
    /// `A-2026-014`.
    pub id: String,
    /// The rules that it names.
    pub rules: Vec<String>,
    /// Who said so.
    pub by: String,
    /// When it was done, as people read it.
    pub at: String,
    /// Until when it is good, where it says so, as people read it.
    pub until: Option<String>,
    /// The files that show it.
    pub evidence: Vec<String>,
    /// Where it stands.
    #[serde(skip)]
    pub loc: Loc,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WrittenKind {
    /// A sealed image.
    Image,
    /// The list of a build.
    Index,
    /// The signature of the list.
    Signature,
    /// The page for the change board.
    Review,
    /// Public facts of one image.
    Public,
    /// Native text with its secrets blanked.
    Redacted,
    /// What a person types into the device.
    Sheet,
    /// A certificate that a person uploads to the device.
    Certificate,
    /// What the site adds to the tables of the program.
    Table,
    /// What the whole folder is, where it is no sealed build.
    Notice,
}

/// A file that the run wrote, or found unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Written {
    /// Relative to the output folder, with `/`.
    pub path: String,
    /// What it is for.
    #[serde(skip)]
    pub kind: WrittenKind,
    /// Whether it is new or differs from what lay there.
    pub fresh: bool,
}
