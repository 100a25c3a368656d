//! The order in which a list of rules is changed whose first rule that matches decides, so that on the way each packet
//! is decided as before or as after.
//!
//! New rules come from the top to the bottom, each above the old ones of its gap; then what happens to the rest is set;
//! then old rules go from the bottom to the top. None of it can be swapped.

use std::hash::Hash;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    /// Put the new rule of this number above the old one of that number; at the end where there is none.
    Insert(usize, Option<usize>),
    /// Set what happens to what no rule matches.
    Default,
    /// Take the old rule of this number away.
    Delete(usize),
}

/// The steps from one list to another; rules that both have in the same order stay.
pub(super) fn sequence<R: Hash + Ord>(old: &[R], new: &[R]) -> Vec<Turn> {
    let (mut inserts, mut deletes) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if let DiffOp::Insert { .. } | DiffOp::Replace { .. } | DiffOp::Delete { .. } = op {
            let above = op.old_range().start;
            inserts.extend(op.new_range().map(|at| Turn::Insert(at, (above < old.len()).then_some(above))));
            deletes.extend(op.old_range().map(Turn::Delete));
        }
    }
    deletes.reverse();
    inserts.push(Turn::Default);
    inserts.extend(deletes);
    inserts
}
