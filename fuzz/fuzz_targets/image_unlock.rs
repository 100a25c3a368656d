//! What a person types as an unlock code, and age files before the `age` program gets them.
#![no_main]

#[path = "../readers.rs"]
mod readers;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    readers::unlock_code(bytes);
    readers::age_file(bytes);
});
