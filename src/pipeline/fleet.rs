//! One page of many devices. Where pages of several devices ask for the very same rows, somebody goes from device to
//! device with the page in mind: the values stand once, and each device is a row.
//!
//! All of it follows from the sheets of the devices, so that whoever has those can tell whether it is theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::folder;
use super::public::Beside;
use super::verify::MAX_PUBLIC;
use crate::dialect::sheet::Verb;
use crate::image::Digest;
use crate::ledger::Index;
use crate::report;
use crate::sheet::{FORMAT, FleetDevice, Head, MAX_LEN, Page, Place, Sheet, SheetKind, Was};
use crate::site::files::{FileProblem, Root};

/// The fewest characters of a serial number that are asked for.
const LAST: usize = 4;
/// The longest part of a sheet's name that is of its page.
const SLUG: usize = 40;

/// What of a device's sheet can be done together with others.
pub struct Own {
    /// The digest of the whole sheet.
    digest: Digest,
    /// The sheet, without the pages that stay with the device.
    sheet: Sheet,
}

impl Own {
    /// `None` where every page stays with the device: one that can shut people out, that has a secret, or whose rows
    /// build on another page.
    pub fn of(mut sheet: Sheet) -> Option<Own> {
        let digest = sheet.digest();
        let whole = sheet.clone();
        sheet.pages.retain(|page| stands_alone(&whole, page));
        let any = sheet.kind == SheetKind::Device && sheet.warnings.is_empty() && !sheet.pages.is_empty();
        any.then_some(Own { digest, sheet })
    }
}

/// The sheets for many that follow from those of the devices: one for each page that two or more have alike.
pub fn fleet(all: &[Own]) -> Vec<Sheet> {
    // by platform, page and rows
    type Alike<'a> = BTreeMap<(&'a str, &'a str, Vec<&'a str>), Vec<(&'a Own, &'a Page)>>;
    let mut alike = Alike::new();
    for own in all {
        for page in &own.sheet.pages {
            let ids = page.rows.iter().map(|row| &*row.id).collect();
            alike.entry((&own.sheet.head.platform, &page.name, ids)).or_default().push((own, page));
        }
    }
    let mut names = BTreeSet::new();
    alike.into_values().filter(|of| of.len() > 1).filter_map(|of| one(of, &mut names)).collect()
}

/// The files of a sheet for many, named.
pub fn files(sheet: &Sheet) -> [(String, Vec<u8>); 2] {
    let [data, page] = folder::fleet(&sheet.device);
    [(data, sheet.to_bytes().unwrap_or_default()), (page, report::page::page(sheet).into_bytes())]
}

/// Files of sheets for many in a folder that do not follow from the sheets of the devices that its list vouches for.
pub(super) fn strangers(root: &Root, index: &Index) -> Result<Vec<String>, FileProblem> {
    let mut there = root.list(folder::FLEET, "json")?;
    there.extend(root.list(folder::FLEET, "html")?);
    if there.is_empty() {
        return Ok(there);
    }
    let vouched = |device: &str, public: Digest| {
        let bytes = root.read_bytes(&folder::public(device), MAX_PUBLIC).ok().filter(|b| Digest::of(b) == public)?;
        let [data, ..] = Beside::of(&bytes)?.sheets();
        let bytes = root.read_bytes(&folder::sheets(device)[0], MAX_LEN).ok().filter(|b| Digest::of(b) == data)?;
        Own::of(Sheet::read(&bytes).ok()?)
    };
    let all: Vec<Own> = index.images.iter().filter_map(|entry| vouched(&entry.device, entry.public)).collect();
    let follows: BTreeMap<String, Vec<u8>> = fleet(&all).iter().flat_map(files).collect();
    there.retain(|name| !follows.get(name).is_some_and(|bytes| root.holds(name, bytes)));
    Ok(there)
}

/// Whether a page can be done without the rest of its sheet.
fn stands_alone(sheet: &Sheet, page: &Page) -> bool {
    let here =
        |chain: &str| sheet.rows().filter(|(_, row)| row.chain == chain).all(|(other, _)| other.name == page.name);
    let calm = |row: &crate::sheet::Row| {
        row.verb != Verb::Secret && !row.temporary && (row.chain.is_empty() || here(&row.chain))
    };
    !page.risky && page.warnings.is_empty() && page.rows.iter().all(calm)
}

