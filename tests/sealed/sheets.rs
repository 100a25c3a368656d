//! The sheets of a build: a row keeps its name from revision to revision, and pages stand in an order that nobody is
//! shut out by who works through them.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};

use fieldlock::dialect::sheet::Verb;
use fieldlock::sheet::{ACCESS, SERVERS, Sheet};

use crate::common::plot::{DEVICES, Plot};

fn sheet(plot: &Plot, device: &str) -> Sheet {
    Sheet::read(&std::fs::read(plot.out().join(format!("sheets/{device}.sheet.json"))).unwrap()).unwrap()
}

/// What a row asks for, with the name that it has.
fn asked(sheet: &Sheet) -> BTreeMap<String, String> {
    let rows = sheet.rows().map(|(page, row)| {
        let asked = format!("{}|{}|{}|{}|{:?}", page.name, row.path, row.field, row.verb.word(), row.value);
        (asked, row.id.clone())
    });
    rows.collect()
}

#[test]
fn a_row_that_asks_for_the_same_is_called_the_same_in_every_revision() {
    let plot = Plot::new();
    plot.build();
    let before: Vec<Sheet> = DEVICES.iter().map(|device| sheet(&plot, device)).collect();
    for sheet in &before {
        let ids: BTreeSet<&str> = sheet.rows().map(|(_, row)| &*row.id).collect();
        assert_eq!(ids.len(), sheet.rows().count(), "{}: two rows are called alike", sheet.device);
        assert!(ids.iter().all(|id| id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit())), "{ids:?}");
        let numbers: Vec<u32> = sheet.rows().map(|(_, row)| row.no).collect();
        assert_eq!(numbers, (1..=numbers.len() as u32).collect::<Vec<_>>(), "{}", sheet.device);
        assert_eq!(Sheet::read(&sheet.to_bytes().unwrap()).unwrap().digest(), sheet.digest());
    }
    // the same again is the same sheet
    plot.build();
    assert_eq!(before, DEVICES.map(|device| sheet(&plot, device)));
    // one value of one device is another one: its row has another name, and no other row has
    plot.edit("devices/np07.kdl", "keep \"notice\" \"warning\" \"error\"", "keep \"warning\" \"error\"");
    plot.build();
    for before in &before {
        let after = sheet(&plot, &before.device);
        let (was, is) = (asked(before), asked(&after));
        let gone: Vec<&String> = was.keys().filter(|row| !is.contains_key(*row)).collect();
        let new: Vec<&String> = is.keys().filter(|row| !was.contains_key(*row)).collect();
        let changed = usize::from(before.device == "np07");
        assert_eq!((gone.len(), new.len()), (changed, changed), "{}: {gone:?} {new:?}", before.device);
        assert!(was.iter().all(|(row, id)| is.get(row).is_none_or(|now| now == id)), "{}", before.device);
        assert_eq!(before.digest() == after.digest(), changed == 0, "{}", before.device);
        assert_eq!(after.revision, before.revision + changed as u32, "{}", before.device);
    }
}

#[test]
fn what_decides_nobodys_way_in_comes_first_in_the_order_of_the_menu() {
    let plot = Plot::new();
    plot.build();
    for device in DEVICES {
        let sheet = sheet(&plot, device);
        // 0 plain, 1 risky, 2 of the way in: never back
        let kind = |page: &fieldlock::sheet::Page| match page.rows.iter().any(|row| row.chain == ACCESS) {
            true => 2,
            false => usize::from(page.risky),
        };
        let kinds: Vec<usize> = sheet.pages.iter().map(kind).collect();
        assert!(kinds.is_sorted(), "{device}: {kinds:?}");
        let text = std::fs::read_to_string(plot.out().join(format!("redacted/{device}.redacted.sheet"))).unwrap();
        let menus: Vec<&str> = text.lines().filter_map(|line| line.split('\t').next()).collect();
        let plain = sheet.pages.iter().zip(&kinds).filter(|(_, kind)| **kind == 0);
        let at = plain.map(|(page, _)| menus.iter().position(|menu| *menu == page.menu).unwrap());
        assert!(at.is_sorted(), "{device} leaves the order of the menu");
        // no page has the name of another, though it may be saved twice
        let names: BTreeSet<&str> = sheet.pages.iter().map(|page| &*page.name).collect();
        assert_eq!(names.len(), sheet.pages.len(), "{device}");
    }
}

/// Of each list of servers, and of who is let in, what comes stands before what goes.
#[test]
fn what_comes_stands_before_what_goes() {
    let plot = Plot::new();
    let capture = std::fs::read_to_string(plot.site().join("captures/np07.sheet")).unwrap();
    let server = "System Settings > Notification\tServer Address\t";
    let (at, line) = capture.lines().enumerate().find(|(_, line)| line.starts_with(server)).unwrap();
    assert!(line.ends_with("10.20.0.9"), "{line}");
    let old = capture.replace("10.20.0.9", "10.20.0.8");
    plot.put("captures/np07.sheet", old.as_bytes());
    plot.build();
    let sheet = sheet(&plot, "np07");
    let rows: Vec<_> = sheet.rows().map(|(_, row)| row).collect();
    let mut looked = 0;
    for gone in rows.iter().filter(|row| row.verb == Verb::Delete) {
        let later = rows.iter().filter(|row| row.no > gone.no && row.chain == gone.chain && row.path != gone.path);
        let list = |path: &str| path.split('[').next().unwrap_or_default().to_owned();
        let made: Vec<&str> = later.filter(|row| list(&row.path) == list(&gone.path)).map(|row| &*row.path).collect();
        assert!(made.is_empty(), "{} goes before {made:?} comes", gone.path);
        looked += 1;
    }
    let servers = rows.iter().filter(|row| row.chain.starts_with(SERVERS)).count();
    assert!(looked >= 2 && servers >= 2, "line {at}: {looked} go, {servers} rows of servers");
}
