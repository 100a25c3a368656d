//! Two redacted texts side by side, as unified differences are read everywhere.

use std::time::{Duration, Instant};

use similar::{Algorithm, TextDiff};

/// Longest search for the smallest difference; after it a coarser one is given, never none.
const SEARCH: Duration = Duration::from_millis(500);

/// A unified difference from what runs to what is described; empty where there is none. Line ends are shown alike:
/// a device's CR LF is no difference. Both texts must be redacted by now; escaping is the report's.
///
/// `started` is when the search began: the clock is handed in.
pub fn text_view(desired_redacted: &str, running_redacted: &str, started: Instant) -> String {
    let (desired, running) = (lines(desired_redacted), lines(running_redacted));
    if desired == running {
        return String::new();
    }
    let diff =
        TextDiff::configure().algorithm(Algorithm::Patience).deadline(started + SEARCH).diff_lines(&running, &desired);
    diff.unified_diff().context_radius(3).header("running", "described").to_string()
}

/// With LF, and one at the end.
fn lines(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
