//! What stood when a plant began: told, with the day until which it is to be mended, and until then no reason to fail.
//! Only `check` goes by it. A device that breaks a rule is not built, whatever a site adopted.

use jiff::Timestamp;

use super::ReadySite;
use crate::finding::{Finding, codes};
use crate::model::adoption::Stands;
use crate::policy::Judgement;
use crate::report::Report;
use crate::source::Loc;

/// Marks what is adopted and not over yet, and tells what is adopted and stands nowhere any more.
pub(super) fn mark(ready: &ReadySite, judgement: &Judgement<'_>, report: &mut Report, now: Timestamp) {
    let Some(adoption) = &ready.site.adoption else { return };
    let places = adoption.facts.items("stands").map(|list| &list.items[..]).unwrap_or_default();
    let places = places.iter().map(|item| item.group.origin.loc());
    for (stands, loc) in adoption.typed.stands.iter().zip(places) {
        let (Some(until), Some(owner)) = (stands.until, &stands.owner) else { continue };
        let over = now >= until.ends();
        for finding in report.findings.iter_mut().filter(|finding| finding.is_open() && covers(stands, finding)) {
            if over {
                *finding = finding.clone().related(loc, format!("was to be mended until {until} by {owner}"));
            } else {
                finding.known = Some(format!("adopted: {owner} mends it until {until}"));
            }
        }
        let stood = |finding: &Finding| finding.is_open() && covers(stands, finding);
        if !judgement.evaluations.iter().flat_map(|evaluation| &evaluation.findings).any(stood) {
            report.findings.push(idle(stands, loc));
        }
    }
}

/// Whether an entry speaks of a finding: by the rule that it is called by, on devices that it names, all of them.
fn covers(stands: &Stands, finding: &Finding) -> bool {
    let named = |device: &str| stands.devices.as_ref().is_none_or(|all| all.iter().any(|name| name.as_str() == device));
    !finding.rules.is_empty() && stands.rule.as_deref() == Some(&*finding.code) && finding.devices().all(named)
}

fn idle(stands: &Stands, loc: Loc) -> Finding {
    let rule = stands.rule.as_deref().unwrap_or_default();
    Finding::new(codes::site::ADOPTED_IDLE, loc, format!("`{rule}` is adopted, and stands nowhere of what is named"))
}
