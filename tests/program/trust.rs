//! `trust`: the person's own signers, in a folder of their own; and what programs get of our environment.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::common::plot::Plot;
use crate::common::{self, project};

pub(crate) struct Person {
    pub(crate) home: tempfile::TempDir,
}

impl Person {
    pub(crate) fn new() -> Person {
        Person { home: tempfile::tempdir().unwrap() }
    }

    fn run_in(&self, folder: &Path, args: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        let base = ["PATH", "SystemRoot"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        program.args(args).current_dir(folder).stdin(Stdio::null()).env_clear().envs(base);
        let own = |name: &str| self.home.path().join(name);
        program.env("HOME", self.home.path()).env("APPDATA", own(".config")).env("LOCALAPPDATA", own(".local/state"));
        program.output().unwrap()
    }

    fn run(&self, args: &[&str]) -> Output {
        self.run_in(self.home.path(), args)
    }

    /// Runs a verb that has to end with this code; what it said.
    pub(crate) fn says(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert_eq!(output.status.code(), Some(code), "{args:?}\n{said}");
        said
    }

    fn file(&self) -> PathBuf {
        self.home.path().join(".config/fieldlock/allowed_signers")
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }
}

/// A public key of the kept ones.
fn key(name: &str) -> String {
    let keys = std::fs::read_to_string(project("tests/vectors/signature/keys")).unwrap();
    keys.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).unwrap().to_owned()
}

#[test]
fn somebody_is_added_listed_and_removed() {
    let person = Person::new();
    assert!(person.says(0, &["trust", "list"]).contains("nobody may sign yet"));
    let file = person.home.path().join("ci.pub");
    std::fs::write(&file, format!("{} build server\n", key("a"))).unwrap();
    let told = person.says(0, &["trust", "add", "ci@example", "ci.pub", "--valid-before", "2999-01-01"]);
    let fingerprint = told.split_whitespace().find(|word| word.starts_with("SHA256:")).unwrap().to_owned();
    person.says(0, &["trust", "add", "ot-lead", &key("b"), "--valid-after", "2999-01-01T06:00:00Z"]);
    let text = person.text();
    let options = "namespaces=\"fieldlock-index.v1\",valid-before=\"29990101000000Z\"";
    assert!(text.starts_with(&format!("ci@example {options} {} added ", key("a"))), "{text}");
    assert!(text.contains("\not-lead namespaces=\"fieldlock-index.v1\",valid-after=\"29990101060000Z\" ssh-ed25519 "));
    let list = person.says(0, &["trust", "list"]);
    assert!(list.contains(&format!("ci@example  ssh-ed25519  {fingerprint}  until 2999-01-01T00:00:00Z\n")), "{list}");
    assert!(list.contains("  not before 2999-01-01T06:00:00Z\n"), "{list}");
    let json = common::document("signers", &person.says(0, &["trust", "list", "--format", "json"]));
    assert_eq!(json["signers"].as_array().unwrap().len(), 2);
    assert_eq!(json["signers"][0]["fingerprint"], fingerprint);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&person.file()), mode(person.file().parent().unwrap())), (0o600, 0o700));
    }
    assert!(person.says(0, &["trust", "remove", "ci@example"]).contains(&fingerprint));
    assert!(!person.text().contains("ci@example") && person.text().starts_with("ot-lead "));
    let left = person.text();
    let told = person.says(2, &["trust", "remove", "ci@example"]);
    assert!(told.contains("nobody called `ci@example`") && told.contains("as they were"), "{told}");
    assert_eq!(person.text(), left);
    assert!(person.says(0, &["trust", "remove", "ot-lead"]).contains("nobody is left"));
}

#[test]
fn who_is_taken_out_is_told_what_the_name_may_sign_still() {
    let person = Person::new();
    person.says(0, &["trust", "add", "ot-lead", &key("a"), "--for", "plans"]);
    person.says(0, &["trust", "add", "ot-lead", &key("a"), "--site", "weir"]);
    let told = person.says(2, &["trust", "remove", "ot-lead"]);
    let (plans, weir) =
        ("`fieldlock trust remove ot-lead --for plans`", "`fieldlock trust remove ot-lead --site weir`");
    assert!(told.split_whitespace().collect::<Vec<_>>().join(" ").contains(plans), "{told}");
    let told = person.says(0, &["trust", "remove", "ot-lead", "--for", "plans"]);
    assert!(told.contains(&format!("ot-lead may still sign builds of weir: {weir}\n")), "{told}");
    let told = person.says(0, &["trust", "remove", "ot-lead", "--site", "weir"]);
    assert!(!told.contains("still"), "{told}");
}

