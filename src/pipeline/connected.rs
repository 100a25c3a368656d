//! The half of a rule that only the device shows: what a receipt says that somebody saw there answers it.

use super::ReadySite;
use super::evidence::Seen;
use super::returned::accepts;
use crate::finding::Verdict;
use crate::ledger::receipt::Part;
use crate::model::facts::without_keys;
use crate::model::paths::PLATFORM_FIRMWARE;
use crate::policy::{Judgement, Moment};

/// An account that is to be gone.
const REMOVED: &str = ".removed";

/// Gives such halves the verdict of the rule, where all that the rule asks for was seen as it is judged.
pub(super) fn settle(ready: &ReadySite, judgement: &mut Judgement<'_>) {
    if ready.receipts.is_empty() {
        return;
    }
    for evaluation in &mut judgement.evaluations {
        let device = evaluation.judged.device;
        let Some(receipts) = ready.receipts.get(&device.name) else { continue };
        let seen = Seen::of(ready, evaluation);
        let last = |part| receipts.iter().rev().find_map(|one| one.receipt.seen(part));
        let is_seen = |path: &str, value: &crate::model::Value| match path.split('.').next() {
            Some("platform") if without_keys(path) == PLATFORM_FIRMWARE => {
                last(Part::Firmware).is_some_and(|told| told.fits && accepts(&value.plain(), &told.seen))
            }
            Some("platform") => last(Part::Model).is_some_and(|told| told.fits),
            _ => device.read.as_ref().is_some_and(|read| match path.strip_suffix(REMOVED) {
                Some(gone) => read.facts.group(gone).is_none(),
                None => value.is_known() && read.facts.value(path).is_some_and(|fact| fact.value == *value),
            }),
        };
        for at in 1..evaluation.outcomes.len() {
            let (own, half) = (&evaluation.outcomes[at - 1], &evaluation.outcomes[at]);
            let waits = half.verdict == Verdict::Deferred && half.moment == Moment::Connect;
            let holds = matches!(own.verdict, Verdict::Pass | Verdict::Waived);
            if !waits || own.rule != half.rule || !holds || !seen.all(&own.rule, is_seen) {
                continue;
            }
            let verdict = own.verdict;
            let half = &mut evaluation.outcomes[at];
            (half.verdict, half.reason) = (verdict, None);
        }
    }
}
