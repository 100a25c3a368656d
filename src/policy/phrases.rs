//! Phrases in texts that people write for people: over wrapped lines, in any letters, with or without accents, and not
//! where a "not" turns them round.

/// A phrase of a pack's list. A word that ends in `*` stands for every word that begins so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// As the list has it.
    pub text: String,
    words: Vec<(String, bool)>,
}

impl Phrase {
    /// From a list.
    pub fn new(text: &str) -> Phrase {
        let stem = |word: &str| (word.trim_end_matches('*').to_owned(), word.ends_with('*'));
        let clauses = clauses(text, |c| c == '*');
        Phrase { text: text.to_owned(), words: clauses.iter().flatten().map(|w| stem(w)).collect() }
    }

    /// Whether it stands at the beginning of these words.
    fn begins(&self, words: &[String]) -> bool {
        let fits = |(word, stem): &(String, bool), said: &String| {
            if *stem { said.starts_with(&**word) } else { said == word }
        };
        !self.words.is_empty()
            && words.len() >= self.words.len()
            && self.words.iter().zip(words).all(|(word, said)| fits(word, said))
    }
}

/// A text in clauses of plain words.
#[derive(Debug)]
pub(super) struct Clauses(Vec<Vec<String>>);

/// Where a phrase stands in a text: clause, first word, the word after its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit<'p> {
    /// Which.
    pub(super) phrase: &'p Phrase,
    clause: usize,
    from: usize,
    to: usize,
}

impl Hit<'_> {
    /// Whether two share a word.
    pub(super) fn overlaps(&self, other: &Hit<'_>) -> bool {
        self.clause == other.clause && self.from < other.to && other.from < self.to
    }
}

/// Words before a phrase among which one that negates it is looked for.
const REACH: usize = 3;

impl Clauses {
    /// Of a text as a person wrote it.
    pub(super) fn of(text: &str) -> Clauses {
        Clauses(clauses(text, |_| false))
    }

    /// Everywhere that one of the phrases stands.
    pub(super) fn hits<'p>(&self, phrases: &'p [Phrase]) -> Vec<Hit<'p>> {
        let mut hits = Vec::new();
        for (clause, words) in self.0.iter().enumerate() {
            for from in 0..words.len() {
                let here = phrases.iter().filter(|p| p.begins(&words[from..]));
                hits.extend(here.map(|phrase| Hit { phrase, clause, from, to: from + phrase.words.len() }));
            }
        }
        hits
    }

    /// Whether a negation stands shortly before, with no `unless` between, and no other phrase that it belongs to: in
    /// `not authorised use is prohibited` nothing is said against `prohibited`.
    pub(super) fn is_negated(&self, hit: &Hit<'_>, all: &[Hit<'_>], negation: &[Phrase], unless: &[Phrase]) -> bool {
        let here = || all.iter().filter(|other| other.clause == hit.clause);
        // what is told of `will be prosecuted` is told of `prosecuted` in it
        let first = here().filter(|other| other.overlaps(hit)).map(|other| other.from).fold(hit.from, usize::min);
        let words = &self.0[hit.clause][..first];
        let least = first.saturating_sub(REACH);
        let negates = |from: usize| {
            let over = |p: &&Phrase| (least..=from).any(|at| at + p.words.len() > from && p.begins(&words[at..]));
            negation.iter().any(|p| over(&p))
        };
        for from in (least..first).rev() {
            if here().any(|o| !o.overlaps(hit) && o.from <= from && from < o.to) {
                return false;
            }
            if negates(from) {
                return true;
            }
            if unless.iter().any(|p| p.begins(&words[from..])) {
                return false;
            }
        }
        false
    }
}

/// Words in small letters without accents, clause by clause. The end of a line is a blank as any other; an empty line
/// ends a clause as a full stop does.
fn clauses(text: &str, keep: impl Fn(char) -> bool) -> Vec<Vec<String>> {
    let mut clauses = vec![Vec::new()];
    let mut word = String::new();
    let mut lines = 0;
    for c in text.chars().flat_map(char::to_lowercase).chain([' ']) {
        if c.is_alphanumeric() || keep(c) {
            plain(c, &mut word);
            continue;
        }
        if matches!(c, '\u{300}'..='\u{36f}' | '\u{ad}') {
            // an accent that stands by itself, a hyphen that is not seen
            continue;
        }
        if let Some(last) = clauses.last_mut().filter(|_| !word.is_empty()) {
            last.push(std::mem::take(&mut word));
            lines = 0;
        }
        lines += usize::from(c == '\n');
        if matches!(c, '.' | '!' | '?' | ';' | ':' | ',' | '(' | ')') || lines == 2 {
            clauses.push(Vec::new());
        }
    }
    clauses.retain(|c| !c.is_empty());
    clauses
}

