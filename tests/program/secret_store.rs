//! The sealed store as people use it: drawn, set, rotated, resealed; values in no output and in no file in clear.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::common;

const PASSPHRASE: &str = "gravel umbrella ninety copper lagoon";
const OTHER: &str = "thimble orchard velvet signal harpoon";
const CANARY: &str = "Canary-7f3k-92xa-Zq";

struct Site {
    temp: tempfile::TempDir,
}

impl Site {
    /// The pump station as a site that is no demo.
    fn new(more: &str) -> Site {
        let temp = tempfile::tempdir().unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/01-pump-station");
        for folder in ["", "devices", "profiles", "captures", "certs"] {
            std::fs::create_dir_all(temp.path().join("site").join(folder)).unwrap();
            for entry in std::fs::read_dir(example.join(folder)).unwrap().map(Result::unwrap) {
                if entry.path().is_file() {
                    std::fs::copy(entry.path(), temp.path().join("site").join(folder).join(entry.file_name())).unwrap();
                }
            }
        }
        let site = Site { temp };
        let text = std::fs::read_to_string(site.path("site/site.kdl")).unwrap();
        std::fs::write(site.path("site/site.kdl"), text.replace("demo on", more)).unwrap();
        for (name, phrase) in [("own", PASSPHRASE), ("other", OTHER), ("weak", "passwordpassword")] {
            std::fs::write(site.path(name), format!("{phrase}\n")).unwrap();
        }
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn with(&self, args: &[&str], stdin: &str) -> Ran {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        common::alone(&mut program);
        // how the flags are given at the end: where they are looked for is the site
        program.args(args).current_dir(self.path("site")).env("CI", "1");
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // a program that refuses before it reads closes the pipe
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        Ran(child.wait_with_output().unwrap())
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.with(&[args, &["--passphrase-file", "../own"]].concat(), "")
    }

    /// The files of the store.
    fn store(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = std::fs::read_dir(self.path("site/secrets"));
        let entries = folder.into_iter().flatten().map(|e| e.unwrap());
        let files = entries.filter(|e| e.file_name().to_string_lossy().ends_with(".flk"));
        files.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect()
    }

    fn list(&self) -> serde_json::Value {
        let ran = self.run(&["secret", "list", "--format", "json"]);
        common::document("secrets", &ran.expect(0))
    }

    fn entry(&self, name: &str) -> serde_json::Value {
        let list = self.list();
        list["secrets"].as_array().unwrap().iter().find(|s| s["name"] == name).unwrap().clone()
    }

    /// All bytes beneath the temporary folder, but the passphrases.
    fn all_files(&self) -> String {
        let mut seen = String::new();
        let mut folders = vec![self.path("site")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                match entry.path().is_dir() {
                    true => folders.push(entry.path()),
                    false => seen += &String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()),
                }
            }
        }
        seen
    }
}

struct Ran(Output);

impl Ran {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned() + &String::from_utf8_lossy(&self.0.stderr)
    }

    /// What was printed as result, where it ended with that code.
    #[track_caller]
    fn expect(&self, code: i32) -> String {
        assert_eq!(self.0.status.code(), Some(code), "{}", self.text());
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }
}

/// A value as it is and in the forms that a leak could take.
fn forms(value: &str) -> Vec<String> {
    let hex: String = value.bytes().map(|b| format!("{b:02x}")).collect();
    let url: String = value.bytes().map(|b| format!("%{b:02X}")).collect();
    let json: String = value.bytes().map(|b| format!("\\u{b:04x}")).collect();
    let spaced: String = value.chars().rev().collect();
    let upper = hex.to_uppercase();
    let shifts = (0..3).map(|shift| base64(&[&vec![b'x'; shift], value.as_bytes()].concat()));
    // the first and last symbols depend on what stands around
    let inner = shifts.map(|text| text[4..text.len() - 5].to_owned());
    [value.to_owned(), hex, upper, url, json, spaced].into_iter().chain(inner).collect()
}