fn one(mut of: Vec<(&Own, &Page)>, names: &mut BTreeSet<String>) -> Option<Sheet> {
    of.sort_by_key(|(own, _)| (&own.sheet.head.location, &own.sheet.device));
    let sheets: Vec<&Sheet> = of.iter().map(|(own, _)| &own.sheet).collect();
    let (first, page) = (sheets.first()?, of.first()?.1);
    let mut places: Vec<Place> = Vec::new();
    for (no, (own, page)) in (1..).zip(&of) {
        let sheet = &own.sheet;
        let head = &sheet.head;
        let device = FleetDevice {
            address: head.address.clone(),
            device: sheet.device.clone(),
            last: last(&head.serial, &sheets),
            no,
            revision: sheet.revision,
            serial: head.serial.clone(),
            sheet: own.digest,
            was: page.rows.iter().map(|row| row.was.clone()).collect(),
        };
        match places.last_mut().filter(|place| place.name == head.location) {
            Some(place) => place.devices.push(device),
            None => places.push(Place { devices: vec![device], name: head.location.clone() }),
        }
    }
    let rows = (1..).zip(&page.rows).map(|(no, row)| crate::sheet::Row { no, was: Was::NotRead, ..row.clone() });
    let head = Head {
        not_after: sheets
            .iter()
            .map(|s| &s.head.not_after)
            .filter(|end| !end.is_empty())
            .min()
            .cloned()
            .unwrap_or_default(),
        not_before: sheets.iter().map(|s| &s.head.not_before).max().cloned().unwrap_or_default(),
        // said once, where it is so of each
        factory: Some(&first.head.factory)
            .filter(|told| sheets.iter().all(|sheet| sheet.head.factory == **told))
            .cloned()
            .unwrap_or_default(),
        platform: first.head.platform.clone(),
        ..Head::default()
    };
    Some(Sheet {
        allowlist: Vec::new(),
        demo: sheets.iter().any(|sheet| sheet.demo),
        device: name(&first.head.platform, &page.name, names),
        files: Vec::new(),
        format: FORMAT.to_owned(),
        head,
        kind: SheetKind::Fleet,
        pages: vec![Page { rows: rows.collect(), ..page.clone() }],
        places,
        review: String::new(),
        revision: sheets.iter().map(|sheet| sheet.revision).max().unwrap_or_default(),
        site: first.site.clone(),
        tool: first.tool.clone(),
        unplaced: Vec::new(),
        warnings: Vec::new(),
    })
}

/// `nport-6000-g2-login-message`; where one is called so already, with a number behind it.
fn name(platform: &str, page: &str, names: &mut BTreeSet<String>) -> String {
    let menu = page.rsplit(" > ").next().unwrap_or(page).to_ascii_lowercase();
    let words = menu.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug: String = std::iter::once(platform).chain(words).collect::<Vec<_>>().join("-");
    let slug: String = slug.chars().take(platform.len() + SLUG).collect();
    let numbered = |turn: usize| if turn == 1 { slug.clone() } else { format!("{slug}-{turn}") };
    let free = (1..).map(numbered).find(|name| !names.contains(name)).unwrap_or_default();
    names.insert(free.clone());
    free
}

