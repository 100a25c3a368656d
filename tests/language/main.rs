//! What is said of devices, rules and native texts, by the library alone: the language, its cases, judging, dialects.

#[path = "../common/mod.rs"]
mod common;

mod attestations;
mod canaries_of_forms;
mod captured;
mod cases;
mod diff;
mod fixes;
mod grammars;
mod hardening;
mod levels;
mod merging;
mod model;
mod mutation;
mod nport_6000;
mod packs;
mod reports;
mod settled;
mod site_files;
mod site_secrets;
