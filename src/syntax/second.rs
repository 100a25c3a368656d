//! The second reading: `kdl` on a text that `neco-kdl` refused, for errors that the walk doesn't know.
//!
//! `kdl` recurses with every byte that it can't make sense of, and its time doubles with each `/-` block in another
//! (a text of 140 bytes takes it ten seconds). So it only ever sees short texts that are tame by a crude count, on a
//! stack that is large enough for the worst of them.

use crate::source::Span;

const MAX_BYTES: usize = 4 * 1024;
const MAX_NESTING: usize = 24;
const MAX_DROPPED: usize = 4;
/// Bytes of stack: `kdl` takes up to 8 KiB for each byte of text. Only what is used becomes memory.
const STACK: usize = 128 << 20;
const MAX_STRAYS: usize = 64;
/// Quotes of texts over several lines: the time grows with their cube.
const MAX_LINES: usize = 8;

/// One diagnostic, in our words: `kdl`'s own name Rust types and inner parts of its grammar.
pub(super) struct Second {
    pub(super) span: Span,
    pub(super) message: &'static str,
    pub(super) help: &'static str,
    /// Only says that the file goes on where `kdl` lost its track.
    pub(super) at_end: bool,
}

/// What `kdl` says to a text; nothing where the text isn't tame or `kdl` finds it well-formed.
pub(super) fn diagnostics(text: &str) -> Vec<Second> {
    if !is_tame(text) {
        return Vec::new();
    }
    let error = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let handle = thread.spawn_scoped(scope, || kdl::KdlDocument::parse_v2(text).err()).ok()?;
        // a fault in there costs its diagnostics, no more
        handle.join().ok().flatten()
    });
    let Some(error) = error else { return Vec::new() };
    let place = |d: &kdl::KdlDiagnostic| {
        let start = text.floor_char_boundary(d.span.offset().min(text.len()));
        let end = text.ceil_char_boundary((start + d.span.len()).min(text.len()));
        Span::new(start, end)
    };
    error.diagnostics.iter().map(|d| translate(place(d), d)).collect()
}

/// Whether braces, `/-`, comments and closing brackets, counted without regard to quotes, are few enough.
fn is_tame(text: &str) -> bool {
    let (mut depth, mut deepest, mut strays) = (0usize, 0, 0);
    for byte in text.bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => strays += 1,
            b'}' => depth -= 1,
            b'(' | b')' | b'[' | b']' => strays += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    text.len() <= MAX_BYTES
        && deepest <= MAX_NESTING
        && strays <= MAX_STRAYS
        && text.matches("/-").count() <= MAX_DROPPED
        && text.matches("/*").count() <= MAX_STRAYS
        && text.matches("\"\"\"").count() <= MAX_LINES
}

fn translate(span: Span, diagnostic: &kdl::KdlDiagnostic) -> Second {
    let message = diagnostic.message.as_deref().unwrap_or("");
    let label = diagnostic.label.as_deref().unwrap_or("");
    let help = diagnostic.help.as_deref().unwrap_or("");
    let at_end = message.contains("end of document");
    let second = |message, help| Second { span, message, help, at_end };
    if message.contains("node name") {
        second("no name can begin like this", "a name is a word, or a text in quotes")
    } else if message.contains("type annotation") {
        second("this type annotation is not one word", "write `(word)` directly before the value")
    } else if message.contains("prefix") || label.contains("prefix") {
        second("this line begins further left than the closing quotes of its text", "indent it as the closing `\"\"\"`")
    } else if label.contains("unicode escape") {
        second("this `\\u` names no character", "write 1 to 6 hexadecimal digits in braces: `\\u{e9}`")
    } else if ["float", "integer", "number", "digit", "hexadecimal", "octal", "binary"]
        .iter()
        .any(|w| message.contains(w) || label.contains(w))
    {
        second("this is not a number", "a text that begins with a digit stands in quotes")
    } else if label.contains("keyword") {
        second("this word can't stand here", "put a text in quotes")
    } else if help.contains("value terminator") {
        second("a space is missing behind this", "put a space between two values")
    } else if label.contains("property value") {
        second("there is no value behind this `=`", "write the value directly behind it")
    } else {
        second(
            "this can't stand here",
            "a line is a name, then values and `name=value`, then maybe `{`; texts stand in quotes",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_would_take_kdl_down_never_reach_it() {
        assert!(!is_tame(&"a {".repeat(25)));
        assert!(!is_tame(&"a /- {".repeat(5)));
        assert!(!is_tame(&"}".repeat(65)));
        assert!(!is_tame(&"/*".repeat(65)));
        assert!(!is_tame(&"/-".repeat(50)));
        assert!(!is_tame(&"#\"\"\"\n".repeat(20)));
        assert!(is_tame("device \"a\" { login { auto-logout 5min } }"));
    }

    #[test]
    fn the_worst_texts_that_are_tame_overflow_no_stack() {
        for unit in ["\"", "{}", "\\ ", "=", "]", "#", "a b=\n"] {
            diagnostics(&unit.repeat(MAX_BYTES / unit.len()));
        }
    }
}