/// The end of a serial number, as long as it takes to tell it from the others; all of it where it ends another one.
fn last(serial: &str, of: &[&Sheet]) -> String {
    let end = |serial: &str, count: usize| {
        let skip = serial.chars().count().saturating_sub(count);
        serial.chars().skip(skip).collect::<String>().to_uppercase()
    };
    let alone =
        |count: &usize| of.iter().filter(|sheet| end(&sheet.head.serial, *count) == end(serial, *count)).count() < 2;
    let all = serial.chars().count();
    let count = (LAST..all).find(alone).unwrap_or(all);
    serial.chars().skip(all.saturating_sub(count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::Grade;
    use crate::sheet::Row;

    fn row(id: &str, chain: &str, verb: Verb) -> Row {
        Row {
            chain: chain.into(),
            field: "Login message".into(),
            grade: Grade::Confirmed,
            id: id.into(),
            look: String::new(),
            no: 7,
            path: "login.banner".into(),
            sha256: String::new(),
            temporary: false,
            value: vec!["Private".into()],
            verb,
            was: Was::Text("old".into()),
            why: Vec::new(),
        }
    }

    fn page(name: &str, rows: Vec<Row>) -> Page {
        Page { menu: name.into(), name: name.into(), risky: false, rows, warnings: Vec::new() }
    }

    fn sheet(device: &str, serial: &str, location: &str, pages: Vec<Page>) -> Sheet {
        let head = Head {
            location: location.into(),
            not_after: if device == "np08" { "2027-01-01T00:00:00Z".into() } else { String::new() },
            not_before: "2026-03-09".into(),
            platform: "nport-6000-g2".into(),
            serial: serial.into(),
            ..Head::default()
        };
        Sheet::bare("west", device, head, pages)
    }

    fn together(sheets: &[Sheet]) -> Vec<Sheet> {
        fleet(&sheets.iter().filter_map(|sheet| Own::of(sheet.clone())).collect::<Vec<_>>())
    }

    #[test]
    fn pages_that_are_alike_are_one_whatever_order_they_come_in() {
        let message = || page("System > Login Message", vec![row("0a", "", Verb::Type)]);
        let mut sheets = vec![
            sheet("np09", "TBAAB0014417", "Cabinet 2", vec![message()]),
            sheet(
                "np07",
                "TBAAB0004417",
                "Cabinet 1",
                vec![message(), page("System > Time", vec![row("0b", "", Verb::Type)])],
            ),
            sheet("np08", "", "Cabinet 1", vec![message()]),
            sheet(
                "np10",
                "TBAAB0000010",
                "Cabinet 1",
                vec![page("System > Login Message", vec![row("0c", "", Verb::Type)])],
            ),
        ];
        let [one] = &together(&sheets)[..] else { panic!("one page is alike") };
        assert_eq!((&*one.device, one.kind), ("nport-6000-g2-login-message", SheetKind::Fleet));
        let devices = one.places.iter().flat_map(|place| &place.devices);
        let told: Vec<(u32, &str, &str)> = devices.map(|d| (d.no, &*d.device, &*d.last)).collect();
        // four characters would not tell np07 from np09
        assert_eq!(told, [(1, "np07", "04417"), (2, "np08", ""), (3, "np09", "14417")]);
        assert_eq!(one.places.iter().map(|place| &*place.name).collect::<Vec<_>>(), ["Cabinet 1", "Cabinet 2"]);
        assert_eq!(one.head.not_after, "2027-01-01T00:00:00Z", "the first end of them all");
        assert_eq!(one.places[0].devices[0].sheet, sheets[1].digest(), "of the whole sheet");
        assert_eq!((one.pages[0].rows[0].no, &one.pages[0].rows[0].was), (1, &Was::NotRead));
        let before = together(&sheets);
        sheets.reverse();
        assert_eq!(before, together(&sheets));
    }

    #[test]
    fn what_can_not_be_done_alone_stays_with_its_device() {
        let two = |pages: Vec<Page>, change: fn(&mut Sheet)| {
            let both = ["np07", "np08"].map(|device| {
                let mut sheet = sheet(device, device, "", pages.clone());
                change(&mut sheet);
                sheet
            });
            together(&both).len()
        };
        let list = |id| row(id, "servers log.server", Verb::Type);
        let one = || vec![page("Logs", vec![list("0a"), list("0b")])];
        assert_eq!(two(one(), |_| {}), 1, "its chain is whole on it");
        let second = page("Logs (2)", vec![list("0c")]);
        assert_eq!(two([one(), vec![second]].concat(), |_| {}), 0, "its chain goes on elsewhere");
        assert_eq!(two(one(), |sheet| sheet.pages[0].risky = true), 0);
        assert_eq!(two(one(), |sheet| sheet.pages[0].warnings.push("SAVE ends this session".into())), 0);
        assert_eq!(two(one(), |sheet| sheet.pages[0].rows[0].temporary = true), 0);
        assert_eq!(two(one(), |sheet| sheet.warnings.push("no plan".into())), 0);
        assert_eq!(two(vec![page("Accounts", vec![row("0a", "", Verb::Secret)])], |_| {}), 0);
    }
}