fn base64(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        text.extend((0..4).map(|i| char::from(SYMBOLS[(word >> (18 - 6 * i)) as usize & 63])));
    }
    text
}

#[test]
fn a_store_is_drawn_listed_built_from_and_rotated() {
    let site = Site::new("");
    site.run(&["secret", "generate", "--missing"]).expect(0);
    let files = site.store();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["np02.flk", "np07.flk", "ps7-router.flk", "site.flk", "sw04.flk"]);
    let entry = site.entry("np07/ot-lead");
    assert_eq!((entry["came"].as_str(), entry["length"].as_u64()), (Some("generated"), Some(16)));
    assert_eq!(site.entry("site/fingerprint-key")["length"], 64);
    assert!(site.list()["secrets"].as_array().unwrap().iter().all(|s| s["stored"] == true));

    // a second time there is nothing to do, and nothing is written
    assert!(site.run(&["secret", "generate", "--missing"]).text().contains("nothing is missing"));
    assert!(site.run(&["secret", "generate", "np07/ot-lead"]).text().contains("secret rotate np07/ot-lead"));
    assert!(site.store() == files);

    // the store is where a build looks; its salt is the images'
    let built = site.run(&["build"]);
    built.expect(0);
    let salt = |file: &[u8]| fieldlock::image::salts(file).unwrap();
    let image = std::fs::read(site.path("site/out/images/np07.flk")).unwrap();
    assert_eq!(salt(&image), salt(&files["np07.flk"]));
    assert!(files.values().all(|file| salt(file) == salt(&image)));
    let sheet = |site: &Site| {
        let text = std::fs::read_to_string(site.path("site/out/redacted/np07.redacted.sheet")).unwrap();
        text.lines().find(|l| l.contains("<secret np07/ot-lead ")).unwrap().to_owned()
    };
    let before = sheet(&site);
    assert!(before.contains(" k"), "{before}");

    // only that file changes, the old value waits for a proof, and reviewers see that the secret changed
    site.run(&["secret", "rotate", "np07/ot-lead"]).expect(0);
    let after = site.store();
    assert!(files.iter().all(|(name, bytes)| (after[name] == *bytes) == (name != "np07.flk")));
    assert_eq!(site.entry("np07/ot-lead")["earlier"].as_array().unwrap().len(), 1);
    site.run(&["build"]).expect(0);
    assert_ne!(sheet(&site), before);
    let list = site.run(&["secret", "list"]).expect(0);
    assert!(list.contains("earlier: 1 value"), "{list}");

    // looking is not asking: without a passphrase rules wait
    let checked = site.with(&["check"], "");
    assert!(checked.text().contains("need the secrets"), "{}", checked.text());
    assert!(!site.run(&["check"]).text().contains("need the secrets"));
    assert!(site.with(&["check", "--secrets", "store"], "").text().contains("no terminal to ask at"));
}