#[test]
fn what_else_stands_in_the_file_is_kept_byte_for_byte() {
    let person = Person::new();
    std::fs::create_dir_all(person.file().parent().unwrap()).unwrap();
    let own = format!(
        "# mine\r\n\r\n\tme@home,*@home namespaces=\"git\" {}\r\nold x,y {}\n\u{e9}  # no line break",
        key("b"),
        key("b")
    );
    std::fs::write(person.file(), &own).unwrap();
    person.says(0, &["trust", "add", "ci@example", &key("a")]);
    assert!(person.text().starts_with(&format!("{own}\nci@example namespaces=")), "{}", person.text());
    let list = person.says(0, &["trust", "list"]);
    assert!(
        list.contains("for other namespaces only") && list.contains("line 4 is of no use: it has an unknown option"),
        "{list}"
    );
    person.says(0, &["trust", "remove", "ci@example"]);
    assert_eq!(person.text(), format!("{own}\n"));
    person.says(0, &["trust", "remove", "old"]);
    assert_eq!(person.text(), format!("{own}\n").replace(&format!("old x,y {}\n", key("b")), ""));
}

#[test]
fn what_can_not_be_added_changes_nothing() {
    let person = Person::new();
    person.says(0, &["trust", "add", "ci@example", &key("a")]);
    let before = person.text();
    let home = person.home.path();
    std::fs::write(home.join("private"), "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary-key-material\n").unwrap();
    std::fs::write(home.join("two.pub"), format!("{}\n{}\n", key("a"), key("b"))).unwrap();
    std::fs::write(home.join("broken.pub"), key("b").replace("AAAA", "AAA")).unwrap();
    let (a, b) = (key("a"), key("b"));
    let cases: [(&[&str], &str); 14] = [
        (&["ci@example", &a], "has a line already"),
        (&["other", &a], "has a line already, as `ci@example`"),
        (&["ci,ot", &b], "can't be the name"),
        (&["*", &b], "can't be the name"),
        (&["a b", &b], "can't be the name"),
        (&["", &b], "can't be the name"),
        (&["\u{1b}[2J", &b], "can't be the name"),
        (&["x", &key("rsa")], "signs no index"),
        (&["x", "private"], "looks like a private one"),
        (&["x", "two.pub"], "more than one line"),
        (&["x", "broken.pub"], "damaged"),
        (&["x", "nowhere.pub"], "can't be read"),
        (&["x", &b, "--valid-before", "tomorrow"], "is no time"),
        (&["x", &b, "--valid-before", "2001-01-01"], "over before it begins"),
    ];
    for (args, wanted) in cases {
        let told = person.says(2, &[&["trust", "add"], args].concat());
        assert!(told.contains(wanted) && told.contains("the allowed signers are as they were"), "{args:?}\n{told}");
        assert!(!told.contains("canary") && !told.contains('\u{1b}'), "{told}");
        assert_eq!(person.text(), before, "{args:?}");
    }
}

#[test]
fn a_link_in_the_place_of_the_file_is_not_written_through() {
    let person = Person::new();
    let target = person.home.path().join("target");
    std::fs::create_dir_all(person.file().parent().unwrap()).unwrap();
    std::fs::write(&target, "# kept\n").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&target, person.file()).unwrap();
        let told = person.says(2, &["trust", "add", "ci@example", &key("a")]);
        assert!(told.contains("as they were"), "{told}");
    }
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "# kept\n");
}

/// C2 and invariant 14: a site's own files of signers, wherever they lie in it, are none of the person's.
#[test]
fn nothing_is_read_from_a_site() {
    let person = Person::new();
    let site = person.home.path().join("site");
    let line = format!("attacker@example {}\n", key("a"));
    for name in ["site.kdl", "allowed_signers", ".config/fieldlock/allowed_signers", "fieldlock/allowed_signers"] {
        let path = site.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(
            path,
            if name == "site.kdl" { "site \"x\" { allowed-signers \"allowed_signers\" }\n" } else { &line },
        )
        .unwrap();
    }
    let output = person.run_in(&site, &["trust", "list"]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("nobody may sign yet"));
    // a relative folder would lie in the site
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    program.args(["trust", "list"]).current_dir(&site).env_clear().env("HOME", person.home.path());
    let output = common::configured(&mut program, Path::new(".")).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    // where no other variable names one there is no folder at all
    let words = if cfg!(windows) { "APPDATA" } else { "nobody may sign yet" };
    assert!(said.contains(words) && !said.contains("attacker"), "{said}");
}

