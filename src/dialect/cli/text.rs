//! A recorded session or an exported file as lines of words.
//!
//! As mx.md section 1 reads it: what stands before the echoed `show running-config` is cut, prompts, pager lines,
//! carriage returns and blank lines go, words in quotes are one word.

use crate::source::Span;

/// One line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    /// Bytes of its content in the whole text.
    pub(super) span: Span,
    /// How far it is indented, in characters.
    pub(super) indent: usize,
    /// Its words, quotes taken off.
    pub(super) words: Vec<&'a str>,
}

/// The lines of a text that say something.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (i, raw) in text.split_inclusive('\n').enumerate() {
        let at = start;
        start += raw.len();
        let line = raw.trim_end_matches(['\n', '\r']);
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        let line = line.trim_start_matches(['\r', '\u{8}']);
        let content = line.trim();
        if content.is_empty() || content == "--More--" {
            continue;
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let from = at + raw.find(content).unwrap_or(0);
        found.push(Line { number: i + 1, span: Span::new(from, from + content.len()), indent, words: words(content) });
    }
    let echo = ["show", "running-config"];
    if let Some(last) = found.iter().rposition(|l| l.words.ends_with(&echo) && l.words.len() <= 3) {
        found.drain(..=last);
    }
    found.retain(|l| !is_prompt(&l.words));
    for line in &mut found {
        if line.words.first().is_some_and(|w| is_prompt(&[w])) {
            line.words.remove(0);
        }
    }
    found
}

/// A prompt ends with `#` or `>>`, `)#` in the configuration (mx.md section 1); it is one word with a name in front.
fn is_prompt(words: &[&str]) -> bool {
    let [word] = words else { return false };
    let name = word.strip_suffix('#').or_else(|| word.strip_suffix(">>"));
    let named = |n: &str| n.starts_with(|c: char| c.is_ascii_alphanumeric()) && !n.contains(['"', '#']);
    name.is_some_and(named)
}

/// Words parted by spaces. A word in quotes keeps its spaces, so does the token of a redacted secret.
fn words(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return found;
        }
        let quoted = rest.strip_prefix('"').and_then(|r| r.split_once('"')).filter(|(_, after)| parted(after));
        let token =
            if rest.starts_with("<secret ") { rest.find('>').filter(|at| parted(&rest[at + 1..])) } else { None };
        let (word, after) = match (quoted, token) {
            (Some((word, after)), _) => (word, after),
            (None, Some(at)) => rest.split_at(at + 1),
            (None, None) => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        found.push(word);
        rest = after;
    }
}

/// The words as a line that has these very words: with quotes where they are needed.
pub(super) fn joined(words: &[&str]) -> String {
    let is_token = |w: &str| w.starts_with("<secret ") && w.find('>') == Some(w.len() - 1);
    let one = |w: &&str| match w.is_empty() || w.contains(char::is_whitespace) && !is_token(w) {
        true => format!("\"{w}\""),
        false => (*w).to_owned(),
    };
    words.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn parted(after: &str) -> bool {
    after.is_empty() || after.starts_with(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_session_is_cut_to_what_it_says() {
        let text = "router# terminal length 0\r\nrouter# show running-config\r\n\r\nhostname \"ps7 west\"\r\n\
                    --More--\r\ninterface lan\r\n  ip address static 10.0.0.1 255.0.0.0\r\nrouter#\r\n";
        let lines = lines(text);
        let words: Vec<&[&str]> = lines.iter().map(|l| &l.words[..]).collect();
        assert_eq!(
            words,
            [
                &["hostname", "ps7 west"][..],
                &["interface", "lan"],
                &["ip", "address", "static", "10.0.0.1", "255.0.0.0"]
            ]
        );
        assert_eq!((lines[0].number, lines[2].indent), (4, 2));
        assert_eq!(&text[lines[1].span.range()], "interface lan");
    }

    #[test]
    fn redacted_secrets_are_one_word() {
        let text = "username a password <secret ps7/a> privilege 1";
        assert_eq!(lines(text)[0].words[3], "<secret ps7/a>");
        assert_eq!(lines("x <hidden>")[0].words, ["x", "<hidden>"]);
        assert_eq!(lines("x \"open")[0].words, ["x", "\"open"]);
        assert_eq!(joined(&["hostname", "ps7 west", "", "<secret a>"]), "hostname \"ps7 west\" \"\" <secret a>");
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_lines(text in "\\PC{0,40}|[ \\r\\n\\t\"#<>a-z()]{0,60}") {
            for line in lines(&text) {
                proptest::prop_assert!(text.get(line.span.range()).is_some());
                let again = joined(&line.words);
                proptest::prop_assert_eq!(words(&again), line.words);
            }
        }
    }
}
