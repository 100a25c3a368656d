//! `capture`: what was read from a device is kept in the site, redacted.

use std::path::PathBuf;

use fieldlock::image::{MAX_FILE_LEN, Unlock, salts};
use fieldlock::model::device::PlatformKind;
use fieldlock::model::value::Moment;
use fieldlock::pipeline::capture::{Captured, Taken, sealed_head};
use fieldlock::pipeline::import::{Plan, again};
use fieldlock::pipeline::{ReadySite, SealedExport};
use fieldlock::platform;
use fieldlock::report;
use fieldlock::report::documents::{ImportedDevice, RefusedFile};
use fieldlock::secret::SecretValue;
use fieldlock::site::SiteDevice;
use fieldlock::site::files::Root;
use fieldlock::site::output::SiteFolder;

use super::args::{OutputArgs, PassphrasesArgs, SecretArgs, SiteArgs};
use super::exit::Exit;
use super::import::UNCHANGED;
use super::incoming::{self, ExportKeyArgs, Raw, Read};
use super::keyring::Keyring;
use super::live::{self, LiveArgs};
use super::output::Output;
use super::problem::Problem;
use super::secret::{StoreArgs, StoreSite};
use super::secret_write::fingerprint_key;
use super::secrets::{self, ByDefault, Load};
use super::site::Opened;
use super::{entropy, machine, put, site};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fieldlock capture np07 --from np07.ini --by ot-lead\n  fieldlock capture np2 --from np2.cfg \
    --by ot-lead --passphrase-file p.txt --untouched\n  fieldlock capture np07 --blank --output np07.sheet\n  \
    ssh admin@10.20.1.1 < commands.txt | fieldlock capture ps7-router west --from - --by ot-lead\n  \
    fieldlock capture ps7-router --live --by ot-lead\n  fieldlock capture \"*\" west --live --by ot-lead"
)]
#[command(group(clap::ArgGroup::new("read").args(["from", "live", "blank"]).required(true).multiple(true)))]
pub(crate) struct CaptureArgs {
    /// The device; with --live a pattern may mean several
    #[arg(value_name = "DEVICE")]
    name: String,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    /// What was read from it: an exported file, encrypted or not, a recorded session, a filled sheet; `-` for stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Who read it: a person of the site
    #[arg(long, value_name = "PERSON", required_unless_present = "blank")]
    by: Option<String>,
    /// Print a sheet to be filled in at the device, for one that exports nothing that can be read: a row for each field
    /// of its pages, with the value behind the last tab. What stays blank says nothing
    #[arg(long, conflicts_with_all = ["from", "by", "at", "dry_run", "live"])]
    blank: bool,
    /// When it was read, `YYYY-MM-DD HH:MM UTC` [default: the time of the file]
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
    /// Nobody touched the device since the export that is kept: what differs says nothing, and is left out of account
    /// from now on
    #[arg(long, conflicts_with = "blank")]
    untouched: bool,
    /// Write nothing into the site, and say what would be kept
    #[arg(long)]
    dry_run: bool,
    /// With a passphrase, secrets that were read are marked, so that a difference can tell whether the device has the
    /// ones that are described; an export that nobody can read is sealed with it
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    #[command(flatten)]
    keys: ExportKeyArgs,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) fn run(args: CaptureArgs) -> Result<Exit, Problem> {
    let opened = site::open(args.site.as_deref())?;
    if let (true, Some(by)) = (args.live.live, &args.by) {
        return live(&args, opened, by);
    }
    let (Some(given), Some(by)) = (&args.from, &args.by) else { return blank(&args, opened) };
    let folder = opened.root.path().to_owned();
    let locked = put::lock_unless(args.dry_run, &folder)?;
    let ready = site::ready(opened, None)?;
    let device = site::device(&ready.site, &args.name).and_then(|device| {
        site::person(&ready.site, by)?;
        Ok(device)
    });
    let device = device.map_err(|problem| problem.state(UNCHANGED))?;
    let raw = incoming::raw(given).map_err(|problem| problem.state(UNCHANGED))?;
    let read = Read::of(&raw, &args.keys, &ready.site.tables, Some(device.platform))?;
    let store = StoreArgs { site: args.site.clone(), passphrase: args.passphrase.clone() };
    if device.platform == PlatformKind::Nport6000G2 && !read.is_of(device.platform) && !raw.is_a_sheet_or_empty() {
        return sealed(&args, &store, &ready, device, (raw, by), locked);
    }
    let (asked, refused) = read.taken(by, args.at);
    let [from] = &asked.files[..] else {
        return Err(match refused.first() {
            Some(one) => incoming::refusal(one).state(UNCHANGED),
            None => Problem::invalid(format!("`{}` is a list of devices", given.display()))
                .help("name the file that was read from this device; `fieldlock import` takes lists")
                .state(UNCHANGED),
        });
    };
    let key = if args.dry_run { None } else { fingerprint_key(&store)?.0 };
    let (captured, told) = again(&ready, device, from, key.as_ref()).map_err(|why| {
        Problem::refused(format!("`{}`: {why}", from.incoming.name))
            .help("is it the file of another device? where the device was replaced, describe the new one first")
            .state(UNCHANGED)
    })?;
    let mut plan = Plan::default();
    plan.add(captured, told);
    write(&args, plan, locked)
}

