//! Devices that run, into a site: each file from a device becomes a short description over a profile of what the
//! devices of its model share, and a redacted capture. A device that the site has gets a new capture only: what people
//! wrote is never changed.
//!
//! Before anything is handed out the site is loaded as it would be: every setting that was read stands in the merged
//! description, and nothing else.

mod describable;
mod list;
mod names;
mod shared;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use self::describable::describable;
use self::names::{Taken, borne_once, slug};
use self::shared::{Shared, left, shared};
use super::capture::{Captured, captured, changed};
use super::incoming::{Incoming, fits, owner};
use super::ready::{self, ReadySite};
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::{Value, leaves, quote};
use crate::native::Form;
use crate::platform;
use crate::report::documents::{Imported, ImportedDevice, ProposedProfile, RefusedFile};
use crate::secret::{SecretRef, SecretValue};
use crate::site::files::{FileProblem, Held, Root};
use crate::site::identity::{Tells, owners, same_serial};
use crate::site::{LoadOptions, SiteDevice, factory, models};
use crate::source::SourceMap;

pub use self::list::{Row, is_list, read as read_list};
pub use super::capture::Taken as ReadBy;

/// What is to be imported.
#[derive(Default)]
pub struct Asked {
    /// Files from devices.
    pub files: Vec<From>,
    /// Lines of lists: they name devices and their zones, and describe those that nothing was read from.
    pub rows: Vec<Row>,
}

/// A file from a device, and when and by whom it was read.
pub struct From {
    /// What came in.
    pub incoming: Incoming,
    /// When and by whom.
    pub read: ReadBy,
}

/// A file to be written: its name in the site, and what stands in it.
pub type Written = (String, Vec<u8>);

/// What comes of an import. Nothing is written yet.
#[derive(Default)]
pub struct Plan {
    /// What people and programs are told.
    pub told: Imported,
    /// Files to be written, by name in the site.
    pub put: Vec<Written>,
    /// Files that some of them replace.
    pub take: Vec<String>,
    /// Secrets that were read in clear, by name.
    pub secrets: Vec<(SecretRef, SecretValue)>,
    /// Which files each file to be written comes from.
    from: BTreeMap<String, BTreeSet<String>>,
}

impl Plan {
    /// Files to be written, in the place of those that they replace.
    pub fn of(captured: Captured, told: ImportedDevice) -> Plan {
        let mut plan = Plan::default();
        plan.add(captured.put, &told.from);
        plan.take = captured.take;
        plan.told.devices.push(told);
        plan
    }

    fn add(&mut self, files: Vec<Written>, from: &str) {
        for (name, bytes) in files {
            self.from.entry(name.clone()).or_default().insert(from.to_owned());
            self.put.push((name, bytes));
        }
    }
}

/// A device that the site does not have yet.
struct New<'a> {
    from: &'a From,
    /// The line of a list that names it.
    row: Option<&'a Row>,
    name: String,
    kind: PlatformKind,
    model: Option<String>,
    facts: Facts,
}

/// Why nothing could be planned at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The site can't be read.
    #[error(transparent)]
    File(#[from] FileProblem),
}

/// Plans an import into a site. `open` gives the root of the site, as often as it is asked.
///
/// # Errors
/// The site's folder can't be opened. What is wrong with single files is told in the plan.
pub fn import(open: &dyn Fn() -> Result<Root, FileProblem>, asked: &Asked) -> Result<Plan, ImportError> {
    let ready = ready::load(open()?, &LoadOptions::default(), None);
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let known = refused.len();
        let files: Vec<&From> = asked.files.iter().filter(|from| !refused.contains_key(&from.incoming.name)).collect();
        let rows: Vec<&Row> = asked.rows.iter().filter(|row| !refused.contains_key(&row.place)).collect();
        let Staged { mut plan, new } = planned(&ready, &files, &rows, &mut refused);
        if refused.len() == known {
            refused.extend(read_back(open()?, &mut plan, &new, &files));
        }
        if refused.len() == known {
            let told = |(file, message)| RefusedFile { file, message, help: None };
            plan.told.refused = refused.into_iter().map(told).collect();
            return Ok(plan);
        }
    }
}

struct Staged<'a> {
    plan: Plan,
    new: Vec<New<'a>>,
}

