//! A site from nothing: `init`, what `check` says of it, and what `new` adds.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::common;

/// A model of each platform, and a firmware of it that has no known hole.
const DEVICES: [(&str, &str, &str); 4] = [
    ("nport-6000-g2", "NPort 6250-G2", "1.1.0"),
    ("nport-6000", "NPort 6250", "2.3"),
    ("mx-nos", "MDS-G4012", "3.2"),
    ("mx-ros", "EDR-G9010", "3.24"),
];

struct New(tempfile::TempDir);

impl New {
    fn empty() -> New {
        New(tempfile::tempdir().unwrap())
    }

    fn site(&self) -> PathBuf {
        self.0.path().join("west")
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        program.args(args).current_dir(self.0.path());
        common::alone(&mut program).output().unwrap()
    }

    /// What was printed, where it ended as it should.
    fn ends(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        text
    }

    fn init(&self, code: i32, more: &[&str]) -> String {
        self.ends(code, &[&["init", "west"], &SAID[..], more].concat())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.site().join(name)).unwrap()
    }

    fn files(&self) -> BTreeSet<String> {
        common::files(&self.site()).into_iter().map(|(name, _)| name).collect()
    }

    fn check(&self) -> Value {
        let output = self.run(&["check", "west", "--format", "json"]);
        common::document("report", &String::from_utf8_lossy(&output.stdout))
    }

    /// What is not well, as `device rule`, each once.
    fn found(&self) -> BTreeSet<String> {
        let report = self.check();
        let told = report["findings"].as_array().unwrap().iter().filter(|f| f["status"] != "deferred");
        let by = |f: &serde_json::Value| {
            let rules = f["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap().to_owned());
            let mut all: Vec<String> = rules.collect();
            all.push(f["rule"].as_str().unwrap().to_owned());
            all.into_iter().map(|rule| format!("{} {rule}", f["device"].as_str().unwrap_or("-"))).collect::<Vec<_>>()
        };
        told.flat_map(by).collect()
    }
}

const SAID: [&str; 17] = [
    "--zone",
    "control=10.20.0.0/16",
    "--station",
    "eng-01=10.20.0.10",
    "--station",
    "eng-02=10.20.0.11",
    "--log-server",
    "10.20.0.9",
    "--time-server",
    "10.20.0.5",
    "--timezone",
    "Europe/London",
    "--person",
    "ot-lead=owner of the OT network",
    "--person",
    "ot-security",
    "--owner=Example Water",
];

fn ca() -> String {
    common::project("examples/01-pump-station/certs/ot-ca.pem").to_str().unwrap().to_owned()
}

/// What is left for whoever begins with a device: its ports, and of a file form what the device exports.
fn left(platform: &str, device: &str) -> BTreeSet<String> {
    let codes: &[&str] = match platform {
        // which certificate it shows only the device tells
        "nport-6000-g2" => &["NP6-CRT-001"],
        "nport-6000" => &["platform.no-base"],
        _ => &["MX-PRT-001", "MX-PRT-002"],
    };
    codes.iter().map(|code| format!("{device} {code}")).collect()
}

/// Takes the strokes away from the lines of ports that nobody uses.
fn fill_in_ports(new: &New, device: &str) {
    let name = format!("devices/{device}.kdl");
    let text = new.read(&name);
    let says = |line: &str| line.contains("// port ") && (line.contains("in-use off") || line.contains("in-use=off"));
    let lines = text.lines().flat_map(|line| match line {
        // how the ports of a modular switch are named no source says
        line if says(line) && text.contains("MDS-G4012") => {
            (1..=12).map(|n| line.replace("// ", "").replace("1/1", &format!("{}/{}", n / 4, n % 4 + 1))).collect()
        }
        line if says(line) => vec![line.replace("// ", "")],
        line => vec![line.to_owned()],
    });
    fs::write(new.site().join(&name), lines.map(|line| line + "\n").collect::<String>()).unwrap();
}