/// M13: programs get no more of our environment than they need.
#[cfg(unix)]
#[test]
fn a_canary_in_our_environment_reaches_no_program() {
    let temp = tempfile::tempdir().unwrap();
    let dump = temp.path().join("dump");
    for name in ["git", "ssh-keygen", "age"] {
        let write =
            "printf '#!/bin/sh\\n{ echo \"$0\"; export -p; } >>%s\\nexit 1\\n' \"$1\" >\"$0\" && chmod 755 \"$0\"";
        let path = temp.path().join(name);
        assert!(Command::new("/bin/sh").arg("-c").arg(write).arg(&path).arg(&dump).status().unwrap().success());
    }
    let plot = common::plot::Plot::new();
    let (out, secrets) = (temp.path().join("out"), plot.dir.path().join("secrets"));
    let recipients = temp.path().join("recipients");
    std::fs::write(&recipients, "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n").unwrap();
    let demo = project("examples/01-pump-station");
    let of = |path: &Path| path.to_str().unwrap().to_owned();
    for args in [
        vec!["build".to_owned(), of(&demo), "--out".to_owned(), of(&out)],
        vec![
            "build".to_owned(),
            of(&plot.site()),
            "--secrets".to_owned(),
            of(&secrets),
            "--recipients".to_owned(),
            of(&recipients),
        ],
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        common::alone(&mut program).args(args).args(["--sign-key", &of(&recipients)]);
        program.current_dir(project("")).stdin(Stdio::null()).env("XDG_CONFIG_HOME", temp.path());
        program.env("PATH", format!("{}:/usr/bin:/bin", temp.path().display()));
        for name in [
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "FIELDLOCK_PASSPHRASE",
            "GIT_DIR",
            "GIT_SSH_COMMAND",
            "LD_LIBRARY_PATH",
        ] {
            program.env(name, "canary-91c0");
        }
        let output = program.output().unwrap();
        // the programs do nothing but dump, so that no signature is made, and nothing is written
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let dumped = std::fs::read_to_string(&dump).unwrap();
    assert!(["/git", "/ssh-keygen", "/age", "PATH="].iter().all(|word| dumped.contains(word)), "{dumped}");
    assert!(!dumped.contains("canary-91c0") && !dumped.contains("CARGO"), "{dumped}");
}

/// Who signs for one site says nothing of another; and where somebody signs, nothing goes without.
#[test]
fn a_signer_of_one_site_leaves_the_images_of_others_openable() {
    let (person, plot) = (Person::new(), Plot::new());
    plot.build();
    let words = person.home.path().join("words");
    std::fs::write(&words, "weir sluice penstock tailrace\n").unwrap();
    let (out, image) = (plot.out().display().to_string(), plot.image_path("np07").display().to_string());
    let words = words.display().to_string();
    let verify = ["verify", &out, "--passphrase-file", &words];
    let open = ["image", "open", &image, "--passphrase-file", &words];
    let codes = || [&verify[..], &open[..]].map(|args| person.run(args).status.code().unwrap());
    let before = codes();
    assert!(before.iter().all(|code| *code == 0), "{before:?} {}", person.says(before[0], &verify));
    let told = person.says(0, &["trust", "add", "ci@example", &key("a"), "--site", "weir"]);
    assert!(told.contains("for the site weir"), "{told}");
    assert_eq!(codes(), before);
    let list = person.says(0, &["trust", "list"]);
    assert!(list.starts_with("for the site weir\nci@example"), "{list}");
    person.says(0, &["trust", "add", "ci@example", &key("a"), "--site", "pump-station"]);
    assert_eq!(codes(), [5, 5]);
    assert!(person.says(5, &open).contains("signers are trusted"));
    // M5: an index that calls itself after a site without signers does not get an image of this one opened
    let index = std::fs::read_to_string(plot.out().join("index.json")).unwrap();
    std::fs::write(plot.out().join("index.json"), index.replace("\"pump-station\"", "\"elsewhere\"")).unwrap();
    assert_eq!(codes(), [5, 5]);
    person.says(2, &["trust", "remove", "ci@example"]);
    person.says(0, &["trust", "remove", "ci@example", "--site", "pump-station"]);
    std::fs::write(plot.out().join("index.json"), index).unwrap();
    assert_eq!(codes(), before);
    let told = person.says(0, &["trust", "add", "ci@example", &key("a")]);
    assert!(told.contains("for every site") && told.contains("--site NAME"), "{told}");
    assert_eq!(codes(), [5, 5]);
    person.says(2, &["trust", "add", "ci@example", &key("b"), "--site", "../x"]);
}
