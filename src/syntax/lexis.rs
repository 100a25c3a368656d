//! Pieces of a KDL text, cut without recursion and for any bytes: every byte belongs to exactly one piece.
//!
//! The readers cut for themselves; this serves what they don't give: bounds before reading, spans of names and
//! values, and finding one's way in a text that is broken.

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Spaces and tabs.
    Space,
    /// One line break.
    Newline,
    /// `// ...`, without its line break.
    LineComment,
    /// `/* ... */`; `depth` is how deeply such comments stand in each other.
    BlockComment { closed: bool, depth: usize },
    /// A backslash that continues the line, with all up to the next line.
    Continuation,
    /// `/-`
    Slashdash,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `;`
    Semicolon,
    /// `=`
    Equals,
    /// `(`
    ParenOpen,
    /// `)`
    ParenClose,
    /// A text in quotes of any form.
    Quoted { form: Form, closed: bool },
    /// A run of characters that may stand in a bare word: words and numbers.
    Word,
    /// `#` and what follows it: `#true`.
    Hash,
    /// A single character that has no place outside quotes.
    Stray,
}

/// How a text is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `"..."`
    Plain,
    /// `"""` to `"""`
    Lines,
    /// `#"..."#`
    Raw,
    /// `#"""` to `"""#`
    RawLines,
}

/// A piece with its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// What it is.
    pub(super) kind: Kind,
    /// First byte.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
}

/// All pieces from a byte on, which must be the start of one.
pub(super) fn pieces(text: &str, from: usize) -> impl Iterator<Item = Piece> {
    let mut at = from;
    std::iter::from_fn(move || {
        let piece = piece_at(text, at)?;
        at = piece.end;
        Some(piece)
    })
}

/// The piece that begins at a byte; `None` at the end of the text (or off a character's border).
pub(super) fn piece_at(text: &str, start: usize) -> Option<Piece> {
    let rest = text.get(start..)?;
    let mut chars = rest.chars();
    let first = chars.next()?;
    let second = chars.next();
    let single = |kind| (kind, first.len_utf8());
    let (kind, len) = match first {
        '{' => single(Kind::Open),
        '}' => single(Kind::Close),
        ';' => single(Kind::Semicolon),
        '=' => single(Kind::Equals),
        '(' => single(Kind::ParenOpen),
        ')' => single(Kind::ParenClose),
        '"' => plain(rest),
        '#' => hash(rest),
        '\\' => continuation(rest).map_or(single(Kind::Stray), |len| (Kind::Continuation, len)),
        '/' if second == Some('/') => (Kind::LineComment, until(rest, is_newline)),
        '/' if second == Some('*') => block_comment(rest),
        '/' if second == Some('-') => (Kind::Slashdash, 2),
        '\r' if second == Some('\n') => (Kind::Newline, 2),
        '\u{feff}' if start == 0 => single(Kind::Space),
        c if is_newline(c) => single(Kind::Newline),
        c if is_space(c) => (Kind::Space, until(rest, |c| !is_space(c))),
        c if is_word(c) => (Kind::Word, until(rest, |c| !is_word(c))),
        _ => single(Kind::Stray),
    };
    Some(Piece { kind, start, end: start + len })
}

/// Characters that KDL takes as a space.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, '\t' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// Characters that end a line in KDL.
pub(super) fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that KDL allows nowhere, not even in quotes.
pub(super) fn is_forbidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Characters of a bare word.
pub(super) fn is_word(c: char) -> bool {
    // nearly every character that is asked for
    if c.is_ascii_alphanumeric() {
        return true;
    }
    !is_space(c)
        && !is_newline(c)
        && !is_forbidden(c)
        && !matches!(c, '\\' | '/' | '(' | ')' | '{' | '}' | ';' | '[' | ']' | '"' | '#' | '=')
}

/// Bytes before the first character that stops; all of them where none does.
fn until(text: &str, stops: impl Fn(char) -> bool) -> usize {
    text.find(stops).unwrap_or(text.len())
}

fn newline_len(text: &str) -> Option<usize> {
    let c = text.chars().next().filter(|c| is_newline(*c))?;
    Some(if text.starts_with("\r\n") { 2 } else { c.len_utf8() })
}

fn block_comment(text: &str) -> (Kind, usize) {
    let bytes = text.as_bytes();
    let (mut at, mut open, mut depth) = (2, 1, 1);
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'/', b'*') => {
                open += 1;
                depth = depth.max(open);
                at += 2;
            }
            (b'*', b'/') => {
                open -= 1;
                at += 2;
                if open == 0 {
                    return (Kind::BlockComment { closed: true, depth }, at);
                }
            }
            _ => at += 1,
        }
    }
    (Kind::BlockComment { closed: false, depth }, text.len())
}

/// Length of `\`, spaces, an optional comment and the line break behind it.
fn continuation(text: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        let rest = &text[at..];
        at += until(rest, |c| !is_space(c));
        let rest = &text[at..];
        if rest.is_empty() {
            return Some(at);
        } else if let Some(len) = newline_len(rest) {
            return Some(at + len);
        } else if rest.starts_with("//") {
            at += until(rest, is_newline);
            return Some(at + newline_len(&text[at..]).unwrap_or(0));
        } else if rest.starts_with("/*") {
            let (Kind::BlockComment { closed: true, .. }, len) = block_comment(rest) else { return None };
            at += len;
        } else {
            return None;
        }
    }
}

/// `"..."` or `"""` lines. An unclosed `"..."` ends with its line, unclosed lines end with the text.
fn plain(text: &str) -> (Kind, usize) {
    if text.starts_with("\"\"\"") {
        return lines(text);
    }
    let quoted = |closed| Kind::Quoted { form: Form::Plain, closed };
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (quoted(true), at + 1),
            '\\' => {
                // a backslash before a line break swallows all white space that follows
                let rest = &text[at + 1..];
                let skip = until(rest, |c| !is_space(c) && !is_newline(c));
                let skip = if skip == 0 { 1 } else { rest[..skip].chars().count() };
                chars.nth(skip - 1);
            }
            c if is_newline(c) => return (quoted(false), at),
            _ => {}
        }
    }
    (quoted(false), text.len())
}

fn lines(text: &str) -> (Kind, usize) {
    let quoted = |closed| Kind::Quoted { form: Form::Lines, closed };
    let bytes = text.as_bytes();
    let mut at = 3;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' if bytes[at..].starts_with(b"\"\"\"") => return (quoted(true), at + 3),
            _ => at += 1,
        }
    }
    (quoted(false), text.len())
}

fn hash(text: &str) -> (Kind, usize) {
    let hashes = until(text, |c| c != '#');
    let rest = &text[hashes..];
    if rest.starts_with("\"\"\"") && newline_len(&rest[3..]).is_some() {
        let close = format!("\"\"\"{}", &text[..hashes]);
        let found = rest[3..].find(&close).map(|at| hashes + 3 + at + close.len());
        let kind = Kind::Quoted { form: Form::RawLines, closed: found.is_some() };
        return (kind, found.unwrap_or(text.len()));
    }
    if let Some(body) = rest.strip_prefix('"') {
        let close = format!("\"{}", &text[..hashes]);
        let line = &body[..until(body, is_newline)];
        let found = line.find(&close).map(|at| hashes + 1 + at + close.len());
        let kind = Kind::Quoted { form: Form::Raw, closed: found.is_some() };
        return (kind, found.unwrap_or(hashes + 1 + line.len()));
    }
    (Kind::Hash, hashes + until(rest, |c| !is_word(c)))
}