/// What only waits for its secrets breaks no rule: no plan is made of it, and that is told as it is.
#[test]
fn without_secrets_no_plan_is_made_and_no_rule_is_called_broken() {
    let new = New::empty();
    let device = ["--device", "d1", "--model", "MDS-G4012", "--firmware", "3.2", "--address", "10.20.7.7/16"];
    new.init(0, &device);
    let plan = ["plan", "d1", "west", "--by", "ot-lead", "--from", "10.20.0.10"];
    let told = new.ends(1, &plan);
    assert!(told.contains("d1 does not keep its rules") && told.contains("check --device d1 west"), "{told}");
    fill_in_ports(&new, "d1");
    let told = new.ends(2, &plan);
    assert!(told.contains("without its secrets") && told.contains("--passphrase-file"), "{told}");
}

/// Whoever adds a rule sees it here: `schema/first/` has to keep it too, or what a person has to fill in stands in
/// `left`.
#[test]
fn each_platform_at_each_level_complies_but_for_what_a_person_fills_in() {
    for (at, (platform, model, firmware)) in DEVICES.iter().enumerate() {
        for level in ["1", "2", "3", "4"] {
            let new = New::empty();
            let ca = ca();
            let more = vec![
                "--device",
                "d1",
                "--model",
                model,
                "--firmware",
                firmware,
                "--level",
                level,
                "--ca",
                &ca,
                "--address",
                "10.20.7.7/16",
                "--gateway",
                "10.20.0.1",
            ];
            let told = new.init(0, &more);
            assert!(told.contains("secrets: d1/"), "{told}");
            assert!(new.read("site.kdl").contains(&format!("zone \"control\" sl-t={level} ")));
            let report = new.check();
            assert_eq!(new.found(), left(platform, "d1"), "{platform} SL {level}: {report:#}");
            // which of its ports are used decides what is open: nothing is built before somebody has said it; and in a
            // zone of a high level, which certificate it shows
            new.ends(i32::from(*platform != "nport-6000-g2" || level >= "3"), &["check", "west"]);
            if at == 0 || level == "4" {
                fill_in_ports(&new, "d1");
                let base = left(platform, "d1").into_iter().filter(|told| !told.contains(" MX-PRT-")).collect();
                assert_eq!(new.found(), base, "{platform}: {:#}", new.check());
            }
        }
    }
}

#[test]
fn all_platforms_at_once_and_devices_one_by_one() {
    let new = New::empty();
    let platforms: Vec<&str> = DEVICES.iter().flat_map(|(platform, ..)| ["--platform", platform]).collect();
    let ca = ca();
    new.init(0, &[&platforms[..], &["--ca", &ca, "--ci", "gitlab"]].concat());
    let files = new.files();
    for (platform, ..) in DEVICES {
        assert!(files.contains(&format!("profiles/{platform}-baseline.kdl")), "{files:?}");
    }
    for file in ["site.kdl", ".gitignore", ".gitattributes", ".editorconfig", ".gitlab-ci.yml", "certs/ot-ca.pem"] {
        assert!(files.contains(file), "{file}: {files:?}");
    }
    assert!(new.read("site.kdl").contains("packs \"nport-6000-g2\" \"iec-62443-4-2-mx\" \"fleet\" \"plan\"\n"));
    let mut all = BTreeSet::new();
    for (n, (platform, model, firmware)) in DEVICES.iter().enumerate() {
        let (name, address) = (format!("d{n}"), format!("10.20.7.{n}/16"));
        let args = ["new", "device", &name, "west", "--model", model, "--firmware", firmware, "--address", &address];
        new.ends(0, &args);
        all.extend(left(platform, &name));
    }
    assert_eq!(new.found(), all, "{:#}", new.check());
    // what a build would need a key for, it says; a draft needs none
    let drafted = new.ends(1, &["build", "west", "--secrets", "placeholder", "--keep-going"]);
    assert!(!drafted.contains("panicked"), "{drafted}");
}

