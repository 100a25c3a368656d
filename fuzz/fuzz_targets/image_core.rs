//! The core, and with it canonical JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fieldlock::image::fuzz_entry::core(bytes));
