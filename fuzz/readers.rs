//! One function per reader of texts from outside. None may panic or hang, whatever stands there; and what is cheap to
//! say of the answer is asserted. Fuzz targets call them with any text, tests with the seeds and with every text that
//! once went wrong.

#![allow(clippy::panic, reason = "what must hold of every answer is asserted")]
#![allow(dead_code, reason = "each target uses its reader")]

use std::path::Path;
use std::sync::LazyLock;

use fieldlock::device::dialogue::{Dialogue, Now};
use fieldlock::device::{Speech, probe};
use fieldlock::dialect;
use fieldlock::dialect::SiteTables;
use fieldlock::dialect::ini::container;
use fieldlock::embedded;
use fieldlock::image::core::parse_core;
use fieldlock::image::group::check_age_file;
use fieldlock::image::header::parse_head;
use fieldlock::image::parts::{parse_parts, unpad, write_parts};
use fieldlock::image::slots::{parse_table, write_table};
use fieldlock::image::{Passphrase, UnlockCode};
use fieldlock::ledger;
use fieldlock::ledger::signature::{self, AllowedSigners};
use fieldlock::model::device::PlatformKind;
use fieldlock::model::facts::leaves;
use fieldlock::model::shape::{self, Shape};
use fieldlock::model::value::Moment;
use fieldlock::native::{Form, Grade};
use fieldlock::pipeline::import::{Asked, From, Taken, import, is_list, read_list};
use fieldlock::pipeline::learn::learn;
use fieldlock::pipeline::{self, List, Selection};
use fieldlock::plan::Engineer;
use fieldlock::platform;
use fieldlock::policy::{self, Packs, samples};
use fieldlock::report::View;
use fieldlock::secret::{SecretRef, SecretValue, Secrets};
use fieldlock::site::files::{Held, Root};
use fieldlock::site::secrets::{FINGERPRINT_KEY, Wanted, from_json};
use fieldlock::site::{LoadOptions, models};
use fieldlock::source::{FileId, Loc, SourceMap};
use fieldlock::syntax;

/// A line that parts the files of one input.
const NEXT_FILE: &str = "\n-- next file --\n";

