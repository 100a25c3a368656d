//! The scripts of `ci/`, run as a pipeline runs them, and the files that call them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::common::plot::Plot;
use crate::common::{self, needs, project};

/// A site as a runner checks it out, with the scripts of `ci/` and a PATH on which fieldlock is.
struct Runner {
    plot: Plot,
}

impl Runner {
    fn new() -> Option<Runner> {
        if !needs::program("git") || !needs::program("sh") {
            return None;
        }
        let runner = Runner { plot: Plot::new() };
        common::copy(&project("ci"), &runner.site().join("ci"));
        fs::copy(project("schema/first/gitignore"), runner.site().join(".gitignore")).unwrap();
        fs::create_dir_all(runner.at("bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fieldlock"), runner.at("bin/fieldlock")).unwrap();
        runner.git(&["init", "-q", "-b", "main", "."]);
        runner.commit();
        Some(runner)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.plot.dir.path().join(name)
    }

    fn site(&self) -> PathBuf {
        self.plot.site()
    }

    /// A program of the runner that stands in for one of the service.
    fn program(&self, name: &str, script: &str) {
        fs::write(self.at("bin").join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(self.at("bin").join(name), PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn git(&self, args: &[&str]) -> Output {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=ana", "-c", "user.email=ana@example", "-c", "commit.gpgsign=false"]).args(args);
        let path = format!("{}:{}", self.at("bin").display(), std::env::var("PATH").unwrap());
        common::alone(git.current_dir(self.site()).env("PATH", path)).output().unwrap()
    }

    fn commit(&self) -> String {
        self.git(&["add", "."]);
        assert!(self.git(&["commit", "-q", "-m", "x"]).status.success());
        String::from_utf8(self.git(&["rev-parse", "HEAD"]).stdout).unwrap().trim().to_owned()
    }

    #[track_caller]
    fn runs(&self, wanted: i32, script: &str, environment: &[(&str, &str)]) -> String {
        let mut sh = Command::new("sh");
        let path = format!("{}:{}", self.at("bin").display(), std::env::var("PATH").unwrap());
        common::alone(sh.arg(format!("ci/{script}")).current_dir(self.site()));
        for name in ["GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "BASE"] {
            sh.env_remove(name);
        }
        let homes =
            ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"].map(|name| (name, self.at("home").join(name)));
        let output = sh.env("PATH", path).envs(homes).envs(environment.iter().copied()).output().unwrap();
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(wanted), "{script}: {told}");
        told
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.site().join(name)).unwrap()
    }
}

const TELNET: &str = "device \"gate\" {\n    platform \"mx-ros\" model=\"EDR-G9010\" firmware=\"3.24\"\n    zone \"control\"\n    \
    services { telnet on }\n}\n";

#[test]
fn a_check_writes_what_each_service_reads_and_fails_on_what_is_new() {
    let Some(runner) = Runner::new() else { return };
    assert!(runner.runs(0, "check", &[]).contains("np07"));
    for (name, is_json) in [("fieldlock.sarif", true), ("quality.json", true), ("junit.xml", false)] {
        let text = runner.read(name);
        assert!(!text.is_empty() && (!is_json || serde_json::from_str::<Value>(&text).is_ok()), "{name}");
    }
    let summary = runner.at("summary.md");
    let github = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    runner.plot.put("devices/gate.kdl", TELNET.as_bytes());
    let told = runner.runs(1, "check", &github);
    assert!(told.contains("::error file=devices/gate.kdl"), "{told}");
    assert!(fs::read_to_string(&summary).unwrap().starts_with("# `fieldlock check`"));
    // what stood there stops nobody; what is new does
    let base = runner.commit();
    assert!(runner.runs(0, "check", &[("BASE", &base)]).contains("MX-SVC-002"));
    runner.plot.put("devices/gate2.kdl", TELNET.replace("gate", "gate2").as_bytes());
    runner.runs(1, "check", &[("BASE", &base)]);
    // nothing of it makes the site another than its commit
    fs::remove_file(runner.site().join("devices/gate2.kdl")).unwrap();
    let status = String::from_utf8(runner.git(&["status", "--porcelain"]).stdout).unwrap();
    assert_eq!(status, "");
}

#[test]
fn a_draft_needs_no_key_and_seals_nothing() {
    let Some(runner) = Runner::new() else { return };
    let told = runner.runs(0, "draft", &[]);
    assert!(told.contains("np07"), "{told}");
    assert!(
        runner.read("out/review.html").contains("Not sealed")
            && runner.read("change.md").starts_with("# `fieldlock build`")
    );
    assert!(!runner.site().join("out/images").exists() && runner.site().join("out/NOT-SEALED.txt").exists());
}

/// Sealed and signed; the next one goes on from what the last one left; neither stands in an environment or a file.
#[test]
fn a_build_seals_signs_and_counts_on() {
    let Some(runner) = Runner::new() else { return };
    if !needs::program("ssh-keygen") {
        return;
    }
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
        .arg(runner.at("key"))
        .output()
        .unwrap();
    assert!(made.status.success());
    let key = fs::read_to_string(runner.at("key")).unwrap();
    let phrase = "weir sluice penstock tailrace";
    fs::write(runner.at("phrase"), format!("{phrase}\n")).unwrap();
    fs::set_permissions(runner.at("phrase"), PermissionsExt::from_mode(0o600)).unwrap();
    let secrets = runner.at("secrets");
    let wrapped = format!(
        "env > '{}'\nexec '{}' \"$@\" --secrets '{}'",
        runner.at("environment").display(),
        env!("CARGO_BIN_EXE_fieldlock"),
        secrets.display()
    );
    fs::remove_file(runner.at("bin/fieldlock")).unwrap();
    runner.program("fieldlock", &wrapped);
    let in_files = [
        ("FIELDLOCK_PASSPHRASE", runner.at("phrase").to_str().unwrap().to_owned()),
        ("FIELDLOCK_SIGN_KEY", runner.at("key").to_str().unwrap().to_owned()),
    ];
    let as_texts = [("FIELDLOCK_PASSPHRASE", phrase.to_owned()), ("FIELDLOCK_SIGN_KEY", key)];
    let revision = |at: &str| -> u64 {
        let index: Value = serde_json::from_str(&runner.read(&format!("{at}/index.json"))).unwrap();
        index["images"][0]["revision"].as_u64().unwrap()
    };
    let seal = |said: &[(&str, String); 2], wanted| {
        let said: Vec<(&str, &str)> = said.iter().map(|(name, text)| (*name, &**text)).collect();
        let told = runner.runs(wanted, "seal", &said);
        let environment = fs::read_to_string(runner.at("environment")).unwrap();
        assert!(
            !environment.contains("FIELDLOCK_PASSPHRASE")
                && !environment.contains("FIELDLOCK_SIGN_KEY")
                && !environment.contains("weir sluice"),
            "{environment}"
        );
        assert!(!told.contains("weir sluice") && !told.contains("OPENSSH"), "{told}");
    };
    seal(&in_files, 0);
    assert!(runner.site().join("out/index.json.sig").exists());
    let first = revision("out");
    fs::rename(runner.site().join("out"), runner.site().join("last")).unwrap();
    // another computer, which remembers nothing: what counts is what the last build left
    fs::remove_dir_all(runner.at("home")).unwrap();
    runner.plot.put("../secrets/np02/ot-lead", b"Another-4-value-of-it!\n");
    seal(&as_texts, 0);
    assert_eq!(revision("out"), first + 1);
    let wrong = [("FIELDLOCK_PASSPHRASE", String::new()), ("FIELDLOCK_SIGN_KEY", String::new())];
    fs::remove_dir_all(runner.site().join("out")).unwrap();
    let said: Vec<(&str, &str)> = wrong.iter().map(|(name, text)| (*name, &**text)).collect();
    let told = runner.runs(2, "seal", &said);
    assert!(!runner.site().join("out/index.json").exists(), "{told}");
}

/// The last build is fetched from the service; a fork's is none; where it can't be told nothing goes on.
#[test]
fn the_build_before_is_that_of_the_main_branch_of_this_repository() {
    let Some(runner) = Runner::new() else { return };
    let index = "mkdir -p last.new/out && echo '{}' > last.new/out/index.json";
    let gitlab = [
        ("CI_API_V4_URL", "https://gitlab.example/api/v4"),
        ("CI_PROJECT_ID", "7"),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_JOB_TOKEN", "t"),
    ];
    runner.program("unzip", index);
    runner.program("curl", "echo \"$@\" > asked; touch last.zip; printf 200");
    runner.runs(0, "last", &gitlab);
    assert!(runner.read("asked").contains("/projects/7/jobs/artifacts/main/download?job=build"));
    assert!(runner.read("last/index.json").contains("{}"));
    runner.program("curl", "printf 404");
    assert!(runner.runs(0, "last", &gitlab).contains("no build before this one"));
    assert!(!runner.site().join("last").exists());
    runner.program("curl", "printf 503");
    assert!(runner.runs(1, "last", &gitlab).contains("HTTP 503"));

    let github = [("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", "o/west"), ("GITHUB_REF_NAME", "main")];
    if needs::program("jq") {
        let artifact = |run: u32, branch: &str, head: u32, expired: bool| {
            format!(
                "{{\"expired\": {expired}, \"workflow_run\": {{\"id\": {run}, \"head_branch\": \"{branch}\", \
                 \"head_repository_id\": {head}, \"repository_id\": 1}}}}"
            )
        };
        let listed = [
            artifact(9, "main", 2, false),
            artifact(8, "other", 1, false),
            artifact(7, "main", 1, true),
            artifact(6, "main", 1, false),
        ];
        fs::write(runner.at("artifacts.json"), format!("{{\"artifacts\": [{}]}}", listed.join(", "))).unwrap();
        let api = |list: &str| {
            format!(
                "case $1 in api) while [ $# -gt 1 ]; do shift; [ \"$1\" = --jq ] && exec jq -r \"$2\" '{list}'; done ;;\n\
                 run) echo \"$@\" > asked; {index} ;; esac"
            )
        };
        runner.program("gh", &api(runner.at("artifacts.json").to_str().unwrap()));
        runner.runs(0, "last", &github);
        assert!(runner.read("asked").starts_with("run download 6 "), "{}", runner.read("asked"));
        fs::write(runner.at("none.json"), format!("{{\"artifacts\": [{}]}}", listed[0])).unwrap();
        runner.program("gh", &api(runner.at("none.json").to_str().unwrap()));
        assert!(runner.runs(0, "last", &github).contains("no build before this one"));
    }
    runner.program("gh", "exit 4");
    runner.runs(4, "last", &github);
}

#[test]
fn a_commit_that_makes_nothing_worse_is_let_through() {
    let Some(runner) = Runner::new() else { return };
    // as its head says
    let hook = runner.read("ci/pre-commit");
    let how = hook.lines().find_map(|line| line.strip_prefix("#   printf")).unwrap();
    let installed =
        Command::new("sh").args(["-c", &format!("printf{how}")]).current_dir(runner.site()).status().unwrap();
    assert!(installed.success());
    let committed = |name: &str| {
        runner.plot.put(&format!("devices/{name}.kdl"), TELNET.replace("gate", name).as_bytes());
        runner.git(&["add", "."]);
        let output = runner.git(&["commit", "-q", "-m", "x"]);
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (done, told) = committed("gate");
    assert!(!done && told.contains("devices/gate.kdl") && told.contains("MX-SVC-002"), "{told}");
    assert!(runner.git(&["commit", "-q", "-m", "x", "--no-verify"]).status.success());
    runner.plot.put("README.md", b"x");
    runner.git(&["add", "."]);
    assert!(runner.git(&["commit", "-q", "-m", "what stood there stops nobody"]).status.success());
}

/// `init` writes these very files, and each job runs scripts that are there.
#[test]
fn a_new_site_has_the_same_pipeline() {
    for (ci, own, place) in
        [("gitlab", "gitlab-ci.yml", ".gitlab-ci.yml"), ("github", "github.yml", ".github/workflows/fieldlock.yml")]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut init = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        init.args(["init", "west", "--ci", ci, "--platform", "mx-ros", "--zone", "control=10.20.0.0/16"]);
        init.args(["--station", "eng-01=10.20.0.10", "--log-server", "10.20.0.9", "--time-server", "10.20.0.5"]);
        init.args(["--timezone", "Europe/London", "--person", "ot-lead", "--owner=Example Water"]);
        assert!(common::alone(init.current_dir(folder.path())).output().unwrap().status.success());
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        let yaml = read(&folder.path().join("west").join(place));
        assert_eq!(yaml, read(&project("ci").join(own)));
        let mut called = 0;
        for line in yaml.lines().filter(|line| line.contains("sh ci/")) {
            let script = line.split("sh ci/").nth(1).unwrap().split_whitespace().next().unwrap();
            assert_eq!(
                read(&folder.path().join("west/ci").join(script)),
                read(&project("ci").join(script)),
                "{script}"
            );
            called += 1;
        }
        assert_eq!(called, 4, "check, draft, last, seal: {yaml}");
        // a key is in the job that seals, and in no other
        for job in ["check:", "draft:"] {
            let text = yaml.split(&format!("\n{job}")).nth(1).or(yaml.split(&format!("\n  {job}")).nth(1)).unwrap();
            let text = text.split("\n\n").next().unwrap();
            assert!(!text.contains("FIELDLOCK_PASSPHRASE") && !text.contains("FIELDLOCK_SIGN_KEY"), "{job} {text}");
        }
        if needs::python("yaml") {
            let script = "import sys, yaml; yaml.safe_load(open(sys.argv[1]))";
            let path = folder.path().join("west").join(place);
            assert!(Command::new("python3").args(["-c", script]).arg(path).status().unwrap().success());
        }
    }
}
