//! A file of allowed signers.
#![no_main]

#[path = "../readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| readers::allowed_signers_bytes(bytes));
