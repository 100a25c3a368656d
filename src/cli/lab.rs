//! `lab`: devices of a site to rehearse on, on this machine.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use fieldlock::device::lab::{Device, Fault, LabError, Output as Said, Terminal, Web, serve};
use fieldlock::image::Entropy as _;
use fieldlock::report::documents::{self, LabConsole, LabDevice, LabDevices};
use fieldlock::secret::Secrets;
use fieldlock::site::{Site, SiteDevice};

use super::args::{Format, PassphrasesArgs, SecretArgs, SiteArgs};
use super::exit::Exit;
use super::keyring::Keyring;
use super::output::write_whole;
use super::problem::Problem;
use super::secrets::{self, ByDefault, Load};
use super::{clock, entropy, site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock lab west\n  fieldlock lab west --described --write lab.json\n  \
    fieldlock lab west --device ps7-router --fault drop@3\n  fieldlock lab west --shell ps7-router\n\
    \nDevices with a command line that is known are there until the program is ended, with Ctrl-C. They begin as they \
    leave the factory (account admin, password moxa), or as they are described. A serial device server is there as the \
    pages of its console, made of the tables that its sheet is made of: type the sheet into them, and take what they \
    hold from `/sheet`.")]
pub(crate) struct LabArgs {
    #[command(flatten)]
    site: SiteArgs,
    /// Devices begin as they are described, with the passwords of the site; else as they leave the factory
    #[arg(long)]
    described: bool,
    /// First port; each device has the next one; 0 for any that are free
    #[arg(long, value_name = "PORT", default_value_t = 2200)]
    port: u16,
    /// Whoever comes from this machine counts as coming from there, for the lists of hosts [default: the first
    /// station of the site]
    #[arg(long, value_name = "ADDRESS")]
    station: Option<IpAddr>,
    /// What goes wrong on purpose: drop, slow, prompt, refuse, full, power, other, mute or shut, at a command by its
    /// number; of one device with its name before it. May be given more than once
    #[arg(long, value_name = "[DEVICE=]FAULT@N")]
    fault: Vec<String>,
    /// Write where the devices are into this file, for `--lab` of other verbs
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// End when standard input ends: with the program that started the lab, however that ends
    #[arg(long)]
    until_eof: bool,
    /// Be the command line of this one device here, as the shell of an SSH server
    #[arg(long, value_name = "DEVICE", conflicts_with_all = ["write", "port", "until_eof"])]
    shell: Option<String>,
    /// Format of the list [default: human]
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
}

pub(crate) fn run(mut args: LabArgs) -> Result<Exit, Problem> {
    if let Some(name) = &args.shell {
        args.site.device = vec![name.clone()];
    }
    let opened = site::open(args.site.site.as_deref())?;
    let root = opened.root.path().to_owned();
    let loaded = site::loaded(&opened);
    let chosen = site::select(&loaded.site, &args.site)?;
    let faults = faults(&args.fault, &loaded.site)?;
    let known = match args.described {
        false => None,
        true => {
            let (store, damaged) = secrets::store(&loaded.site, &root)?;
            let keyring = Keyring::new(&args.passphrase, &loaded.site, &root, store)?;
            let load = Load { args: &args.secrets, by_default: ByDefault::Store, keyring: &keyring, damaged };
            Some(secrets::load(load, &loaded.site, &root, chosen.iter().copied())?.0)
        }
    };
    let devices = devices(&chosen, known.as_ref(), &faults)?;
    match (args.shell.is_some(), &devices[..]) {
        (true, [device]) => shell(device),
        (true, []) => Err(Problem::invalid("this device has no command line that is known")
            .help("a shell is of a router with MX-ROS or a switch with MX-NOS")),
        (true, _) => Err(Problem::invalid("a shell is of one device").help("write its whole name")),
        (false, _) => lab(&args, &loaded.site, &chosen, devices),
    }
}

/// Those with a command line.
fn devices(
    chosen: &[&SiteDevice],
    secrets: Option<&Secrets>,
    faults: &BTreeMap<String, Vec<Fault>>,
) -> Result<Vec<Arc<Mutex<Device>>>, Problem> {
    let mut all = Vec::new();
    for device in chosen {
        let own = |name: &str| faults.get(name).into_iter().flatten().copied();
        let faults = own("").chain(own(&device.name)).collect();
        match Device::of(device, secrets, faults) {
            Ok(device) => all.push(Arc::new(Mutex::new(device))),
            Err(LabError::NoCommandLine(_)) => {}
            Err(error) => {
                return Err(Problem::invalid(error.to_string())
                    .help("`fieldlock secret generate --missing` makes it, or give a folder with --secrets"));
            }
        }
    }
    Ok(all)
}

fn lab(args: &LabArgs, site: &Site, chosen: &[&SiteDevice], devices: Vec<Arc<Mutex<Device>>>) -> Result<Exit, Problem> {
    let network =
        |error: LabError| Problem::invalid(error.to_string()).help("give other ports: `--port 3200`, or `--port 0`");
    // behind the command lines
    let first = u16::try_from(devices.len()).ok().and_then(|number| args.port.checked_add(number));
    let mut consoles = consoles(args, chosen, first.filter(|_| args.port > 0)).map_err(network)?;
    if devices.is_empty() && consoles.is_empty() {
        return Err(Problem::invalid("none of these devices has a command line or pages that are known")
            .help("a lab has routers with MX-ROS, switches with MX-NOS, and consoles of serial device servers"));
    }
    let station = args.station.or_else(|| site.typed.station.iter().find_map(|s| s.address).map(|address| address.0));
    let mut seeded = Vec::new();
    for device in devices {
        let mut seed = [0; 32];
        entropy::System.fill(&mut seed).map_err(|error| Problem::invalid(error.to_string()))?;
        seeded.push((device, seed));
    }
    let began = clock::started();
    let (format, write) = (args.format, args.write.clone());
    let mut told = Ok(());
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let mut ready = |served: &[fieldlock::device::lab::Served]| {
        let devices = served.iter().map(|s| LabDevice { name: s.name.clone(), address: s.at, host_key: s.key.clone() });
        let pages =
            consoles.iter().map(|web| LabConsole { name: web.name.clone(), url: format!("http://{}/", web.at) });
        let document = LabDevices::of(devices.collect(), pages.collect());
        let text = documents::text(&document);
        let list: String = document
            .devices
            .iter()
            .map(|d| format!("{:<24} ssh -p {} admin@{}   {}\n", d.name, d.address.port(), d.address.ip(), d.host_key))
            .chain(document.consoles.iter().map(|web| format!("{:<24} {}   a rehearsal page\n", web.name, web.url)))
            .collect();
        consoles.drain(..).for_each(Web::serve);
        told = write.as_ref().map_or(Ok(()), |file| write_whole(file, text.as_bytes()));
        let shown = terminal::print(if format == Some(Format::Json) { &text } else { &list });
        if told.is_ok() {
            told = shown;
        }
        told.is_ok()
    };
    let until = args.until_eof.then_some(stdin_ends as fn());
    let served = serve(seeded, listen, station, Arc::new(move || began.elapsed()), &mut ready, until);
    told?;
    served.map_err(network)?;
    Ok(Exit::Done)
}

/// The pages of devices without a command line, each at a port of its own from `first` on, or at any.
fn consoles(args: &LabArgs, chosen: &[&SiteDevice], first: Option<u16>) -> Result<Vec<Web>, LabError> {
    let mut all: Vec<Web> = Vec::new();
    for device in chosen {
        let port = first.and_then(|first| first.checked_add(u16::try_from(all.len()).ok()?)).unwrap_or(0);
        all.extend(Web::of(device, args.described, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?);
    }
    Ok(all)
}

fn stdin_ends() {
    let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
}

/// The command line of a device, for whoever the server that started us let in.
fn shell(device: &Arc<Mutex<Device>>) -> Result<Exit, Problem> {
    let began = clock::started();
    let mut session = Terminal::new(Arc::clone(device), !std::io::stdin().is_terminal());
    let mut outputs = session.begin(Some(true));
    let mut bytes = [0; 4096];
    loop {
        for output in outputs {
            match output {
                Said::Bytes(bytes) => terminal::print(&String::from_utf8_lossy(&bytes))?,
                Said::Pause(time) => std::thread::sleep(time),
                Said::End => return Ok(Exit::Done),
            }
        }
        match std::io::stdin().lock().read(&mut bytes) {
            Ok(0) | Err(_) => return Ok(Exit::Done),
            Ok(read) => outputs = session.input(&bytes[..read], began.elapsed()),
        }
    }
}

/// Faults by the device that they are of, those of all beneath no name.
fn faults(typed: &[String], site: &Site) -> Result<BTreeMap<String, Vec<Fault>>, Problem> {
    let mut all: BTreeMap<String, Vec<Fault>> = BTreeMap::new();
    for text in typed {
        let (name, fault) = text.split_once('=').unwrap_or(("", text));
        if !name.is_empty() {
            site::device(site, name)?;
        }
        let fault = fault
            .parse()
            .map_err(|help: String| Problem::invalid(format!("`{text}` is no fault that a lab has")).help(help))?;
        all.entry(name.to_owned()).or_default().push(fault);
    }
    Ok(all)
}
