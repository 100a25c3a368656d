//! Braces that don't match: which one is most likely the culprit.

use super::Slip;
use crate::finding::codes;
use crate::source::Span;
use crate::syntax::lexis::{Piece, is_newline, is_space};

/// The blocks open at a point of the walk.
#[derive(Default)]
pub(super) struct Blocks {
    open: Vec<Block>,
    line: Line,
    /// The first block whose `}` stands further left than its own line: its own is probably missing.
    suspect: Option<Block>,
    stray: Option<Span>,
    more_strays: usize,
    /// Whether the block closed last was one that `/-` leaves out.
    pub(super) last_was_dropped: bool,
}

#[derive(Clone, Copy)]
struct Block {
    brace: Span,
    indent: usize,
    dropped: bool,
}

impl Blocks {
    pub(super) fn open(&mut self, text: &str, brace: Piece, dropped: bool) {
        let (indent, _) = self.line.of_brace(text, brace.start);
        self.open.push(Block { brace: Span::new(brace.start, brace.end), indent, dropped });
    }

    pub(super) fn close(&mut self, text: &str, brace: Piece) {
        let (indent, stands_first) = self.line.of_brace(text, brace.start);
        let Some(block) = self.open.pop() else {
            match self.stray {
                None => self.stray = Some(Span::new(brace.start, brace.end)),
                Some(_) => self.more_strays += 1,
            }
            self.last_was_dropped = false;
            return;
        };
        self.last_was_dropped = block.dropped;
        if stands_first && indent < block.indent && self.suspect.is_none() {
            self.suspect = Some(block);
        }
    }

    /// Where the `{` of the block that is open here stands.
    pub(super) fn innermost(&self) -> Option<usize> {
        self.open.last().map(|b| b.brace.start as usize)
    }

    /// Leaves the braces alone: the text ends within something that swallowed them.
    pub(super) fn forget(&mut self) {
        self.open.clear();
    }

    /// The finding on the braces, if any; gives how many further ones it stands for.
    pub(super) fn finish(self, text: &str, slips: &mut Vec<Slip>) -> usize {
        if let Some(span) = self.stray {
            slips.push(Slip {
                code: codes::syntax::STRAY_BRACE,
                span,
                region: Span::new(span.start as usize, text.len()),
                message: "this `}` closes nothing".to_owned(),
                help: None,
                related: None,
            });
            return self.more_strays;
        }
        let Some(last) = self.open.last() else { return 0 };
        let block = self.suspect.unwrap_or(*last);
        let end = text.trim_end().len();
        let related = self.suspect.map(|_| (last.brace, "so this one is still open at the end of the file"));
        slips.push(Slip {
            code: codes::syntax::UNCLOSED_BLOCK,
            span: block.brace,
            region: Span::new(block.brace.start as usize, text.len().max(end)),
            message: "this `{` is never closed".to_owned(),
            help: None,
            related,
        });
        self.open.len() - 1
    }
}

/// The line of the brace looked at last. Braces come in the order of the text, so each byte is looked at once, however
/// long a line is.
#[derive(Default)]
struct Line {
    looked_at: usize,
    first_sign: usize,
    indent: usize,
}

impl Line {
    /// Width of the white space that a brace's line begins with, and whether the brace is the first sign behind it.
    fn of_brace(&mut self, text: &str, at: usize) -> (usize, bool) {
        let new = text.get(self.looked_at..at).unwrap_or("");
        let begins =
            new.char_indices().rev().find(|(_, c)| is_newline(*c)).map(|(i, c)| self.looked_at + i + c.len_utf8());
        if let Some(start) = begins.or((self.looked_at == 0).then_some(0)) {
            let white = text[start..].find(|c| !is_space(c)).unwrap_or(0);
            (self.first_sign, self.indent) = (start + white, text[start..start + white].chars().count());
        }
        self.looked_at = at.max(1);
        (self.indent, self.first_sign == at)
    }
}
