//! The way back in, in one sentence: who still reaches the device after the change, and how.

use super::ReadySite;
use crate::finding::Verdict;
use crate::model::Value;
use crate::policy::Evaluation;

/// Families whose rules look at the way back in.
const GUARDS: [&str; 2] = ["mgmt.lockout-guard", "plan.no-management"];

/// Ways in that a person may be left with.
const WAYS: [&str; 6] = ["https", "ssh", "vendor-service", "serial-console", "http", "telnet"];

/// What is said about lock-out. Says plainly where nothing was checked.
pub(super) fn sentence(ready: &ReadySite, evaluation: &Evaluation<'_>) -> String {
    let guards: Vec<_> = evaluation.outcomes.iter().filter(|o| GUARDS.contains(&&*o.family)).collect();
    let failing = guards.iter().find(|o| matches!(o.verdict, Verdict::Fail | Verdict::Unknown | Verdict::Waived));
    if let Some(rule) = failing {
        return format!("NOT SAFE: rule {} does not hold", rule.rule);
    }
    let checked: Vec<&str> = guards.iter().filter(|o| o.verdict == Verdict::Pass).map(|o| &*o.rule).collect();
    if checked.is_empty() {
        return "not checked: no rule in force looks at the way back in".to_owned();
    }
    let on = |way: &&&str| {
        let fact = evaluation.judged.complete.value(&format!("services.{way}"));
        fact.is_some_and(|f| f.value == Value::Switch(true))
    };
    let ways: Vec<&str> = WAYS.iter().filter(on).copied().collect();
    let stations = ready.site.typed.station.iter();
    let stations: Vec<String> =
        stations.filter_map(|s| Some(format!("{} at {}", s.name.as_ref()?, s.address.as_ref()?))).collect();
    let keep = if stations.len() == 1 { "keeps" } else { "keep" };
    let by = checked.join(", ");
    format!("{} {keep} {}, as far as the description tells ({by})", stations.join(", "), ways.join(" and "))
}
