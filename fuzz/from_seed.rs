//! Binary seeds are made, not kept: now and then an input begins again from what a writer of images wrote.

use std::sync::LazyLock;

use fieldlock::image::fuzz_entry::{Seeds, seeds};

static SEEDS: LazyLock<Option<Seeds>> = LazyLock::new(|| seeds().ok());

/// libFuzzer's own change; before it, for each small input and for one in sixteen of the others, the seed.
pub(crate) fn mutate(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    random: u32,
    part: impl Fn(&Seeds) -> &Vec<u8>,
) -> usize {
    let mut size = size;
    if let Some(seed) = SEEDS.as_ref().map(part).filter(|s| s.len() <= max_size && (size < 4 || random % 16 == 0)) {
        data[..seed.len()].copy_from_slice(seed);
        size = seed.len();
    }
    libfuzzer_sys::fuzzer_mutate(data, size, max_size)
}