#[test]
fn a_wrong_passphrase_and_damaged_files_change_nothing() {
    let site = Site::new("");
    site.run(&["secret", "generate", "np07/ot-lead"]).expect(0);
    let files = site.store();
    let wrong = |args: &[&str]| site.with(&[args, &["--passphrase-file", "../other"]].concat(), "");
    for args in [&["secret", "list"][..], &["secret", "rotate", "np07/ot-lead"], &["build"], &["secret", "passphrase"]]
    {
        let ran = wrong(args);
        ran.expect(5);
        assert!(ran.text().contains("wrong passphrase"), "{}", ran.text());
    }
    let store = site.path("site/secrets/np07.flk");
    let mut bytes = files["np07.flk"].clone();
    bytes[200] ^= 1;
    std::fs::write(&store, &bytes).unwrap();
    let ran = site.run(&["secret", "list"]);
    ran.expect(5);
    assert!(ran.text().contains("secrets/np07.flk") && ran.text().contains("[damaged]"), "{}", ran.text());
    // another owner's file in its place opens, and says whose it is
    std::fs::write(&store, &files["site.flk"]).unwrap();
    let ran = site.run(&["secret", "list"]);
    ran.expect(5);
    assert!(ran.text().contains("[stale]"), "{}", ran.text());
    // an image is no store
    std::fs::write(&store, &files["np07.flk"]).unwrap();
    site.run(&["secret", "generate", "--missing"]).expect(0);
    site.run(&["build"]).expect(0);
    std::fs::copy(site.path("site/out/images/np07.flk"), &store).unwrap();
    let ran = site.run(&["build"]);
    ran.expect(2);
    assert!(ran.text().contains("secrets/np07.flk"), "{}", ran.text());
    let ran = site.run(&["build", "--format", "json"]);
    assert!(ran.text().contains("\"site.secret-store\""), "{}", ran.text());
    // and a store is no image
    std::fs::write(&store, &files["np07.flk"]).unwrap();
    let ran = site.run(&["image", "open", "secrets/np07.flk"]);
    ran.expect(5);
    assert!(ran.text().contains("[kind]"), "{}", ran.text());
}

#[test]
fn values_are_in_no_output_and_in_no_file() {
    let site = Site::new("");
    let mut seen = String::new();
    let set = |name: &str, value: &str| {
        site.with(&["secret", "set", name, "--from-file", "-", "--passphrase-file", "../own"], value)
    };
    let ran = set("np07/ot-lead", &format!("{CANARY}1\n"));
    ran.expect(0);
    seen += &ran.text();
    std::fs::write(site.path("value"), format!("{CANARY}2")).unwrap();
    seen += &site.run(&["secret", "set", "np07/ot-lead", "--from-file", "../value"]).text();
    assert_eq!(site.entry("np07/ot-lead")["came"], "set");
    // refused ones as well: not fitting, there already, in place of a name, for a device that is none
    for (name, value, told) in [
        ("np07/ot-lead", format!("{CANARY}2"), "in force already"),
        ("np07/ot-lead", format!("{CANARY}1"), "an earlier one"),
        ("np07/ot-lead", format!("{CANARY}\u{7}"), "can't hold"),
        ("sw04/ot-admin", format!("{CANARY}\u{e9}"), "can't hold"),
        ("sw04/ot-admin", String::new(), "is empty"),
        ("np70/ot-lead", CANARY.to_owned(), "no device `np70`"),
        ("site/fingerprint-key", CANARY.to_owned(), "fieldlock's own"),
        (CANARY, CANARY.to_owned(), "not the name of a secret"),
    ] {
        let ran = set(name, &value);
        ran.expect(2);
        assert!(ran.text().contains(told), "{told}: {}", ran.text());
        seen += &ran.text();
    }
    seen += &site.run(&["secret", "generate", "--missing"]).text();
    for format in common::FORMATS_OF_ALL {
        seen += &site.run(&["secret", "list", "--format", format]).text();
    }
    for format in common::FORMATS {
        seen += &site.run(&["build", "--format", format, "--all"]).text();
        seen += &site.run(&["diff", "--format", format, "--all"]).text();
    }
    let shown = site.run(&["secret", "show", "np07/ot-lead"]);
    shown.expect(5);
    assert!(shown.text().contains("on a terminal only"), "{}", shown.text());
    seen += &shown.text();
    seen += &site.run(&["secret", "rotate", "np07/ot-lead"]).text();
    seen += &site.run(&["secret", "passphrase", "--new-passphrase-file", "../other"]).text();
    seen += &site.all_files();
    for form in forms(CANARY).iter().chain(&forms(PASSPHRASE)).chain(&forms(OTHER)) {
        assert!(!seen.contains(form.as_str()), "{form} is shown");
    }
}

