//! The decrypted content: padding, list, manifest.
#![no_main]

#[path = "../from_seed.rs"]
mod from_seed;
#[path = "../readers.rs"]
mod readers;

use fieldlock::image::fuzz_entry;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| {
    readers::image_parts(bytes);
    fuzz_entry::content(bytes);
});
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, random: u32| {
    from_seed::mutate(data, size, max_size, random, |seeds| &seeds.content)
});
