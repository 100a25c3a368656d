//! Where the site's files stand in git. Asked of `git` itself, with nothing that the repository could make it run, and
//! with no more of our environment than it needs.

use std::path::Path;

use fieldlock::pipeline::Commit;
use jiff::Timestamp;

use super::problem::Problem;
use super::programs::{self, Call, Failed};

/// The longest answer that is waited for, in bytes: a status of very many changed files.
const MAX_ANSWER: usize = 64 << 20;

/// A folder of hooks that is none, and that nobody can make one of: beneath a device there is nothing. `NUL` alone
/// would be a name in the folder that git runs in.
const NO_HOOKS: &str = if cfg!(windows) { "core.hooksPath=//./NUL" } else { "core.hooksPath=/dev/null" };

/// The commit of the site's folder; empty outside git, or where git is not there. What a build leaves in `out` is no
/// file of the site: it does not make the site another than the commit, unless a file that the site is `read` from lies
/// there.
pub(crate) fn commit(site: &Path, out: &Path, read: &[String]) -> Commit {
    let id = ask(site, &[], &["rev-parse", "--verify", "HEAD"]).unwrap_or_default();
    if id.len() < 40 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Commit::default();
    }
    let told = ask(site, &[], &["show", "--no-patch", "--format=%ct%x00%an%x00%s", "HEAD"]).unwrap_or_default();
    let mut told = told.splitn(3, '\0').map(str::to_owned);
    let seconds = told.next().and_then(|s| s.parse().ok());
    let time = seconds.and_then(|s: i64| jiff::Timestamp::from_second(s).ok());
    let mut status = vec!["status", "--porcelain", "--ignore-submodules", "--", "."];
    let out = beneath(site, out)
        .filter(|out| !read.iter().any(|name| name.strip_prefix(&**out).is_some_and(|rest| rest.starts_with('/'))));
    let out = out.map(|out| format!(":(exclude,literal){out}"));
    status.extend(out.as_deref());
    let settings = no_filters(site);
    let status = settings.as_ref().and_then(|settings| ask(site, settings, &status));
    // what git ignores is in no commit
    let ignored = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
    let ignored = settings.as_ref().and_then(|settings| ask(site, settings, &ignored));
    let reads = |ignored: &str| match ignored.strip_suffix('/') {
        Some(folder) => read.iter().any(|name| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))),
        None => read.iter().any(|name| name == ignored),
    };
    Commit {
        id,
        time: time.map(|t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default(),
        // what can't be told is not called clean
        dirty: status.is_none_or(|s| !s.is_empty()) || ignored.is_none_or(|s| s.split('\0').any(reads)),
        author: told.next().unwrap_or_default(),
        subject: told.next().unwrap_or_default(),
    }
}

/// Whether a folder lies in a working tree, where `git add .` takes it up.
pub(crate) fn may_track(folder: &Path) -> bool {
    let above = std::path::absolute(folder).ok();
    above.iter().flat_map(|folder| folder.ancestors().skip(1)).any(|folder| folder.join(".git").exists())
}

/// The output folder as git calls it, where it lies in the site's.
fn beneath(site: &Path, out: &Path) -> Option<String> {
    let real = |path: &Path| path.canonicalize().ok();
    // before the first build there is none
    let out = match real(out) {
        Some(out) => out,
        None => {
            real(out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.join(out.file_name()?)
        }
    };
    let inside = out.strip_prefix(real(site)?).ok()?;
    let names: Vec<&str> = inside.iter().map(|name| name.to_str()).collect::<Option<_>>()?;
    (!names.is_empty()).then(|| names.join("/"))
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
    let output = programs::run(&call(site, settings, args)).ok().filter(|o| o.success)?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// The commit that a revision of the site's repository means, whole: hexadecimal digits.
pub(crate) fn resolve(site: &Path, rev: &str) -> Result<String, Problem> {
    let unknown = |why: &str| {
        Problem::invalid(format!("`{rev}` is no commit that git knows here{why}"))
            .help("name a commit, a tag or a branch of the repository that the site lies in; a shallow clone has few")
    };
    // what begins so would be a flag
    if rev.starts_with('-') || rev.is_empty() || rev.contains(['\0', '\n']) {
        return Err(unknown(""));
    }
    let meant = format!("{rev}^{{commit}}");
    let told = ask_bytes(site, &["rev-parse", "--verify", "--quiet", &meant], None, MAX_ANSWER);
    let told = told.map_err(|asked| match asked {
        Asked::NoGit => unknown(": git is not here"),
        Asked::Refused => unknown(""),
    })?;
    let commit = String::from_utf8_lossy(&told).trim().to_owned();
    let whole = matches!(commit.len(), 40 | 64) && commit.bytes().all(|b| b.is_ascii_hexdigit());
    if whole { Ok(commit) } else { Err(unknown("")) }
}

/// The last commits that change the site, the oldest first, with their times.
pub(crate) fn commits(site: &Path, last: &str, most: u16) -> Result<Vec<(String, Timestamp)>, Problem> {
    let most = format!("--max-count={most}");
    let args = ["log", "--first-parent", &most, "--format=%H %ct", last, "--", "."];
    let told = ask_bytes(site, &args, None, 1 << 20).map_err(|_| {
        Problem::invalid("the commits of this site can't be listed").help("`git log` says why; a shallow clone has few")
    })?;
    let mut found: Vec<(String, Timestamp)> = String::from_utf8_lossy(&told)
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(id, at)| Some((id.to_owned(), Timestamp::from_second(at.parse().ok()?).ok()?)))
        .collect();
    found.reverse();
    Ok(found)
}

/// Why git gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// There is no such program.
    NoGit,
    /// It ended with an error.
    Refused,
}

/// What git prints, at most so many bytes, given this on its standard input. Objects that the repository replaces are
/// not taken for the real ones.
pub(crate) fn ask_bytes(site: &Path, args: &[&str], input: Option<&[u8]>, most: usize) -> Result<Vec<u8>, Asked> {
    let args: Vec<&str> = ["--no-replace-objects"].into_iter().chain(args.iter().copied()).collect();
    let mut call = call(site, &[], &args);
    (call.stdin, call.most) = (input, most);
    match programs::run(&call) {
        Ok(output) if output.success => Ok(output.stdout),
        Err(Failed::NotFound) => Err(Asked::NoGit),
        _ => Err(Asked::Refused),
    }
}

/// git, with nothing that the repository could make it run.
fn call<'a>(site: &'a Path, settings: &[String], args: &[&str]) -> Call<'a> {
    let fixed = ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", NO_HOOKS];
    let fixed = fixed.into_iter().chain(["-c", "log.showSignature=false"]);
    let settings = settings.iter().flat_map(|setting| ["-c", setting]);
    let mut call = Call::new("git", fixed.chain(settings).chain(args.iter().copied()));
    call.passes = &["XDG_CONFIG_HOME"];
    // a clone that left objects behind would fetch them, by a program that its settings name
    call.sets = &[("GIT_NO_LAZY_FETCH", "1"), ("GIT_ALLOW_PROTOCOL", "none")];
    call.folder = Some(site);
    call.most = MAX_ANSWER;
    call
}