/// An export that nobody can read is kept sealed, and held against the one before.
fn sealed(
    args: &CaptureArgs,
    store: &StoreArgs,
    ready: &ReadySite,
    device: &SiteDevice,
    (raw, by): (Raw, &str),
    locked: Option<SiteFolder>,
) -> Result<Exit, Problem> {
    let (name, site) = (&*device.name, &ready.site);
    if !args.passphrase.is_given() {
        return Err(Problem::refused(format!("`{}` is no text that can be read, and is kept sealed only", raw.shown))
            .help("give the passphrase with --passphrase-file; for a sheet, fill in that of `capture --blank`")
            .state(UNCHANGED));
    }
    let place = StoreSite::open(store)?;
    let keyring = place.keyring(store)?;
    let before = site.sealed.get(name);
    let file = before.map(|before| Root::open(&place.root)?.read_bytes(&before.path, MAX_FILE_LEN)).transpose()?;
    let salt = file.as_deref().and_then(|file| salts(file).ok()?.first().map(|(_, salt)| *salt));
    let key = keyring.key_with(site.group(name), salt)?;
    let open = |file: &Vec<u8>| SealedExport::open(file, &site.name, name, &Unlock::Key(&key), machine::ceiling());
    let before_it = file.as_ref().map(open).transpose().map_err(|error| {
        Problem::refused(format!("the export of `{name}` that is kept can't be opened: {error} [{}]", error.class()))
            .help("is it another passphrase? `git log captures` says when it was sealed; without it, begin anew: remove it")
            .state(UNCHANGED)
    })?;
    let (next, compared) = SealedExport::next(before_it.as_ref(), SecretValue::copy_of(&raw.bytes), args.untouched);
    let bytes = next.seal(site, name, &key, &mut entropy::System);
    let bytes = bytes.map_err(|error| Problem::invalid(error.to_string()).help(error.help()).state(UNCHANGED))?;
    let (head, path) = match before {
        Some(before) => (ready.sources.name(before.loc.file).to_owned(), before.path.clone()),
        None => (format!("captures/{name}.flk.kdl"), format!("captures/{name}.flk")),
    };
    let taken = Taken { by: by.to_owned(), at: args.at.unwrap_or(Moment::At(raw.written)) };
    let take = if before.is_some() { vec![head.clone(), path.clone()] } else { Vec::new() };
    let captured = Captured { put: vec![(head, sealed_head(name, &taken).into_bytes()), (path.clone(), bytes)], take };
    let told = ImportedDevice {
        device: name.to_owned(),
        from: raw.shown,
        platform: device.platform.word().to_owned(),
        capture: Some(path),
        sealed_export: Some(compared),
        ..ImportedDevice::default()
    };
    let mut plan = Plan::default();
    plan.add(captured, told);
    write(args, plan, locked)
}

/// Puts it into the site, and tells it.
fn write(args: &CaptureArgs, mut plan: Plan, locked: Option<SiteFolder>) -> Result<Exit, Problem> {
    if let Some(locked) = locked {
        put::change(&locked, &plan.put, &plan.take)?;
        plan.told.dry_run = false;
    }
    let text = report::imported(&plan.told, args.output.all);
    Output::new(&args.output).either(|| plan.told, || text)?;
    Ok(Exit::Done)
}

/// Reads devices themselves, several where the name is a pattern.
fn live(args: &CaptureArgs, opened: Opened, by: &str) -> Result<Exit, Problem> {
    let folder = opened.root.path().to_owned();
    let locked = put::lock_unless(args.dry_run, &folder)?;
    let ready = site::ready(opened, None)?;
    let which = SiteArgs { site: None, device: vec![args.name.clone()], zone: Vec::new() };
    let devices = site::select(&ready.site, &which).and_then(|found| site::person(&ready.site, by).map(|()| found));
    let devices = devices.map_err(|problem| problem.state(UNCHANGED))?;
    let (store, damaged) = secrets::store(&ready.site, &folder)?;
    let keyring = Keyring::new(&args.passphrase, &ready.site, &folder, store)?;
    let load = Load { args: &args.secrets, by_default: ByDefault::Store, keyring: &keyring, damaged };
    let known = secrets::load(load, &ready.site, &folder, devices.iter().copied())?.0;
    let (mut texts, mut unread) = (Vec::new(), Vec::new());
    for (name, read) in live::read(&devices, &known, &args.live)? {
        match read {
            Ok(text) => texts.extend(devices.iter().find(|device| *device.name == *name).map(|device| (*device, text))),
            Err(why) => unread.push(why),
        }
    }
    let (asked, refused) = incoming::said(texts).taken(by, args.at);
    unread.extend(refused);
    let store = StoreArgs { site: args.site.clone(), passphrase: args.passphrase.clone() };
    let mark = if args.dry_run { None } else { fingerprint_key(&store)?.0 };
    let mut plan = Plan::default();
    for from in &asked.files {
        let Some(device) = devices.iter().find(|device| *device.name == *from.incoming.name) else { continue };
        match again(&ready, device, from, mark.as_ref()) {
            Ok((captured, told)) => plan.add(captured, told),
            Err(why) => unread.push(RefusedFile {
                file: from.incoming.name.clone(),
                message: why.to_string(),
                help: Some("does another device answer at its address?".to_owned()),
            }),
        }
    }
    // nothing is kept where one of them failed and was asked for alone
    if let ([one], []) = (&unread[..], &plan.told.devices[..]) {
        let problem = Problem::unreached(format!("`{}`: {}", one.file, one.message)).state(UNCHANGED);
        return Err(one.help.iter().fold(problem, |problem, help| problem.help(help)));
    }
    let missing = !unread.is_empty();
    plan.told.refused.extend(unread);
    write(args, plan, locked)?;
    Ok(if missing { Exit::NotCompared } else { Exit::Done })
}

fn blank(args: &CaptureArgs, opened: Opened) -> Result<Exit, Problem> {
    let ready = site::ready(opened, None)?;
    let device = site::device(&ready.site, &args.name)?;
    let sheet = platform::at(device).blank(device);
    Output::new(&args.output).text(&sheet)?;
    Ok(Exit::Done)
}
