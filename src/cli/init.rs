//! `init`: a new site, out of what a person says at the terminal or by flags. It needs no key, and replaces nothing.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use fieldlock::model::device::PlatformKind;
use fieldlock::model::value::{Name, Network};
use fieldlock::pipeline::first::{
    self, CA, Common, NewDevice, NewSite, PersonSaid, Pipeline, StationSaid, ZoneSaid, baseline, level, server,
};
use fieldlock::policy::no_certificates;
use fieldlock::report::{self, escape};
use fieldlock::site::Loaded;
use fieldlock::site::output::NewFile;
use fieldlock::site::secrets::wanted;

use super::asking::{ask, ask_several};
use super::exit::Exit;
use super::models::platforms;
use super::new_device::{self, DeviceFlags};
use super::problem::Problem;
use super::{advisories, file, put, terminal};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fieldlock init west\n  fieldlock init west --platform mx-ros --zone control=10.20.0.0/16:2 \
    --station eng-01=10.20.0.10\n      --log-server 10.20.0.9 --time-server 10.20.0.5 --person \"ot-lead=owner of the OT \
    network\" --owner \"Example Water\"\n\nAt a terminal what no flag says is asked for. Nothing that is there is replaced."
)]
pub(crate) struct InitArgs {
    /// Folder of the new site; it may be there already [default: here]
    folder: Option<PathBuf>,
    /// What the site is called [default: as its folder]
    #[arg(long)]
    name: Option<Name>,
    /// What its devices are; may be given more than once [default: what the model of --device is]
    #[arg(long, value_name = "PLATFORM", value_parser = platforms())]
    platform: Vec<PlatformKind>,
    /// A zone with its networks and its target level; may be given more than once
    #[arg(long, value_name = "NAME=NET[,NET][:LEVEL]")]
    zone: Vec<ZoneSaid>,
    /// Target level (SL-T) of zones that say none [default: 2]
    #[arg(long, value_name = "1..4", value_parser = level)]
    level: Option<u8>,
    /// A computer that devices are managed from; may be given more than once
    #[arg(long, value_name = "NAME=ADDRESS")]
    station: Vec<StationSaid>,
    /// Where devices send their logs
    #[arg(long, value_name = "ADDRESS", value_parser = server)]
    log_server: Option<String>,
    /// Whom devices ask for the time; may be given more than once
    #[arg(long, value_name = "ADDRESS", value_parser = server)]
    time_server: Vec<String>,
    /// The time zone that they stand in [default: that of this computer]
    #[arg(long, value_name = "AREA/CITY")]
    timezone: Option<String>,
    /// Somebody who answers for something; may be given more than once, the first one administers the devices
    #[arg(long, value_name = "ID[=ROLE]")]
    person: Vec<PersonSaid>,
    /// Whose the devices are, for the notice before login
    #[arg(long, value_name = "TEXT")]
    owner: Option<String>,
    /// The certificate, as PEM, of the authority that the log server's certificate is checked by
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Which service runs the checks [default: none]
    #[arg(long, value_enum)]
    ci: Option<Ci>,
    /// Name of a first device; what it is stands in the next flags
    #[arg(long, value_name = "NAME", help_heading = "First device")]
    device: Option<Name>,
    #[command(flatten)]
    of_device: DeviceFlags,
}

/// A service that runs the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Ci {
    /// GitLab: .gitlab-ci.yml, and the scripts in ci/
    Gitlab,
    /// GitHub: .github/workflows/fieldlock.yml, and the scripts in ci/
    Github,
    /// None
    None,
}

/// The largest file of certificates, in bytes.
const LARGEST: usize = 64 << 10;
const UNTOUCHED: &str = "nothing was written";

pub(crate) fn run(args: InitArgs) -> Result<Exit, Problem> {
    let folder = args.folder.clone().unwrap_or_else(|| PathBuf::from("."));
    is_no_site(&folder)?;
    let ca = args.ca.as_deref().map(certificate).transpose()?;
    let new = said(args, &folder, ca)?;
    let mut files = first::site(&new, &*advisories::in_force()?);
    let read = first::read(&files);
    if let Some(slip) = first::misread(&read) {
        return Err(Problem::invalid(slip).state(UNTOUCHED));
    }
    files.push(first::lock(&files));
    put::into_new(&folder, &files)?;
    let shown = if folder == Path::new(".") { String::new() } else { report::argument(&folder.display().to_string()) };
    terminal::print(&told(&new, &files, &read, &shown))?;
    Ok(Exit::Done)
}

