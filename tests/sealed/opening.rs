//! Images in the hands of people: opened, rekeyed, granted, bundled for a stick and verified there, by the program,
//! each with folders of their own; and what somebody tried against them.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fieldlock::image::inspect;
use fieldlock::pipeline::Sign;

use crate::common::plot::{Plot, forge_sheet};
use crate::common::signer::Signer;
use crate::common::{self, copy, files};

const OLD: &str = "weir sluice penstock tailrace";
/// How `verify` ends where nothing is wrong; `READ-ME-FIRST.txt` quotes it.
const HOLDS: &str = "all that was asked holds";
const NEW: &str = "kingfisher culvert gauge-board flume";

/// A signed build of a site that is no demo, and a laptop that has seen nothing yet.
pub(super) struct Bench {
    pub(super) plot: Plot,
    ci: Signer,
}

impl Bench {
    pub(super) fn new() -> Option<Bench> {
        let bench = Bench { plot: Plot::new(), ci: Signer::new("ci@example")? };
        bench.build();
        bench.put("old", OLD);
        bench.put("new", NEW);
        Some(bench)
    }

    pub(super) fn build(&self) {
        let sign: &Sign<'_> = &|index| self.ci.sign(index);
        self.plot.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&self.ci.allowed)));
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.plot.dir.path().join(name)
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn signers(&self) -> String {
        self.ci.file().to_str().unwrap().to_owned()
    }

    fn seen(&self) -> PathBuf {
        self.path("own/fieldlock/seen.json")
    }

    /// Exit code, and all that was printed.
    fn run(&self, line: &str) -> (i32, String) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        let line = line.replace("SIGNERS", &self.signers());
        told(&self.alone(&mut program).args(line.split(' ')).stdin(Stdio::null()).output().unwrap())
    }

    /// The same at a terminal of its own; `None` where `script` of util-linux is missing.
    fn at_terminal(&self, line: &str) -> Option<(i32, String)> {
        let line = format!("{} {}", env!("CARGO_BIN_EXE_fieldlock"), line.replace("SIGNERS", &self.signers()));
        let mut program = Command::new("script");
        program.args(["-qec", &line, "/dev/null"]).env_remove("CI");
        let output = self.alone(&mut program).stdin(Stdio::null()).output();
        common::needs::must("`script`", output.is_ok()).then(|| told(&output.unwrap()))
    }

    fn alone<'c>(&self, program: &'c mut Command) -> &'c mut Command {
        let own = self.path("own");
        common::alone(program).current_dir(self.plot.dir.path());
        common::beneath(program, &own)
    }

    /// As the exit code says, with these words.
    #[track_caller]
    pub(super) fn ends(&self, line: &str, wanted: i32, words: &str) -> String {
        let (code, shown) = self.run(line);
        assert_eq!(code, wanted, "{line}\n{shown}");
        assert!(shown.contains(words), "{line}: {words:?} is not in\n{shown}");
        assert!(!shown.contains(OLD) && !shown.contains(NEW), "a passphrase in\n{shown}");
        shown
    }
}

fn told(output: &Output) -> (i32, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).replace('\r', ""))
}

#[test]
fn an_image_opens_by_what_proves_its_origin_and_nothing_is_written() {
    let Some(bench) = Bench::new() else { return };
    let before = files(&bench.plot.out());
    let open = "image open out/images/np07.flk --passphrase-file old";
    bench.ends(open, 0, "proved: somebody with the passphrase sealed exactly this");
    bench.ends(&format!("{open} --allowed-signers SIGNERS"), 0, "proved: ci@example signed for exactly this");
    bench.ends("image inspect out/images/np07.flk", 0, "not proved: anybody can have written what follows");
    bench.ends("image open out/images/np07.flk --passphrase-file new", 5, "[passphrase]");
    bench.ends(&format!("{open} --device np02"), 5, "[stale]");
    bench.ends(&format!("{open} --site elsewhere"), 5, "[stale]");
    bench.ends("image open out/images/np07.flk --demo", 5, "[passphrase]");
    bench.ends("image open out/images/np07.flk", 2, "there is no terminal to ask at");
    assert_eq!(before, files(&bench.plot.out()));
}

