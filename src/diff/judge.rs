//! A change in one sentence, and whether it makes the device weaker.

use crate::finding::Verdict;
use crate::native::{Change, SecretState};

/// What a change does to the posture of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// A rule that held does not hold afterwards, or only by a waiver.
    Weaker,
    /// A rule that did not hold does afterwards, and none the other way round.
    Stronger,
    /// No rule changes its verdict.
    Neutral,
}

impl Judgement {
    /// The word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Judgement::Weaker => "weaker",
            Judgement::Stronger => "stronger",
            Judgement::Neutral => "neutral",
        }
    }
}

/// Judges by the verdicts of the rules that read a setting, on the running device and on what is described.
pub fn judge(rules: impl IntoIterator<Item = (Verdict, Verdict)>) -> Judgement {
    let holds = |v: Verdict| matches!(v, Verdict::Pass | Verdict::NotApplicable);
    let breaks = |v: Verdict| matches!(v, Verdict::Fail | Verdict::Waived | Verdict::Unknown);
    let mut judgement = Judgement::Neutral;
    for (before, after) in rules {
        if holds(before) && breaks(after) {
            return Judgement::Weaker;
        }
        if breaks(before) && holds(after) {
            judgement = Judgement::Stronger;
        }
    }
    judgement
}

/// The change in words: `login.lockout.after (Security > Login Policy): 5 becomes 3`.
pub fn sentence(change: &Change) -> String {
    let place = match &change.menu {
        Some(menu) => format!("{} ({menu})", change.path),
        None => change.path.clone(),
    };
    let what = match (change.secret, change.before.as_deref(), change.after.as_deref()) {
        (Some(SecretState::New), _, _) => "a secret is set that the device has not".to_owned(),
        (Some(SecretState::Changed), _, _) => "the secret is replaced by another".to_owned(),
        (Some(SecretState::Unchanged), _, _) => "the secret stays the same".to_owned(),
        (Some(SecretState::CannotCompare), _, _) => "the secret is set again; it can't be compared".to_owned(),
        (Some(SecretState::Opaque), _, _) => {
            "the device holds a hash that can't be compared with the secret; this alone is no difference".to_owned()
        }
        (None, Some("<hidden>"), Some(after)) => format!("is set to {after}; what the device has can't be compared"),
        (None, Some(before), Some(after)) => format!("{before} becomes {after}"),
        (None, None, Some(after)) if change.path.ends_with(']') => format!("{after} is added"),
        (None, None, Some(after)) => format!("is set to {after}; nothing was read there"),
        (None, Some(before), None) => format!("{before} is removed"),
        (None, None, None) => "stays as it is".to_owned(),
    };
    format!("{place}: {what}")
}
