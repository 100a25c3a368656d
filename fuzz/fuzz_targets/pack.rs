//! A pack's files.
#![no_main]

#[path = "../readers.rs"]
mod readers;
#[path = "../structure.rs"]
mod structure;

libfuzzer_sys::fuzz_target!(init: readers::stay_on_this_thread(), |text: &str| readers::pack(text));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    structure::mutate(data, size, max_size, seed)
});
