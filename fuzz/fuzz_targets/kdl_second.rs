//! The second reading of texts of KDL: what to say of one that the first refused.
#![no_main]

#[path = "../readers.rs"]
mod readers;
#[path = "../structure.rs"]
mod structure;

// a panic of that parser is caught where it is called, so the hook that ends the process at each is taken off
libfuzzer_sys::fuzz_target!(init: drop(std::panic::take_hook()), |text: &str| readers::kdl_second(text));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    structure::mutate(data, size, max_size, seed)
});