/// A reader with the name of its target.
pub(crate) type Named = (&'static str, fn(&str));

/// All of them.
pub(crate) const ALL: [Named; 23] = [
    ("device_talk", device_talk),
    ("kdl", kdl),
    ("kdl_second", kdl_second),
    ("pack", pack),
    ("dialect_table", dialect_table),
    ("site", site),
    ("native_ini", native_ini),
    ("native_cli", native_cli),
    ("native_sheet", native_sheet),
    ("incoming", incoming),
    ("secret_map", secret_map),
    ("passphrase", passphrase),
    ("certificate", certificate),
    ("image_index", image_index),
    ("build_cache", build_cache),
    ("plan", plan),
    ("receipt", receipt),
    ("advisories", advisories),
    ("sheet", sheet),
    ("answers", answers),
    ("public_file", public_file),
    ("sshsig", sshsig),
    ("allowed_signers", allowed_signers),
];

/// KDL to a tree, and each of its nodes against every shape: device, site, waiver, attestation, capture, lock.
pub(crate) fn kdl(text: &str) {
    let mut map = SourceMap::new();
    let file = map.add("fuzz.kdl", text);
    let parsed = syntax::parse(file, text);
    for node in parsed.tree.iter().flat_map(|t| &t.nodes) {
        for shape in
            [Shape::device(), Shape::site(), Shape::waiver(), Shape::attestation(), Shape::capture(), Shape::lock()]
        {
            let checked = shape::check(shape, file, node);
            checked.masks.iter().for_each(|m| map.mask(*m));
            checked.findings.iter().for_each(|f| drop(map.shown(f.loc)));
            leaves(&checked.facts).for_each(|leaf| drop(leaf.fact.value.to_kdl()));
        }
    }
}

/// The second reading of a text that the first refused.
pub(crate) fn kdl_second(text: &str) {
    syntax::fuzz_second(text);
}

/// A pack of a site: its head, then its rules. What loads is run on its own samples.
pub(crate) fn pack(text: &str) {
    let names = ["packs/fuzz/pack.kdl", "packs/fuzz/A-1.kdl", "packs/fuzz/A-2.kdl"];
    let files: Vec<(String, String)> =
        names.iter().zip(text.split(NEXT_FILE)).map(|(n, t)| ((*n).to_owned(), t.to_owned())).collect();
    let mut map = SourceMap::new();
    let (packs, findings) = Packs::load(&["fuzz"], &[], &files, &mut map);
    findings.iter().for_each(|f| drop(map.shown(f.loc)));
    drop(samples::run(&packs));
}

/// A table of a dialect.
pub(crate) fn dialect_table(text: &str) {
    drop(dialect::load(FileId::NONE, text, Grade::Confirmed));
    // as a site's part of each table: none of its findings lies outside of it
    for name in ["nport-6000.ini.kdl", "mx-ros.cli.kdl", "mx-nos.sheet.kdl"] {
        let told = dialect::load_with_own(name, FileId(7), text).err().unwrap_or_default();
        let inside = |loc: Loc| loc.file == FileId(7) && loc.span.end as usize <= text.len();
        assert!(told.iter().all(|finding| inside(finding.loc)), "{told:?}");
    }
}

/// A whole site: its head, a profile, a device, a capture, a capture's native text, a waiver, a file of a pack. It is
/// loaded, judged and told, and every device rendered.
pub(crate) fn site(text: &str) {
    let names = [
        "site.kdl",
        "profiles/base.kdl",
        "devices/np07.kdl",
        "captures/np07.kdl",
        "captures/np07.ini",
        "waivers/W-2026-001.kdl",
        "packs/own/pack.kdl",
        "packs/own/A-1.kdl",
    ];
    let mut texts = text.split(NEXT_FILE);
    let root = FOLDER.with(|folder| {
        names.iter().for_each(|name| folder.put(name, texts.next()));
        Root::open(&folder.0)
    });
    let Ok(root) = root else { return };
    let ready = pipeline::load(root, &LoadOptions::default(), None);
    let selection = Selection {
        argument: "fuzz".to_owned(),
        texts: Some(std::time::Instant::now()),
        list: List::All,
        edits: true,
        ..Selection::of(&|_| true, jiff::Timestamp::UNIX_EPOCH)
    };
    let report = pipeline::check(&ready, &Secrets::Placeholder, &selection);
    drop(fieldlock::report::json(&report, &ready.sources, &View { all: true, ..View::default() }));
    drop(fieldlock::report::check(&report, &ready.sources, &View::default()));
    for device in &ready.site.devices {
        let platform = platform::at(device);
        let base =
            ready.states.get(&device.name).filter(|s| platform.machine.is_some_and(|form| s.in_form(form).is_some()));
        let base = base.map(|state| state.reading());
        let judged = platform.judge(device, &device.own, base).map(|config| config.unplaced);
        let told = platform.render(device, base).map(|config| {
            [&config.machine, &config.sheet].into_iter().flatten().for_each(|t| drop(t.redacted()));
            config.unplaced
        });
        assert_eq!(judged, told, "who only judges is told what whoever renders is told");
    }
}

/// The file that an NPort exports.
pub(crate) fn native_ini(text: &str) {
    native(PlatformKind::Nport6000, Form::Ini, text);
    use fieldlock::pipeline::by_file::{import, taken};
    let (on, engineer, none) =
        (platform::of(PlatformKind::Nport6000), Engineer::default(), std::collections::BTreeSet::new());
    let file = |has: &str, gets: &str| import(&on, "fuzz", (has, gets), (&engineer, &none));
    assert!(!matches!(file(text, text), Ok(Some(_))), "nothing is imported where nothing differs");
    let other = text.replacen("=0", "=1", 1);
    if let Ok(Some(first)) = file(text, &other) {
        assert!(!first.lines.is_empty() && taken(&on, &first.text, &other).len() >= first.lines.len());
        let rest = file(&first.text, &other);
        assert!(first.more || !matches!(rest, Ok(Some(_))), "what was taken is not imported again");
    }
}

/// A recorded session of a switch or a router.
pub(crate) fn native_cli(text: &str) {
    native(PlatformKind::MxRos, Form::Cli, text);
    native(PlatformKind::MxNos, Form::Cli, text);
}

/// A filled sheet.
pub(crate) fn native_sheet(text: &str) {
    for kind in [PlatformKind::Nport6000G2, PlatformKind::Nport6000, PlatformKind::MxNos, PlatformKind::MxRos] {
        native(kind, Form::Sheet, text);
    }
}

/// A text from a device, taken over into an empty site: what is described is what was read, and what the site keeps of
/// it says the same.
pub(crate) fn incoming(text: &str) {
    let site = || {
        let text = b"site \"fuzz\" {\n    person \"ot-lead\"\n}\n".to_vec();
        Ok(Root::held(Path::new("fuzz"), [("site.kdl".to_owned(), Held::File(text))].into()))
    };
    let taken_over = |asked: &Asked| {
        let ready = pipeline::load(site().ok()?, &LoadOptions::default(), None);
        import(&ready, &site, asked).ok()
    };
    if is_list(text.as_bytes()) {
        let rows = read_list("fuzz.csv", text.as_bytes()).unwrap_or_default();
        drop(taken_over(&Asked { rows, ..Asked::default() }));
        return;
    }
    let by = pipeline::ReadBy { keys: &[], tables: &SiteTables::default(), of: None };
    let Ok(incoming) = pipeline::incoming("fuzz.txt", text.as_bytes().to_vec(), &by, FileId(0)) else { return };
    let platform = incoming.on;
    drop(pipeline::known(&incoming, SiteTables::default().of(platform.kind)));
    assert!(learn(&incoming, &incoming, "services.wins", "on").is_err(), "a text teaches nothing of itself");
    let (kept, lines) = platform.kept(incoming.form, &incoming.reading.text);
    assert_eq!(kept.lines().count(), lines.len(), "each kept line was one, or stands for some");
    assert_eq!(platform.kept(incoming.form, &kept).0, kept, "keeping twice is keeping once");
    let taken = Taken { by: "ot-lead".to_owned(), at: Moment::At(jiff::Timestamp::UNIX_EPOCH) };
    // a text that can't be kept without what may be a secret, or of which nothing is left, is refused by name
    let Ok(from) = From::of(incoming, taken) else { return };
    let Some(plan) = taken_over(&Asked { files: vec![from], ..Asked::default() }) else { return };
    assert!(plan.told.refused.is_empty(), "{:?}", plan.told.refused);
}

/// Reads and redacts. Redacted text says no secret, stays as it is when redacted again, and keeps its lines.
fn native(kind: PlatformKind, form: Form, text: &str) {
    let platform = platform::of(kind);
    let Some(reading) = platform.read(form, FileId::NONE, text) else { return };
    assert!(*reading.text == text, "the text of a reading is what was read");
    let lines = text.split('\n').count();
    assert!(reading.kept.iter().all(|k| (1..=lines).contains(&k.line)), "kept lines are lines of the text");
    let public = platform.redact(form, text);
    assert_eq!(platform.redact(form, &public), public, "redacting twice is redacting once");
    if let Some(again) = platform.read(form, FileId::NONE, &public) {
        let told: Vec<&String> = again.secrets.keys().collect();
        assert!(told.is_empty(), "a redacted text says no secret: {told:?}");
    }
}

/// The JSON map of secrets.
pub(crate) fn secret_map(text: &str) {
    let bytes = SecretValue::copy_of(text.as_bytes());
    let collected = from_json(&bytes, &WANTED);
    if let Secrets::Loaded(values) = &collected.secrets {
        let there = WANTED.iter().filter(|wanted| values.contains_key(&wanted.name)).count();
        let told = collected.findings.iter().filter(|finding| finding.device.is_some()).count();
        assert_eq!(there + told, WANTED.len(), "each secret is there or told");
        let others = values.keys().filter(|name| name.as_str() != FINGERPRINT_KEY).count();
        assert_eq!(others, there, "what no device refers to stays unread, but for the key of fingerprints");
    }
}

static WANTED: LazyLock<Vec<Wanted>> = LazyLock::new(|| {
    let wanted = |name| Wanted { name, device: "np07".to_owned(), path: "accounts".to_owned(), loc: Loc::NONE };
    ["np07/historian", "np07/ot-admin"].iter().filter_map(|n| SecretRef::new(n).ok()).map(wanted).collect()
});

/// A file with a passphrase.
pub(crate) fn passphrase(text: &str) {
    let read = |text: &str| Passphrase::from_file(&SecretValue::copy_of(text.as_bytes())).is_ok();
    if read(text) && !text.ends_with('\n') {
        assert!(read(&format!("{text}\n")), "an editor's last line break is no part of a passphrase");
    }
}

/// A file of CA certificates. What is wrong with it is told without its content.
pub(crate) fn certificate(text: &str) {
    let problem = policy::certificate_problem("certs/ca.pem", text.as_bytes(), jiff::Timestamp::UNIX_EPOCH);
    assert!(problem.is_none_or(|p| p.len() < 200), "no content in the message");
}

/// `index.json`.
pub(crate) fn image_index(text: &str) {
    if let Ok(index) = ledger::parse_index(text.as_bytes()) {
        assert_eq!(index.to_bytes().as_deref(), Ok(text.as_bytes()), "an index is written back as it was");
    }
}

/// A sheet that came along with an image.
pub(crate) fn sheet(text: &str) {
    if let Ok(sheet) = fieldlock::sheet::Sheet::read(text.as_bytes()) {
        assert_eq!(sheet.to_bytes().as_deref(), Ok(text.as_bytes()), "a sheet is written back as it was");
        fieldlock::report::sheet(&sheet);
        use fieldlock::pipeline::fleet::{Own, files, fleet};
        let twin = fieldlock::sheet::Sheet { device: "twin".to_owned(), ..sheet.clone() };
        let both: Vec<Own> = [sheet, twin].into_iter().filter_map(Own::of).collect();
        for one in fleet(&both) {
            let [(_, data), _] = files(&one);
            assert_eq!(fieldlock::sheet::Sheet::read(&data).as_ref(), Ok(&one), "a sheet for many is read back");
        }
    }
}

/// Answers that came home from a sheet.
pub(crate) fn answers(text: &str) {
    use fieldlock::sheet::answers::Answers;
    match Answers::read(text.as_bytes()) {
        Ok(answers) => {
            assert!(answers.typed().all(|text| text.chars().count() <= 200 && !text.chars().any(char::is_control)));
            let again = answers.to_text();
            assert_eq!(Answers::read(again.as_bytes()).as_ref(), Ok(&answers), "answers are read back");
            answers.file_name(again.as_bytes());
        }
        Err(error) => assert!(error.to_string().len() < 200, "no text of the file is in it"),
    }
}

/// A plan, as people approve it.
pub(crate) fn plan(text: &str) {
    if let Ok(plan) = fieldlock::plan::file::PlanFile::read(text.as_bytes()) {
        assert_eq!(plan.to_bytes().as_deref(), Ok(text.as_bytes()), "a plan is written back as it was");
        assert_eq!(plan.moved(&plan), Vec::<String>::new(), "nothing moved between a plan and itself");
        fieldlock::report::plan::text(&plan);
    }
}

/// A receipt, or the journal of one: what was torn off is left out, and nothing else.
pub(crate) fn receipt(text: &str) {
    let Ok(journal) = ledger::Receipt::parse(text.as_bytes()) else { return };
    let whole = text.rfind('\n').map_or(0, |at| at + 1);
    assert_eq!(journal.bytes(), &text.as_bytes()[..whole], "a journal is the lines that are whole");
    assert_eq!(ledger::Receipt::read(text.as_bytes()).is_ok(), whole == text.len() && journal.ended().is_some());
    assert!(journal.confirmed().len() <= journal.rows().len(), "what is confirmed is a row");
    fieldlock::report::receipt::text(&journal, "");
}

/// A list of firmware with known holes.
pub(crate) fn advisories(text: &str) {
    if let Ok(list) = policy::Advisories::signed(text, "psirt") {
        assert!(list.follows(&list).is_ok(), "a list follows itself");
        for kind in PlatformKind::ALL {
            for model in models::of(kind) {
                let Some((floor, _)) = list.lowest_clean(kind, &model.name) else { continue };
                assert!(list.of(kind, Some(&model.name), floor).is_empty(), "what is clean has no hole");
            }
        }
    }
}

/// What a build keeps for the next one.
pub(crate) fn build_cache(text: &str) {
    if let Ok(cache) = ledger::parse_build_cache(text.as_bytes()) {
        assert_eq!(cache.to_bytes().as_deref(), Ok(text.as_bytes()), "a cache is written back as it was");
        let found = cache.devices.iter().all(|device| cache.device(&device.device) == Some(device));
        assert!(found, "each device is found by its name");
    }
}

/// What `public/np07.public.json` says of the printed sheet.
pub(crate) fn public_file(text: &str) {
    if let Some(fieldlock::pipeline::verify::Beside { sheet, .. }) =
        fieldlock::pipeline::verify::Beside::of(text.as_bytes())
    {
        assert_eq!(fieldlock::image::Digest::from_hex(&sheet.to_string()), Some(sheet));
    }
}

/// `index.json.sig`.
pub(crate) fn sshsig(text: &str) {
    let index = br#"{"format":"fieldlock-index.v1"}"#;
    assert!(signature::verify_by_itself(index, text.as_bytes()).is_err(), "nobody signed this");
}

/// A file of allowed signers.
pub(crate) fn allowed_signers(text: &str) {
    allowed_signers_bytes(text.as_bytes());
}

/// The same, of any bytes. Whoever is named as signer is somebody that the lines allow.
pub(crate) fn allowed_signers_bytes(bytes: &[u8]) {
    let (signers, problems) = AllowedSigners::parse(bytes);
    let lines = bytes.split(|b| *b == b'\n').count();
    let told = problems.iter().map(|problem| problem.line);
    assert!(told.chain(signers.lines().iter().map(|line| line.number())).all(|line| (1..=lines).contains(&line)));
    let now = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 365 * 56);
    for key in signers.lines().iter().filter_map(|line| line.key()).take(4) {
        assert_eq!(signature::PublicKey::parse(key.to_line().as_bytes()), Ok(key), "a key is written back as it was");
        let found = signers.find_principals(&key, now);
        if let Ok(signer) = signers.signer(&key, signature::NAMESPACE, now) {
            assert!(!signer.name.is_empty() && found.is_some(), "who signs is somebody");
            let lossy = signer.name.contains(char::REPLACEMENT_CHARACTER);
            assert!(lossy || signers.allow(signer.name.as_bytes(), &key, signature::NAMESPACE, now), "and allowed");
        }
    }
}

