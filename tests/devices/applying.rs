//! A device is brought to what is described over real SSH, from a signed build: all of it, a refusal, a power cut,
//! another device, a break and the way back.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::{self, needs, plot::Plot};
use crate::lab::Lab;

const PASSPHRASE: &str = "weir sluice penstock tailrace";

/// A signed build, with a lab of devices as they leave the factory.
struct Bench(Lab);

impl Bench {
    /// Devices as they leave the factory.
    fn new(faults: &[&str]) -> Option<Bench> {
        Bench::with(&[], faults, |_| {})
    }

    /// A description that changed since the lab was started.
    fn with(lab: &[&str], faults: &[&str], edit: impl FnOnce(&Plot)) -> Option<Bench> {
        if !needs::program("ssh-keygen") {
            return None;
        }
        let plot = Plot::new();
        for name in ["key", "second"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(plot.dir.path().join(name));
            assert!(keygen.status().unwrap().success());
        }
        std::fs::write(plot.dir.path().join("phrase"), PASSPHRASE).unwrap();
        std::fs::write(plot.dir.path().join("factory"), "moxa\n").unwrap();
        let faults: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", *fault]).collect();
        let bench = Bench(Lab::start(plot, &[lab, &faults].concat()));
        edit(&bench.0.plot);
        bench.ends(0, &["trust", "add", "ot-lead", "../key.pub"]);
        bench.ends(0, &["trust", "add", "ot-lead", "../key.pub", "--for", "receipts"]);
        let build = ["build", ".", "--out", "../out", "--secrets", "../secrets", "--passphrase-file", "../phrase"];
        bench.ends(0, &[&build[..], &["--sign-key", "../key"]].concat());
        Some(bench)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.plot.dir.path().join(name)
    }

    fn output(&self, args: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        program.args(args).current_dir(self.0.plot.site()).env_remove("CI").stdin(std::process::Stdio::null());
        program.env("HOME", self.path("home"));
        program.env("XDG_CONFIG_HOME", self.path("config")).env("XDG_STATE_HOME", self.path("state"));
        program.output().unwrap()
    }

    /// What was said; no password stands in it.
    fn ends(&self, code: i32, args: &[&str]) -> String {
        let output = self.output(args);
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        for secret in ["ps7-router", "sw04"].map(|device| self.0.password(device)) {
            assert!(!text.contains(&secret), "{text}");
        }
        text
    }

    fn apply(&self, code: i32, more: &[&str]) -> String {
        let args = ["apply", "ps7-router", "--live", "--lab", "../lab.json", "--by", "ot-lead", "--from", "../out"];
        let keys = ["--passphrase-file", "../phrase", "--secrets", "../secrets", "--sign-key", "../key"];
        let login = ["--as", "admin", "--as-password", "../factory"];
        let own = more.contains(&"--own");
        let more: Vec<&str> = more.iter().copied().filter(|arg| *arg != "--own").collect();
        self.ends(code, &[&args[..], &keys, if own { &[] } else { &login }, &more].concat())
    }

    fn receipts(&self) -> Vec<PathBuf> {
        let found = std::fs::read_dir(self.path("out/receipts")).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = found.map(|entry| entry.path()).collect();
        found.retain(|path| path.extension().is_some_and(|ending| ending == "receipt"));
        found.sort();
        found
    }

    /// Nothing that was written holds a password in clear.
    fn tells_no_secret(&self) {
        let secret = self.0.password("ps7-router");
        for folder in ["out", "state"] {
            for (name, bytes) in common::files(&self.path(folder)) {
                assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{folder}/{name}");
            }
        }
    }

