//! Devices that the site does not have yet: what they are called, and their descriptions over what they share.

use std::collections::BTreeMap;

use super::describable::describable;
use super::list::Row;
use super::names::{Names, borne_once, slug};
use super::shared::{Shared, left, shared};
use super::{From, Plan, text, told};
use crate::dialect::ini;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::leaves;
use crate::native::Form;
use crate::pipeline::capture::captured;
use crate::pipeline::ready::ReadySite;
use crate::platform;
use crate::report::documents::{ImportedDevice, ProposedProfile};
use crate::site::identity::{Tells, same_mac, same_serial};
use crate::site::output::NewFile;
use crate::site::{factory, models};
use crate::source::SourceMap;

/// A device that the site does not have yet.
pub(super) struct New<'a> {
    pub(super) from: &'a From,
    /// The line of a list that names it.
    pub(super) row: Option<&'a Row>,
    pub(super) name: String,
    /// What has to be described of it.
    pub(super) facts: Facts,
    kind: PlatformKind,
    model: Option<String>,
}

/// Names for devices: what a list says, else what the device calls itself if no other does, else its file's name.
pub(super) fn named<'a>(
    files: Vec<&'a From>,
    rows: &[&'a Row],
    names: &mut Names,
    refused: &mut BTreeMap<String, String>,
) -> Vec<New<'a>> {
    let once = borne_once(files.iter().filter_map(|from| from.incoming.tells.hostname.as_deref()));
    let mut new: Vec<New<'a>> = Vec::new();
    for from in files {
        let tells = &from.incoming.tells;
        if let Some(other) = new.iter().find(|other| is_twin(other.from, from)) {
            let why = format!("`{}` is of the same device", other.from.incoming.name);
            refused.insert(from.incoming.name.clone(), why);
            continue;
        }
        let told = tells.hostname.as_deref().and_then(slug).filter(|name| once.contains(name));
        let stem = from.incoming.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        let row = rows.iter().find(|row| row.is_of(tells)).copied();
        let name = names.take(&[row.and_then(|row| slug(&row.name)), told, slug(stem)], "device");
        new.push(described(from, row, name));
    }
    new
}

/// Whether two files tell the same serial number or MAC address.
fn is_twin(a: &From, b: &From) -> bool {
    let both = |of: fn(&Tells) -> Option<&str>| of(&a.incoming.tells).zip(of(&b.incoming.tells));
    a.incoming.on.kind == b.incoming.on.kind
        && (both(|tells| tells.serial.as_deref()).is_some_and(|(a, b)| same_serial(a, b))
            || both(|tells| tells.mac.as_deref()).is_some_and(|(a, b)| same_mac(a, b)))
}

fn described<'a>(from: &'a From, row: Option<&'a Row>, name: String) -> New<'a> {
    let incoming = &from.incoming;
    let kind = incoming.on.kind;
    let label = incoming.tells.model.as_deref();
    let model = label.map(|label| models::find(kind, label).map_or(label.to_owned(), |model| model.name.to_string()));
    // only where leaving it out means the same: silence of a running configuration is the factory's value, and what an
    // export says that nobody set up is on the device anyhow
    let read = &incoming.reading.facts;
    let anyhow = match incoming.form {
        Form::Cli => factory::facts(kind, incoming.tells.firmware, &mut SourceMap::new()).0,
        form => platform::of(kind).table(form).map(|dialect| ini::usual(dialect, read)),
    };
    New { from, row, name, kind, model, facts: describable(read, anyhow.as_ref()) }
}

