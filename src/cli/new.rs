//! `new`: one file of a site that is there, with comments that tell what belongs into it. It is read by the reader that
//! will read it before it is written, and takes the place of nothing.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use fieldlock::model::device::PlatformKind;
use fieldlock::model::value::{Name, Network};
use fieldlock::pipeline::ReadySite;
use fieldlock::pipeline::first::{
    self, Common, NewAttestation, NewWaiver, StationSaid, Where, ZoneSaid, baseline, file_name, level, server,
};
use fieldlock::report::escape;
use fieldlock::site::files::Root;
use fieldlock::site::output::NewFile;
use fieldlock::source::Loc;

use super::asking::all_said;
use super::exit::Exit;
use super::init::zone_of;
use super::models::platforms;
use super::new_adoption::{AdoptionArgs, adoption};
use super::new_device::{self, DeviceFlags};
use super::new_rule::{self, RuleArgs};
use super::problem::Problem;
use super::{clock, put, site, terminal};

#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    #[command(subcommand)]
    kind: NewKind,
}

/// What can begin.
#[derive(Debug, Subcommand)]
enum NewKind {
    /// A device, into devices/
    #[command(after_help = "Examples:\n  fieldlock new device np07 --model \"NPort 6250-G2\" --address 10.20.7.7/16")]
    Device(DeviceArgs),
    /// A profile, into profiles/; with --platform one that keeps every rule
    #[command(after_help = "Examples:\n  fieldlock new profile cabinet-3\n  fieldlock new profile mx-ros-baseline \
        --platform mx-ros --time-server 10.20.0.5 --owner \"Example Water\"")]
    Profile(ProfileArgs),
    /// A zone, as a line of site.kdl
    #[command(after_help = "Examples:\n  fieldlock new zone office --subnet 10.30.0.0/16 --level 1")]
    Zone(ZoneArgs),
    /// A waiver, into waivers/: somebody answers for a finding until a date
    #[command(after_help = "Examples:\n  fieldlock new waiver W-2026-007 --rule NP6-SES-001 --device np33 --setting \
        login.lockout.after --value 5\n      --until 2026-12-01 --reason \"shared panel, gloves\" --risk \"more guesses\" \
        --instead \"locked cabinet\"\n      --ticket CHG-4102 --owner ot-lead --approver ot-security")]
    Waiver(WaiverArgs),
    /// An attestation, into attestations/: a person says that something was done
    #[command(
        after_help = "Examples:\n  fieldlock new attestation A-2026-014 --rule NP6-HST-001 --device np07 --by ot-lead \
        --evidence evidence/eng-01.html"
    )]
    Attestation(AttestationArgs),
    /// What stands today, dated, as adoption.kdl: for a plant that begins with many findings
    #[command(after_help = "Examples:\n  fieldlock new adoption --until 2027-03-31 --owner ot-lead")]
    Adoption(AdoptionArgs),
    /// A rule of the site's own, into packs/PACK/, with samples that keep it and that break it
    #[command(after_help = "Examples:\n  fieldlock new rule OWN-SES-001 --pack own --platform mx-ros")]
    Rule(RuleArgs),
}

impl NewKind {
    /// The site that was named.
    fn site(&self) -> Option<&Path> {
        match self {
            NewKind::Device(args) => &args.site,
            NewKind::Profile(args) => &args.site,
            NewKind::Zone(args) => &args.site,
            NewKind::Waiver(args) => &args.site,
            NewKind::Attestation(args) => &args.site,
            NewKind::Adoption(args) => &args.site,
            NewKind::Rule(args) => &args.site,
        }
        .as_deref()
    }
}

#[derive(Debug, clap::Args)]
struct DeviceArgs {
    /// What it is called
    name: Name,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    #[command(flatten)]
    of: DeviceFlags,
    /// What it is [default: what its model is, or as all other devices]
    #[arg(long, value_name = "PLATFORM", value_parser = platforms())]
    platform: Option<PlatformKind>,
    /// Where it stands [default: where its address lies, or the only zone]
    #[arg(long)]
    zone: Option<Name>,
    /// Who answers for it [default: the first person of the site]
    #[arg(long, value_name = "PERSON")]
    owner: Option<Name>,
    /// The profile that it uses [default: PLATFORM-baseline]
    #[arg(long)]
    profile: Option<Name>,
}

