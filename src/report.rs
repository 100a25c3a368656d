//! What a run has to tell, as plain data, and one rendering per file: pure functions of the report, its texts and a
//! [`View`].
//!
//! Nothing here knows a terminal: colour and width are handed in. Text from outside (values, names, paths, source
//! lines, device text) passes [`escape`] on its way into any format.

mod about;
pub mod apply;
mod build;
mod by_cause;
mod causes;
mod changes;
mod check;
mod coverage;
mod diagnostic;
mod device;
mod difference;
pub mod documents;
pub mod escape;
mod excerpts;
mod explain;
pub mod formats;
mod imported;
mod layout;
mod listing;
mod markdown;
mod dialects;
mod models;
mod outcome;
mod paint;
pub mod plan;
pub mod page;
mod policy;
mod posture;
pub mod receipt;
mod retired;
mod sheet;
mod show;
pub mod verify;
#[cfg(test)]
mod tests;

pub use about::{
    AttestationLine, BuildBefore, Commit, KnownHoles, Left, PackHead, Sealing, Signed, SiteHead, WaiverLine,
    WaiverWords, Written, WrittenKind,
};
pub use build::build;
pub use by_cause::check_by_cause;
pub use causes::{Cause, causes};
pub use changes::{side, sides};
pub use check::{argument, check};
pub use coverage::{coverage, coverage_of};
pub use device::{
    BaseHead, ChangeRow, Compared, Comparison, DeviceReport, Difference, ImageReport, NativeReport, RuleEffect,
    SecretCount, Since, Standing, Tally,
};
pub use diagnostic::{FindingDiagnostic, draw, narrate};
pub use dialects::{dialects, known_text};
pub use difference::difference;
pub use explain::{RulePage, Sample, explain, explain_code, explain_gone};
pub use formats::{
    annotations, concise, csv, html, json, junit, merge, oscal, oscal_components, plain, quality, sarif,
};
pub use imported::imported;
pub use listing::{Listing, listings, listings_csv};
pub use markdown::{judged_at, review, review_of, says_the_same};
pub use models::models;
pub use outcome::{FailOn, Outcome};
pub use paint::View;
pub use policy::{pinned, policy_list, policy_page, policy_tested};
pub use posture::{posture, posture_by_rule};
pub use retired::retirement;
pub use sheet::sheet;
pub use show::{Shown, show};

use crate::finding::{Finding, Severity};

/// All that a run found out and did.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Version of the program.
    pub version: String,
    /// The verb that ran: `check`, `build`, `diff`, `drift`, `verify`.
    pub verb: &'static str,
    /// The site, where one could be loaded at all.
    pub site: Option<SiteHead>,
    /// The packs in force, in the order of `site.kdl`.
    pub packs: Vec<PackHead>,
    /// The list of known holes in firmware that it was judged by.
    pub known_holes: Option<KnownHoles>,
    /// The pages of the rules in force, for formats that tell them; else empty.
    pub rules: Vec<RulePage>,
    /// When it was judged, as people read it: `2026-03-09 14:10 UTC`. Waivers count from here.
    pub judged_at: String,
    /// Where the site's files stand in git, for a build of one that is no demo.
    pub commit: Option<Commit>,
    /// Who made that commit, and the first line of what they said of it.
    pub commit_words: Option<(String, String)>,
    /// The build before, where there is one.
    pub before: Option<BuildBefore>,
    /// From which severity a finding keeps a device from being sealed.
    pub block_on: Severity,
    /// What makes the run fail.
    pub fail_on: FailOn,
    /// The devices asked for, by name.
    pub devices: Vec<DeviceReport>,
    /// Everything found, passes included where the evaluation kept them.
    pub findings: Vec<Finding>,
    /// Waivers in force.
    pub waivers: Vec<WaiverLine>,
    /// Attestations that answer rules.
    pub attestations: Vec<AttestationLine>,
    /// The output folder, as it is typed; empty for the one of the site that is found from here.
    pub out: String,
    /// Files written, relative to the output folder, with `/`.
    pub written: Vec<Written>,
    /// Devices that this build makes no image of, not being asked for them or since they fail, and whose image of the
    /// build before stays.
    pub left: Vec<Left>,
    /// Devices that the list of the build before names and the site no longer has: their images go.
    pub gone: Vec<Left>,
    /// Who opens the images, and who signed for them.
    pub sealing: Sealing,
    /// Whether image and findings come from a demo site.
    pub demo: bool,
    /// Whether a build was asked for that seals nothing, since it has no secrets: rules that need them wait.
    pub draft: bool,
    /// How the run ended, where that does not follow from its findings: `verify`.
    pub ended: Option<Outcome>,
    /// Whether a comparison decides how the run ends.
    pub exit_code: bool,
    /// Files that were handed in for a comparison, and that nothing was compared with.
    pub unread: Vec<documents::RefusedFile>,
}

impl Report {
    /// An empty report of a verb.
    pub fn new(verb: &'static str, version: impl Into<String>) -> Report {
        Report {
            version: version.into(),
            verb,
            site: None,
            packs: Vec::new(),
            known_holes: None,
            rules: Vec::new(),
            judged_at: String::new(),
            commit: None,
            commit_words: None,
            before: None,
            block_on: Severity::High,
            fail_on: FailOn::default(),
            devices: Vec::new(),
            findings: Vec::new(),
            waivers: Vec::new(),
            attestations: Vec::new(),
            out: String::new(),
            written: Vec::new(),
            left: Vec::new(),
            gone: Vec::new(),
            sealing: Sealing::default(),
            draft: false,
            demo: false,
            ended: None,
            exit_code: false,
            unread: Vec::new(),
        }
    }

    /// The device of a name.
    pub fn device(&self, name: &str) -> Option<&DeviceReport> {
        self.devices.iter().find(|d| d.name == name)
    }

    /// Whether it is one of a comparison, with what runs on the devices.
    pub fn compares(&self) -> bool {
        matches!(self.verb, "diff" | "drift")
    }

    /// Whether it is of what a folder proves: rungs, and no verdicts of rules.
    pub fn verifies(&self) -> bool {
        self.verb == "verify"
    }

    /// How many devices stand how to their description, of those that a comparison speaks of.
    pub fn compared(&self) -> Compared {
        let mut compared = Compared::default();
        for difference in self.devices.iter().filter_map(|d| d.difference.as_ref()) {
            compared.count(difference.standing());
        }
        compared
    }

    /// Puts to each device that was spoken to in vain why nothing was read from it.
    pub fn unreached(&mut self, devices: Vec<documents::RefusedFile>) {
        for why in devices {
            if let Some(device) = self.devices.iter_mut().find(|device| device.name == why.file) {
                device.difference.get_or_insert_default().unreached = Some(why);
            }
        }
    }

    /// All tallies together.
    pub fn tally(&self) -> Tally {
        self.devices.iter().fold(Tally::default(), |sum, d| sum.plus(d.tally))
    }
}
