//! A text from a device, taken over into a site.
#![no_main]

#[path = "../readers.rs"]
mod readers;
#[path = "../structure.rs"]
mod structure;

libfuzzer_sys::fuzz_target!(|text: &str| readers::incoming(text));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    structure::mutate(data, size, max_size, seed)
});