#[test]
fn without_a_certificate_that_is_what_is_missing() {
    let new = New::empty();
    let told = new
        .init(0, &["--device", "np07", "--model", "NPort 6250-G2", "--firmware", "1.1.0", "--address", "10.20.7.7/16"]);
    assert!(told.contains("still missing: certs/ot-ca.pem"), "{told}");
    let found = new.found();
    assert_eq!(found, BTreeSet::from(["np07 NP6-CRT-001", "np07 NP6-LOG-003"].map(str::to_owned)));
}

#[test]
fn nothing_is_replaced_and_all_that_is_there_is_told() {
    let new = New::empty();
    fs::create_dir(new.site()).unwrap();
    fs::write(new.site().join(".gitignore"), "mine\n").unwrap();
    fs::write(new.site().join(".editorconfig"), "mine\n").unwrap();
    let told = new.init(2, &["--platform", "mx-ros"]);
    assert!(told.contains("these are there already: `.gitignore`, `.editorconfig`"), "{told}");
    assert!(told.contains("nothing was written"), "{told}");
    assert_eq!(new.files(), BTreeSet::from([".editorconfig".to_owned(), ".gitignore".to_owned()]));
    fs::remove_file(new.site().join(".gitignore")).unwrap();
    fs::remove_file(new.site().join(".editorconfig")).unwrap();
    new.init(0, &["--platform", "mx-ros"]);
    let before = common::files(&new.site());
    let told = new.init(2, &["--platform", "mx-ros"]);
    assert!(told.contains("`west` is a site already"), "{told}");
    assert_eq!(common::files(&new.site()), before);
}

#[test]
fn all_that_was_not_said_is_told_at_once() {
    let new = New::empty();
    let told = new.ends(2, &["init", "west"]);
    let flags = "--platform, --zone, --station, --log-server, --time-server, --person, --owner";
    assert!(told.contains(flags) && !new.site().exists(), "{told}");
    // a device whose model nobody knows has to be told what it is
    let told = new.init(2, &["--platform", "mx-ros", "--platform", "mx-nos", "--device", "x", "--model", "XYZ-1"]);
    assert!(told.contains("no model that is known is called `XYZ-1`") && !new.site().exists(), "{told}");
    let told = new.init(2, &["--platform", "mx-ros", "--device", "x", "--model", "MDS-G4012"]);
    assert!(told.contains("is a model of `mx-nos`") && !new.site().exists(), "{told}");
}

/// Names from outside lead nowhere, and no text becomes KDL.
#[test]
fn hostile_names_and_texts_write_nothing_or_stay_text() {
    let new = New::empty();
    let long = "a".repeat(64);
    for name in
        ["../x", "a/b", "a\\b", "con", "nul.txt", "COM1", ".x", "x.", "-x", "a b", "a\nb", "\u{1b}[31m", "", &long]
    {
        let name_flag = format!("--name={name}");
        new.init(2, &["--platform", "mx-ros", &name_flag]);
        assert!(!new.site().exists(), "{name}");
    }
    let long = "x".repeat(5000);
    for owner in [&*long, "Exämple \"Water\" } profile \"x\" { // \\", "a\nb", "\u{202e}\u{1b}[2J", "{device}"] {
        let fresh = New::empty();
        let owner = format!("--owner={owner}");
        let args: Vec<&str> = SAID[..16].iter().copied().chain([&*owner, "--platform", "mx-ros"]).collect();
        let output = fresh.run(&[&["init", "west"], &args[..]].concat());
        let shown = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
        if output.status.code() == Some(0) {
            let codes = fresh.found();
            assert!(codes.iter().all(|told| !told.contains("syntax.") && !told.contains("shape.")), "{codes:?}");
        } else {
            assert!(!fresh.site().exists(), "{owner}");
        }
    }
    new.init(0, &["--platform", "mx-ros"]);
    let before = common::files(&new.site());
    for evil in ["../x", "a/b", "con", "a\nb", "x\u{1b}[2J", &"a".repeat(64)] {
        for args in [
            vec!["new", "device", evil, "west", "--model", "EDR-G9010"],
            vec!["new", "profile", evil, "west"],
            vec!["new", "zone", evil, "west", "--subnet", "10.30.0.0/16"],
            vec!["new", "rule", evil, "west", "--pack", "own", "--platform", "mx-ros"],
            vec!["new", "rule", "OWN-1", "west", "--pack", evil, "--platform", "mx-ros"],
            vec!["new", "waiver", evil, "west", "--rule", "MX-SVC-002", "--zone", "control"],
            vec![
                "new",
                "attestation",
                evil,
                "west",
                "--rule",
                "MX-REV-001",
                "--zone",
                "control",
                "--by",
                "x",
                "--evidence",
                "e",
            ],
        ] {
            let shown = new.ends(2, &args);
            assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
        }
    }
    assert_eq!(common::files(&new.site()), before);
}

