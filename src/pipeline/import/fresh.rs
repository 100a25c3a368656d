//! Devices that the site does not have yet: what they are called, and their descriptions over what they share.

use std::collections::BTreeMap;

use super::describable::describable;
use super::list::Row;
use super::names::{Names, borne_once, slug};
use super::shared::{Shared, left, shared};
use super::texts::{by_device, joined};
use super::{From, Plan, text, told};
use crate::dialect::ini;
use crate::image::FingerprintKey;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::leaves;
use crate::native::Form;
use crate::pipeline::capture::{Captured, Place, captured};
use crate::pipeline::ready::ReadySite;
use crate::platform;
use crate::report::documents::{ImportedDevice, ProposedProfile};
use crate::site::identity::Tells;
use crate::site::output::NewFile;
use crate::site::{factory, models};
use crate::source::SourceMap;

/// A device that the site does not have yet.
pub(super) struct New<'a> {
    /// What was read from it, the newest first, each text of another form.
    pub(super) texts: Vec<&'a From>,
    /// The line of a list that names it.
    pub(super) row: Option<&'a Row>,
    pub(super) name: String,
    /// What has to be described of it.
    pub(super) facts: Facts,
    kind: PlatformKind,
    model: Option<String>,
    tells: Tells,
}

/// Names for devices: what a list says, else what the device calls itself if no other does, else its file's name.
pub(super) fn named<'a>(
    files: Vec<&'a From>,
    rows: &[&'a Row],
    names: &mut Names,
    refused: &mut BTreeMap<String, String>,
) -> Vec<New<'a>> {
    let devices = by_device(files, refused);
    let hostname = |texts: &[&'a From]| texts.iter().find_map(|from| from.incoming.tells.hostname.as_deref());
    let once = borne_once(devices.iter().filter_map(|texts| hostname(texts)));
    let new = |texts: Vec<&'a From>| {
        let told = hostname(&texts).and_then(slug).filter(|name| once.contains(name));
        let row = rows.iter().find(|row| texts.iter().any(|from| row.is_of(&from.incoming.tells))).copied();
        let stem = texts.first().and_then(|from| slug(stem(&from.incoming.name)));
        let name = names.take(&[row.and_then(|row| slug(&row.name)), told, stem], "device");
        described(texts, row, name)
    };
    devices.into_iter().filter_map(new).collect()
}

fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn described<'a>(texts: Vec<&'a From>, row: Option<&'a Row>, name: String) -> Option<New<'a>> {
    let incoming = &texts.iter().find(|from| from.incoming.form != Form::Sheet).or(texts.first())?.incoming;
    let (kind, tells) = (incoming.on.kind, tells(&texts));
    let label = tells.model.as_deref();
    let model = label.map(|label| models::find(kind, label).map_or(label.to_owned(), |model| model.name.to_string()));
    let joined = joined(&texts);
    let read = joined.as_ref().map_or(&incoming.reading.facts, |reading| &reading.facts);
    // only where leaving it out means the same: silence of a running configuration is the factory's value, and what an
    // export says that nobody set up is on the device anyhow
    let anyhow = match incoming.form {
        Form::Cli => factory::facts(kind, tells.firmware, &mut SourceMap::new()).0,
        form => platform::of(kind).table(form).map(|dialect| ini::usual(dialect, read)),
    };
    let facts = describable(read, anyhow.as_ref());
    Some(New { texts, row, name, kind, model, tells, facts })
}

/// What the texts of a device tell of it, each thing as the newest that tells it.
fn tells(texts: &[&From]) -> Tells {
    let all = || texts.iter().map(|from| &from.incoming.tells);
    Tells {
        serial: all().find_map(|tells| tells.serial.clone()),
        mac: all().find_map(|tells| tells.mac.clone()),
        model: all().find_map(|tells| tells.model.clone()),
        firmware: all().find_map(|tells| tells.firmware),
        hostname: all().find_map(|tells| tells.hostname.clone()),
        addresses: all().flat_map(|tells| tells.addresses.iter().copied()).collect(),
    }
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
pub(super) fn describe(ready: &ReadySite, new: &[New<'_>], key: Option<&FingerprintKey>, plan: &mut Plan) {
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
            plan.put((file, text.into_bytes()), devices.iter().flat_map(|one| one.files()));
            (name, shared)
        });
        devices.iter().for_each(|one| stage(ready, one, profile.as_ref(), key, plan));
    }
}

impl New<'_> {
    /// The files that it was read from.
    pub(super) fn files(&self) -> impl Iterator<Item = String> {
        self.texts.iter().map(|from| from.incoming.name.clone())
    }
}

/// The files of a new device.
fn stage(
    ready: &ReadySite,
    one: &New<'_>,
    profile: Option<&(String, Shared)>,
    key: Option<&FingerprintKey>,
    plan: &mut Plan,
) {
    let own = profile.map_or_else(|| one.facts.clone(), |(_, shared)| left(&one.facts, &shared.facts));
    let captures: Vec<Captured> = one
        .texts
        .iter()
        .enumerate()
        .map(|(nth, from)| captured(ready, &one.name, from, &Place { beside: nth > 0, key }))
        .collect();
    let named = one.row.and_then(|row| row.zone.clone());
    let zone = named.or_else(|| zone(ready, &one.tells));
    let source = |(from, captured): (&&From, &Captured)| {
        let incoming = &from.incoming;
        let lines = text::Lines::of(&incoming.reading.text, &from.lines);
        text::Source { capture: captured.text().to_owned(), form: incoming.form, file: incoming.file, lines }
    };
    let secrets = |from: &&From| from.incoming.reading.secrets.len() + from.incoming.reading.redacted.len();
    let head = text::Head {
        name: &one.name,
        platform: text::platform(one.kind, one.model.as_deref(), one.tells.firmware),
        zone: zone.as_deref(),
        profile: profile.map(|(name, _)| name.as_str()),
        read: one.texts.iter().zip(&captures).map(source).collect(),
        secrets: one.texts.iter().map(secrets).sum(),
    };
    let text = text::device(&head, &own);
    let file = format!("devices/{}.kdl", one.name);
    let mut told: Vec<ImportedDevice> =
        one.texts.iter().zip(&captures).map(|(from, captured)| told(&one.name, from, captured)).collect();
    if let Some(first) = told.first_mut() {
        first.lines = text.lines().count();
        first.profile = profile.map(|(name, _)| name.clone());
        first.description = Some(file.clone());
    }
    plan.put((file, text.into_bytes()), one.files());
    captures.into_iter().zip(told).for_each(|(captured, told)| plan.add(captured, told));
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
