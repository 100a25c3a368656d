//! Who may see a piece of native text. One list per table answers it for everybody: for public text, for kept lines,
//! for what is masked before a line is quoted, for captures in git, for lines that people pass through.
//!
//! Where a table does not know a key or line, nobody sees it; a word in it that names a secret makes it the place of
//! one.

use super::{Dialect, Table, cli, ini, sheet};
use crate::native::{Reading, Token, Touches};
use crate::source::Span;

/// Who may see a piece of native text. The order is that of caution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exposure {
    /// Everybody: the table knows that no secret stands there.
    Shown,
    /// Nobody: a person's text, or something that the table does not know.
    Hidden,
    /// Nobody: the place of a secret.
    Secret,
}

/// Bytes of a native text that not everybody may see. Redaction's own tokens and empty places are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Veil {
    /// The bytes.
    pub span: Span,
    /// Why: never [`Exposure::Shown`].
    pub exposure: Exposure,
}

pub use crate::native::HIDDEN;
/// Whether a native value is one of the tokens that redaction leaves.
pub fn is_token(value: &str) -> bool {
    Token::read(value).is_some()
}

/// A text as it was read from a device, and who may see what of it.
pub struct Survey {
    /// What it says.
    pub reading: Reading,
    /// Everything in it that not everybody may see, in order.
    pub veils: Vec<Veil>,
    /// Lines that its table does not map and of which it says that they may change settings. What it does not list at
    /// all is told as unknown; of what it lists without settings nobody says that it changes one. A file of keys has
    /// each of its keys always, so that one is there says nothing.
    pub touching: Vec<Touching>,
}

/// Everything in a text that not everybody may see, in order.
pub fn veils(dialect: &'static Dialect, text: &str) -> Vec<Veil> {
    match &dialect.table {
        Table::Cli(table) => cli::veils(table, text),
        Table::Ini(_) => ini::veils(dialect, text),
        Table::Sheet(table) => sheet::veils(table, text),
    }
}

/// A line that was read from a device, that no entry maps, and that may change settings beside what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touching {
    /// The bytes of its content.
    pub span: Span,
    /// The line as everybody may see it.
    pub shown: String,
    /// The settings that the table says it may change.
    pub touches: Touches,
}

/// What of a line to veil that no table knows: all of it, or what follows the word that names a secret.
pub(super) fn unknown(line: &str, start: usize) -> Option<Veil> {
    let content = line.trim();
    if content.is_empty() || is_token(content) {
        return None;
    }
    let from = start + line.len() - line.trim_start().len();
    let end = from + content.len();
    let secret = crate::source::behind_secret_word(content).filter(|at| !is_token(&content[*at..]));
    Some(match secret {
        Some(at) => Veil { span: Span::new(from + at, end), exposure: Exposure::Secret },
        None => Veil { span: Span::new(from, end), exposure: Exposure::Hidden },
    })
}