/// Two images that changed their places: a name is what a person goes by, from wherever it is given, on a stick that
/// keeps no case.
#[test]
fn an_image_in_the_others_place_is_refused() {
    let Some(bench) = Bench::new() else { return };
    let path = |device: &str| bench.plot.image_path(device);
    for (from, to) in [("np07", "x"), ("np02", "np07"), ("x", "np02")] {
        std::fs::rename(path(from), path(to)).unwrap();
    }
    let loud = bench.path("usb/IMAGES");
    std::fs::create_dir_all(&loud).unwrap();
    std::fs::copy(path("np07"), loud.join("NP07.FLK")).unwrap();
    for (folder, file) in [("", "out/images/np07.flk"), ("out/images", "np07.flk"), ("usb/IMAGES", "NP07.FLK")] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        let program = bench.alone(&mut program).current_dir(bench.path(folder));
        let old = bench.path("old");
        let open = ["image", "open", file, "--passphrase-file", old.to_str().unwrap()];
        let (code, said) = told(&program.args(open).stdin(Stdio::null()).output().unwrap());
        assert!(code == 5 && said.contains("says that it is for `np02`, not for `np07`"), "{folder}: {code} {said}");
    }
    // a genuine one from within its folder is found in the list above it
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    let program = bench.alone(&mut program).current_dir(bench.path("out/images"));
    let (old, signers) = (bench.path("old"), bench.signers());
    let open = ["image", "open", "sw04.flk", "--passphrase-file", old.to_str().unwrap(), "--allowed-signers", &signers];
    let (code, said) = told(&program.args(open).stdin(Stdio::null()).output().unwrap());
    assert!(code == 0 && said.contains("ci@example signed for exactly this"), "{code} {said}");
}

/// M5: signers who are trusted are asked for, whatever opens the image.
#[test]
fn m5_a_missing_signature_is_no_way_back_to_the_passphrase() {
    let Some(bench) = Bench::new() else { return };
    let open = "image open out/images/np07.flk --passphrase-file old --allowed-signers SIGNERS";
    std::fs::copy(bench.plot.image_path("np07"), bench.path("np07.flk")).unwrap();
    let alone = "image open np07.flk --passphrase-file old --allowed-signers SIGNERS";
    bench.ends(alone, 5, "[signature]");
    bench.ends(&format!("{alone} --index out"), 0, "ci@example signed");
    std::fs::rename(bench.path("out/index.json.sig"), bench.path("kept.sig")).unwrap();
    for line in [open, "bundle stick --from out --passphrase-file old --allowed-signers SIGNERS"] {
        bench.ends(line, 5, "there is no `index.json.sig`");
    }
    bench.ends(
        "verify out --passphrase-file old --allowed-signers SIGNERS",
        5,
        "signers are trusted here, and there is no",
    );
    std::fs::rename(bench.path("kept.sig"), bench.path("out/index.json.sig")).unwrap();
    // of the same signer, for another build
    let other = bench.ci.sign(b"{}").unwrap();
    std::fs::write(bench.path("out/index.json.sig"), other).unwrap();
    bench.ends(open, 5, "[signature]");
    std::fs::remove_file(bench.path("out/index.json")).unwrap();
    bench.ends(open, 5, "[signature]");
    bench.ends("verify out --allowed-signers SIGNERS", 5, "nothing proves where they come from");
    assert!(!bench.path("stick").exists());
}

/// C2: neither the stick nor the folder that one stands in says whom to trust, what to open with, or where secrets are.
#[test]
fn c2_what_lies_on_the_stick_is_not_believed() {
    let (Some(bench), Some(thief)) = (Bench::new(), Signer::new("ci@example")) else { return };
    let out = bench.plot.out();
    let index = std::fs::read(out.join("index.json")).unwrap();
    std::fs::write(out.join("index.json.sig"), thief.sign(&index).unwrap()).unwrap();
    for place in ["out/", "", "out/fieldlock/", "fieldlock/", "out/.config/fieldlock/", ".config/fieldlock/"] {
        std::fs::create_dir_all(bench.path(place)).unwrap();
        std::fs::copy(thief.file(), bench.path(&format!("{place}allowed_signers"))).unwrap();
        std::fs::write(bench.path(&format!("{place}passphrase")), OLD).unwrap();
    }
    std::fs::create_dir_all(bench.path("out/demo")).unwrap();
    std::fs::write(bench.path("out/demo/passphrase"), OLD).unwrap();
    bench.ends("verify out", 5, "NOT PROVED");
    bench.ends("verify out --allowed-signers SIGNERS", 5, "no line of the allowed signers has this key");
    let open = "image open out/images/np07.flk";
    bench.ends(open, 2, "there is no terminal to ask at");
    bench.ends(&format!("{open} --passphrase-file old --allowed-signers SIGNERS"), 5, "[signature]");
    // trusted by the person, in the person's own folder
    std::fs::create_dir_all(bench.path("own/fieldlock")).unwrap();
    std::fs::copy(bench.ci.file(), bench.path("own/fieldlock/allowed_signers")).unwrap();
    bench.ends(&format!("{open} --passphrase-file old"), 5, "[signature]");
    std::fs::write(out.join("index.json.sig"), bench.ci.sign(&index).unwrap()).unwrap();
    bench.ends(&format!("{open} --passphrase-file old"), 0, "ci@example signed");
}

