//! The named analyses, in order of their names.

use super::analysis::Analysis;

/// All of them.
pub(super) const ALL: &[&Analysis] = &[];
