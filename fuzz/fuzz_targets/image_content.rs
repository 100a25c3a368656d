//! The decrypted content.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fieldlock::image::fuzz_entry::content(bytes));