#[derive(Debug, clap::Args)]
struct ProfileArgs {
    /// What it is called
    name: Name,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    /// What its devices are: with it the profile keeps every rule, else it says nothing yet
    #[arg(long, value_name = "PLATFORM", value_parser = platforms())]
    platform: Option<PlatformKind>,
    /// Whose the devices are, for the notice before login
    #[arg(long, value_name = "TEXT")]
    owner: Option<String>,
    /// Whom devices ask for the time
    #[arg(long, value_name = "ADDRESS", value_parser = server)]
    time_server: Option<String>,
    /// The time zone that they stand in [default: that of this computer]
    #[arg(long, value_name = "AREA/CITY")]
    timezone: Option<String>,
}

#[derive(Debug, clap::Args)]
struct ZoneArgs {
    /// What it is called
    name: Name,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    /// A network that belongs to it; may be given more than once
    #[arg(long, required = true)]
    subnet: Vec<Network>,
    /// Its target level (SL-T)
    #[arg(long, value_name = "1..4", default_value = "2", value_parser = level)]
    level: u8,
}

#[derive(Debug, clap::Args)]
struct WaiverArgs {
    /// Its number: W-2026-007
    #[arg(value_parser = file_name)]
    id: String,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    /// The rule that is not met
    #[arg(long)]
    rule: String,
    /// The device
    #[arg(long, value_name = "NAME", required_unless_present = "zone", conflicts_with = "zone")]
    device: Option<Name>,
    /// Or every device of a zone
    #[arg(long, value_name = "NAME")]
    zone: Option<Name>,
    /// Dotted path of the setting, as the finding says it
    #[arg(long)]
    setting: Option<String>,
    /// The value of it that is put up with
    #[arg(long)]
    value: Option<String>,
    /// From when [default: today]
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Until when: the last day
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Why it can't be met now
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// What may come of it
    #[arg(long, value_name = "TEXT")]
    risk: Option<String>,
    /// What is done instead
    #[arg(long, value_name = "TEXT")]
    instead: Option<String>,
    /// Number in the change system
    #[arg(long)]
    ticket: Option<String>,
    /// Whose it is: a person of the site
    #[arg(long, value_name = "PERSON")]
    owner: Option<String>,
    /// Who allows it: another person of the site
    #[arg(long, value_name = "PERSON")]
    approver: Option<String>,
}

#[derive(Debug, clap::Args)]
struct AttestationArgs {
    /// Its number: A-2026-014
    #[arg(value_parser = file_name)]
    id: String,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    /// The rule that it answers
    #[arg(long)]
    rule: String,
    /// The device; may be given more than once
    #[arg(long, value_name = "NAME", required_unless_present = "zone", conflicts_with = "zone")]
    device: Vec<Name>,
    /// Or every device of a zone
    #[arg(long, value_name = "NAME")]
    zone: Option<Name>,
    /// Who did it: a person of the site
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// When it was done [default: today]
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// What shows it: a file of the site, beneath evidence/
    #[arg(long, value_name = "FILE")]
    evidence: String,
}

const UNTOUCHED: &str = "nothing was written";

pub(crate) fn run(args: NewArgs) -> Result<Exit, Problem> {
    let check = format!("next: fieldlock check{}\n", site::typed(args.kind.site()));
    let written = match args.kind {
        NewKind::Device(args) => device(args),
        NewKind::Profile(args) => profile(args),
        NewKind::Zone(args) => zone(args),
        NewKind::Waiver(args) => waiver(args),
        NewKind::Attestation(args) => attestation(args),
        NewKind::Adoption(args) => adoption(args),
        NewKind::Rule(args) => new_rule::rule(args),
    };
    let written = written.map_err(|problem| match problem.state {
        None => problem.state(UNTOUCHED),
        Some(_) => problem,
    })?;
    let lines: String = written.iter().map(|name| format!("{name}\n")).collect();
    terminal::print(&escape::block(&lines))?;
    terminal::complain(&escape::block(&check));
    Ok(Exit::Done)
}

/// A site that something is put into.
pub(crate) struct Site {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// What it says.
    pub(crate) ready: ReadySite,
}

