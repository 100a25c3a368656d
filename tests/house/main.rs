//! What the project says of itself is true: its pages, its examples, its map, and the walls between its modules.

#[path = "../common/mod.rs"]
mod common;
#[path = "../../fuzz/readers.rs"]
mod readers;

mod architecture;
mod dialect_page;
mod examples;
mod fuzz_readers;
mod guides;
mod invariants;
mod language_page;
mod outputs;
mod policies_readme;
mod policy_examples;
mod policy_page;
mod readme;
mod requirements;
mod schemas;
mod transcripts;
mod walls;
