//! The ladder for a merge request or a ticket: a table of the rungs, however many devices.

use super::super::escape::prose;
use super::print::{answers, closing, packs, shown, told_of};
use super::{Ladder, Rung};
use crate::report::View;

/// Rows of a rung, and lines of the end, before the rest is counted.
const ROWS: usize = 4;
const LINES: usize = 6;

/// The page, below 60 lines.
pub fn markdown(ladder: &Ladder) -> String {
    let mut out = String::from("# `fieldlock verify`\n\n");
    if !ladder.site.is_empty() {
        out.push_str(&format!("Site {}.\n", prose(&told_of(ladder))));
        out.push_str(&packs(ladder).map(|packs| format!("Rules of {}.\n", prose(&packs))).unwrap_or_default());
    }
    out.push_str("\n| | what | | by what, or why not |\n|---|---|---|---|\n");
    let one = ladder.devices.len() == 1;
    for rung in Rung::ALL {
        let rows = answers(ladder, rung);
        let more = rows.len().saturating_sub(ROWS);
        for (said, text) in rows.iter().take(ROWS) {
            let (number, sentence) = (rung.number(), rung.sentence(one));
            out.push_str(&format!("| {number} | {sentence} | **{}** | {} |\n", shown(said, rung), prose(text)));
        }
        if more > 0 {
            out.push_str(&format!("| | and {more} more | | |\n"));
        }
    }
    out.push('\n');
    let lines = closing(ladder, &View::default());
    // what it comes to stands last
    let last = lines.len().saturating_sub(LINES).max(LINES).min(lines.len());
    for line in &lines[..LINES.min(lines.len())] {
        out.push_str(&format!("- {}\n", prose(line)));
    }
    if last > LINES {
        out.push_str(&format!("- and {} more\n", last - LINES));
    }
    for line in &lines[last..] {
        out.push_str(&format!("- {}\n", prose(line)));
    }
    out
}
