//! What a run leaves behind of its secrets: nothing in a core dump, nothing in a child, nothing in a temporary file.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common;

/// A shell that allows core dumps and then becomes what it is told to run, in this folder.
fn dumping(folder: &Path, then: &str) -> Command {
    let mut command = Command::new("sh");
    common::alone(&mut command);
    command.args(["-c", &format!("ulimit -c unlimited && {then}")]).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn cores(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("core")).count()
}

/// Waits until the program is at its pipe: it has opened the image and asks for the passphrase.
fn at_the_pipe(child: &Child) -> bool {
    let until = Instant::now() + Duration::from_secs(30);
    let status = format!("/proc/{}/comm", child.id());
    while Instant::now() < until {
        let named = std::fs::read_to_string(&status).is_ok_and(|comm| comm.trim() == "fieldlock");
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap_or_default();
        let core = limits.lines().find(|l| l.starts_with("Max core file size"));
        if named && core.is_some_and(|l| l.split_whitespace().nth(4) == Some("0")) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// An image to open, and the command that waits for its passphrase at a pipe.
fn waiting(folder: &Path) -> String {
    let pipe = folder.join("passphrase");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/01-pump-station");
    let out = folder.join("out");
    let mut build = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    let built = common::alone(&mut build).args(["build", "--out"]).args([&out, &site]).output();
    assert!(built.unwrap().status.success());
    let (program, image) = (env!("CARGO_BIN_EXE_fieldlock"), out.join("images/np07.flk"));
    format!("exec '{program}' image open '{}' --passphrase-file '{}'", image.display(), pipe.display())
}

/// Wherever the kernel would put a dump, or pipe it to: the limit is 0, and nobody but the system's own may look into
/// the process.
#[test]
fn a_process_that_holds_secrets_is_not_dumped() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = dumping(folder.path(), &waiting(folder.path())).spawn().unwrap();
    assert!(at_the_pipe(&child), "it waits for the passphrase with no room for a core dump");
    // the kernel gives it to root, once a process is not to be dumped; where root runs the tests there is no telling
    let owner = |path: &str| std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(path).unwrap());
    let (mine, its) = (owner("/proc/self/maps"), owner(&format!("/proc/{}/maps", child.id())));
    common::needs::may("root owns every process here", mine != 0);
    assert!(its == 0, "uid {mine} may read the memory of a process of uid {its}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_crash_leaves_no_core_dump() {
    let folder = tempfile::tempdir().unwrap();
    // not by QUIT: whatever a shell runs behind itself is started deaf to it
    let control = dumping(folder.path(), "kill -ABRT $$").status().unwrap();
    assert!(!control.success());
    let why_not = "this machine writes no core dumps into the folder of who crashes";
    if !common::needs::may(why_not, cores(folder.path()) > 0) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut child = dumping(folder.path(), &waiting(folder.path())).spawn().unwrap();
    assert!(at_the_pipe(&child), "it waits for the passphrase with no room for a core dump");
    let killed = Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success() && !child.wait().unwrap().success());
    assert_eq!(cores(folder.path()), 0);
}
