//! Texts are changed by their words, not only by their bytes: a word gives way to one that some reader knows, a line is
//! taken out, written twice or moved. What readers know is what the binary carries: tables, rules, factory settings.

use std::sync::LazyLock;

use fieldlock::embedded;

/// Every word, and every text in quotes, of what the binary carries.
static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let carried = [embedded::DIALECTS, embedded::POLICIES, embedded::FACTORY];
    let texts = carried.into_iter().flatten().map(|(_, text)| *text);
    let inside = |token: &'static str| token.trim_matches('"');
    let tokens = texts.flat_map(tokens).map(inside);
    // a path is words too
    let mut words: Vec<&str> = tokens.flat_map(|t| t.split(['.', ' ']).chain([t])).filter(|t| is_word(t)).collect();
    words.sort_unstable();
    words.dedup();
    words
});

fn is_word(token: &str) -> bool {
    token.len() < 80 && token.contains(char::is_alphanumeric)
}

/// A text in pieces: texts in quotes, words, blanks, single signs.
fn tokens(text: &str) -> Vec<&str> {
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '#');
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = |holds: &dyn Fn(char) -> bool| rest.find(|c| !holds(c)).unwrap_or(rest.len());
        let quoted = || rest[1..].find(['"', '\n']).map(|at| at + 2);
        let length = match first {
            '"' => quoted().unwrap_or(1),
            ' ' => run(&|c| c == ' '),
            c if in_word(c) => run(&in_word),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// A changed text, for one in four libFuzzer's own change.
pub(crate) fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut chance = Chance(u64::from(seed) << 1 | 1);
    let changed = match std::str::from_utf8(&data[..size]) {
        Ok(text) if chance.below(4) > 0 => changed(text, &mut chance),
        _ => return libfuzzer_sys::fuzzer_mutate(data, size, max_size),
    };
    let length = changed.floor_char_boundary(max_size.min(data.len()));
    data[..length].copy_from_slice(&changed.as_bytes()[..length]);
    length
}

fn changed(text: &str, chance: &mut Chance) -> String {
    let mut pieces = tokens(text);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for _ in 0..=chance.below(4) {
        let at = chance.below(pieces.len());
        match chance.below(8) {
            0..4 => replace(&mut pieces, at, chance),
            4 => drop(pieces.splice(at..(at + 1).min(pieces.len()), [])),
            5 => pieces.insert(at, WORDS[chance.below(WORDS.len())]),
            6 => drop(pieces.splice(line_of(&pieces, at), [])),
            _ => drop(pieces.splice(at..at, lines.get(chance.below(lines.len())).copied())),
        }
    }
    pieces.concat()
}

/// Puts a known word in place of the next one from `at` on, in quotes where it stood in quotes.
fn replace<'t>(pieces: &mut Vec<&'t str>, at: usize, chance: &mut Chance) {
    let Some(at) = (at..pieces.len()).find(|i| is_word(pieces[*i])) else { return };
    let word = WORDS[chance.below(WORDS.len())];
    let new: &[&'t str] = if pieces[at].starts_with('"') { &["\"", word, "\""] } else { &[word] };
    pieces.splice(at..=at, new.iter().copied());
}

/// The pieces of the line that a piece stands in.
fn line_of(pieces: &[&str], at: usize) -> std::ops::Range<usize> {
    let begin = pieces[..at].iter().rposition(|p| *p == "\n").map_or(0, |i| i + 1);
    let end = pieces[at..].iter().position(|p| *p == "\n").map_or(pieces.len(), |i| at + i + 1);
    begin..end
}

/// Numbers from a seed (a linear congruential generator): the same seed, the same change.
struct Chance(u64);

impl Chance {
    /// A number below a limit; 0 where there is none below it.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}
