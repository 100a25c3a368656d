//! What `verify` found out of a folder.

use schemars::JsonSchema;
use serde::Serialize;

use super::filled;
use super::{FORMAT_VERSION, Tool};
use crate::report::Commit;
use crate::report::verify::{DeviceRungs, Ending, JudgedBy, Ladder, Rung, RungAnswer};

/// A folder, verified.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verified {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The program.
    pub tool: Tool,
    /// How it ended.
    pub ending: Ending,
    /// Whether everybody knows the passphrase of the images.
    pub demo: bool,
    /// The site's name; absent where the list could not be read.
    pub site: Option<String>,
    /// Where the site's files stood in git; absent for a build outside git.
    pub commit: Option<Commit>,
    /// When it was judged, `YYYY-MM-DDTHH:MM:SSZ`.
    pub judged_at: Option<String>,
    /// The packs that it was judged by.
    pub packs: Vec<JudgedBy>,
    /// What proved the origin; absent where nothing did.
    pub origin_proved_by: Option<String>,
    /// Whether somebody or something vouches for the sheets that are typed from.
    pub sheets_vouched_for: bool,
    /// Whether a trusted signer signed the list.
    pub signed: RungAnswer,
    /// Whether the page for the change board is the one that the list names.
    pub page: RungAnswer,
    /// How many devices the list names.
    pub listed: usize,
    /// Files here that the list does not name.
    pub strangers: Vec<String>,
    /// Why the machine's clock can't be trusted; absent where it can.
    pub clock: Option<String>,
    /// What each rung proves, from the ground up.
    pub rungs: Vec<RungDocument>,
    /// The devices that something is here of.
    pub devices: Vec<VerifiedDevice>,
}

/// A rung of the ladder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RungDocument {
    /// From 1.
    pub number: usize,
    /// Its name.
    pub name: Rung,
    /// What it proves where it holds.
    pub proves: &'static str,
    /// What it does not.
    pub does_not_prove: &'static str,
}

/// A device on the ladder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VerifiedDevice {
    /// Its name.
    pub name: String,
    /// The revision that the list gives it.
    pub revision: u32,
    /// The image's digest in the list, short.
    pub image: String,
    /// Each rung, from the ground up.
    pub rungs: Vec<RungAnswer>,
    /// Whether it was opened, and is the redacted text beside it.
    pub opened: bool,
    /// What opens it now, where its table of keys is not the one of the build.
    pub table_of_keys_changed: Option<String>,
    /// Why it may not be used here and now though it may be genuine.
    pub stale: Option<String>,
    /// Why it is taken though it is older than what was seen here.
    pub older_on_purpose: Option<String>,
}

impl Verified {
    /// Of a ladder, by a version of the program.
    pub fn of(ladder: &Ladder, version: &str) -> Verified {
        let ending = ladder.ending();
        let rung = |rung: Rung| {
            let (proves, does_not_prove) = rung.meaning();
            RungDocument { number: rung.number(), name: rung, proves, does_not_prove }
        };
        Verified {
            format_version: FORMAT_VERSION,
            tool: Tool { name: "fieldlock".to_owned(), version: version.to_owned() },
            ending,
            demo: ladder.demo,
            site: filled(&ladder.site),
            commit: filled(&ladder.commit).map(|id| Commit { id, dirty: ladder.dirty }),
            judged_at: filled(&ladder.judged_at),
            packs: ladder.packs.clone(),
            origin_proved_by: ladder.proved.clone().filter(|_| !ladder.falls()),
            sheets_vouched_for: ending == Ending::Holds && ladder.sheets_hold(),
            signed: ladder.signed.clone(),
            page: ladder.page.clone(),
            listed: ladder.listed,
            strangers: ladder.strangers.clone(),
            clock: ladder.clock.clone(),
            rungs: Rung::ALL.map(rung).into(),
            devices: ladder.devices.iter().map(|device_rungs| verified(ladder, device_rungs)).collect(),
        }
    }
}

fn verified(ladder: &Ladder, device_rungs: &DeviceRungs) -> VerifiedDevice {
    VerifiedDevice {
        name: device_rungs.device.clone(),
        revision: device_rungs.revision,
        image: device_rungs.digest.clone(),
        rungs: Rung::ALL.map(|rung| ladder.said(rung, device_rungs).clone()).into(),
        opened: device_rungs.opened,
        table_of_keys_changed: device_rungs.rekeyed.clone(),
        stale: device_rungs.stale.clone(),
        older_on_purpose: device_rungs.back.clone(),
    }
}
