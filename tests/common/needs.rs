//! What some tests need and not every machine has. A test that was not run for want of it leaves a note, and
//! `tests/summary.rs` counts and names those at the end of the run.

#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::expect_used, reason = "a test that can't leave its note has failed")]

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A program that says so when asked for its help or version.
pub(crate) fn program(name: &str) -> bool {
    // asked for its version, ssh-keygen would make a key
    let asked = if name == "ssh-keygen" { "-?" } else { "--version" };
    must(&format!("`{name}`"), Command::new(name).arg(asked).stdin(Stdio::null()).output().is_ok())
}

/// Python with these modules.
pub(crate) fn python(modules: &str) -> bool {
    let imported = Command::new("python3").args(["-c", &format!("import {modules}")]).output();
    must(&format!("`python3` with {modules}"), imported.is_ok_and(|output| output.status.success()))
}

/// What has to be here where FIELDLOCK_NEED_PROGRAMS is set, as in CI: a check that quietly does nothing is none.
pub(crate) fn must(what: &str, is_here: bool) -> bool {
    let needed = std::env::var_os("FIELDLOCK_NEED_PROGRAMS").is_some();
    assert!(is_here || !needed, "{what} is not here, and FIELDLOCK_NEED_PROGRAMS is set");
    may(&format!("{what} is not here"), is_here)
}

/// What depends on the machine, and why the test is not run.
pub(crate) fn may(why_not: &str, is_here: bool) -> bool {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let name = format!("{test}: {why_not}");
    let file = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    if is_here {
        // of an earlier run
        let _ = std::fs::remove_file(notes().join(file));
    } else {
        std::fs::create_dir_all(notes()).expect("a folder");
        std::fs::write(notes().join(file), name).expect("writable");
    }
    is_here
}

/// The folder of files that devices wrote, where somebody has it: read in place, never copied.
pub(crate) fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("FIELDLOCK_SAMPLES").map(PathBuf::from);
    may("FIELDLOCK_SAMPLES is not set", folder.is_some());
    folder
}

/// Beside the programs of the tests, in the folder for their temporary files.
pub(crate) fn notes() -> PathBuf {
    let own = std::env::current_exe().expect("a program knows its path");
    own.ancestors().nth(2).expect("it lies in `deps`").join("not-run")
}
