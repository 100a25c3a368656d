//! One scalar setting to one native word, and back.

use std::borrow::Cow;

use crate::model::facts::{Doubt, Value};
use crate::model::shape::{ScalarKind, parse_scalar};
use crate::model::value::{Rate, Time};

/// How a value is spelled natively.
#[derive(Debug, Clone)]
pub struct Codec {
    /// The spelling.
    pub kind: CodecKind,
    /// The model's kind of value.
    pub scalar: &'static ScalarKind,
    /// The model's word beside it (`never`).
    pub word: Option<&'static str>,
}

/// The spellings.
#[derive(Debug, Clone)]
pub enum CodecKind {
    /// As text; also addresses, networks, versions, names: whatever the model reads from bare text.
    Text(TextRules),
    /// A whole number.
    Int {
        /// Lowest that the device takes.
        min: i64,
        /// Highest that the device takes.
        max: i64,
    },
    /// A time as a whole number of units.
    Time {
        /// Milliseconds of one unit.
        unit: u64,
        /// Lowest number that the device takes.
        min: u64,
        /// Highest number that the device takes.
        max: u64,
        /// Whether the native 0 is `never`.
        never: bool,
    },
    /// Packets a second.
    Rate {
        /// Whether the native 0 is `never`.
        never: bool,
    },
    /// Some of the model's words (or `on`, `off`), each with its native word.
    Words(Vec<NativeWord>),
    /// A secret: its value never is among the facts.
    Secret(TextRules),
    /// No source says what the native value means.
    Foreign,
}

/// A value and its native word.
#[derive(Debug, Clone)]
pub struct NativeWord {
    /// The model's value.
    pub value: Value,
    /// What is written.
    pub native: Box<str>,
    /// Other native words that mean the same when read.
    pub also: Vec<Box<str>>,
}

/// What a native text may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRules {
    /// Its characters.
    pub alphabet: Alphabet,
    /// Characters of the alphabet that this place can't hold.
    pub except: Box<str>,
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: usize,
}

/// A set of characters. **None holds a line break, a control character, a bidirectional or an invisible one.**
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Space to tilde.
    Printable,
    /// Letters, digits, `.`, `-`, `_`, `:`: host names and addresses.
    Host,
    /// Any letter or sign of any script that can be seen.
    Visible,
    /// Digits, `,` and `-`: a row of numbers.
    Numbers,
}

/// Why a value can't be written natively.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The sentence.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Refusal {
    /// A refusal and its remedy.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Refusal {
        Refusal { message: message.into(), help: help.into() }
    }
}

impl Alphabet {
    /// From the word in a table.
    pub fn from_word(word: &str) -> Option<Alphabet> {
        Some(match word {
            "printable" => Alphabet::Printable,
            "host" => Alphabet::Host,
            "visible" => Alphabet::Visible,
            "numbers" => Alphabet::Numbers,
            _ => return None,
        })
    }

    /// Whether it holds a character.
    pub fn holds(self, c: char) -> bool {
        match self {
            Alphabet::Printable => matches!(c, ' '..='~'),
            Alphabet::Host => c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'),
            Alphabet::Numbers => c.is_ascii_digit() || matches!(c, ',' | '-'),
            Alphabet::Visible => matches!(c, ' '..='~') || !c.is_control() && !is_invisible(c),
        }
    }

    fn doc(self) -> &'static str {
        match self {
            Alphabet::Printable => "space and the printable characters of ASCII",
            Alphabet::Host => "letters, digits, `.`, `-`, `_` and `:`",
            Alphabet::Visible => "characters that can be seen",
            Alphabet::Numbers => "digits, `,` and `-`",
        }
    }
}

/// Characters that show nothing, or turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

impl TextRules {
    /// Judges a text. The message does not repeat it: it may be a secret.
    pub fn judge(&self, text: &str) -> Result<(), Refusal> {
        let length = text.chars().count();
        if length > self.max {
            let message = format!("{length} characters are too many for the device");
            return Err(Refusal::new(message, format!("write at most {}", self.max)));
        }
        if length < self.min {
            let message = format!("{length} characters are too few for the device");
            return Err(Refusal::new(message, format!("write at least {}", self.min)));
        }
        if text.chars().any(|c| !self.alphabet.holds(c)) {
            let help = format!("the native text takes {}", self.alphabet.doc());
            return Err(Refusal::new("a character that the native text can't hold", help));
        }
        if !self.except.is_empty()
            && let Some(c) = text.chars().find(|c| self.except.contains(*c))
        {
            let help = format!("leave `{c}` out: the device may read it as something else there");
            return Err(Refusal::new(format!("`{c}` can't stand here in the native text"), help));
        }
        if text.starts_with(' ') || text.ends_with(' ') {
            return Err(Refusal::new(
                "a space at the end of a text",
                "remove it: a device may cut it off, and what is read back would differ",
            ));
        }
        Ok(())
    }
}