fn planned<'a>(
    ready: &ReadySite,
    files: &[&'a From],
    rows: &[&'a Row],
    refused: &mut BTreeMap<String, String>,
) -> Staged<'a> {
    let site = &ready.site;
    let mut plan = Plan::default();
    let mut seen = BTreeSet::new();
    let mut fresh = Vec::new();
    for from in files {
        let incoming = &from.incoming;
        let why = match owner(site, incoming) {
            Ok(None) => match twin(&fresh, incoming) {
                None => {
                    fresh.push(*from);
                    continue;
                }
                Some(other) => format!("`{}` is of the same device", other.incoming.name),
            },
            Ok(Some(device)) if !seen.insert(&device.name) => {
                format!("another of these files is of the device `{}`, too", device.name)
            }
            Ok(Some(device)) => match again(ready, device, from) {
                Ok((captured, told)) => {
                    plan.add(captured.put, &told.from);
                    plan.take.extend(captured.take);
                    plan.told.devices.push(told);
                    continue;
                }
                Err(why) => why,
            },
            Err(why) => why,
        };
        refused.insert(incoming.name.clone(), why);
    }
    let used = site.devices.iter().map(|d| d.name.to_string()).chain(site.retired.iter().cloned());
    let mut taken = Taken::of(used);
    let once = borne_once(fresh.iter().filter_map(|from| from.incoming.tells.hostname.as_deref()));
    let new: Vec<New<'a>> = fresh
        .into_iter()
        .map(|from| {
            let told = from.incoming.tells.hostname.as_deref().and_then(slug).filter(|name| once.contains(name));
            let stem = from.incoming.name.rsplit(['/', '\\']).next().unwrap_or_default();
            let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
            let tells = &from.incoming.tells;
            let row = rows.iter().find(|row| row.is_of(tells.serial.as_deref(), &tells.addresses)).copied();
            let name = taken.take(&[row.and_then(|row| slug(&row.name)), told, slug(stem)], "device");
            described(from, row, name)
        })
        .collect();
    for row in rows {
        let is = |device: &&SiteDevice| {
            let own = Tells::of(&device.own);
            slug(&row.name).is_some_and(|name| *device.name == *name)
                || row.is_of(own.serial.as_deref(), &own.addresses)
        };
        if new.iter().any(|one| one.row == Some(*row)) || site.devices.iter().any(|device| is(&device)) {
            continue;
        }
        let name = taken.take(&[slug(&row.name)], "device");
        match listed(ready, row, &name) {
            Ok((file, told)) => {
                plan.add(vec![file], &row.place);
                plan.told.devices.push(told);
            }
            Err(why) => drop(refused.insert(row.place.clone(), why)),
        }
    }
    let mut groups: BTreeMap<(&str, String), Vec<&New<'a>>> = BTreeMap::new();
    for one in &new {
        let what = one.model.clone().unwrap_or_else(|| one.kind.word().to_owned());
        groups.entry((one.kind.word(), what)).or_default().push(one);
    }
    let profiles = ready.sources.files().filter_map(|(_, f)| f.name().strip_prefix("profiles/"));
    let profiles = profiles.map(|f| f.rsplit('/').next().unwrap_or(f).trim_end_matches(".kdl").to_owned());
    let mut taken = Taken::of(profiles);
    for ((platform, what), devices) in groups {
        let facts: Vec<&Facts> = devices.iter().map(|one| &one.facts).collect();
        let profile = shared(&facts).map(|shared| {
            let name = taken.take(&[slug(&format!("{what} as read"))], "as-read");
            let text = text::profile(&name, platform, &what, devices.len(), &shared);
            let file = format!("profiles/{name}.kdl");
            let settings = leaves(&shared.facts).count();
            plan.told.profiles.push(ProposedProfile {
                name: name.clone(),
                file: file.clone(),
                devices: devices.len(),
                settings,
            });
            let from = devices.iter().map(|one| one.from.incoming.name.clone()).collect();
            plan.from.insert(file.clone(), from);
            plan.put.push((file, text.into_bytes()));
            (name, shared)
        });
        for one in devices {
            match stage(ready, one, profile.as_ref()) {
                Some((files, told)) => {
                    plan.add(files, &told.from);
                    plan.told.devices.push(told);
                }
                None => {
                    refused.insert(one.from.incoming.name.clone(), LEFT.to_owned());
                }
            }
        }
    }
    plan.told.devices.sort_by(|a, b| a.device.cmp(&b.device));
    Staged { plan, new }
}

/// Another file of the same device.
fn twin<'a>(others: &[&'a From], incoming: &Incoming) -> Option<&'a From> {
    let same =
        |a: &Option<String>, b: &Option<String>| a.as_deref().zip(b.as_deref()).is_some_and(|(a, b)| same_serial(a, b));
    let tells = &incoming.tells;
    let is = |other: &&&From| {
        let told = &other.incoming.tells;
        other.incoming.platform == incoming.platform
            && (same(&told.serial, &tells.serial) || same(&told.mac, &tells.mac))
    };
    others.iter().find(is).copied()
}