    /// What runs, as the description sees it: settings that a command sets and that differ.
    fn drift(&self) -> String {
        let args = ["drift", "--live", "--device", "ps7-router", "--lab", "../lab.json", "--secrets", "../secrets"];
        let output = self.output(&args);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn shown(bench: &Bench, receipt: &Path) -> String {
    bench.ends(0, &["receipt", "show", &receipt.display().to_string()])
}

#[test]
fn a_router_from_the_factory_becomes_the_described_one() {
    let Some(bench) = Bench::new(&[]) else { return };
    let told = bench.apply(6, &[]);
    // its new account is there and proved before the shipped one goes, its address moves, and all of it is saved
    let at = |what: &str| told.find(what).unwrap_or_else(|| panic!("{what}: {told}"));
    assert!(at("username ot-admin password <secret>") < at("no username admin"), "{told}");
    assert!(at("connected again") < at("saved, and what it is started with is what runs"), "{told}");
    assert!(told.contains("has all that a command sets, and that is saved"), "{told}");
    assert!(told.contains("left for the sheet") && told.contains("is set by hand"), "{told}");
    let drift = bench.drift();
    assert!(!drift.contains("hostname") && !drift.contains("telnet"), "{drift}");
    let receipts = bench.receipts();
    let receipt = shown(&bench, &receipts[0]);
    for what in [
        "signed       by ot-lead",
        "read from the device",
        "host key SHA256:",
        "sent and read back: hostname ps7-router",
    ] {
        assert!(receipt.contains(what), "{what}: {receipt}");
    }
    bench.tells_no_secret();
    // once more: nothing is to be done, and nothing is
    let told = bench.apply(6, &["--own"]);
    assert!(!told.contains("hostname") && told.contains("has all that a command sets"), "{told}");
    // home again
    let told = bench.ends(0, &["return", "../out", "--passphrase-file", "../phrase"]);
    assert!(told.contains("read back from the device"), "{told}");
    bench.ends(0, &["check", "--device", "ps7-router"]);
}

#[test]
fn a_refusal_is_taken_back_or_left_and_gone_on_with() {
    let Some(bench) = Bench::new(&["ps7-router=refuse@28"]) else { return };
    let told = bench.apply(6, &[]);
    assert!(told.contains("the device refused") && told.contains("is between two states"), "{told}");
    assert!(told.contains("not saved") && bench.receipts().is_empty(), "{told}");
    // nobody begins anew over it
    assert!(bench.apply(5, &[]).contains("was broken off"));
    let told = bench.apply(6, &["--resume"]);
    assert!(told.contains("has all that a command sets, and that is saved"), "{told}");
    let receipt = shown(&bench, &bench.receipts()[0]);
    assert!(receipt.contains("NOT DONE") && receipt.contains("went on after a break"), "{receipt}");
    bench.tells_no_secret();
}

#[test]
fn a_power_cut_is_gone_on_from_by_what_the_device_has() {
    let Some(bench) = Bench::new(&["ps7-router=power@60"]) else { return };
    let told = bench.apply(6, &[]);
    assert!(told.contains("connected again") && told.contains("and that is saved"), "{told}");
    // what was lost with the power was sent once more
    assert!(told.matches("hostname ps7-router   read back").count() == 2, "{told}");
    bench.tells_no_secret();
}

#[test]
fn what_was_broken_off_is_taken_back_from_the_backup() {
    let other = |plot: &Plot| {
        let more = "identity { hostname \"ps9\" }\n    switching { vlan 30 }";
        plot.edit("devices/ps7-router.kdl", "identity { hostname \"ps7-router\" }", more);
    };
    let Some(bench) = Bench::with(&["--described"], &["ps7-router=refuse@24"], other) else { return };
    let before = bench.drift();
    let told = bench.apply(6, &["--own"]);
    assert!(told.contains("hostname ps9   read back") && told.contains("the device refused"), "{told}");
    assert!(before != bench.drift(), "something was done");
    let told = bench.apply(0, &["--own", "--undo", "the window closes"]);
    assert!(told.contains("what was done was taken back"), "{told}");
    assert_eq!(before, bench.drift());
    let receipt = shown(&bench, &bench.receipts()[0]);
    assert!(receipt.contains("taken back from here on: the window closes"), "{receipt}");
}

/// Work that goes on does what was approved and nothing else: the plan has to be at hand.
#[test]
fn what_goes_on_is_held_to_the_plan_that_was_approved() {
    let other = |plot: &Plot| {
        let more = "identity { hostname \"ps9\" }\n    switching { vlan 30 }";
        plot.edit("devices/ps7-router.kdl", "identity { hostname \"ps7-router\" }", more);
    };
    let Some(bench) = Bench::with(&["--described"], &["ps7-router=refuse@40"], other) else { return };
    let lab = ["--lab", "../lab.json", "--secrets", "../secrets"];
    bench.ends(0, &[&["capture", "ps7-router", "--live", "--by", "ot-lead"][..], &lab].concat());
    let build = ["build", ".", "--out", "../out", "--secrets", "../secrets", "--passphrase-file", "../phrase"];
    bench.ends(0, &[&build[..], &["--sign-key", "../key"]].concat());
    let plan = ["plan", "ps7-router", ".", "--by", "ot-lead", "--as", "ot-admin", "--build", "../out"];
    bench.ends(0, &[&plan[..], &["--secrets", "../secrets", "--to", "../plan.json"]].concat());
    bench.ends(0, &["trust", "add", "ot-security", "../second.pub", "--for", "plans"]);
    bench.ends(0, &["plan", "approve", "../plan.json", "--sign-key", "../second"]);
    let told = bench.apply(6, &["--own", "--plan", "../plan.json"]);
    assert!(told.contains("hostname ps9   read back") && told.contains("the device refused"), "{told}");
    let told = bench.apply(5, &["--own", "--resume"]);
    assert!(told.contains("the plan that the work on ps7-router was begun with is not at hand"), "{told}");
    let told = bench.apply(6, &["--own", "--resume", "--plan", "../plan.json"]);
    assert!(told.contains("has all that a command sets, and that is saved"), "{told}");
}

/// What a device had no word of has no way back: that is said, and nothing of it is saved.
#[test]
fn what_no_command_takes_back_is_said() {
    let Some(bench) = Bench::new(&["ps7-router=refuse@21"]) else { return };
    let told = bench.apply(6, &["--go-back"]);
    assert!(told.contains("no command takes `identity.hostname` back") && told.contains("not saved"), "{told}");
    let told = bench.apply(6, &["--stop", "it is restarted by hand"]);
    assert!(told.contains("is between two states"), "{told}");
}

#[test]
fn nothing_is_sent_to_another_device_nor_what_was_not_sealed() {
    let Some(bench) = Bench::new(&["ps7-router=other@1"]) else { return };
    let told = bench.apply(5, &[]);
    assert!(told.contains("ANOTHER-DEVICE") && told.contains("nothing was"), "{told}");
    drop(bench);
    let Some(bench) = Bench::new(&[]) else { return };
    bench.0.plot.edit("devices/ps7-router.kdl", "hostname \"ps7-router\"", "hostname \"ps8\"");
    let told = bench.apply(5, &[]);
    assert!(told.contains("identity.hostname") && told.contains("otherwise than it is sealed"), "{told}");
    assert!(bench.receipts().is_empty(), "nothing was begun");
}

/// Another device stands where the described one was: it is named and left alone, until somebody says why it is there.
#[test]
fn a_spare_part_is_taken_where_somebody_says_why() {
    let other = |plot: &Plot| {
        plot.edit("devices/ps7-router.kdl", "TBZKB1090123", "TBZKB1090999");
        // what was read is of the old one, and says so
        for file in ["ps7-router.cli", "ps7-router.kdl"] {
            std::fs::remove_file(plot.site().join("captures").join(file)).unwrap();
        }
    };
    let Some(bench) = Bench::with(&[], &[], other) else { return };
    let told = bench.apply(5, &[]);
    assert!(told.contains("TBZKB1090123") && told.contains("nothing was"), "{told}");
    assert!(bench.receipts().is_empty(), "nothing was begun");
    let told = bench.apply(6, &["--rebind", "the old one burned"]);
    assert!(told.contains("has all that a command sets, and that is saved"), "{told}");
    let receipt = shown(&bench, &bench.receipts()[0]);
    assert!(receipt.contains("TBZKB1090123") && receipt.contains("the old one burned"), "{receipt}");
    // at home it is the described one from then on
    bench.ends(0, &["return", "../out", "--passphrase-file", "../phrase"]);
    let build = ["build", ".", "--out", "../out", "--secrets", "../secrets", "--passphrase-file", "../phrase"];
    bench.ends(0, &[&build[..], &["--sign-key", "../key"]].concat());
    let described = std::fs::read_to_string(bench.0.plot.site().join("devices/ps7-router.kdl")).unwrap();
    assert!(described.contains("TBZKB1090123") && !described.contains("TBZKB1090999"), "{described}");
    let told = bench.apply(6, &["--own"]);
    assert!(!told.contains("hostname") && told.contains("has all that a command sets"), "{told}");
    bench.tells_no_secret();
}

/// What keeps everybody out is found by a second session while the first one is open: it is taken back, and never
/// saved.
#[test]
fn what_shuts_people_out_is_taken_back_and_not_saved() {
    // a command shortly before the account of its own
    let Some(bench) = Bench::new(&["ps7-router=shut@248"]) else { return };
    let told = bench.apply(6, &[]);
    assert!(told.contains("nobody gets in as `admin` after `username ot-admin password <secret>"), "{told}");
    assert!(told.contains("is between two states, and that is not saved") && bench.receipts().is_empty(), "{told}");
    // whoever was let in before is let in again, and goes on
    let told = bench.apply(6, &["--resume"]);
    assert!(told.contains("username ot-admin") && told.contains("nobody gets in as"), "{told}");
    bench.tells_no_secret();
}