#[test]
fn the_laptop_remembers_what_it_saw() {
    let Some(bench) = Bench::new() else { return };
    copy(&bench.plot.out(), &bench.path("first"));
    bench.plot.put("../secrets/np07/ot-lead", b"Another-4-value!\n");
    bench.build();
    let (new, old) = ("image open out/images/np07.flk", "image open first/images/np07.flk");
    let with = "--passphrase-file old";
    bench.ends("image inspect out/images/np07.flk", 0, "revision");
    bench.ends(&format!("{new} --passphrase-file new"), 5, "[passphrase]");
    assert!(!bench.seen().exists(), "only what held is remembered");
    bench.ends(&format!("{new} {with}"), 0, "revision       2");
    let after = std::fs::read_to_string(bench.seen()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&bench.seen()), mode(bench.seen().parent().unwrap())), (0o600, 0o700));
    }
    bench.ends(&format!("{new} {with}"), 0, "revision       2");
    bench.ends(&format!("{old} {with}"), 5, "[stale]");
    bench.ends("verify first --device np07 --allowed-signers SIGNERS", 5, "NOT FOR NOW  np07");
    bench.ends("bundle stick --from first --device np07 --allowed-signers SIGNERS", 5, "NOT FOR NOW  np07");
    assert_eq!(std::fs::read_to_string(bench.seen()).unwrap(), after);
    let mut back: Vec<String> = format!("{old} {with}").split(' ').map(str::to_owned).collect();
    back.extend(["--allow-rollback".to_owned(), "CHG-4471 taken back".to_owned()]);
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    let (code, shown) = told(&bench.alone(&mut program).args(&back).output().unwrap());
    assert_eq!(code, 0, "{shown}");
    assert!(std::fs::read_to_string(bench.seen()).unwrap().contains("CHG-4471 taken back"));
    bench.ends(&format!("{old} {with}"), 0, "revision       1");
    bench.ends(&format!("{new} {with}"), 0, "revision       2");
    bench.ends(&format!("{old} {with}"), 5, "[stale]");

    // damaged: told, and not taken for an empty one
    for bad in ["", "{}", &after[..after.len() - 1]] {
        std::fs::write(bench.seen(), bad).unwrap();
        bench.ends(&format!("{new} {with}"), 2, "what this computer remembers");
        assert_eq!(std::fs::read_to_string(bench.seen()).unwrap(), bad);
    }
    // nor one that is larger than any, of which nothing is read
    let large = std::fs::File::create(bench.seen()).unwrap();
    large.set_len(fieldlock::ledger::seen::MAX_SEEN_LEN as u64 + 1).unwrap();
    let told = bench.ends(&format!("{new} {with}"), 2, "what this computer remembers");
    assert!(told.contains("is larger than 128 MiB") && told.contains("put back a good copy"), "{told}");
}

#[test]
fn one_value_is_shown_on_a_terminal_only() {
    let Some(bench) = Bench::new() else { return };
    let secret = std::fs::read_to_string(bench.path("secrets/np07/ot-lead")).unwrap();
    let secret = secret.trim();
    let open = "image open out/images/np07.flk --passphrase-file old";
    let shown = bench.ends(&format!("{open} --show np07/ot-lead"), 5, "a secret is shown on a terminal only");
    assert!(!shown.contains(secret));
    let shown = bench.ends(open, 0, "<secret np07/ot-lead");
    assert!(!shown.contains(secret));
    let Some((code, shown)) = bench.at_terminal(&format!("{open} --show np07/ot-lead")) else { return };
    assert_eq!((code, shown.trim()), (0, secret));
    let (code, shown) = bench.at_terminal(&format!("{open} --show np07/nobody")).unwrap();
    assert!(code == 2 && shown.contains("there are np07/"), "{shown}");
}

