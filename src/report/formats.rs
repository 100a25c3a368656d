//! A report as others than people read it: a file for each format, all with one signature. What people read is a page
//! of each verb.

mod annotations;
mod concise;
mod csv;
mod entries;
pub(super) mod grouped;
mod html;
mod json;
mod junit;
mod merge;
mod oscal;
mod plain;
mod quality;
mod sarif;
mod uri;

pub(super) use self::csv::cells;
pub use self::csv::csv;
pub use annotations::annotations;
pub use concise::concise;
pub use html::html;
pub use json::{document, json};
pub use junit::junit;
pub use merge::merge;
pub use oscal::{components as oscal_components, results as oscal};
pub use plain::plain;
pub use quality::quality;
pub use sarif::sarif;

use super::{Report, View};
use crate::source::SourceMap;

/// A report in a format.
pub type Write = fn(&Report, &SourceMap, &View) -> String;
