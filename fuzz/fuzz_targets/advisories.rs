//! A list of firmware with known holes.
#![no_main]

#[path = "../readers.rs"]
mod readers;
#[path = "../structure.rs"]
mod structure;

libfuzzer_sys::fuzz_target!(|text: &str| readers::advisories(text));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    structure::mutate(data, size, max_size, seed)
});
