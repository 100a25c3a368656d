//! Ids that stand for no rule, or for none any more. They are never given to another one, and whoever names one is told
//! what became of it.

use super::rule::{Moment, Reader};
use crate::finding::codes;
use crate::source::Loc;
use crate::syntax::{Entry, Node};

/// What became of a row of the catalogue that no rule of its own judges.
#[derive(Debug, Clone)]
pub struct Gone {
    /// The id that it had.
    pub id: Box<str>,
    /// What.
    pub became: Became,
    /// Why.
    pub why: Option<String>,
    /// Its line.
    pub loc: Loc,
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum Became {
    /// These rules ask what it asked.
    Merged(Vec<Box<str>>),
    /// The program itself answers it, for every site: by what, and when.
    Answered(Box<str>, Moment),
    /// Nothing checks it yet; when it will be judged.
    Open(Moment),
    /// Nobody asks it any more.
    Retired,
}

impl Gone {
    /// The rules that ask now what it asked; none where nobody does.
    pub fn merged_into(&self) -> &[Box<str>] {
        match &self.became {
            Became::Merged(into) => into,
            _ => &[],
        }
    }

    /// `merged "ID" "INTO"...`, `answered "ID" by="..." moment="..."`, `open "ID" moment="..."` and `retired "ID"` of a
    /// pack's head; all but the first say `because="..."`.
    pub(super) fn read(cx: &mut Reader, node: &Node) -> Option<Gone> {
        let id = cx.text(node)?;
        cx.only(node, usize::MAX, &["by", "moment", "because"]);
        let into: Vec<Box<str>> = node.args().skip(1).filter_map(|e| e.text().map(Into::into)).collect();
        let said = |name: &str| node.prop(name).and_then(Entry::text);
        let why = said("because").map(str::to_owned);
        let moment = said("moment").and_then(Moment::from_word);
        let became = match &*node.name {
            "merged" => (!into.is_empty()).then_some(Became::Merged(into)),
            _ if !into.is_empty() || why.is_none() => None,
            "answered" => said("by").zip(moment).map(|(by, moment)| Became::Answered(by.into(), moment)),
            "open" => moment.map(Became::Open),
            _ => Some(Became::Retired),
        };
        let Some(became) = became else {
            let help = "write `merged \"ID\" \"OTHER-ID\"`, or `retired \"ID\" because=\"...\"`";
            cx.report(codes::pack::INCOMPLETE, node.header, format!("what became of `{id}` is not said"), help);
            return None;
        };
        Some(Gone { id: id.as_str().into(), became, why, loc: cx.loc(node.header) })
    }

    /// `merged into NP6-SVC-007`, `answered by waiver.*: ...`
    pub fn words(&self) -> String {
        let what = match &self.became {
            Became::Merged(into) => format!("merged into {}", into.join(", ")),
            Became::Answered(by, _) => format!("answered by {by}"),
            Became::Open(_) => "not checked yet".to_owned(),
            Became::Retired => "retired".to_owned(),
        };
        self.why.as_ref().map_or(what.clone(), |why| format!("{what}: {why}"))
    }
}