/// A device that stands in a list only.
///
/// # Errors
/// Its line does not say a model that is known.
pub(super) fn listed(ready: &ReadySite, row: &Row, names: &mut Names) -> Result<(NewFile, ImportedDevice), String> {
    let (kind, model) = row.known()?;
    let name = names.take(&[slug(&row.name)], "device");
    let text = row.description(&name, (kind, model), &ready.site.typed.zone);
    let file = format!("devices/{name}.kdl");
    let told = ImportedDevice {
        device: name,
        from: row.place.clone(),
        platform: kind.word().to_owned(),
        model: Some(model.name.to_string()),
        serial: row.serial.clone(),
        description: Some(file.clone()),
        lines: text.lines().count(),
        ..ImportedDevice::default()
    };
    Ok(((file, text.into_bytes()), told))
}

/// A profile for each model, and a description of each device over it.
pub(super) fn describe(ready: &ReadySite, new: &[New<'_>], plan: &mut Plan) {
    let mut groups: BTreeMap<(&str, String), Vec<&New<'_>>> = BTreeMap::new();
    for one in new {
        let what = one.model.clone().unwrap_or_else(|| one.kind.word().to_owned());
        groups.entry((one.kind.word(), what)).or_default().push(one);
    }
    let profiles = ready.sources.files().filter_map(|(_, f)| f.name().strip_prefix("profiles/"));
    let mut names = Names::of(profiles.map(|f| f.rsplit('/').next().unwrap_or(f).trim_end_matches(".kdl").to_owned()));
    for ((platform, what), devices) in groups {
        let facts: Vec<&Facts> = devices.iter().map(|one| &one.facts).collect();
        let profile = shared(&facts).map(|shared| {
            let name = names.take(&[slug(&format!("{what} as read"))], "as-read");
            let text = text::profile(&name, platform, &what, devices.len(), &shared);
            let file = format!("profiles/{name}.kdl");
            let settings = leaves(&shared.facts).count();
            let proposed = ProposedProfile { name: name.clone(), file: file.clone(), devices: devices.len(), settings };
            plan.told.profiles.push(proposed);
            plan.put((file, text.into_bytes()), devices.iter().map(|one| one.from.incoming.name.clone()));
            (name, shared)
        });
        devices.iter().for_each(|one| stage(ready, one, profile.as_ref(), plan));
    }
}

/// The files of a new device.
fn stage(ready: &ReadySite, one: &New<'_>, profile: Option<&(String, Shared)>, plan: &mut Plan) {
    let incoming = &one.from.incoming;
    let captured = captured(ready, &one.name, one.from);
    let own = profile.map_or_else(|| one.facts.clone(), |(_, shared)| left(&one.facts, &shared.facts));
    let mut device = told(&one.name, one.from, &captured);
    let named = one.row.and_then(|row| row.zone.clone());
    let zone = named.or_else(|| zone(ready, &incoming.tells));
    let head = text::Head {
        name: &one.name,
        platform: text::platform(one.kind, one.model.as_deref(), incoming.tells.firmware),
        zone: zone.as_deref(),
        profile: profile.map(|(name, _)| name.as_str()),
        capture: device.capture.as_deref().unwrap_or_default(),
        lines: &one.from.lines,
        secrets: incoming.reading.secrets.len() + incoming.reading.redacted.len(),
    };
    let text = text::device(&head, &own, &incoming.reading.text);
    let file = format!("devices/{}.kdl", one.name);
    device.lines = text.lines().count();
    device.profile = profile.map(|(name, _)| name.clone());
    device.description = Some(file.clone());
    plan.put((file, text.into_bytes()), [device.from.clone()]);
    plan.add(captured, device);
}

/// The only zone whose networks hold an address of the device.
fn zone(ready: &ReadySite, tells: &Tells) -> Option<String> {
    let zones = &ready.site.typed.zone;
    let holds = |zone: &&crate::model::site::Zone| {
        let mut nets = zone.subnet.iter().filter_map(|s| s.net.as_ref());
        nets.any(|net| tells.addresses.iter().any(|address| net.0.contains(address)))
    };
    let mut found = zones.iter().filter(holds).filter_map(|zone| zone.name.as_ref());
    let first = found.next()?;
    found.next().is_none().then(|| first.to_string())
}
