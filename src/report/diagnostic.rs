//! Findings as diagnostics of `miette`, and its handlers as they draw them: for people, and for logs and screen
//! readers.

use std::fmt;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NarratableReportHandler, SourceCode};
use miette::{ThemeCharacters, ThemeStyles};
use textwrap::{WordSeparator, WordSplitter};

use super::escape;
use super::excerpts::Excerpts;
use super::paint::View;
use crate::finding::{Finding, Severity, Verdict};
use crate::source::{Loc, SourceMap};

/// Further places of a finding that are drawn; the others are named below.
pub(super) const MOST_DRAWN: usize = 3;

/// A finding with what it shows of the sources: value, `use` lines, further places, rule.
#[derive(Debug)]
pub struct FindingDiagnostic {
    pub(super) code: String,
    pub(super) sentence: String,
    pub(super) help: Option<String>,
    severity: miette::Severity,
    excerpts: Excerpts,
}

impl FindingDiagnostic {
    /// Of a finding, with all places of its own and the rule's; a line of a source takes at most `columns`.
    pub fn of(finding: &Finding, sources: &SourceMap, columns: usize) -> FindingDiagnostic {
        FindingDiagnostic::at(finding, places(finding, "", usize::MAX, true), sources, columns)
    }

    pub(super) fn at(
        finding: &Finding,
        places: Vec<(Loc, String)>,
        sources: &SourceMap,
        columns: usize,
    ) -> FindingDiagnostic {
        let reason = match (finding.status, &finding.reason) {
            (Verdict::Unknown, None) => " (can't be told)".to_owned(),
            (_, Some(reason)) => format!(" ({reason})"),
            (_, None) => String::new(),
        };
        FindingDiagnostic {
            code: escape::line(&finding.code),
            sentence: escape::line(&format!("{}{reason}", finding.message)),
            help: finding.fix.as_ref().map(|fix| &*fix.kdl).or(finding.help.as_deref()).map(escape::line),
            severity: match finding.severity {
                Severity::Critical | Severity::High => miette::Severity::Error,
                Severity::Medium => miette::Severity::Warning,
                Severity::Low | Severity::Info => miette::Severity::Advice,
            },
            excerpts: Excerpts::of(sources, places, columns),
        }
    }
}

/// The value, the `use` lines that lead to it, at most so many further places, and the rule where it is wanted;
/// `others` says whom else the first `use` line reaches.
pub(super) fn places(finding: &Finding, others: &str, most: usize, rule: bool) -> Vec<(Loc, String)> {
    // the sentence is not said again below the value
    let label = if finding.message.contains(&finding.label) { "" } else { &finding.label };
    let device = finding.device.as_deref().unwrap_or("the device");
    let mut places = vec![(finding.loc, label.to_owned())];
    places.extend(finding.trail.iter().enumerate().map(|(at, note)| {
        (note.loc, if at == 0 { format!("reaches {device} here{others}") } else { "by this line".to_owned() })
    }));
    places.extend(finding.related.iter().take(most).map(|note| (note.loc, note.text.clone())));
    places.extend(finding.rule_loc.filter(|_| rule).map(|loc| (loc, "asked here".to_owned())));
    places
}

impl fmt::Display for FindingDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for FindingDiagnostic {}

impl Diagnostic for FindingDiagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpts)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpts.labels()))
    }
}

/// Draws a diagnostic for people.
pub fn draw(diagnostic: &dyn Diagnostic, view: &View) -> String {
    let theme = GraphicalTheme {
        characters: if view.ascii { ThemeCharacters::ascii() } else { ThemeCharacters::unicode() },
        styles: if view.colour { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(view.width)
        .with_urls(false)
        .without_cause_chain()
        .with_break_words(false)
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_word_splitter(WordSplitter::NoHyphenation);
    let mut out = String::new();
    // writing into a text does not fail
    let _ = handler.render_report(&mut out, diagnostic);
    // a line that ends in spaces is a difference in every log
    out.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// Tells a diagnostic in plain lines, for logs and screen readers.
pub fn narrate(diagnostic: &dyn Diagnostic) -> String {
    let mut out = String::new();
    // writing into a text does not fail
    let _ = NarratableReportHandler::new().without_cause_chain().render_report(&mut out, diagnostic);
    out.lines().filter(|line| !line.is_empty()).flat_map(|line| [line.trim_end(), "\n"]).collect()
}