impl Site {
    /// The site that is named, or the one here.
    pub(crate) fn open(given: Option<PathBuf>) -> Result<Site, Problem> {
        let opened = site::open(given.as_deref())?;
        let folder = opened.root.path().to_owned();
        let ready = site::ready(opened, None)?;
        if !folder.join("site.kdl").is_file() {
            return Err(Problem::invalid(format!("`{}` is no site: it has no `site.kdl`", folder.display()))
                .help("`fieldlock init` begins one"));
        }
        Ok(Site { folder, ready })
    }

    /// `devices/np07.kdl:2`
    fn place(&self, loc: Loc) -> String {
        let file = self.ready.sources.get(loc.file).map(|file| file.name().to_owned()).unwrap_or_default();
        format!("{file}:{}", self.ready.sources.start(loc).line)
    }

    fn taken(&self, what: &str, name: &str, loc: Loc) -> Problem {
        Problem::invalid(format!("there is a {what} `{name}` already, in `{}`", self.place(loc)))
            .help("take another name")
    }

    fn person(&self, id: &str) -> Result<(), Problem> {
        site::person(&self.ready.site, id)
    }

    fn zones(&self) -> Vec<ZoneSaid> {
        let zones = self.ready.site.typed.zone.iter();
        let said = |zone: &fieldlock::model::site::Zone| {
            let networks = zone.subnet.iter().filter_map(|subnet| subnet.net).collect();
            Some(ZoneSaid { name: zone.name.clone()?, networks, level: None })
        };
        zones.filter_map(said).collect()
    }

    fn zone(&self, name: &Name) -> Result<(), Problem> {
        let zones = self.zones();
        let mut names = zones.iter().map(|zone| zone.name.as_str());
        if names.any(|known| known == name.as_str()) {
            return Ok(());
        }
        Err(site::nothing("zone", name.as_str(), zones.iter().map(|zone| zone.name.as_str())))
    }

    fn device(&self, name: &Name) -> Result<(), Problem> {
        let devices = &self.ready.site.devices;
        match self.ready.site.device(name.as_str()) {
            Some(_) => Ok(()),
            None => Err(site::nothing("device", name.as_str(), devices.iter().map(|device| &*device.name))),
        }
    }

    /// Where it holds: what is named has to be there.
    fn whereabouts(&self, devices: Vec<Name>, zone: Option<Name>) -> Result<Where, Problem> {
        devices.iter().try_for_each(|name| self.device(name))?;
        zone.iter().try_for_each(|name| self.zone(name))?;
        Ok(zone.map_or(Where::Devices(devices), Where::Zone))
    }

    /// Writes a new file, once the reader has taken it.
    fn add(&self, file: NewFile) -> Result<Vec<String>, Problem> {
        self.write(vec![file], &[])
    }

    /// Writes new files, once the reader has taken them; what is replaced is named with what stands in it.
    pub(crate) fn write(&self, files: Vec<NewFile>, replaced: &[NewFile]) -> Result<Vec<String>, Problem> {
        if let Some(slip) = first::misread(&first::read(&files)) {
            return Err(Problem::invalid(slip));
        }
        put::into_site(&self.folder, &files, replaced)?;
        Ok(files.into_iter().map(|(name, _)| name).collect())
    }

    /// `site.kdl` as it is, and as it is to be.
    pub(crate) fn changed(&self, text: Option<String>) -> Result<(NewFile, NewFile), Problem> {
        let before = Root::open(&self.folder)?.read_bytes("site.kdl", fieldlock::syntax::MAX_BYTES)?;
        let site = &self.ready.site;
        let read = self.ready.sources.get(site.loc.file).map(|file| file.text().to_string()).unwrap_or_default();
        // an editor's mark stays
        let mark = before.strip_suffix(read.as_bytes());
        let after = mark.zip(text).map(|(mark, text)| [mark, text.as_bytes()].concat());
        match after {
            Some(after) => Ok((("site.kdl".to_owned(), before), ("site.kdl".to_owned(), after))),
            None => Err(Problem::invalid("`site.kdl` is not plain enough to put something into it")
                .help("`fieldlock check` says what is wrong with it; else write the line yourself")),
        }
    }
}

