//! A device that imports a file: what it has is sealed first, what it took of the file is read from its next export,
//! and what would shut people out is written into no file.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use fieldlock::dialect::ini::container::{PRESET, close, open};
use fieldlock::ledger::receipt::{Event, Outcome, RowStatus};

use crate::applying::{Bench, answers};
use crate::common;

const BEGIN: [&str; 12] = [
    "apply",
    "np02",
    "--by",
    "ot-lead",
    "--from",
    "out",
    "--passphrase-file",
    "phrase",
    "--laptop",
    "10.20.0.10",
    "--file",
    "import.ini",
];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&BEGIN[..], more].concat()
}

const BACKUP: [&str; 2] = ["--backup", "np02.ini"];
const AGAIN: [&str; 3] = ["--resume", "--backup", "after.ini"];

fn read(bench: &Bench, name: &str) -> String {
    String::from_utf8(std::fs::read(bench.path(name)).unwrap()).unwrap()
}

#[test]
fn what_was_imported_is_read_back_line_by_line() {
    let Some(bench) = Bench::new() else { return };
    let told = bench.ends(6, &with(&BACKUP));
    assert!(told.contains("import it on the page") && told.contains("[SNMP Agent] SNMP Mode=0"), "{told}");
    let secret = read(&bench, "secrets/np02/ot-lead");
    let file = read(&bench, "import.ini");
    assert!(file.contains(secret.trim()) && !told.contains(secret.trim()));
    assert_eq!(file.lines().count(), read(&bench, "site/captures/np02.ini").lines().count());
    // nobody may take it for done, and nothing else is begun
    assert!(
        bench.ends(6, &["apply", "np02", "--by", "ot-lead", "--from", "out", "--resume"]).contains("nobody says yet")
    );
    assert!(bench.ends(5, &with(&BACKUP)).contains("broken off"));
    // nobody imported it: it is written again
    std::fs::remove_file(bench.path("import.ini")).unwrap();
    assert!(bench.ends(6, &with(&["--resume", BACKUP[0], BACKUP[1]])).contains("import it on the page"));
    assert_eq!(read(&bench, "import.ini"), file);
    // the device took all but one line
    std::fs::write(bench.path("after.ini"), file.replacen("\r\nSNMP Mode=0", "\r\nSNMP Mode=1", 1)).unwrap();
    std::fs::remove_file(bench.path("import.ini")).unwrap();
    let told = bench.ends(6, &with(&AGAIN));
    assert!(told.contains("left  [SNMP Agent] SNMP Mode"), "{told}");
    assert!(!bench.path("import.ini").exists(), "what was not taken is not offered again");
    bench.ends(
        6,
        &["apply", "np02", "--by", "ot-lead", "--from", "out", "--stop", "the rest is typed", "--sign-key", "key"],
    );
    let [receipt] = &bench.receipts()[..] else { panic!("{told}") };
    let (other, done): (Vec<_>, Vec<_>) = receipt.rows().into_iter().partition(|row| row.status == RowStatus::Other);
    assert_eq!((other.len(), &*other[0].field), (1, "[SNMP Agent] SNMP Mode"));
    let ended = receipt.ended().unwrap();
    assert_eq!((ended.outcome, ended.confirmed as usize), (Outcome::Stopped, done.len()));
    // what it had is sealed, before and after
    let backups = receipt.lines().iter().filter(|line| matches!(line.event, Event::Backup(_))).count();
    assert_eq!((backups, common::files(&bench.path("out/backups")).len()), (3, 3));
    bench.no_secret_is_kept();
    // what was read last comes home with it, once
    let brought = bench.ends(0, &["return", "out", "--site", "site"]);
    assert!(brought.contains("np02  read again"), "{brought}");
    let capture = read(&bench, "site/captures/np02.ini");
    assert!(capture.contains("Login Message=Property of") && !capture.contains(secret.trim()), "{capture}");
    assert!(read(&bench, "site/captures/np02.kdl").contains("by=\"ot-lead\""));
    assert!(bench.ends(0, &["return", "out", "--site", "site"]).contains("in the site already"));
    let left = bench.ends(3, &["diff", "site", "--device", "np02", "--secrets", "secrets", "--exit-code"]);
    assert!(left.contains("snmp") && !left.contains("password-policy"), "{left}");
}

