//! What fills the places of a line: texts of settings, judged as words that a command line takes.

use std::borrow::Cow;

use crate::dialect::Refusal;
use crate::dialect::cli::{Fills, Pattern, Slot, Token};
use crate::dialect::lines::{Word, secret_name};
use crate::dialect::written::{Spelling, is_word};
use crate::model::facts::{Group, Setting, Value};

/// A line, each of its places filled.
pub(super) fn filled<'w>(pattern: &Pattern, word: impl Fn(&str) -> Cow<'w, str>) -> String {
    let words = pattern.tokens.iter().map(|token| match token {
        Token::Word(text) => Cow::Borrowed(&**text),
        Token::Slot(name) => word(name),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The text that names an entry.
pub(super) fn key_word<'v>(slot: &'v Slot, group: &'v Group) -> Option<Cow<'v, str>> {
    let Fills::Setting(target, written) = &slot.fills else { return None };
    match target.get(group)? {
        Setting::Value(fact) => gone_word(&fact.value, written),
        _ => None,
    }
}

/// The text of what is taken away: as the device shows it, where that means nothing and fills the place.
pub(super) fn gone_word<'v>(value: &'v Value, written: &'v Spelling) -> Option<Cow<'v, str>> {
    let said = match value {
        Value::Foreign(foreign) if written.words().unwrap_or(1) == foreign.raw.split(' ').count() => {
            judged(Cow::Borrowed(&foreign.raw), written)
        }
        value => word_of(value, written)?,
    };
    match said {
        Ok(Word::Text(text)) => Some(text),
        _ => None,
    }
}

/// The text of a setting, judged as words of a line; `None` for what has no text (unknown values, held secrets).
pub(super) fn word<'v>(setting: &'v Setting, written: &'v Spelling) -> Option<Result<Word<'v>, Refusal>> {
    match setting {
        Setting::Value(fact) => word_of(&fact.value, written),
        other => Some(written.encode(other).and_then(|text| judged(text, written))),
    }
}

/// The same, of a value.
pub(super) fn word_of<'v>(value: &'v Value, written: &'v Spelling) -> Option<Result<Word<'v>, Refusal>> {
    if !value.is_known() || *value == Value::Held {
        return None;
    }
    if written.is_secret() {
        return secret_name(value).map(|name| Ok(Word::Secret(name)));
    }
    Some(written.encode_value(value).and_then(|text| judged(text, written)))
}

fn judged<'v>(text: Cow<'v, str>, written: &Spelling) -> Result<Word<'v>, Refusal> {
    let fixed = written.words() != Some(1);
    if is_word(&text) || (fixed && text.split(' ').all(is_word)) {
        return Ok(Word::Text(text));
    }
    let help = "a command line takes letters, digits and `~@$%^&*-_:,./+=[]{}()` here, without spaces: what quotes, \
                `?`, `!`, `#`, `;` and others do there, no source says";
    Err(Refusal::new("a text that a command line can't hold as it is", help))
}
