//! What to mask in a text that isn't well-formed. No shape is known there, so names decide, and rather too much.

use super::lexis::{Form, Kind, Piece, is_newline};
use crate::source::{Span, names_secret};

/// Nodes whose lines hold secrets, or may, though no word in them says so.
const HOLDERS: [&str; 8] = ["account", "user", "radius", "tacacs", "trap", "username", "line", "exported-config"];

/// Spans to mask, in order: every quoted text on a line that names a secret, the bare value behind a secret's name,
/// all of a line that names one where quotes don't match, and every quoted text behind the first unclosed quote.
pub(super) fn masks(text: &str, pieces: &[Piece]) -> Vec<Span> {
    let mut masks: Vec<Span> = Vec::new();
    let mut line = Line::default();
    let (mut after_unclosed, mut covered) = (false, 0);
    for (index, piece) in pieces.iter().enumerate() {
        line.reach(text, piece.start);
        match piece.kind {
            Kind::Quoted { form, closed } => {
                let lines = matches!(form, Form::Lines | Form::RawLines);
                let secret = line.secret || (piece.end > line.end && names_secret(&text[piece.start..piece.end]));
                if secret || after_unclosed || (lines && !closed) {
                    // where a quote is missing, pairs may be off by one from the line's first quote on
                    let odd = secret && !closed;
                    let first = if odd { text[line.start..piece.start].find('"') } else { None };
                    masks.push(Span::new(first.map_or(piece.start, |at| line.start + at), piece.end));
                }
                after_unclosed |= !closed;
            }
            Kind::Word | Kind::Hash | Kind::Stray if line.secret && piece.start >= covered => {
                let next = pieces.get(index + 1).map(|p| p.kind);
                if next != Some(Kind::Equals) && behind_secret_name(text, &pieces[..index]) {
                    covered = pieces[index..].iter().find(|p| ends_value(p.kind)).map_or(text.len(), |p| p.start);
                    masks.push(Span::new(piece.start, covered));
                }
            }
            _ => {}
        }
    }
    masks.sort_unstable();
    masks.dedup();
    masks
}

/// Comments, and what is switched off by `/-` as far as its line goes: nobody's finding is about them, and people note
/// all kinds of things there.
pub(super) fn comments(text: &str) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    if !["//", "/*", "/-"].iter().any(|begin| text.contains(begin)) {
        return found;
    }
    let mut off = None;
    for piece in super::lexis::pieces(text, 0) {
        match piece.kind {
            Kind::LineComment | Kind::BlockComment { .. } => found.push(Span::new(piece.start + 2, piece.end)),
            Kind::Slashdash => off = Some(off.unwrap_or(piece.end)),
            Kind::Newline | Kind::Semicolon | Kind::Open | Kind::Close => {
                found.extend(off.take().map(|start| Span::new(start, piece.start)));
            }
            _ => {}
        }
    }
    found.extend(off.map(|start| Span::new(start, text.len())));
    found
}

/// The line that is being walked, and whether it names a secret.
#[derive(Default)]
struct Line {
    start: usize,
    end: usize,
    secret: bool,
}

impl Line {
    fn reach(&mut self, text: &str, at: usize) {
        while at >= self.end && self.end < text.len() {
            let end = text[self.end..].char_indices().find(|(_, c)| is_newline(*c));
            self.start = self.end;
            self.end = end.map_or(text.len(), |(i, c)| self.start + i + c.len_utf8());
            let line = &text[self.start..self.end];
            let holds = |word: &str| HOLDERS.iter().any(|holder| word.eq_ignore_ascii_case(holder));
            let word = |c: char| !(c.is_alphanumeric() || c == '-');
            self.secret = names_secret(line) || line.split(word).any(holds);
        }
    }
}

/// Whether what comes next is a value of a secret: the nearest name before it on its line says so.
fn behind_secret_name(text: &str, before: &[Piece]) -> bool {
    // bounded: a line may be as long as the file; so far from any name, mask rather than look
    let before = &before[before.len().saturating_sub(64)..];
    if before.len() == 64 && !before.iter().any(|p| ends_line(p.kind)) {
        return true;
    }
    let names = before.iter().rev().take_while(|p| !ends_line(p.kind)).filter(|p| p.kind == Kind::Word);
    names.take(4).any(|p| names_secret(&text[p.start..p.end]))
}

fn ends_line(kind: Kind) -> bool {
    matches!(kind, Kind::Newline | Kind::Semicolon | Kind::Open | Kind::Close | Kind::LineComment)
}

fn ends_value(kind: Kind) -> bool {
    ends_line(kind) || matches!(kind, Kind::Space | Kind::Continuation | Kind::Equals)
}
