//! A rule, one that is no more, or a code of fieldlock's own.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::finding::{OwnCode, Severity};
use crate::policy::Gone;
use crate::report::RulePage;

/// What a report names.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Explained {
    /// Version of this format: 1.
    pub format_version: u32,
    /// Of which kind it is, and what is to be said of it.
    #[serde(flatten)]
    pub page: Page,
}

/// A rule, one that is no more, or a code.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Page {
    /// A rule of a pack.
    Rule(Box<RulePage>),
    /// A code of fieldlock's own.
    Code(CodePage),
    /// An id that no rule has, or none any more.
    Gone(GonePage),
}

/// An id that no rule has, or none any more: it is never given to another one.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GonePage {
    /// The id that it had.
    pub id: String,
    /// `merged into NP6-SVC-007`, `answered by waiver.*: ...`, `not checked yet: ...`, `retired: ...`
    pub became: String,
    /// The rules that ask now what it asked; none where none does.
    pub into: Vec<String>,
    /// Why.
    pub why: Option<String>,
}

/// A code of fieldlock's own.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CodePage {
    /// `site.no-zone`.
    pub id: &'static str,
    /// How bad it is, where nothing else is said.
    pub severity: Severity,
    /// What it means.
    pub text: String,
    /// What to do.
    pub help: &'static str,
    /// What kind of finding it is; with it, how a run ends.
    pub class: &'static str,
}

impl Explained {
    /// Of a rule.
    pub fn rule(page: RulePage) -> Explained {
        Explained { format_version: FORMAT_VERSION, page: Page::Rule(Box::new(page)) }
    }

    /// Of a rule that is no more.
    pub fn gone(gone: &Gone) -> Explained {
        let into = gone.merged_into().iter().map(|id| id.to_string()).collect();
        let page = Page::Gone(GonePage { id: gone.id.to_string(), became: gone.words(), into, why: gone.why.clone() });
        Explained { format_version: FORMAT_VERSION, page }
    }

    /// Of a code.
    pub fn code(code: &OwnCode) -> Explained {
        let (id, severity, help, class) = (code.id, code.severity, code.help, code.class.word());
        let page = Page::Code(CodePage { id, severity, text: code.page().into_owned(), help, class });
        Explained { format_version: FORMAT_VERSION, page }
    }
}
