//! A file of allowed signers.
#![no_main]

use fieldlock::image::fuzz_entry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_entry::allowed_signers(bytes));
