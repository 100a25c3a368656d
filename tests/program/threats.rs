//! Attacks on earlier drafts, kept: what whoever writes a merge request, or a stick, tries on those who hold the keys.
//! `ARCHITECTURE.md` lists all of them with their tests; those stand here that are of the whole program.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use fieldlock::site::SiteDevice;

use crate::common;
use crate::common::plot::{Plot, sealed};

/// Somebody's site: the sealed example with its store, and what a job in CI holds beside it.
struct Job {
    temp: tempfile::TempDir,
}

impl Job {
    fn new() -> Job {
        let job = Job { temp: tempfile::tempdir().unwrap() };
        for (name, bytes) in common::files(&common::project("examples/03-sealed")) {
            if !name.starts_with("out/") && name != "README.md" {
                job.put(&format!("site/{name}"), &bytes);
            }
        }
        job.put("passphrase", b"penstock tailrace sluice eel-ladder 71\n");
        job
    }

    /// With a store that holds all secrets.
    fn with_store() -> Job {
        let job = Job::new();
        job.says(0, &["secret", "generate", "--missing", "--passphrase-file", "../passphrase"]);
        job
    }

    fn at(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.at(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from:?}");
        self.put(name, text.replacen(from, to, 1).as_bytes());
    }

    fn run(&self, args: &[&str]) -> Output {
        common::at_home(&mut Command::new(env!("CARGO_BIN_EXE_fieldlock")), &self.at("home"))
            .args(args)
            .current_dir(self.at("site"))
            // what no part of the environment at large may decide
            .env("FIELDLOCK_PASSPHRASE", "penstock tailrace sluice eel-ladder 71")
            .env("PASSPHRASE", "penstock tailrace sluice eel-ladder 71")
            .env("AGE_RECIPIENTS", "age1qqqq")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// What was said; the exit code has to be this one.
    fn says(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        text
    }

    /// Nothing was built.
    fn nothing_built(&self) {
        assert!(!self.at("site/out/index.json").exists() && !self.at("site/out/images").exists());
    }
}

const BUILD: [&str; 3] = ["build", "--passphrase-file", "../passphrase"];

/// C2: a merge request brings files that an eager tool would believe: signers, recipients, a passphrase.
#[test]
fn c2_a_site_names_no_key_no_signer_and_no_recipient() {
    let job = Job::with_store();
    let key = "evil ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n";
    for name in ["allowed_signers", ".config/fieldlock/allowed_signers", "out.signers", "fieldlock/allowed_signers"] {
        job.put(&format!("site/{name}"), key.as_bytes());
    }
    for name in ["recipients", "recipients.txt", ".age/recipients", "secrets/recipients"] {
        job.put(&format!("site/{name}"), b"age1qqqq\n");
    }
    for name in ["passphrase", "demo/passphrase", "secrets/passphrase", ".passphrase"] {
        job.put(&format!("site/{name}"), b"known to everybody who reads the merge request\n");
    }
    let said = job.says(2, &["build"]);
    assert!(said.contains("no passphrase was given"), "{said}");
    job.nothing_built();

    job.says(0, &BUILD);
    let index = std::fs::read_to_string(job.at("site/out/index.json")).unwrap();
    assert!(index.contains(r#""recipients":[]"#), "{index}");
    let slots = job.says(0, &["image", "inspect", "out/images/np21.flk"]);
    assert_eq!((slots.matches("opened by").count(), slots.matches("passphrase (Argon2id").count()), (1, 1), "{slots}");
    assert!(!job.says(0, &["trust", "list"]).contains("evil"));
    job.says(5, &["image", "open", "out/images/np21.flk", "--passphrase-file", "passphrase"]);
}

/// C2: nor does the language have words for it.
#[test]
fn c2_site_kdl_has_no_words_for_trust() {
    for words in [
        "recipients \"age1qqqq\"",
        "allowed-signers \"allowed_signers\"",
        "passphrase-file \"passphrase\"",
        "secrets \"../elsewhere\"",
        "exec \"sh\" \"-c\" \"id\"",
    ] {
        let job = Job::new();
        job.edit("site/site.kdl", "    zone \"control\"", &format!("    {words}\n    zone \"control\""));
        let said = job.says(2, &BUILD);
        let word = words.split(' ').next().unwrap();
        assert!(said.contains("shape.unknown") && said.contains(&format!("`{word}`")), "{said}");
        job.nothing_built();
    }
}

/// H6: a pack that a merge request brings asks a secret one bit per run.
#[test]
fn h6_no_rule_of_a_site_may_question_a_secret() {
    let pack = "pack \"probe\" version=\"1.0.0\" {\n    title \"Probe\"\n    platforms \"nport-6000-g2\"\n}\n";
    for question in ["matches=\"^a\"", "contains=\"a\"", "length=\"8\"", "not=\"hunter2\""] {
        let job = Job::with_store();
        job.put("site/packs/probe/pack.kdl", pack.as_bytes());
        let rule = format!(
            "rule \"PROBE-1\" severity=\"low\" family=\"probe\" moment=\"build\" {{\n    title \"Probe\"\n    why \"-\"\n    \
             platforms \"nport-6000-g2\"\n    require {{ accounts {{ each \"account\" {{ password {question} }} }} }}\n    \
             source \"here\" section=\"1\"\n    passes {{ }}\n    fails {{ }}\n}}\n"
        );
        job.put("site/packs/probe/PROBE-1.kdl", rule.as_bytes());
        job.edit("site/site.kdl", "\"fleet\"", "\"fleet\" \"probe\"");
        let said = job.says(2, &BUILD);
        assert!(said.contains("secret"), "{question}: {said}");
        job.nothing_built();
    }
}

/// H7: a device whose image somebody else opens borrows the password of another one; no waiver helps.
#[test]
fn h7_a_device_can_not_borrow_the_secret_of_another() {
    let job = Job::with_store();
    let account = "account \"ot-lead\" group";
    job.edit("site/devices/np21.kdl", account, "account \"ot-lead\" password=(stored)\"weir-router/ot-admin\" group");
    let waiver = "waiver \"W-1\" {\n    rule \"site.foreign-secret\"\n    device \"np21\"\n    from \"2026-01-05\"; until \
                  \"2026-12-30\"\n    reason \"-\"; risk \"-\"; instead \"-\"\n    ticket \"-\"; owner \"ben\"; approver \
                  \"ana\"\n}\n";
    job.put("site/waivers/W-1.kdl", waiver.as_bytes());
    let said = job.says(2, &BUILD);
    assert!(said.contains("site.foreign-secret") && said.contains("np21.kdl"), "{said}");
    job.nothing_built();
}

/// H7 by a profile: one line makes it of two devices, and neither of them gets by, alone or beside others that are
/// built.
#[test]
fn h7_a_profile_borrows_for_none_of_its_devices() {
    let plot = Plot::new();
    plot.put("../secrets/site/fingerprint-key", "5a".repeat(32).as_bytes());
    for name in ["site/fingerprint-key", "ot-common"] {
        plot.put(&format!("../secrets/{name}"), "5a".repeat(32).as_bytes());
        let account = format!("account \"ot-admin\" password=(stored)\"{name}\" role");
        plot.edit("profiles/mx-baseline.kdl", "account \"ot-admin\" role", &account);
        for device in ["ps7-router", "sw04"] {
            let only = |d: &SiteDevice| &*d.name == device;
            let built = plot.try_build(&plot.out(), |with| with.devices = &only).unwrap();
            assert!(!built.wrote && built.report.findings.iter().any(|f| f.code == "site.foreign-secret"), "{device}");
        }
        let built =
            plot.try_build(&plot.dir.path().join(name.replace('/', "-")), |with| with.keep_going = true).unwrap();
        assert_eq!(sealed(&built.report), ["np02", "np07"], "{name}");
        plot.edit("profiles/mx-baseline.kdl", &account, "account \"ot-admin\" role");
    }
}

/// H14: a merge request declares the site a demo, so that its job seals real secrets with a passphrase that everybody
/// knows.
#[test]
fn h14_a_site_that_becomes_a_demo_gets_no_real_secret() {
    let job = Job::with_store();
    job.edit("site/site.kdl", "    zone \"control\"", "    demo on\n    zone \"control\"");
    job.put("site/demo/passphrase", b"fieldlock demo passphrase, protects nothing\n");
    // nothing is missing: it would be a proper demo
    for (n, name) in ["np21/ot-lead", "weir-router/ot-admin", "weir-router/backup"].iter().enumerate() {
        job.put(&format!("site/demo/secrets/{name}"), format!("Demo-Valve-7{n}-aBq\n").as_bytes());
        job.put(&format!("secrets/{name}"), format!("Real-Valve-7{n}-aBq\n").as_bytes());
    }
    for (args, code, why) in [
        (&BUILD[..], 5, "a demo site takes its passphrase from its own `demo` folder only"),
        (&["build", "--secrets", "store", "--passphrase-file", "../passphrase"], 2, "site.demo-source"),
        (&["build", "--secrets", "../secrets"], 2, "site.demo-source"),
        (&["build", "--secrets", "store"], 2, "site.demo-source"),
    ] {
        let said = job.says(code, args);
        assert!(said.contains(why), "{args:?}: {said}");
        job.nothing_built();
    }
    // nor may it bring a passphrase of its own
    job.put("site/demo/passphrase", b"kingfisher culvert gauge-board flume\n");
    let said = job.says(5, &["build"]);
    assert!(said.contains("`demo/passphrase` is not the demo passphrase"), "{said}");
    job.nothing_built();
    // with nothing but its own it is a demo, and says so
    job.put("site/demo/passphrase", b"fieldlock demo passphrase, protects nothing\n");
    let said = job.says(0, &["build"]);
    assert!(said.contains("DEMO: the passphrase is public"), "{said}");
    let opened = job.says(0, &["image", "open", "out/images/np21.flk", "--demo"]);
    assert!(opened.contains("not proved: everybody knows the demo passphrase"), "{opened}");
}

/// M2: what a job without any key needs for its report lies in no file that only a key can write.
#[test]
fn m2_a_job_without_keys_reports_everything_but_seals_nothing() {
    let job = Job::with_store();
    job.says(0, &BUILD);
    let before = common::files(&job.at("site/out"));
    job.edit("site/profiles/common.kdl", "auto-logout \"5 min\"", "auto-logout \"4 min\"");
    job.says(0, &["check", "--secrets", "placeholder"]);
    job.says(0, &["build", "--secrets", "placeholder", "--out", "../public"]);
    assert!(common::files(&job.at("public")).iter().all(|(name, _)| !name.ends_with(".flk")));
    assert!(common::files(&job.at("public")).iter().any(|(name, bytes)| {
        name.ends_with(".redacted.cli") && String::from_utf8_lossy(bytes).contains("<secret weir-router/ot-admin>")
    }));
    assert!(common::files(&job.at("site/out")) == before, "the sealed build is as it was");
}
