//! `return` and `restore`, killed before any of their moves and syncs of a file: the site is as it was or as it is to
//! be, the journal says what may have been done, and the same again ends as if nothing had been.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::{Event, Outcome};

use crate::applying::{Bench, answers};
use crate::common;

/// What moves a file, or brings one onto the disk; `?`: not every machine has it.
const CALLS: &str = "?rename,renameat,renameat2,linkat,fsync,?sync_file_range,syncfs";

/// Whether the program was killed before its n-th such call: it ended before that else.
fn killed(bench: &Bench, at: usize, args: &[&str]) -> bool {
    let inject = format!("inject={CALLS}:signal=SIGKILL:when={at}");
    let trace = format!("trace={CALLS}");
    let strace = ["-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    let mut program = Command::new("strace");
    program.args(strace).arg(env!("CARGO_BIN_EXE_fieldlock")).args(args);
    let quiet = bench.home(&mut program).stdout(Stdio::null()).stderr(Stdio::null());
    use std::os::unix::process::ExitStatusExt as _;
    quiet.status().unwrap().signal() == Some(9)
}

fn has_strace() -> bool {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
    common::needs::must("`strace`, which kills a program at a call of the system,", traced.is_ok_and(|s| s.success()))
}

fn tree(path: &Path) -> BTreeMap<String, Vec<u8>> {
    common::files(path).into_iter().collect()
}

#[test]
fn a_killed_return_leaves_the_site_as_it_was_or_as_it_is_to_be() {
    let Some(bench) = Bench::new().filter(|_| has_strace()) else { return };
    bench.save(&answers(&bench.sheet(), 1, ""));
    common::copy(&bench.path("site"), &bench.path("before"));
    let home = ["return", "out", "--site", "site", "--sign-key", "key"];
    bench.ends(0, &home);
    let (before, after) = (tree(&bench.path("before")), tree(&bench.path("site")));
    assert!(after.len() >= before.len() + 4, "receipt, signature, lines and answers are new");
    let mut kills = 0;
    for at in 1.. {
        std::fs::remove_dir_all(bench.path("site")).unwrap();
        common::copy(&bench.path("before"), &bench.path("site"));
        if !killed(&bench, at, &home) {
            break;
        }
        kills += 1;
        // whoever reads says so, or sees one of both
        bench.ends(0, &["check", "site", "--device", "np07", "--secrets", "secrets"]);
        let told = bench.ends(0, &home);
        assert!(told.contains("commit") || told.contains("in the site already"), "kill at {at}: {told}");
        let now = tree(&bench.path("site"));
        let differ: Vec<&String> = after.keys().filter(|name| now.get(*name) != after.get(*name)).collect();
        assert!(differ.is_empty() && now.len() == after.len(), "kill at {at}: {differ:?}");
    }
    assert!(kills >= 4, "killed at {kills} calls only");
}

#[test]
fn a_killed_restore_leaves_its_journal_true() {
    let Some(bench) = Bench::new().filter(|_| has_strace()) else { return };
    let export = "np02.ini";
    let with = ["--by", "ot-lead", "--from", "out", "--passphrase-file", "phrase"];
    let file = ["--backup", export, "--file", "import.ini", "--laptop", "10.20.0.10"];
    bench.ends(6, &[&["apply", "np02"][..], &with, &file].concat());
    bench.ends(6, &["apply", "np02", "--by", "ot-lead", "--from", "out", "--stop", "not today"]);
    let backup = format!("out/backups/{}", common::files(&bench.path("out/backups"))[0].0);
    let receipts = || bench.receipts().len();
    let before = receipts();
    let restore = ["restore", "np02", "--by", "ot-lead", "--reason", "CHG-1", "--to", "back.ini", "--serial", "4102"];
    let restore = [&restore[..], &["--imported", "--passphrase-file", "phrase", "--backup", &backup]].concat();
    let journal = bench.path("state/fieldlock/journals/pump-station~np02/journal");
    let read = || std::fs::read(&journal).ok().filter(|bytes| !bytes.is_empty()).map(|b| Receipt::parse(&b).unwrap());
    let mut kills = 0;
    for at in 1.. {
        let _ = std::fs::remove_file(bench.path("back.ini"));
        if !killed(&bench, at, &restore) {
            break;
        }
        kills += 1;
        let written = bench.path("back.ini").exists();
        match read() {
            Some(journal) => {
                let says = journal.lines().iter().any(|line| matches!(line.event, Event::Backup(_)));
                assert!(says, "kill at {at}: it says which state was written out");
            }
            // nothing was begun, or all of it is in a receipt
            None => assert!(!written || receipts() > before, "kill at {at}: written, and nobody knows"),
        }
        if written {
            let whole = std::fs::read(bench.path("back.ini")).unwrap();
            assert!(whole == std::fs::read(bench.path(export)).unwrap(), "kill at {at}: a part of it");
        }
        bench.ends(0, &restore);
        assert!(read().is_none(), "kill at {at}: the journal is put away");
        let ended = bench.receipts().into_iter().filter(|r| r.ended().unwrap().outcome == Outcome::Undone).count();
        assert!(ended > 0, "kill at {at}: no receipt");
    }
    assert!(kills >= 4, "killed at {kills} calls only");
}
