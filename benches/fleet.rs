//! Whole-site work at 1, 1,000 and 10,000 devices. Ratios of one run are what counts; the machines are noisy.
//!
//! `cargo bench --bench fleet` measures; `-- --test` runs each once, with small sites only. Memory is told first: each
//! size runs in a process of its own, whose highest use the system knows.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench that can't set itself up has nothing to measure")]
#![expect(clippy::print_stdout, reason = "a bench tells what it measured")]

#[path = "../tests/common/exports.rs"]
mod exports;
mod generate;
mod near;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use fieldlock::diff::{Context, changes};
use fieldlock::image::{Derivations, Entropy, EntropyError, KdfCeiling, KdfParams, Passphrase, PassphraseKey};
use fieldlock::model::Facts;
use fieldlock::model::device::PlatformKind;
use fieldlock::native::Reading;
use fieldlock::pipeline::{self, Before, Built, Commit, History, ReadySite, Request, Selection};
use fieldlock::plan::{Engineer, Input, Limits, plan};
use fieldlock::report::documents::{self, ToldOf};
use fieldlock::report::{Report, View, formats, page};
use fieldlock::secret::{SecretValue, Secrets};
use fieldlock::site::files::Root;
use fieldlock::site::output::OutDir;
use fieldlock::site::secrets::{SecretSource, collect};
use fieldlock::site::{LoadOptions, Loaded, load};
use generate::Purpose;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Names the verb and the size that a process of its own is to run for its memory.
const MEMORY: &str = "FIELDLOCK_BENCH_MEMORY";

fn main() {
    if let Ok(order) = std::env::var(MEMORY) {
        return tell_memory(&order);
    }
    let args: Vec<String> = std::env::args().collect();
    if !args.iter().any(|a| a == "--list") {
        for verb in ["check", "build", "reported", "sarif", "dossier"] {
            for count in sizes() {
                let own = Command::new(&args[0]).env(MEMORY, format!("{verb} {count}")).status();
                assert!(own.is_ok_and(|s| s.success()), "{verb} of {count} devices ran to its end");
            }
        }
    }
    divan::main();
}

/// As a test each bench runs once, on sites that are made and built in seconds; unoptimised, 10,000 would take minutes.
fn sizes() -> Vec<usize> {
    match std::env::args().any(|a| a == "--test") {
        true => vec![1, 50],
        false if cfg!(debug_assertions) => vec![1, 1_000],
        false => vec![1, 1_000, 10_000],
    }
}

