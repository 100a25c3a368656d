//! Binary seeds are made, not kept: now and then an input begins again from what a writer of images wrote.

#![allow(dead_code, reason = "each target takes its seed")]

use std::sync::LazyLock;

use fieldlock::image::Kind;
use fieldlock::image::fuzz_entry::seed;
use fieldlock::image::header::parse_head;
use fieldlock::image::parts::{parse_parts, unpad};

/// What each reader takes, cut out of one image and one store.
pub(crate) struct Seeds {
    pub(crate) image: Vec<u8>,
    /// The table of slots.
    pub(crate) table: Vec<u8>,
    pub(crate) core: Vec<u8>,
    /// The padded plaintext.
    pub(crate) content: Vec<u8>,
    pub(crate) manifest: Vec<u8>,
    pub(crate) store: Vec<u8>,
    /// Core and content of the image.
    pub(crate) image_content: Vec<u8>,
    /// Core and content of the store.
    pub(crate) store_content: Vec<u8>,
}

static SEEDS: LazyLock<Option<Seeds>> = LazyLock::new(seeds);

fn seeds() -> Option<Seeds> {
    let (image, content) = seed(Kind::Device);
    let (store, of_store) = seed(Kind::SecretStore);
    let with_core = |file: &[u8], content: &[u8]| {
        let core = parse_head(file, None).ok()?.core;
        Some([&(core.len() as u16).to_be_bytes(), core, content].concat())
    };
    let head = parse_head(&image, None).ok()?;
    let table = image[head.layout().body.end..image.len() - 64].to_vec();
    let manifest = parse_parts(unpad(&content)?).ok()?.first()?.bytes.to_vec();
    Some(Seeds {
        table,
        core: head.core.to_vec(),
        image_content: with_core(&image, &content)?,
        store_content: with_core(&store, &of_store)?,
        manifest,
        content,
        store,
        image,
    })
}

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
