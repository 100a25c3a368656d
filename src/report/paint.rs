//! Colour, where it is wanted.

use crate::finding::Severity;

/// How a report is shown. Terminal and environment are asked in `cli`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Whether colour is wanted.
    pub colour: bool,
    /// Columns to fill.
    pub width: usize,
    /// Whether the terminal draws no lines and corners.
    pub ascii: bool,
    /// Whether passes, rules that do not apply and those left for later are listed too.
    pub all: bool,
}

impl Default for View {
    fn default() -> View {
        View { colour: false, width: 110, ascii: false, all: false }
    }
}

/// A role of text on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Blocks.
    Bad,
    /// Should be looked at.
    Warn,
    /// Well.
    Good,
    /// A name that stands out.
    Strong,
    /// Beside the matter.
    Faint,
}

impl View {
    /// The text in its ink; as it is without colour.
    pub(super) fn ink(&self, ink: Ink, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Bad => "1;31",
            Ink::Warn => "33",
            Ink::Good => "32",
            Ink::Strong => "1",
            Ink::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// The ink of a severity.
pub(super) fn severity_ink(severity: Severity) -> Ink {
    match severity {
        Severity::Critical | Severity::High => Ink::Bad,
        Severity::Medium => Ink::Warn,
        Severity::Low | Severity::Info => Ink::Faint,
    }
}
