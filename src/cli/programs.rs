//! Programs of this computer that fieldlock runs: `git`, `ssh-keygen`, `age`, the vendor's tool. All of it goes through
//! here.
//!
//! A program is looked for on the absolute folders of PATH, so that none of a site's folder is run by accident. Its
//! arguments are fixed by us, no shell is between; of our environment it gets what is on a list; of its output we take
//! so much and no more.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::problem::Problem;

/// What every program needs: to find its own helpers and the person's own settings, and to run at all on Windows.
const BASE: [&str; 10] =
    ["HOME", "LOGNAME", "USER", "USERPROFILE", "SystemRoot", "APPDATA", "LOCALAPPDATA", "TMPDIR", "TEMP", "TMP"];
/// As much of what it complains about as anybody reads.
const MAX_COMPLAINT: usize = 64 * 1024;

/// What to run.
pub(crate) struct Call<'a> {
    /// Its name, without a folder.
    pub(crate) program: &'static str,
    /// Its arguments.
    pub(crate) args: Vec<OsString>,
    /// What it reads on stdin; `None`: nothing.
    pub(crate) stdin: Option<&'a [u8]>,
    /// Variables of our environment that it gets besides the base.
    pub(crate) passes: &'a [&'a str],
    /// Variables that it gets with values of ours.
    pub(crate) sets: &'a [(&'a str, &'a str)],
    /// The folder that it runs in; `None`: ours.
    pub(crate) folder: Option<&'a Path>,
    /// The most that it may print, in bytes.
    pub(crate) most: usize,
}

/// What it said, and whether it ended well.
pub(crate) struct Output {
    /// It ended with 0.
    pub(crate) success: bool,
    /// What it ended with; `None` where it was stopped.
    pub(crate) code: Option<i32>,
    /// What it printed.
    pub(crate) stdout: Vec<u8>,
    /// What it complained about, cut where nobody would read on.
    pub(crate) stderr: Vec<u8>,
}

/// Why a program was not run to its end.
#[derive(Debug)]
pub(crate) enum Failed {
    /// It is on no folder of PATH.
    NotFound,
    /// It can't be run.
    Io(io::Error),
    /// It printed more than it may.
    TooMuch,
}

