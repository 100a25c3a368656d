//! The slips that people make, found by walking the pieces of a text that a reader refused.
//!
//! The walk follows KDL's grammar line by line and takes up again behind each slip, so one slip gives one finding
//! and the next line is looked at all the same. On a well-formed text it finds nothing (property test).

mod blocks;
mod cursor;
mod quotes;
mod recover;
mod words;

use super::lexis::{Form, Kind, Piece, is_forbidden};
use crate::finding::{Code, codes};
use crate::source::Span;
use blocks::Blocks;

pub(super) use quotes::{PATH_HELP, lines_problem, looks_like_path};

/// Where the walk gives up: nobody reads further, and a text that is no KDL at all is nothing but slips.
const MOST: usize = 200;

/// One slip.
#[derive(Debug, Clone)]
pub(super) struct Slip {
    pub(super) code: Code,
    /// What to underline.
    pub(super) span: Span,
    /// The bytes that it explains: an error of a reader in here is this slip again.
    pub(super) region: Span,
    pub(super) message: String,
    /// A more precise help than the code has.
    pub(super) help: Option<String>,
    /// A second place and what to say there.
    pub(super) related: Option<(Span, &'static str)>,
}

/// A slip that is not yet put into its region.
struct Found {
    code: Code,
    span: Span,
    message: String,
    help: Option<String>,
    /// How far the text behind it can't be trusted.
    spoils: Spoils,
}

/// What a slip does to the text behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spoils {
    /// Nothing: the statement ends where it would.
    Nothing,
    /// The rest of the line is a comment of another language.
    Comment,
    /// The rest of the line may be in quotes or not, a `{` at its end included.
    Quotes,
    /// All the rest of the file is in it.
    Everything,
}

fn found(code: Code, span: Span, message: impl Into<String>) -> Found {
    Found { code, span, message: message.into(), help: None, spoils: Spoils::Nothing }
}

impl Found {
    fn help(mut self, help: impl Into<String>) -> Found {
        self.help = Some(help.into());
        self
    }

    fn spoiling(mut self, spoils: Spoils) -> Found {
        self.spoils = spoils;
        self
    }
}

/// All slips in the order of the text, and how many more of a kind were left out.
pub(super) fn slips(text: &str, pieces: &[Piece], masks: &[Span]) -> (Vec<Slip>, usize) {
    let mut walk = Walk { text, pieces, masks, at: 0, blocks: Blocks::default(), slips: Vec::new() };
    walk.document();
    let whole = walk.at == pieces.len();
    let Walk { blocks, mut slips, .. } = walk;
    let folded = if whole { blocks.finish(text, &mut slips) } else { 0 };
    slips.sort_by(|a, b| (a.span, &a.code).cmp(&(b.span, &b.code)));
    recover::join_line_breaks(text, &mut slips);
    (slips, folded)
}

struct Walk<'a> {
    text: &'a str,
    pieces: &'a [Piece],
    masks: &'a [Span],
    at: usize,
    blocks: Blocks,
    slips: Vec<Slip>,
}

type Step = Result<(), Found>;

