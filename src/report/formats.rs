//! A report as others than people read it: a file for each format, all with one signature. What people read is a page
//! of each verb.

mod concise;
mod json;
mod plain;

pub use concise::concise;
pub use json::{document, json};
pub use plain::plain;

use super::{Report, View};
use crate::source::SourceMap;

/// A report in a format.
pub type Write = fn(&Report, &SourceMap, &View) -> String;
