//! How a run ended. Follows from the report alone, never from the format it is shown in.

use super::Report;
use crate::finding::{Finding, Severity, Verdict};

/// What makes a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn {
    /// The least severity that fails the run.
    pub severity: Severity,
    /// Whether anything open fails it, unknown verdicts of small severity included.
    pub strict: bool,
}

impl Default for FailOn {
    fn default() -> FailOn {
        FailOn { severity: Severity::High, strict: false }
    }
}

/// The end of a run that could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing fails.
    Clean,
    /// There is a difference, and somebody asked for it.
    Differs,
    /// Findings fail.
    Fails,
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
            Outcome::Invalid => 2,
        }
    }
}

impl FailOn {
    /// Whether a finding fails the run. Waived and deferred ones never do; what can't be told fails where a rule of
    /// that severity must not be left open (high and critical).
    pub fn fails(self, finding: &Finding) -> bool {
        match finding.status {
            Verdict::Fail => self.strict || finding.severity >= self.severity,
            Verdict::Unknown => self.strict || finding.severity >= self.severity.max(Severity::High),
            Verdict::Pass | Verdict::Waived | Verdict::Deferred | Verdict::NotApplicable => false,
        }
    }
}

impl Report {
    /// How the run ended: invalid input wins over findings that fail, those over a difference.
    pub fn outcome(&self) -> Outcome {
        let end = |f: &Finding| match f {
            f if f.is_input_error() => Outcome::Invalid,
            f if self.fail_on.fails(f) => Outcome::Fails,
            _ => Outcome::Clean,
        };
        let least = if self.differs { Outcome::Differs } else { Outcome::Clean };
        self.findings.iter().map(end).max().unwrap_or(least).max(least)
    }

    /// Whether a finding keeps its device from being sealed.
    pub fn blocks(&self, finding: &Finding) -> bool {
        let open = matches!(finding.status, Verdict::Fail | Verdict::Unknown);
        open && (finding.severity >= self.block_on || finding.is_input_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Loc;

    fn report(findings: Vec<Finding>) -> Report {
        Report { findings, ..Report::new("check", "0") }
    }

    fn rule(severity: Severity, status: Verdict) -> Finding {
        Finding { code: "NP6-SES-001".into(), status, ..Finding::error("x", Loc::NONE, "x").severity(severity) }
    }

    #[test]
    fn invalid_input_wins_over_findings() {
        let broken = Finding::error("syntax.x", Loc::NONE, "x");
        let end = |f: Vec<Finding>| report(f).outcome();
        assert_eq!(end(vec![]), Outcome::Clean);
        assert_eq!(end(vec![rule(Severity::Medium, Verdict::Fail)]), Outcome::Clean);
        assert_eq!(end(vec![rule(Severity::High, Verdict::Unknown)]), Outcome::Fails);
        assert_eq!(end(vec![rule(Severity::Critical, Verdict::Waived)]), Outcome::Clean);
        assert_eq!(end(vec![rule(Severity::High, Verdict::Deferred)]), Outcome::Clean);
        assert_eq!(end(vec![rule(Severity::High, Verdict::Fail), broken]), Outcome::Invalid);
    }

    #[test]
    fn an_unknown_verdict_of_small_severity_fails_only_strictly() {
        let unknown = rule(Severity::Medium, Verdict::Unknown);
        assert!(!FailOn { severity: Severity::Low, strict: false }.fails(&unknown));
        assert!(FailOn { severity: Severity::High, strict: true }.fails(&unknown));
    }
}
