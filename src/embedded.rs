//! Data files that the binary carries, so that a laptop in a plant needs nothing else.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
