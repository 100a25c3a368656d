//! Devices that run: taken over from what they exported, captured again, compared.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fieldlock::dialect::ini::container;
use fieldlock::model::facts::leaves;
use fieldlock::platform;
use serde_json::{Value, json};

use crate::common;
use crate::common::exports::{CANARY, export};
use crate::common::{document, needs};

const SITE: &str = r#"site "plant" {
    packs "nport-6000-g2"
    zone "control" sl-t=2 { subnet "10.40.0.0/16"; subnet "172.23.240.0/20" }
    station "eng-01" address="10.40.0.10" zone="control"
    log-server "10.40.0.9"
    person "ot-lead" role="owner of the OT network"
}
"#;

/// The device whose export lies among the samples.
const SAMPLE: &str = "np6650-16-417";
/// Its secrets, whoever published it having put words in their places: the name, the key, the word.
const WORDS: [(&str, &str, &str); 3] = [
    ("admin", "User Pass #1", "password"),
    ("snmp-read-only", "Read Community String", "read"),
    ("snmp-read-write", "Write Community String", "write"),
];

const PASSPHRASE: &str = "many words that nobody guesses 7\n";

/// An empty site, and a folder of exports beside it.
pub(crate) struct Plant(tempfile::TempDir);

impl Plant {
    pub(crate) fn new() -> Plant {
        let plant = Plant(tempfile::tempdir().unwrap());
        plant.put("site/site.kdl", SITE.as_bytes());
        plant.put("passphrase", PASSPHRASE.as_bytes());
        plant
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.0.path().join("site")
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.site().join(name)).unwrap()
    }

    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        common::files(&self.site()).into_iter().collect()
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.fed(args, None)
    }

    pub(crate) fn fed(&self, args: &[&str], stdin: Option<&[u8]>) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        program.args(args).current_dir(self.0.path());
        common::alone(&mut program).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.unwrap_or_default()).unwrap();
        child.wait_with_output().unwrap()
    }

    pub(crate) fn import(&self, more: &[&str]) -> (Option<i32>, Value) {
        let args = ["import", "exports", "--by", "ot-lead", "--site", "site", "--format", "json"];
        let output = self.run(&[&args[..], more].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code(), document("imported", &text))
    }

    pub(crate) fn drift(&self, more: &[&str]) -> (Option<i32>, Value) {
        let output = self.run(&[&["drift", "site", "--from", "exports", "--format", "json"][..], more].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code(), document("report", &text))
    }
}

