//! Devices that run, into a site: each file from a device becomes a short description over a profile of what the
//! devices of its model share, and a redacted capture. A device that the site has gets a new capture only: what people
//! wrote is never changed.
//!
//! Before anything is handed out the site is loaded as it would be: every setting that was read stands in the merged
//! description, and nothing else.

mod describable;
mod fresh;
mod list;
mod names;
mod ranges;
mod read_back;
mod shared;
mod text;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

use self::fresh::{New, describe, listed};
use self::names::Names;
use super::capture::{Captured, Place, captured, changed};
use super::incoming::{Sorted, fits, sorted};
use super::ready::ReadySite;
use crate::image::FingerprintKey;
use crate::report::documents::{Imported, ImportedDevice, RefusedFile};
use crate::secret::{SecretRef, SecretValue};
use crate::site::SiteDevice;
use crate::site::files::{FileProblem, Root};
use crate::site::identity::Owners;
use crate::site::output::NewFile;

pub use self::list::{Row, is_list, read as read_list};
pub use super::capture::{From, Taken};

/// What is to be imported.
#[derive(Default)]
pub struct Asked {
    /// Files from devices.
    pub files: Vec<From>,
    /// Lines of lists: they name devices and their zones, and describe those that nothing was read from.
    pub rows: Vec<Row>,
    /// The site's key for fingerprints of secrets, where it is at hand.
    pub key: Option<FingerprintKey>,
}

/// What comes of an import. Nothing is written yet.
#[derive(Default)]
pub struct Plan {
    /// What people and programs are told.
    pub told: Imported,
    /// Files to be written, by name in the site.
    pub put: Vec<NewFile>,
    /// Files that some of them replace.
    pub take: Vec<String>,
    /// Secrets that were read in clear, by name.
    pub secrets: Vec<(SecretRef, SecretValue)>,
    /// Which files each file to be written comes from.
    from: BTreeMap<String, BTreeSet<String>>,
}

impl Plan {
    /// A device that the site has: a new capture.
    pub fn add(&mut self, captured: Captured, told: ImportedDevice) {
        captured.put.into_iter().for_each(|file| self.put(file, [told.from.clone()]));
        self.take.extend(captured.take);
        self.told.devices.push(told);
    }

    fn put(&mut self, file: NewFile, from: impl IntoIterator<Item = String>) {
        self.from.entry(file.0.clone()).or_default().extend(from);
        self.put.push(file);
    }
}

/// Plans an import into a site, whose root is opened anew, as often as it takes.
///
/// # Errors
/// The site's folder can't be opened. What is wrong with single files is told in the plan.
pub fn import(
    ready: &ReadySite,
    root: &dyn Fn() -> Result<Root, FileProblem>,
    asked: &Asked,
) -> Result<Plan, FileProblem> {
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let known = refused.len();
        let files: Vec<&From> = asked.files.iter().filter(|from| !refused.contains_key(&from.incoming.name)).collect();
        let rows: Vec<&Row> = asked.rows.iter().filter(|row| !refused.contains_key(&row.place)).collect();
        let (mut plan, new) = planned(ready, &files, &rows, asked.key.as_ref(), &mut refused);
        if refused.len() == known {
            refused.extend(read_back::differing(root()?, &mut plan, &new, &files));
        }
        if refused.len() == known {
            let told = |(file, message)| RefusedFile { file, message, help: None };
            plan.told.refused = refused.into_iter().map(told).collect();
            return Ok(plan);
        }
    }
}

fn planned<'a>(
    ready: &ReadySite,
    files: &[&'a From],
    rows: &[&'a Row],
    key: Option<&FingerprintKey>,
    refused: &mut BTreeMap<String, String>,
) -> (Plan, Vec<New<'a>>) {
    let mut plan = Plan::default();
    let site = &ready.site;
    let owners = Owners::of(site);
    let Sorted { known, strange, refused: unsorted } = sorted(&owners, files.iter().copied(), |from| &from.incoming);
    refused.extend(unsorted);
    for (device, from) in known {
        let (captured, told) = read_again(ready, device, from, key);
        plan.add(captured, told);
    }
    let used = site.devices.iter().map(|device| device.name.to_string()).chain(site.retired.iter().cloned());
    let mut names = Names::of(used);
    let new = fresh::named(strange, rows, &mut names, refused);
    let named: BTreeSet<&str> = new.iter().filter_map(|one| Some(&*one.row?.place)).collect();
    for (at, row) in rows.iter().enumerate() {
        if named.contains(&*row.place) || row.is_in(site, &owners) {
            continue;
        }
        let twice = rows[..at].iter().find_map(|before| row.same_as(before));
        match twice.map_or_else(|| listed(ready, row, &mut names), Err) {
            Ok((file, told)) => {
                plan.put(file, [row.place.clone()]);
                plan.told.devices.push(told);
            }
            Err(why) => drop(refused.insert(row.place.clone(), why)),
        }
    }
    describe(ready, &new, key, &mut plan);
    plan.told.devices.sort_by(|a, b| a.device.cmp(&b.device));
    (plan, new)
}

/// What was read of a device that the site has: a new capture, and what changed on the device.
///
/// # Errors
/// The text is of another device.
pub fn again(
    ready: &ReadySite,
    device: &SiteDevice,
    from: &From,
    key: Option<&FingerprintKey>,
) -> Result<(Captured, ImportedDevice), String> {
    fits(device, &from.incoming)?;
    let owners = Owners::of(&ready.site).find(&from.incoming.tells);
    match owners.first() {
        Some(other) if owners.iter().all(|other| other.name != device.name) => {
            Err(format!("it is of the device `{}`", other.name))
        }
        _ => Ok(read_again(ready, device, from, key)),
    }
}

fn read_again(
    ready: &ReadySite,
    device: &SiteDevice,
    from: &From,
    key: Option<&FingerprintKey>,
) -> (Captured, ImportedDevice) {
    let captured = captured(ready, &device.name, from, &Place { beside: false, key });
    let mut told = told(&device.name, from, &captured);
    if let Some(before) = ready.states.get(&device.name).and_then(|state| state.in_form(from.incoming.form)) {
        told.changes = changed(&before.reading.facts, &from.incoming.reading.facts);
    }
    (captured, told)
}

/// What is the same of every device that comes in.
fn told(device: &str, from: &From, captured: &Captured) -> ImportedDevice {
    let incoming = &from.incoming;
    let unlisted = incoming.reading.kept.iter().filter(|kept| !kept.listed);
    ImportedDevice {
        device: device.to_owned(),
        from: incoming.name.clone(),
        encrypted: incoming.encrypted,
        platform: incoming.on.kind.word().to_owned(),
        model: incoming.tells.model.clone(),
        serial: incoming.tells.serial.clone(),
        firmware: incoming.tells.firmware.map(|f| f.to_string()),
        capture: Some(captured.text().to_owned()),
        without_setting: incoming.reading.kept.len(),
        unknown: unlisted.map(|kept| format!("line {}: {}", kept.line, kept.shown)).collect(),
        ..ImportedDevice::default()
    }
}
