//! What a zone's target level makes of a rule: as severe as it is, more, or less.
//!
//! A rule supports requirements, each with the lowest security level that asks for it. What no level up to the zone's
//! target asks for is at most of medium severity there, and keeps nothing from being sealed; from level 3 on what is
//! asked for weighs high although it is of medium severity elsewhere, at level 4 although it is of low severity. What
//! is critical and what every verdict rests on weighs the same everywhere, and so does a rule that supports no
//! requirement.

use super::rule::Rule;
use super::{Judged, SiteFacts};
use crate::finding::{Note, Severity};
use crate::source::Loc;

/// The target level of a zone, 1 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) level: u8,
    /// Where the zone says it.
    pub(super) loc: Loc,
}

impl Target {
    /// Of the zone that a device stands in; none where it stands in none, or the zone has none.
    pub(super) fn of(judged: Judged<'_>, site: &SiteFacts) -> Option<Target> {
        let name = judged.device.zone.as_deref()?;
        let zone = site.site.zone.iter().find(|zone| zone.name.as_ref().is_some_and(|n| n.as_str() == name))?;
        let level = u8::try_from(zone.sl_t?).ok()?;
        let said = site.facts.value(&format!("zone[{name}].sl-t"));
        Some(Target { level, loc: said.map_or(Loc::NONE, |fact| fact.origin.loc()) })
    }
}

impl Rule {
    /// The lowest security level that asks for what the rule supports.
    pub fn asked_from(&self) -> Option<u8> {
        self.supports.iter().map(|supports| supports.sl).min().flatten()
    }

    /// How severe it is that the rule does not hold in a zone of a target level.
    pub(super) fn severity_at(&self, target: Option<Target>) -> Severity {
        let (Some(Target { level, .. }), Some(from)) = (target, self.asked_from()) else { return self.severity };
        match self.severity {
            own if self.always || own == Severity::Critical => own,
            own if from > level => own.min(Severity::Medium),
            Severity::Medium if level >= 3 => Severity::High,
            Severity::Low if level >= 4 => Severity::High,
            own => own,
        }
    }
}

/// The same where nobody says whether the device has what the rule speaks of: told, and below level 3 it keeps nothing
/// from being sealed.
pub(super) fn unsaid(rule: &Rule, target: Option<Target>) -> Severity {
    let own = rule.severity_at(target);
    if target.is_some_and(|target| target.level >= 3) { own } else { own.min(Severity::Medium) }
}

/// Why a finding is more or less severe than its rule.
pub(super) fn note(rule: &Rule, target: Option<Target>) -> Option<Note> {
    let (target, from) = (target?, rule.asked_from()?);
    let severity = rule.severity_at(Some(target));
    let own = rule.severity.word();
    let text = match severity.cmp(&rule.severity) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Less => {
            format!("asked for from SL {from} on, and the zone's target is {}: {own} elsewhere", target.level)
        }
        std::cmp::Ordering::Greater => format!("the zone's target is SL {}: {own} elsewhere", target.level),
    };
    Some(Note { loc: target.loc, text })
}
