//! `dialect`: tables are listed and shown with their grades, a text is held against them, and two texts that differ by
//! one setting give an entry that a site can take as it is.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::common::{self, exports};

fn run(dir: &Path, args: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    program.arg("dialect").args(args).current_dir(dir);
    common::alone(&mut program).output().unwrap()
}

fn document(dir: &Path, kind: &str, args: &[&str]) -> Value {
    let output = run(dir, &[args, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    common::document(kind, &String::from_utf8_lossy(&output.stdout))
}

const SITE: &str = "site \"west\" {\n    zone \"control\"\n    packs \"ot-baseline\"\n}\n";

fn put(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn tables_are_listed_and_their_places_shown() {
    let dir = common::own_folder();
    let list = document(dir, "dialects", &["list"]);
    let tables = list["tables"].as_array().unwrap();
    assert!(tables.len() >= 7);
    for table in tables {
        let name = table["table"].as_str().unwrap();
        let shown = document(dir, "dialects", &["show", name]);
        let places = shown["tables"][0]["places"].as_array().unwrap();
        let counted: u64 = table["grades"].as_array().unwrap().iter().filter_map(Value::as_u64).sum();
        assert_eq!(places.len() as u64, counted, "{name}");
        assert!(places.iter().all(|place| !place["source"].as_str().unwrap().is_empty()));
    }
    let telnet = document(dir, "dialects", &["show", "mx-ros.cli", "services.telnet"]);
    let places = telnet["tables"][0]["places"].as_array().unwrap();
    assert!(places.iter().any(|place| place["native"] == "ip telnet, no ip telnet" || place["native"] == "ip telnet"));
    let output = run(dir, &["show", "edr.cli"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("neither a table nor a file"));
}

#[test]
fn a_text_is_held_against_its_table_and_no_secret_is_shown() {
    let temp = tempfile::tempdir().unwrap();
    let export = exports::export(1, 2, &[]);
    put(temp.path(), "np.ini", &export);
    let known = document(temp.path(), "known-text", &["show", "np.ini"]);
    assert_eq!((&known["platform"], &known["form"]), (&"nport-6000".into(), &"ini".into()));
    assert!(known["settings"].as_u64().unwrap() > 100 && known["rendered"] == true, "{known:#}");
    let text = "[Overview]";
    put(temp.path(), "more.ini", &export.replacen(text, &format!("Strange Key={}\n{text}", exports::CANARY), 1));
    put(temp.path(), "now.cli", &format!("ip telnet\nfrobnicate {}\nauto-logout 300\n", exports::CANARY));
    for name in ["np.ini", "more.ini", "now.cli"] {
        for args in [&["show", name][..], &["show", name, "--format", "json"]] {
            let output = run(temp.path(), args);
            let told = [output.stdout, output.stderr].concat();
            assert!(!String::from_utf8_lossy(&told).contains(exports::CANARY), "{name}");
        }
    }
    let known = document(temp.path(), "known-text", &["show", "now.cli"]);
    assert!(known["unknown"].as_array().unwrap().iter().any(|line| line["line"] == 2), "{known:#}");
}

#[test]
fn what_two_texts_teach_is_read_by_the_site_that_takes_it() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    put(dir, "site.kdl", SITE);
    let text = |line: &str| format!("hostname r1\nip telnet\n{line}\n");
    for (name, off, on, path, value, entry) in [
        ("switch", "no ip wins", "ip wins", "services.wins", "on", "switch \"ip wins\" off=\"no ip wins\""),
        ("number", "idle limit 3", "idle limit 5", "login.auto-logout", "5 min", "line \"idle limit {value}\""),
    ] {
        put(dir, "before.cli", &text(off));
        put(dir, "after.cli", &text(on));
        let args = ["learn", "--before", "before.cli", "--after", "after.cli", "--path", path, "--value", value];
        let output = run(dir, &args);
        let learned = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        if told.contains("is no setting") || told.contains("knows the place") {
            panic!("{name}: take another setting for this test: {told}");
        }
        assert_eq!(output.status.code(), Some(0), "{name}: {told}");
        assert!(learned.contains(entry) && !learned.contains("grade="), "{name}: {learned}");
        put(dir, "dialects/mx-ros.cli.kdl", &learned);
        let shown = document(dir, "dialects", &["show", "mx-ros.cli", path]);
        let own: Vec<&Value> =
            shown["tables"][0]["places"].as_array().unwrap().iter().filter(|place| place["own"] == true).collect();
        assert_eq!((own.len(), &own[0]["grade"]), (1, &"site".into()), "{shown:#}");
        let known = document(dir, "known-text", &["show", "after.cli"]);
        assert!(known["unknown"].as_array().unwrap().is_empty(), "{known:#}");
        // what is known is not learned again
        assert_eq!(run(dir, &args).status.code(), Some(2), "{name}");
        std::fs::remove_dir_all(dir.join("dialects")).unwrap();
    }
}

#[test]
fn texts_that_teach_nothing_are_refused_by_why() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    put(dir, "a.cli", "hostname r1\nip telnet\nno ip wins\n");
    put(dir, "b.cli", "hostname r1\nip telnet\nip wins\n");
    put(dir, "two.cli", "hostname r1\nip telnet\nip wins\nfrobnicate\n");
    put(dir, "secret.cli", &format!("hostname r1\nip telnet\nno ip wins\nfoo password {}\n", exports::CANARY));
    put(dir, "np.ini", &exports::export(1, 2, &[]));
    for (before, after, path, value, why) in [
        ("a.cli", "a.cli", "services.wins", "on", "nothing changed between the texts"),
        ("a.cli", "two.cli", "services.wins", "on", "2 lines that no table knows"),
        ("a.cli", "np.ini", "services.wins", "on", "the texts are not of one kind"),
        ("a.cli", "b.cli", "services.winz", "on", "`services.winz` is no setting"),
        ("a.cli", "b.cli", "services.wins", "maybe", "`maybe` is no value of `services.wins`"),
        ("a.cli", "b.cli", "services.telnet", "on", "knows the place of `services.telnet`"),
        ("a.cli", "b.cli", "login.banner", "hello", "does not show how `login.banner` is written"),
        ("a.cli", "secret.cli", "login.banner", exports::CANARY, "is a secret, or what changed names one"),
    ] {
        let output = run(dir, &["learn", "--before", before, "--after", after, "--path", path, "--value", value]);
        let told = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(2), "{before} {after}: {told}");
        assert!(told.contains(why), "{before} {after}: {told}");
        assert!(output.stdout.is_empty() && !told.contains(exports::CANARY), "{told}");
    }
}
