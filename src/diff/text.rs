//! Two redacted texts side by side, as unified differences are read everywhere.

use std::time::{Duration, Instant};

use similar::{Algorithm, ChangeTag, TextDiff};

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

/// How one redacted text differs from an earlier one, line by line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineChanges {
    /// Lines that the earlier one did not have.
    pub added: usize,
    /// Lines that it had.
    pub removed: usize,
    /// Both, unified; empty where the texts are the same.
    pub unified: String,
}

/// Texts of more lines are not compared by lines: a search without an end is for nobody.
const MOST_LINES: usize = 20_000;

/// What changed from an earlier text to one of now; `None` where they are too long to tell. Needs no clock: the same
/// texts give the same.
pub fn line_changes(now_redacted: &str, earlier_redacted: &str) -> Option<LineChanges> {
    let (now, earlier) = (lines(now_redacted), lines(earlier_redacted));
    if now == earlier {
        return Some(LineChanges::default());
    }
    if [&now, &earlier].iter().any(|text| text.lines().count() > MOST_LINES) {
        return None;
    }
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(&earlier, &now);
    let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    let (added, removed) = (count(ChangeTag::Insert), count(ChangeTag::Delete));
    Some(LineChanges { added, removed, unified: diff.unified_diff().context_radius(0).to_string() })
}

/// With LF, and one at the end.
fn lines(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_changed_are_counted_and_shown() {
        let told = line_changes("a\nb\nx\nd\n", "a\r\nb\r\nc\r\nd").unwrap();
        assert_eq!((told.added, told.removed), (1, 1));
        assert_eq!(told.unified, "@@ -3 +3 @@\n-c\n+x\n");
        assert_eq!(line_changes("a\nb\n", "a\r\nb"), Some(LineChanges::default()));
        assert_eq!(line_changes("", "a\n").map(|told| (told.added, told.removed)), Some((0, 1)));
        let long = "x\n".repeat(MOST_LINES + 1);
        assert_eq!(line_changes(&long, "a"), None);
        assert_eq!(line_changes(&long, &long), Some(LineChanges::default()));
    }
}
