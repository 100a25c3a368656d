//! Invariant 18: journals, staging folders, locks and lists that lie in a folder are never believed, and what was
//! interrupted is finished or told. Through the program, as an attacker and as a power cut would have it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::{common, generate};

const OLD: &str = "penstock tailrace sluice eel-ladder 71";
const NEW: &str = "kingfisher culvert gauge-board flume 58";

const NEW_SITE: &str = "--name own --platform mx-ros --zone control=10.20.0.0/16 --station eng-01=10.20.0.10 --station \
                        eng-02=10.20.0.11 --log-server 10.20.0.9 --time-server 10.20.0.5 --timezone Europe/London --person \
                        ana --owner ana";

/// A clone of a site, a person's home beside it, and two passphrases.
struct Clone(tempfile::TempDir);

impl Clone {
    /// With secrets, and built where that is asked for.
    fn new(built: bool) -> Clone {
        let clone = Clone(tempfile::tempdir().unwrap());
        common::copy(&common::project("examples/03-sealed"), &clone.at("site"));
        let _ = fs::remove_dir_all(clone.at("site/out"));
        for (name, text) in [("old", OLD), ("new", NEW), ("home/.ssh/authorized_keys", "mine")] {
            fs::create_dir_all(clone.at(name).parent().unwrap()).unwrap();
            fs::write(clone.at(name), text).unwrap();
        }
        fs::create_dir_all(clone.at("home/.config/fieldlock")).unwrap();
        clone.ends("secret generate --missing --passphrase-file ../old", 0);
        if built {
            clone.ends("build --passphrase-file ../old", 0);
        }
        clone
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn program(&self, wrapper: &[&str], line: &str) -> Command {
        // what is there to read is bounded: so is the memory that it may take
        let limited = "ulimit -v 4000000 && exec \"$@\"";
        let mut program = Command::new("/bin/sh");
        program.args(["-c", limited, "sh"]).args(wrapper).arg(env!("CARGO_BIN_EXE_fieldlock")).args(line.split(' '));
        common::at_home(&mut program, &self.at("home")).current_dir(self.at("site")).stdin(Stdio::null());
        program
    }

    fn run(&self, line: &str) -> (String, Option<i32>) {
        let Output { status, stdout, stderr } = self.program(&[], line).output().unwrap();
        (String::from_utf8([stdout, stderr].concat()).unwrap(), status.code())
    }

    #[track_caller]
    fn ends(&self, line: &str, wanted: i32) -> String {
        let (said, code) = self.run(line);
        assert_eq!(code, Some(wanted), "{line}: {said}");
        said
    }

    /// Everything in the home but what fieldlock itself remembers there.
    fn victim(&self) -> BTreeMap<String, String> {
        let mut all = tree(&self.at("home"));
        all.retain(|name, _| ![".local", ".cache"].iter().any(|own| name.starts_with(own)));
        all
    }
}

/// All that lies beneath a folder: a link by where it leads, a file by its size and beginning.
fn tree(base: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut folders = vec![base.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
            let (path, data) = (entry.path(), entry.path().symlink_metadata().unwrap());
            let what = if data.is_dir() {
                folders.push(path.clone());
                "folder".to_owned()
            } else if data.is_symlink() {
                format!("link to {}", fs::read_link(&path).unwrap().display())
            } else if data.len() > 1 << 20 {
                format!("{} bytes", data.len())
            } else {
                format!("{:?}", fs::read(&path).unwrap_or_default())
            };
            all.insert(path.strip_prefix(base).unwrap().display().to_string().replace('\\', "/"), what);
        }
    }
    all
}

