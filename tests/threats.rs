//! Attacks on earlier drafts, kept: what whoever writes a merge request, or a stick, tries on those who hold the keys.
//! `ARCHITECTURE.md` lists all of them with their tests; those stand here that are of the whole program.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

mod common;

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
        Command::new(env!("CARGO_BIN_EXE_fieldlock"))
            .args(args)
            .current_dir(self.at("site"))
            .env("HOME", self.at("home"))
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_STATE_HOME")
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

/// H14: a merge request declares the site a demo, so that its job seals real secrets with a passphrase that everybody
/// knows.
#[test]
fn h14_a_site_that_becomes_a_demo_gets_no_real_secret() {
    let job = Job::with_store();
    job.edit("site/site.kdl", "    zone \"control\"", "    demo on\n    zone \"control\"");
    job.put("site/demo/passphrase", b"fieldlock demo passphrase, protects nothing\n");
    for args in [&BUILD[..], &["build", "--secrets", "store", "--passphrase-file", "../passphrase"], &["build"]] {
        let output = job.run(args);
        assert_ne!(output.status.code(), Some(0), "{args:?}");
        job.nothing_built();
    }
    // a folder of real secrets neither
    for name in ["np21/ot-lead", "weir-router/ot-admin", "weir-router/backup"] {
        job.put(&format!("secrets/{name}"), b"Real-Secret-77\n");
    }
    let said = job.says(2, &["build", "--secrets", "../secrets"]);
    assert!(said.contains("site.demo-source"), "{said}");
    job.nothing_built();
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
