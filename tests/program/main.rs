//! The program as people run it: what they type and see, what it leaves behind, and what is tried against it.

#[path = "../common/mod.rs"]
mod common;
#[path = "../../benches/generate.rs"]
#[expect(clippy::expect_used, reason = "a fleet that can't be written is a test that has failed")]
mod generate;

mod advisories;
mod applying;
mod at_a_terminal;
mod auditing;
mod bad_input;
mod by_file;
mod canaries;
mod canaries_of_imports;
mod cli;
mod consumers;
mod coverage;
mod firmware;
mod first_site;
mod hygiene;
mod killed_at_home;
mod line_ends;
mod dialects;
mod many_devices;
mod models;
mod passphrase_changes;
mod pipelines;
mod planning;
mod posture;
mod receipts;
mod recovery;
mod retire;
mod secret_store;
mod secret_threats;
mod side_doors;
mod taking_over;
mod threats;
mod trust;
mod two_texts;
mod undoing;
mod vendor_tool;
mod windows;
