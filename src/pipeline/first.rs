//! The first files of a site, and single ones of it: what `init` and `new` write. The texts are data, `schema/first/`;
//! here they are filled with what people said, and read by the reader that will read them, before anything is written.

mod fill;
mod said;
mod single;

use std::collections::BTreeMap;
use std::path::Path;

pub use fill::Values;
pub use said::{AddressSaid, PersonSaid, StationSaid, ZoneSaid, file_name, interface, level, server};
pub use single::{
    NewAttestation, NewWaiver, Where, adoption, attestation, bare_profile, rule, waiver, with_pack, with_zone,
};

use super::pins;
use crate::embedded::{FIRST, PIPELINES};
use crate::model::device::PlatformKind;
use crate::model::facts::quote;
use crate::model::paths::{ETHERNET_PORT, SERIAL_PORT};
use crate::model::value::{Name, Version};
use crate::platform;
use crate::policy::{Advisories, hardening_packs};
use crate::site::files::{Held, Root};
use crate::site::output::NewFile;
use crate::site::{LOCK, LoadOptions, Loaded, load, models};

/// Where the certificate lies that log servers are checked by.
pub const CA: &str = "certs/ot-ca.pem";

/// A site that begins.
#[derive(Debug, Clone)]
pub struct NewSite {
    /// Its name.
    pub name: Name,
    /// What its devices are.
    pub platforms: Vec<PlatformKind>,
    /// Its zones.
    pub zones: Vec<ZoneSaid>,
    /// The target level of zones that say none.
    pub level: u8,
    /// People.
    pub people: Vec<PersonSaid>,
    /// What its profiles say.
    pub common: Common,
    /// The certificate that log servers are checked by, as PEM.
    pub ca: Option<Vec<u8>>,
    /// Which service runs the checks.
    pub pipeline: Pipeline,
    /// The first device.
    pub device: Option<NewDevice>,
}

/// What all devices of a site have in common.
#[derive(Debug, Clone)]
pub struct Common {
    /// Whose the devices are, for the notice before login.
    pub owner: String,
    /// Who administers them: a person of the site.
    pub person: Name,
    /// From where.
    pub stations: Vec<StationSaid>,
    /// Where their logs go.
    pub log_server: String,
    /// Whom they ask for the time.
    pub time_servers: Vec<String>,
    /// The time zone that they stand in.
    pub timezone: String,
}

/// A service that runs the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipeline {
    /// GitLab.
    Gitlab,
    /// GitHub.
    Github,
    /// None of them.
    None,
}

/// A device that begins.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub platform: PlatformKind,
    /// Its model, as its label says it.
    pub model: Option<String>,
    /// Its firmware.
    pub firmware: Option<Version>,
    /// Where it stands.
    pub zone: Name,
    /// Its address, and the gateway to elsewhere.
    pub address: Option<AddressSaid>,
    /// Who answers for it.
    pub owner: Option<Name>,
    /// The serial number on its label.
    pub serial: Option<String>,
    /// The profile that it uses.
    pub profile: String,
}

/// All files of a new site.
pub fn site(new: &NewSite, holes: &Advisories) -> Vec<NewFile> {
    let mut files = vec![("site.kdl".to_owned(), text("site.kdl", &site_values(new)))];
    files.extend(new.platforms.iter().map(|kind| {
        let name = baseline(*kind);
        (format!("profiles/{name}.kdl"), profile(*kind, &name, &new.common))
    }));
    files.extend(new.device.iter().map(|device| (format!("devices/{}.kdl", device.name), self::device(device, holes))));
    files.extend(new.ca.iter().map(|bytes| (CA.to_owned(), bytes.clone())));
    let plain = [(".gitignore", "gitignore"), (".gitattributes", "gitattributes"), (".editorconfig", "editorconfig")];
    files.extend(plain.into_iter().map(|(name, of)| (name.to_owned(), template(of).as_bytes().to_vec())));
    files.extend(pipeline(new.pipeline));
    files
}

