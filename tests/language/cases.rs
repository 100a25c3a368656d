//! The folders of `tests/cases`: each case holds a mistake, named by its file or folder, and the findings that it
//! gives.
//!
//! `syntax`, `shape`, `policy` and `dialect` hold single texts ([`slips`]), `site`, `check` and `build` small sites
//! ([`sites`]). Beside a mistake stands what is right: a line `// right: ...` takes the place of the line above it, and
//! a folder `right` lies over a site. `FIELDLOCK_BLESS=1` writes the expectations anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod codes;
mod mended;
mod sites;
mod slips;

use std::collections::BTreeSet;

/// What one case gives.
pub(crate) struct Case {
    /// Its file or folder beneath `tests/cases`.
    pub(crate) name: String,
    /// How many findings it gives.
    pub(crate) count: usize,
    /// Their codes.
    pub(crate) codes: BTreeSet<String>,
    /// The codes that are left where what is right stands in place of the mistake.
    pub(crate) right: Option<BTreeSet<String>>,
}

/// One slip is one finding, so that nobody mends what is right; a name that begins with `several-` says more, one that
/// begins with `good-` none.
fn counted(cases: &[Case]) {
    for Case { name, count, .. } in cases {
        let own = name.rsplit('/').next().unwrap_or(name);
        let fits = match own {
            _ if own.starts_with("good-") => *count == 0,
            _ if own.starts_with("several-") => *count > 1,
            _ => *count == 1,
        };
        assert!(fits, "{name}: {count} findings");
    }
}

/// What is right beside a mistake gives no finding at all.
fn nothing_left(cases: &[Case]) {
    for Case { name, right, .. } in cases {
        assert!(right.as_ref().is_none_or(BTreeSet::is_empty), "{name}, as it would be right: {right:?}");
    }
}
