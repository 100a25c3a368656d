//! Settings that a page has several fields for: address and mask, rate and bits.

use std::borrow::Cow;

use super::{Cell, Row};

impl Row {
    /// A row for each field of the page that it is typed into; itself where that is one.
    pub fn in_parts(&self) -> Vec<Cow<'_, Row>> {
        let words = |text: &str| words(text).filter(|words| words.len() == self.parts.len());
        let values = match &self.value {
            Cell::Text(text) if self.is_typed() => words(text),
            _ => None,
        };
        let Some(values) = values else { return vec![Cow::Borrowed(self)] };
        let befores = self.before.as_deref().map(|text| words(text).unwrap_or_default());
        let part = |(at, (name, value)): (usize, (&String, String))| {
            let before = befores.as_ref().map(|b| b.get(at).cloned().or(self.before.clone()).unwrap_or_default());
            Cow::Owned(Row { field: name.clone(), value: Cell::Text(value), before, parts: Vec::new(), ..self.clone() })
        };
        self.parts.iter().zip(values).enumerate().map(part).collect()
    }
}

/// The text of a setting of which each field holds a word: the opposite of [`words`].
pub(super) fn joined(words: &[&str]) -> String {
    match words {
        [before @ .., bits, parity, stop] => {
            let frame = format!("{bits}{}{stop}", parity.get(..1).unwrap_or_default());
            match words_of_frame(&frame) {
                Some([_, word, _]) if word == *parity => [before, &[&*frame]].concat().join(" "),
                _ => words.join(" "),
            }
        }
        _ => words.join(" "),
    }
}

pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    // `8N1`: data bits, parity, stop bits
    if let Some(frame) = words.pop_if(|word| word.len() >= 3 && words_of_frame(word).is_some()) {
        words.extend(words_of_frame(&frame)?.map(str::to_owned));
    }
    Some(words)
}

/// Data bits, parity and stop bits of `8N1`.
fn words_of_frame(text: &str) -> Option<[&str; 3]> {
    let parity = match text.get(1..2)? {
        "N" => "None",
        "E" => "Even",
        "O" => "Odd",
        "M" => "Mark",
        "S" => "Space",
        _ => return None,
    };
    let bits = text.get(..1).filter(|b| ("5"..="8").contains(b))?;
    Some([bits, parity, text.get(2..)?])
}
