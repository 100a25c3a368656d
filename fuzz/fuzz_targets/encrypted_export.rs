//! The file that an NPort exports and encrypts.
#![no_main]

#[path = "../readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| readers::encrypted_export(bytes));
