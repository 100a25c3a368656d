//! What a person types as an unlock code, and age files before the `age` program gets them.
#![no_main]

use fieldlock::image::fuzz_entry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    fuzz_entry::code(bytes);
    fuzz_entry::age_file(bytes);
});
