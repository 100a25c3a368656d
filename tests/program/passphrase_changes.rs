//! What people meet when a passphrase changes, and what can be told before anybody is asked for one.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::common;

const OLD: &str = "penstock tailrace sluice eel-ladder 71";
const NEW: &str = "kingfisher culvert gauge-board flume 58";

/// The example in git, built once, with a home of its own and two passphrases beside it.
struct Weir(tempfile::TempDir);

impl Weir {
    fn built() -> Weir {
        let weir = Weir::new(|_| {});
        weir.done(&["secret", "generate", "--missing", "--passphrase-file", "../old"]);
        weir.git(&["init", "-q", "."]);
        weir.commit();
        weir.done(&["build", "--passphrase-file", "../old"]);
        weir
    }

    /// Not built yet; `change` is given the path of site.kdl.
    fn new(change: impl FnOnce(&Path)) -> Weir {
        let weir = Weir(tempfile::tempdir().unwrap());
        for (name, bytes) in common::files(&common::project("examples/03-sealed")) {
            if name.ends_with(".md") || name.starts_with("out/") {
                continue;
            }
            let path = weir.at("site").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        std::fs::write(weir.at("old"), OLD).unwrap();
        std::fs::write(weir.at("new"), NEW).unwrap();
        change(&weir.at("site/site.kdl"));
        weir
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn commit(&self) {
        self.git(&["add", "-A", ":!out"]);
        self.git(&["-c", "user.name=t", "-c", "user.email=t@example", "commit", "-qm", "a change"]);
    }

    fn git(&self, args: &[&str]) {
        let mut git = Command::new("git");
        git.args(args).env("HOME", self.at("home")).env("GIT_CONFIG_NOSYSTEM", "1");
        assert!(git.current_dir(self.at("site")).status().unwrap().success(), "{args:?}");
    }

    /// What was said, and the exit code.
    fn run(&self, args: &[&str]) -> (String, i32) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        common::at_home(&mut program, &self.at("home")).args(args);
        let Output { status, stdout, stderr } =
            program.current_dir(self.at("site")).stdin(Stdio::null()).output().unwrap();
        (String::from_utf8([stdout, stderr].concat()).unwrap(), status.code().unwrap())
    }

    fn done(&self, args: &[&str]) -> String {
        let (said, code) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {said}");
        said
    }

    fn changed(&self) {
        self.done(&["secret", "passphrase", "--passphrase-file", "../old", "--new-passphrase-file", "../new"]);
    }
}

/// A build writes beside the source; that does not make the source another one.
#[test]
fn what_a_build_leaves_is_not_uncommitted() {
    let weir = Weir::built();
    let again = weir.done(&["build", "--passphrase-file", "../old", "--format", "json"]);
    assert!(again.contains("\"dirty\": false"), "{again}");
    std::fs::write(weir.at("site/notes.txt"), "a change").unwrap();
    let dirty = weir.done(&["build", "--passphrase-file", "../old", "--format", "json"]);
    assert!(dirty.contains("\"dirty\": true"), "{dirty}");
    std::fs::remove_file(weir.at("site/notes.txt")).unwrap();
    // a file that the site is read from is one of its own, wherever it lies
    let device = weir.at("site/devices/np21.kdl");
    let text = std::fs::read_to_string(&device).unwrap();
    std::fs::write(&device, text.replace("certs/ot-ca.pem", "out/redacted/ot-ca.pem")).unwrap();
    weir.commit();
    std::fs::copy(weir.at("site/certs/ot-ca.pem"), weir.at("site/out/redacted/ot-ca.pem")).unwrap();
    let (read, code) = weir.run(&["build", "--passphrase-file", "../old", "--format", "json"]);
    assert!(code == 0 && read.contains("\"dirty\": true"), "{code} {read}");
}

/// With the passphrase that it was sealed with, a build is proved after the store has another; with neither, it is
/// said what is missing, and nobody is accused.
#[test]
fn a_changed_passphrase_accuses_nobody() {
    let weir = Weir::built();
    weir.changed();
    weir.commit();
    let rebuild = |passphrase| weir.run(&["verify", "out", "--rebuild", "--passphrase-file", passphrase]);
    let (said, code) = rebuild("../old");
    assert!(code == 0 && said.contains("all that was asked holds"), "{code} {said}");
    let (said, code) = rebuild("../new");
    assert!(code == 2 && said.contains("UNREADABLE   2 of 2: wrong passphrase"), "{code} {said}");
    assert!(!said.contains("don't use it"), "{said}");
    let images = ["out/images/np21.flk", "out/images/weir-router.flk"];
    let keys = ["--passphrase-file", "../old", "--new-passphrase-file", "../new"];
    weir.done(&[&["image", "rekey"][..], &images, &keys].concat());
    // the commit of the build has the store as it was, the images have the passphrase of now
    let (said, code) = rebuild("../new");
    assert!(code == 0 && said.contains("sealed anew since"), "{code} {said}");
    weir.done(&["build", "--passphrase-file", "../new"]);
    let (said, code) = rebuild("../new");
    assert!(code == 0 && said.contains("all that was asked holds"), "{code} {said}");
}

#[test]
fn a_build_with_another_passphrase_says_why_everything_is_new() {
    const SAYS: &str = "opens none of the images of the build before";
    let weir = Weir::built();
    weir.changed();
    let said = weir.done(&["build", "--passphrase-file", "../new"]);
    assert!(said.contains(SAYS) && said.contains("2 new images"), "{said}");
    weir.done(&["secret", "passphrase", "--passphrase-file", "../new", "--new-passphrase-file", "../old"]);
    let said = weir.done(&["build", "--passphrase-file", "../old", "--format", "json"]);
    assert!(said.contains("\"image.passphrase\""), "{said}");
    let said = weir.done(&["build", "--passphrase-file", "../old"]);
    assert!(!said.contains(SAYS) && said.contains("2 unchanged, kept"), "{said}");
}

/// Inside its site an image goes by its device's name.
#[test]
fn an_image_goes_by_the_name_of_its_device() {
    let weir = Weir::built();
    assert!(weir.done(&["image", "inspect", "np21"]).contains("device         np21"));
    assert!(weir.done(&["image", "open", "weir-router", "--passphrase-file", "../old"]).contains("native."));
    let keys = ["--passphrase-file", "../old", "--new-passphrase-file", "../new"];
    let said = weir.done(&[&["image", "rekey", "np21", "weir-router"][..], &keys].concat());
    assert!(said.contains("2 images for the new passphrase"), "{said}");
    let (said, code) = weir.run(&["image", "inspect", "np22"]);
    assert!(code == 2 && said.contains("or a device's name, inside its site"), "{code} {said}");
    // what lies here by that name is what is meant
    std::fs::write(weir.at("site/np21"), "no image").unwrap();
    let (said, code) = weir.run(&["image", "inspect", "np21"]);
    assert!(code == 5 && said.contains("[magic]"), "{code} {said}");
}

/// A mistake that needs no key is told before anybody types one.
#[test]
fn what_can_be_told_at_once_is_not_asked_for() {
    let weir = Weir::built();
    std::fs::create_dir(weir.at("site/here")).unwrap();
    for (args, told) in [
        (&["image", "open", "out/images/np21.flk", "--to", "here"][..], "does not exist yet"),
        (&["bundle", "here"], "is there already"),
        (&["verify", "nowhere", "--rebuild"], "nowhere"),
    ] {
        let (said, code) = weir.run(args);
        assert!(code != 0 && said.contains(told) && !said.contains("no passphrase was given"), "{args:?}: {said}");
    }
}

/// Each group has a passphrase: whoever has one proves the devices of that group, and is asked for no other.
#[test]
fn one_groups_passphrase_proves_that_groups_devices() {
    let weir = Weir::new(|site| {
        let text = std::fs::read_to_string(site).unwrap();
        let group = "    group \"pumps\" { devices \"np21\" }\n    person \"ana\"";
        std::fs::write(site, text.replacen("    person \"ana\"", group, 1)).unwrap();
    });
    let both = ["--passphrase-file", "../old", "--passphrase-file", "pumps=../new"];
    weir.done(&[&["secret", "generate", "--missing"][..], &both].concat());
    weir.git(&["init", "-q", "."]);
    weir.commit();
    weir.done(&[&["build"][..], &both].concat());
    let rebuild = ["verify", "out", "--rebuild", "--device"];
    weir.done(&[&rebuild[..], &["weir-router", "--passphrase-file", "../old"]].concat());
    weir.done(&[&rebuild[..], &["weir-router", "--passphrase-file", "weir=../old"]].concat());
    weir.done(&[&rebuild[..], &["np21"], &both].concat());
    std::fs::write(weir.at("third"), "lagoon thimble umbrella gravel velvet 9").unwrap();
    let (said, code) = weir
        .run(&[&["secret", "passphrase", "--group", "pumps", "--new-passphrase-file", "../third"][..], &both].concat());
    assert!(code == 0 && said.contains("`fieldlock image rekey np21` gives"), "{code} {said}");
    let (said, code) = weir.run(&[&rebuild[..], &["np21", "--passphrase-file", "../old"]].concat());
    assert!(code == 2 && said.contains("wrong passphrase") && !said.contains("don't use it"), "{code} {said}");
}

/// What the README says for the day that somebody leaves, in a site with groups: only the images of the group that they
/// knew are touched, and the build after it seals only what was rotated.
#[test]
fn somebody_leaves_a_site_with_groups() {
    let weir = Weir::new(|site| {
        let text = std::fs::read_to_string(site).unwrap();
        let group = "    group \"pumps\" { devices \"np21\" }\n    person \"ana\"";
        std::fs::write(site, text.replacen("    person \"ana\"", group, 1)).unwrap();
    });
    let readme = std::fs::read_to_string(common::project("README.md")).unwrap();
    assert!(readme.contains("`secret passphrase` (`--group NAME` for a group's)"), "the README says it otherwise");
    let before = ["--passphrase-file", "../old", "--passphrase-file", "pumps=../new"];
    weir.done(&[&["secret", "generate", "--missing"][..], &before].concat());
    weir.done(&[&["build"][..], &before].concat());
    std::fs::write(weir.at("third"), "lagoon thimble umbrella gravel velvet 9").unwrap();
    let pumps = ["--passphrase-file", "pumps=../new", "--new-passphrase-file", "../third"];
    let (said, code) = weir.run(&[&["secret", "passphrase", "--group", "pumps"][..], &pumps].concat());
    assert_eq!(code, 0, "{said}");
    let typed = said.split("`fieldlock ").nth(1).and_then(|rest| rest.split('`').next()).unwrap();
    let rekey: Vec<&str> = typed.split(' ').collect();
    weir.done(&[&rekey[..], &["--passphrase-file", "../new", "--new-passphrase-file", "../third"]].concat());
    let after = ["--passphrase-file", "../old", "--passphrase-file", "pumps=../third"];
    weir.done(&[&["secret", "rotate", "np21/ot-lead"][..], &after].concat());
    let (said, code) = weir.run(&[&["build"][..], &after].concat());
    assert!(code == 0 && said.contains(" 1 new image"), "{code} {said}");
}
