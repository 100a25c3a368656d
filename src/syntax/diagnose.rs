//! A text that the reader refused: everything wrong with it, one finding per slip.

use neco_kdl::KdlErrorKind;

use super::lexis::{Piece, is_newline, pieces};
use super::masks::masks;
use super::read::Stop;
use super::second::diagnostics;
use super::slips::{Slip, slips};
use crate::finding::{Code, Finding, codes};
use crate::source::{FileId, Loc, Span};

/// As many findings as a person will read about one file.
const MOST: usize = 20;

/// Codes of slips that leave the walk unsure of what follows: what a reader says behind them is most likely the same.
const UPSETTING: [Code; 6] = [
    codes::syntax::UNCLOSED_QUOTE,
    codes::syntax::UNCLOSED_COMMENT,
    codes::syntax::UNCLOSED_BLOCK,
    codes::syntax::STRAY_BRACE,
    codes::syntax::BLOCK_WITHOUT_NAME,
    codes::syntax::LINES,
];

/// Findings in the order of the text (at least one), and what to mask.
pub(super) fn diagnose(file: FileId, text: &str, stop: &Stop) -> (Vec<Finding>, Vec<Span>) {
    let pieces: Vec<Piece> = pieces(text, 0).collect();
    let masks = masks(text, &pieces);
    let (mut slips, mut folded) = slips(text, &pieces, &masks);
    // the reader judged everything before its stop and took it
    slips.retain(|s| s.region.end as usize >= stop.at);
    let explained = |at: u32| slips.iter().any(|s| s.region.start <= at && at <= s.region.end);
    let upset = slips.iter().filter(|s| UPSETTING.contains(&s.code)).map(|s| s.span.start).min();

    // a slip inside of a text in quotes throws `kdl` off its track
    let in_text = matches!(stop.kind, KdlErrorKind::UnclosedString | KdlErrorKind::InconsistentIndentation);

    let mut findings: Vec<Finding> = Vec::new();
    let mut lines_told: Vec<usize> = Vec::new();
    // fuzzed, all that calls this would spend its time in a parser that is not ours: it has a target of its own
    let seconds = if cfg!(fuzzing) { Vec::new() } else { diagnostics(text) };
    for second in seconds {
        let start = second.span.start;
        if explained(start) || (start as usize) < line_start(text, stop.at) {
            continue;
        }
        let line = line_start(text, start as usize);
        if upset.is_some_and(|u| u < start)
            || (in_text && !lines_told.is_empty())
            || second.at_end
            || text[second.span.range()].contains(is_newline)
            || lines_told.contains(&line)
        {
            continue;
        }
        lines_told.push(line);
        let loc = Loc::new(file, widened(text, second.span));
        findings.push(Finding::new(codes::syntax::UNEXPECTED, loc, second.message).help(second.help));
    }
    if !explained(Span::new(stop.at, stop.at).start) && !lines_told.contains(&line_start(text, stop.at)) {
        let (message, help) = wording(&stop.kind);
        let loc = Loc::new(file, widened(text, Span::new(stop.at, stop.at)));
        findings.push(Finding::new(codes::syntax::UNEXPECTED, loc, message).help(help));
    }
    findings.extend(slips.into_iter().map(|s| told(file, s)));
    findings.sort_by_key(|f| f.loc.span);
    folded += findings.len().saturating_sub(MOST);
    findings.truncate(MOST);
    if let Some(last) = findings.last_mut().filter(|_| folded > 0) {
        let others = if folded == 1 { "1 further error".to_owned() } else { format!("{folded} further errors") };
        let help = last.help.take().unwrap_or_default();
        last.help = Some(format!("{help}; {others} of this file not shown"));
    }
    (findings, masks)
}

fn told(file: FileId, slip: Slip) -> Finding {
    let mut finding = Finding::new(slip.code, Loc::new(file, slip.span), slip.message);
    finding.help = slip.help.or(finding.help);
    match slip.related {
        Some((span, text)) => finding.related(Loc::new(file, span), text),
        None => finding,
    }
}

/// The reader's own error in our words, for what neither the walk nor `kdl` sees.
fn wording(kind: &KdlErrorKind) -> (&'static str, &'static str) {
    match kind {
        KdlErrorKind::UnexpectedEof => ("the file ends too early", "look for a `}` or a value that is missing"),
        KdlErrorKind::InvalidEscape => {
            ("a backslash can't stand before this character", "write `\\\\` for a backslash itself")
        }
        KdlErrorKind::InvalidUnicodeEscape => {
            ("this `\\u` names no character", "write 1 to 6 hexadecimal digits in braces: `\\u{e9}`")
        }
        KdlErrorKind::InvalidNumber => ("this is not a number", "a text that begins with a digit stands in quotes"),
        KdlErrorKind::DisallowedCodePoint(_) => ("this invisible character can't stand in a text", "retype the line"),
        KdlErrorKind::BareKeyword => ("this word can't stand here", "put a text in quotes"),
        KdlErrorKind::UnmatchedBlockCommentEnd => ("this `*/` closes nothing", "remove it"),
        KdlErrorKind::UnclosedBlockComment => ("a comment is never closed", "close it with `*/`"),
        KdlErrorKind::UnclosedString => ("a text in quotes is not closed", "end it with the quotes it begins with"),
        KdlErrorKind::InconsistentIndentation => {
            ("this line begins further left than the closing quotes of its text", "indent it as the closing `\"\"\"`")
        }
        KdlErrorKind::InvalidSlashdash => {
            ("a `/-` can't stand here", "`/-` leaves out the node, value or block behind it")
        }
        _ => (
            "this can't stand here",
            "a line is a name, then values and `name=value`, then maybe `{`; texts stand in quotes",
        ),
    }
}

/// At least one character, and never a line break: something to underline.
fn widened(text: &str, span: Span) -> Span {
    let start = span.start as usize;
    if !span.is_empty() {
        return span;
    }
    match text[start..].chars().next() {
        Some(c) if !is_newline(c) => Span::new(start, start + c.len_utf8()),
        _ => match text[..start].chars().next_back() {
            Some(c) if !is_newline(c) => Span::new(start - c.len_utf8(), start),
            _ => span,
        },
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(is_newline).map_or(0, |i| i + 1)
}
