//! How a run ended. Follows from the report alone, never from the format it is shown in.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Compared, Report};
use crate::finding::{Finding, Severity, Verdict};

/// What makes a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn {
    /// The least severity that fails the run.
    pub severity: Severity,
    /// Whether a person named it: else what keeps a device from being built fails the run too.
    pub named: bool,
    /// Whether anything open fails it, unknown verdicts of small severity included.
    pub strict: bool,
    /// Whether only what stands against sealing counts: what people attest later is told and fails nothing.
    pub sealing: bool,
    /// Whether all that rules did not say before fails it, whatever its severity, and if a person answers for it.
    pub weaken: bool,
}

impl Default for FailOn {
    fn default() -> FailOn {
        FailOn { severity: Severity::High, named: false, strict: false, sealing: false, weaken: false }
    }
}

/// The end of a run that could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing fails.
    Clean,
    /// Somebody asked for a comparison, and there is a device that nothing was read from.
    NotCompared,
    /// There is a difference, and somebody asked for it.
    Differs,
    /// Findings fail.
    Fails,
    /// What was looked at is not authentic, or nothing proves where it comes from.
    Refused,
    /// The input can't be read.
    Invalid,
}

impl Outcome {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Outcome::Clean => 0,
            Outcome::Fails => 1,
            Outcome::Differs => 3,
            Outcome::NotCompared => 4,
            Outcome::Refused => 5,
            Outcome::Invalid => 2,
        }
    }
}

impl FailOn {
    /// Whether a finding fails the run. Waived and deferred ones never do; what can't be told fails where a rule of
    /// that severity must not be left open (high and critical); what keeps a device from being built always does. What
    /// was known before fails none that asks for what is new.
    pub fn fails(self, finding: &Finding) -> bool {
        match finding.status {
            _ if finding.known.is_some() && !finding.is_input_error() => false,
            _ if finding.is_refused() => true,
            _ if self.sealing && finding.later => false,
            Verdict::Fail | Verdict::Unknown | Verdict::Waived if self.weaken && !finding.rules.is_empty() => true,
            Verdict::Fail => self.strict || finding.severity >= self.severity,
            Verdict::Unknown => self.strict || finding.severity >= self.severity.max(Severity::High),
            Verdict::Pass | Verdict::Waived | Verdict::Deferred | Verdict::NotApplicable => false,
        }
    }
}

impl Report {
    /// How the run ended: invalid input wins over findings that fail, those over a difference, that over a device that
    /// was not compared. A run that compared nothing at all says nothing either.
    pub fn outcome(&self) -> Outcome {
        if let Some(ended) = self.ended {
            return ended;
        }
        let end = |f: &Finding| match f {
            f if f.is_input_error() => Outcome::Invalid,
            f if self.fail_on.fails(f) => Outcome::Fails,
            _ => Outcome::Clean,
        };
        let least = match (self.exit_code, self.compared()) {
            (false, _) => Outcome::Clean,
            (true, Compared { differ: 1.., .. }) => Outcome::Differs,
            (true, Compared { as_described: 1.., not_compared: 0, .. }) if self.unread.is_empty() => Outcome::Clean,
            (true, _) => Outcome::NotCompared,
        };
        self.findings.iter().map(end).max().unwrap_or(least).max(least)
    }

    /// Whether a finding keeps its device from being sealed.
    pub fn blocks(&self, finding: &Finding) -> bool {
        finding.is_refused() || finding.is_open() && !finding.later && finding.severity >= self.block_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Code, codes};
    use crate::source::Loc;

    fn report(findings: Vec<Finding>) -> Report {
        Report { findings, ..Report::new("check", "0") }
    }

    fn rule(severity: Severity, status: Verdict) -> Finding {
        Finding { status, ..Finding::new(Code::rule("NP6-SES-001"), Loc::NONE, "x").severity(severity) }
    }

    #[test]
    fn invalid_input_wins_over_findings() {
        let broken = Finding::new(codes::syntax::COMMA, Loc::NONE, "x");
        let end = |f: Vec<Finding>| report(f).outcome();
        assert_eq!(end(vec![]), Outcome::Clean);
        assert_eq!(end(vec![rule(Severity::Medium, Verdict::Fail)]), Outcome::Clean);
        assert_eq!(end(vec![rule(Severity::High, Verdict::Unknown)]), Outcome::Fails);
        assert_eq!(end(vec![rule(Severity::Critical, Verdict::Waived)]), Outcome::Clean);
        assert_eq!(end(vec![rule(Severity::High, Verdict::Deferred)]), Outcome::Clean);
        assert_eq!(end(vec![rule(Severity::High, Verdict::Fail), broken]), Outcome::Invalid);
    }

    #[test]
    fn what_was_not_compared_is_not_as_described() {
        use crate::model::Value;
        use crate::native::Side;
        use crate::report::{BaseHead, ChangeRow, DeviceReport, Difference};
        let changed = ChangeRow {
            change: crate::native::Change {
                path: "services.telnet".into(),
                before: Side::Value(Value::Switch(true)),
                after: Side::Value(Value::Switch(false)),
                secret: None,
                origin: crate::source::Origin::NONE,
                page: None,
                place: None,
            },
            rules: Vec::new(),
        };
        let read = || Some(BaseHead::default());
        let same = || Difference { base: read(), ..Difference::default() };
        let other = || Difference { base: read(), changes: vec![changed.clone()], ..Difference::default() };
        let mut unseen = other();
        unseen.changes[0].change.secret = Some(crate::native::SecretState::CannotCompare);
        let mut hidden = other();
        hidden.changes[0].change.before = Side::Hidden;
        let end = |differences: Vec<Difference>| {
            let device = |d| DeviceReport { difference: Some(d), ..DeviceReport::default() };
            let devices = differences.into_iter().map(device).collect();
            let report = Report { exit_code: true, devices, ..Report::new("diff", "0") };
            assert_eq!(Report { exit_code: false, ..report.clone() }.outcome(), Outcome::Clean);
            report.outcome()
        };
        assert_eq!(end(vec![same(), unseen, hidden]), Outcome::Clean);
        assert_eq!(end(vec![same(), other(), Difference::default()]), Outcome::Differs);
        assert_eq!(end(vec![same(), Difference::default()]), Outcome::NotCompared);
        assert_eq!(end(vec![]), Outcome::NotCompared);
    }

    #[test]
    fn an_unknown_verdict_of_small_severity_fails_only_strictly() {
        let unknown = rule(Severity::Medium, Verdict::Unknown);
        assert!(!FailOn { severity: Severity::Low, ..FailOn::default() }.fails(&unknown));
        assert!(FailOn { strict: true, ..FailOn::default() }.fails(&unknown));
    }
}
