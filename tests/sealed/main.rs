//! Sealed images and what holds them together: built again, signed, verified, opened, and read by others.

#[path = "../common/mod.rs"]
mod common;
#[path = "../../benches/generate.rs"]
#[expect(clippy::expect_used, reason = "a fleet that can't be written is a test that has failed")]
mod generate;

mod building_again;
mod opening;
mod proofs;
mod python_reader;
mod recipients;
mod remembering;
mod sheets;
mod signatures;
mod signed_builds;
mod verifying;
