//! Where the site's files stand in git. Asked of `git` itself, with nothing that the repository could make it run.

use std::path::Path;
use std::process::{Command, Stdio};

use fieldlock::pipeline::Commit;

/// The commit of the site's folder; empty outside git, or where git is not there.
pub(crate) fn commit(site: &Path) -> Commit {
    let id = ask(site, &["rev-parse", "--verify", "HEAD"]).unwrap_or_default();
    if id.len() < 40 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Commit::default();
    }
    let seconds = ask(site, &["show", "--no-patch", "--format=%ct", "HEAD"]).and_then(|s| s.parse().ok());
    let time = seconds.and_then(|s: i64| jiff::Timestamp::from_second(s).ok());
    Commit {
        id,
        time: time.map(|t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default(),
        // what can't be told is not called clean
        dirty: ask(site, &["status", "--porcelain", "--", "."]).is_none_or(|s| !s.is_empty()),
    }
}

fn ask(site: &Path, args: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    git.args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]);
    git.args(args).current_dir(site).stdin(Stdio::null()).stderr(Stdio::null());
    let output = git.output().ok().filter(|o| o.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
