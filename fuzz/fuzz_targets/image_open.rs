//! A whole image with a known key: the steps of opening up to the MAC.
#![no_main]

#[path = "../from_seed.rs"]
mod from_seed;

use fieldlock::image::{Kind, fuzz_entry};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| {
    fuzz_entry::file(Kind::Device, bytes);
});
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, random: u32| {
    from_seed::mutate(data, size, max_size, random, |seeds| &seeds.image)
});
