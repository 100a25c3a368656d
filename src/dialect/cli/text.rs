//! A recorded session or an exported file as lines of words.
//!
//! As mx.md section 1 and devices-2.md 1.1 read it: prompts, pager lines, carriage returns and blank lines go, what a
//! device shows for another command than `show running-config` is no configuration, words in quotes are one word, and
//! lines within a text (in quotes, or between the delimiters of a banner) are text.

mod session;

use crate::dialect::exposure::is_token;
use crate::native::Token;
use crate::source::Span;

pub(super) use session::{Session, session};

/// One line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextLine<'a> {
    /// From 1.
    pub(super) number: usize,
    /// Bytes of its content in the whole text.
    pub(super) span: Span,
    /// How far it is indented, in characters.
    pub(super) indent: usize,
    /// Its words, quotes taken off.
    pub(super) words: Vec<&'a str>,
    /// Whether it is of a text that another line began: whatever it says, it sets nothing.
    pub(super) within: bool,
    /// Whether somebody typed it, and the device did not refuse it.
    pub(super) typed: bool,
}

/// The lines of the configuration.
pub(super) fn lines(text: &str) -> Vec<TextLine<'_>> {
    session(text).config
}

/// The lines of a text as a terminal shows them, those that show nothing left out.
fn shown(text: &str) -> Vec<TextLine<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (i, raw) in text.split_inclusive('\n').enumerate() {
        let at = start;
        start += raw.len();
        let line = visible(raw.trim_end_matches(['\n', '\r']));
        let content = line.trim();
        if content.is_empty() {
            continue;
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let from = at + (content.as_ptr() as usize - raw.as_ptr() as usize);
        let span = Span::new(from, from + content.len());
        found.push(TextLine { number: i + 1, span, indent, words: words(content), within: false, typed: false });
    }
    found
}

/// What a device shows where there is more to be shown, and waits (mx.md section 1).
const PAGER: &str = "--More--";

/// What is seen of a line: a pager's `--More--`, what a terminal wiped it with, and colours are taken off.
fn visible(line: &str) -> &str {
    // blanks between carriage returns or backspaces wipe what stood there
    let wipes = |c: char| matches!(c, ' ' | '\r' | '\u{8}');
    let mut rest = line.strip_prefix('\u{feff}').unwrap_or(line);
    loop {
        let end = rest.find(|c| !wipes(c)).unwrap_or(rest.len());
        let start = &rest[rest[..end].rfind(['\r', '\u{8}']).map_or(0, |at| at + 1)..];
        if let Some(after) = start.trim_start().strip_prefix(PAGER) {
            rest = after;
            continue;
        }
        let escape =
            start.strip_prefix("\u{1b}[").and_then(|s| Some(&s[s.find(|c: char| c.is_ascii_alphabetic())? + 1..]));
        match escape {
            Some(after) => rest = after,
            None => return start,
        }
    }
}

/// Lines that stand within a text are marked: from a quote that is open at a line's end to the line that closes it, and
/// from a banner's delimiter to where it stands again. Where nothing closes it, nothing was open.
fn mark_texts(text: &str, lines: &mut [TextLine<'_>]) {
    let mut at = 0;
    while at < lines.len() {
        let end = end_of_text(text, lines, at);
        for line in &mut lines[at + 1..=end] {
            line.within = true;
        }
        at = end + 1;
    }
}

/// Most lines of one text.
const MOST: usize = 100;

fn end_of_text(text: &str, lines: &[TextLine<'_>], at: usize) -> usize {
    let content = |line: &TextLine<'_>| &text[line.span.range()];
    let quotes = |line: &TextLine<'_>| content(line).matches('"').count();
    let begin = &lines[at];
    let following = || lines.iter().enumerate().skip(at + 1).take(MOST);
    if opens_quote(content(begin), &begin.words) {
        return following().find(|(_, line)| quotes(line) % 2 == 1).map_or(at, |(end, _)| end);
    }
    let delimiter = delimiter(&begin.words);
    let closed = delimiter.and_then(|d| following().find(|(_, line)| content(line).ends_with(d)));
    closed.map_or(at, |(end, _)| end)
}

/// Whether a line says the same wherever it stands: it is no prompt, and begins no text over several lines, closed or
/// not.
pub(super) fn stands_alone(content: &str) -> bool {
    let words = words(content);
    let is_line = matches!(lines(content).as_slice(), [line] if line.words == words);
    is_line && !opens_quote(content, &words) && delimiter(&words).is_none()
}

fn opens_quote(content: &str, words: &[&str]) -> bool {
    words.iter().any(|w| w.starts_with('"')) && content.matches('"').count() % 2 == 1
}

/// `banner login ^C`: a banner whose line ends with a sign that its text ends with as well.
fn delimiter<'a>(words: &[&'a str]) -> Option<&'a str> {
    let last = words.last().filter(|_| words.len() <= 4)?;
    let sign = *last == "^C" || last.len() == 1 && last.chars().all(|c| c.is_ascii_punctuation());
    (words.contains(&"banner") && sign).then_some(*last)
}

/// Words parted by spaces. A word in quotes keeps its spaces, so does the token of a redacted secret.
pub(super) fn words(line: &str) -> Vec<&str> {
    if !line.bytes().any(|b| matches!(b, b'"' | b'<')) {
        return line.split_whitespace().collect();
    }
    let mut found = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return found;
        }
        let quoted = rest.strip_prefix('"').and_then(|r| r.split_once('"')).filter(|(_, after)| parted(after));
        let token = Token::leads(rest).filter(|end| parted(&rest[*end..]));
        let (word, after) = match (quoted, token) {
            (Some((word, after)), _) => (word, after),
            (None, Some(end)) => rest.split_at(end),
            (None, None) => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        found.push(word);
        rest = after;
    }
}

