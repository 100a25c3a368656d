//! Text from outside is never markup: one escaping per output format.
//!
//! A value, a name, a path, a source line or what a device said may hold anything. On a terminal a control sequence
//! clears lines or sets the clipboard, a bidi control turns a line around, a zero-width character hides a
//! difference. All of these are shown as `\u{..}`, in every format.

use std::fmt::Write as _;

/// Whether a character acts instead of being seen, or is not seen at all: C0 (line breaks included), DEL, C1, bidi
/// controls, zero-width characters, separators of lines and paragraphs, tags, fillers and variation selectors.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// For one line of a terminal or of plain text.
pub fn line(text: &str) -> String {
    shown(text, |_| false)
}

/// For several lines: line breaks stay, tabs become four spaces.
pub fn block(text: &str) -> String {
    // in one step: what is shown may be a secret on its way to a terminal
    if text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')) {
        return text.to_owned();
    }
    shown(&text.replace("\r\n", "\n").replace('\t', "    "), |c| c == '\n')
}

/// Whether all of it is ASCII that is seen: true of nearly every text, and soon told.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

fn shown(text: &str, keep: impl Fn(char) -> bool) -> String {
    if is_plain(text) || !text.contains(acts) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) && !keep(c) { push_code(&mut out, c) } else { out.push(c) }
    }
    out
}

fn push_code(out: &mut String, c: char) {
    let _ = write!(out, "\\u{{{:x}}}", c as u32);
}

/// Makes finished JSON safe to print: what acts stands in its strings only, and becomes `\uXXXX` there.
pub fn json(text: &str) -> String {
    if text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')) || !text.chars().any(|c| acts(c) && c != '\n') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) && c != '\n' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Markdown: as a code span, with a fence longer than any run of backticks in it. Nothing in a code span is a link,
/// an image, a mention or HTML. In a cell of a table a pipe is escaped once more.
pub fn code(text: &str) -> String {
    let edge = |b: Option<&u8>| b.is_none_or(|b| *b == b' ');
    let bytes = text.as_bytes();
    if bytes.iter().all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'|' | b'`'))
        && !edge(bytes.first())
        && !edge(bytes.last())
    {
        return ["`", text, "`"].concat();
    }
    let text = line(text).replace('|', "\\|");
    if text.is_empty() {
        return "-".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Markdown: as prose. What stands in backticks becomes code spans; in the rest every sign that Markdown knows is
/// escaped, and signs that begin a mention or reference stand in a code span of their own.
pub fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (i, part) in text.split('`').enumerate() {
        if i % 2 == 0 { plain_markdown(&mut out, part) } else { out.push_str(&code(part)) }
    }
    out
}

/// Markdown: several lines as a fenced block, with a fence longer than any run of backticks in it.
pub fn fenced(text: &str, language: &str) -> String {
    let text = block(text);
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}\n")
}

fn plain_markdown(out: &mut String, text: &str) {
    let text = line(text);
    let mut before = ' ';
    let mut rest = &*text;
    loop {
        // most of a text is words, which mean nothing to Markdown
        let words = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b',' | b';' | b'/'));
        let (words, behind) = rest.split_at(words.count());
        out.push_str(words);
        before = words.chars().next_back().unwrap_or(before);
        let mut behind = behind.chars();
        let Some(c) = behind.next() else { return };
        rest = behind.as_str();
        let next = rest.chars().next().unwrap_or(' ');
        let word_follows = next.is_alphanumeric() || next == '"' || next == '_';
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' | '#' | '!' | '~' | '%' | '$' if word_follows => out.extend(['`', c, '`']),
            // `http://` and `www.` become links by themselves
            ':' if next == '/' => out.push_str("\\:"),
            '.' if before.eq_ignore_ascii_case(&'w') => out.push_str("\\."),
            // `1. ` and `- ` begin lists
            '.' | ')' if before.is_ascii_digit() && next == ' ' => out.extend(['\\', c]),
            '-' if out.is_empty() => out.push_str("\\-"),
            '\\' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '+' | '!' | '|' | '~' | '$' | '=' | '^' => {
                out.extend(['\\', c]);
            }
            c => out.push(c),
        }
        before = c;
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// The texts that every format and every verb is tried with.
#[cfg(test)]
pub(crate) fn hostile() -> Vec<String> {
    include_str!("../../tests/cases/hostile.txt")
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with("//"))
        .map(|l| serde_json::from_str(l).expect("a JSON string on each line"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_is_left() {
        let corpus = hostile();
        assert!(corpus.len() >= 25);
        for text in corpus {
            assert!(!line(&text).contains(acts), "{text:?}");
            assert!(!block(&text).chars().any(|c| acts(c) && c != '\n'), "{text:?}");
            assert!(!code(&text).contains(acts) && !prose(&text).contains(acts), "{text:?}");
            let json_text = json(&serde_json::to_string_pretty(&text).unwrap());
            assert!(!json_text.contains(acts), "{text:?}");
            assert_eq!(serde_json::from_str::<String>(&json_text).unwrap(), text);
        }
    }

    #[test]
    fn a_code_span_can_not_be_left() {
        for text in hostile() {
            let span = code(&text);
            let fence = span.bytes().take_while(|b| *b == b'`').count();
            let inner = span.trim_matches('`');
            assert!(longest_run(inner) < fence || text.is_empty(), "{span}");
            let pipes = span.match_indices('|').all(|(i, _)| span.as_bytes()[i - 1] == b'\\');
            assert!(pipes, "{span}");
        }
    }

    #[test]
    fn prose_is_no_markup() {
        assert_eq!(prose("see <b>@ot-lead</b> `a|b`"), "see &lt;b&gt;`@`ot-lead&lt;/b&gt; `a\\|b`");
        assert_eq!(prose("![x](http://a.b)"), "\\!\\[x\\](http\\://a.b)");
        assert_eq!(prose("www.evil.example"), "www\\.evil.example");
        assert_eq!(prose("fixes #12"), "fixes `#`12");
    }
}
