//! The proof that a device meets its rules.

use std::sync::Arc;

use super::Evaluation;
use super::rule::Moment;
use crate::finding::{Severity, Verdict};
use crate::site::SiteDevice;

/// A device that meets its rules. Only [`Evaluation::compliant`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct Compliant<'a> {
    device: &'a SiteDevice,
    not_after: Option<jiff::Timestamp>,
}

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCompliant {
    /// Rules that block: their ids.
    #[error("{} of its rules are not met", .0.len())]
    Broken(Vec<Arc<str>>),
    /// Rules of the moments describe and build that are still open: their ids.
    #[error("{} of its rules are not judged yet", .0.len())]
    Open(Vec<Arc<str>>),
    /// No rule applied at all.
    #[error("no rule applies to it")]
    NoRules,
}

impl<'a> Compliant<'a> {
    /// The device's name.
    pub fn name(&self) -> &'a Arc<str> {
        &self.device.name
    }

    /// The device.
    pub fn device(&self) -> &'a SiteDevice {
        self.device
    }

    /// When the proof ends: the earliest end of a waiver that it rests on.
    pub fn not_after(&self) -> Option<jiff::Timestamp> {
        self.not_after
    }
}

impl<'a> Evaluation<'a> {
    /// The proof, where there is one: nothing fails or is unknown at or above `block_on` (which counts as high where
    /// it is higher; what people attest after the build aside), nothing of the moments describe and build is open, at
    /// least one rule applied.
    ///
    /// # Errors
    /// Which rules stand against it.
    pub fn compliant(&self, block_on: Severity) -> Result<Compliant<'a>, NotCompliant> {
        let ids = |blocks: &dyn Fn(&super::RuleOutcome) -> bool| -> Vec<Arc<str>> {
            self.outcomes.iter().filter(|o| blocks(o)).map(|o| o.rule.clone()).collect()
        };
        // a caller can tighten the default, never loosen it
        let block_on = block_on.min(Severity::High);
        let broken =
            ids(&|o| matches!(o.verdict, Verdict::Fail | Verdict::Unknown) && o.severity >= block_on && !o.later);
        if !broken.is_empty() {
            return Err(NotCompliant::Broken(broken));
        }
        let open = ids(&|o| o.verdict == Verdict::Deferred && o.moment <= Moment::Build);
        if !open.is_empty() {
            return Err(NotCompliant::Open(open));
        }
        let applied = |o: &super::RuleOutcome| {
            let judged = matches!(o.verdict, Verdict::Pass | Verdict::Fail | Verdict::Unknown | Verdict::Waived);
            judged && !o.later
        };
        if !self.outcomes.iter().any(applied) {
            return Err(NotCompliant::NoRules);
        }
        Ok(Compliant { device: self.judged.device, not_after: self.not_after })
    }
}