/// What a service reads, and beside it the scripts that all of them run.
fn pipeline(of: Pipeline) -> Vec<NewFile> {
    let (place, own) = match of {
        Pipeline::Gitlab => (".gitlab-ci.yml", "gitlab-ci.yml"),
        Pipeline::Github => (".github/workflows/fieldlock.yml", "github.yml"),
        Pipeline::None => return Vec::new(),
    };
    let name = |name: &str| match name {
        name if name == own => Some(place.to_owned()),
        name if name.ends_with(".yml") => None,
        name => Some(format!("ci/{name}")),
    };
    PIPELINES.iter().filter_map(|(file, text)| Some((name(file)?, text.as_bytes().to_vec()))).collect()
}

/// What the profile of a platform is called that keeps its rules.
pub fn baseline(kind: PlatformKind) -> String {
    format!("{}-baseline", kind.word())
}

/// A profile with which devices of a platform keep its rules.
pub fn profile(kind: PlatformKind, name: &str, common: &Common) -> Vec<u8> {
    use PlatformKind::{Nport6000, Nport6000G2};
    let mut values = of_platform(kind);
    values.one("profile", quote(name));
    values.one("platform-word", kind.word());
    values.one("owner", quote(common.person.as_str()));
    let notice = "Authorised use only. Unauthorised access is prohibited. Use is monitored.";
    values.one("banner", quote(&format!("Property of {}. {notice}", common.owner)));
    values.one("log-server", quote(&common.log_server));
    values.one("time-servers", common.time_servers.iter().map(|s| quote(s)).collect::<Vec<_>>().join(" "));
    values.one("timezone", quote(&common.timezone));
    values.many("station-address", common.stations.iter().map(|s| quote(&s.address.to_string())));
    let purpose = |s: &StationSaid| quote(&format!("engineering station {}", s.name));
    values.many("station-purpose", common.stations.iter().map(purpose));
    text(if matches!(kind, Nport6000 | Nport6000G2) { "profile-nport.kdl" } else { "profile-mx.kdl" }, &values)
}

/// The description of a device; its firmware is held against a list of known holes.
pub fn device(new: &NewDevice, holes: &Advisories) -> Vec<u8> {
    let mut values = of_platform(new.platform);
    let known = new.model.as_deref().and_then(|label| models::find(new.platform, label));
    let on = platform::of(new.platform);
    let has = |path: &str| on.has_place(path);
    let property = |name: &str, text: &dyn ToString| format!(" {name}={}", quote(&text.to_string()));
    values.one("device", quote(new.name.as_str()));
    values.one("device-word", new.name.as_str());
    values.one("platform", quote(new.platform.word()));
    values.one("model", new.model.as_ref().map(|model| property("model", model)).unwrap_or_default());
    values.one("firmware", new.firmware.map(|version| property("firmware", &version)).unwrap_or_default());
    let floor = known.and_then(|model| holes.lowest_clean(new.platform, &model.name));
    values.many("floor", floor.filter(|_| new.firmware.is_none()).map(|(version, _)| version.to_string()));
    values.one("zone", quote(new.zone.as_str()));
    values.one("owner", new.owner.as_ref().map(|owner| property("owner", owner)).unwrap_or_default());
    values.one("serial", new.serial.as_ref().map(|serial| property("serial", serial)).unwrap_or_default());
    values.one("profile", quote(&new.profile));
    values.many(
        "address",
        new.address.as_ref().map(|address| {
            let gateway = address.gateway.map(|g| format!("; gateway {}", quote(&g.to_string())));
            format!("address {}{}", quote(&address.net.to_string()), gateway.unwrap_or_default())
        }),
    );
    values.flag("no-address", new.address.is_none());
    let (serial, ethernet) = (has(SERIAL_PORT), has(ETHERNET_PORT));
    values.flag("serial-ports", serial);
    let last = known.and_then(|model| model.serial).filter(|_| serial).unwrap_or(u32::from(serial));
    values.many("serial-port", (1..=last).map(|number| number.to_string()));
    values.many(
        "serial-mode",
        serial.then(|| match new.platform {
            // that generation has no place for who is at the other end: NP6-SER-005 is not asked of it
            PlatformKind::Nport6000 => "mode \"tcp-server\" data-port=4001 secure=\"encrypted\"".to_owned(),
            _ => format!("mode \"tcp-server\" data-port=4001 secure=\"encrypted-authenticated\" ca={}", quote(CA)),
        }),
    );
    values.flag("ethernet-ports", ethernet);
    // how they are named is said only where a source says it; else one line shows how they are written
    let named = known.and_then(|model| model.port_name.as_deref().zip(model.ethernet));
    let (pattern, count) = named.unwrap_or(("1/{n}", 1));
    let name = |number: u32| quote(&pattern.replace("{n}", &number.to_string()));
    values.many("ethernet-port", (1..=count).filter(|_| ethernet).map(name));
    values.many("first-port", ethernet.then(|| name(1)));
    text("device.kdl", &values)
}