/// Told before anything is asked.
fn is_no_site(folder: &Path) -> Result<(), Problem> {
    if folder.join("site.kdl").symlink_metadata().is_err() {
        return Ok(());
    }
    Err(Problem::invalid(format!("`{}` is a site already: it has a `site.kdl`", folder.display()))
        .help("give a new folder: `fieldlock init west`; `fieldlock new device` adds to a site")
        .state(UNTOUCHED))
}

fn certificate(path: &Path) -> Result<Vec<u8>, Problem> {
    let shown = path.display();
    let bytes = file::read_document(path, LARGEST)
        .map_err(|why| Problem::invalid(format!("`{shown}`: {why}")).state(UNTOUCHED))?;
    if bytes.len() > LARGEST {
        return Err(Problem::invalid(format!("`{shown}` is larger than a certificate is")).state(UNTOUCHED));
    }
    match no_certificates(&path.display().to_string(), &bytes) {
        None => Ok(bytes),
        Some(why) => Err(Problem::invalid(why).help("give the certificate as PEM, and nothing else").state(UNTOUCHED)),
    }
}

/// What was said by flags, and where one is missing at the terminal.
fn said(mut args: InitArgs, folder: &Path, ca: Option<Vec<u8>>) -> Result<NewSite, Problem> {
    let own_name = std::path::absolute(folder).ok().and_then(|path| path.file_name()?.to_str()?.parse::<Name>().ok());
    let of_model = args.of_device.platform();
    if args.platform.is_empty() {
        args.platform.extend(of_model);
    }
    let mut asked = false;
    let missing = args.missing(own_name.is_some());
    if !missing.is_empty() {
        if !terminal::can_ask() {
            return Err(Problem::invalid(format!("a new site needs {}", missing.join(", ")))
                .help("say them by these flags, or at a terminal, where they are asked for")
                .state(UNTOUCHED));
        }
        asked = true;
        args.ask(own_name.as_ref().map(Name::as_str))?;
    }
    let InitArgs { name, zone, level, station, time_server, person, of_device, .. } = args;
    let mut platforms: Vec<PlatformKind> = Vec::new();
    args.platform.into_iter().for_each(|kind| {
        if !platforms.contains(&kind) {
            platforms.push(kind)
        }
    });
    let person_id = person.first().map(|person| person.id.clone());
    let complete = name.or(own_name).zip(args.log_server).zip(args.owner).zip(person_id);
    // `missing` named each of them, or it was asked for
    let Some((((name, log_server), owner), person_id)) = complete else {
        return Err(Problem::invalid("not all was said").state(UNTOUCHED));
    };
    let timezone = args.timezone.unwrap_or_else(own_timezone);
    let common =
        Common { owner, person: person_id.clone(), stations: station, log_server, time_servers: time_server, timezone };
    let device = match args.device {
        Some(device) => Some(first_device(device, of_device, &platforms, &zone, &person_id)?),
        None if asked => new_device::ask_first(&platforms, &zone, &person_id)?,
        None if of_device.is_given() => {
            return Err(Problem::invalid("what the first device is was said, and not what it is called")
                .help("add --device NAME")
                .state(UNTOUCHED));
        }
        None => None,
    };
    let pipeline = match args.ci {
        Some(Ci::Gitlab) => Pipeline::Gitlab,
        Some(Ci::Github) => Pipeline::Github,
        Some(Ci::None) | None => Pipeline::None,
    };
    Ok(NewSite {
        name,
        platforms,
        zones: zone,
        level: level.unwrap_or(2),
        people: person,
        common,
        ca,
        pipeline,
        device,
    })
}

