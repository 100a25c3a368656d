//! All texts of a run, with their line tables and the spans that must never be shown.

use std::sync::{Arc, OnceLock};

use super::{FileId, Loc, Span};

/// One text: its name (relative to the site, with `/`), its content, and what of it is masked.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: Arc<str>,
    text: Arc<str>,
    lines: OnceLock<Vec<u32>>,
    /// Characters before each stretch of [`STRETCH`] bytes: a column of a long line is not counted from its start.
    before: OnceLock<Vec<u32>>,
    /// In order, none touching another.
    masked: Vec<Span>,
    /// Finds further bytes to mask, when something of the text is shown.
    veil: Option<fn(&str) -> Vec<Span>>,
    veiled: OnceLock<Vec<Span>>,
    blocks: OnceLock<Vec<Block>>,
}

/// A block of a text that is to be edited.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// Its bytes, braces included.
    pub span: Span,
    /// Whether a node right in it takes away what is inherited.
    pub drops: bool,
}

/// Bytes of one stretch whose characters are counted once.
const STRETCH: usize = 1024;

/// A place as people count: from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl SourceFile {
    /// Its name, relative to the site, with `/`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The raw text. **Not for showing**: see [`SourceMap::shown`].
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// What of a span is veiled.
    fn veiled_in(&self, span: Span) -> impl Iterator<Item = &Span> {
        let veiled = self.veil.map(|veil| self.veiled.get_or_init(|| veil(&self.text)));
        veiled.into_iter().flatten().filter(move |v| v.start < span.end && span.start < v.end)
    }

    /// Its blocks in the order they begin, as `find` has them: looked for once, and only in a text that is to be
    /// edited.
    pub fn blocks(&self, find: fn(&str) -> Vec<Block>) -> &[Block] {
        self.blocks.get_or_init(|| find(&self.text))
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            starts.extend(self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
            starts
        })
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.text.len() as u32);
        let line = self.lines().partition_point(|s| *s <= offset).max(1) - 1;
        let start = self.lines()[line];
        Position { line: line + 1, column: self.characters(offset).saturating_sub(self.characters(start)) + 1 }
    }

    /// How many characters begin before a byte.
    fn characters(&self, offset: u32) -> usize {
        let bytes = self.text.as_bytes();
        let begin = |bytes: &[u8]| bytes.iter().filter(|b| **b & 0xc0 != 0x80).count();
        let before = self.before.get_or_init(|| {
            let sum = |sum: &mut u32, stretch: &[u8]| {
                let before = *sum;
                *sum += begin(stretch) as u32;
                Some(before)
            };
            bytes.chunks(STRETCH).scan(0, sum).collect()
        });
        let stretch = offset as usize / STRETCH;
        // at the very end of a text of whole stretches there is none that begins here
        let (from, counted) = match before.get(stretch) {
            Some(counted) => (stretch * STRETCH, *counted as usize),
            None => (before.len().saturating_sub(1) * STRETCH, before.last().map_or(0, |n| *n as usize)),
        };
        counted + begin(&bytes[from..offset as usize])
    }

    /// Masked spans that touch a span, in order.
    fn masked_in(&self, span: Span) -> &[Span] {
        let from = self.masked.partition_point(|m| m.end <= span.start);
        let until = self.masked.partition_point(|m| m.start < span.end);
        &self.masked[from..until.max(from)]
    }

    /// Masks bytes too; what touches becomes one span.
    fn mask(&mut self, span: Span) {
        if span.is_empty() {
            return;
        }
        let from = self.masked.partition_point(|m| m.end < span.start);
        let until = self.masked.partition_point(|m| m.start <= span.end).max(from);
        let whole = self.masked[from..until].iter().fold(span, |whole, m| whole.join(*m));
        self.masked.splice(from..until, [whole]);
    }

    /// The span of a line's text, its line break left out; `line` counts from 1.
    pub fn line_span(&self, line: usize) -> Span {
        let lines = self.lines();
        let index = line.clamp(1, lines.len()) - 1;
        let start = lines[index] as usize;
        let end = lines.get(index + 1).map_or(self.text.len(), |n| *n as usize);
        let text = self.text[start..end].trim_end_matches(['\n', '\r']);
        Span::new(start, start + text.len())
    }
}

