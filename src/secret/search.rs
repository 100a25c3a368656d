//! Looking for the values of secrets in texts that everybody may read.
//!
//! A value is found as it is, behind the escapes of JSON, Markdown, HTML and URLs, and in runs of hexadecimal and
//! base64. One pass over a text finds any of any number of values: a large site has tens of thousands.

use std::fmt;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

/// Values with fewer characters are not looked for: they would be found everywhere by chance.
pub const SHORTEST: usize = 4;
/// Values with fewer characters are found as whole words only: digests and serial numbers hold them by chance.
const WHOLE_WORD: usize = 8;
/// Runs of fewer digits hold no value in hexadecimal or base64 that could be told from chance.
const SHORTEST_RUN: usize = 2 * WHOLE_WORD;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sought<'a> {
    /// The value of a secret, by the secret's name.
    Secret(&'a str),
    /// The passphrase of a group.
    Passphrase(&'a str),
}

impl fmt::Display for Sought<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sought::Secret(name) => write!(f, "the value of the secret `{name}`"),
            Sought::Passphrase(group) => write!(f, "the passphrase of the group `{group}`"),
        }
    }
}

/// Everything that is looked for.
pub struct Search<'a> {
    sought: Vec<(Sought<'a>, usize)>,
    values: AhoCorasick,
}

impl<'a> Search<'a> {
    /// For these values; `None` where none is long enough, or there are more than a search can hold.
    pub fn of(values: impl IntoIterator<Item = (Sought<'a>, &'a [u8])>) -> Option<Search<'a>> {
        let values: Vec<_> = values.into_iter().filter(|(_, value)| value.len() >= SHORTEST).collect();
        if values.is_empty() {
            return None;
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(values.iter().map(|(_, value)| value))
            .ok()?;
        Some(Search {
            sought: values.into_iter().map(|(sought, value)| (sought, value.len())).collect(),
            values: automaton,
        })
    }

    /// A value that stands in a text, and the line, from 1.
    pub fn find(&self, text: &[u8]) -> Option<(Sought<'a>, usize)> {
        self.within(text).or_else(|| self.within_escapes(text)).or_else(|| self.within_runs(text))
    }

    fn within(&self, text: &[u8]) -> Option<(Sought<'a>, usize)> {
        let found = self.values.find_overlapping_iter(text).find(|found| {
            let (_, length) = self.sought[found.pattern().as_usize()];
            let whole = |neighbour: Option<&u8>| neighbour.is_none_or(|b| !b.is_ascii_alphanumeric());
            let before = found.start().checked_sub(1).and_then(|at| text.get(at));
            length >= WHOLE_WORD || whole(before) && whole(text.get(found.end()))
        })?;
        let line = text[..found.start()].iter().filter(|b| **b == b'\n').count() + 1;
        Some((self.sought[found.pattern().as_usize()].0, line))
    }

    /// The text without backslashes that escape, with `%XX` and HTML's names for signs as the signs they mean.
    fn within_escapes(&self, text: &[u8]) -> Option<(Sought<'a>, usize)> {
        if !text.iter().any(|b| matches!(b, b'\\' | b'%' | b'&')) {
            return None;
        }
        const ENTITIES: [(&[u8], u8); 5] =
            [(b"&lt;", b'<'), (b"&gt;", b'>'), (b"&amp;", b'&'), (b"&quot;", b'"'), (b"&#39;", b'\'')];
        let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
        let mut rest = text;
        while let Some((&first, behind)) = rest.split_first() {
            let (byte, taken) = match first {
                b'\\' if !behind.is_empty() => (behind[0], 2),
                b'%' => match rest.get(1..3).and_then(hex) {
                    Some(byte) => (byte, 3),
                    None => (first, 1),
                },
                b'&' => ENTITIES.iter().find(|(e, _)| rest.starts_with(e)).map_or((first, 1), |(e, b)| (*b, e.len())),
                _ => (first, 1),
            };
            plain.push(byte);
            rest = &rest[taken..];
        }
        self.within(&plain)
    }

