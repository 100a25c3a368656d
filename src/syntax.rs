//! KDL 2 text to a spanned [`Tree`]. The only module that names the KDL crates.
//!
//! `neco-kdl` reads; a text that it refuses is read again by `kdl` for several well-worded diagnostics. Size and
//! nesting are bounded first, since both parsers recurse.

mod tree;

pub use tree::{Entry, Node, Scalar, Tree};
