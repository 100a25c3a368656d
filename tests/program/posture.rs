//! What a change does to the verdicts of rules: between two commits, and as a gate.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::cli::{code, fieldlock, text};
use crate::common::plot::own_pack;
use crate::common::{self, needs};

/// An example with a pack of its own, committed.
pub(super) struct Repository {
    dir: tempfile::TempDir,
}

impl Repository {
    pub(super) fn new() -> Option<Repository> {
        if !needs::program("git") {
            return None;
        }
        let repository = Repository { dir: tempfile::tempdir().unwrap() };
        common::copy(&common::project("examples/01-pump-station"), &repository.site());
        own_pack(&repository.site(), "ours", "ours", "OURS-SES-001");
        repository.edit("site.kdl", "packs \"nport", "packs \"ours\" \"nport");
        repository.git(&["init", "-q", "."]);
        repository.commit();
        Some(repository)
    }

    pub(super) fn site(&self) -> PathBuf {
        self.dir.path().join("plants/west")
    }

    fn git(&self, args: &[&str]) {
        self.run_git(args, "2026-11-01T00:00:00Z");
    }

    fn run_git(&self, args: &[&str], time: &str) {
        let mut git = Command::new("git");
        git.env("GIT_COMMITTER_DATE", time).env("GIT_AUTHOR_DATE", time);
        git.args(["-c", "user.name=ana", "-c", "user.email=ana@example", "-c", "commit.gpgsign=false"]).args(args);
        let output = git.current_dir(self.dir.path()).output().unwrap();
        assert!(output.status.success(), "{args:?} {}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self) {
        self.commit_at("2026-11-01T00:00:00Z");
    }

    /// The time is what reports of it go by.
    pub(super) fn commit_at(&self, time: &str) {
        self.git(&["add", "."]);
        self.run_git(&["commit", "-q", "-m", "x"], time);
    }

    pub(super) fn edit(&self, name: &str, from: &str, to: &str) {
        let path = self.site().join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{name} has no {from:?}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// What is printed, after the exit code was compared.
    pub(super) fn ends(&self, wanted: i32, args: &[&str]) -> String {
        let output = fieldlock(self.dir.path(), args);
        assert_eq!(code(&output), wanted, "{args:?}: {}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn posture(&self, wanted: i32, args: &[&str]) -> Value {
        let args = [&["posture", "plants/west", "--format", "json"], args].concat();
        common::document("posture", &self.ends(wanted, &args))
    }
}

fn flips(told: &Value, device: &str) -> Vec<String> {
    let devices = told["devices"].as_array().unwrap().iter().filter(|d| d["device"] == device);
    let one = |f: &Value| {
        let word = |name: &str| f[name].as_str().unwrap_or("-").to_owned();
        let by = if f["by_rules_of_before"] == true { " by the rules of before" } else { "" };
        format!("{} {} -> {}{by}", word("rule"), word("before"), word("after"))
    };
    devices.flat_map(|d| d["flips"].as_array().unwrap()).map(one).collect()
}

const TELNET: &str = "services { telnet on; ";

#[test]
fn what_gets_weaker_between_two_commits_is_told_and_fails_the_gate() {
    let Some(repository) = Repository::new() else { return };
    let same = repository.posture(0, &["--since", "HEAD", "--fail-on-weaken"]);
    assert_eq!((&same["weaker"], &same["stronger"]), (&0.into(), &0.into()));
    assert_eq!(same["unchanged"].as_array().unwrap().len(), 4);
    assert_eq!(same["settings"], serde_json::json!([]));
    // what no rule tells is told as what it is
    repository.edit("devices/np02.kdl", "command-port=966", "command-port=977");
    let other = repository.posture(0, &["--since", "HEAD", "--fail-on-weaken"]);
    let paths = serde_json::json!([{ "device": "np02", "paths": ["serial.port[1].mode.command-port"] }]);
    assert_eq!((&other["weaker"], &other["settings"]), (&0.into(), &paths));
    let text = repository.ends(0, &["posture", "plants/west", "--since", "HEAD"]);
    assert!(text.ends_with("whatever rules say of them\n   np02   serial.port[1].mode.command-port\n"), "{text}");
    repository.edit("devices/np02.kdl", "command-port=977", "command-port=966");

    let opened = "device \"gate\" {\n    platform \"mx-ros\" model=\"EDR-G9010\" firmware=\"3.24\"\n    zone \"control\"\n    \
        services { telnet on }\n}\n";
    fs::write(repository.site().join("devices/gate.kdl"), opened.replace("telnet on", "telnet off")).unwrap();
    repository.commit();
    fs::write(repository.site().join("devices/gate.kdl"), opened).unwrap();
    let told = repository.posture(1, &["--since", "HEAD", "--fail-on-weaken"]);
    assert!(flips(&told, "gate").contains(&"MX-SVC-002 pass -> fail".to_owned()), "{told}");
    assert_eq!(told["rules_changed"], serde_json::json!([]));
    // told and no gate; by rule; of other devices nothing
    repository.posture(0, &["--since", "HEAD"]);
    let by_rule = repository.ends(0, &["posture", "plants/west", "--since", "HEAD", "--by-cause"]);
    assert!(by_rule.contains("WEAKER") && by_rule.contains("MX-SVC-002") && by_rule.contains("gate"), "{by_rule}");
    repository.posture(0, &["--since", "HEAD", "--fail-on-weaken", "--device", "np07"]);
    // the other way round it gets stronger; a device that one side has not is told as that
    repository.commit();
    let back = repository.posture(0, &["--since", "HEAD", "--to", "HEAD~1", "--fail-on-weaken"]);
    assert!(flips(&back, "gate").contains(&"MX-SVC-002 fail -> pass".to_owned()), "{back}");
    let new = repository.posture(1, &["--since", "HEAD~2", "--fail-on-weaken"]);
    let gate = new["devices"].as_array().unwrap().iter().find(|d| d["device"] == "gate").unwrap();
    assert_eq!(gate["presence"], "new");
    let gone = repository.posture(0, &["--since", "HEAD", "--to", "HEAD~2", "--device", "gate"]);
    assert_eq!(gone["devices"][0]["presence"], "gone");
}

#[test]
fn a_change_that_touches_the_rules_is_judged_by_those_of_before_too() {
    let Some(repository) = Repository::new() else { return };
    repository.edit("packs/ours/OURS-SES-001.kdl", "24 h", "99999 h");
    repository.edit("devices/np07.kdl", "device \"np07\" {", "device \"np07\" {\n    login { auto-logout \"48 h\" }");
    let told = repository.posture(1, &["--since", "HEAD", "--fail-on-weaken"]);
    let rules = told["rules_changed"].as_array().unwrap();
    assert_eq!(rules[0], "pack `ours` has another text", "{told}");
    let flips = flips(&told, "np07");
    assert!(flips.contains(&"OURS-SES-001 pass -> fail by the rules of before".to_owned()), "{flips:?}");
    let text = repository.ends(0, &["posture", "plants/west", "--since", "HEAD"]);
    assert!(text.contains("this change also touches the rules"), "{text}");
    // a pack that goes takes no verdict of its along
    repository.edit("packs/ours/OURS-SES-001.kdl", "99999 h", "24 h");
    repository.edit("site.kdl", "packs \"ours\" ", "packs ");
    let told = repository.posture(1, &["--since", "HEAD", "--fail-on-weaken"]);
    assert!(flips_of(&told).iter().any(|flip| flip.starts_with("OURS-SES-001 pass -> fail by the rules")), "{told}");
}

fn flips_of(told: &Value) -> Vec<String> {
    told["devices"].as_array().unwrap().iter().flat_map(|d| flips(told, d["device"].as_str().unwrap())).collect()
}

#[test]
fn only_what_a_change_makes_worse_fails_in_every_format() {
    let Some(repository) = Repository::new() else { return };
    let device = |name: &str, services: &str| {
        let text = format!(
            "device \"{name}\" {{\n    platform \"mx-ros\" model=\"EDR-G9010\" firmware=\"3.24\"\n    zone \"control\"\n    \
             {services} }}\n}}\n"
        );
        fs::write(repository.site().join(format!("devices/{name}.kdl")), text).unwrap();
    };
    device("old", TELNET);
    repository.commit();
    let check = |more: &[&'static str]| [&["check", "plants/west"], more].concat();
    repository.ends(1, &check(&[]));
    for format in common::FORMATS {
        repository.ends(0, &check(&["--new-since", "HEAD", "--format", format]));
    }
    let json = |args: &[&'static str], wanted| -> Value {
        let told = repository.ends(wanted, &check(&[args, &["--format", "json"]].concat()));
        common::document("report", &told)
    };
    let known = |document: &Value| -> Vec<bool> {
        let findings = document["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "MX-SVC-002");
        findings.map(|f| f["known"].as_str().is_some_and(|known| known.starts_with("stood there at commit "))).collect()
    };
    assert_eq!(known(&json(&["--new-since", "HEAD"], 0)), [true]);
    // the same on another device is news, and what was there stays known
    device("young", TELNET);
    let told = json(&["--new-since", "HEAD"], 1);
    assert_eq!(known(&told), [true, false]);
    for format in common::FORMATS {
        repository.ends(1, &check(&["--new-since", "HEAD", "--format", format]));
    }
    let sarif: Value =
        serde_json::from_str(&repository.ends(1, &check(&["--new-since", "HEAD", "--format", "sarif"]))).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|r| r["baselineState"] == "unchanged"));
    // input that can't be read is never known
    fs::write(repository.site().join("devices/young.kdl"), "device \"young\" {\n").unwrap();
    repository.commit();
    repository.ends(2, &check(&["--new-since", "HEAD"]));
}

#[test]
fn a_revision_is_a_name_and_nothing_that_git_is_made_to_do() {
    let Some(repository) = Repository::new() else { return };
    for rev in ["--output=x", "-h", "", "HEAD..HEAD", "nothing", "HEAD:plants/west/site.kdl", "HEAD\nHEAD", "@{-9}"] {
        let since = format!("--since={rev}");
        let output = fieldlock(repository.dir.path(), &["posture", "plants/west", &since]);
        assert_eq!(code(&output), 2, "{rev:?}: {}", text(&output));
        assert!(text(&output).contains("no commit that git knows here"), "{rev:?}: {}", text(&output));
        assert!(!repository.dir.path().join("x").exists());
    }
    // outside of git
    let alone = tempfile::tempdir().unwrap();
    common::copy(&common::project("examples/01-pump-station"), alone.path());
    assert_eq!(code(&fieldlock(alone.path(), &["posture", "--since", "HEAD"])), 2);
}

/// What was read comes before, what is described after.
#[test]
fn without_a_revision_the_devices_as_read_come_before() {
    let output = fieldlock(&common::project(""), &["posture", "examples/01-pump-station", "--format", "json"]);
    let told = common::document("posture", &text(&output));
    assert_eq!(told["before"], "what was read from the devices");
    assert!(told["stronger"].as_u64().unwrap() > 10 && told["weaker"] == 0, "{told}");
    assert!(flips(&told, "np02").contains(&"NP6-SES-001 fail -> pass".to_owned()), "{:?}", flips(&told, "np02"));
}

/// What a plant adopted is told with its day and fails nothing until then; behind it, and on another device, it does.
/// No build goes by it.
#[test]
fn what_stood_at_the_beginning_is_dated() {
    let Some(repository) = Repository::new() else { return };
    let device = |name: &str| {
        let text = format!(
            "device \"{name}\" {{\n    platform \"mx-ros\" model=\"EDR-G9010\" firmware=\"3.24\"\n    zone \"control\"\n    \
             {TELNET} }}\n}}\n"
        );
        fs::write(repository.site().join(format!("devices/{name}.kdl")), text).unwrap();
    };
    device("old");
    let adopt = |until: &str, devices: &str| {
        let rules = open(&json_of(&repository, 1, &["--device", "old"]));
        let lines: String = rules
            .iter()
            .map(|rule| format!("    stands \"{rule}\" until=\"{until}\" owner=\"ot-lead\"{devices}\n"))
            .collect();
        fs::write(repository.site().join("adoption.kdl"), format!("adoption {{\n{lines}}}\n")).unwrap();
        rules.len()
    };
    let path = repository.site().join("adoption.kdl");
    assert!(adopt("2999-01-01", " { devices \"old\" }") > 1);
    let told = json_of(&repository, 0, &[]);
    let findings =
        told["findings"].as_array().unwrap().iter().filter(|f| f["device"] == "old" && f["status"] == "fail");
    assert!(
        findings.clone().all(|f| f["known"].as_str().is_some_and(|k| k.contains("ot-lead mends it until 2999-01-01")))
    );
    assert!(findings.count() > 0);
    for format in common::FORMATS {
        repository.ends(0, &["check", "plants/west", "--format", format]);
    }
    let refused = repository.ends(1, &["build", "plants/west", "--device", "old", "--format", "plain"]);
    assert!(refused.contains("MX-SVC-002"), "{refused}");
    device("young");
    json_of(&repository, 1, &[]);
    fs::remove_file(repository.site().join("devices/young.kdl")).unwrap();
    // over: told with the line that dated it
    fs::remove_file(&path).unwrap();
    adopt("2026-01-31", "");
    let told = json_of(&repository, 1, &[]);
    let late = told.to_string();
    assert!(late.contains("was to be mended until 2026-01-31 by ot-lead") && late.contains("adoption.kdl"), "{late}");
    // mended, nobody's, or no file of that kind
    fs::write(
        &path,
        "adoption {\n    stands \"MX-SVC-002\" until=\"2999-01-01\" owner=\"ot-lead\" { devices \"sw04\" }\n}\n",
    )
    .unwrap();
    assert!(json_of(&repository, 1, &[]).to_string().contains("site.adopted-idle"));
    fs::write(&path, "adoption {\n    stands \"MX-SVC-002\" until=\"2999-01-01\" owner=\"nobody\"\n}\n").unwrap();
    assert!(json_of(&repository, 2, &[]).to_string().contains("no person of the site is called `nobody`"));
    fs::write(&path, "adoption {\n    stands \"MX-SVC-002\"\n}\n").unwrap();
    json_of(&repository, 2, &[]);
}

/// One command dates what stands today, device by device; it is written once, and what comes later fails.
#[test]
fn what_stands_today_is_dated_by_one_command() {
    let Some(repository) = Repository::new() else { return };
    let telnet = |name: &str| {
        let path = repository.site().join(format!("devices/{name}.kdl"));
        let text = format!(
            "device \"{name}\" {{\n    platform \"mx-ros\" model=\"EDR-G9010\" firmware=\"3.24\"\n    zone \"control\"\n    \
             services {{ telnet on }}\n}}\n"
        );
        fs::write(path, text).unwrap();
    };
    let new = |until, owner| ["new", "adoption", "plants/west", "--until", until, "--owner", owner];
    let dated = new("2999-01-01", "ot-lead");
    telnet("old");
    json_of(&repository, 1, &[]);
    repository.ends(2, &new("2020-01-01", "ot-lead"));
    repository.ends(2, &new("2999-01-01", "nobody"));
    let path = repository.site().join("adoption.kdl");
    assert!(!path.exists());
    assert!(repository.ends(0, &dated).contains("adoption.kdl"));
    let written = fs::read_to_string(&path).unwrap();
    assert!(
        written.contains("stands \"MX-SVC-002\" until=\"2999-01-01\" owner=\"ot-lead\" { devices \"old\" } // "),
        "{written}"
    );
    let told = json_of(&repository, 0, &[]);
    let known =
        |f: &&Value| f["known"].as_str().is_some_and(|known| known.contains("ot-lead mends it until 2999-01-01"));
    let open =
        told["findings"].as_array().unwrap().iter().filter(|f| f["status"] == "fail" || f["status"] == "unknown");
    assert!(open.clone().count() > 1 && open.clone().all(|f| known(&f)), "{told}");
    repository.ends(0, &["check", "plants/west", "--strict"]);
    // written once: what came since is no beginning
    telnet("young");
    json_of(&repository, 1, &[]);
    let refused = text(&fieldlock(repository.dir.path(), &dated));
    assert!(refused.contains("what came since is no beginning"), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
    json_of(&repository, 1, &[]);
}

fn json_of(repository: &Repository, wanted: i32, more: &[&str]) -> Value {
    let args = [&["check", "plants/west", "--format", "json"], more].concat();
    common::document("report", &repository.ends(wanted, &args))
}

/// The rules that are open.
fn open(told: &Value) -> std::collections::BTreeSet<String> {
    let open =
        told["findings"].as_array().unwrap().iter().filter(|f| f["status"] == "fail" || f["status"] == "unknown");
    open.map(|f| f["rule"].as_str().unwrap().to_owned()).collect()
}

/// The same findings and the same end, with what reaches most first.
#[test]
fn causes_are_told_by_what_they_reach() {
    let output = fieldlock(&common::project(""), &["check", "examples/02-findings", "--by-cause", "--all"]);
    assert_eq!(code(&output), 1, "{}", text(&output));
    let shown = text(&output);
    let rows: Vec<usize> =
        shown.lines().filter_map(|l| l.strip_prefix(' ')?.split_whitespace().next()?.parse().ok()).collect();
    assert!(rows.len() > 20 && rows.is_sorted_by(|a, b| a >= b), "{rows:?}\n{shown}");
    assert!(shown.contains(" findings of "), "{shown}");
}
