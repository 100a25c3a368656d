//! What the lists of `report` have in common: of which state of a site they speak.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::report::Commit;

/// The state of a site that is told of.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ToldOf {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The site.
    pub site: String,
    /// As of when, UTC: waivers, attestations and ages count from here.
    pub as_of: String,
    /// Where the site's files stand in git; absent outside of it.
    pub commit: Option<Commit>,
}

impl ToldOf {
    /// A site as of a time.
    pub fn new(site: &str, as_of: String, commit: Option<Commit>) -> ToldOf {
        ToldOf { format_version: FORMAT_VERSION, site: site.to_owned(), as_of, commit }
    }
}