impl<'a> Call<'a> {
    /// A call that reads nothing, gets the base of the environment, and may print 1 MiB.
    pub(crate) fn new(program: &'static str, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Call<'a> {
        let args = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        Call { program, args, stdin: None, passes: &[], sets: &[], folder: None, most: 1 << 20 }
    }
}

/// Runs a program to its end.
pub(crate) fn run(call: &Call<'_>) -> Result<Output, Failed> {
    run_in(call, &|name| std::env::var_os(name))
}

fn run_in(call: &Call<'_>, environment: &dyn Fn(&str) -> Option<OsString>) -> Result<Output, Failed> {
    let folders: Vec<PathBuf> = match environment("PATH") {
        Some(path) => std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect(),
        None => Vec::new(),
    };
    let path = folders.iter().find_map(|folder| executable(folder, call.program)).ok_or(Failed::NotFound)?;
    let mut command = Command::new(path);
    command.args(&call.args).env_clear();
    command.env("PATH", std::env::join_paths(&folders).unwrap_or_default());
    let passed = BASE.iter().chain(call.passes);
    command.envs(passed.filter_map(|name| Some((name, environment(name)?))));
    command.envs(call.sets.iter().copied());
    if let Some(folder) = call.folder {
        command.current_dir(folder);
    }
    command.stdin(if call.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Failed::Io)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = std::thread::scope(|scope| {
        let complaint = scope.spawn(|| drained(stderr, MAX_COMPLAINT));
        let writer = scope.spawn(|| {
            if let (Some(mut stdin), Some(bytes)) = (stdin, call.stdin) {
                // whoever does not read to the end says why on stderr
                let _ = stdin.write_all(bytes);
            }
        });
        let printed = stdout.map_or(Ok(Vec::new()), |stdout| {
            // a key may be printed: the buffer does not grow, so no copy stays behind
            let mut printed = Vec::with_capacity(call.most.min(1 << 16) + 1);
            stdout.take(call.most as u64 + 1).read_to_end(&mut printed).map(|_| printed)
        });
        if printed.as_ref().is_ok_and(|printed| printed.len() > call.most) {
            // its pipe is closed already: it ends by that, or by this
            let _ = child.kill();
        }
        let _ = writer.join();
        (printed, complaint.join().unwrap_or_default())
    });
    let status = child.wait().map_err(Failed::Io)?;
    let stdout = stdout.map_err(Failed::Io)?;
    if stdout.len() > call.most {
        return Err(Failed::TooMuch);
    }
    Ok(Output { success: status.success(), code: status.code(), stdout, stderr })
}

/// The beginning of what is there to read; the rest is read too, so that nobody waits for us.
fn drained(from: Option<impl Read>, most: usize) -> Vec<u8> {
    let (mut kept, Some(mut from)) = (Vec::new(), from) else { return Vec::new() };
    let mut buffer = [0; 4096];
    while let Ok(n) = from.read(&mut buffer) {
        if n == 0 {
            break;
        }
        kept.extend_from_slice(&buffer[..n.min(most.saturating_sub(kept.len()))]);
    }
    kept
}

#[cfg(unix)]
fn executable(folder: &Path, program: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(program);
    let data = path.metadata().ok()?;
    (data.is_file() && data.permissions().mode() & 0o111 != 0).then_some(path)
}

#[cfg(not(unix))]
fn executable(folder: &Path, program: &str) -> Option<PathBuf> {
    let path = folder.join(program).with_extension("exe");
    path.is_file().then_some(path)
}

impl Output {
    /// The last line of what it complained about, for a message.
    pub(crate) fn complaint(&self) -> String {
        let text = String::from_utf8_lossy(&self.stderr);
        text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it does not say why").to_owned()
    }
}

impl Failed {
    /// As a problem of whoever needed the program.
    pub(crate) fn problem(&self, program: &str) -> Problem {
        let problem = Problem::invalid(format!("`{program}` can't be run: {self}"));
        match self {
            Failed::NotFound => problem.help(match program {
                "ssh-keygen" => "install OpenSSH; Windows has it as an optional feature, `OpenSSH Client`",
                "age" => "install age; its folder has to be on PATH",
                _ => "install it; its folder has to be on PATH",
            }),
            _ => problem,
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::NotFound => f.write_str("it is on no folder of PATH"),
            Failed::Io(error) => write!(f, "{error}"),
            Failed::TooMuch => f.write_str("it printed more than it should"),
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// A folder with a program in it, and the environment that finds it there.
    fn program(script: &str) -> (tempfile::TempDir, impl Fn(&str) -> Option<OsString>) {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("age");
        // written by another process: while a test's own thread forks, a file that we write can't be run
        let write = format!("printf '#!/bin/sh\\n%s\\n' '{script}' >\"$0\" && chmod 755 \"$0\"");
        assert!(Command::new("/bin/sh").arg("-c").arg(write).arg(&path).status().unwrap().success());
        let path = format!("relative:.::{}:/usr/bin:/bin", temp.path().display());
        let environment = move |name: &str| match name {
            "PATH" => Some(path.clone().into()),
            "HOME" => Some("/nowhere".into()),
            "SSH_AUTH_SOCK" => Some("/nowhere/agent".into()),
            "FIELDLOCK_CANARY" | "GITHUB_TOKEN" | "LD_PRELOAD_CANARY" => Some("canary-5c1f".into()),
            _ => None,
        };
        (temp, environment)
    }

    #[test]
    fn a_child_gets_no_more_of_the_environment_than_the_list_says() {
        let (temp, environment) = program("export -p; echo \"$@\"; cat");
        let mut call = Call::new("age", ["-r", "a b"]);
        call.stdin = Some(b"from stdin");
        call.passes = &["SSH_AUTH_SOCK", "DISPLAY"];
        call.sets = &[("OURS", "1")];
        let output = run_in(&call, &environment).unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.success && said.contains("-r a b\nfrom stdin"), "{said}");
        assert!(
            said.contains("HOME='/nowhere'") && said.contains("SSH_AUTH_SOCK=") && said.contains("OURS='1'"),
            "{said}"
        );
        assert!(!said.contains("canary") && !said.contains("DISPLAY"), "{said}");
        // relative folders of PATH are not handed on either
        assert!(said.contains(&format!("PATH='{}:/usr/bin:/bin'", temp.path().display())), "{said}");
    }

    #[test]
    fn a_program_of_the_current_folder_is_not_run() {
        let (temp, _) = program("echo run");
        let path = |_: &str| Some(OsString::from(".:"));
        let mut call = Call::new("age", [""; 0]);
        call.folder = Some(temp.path());
        assert!(matches!(run_in(&call, &path), Err(Failed::NotFound)));
        assert!(matches!(run_in(&call, &|_| None), Err(Failed::NotFound)));
    }

    #[test]
    fn output_is_bounded_and_nobody_waits_for_ever() {
        let (_temp, environment) = program("yes");
        assert!(matches!(run_in(&Call::new("age", [""; 0]), &environment), Err(Failed::TooMuch)));
        let (_temp, environment) = program("yes complaint | head -c 300000 >&2; exit 3");
        let big = vec![b'x'; 1 << 20];
        let call = Call { stdin: Some(&big), ..Call::new("age", [""; 0]) };
        let output = run_in(&call, &environment).unwrap();
        assert!(!output.success && output.stderr.len() == MAX_COMPLAINT);
        assert!("complaint".starts_with(&output.complaint()));
        let (_temp, environment) = program("cat");
        let output = run_in(&call, &environment).unwrap();
        assert!(output.success && output.stdout == big);
    }
}
