//! The vendor's tool in place of a person at the console, against a stand-in that was written from its documented
//! interface: the tool itself was not at hand.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use fieldlock::ledger::receipt::{Event, How, Outcome, RowStatus};

use crate::applying::Bench;
use crate::common;

/// Arguments and numbers as a public script has them; what it is told and what the device has lie beside it.
const STAND_IN: &str = r#"#!/usr/bin/env python3
import os, sys
here = os.path.dirname(os.path.abspath(__file__))
at = lambda name: os.path.join(here, name)
read = lambda name: open(at(name), newline="").read()
open(at("log"), "a").write(" ".join(sys.argv[1:]) + "\n")
args = dict(zip(sys.argv[2:], sys.argv[3:]))
if sys.argv[1] != "-cfg": sys.exit(256 - 12)
if args.get("-i") != "10.20.7.2": sys.exit(256 - 1)
if (args.get("-u"), args.get("-p")) != ("ot-lead", read("password")): sys.exit(256 - 2)
if args.get("-dk") != "moxa": sys.exit(256 - 10)
if "-ex" in sys.argv:
    open("10.20.7.2.ini", "w", newline="").write(read("device"))
    sys.exit(0)
if os.path.exists(at("refuses")): sys.exit(256 - 6)
keys, section = {}, ""
for line in open(args["-f"], newline="").read().split("\r\n"):
    if line.startswith("["): section = line
    elif "=" in line: keys[section, line.split("=")[0]] = line
lines, section = [], ""
for line in read("device").split("\r\n"):
    if line.startswith("["): section = line
    elif "=" in line and not line.startswith("SNMP Mode"): line = keys.get((section, line.split("=")[0]), line)
    if line.startswith("User Pass #2="): open(at("password"), "w").write(line.split("=", 1)[1])
    lines.append(line)
open(at("device"), "w", newline="").write("\r\n".join(lines))
"#;

const APPLY: [&str; 17] = [
    "apply",
    "np02",
    "--by",
    "ot-lead",
    "--from",
    "out",
    "--passphrase-file",
    "phrase",
    "--laptop",
    "10.20.0.10",
    "--vendor-tool",
    "10.20.7.2",
    "--tool-user",
    "ot-lead",
    "--tool-password-file",
    "now",
    "--to",
];

struct Tool {
    bench: Bench,
}

impl Tool {
    fn new() -> Option<Tool> {
        let bench = Bench::new()?;
        std::fs::create_dir(bench.path("bin")).unwrap();
        let program = bench.path("bin/mcc_tool");
        std::fs::write(&program, STAND_IN).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::copy(bench.path("np02.ini"), bench.path("bin/device")).unwrap();
        for name in ["now", "bin/password"] {
            std::fs::write(bench.path(name), "the one before").unwrap();
        }
        Some(Tool { bench })
    }

    #[track_caller]
    fn ends(&self, code: i32, args: &[&str]) -> String {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        let path = std::env::var("PATH").unwrap();
        program.args(args).env("PATH", format!("{}:{path}", self.bench.path("bin").display()));
        let output = self.bench.home(&mut program).output().unwrap();
        let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}: {shown}");
        shown
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.bench.path("bin/log")).unwrap_or_default()
    }

    /// Nothing that the tool was given or gave is left.
    fn leaves_nothing(&self) {
        let left = common::files(&self.bench.path("state/fieldlock/tool"));
        assert!(
            left.iter().all(|(_, bytes)| bytes.is_empty()),
            "{:?}",
            left.iter().map(|(n, _)| n).collect::<Vec<_>>()
        );
    }
}

#[test]
fn the_tool_exports_imports_and_exports_again() {
    let Some(tool) = Tool::new() else { return };
    let value = std::fs::read_to_string(tool.bench.path("secrets/np02/ot-lead")).unwrap();
    let told = tool.ends(6, &[&APPLY[..], &["rec"]].concat());
    assert!(told.contains("left  [SNMP Agent] SNMP Mode") && !told.contains(value.trim()), "{told}");
    let log = tool.log();
    let calls: Vec<&str> = log.lines().collect();
    assert_eq!(calls.len(), 3, "{log}");
    assert_eq!(calls[0], "-cfg -ex -i 10.20.7.2 -u ot-lead -p the one before -dk moxa -t 60");
    assert!(
        calls[1].starts_with("-cfg -im -i 10.20.7.2 -u ot-lead -p the one before -dk moxa -f ")
            && calls[1].ends_with(" -t 120")
    );
    assert!(calls[2].contains(&format!("-ex -i 10.20.7.2 -u ot-lead -p {} ", value.trim())), "by its new password");
    tool.leaves_nothing();
    tool.ends(6, &["apply", "np02", "--by", "ot-lead", "--from", "out", "--to", "rec", "--stop", "the rest is typed"]);
    let files = common::files(&tool.bench.path("rec/receipts"));
    let receipt = fieldlock::ledger::Receipt::read(&files[0].1).unwrap();
    let (other, done): (Vec<_>, Vec<_>) = receipt.rows().into_iter().partition(|row| row.status == RowStatus::Other);
    assert!(other.len() == 1 && done.len() > 20, "{other:?}");
    assert_eq!(receipt.ended().unwrap().outcome, Outcome::Stopped);
    let read = receipt.lines().iter().any(|line| matches!(&line.event, Event::Identity(seen) if seen.how == How::Read));
    assert!(read && tool.bench.path("rec/captures/np02.ini").exists());
    for (name, bytes) in common::files(&tool.bench.path("rec")) {
        assert!(!bytes.windows(value.trim().len()).any(|window| window == value.trim().as_bytes()), "{name}");
    }
}

#[test]
fn what_the_tool_ends_with_is_said() {
    let Some(tool) = Tool::new() else { return };
    let with = |at: usize, text: &'static str| {
        let mut args = [&APPLY[..], &["rec"]].concat();
        args[at] = text;
        args
    };
    let told = tool.ends(4, &with(11, "10.20.7.3"));
    assert!(told.contains("no device answers there") && told.contains("nothing was sent"), "{told}");
    assert!(tool.ends(5, &with(13, "somebody")).contains("does not take the account"));
    std::fs::write(tool.bench.path("bin/refuses"), "").unwrap();
    let told = tool.ends(6, &with(1, "np02"));
    assert!(told.contains("ended with -6: the device did not take the file"), "{told}");
    tool.leaves_nothing();
    // what was taken is read, and it goes on
    std::fs::remove_file(tool.bench.path("bin/refuses")).unwrap();
    let told = tool.ends(6, &[&with(1, "np02")[..], &["--resume"]].concat());
    assert!(told.contains("left  [SNMP Agent] SNMP Mode") && told.matches("left  ").count() == 1, "{told}");
    tool.leaves_nothing();
    assert!(tool.ends(5, &with(1, "np07")).contains("takes no file"));
    std::fs::remove_file(tool.bench.path("bin/mcc_tool")).unwrap();
    let told = tool.ends(2, &[&with(1, "np02")[..], &["--resume"]].concat());
    assert!(told.contains("on no folder of PATH"), "{told}");
}
