//! One page of many devices: it follows from their sheets, and what is answered on it comes home as a receipt of each.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use fieldlock::ledger::Receipt;
use fieldlock::sheet::answers::{Answers, RowAnswer, Status};
use fieldlock::sheet::{FleetDevice, Sheet};

use crate::applying::{Bench, answers};
use crate::cli::{code, fieldlock, text};
use crate::common;

/// Two more of the example's device, and a stick with all of them.
fn stick() -> Option<Bench> {
    let bench = Bench::new()?;
    let own = std::fs::read_to_string(bench.path("site/devices/np07.kdl")).unwrap();
    for (number, serial) in [("08", "TBAAB0004418"), ("09", "TBAAB0004419")] {
        let text = own
            .replace("np07", &format!("np{number}"))
            .replace("TBAAB0004417", serial)
            .replace("a1:04:07", &format!("a1:04:{number}"))
            .replace("10.20.7.7", &format!("10.20.7.1{number}"))
            .replace("A-1107", &format!("A-11{number}"));
        // a certificate is of one device
        let text: String =
            text.lines().filter(|l| !l.contains("certificate \"imp")).map(|l| format!("{l}\n")).collect();
        bench.plot.put(&format!("devices/np{number}.kdl"), text.as_bytes());
        for secret in ["ot-lead", "historian"] {
            let value = std::fs::read_to_string(bench.path(&format!("secrets/np07/{secret}"))).unwrap();
            let value = format!("{}-{number}", value.trim());
            bench.plot.put(&format!("../secrets/np{number}/{secret}"), value.as_bytes());
        }
    }
    bench.build();
    let told = bench.ends(0, &["bundle", "stick", "--from", "out"]);
    assert!(told.contains("that several devices have alike"), "{told}");
    Some(bench)
}

fn pages(bench: &Bench) -> Vec<Sheet> {
    let files = common::files(&bench.path("stick/fleet"));
    let data = files.iter().filter(|(name, _)| name.ends_with(".sheet.json"));
    data.map(|(_, bytes)| Sheet::read(bytes).unwrap()).collect()
}

/// Who did the page on every device of it.
fn answered(sheet: &Sheet) -> Answers {
    let mut told = answers(sheet, 1, "");
    let row = told.rows[0].clone();
    let devices = sheet.places.iter().flat_map(|place| &place.devices);
    let of = |device: &FleetDevice| RowAnswer {
        no: device.no,
        id: device.device.clone(),
        field: device.device.clone(),
        serial_last: device.last.clone(),
        seq: u64::from(device.no),
        ..row.clone()
    };
    told.rows = devices.map(of).collect();
    told.pages.clear();
    told
}

fn put(bench: &Bench, answers: &Answers) -> std::path::PathBuf {
    let text = answers.to_text();
    let path = bench.path("stick").join(answers.file_name(text.as_bytes()));
    std::fs::write(&path, text).unwrap();
    path
}

const RETURN: [&str; 6] = ["return", "stick", "--site", "site", "--sign-key", "key"];

#[test]
fn a_page_of_many_devices_comes_home_as_a_receipt_of_each() {
    let Some(bench) = stick() else { return };
    bench.ends(0, &["verify", "stick"]);
    let pages = pages(&bench);
    assert!(!pages.is_empty());
    for page in &pages {
        let mut told = answered(page);
        (told.rows[1].status, told.rows[1].why) = (Status::Skipped, "the cabinet is locked".into());
        put(&bench, &told);
    }
    let told = bench.ends(0, &RETURN);
    assert!(told.contains("signed by ot-lead"), "{told}");
    assert!(bench.ends(0, &RETURN).contains("in the site already"));
    let home = common::files(&bench.path("site/receipts"));
    let of = |device: &str, menu: &str| {
        let own = home.iter().filter(|(name, _)| name.starts_with(device) && name.ends_with(".receipt"));
        let mut own = own.map(|(name, bytes)| (name, Receipt::read(bytes).unwrap()));
        own.find(|(_, receipt)| receipt.rows()[0].menu == menu).unwrap()
    };
    for page in &pages {
        for (at, device) in page.places.iter().flat_map(|place| &place.devices).enumerate() {
            let (name, receipt) = of(&device.device, &page.pages[0].name);
            assert_eq!(receipt.begun().sheet, device.sheet.to_string());
            assert_eq!(receipt.serial(), Some(&*device.serial));
            let rows = if at == 1 { 0 } else { page.rows().count() };
            assert_eq!(receipt.confirmed().len(), rows, "{}", device.device);
            let beside = name.replace(".receipt", ".sheet");
            assert_eq!(home.iter().any(|(name, _)| *name == beside), rows > 0, "what was skipped stands nowhere");
        }
    }
}