/// The words as a line that has these very words: with quotes where they are needed.
pub(super) fn joined(words: &[&str]) -> String {
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

    fn said(text: &str) -> Vec<String> {
        lines(text).iter().filter(|l| !l.within).map(|l| joined(&l.words)).collect()
    }

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
    fn prompts_of_several_words_are_prompts() {
        let text = "MOXA EDR-G9010 Series  V3.2.99 build 23110317\n\
                    Firewall/VPN Router 00000# show running-config\n\
                    hostname r#1\nip telnet\n\
                    Firewall/VPN Router 00000# show version\nModel Name    : EDR-G9010\nip ssh\n\
                    Firewall/VPN Router 00000# configure\n\
                    Firewall/VPN Router 00000(config)# no ip telnet\n\
                    Firewall/VPN Router 00000(config)# ip tellnet\n^Parse error\n\
                    Firewall/VPN Router 00000(config)# exit\n\
                    Firewall/VPN Router 00000#\n";
        assert_eq!(said(text), ["hostname r#1", "ip telnet", "end", "no ip telnet", "exit"]);
        let told: Vec<String> = session(text).told.iter().map(|l| joined(&l.words)).collect();
        assert_eq!(told[..2], ["MOXA EDR-G9010 Series V3.2.99 build 23110317", "Model Name : EDR-G9010"]);
    }

    /// A device may be called as somebody likes.
    #[test]
    fn prompts_begin_with_any_sign() {
        for prompt in ["[r-1]#", "_r1#", "(west)#", "pump house 3#", "Kläranlage 7#", "*r#", "r7>>"] {
            let text = format!("{prompt} terminal length 0\n{prompt} show running-config\nip telnet\n{prompt} exit\n");
            let session = session(&text);
            assert!(session.whole && !session.cut_off, "{prompt}");
            assert_eq!(said(&text), ["ip telnet"], "{prompt}");
            let cut = &text[..text.len() - prompt.len() - 6];
            assert!(super::session(cut).cut_off, "{cut}");
        }
        // no text of a device is a prompt because it holds a sign
        assert_eq!(said("ip telnet\n! # show\nip ssh\n"), ["ip telnet", "! # show", "ip ssh"]);
    }

    /// What words behind it pick out, and what a device answers that refuses it, is no whole configuration.
    #[test]
    fn only_the_bare_command_shows_the_configuration_whole() {
        let whole = "r# show running-config\nip telnet\nr# exit\n";
        assert!(session(whole).whole);
        for behind in ["| include logging", "| begin x", "interface ethernet 1/1", "?", "> tftp"] {
            let part = format!("r# show running-config {behind}\nhostname r\nr# exit\n");
            assert!(!session(&part).whole && session(&part).picked, "{behind}");
            // beside the whole one it says nothing new, in whatever order
            for both in [[whole, &part].concat(), [&part, whole].concat()] {
                assert!(session(&both).whole && !session(&both).picked, "{both}");
                assert_eq!(said(&both), ["ip telnet"], "{both}");
            }
        }
        for answer in
            ["% Invalid input\n", "   ^\n% Invalid input\n", "Error: no rights\n", "hostname r\n% Time is over\n", ""]
        {
            assert!(!session(&format!("r# show running-config\n{answer}r# exit\n")).whole, "{answer}");
        }
    }

    /// Words of both families; a question about a range is none.
    #[test]
    fn a_command_that_was_refused_sets_nothing() {
        for refusal in ["^Parse error", "% Invalid input", "Error", "address is not valid", "Server list is full."] {
            let text = format!("r# show running-config\nip telnet\nr(config)# no ip telnet\n{refusal}\nr#\n");
            assert_eq!(said(&text), ["ip telnet"], "{refusal}");
        }
    }

    #[test]
    fn what_a_pager_wiped_is_not_read() {
        for pager in
            ["--More--\r        \rip telnet\n", "--More--\u{8}\u{8}  \u{8}\u{8}ip telnet\n", " --More-- \nip telnet\n"]
        {
            assert_eq!(said(&format!("hostname r\n{pager}end\n")), ["hostname r", "ip telnet", "end"], "{pager:?}");
        }
        assert_eq!(said("\u{1b}[7m--More--\u{1b}[m\r   \r\u{1b}[Kip telnet\n"), ["ip telnet"]);
    }

    #[test]
    fn lines_of_a_text_set_nothing() {
        let quoted = "aaa authentication banner \"Property of Example Water\nip telnet\nKeep out\"\nno ip telnet\n";
        assert_eq!(said(quoted)[1..], ["no ip telnet"]);
        let between = "banner login ^C\nip telnet\nuse is monitored ^C\nhostname r\n";
        assert_eq!(said(between), ["banner login ^C", "hostname r"]);
        // what nothing closes was not open: no line is lost
        assert_eq!(said("hostname \"r\nip telnet\n")[1..], ["ip telnet"]);
        assert_eq!(said("banner login #\nip telnet\n")[1..], ["ip telnet"]);
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
        fn any_text_has_lines(text in "\\PC{0,40}|[ \\r\\n\\t\\x08\\x1b\"#<>a-z()]{0,60}") {
            let session = session(&text);
            for line in session.config.iter().chain(&session.told) {
                proptest::prop_assert!(text.get(line.span.range()).is_some());
                // a word that holds a quote can't be quoted
                if line.words.iter().all(|w| !w.contains('"')) {
                    let again = joined(&line.words);
                    proptest::prop_assert_eq!(words(&again), line.words.clone());
                }
            }
        }
    }
}
