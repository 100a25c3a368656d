//! Ids that stand for no rule any more. They are never given to another one, and whoever names one is told what became
//! of it.

use super::rule::Reader;
use crate::finding::codes;
use crate::source::Loc;
use crate::syntax::{Entry, Node};

/// What became of a rule that is no more.
#[derive(Debug, Clone)]
pub struct Gone {
    /// The id that it had.
    pub id: Box<str>,
    /// The rules that ask now what it asked; none where nobody does.
    pub into: Vec<Box<str>>,
    /// Why.
    pub why: Option<String>,
    /// Its line.
    pub loc: Loc,
}

impl Gone {
    /// `merged "ID" "INTO"...` and `retired "ID" because="..."` of a pack's head.
    pub(super) fn read(cx: &mut Reader, node: &Node) -> Option<Gone> {
        let id = cx.text(node)?;
        let into: Vec<Box<str>> = node.args().skip(1).filter_map(|e| e.text().map(Into::into)).collect();
        let why = node.prop("because").and_then(Entry::text).map(str::to_owned);
        let merged = &*node.name == "merged";
        if merged == into.is_empty() || !merged && why.is_none() {
            let help = "write `merged \"ID\" \"OTHER-ID\"`, or `retired \"ID\" because=\"...\"`";
            cx.report(codes::pack::INCOMPLETE, node.header, format!("what became of `{id}` is not said"), help);
            return None;
        }
        Some(Gone { id: id.as_str().into(), into, why, loc: cx.loc(node.header) })
    }

    /// `merged into NP6-SVC-007`, `retired: ...`
    pub fn words(&self) -> String {
        let what = match self.into.is_empty() {
            true => "retired".to_owned(),
            false => format!("merged into {}", self.into.join(", ")),
        };
        self.why.as_ref().map_or(what.clone(), |why| format!("{what}: {why}"))
    }
}