/// A file of the tree.
fn project(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// 300 devices of several models, from the folder of what they exported to their descriptions: by the program, whole.
/// It is asked for in under 10 s; of an unoptimised program, in 30.
#[divan::bench(sample_count = 1)]
fn import_300_exports(bencher: Bencher) {
    let plant = tempfile::tempdir().unwrap();
    let exports = plant.path().join("exports");
    std::fs::create_dir(&exports).unwrap();
    for number in 0..300 {
        let least = if number % 7 == 0 { "8" } else { "4" };
        let own = [("Password Minimum Length=", least.to_owned())];
        let text = exports::export(number, [1, 2, 4, 8, 16, 32][number % 6], &own);
        std::fs::write(exports.join(format!("{number:03}.ini")), text).unwrap();
    }
    let site = "site \"plant\" {\n    zone \"control\" sl-t=2 { subnet \"10.40.0.0/16\" }\n    \
                person \"ot-lead\" role=\"owner\"\n}\n";
    let new = || {
        let into = tempfile::tempdir().unwrap();
        std::fs::write(into.path().join("site.kdl"), site).unwrap();
        into
    };
    bencher.counter(ItemsCount::new(300usize)).with_inputs(new).bench_values(|into| {
        let began = std::time::Instant::now();
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        program.arg("import").arg(&exports).args(["--by", "ot-lead", "--format", "concise", "--site"]).arg(into.path());
        let output = program.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(std::fs::read_dir(into.path().join("devices")).unwrap().count(), 300);
        let bound = if cfg!(debug_assertions) { 30 } else { 10 };
        assert!(began.elapsed().as_secs() < bound, "{:?}", began.elapsed());
        into
    });
}

/// Read, parse, check and merge; factory settings included.
#[divan::bench(args = sizes(), sample_count = 10)]
fn site_load(bencher: Bencher, count: usize) {
    let fleet = Fleet::new(count, Purpose::Check);
    bencher.counter(ItemsCount::new(count)).bench(|| load(&fleet.root(), &LoadOptions::default()));
}

/// The whole of `check` but for printing: load, packs, captures, judge, report.
#[divan::bench(args = sizes(), sample_count = 10)]
fn check(bencher: Bencher, count: usize) {
    let fleet = Fleet::new(count, Purpose::Check);
    bencher.counter(ItemsCount::new(count)).bench(|| fleet.check());
}

/// What `check` says of a fleet with two findings a device, as SARIF: what the format takes beside the check.
#[divan::bench(args = sizes(), sample_count = 5)]
fn sarif(bencher: Bencher, count: usize) {
    let fleet = Fleet::new(count, Purpose::Report);
    let (ready, report) = fleet.reported();
    bencher
        .counter(ItemsCount::new(report.findings.len()))
        .bench(|| formats::sarif(&report, &ready.sources, &View::default()));
}

/// The same check, with what SARIF asks for beyond what people read: pages of rules and edits of files.
#[divan::bench(args = sizes(), sample_count = 5)]
fn check_for_sarif(bencher: Bencher, count: usize) {
    let fleet = Fleet::new(count, Purpose::Report);
    bencher.counter(ItemsCount::new(count)).bench(|| fleet.reported());
}

/// The dossier of a fleet with two findings a device, judged in it.
#[divan::bench(args = sizes(), sample_count = 3)]
fn dossier(bencher: Bencher, count: usize) {
    let fleet = Fleet::new(count, Purpose::Report);
    let ready = fleet.ready();
    bencher.counter(ItemsCount::new(count)).bench(|| page_of(&ready).len());
}

fn page_of(ready: &ReadySite) -> String {
    let selection = selection(&|_| true);
    let of = ToldOf::new(&ready.site.name, documents::said(selection.now), None);
    page::dossier(&pipeline::dossier::dossier(ready, &Secrets::Absent, &selection, of, Vec::new(), None))
}

/// The whole of `build` but for the one derivation: load, judge, compare, render, read back, seal, write.
#[divan::bench(args = sizes(), sample_count = 5)]
fn build(bencher: Bencher, count: usize) {
    let fleet = Fleet::new(count, Purpose::Build);
    let keys = Keys::new();
    bencher.counter(ItemsCount::new(count)).bench(|| fleet.build(&keys));
}

/// The same into the folder of the build before, by whoever built that: everything is judged and compared, nothing is
/// rendered again or rewritten.
#[divan::bench(args = sizes(), sample_count = 5)]
fn build_again(bencher: Bencher, count: usize) {
    again(bencher, count, true);
}

/// The same by somebody else, as in CI: everything is rendered, opened and compared, nothing is rewritten.
#[divan::bench(args = sizes(), sample_count = 5)]
fn build_again_elsewhere(bencher: Bencher, count: usize) {
    again(bencher, count, false);
}

fn again(bencher: Bencher, count: usize, remembers: bool) {
    let fleet = Fleet::new(count, Purpose::Build);
    let keys = Keys::new();
    let out = fleet.dir.path().join("out");
    let (_, first) = fleet.build_into(&keys, &out, &[]);
    // from now on the salt has to come from the images
    keys.fresh.store(8, Ordering::Relaxed);
    let cache = first.cache.filter(|_| remembers).unwrap_or_default();
    bencher.counter(ItemsCount::new(count)).bench(|| {
        let (ready, built) = fleet.build_into(&keys, &out, &cache);
        let fresh: Vec<_> = built.report.written.iter().filter(|w| w.fresh && w.path != "review.md").collect();
        assert!(fresh.is_empty(), "{:?}", fresh.first());
        (ready, built)
    });
    assert_eq!(keys.derivations.runs(), 1);
}

/// Desired against running for every device that has a capture (a fifth), with the rules before and after.
#[divan::bench(args = sizes(), sample_count = 5)]
fn diff(bencher: Bencher, count: usize) {
    let fleet = Fleet::new(count.max(5), Purpose::Build);
    let ready = fleet.ready();
    bencher
        .counter(ItemsCount::new(ready.states.len()))
        .bench(|| pipeline::compare(&ready, &Secrets::Absent, &selection(&|_| true)).devices.len());
}

/// What every device says against what its neighbour runs, by meaning only: nearly everything is the same, as in a
/// plant.
#[divan::bench(args = sizes(), sample_count = 10)]
fn semantic_diff(bencher: Bencher, count: usize) {
    let fleet = Fleet::new(count, Purpose::Check);
    let Loaded { site, .. } = load(&fleet.root(), &LoadOptions::default());
    assert_eq!(site.devices.len(), count);
    let reading = |at: usize| Reading::of(site.devices[(at + 1) % count].own.clone());
    let running: Vec<Reading> = (0..count).map(reading).collect();
    let context = Context { secrets: &Secrets::Absent, page: &|_| None, absent: &|_| None, is_held: &|_, _| None };
    bencher.counter(ItemsCount::new(count)).bench(|| {
        let pairs = site.devices.iter().zip(&running);
        black_box(pairs.map(|(device, running)| changes(&device.own, running, &context).len()).sum::<usize>())
    });
}

/// The order of the changes of near pairs: what every device says against itself with a handful of settings moved, the
/// simulated state read from both. 10,000 a second are asked for.
#[divan::bench(sample_count = 10)]
fn plan_near_pairs(bencher: Bencher) {
    let sites: Vec<(Facts, Facts)> = (0..100).map(near::near).collect();
    let context = Context { secrets: &Secrets::Absent, page: &|_| None, absent: &|_| None, is_held: &|_, _| None };
    let changed: Vec<_> = sites
        .iter()
        .map(|(before, own)| {
            let reading = Reading::of(before.clone());
            changes(own, &reading, &context)
        })
        .collect();
    bencher.counter(ItemsCount::new(sites.len())).bench(|| {
        for ((before, after), changes) in sites.iter().zip(&changed) {
            let planned = plan(&Input {
                platform: PlatformKind::MxRos,
                before,
                after,
                changes,
                engineer: Engineer { addresses: vec!["10.20.0.10".parse().unwrap()], ..Engineer::default() },
                login: None,
                length: &|_, _| None,
                shipped: &|account| account == "admin",
                slots: &|_| None,
                page: &|_| None,
                limits: Limits { entries: Some(16), accounts: None },
                stations: &[],
                foreign: false,
                consented: false,
            });
            assert!(black_box(planned).is_ok());
        }
    });
}

/// A fleet on the disk, removed in the end.
struct Fleet {
    dir: tempfile::TempDir,
    count: usize,
    builds: AtomicUsize,
}

impl Fleet {
    fn new(count: usize, purpose: Purpose) -> Fleet {
        let dir = tempfile::tempdir().unwrap();
        let site = dir.path().join("site");
        std::fs::create_dir(&site).unwrap();
        generate::fleet(&site, count, purpose);
        Fleet { dir, count, builds: AtomicUsize::new(0) }
    }

    fn site(&self) -> std::path::PathBuf {
        self.dir.path().join("site")
    }

    fn root(&self) -> Root {
        Root::open(&self.site()).unwrap()
    }

    fn ready(&self) -> ReadySite {
        let ready = pipeline::load(self.root(), &LoadOptions::default(), None);
        assert!(ready.findings.is_empty(), "{:?}", ready.findings.first());
        ready
    }

    /// With its plant: the program ends with it and takes nothing apart.
    fn check(&self) -> (ReadySite, Report) {
        let ready = self.ready();
        let report = pipeline::check(&ready, &Secrets::Absent, &selection(&|_| true));
        assert_eq!(report.devices.len(), self.count);
        (ready, report)
    }

    /// The same with all that SARIF tells.
    fn reported(&self) -> (ReadySite, Report) {
        let ready = self.ready();
        let selection = Selection { edits: true, ..selection(&|_| true) };
        let mut report = pipeline::check(&ready, &Secrets::Absent, &selection);
        report.rules = pipeline::rule_pages(&ready);
        assert!(report.findings.len() >= 2 * self.count, "a finding or two for each device");
        (ready, report)
    }

    /// Into a new folder each time: a first build.
    fn build(&self, keys: &Keys) -> (ReadySite, Built) {
        let out = self.dir.path().join(format!("out-{}", self.builds.fetch_add(1, Ordering::Relaxed)));
        self.build_into(keys, &out, &[])
    }

    fn build_into(&self, keys: &Keys, out: &Path, cache: &[u8]) -> (ReadySite, Built) {
        let ready = self.ready();
        let map = SecretValue::new(generate::secrets(self.count).into_bytes());
        let secrets = collect(&self.root(), &ready.site, &ready.site.devices, SecretSource::Json(&map)).secrets;
        let request = Request {
            selection: selection(&|_| true),
            secrets: &secrets,
            keys: pipeline::Keys {
                passphrase: Some(&|_, salt| Some(keys.key(salt))),
                passphrases: &Vec::new,
                recipients: None,
                sign: None,
                signer: None,
                entropy: &|| Box::new(System) as Box<dyn Entropy>,
            },
            history: History { before: Before::Out, signers: None, seen: None, cache },
            out: &|| OutDir::open(out, Some(&self.dir.path().join("state"))),
            keep_going: false,
            commit: Commit::default(),
            progress: None,
        };
        let built = pipeline::build(&ready, &request).unwrap();
        assert!(built.wrote, "{:?}", built.report.findings.first());
        (ready, built)
    }
}

fn selection<'a>(devices: &'a (dyn Fn(&fieldlock::site::SiteDevice) -> bool + Sync)) -> Selection<'a> {
    Selection::of(devices, "2026-11-01T12:00:00Z".parse().unwrap())
}