fn device(args: DeviceArgs) -> Result<Vec<String>, Problem> {
    let site = Site::open(args.site)?;
    let name = args.name;
    new_device::can_be_called(&name)?;
    if let Some(device) = site.ready.site.device(name.as_str()) {
        return Err(site.taken("device", name.as_str(), device.loc));
    }
    if site.ready.site.retired.contains(name.as_str()) {
        return Err(Problem::invalid(format!("`{name}` was taken out, and its name is not given again"))
            .help(format!("take another name: what it was lies in `retired/{name}.kdl`")));
    }
    let mut kinds: Vec<PlatformKind> = site.ready.site.devices.iter().map(|device| device.platform).collect();
    kinds.dedup();
    let platform = match args.platform {
        Some(kind) => args.of.platform_among(&[kind])?,
        // its model says it, whatever the others are
        None if args.of.platform().is_some() => args.of.platform_among(&[])?,
        None => args.of.platform_among(&kinds)?,
    };
    let zones = site.zones();
    let zone = match args.zone {
        Some(zone) => site.zone(&zone).map(|()| zone)?,
        None => zone_of(&zones, args.of.net()).ok_or_else(|| {
            Problem::invalid("the site has no zone, and a device stands in one").help("`fieldlock new zone` makes one")
        })?,
    };
    let owner = match args.owner {
        Some(owner) => site.person(owner.as_str()).map(|()| Some(owner))?,
        None => site.ready.site.typed.person.first().and_then(|person| person.id.clone()),
    };
    let profile = args.profile.map_or(baseline(platform), |name| name.to_string());
    if !site.folder.join(format!("profiles/{profile}.kdl")).is_file() {
        return Err(Problem::invalid(format!("the site has no profile `{profile}`")).help(format!(
            "`fieldlock new profile {profile} --platform {}` makes one that keeps every rule; or name another by --profile",
            platform.word()
        )));
    }
    let file = format!("devices/{name}.kdl");
    let new = args.of.device(name, platform, zone, owner, profile);
    site.add((file, first::device(&new, &site.ready.advisories)))
}

fn profile(args: ProfileArgs) -> Result<Vec<String>, Problem> {
    let site = Site::open(args.site)?;
    let file = format!("profiles/{}.kdl", args.name);
    let Some(kind) = args.platform else { return site.add((file, first::bare_profile(&args.name))) };
    let said = &site.ready.site.typed;
    let station =
        |s: &fieldlock::model::site::Station| Some(StationSaid { name: s.name.clone()?, address: s.address? });
    let stations: Vec<StationSaid> = said.station.iter().filter_map(station).collect();
    let log_server = said.log_server.first().and_then(|server| server.address.clone());
    let person = said.person.first().and_then(|person| person.id.clone());
    let Some(((log_server, person), _)) = log_server.zip(person).zip(stations.first()) else {
        return Err(Problem::invalid("a profile that keeps every rule names a station, a log server and a person")
            .help("write `station`, `log-server` and `person` into `site.kdl` first"));
    };
    let (mut owner, mut time_server) = (args.owner, args.time_server);
    all_said(&mut [
        ("--owner", "whose the devices are, for the notice before login", &mut owner),
        ("--time-server", "time server, address or name", &mut time_server),
    ])?;
    let timezone = args.timezone.unwrap_or_else(super::init::own_timezone);
    let (owner, time_servers) = (owner.unwrap_or_default(), time_server.into_iter().collect());
    let common = Common { owner, person, stations, log_server, time_servers, timezone };
    site.add((file, first::profile(kind, args.name.as_str(), &common)))
}

fn zone(args: ZoneArgs) -> Result<Vec<String>, Problem> {
    let site = Site::open(args.site)?;
    if let Some(group) = site.ready.site.facts.group(&format!("zone[{}]", args.name)) {
        return Err(site.taken("zone", args.name.as_str(), group.origin.loc()));
    }
    let zone = ZoneSaid { name: args.name, networks: args.subnet, level: Some(args.level) };
    let text = first::with_zone(&site.ready.site, &site.ready.sources, &zone, args.level);
    let (before, after) = site.changed(text)?;
    site.write(vec![after], &[before])
}

