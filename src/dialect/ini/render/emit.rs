//! The lines of the base with what was written over them, as pieces.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::super::layout::LineKind;
use super::super::read::shown;
use super::{Out, Writer};
use crate::dialect::Newline;
use crate::dialect::exposure::{Exposure, is_token};
use crate::native::{Alphabet, Form, KeptLine, NativeText, Piece};

/// A line that the base does not have: section, key, value.
type Inserted = (Box<str>, Box<str>, Out);

struct Pieces(Vec<Piece>, String);

impl Pieces {
    fn show(&mut self, text: &str) {
        self.1.push_str(text);
    }

    fn piece(&mut self, piece: Piece) {
        if !self.1.is_empty() {
            self.0.push(Piece::Shown(std::mem::take(&mut self.1)));
        }
        self.0.push(piece);
    }

    fn out(&mut self, out: &Out) {
        match out {
            Out::Text(text) => self.show(text),
            Out::Secret(name, path) => {
                let (name, path) = (name.clone(), path.clone());
                self.piece(Piece::Secret { name, path, alphabet: Alphabet::Value });
            }
        }
    }
}

impl Writer<'_, '_> {
    /// The text, and the redacted lines that were left out of it.
    pub(super) fn emit(&mut self, newline: Newline) -> (NativeText, Vec<KeptLine>) {
        let cut = self.cut;
        let newline = match cut.count() {
            0 => match newline {
                Newline::Lf => "\n",
                Newline::Crlf => "\r\n",
            },
            _ => cut.ending(0),
        };
        let newline = if newline.is_empty() { "\n" } else { newline };
        let inserted = std::mem::take(&mut self.inserted);
        let mut homeless: Vec<&Inserted> = Vec::new();
        let mut behind: BTreeMap<u32, Vec<&Inserted>> = BTreeMap::new();
        for line in &inserted {
            match cut.layout.ends.get(&line.0) {
                Some(at) => behind.entry(*at).or_default().push(line),
                None => homeless.push(line),
            }
        }
        let mut pieces = Pieces(Vec::new(), String::with_capacity(cut.text.len()));
        let mut omitted = Vec::new();
        for (at, line) in cut.layout.lines.iter().enumerate() {
            let at = at as u32;
            let mut ending = cut.ending(at);
            // beneath a header whose name was redacted no line can stay: it would stand in the section before
            let nameless = is_token(cut.section_of(at)) && line.kind != LineKind::Blank;
            match (self.out.get(&at), &line.kind) {
                (_, kind) if nameless => {
                    let (shown, listed) = match kind {
                        LineKind::Key { exposure, listed, .. } => (shown(cut, at, *exposure), *listed),
                        _ => (cut.line(at).to_owned(), false),
                    };
                    omitted.push(KeptLine { line: at as usize + 1, shown, listed });
                    ending = "";
                }
                (Some(out), _) => {
                    pieces.show(cut.key(at));
                    pieces.out(out);
                }
                (None, LineKind::Blank) => {}
                (None, LineKind::Header { known: true }) => pieces.show(cut.line(at)),
                (None, LineKind::Header { known: false }) => {
                    let (start, end) = cut.name_span(at);
                    pieces.show("[");
                    pieces.piece(Piece::Hidden(Zeroizing::new(cut.text[start..end].to_owned())));
                    pieces.show("]");
                }
                (None, LineKind::Key { exposure, listed, .. }) => {
                    let value = cut.value(at);
                    if is_token(value) {
                        let shown = shown(cut, at, *exposure);
                        omitted.push(KeptLine { line: at as usize + 1, shown, listed: *listed });
                        ending = "";
                    } else if *exposure == Exposure::Shown || value.is_empty() {
                        pieces.show(cut.line(at));
                    } else {
                        pieces.show(cut.key(at));
                        pieces.piece(Piece::Hidden(Zeroizing::new(value.to_owned())));
                    }
                }
                (None, LineKind::Other) if is_token(cut.line(at)) => {
                    omitted.push(KeptLine { line: at as usize + 1, shown: cut.line(at).to_owned(), listed: false });
                    ending = "";
                }
                (None, LineKind::Other) => pieces.piece(Piece::Hidden(Zeroizing::new(cut.line(at).to_owned()))),
            }
            pieces.show(ending);
            for (_, key, out) in behind.get(&at).into_iter().flatten() {
                if cut.ending(at).is_empty() {
                    pieces.show(newline);
                }
                pieces.show(key);
                pieces.show("=");
                pieces.out(out);
                pieces.show(newline);
            }
        }
        let mut last = "";
        for (section, key, out) in homeless {
            if **section != *last {
                let broken = cut.count() == 0 || !cut.ending(cut.count() as u32 - 1).is_empty();
                pieces.show(if broken { "" } else { newline });
                pieces.show(&format!("{newline}[{section}]{newline}"));
                last = section;
            }
            pieces.show(key);
            pieces.show("=");
            pieces.out(out);
            pieces.show(newline);
        }
        let Pieces(mut pieces, rest) = pieces;
        if !rest.is_empty() {
            pieces.push(Piece::Shown(rest));
        }
        (NativeText { form: Form::Ini, pieces }, omitted)
    }
}
