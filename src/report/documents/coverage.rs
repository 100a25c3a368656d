//! What the rules say of the requirements of IEC 62443-4-2, by zone and device. A rule supports a requirement; no rule
//! proves that a product meets one.

use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::Verdict;
use crate::policy::evidence::Evidence;
use crate::policy::requirements::Answered;
use crate::policy::{Moment, RuleOutcome};
use crate::report::Commit;

/// The requirements, and what each device has to show for them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Coverage {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The site.
    pub site: String,
    /// When it was judged, UTC.
    pub judged_at: String,
    /// Where the site's files stand in git; absent outside of it.
    pub commit: Option<Commit>,
    /// The zones, by name; devices without one come last.
    pub zones: Vec<CoveredZone>,
    /// The requirements, by number.
    pub requirements: Vec<CoveredRequirement>,
}

/// A zone and its devices.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CoveredZone {
    /// Its name; absent for devices that stand in none.
    pub zone: Option<String>,
    /// Its target level.
    pub level: Option<u32>,
    /// The devices that were asked for, by name.
    pub devices: Vec<String>,
}

/// A requirement.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CoveredRequirement {
    /// `CR 1.11`.
    pub id: String,
    /// What it asks, in our words.
    pub title: String,
    /// The lowest security level that asks for it.
    pub level: Option<u32>,
    /// What it asks beyond that.
    pub enhancements: String,
    /// What could answer it.
    pub answered: Answered,
    /// What each device has to show for it.
    pub devices: Vec<CoveredDevice>,
}

/// What a device has to show for a requirement.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CoveredDevice {
    /// Its name.
    pub device: String,
    /// All its rules together.
    pub state: Covered,
    /// The rules that support the requirement and concern the device.
    pub rules: Vec<CoveringRule>,
}

/// A rule that supports a requirement, on a device.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CoveringRule {
    /// Its id.
    pub rule: String,
    /// What of the row it supports: `CR 2.11`, `CR 2.11 RE1`.
    pub supports: Vec<String>,
    /// When it is judged.
    pub moment: Moment,
    /// What became of it.
    pub verdict: Verdict,
    /// Why it waits or is unknown.
    pub reason: Option<String>,
    /// What the verdict rests on.
    pub evidence: Evidence,
    /// When somebody or something looked.
    pub seen: Option<String>,
    /// Who looked: a person of the site; absent where it was read by machine.
    pub by: Option<String>,
    /// What the device will have in the settings that it asks about, the first few.
    pub asked_for: Vec<String>,
    /// What was read there.
    pub on_the_device: Vec<String>,
    /// The waivers that cover it.
    pub waivers: Vec<String>,
}

/// What a device has to show for a requirement, all rules together: the worst of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Covered {
    /// A rule is broken.
    Failed,
    /// A rule can't be told.
    Unknown,
    /// A rule is broken, and a person answers for it.
    Waived,
    /// Nothing is judged yet.
    Open,
    /// Rules hold.
    Supported,
    /// Rules hold, and all of them are answered by people.
    Attested,
    /// No rule in force looks at anything of it on this device.
    NotCheckable,
    /// Only the vendor's own evidence could show it.
    VendorEvidence,
    /// It asks components for nothing.
    NothingAsked,
}

impl Covered {
    /// All, worst first.
    pub const ALL: [Covered; 9] = [
        Covered::Failed,
        Covered::Unknown,
        Covered::Waived,
        Covered::Open,
        Covered::Supported,
        Covered::Attested,
        Covered::NotCheckable,
        Covered::VendorEvidence,
        Covered::NothingAsked,
    ];

    /// Of the rules that concern a device, each with whether people answer it.
    pub fn of<'o>(rules: impl Iterator<Item = (&'o RuleOutcome, bool)>, answered: Answered) -> Covered {
        let mut state = match answered {
            Answered::Configuration | Answered::NotHere => Covered::NotCheckable,
            Answered::Product => Covered::VendorEvidence,
            Answered::Nothing => Covered::NothingAsked,
        };
        for (outcome, by_people) in rules {
            let one = match outcome.verdict {
                Verdict::Fail => Covered::Failed,
                Verdict::Unknown => Covered::Unknown,
                Verdict::Waived => Covered::Waived,
                Verdict::Pass if by_people => Covered::Attested,
                Verdict::Pass => Covered::Supported,
                Verdict::Deferred => Covered::Open,
                Verdict::NotApplicable => continue,
            };
            // what holds already is not undone by what waits
            state = match (state.min(one), state.max(one)) {
                (Covered::Open, held @ (Covered::Supported | Covered::Attested)) => held,
                (worse, _) => worse,
            };
        }
        state
    }

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Covered::Failed => "failed",
            Covered::Unknown => "unknown",
            Covered::Waived => "waived",
            Covered::Open => "not judged yet",
            Covered::Supported => "supported",
            Covered::Attested => "attested",
            Covered::NotCheckable => "not checkable from configuration",
            Covered::VendorEvidence => "vendor's own evidence needed",
            Covered::NothingAsked => "asks components for nothing",
        }
    }

    /// Whether there is something to show for the requirement.
    pub fn holds(self) -> bool {
        matches!(self, Covered::Supported | Covered::Attested)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    #[test]
    fn the_worst_rule_decides_and_what_waits_undoes_nothing() {
        let outcome = |verdict| RuleOutcome {
            rule: "X-1".into(),
            pack: "x".into(),
            severity: Severity::High,
            family: "x".into(),
            moment: Moment::Describe,
            verdict,
            reason: None,
            waits: None,
            waivers: Vec::new(),
            later: false,
        };
        let of = |rules: &[(Verdict, bool)], answered| {
            let outcomes: Vec<_> = rules.iter().map(|(verdict, by_people)| (outcome(*verdict), *by_people)).collect();
            let there = Covered::of(outcomes.iter().map(|(outcome, by)| (outcome, *by)), answered);
            let back = Covered::of(outcomes.iter().rev().map(|(outcome, by)| (outcome, *by)), answered);
            assert_eq!(there, back, "the order of rules decides nothing");
            there
        };
        let configured = |rules: &[(Verdict, bool)]| of(rules, Answered::Configuration);
        use Verdict::{Deferred, Fail, NotApplicable, Pass, Unknown, Waived};
        assert_eq!(configured(&[]), Covered::NotCheckable);
        assert_eq!(configured(&[(NotApplicable, false)]), Covered::NotCheckable);
        assert_eq!(of(&[], Answered::Product), Covered::VendorEvidence);
        assert_eq!(of(&[], Answered::Nothing), Covered::NothingAsked);
        assert_eq!(configured(&[(Pass, false), (Deferred, true)]), Covered::Supported);
        assert_eq!(configured(&[(Deferred, false)]), Covered::Open);
        assert_eq!(configured(&[(Pass, true)]), Covered::Attested);
        assert_eq!(configured(&[(Pass, true), (Pass, false)]), Covered::Supported);
        assert_eq!(configured(&[(Pass, false), (Waived, false), (Deferred, false)]), Covered::Waived);
        assert_eq!(configured(&[(Waived, false), (Unknown, false)]), Covered::Unknown);
        assert_eq!(configured(&[(Unknown, false), (Fail, false), (Pass, true)]), Covered::Failed);
    }
}