/// The header of an image.
pub(crate) fn image_header(bytes: &[u8]) {
    if let Ok(head) = parse_head(bytes, None) {
        assert!(bytes.starts_with(&head.write()), "a header is written back as it was");
    }
}

/// The table of slots.
pub(crate) fn image_table(bytes: &[u8]) {
    if let Ok(slots) = parse_table(bytes) {
        assert_eq!(write_table(&slots), bytes, "a table is written back as it was");
    }
}

/// The core, and with it canonical JSON.
pub(crate) fn image_core(bytes: &[u8]) {
    if let Ok(core) = parse_core(bytes) {
        assert_eq!(core.to_bytes().as_deref(), Ok(bytes), "a core is written back as it was");
    }
}

/// The list of parts of a plaintext.
pub(crate) fn image_parts(bytes: &[u8]) {
    let body = unpad(bytes).unwrap_or(bytes);
    if let Ok(list) = parse_parts(body) {
        assert!(write_parts(&list).as_slice() == body, "a list is written back as it was");
    }
}

/// What a person types as an unlock code.
pub(crate) fn unlock_code(bytes: &[u8]) {
    if let Ok(code) = UnlockCode::parse(&SecretValue::copy_of(bytes)) {
        assert!(UnlockCode::parse(&code.shown()).is_ok(), "what is shown is read");
    }
}