/// All texts of a run. Files keep the number they were given.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Takes a text in. `name` is shown to people and stands in reports: relative to the site, with `/`.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(SourceFile {
            name: name.into(),
            text: text.into(),
            lines: OnceLock::new(),
            before: OnceLock::new(),
            masked: Vec::new(),
            veil: None,
            veiled: OnceLock::new(),
            blocks: OnceLock::new(),
        });
        id
    }

    /// A file by its number; `None` for [`FileId::NONE`].
    pub fn get(&self, file: FileId) -> Option<&SourceFile> {
        self.files.get(file.0 as usize)
    }

    /// The number of a file by its name.
    pub fn find(&self, name: &str) -> Option<FileId> {
        self.files.iter().position(|f| &*f.name == name).map(|i| FileId(i as u32))
    }

    /// All files in the order they came.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }

    /// Marks bytes as never to be shown: a literal secret, or what might be one.
    pub fn mask(&mut self, loc: Loc) {
        if let Some(file) = self.files.get_mut(loc.file.0 as usize) {
            file.mask(loc.span);
        }
    }

    /// Masks what `veil` finds in a file. It is asked once something of the file is shown: most files never are.
    pub fn veil(&mut self, file: FileId, veil: fn(&str) -> Vec<Span>) {
        if let Some(file) = self.files.get_mut(file.0 as usize) {
            file.veil = Some(veil);
        }
    }

    /// Whether a span touches masked bytes.
    pub fn is_masked(&self, loc: Loc) -> bool {
        self.get(loc.file).is_some_and(|f| !f.masked_in(loc.span).is_empty() || f.veiled_in(loc.span).next().is_some())
    }

    /// Text of a span, masked bytes shown as `*` (one per character, so columns keep their place).
    pub fn shown(&self, loc: Loc) -> String {
        let Some(file) = self.get(loc.file) else { return String::new() };
        let end = (loc.span.end as usize).min(file.text.len());
        let start = (loc.span.start as usize).min(end);
        let Some(text) = file.text.get(start..end) else { return String::new() };
        let mut masked = file.masked_in(Span::new(start, end)).iter().peekable();
        let veiled: Vec<&Span> = file.veiled_in(Span::new(start, end)).collect();
        if masked.peek().is_none() && veiled.is_empty() {
            return text.to_owned();
        }
        let mut hidden = |at: usize| {
            while masked.next_if(|m| m.range().end <= at).is_some() {}
            masked.peek().is_some_and(|m| m.range().contains(&at)) || veiled.iter().any(|v| v.range().contains(&at))
        };
        text.char_indices().map(|(i, c)| if hidden(start + i) && c != '\n' { '*' } else { c }).collect()
    }

    /// Position of a place's first byte; line 1, column 1 where there is no file.
    pub fn start(&self, loc: Loc) -> Position {
        self.get(loc.file).map_or(Position { line: 1, column: 1 }, |f| f.position(loc.span.start))
    }

    /// Position just past a place's last byte.
    pub fn end(&self, loc: Loc) -> Position {
        self.get(loc.file).map_or(Position { line: 1, column: 1 }, |f| f.position(loc.span.end))
    }

    /// The file's name, or an empty text where there is none.
    pub fn name(&self, file: FileId) -> &str {
        self.get(file).map_or("", |f| &f.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_from_one() {
        let mut map = SourceMap::new();
        let id = map.add("a.kdl", "é x\nsecond\r\n");
        let file = map.get(id).unwrap();
        assert_eq!(file.position(3), Position { line: 1, column: 3 });
        assert_eq!(file.position(5), Position { line: 2, column: 1 });
        assert_eq!(map.shown(Loc::new(id, file.line_span(2))), "second");
        assert_eq!(file.position(900), Position { line: 3, column: 1 });
    }

    #[test]
    fn masked_bytes_are_never_shown() {
        let mut map = SourceMap::new();
        let id = map.add("a.kdl", "password \"hunter2\"");
        map.mask(Loc::new(id, Span::new(10, 17)));
        assert_eq!(map.shown(Loc::new(id, Span::new(0, 18))), "password \"*******\"");
        assert!(map.is_masked(Loc::new(id, Span::new(0, 11))));
        assert!(!map.is_masked(Loc::new(id, Span::new(0, 10))) && !map.is_masked(Loc::new(id, Span::new(17, 18))));
    }

    #[test]
    fn masks_that_touch_are_one_whatever_order_they_come_in() {
        let spans = [(8, 10), (0, 2), (4, 6), (5, 9), (2, 3), (12, 12)];
        let mut map = SourceMap::new();
        let id = map.add("a.kdl", "0123456789abcd");
        spans.iter().for_each(|(from, to)| map.mask(Loc::new(id, Span::new(*from, *to))));
        assert_eq!(map.get(id).unwrap().masked, [Span::new(0, 3), Span::new(4, 10)]);
        assert_eq!(map.shown(Loc::new(id, Span::new(0, 14))), "***3******abcd");
        assert_eq!(map.shown(Loc::new(id, Span::new(9, 12))), "*ab");
    }

    #[test]
    fn a_column_of_a_long_line_is_the_same_as_counted() {
        let text = "é日a".repeat(2000);
        let mut map = SourceMap::new();
        let id = map.add("a.kdl", &*text);
        let file = map.get(id).unwrap();
        for (i, (at, _)) in text.char_indices().enumerate() {
            assert_eq!(file.position(at as u32).column, i + 1);
        }
        let whole = map.add("b.kdl", "a".repeat(2 * STRETCH));
        assert_eq!(map.get(whole).unwrap().position(2 * STRETCH as u32).column, 2 * STRETCH + 1);
    }
}
