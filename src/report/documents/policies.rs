//! The rules of a site's packs and of those that fieldlock ships: what there is, and what their samples and mutants
//! say.

use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT_VERSION, Location, location};
use crate::finding::{Finding, Severity};
use crate::policy::mutants::Mutated;
use crate::policy::{Became, Gone, Moment, Packs, Rule};
use crate::source::SourceMap;

/// All rules, and those that are no more.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyList {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The packs.
    pub packs: Vec<PackEntry>,
}

/// A pack.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PackEntry {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is.
    pub title: String,
    /// Whether fieldlock brings it; else it is the site's own.
    pub shipped: bool,
    /// Its rules, by id.
    pub rules: Vec<RuleEntry>,
    /// Rows of the catalogue that no rule of their own judges.
    pub gone: Vec<GoneEntry>,
}

/// A rule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleEntry {
    /// Its id.
    pub id: String,
    /// What it asks.
    pub title: String,
    /// How bad it is when it does not hold.
    pub severity: Severity,
    /// When it is judged: `describe`, `build`, `connect`, `operate`, `retire`; two where a device answers half of it.
    pub moments: Vec<Moment>,
    /// How it is checked: `pattern`, the names of analyses, or `attestation`.
    pub checked_by: Vec<String>,
    /// Platforms it judges.
    pub platforms: Vec<String>,
    /// Requirements of IEC 62443-4-2 that it supports.
    pub supports: Vec<String>,
}

/// An id that no rule has, or none any more.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GoneEntry {
    /// The id that it had.
    pub id: String,
    /// `merged into NP6-SVC-007`, `answered by waiver.*: ...`, `not checked yet: ...`, `retired: ...`
    pub became: String,
    /// What checks it now: rules, or a part of the program; nothing where nothing does.
    pub checked_by: Vec<String>,
    /// When.
    pub moments: Vec<Moment>,
}

impl PolicyList {
    /// Of packs.
    pub fn of(packs: &Packs) -> PolicyList {
        let gone = |gone: &Gone| GoneEntry::of(gone, packs);
        let packs = packs.packs.iter().map(|pack| PackEntry {
            name: pack.name.to_string(),
            version: pack.version.clone(),
            title: pack.title.clone(),
            shipped: pack.shipped,
            rules: pack.rules.iter().map(|rule| RuleEntry::of(rule)).collect(),
            gone: pack.gone.iter().map(gone).collect(),
        });
        PolicyList { format_version: FORMAT_VERSION, packs: packs.collect() }
    }
}

impl GoneEntry {
    fn of(gone: &Gone, packs: &Packs) -> GoneEntry {
        let rules = gone.merged_into().iter().filter_map(|id| packs.rule(id));
        let (checked_by, moments) = match &gone.became {
            Became::Merged(into) => {
                let mut moments: Vec<Moment> = rules.flat_map(|rule| rule.moments()).collect();
                moments.sort_unstable();
                moments.dedup();
                (into.iter().map(|id| id.to_string()).collect(), moments)
            }
            Became::Answered(by, moment) => (vec![by.to_string()], vec![*moment]),
            Became::Open(moment) => (Vec::new(), vec![*moment]),
            Became::Retired => (Vec::new(), Vec::new()),
        };
        GoneEntry { id: gone.id.to_string(), became: gone.words(), checked_by, moments }
    }
}

impl RuleEntry {
    fn of(rule: &Rule) -> RuleEntry {
        let pattern = rule.require.is_some().then(|| "pattern".to_owned());
        let attested = rule.attest.as_ref().map(|_| "attestation".to_owned());
        let analyses = rule.analyse.iter().map(|a| a.analysis.name.to_string());
        RuleEntry {
            id: rule.id.to_string(),
            title: rule.title.clone(),
            severity: rule.severity,
            moments: rule.moments().collect(),
            checked_by: pattern.into_iter().chain(analyses).chain(attested).collect(),
            platforms: rule.platforms.iter().map(|platform| platform.word().to_owned()).collect(),
            supports: rule.supports.iter().map(|s| s.requirement.clone()).collect(),
        }
    }
}

/// What the samples and the mutants of rules say.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyTested {
    /// Version of this format: 1.
    pub format_version: u32,
    /// Each rule, by pack and id.
    pub rules: Vec<TestedRule>,
    /// What is wrong: packs that can't be read, samples that do not say what they should.
    pub wrong: Vec<WrongSample>,
}

/// What became of a rule's samples and mutants.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TestedRule {
    /// Its id.
    pub id: String,
    /// Its pack.
    pub pack: String,
    /// How many samples it has.
    pub samples: usize,
    /// How many mutants of its passing samples there are: one change each.
    pub mutants: usize,
    /// How many of them it fails. Where none is, nothing was found that makes the rule fail.
    pub failed: usize,
}

/// A finding about a pack or a sample.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WrongSample {
    /// Its code.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
}

impl PolicyTested {
    /// Of what was found.
    pub fn of(mutated: &[Mutated], wrong: &[Finding], sources: &SourceMap) -> PolicyTested {
        let tested = |m: &Mutated| TestedRule {
            id: m.rule.id.to_string(),
            pack: m.rule.pack.to_string(),
            samples: m.rule.passes.len() + m.rule.fails.len(),
            mutants: m.tried,
            failed: m.failed,
        };
        let told = |finding: &Finding| WrongSample {
            code: finding.code.to_string(),
            message: finding.message.clone(),
            location: location(sources, finding.loc),
        };
        PolicyTested {
            format_version: FORMAT_VERSION,
            rules: mutated.iter().map(tested).collect(),
            wrong: wrong.iter().map(told).collect(),
        }
    }

    /// Rules that no mutant makes fail.
    pub fn blind(&self) -> impl Iterator<Item = &TestedRule> {
        self.rules.iter().filter(|rule| rule.failed == 0)
    }
}
