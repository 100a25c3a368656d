//! Looking ahead, moving on, and showing a piece of the user's text.

use super::{Walk, ends_blob};
use crate::source::Span;
use crate::syntax::lexis::{Kind, Piece};

impl Walk<'_> {
    /// The user's text for a message; nothing of it where it may hold a secret.
    pub(super) fn quote(&self, span: Span) -> String {
        if self.is_masked(span) {
            return "this".to_owned();
        }
        let text = &self.text[span.range()];
        match text.char_indices().nth(40) {
            Some((cut, _)) => format!("`{}...`", &text[..cut]),
            None => format!("`{text}`"),
        }
    }

    pub(super) fn is_masked(&self, span: Span) -> bool {
        self.masks.iter().any(|m| m.start < span.end && span.start < m.end)
    }

    /// From here to the next space or sign that ends a value.
    pub(super) fn blob(&self) -> Span {
        let start = self.pieces.get(self.at).map_or(self.text.len(), |p| p.start);
        let end = self.pieces[self.at..].iter().skip(1).find(|p| ends_blob(p.kind));
        Span::new(start, end.map_or(self.text.len(), |p| p.start))
    }

    /// Whether the piece at an offset from here hangs on a word although it can't stand behind one.
    pub(super) fn is_glued(&self, ahead: usize) -> bool {
        let next = self.pieces.get(self.at + ahead).map(|p| p.kind);
        matches!(next, Some(Kind::Stray | Kind::Hash | Kind::Quoted { .. }))
    }

    pub(super) fn rest_of_line(&self) -> impl Iterator<Item = &Piece> {
        self.pieces[self.at..].iter().take_while(|p| p.kind != Kind::Newline)
    }

    pub(super) fn peek(&self) -> Option<Piece> {
        self.pieces.get(self.at).copied()
    }

    pub(super) fn skip(&mut self, what: impl Fn(Kind) -> bool) -> bool {
        let before = self.at;
        while self.peek().is_some_and(|p| what(p.kind)) {
            self.at += 1;
        }
        self.at > before
    }

    pub(super) fn skip_spaces(&mut self) -> bool {
        self.skip(|k| matches!(k, Kind::Space | Kind::BlockComment { closed: true, .. }))
    }

    pub(super) fn skip_gap(&mut self) -> bool {
        self.skip(|k| matches!(k, Kind::Space | Kind::Continuation | Kind::BlockComment { closed: true, .. }))
    }

    pub(super) fn skip_lines(&mut self) -> bool {
        self.skip(|k| {
            matches!(k, Kind::Space | Kind::Newline | Kind::Continuation | Kind::LineComment)
                || matches!(k, Kind::BlockComment { closed: true, .. })
        })
    }
}