/// An age file, before it is handed to the `age` program.
pub(crate) fn age_file(bytes: &[u8]) {
    if check_age_file(bytes).is_ok() {
        // only in the header: an encrypted content may spell anything
        let header = bytes.split(|b| *b == b'\n').take_while(|line| !line.starts_with(b"--- "));
        let recipients = header.filter_map(|line| line.strip_prefix(b"->"));
        for kind in recipients.map(|line| line.trim_ascii_start().split(u8::is_ascii_whitespace).next()) {
            assert!(kind.is_some_and(|kind| !kind.is_empty() && kind != b"scrypt"), "no passphrase");
        }
    }
}

/// Readers of bytes that are no text.
pub(crate) const OF_BYTES: [fn(&[u8]); 7] =
    [image_header, image_table, image_core, image_parts, unlock_code, age_file, encrypted_export];

/// A file that an NPort encrypted: these bytes as one, as what stands behind the name of the series, and as its text.
pub(crate) fn encrypted_export(bytes: &[u8]) {
    let key = container::PRESET.as_bytes();
    for file in [bytes.to_vec(), [b"6000", bytes].concat(), [b"6000\0\0\x01\x01", bytes].concat()] {
        let _ = container::is_container(&file);
        let _ = container::open(&file, key);
    }
    let closed = container::close(bytes, key).unwrap_or_default();
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    assert!(container::open(&closed, key).is_ok_and(|again| **again == *text), "what is closed is opened");
}

