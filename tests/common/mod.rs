//! What tests of whole sites share: a fixed clock, known randomness, a build in one call.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that can't set itself up has failed")]

pub(crate) mod expected;
pub(crate) mod exports;
pub(crate) mod home;
pub(crate) mod needs;
pub(crate) mod places;
pub(crate) mod plot;
pub(crate) mod signer;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fieldlock::image::{Derivations, Entropy, EntropyError, KdfCeiling, KdfParams, Passphrase, PassphraseKey};
use fieldlock::ledger::signature::{AllowedSigners, PublicKey};
use fieldlock::pipeline::{
    self, Before, BuildError, Built, Commit, History, Keys, ReadySite, Recipients, Request, Running, Selection, Sign,
};
use fieldlock::report::FailOn;
use fieldlock::secret::{SecretValue, Secrets};
use fieldlock::site::files::Root;
use fieldlock::site::output::OutDir;
use fieldlock::site::secrets::{SecretSource, collect};
use fieldlock::site::{LoadOptions, SiteDevice};

pub(crate) use home::*;

/// A folder of the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All formats of a report on devices.
pub(crate) const FORMATS: [&str; 13] = [
    "human",
    "concise",
    "plain",
    "json",
    "sarif",
    "junit",
    "gitlab",
    "github",
    "markdown",
    "csv",
    "html",
    "oscal",
    "oscal-component",
];

/// Those that every verb has.
pub(crate) const FORMATS_OF_ALL: [&str; 4] = ["human", "concise", "plain", "json"];

/// A document that a verb printed for programs, after it was held against its schema in `schema/`.
pub(crate) fn document(schema: &str, text: &str) -> serde_json::Value {
    let file = project("schema").join(format!("{schema}.json"));
    let schema = serde_json::from_str(&std::fs::read_to_string(file).expect("a schema")).expect("JSON");
    let document = serde_json::from_str(text).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    document
}

/// The time of all tests.
pub(crate) fn now() -> jiff::Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

/// Everything, judged now.
pub(crate) fn selection(argument: &str) -> Selection<'static> {
    Selection {
        argument: argument.to_owned(),
        texts: Some(std::time::Instant::now()),
        edits: true,
        ..Selection::of(&|_| true, now())
    }
}

/// A loaded site.
pub(crate) fn ready(site: &Path, running: Option<Running>) -> ReadySite {
    pipeline::load(Root::open(site).expect("a folder"), &LoadOptions::default(), running)
}

/// Its secrets: a demo's own, or a folder.
pub(crate) fn secrets(site: &Path, ready: &ReadySite, folder: Option<&Path>) -> Secrets {
    let source = folder.map_or(SecretSource::None, SecretSource::Folder);
    let root = Root::open(site).expect("a folder");
    let collected = collect(&root, &ready.site, &ready.site.devices, source);
    assert!(collected.findings.is_empty(), "{:?}", collected.findings);
    collected.secrets
}

/// The keys of all tests: each passphrase is derived once per salt.
pub(crate) static DERIVATIONS: LazyLock<Derivations> = LazyLock::new(Derivations::new);

/// A key at the least cost that a reader takes.
pub(crate) fn key(demo: bool) -> PassphraseKey {
    let passphrase = if demo { Passphrase::demo() } else { own_passphrase() };
    DERIVATIONS.derive(&passphrase, KdfParams::LEAST, [7; 16], KdfCeiling(u32::MAX)).expect("a key")
}

/// A passphrase that is nobody's.
pub(crate) fn own_passphrase() -> Passphrase {
    passphrase("weir sluice penstock tailrace")
}

/// A passphrase.
pub(crate) fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(fieldlock::secret::SecretValue::copy_of(text.as_bytes())).expect("printable")
}

struct System;

impl Entropy for System {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(out).map_err(|e| EntropyError { reason: e.to_string() })
    }
}

/// The same for every build: images that are sealed of the same content are the same, byte for byte.
struct Steady(u8);

impl Entropy for Steady {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        out.fill_with(|| {
            self.0 = self.0.wrapping_add(7);
            self.0
        });
        Ok(())
    }
}