fn waiver(mut args: WaiverArgs) -> Result<Vec<String>, Problem> {
    let site = Site::open(args.site)?;
    let id_of = |waiver: &fieldlock::site::SiteWaiver| waiver.typed.id.clone();
    if let Some(other) = site.ready.site.waivers.iter().find(|other| is(id_of(other), &args.id)) {
        return Err(site.taken("waiver", &args.id, other.loc));
    }
    known_rule(&site, &args.rule)?;
    let at = site.whereabouts(args.device.into_iter().collect(), args.zone)?;
    all_said(&mut [
        ("--until", "until when, as 2026-12-01", &mut args.until),
        ("--reason", "why it can't be met now", &mut args.reason),
        ("--risk", "what may come of it", &mut args.risk),
        ("--instead", "what is done instead", &mut args.instead),
        ("--ticket", "number in the change system", &mut args.ticket),
        ("--owner", "whose it is: a person of the site", &mut args.owner),
        ("--approver", "who allows it: another person of the site", &mut args.approver),
    ])?;
    let text = |said: Option<String>| said.unwrap_or_default();
    let (owner, approver) = (text(args.owner), text(args.approver));
    [&owner, &approver].into_iter().try_for_each(|person| site.person(person))?;
    if owner == approver {
        return Err(Problem::invalid(format!("`{owner}` can't allow what is their own"))
            .help("name another person by --approver"));
    }
    let file = format!("waivers/{}.kdl", args.id);
    let new = NewWaiver {
        id: args.id,
        rule: args.rule,
        at,
        setting: args.setting,
        value: args.value,
        from: args.from.unwrap_or_else(today),
        until: text(args.until),
        reason: text(args.reason),
        risk: text(args.risk),
        instead: text(args.instead),
        ticket: text(args.ticket),
        owner,
        approver,
    };
    site.add((file, first::waiver(&new)))
}

fn attestation(args: AttestationArgs) -> Result<Vec<String>, Problem> {
    let site = Site::open(args.site)?;
    let id_of = |said: &fieldlock::site::SiteAttestation| said.typed.id.clone();
    if let Some(other) = site.ready.site.attestations.iter().find(|other| is(id_of(other), &args.id)) {
        return Err(site.taken("attestation", &args.id, other.loc));
    }
    known_rule(&site, &args.rule)?;
    let Some(rule) = site.ready.packs.rules().find(|rule| *rule.id == *args.rule) else {
        return Err(Problem::invalid(format!("`{}` is of a pack that `site.kdl` does not name", args.rule))
            .help("`fieldlock policy list` lists the packs with their rules"));
    };
    if rule.attest.is_none() {
        return Err(Problem::invalid(format!("`{}` is judged by the configuration, and nobody attests it", args.rule))
            .help("`fieldlock policy list` shows which rules ask for an attestation"));
    }
    let at = site.whereabouts(args.device, args.zone)?;
    site.person(&args.by)?;
    if let Where::Devices(names) = &at
        && let Some(other) = names
            .iter()
            .filter_map(|name| site.ready.site.device(name.as_str()))
            .find(|device| !rule.platforms.contains(&device.platform))
    {
        let message = format!("`{}` asks nothing of `{}`, which is {}", rule.id, other.name, other.platform.word());
        return Err(Problem::invalid(message).help(format!("`fieldlock explain {}` says of what it does", rule.id)));
    }
    if !args.evidence.starts_with("evidence/") {
        return Err(Problem::invalid(format!("`{}` does not lie beneath `evidence/` of the site", args.evidence))
            .help("put the file there first"));
    }
    let digest = Root::open(&site.folder)?.digest_of(&args.evidence)?;
    let (by, when) = (args.by, args.at.unwrap_or_else(today));
    let file = format!("attestations/{}.kdl", args.id);
    let new = NewAttestation { id: args.id, at, by, when, evidence: (args.evidence, digest) };
    site.add((file, first::attestation(&new, rule)))
}

fn known_rule(site: &Site, id: &str) -> Result<(), Problem> {
    let (packs, ..) = site::all_packs(&site.ready.site.own_packs);
    let mut ids = packs.rules().map(|rule| &*rule.id);
    if ids.any(|known| known == id) {
        return Ok(());
    }
    let near = fieldlock::model::shape::closest(&id.to_ascii_uppercase(), packs.rules().map(|rule| &*rule.id));
    let help = near.map_or("`fieldlock policy list` lists them".to_owned(), |near| format!("is `{near}` meant?"));
    Err(Problem::invalid(format!("no rule is called `{id}`")).help(help))
}

fn today() -> String {
    clock::now().strftime("%Y-%m-%d").to_string()
}

/// Names that differ only in case are one file on some systems.
fn is(id: Option<String>, other: &str) -> bool {
    id.is_some_and(|id| id.eq_ignore_ascii_case(other))
}
