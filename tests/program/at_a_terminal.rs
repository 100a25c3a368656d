//! What people type and see at a terminal: values and passphrases are asked for twice, never echoed, and a secret is
//! shown there and nowhere else. Python makes the terminal; without it the tests are not run.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common;

/// Runs a command in a terminal of its own and types a line whenever it asks; prints what the terminal showed.
const TERMINAL: &str = r#"
import os, pty, select, sys, time
lines = sys.argv[1].split("\x1f") if sys.argv[1] else []
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, asked, end = b"", 0, time.monotonic() + 120
while True:
    ready, _, _ = select.select([fd], [], [], 60)
    if not ready or time.monotonic() > end:
        os.kill(pid, 9)
        break
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
    if data.endswith(b": ") and asked < len(lines):
        # as fast as no person types: the echo goes off behind the prompt
        time.sleep(0.3)
        os.write(fd, lines[asked].encode() + b"\n")
        asked += 1
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"#;

const PASSPHRASE: &str = "gravel umbrella ninety copper lagoon";
const VALUE: &str = "Canary-7f3k-92xa-Zq";

struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Option<Site> {
        if !common::needs::python("pty") {
            return None;
        }
        let site = Site(tempfile::tempdir().unwrap());
        std::fs::create_dir(site.path("devices")).unwrap();
        std::fs::write(site.path("site.kdl"), "site \"west\"\n").unwrap();
        let device = "device \"np07\" {\n    platform \"nport-6000-g2\" firmware=\"1.1\"\n    \
            accounts { account \"ot-lead\" group=\"Administrator\" }\n}\n";
        std::fs::write(site.path("devices/np07.kdl"), device).unwrap();
        Some(site)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What the terminal showed, and the exit code.
    fn run(&self, typed: &[&str], args: &[&str]) -> (String, i32) {
        self.run_with(Command::new("python3").env_remove("CI"), typed, args)
    }

    fn run_with(&self, terminal: &mut Command, typed: &[&str], args: &[&str]) -> (String, i32) {
        common::alone(terminal);
        terminal.args(["-c", TERMINAL, &typed.join("\x1f"), env!("CARGO_BIN_EXE_fieldlock")]).args(args);
        let ran = terminal.current_dir(self.0.path()).stdin(Stdio::null()).output().unwrap();
        (String::from_utf8_lossy(&ran.stdout).into_owned(), ran.status.code().unwrap())
    }

    fn has_store(&self) -> bool {
        Path::new(&self.path("secrets/np07.flk")).exists()
    }
}

#[test]
fn a_value_is_typed_twice_and_shown_on_a_terminal_only() {
    let Some(site) = Site::new() else { return };
    let set = ["secret", "set", "np07/ot-lead"];
    let (shown, code) = site.run(&[VALUE, "Canary-7f3k-92xa-Zr"], &set);
    assert!(code == 2 && shown.contains("the two values differ") && !site.has_store(), "{code} {shown}");
    let (shown, code) = site.run(&[VALUE, VALUE, PASSPHRASE, "gravel umbrella ninety copper lagoom"], &set);
    assert!(code == 2 && shown.contains("the two passphrases differ") && !site.has_store(), "{code} {shown}");
    let (shown, code) = site.run(&[VALUE, VALUE, "passwordpassword", "passwordpassword"], &set);
    assert!(code == 5 && shown.contains("can be guessed") && !site.has_store(), "{code} {shown}");

    let (shown, code) = site.run(&[VALUE, VALUE, PASSPHRASE, PASSPHRASE], &set);
    assert!(code == 0 && site.has_store(), "{code} {shown}");
    assert!(!shown.contains(VALUE) && !shown.contains(PASSPHRASE), "echoed: {shown}");

    // a store is there: one look at the passphrase is enough
    let (shown, code) = site.run(&[PASSPHRASE], &["secret", "show", "np07/ot-lead"]);
    assert!(code == 0 && shown.contains(VALUE), "{code} {shown}");
    let (shown, code) = site.run(&[PASSPHRASE], &["secret", "rotate", "np07/ot-lead"]);
    assert!(code == 0 && !shown.contains(VALUE), "{code} {shown}");
    let (shown, code) = site.run(&[PASSPHRASE], &["secret", "show", "np07/ot-lead"]);
    assert!(code == 0 && !shown.contains(VALUE), "{code} {shown}");
    let (shown, code) = site.run(&[PASSPHRASE], &["secret", "show", "np07/ot-lead", "--earlier"]);
    assert!(code == 0 && shown.contains(VALUE), "{code} {shown}");
    // a job has a terminal too, and what it shows is kept for all to read
    let passphrase = site.path("passphrase");
    std::fs::write(&passphrase, PASSPHRASE).unwrap();
    let by_file = ["secret", "show", "np07/ot-lead", "--passphrase-file", passphrase.to_str().unwrap()];
    let (shown, code) = site.run(&[], &by_file);
    assert!(code == 0 && shown.lines().count() == 1, "{code} {shown}");
    let (shown, code) = site.run_with(Command::new("python3").env("CI", "true"), &[], &by_file);
    assert!(code == 5 && shown.contains("shown on a terminal only"), "{code} {shown}");

    let (shown, code) = site.run(&["another passphrase, mistyped 77"], &["secret", "list"]);
    assert!(code == 5 && shown.contains("wrong passphrase"), "{code} {shown}");
}

