//! Texts that people wrote, and places in them.
//!
//! A place is a file and a span of **bytes**; lines and columns exist only when something is shown. The map
//! masks literal secrets: whoever shows a line takes it from [`SourceMap::shown`], never from the raw text.

mod encoding;
mod map;
mod origin;
mod words;

pub use encoding::{Utf16, without_mark};
pub use map::{Block, Position, SourceFile, SourceMap};
pub use origin::{LayerKind, Origin};
pub use words::{behind_secret_word, names_secret};

/// A file of a [`SourceMap`], by its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

impl FileId {
    /// The place of what no file says (a value that fieldlock itself put there).
    pub const NONE: FileId = FileId(u32::MAX);
}

/// A range of bytes in one text: `start` included, `end` not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets; offsets past 4 GiB can't occur, files are bounded to 8 MiB.
    pub fn new(start: usize, end: usize) -> Span {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: clip(start), end: clip(end.max(start)) }
    }

    /// The bytes as a range, for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both.
    pub fn join(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// How many bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it holds no byte at all.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A span in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Loc {
    /// Which file.
    pub file: FileId,
    /// Where in it.
    pub span: Span,
}

impl Loc {
    /// A place in a file.
    pub fn new(file: FileId, span: Span) -> Loc {
        Loc { file, span }
    }

    /// No place at all.
    pub const NONE: Loc = Loc { file: FileId::NONE, span: Span { start: 0, end: 0 } };

    /// Whether it names a file.
    pub fn is_some(self) -> bool {
        self.file != FileId::NONE
    }
}