/// What a build is told, beside site, secrets and folder.
pub(crate) struct With<'a> {
    pub(crate) passphrase: Passphrase,
    /// A group with a passphrase of its own.
    pub(crate) of_group: Option<(&'a str, Passphrase)>,
    pub(crate) derivations: &'a Derivations,
    /// Where none is suggested.
    pub(crate) fresh_salt: [u8; 16],
    pub(crate) fail_on: FailOn,
    pub(crate) before: Before<'a>,
    pub(crate) devices: &'a (dyn Fn(&SiteDevice) -> bool + Sync),
    pub(crate) sign: Option<&'a Sign<'a>>,
    pub(crate) signer: Option<PublicKey>,
    pub(crate) signers: Option<&'a AllowedSigners>,
    pub(crate) recipients: Option<Recipients<'a>>,
    pub(crate) keep_going: bool,
    pub(crate) commit: &'a str,
    /// When it was committed.
    pub(crate) commit_time: &'a str,
    /// Who made it, and the first line of what they said of it.
    pub(crate) commit_words: (&'a str, &'a str),
    pub(crate) now: jiff::Timestamp,
    /// What this computer saw.
    pub(crate) seen: Option<&'a fieldlock::ledger::SeenRevisions>,
    /// What an earlier build kept.
    pub(crate) cache: &'a [u8],
    /// Whether native texts are compared line by line, which gives up after a time.
    pub(crate) texts: bool,
    /// No randomness, so that two builds can be compared byte for byte.
    pub(crate) steady: bool,
}

impl With<'_> {
    /// The passphrase that fits, the output folder's own build before, everything.
    pub(crate) fn of(ready: &ReadySite) -> With<'static> {
        With {
            passphrase: if ready.site.demo { Passphrase::demo() } else { own_passphrase() },
            of_group: None,
            derivations: &DERIVATIONS,
            fresh_salt: [7; 16],
            fail_on: FailOn::default(),
            before: Before::Out,
            devices: &|_| true,
            sign: None,
            signer: None,
            signers: None,
            recipients: None,
            keep_going: false,
            commit: "",
            commit_time: "",
            commit_words: ("", ""),
            now: now(),
            seen: None,
            cache: &[],
            texts: true,
            steady: false,
        }
    }
}

/// Builds a site into a folder.
pub(crate) fn build(ready: &ReadySite, secrets: &Secrets, out: &Path, argument: &str) -> Built {
    build_of(ready, secrets, out, argument, &With::of(ready)).expect("a build")
}

/// Builds a site into a folder, as told.
pub(crate) fn build_with(
    ready: &ReadySite,
    secrets: &Secrets,
    out: &Path,
    with: &With<'_>,
) -> Result<Built, BuildError> {
    build_of(ready, secrets, out, "", with)
}

fn build_of(
    ready: &ReadySite,
    secrets: &Secrets,
    out: &Path,
    argument: &str,
    with: &With<'_>,
) -> Result<Built, BuildError> {
    let key = |group: &str, salt: Option<[u8; 16]>| {
        let own = with.of_group.as_ref().filter(|(name, _)| *name == group).map(|(_, passphrase)| passphrase);
        let (passphrase, salt) = (own.unwrap_or(&with.passphrase), salt.unwrap_or(with.fresh_salt));
        with.derivations.derive(passphrase, KdfParams::LEAST, salt, KdfCeiling(u32::MAX)).ok()
    };
    let request = Request {
        selection: Selection {
            devices: with.devices,
            now: with.now,
            fail_on: with.fail_on,
            texts: with.texts.then(std::time::Instant::now),
            ..selection(argument)
        },
        secrets,
        keys: Keys {
            passphrase: Some(&key),
            passphrases: &|| {
                vec![(ready.site.name.to_string(), SecretValue::copy_of(with.passphrase.value().expose()))]
            },
            recipients: with.recipients,
            sign: with.sign,
            signer: with.signer,
            entropy: &|| if with.steady { Box::new(Steady(0)) } else { Box::new(System) },
        },
        history: History { before: with.before, signers: with.signers, seen: with.seen, cache: with.cache },
        out: &|| OutDir::open(out, Some(&own_state())),
        keep_going: with.keep_going,
        commit: Commit {
            id: with.commit.to_owned(),
            time: with.commit_time.to_owned(),
            author: with.commit_words.0.to_owned(),
            subject: with.commit_words.1.to_owned(),
            dirty: false,
        },
        progress: None,
    };
    pipeline::build(ready, &request)
}

/// Copies all files beneath a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(&name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder to write into");
        std::fs::write(path, bytes).expect("a file");
    }
}

/// Copies a build as one of this computer: where all that is there was only copied it would be somebody else's.
pub(crate) fn copy_build(from: &Path, to: &Path) {
    use fieldlock::site::output::Access;
    let out = OutDir::open(to, Some(&own_state())).expect("a folder to write into");
    for (name, bytes) in files(from).into_iter().filter(|(name, _)| !name.starts_with(".git")) {
        out.add(&name, &bytes, Access::Owner).expect("a file");
    }
    out.commit().expect("a build");
}

/// All files beneath a folder, by relative path, sorted; none where it is missing.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(base: &Path, at: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in std::fs::read_dir(at).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(base, &path, found);
            } else {
                let name = path.strip_prefix(base).expect("beneath").to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read(&path).expect("readable")));
            }
        }
    }
    let mut found = Vec::new();
    if folder.is_dir() {
        walk(folder, folder, &mut found);
    }
    found.sort();
    found
}
