//! How many findings were open over time, and how long it took to mend them.

use schemars::JsonSchema;
use serde::Serialize;

use super::listed::ToldOf;
use super::report::BySeverity;
use crate::finding::Severity;

/// A site over time, a point for each commit that changed it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct History {
    /// Of which state.
    #[serde(flatten)]
    pub of: ToldOf,
    /// The points, the oldest first. All are judged by the rules that this program has, or by the site's own at that
    /// commit.
    pub points: Vec<HistoryPoint>,
    /// How long what was mended had been open.
    pub mended: Mended,
    /// What is open at the last point, the oldest first.
    pub open: Vec<OpenSince>,
}

/// A commit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HistoryPoint {
    /// The commit.
    pub commit: String,
    /// When it was committed, UTC: the time that it is judged by.
    pub at: String,
    /// How many devices the site had; absent where it could not be judged, and nothing is said of findings then.
    pub devices: Option<usize>,
    /// Open findings of devices by severity.
    pub open: BySeverity,
    /// Findings that a person answered for.
    pub waived: usize,
    /// Findings that are open here and were not at the point before.
    pub opened: usize,
    /// Those of the point before that are open no longer.
    pub closed: usize,
}

/// How long what was mended had been open, from the commit that shows it first to the one that no longer does.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Mended {
    /// How many.
    pub findings: usize,
    /// Half of them took no longer than so many days; absent where there are none.
    pub median_days: Option<f64>,
    /// The longest, in days.
    pub longest_days: Option<f64>,
}

/// A finding that is open.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OpenSince {
    /// The rule.
    pub rule: String,
    /// The device.
    pub device: String,
    /// The setting; absent where it is of none.
    pub setting: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// When the first commit that shows it was made, or the first one that was looked at.
    pub since: String,
}
