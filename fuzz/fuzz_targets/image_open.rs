//! The whole path of opening, with a known key.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fieldlock::image::fuzz_entry::open_with_known_key(bytes));
