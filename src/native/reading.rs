//! What was read from native text: facts, secrets beside them, and every line that no entry knows.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::model::Facts;
use crate::secret::SecretValue;

/// A native line that stays outside the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLine {
    /// Line in the native text, from 1.
    pub line: usize,
    /// The line as it may be shown: the whole of it where the dialect says that it is no secret, else with
    /// `<hidden>` for its value.
    pub shown: String,
    /// Whether the dialect lists it at all (listed and unmapped, or wholly unknown).
    pub listed: bool,
}

/// Native text, read.
pub struct Reading {
    /// What its known lines say. Values without a source for their meaning are foreign.
    pub facts: Facts,
    /// Secrets that stood there in clear, by the dotted path of their setting.
    pub secrets: BTreeMap<String, SecretValue>,
    /// Settings whose native value was redacted already: they can't be compared.
    pub redacted: Vec<String>,
    /// The numbers that entries of lists stand at, by path: some commands count them.
    pub numbers: BTreeMap<String, usize>,
    /// Lines that no entry maps, in order. Nothing is lost.
    pub kept: Vec<KeptLine>,
    /// Whether the text shows that nothing of it is missing. Only then does what it does not say mean anything.
    pub whole: bool,
    /// The text itself, for rendering over it.
    pub text: Zeroizing<String>,
}

impl Reading {
    /// What a device has, said by no text of its own.
    pub fn of(facts: Facts) -> Reading {
        Reading {
            facts,
            secrets: BTreeMap::new(),
            redacted: Vec::new(),
            numbers: BTreeMap::new(),
            kept: Vec::new(),
            whole: true,
            text: Zeroizing::default(),
        }
    }
}
