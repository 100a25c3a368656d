//! Looking for the values of secrets in texts that everybody may read.
//!
//! A value is found as it is, behind the escapes of JSON, Markdown, HTML and URLs, and in runs of hexadecimal and base64.
//! One pass over a text finds any of any number of values: a large site has tens of thousands.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::{SecretRef, SecretValue, Secrets};

/// Values with fewer characters are not looked for: they would be found everywhere by chance.
pub const SHORTEST: usize = 4;
/// Values with fewer characters are found as whole words only: digests and serial numbers hold them by chance.
const WHOLE_WORD: usize = 8;
/// Runs of fewer digits hold no value in hexadecimal or base64 that could be told from chance.
const SHORTEST_RUN: usize = 2 * WHOLE_WORD;

/// Everything that is looked for.
pub struct Search<'a> {
    names: Vec<(&'a SecretRef, usize)>,
    values: AhoCorasick,
}

impl<'a> Search<'a> {
    /// For all values that are known; `None` where none is, or there are more than a search can hold.
    pub fn of(secrets: &'a Secrets) -> Option<Search<'a>> {
        let Secrets::Loaded(values) = secrets else { return None };
        let long_enough = |value: &SecretValue| value.expose().len() >= SHORTEST;
        let found: Vec<(&SecretRef, &SecretValue)> = values.iter().filter(|(_, v)| long_enough(v)).collect();
        let values = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(found.iter().map(|(_, value)| value.expose()))
            .ok()?;
        Some(Search { names: found.into_iter().map(|(name, value)| (name, value.len())).collect(), values })
    }

    /// The name of a secret whose value stands in a text, and the line, from 1.
    pub fn find(&self, text: &[u8]) -> Option<(&'a SecretRef, usize)> {
        if self.names.is_empty() {
            return None;
        }
        self.within(text).or_else(|| self.within_escapes(text)).or_else(|| self.within_runs(text))
    }

    fn within(&self, text: &[u8]) -> Option<(&'a SecretRef, usize)> {
        let found = self.values.find_overlapping_iter(text).find(|found| {
            let (_, length) = self.names[found.pattern().as_usize()];
            let whole = |neighbour: Option<&u8>| neighbour.is_none_or(|b| !b.is_ascii_alphanumeric());
            let before = found.start().checked_sub(1).and_then(|at| text.get(at));
            length >= WHOLE_WORD || whole(before) && whole(text.get(found.end()))
        })?;
        let line = text[..found.start()].iter().filter(|b| **b == b'\n').count() + 1;
        Some((self.names[found.pattern().as_usize()].0, line))
    }

    /// The text without backslashes that escape, with `%XX` and HTML's names for signs as the signs they mean.
    fn within_escapes(&self, text: &[u8]) -> Option<(&'a SecretRef, usize)> {
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

    /// What runs of hexadecimal and base64 mean. Base64 says the same in other letters where a value begins elsewhere in a
    /// group of three bytes, so each run is read from four places.
    fn within_runs(&self, text: &[u8]) -> Option<(&'a SecretRef, usize)> {
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

    fn secrets(values: &[(&str, &str)]) -> Secrets {
        let one =
            |(name, value): &(&str, &str)| (SecretRef::new(name).unwrap(), SecretValue::copy_of(value.as_bytes()));
        Secrets::Loaded(values.iter().map(one).collect())
    }

    fn found(values: &[(&str, &str)], text: &str) -> Option<(String, usize)> {
        let secrets = secrets(values);
        Search::of(&secrets).unwrap().find(text.as_bytes()).map(|(name, line)| (name.to_string(), line))
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
        assert!(Search::of(&Secrets::Absent).is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_an_answer(text in proptest::collection::vec(0u8.., 0..200)) {
            let secrets = secrets(&[("a/b", "abcdefgh"), ("a/c", "1234")]);
            Search::of(&secrets).unwrap().find(&text);
        }
    }
}