const LEFT: &str =
    "what may be a secret would be left in its capture: look at the lines that name a password, and please report it";

/// What was read of a device that the site has: a new capture, and what changed on the device.
///
/// # Errors
/// The text is of another device, or a secret would be left in it.
pub fn again(ready: &ReadySite, device: &SiteDevice, from: &From) -> Result<(Captured, ImportedDevice), String> {
    let incoming = &from.incoming;
    fits(device, incoming)?;
    let owners = owners(&ready.site, &incoming.tells);
    if let Some(other) = owners.first().filter(|_| owners.iter().all(|other| other.name != device.name)) {
        return Err(format!("it is of the device `{}`", other.name));
    }
    let on = platform::of(device.platform).ok_or("no table is there for it")?;
    let captured = captured(on, &ready.site, &ready.sources, &device.name, incoming, &from.read).ok_or(LEFT)?;
    let mut told = told(&device.name, from, &captured);
    if let Some(state) = ready.states.get(&device.name).filter(|state| state.form == incoming.form) {
        told.changes = changed(&state.reading.facts, &incoming.reading.facts);
    }
    Ok((captured, told))
}

/// What is the same of every device that comes in.
fn told(device: &str, from: &From, captured: &Captured) -> ImportedDevice {
    let incoming = &from.incoming;
    let unlisted = incoming.reading.kept.iter().filter(|kept| !kept.listed);
    ImportedDevice {
        device: device.to_owned(),
        from: incoming.name.clone(),
        encrypted: incoming.encrypted,
        platform: incoming.platform.word().to_owned(),
        model: incoming.tells.model.clone(),
        serial: incoming.tells.serial.clone(),
        firmware: incoming.tells.firmware.map(|f| f.to_string()),
        capture: captured.put.last().map(|(name, _)| name.clone()),
        description: None,
        profile: None,
        lines: 0,
        without_setting: incoming.reading.kept.len(),
        unknown: unlisted.map(|kept| kept.shown.clone()).collect(),
        secrets: Vec::new(),
        changes: Vec::new(),
    }
}

fn described<'a>(from: &'a From, row: Option<&'a Row>, name: String) -> New<'a> {
    let incoming = &from.incoming;
    let kind = incoming.platform;
    let label = incoming.tells.model.as_deref();
    let model = label.map(|label| models::find(kind, label).map_or(label.to_owned(), |model| model.name.to_string()));
    let (shipped, _) = factory::facts(kind, incoming.tells.firmware, &mut SourceMap::new());
    // only where silence of the text means the factory's value does leaving it out mean the same
    let on = platform::of(kind).filter(|_| incoming.form == Form::Cli);
    let shipped = shipped.filter(|_| on.is_some());
    New { from, row, name, kind, model, facts: describable(&incoming.reading.facts, shipped.as_ref()) }
}

/// A device that stands in a list only.
fn listed(ready: &ReadySite, row: &Row, name: &str) -> Result<(Written, ImportedDevice), String> {
    let text = row.description(name, &ready.site.typed.zone)?;
    let file = format!("devices/{name}.kdl");
    let model = row.model.as_deref().and_then(models::known);
    let told = ImportedDevice {
        device: name.to_owned(),
        from: row.place.clone(),
        platform: model.map(|(kind, _)| kind.word().to_owned()).unwrap_or_default(),
        model: model.map(|(_, model)| model.name.to_string()),
        serial: row.serial.clone(),
        description: Some(file.clone()),
        lines: text.lines().count(),
        ..ImportedDevice::default()
    };
    Ok(((file, text.into_bytes()), told))
}

/// The files of a new device.
fn stage(
    ready: &ReadySite,
    one: &New<'_>,
    profile: Option<&(String, Shared)>,
) -> Option<(Vec<Written>, ImportedDevice)> {
    let incoming = &one.from.incoming;
    let on = platform::of(one.kind)?;
    let captured = captured(on, &ready.site, &ready.sources, &one.name, incoming, &one.from.read)?;
    let own = profile.map_or_else(|| one.facts.clone(), |(_, shared)| left(&one.facts, &shared.facts));
    let mut platform = format!("platform {}", quote(one.kind.word()));
    let told = [("model", one.model.clone()), ("firmware", incoming.tells.firmware.map(|f| f.to_string()))];
    told.into_iter()
        .filter_map(|(n, v)| Some((n, v?)))
        .for_each(|(n, v)| platform.push_str(&format!(" {n}={}", quote(&v))));
    let mut device = self::told(&one.name, one.from, &captured);
    let named = one.row.and_then(|row| row.zone.clone());
    let zone = named.or_else(|| zone(ready, one));
    let head = text::Head {
        name: &one.name,
        platform,
        zone: zone.as_deref(),
        profile: profile.map(|(name, _)| name.as_str()),
        capture: device.capture.as_deref().unwrap_or_default(),
        lines: &captured.lines,
        secrets: incoming.reading.secrets.len() + incoming.reading.redacted.len(),
    };
    let text = text::device(&head, &own, &incoming.reading.text);
    let file = format!("devices/{}.kdl", one.name);
    device.lines = text.lines().count();
    device.profile = profile.map(|(name, _)| name.clone());
    device.description = Some(file.clone());
    let mut files = captured.put;
    files.push((file, text.into_bytes()));
    Some((files, device))
}

