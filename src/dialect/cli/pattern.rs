//! Lines with places for values: `username {name} password {password} privilege {role}`.

use std::ops::Range;

/// The place of a value's number among others.
pub(super) const NUMBER: &str = "number";

/// A line's words; a place stands for one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(Box<str>),
    /// A place by its name.
    Slot(Box<str>),
}

impl Pattern {
    /// From a table's text.
    pub(super) fn parse(text: &str) -> Pattern {
        let token = |word: &str| match word.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
            Some(name) => Token::Slot(name.into()),
            None => Token::Word(word.into()),
        };
        Pattern { tokens: text.split_whitespace().map(token).collect() }
    }

    /// Names of its places, in order.
    pub(super) fn slots(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|t| match t {
            Token::Slot(name) => Some(&**name),
            Token::Word(_) => None,
        })
    }

    /// The words it begins with, before its first place.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map_while(|t| match t {
            Token::Word(word) => Some(&**word),
            Token::Slot(_) => None,
        })
    }

    /// How many words it begins with before its first place.
    pub(super) fn lead(&self) -> usize {
        self.words().count()
    }

    /// Which words fill the places, where the line is of this pattern. `width` says how many words a place takes,
    /// `None` for the rest of the line, one at least.
    pub(super) fn fill(&self, words: &[&str], width: impl Fn(&str) -> Option<usize>) -> Option<Vec<Range<usize>>> {
        let mut at = 0;
        let mut filled = Vec::new();
        for token in &self.tokens {
            match token {
                Token::Word(word) => {
                    if words.get(at) != Some(&&**word) {
                        return None;
                    }
                    at += 1;
                }
                Token::Slot(name) => {
                    let end = width(name).map_or(words.len(), |n| at + n);
                    if end > words.len() || end == at {
                        return None;
                    }
                    filled.push(at..end);
                    at = end;
                }
            }
        }
        if at == words.len() { Some(filled) } else { None }
    }

    /// The words of one value in a line of this pattern, and the number in front of it where it has a place for one.
    pub(super) fn value<'w>(&self, words: &[&'w str]) -> Option<(Option<usize>, &'w str)> {
        let filled = self.fill(words, |_| Some(1))?;
        let said = self.slots().zip(filled).map(|(name, range)| (name, words[range.start]));
        let (mut number, mut value) = (None, None);
        for (name, word) in said {
            match name {
                NUMBER => number = Some(word.parse().ok()?),
                _ => value = Some(word),
            }
        }
        value.map(|value| (number, value))
    }

    /// Whether it has a place for the number of a value.
    pub(super) fn is_numbered(&self) -> bool {
        self.slots().any(|name| name == NUMBER)
    }

    /// Whether the line begins as this pattern does, up to its first place.
    pub(super) fn begins(&self, words: &[&str]) -> bool {
        let lead = self.lead();
        lead > 0
            && words.len() >= lead
            && self.tokens[..lead].iter().zip(words).all(|(t, w)| matches!(t, Token::Word(word) if &**word == *w))
    }

    /// The same, and something follows.
    pub(super) fn leads(&self, words: &[&str]) -> bool {
        words.len() > self.lead() && self.begins(words)
    }

    /// As a person reads it: places in angle brackets.
    pub(super) fn shown(&self) -> String {
        let words = self.tokens.iter().map(|t| match t {
            Token::Word(word) => word.to_string(),
            Token::Slot(name) => format!("<{name}>"),
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_take_their_words() {
        let pattern = Pattern::parse("interface trusted-access {net} enable");
        let words = ["interface", "trusted-access", "10.0.0.0", "255.0.0.0", "enable"];
        assert_eq!(pattern.fill(&words, |_| Some(2)).unwrap()[0], 2..4);
        assert_eq!(pattern.fill(&words[..4], |_| Some(2)), None);
        assert_eq!(pattern.fill(&words, |_| None), None, "nothing may follow the rest of a line");
        assert!(pattern.leads(&words) && !pattern.leads(&words[..2]));
        assert_eq!(pattern.shown(), "interface trusted-access <net> enable");
    }
}
