//! Rules on devices: packs, patterns, analyses, evaluation, waivers.
//!
//! [`Packs`] are loaded from KDL and compiled against the shape of the device. [`evaluate`] judges devices by them in
//! three values: what is not known is neither pass nor fail. Only [`Evaluation::compliant`] makes a [`Compliant`], and
//! only a `Compliant` is rendered for sealing. The language is described in `schema/policy.md`.

pub mod advisories;
mod analyses;
pub mod analysis;
mod applies;
mod attesting;
mod bind;
mod certificate;
mod compliant;
mod evaluate;
mod fix;
mod gone;
mod levels;
pub mod evidence;
pub mod guides;
pub mod mutants;
mod pack;
mod packets;
pub mod pattern;
mod phrases;
mod reads;
mod report;
pub mod requirements;
mod reserved;
mod rule;
pub mod samples;
mod unjudged;
mod waiving;

#[cfg(test)]
mod tests;

pub use advisories::Advisories;
pub use applies::why_not;
pub use certificate::{no_certificates, problem as certificate_problem};
pub use compliant::{Compliant, NotCompliant};
pub use evaluate::{Evaluation, InForce, Judgement, RuleOutcome, evaluate, evaluate_one};
pub use gone::{Became, Gone};
pub use pack::{Pack, Packs, hardening_packs};
pub use reads::{concerns, concerns_bare, decides_bare, settings};
pub use rule::{Analyse, Attest, Moment, Point, Rule, RuleFix, Sample, Source, Supports};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::Facts;
use crate::model::site::Site;
use crate::model::value::Sha256;
use crate::model::waiver::Waiver;
use crate::secret::Secrets;
use crate::site::{SiteAttestation, SiteDevice};
use crate::source::SourceMap;

/// Files of the site, for certificates. The caller opens them beneath the site's root only.
pub trait Files: Sync {
    /// The bytes of a file by its path in the site, or why they can't be had, in a few words without content.
    ///
    /// # Errors
    /// The reason, for a message.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// SHA-256 of a file that shows what somebody attests, in hexadecimal: of a text with lines ended by LF.
    ///
    /// # Errors
    /// The reason, for a message.
    fn digest(&self, path: &str) -> Result<Sha256, String>;
}

/// The largest certificate file, in bytes.
const MAX_FILE: usize = 1 << 20;

impl Files for crate::site::files::Root {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.read_certificate(path, MAX_FILE).map_err(|problem| problem.to_string())
    }

    fn digest(&self, path: &str) -> Result<Sha256, String> {
        self.digest_of(path).map_err(|problem| problem.to_string())
    }
}

/// No files at all.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("there is no such file".to_owned())
    }

    fn digest(&self, _: &str) -> Result<Sha256, String> {
        Err("there is no such file".to_owned())
    }
}

/// What rules know of the site.
#[derive(Debug, Clone)]
pub struct SiteFacts {
    /// Its typed form.
    pub site: Site,
    /// The same with places.
    pub facts: Facts,
    /// Waivers, each with its places.
    pub waivers: Vec<(Waiver, Facts)>,
    /// Attestations.
    pub attestations: Vec<SiteAttestation>,
    /// Devices of a declared group, with its name.
    pub groups: BTreeMap<Arc<str>, Arc<str>>,
    /// Devices that were taken out of operation, by name.
    pub retired: BTreeSet<String>,
}

impl SiteFacts {
    /// Of a site that has nothing beside its own file.
    pub fn alone(site: Site, facts: Facts) -> SiteFacts {
        SiteFacts {
            site,
            facts,
            waivers: Vec::new(),
            attestations: Vec::new(),
            groups: BTreeMap::new(),
            retired: BTreeSet::new(),
        }
    }

    /// What a loaded site says.
    pub fn of(site: &crate::site::Site) -> SiteFacts {
        SiteFacts {
            site: site.typed.clone(),
            facts: site.facts.clone(),
            waivers: site.waivers.iter().map(|w| (w.typed.clone(), w.facts.clone())).collect(),
            attestations: site.attestations.clone(),
            groups: site.groups.clone(),
            retired: site.retired.clone(),
        }
    }
}

/// A device with what is judged of it.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// The device.
    pub device: &'a SiteDevice,
    /// Factory under base under what people said: [`SiteDevice::complete`].
    pub complete: &'a Facts,
}

/// What a plan does to a device beside leading to what is described, and what it does not touch.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// What it costs.
    pub costs: Vec<Cost>,
    /// Lines of what was read that no table knows, from 1: nobody says what they do.
    pub unknown: Vec<usize>,
}

/// A rule that holds on a device as it runs, and not as it is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// Its id.
    pub rule: String,
    /// The setting whose change decides it.
    pub path: String,
}

/// What enters from outside.
pub struct Context<'a> {
    /// Now: waivers and certificates are judged by it.
    pub now: jiff::Timestamp,
    /// Values of secrets.
    pub secrets: &'a Secrets,
    /// Files of the site.
    pub files: &'a dyn Files,
    /// Firmware with known holes: the shipped list, or a newer one that somebody vouches for.
    pub advisories: &'a Advisories,
    /// The texts of the descriptions: where there are none, no fix is an edit.
    pub sources: &'a SourceMap,
    /// What a plan changes, where one is judged.
    pub changes: Option<&'a Changes>,
    /// The last moment that is judged: `Describe` for a check, `Build` before sealing. Later ones are deferred.
    pub until: Moment,
}