/// ssh-keygen asks for itself: what we draw does not stand in its place.
#[test]
fn a_key_with_a_passphrase_is_asked_for_where_it_can_be_seen() {
    let Some(site) = Site::new() else { return };
    if !common::needs::program("ssh-keygen") {
        return;
    }
    let (plot, key) = (common::plot::Plot::new(), site.path("locked"));
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", VALUE, "-C", "", "-f"]).arg(&key).status();
    assert!(made.unwrap().success());
    let folder = |path: PathBuf| path.to_str().unwrap().to_owned();
    let (ready, out, secrets) = (folder(plot.site()), folder(plot.out()), folder(plot.dir.path().join("secrets")));
    let args = ["build", &ready, "--out", &out, "--secrets", &secrets, "--sign-key", key.to_str().unwrap()];
    let (shown, code) = site.run(&[PASSPHRASE, PASSPHRASE, VALUE], &args);
    assert!(code == 0 && shown.contains("signed  SHA256:"), "{code} {shown}");
    let asked = shown.rfind("Enter passphrase").expect("it was asked");
    let until = shown[asked..].find('\n').unwrap();
    assert!(!shown[asked..asked + until].contains("sealing"), "{shown:?}");
    assert!(!shown.contains(VALUE) && !shown.contains(PASSPHRASE), "echoed: {shown}");
}

/// Where nobody's signature proves a stick, whoever has the passphrase in mind proves it by that; whoever has none goes
/// without.
#[test]
fn a_stick_that_nobody_signed_is_proved_by_what_is_typed() {
    let Some(site) = Site::new() else { return };
    let plot = common::plot::Plot::new();
    plot.build();
    let out = plot.out().to_str().unwrap().to_owned();
    let own = "weir sluice penstock tailrace";
    let (shown, code) = site.run(&[own], &["verify", &out]);
    assert!(
        code == 0 && shown.contains("or Enter to go without") && shown.contains("origin  proved"),
        "{code} {shown}"
    );
    assert!(!shown.contains(own), "echoed: {shown}");
    // two, since one empty line is none to the script
    let (shown, code) = site.run(&["", ""], &["verify", &out]);
    assert!(code == 5 && shown.contains("origin  NOT PROVED"), "{code} {shown}");
    let stick = site.path("stick").to_str().unwrap().to_owned();
    let (shown, code) = site.run(&[own], &["bundle", &stick, "--from", &out]);
    assert!(code == 0 && shown.contains("proved by the passphrase"), "{code} {shown}");
}

#[test]
fn a_new_passphrase_is_typed_twice() {
    let Some(site) = Site::new() else { return };
    let (shown, code) = site.run(&[PASSPHRASE, PASSPHRASE], &["secret", "generate", "--missing"]);
    assert!(code == 0 && site.has_store(), "{code} {shown}");
    let before = std::fs::read(site.path("secrets/np07.flk")).unwrap();
    let new = "thimble orchard velvet signal harpoon";
    let (shown, code) = site.run(&[PASSPHRASE, new, "thimble"], &["secret", "passphrase"]);
    assert!(code == 2 && shown.contains("differ"), "{code} {shown}");
    assert!(std::fs::read(site.path("secrets/np07.flk")).unwrap() == before);
    let (shown, code) = site.run(&[PASSPHRASE, new, new], &["secret", "passphrase"]);
    assert!(code == 0 && !shown.contains(new), "{code} {shown}");
    let (shown, code) = site.run(&[new], &["secret", "list"]);
    assert!(code == 0 && shown.contains("np07/ot-lead"), "{code} {shown}");
}

#[test]
fn a_site_is_begun_by_answers() {
    let Some(site) = Site::new() else { return };
    let typed = [
        "",      // as its folder
        "mx-rs", // a slip
        "mx-ros",
        "",
        "control", // a zone without a network
        "control=10.20.0.0/16",
        "",
        "5",
        "3",
        "eng-01=10.20.0.10",
        "",
        "10.20.0.9",
        "10.20.0.5",
        "Europe/London",
        "ot-lead",
        "",
        "Example Water",
        "",
        "EDR-G9010",
        "ro1",
        "3.24",
        "10.20.1.1/24",
        "",
        "",
    ];
    let (shown, code) = site.run(&typed, &["init", "north"]);
    assert_eq!(code, 0, "{shown}");
    for told in ["name of the site [north]: ", "`mx-rs` is no platform", "a zone is written", "a level is 1, 2, 3 or 4"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let read = |name: &str| std::fs::read_to_string(site.path(&format!("north/{name}"))).unwrap();
    assert!(read("site.kdl").starts_with("//") && read("site.kdl").contains("site \"north\" {"));
    assert!(read("site.kdl").contains("zone \"control\" sl-t=3 { subnet \"10.20.0.0/16\" }"));
    assert!(read("devices/ro1.kdl").contains("address \"10.20.1.1/24\""));
    // three times without an answer, and nothing is left
    let (shown, code) = site.run(&["", "x", "y", "z"], &["init", "south"]);
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("nothing was written") && !site.path("south").exists(), "{shown}");
}