#[test]
fn another_passphrase_reseals_all_or_nothing() {
    let site = Site::new("");
    site.run(&["secret", "generate", "--missing"]).expect(0);
    let before = site.store();
    let weak = site.run(&["secret", "passphrase", "--new-passphrase-file", "../weak"]);
    weak.expect(5);
    assert!(weak.text().contains("can be guessed"), "{}", weak.text());
    // a folder in a file's place: nothing of the others is written
    std::fs::remove_file(site.path("site/secrets/sw04.flk")).unwrap();
    std::fs::create_dir(site.path("site/secrets/sw04.flk")).unwrap();
    site.run(&["secret", "passphrase", "--new-passphrase-file", "../other"]).text();
    std::fs::remove_dir(site.path("site/secrets/sw04.flk")).unwrap();
    std::fs::write(site.path("site/secrets/sw04.flk"), &before["sw04.flk"]).unwrap();
    assert!(site.store() == before);

    let done = site.run(&["secret", "passphrase", "--new-passphrase-file", "../other"]);
    done.expect(0);
    assert!(done.text().contains("old copies stay openable"), "{}", done.text());
    let after = site.store();
    let salts: std::collections::BTreeSet<_> =
        after.values().map(|f| format!("{:?}", fieldlock::image::salts(f).unwrap())).collect();
    assert_eq!(salts.len(), 1, "one salt for all");
    assert!(before.iter().all(|(name, file)| fieldlock::image::salts(file) != fieldlock::image::salts(&after[name])));
    site.run(&["secret", "list"]).expect(5);
    site.with(&["build", "--passphrase-file", "../other"], "").expect(0);
}

#[test]
fn groups_have_passphrases_of_their_own() {
    let site = Site::new("group \"doors\" { devices \"np07\" \"np02\" }");
    let both = ["--passphrase-file", "../own", "--passphrase-file", "doors=../other"];
    let missing = site.run(&["secret", "generate", "--missing"]);
    missing.expect(2);
    assert!(missing.text().contains("no passphrase was given for the group `doors`"), "{}", missing.text());
    assert!(site.store().is_empty());
    site.with(&[&["secret", "generate", "--missing"][..], &both].concat(), "").expect(0);
    let files = site.store();
    let salt = |file: &[u8]| fieldlock::image::salts(file).unwrap();
    assert_eq!(salt(&files["np07.flk"]), salt(&files["np02.flk"]));
    assert_eq!(salt(&files["sw04.flk"]), salt(&files["site.flk"]));
    assert_ne!(salt(&files["np07.flk"]), salt(&files["sw04.flk"]));
    site.with(&[&["build"][..], &both].concat(), "").expect(0);
    let open = |file: &str, image: &str| site.with(&["image", "open", image, "--passphrase-file", file], "");
    open("../other", "out/images/np07.flk").expect(0);
    open("../own", "out/images/np07.flk").expect(5);
    open("../own", "out/images/sw04.flk").expect(0);
    let inspected = site.with(&["image", "inspect", "out/images/np07.flk"], "").expect(0);
    assert!(inspected.contains("doors"), "{inspected}");
    // the other way round nothing opens
    let swapped = ["--passphrase-file", "../other", "--passphrase-file", "doors=../own"];
    site.with(&[&["build"][..], &swapped].concat(), "").expect(5);
    let unknown = site.with(&["build", "--passphrase-file", "door=../own"], "");
    unknown.expect(2);
    assert!(unknown.text().contains("is `doors` meant?"), "{}", unknown.text());
}