fn strings(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[field].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_folder_of_exports_becomes_a_site_that_means_the_same() {
    let plant = Plant::new();
    plant.put("exports/a.ini", export(1, 2, &[]).as_bytes());
    plant.put("exports/b.dec", &container::close(export(2, 4, &[]).as_bytes(), b"moxa").unwrap());
    for name in ["old-router.cli", "old-np.sheet"] {
        let from = common::project("examples/04-brownfield/captures").join(name);
        plant.put(&format!("exports/old/{name}"), &std::fs::read(from).unwrap());
    }
    let (code, told) = plant.import(&["--dry-run"]);
    assert_eq!((code, told["dry_run"].as_bool(), plant.files().len()), (Some(0), Some(true), 1));
    let (code, told) = plant.import(&[]);
    assert_eq!((code, told["dry_run"].as_bool()), (Some(0), Some(false)), "{told:#}");
    assert_eq!(strings(&told["devices"], "device"), ["np001", "np002", "old-np", "old-router"]);
    assert_eq!(told["devices"][1]["encrypted"], Value::Bool(true));
    let description = plant.text("devices/np001.kdl");
    for line in [
        "    platform \"nport-6000\" model=\"NPort 6250\" firmware=\"2.3\"",
        "    zone \"control\"",
        "    asset serial=\"5001\" mac=\"00:90:e8:44:00:01\" // 6",
    ] {
        assert!(description.contains(line), "{line}\n{description}");
    }
    // each number is a line of the capture
    let router = plant.text("captures/old-router.cli");
    let hostname = router.lines().position(|line| line == "hostname old-router").unwrap() + 1;
    let described = plant.text("devices/old-router.kdl");
    assert!(described.contains(&format!("hostname \"old-router\" }} // {hostname}\n")), "{described}");
    // ports that are alike stand on one line
    assert!(plant.text("profiles/edr-g9010-as-read.kdl").contains("port \"1/1-4\" enabled=on"), "{described}");
    // what was read is what is described, and what the site keeps says the same
    let (code, report) = plant.drift(&[]);
    assert_eq!(code, Some(0), "{:#}", report["summary"]);
    assert_eq!(report["summary"]["compared"]["as-described"], 4);
    let ready = common::ready(&plant.site(), None);
    assert!(ready.findings.iter().all(|f| !f.is_input_error()), "{:#?}", ready.findings);
    for device in &ready.site.devices {
        let read = &ready.states[&device.name].reading().facts;
        let missing: Vec<String> = leaves(&device.own)
            .filter(|leaf| !matches!(leaf.fact.value, fieldlock::model::Value::Secret(_)))
            .filter(|leaf| !["platform", "zone", "use", "name"].iter().any(|own| leaf.path.starts_with(own)))
            .filter(|leaf| read.value(&leaf.path).is_none_or(|there| there.value != leaf.fact.value))
            .map(|leaf| leaf.path)
            .collect();
        assert_eq!(missing, Vec::<String>::new(), "{}", device.name);
    }
}

#[test]
fn a_file_that_is_rendered_over_its_capture_is_the_file() {
    let plant = Plant::new();
    for (number, ports) in [1, 2, 4, 8, 16, 32].into_iter().enumerate() {
        plant.put(&format!("exports/{ports}.ini"), export(number, ports, &[]).as_bytes());
    }
    let sample = needs::samples().map(|folder| folder.join("np6650-16_fw2.3_export.dec"));
    if let Some(sample) = &sample {
        plant.put("exports/sample.dec", &std::fs::read(sample).unwrap());
    }
    let (code, told) = plant.import(&[]);
    assert_eq!(code, Some(0), "{told:#}");
    let ready = common::ready(&plant.site(), None);
    assert_eq!(ready.site.devices.len(), 6 + usize::from(sample.is_some()));
    for device in &ready.site.devices {
        let rendered = platform::of(device.platform).render(device, ready.under(device)).unwrap();
        let rendered = rendered.machine.unwrap().redacted();
        let capture = plant.text(&format!("captures/{}.ini", device.name));
        let is_secret = |line: &str| line.ends_with("=<hidden>") || line.contains("=<secret ");
        let lines = |text: &str| -> Vec<String> {
            text.lines().map(|l| l.trim_end().to_owned()).filter(|l| !is_secret(l)).collect()
        };
        assert!(lines(&rendered) == lines(&capture), "{}", device.name);
        let secrets = rendered.lines().filter(|line| line.contains("=<secret ")).count();
        assert!(secrets >= 3, "{}: {secrets} secrets are filled", device.name);
    }
}

/// A waiver for each finding that keeps a device from being sealed; how many there are.
pub(crate) fn waive(plant: &Plant, report: &Value) -> usize {
    let ready = common::ready(&plant.site(), None);
    let value = |device: &str, path: &str| {
        let device = ready.site.devices.iter().find(|d| *d.name == *device)?;
        let read = ready.states.get(&device.name).map(|state| &state.reading().facts);
        let fact = device.own.value(path).or_else(|| read?.value(path))?;
        fact.value.is_known().then(|| fact.value.plain())
    };
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    let wanted: BTreeSet<(String, String, String, Option<String>)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["status"] != "waived")
        .filter(|finding| ["high", "critical"].contains(&text(finding, "severity").as_str()))
        .map(|finding| {
            let [rule, device, path] = ["rule", "device", "path"].map(|field| text(finding, field));
            let value = value(&device, &path);
            (rule, device, path, value)
        })
        .collect();
    for (number, (rule, device, path, value)) in wanted.iter().enumerate() {
        let quoted = |value: &String| format!(" value={}", fieldlock::model::facts::quote(value));
        let value = value.as_ref().map(quoted).unwrap_or_default();
        let id = format!("W-2026-{:05}", plant.files().len() * 1000 + number);
        let waiver = format!(
            "waiver \"{id}\" {{\n    rule \"{rule}\"\n    device \"{device}\" setting=\"{path}\"{value}\n    \
             from \"2026-01-01\"; until \"2026-12-31\"\n    reason \"taken over as it runs\"\n    \
             risk \"what ran before runs on\"\n    instead \"it stands behind a firewall\"\n    ticket \"CHG-1\"\n    \
             owner \"ot-lead\"; approver \"ciso\"\n}}\n"
        );
        plant.put(&format!("site/waivers/{id}.kdl"), waiver.as_bytes());
    }
    wanted.len()
}

