//! For a browser: one page, that loads nothing.

use super::super::paint::View;
use super::super::{Report, page};
use crate::source::SourceMap;

/// The page.
pub fn html(report: &Report, sources: &SourceMap, view: &View) -> String {
    page::report(report, sources, view.all)
}
