//! Whose signatures count.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use super::filled;
use crate::ledger::signature::{KEY_TYPE, LineProblem, NAMESPACE, SignerLine};

/// Who may sign.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SignerList {
    /// Version of this format: 1.
    pub format_version: u32,
    /// Each line that allows somebody.
    pub signers: Vec<SignerEntry>,
    /// Lines that allow nobody.
    pub problems: Vec<UselessLine>,
}

impl SignerList {
    /// Of lines.
    pub fn of(signers: Vec<SignerEntry>, problems: Vec<UselessLine>) -> SignerList {
        SignerList { format_version: FORMAT_VERSION, signers, problems }
    }
}

/// A line that allows somebody.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SignerEntry {
    /// The site that it is for; absent where it is for all.
    pub site: Option<String>,
    /// What its file is for: `builds`, `plans`, `receipts` or `advisories`.
    pub purpose: &'static str,
    /// Its number in the file, from 1.
    pub line: usize,
    /// Who it is, as the line says it.
    pub names: String,
    /// The type of the key.
    pub r#type: &'static str,
    /// `SHA256:...`
    pub fingerprint: String,
    /// From when on, UTC.
    pub valid_after: Option<String>,
    /// Until when, UTC.
    pub valid_before: Option<String>,
    /// Whether it is for lists of builds at all.
    pub signs_indexes: bool,
}

impl SignerEntry {
    /// A line of the file for a site, or for all where that is empty; `None` for one without a key that is of use.
    pub fn of((site, purpose): (&str, &'static str), line: &SignerLine) -> Option<SignerEntry> {
        let (from, until) = line.period();
        Some(SignerEntry {
            site: filled(site),
            purpose,
            line: line.number(),
            names: line.names(),
            r#type: KEY_TYPE,
            fingerprint: line.key()?.fingerprint(),
            valid_after: from.map(|time| time.to_string()),
            valid_before: until.map(|time| time.to_string()),
            signs_indexes: line.is_for(NAMESPACE),
        })
    }
}

/// A line that allows nobody.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UselessLine {
    /// The site whose file it stands in; absent for the file for all.
    pub site: Option<String>,
    /// Its number, from 1.
    pub line: usize,
    /// What is the matter with it.
    pub problem: String,
}

impl UselessLine {
    /// A line of the file for a site, or for all where that is empty.
    pub fn of(site: &str, problem: &LineProblem) -> UselessLine {
        UselessLine { site: filled(site), line: problem.line, problem: problem.kind.to_string() }
    }
}