/// Everything that a clone can bring along under names that are ours, all of it leading to the person's home.
fn plant(folder: &Path) {
    let home = "../../home";
    let new = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    new(".fieldlock-previous/x/authorized_keys", "KEY");
    new(".fieldlock-previous/signers/allowed_signers", "KEY");
    new(".fieldlock-previous/.fieldlock-new", "x/authorized_keys\n");
    new(".fieldlock-done/x/authorized_keys", "KEY");
    new(".fieldlock-new-2/n0", "KEY");
    new(".fieldlock-switch", r#"[{"name":"x/authorized_keys","number":0,"new":true,"old":true}]"#);
    symlink(format!("{home}/.ssh"), folder.join(".fieldlock-staging")).unwrap();
    symlink(format!("{home}/.ssh"), folder.join(".fieldlock-new-1")).unwrap();
    symlink(format!("{home}/.ssh/authorized_keys"), folder.join(".fieldlock-lock")).unwrap();
    symlink(format!("{home}/.ssh/not-there"), folder.join(".fieldlock-list")).unwrap();
    fs::File::create(folder.join(".fieldlock-files")).unwrap().set_len(20 << 30).unwrap();
}

const LITTER: usize = 9;

fn links(folder: &Path) {
    symlink("../../home/.ssh", folder.join("x")).unwrap();
    symlink("../../home/.config/fieldlock", folder.join("signers")).unwrap();
    symlink("../../home/.ssh/not-there", folder.join("y")).unwrap();
}

fn ours(folder: &Path) -> BTreeMap<String, String> {
    let mut all = tree(folder);
    all.retain(|name, _| name.starts_with(".fieldlock-"));
    all
}

/// The very attack of a clone with an output folder in it, with the links and without them.
#[test]
fn invariant_18_a_clones_output_folder_is_not_recovered() {
    for with_links in [true, false] {
        let clone = Clone::new(false);
        let out = clone.at("site/out");
        plant(&out);
        if with_links {
            links(&out);
        }
        let (victim, litter) = (clone.victim(), ours(&out));
        for line in ["build --secrets placeholder --out out", "build --passphrase-file ../old"] {
            // somebody else's files are in the way of a build; what only looks like our own is not
            let said = clone.run(line).0;
            assert_eq!(said.contains("that no build on this computer left there"), with_links, "{said}");
            if !with_links {
                assert_eq!(said.matches("was not left there by a run on this computer").count(), LITTER, "{said}");
            }
            assert_eq!((clone.victim(), ours(&out)), (victim.clone(), litter.clone()), "{line}: {said}");
            if !with_links && line.contains("placeholder") {
                fs::remove_dir_all(&out).unwrap();
                plant(&out);
            }
        }
        if with_links {
            continue;
        }
        assert_eq!(fs::read_to_string(out.join(".gitignore")).unwrap(), "*\n");
        let passphrase = "--passphrase-file ../old";
        for line in [
            format!("verify out {passphrase}"),
            format!("bundle ../stick --from out {passphrase}"),
            "image inspect out/images/np21.flk".to_owned(),
            format!("image open out/images/np21.flk {passphrase} --to ../content"),
            format!("image rekey out/images/np21.flk {passphrase} --new-passphrase-file ../new --out ../rekeyed"),
            format!("build {passphrase}"),
        ] {
            let said = clone.ends(&line, 0);
            assert_eq!(said.matches("was not left there by a run on this computer").count(), LITTER, "{line}: {said}");
            assert_eq!((clone.victim(), ours(&out)), (victim.clone(), litter.clone()), "{line}: {said}");
        }
    }
}

#[test]
fn invariant_18_a_clones_secrets_are_not_recovered() {
    let clone = Clone::new(false);
    let folder = clone.at("site/secrets");
    plant(&folder);
    links(&folder);
    fs::write(clone.at("value"), "Kq7-weir-Wz-eel-3").unwrap();
    let (victim, litter) = (clone.victim(), ours(&folder));
    let passphrase = "--passphrase-file ../old";
    for line in [
        format!("secret list {passphrase}"),
        format!("secret set shared/own --from-file ../value {passphrase}"),
        format!("secret generate shared/more {passphrase}"),
        format!("secret generate --missing {passphrase}"),
        format!("secret rotate shared/more {passphrase}"),
        format!("build {passphrase}"),
        format!("secret passphrase {passphrase} --new-passphrase-file ../new"),
    ] {
        let said = clone.ends(&line, 0);
        assert_eq!(said.matches("was not left there by a run on this computer").count(), LITTER, "{line}: {said}");
        assert_eq!((clone.victim(), ours(&folder)), (victim.clone(), litter.clone()), "{line}: {said}");
    }
    clone.ends("secret list --passphrase-file ../new", 0);
}

/// Links of every kind in the place of what a verb writes to.
#[test]
fn nothing_is_written_through_a_link_of_a_clone() {
    let clone = Clone::new(true);
    fs::rename(clone.at("site/out"), clone.at("home/out")).unwrap();
    fs::rename(clone.at("site/secrets"), clone.at("home/secrets")).unwrap();
    symlink("../home/out", clone.at("site/out")).unwrap();
    symlink("../home/secrets", clone.at("site/secrets")).unwrap();
    symlink("../home", clone.at("site/reports")).unwrap();
    symlink("../home/.ssh/not-there", clone.at("site/dangling")).unwrap();
    symlink("../home/.ssh/authorized_keys", clone.at("site/page")).unwrap();
    let victim = clone.victim();
    let (old, new) = ("--passphrase-file ../old", "--new-passphrase-file ../new");
    for (line, code) in [
        (format!("build {old}"), 5),
        ("build --secrets placeholder --out reports/out".to_owned(), 5),
        ("build --secrets placeholder --out dangling".to_owned(), 2),
        ("check --output reports/.ssh/authorized_keys".to_owned(), 5),
        ("check --output page".to_owned(), 5),
        ("check --output dangling".to_owned(), 2),
        (format!("bundle reports/stick --from ../home/out {old}"), 5),
        (format!("bundle page --from ../home/out {old}"), 5),
        (format!("image open ../home/out/images/np21.flk {old} --to reports/content"), 5),
        (format!("image rekey out/images/np21.flk {old} {new}"), 5),
        (format!("image rekey np21 {old} {new}"), 5),
        (format!("image rekey ../home/out/images/np21.flk {old} {new} --out reports/rekeyed"), 5),
        (format!("secret generate shared/x {old}"), 2),
        (format!("secret rotate np21/ot-lead {old}"), 2),
        (format!("secret passphrase {old} {new}"), 2),
    ] {
        let said = clone.ends(&line, code);
        assert_eq!(clone.victim(), victim, "{line}: {said}");
    }
    fs::write(clone.at("what"), "w").unwrap();
    symlink("../home", clone.at("site/receipts")).unwrap();
    let emergency = "apply np21 --by ben --emergency I1 --what w";
    for (line, code, told) in [
        ("schema --write reports".to_owned(), 5, "leads out of the site"),
        ("schema --write reports/.ssh".to_owned(), 5, "leads out of the site"),
        (format!("init reports/own {NEW_SITE}"), 5, "leads out of the site"),
        (
            "restore np21 --by ben --reason x --backup ../what --to reports/np21.ini".to_owned(),
            5,
            "leads out of the site",
        ),
        ("apply np21 --by ben --resume --to reports".to_owned(), 5, "leads out of the site"),
        (emergency.to_owned(), 2, "a link stands in its place"),
        (format!("{emergency} --to reports"), 5, "leads out of the site"),
    ] {
        let said = clone.ends(&line, code);
        assert!(said.contains(told) && clone.victim() == victim, "{line}: {said}");
    }
    fs::remove_file(clone.at("site/receipts")).unwrap();
    // nothing was begun by what was refused
    clone.ends(emergency, 0);
    fs::remove_dir_all(clone.at("site/receipts")).unwrap();
    // a link that stays in the site is the site's own business
    fs::create_dir(clone.at("site/pages")).unwrap();
    symlink("pages", clone.at("site/here")).unwrap();
    let (said, _) = clone.run("check --output here/check.txt");
    assert!(clone.at("site/pages/check.txt").is_file(), "{said}");
}

/// A copy of a build is no build of this computer, even with all that we left in it.
#[test]
fn a_copied_output_folder_is_not_believed() {
    let clone = Clone::new(true);
    common::copy(&clone.at("site/out"), &clone.at("copy"));
    fs::rename(clone.at("site/out"), clone.at("first")).unwrap();
    fs::rename(clone.at("copy"), clone.at("site/out")).unwrap();
    let before = tree(&clone.at("site/out"));
    let said = clone.ends("build --passphrase-file ../old", 2);
    assert!(said.contains("that no build on this computer left there") && said.contains("--previous"), "{said}");
    assert_eq!(tree(&clone.at("site/out")), before);
    clone.ends("build --passphrase-file ../old --out ../next --previous out", 0);
    // the folder itself may be moved
    clone.ends("build --passphrase-file ../old --out ../first", 0);
}

/// Kills the program before its n-th move of a file; `None` where it ended before that.
fn killed(clone: &Clone, line: &str, at: usize) -> bool {
    let inject = format!("inject=renameat,renameat2:signal=SIGKILL:when={at}");
    let strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat,renameat2", "-e", &inject];
    let status = clone.program(&strace, line).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    !status.success()
}

fn has_strace() -> bool {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
    common::needs::must("`strace`, which kills a program at a call of the system,", traced.is_ok_and(|s| s.success()))
}

#[test]
fn a_killed_change_of_the_passphrase_goes_on_and_says_so() {
    if !has_strace() {
        return;
    }
    let change = "secret passphrase --passphrase-file ../old --new-passphrase-file ../new";
    let mut interrupted = 0;
    for at in 1.. {
        let clone = Clone::new(false);
        if !killed(&clone, change, at) {
            break;
        }
        let told = "a change of the secrets that was interrupted";
        // whoever reads is told, the new passphrase opening what is there or not
        let seen = ["secret list", "diff"].map(|verb| {
            let (said, _) = clone.run(&format!("{verb} --passphrase-file ../new"));
            said.contains(told)
        });
        assert_eq!(seen[0], seen[1], "move {at}");
        let said = clone.run("secret generate shared/more --passphrase-file ../new");
        if seen[0] {
            interrupted += 1;
            assert!(said.1 == Some(0) && said.0.contains("it is finished now"), "move {at}: {said:?}");
        }
        let holds = if said.1 == Some(0) { "../new" } else { "../old" };
        let said = clone.ends(&format!("secret list --passphrase-file {holds}"), 0);
        assert!(!said.contains(told), "{said}");
        assert_eq!(ours(&clone.at("site/secrets")), BTreeMap::new(), "nothing is left behind");
    }
    assert!(interrupted > 2, "only {interrupted} moves were interrupted");
}

/// What moves files of a site by hand of a person, killed: whoever reads says so, and nobody builds of half of it.
#[test]
fn a_killed_change_of_the_site_is_told_by_whoever_reads_and_nothing_is_built_of_it() {
    if !has_strace() {
        return;
    }
    let told = "a change of the site, by";
    let retire = "retire np21 . --by ben --reason replaced";
    let mut interrupted = 0;
    for at in 1.. {
        let clone = Clone::new(true);
        if !killed(&clone, retire, at) {
            break;
        }
        let half = clone.run("check").0.contains(told);
        for line in ["show weir-router", "diff", "report inventory", "capture weir-router --blank"] {
            let said = clone.run(line).0;
            assert_eq!(said.contains(told), half, "move {at}, {line}: {said}");
        }
        if half {
            interrupted += 1;
            let before = tree(&clone.at("site/out"));
            let said = clone.ends("build --passphrase-file ../old", 5);
            assert!(said.contains(told) && tree(&clone.at("site/out")) == before, "move {at}: {said}");
        }
        let said = clone.run(retire).0;
        assert_eq!(said.contains("it is finished now"), half, "move {at}: {said}");
        assert!(!clone.at("site/devices/np21.kdl").exists() && !clone.run("check").0.contains(told));
    }
    assert!(interrupted > 1, "only {interrupted} moves were interrupted");
}

/// A full disk takes a name and no byte: what stands empty for git is written again.
#[test]
fn an_empty_file_for_git_is_written_again() {
    let clone = Clone::new(true);
    let files = ["secrets/.gitignore", "secrets/.gitattributes", "out/.gitignore", "out/.gitattributes"];
    let texts = || files.map(|name| fs::read_to_string(clone.at("site").join(name)).unwrap());
    let before = texts();
    assert!(before.iter().all(|text| !text.is_empty()));
    files.iter().for_each(|name| fs::write(clone.at("site").join(name), "").unwrap());
    clone.ends("secret rotate np21/ot-lead --passphrase-file ../old", 0);
    clone.ends("build --passphrase-file ../old", 0);
    assert_eq!(texts(), before);
}

/// An emergency whose receipt can't be written goes on without a build, by `--resume` or by the same again.
#[test]
fn the_receipt_of_an_emergency_is_written_later_without_a_build() {
    let emergency = "apply np21 --by ben --emergency I1 --what w";
    for again in ["apply np21 --by ben --resume", "apply np21 --by ben --resume --from .", emergency] {
        let clone = Clone::new(false);
        fs::write(clone.at("site/receipts"), "").unwrap();
        let said = clone.ends(emergency, 2);
        assert!(said.contains("nothing was changed"), "{said}");
        fs::remove_file(clone.at("site/receipts")).unwrap();
        // the receipt lies there and can't be signed
        clone.ends(&format!("{emergency} --sign-key ../none"), 2);
        let said = clone.ends(again, 0);
        assert!(said.contains("receipt  "), "{again}: {said}");
        assert_eq!(fs::read_dir(clone.at("site/receipts")).unwrap().count(), 1, "{again}: {said}");
        // it is put away
        let said = clone.ends("apply np21 --by ben --resume", 2);
        assert!(said.contains("there is no `index.json`") || said.contains("out"), "{said}");
    }
}

/// Where nobody can be told what was done, the error says that it was.
#[test]
fn what_was_done_is_told_where_the_results_can_not_be() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let clone = Clone::new(false);
    for (line, done) in [
        ("policy pin", "the site is changed all the same (files written: 1, gone: 0)"),
        ("build --passphrase-file ../old", "holds this build all the same"),
        ("bundle ../stick --passphrase-file ../old", "holds the bundle all the same"),
        ("apply np21 --by ben --emergency I1 --what w", "the receipt is written: "),
        ("retire np21 --by ben --reason x", "the site is changed all the same ("),
        (&*format!("init ../own {NEW_SITE}"), "the site is changed all the same ("),
    ] {
        let output = clone.program(&[], line).stdout(full.try_clone().unwrap()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(done), "{line}: {said}");
    }
    let said = clone.ends("retire weir-router --by ben --reason x --output ../none/page", 2);
    assert!(said.contains("the site is changed all the same ("), "{said}");
}

