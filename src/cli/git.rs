//! Where the site's files stand in git. Asked of `git` itself, with nothing that the repository could make it run, and
//! with no more of our environment than it needs.

use std::path::Path;
use std::process::{Command, Stdio};

use fieldlock::pipeline::Commit;

/// What `git` needs to be found, to find the person's own settings, and to run at all on Windows.
const ENVIRONMENT: [&str; 6] = ["PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SystemRoot", "TMPDIR"];

/// The commit of the site's folder; empty outside git, or where git is not there.
pub(crate) fn commit(site: &Path) -> Commit {
    let id = ask(site, &[], &["rev-parse", "--verify", "HEAD"]).unwrap_or_default();
    if id.len() < 40 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Commit::default();
    }
    let seconds = ask(site, &[], &["show", "--no-patch", "--format=%ct", "HEAD"]).and_then(|s| s.parse().ok());
    let time = seconds.and_then(|s: i64| jiff::Timestamp::from_second(s).ok());
    let status = no_filters(site)
        .and_then(|settings| ask(site, &settings, &["status", "--porcelain", "--ignore-submodules", "--", "."]));
    Commit {
        id,
        time: time.map(|t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default(),
        // what can't be told is not called clean
        dirty: status.is_none_or(|s| !s.is_empty()),
    }
}

/// Settings that take the commands out of the repository's own filters: `status` would run them over changed files.
/// `None` where a filter has a name that no setting can be given for.
fn no_filters(site: &Path) -> Option<Vec<String>> {
    let mut settings = Vec::new();
    for scope in ["--local", "--worktree"] {
        let args = ["config", scope, "--includes", "--name-only", "--get-regexp", r"^filter\."];
        for key in ask(site, &[], &args).unwrap_or_default().lines() {
            if key.contains('=') {
                return None;
            }
            settings.push(format!("{key}={}", if key.ends_with(".required") { "false" } else { "" }));
        }
    }
    Some(settings)
}

fn ask(site: &Path, settings: &[String], args: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    git.env_clear().envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    // a clone that left objects behind would fetch them, by a program that its settings name
    git.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none");
    git.args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]);
    git.args(["-c", "log.showSignature=false"]);
    git.args(settings.iter().flat_map(|setting| ["-c", setting]));
    git.args(args).current_dir(site).stdin(Stdio::null()).stderr(Stdio::null());
    let output = git.output().ok().filter(|o| o.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