/// Letters with accents, and what they are without.
const PLAIN: [(&str, &str); 15] = [
    ("àáâãäåā", "a"),
    ("çćč", "c"),
    ("ď", "d"),
    ("èéêëēęě", "e"),
    ("ìíîïī", "i"),
    ("łľ", "l"),
    ("ñńň", "n"),
    ("òóôõöøō", "o"),
    ("řŕ", "r"),
    ("śš", "s"),
    ("ùúûüūů", "u"),
    ("ýÿ", "y"),
    ("źżž", "z"),
    ("ß", "ss"),
    ("æ", "ae"),
];

fn plain(c: char, word: &mut String) {
    if c.is_ascii() {
        return word.push(c);
    }
    match PLAIN.iter().find(|(with, _)| with.contains(c)) {
        Some((_, without)) => word.push_str(without),
        None => word.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str, phrases: &[&str]) -> Option<bool> {
        let list = |words: &[&str]| words.iter().map(|w| Phrase::new(w)).collect::<Vec<_>>();
        let (negation, unless) = (list(&["not", "isn't", "nicht", "pas"]), list(&["unless", "außer"]));
        let (clauses, phrases) = (Clauses::of(text), list(phrases));
        let hits = clauses.hits(&phrases);
        let stated = hits.iter().any(|h| !clauses.is_negated(h, &[], &negation, &unless));
        (!hits.is_empty()).then_some(stated)
    }

    #[test]
    fn lines_blanks_letters_and_accents_make_no_difference() {
        for text in [
            "PROPERTY  of\r\n   the  plant",
            "property\tof",
            "Propriété de",
            "propriete\nde",
            "proprie\u{301}te\u{301} DE",
        ] {
            assert_eq!(says(text, &["property of", "propriété de"]), Some(true), "{text}");
        }
        for text in ["property", "of property", "property. Of", "propertyof", "property\n\nof"] {
            assert_eq!(says(text, &["property of"]), None, "{text}");
        }
    }

    #[test]
    fn a_word_is_whole_but_for_a_star() {
        assert_eq!(says("unauthorised access", &["authoris*"]), None);
        assert_eq!(says("authorisation", &["authoris*"]), Some(true));
        assert_eq!(says("authorisation", &["authoris"]), None);
        assert_eq!(says("unbefugt", &["befugt*"]), None);
    }

    #[test]
    fn a_negation_belongs_to_the_next_phrase() {
        let list = |words: &[&str]| words.iter().map(|w| Phrase::new(w)).collect::<Vec<_>>();
        let (negation, authorised, prohibited) = (list(&["not"]), list(&["authorised"]), list(&["prohibited"]));
        let clauses = Clauses::of("Not authorised use prohibited. It is not prohibited.");
        let all: Vec<Hit<'_>> = clauses.hits(&authorised).into_iter().chain(clauses.hits(&prohibited)).collect();
        let negated: Vec<bool> = all.iter().map(|h| clauses.is_negated(h, &all, &negation, &[])).collect();
        assert_eq!(negated, [true, false, true]);
    }

    #[test]
    fn a_negation_of_a_longer_phrase_is_one_of_what_stands_in_it() {
        let list = |words: &[&str]| words.iter().map(|w| Phrase::new(w)).collect::<Vec<_>>();
        let (negation, unless) = (list(&["no", "non è"]), list(&["e"]));
        let phrases = list(&["prosecuted", "will be prosecuted", "queda prohibid*", "prohibido", "vietato"]);
        for (text, stated) in [
            ("no visitor will be prosecuted", false),
            ("no queda prohibido el acceso", false),
            ("ogni altro uso non è vietato", false),
            ("non autorizzato e vietato", true),
            ("visitors will be prosecuted", true),
        ] {
            let clauses = Clauses::of(text);
            let hits = clauses.hits(&phrases);
            let said = hits.iter().any(|h| !clauses.is_negated(h, &hits, &negation, &unless));
            assert_eq!(said, stated, "{text}");
        }
    }

    #[test]
    fn a_negation_is_no_statement() {
        for text in ["is not prohibited", "isn't prohibited", "will not be strictly prohibited", "nicht prohibited"] {
            assert_eq!(says(text, &["prohibited"]), Some(false), "{text}");
        }
        for text in ["Do not enter. Prohibited", "do not enter unless prohibited", "not for you, prohibited"] {
            assert_eq!(says(text, &["prohibited"]), Some(true), "{text}");
        }
    }
}