#[test]
fn a_killed_build_is_told_by_whoever_reads_and_finished_by_the_next() {
    if !has_strace() {
        return;
    }
    let mut interrupted = 0;
    for at in (1..).step_by(5) {
        let clone = Clone::new(true);
        clone.ends("secret rotate np21/ot-lead --passphrase-file ../old", 0);
        if !killed(&clone, "build --passphrase-file ../old", at) {
            break;
        }
        let seen =
            clone.run("verify out --passphrase-file ../old").0.contains("a build or rekeying that was interrupted");
        interrupted += usize::from(seen);
        for line in ["bundle ../stick --passphrase-file ../old", "image inspect np21"] {
            let said = clone.run(line).0;
            assert_eq!(said.contains("a build or rekeying that was interrupted"), seen, "move {at}, {line}: {said}");
        }
        let said = clone.ends("build --passphrase-file ../old", 0);
        assert_eq!(said.contains("it is finished now"), seen, "{said}");
        clone.ends("verify out --passphrase-file ../old", 0);
        assert_eq!(ours(&clone.at("site/out")), BTreeMap::new(), "nothing is left behind");
    }
    assert!(interrupted > 1, "only {interrupted} moves were interrupted");
}

/// Of a build and beside one: all images have one passphrase, the old or the new, once somebody rekeys or builds again.
#[test]
fn a_killed_rekeying_is_told_by_whoever_reads_and_finished_by_the_next() {
    if !has_strace() {
        return;
    }
    let mut interrupted = 0;
    for (folder, images) in [("out", "out/images"), ("../stick", "../stick/images")] {
        let both = format!("{images}/np21.flk {images}/weir-router.flk");
        let rekey = format!("image rekey {both} --passphrase-file ../old --new-passphrase-file ../new");
        for at in 1.. {
            let clone = Clone::new(true);
            common::copy(&clone.at("site/out"), &clone.at("stick"));
            if !killed(&clone, &rekey, at) {
                break;
            }
            let told = "rekeying that was interrupted";
            let seen = clone.run(&format!("verify {folder} --passphrase-file ../old")).0.contains(told);
            interrupted += usize::from(seen);
            let said = clone.run(&format!("image inspect {images}/np21.flk")).0;
            assert_eq!(said.contains(told), seen, "{folder}, move {at}: {said}");
            // it ends as it was meant to, before the next is asked for a passphrase that fits
            let (said, _) = clone.run(&rekey);
            assert_eq!(said.contains("it is finished now"), seen, "{folder}, move {at}: {said}");
            for image in ["np21", "weir-router"] {
                clone.ends(&format!("image open {images}/{image}.flk --passphrase-file ../new"), 0);
            }
            assert_eq!(ours(&clone.at("site").join(folder)), BTreeMap::new(), "nothing is left behind");
            assert!(!clone.at("site").join(images).join(".gitignore").exists());
            // a build of this computer goes on with its own folder as before
            clone.ends("build --passphrase-file ../old", 0);
        }
    }
    assert!(interrupted > 3, "only {interrupted} moves were interrupted");
}

