//! What a finding is called, and what follows from it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use super::Severity;

/// What a code means for the end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// What people wrote can't be used: the run ends with 2, and no rule is judged on it.
    Input,
    /// Judged by its severity, as a rule of a pack is.
    Rule,
    /// The device can't be built, whatever `--fail-on` says.
    Refusal,
    /// Told, so that somebody knows; it fails a run that asks for its severity, or for everything.
    Note,
    /// What a folder proves, and what it does not: no rule, and nothing that a device is built by.
    Proof,
}

impl Class {
    /// The word as `explain` and `schema/codes.md` have it.
    pub fn word(self) -> &'static str {
        match self {
            Class::Input => "input",
            Class::Rule => "rule",
            Class::Refusal => "refusal",
            Class::Note => "note",
            Class::Proof => "proof",
        }
    }

    /// What it means for the end of a run.
    pub fn meaning(self) -> &'static str {
        match self {
            Class::Input => "what is written can't be used; the run ends with 2",
            Class::Rule => {
                "judged by its severity; the run ends with 1 from `--fail-on` on, else from what keeps a device from being built"
            }
            Class::Refusal => "the device can't be built; the run ends with 1, whatever `--fail-on` says",
            Class::Note => "worth knowing; the run ends with 1 only where `--fail-on` or `--strict` asks for it",
            Class::Proof => {
                "what `verify` looks at; what does not hold ends it with 5, what differs with 3, what can't be read with 2"
            }
        }
    }
}

/// A code of fieldlock's own, as it stands in [`super::codes`].
#[derive(Debug, PartialEq, Eq)]
pub struct OwnCode {
    /// `syntax.unclosed-quote`
    pub id: &'static str,
    /// What it means for the end of a run.
    pub class: Class,
    /// How bad it is, where the finding says nothing else.
    pub severity: Severity,
    /// What to do, where the finding says nothing more precise.
    pub help: &'static str,
    page: &'static str,
}

impl OwnCode {
    /// What it says and why, in a few sentences.
    pub fn page(&self) -> Cow<'static, str> {
        let page = self.page.trim();
        if page.contains("  ") { Cow::Owned(page.replace("  ", " ")) } else { Cow::Borrowed(page) }
    }

    pub(super) const fn new(
        id: &'static str,
        class: Class,
        severity: Severity,
        help: &'static str,
        page: &'static str,
    ) -> OwnCode {
        OwnCode { id, class, severity, help, page }
    }
}

/// What a finding is called: a code of our own, or the id of a rule. It reads as its text.
#[derive(Debug, Clone)]
pub enum Code {
    /// One of [`super::codes`].
    Own(&'static OwnCode),
    /// `NP6-SES-001`
    Rule(Arc<str>),
}

impl Code {
    /// The id of a rule.
    pub fn rule(id: impl Into<Arc<str>>) -> Code {
        Code::Rule(id.into())
    }

    /// What it means for the end of a run.
    pub fn class(&self) -> Class {
        match self {
            Code::Own(own) => own.class,
            Code::Rule(_) => Class::Rule,
        }
    }
}

impl Deref for Code {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Code::Own(own) => own.id,
            Code::Rule(id) => id,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        **self == **other
    }
}

impl Eq for Code {}

impl PartialEq<str> for Code {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Code) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Code) -> Ordering {
        (**self).cmp(other)
    }
}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}
