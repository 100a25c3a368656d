//! Whole-site work at 1, 1,000 and 10,000 devices. Ratios of one run are what counts; the machines are noisy.
//!
//! `cargo bench --bench fleet` measures; `-- --test` runs each once.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench that can't set itself up has nothing to measure")]

mod generate;

use std::collections::BTreeMap;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use fieldlock::diff::{Context, changes};
use fieldlock::native::Reading;
use fieldlock::secret::Secrets;
use fieldlock::site::files::Root;
use fieldlock::site::{LoadOptions, Loaded, load};

fn main() {
    divan::main();
}

fn fleet(count: usize) -> (tempfile::TempDir, Root) {
    let dir = tempfile::tempdir().unwrap();
    generate::fleet(dir.path(), count);
    let root = Root::open(dir.path()).unwrap();
    (dir, root)
}

/// Read, parse, check and merge; factory settings included.
#[divan::bench(args = [1, 1_000, 10_000], sample_count = 10)]
fn site_load(bencher: Bencher, count: usize) {
    let (_dir, root) = fleet(count);
    bencher.counter(ItemsCount::new(count)).bench(|| load(&root, &LoadOptions::default()));
}

/// What every device says against what its neighbour runs: nearly everything is the same, as in a plant.
#[divan::bench(args = [1, 1_000, 10_000], sample_count = 10)]
fn semantic_diff(bencher: Bencher, count: usize) {
    let (_dir, root) = fleet(count);
    let Loaded { site, findings, .. } = load(&root, &LoadOptions::default());
    assert!(findings.is_empty() && site.devices.len() == count, "{:?}", findings.first());
    let reading = |at: usize| Reading {
        facts: site.devices[(at + 1) % count].own.clone(),
        secrets: BTreeMap::new(),
        redacted: Vec::new(),
        kept: Vec::new(),
        text: String::new().into(),
    };
    let running: Vec<Reading> = (0..count).map(reading).collect();
    let context = Context { secrets: &Secrets::Absent, menu: &|_| None, absent: &|_| None };
    bencher.counter(ItemsCount::new(count)).bench(|| {
        let pairs = site.devices.iter().zip(&running);
        black_box(pairs.map(|(device, running)| changes(&device.own, running, &context).len()).sum::<usize>())
    });
}