impl Walk<'_> {
    fn document(&mut self) {
        while let Some(piece) = self.peek().filter(|_| self.slips.len() < MOST) {
            let start = piece.start;
            let result = self.statement(piece);
            if let Err(found) = result {
                self.recover(start, found);
            }
        }
    }

    fn statement(&mut self, piece: Piece) -> Step {
        match piece.kind {
            Kind::Space | Kind::Newline | Kind::LineComment | Kind::Continuation => self.at += 1,
            Kind::BlockComment { closed: true, .. } => self.at += 1,
            Kind::BlockComment { closed: false, .. } => {
                self.at += 1;
                let span = Span::new(piece.start, piece.start + 2);
                let found = found(codes::syntax::UNCLOSED_COMMENT, span, "this comment is never closed");
                return Err(found.spoiling(Spoils::Everything));
            }
            Kind::Close => {
                self.at += 1;
                self.blocks.close(self.text, piece);
                return self.after_block();
            }
            Kind::Open => {
                self.at += 1;
                self.blocks.open(self.text, piece, false);
                let found = found(codes::syntax::BLOCK_WITHOUT_NAME, span(piece), "this block has no name");
                self.record(piece.start, piece.end, found);
            }
            Kind::Semicolon => {
                self.at += 1;
                let help = "remove it; a comment begins with `//`";
                return Err(
                    found(codes::syntax::UNEXPECTED, span(piece), "there is nothing before this `;`").help(help)
                );
            }
            Kind::Slashdash => {
                self.at += 1;
                self.skip_lines();
                if self.peek().is_none_or(|p| matches!(p.kind, Kind::Close | Kind::Semicolon)) {
                    return Err(nothing_to_drop(piece));
                }
                if self.peek().is_some_and(|p| p.kind != Kind::Open) {
                    return self.node();
                }
            }
            _ => return self.node(),
        }
        Ok(())
    }

    fn node(&mut self) -> Step {
        let start = self.peek();
        self.annotation()?;
        self.skip_gap();
        let name = self.peek().filter(|p| !ends_statement(p.kind));
        let (Some(start), Some(name)) = (start, name) else {
            let span = start.map_or(Span::default(), |p| Span::new(p.start, p.start + 1));
            let help = "a type annotation stands before a name or a value: `(drop)host`";
            return Err(found(codes::syntax::MISSING_VALUE, span, "there is no name behind this annotation").help(help));
        };
        self.string(name, true)?;
        let before = self.at;
        self.skip_spaces();
        if let Some(equals) = self.peek().filter(|p| p.kind == Kind::Equals) {
            let whole = Span::new(start.start, equals.end);
            let name = self.quote(span(name));
            let message = format!("{name} begins a line and is followed by `=`");
            return Err(found(codes::syntax::NAME_EQUALS, whole, message));
        }
        self.at = before;
        self.entries(name)
    }

    fn entries(&mut self, mut last: Piece) -> Step {
        loop {
            let spaced = self.skip_gap();
            let Some(piece) = self.peek() else { return Ok(()) };
            match piece.kind {
                Kind::Newline | Kind::LineComment | Kind::Semicolon => {
                    self.at += 1;
                    return Ok(());
                }
                Kind::Close => return Ok(()),
                Kind::BlockComment { .. } => return Ok(()),
                Kind::Open => {
                    self.at += 1;
                    self.blocks.open(self.text, piece, false);
                    return Ok(());
                }
                Kind::Slashdash => {
                    self.at += 1;
                    self.skip_lines();
                    match self.peek() {
                        None => return Err(nothing_to_drop(piece)),
                        Some(p) if matches!(p.kind, Kind::Close | Kind::Semicolon) => {
                            return Err(nothing_to_drop(piece));
                        }
                        Some(p) if p.kind == Kind::Open => {
                            self.at += 1;
                            self.blocks.open(self.text, p, true);
                            return Ok(());
                        }
                        Some(_) => self.entry()?,
                    }
                }
                _ if !spaced && starts_value(piece.kind) => return Err(self.missing_space(last, piece)),
                _ => self.entry()?,
            }
            last = self.pieces[self.at.saturating_sub(1)];
        }
    }

    fn entry(&mut self) -> Step {
        let Some(start) = self.peek() else { return Ok(()) };
        self.annotation()?;
        self.skip_gap();
        let Some(value) = self.peek().filter(|p| !ends_statement(p.kind)) else {
            let help = "a type annotation stands before its value: `(stored)\"x\"`";
            return Err(
                found(codes::syntax::MISSING_VALUE, span(start), "there is no value behind this annotation").help(help)
            );
        };
        let is_string = self.value(value)?;
        let before = self.at;
        self.skip_spaces();
        let Some(equals) = self.peek().filter(|p| p.kind == Kind::Equals) else {
            self.at = before;
            return Ok(());
        };
        let name = Span::new(start.start, equals.end);
        if !is_string {
            let help = "a property's name is a word";
            return Err(found(codes::syntax::UNEXPECTED, name, "a number can't be the name of a property").help(help));
        }
        if start.kind == Kind::ParenOpen {
            let help = "an annotation belongs to the value: `name=(stored)\"x\"`";
            return Err(
                found(codes::syntax::UNEXPECTED, name, "an annotation can't stand before a property's name").help(help)
            );
        }
        self.at += 1;
        self.skip_spaces();
        let missing = |walk: &Self| {
            let message = format!("{} has no value", walk.quote(name));
            found(codes::syntax::MISSING_VALUE, name, message)
        };
        if self.peek().is_none_or(|p| ends_statement(p.kind) || p.kind == Kind::Continuation) {
            return Err(missing(self));
        }
        self.annotation()?;
        self.skip_gap();
        match self.peek() {
            Some(value) if !ends_statement(value.kind) => self.value(value).map(drop),
            _ => Err(missing(self)),
        }
    }

    /// A value; whether it could be a property's name.
    fn value(&mut self, piece: Piece) -> Result<bool, Found> {
        if piece.kind == Kind::Word && words::is_number(&self.text[piece.start..piece.end]) && !self.is_glued(1) {
            self.at += 1;
            return Ok(false);
        }
        if piece.kind == Kind::Hash && words::is_hash_word(&self.text[piece.start..piece.end]) {
            self.at += 1;
            return Ok(false);
        }
        self.string(piece, false).map(|()| true)
    }

    fn string(&mut self, piece: Piece, first: bool) -> Step {
        let text = &self.text[piece.start..piece.end];
        match piece.kind {
            Kind::Word if self.is_glued(1) || !words::is_bare(text) => Err(self.bad_word(piece)),
            Kind::Word => {
                self.at += 1;
                Ok(())
            }
            Kind::Quoted { form, closed } => {
                self.at += 1;
                match quotes::problem(self.text, piece, form, closed) {
                    Some(found) => Err(found),
                    None => Ok(()),
                }
            }
            Kind::Hash => Err(words::hash(piece, text, first, &self.quote(span(piece)))),
            Kind::Stray if text.starts_with(is_forbidden) => Err(quotes::forbidden(span(piece), text)),
            Kind::Stray if !text.starts_with(['[', ']']) => Err(self.bad_word(piece)),
            _ => Err(words::stray(span(piece), text, first)),
        }
    }

    fn annotation(&mut self) -> Step {
        let Some(open) = self.peek().filter(|p| p.kind == Kind::ParenOpen) else { return Ok(()) };
        self.at += 1;
        self.skip_gap();
        if let Some(piece) = self.peek().filter(|p| starts_value(p.kind) && p.kind != Kind::ParenOpen) {
            if !matches!(self.pieces.get(self.at + 1).map(|p| p.kind), Some(Kind::Quoted { .. })) {
                self.string(piece, false)?;
            }
            self.skip_gap();
        } else {
            let help = "an annotation holds one word: `(stored)`";
            return Err(found(codes::syntax::ANNOTATION, span(open), "there is no word behind this `(`").help(help));
        }
        if self.peek().is_some_and(|p| p.kind == Kind::ParenClose) {
            self.at += 1;
            return Ok(());
        }
        let help = "close it with `)` behind its one word; a text with `(` in it stands in quotes";
        Err(found(codes::syntax::ANNOTATION, span(open), "this `(` is not closed").help(help))
    }

    fn after_block(&mut self) -> Step {
        self.skip_gap();
        let Some(piece) = self.peek() else { return Ok(()) };
        match piece.kind {
            Kind::Newline | Kind::LineComment | Kind::Semicolon => {
                self.at += 1;
                Ok(())
            }
            Kind::Close | Kind::BlockComment { .. } => Ok(()),
            Kind::Open if self.blocks.last_was_dropped => {
                self.at += 1;
                self.blocks.open(self.text, piece, false);
                Ok(())
            }
            Kind::Slashdash => {
                let before = self.at;
                self.at += 1;
                self.skip_lines();
                match self.peek().filter(|p| p.kind == Kind::Open) {
                    Some(open) => {
                        self.at += 1;
                        self.blocks.open(self.text, open, true);
                    }
                    None => self.at = before,
                }
                Ok(())
            }
            _ => Err(found(codes::syntax::AFTER_BLOCK, self.blob(), "this stands behind the end of a block")),
        }
    }

    fn missing_space(&self, last: Piece, piece: Piece) -> Found {
        let this = self.text[piece.start..piece.end].trim();
        let quoted = matches!(last.kind, Kind::Quoted { form: Form::Plain, closed: true });
        if quoted && self.rest_of_line().any(|p| matches!(p.kind, Kind::Quoted { closed: false, .. })) {
            let message = "a quote is missing on this line, most likely where this text should end";
            return found(codes::syntax::UNCLOSED_QUOTE, span(last), message)
                .help(quotes::CLOSE)
                .spoiling(Spoils::Quotes);
        }
        let (message, help) = if this.starts_with(',') {
            ("values are not separated by commas", "write them side by side with spaces between")
        } else if piece.kind == Kind::ParenOpen {
            ("a space is missing before this `(`", "a text with `(` in it stands in quotes")
        } else {
            (
                "a space is missing before this",
                "put a space between two values; a quote inside a text is written `\\\"`",
            )
        };
        let code = if this.starts_with(',') { codes::syntax::COMMA } else { codes::syntax::MISSING_SPACE };
        found(code, span(piece), message).help(help)
    }

    fn bad_word(&self, piece: Piece) -> Found {
        let blob = self.blob();
        let word = &self.text[piece.start..piece.end];
        if let Some((at, c)) = self.text[blob.range()].char_indices().find(|(_, c)| is_forbidden(*c)) {
            let start = blob.start as usize + at;
            return quotes::forbidden(Span::new(start, start + c.len_utf8()), &self.text[start..]);
        }
        let next = self.pieces.get(self.at + 1);
        let shown = self.quote(blob);
        match next.map(|p| p.kind) {
            Some(Kind::Quoted { closed: true, .. }) if word == "r" => {
                found(codes::syntax::KDL_1, blob, "this is the raw text of KDL 1")
            }
            Some(Kind::Quoted { closed: false, .. }) if piece.kind == Kind::Word => {
                let message = format!("a quote is missing before {}", self.quote(span(piece)));
                found(
                    codes::syntax::UNCLOSED_QUOTE,
                    Span::new(piece.start, blob.start as usize + word.len() + 1),
                    message,
                )
                .help(quotes::OPEN)
                .spoiling(Spoils::Quotes)
            }
            _ => words::bare(blob, &self.text[blob.range()], &shown, self.is_masked(blob)),
        }
    }
}

fn span(piece: Piece) -> Span {
    Span::new(piece.start, piece.end)
}

fn nothing_to_drop(piece: Piece) -> Found {
    found(codes::syntax::SLASHDASH, span(piece), "there is nothing behind this `/-`")
}

fn starts_value(kind: Kind) -> bool {
    matches!(kind, Kind::Word | Kind::Quoted { .. } | Kind::Hash | Kind::ParenOpen)
}

fn ends_statement(kind: Kind) -> bool {
    matches!(kind, Kind::Newline | Kind::LineComment | Kind::Semicolon | Kind::Open | Kind::Close)
}

fn ends_blob(kind: Kind) -> bool {
    ends_statement(kind) || matches!(kind, Kind::Space | Kind::Equals | Kind::Continuation | Kind::BlockComment { .. })
}