/// Nothing is a capture that nobody read, or that is another device's.
#[test]
fn what_lies_among_captures_is_looked_at_before_it_comes_home() {
    let Some(bench) = Bench::new() else { return };
    bench.save(&answers(&bench.sheet(), 1, ""));
    std::fs::create_dir(bench.path("out/captures")).unwrap();
    let export = read(&bench, "site/captures/np02.ini");
    let home = ["return", "out", "--site", "site"];
    for (name, text, why) in [
        ("np99.ini", export.clone(), "no device of the site"),
        ("np02.ini", export.clone(), "no receipt beside it says who read it"),
        ("np07.ini", export.clone(), "np07"),
    ] {
        let path = bench.path(&format!("out/captures/{name}"));
        std::fs::write(&path, text).unwrap();
        let told = bench.ends(5, &home);
        assert!(told.contains(why) && told.contains("nothing was brought"), "{name}: {told}");
        std::fs::remove_file(path).unwrap();
    }
    let filled = read(&bench, "site/captures/np07.sheet").replacen("Auto logout (min)\t5", "Auto logout (min)\t6", 1);
    std::fs::write(bench.path("out/captures/np07.sheet"), filled).unwrap();
    assert!(bench.ends(0, &home).contains("np07  read again"));
}

/// A link on the stick, put there by whoever had it, is followed neither at the device nor at home.
#[test]
fn links_on_the_stick_lead_nowhere() {
    let Some(bench) = Bench::new() else { return };
    let victim = bench.path("victim");
    std::fs::create_dir(&victim).unwrap();
    std::fs::write(victim.join("np02.ini"), "theirs").unwrap();
    let link = |name: &str| {
        let place = bench.path(&format!("out/{name}"));
        let _ = std::fs::remove_dir_all(&place);
        std::os::unix::fs::symlink("../victim", &place).unwrap();
        place
    };
    let untouched = || common::files(&victim) == [("np02.ini".to_owned(), b"theirs".to_vec())];
    for name in ["receipts", "backups", "captures"] {
        let place = link(name);
        let told = bench.ends(2, &with(&BACKUP));
        assert!(told.contains("a link stands in its place") && untouched(), "{name}: {told}");
        std::fs::remove_file(place).unwrap();
    }
    // and put there while the work goes on
    bench.ends(6, &with(&BACKUP));
    std::fs::rename(bench.path("import.ini"), bench.path("after.ini")).unwrap();
    let place = link("captures");
    let told = bench.ends(6, &with(&AGAIN));
    assert!(told.contains("a link stands in its place") && untouched(), "{told}");
    std::fs::remove_file(place).unwrap();
    let place = link("receipts");
    let stop = ["apply", "np02", "--by", "ot-lead", "--from", "out", "--stop", "x"];
    let told = bench.ends(2, &stop);
    assert!(told.contains("a link stands in its place") && untouched(), "{told}");
    std::fs::remove_file(place).unwrap();
    bench.ends(6, &[&stop[..6], &["--resume"]].concat());
    // at home
    link("captures");
    let told = bench.ends(2, &["return", "out", "--site", "site"]);
    assert!(told.contains("link") && told.contains("nothing was brought"), "{told}");
    std::fs::remove_file(bench.path("out/captures")).unwrap();
    std::fs::create_dir(bench.path("out/captures")).unwrap();
    std::os::unix::fs::symlink("../../np02.ini", bench.path("out/captures/np02.ini")).unwrap();
    let told = bench.ends(2, &["return", "out", "--site", "site"]);
    assert!(told.contains("link") && told.contains("nothing was brought"), "{told}");
}

/// With the store open, which is looked through, what was read comes home as well.
#[test]
fn a_capture_comes_home_where_the_store_is_open() {
    let Some(bench) = Bench::new() else { return };
    bench.save(&answers(&bench.sheet(), 1, ""));
    bench.ends(0, &["secret", "generate", "--missing", "--site", "site", "--passphrase-file", "phrase"]);
    let filled = read(&bench, "site/captures/np07.sheet").replacen("Auto logout (min)\t5", "Auto logout (min)\t6", 1);
    std::fs::create_dir(bench.path("out/captures")).unwrap();
    std::fs::write(bench.path("out/captures/np07.sheet"), filled).unwrap();
    let told = bench.ends(0, &["return", "out", "--site", "site", "--passphrase-file", "phrase"]);
    assert!(told.contains("np07  read again"), "{told}");
}