/// The calls of a run: what is made, moved and synced, with the path of what is synced.
fn calls(clone: &Clone, program: impl FnOnce(&[&str]) -> Command) -> Vec<String> {
    let log = clone.at("log");
    let calls = "trace=openat,renameat,renameat2,syncfs,fsync";
    let mut program = program(&["strace", "-f", "-y", "-qq", "-o", log.to_str().unwrap(), "-e", calls]);
    assert!(program.stdout(Stdio::null()).status().unwrap().success());
    fs::read_to_string(&log).unwrap().lines().map(str::to_owned).collect()
}

fn all(calls: &[String], wanted: impl Fn(&str) -> bool) -> Vec<usize> {
    calls.iter().enumerate().filter(|(_, call)| wanted(call)).map(|(at, _)| at).collect()
}

/// A power cut leaves the old or the new: each new file is synced before the first move, and the moves after the last.
#[test]
fn everything_is_on_the_disk_before_the_first_move() {
    if !has_strace() {
        return;
    }
    let clone = Clone::new(true);
    clone.ends("secret rotate np21/ot-lead --passphrase-file ../old", 0);
    for line in ["build --passphrase-file ../old", "secret rotate np21/ot-lead --passphrase-file ../old"] {
        let calls = calls(&clone, |strace| clone.program(strace, line));
        let made = all(&calls, |c| c.contains("O_CREAT") && c.contains("new-1>, \"n"));
        let moves = all(&calls, |c| c.contains("renameat"));
        let synced = all(&calls, |c| c.contains("fsync(") && c.contains("new-1/n"));
        assert!(!made.is_empty() && made.len() == synced.len(), "{calls:#?}");
        assert!(made.last() < synced.first() && synced.last() < moves.first(), "{calls:#?}");
        let folder = if line.starts_with("build") { "/site/out>" } else { "/site/secrets>" };
        let after = all(&calls, |c| c.contains("fsync(") && c.contains(folder));
        assert!(moves.last() < after.last() && all(&calls, |c| c.contains("syncfs")).is_empty(), "{calls:#?}");
    }
}

