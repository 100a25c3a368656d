//! The header of an image.
#![no_main]

#[path = "../from_seed.rs"]
mod from_seed;
#[path = "../readers.rs"]
mod readers;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| readers::image_header(bytes));
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, random: u32| {
    from_seed::mutate(data, size, max_size, random, |seeds| &seeds.image)
});