/// All pages of many, and what is left of the device's own sheet, put it on the device together.
#[test]
fn what_was_done_page_by_page_is_done() {
    let Some(bench) = stick() else { return };
    let own = Sheet::read(&std::fs::read(bench.path("stick/sheets/np08.sheet.json")).unwrap()).unwrap();
    let mut rest = answers(&own, 1, "");
    rest.before.serial_last = "4418".into();
    for page in pages(&bench) {
        put(&bench, &answered(&page));
        rest.rows.retain(|row| !page.rows().any(|(_, done)| done.id == row.id));
    }
    assert!(rest.rows.len() < own.rows().count(), "some of it was done together");
    bench.ends(0, &RETURN);
    // what came home changes the sheet that the site gives now
    let rung = || bench.ends(3, &["verify", "stick", "--device", "np08", "--site", "site", "--format", "plain"]);
    let before = rung();
    assert!(before.contains("not all of it was done"), "{before}");
    put(&bench, &rest);
    bench.ends(0, &RETURN);
    let after = rung();
    assert!(after.contains("confirmed by a person") && !after.contains("not all of it was done"), "{after}");
}

#[test]
fn answers_of_many_that_do_not_fit_bring_nothing() {
    let Some(bench) = stick() else { return };
    let page = pages(&bench).remove(0);
    let refused = |change: fn(&mut Answers), why: &str| {
        let mut told = answered(&page);
        change(&mut told);
        let path = put(&bench, &told);
        let shown = bench.ends(5, &RETURN);
        assert!(shown.contains(why) && shown.contains("nothing was brought"), "{shown}");
        std::fs::remove_file(path).unwrap();
    };
    refused(|told| told.rows[0].serial_last = "9999".into(), "the serial number that was seen is 9999");
    refused(|told| told.rows[0].id = "np99".into(), "is not on the sheet");
    refused(|told| told.sheet.revision += 1, "another sheet");
    refused(|told| told.sheet.kind = fieldlock::sheet::SheetKind::Device, "is not on the stick");
    // a page that does not follow from the sheets of its devices
    let [_, html] = fieldlock::pipeline::folder::fleet(&page.device);
    let html = bench.path("stick").join(html);
    let good = std::fs::read_to_string(&html).unwrap();
    std::fs::write(&html, good.replacen("np08", "np80", 1)).unwrap();
    assert!(bench.ends(5, &["verify", "stick"]).contains("NOT IN THE INDEX  fleet/"));
    std::fs::write(&html, good).unwrap();
    bench.ends(0, &["verify", "stick"]);
    let own = bench.path("stick/sheets/np08.sheet.json");
    let sheet = std::fs::read_to_string(&own).unwrap();
    std::fs::write(&own, sheet.replacen("np08", "np80", 1)).unwrap();
    put(&bench, &answered(&page));
    assert!(bench.ends(5, &RETURN).contains("whose page it is, is not on the stick"));
}

/// What people are handed of a large site stays what they can read: a note, and a dossier whose rows are causes and not
/// devices.
#[test]
fn of_three_hundred_devices_a_note_is_a_page_and_a_dossier_is_no_book() {
    let folder = tempfile::tempdir().unwrap();
    let of = |count: usize| {
        let site = folder.path().join(count.to_string());
        std::fs::create_dir_all(&site).unwrap();
        crate::generate::fleet(&site, count, crate::generate::Purpose::Report);
        let told = |args: &[&str]| {
            let typed = [args, &["--format", "markdown"]].concat();
            String::from_utf8(fieldlock(&site, &typed).stdout).unwrap()
        };
        for verb in [&["check"][..], &["diff"]] {
            let note = told(verb);
            assert!(
                note.starts_with("# `fieldlock") && note.lines().count() < 60,
                "{verb:?}: {}",
                note.lines().count()
            );
            assert!(note.len() < 20_000, "{verb:?}: {} bytes", note.len());
        }
        let page = fieldlock(&site, &["report", "dossier"]);
        assert_eq!(code(&page), 0, "{}", text(&page));
        String::from_utf8(page.stdout).unwrap()
    };
    let (few, many) = (of(30), of(300));
    let articles = |page: &str| page.matches("<article").count();
    assert_eq!(articles(&few), articles(&many), "a cause is told once");
    assert!(many.len() < few.len() * 10, "{} and {} bytes", few.len(), many.len());
    // inventory, firmware, posture, what is open; and what differs on the fifth that was read, each its own
    let rows = |page: &str| page.matches("<tr").count();
    assert!(rows(&many) - rows(&few) < 270 * 16, "{} and {} rows", rows(&few), rows(&many));
}