/// Of a fleet not each file by itself: its file system, once before the moves and once after.
#[test]
fn a_fleet_is_synced_at_once() {
    if !has_strace() {
        return;
    }
    let clone = Clone::new(false);
    generate::fleet(&clone.at("fleet"), 20, generate::Purpose::Build);
    fs::write(clone.at("map"), generate::secrets(20)).unwrap();
    let line = "build ../fleet --out ../fleet-out --secrets - --passphrase-file ../old";
    let calls = calls(&clone, |strace| {
        let mut program = clone.program(strace, line);
        program.stdin(fs::File::open(clone.at("map")).unwrap());
        program
    });
    // files for git stand in the folder before the first of the build
    let moves = all(&calls, |c| c.contains("renameat") && !c.contains("\".git"));
    let synced = all(&calls, |c| c.contains("syncfs("));
    assert!(moves.len() > 64 && synced.len() == 2, "{synced:?}");
    assert!(synced[0] < moves[0] && moves[moves.len() - 1] < synced[1]);
    assert!(all(&calls, |c| c.contains("fsync(")).len() < 20);
}

/// Programs that we start have no descriptor but their own three: a passphrase or secrets may be read from another.
#[test]
fn no_program_that_is_started_inherits_a_descriptor() {
    let clone = Clone::new(false);
    let (bin, log) = (clone.at("bin"), clone.at("log"));
    fs::create_dir(&bin).unwrap();
    for program in ["git", "age", "ssh-keygen"] {
        let script = format!("#!/bin/sh\necho {program} >>{0}\nls -l /proc/self/fd >>{0}\nexit 1\n", log.display());
        fs::write(bin.join(program), script).unwrap();
        fs::set_permissions(bin.join(program), PermissionsExt::from_mode(0o755)).unwrap();
    }
    fs::write(clone.at("map"), "{}").unwrap();
    for more in ["--passphrase-fd 3", "--secrets-fd 4 --passphrase-fd 3"] {
        let line = format!("build {more} --sign-key ../old");
        let given = ["sh", "-c", "exec \"$@\" 3<../old 4<../map 7<../new", "sh"];
        let mut program = clone.program(&given, &line);
        let said = program.env("PATH", format!("{}:/usr/bin:/bin", bin.display())).output().unwrap();
        let (log, root) = (fs::read_to_string(&log).unwrap_or_default(), clone.0.path().display().to_string());
        assert!(log.contains("git\n"), "a program was started: {}", String::from_utf8_lossy(&said.stderr));
        let held =
            log.lines().filter(|line| ["old", "new", "map"].iter().any(|f| line.ends_with(&format!("{root}/{f}"))));
        assert_eq!(held.collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