    /// What runs of hexadecimal and base64 mean. Base64 says the same in other letters where a value begins elsewhere
    /// in a group of three bytes, so each run is read from four places.
    fn within_runs(&self, text: &[u8]) -> Option<(Sought<'a>, usize)> {
        let in_run = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
        let mut start = 0;
        for run in text.split(|b| !in_run(b)) {
            let at = start;
            start += run.len() + 1;
            if run.len() < SHORTEST_RUN {
                continue;
            }
            let found = run
                .split(|b| !b.is_ascii_hexdigit())
                .filter(|digits| digits.len() >= SHORTEST_RUN)
                .find_map(|digits| (0..2).find_map(|from| self.within(&unhex(&digits[from..]))))
                .or_else(|| (0..4).find_map(|from| self.within(&unbase64(&run[from..]))));
            if let Some((name, _)) = found {
                return Some((name, text[..at].iter().filter(|b| **b == b'\n').count() + 1));
            }
        }
        None
    }
}

fn hex(pair: &[u8]) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    Some((digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?) as u8)
}

fn unhex(digits: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(digits.chunks_exact(2).filter_map(hex).collect())
}

/// What a run says in base64, in either alphabet; where its last group is not whole, with bytes of chance at its end.
fn unbase64(run: &[u8]) -> Zeroizing<Vec<u8>> {
    let usual = |b: &u8| match b {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    };
    let mut whole: Vec<u8> = run.iter().map(usual).collect();
    whole.resize(run.len().next_multiple_of(4), b'A');
    let mut bytes = Zeroizing::new(vec![0; whole.len() / 4 * 3]);
    let length = Base64Unpadded::decode(&whole, &mut bytes).map_or(0, <[u8]>::len);
    bytes.truncate(length);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search<'a>(values: &[(&'a str, &'a str)]) -> Option<Search<'a>> {
        Search::of(values.iter().map(|(name, value)| (Sought::Secret(name), value.as_bytes())))
    }

    fn found(values: &[(&str, &str)], text: &str) -> Option<(String, usize)> {
        match search(values)?.find(text.as_bytes())? {
            (Sought::Secret(name), line) => Some((name.to_owned(), line)),
            (Sought::Passphrase(_), _) => None,
        }
    }

    #[test]
    fn a_value_is_found_in_every_spelling() {
        let value = "Canary-7f3k\"9*2xa/Zq";
        let hex: String = value.bytes().map(|b| format!("{b:02x}")).collect();
        let percent: String = value.bytes().map(|b| format!("%{b:02X}")).collect();
        let spellings = [
            value.to_owned(),
            value.replace('"', "\\\""),
            value.replace('*', "\\*").replace('-', "\\-"),
            value.replace('"', "&quot;"),
            percent,
            hex.to_uppercase(),
            format!("a{hex}"),
            Base64Unpadded::encode_string(value.as_bytes()),
            Base64Unpadded::encode_string(format!("x{value}yz").as_bytes()),
            Base64Unpadded::encode_string(format!("xy{value}").as_bytes()).replace('/', "_"),
        ];
        for spelling in spellings {
            let text = format!("one\ntwo {spelling} three\n");
            assert_eq!(
                found(&[("np07/a", value), ("np07/b", "other-value")], &text),
                Some(("np07/a".into(), 2)),
                "{text}"
            );
        }
        assert_eq!(found(&[("np07/a", value)], "one\ntwo Canary-7f3k three\n"), None);
    }

    #[test]
    fn short_values_are_whole_words_and_the_shortest_are_not_looked_for() {
        assert_eq!(found(&[("a/pin", "1234")], "digest a1234b, port 12345"), None);
        assert_eq!(found(&[("a/pin", "1234")], "the PIN is 1234."), Some(("a/pin".into(), 1)));
        assert_eq!(found(&[("a/pin", "123")], "123"), None);
        assert_eq!(found(&[("a/key", "abcdefgh")], "xabcdefghx"), Some(("a/key".into(), 1)));
    }

    #[test]
    fn a_value_within_another_is_found_too() {
        let both = [("a/long", "abcdefghijkl"), ("a/short", "cdefghij")];
        assert_eq!(found(&both, "xxcdefghijxx"), Some(("a/short".into(), 1)));
        assert!(search(&[]).is_none() && search(&[("a/pin", "123")]).is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_an_answer(text in proptest::collection::vec(0u8.., 0..200)) {
            search(&[("a/b", "abcdefgh"), ("a/c", "1234")]).unwrap().find(&text);
        }
    }
}