/// New files as they will be read.
pub fn read(files: &[NewFile]) -> Loaded {
    load(&held(files), &LoadOptions::default())
}

/// What a new site agrees to be judged by: the packs as they are.
pub fn lock(files: &[NewFile]) -> NewFile {
    let ready = super::load(held(files), &LoadOptions::default(), None);
    (LOCK.to_owned(), pins::text(ready.index_packs()).into_bytes())
}

fn held(files: &[NewFile]) -> Root {
    let held = files.iter().map(|(name, bytes)| (name.clone(), Held::File(bytes.clone())));
    Root::held(Path::new("."), held.collect())
}

/// What of them was not understood: the first slip, with its file and the remedy.
pub fn misread(read: &Loaded) -> Option<String> {
    let slip = |code: &str| code.starts_with("shape.") || code.starts_with("syntax.");
    let finding = read.findings.iter().find(|finding| slip(&finding.code))?;
    let place = read.sources.get(finding.loc.file).map(|file| format!(" ({})", file.name())).unwrap_or_default();
    let help = finding.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
    Some(format!("{}{place}{help}", finding.message))
}

fn site_values(new: &NewSite) -> Values {
    let mut values = Values::default();
    values.one("site", quote(new.name.as_str()));
    let mut packs: Vec<&str> = Vec::new();
    for pack in new.platforms.iter().flat_map(|kind| hardening_packs(*kind)).chain(["fleet", "plan"]) {
        if !packs.contains(&pack) {
            packs.push(pack);
        }
    }
    values.one("packs", packs.iter().map(|pack| quote(pack)).collect::<Vec<_>>().join(" "));
    values.many("zone", new.zones.iter().map(|zone| quote(zone.name.as_str())));
    values.many("level", new.zones.iter().map(|zone| zone.level.unwrap_or(new.level).to_string()));
    values.many("subnets", new.zones.iter().map(ZoneSaid::subnets));
    let stations = || new.common.stations.iter();
    values.many("station", stations().map(|station| quote(station.name.as_str())));
    values.many("station-address", stations().map(|station| quote(&station.address.to_string())));
    values.many(
        "station-zone",
        stations().map(|station| {
            let zone = new.zones.iter().find(|zone| zone.holds(station.address));
            zone.map(|zone| format!(" zone={}", quote(zone.name.as_str()))).unwrap_or_default()
        }),
    );
    values.one("log-server", quote(&new.common.log_server));
    values.many("person", new.people.iter().map(|person| quote(person.id.as_str())));
    let role = |person: &PersonSaid| person.role.as_ref().map(|role| format!(" role={}", quote(role)));
    values.many("role", new.people.iter().map(|person| role(person).unwrap_or_default()));
    values
}

/// The word of a platform leaves a line to it.
fn of_platform(kind: PlatformKind) -> Values {
    let mut values = Values::default();
    PlatformKind::ALL.into_iter().for_each(|other| values.flag(other.word(), other == kind));
    values
}

fn text(name: &str, values: &Values) -> Vec<u8> {
    values.fill(template(name)).into_bytes()
}

/// One of the texts; a test asks for each.
fn template(name: &str) -> &'static str {
    static TEXTS: std::sync::LazyLock<BTreeMap<&str, &str>> =
        std::sync::LazyLock::new(|| FIRST.iter().copied().collect());
    TEXTS.get(name).copied().unwrap_or_default()
}
