//! The log of a sheet's page: what was done, in order. Nothing is ever taken out of it.

use serde::{Deserialize, Serialize};

use super::Status;

/// One entry. Which of the keys it has follows from `what`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// Its place in the order.
    pub seq: u64,
    /// When, by the laptop's clock.
    pub at: String,
    /// Initials; absent before somebody said any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// What.
    pub what: LogKind,
    /// Answer: the number of the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Answer: what it was; absent where it was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Status>,
    /// Answer: what it is; absent where it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Status>,
    /// Page: its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Page: which tick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tick: Option<PageTick>,
    /// Page, before: whether it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<bool>,
    /// Before: which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Loaded: the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Loaded: how many rows were taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
    /// Clock went back: by how many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// Opened: what the browser calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
}

/// What an entry is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogKind {
    /// The page was opened.
    Opened,
    /// A tick of what is told before the rows.
    Before,
    /// An answer was given, changed or taken back.
    Answer,
    /// A page was ticked.
    Page,
    /// A row of a page was changed, so its ticks went.
    PageOpenAgain,
    /// Another window went on.
    TookOver,
    /// A file was loaded.
    Loaded,
    /// The laptop's clock went back.
    ClockWentBack,
}

/// The ticks of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PageTick {
    /// SAVE was pressed.
    Saved,
    /// It was opened again.
    Seen,
}

impl LogEntry {
    /// Whether it has the keys of its kind and no other.
    pub(super) fn is_of_its_kind(&self) -> bool {
        let LogEntry { row, from, to, page, tick, on, name, file, rows, seconds, browser, .. } = self;
        let has = [
            row.is_some(),
            from.is_some() || to.is_some(),
            page.is_some(),
            tick.is_some(),
            on.is_some(),
            name.is_some(),
            file.is_some(),
            rows.is_some(),
            seconds.is_some(),
            browser.is_some(),
        ];
        let wants: &[usize] = match self.what {
            LogKind::Opened => &[9],
            LogKind::Before => &[4, 5],
            LogKind::Answer => &[0, 1],
            LogKind::Page => &[2, 3, 4],
            LogKind::PageOpenAgain => &[2],
            LogKind::TookOver => &[],
            LogKind::Loaded => &[6, 7],
            LogKind::ClockWentBack => &[8],
        };
        has.iter().enumerate().all(|(at, has)| *has == wants.contains(&at)) && (from != to || from.is_none())
    }

    /// Its texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let LogEntry { by, page, name, file, browser, .. } = self;
        [Some(by), page.as_ref(), name.as_ref(), file.as_ref(), browser.as_ref()].into_iter().flatten().map(|t| &**t)
    }
}