impl InitArgs {
    /// Flags that were not given and without which there is no site that complies.
    fn missing(&self, named: bool) -> Vec<&'static str> {
        [
            (self.name.is_none() && !named, "--name"),
            (self.platform.is_empty(), "--platform"),
            (self.zone.is_empty(), "--zone"),
            (self.station.is_empty(), "--station"),
            (self.log_server.is_none(), "--log-server"),
            (self.time_server.is_empty(), "--time-server"),
            (self.person.is_empty(), "--person"),
            (self.owner.is_none(), "--owner"),
        ]
        .into_iter()
        .filter_map(|(missing, flag)| missing.then_some(flag))
        .collect()
    }

    fn ask(&mut self, own_name: Option<&str>) -> Result<(), Problem> {
        if self.name.is_none() {
            self.name = Some(ask("name of the site", own_name, &|text| text.parse())?);
        }
        if self.platform.is_empty() {
            let words = PlatformKind::ALL.map(PlatformKind::word).join(", ");
            let one = |text: &str| {
                PlatformKind::from_word(text).ok_or_else(|| format!("`{text}` is no platform: there are {words}"))
            };
            self.platform = ask_several(&format!("platform of its devices ({words})"), 1, &one)?;
        }
        if self.zone.is_empty() {
            self.zone = ask_several("zone with its network, control=10.20.0.0/16", 1, &|text| text.parse())?;
        }
        if self.level.is_none() && self.zone.iter().any(|zone| zone.level.is_none()) {
            self.level = Some(ask("target level of IEC 62443, 1 to 4", Some("2"), &level)?);
        }
        if self.station.is_empty() {
            let question = "computer that devices are managed from, eng-01=10.20.0.10";
            self.station = ask_several(question, 1, &|text| text.parse())?;
        }
        if self.log_server.is_none() {
            self.log_server = Some(ask("log server, address or name", None, &server)?);
        }
        if self.time_server.is_empty() {
            self.time_server = vec![ask("time server, address or name", None, &server)?];
        }
        if self.timezone.is_none() {
            self.timezone = Some(ask("time zone", Some(&own_timezone()), &|text| Ok(text.to_owned()))?);
        }
        if self.person.is_empty() {
            let question = "person who answers for the devices, ot-lead=owner of the OT network";
            self.person = ask_several(question, 1, &|text| text.parse())?;
        }
        if self.owner.is_none() {
            let question = "whose the devices are, for the notice before login";
            self.owner = Some(ask(question, None, &|text| Ok(text.to_owned()))?);
        }
        if self.ci.is_none() {
            let read = |text: &str| Ci::from_str(text, false).map_err(|_| "gitlab, github or none".to_owned());
            self.ci = Some(ask("service that runs the checks: gitlab, github or none", Some("none"), &read)?);
        }
        Ok(())
    }
}

fn first_device(
    name: Name,
    flags: DeviceFlags,
    platforms: &[PlatformKind],
    zones: &[ZoneSaid],
    person: &Name,
) -> Result<NewDevice, Problem> {
    new_device::can_be_called(&name)?;
    let platform = flags.platform_among(platforms)?;
    let zone = zone_of(zones, flags.net()).ok_or_else(|| Problem::invalid("a device stands in a zone"))?;
    Ok(flags.device(name, platform, zone, Some(person.clone()), baseline(platform)))
}

/// The zone that an address lies in; else the first.
pub(crate) fn zone_of(zones: &[ZoneSaid], net: Option<Network>) -> Option<Name> {
    let address = net.map(|net| fieldlock::model::value::Address(net.0.addr()));
    let holds = |zone: &&ZoneSaid| address.is_some_and(|address| zone.holds(address));
    zones.iter().find(holds).or(zones.first()).map(|zone| zone.name.clone())
}

/// The time zone of this computer, by name.
pub(crate) fn own_timezone() -> String {
    jiff::tz::TimeZone::system().iana_name().unwrap_or("Etc/UTC").to_owned()
}

/// What was written, what a person has to add, and what comes next.
fn told(new: &NewSite, files: &[NewFile], read: &Loaded, folder: &str) -> String {
    let secrets = wanted(&read.site.devices);
    let names: Vec<&str> = files.iter().map(|(name, _)| &**name).collect();
    let mut lines = vec![format!("{}: a site of {}", new.name, words(&new.platforms)), String::new()];
    lines.extend(names.iter().map(|name| format!("  {name}")));
    lines.push(String::new());
    if new.ca.is_none() && new.platforms.contains(&PlatformKind::Nport6000G2) {
        lines.push(format!("still missing: {CA}, the certificate that the log server's is checked by"));
    }
    if !secrets.is_empty() {
        let names: Vec<String> = secrets.iter().map(|wanted| wanted.name.to_string()).collect();
        lines.push(format!("secrets: {}; `fieldlock secret generate --missing{folder}` makes them", names.join(", ")));
    }
    if new.device.is_none() {
        lines.push(format!("no device yet: `fieldlock new device NAME --model MODEL --address 10.20.7.7/16{folder}`"));
    }
    lines.push(format!("next: fieldlock check{folder}"));
    escape::block(&(lines.join("\n") + "\n"))
}

fn words(platforms: &[PlatformKind]) -> String {
    platforms.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ")
}