#[test]
fn a_folder_of_content_is_new_and_for_its_owner() {
    let Some(bench) = Bench::new() else { return };
    let to = "image open out/images/ps7-router.flk --passphrase-file old --to content";
    let told = bench.ends(to, 0, "secrets in clear, in content");
    assert_eq!(told.contains("only you can read them on this computer; delete them"), cfg!(unix), "{told}");
    let names: Vec<String> = files(&bench.path("content")).into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"native.cli".to_owned()) && names.contains(&"native.sheet".to_owned()), "{names:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| std::fs::metadata(bench.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("content"), mode("content/native.cli")), (0o700, 0o600));
    }
    let before = files(&bench.path("content"));
    bench.ends(to, 2, "stands in its place");
    assert_eq!(before, files(&bench.path("content")));
}

#[test]
fn rekeyed_images_are_the_signed_ones_for_another_passphrase() {
    let Some(bench) = Bench::new() else { return };
    copy(&bench.plot.out(), &bench.path("before"));
    let with = "--passphrase-file old --new-passphrase-file new";
    let both = "out/images/np07.flk out/images/sw04.flk";
    // whatever is wrong with one of them, none changes
    bench.put("weak", "password12345678");
    bench.ends(&format!("image rekey {both} --passphrase-file old --new-passphrase-file weak"), 5, "can be guessed");
    bench.ends(
        &format!("image rekey {both} --passphrase-file new --new-passphrase-file old"),
        5,
        "no file was changed",
    );
    bench.put("bad.flk", "no image");
    bench.ends(&format!("image rekey {both} bad.flk {with}"), 5, "[magic]");
    bench.ends(&format!("image rekey out/images/np07.flk before/images/np07.flk {with}"), 2, "two images are called");
    assert_eq!(files(&bench.path("before/images")), files(&bench.path("out/images")));

    let shown = bench.ends(&format!("image rekey {both} {with}"), 0, "2 images for the new passphrase");
    assert!(shown.contains("every copy of the old files stays openable with the old passphrase"), "{shown}");
    bench.ends("verify out --allowed-signers SIGNERS", 0, "all that was asked holds");
    bench.ends("image open out/images/np07.flk --passphrase-file old", 5, "[passphrase]");
    bench.ends("image open out/images/np07.flk --passphrase-file new", 0, "proved");
    bench.ends("image open before/images/np07.flk --passphrase-file old", 0, "proved");
    let read = |name: &str| inspect(&std::fs::read(bench.path(name)).unwrap()).unwrap();
    let (new, old) = (read("out/images/np07.flk"), read("before/images/np07.flk"));
    assert!(new.digest == old.digest && new.file != old.file);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(bench.path("out/images/np07.flk")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let aside = format!("image rekey before/images/np07.flk {with} --out aside");
    bench.ends(&aside, 0, "written to aside");
    bench.ends(&aside, 2, "no file was changed");
    bench.ends("image open aside/np07.flk --passphrase-file new", 0, "proved");
}

/// H9: the code is on a terminal, once, and nowhere else; the copy holds nothing to guess the passphrase by. H2: who
/// opens by a code can't pass on what the code does not prove.
#[test]
fn h9_h2_a_granted_copy_opens_by_its_code_alone() {
    let Some(bench) = Bench::new() else { return };
    let grant = "image grant out/images/np07.flk --out acme.flk --passphrase-file old";
    bench.ends(grant, 5, "an unlock code is shown on a terminal only");
    assert!(!bench.path("acme.flk").exists());
    let Some((code, shown)) = bench.at_terminal(grant) else { return };
    assert_eq!(code, 0, "{shown}");
    let unlock = regex::Regex::new(r"(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}").unwrap();
    let found: Vec<&str> = unlock.find_iter(&shown).map(|m| m.as_str()).collect();
    let [code] = found[..] else { panic!("{shown}") };
    assert!(shown.contains("it is for np07 of pump-station, revision 1"), "{shown}");
    for (name, bytes) in files(bench.plot.dir.path()) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(code) && !text.contains(&code.replace('-', "")), "the code is in {name}");
    }
    let slots = inspect(&std::fs::read(bench.path("acme.flk")).unwrap()).unwrap().slots;
    assert_eq!(slots.len(), 1);
    assert_eq!(slots[0].params.number(), 3);

    bench.put("code", &format!("{}\n", code.to_lowercase()));
    // whoever got the code could seal a revision under it that is never reached: this computer does not remember it
    std::fs::remove_file(bench.seen()).unwrap();
    bench.ends("image open acme.flk --unlock-code-file code", 0, "proved to whoever holds the unlock code");
    assert!(!bench.seen().exists());
    bench.ends("image open acme.flk --passphrase-file old", 5, "[passphrase]");
    bench.ends("image open out/images/np02.flk --unlock-code-file code", 5, "[passphrase]");
    bench.put("slip", "AAAAA");
    bench.ends("image open acme.flk --unlock-code-file slip", 2, "an unlock code has 25 symbols");
    let rekey = "image rekey acme.flk --unlock-code-file code --new-passphrase-file new";
    bench.ends(rekey, 5, "the origin of the image is not proved");
    bench.ends(&format!("{rekey} --index out --allowed-signers SIGNERS --out theirs"), 0, "1 image");
    let (code, shown) = bench.at_terminal("image grant acme.flk --out b.flk --unlock-code-file code").unwrap();
    assert!(code == 5 && shown.contains("not proved") && !bench.path("b.flk").exists(), "{shown}");
    // once more into the same file: it stays
    let (code, shown) = bench.at_terminal(grant).unwrap();
    assert!(code == 2 && !unlock.is_match(&shown), "{shown}");
}

