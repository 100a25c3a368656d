//! A site and its build go through git from Linux to Windows and back: line ends change, nothing else does.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::plot::own_pack;
use crate::common::{self, copy, files, needs};

/// A site with a certificate, captures and a pack of its own, committed with its build, and a clone as on Windows.
struct Clones {
    dir: tempfile::TempDir,
}

impl Clones {
    fn new() -> Option<Clones> {
        if !needs::program("git") {
            return None;
        }
        let clones = Clones { dir: tempfile::tempdir().unwrap() };
        let site = clones.dir.path().join("linux");
        copy(&common::project("examples/01-pump-station"), &site);
        own_pack(&site, "ours", "ours", "OURS-SES-001");
        let text = fs::read_to_string(site.join("site.kdl")).unwrap();
        fs::write(site.join("site.kdl"), text.replace("packs \"nport", "packs \"ours\" \"nport")).unwrap();
        clones.git(&["init", "-q", "linux"]);
        Some(clones)
    }

    fn git(&self, args: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=ana", "-c", "user.email=ana@example", "-c", "commit.gpgsign=false"]).args(args);
        let output = git.current_dir(self.dir.path()).output().unwrap();
        assert!(output.status.success(), "{args:?} {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Commits everything, the build too, and clones it as Git for Windows does.
    fn over_to_windows(&self) {
        self.git(&["-C", "linux", "add", "--force", "."]);
        self.git(&["-C", "linux", "commit", "-q", "-m", "as it was built"]);
        self.git(&["-c", "core.autocrlf=true", "clone", "-q", "linux", "windows"]);
        self.git(&["-C", "windows", "config", "core.autocrlf", "true"]);
        let device = fs::read(self.dir.path().join("windows/devices/np07.kdl")).unwrap();
        assert!(device.windows(2).any(|pair| pair == b"\r\n"), "the clone is not one of Windows");
    }

    /// What is printed, after the exit code was compared.
    fn ends(&self, line: &str, code: i32) -> String {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        let output = common::alone(program.current_dir(self.dir.path()).args(line.split(' '))).output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told).into_owned();
        assert_eq!(output.status.code(), Some(code), "{line}: {told}");
        // however it is wrapped
        told.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }
}

fn has_crlf(path: &Path) -> bool {
    fs::read(path).unwrap().windows(2).any(|pair| pair == b"\r\n")
}

/// W1, W2, W3: the build's own files stay as they are, and the site's mean what they meant.
#[test]
fn a_build_verifies_after_a_clone_that_changes_line_ends() {
    let Some(clones) = Clones::new() else { return };
    clones.ends("build linux", 0);
    clones.over_to_windows();
    let (linux, windows) = (clones.at("linux"), clones.at("windows"));
    for text in ["certs/ot-ca.pem", "packs/ours/OURS-SES-001.kdl", "captures/ps7-router.cli", "demo/passphrase"] {
        assert!(has_crlf(&windows.join(text)), "{text}");
    }
    assert_eq!(files(&linux.join("out")), files(&windows.join("out")));

    // unsigned, so the list proves nothing of its origin: exit 5, and every rung that was asked holds
    let told = clones.ends("verify windows/out --site windows --rebuild --demo", 5);
    assert!(!told.contains("DIFFERS") && !told.contains("FAILS") && !told.contains("another version"), "{told}");
    let there = clones.ends("verify linux/out --site linux --rebuild --demo", 5);
    assert_eq!(told.replace("windows", "linux"), there);

    // and back: what the clone builds is what was built, so its images stay
    clones.ends("build windows --out again --previous windows/out", 0);
    let images = |folder: &str| files(&clones.at(folder).join("images"));
    assert_eq!(images("again"), images("linux/out"));
}

/// A build of before `.gitattributes`, or one whose file was taken away: named for what it is.
#[test]
fn where_only_line_ends_differ_that_is_said() {
    let Some(clones) = Clones::new() else { return };
    clones.ends("build linux", 0);
    fs::remove_file(clones.at("linux/out/.gitattributes")).unwrap();
    clones.over_to_windows();
    let why = "is what was built but for its line ends, which git changes where `core.autocrlf` is on";
    let out = clones.at("windows/out");
    assert!(has_crlf(&out.join("sheets/np07.sheet.md")));
    let told = clones.ends("verify windows/out --site windows --demo", 5);
    assert!(told.contains(why) && !told.contains("type nothing from it"), "{told}");

    // each kind of file by itself, the others as they were built
    copy(&clones.at("linux/out"), &clones.at("one"));
    let mut tried = 0;
    for (name, bytes) in files(&clones.at("one")) {
        let built = clones.at("linux/out").join(&name);
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if name.starts_with(".git") || !text.contains('\n') {
            continue;
        }
        let changed = match text.contains("\r\n") {
            true => text.replace("\r\n", "\n"),
            false => text.replace('\n', "\r\n"),
        };
        fs::write(clones.at("one").join(&name), changed).unwrap();
        let told = clones.ends("verify one --site linux --demo", 5);
        assert!(told.contains(why) && told.contains(&name), "{name}: {told}");
        tried += 1;
        // and one line less is not only that
        fs::write(clones.at("one").join(&name), text.replacen('\n', "\r\n\r\n", 1)).unwrap();
        assert!(!clones.ends("verify one --site linux --demo", 5).contains(why), "{name}");
        fs::copy(built, clones.at("one").join(&name)).unwrap();
    }
    assert!(tried > 10, "sheets, redacted texts of each form, the page, a certificate: {tried}");
}
