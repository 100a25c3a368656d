//! Texts with places to fill in: `schema/first/README.md`.

use std::collections::BTreeMap;

/// What stands for each word: once, several times, or nobody said it.
#[derive(Debug, Default)]
pub struct Values(BTreeMap<&'static str, Vec<String>>);

impl Values {
    /// A word that stands for one text.
    pub fn one(&mut self, word: &'static str, text: impl Into<String>) {
        self.many(word, [text.into()]);
    }

    /// A word that stands for several texts, or for none.
    pub fn many(&mut self, word: &'static str, texts: impl IntoIterator<Item = String>) {
        self.0.insert(word, texts.into_iter().collect());
    }

    /// A word that shows nothing, and without which its lines are left out.
    pub fn flag(&mut self, word: &'static str, keep: bool) {
        self.many(word, keep.then(String::new));
    }

    /// A text with its words filled in, line by line.
    pub fn fill(&self, text: &str) -> String {
        let mut out = String::new();
        for line in text.lines() {
            let pieces = pieces(line);
            let of = |word: &str| self.0.get(word).map(Vec::as_slice).unwrap_or_default();
            let times = pieces.iter().map(|(_, word)| word.map_or(1, |word| of(word).len()));
            // one that was said once stands in every line of those that were said several times
            let times = if times.clone().any(|times| times == 0) { 0 } else { times.max().unwrap_or(1) };
            for at in 0..times {
                let mut filled = String::new();
                for (before, word) in &pieces {
                    filled.push_str(before);
                    let said = word.and_then(|word| of(word).get(at).or_else(|| of(word).last()));
                    filled.push_str(said.map(String::as_str).unwrap_or_default());
                }
                out.push_str(filled.trim_end());
                out.push('\n');
            }
        }
        squeezed(&out)
    }
}

/// A line in pieces: what stands before each word, and the word; last what stands behind all of them.
pub(super) fn pieces(line: &str) -> Vec<(&str, Option<&str>)> {
    let (mut pieces, mut rest) = (Vec::new(), line);
    while let Some((before, after)) = rest.split_once("{{")
        && let Some((word, behind)) = after.split_once("}}")
    {
        pieces.push((before, Some(word)));
        rest = behind;
    }
    pieces.push((rest, None));
    pieces
}

/// Without the blank lines that lines left behind which nobody asked for.
fn squeezed(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let twice = out.ends_with("\n\n") || lines.peek().is_none_or(|next| next.trim() == "}");
        if !line.is_empty() || !twice {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_once_for_each_and_not_at_all_for_none() {
        let mut values = Values::default();
        values.one("a", "1");
        values.many("b", ["x".to_owned(), "y".to_owned()]);
        values.many("c", []);
        values.flag("yes", true);
        values.flag("no", false);
        for (text, filled) in [
            ("p {{a}} { {{b}} }", "p 1 { x }\np 1 { y }\n"),
            ("p {{c}}", ""),
            ("p {{nobody}}", ""),
            ("p {{yes}}", "p\n"),
            ("p {{b}}{{no}}", ""),
            ("p { q }", "p { q }\n"),
            ("p {{a", "p {{a\n"),
            ("p {\n\n{{no}}\n\n    q\n\n    {{c}}\n}", "p {\n\n    q\n}\n"),
        ] {
            assert_eq!(values.fill(text), filled, "{text}");
        }
    }
}