#[test]
#[cfg(unix)]
fn no_link_is_followed_and_nothing_is_half_written() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let new = New::empty();
    let elsewhere = new.0.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, new.site()).unwrap();
    let told = new.init(2, &["--platform", "mx-ros"]);
    assert!(told.contains("is a link"), "{told}");
    fs::remove_file(new.site()).unwrap();
    fs::create_dir(new.site()).unwrap();
    symlink(&elsewhere, new.site().join("profiles")).unwrap();
    let told = new.init(2, &["--platform", "mx-ros"]);
    assert!(told.contains("nothing was written"), "{told}");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    assert_eq!(new.files(), BTreeSet::new());
    fs::remove_file(new.site().join("profiles")).unwrap();
    // a file in the folder's place, and a link that leads nowhere in a file's
    symlink("nowhere", new.site().join("site.kdl")).unwrap();
    new.init(2, &["--platform", "mx-ros"]);
    fs::remove_file(new.site().join("site.kdl")).unwrap();
    fs::set_permissions(new.site(), fs::Permissions::from_mode(0o555)).unwrap();
    let may_not = fs::create_dir(new.site().join("x")).is_err();
    if common::needs::may("this user may write everywhere", may_not) {
        let told = new.init(2, &["--platform", "mx-ros"]);
        assert!(told.contains("can't be written") && told.contains("nothing was written"), "{told}");
    } else {
        fs::remove_dir(new.site().join("x")).unwrap();
    }
    fs::set_permissions(new.site(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(new.files(), BTreeSet::new());
    fs::remove_dir(new.site()).unwrap();
    fs::write(new.site(), "x").unwrap();
    let told = new.init(2, &["--platform", "mx-ros"]);
    assert!(told.contains("is a file"), "{told}");
}

fn site_with(new: &New) -> &Path {
    new.init(0, &["--device", "ro1", "--model", "EDR-G9010", "--firmware", "3.24", "--address", "10.20.1.1/24"]);
    fill_in_ports(new, "ro1");
    assert_eq!(new.found(), BTreeSet::new(), "{:#}", new.check());
    new.0.path()
}

#[test]
fn what_begins_is_read_at_once_and_no_name_is_given_twice() {
    let new = New::empty();
    site_with(&new);
    // each may be begun once; the second time it is told where it stands
    let twice = |args: &[&str], stands: &str| {
        let said = new.ends(0, args);
        let told = new.ends(2, args);
        assert!(told.contains("already") && told.contains(stands), "{told}");
        said
    };
    twice(&["new", "device", "ro2", "west", "--model", "EDR-G9010", "--address", "10.20.1.2/24"], "devices/ro2.kdl:");
    twice(&["new", "profile", "cabinet-3", "west"], "profiles/cabinet-3.kdl");
    let before = new.read("site.kdl");
    twice(&["new", "zone", "office", "west", "--subnet", "10.30.0.0/16", "--level", "1"], "site.kdl:");
    let line = "    zone \"office\" sl-t=1 { subnet \"10.30.0.0/16\" }\n";
    assert_eq!(new.read("site.kdl").replace(line, ""), before, "every other byte stays");
    twice(&["new", "rule", "OWN-SES-001", "west", "--pack", "own"], "`own`");
    assert!(new.read("site.kdl").contains("packs \"iec-62443-4-2-mx\" \"fleet\" \"plan\" \"own\"\n"));
    twice(&["new", "rule", "OWN-SES-002", "west", "--pack", "own"], "`own`");
    assert_eq!(new.ends(2, &["new", "rule", "MX-SVC-002", "west", "--pack", "own"]).matches("already").count(), 1);
    let sound = new.ends(0, &["policy", "test", "west", "--pack", "own"]);
    assert!(sound.contains("2 rules") && sound.contains("0 wrong   0 that nothing makes fail"), "{sound}");
    // what the site is judged by now nobody agreed to yet
    assert!(new.found().contains("- pack.pin"));
    let pinned = common::document("pinned", &new.ends(0, &["policy", "pin", "west", "--format", "json"]));
    assert_eq!((&pinned["packs"][3]["name"], &pinned["packs"][3]["before"]), (&"own".into(), &serde_json::Value::Null));
    assert!(new.ends(0, &["policy", "pin", "west"]).ends_with("as before\npinned in fieldlock.lock\n"));
    let waiver = [
        "new",
        "waiver",
        "W-1",
        "west",
        "--rule",
        "MX-PRT-002",
        "--device",
        "ro2",
        "--until",
        "2027-03-01",
        "--from",
        "2026-12-01",
        "--reason",
        "not built yet",
        "--risk",
        "none",
        "--instead",
        "nothing",
        "--ticket",
        "C-1",
        "--owner",
        "ot-lead",
        "--approver",
    ];
    let own = new.ends(2, &[&waiver[..], &["ot-lead"]].concat());
    assert!(own.contains("can't allow what is their own"), "{own}");
    twice(&[&waiver[..], &["ot-security"]].concat(), "waivers/W-1.kdl:");
    fs::create_dir(new.site().join("evidence")).unwrap();
    fs::write(new.site().join("evidence/restore.txt"), "restored\n").unwrap();
    let attestation = ["--by", "ot-lead", "--evidence", "evidence/restore.txt", "--device", "ro1"];
    let asks = |rule| [&["new", "attestation", "A-1", "west", "--rule", rule], &attestation[..]].concat();
    let told = new.ends(2, &asks("MX-SVC-002"));
    assert!(told.contains("nobody attests it"), "{told}");
    assert!(new.ends(2, &asks("NP6-HST-001")).contains("is of a pack that `site.kdl` does not name"));
    let elsewhere = ["new", "attestation", "A-1", "west", "--rule", "MX-REV-001", "--by", "ot-lead", "--device", "ro1"];
    let told = new.ends(2, &[&elsewhere[..], &["--evidence", "site.kdl"]].concat());
    assert!(told.contains("beneath `evidence/`"), "{told}");
    assert!(new.ends(2, &[&elsewhere[..], &["--evidence", "evidence/none"]].concat()).contains("nothing was written"));
    twice(&asks("MX-REV-001"), "attestations/A-1.kdl:");
    // what is left is what a person fills in of the second router
    let found = new.found();
    let shape = |told: &&String| told.contains("shape.") || told.contains("syntax.") || told.contains("pack.");
    assert_eq!(found.iter().find(shape), None, "{found:?}");
    assert!(found.contains("ro2 platform.no-firmware"), "{found:?}");
}

#[test]
fn a_profile_for_another_platform_takes_what_the_site_says() {
    let new = New::empty();
    site_with(&new);
    let told = new.ends(2, &["new", "device", "shared", "west", "--model", "MDS-G4012", "--firmware", "3.2"]);
    assert!(told.contains("no device can be called `shared`"), "{told}");
    let told = new.ends(2, &["new", "device", "sw1", "west", "--model", "MDS-G4012"]);
    assert!(told.contains("fieldlock new profile mx-nos-baseline --platform mx-nos"), "{told}");
    let args = ["new", "profile", "mx-nos-baseline", "west", "--platform", "mx-nos"];
    assert!(new.ends(2, &args).contains("--owner, --time-server"));
    new.ends(0, &[&args[..], &["--owner", "Example Water", "--time-server", "10.20.0.5"]].concat());
    assert!(
        new.read("profiles/mx-nos-baseline.kdl").contains("host \"10.20.0.11\" purpose=\"engineering station eng-02\"")
    );
    let told = new.ends(0, &["new", "device", "sw1", "west", "--model", "MDS-G4012", "--firmware", "3.2"]);
    assert!(told.contains("next: fieldlock check west\n"), "{told}");
    assert_eq!(new.found(), left("mx-nos", "sw1"), "{:#}", new.check());
}

/// Each rule that a profile names is one of its platform, and no profile of the examples says another thing of what
/// rules ask: what is written in one place only is the template.
#[test]
fn profiles_name_rules_of_their_platform_and_say_what_the_examples_say() {
    let list = New::empty().ends(0, &["policy", "list", "--format", "json"]);
    let list: Value = serde_json::from_str(&list).unwrap();
    let packs = list["packs"].as_array().unwrap();
    let rules: Vec<&Value> = packs.iter().flat_map(|pack| pack["rules"].as_array().unwrap()).collect();
    let shown = |new: &New, site: &str, device: &str| -> BTreeSet<String> {
        let output = new.ends(0, &["show", device, site, "--format", "json"]);
        let shown: Value = serde_json::from_str(&output).unwrap();
        let settings = shown["devices"][0]["settings"].as_array().unwrap();
        let said = settings.iter().filter(|s| [Some("profile"), Some("device")].contains(&s["layer"].as_str()));
        said.map(|s| format!("{} {}", s["path"].as_str().unwrap(), s["value"])).collect()
    };
    let example = common::project("examples/01-pump-station");
    let named = regex::Regex::new(r"\b(NP6|MX|OT)-[A-Z]{3}-\d{3}(-B)?\b").unwrap();
    for ((platform, model, firmware), other) in DEVICES.iter().zip(["np07", "np02", "sw04", "ps7-router"]) {
        let new = New::empty();
        new.init(0, &["--device", "d1", "--model", model, "--firmware", firmware]);
        let text = new.read(&format!("profiles/{platform}-baseline.kdl"));
        let mut count = 0;
        for id in named.find_iter(&text).map(|found| found.as_str()) {
            let rule = rules.iter().find(|rule| rule["id"] == id).unwrap_or_else(|| panic!("there is no {id}"));
            assert!(rule["platforms"].as_array().unwrap().iter().any(|p| p == platform), "{id} is not of {platform}");
            count += 1;
        }
        assert!(count > 10, "{platform}: {count}");
        // the site's own values are its own: who, from where, where to
        let own = [
            "accounts.",
            "allowlist.host",
            "log.server",
            "time.",
            "serial.",
            "ethernet.",
            "network.",
            "identity.",
            "asset.",
        ];
        let own = |said: &&String| own.iter().any(|path| said.starts_with(path)) || said.contains("purpose");
        let ours = shown(&new, "west", "d1");
        let theirs = shown(&new, example.to_str().unwrap(), other);
        let theirs: BTreeSet<String> =
            theirs.into_iter().map(|said| said.replace(&format!("{other}/"), "d1/")).collect();
        let differs: Vec<&String> = ours.difference(&theirs).filter(|said| !own(said)).collect();
        let only_kept = ["name ", "platform.", "zone ", "use"];
        let differs: Vec<_> =
            differs.into_iter().filter(|said| !only_kept.iter().any(|k| said.starts_with(k))).collect();
        assert_eq!(differs, Vec::<&String>::new(), "{platform}");
        assert!(ours.intersection(&theirs).count() > 15, "{platform}");
    }
}