#[test]
fn secrets_come_from_a_descriptor_and_from_a_service_manager() {
    let site = Site::new("");
    let folder = site.path("credentials");
    std::fs::create_dir(&folder).unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/01-pump-station/demo/secrets");
    let mut map = serde_json::Map::new();
    for device in std::fs::read_dir(example).unwrap().map(Result::unwrap) {
        for file in std::fs::read_dir(device.path()).unwrap().map(Result::unwrap) {
            let (device, name) = (device.file_name().into_string().unwrap(), file.file_name().into_string().unwrap());
            let text = std::fs::read_to_string(file.path()).unwrap();
            std::fs::write(folder.join(format!("{device}+{name}")), &text).unwrap();
            map.insert(format!("{device}/{name}"), text.trim_end().into());
        }
    }
    let unset = site.run(&["check", "--secrets", "credentials"]);
    unset.expect(2);
    assert!(unset.text().contains("CREDENTIALS_DIRECTORY"), "{}", unset.text());
    let check = |args: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        common::alone(&mut program);
        program.args(args).current_dir(site.path("site")).env("CREDENTIALS_DIRECTORY", &folder).output().unwrap()
    };
    let found = Ran(check(&["check", "--secrets", "credentials"]));
    found.expect(0);
    assert!(!found.text().contains("need the secrets"), "{}", found.text());
    // the environment alone changes nothing
    assert!(Ran(check(&["check"])).text().contains("need the secrets"));
    #[cfg(unix)]
    {
        std::fs::write(site.path("map.json"), serde_json::Value::Object(map).to_string()).unwrap();
        let program = env!("CARGO_BIN_EXE_fieldlock");
        let line = format!("{program} check --secrets-fd 3 3<../map.json");
        let ran = Ran(Command::new("sh").args(["-c", &line]).current_dir(site.path("site")).output().unwrap());
        ran.expect(0);
        assert!(!ran.text().contains("need the secrets"), "{}", ran.text());
    }
}

/// Whoever could give a demo site real secrets would have them sealed with a passphrase that everybody knows.
#[test]
fn a_demo_keeps_no_secrets() {
    let site = Site::new("demo on");
    for args in [
        &["secret", "set", "np07/ot-lead", "--from-file", "../own"][..],
        &["secret", "generate", "--missing"],
        &["secret", "rotate", "np07/ot-lead"],
        &["secret", "list"],
        &["secret", "passphrase"],
    ] {
        let ran = site.run(args);
        ran.expect(5);
        assert!(ran.text().contains("a demo site keeps no secrets"), "{}", ran.text());
    }
    assert!(site.store().is_empty());
    for source in ["store", "credentials", "placeholder"] {
        let ran = site.with(&["build", "--secrets", source], "");
        assert_ne!(ran.0.status.code(), Some(0), "{source}: {}", ran.text());
    }
}

#[test]
fn a_private_key_is_taken_from_a_file_and_never_drawn() {
    const NAME: &str = "np07/certificate-key";
    let site = Site::new("");
    let device = site.path("site/devices/np07.kdl");
    let text = std::fs::read_to_string(&device).unwrap();
    let root = "root=\"certs/web-ca.pem\"";
    std::fs::write(&device, text.replace(root, &format!("{root} key=(stored)\"{NAME}\""))).unwrap();
    let drawn = site.run(&["secret", "generate", "--missing"]);
    drawn.expect(0);
    let mut seen = drawn.text();
    assert!(seen.contains("passed over `np07/certificate-key`") && seen.contains("--from-file"), "{seen}");
    let again = site.run(&["secret", "generate", "--missing"]).text();
    assert!(!again.contains("nothing is missing"), "{again}");
    let refused = site.run(&["secret", "generate", NAME]);
    refused.expect(2);
    assert!(refused.text().contains("can't be drawn"));
    let key = common::project("tests/fixtures/certificates/own/np08-key.pem");
    site.run(&["secret", "set", NAME, "--from-file", key.to_str().unwrap()]).expect(0);
    // a password is one line still
    site.run(&["secret", "set", "np07/ot-lead", "--from-file", key.to_str().unwrap()]).expect(2);
    for format in common::FORMATS {
        let checked = site.run(&["check", "--format", format]);
        checked.expect(0);
        seen += &checked.text();
    }
    assert!(seen.contains("is the private key of another certificate"), "{seen}");
    for line in std::fs::read_to_string(key).unwrap().lines().filter(|line| !line.starts_with('-')) {
        assert!(!seen.contains(line));
    }
}