#[test]
fn a_demo_is_opened_by_flag_proves_nothing_and_is_not_remembered() {
    let Some(bench) = Bench::new() else { return };
    let site = bench.path("demo-site");
    for (name, bytes) in files(&common::project("examples/01-pump-station")) {
        let path = site.join(&name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    bench.ends("build demo-site --out demo", 0, "4 comply");
    bench.ends("image open demo/images/np07.flk --demo", 0, "not proved: everybody knows the demo passphrase");
    bench.ends("verify demo --demo", 5, "NOT PROVED");
    bench.ends("image rekey demo/images/np07.flk --demo --new-passphrase-file new", 5, "a demo's");
    assert!(!bench.seen().exists());
}

/// The texts that a bundle brings are true, the stock commands in them are run as they stand there.
#[test]
fn a_bundle_is_checked_by_what_every_computer_has() {
    let Some(bench) = Bench::new() else { return };
    let shown = bench.ends(
        "bundle stick --from out --device np07 --device ps7-router --allowed-signers SIGNERS",
        0,
        "2 images with redacted texts",
    );
    assert!(shown.contains("a FAT stick keeps no permissions"), "{shown}");
    let stick = bench.path("stick");
    let names: Vec<String> = files(&stick).into_iter().map(|(name, _)| name).collect();
    let of = |device: &str| names.iter().filter(|name| name.contains(device)).count();
    // M8: what is public of other devices stays at home
    assert_eq!((of("np07"), of("ps7-router"), of("np02"), of("sw04"), names.len()), (8, 7, 0, 0, 20), "{names:?}");
    let shown =
        bench.ends("verify stick --allowed-signers SIGNERS", 0, "looked at 2 of 4 devices that the index names");
    // in a working tree it is kept out of git
    std::fs::create_dir_all(bench.path("tree/.git")).unwrap();
    let bundle = "bundle tree/stick --from out --device np07 --device ps7-router --allowed-signers SIGNERS";
    bench.ends(bundle, 0, "2 images with redacted texts");
    let ignoring = (".gitignore".to_owned(), b"*\n".to_vec());
    let mut expected = [vec![ignoring], files(&stick)].concat();
    expected.sort();
    assert_eq!(files(&bench.path("tree/stick")), expected);
    bench.ends("verify tree/stick --allowed-signers SIGNERS", 0, HOLDS);
    assert_eq!(shown.lines().last(), Some(HOLDS), "as READ-ME-FIRST.txt says: {shown}");

    let text = std::fs::read_to_string(stick.join("READ-ME-FIRST.txt")).unwrap();
    assert!(text.is_ascii() && text.lines().count() > 20 && text.contains(&format!("`{HOLDS}`")), "{text}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "Notepad shows its lines");
    let commands: Vec<&str> = text.lines().map(str::trim).collect();
    let command = |begins: &str| *commands.iter().find(|line| line.starts_with(begins)).unwrap();
    let shell = |line: &str| {
        let mut shell = Command::new("sh");
        told(&shell.args(["-c", line]).current_dir(&stick).output().unwrap())
    };
    let (code, shown) = shell(command("sha256sum"));
    assert!(code == 0 && shown.contains("images/np07.flk: OK") && shown.contains("READ-ME-FIRST.txt: OK"), "{shown}");
    let verify = command("ssh-keygen").replace("YOURS", &bench.signers());
    let (code, shown) = shell(&verify);
    assert!(code == 0 && shown.contains("Good \"fieldlock-index.v1\" signature for ci@example"), "{shown}");
    for name in ["images/np07.flk", "certs/np07/ot-ca.pem"] {
        let asked = format!("certutil -hashfile {}", name.replace('/', "\\"));
        let at = commands.iter().position(|line| line.starts_with(&asked)).unwrap();
        let (_, digest) = shell(&format!("sha256sum {name}"));
        assert_eq!(digest.split(' ').next(), Some(commands[at + 1]));
    }
    let uploaded = commands.iter().position(|line| line == &"certs/np07/ot-ca.pem").unwrap();
    let digest = commands[uploaded + 1].strip_prefix("SHA-256 ").unwrap();
    assert!(
        std::fs::read_to_string(stick.join("SHA256SUMS"))
            .unwrap()
            .contains(&format!("{digest}  certs/np07/ot-ca.pem\n"))
    );
    assert!(std::fs::read_to_string(stick.join("sheets/np07.sheet.md")).unwrap().contains(digest));
    let own: Vec<&&str> = commands.iter().filter(|line| line.starts_with("fieldlock ")).collect();
    assert_eq!(own.len(), 3);
    for (line, extra) in own.iter().zip([" --allowed-signers SIGNERS", "", " --passphrase-file ../old"]) {
        let line = format!("{line}{extra}").replace("SIGNERS", &bench.signers());
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        let program = bench.alone(&mut program).current_dir(&stick).args(line.split(' ').skip(1));
        let (code, shown) = told(&program.output().unwrap());
        assert_eq!(code, 0, "{line}\n{shown}");
    }

    // one bit, of what a person types from too, and every check says so
    for file in ["sheets/np07.sheet.md", "images/np07.flk"] {
        let file = stick.join(file);
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[100] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        assert_ne!(shell(command("sha256sum")).0, 0);
        let shown = bench.ends("verify stick --allowed-signers SIGNERS", 5, "np07: ");
        assert!(!shown.contains(HOLDS) && !shown.contains("origin  proved"), "{shown}");
        bench.ends("bundle again --from stick --allowed-signers SIGNERS", 5, "nothing was bundled");
    }
}

#[test]
fn what_does_not_verify_is_not_bundled() {
    let Some(bench) = Bench::new() else { return };
    let bundle = "bundle stick --from out --allowed-signers SIGNERS";
    bench.ends("bundle stick --from out", 5, "NOT PROVED");
    bench.ends("bundle stick --from out", 5, "it is signed, and you trust nobody yet, yourself included");
    bench.ends("bundle stick --from out --passphrase-file new", 5, "the passphrase is not theirs");
    bench.ends("bundle stick --from nowhere", 2, "nowhere");
    bench.ends(&format!("{bundle} --device np99"), 2, "there is no device in the index called `np99`");
    let text = bench.path("out/redacted/sw04.redacted.sheet");
    let kept = std::fs::read(&text).unwrap();
    std::fs::write(&text, b"x").unwrap();
    bench.ends(bundle, 5, "nothing was bundled");
    assert!(!files(bench.plot.dir.path()).iter().any(|(name, _)| name.contains("stick")), "nothing is left");
    std::fs::write(&text, kept).unwrap();
    // what everybody may read holds no passphrase, not even of a build that somebody else made
    copy(&bench.path("out"), &bench.path("leaking"));
    forge_sheet(&bench.path("leaking"), "sw04", "Before you begin", &format!("Before you begin, {OLD}"));
    let leaking = "bundle stick --from leaking --device sw04 --passphrase-file old";
    let (code, said) = bench.run(leaking);
    assert!(
        code == 5 && said.contains("the passphrase of the group `pump-station` would stand in `sheets/sw04"),
        "{said}"
    );
    assert!(!said.contains(OLD) && !bench.path("stick").exists(), "{said}");
    bench.ends("bundle stick --from out --device sw04 --passphrase-file old", 0, "proved by the passphrase");
    bench.ends(bundle, 2, "a bundle or a build is in `stick`");
    bench.ends("image open out/images/np07.flk --to no/such/place", 2, "no/such/place");
    // a stick with other things on it, and one with a bundle of this site
    std::fs::create_dir_all(bench.path("usb/photos")).unwrap();
    let usb = "bundle usb --from out --allowed-signers SIGNERS";
    let named = Path::new("usb").join("pump-station").display().to_string();
    bench.ends(usb, 2, &format!("fieldlock bundle {named}"));
    bench.ends("bundle usb/pump-station --from out --allowed-signers SIGNERS", 0, "4 images");
    bench.ends(usb, 2, &format!("a bundle or a build is in `{named}`"));
}

/// Rung 4 by git: the files of the commit, whatever the folder looks like, and nothing of the repository runs.
#[test]
fn the_source_is_taken_from_the_commit_of_the_index() {
    let Some(bench) = Bench::new() else { return };
    let site = bench.plot.site();
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=ana", "-c", "user.email=ana@example", "-c", "commit.gpgsign=false"]).args(args);
        let output = git.current_dir(&site).output().unwrap();
        assert!(output.status.success(), "{args:?} {}", told(&output).1);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "as it was built"]);
    let commit = git(&["rev-parse", "HEAD"]);
    let sign: &Sign<'_> = &|index| bench.ci.sign(index);
    let build = |commit: &str, out: &Path| {
        bench.plot.try_build(out, |with| (with.sign, with.commit) = (Some(sign), commit)).unwrap();
    };
    build(&commit, &bench.path("built"));
    let verify = "verify built --site site --allowed-signers SIGNERS";
    let words = format!("rendered again from commit {}", &commit[..7]);
    bench.ends(verify, 0, &words);
    // what lies in the folder by now is not looked at; no filter runs; no object is replaced
    let device = std::fs::read_to_string(site.join("devices/np07.kdl")).unwrap();
    bench.plot.edit("devices/np07.kdl", "cabinet 1", "cabinet 2");
    std::fs::write(site.join(".gitattributes"), "* filter=evil\n").unwrap();
    for key in ["filter.evil.smudge", "filter.evil.clean", "core.fsmonitor"] {
        git(&["config", key, "touch ../evil-ran; cat"]);
    }
    let evil = git(&["hash-object", "-w", "--no-filters", "devices/np07.kdl"]);
    let real = git(&["rev-parse", &format!("{commit}:devices/np07.kdl")]);
    git(&["replace", &real, &evil]);
    let _ = std::fs::remove_file(bench.path("evil-ran"));
    bench.ends(verify, 0, &words);
    assert!(!bench.path("evil-ran").exists());
    std::fs::remove_file(site.join(".gitattributes")).unwrap();
    git(&["replace", "-d", &real]);

    // built from what no commit has: the commit gives another text
    // another build from the same index: to a laptop that saw the first it would be stale
    let forget = || std::fs::remove_file(bench.seen()).unwrap();
    forget();
    build(&commit, &bench.path("dirty"));
    let other = verify.replace("verify built", "verify dirty");
    bench.ends(&other, 3, "DIFFERS   np07: ");
    bench.ends("verify dirty --allowed-signers SIGNERS", 0, "not checked");
    forget();
    // a commit that is not there, and one that is none
    build(&"0".repeat(40), &bench.path("lost"));
    bench.ends(&verify.replace("verify built", "verify lost"), 2, "the source has no commit");
    build("--output=x", &bench.path("odd"));
    bench.ends(&verify.replace("verify built", "verify odd"), 2, "UNREADABLE   4 of 4: the index names no commit");
    std::fs::write(site.join("devices/np07.kdl"), device).unwrap();
    assert!(!bench.seen().exists(), "what does not hold is not remembered");

    // the whole proof, with the secrets
    let rebuild = format!("{verify} --rebuild --secrets secrets --passphrase-file old");
    bench.ends(&rebuild, 0, "the same, byte for byte");
    bench.plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    bench.ends(&rebuild, 3, "DIFFERS   sw04: ");
}