/// The end of the first hour: what was imported is judged truly, and built into the very files that the devices had.
/// Nothing is edited by hand; what runs on against a rule is waived.
#[test]
fn what_was_imported_is_built_into_the_file_that_it_was() {
    let plant = Plant::new();
    plant.put(
        "site/site.kdl",
        SITE.replace("person", "person \"ciso\" role=\"answers for risks\"\n    person").as_bytes(),
    );
    let mut originals = BTreeMap::new();
    for (number, ports) in [1, 2, 4, 8, 16, 32].into_iter().enumerate() {
        let text = export(number, ports, &[]);
        plant.put(&format!("exports/{ports}.ini"), text.as_bytes());
        originals.insert(format!("np{number:03}"), text);
    }
    if let Some(samples) = needs::samples() {
        let read = |name: &str| std::fs::read(samples.join(name)).unwrap();
        plant.put("exports/sample.dec", &read("np6650-16_fw2.3_export.dec"));
        let text = String::from_utf8(read("np6650-16_fw2.3_export.ini")).unwrap();
        // its secrets are words that public files hold anyway, which is told: other ones are set
        let text = WORDS.iter().fold(text, |text, (_, key, word)| {
            let line = format!("{key}={word}\r\n");
            assert!(text.contains(&line), "{line}");
            text.replace(&line, &format!("{key}={CANARY}-{word}\r\n"))
        });
        originals.insert(SAMPLE.to_owned(), text);
    }
    let (code, told) = plant.import(&["--passphrase-file", "passphrase"]);
    assert_eq!(code, Some(0), "{told:#}");
    if originals.contains_key(SAMPLE) {
        for (name, _, word) in WORDS {
            let name = format!("{SAMPLE}/{name}");
            let set = ["secret", "set", &name, "--from-file", "-", "--site", "site", "--passphrase-file", "passphrase"];
            let output = plant.fed(&set, Some(format!("{CANARY}-{word}\n").as_bytes()));
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    let report = |args: &[&str]| {
        let output = plant.run(&[args, &["--format", "json"]].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code(), document("report", &text))
    };
    let (code, checked) = report(&["check", "site"]);
    assert_eq!(code, Some(1));
    let rules: BTreeSet<String> = strings(&checked["findings"], "rule").into_iter().collect();
    // the length of passwords, lockout, who may connect, the log, Telnet and clear serial data
    let of_the_sample = ["NP6-ACC-003", "NP6-SES-001", "NP6-ACL-001", "NP6-LOG-001", "NP6-SVC-008", "NP6-SER-004"];
    for rule in of_the_sample.into_iter().filter(|_| originals.contains_key(SAMPLE)) {
        assert!(rules.contains(rule), "{rule}: {rules:?}");
    }
    waive(&plant, &checked);
    let build = ["build", "site", "--out", "out", "--passphrase-file", "passphrase"];
    let (mut code, mut built) = report(&build);
    if code == Some(1) {
        // what only the secrets could tell
        assert!(waive(&plant, &built) < 40, "{:#}", built["findings"][0]);
        (code, built) = report(&build);
    }
    assert_eq!(code, Some(0), "{:#}", built["findings"]);
    for (device, original) in &originals {
        let image = format!("out/images/{device}.flk");
        let content = format!("content-{device}");
        let open = ["image", "open", &image, "--passphrase-file", "passphrase", "--to", &content];
        let output = plant.run(&open);
        assert_eq!(output.status.code(), Some(0), "{device}: {}", String::from_utf8_lossy(&output.stderr));
        let built = std::fs::read_to_string(plant.0.path().join(&content).join("native.ini")).unwrap();
        // secrets that no setting names are left out, so that the device keeps them; of the sample they
        // are two: it sends no traps
        let (mut left_out, mut lines) = (Vec::new(), built.split("\r\n").peekable());
        for line in original.split("\r\n") {
            match lines.next_if_eq(&line) {
                Some(_) => {}
                None => left_out.push(line),
            }
        }
        assert_eq!(lines.next(), None, "{device}: behind {left_out:?}");
        let of_nothing = ["Trap Community=public", "Console Password=password"];
        let is_secret = |line: &&str| line.contains(CANARY) || of_nothing.contains(line);
        assert!(left_out.iter().all(is_secret), "{device}: {left_out:?}");
        assert!(device != SAMPLE || left_out == of_nothing, "{left_out:?}");
        assert!(built.matches(CANARY).count() >= 3, "{device}: its secrets are in their places");
    }
}

/// What a device is to import stands in its image as it is, and, where it is described to encrypt its files, in that
/// form, too; whoever takes it out is told what that is worth.
#[test]
fn the_file_is_there_in_the_devices_own_encryption_where_that_is_described() {
    let plant = Plant(tempfile::tempdir().unwrap());
    common::copy(&common::project("examples/01-pump-station"), &plant.0.path().join("pump"));
    assert_eq!(plant.run(&["build", "pump", "--out", "out"]).status.code(), Some(0));
    let open = ["image", "open", "out/images/np02.flk", "--passphrase-file", "pump/demo/passphrase", "--to", "content"];
    let output = plant.run(&open);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("native.dec is encrypted as the device does it, which protects little"), "{told}");
    let read = |name: &str| std::fs::read(plant.0.path().join(name)).unwrap();
    let key = read("pump/demo/secrets/np02/backup");
    let opened = container::open(&read("content/native.dec"), key.trim_ascii_end()).unwrap();
    assert!(opened.as_slice() == read("content/native.ini"));
}

#[test]
fn no_secret_that_was_read_stands_anywhere_but_sealed() {
    let plant = Plant::new();
    plant.put("exports/a.ini", export(1, 2, &[]).as_bytes());
    plant.put("exports/b.dec", &container::close(export(2, 1, &[]).as_bytes(), b"plant-key").unwrap());
    plant.put("key", b"plant-key\r\n");
    let router = "r# show running-config\nhostname r7\nusername admin password Canary-9777 privilege 1\n\
                  snmp-server community Canary-9778 ro\nbanner login Canary-9779\nwhatever Canary-9780\nr#\n";
    plant.put("exports/r.log", router.as_bytes());
    for format in common::FORMATS_OF_ALL {
        let args = ["import", "exports", "--by", "ot-lead", "--site", "site", "--dry-run", "--all", "--format", format];
        for key in [&[][..], &["--export-key-file", "key"]] {
            let output = plant.run(&[&args[..], key].concat());
            let all = [output.stdout, output.stderr].concat();
            assert!(!String::from_utf8_lossy(&all).contains(CANARY), "{format}");
        }
    }
    let (code, told) = plant.import(&["--export-key-file", "key", "--passphrase-file", "passphrase"]);
    assert_eq!((code, told["sealed"].as_bool()), (Some(0), Some(true)), "{told:#}");
    assert!(told["read_secrets"].as_array().unwrap().len() >= 5, "{told:#}");
    for (name, bytes) in plant.files() {
        assert!(!String::from_utf8_lossy(&bytes).contains(CANARY), "{name}");
    }
    let listed = plant.run(&["secret", "list", "--site", "site", "--passphrase-file", "passphrase"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("np001/snmp-read-only"), "{listed}");
    // what is sealed is what the device has: nothing is left that can't be compared
    let (_, report) = plant.drift(&["--export-key-file", "key", "--passphrase-file", "passphrase"]);
    let changes = report["devices"][0]["difference"]["changes"].as_array().unwrap();
    assert!(changes.is_empty(), "{changes:#?}");
}

#[test]
fn what_the_site_has_is_captured_again_and_never_overwritten() {
    let plant = Plant::new();
    plant.put("exports/a.ini", export(1, 2, &[]).as_bytes());
    assert_eq!(plant.import(&["--at", "2026-11-01 08:00 UTC"]).0, Some(0));
    let description = plant.text("devices/np001.kdl").replace("zone", "// mine\n    zone");
    plant.put("site/devices/np001.kdl", description.as_bytes());
    let before = plant.files();
    let (code, told) = plant.import(&["--at", "2026-11-01 08:00 UTC"]);
    assert_eq!((code, &told["devices"][0]["changes"]), (Some(0), &Value::Array(Vec::new())), "{told:#}");
    assert!(plant.files() == before);
    plant.put("exports/a.ini", export(1, 2, &[("Password Minimum Length=", "9".to_owned())]).as_bytes());
    let (code, told) = plant.import(&["--at", "2026-11-20 08:00 UTC"]);
    assert_eq!(code, Some(0));
    let change = &told["devices"][0]["changes"][0];
    assert_eq!(
        (&change["path"], &change["before"], &change["after"]),
        (&Value::from("password-policy.min-length"), &Value::from("4"), &Value::from("9"),)
    );
    let changed: Vec<String> = plant
        .files()
        .into_iter()
        .filter(|(name, bytes)| before.get(name) != Some(bytes))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(changed, ["captures/np001.ini", "captures/np001.kdl"]);
    // a form that it was not read in before
    let (code, report) = plant.drift(&[]);
    assert_eq!((code, report["summary"]["compared"]["differ"].as_u64()), (Some(3), Some(1)));
}

#[test]
fn each_file_that_is_none_is_refused_by_what_it_is() {
    let plant = Plant::new();
    let sealed = container::close(export(1, 2, &[]).as_bytes(), b"other").unwrap();
    plant.put("exports/key.dec", &sealed);
    plant.put("exports/cut.dec", &sealed[..sealed.len() - 7]);
    plant.put("exports/series.dec", &[b"5000", &sealed[4..]].concat());
    plant.put("exports/version.dec", &[b"6000\x09\0\0\0", &sealed[8..]].concat());
    plant.put("exports/readme.txt", b"nothing that a device says\n");
    plant.put(
        "exports/blank.txt",
        b"Label\tModel\tNPort 6250-G2\nSystem Settings > General > Identity\tServer name\t\n",
    );
    // an export goes back as it was
    let latin = export(5, 2, &[("Server Location=", "Kl#ranlage".to_owned())]).into_bytes();
    plant.put("exports/latin.ini", &latin.iter().map(|b| if *b == b'#' { 0xe4 } else { *b }).collect::<Vec<_>>());
    plant.put("exports/half.ini", &export(3, 2, &[]).as_bytes()[..9000]);
    let whole = router(7);
    plant.put("exports/half.log", &whole.as_bytes()[..whole.len() / 2]);
    plant.put("exports/one.ini", export(4, 2, &[]).as_bytes());
    plant.put("exports/two.ini", export(4, 2, &[]).as_bytes());
    let (code, told) = plant.import(&[]);
    assert_eq!(code, Some(1));
    let refused: BTreeMap<String, String> = strings(&told["refused"], "file")
        .into_iter()
        .map(|file| Path::new(&file).file_name().unwrap().to_str().unwrap().to_owned())
        .zip(strings(&told["refused"], "message"))
        .collect();
    for (file, message) in [
        ("key.dec", "an encrypted NPort export that this key does not open"),
        ("cut.dec", "an encrypted NPort export that was cut off"),
        ("series.dec", "an encrypted export of another series: it begins with `5000`"),
        ("version.dec", "an encrypted NPort export in a version that is not known (0x00000009)"),
        ("readme.txt", "no line of it is a setting of any platform"),
        ("blank.txt", "it is a sheet in which no value stands"),
        ("latin.ini", "UTF-8"),
        ("half.ini", "it is no whole export: it lacks"),
        ("half.log", "the recording ends before the device was done"),
    ] {
        assert!(refused[file].contains(message), "{file}: {}", refused[file]);
    }
    // two files of one device that is new: both can't be it
    let twins: Vec<&String> = refused.keys().filter(|name| ["one.ini", "two.ini"].contains(&name.as_str())).collect();
    assert_eq!(twins.len(), 1, "{refused:#?}");
}

/// People record sessions as their terminal is set: what it says is the same.
#[test]
fn a_recording_is_read_in_what_its_terminal_writes() {
    let plant = Plant::new();
    let said = |number| router(number).replacen("ip ssh\n", "ip ssh\nsnmp-server location Kl\u{e4}ranlage\n", 1);
    let narrow: Vec<u8> = said(1).replace('\n', "\r\n").chars().map(|c| u8::try_from(c).unwrap()).collect();
    let wide = |text: String| format!("\u{feff}{text}").encode_utf16().collect::<Vec<u16>>();
    plant.put("exports/narrow.log", &narrow);
    plant.put("exports/little.log", &wide(said(2)).iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>());
    plant.put("exports/big.log", &wide(said(3)).iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>());
    plant.put("exports/usual.log", said(4).as_bytes());
    let (code, told) = plant.import(&[]);
    assert_eq!((code, &told["refused"]), (Some(0), &json!([])), "{told:#}");
    for name in strings(&told["devices"], "device") {
        let captured = plant.text(&format!("captures/{name}.cli"));
        assert!(captured.contains("\nip ssh\nsnmp-server location <hidden>\n"), "{name}\n{captured}");
    }
    assert_eq!(told["devices"].as_array().unwrap().len(), 4);
    assert_eq!(plant.drift(&[]).0, Some(0));
    // the same by whoever hands one in
    for file in ["narrow", "little", "big", "usual"] {
        let (path, listed) = (format!("exports/{file}.log"), told["devices"].as_array().unwrap());
        let of = listed.iter().find(|device| device["from"].to_string().contains(file)).unwrap();
        let device = of["device"].as_str().unwrap();
        let output = plant.run(&["diff", "site", "--device", device, "--running", &path, "--exit-code"]);
        assert_eq!(output.status.code(), Some(0), "{file} {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_capture_is_kept_of_its_own_device_alone() {
    let plant = Plant::new();
    plant.put("exports/a.ini", export(1, 2, &[]).as_bytes());
    plant.put("exports/b.ini", export(2, 2, &[]).as_bytes());
    assert_eq!(plant.import(&[]).0, Some(0));
    let before = plant.files();
    let capture = |device: &str, from: &str, stdin: Option<&[u8]>| {
        let output = plant.fed(&["capture", device, "site", "--from", from, "--by", "ot-lead"], stdin);
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code(), told)
    };
    let (code, told) = capture("np001", "exports/b.ini", None);
    assert_eq!(code, Some(5), "{told}");
    assert!(told.contains("it tells the serial number `5002`, and `np001` is described with `5001`"), "{told}");
    // half a recording never takes the place of a whole one
    plant.put("half.log", b"r# show running-config\nhostname np001\nip ssh\n");
    let (code, told) = capture("np001", "half.log", None);
    assert!(code == Some(2) && told.contains("no prompt stands behind what it showed"), "{told}");
    for (device, from, by) in [("np009", "exports/a.ini", "ot-lead"), ("np001", "exports/none.ini", "ot-lead")] {
        let (code, told) = capture(device, from, None);
        assert_eq!(code, Some(2), "{by}: {told}");
    }
    assert!(plant.files() == before);
    let changed = export(1, 2, &[("Password Minimum Length=", "9".to_owned())]);
    let (code, told) = capture("np001", "-", Some(changed.as_bytes()));
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("password-policy.min-length: 4 -> 9"), "{told}");
    assert!(plant.text("captures/np001.ini").contains("Password Minimum Length=9\n"));
    assert!(plant.text("captures/np001.kdl").contains("how=\"export\" firmware=\"2.3\" serial=\"5001\""));
}

#[test]
fn a_list_names_devices_and_describes_those_that_nothing_was_read_from() {
    let plant = Plant::new();
    plant.put("exports/a.ini", export(1, 2, &[]).as_bytes());
    let list = b"Name;Model;Serial;Address;Zone;Note\r\nChlor S\xfcd;NP6250;5001;;control;x\r\n\
                 np31;NPort 6150-G2;TBAAB1;10.40.9.31;control;\r\nsw9;EDS-999999;;;;\r\n";
    plant.put("exports/plant.csv", list);
    let (code, told) = plant.import(&[]);
    assert_eq!(code, Some(1));
    assert_eq!(strings(&told["devices"], "device"), ["chlor-sud", "np31"], "{told:#}");
    let refused = &told["refused"][0];
    assert!(refused["file"].as_str().unwrap().ends_with("plant.csv:4"), "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("`EDS-999999` is no model that is known"), "{refused}");
    let described = plant.text("devices/np31.kdl");
    for line in [
        "platform \"nport-6000-g2\" model=\"NPort 6150-G2\"",
        "asset serial=\"TBAAB1\"",
        "network { interface \"lan\" { address \"10.40.9.31/16\" } }",
    ] {
        assert!(described.contains(line), "{line}\n{described}");
    }
    // again: both are there, and nothing is written twice
    let before = plant.files();
    let (_, told) = plant.import(&["--dry-run"]);
    assert_eq!(strings(&told["devices"], "device"), ["chlor-sud"]);
    assert!(plant.files() == before);
}

/// One line that is wrong costs its own device and no other.
#[test]
fn each_line_of_a_list_is_refused_by_itself() {
    let plant = Plant::new();
    let list = "name;model;serial;address;zone\nnp1;NPort 6150-G2;A1;10.40.9.1;control\n;NPort 6150-G2;A2;;\n\
                NP1;NPort 6250-G2;A3;;\nnp4;NPort 6150-G2;A1;;\nnp5;NPort 6150-G2;A5;10.40.9.1/16;\n\
                np6;NPort 6150-G2;A6;999.1.1.1;\n";
    plant.put("exports/plant.csv", list.as_bytes());
    plant.put("exports/other.csv", b"host;typ\nnp7;NPort 6150-G2\n");
    let (code, told) = plant.import(&[]);
    assert_eq!((code, strings(&told["devices"], "device")), (Some(1), vec!["np1".to_owned(), "np6".to_owned()]));
    let refused: Vec<(String, String)> =
        strings(&told["refused"], "file").into_iter().zip(strings(&told["refused"], "message")).collect();
    let said = |place: &str| refused.iter().find(|(file, _)| file.ends_with(place)).map_or("", |(_, why)| why);
    assert_eq!(said("plant.csv:3"), "it has no name");
    assert!(said("plant.csv:4").contains("plant.csv:2` has the name `np1` too"), "{refused:#?}");
    assert!(said("plant.csv:5").contains("has the serial number `A1` too"), "{refused:#?}");
    assert!(said("plant.csv:6").contains("has the address `10.40.9.1` too"), "{refused:#?}");
    assert!(said("other.csv").contains("its first line does not name the columns"), "{refused:#?}");
    assert!(plant.text("devices/np6.kdl").contains("// its address \"999.1.1.1\" is none"));
}

/// What a device tells of itself, and what its file is called, says nothing in a description but as a text.
#[test]
#[cfg(unix)]
fn names_that_would_be_kdl_stay_texts() {
    let plant = Plant::new();
    let label = "NP6250 }\u{2028}vendor-settings { line \"evil\" }".to_owned();
    let more = [("Server Name=", "x\" } services { telnet on } //".to_owned()), ("Model Name=", label)];
    plant.put("exports/a.ini", export(1, 2, &more).as_bytes());
    plant.put("exports/b\nservices { telnet on }\n.csv", b"name;model\nnp31;NPort 6150-G2\n");
    let (_, told) = plant.import(&[]);
    // a name with a line break is none
    let of = |list: &str, field: &str| strings(&told[list], field).len();
    assert_eq!((of("devices", "device"), of("refused", "file")), (1, 1), "{told:#}");
    let ready = common::ready(&plant.site(), None);
    for device in &ready.site.devices {
        assert!(device.own.value("services.telnet").is_none_or(|f| f.value.plain() == "off"), "{}", device.name);
        assert!(device.own.items("vendor-settings.line").is_none(), "{}", device.name);
    }
    assert_eq!(ready.site.devices.len(), 1);
    let host = ready.site.devices.iter().find_map(|d| d.own.value("identity.hostname")).unwrap();
    assert_eq!(host.value.plain(), "x\" } services { telnet on } //");
}

/// For devices that export nothing that can be read the sheet is the way in, too.
#[test]
fn a_blank_sheet_is_filled_in_at_the_device_and_captured() {
    let plant = Plant::new();
    let device = "device \"np31\" {\n    platform \"nport-6000-g2\" model=\"NPort 6250-G2\" firmware=\"1.1.0\"\n    \
                  zone \"control\"\n    asset serial=\"TB1\"\n    accounts { account \"ot-lead\" group=\"Administrator\" }\n}\n";
    plant.put("site/devices/np31.kdl", device.as_bytes());
    let sheet = plant.run(&["capture", "np31", "site", "--blank"]);
    assert_eq!(sheet.status.code(), Some(0), "{}", String::from_utf8_lossy(&sheet.stderr));
    let sheet = String::from_utf8(sheet.stdout).unwrap();
    let (label, rows) = sheet.split_once("Label\tFirmware\t\n").unwrap();
    assert_eq!(label, "Label\tModel\tNPort 6250-G2\nLabel\tSerial number\t\nLabel\tMAC address\t\n");
    assert!(rows.lines().all(|line| line.ends_with('\t') && line.matches('\t').count() == 2), "{sheet}");
    assert!(sheet.contains("Port 2: local TCP port\t\n") && !sheet.contains("Port 3"), "{sheet}");
    assert!(!sheet.contains("Password\t"), "a secret has no row: {sheet}");
    // one row for each field of the table: all of it is read again
    let value = |line: &str| match line {
        "Label\tSerial number\t" => Some("TB1"),
        "Security > Services\tSNMP Agent\t" => Some("On"),
        line if line.contains("Port 1: alias\t") => Some("flow-meter"),
        _ => None,
    };
    let filled: String = sheet.lines().map(|line| format!("{line}{}\n", value(line).unwrap_or_default())).collect();
    plant.put("np31.sheet", filled.as_bytes());
    let output = plant.run(&["capture", "np31", "site", "--from", "np31.sheet", "--by", "ot-lead"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(plant.text("captures/np31.sheet").lines().count(), 4);
    assert!(plant.text("captures/np31.kdl").ends_with(" serial=\"TB1\"\n"));
    let ready = common::ready(&plant.site(), None);
    let read = ready.states["np31"].reading();
    assert!(read.kept.is_empty(), "{:?}", read.kept);
    assert_eq!(read.facts.value("services.snmp").unwrap().value.plain(), "on");
    assert_eq!(read.facts.value("serial.port[1].alias").unwrap().value.plain(), "flow-meter");
    assert_eq!(read.facts.count(), 4, "what stays blank says nothing");
    // one that nobody filled in is none, and nothing to be sealed
    plant.put("np31.sheet", sheet.as_bytes());
    let output = plant.run(&["capture", "np31", "site", "--from", "np31.sheet", "--by", "ot-lead"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && told.contains("it is a sheet in which no value stands"), "{told}");
}

#[test]
fn drift_tells_what_differs_what_is_missing_and_what_is_nobodys() {
    let plant = Plant::new();
    for number in 1..=3 {
        plant.put(&format!("exports/{number}.ini"), export(number, 2, &[]).as_bytes());
    }
    assert_eq!(plant.import(&[]).0, Some(0));
    assert_eq!(plant.drift(&[]).0, Some(0));
    plant.put("exports/2.ini", export(2, 2, &[("Password Minimum Length=", "9".to_owned())]).as_bytes());
    std::fs::remove_file(plant.0.path().join("exports/3.ini")).unwrap();
    plant.put("exports/stranger.ini", export(9, 2, &[]).as_bytes());
    let (code, report) = plant.drift(&[]);
    let compared = &report["summary"]["compared"];
    assert_eq!(code, Some(3));
    assert_eq!(
        (&compared["as-described"], &compared["differ"], &compared["not-compared"]),
        (&Value::from(1), &Value::from(1), &Value::from(1))
    );
    let changes = report["devices"][1]["difference"]["changes"].as_array().unwrap();
    let changed = changes.iter().find(|change| change["path"] == "password-policy.min-length").unwrap();
    assert_eq!((&changed["before"], &changed["after"]), (&Value::from("9"), &Value::from("4")));
    assert_eq!(strings(&report["unread"], "message"), ["it is of no device of the site"]);
    assert_eq!(plant.drift(&["--device", "np001"]).0, Some(4), "a file of nobody was there");
    std::fs::remove_file(plant.0.path().join("exports/stranger.ini")).unwrap();
    assert_eq!(plant.drift(&["--device", "np001"]).0, Some(0));
    assert_eq!(plant.drift(&["--device", "np003"]).0, Some(4));
}

/// A recorded session of a router: its ports, people, servers and secrets differ, and who set it was of two minds.
fn router(number: usize) -> String {
    let mut out = format!(
        "login: admin\nMOXA EDR-G9010-VPN-2MGSFP Series  V3.{} build 26040210\nw{number}# show running-config\n\
         hostname weir-{number:02}\n",
        if number.is_multiple_of(3) { 23 } else { 24 }
    );
    for account in ["admin", "ot-lead", "service"].iter().take(1 + number % 3) {
        out.push_str(&format!("username {account} password {CANARY}{number}{account} privilege 1\n"));
    }
    let least = if number.is_multiple_of(5) { 12 } else { 8 };
    out.push_str(&format!("password-policy minimum-length {least}\nlogin-lockout\nip ssh\nno ip telnet\n"));
    out.push_str(
        "logging 10.40.0.9 514 1\nntp remote-server 10.40.0.5\nclock timezone gmt 1\nvlan create 10\nvlan create 20\n",
    );
    for port in 1..=10 {
        let vlan = if port % 2 == 0 { 10 } else { 20 };
        let used = if port > number % 10 { "shutdown" } else { "no shutdown" };
        out.push_str(&format!("interface ethernet 1/{port}\n {used}\n switchport access vlan {vlan}\nexit\n"));
    }
    out.push_str(&format!("interface lan\n ip address static 10.40.100.{} 255.255.255.0\nexit\n", number + 1));
    out + &format!("w{number}# exit\n")
}

/// A sheet that somebody filled in at an NPort 6000-G2.
fn sheet(number: usize) -> String {
    let base = std::fs::read_to_string(common::project("examples/04-brownfield/exports/np-cabinet-2.sheet")).unwrap();
    let own = [
        ("\told-np\n", format!("\tpump-{number:02}\n")),
        ("10.40.7.7", format!("10.40.101.{}", number + 1)),
        ("\tflow-meter\n", format!("\tmeter-{number:02}\n")),
        ("old station, cabinet 2", format!("cabinet {}", number % 7)),
    ];
    own.iter().fold(base, |text, (from, to)| text.replace(from, to))
}

#[test]
fn a_plant_of_300_devices_has_short_files_and_few_profiles() {
    let plant = Plant::new();
    for number in 0..240 {
        let ports = [1, 2, 4, 8, 16, 32][number % 6];
        let own = [
            ("Password Minimum Length=", if number % 7 == 0 { "8" } else { "4" }.to_owned()),
            ("Auto Logout Setting=", if number % 50 == 0 { "10" } else { "5" }.to_owned()),
        ];
        plant.put(&format!("exports/{number:03}.ini"), export(number, ports, &own).as_bytes());
    }
    for number in 0..30 {
        plant.put(&format!("exports/weir/{number:02}.log"), router(number).as_bytes());
        plant.put(&format!("exports/pumps/{number:02}.sheet"), sheet(number).as_bytes());
    }
    // how long it takes, `benches/fleet.rs` says: here nothing is optimised
    let (code, told) = plant.import(&[]);
    assert_eq!(code, Some(0), "{:#}", told["refused"]);
    let mut lines: Vec<u64> =
        told["devices"].as_array().unwrap().iter().map(|d| d["lines"].as_u64().unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines.len(), 300);
    assert!(told["profiles"].as_array().unwrap().len() <= 8, "{:#}", told["profiles"]);
    let median = lines[149].midpoint(lines[150]);
    assert!(median <= 15, "{median} lines in the median");
    let profile = plant.text("profiles/nport-6250-as-read.kdl");
    assert!(profile.contains("// What 40 devices have in common"), "{profile}");
    assert!(profile.contains("of 40"), "{profile}");
}