#[test]
fn a_device_that_encrypts_its_exports_is_given_a_file_that_it_opens() {
    let Some(bench) = Bench::new() else { return };
    let plain = std::fs::read(bench.path("np02.ini")).unwrap();
    let encrypted = close(&plain, PRESET.as_bytes()).unwrap();
    std::fs::write(bench.path("export.dec"), encrypted).unwrap();
    bench.ends(6, &with(&["--backup", "export.dec"]));
    let file = open(&std::fs::read(bench.path("import.ini")).unwrap(), PRESET.as_bytes()).unwrap();
    let file = String::from_utf8(file.to_vec()).unwrap();
    assert!(file.contains("\r\nSNMP Mode=0\r\n"), "{file}");
}

#[test]
fn what_shuts_people_out_is_written_into_no_file() {
    let Some(bench) = Bench::new() else { return };
    let from = |laptop: &'static str| {
        let mut args = with(&BACKUP);
        args[9] = laptop;
        args
    };
    for (laptop, why) in [("10.20.0.99", "leaves nobody in"), ("10.30.0.1", "leaves nobody in")] {
        let told = bench.ends(5, &from(laptop));
        assert!(told.contains(why) && told.contains("nothing was sent"), "{laptop}: {told}");
        assert!(!bench.path("import.ini").exists());
    }
    // another device's export, one of another platform, and a sheet
    let other = read(&bench, "np02.ini").replace("Serial No.=4102", "Serial No.=4103");
    std::fs::write(bench.path("other.ini"), other).unwrap();
    assert!(bench.ends(5, &with(&["--backup", "other.ini"])).contains("this is not np02"));
    bench.ends(2, &with(&[]));
    // a text in which secrets are blanked is no backup
    let blanked = bench.ends(5, &with(&["--backup", "site/captures/np02.ini"]));
    assert!(blanked.contains("secrets are blanked") && blanked.contains("nothing was sent"), "{blanked}");
    let mut sheet = with(&["--backup", "site/captures/np07.sheet"]);
    sheet[1] = "np07";
    bench.ends(5, &sheet);
    // on the way another device's export comes in
    bench.ends(6, &with(&BACKUP));
    let again = with(&["--resume", "--backup", "other.ini"]);
    assert!(bench.ends(5, &again).contains("was begun on 4102"));
}

/// What a site found out about its devices goes along, and counts while the index vouches for it.
#[test]
fn what_a_site_adds_to_the_tables_goes_along_with_the_build() {
    let Some(bench) = Bench::new() else { return };
    let own = r#"dialect "nport-6000" form="ini" source="np02, read on the device" { }"#;
    std::fs::create_dir(bench.path("site/dialects")).unwrap();
    std::fs::write(bench.path("site/dialects/nport-6000.ini.kdl"), own).unwrap();
    bench.build();
    bench.ends(0, &["bundle", "stick", "--from", "out"]);
    assert_eq!(read(&bench, "stick/tables/nport-6000.ini.kdl"), own);
    let from_the_stick = |more: &[&str]| -> String {
        let args: Vec<&str> = with(more).into_iter().map(|arg| if arg == "out" { "stick" } else { arg }).collect();
        bench.ends(6, &args)
    };
    let told = from_the_stick(&BACKUP);
    assert!(told.contains("import it on the page") && !told.contains("other tables"), "{told}");
    for other in [Some(own.replace("read on", "guessed at")), Some("dialect".into()), None] {
        let path = bench.path("stick/tables/nport-6000.ini.kdl");
        other.map_or_else(|| std::fs::remove_file(&path), |text| std::fs::write(&path, text)).unwrap();
        std::fs::remove_file(bench.path("import.ini")).unwrap();
        let told = from_the_stick(&["--resume", BACKUP[0], BACKUP[1]]);
        assert!(told.contains("this fieldlock knows other tables"), "{told}");
    }
    // a site that adds nothing any more leaves nothing behind
    std::fs::remove_dir_all(bench.path("site/dialects")).unwrap();
    bench.build();
    assert!(!bench.path("out/tables").exists());
}