impl Codec {
    /// Whether it is a secret's.
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, CodecKind::Secret(_))
    }

    /// Whether the meaning of its native values has no source.
    pub fn is_foreign(&self) -> bool {
        matches!(self.kind, CodecKind::Foreign)
    }

    /// The value of a native word; `None` where it means nothing that is known. Secrets read as held.
    pub fn decode(&self, native: &str) -> Option<Value> {
        match &self.kind {
            CodecKind::Text(_) => parse_scalar(self.scalar, self.word, native),
            CodecKind::Int { min, max } => {
                let n = number(native)?;
                let legal = i64::try_from(n).is_ok_and(|n| (*min..=*max).contains(&n));
                if legal { parse_scalar(self.scalar, None, &n.to_string()) } else { None }
            }
            CodecKind::Time { unit, min, max, never } => match number(native)? {
                0 if *never => Some(Value::Time(Time::Never)),
                n if (*min..=*max).contains(&n) => n.checked_mul(*unit).map(|ms| Value::Time(Time::Millis(ms))),
                _ => None,
            },
            CodecKind::Rate { never } => match number(native)? {
                0 => never.then_some(Value::Rate(Rate::Never)),
                n => Some(Value::Rate(Rate::PerSecond(n))),
            },
            CodecKind::Words(words) => {
                let same = |w: &&NativeWord| *w.native == *native || w.also.iter().any(|a| **a == *native);
                words.iter().find(same).map(|w| w.value.clone())
            }
            CodecKind::Secret(_) => Some(Value::Held),
            CodecKind::Foreign => None,
        }
    }

    /// Why a native word that [`decode`](Codec::decode) refuses is not believed.
    pub fn doubt(&self, native: &str) -> Doubt {
        let trimmed = native.trim();
        if trimmed != native && self.decode(trimmed).is_some() {
            return Doubt::Blank;
        }
        match &self.kind {
            CodecKind::Foreign => Doubt::NoMeaning,
            CodecKind::Int { min, max } if number(native).is_some() => Doubt::Outside(*min, *max),
            CodecKind::Time { min, max, .. } if number(native).is_some() => {
                let limit = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                Doubt::Outside(limit(*min), limit(*max))
            }
            _ => Doubt::Undocumented,
        }
    }

    /// The native word of a value. Secrets and values that are not known have none: the caller deals with them first.
    ///
    /// # Errors
    /// What the device can't hold: out of its range, of its alphabet, or without a native word.
    pub fn encode<'v>(&'v self, value: &'v Value) -> Result<Cow<'v, str>, Refusal> {
        let cannot = || {
            Refusal::new(
                format!("this device has no way to say `{}`", value.plain()),
                "choose another value, or leave the setting out",
            )
        };
        match (&self.kind, value) {
            (CodecKind::Text(rules), _) => {
                let text = value.plainly();
                rules.judge(&text)?;
                Ok(text)
            }
            (CodecKind::Int { min, max }, Value::Int(n)) if (min..=max).contains(&n) => Ok(n.to_string().into()),
            (CodecKind::Int { min, max }, Value::Int(n)) => {
                Err(Refusal::new(format!("`{n}` is outside what the device takes"), format!("write {min} to {max}")))
            }
            (CodecKind::Time { never: true, .. }, Value::Time(Time::Never)) => Ok("0".into()),
            (CodecKind::Time { unit, min, max, .. }, Value::Time(Time::Millis(ms))) => {
                let (low, high) = (Time::Millis(min * unit), Time::Millis(max * unit));
                let n = ms / unit;
                let one = Time::Millis(*unit);
                match () {
                    () if ms % unit != 0 => Err(Refusal::new(
                        format!("`{}` is no whole number of what the device counts in", value.plain()),
                        format!("the device counts in steps of {one}"),
                    )),
                    () if !(*min..=*max).contains(&n) => Err(Refusal::new(
                        format!("`{}` is outside what the device takes", value.plain()),
                        format!("write {low} to {high}"),
                    )),
                    () => Ok(n.to_string().into()),
                }
            }
            (CodecKind::Rate { never: true }, Value::Rate(Rate::Never)) => Ok("0".into()),
            (CodecKind::Rate { .. }, Value::Rate(Rate::PerSecond(n))) => Ok(n.to_string().into()),
            (CodecKind::Words(words), _) => {
                let found = words.iter().find(|w| w.value == *value);
                found.map(|w| Cow::Borrowed(&*w.native)).ok_or_else(|| {
                    let known: Vec<String> = words.iter().map(|w| format!("`{}`", w.value.plain())).collect();
                    Refusal::new(cannot().message, format!("it knows {}", known.join(", ")))
                })
            }
            _ => Err(cannot()),
        }
    }
}

/// A plain decimal number without a sign.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) { None } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_is_digits_and_nothing_else() {
        assert_eq!(number("07"), Some(7));
        for text in ["", "+7", "-7", " 7", "7 ", "7.0", "0x7", "٧", "99999999999999999999"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