/// What the binary carries is read without a finding: else the targets would start from nothing.
pub(crate) fn carried() {
    for (name, text) in embedded::DIALECTS {
        assert!(dialect::load(FileId::NONE, text, Grade::Confirmed).is_ok(), "{name}");
    }
}

/// For a fuzz target: what is done at once elsewhere is done one after the other. To hand it over would take longer
/// than to do it.
pub(crate) fn stay_on_this_thread() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    assert!(pool.build_global().is_ok(), "nothing ran before");
}

thread_local! {
    static FOLDER: Folder = Folder::new();
}

/// A folder of this thread, whose files change from site to site.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> Folder {
        static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = base.join(format!("fieldlock-fuzz-{}-{number}", std::process::id()));
        for inner in ["profiles", "devices", "captures", "waivers", "packs/own"] {
            drop(std::fs::create_dir_all(folder.join(inner)));
        }
        Folder(folder)
    }

    fn put(&self, name: &str, text: Option<&str>) {
        let path = self.0.join(name);
        match text.filter(|t| !t.is_empty()) {
            Some(text) => drop(std::fs::write(path, text)),
            None => drop(std::fs::remove_file(path)),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// What a device says in a session, cut at each form feed; the same as what servers say to a look from outside.
pub(crate) fn device_talk(text: &str) {
    for kind in PlatformKind::ALL {
        let Some(speech) = Speech::of(kind) else { continue };
        let mut dialogue = Dialogue::new(speech);
        for part in text.split('\u{c}') {
            dialogue.feed(part.as_bytes());
            match dialogue.now() {
                Now::Command => dialogue.sent(),
                Now::Writing => drop(dialogue.learn()),
                Now::Key | Now::Answer(_) | Now::Name | Now::Password => dialogue.replied(),
            }
            let answer = dialogue.answer();
            assert!(
                answer.refusal.is_none_or(|line| answer.lines.contains(&line)),
                "a refusal is a line of its answer"
            );
        }
    }
    probe::server_hello(text.as_bytes());
    probe::offer(text.as_bytes());
}
