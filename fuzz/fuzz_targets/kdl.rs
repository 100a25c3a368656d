//! KDL text to a tree, and the tree against every shape.
#![no_main]

#[path = "../readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|text: &str| readers::kdl(text));