/// One derivation, outside of what is measured: it takes as long for one device as for 10,000.
struct Keys {
    passphrase: Passphrase,
    derivations: Derivations,
    /// What a fresh salt is made of.
    fresh: AtomicU8,
}

impl Keys {
    fn new() -> Keys {
        let phrase = SecretValue::copy_of(b"correct horse battery staple 99 plant");
        let passphrase = Passphrase::from_file(&phrase).expect("a passphrase that is long enough");
        let keys = Keys { passphrase, derivations: Derivations::new(), fresh: AtomicU8::new(7) };
        drop(keys.key(None));
        keys
    }

    fn key(&self, salt: Option<[u8; 16]>) -> PassphraseKey {
        let salt = salt.unwrap_or_else(|| [self.fresh.load(Ordering::Relaxed); 16]);
        let key = self.derivations.derive(&self.passphrase, KdfParams::WRITTEN, salt, KdfCeiling(u32::MAX));
        key.expect("memory for one derivation")
    }
}

struct System;

impl Entropy for System {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(out).map_err(|error| EntropyError { reason: error.to_string() })
    }
}

/// Runs one verb once and tells the highest memory of this process. The fleet is written by it too, a file at a time.
fn tell_memory(order: &str) {
    let (verb, count) = order.split_once(' ').expect("a verb and a size");
    let count: usize = count.parse().unwrap();
    match verb {
        "check" => drop(black_box(Fleet::new(count, Purpose::Check).check())),
        "reported" => drop(black_box(Fleet::new(count, Purpose::Report).reported())),
        "sarif" => {
            let (ready, report) = Fleet::new(count, Purpose::Report).reported();
            drop(black_box(formats::sarif(&report, &ready.sources, &View::default())));
        }
        "dossier" => drop(black_box(page_of(&Fleet::new(count, Purpose::Report).ready()))),
        _ => drop(black_box(Fleet::new(count, Purpose::Build).build(&Keys::new()))),
    }
    let status = std::fs::read_to_string(Path::new("/proc/self/status")).unwrap_or_default();
    let highest = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).map(str::trim);
    println!("memory of {verb}, {count} devices: {}", highest.unwrap_or("not told by this system"));
}
