//! A line that decides, and its words.

use super::Toward;
use crate::finding::Note;
use crate::model::facts::Value;
use crate::model::shape::split_path;
use crate::site::SiteDevice;
use crate::source::Origin;

/// What is asked where any value is one.
pub const ANY_VALUE: &str = "a value";

/// A line that decides, with what it says and what is asked.
#[derive(Debug, Clone)]
pub struct Cause {
    /// The value's place; where it is absent, the place where it would stand.
    pub origin: Origin,
    /// Dotted path of the setting.
    pub path: String,
    /// The value as KDL; `None` where nothing is there. Never a secret's.
    pub said: Option<String>,
    /// What is required, as words: `at most "10 min"`.
    pub expected: String,
    /// Whether any value does that a person writes.
    pub open: bool,
    /// What the value means, where that is not plain.
    pub meaning: Option<&'static str>,
    /// Whether the value was already reported as wrong.
    pub reported: bool,
    /// Whether it is a native value without a known meaning.
    pub foreign: bool,
    /// A value that no person wrote decides: its own place, and whose it is.
    pub beneath: Option<Origin>,
    /// Further places.
    pub related: Vec<Note>,
    /// The limit that is not met.
    pub limit: Option<(Toward, Value)>,
    /// What is to be said instead of "is ..., required: ...".
    pub sentence: Option<String>,
    /// What to do, where no setting of the device mends it.
    pub help: Option<String>,
}

impl Cause {
    /// One that is said in a sentence of its own, at a place.
    pub fn told(origin: Origin, path: impl Into<String>, sentence: impl Into<String>) -> Cause {
        Cause { sentence: Some(sentence.into()), ..Cause::at(origin, path) }
    }

    pub(super) fn at(origin: Origin, path: impl Into<String>) -> Cause {
        Cause {
            origin,
            path: path.into(),
            said: None,
            expected: String::new(),
            open: false,
            meaning: None,
            reported: false,
            foreign: false,
            beneath: None,
            related: Vec::new(),
            limit: None,
            sentence: None,
            help: None,
        }
    }
}

impl Cause {
    /// The cause in words: `auto-logout is never; required: at most "10 min"`.
    pub fn words(&self) -> String {
        let name = split_path(&self.path).pop().unwrap_or(&self.path);
        let meaning = self.meaning.map(|m| format!(" ({m})")).unwrap_or_default();
        match (&self.sentence, &self.said, self.beneath()) {
            (Some(sentence), ..) if self.path.is_empty() => sentence.clone(),
            (Some(sentence), ..) => format!("`{name}`: {sentence}"),
            (None, Some(said), Some(whose)) => {
                format!("`{name}` is not written; {whose} `{said}`{meaning}; required: {}", self.expected)
            }
            (None, Some(said), None) => format!("`{name}` is `{said}`{meaning}; required: {}", self.expected),
            (None, None, _) => format!("`{name}` is not set; required: {}", self.expected),
        }
    }

    /// The same where nobody can tell: `login.auto-logout` is not known.
    pub fn doubt(&self) -> String {
        match &self.said {
            Some(said) if self.sentence.is_none() => {
                format!("whether `{}`, which is `{said}`, is {} is not known", self.path, self.expected)
            }
            None if self.sentence.is_none() => format!("`{}` is not known", self.path),
            _ => self.words(),
        }
    }

    /// Who says a value that no person wrote.
    fn beneath(&self) -> Option<&'static str> {
        let layer = self.beneath?.layer;
        Some(if layer == SiteDevice::BASE { "the device has" } else { "the factory setting is" })
    }

    /// The words beside the underline.
    pub fn label(&self) -> String {
        let meaning = self.meaning.map(|m| format!("{m}; ")).unwrap_or_default();
        match (&self.sentence, &self.said, self.beneath()) {
            (Some(sentence), ..) => sentence.clone(),
            (None, Some(said), Some(whose)) => {
                format!("not written; {whose} `{said}`; {meaning}required: {}", self.expected)
            }
            (None, None, Some(_)) => {
                format!("`{}` is not written here; {meaning}required: {}", self.path, self.expected)
            }
            (None, None, None) => format!("`{}` is not set here; required: {}", self.path, self.expected),
            (None, Some(_), None) => format!("{meaning}required: {}", self.expected),
        }
    }
}
