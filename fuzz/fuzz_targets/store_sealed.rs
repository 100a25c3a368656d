//! Core and content of a secret store, sealed with the keys in hand: the steps of opening behind the MAC.
#![no_main]

#[path = "../from_seed.rs"]
mod from_seed;

use fieldlock::image::{Kind, fuzz_entry};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| {
    fuzz_entry::sealed(Kind::SecretStore, bytes);
});
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, random: u32| {
    from_seed::mutate(data, size, max_size, random, |seeds| &seeds.store_content)
});