/// The only zone whose networks hold an address of the device.
fn zone(ready: &ReadySite, one: &New<'_>) -> Option<String> {
    let addresses: Vec<std::net::IpAddr> =
        one.from.incoming.tells.addresses.iter().filter_map(|text| text.parse().ok()).collect();
    let zones = &ready.site.typed.zone;
    let holds = |zone: &&crate::model::site::Zone| {
        let mut nets = zone.subnet.iter().filter_map(|s| s.net.as_ref());
        nets.any(|net| addresses.iter().any(|address| net.0.contains(address)))
    };
    let mut found = zones.iter().filter(holds).filter_map(|zone| zone.name.as_ref());
    let first = found.next()?;
    found.next().is_none().then(|| first.to_string())
}

/// Loads the site as it would be; gives the files whose device would not mean what was read, with why.
fn read_back(root: Root, plan: &mut Plan, new: &[New<'_>], files: &[&From]) -> BTreeMap<String, String> {
    let over: BTreeMap<String, Held> =
        plan.put.iter().map(|(name, bytes)| (name.clone(), Held::File(bytes.clone()))).collect();
    let ready = ready::load(root.with(over.clone()), &LoadOptions::default(), None);
    let mut wrong = BTreeMap::new();
    for finding in ready.findings.iter().filter(|f| f.is_input_error()) {
        let file = ready.sources.name(finding.loc.file).to_owned();
        let place = format!("{file}:{}", ready.sources.start(finding.loc).line);
        let told = format!("its description would be wrong: {} ({place})", finding.message);
        let of_device = finding.device.as_deref().map(|device| format!("devices/{device}.kdl"));
        let files = [Some(file), of_device];
        let from = files.iter().flatten().find_map(|file| plan.from.get(file));
        wrong.extend(from.into_iter().flatten().map(|from| (from.clone(), told.clone())));
    }
    let differs: Vec<(String, String)> = new
        .par_iter()
        .filter_map(|one| {
            let file = one.from.incoming.name.clone();
            let Some(device) = ready.site.device(&one.name) else {
                return Some((file, "its description could not be read back; please report it".to_owned()));
            };
            let path = differing(&one.facts, &device.own)?;
            Some((file, format!("its description would say something else of `{path}`; please report it")))
        })
        .collect();
    wrong.extend(differs);
    secrets(&ready, plan, files);
    wrong
}

/// The names of the secrets that each device needs, and the values of those that were read.
fn secrets(ready: &ReadySite, plan: &mut Plan, files: &[&From]) {
    plan.secrets.clear();
    for told in &mut plan.told.devices {
        let from = files.iter().find(|from| from.incoming.name == told.from);
        let Some((device, from)) = ready.site.device(&told.device).zip(from) else { continue };
        for leaf in leaves(&device.own) {
            let Value::Secret(name) = &leaf.fact.value else { continue };
            match (from.incoming.reading.secrets.get(&leaf.path), SecretRef::new(name)) {
                (Some(value), Ok(name)) => plan.secrets.push((name, SecretValue::copy_of(value.expose()))),
                _ => told.secrets.push(name.to_string()),
            }
        }
    }
}

/// A setting that two trees don't have alike.
fn differing(read: &Facts, described: &Facts) -> Option<String> {
    let all = |facts: &Facts| -> BTreeMap<String, Value> {
        let said = leaves(facts).filter(|leaf| !matches!(leaf.fact.value, Value::Secret(_)));
        said.filter(|leaf| !HEADS.contains(&leaf.path.split(['.', '[']).next().unwrap_or_default()))
            .map(|leaf| (leaf.path, leaf.fact.value.clone()))
            .collect()
    };
    let (read, described) = (all(read), all(described));
    let keys = read.keys().chain(described.keys());
    keys.filter(|key| read.get(*key) != described.get(*key)).map(ToString::to_string).next()
}

/// What a description says that no device is asked for.
const HEADS: [&str; 4] = ["name", "platform", "zone", "use"];
