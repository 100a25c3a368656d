//! Behind a slip: where it is safe to go on, and which slips are one.

use super::{Found, Slip, Spoils, Walk};
use crate::finding::codes;
use crate::source::Span;
use crate::syntax::lexis::{Kind, Piece, is_newline, is_space};

impl Walk<'_> {
    /// Puts a slip into its region and goes on behind it: at the end of the statement, or of the line where that is
    /// all that can be trusted.
    pub(super) fn recover(&mut self, start: usize, found: Found) {
        let spoils = found.spoils;
        if spoils == Spoils::Everything {
            self.at = self.pieces.len();
            self.blocks.forget();
            return self.record(start, self.text.len(), found);
        }
        while let Some(piece) = self.peek() {
            let stops = match piece.kind {
                Kind::Newline => true,
                Kind::Semicolon | Kind::Open | Kind::Close => spoils == Spoils::Nothing,
                _ => false,
            };
            if stops {
                break;
            }
            self.at += 1;
        }
        let end = self.peek().map_or(self.text.len(), |p| p.end);
        match self.peek().map(|p| (p, p.kind)) {
            Some((open, Kind::Open)) => {
                self.at += 1;
                self.blocks.open(self.text, open, false);
            }
            Some((_, Kind::Semicolon | Kind::Newline)) => self.at += 1,
            _ => {}
        }
        if spoils == Spoils::Quotes {
            self.braces_in_spoiled(found.span.start as usize, end);
        }
        self.record(start, end, found);
    }

    /// Braces on a line whose quotes don't match, in quotes or not: those that pair up on the line, and a `{` that
    /// ends it.
    pub(super) fn braces_in_spoiled(&mut self, start: usize, end: usize) {
        let line = self.text[..start].rfind(is_newline).unwrap_or(0);
        let spoiled = self.text[start..end].trim_end();
        let mut open_here = 0usize;
        for (at, c) in spoiled.char_indices() {
            let brace = |kind| Piece { kind, start: start + at, end: start + at + 1 };
            match c {
                '{' if at + 1 == spoiled.len() => self.blocks.open(self.text, brace(Kind::Open), false),
                '{' => open_here += 1,
                '}' if open_here > 0 => open_here -= 1,
                '}' if self.blocks.innermost().is_some_and(|b| b >= line) => {
                    self.blocks.close(self.text, brace(Kind::Close))
                }
                _ => {}
            }
        }
    }

    pub(super) fn record(&mut self, start: usize, end: usize, found: Found) {
        let region = Span::new(start, end).join(found.span);
        let Found { code, span, message, help, .. } = found;
        self.slips.push(Slip { code, span, region, message, help, related: None });
    }
}

/// A text in `"` over several lines looks like two quotes that aren't closed, with slips between: it is one slip.
pub(super) fn join_line_breaks(text: &str, slips: &mut Vec<Slip>) {
    let mut first = 0;
    while first < slips.len() {
        let begins = slips[first].code == codes::syntax::UNCLOSED_QUOTE
            && text[slips[first].span.range()].starts_with(['"', '#']);
        let next = (first + 1..slips.len()).find(|i| slips[*i].code == codes::syntax::UNCLOSED_QUOTE);
        if let Some(next) = next.filter(|_| begins) {
            let (from, to) = (slips[first].span, slips[next].span);
            let between = text.get(from.end as usize..to.start as usize).unwrap_or("\"");
            let behind = text[to.end as usize..].split(is_newline).next().unwrap_or("");
            let closing = text[to.range()].trim_end_matches([';', '}', ' ', '#']);
            let ends = closing.find('"') == closing.len().checked_sub(1);
            let last = behind.chars().all(|c| is_space(c) || matches!(c, ';' | '}' | '#'));
            if ends && last && !between.contains('"') && between.matches('\n').count() < 20 {
                slips[first].message = "a text in `\"` can't go over several lines".to_owned();
                let help = "write `\"\"\"` and a line break before it, and `\"\"\"` on a line of its own behind it";
                slips[first].help = Some(help.to_owned());
                slips[first].region = from.join(slips[next].region);
                slips.drain(first + 1..=next);
            }
        }
        first += 1;
    }
}
