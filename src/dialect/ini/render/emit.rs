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

    fn hide(&mut self, text: &str) {
        self.piece(Piece::Hidden(Zeroizing::new(text.to_owned())));
    }

    fn entry(&mut self, key: &str, out: &Out, newline: &str) {
        self.show(key);
        self.show("=");
        self.out(out);
        self.show(newline);
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
        let newline = match newline {
            Newline::Lf => "\n",
            Newline::Crlf => "\r\n",
        };
        // a base that was read from a site ends its lines with LF, as all texts do; the device's own are the table's
        let as_read = !cut.text.contains('\r');
        let ending = |at: u32| match cut.ending(at) {
            "" => "",
            _ if as_read => newline,
            own => own,
        };
        let newline = if as_read || ending(0).is_empty() { newline } else { ending(0) };
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
            let left_out = self.line(at, &line.kind, &mut pieces);
            pieces.show(if left_out.is_some() { "" } else { ending(at) });
            omitted.extend(left_out);
            for (_, key, out) in behind.get(&at).into_iter().flatten() {
                if cut.ending(at).is_empty() {
                    pieces.show(newline);
                }
                pieces.entry(key, out, newline);
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
            pieces.entry(key, out, newline);
        }
        let Pieces(mut pieces, rest) = pieces;
        if !rest.is_empty() {
            pieces.push(Piece::Shown(rest));
        }
        (NativeText { form: Form::Ini, pieces }, omitted)
    }

    /// A line of the base with what is said of it now; given back where it can't stand in the file.
    fn line(&self, at: u32, kind: &LineKind, pieces: &mut Pieces) -> Option<KeptLine> {
        let cut = self.cut;
        let left_out = |shown: String, listed: bool| Some(KeptLine { line: at as usize + 1, shown, listed });
        // beneath a header whose name was redacted no line can stay: it would stand in the section before
        let nameless = is_token(cut.section_of(at)) && *kind != LineKind::Blank;
        match (self.out.get(&at), kind) {
            (_, LineKind::Key { exposure, listed, .. }) if nameless => {
                return left_out(shown(cut, at, *exposure), *listed);
            }
            (_, _) if nameless => return left_out(cut.line(at).to_owned(), false),
            (Some(out), _) => {
                pieces.show(cut.key(at));
                pieces.out(out);
            }
            (None, LineKind::Blank) => {}
            (None, LineKind::Header { known: true }) => pieces.show(cut.line(at)),
            (None, LineKind::Header { known: false }) => {
                let (start, end) = cut.name_span(at);
                pieces.show("[");
                pieces.hide(&cut.text[start..end]);
                pieces.show("]");
            }
            (None, LineKind::Key { exposure, listed, .. }) if is_token(cut.value(at)) => {
                return left_out(shown(cut, at, *exposure), *listed);
            }
            (None, LineKind::Key { exposure, .. }) if *exposure == Exposure::Shown || cut.value(at).is_empty() => {
                pieces.show(cut.line(at));
            }
            (None, LineKind::Key { .. }) => {
                pieces.show(cut.key(at));
                pieces.hide(cut.value(at));
            }
            (None, LineKind::Other) if is_token(cut.line(at)) => return left_out(cut.line(at).to_owned(), false),
            (None, LineKind::Other) => pieces.hide(cut.line(at)),
        }
        None
    }
}
