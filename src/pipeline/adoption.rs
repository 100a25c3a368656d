//! What stood when a plant began: told, with the day until which it is to be mended, and until then no reason to fail.
//! Only `check` goes by it. A device that breaks a rule is not built, whatever a site adopted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::ReadySite;
use crate::finding::{Finding, Severity, codes};
use crate::model::adoption::Stands;
use crate::policy::Judgement;
use crate::report::Report;
use crate::source::Loc;

/// A rule that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its id.
    pub rule: String,
    /// What it asks.
    pub title: String,
    /// How bad the worst of it is.
    pub severity: Severity,
    /// The devices, by name: those that come later have no beginning to go by.
    pub devices: BTreeSet<String>,
}

/// What is open by rules and dated nowhere yet, by rule.
pub fn standing(ready: &ReadySite, report: &Report) -> Vec<Standing> {
    let mut standing: BTreeMap<&str, Standing> = BTreeMap::new();
    let open = |finding: &&Finding| finding.is_open() && finding.known.is_none() && !finding.rules.is_empty();
    for finding in report.findings.iter().filter(open) {
        let one = standing.entry(&finding.code).or_insert_with(|| Standing {
            rule: finding.code.to_string(),
            title: ready.packs.rule(&finding.code).map(|rule| rule.title.clone()).unwrap_or_default(),
            severity: finding.severity,
            devices: BTreeSet::new(),
        });
        one.severity = one.severity.max(finding.severity);
        one.devices.extend(finding.devices().map(str::to_owned));
        if finding.devices().next().is_none() {
            one.devices.extend(ready.site.devices.iter().map(|device| device.name.to_string()));
        }
    }
    standing.into_values().collect()
}

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
