//! `apply`: the sheet of one device, worked through at the device. Verified first, the right device first, backed up
//! first; every step is in the journal before it is done, and what was done is a receipt.

mod approved;
mod backup;
mod by_file;
mod emergency;
mod identity;
pub(crate) mod journal;
#[cfg(feature = "device")]
mod live;
mod talk;
mod unlocked;
mod vendor_tool;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use fieldlock::dialect::SiteTables;
use fieldlock::image::{Core, inspect};
use fieldlock::ledger::receipt::{Begun, Ended, Event, Outcome, Receipt, Said};
use fieldlock::native::Form;
use fieldlock::pipeline::capture::FOLDER as CAPTURES;
use fieldlock::pipeline::folder::{INDEX, image};
use fieldlock::pipeline::verify::{Beside, DeviceFiles, Listing, Source, Task, verify as verify_folder};
use fieldlock::pipeline::walk::Walk;
use fieldlock::pipeline::{back, returned, tables};
use fieldlock::report;
use fieldlock::report::escape;
use fieldlock::report::verify::Ending;
use fieldlock::sheet::Sheet;
use fieldlock::sheet::answers::{Answers, MAX_LEN as MAX_ANSWERS};
use fieldlock::site::files::Root;
use fieldlock::site::identity::same_serial;

use super::args::{ApproverArgs, PassphrasesArgs, SignArgs, SignerArgs};
use super::exit::Exit;
use super::incoming::ExportKeyArgs;
use super::problem::Problem;
use super::seen::{RollbackArgs, SeenFile};
use super::verify::{folder as open, unlisted};
use super::verify_keys::Keys;
use super::{clock, file, image_file, machine, signing, site, terminal};
use backup::Before;
use journal::{Journal, unsound};
pub(crate) use talk::yes;
use unlocked::Unlocked;
use vendor_tool::{Tool, ToolArgs};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock apply np07 --by ot-lead --from E:/west\n  \
    fieldlock apply np07 --by ot-lead --from E:/west --resume\n  \
    fieldlock apply np02 --by ot-lead --from E:/west --backup np02.ini --file to-import.ini --laptop 10.20.0.10\n  \
    fieldlock apply ps7-router --live --by ot-lead --as admin\n  \
    fieldlock apply np07 --by ot-lead --from E:/west --answers np07-r17-91c077abe2f4-answers-3-5b1d0c77aa02.json\n  \
    fieldlock apply np07 --by ot-lead --emergency INC-77 --what \"Telnet opened for the vendor\"\n\n\
    Exit codes: 0 all of it is done, 4 the device does not answer and nothing was changed, 5 refused before the first\n\
    step, 6 begun and not finished: rows are left, or the work was broken off.")]
pub(crate) struct ApplyArgs {
    /// The device
    device: String,
    /// Who works
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// Folder of a bundle or a build: the one with index.json [default: out in the site found from here upwards]
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Folder that receipts and backups are put into [default: that of --from]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// The answers that the page saved, in place of a walk at this terminal
    #[arg(long, value_name = "FILE", conflicts_with_all = ["resume", "stop"])]
    answers: Option<PathBuf>,
    /// What the device exported: kept as a sealed backup before anything is changed
    #[arg(long, value_name = "FILE")]
    backup: Option<PathBuf>,
    /// File to write, to be imported at the device's console: its own export with what is sealed in its place. It holds
    /// the device's secrets
    #[arg(long, value_name = "FILE", requires = "backup", requires = "laptop", conflicts_with_all = ["answers", "undo", "stop"])]
    file: Option<PathBuf>,
    /// Address of the computer that the device is managed from, for --file and --live [default with --live: the one
    /// station of the site]
    #[arg(long, value_name = "ADDRESS")]
    laptop: Option<IpAddr>,
    #[command(flatten)]
    tool: ToolArgs,
    /// The plan that was approved
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Take another device in place of the described one, a spare part; why
    #[arg(long, value_name = "REASON")]
    rebind: Option<String>,
    /// Go on with what was broken off
    #[arg(long, conflicts_with_all = ["undo", "stop"])]
    resume: bool,
    /// Take back what was done, by a plan from what stands there to what was read before; why
    #[arg(long, value_name = "REASON", conflicts_with = "stop")]
    undo: Option<String>,
    /// End what was broken off as it is; why
    #[arg(long, value_name = "REASON")]
    stop: Option<String>,
    /// Record what had to be done at once and stands in no description; the ticket
    #[arg(long, value_name = "TICKET", requires = "what", conflicts_with_all = ["resume", "undo", "stop", "answers"])]
    emergency: Option<String>,
    /// What was done
    #[arg(long, value_name = "TEXT", requires = "emergency")]
    what: Option<String>,
    #[cfg(feature = "device")]
    #[command(flatten)]
    live: live::LiveArgs,
    #[command(flatten)]
    sign: SignArgs,
    #[command(flatten)]
    approvers: ApproverArgs,
    #[command(flatten)]
    signers: SignerArgs,
    #[command(flatten)]
    rollback: RollbackArgs,
    #[command(flatten)]
    keys: ExportKeyArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
}

/// Nothing was done.
pub(super) const NOTHING: &str = "nothing was sent to any device and nothing was changed";

/// What is worked from, all of it verified.
struct Stick {
    folder: PathBuf,
    root: Root,
    listing: Listing,
    files: DeviceFiles,
    core: Core,
    sheet: Sheet,
    /// What devices take, as the build knew it; as this program knows it where that is not at hand.
    tables: SiteTables,
}

pub(crate) fn run(mut args: ApplyArgs) -> Result<Exit, Problem> {
    args.to.iter().chain(&args.file).try_for_each(|place| site::stays(place))?;
    if let Some(ticket) = &args.emergency {
        return emergency::record(&args, ticket);
    }
    if args.resume && emergency::finish_late(&args)? {
        return Ok(Exit::Done);
    }
    let stick = Stick::verified(&args)?;
    #[cfg(feature = "device")]
    if args.live.live {
        return live::run(&args, &stick);
    }
    let image = stick.files.image.as_deref().unwrap_or_default();
    let unlocked = Unlocked::of(&stick.listing, (image, &args.device), &args.passphrase)?;
    let mut journal = Journal::open(&stick.core.site, &args.device)?;
    let to = args.to.clone().unwrap_or_else(|| stick.folder.clone());
    if let Some(exit) = finish_late(&args, &mut journal, &to)?.filter(|_| args.resume) {
        return Ok(exit);
    }
    // what was said wrong is told before anybody is sent to the device for a backup
    let goes_on = under_way(&args, &journal)?;
    let answers = args.answers.as_deref().filter(|_| !goes_on);
    let answers = answers.map(|path| read_answers(path, &stick.sheet)).transpose()?;
    if args.file.is_some() || args.tool.vendor_tool.is_some() {
        by_file::takes(&stick)?;
    }
    let mut tool = Tool::of(&args)?;
    if let Some(tool) = &tool {
        (args.backup, args.file) = (Some(tool.export()?), Some(tool.file()));
    }
    let again = args.resume && args.backup.is_some();
    let before = match journal.receipt.is_none() || again {
        true => Some(backup::look(&args, &stick, args.backup.as_ref())?),
        false => None,
    };
    match goes_on {
        true => {
            go_on(&args, &stick, &mut journal)?;
            if let Some(before) = &before {
                keep_again(&args, (&stick, &unlocked), &mut journal, before, &to)?;
            }
        }
        false => begin(&args, &stick, &unlocked, (&mut journal, &to), (before.as_ref(), answers))?,
    }
    if let (Some(file), Some(before)) = (args.file.clone(), before) {
        let (paths, kept) = ((&*file, &*to), (&stick, &unlocked));
        match by_file::files(&args, kept, &mut journal, (before, tool.as_mut()), paths) {
            Ok(true) => {}
            Ok(false) => return Err(by_file::waits(&args.device)),
            Err(why) => return broken_off(&args, &mut journal, Some(why)),
        }
    } else if args.resume && journal.receipt.as_ref().is_some_and(|r| !by_file::pending(&stick.sheet, r).is_empty()) {
        return Err(by_file::waits(&args.device));
    }
    terminal::complain(&report::apply::head(&stick.sheet));
    let walked = match args.answers.is_some() && args.undo.is_none() || args.stop.is_some() {
        true => Ok(true),
        false => walk(&args, &stick, &mut journal, &unlocked),
    };
    match walked {
        Ok(true) => end(&args, &stick, &mut journal, &to),
        Ok(false) => broken_off(&args, &mut journal, None),
        Err(why) => broken_off(&args, &mut journal, Some(why)),
    }
}

/// The sheet with the person at the device; or the way back, where that was begun or is asked for.
fn walk(args: &ApplyArgs, stick: &Stick, journal: &mut Journal, unlocked: &Unlocked<'_>) -> Result<bool, Problem> {
    let undoes = journal.receipt.as_ref().is_some_and(Receipt::is_undoing);
    let mut talk = talk::Talk { sheet: &stick.sheet, journal, unlocked, laptop: args.laptop };
    if !undoes {
        return talk.go();
    }
    let beside = stick.files.public.as_deref().and_then(Beside::of);
    talk.go_back(&back::Before {
        tables: &stick.tables,
        read: beside.as_ref().map_or("", |beside| &beside.read),
        reviewed: stick.files.text(Form::Sheet).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default(),
        laptop: args.laptop,
    })
}

/// Whether there is something to go on with, which was asked for.
fn under_way(args: &ApplyArgs, journal: &Journal) -> Result<bool, Problem> {
    let device = &args.device;
    match (&journal.receipt, args.resume || args.undo.is_some() || args.stop.is_some()) {
        (Some(receipt), true) if receipt.is_live() != args.is_live() => {
            let with = if receipt.is_live() { "with --live" } else { "without --live" };
            Err(Problem::refused(format!("the work on {device} was begun otherwise"))
                .help(format!("go on {with}, as it was begun"))
                .state("nothing more was done"))
        }
        (Some(_), true) => Ok(true),
        // what the page saved is taken back
        (None, true) if args.answers.is_some() => Ok(false),
        (None, true) => {
            Err(Problem::refused(format!("nothing was broken off on {device} that this computer knows of"))
                .help("begin without --resume, --undo or --stop")
                .state(NOTHING))
        }
        (Some(receipt), false) => {
            let at = report::documents::moment(receipt.times().1);
            Err(Problem::refused(format!("the work on {device} was broken off at {at}: it is between two states"))
                .help("look at the device, then go on with --resume, take it back with --undo REASON, or end it with --stop REASON")
                .state("nothing more was done"))
        }
        (None, false) => Ok(false),
    }
}

impl ApplyArgs {
    /// Whether the device itself is spoken to.
    fn is_live(&self) -> bool {
        #[cfg(feature = "device")]
        return self.live.live;
        #[cfg(not(feature = "device"))]
        false
    }
}

/// Before anything is read or written.
const OTHER_TABLES: &str = "note: this fieldlock knows other tables of what devices take than the one that built: what it \
                            reads, compares and guards goes by its own; bring the fieldlock of the build, and bundle again";

impl Stick {
    fn verified(args: &ApplyArgs) -> Result<Stick, Problem> {
        let folder = match &args.from {
            Some(from) => from.clone(),
            None if Path::new(INDEX).is_file() => PathBuf::from("."),
            None => site::open(None)?.root.path().join(site::OUT),
        };
        let root = open(&folder)?;
        let signers = signing::signers(&args.signers)?;
        let listing = signers.listing(&root, clock::now()).map_err(|problem| unlisted(&folder, &problem))?;
        let refused = |why: String| Problem::refused(why).state(NOTHING);
        if listing.index.demo {
            return Err(refused(format!("`{}` is of a demo: everybody knows what opens it", folder.display()))
                .help("a demo is for no device; build a site of your own"));
        }
        let devices: Vec<String> = vec![args.device.clone()];
        site::each_fits(&devices, "device in the index", listing.index.images.iter().map(|image| &*image.device))?;
        let seen = SeenFile::recall()?;
        let keys = Keys::of(&args.passphrase, false, &listing)?;
        let taken = Mutex::new(None);
        let verified = verify_folder(&Task {
            folder: &root,
            listing: &listing,
            devices: &|name| name == args.device,
            source: &Source::Absent("it is not asked for at the device".to_owned()),
            unlock: &|group| keys.unlock(group),
            rebuild: false,
            seen: seen.revisions(),
            rollback: args.rollback.allow_rollback.is_some(),
            now: clock::now(),
            ceiling: machine::ceiling(),
            progress: None,
            take: Some(&|_, files| drop(taken.lock().map(|mut taken| *taken = Some(files.clone())))),
        });
        let files = taken.into_inner().unwrap_or_default();
        let (Ending::Holds, true, Some(files)) = (verified.ladder.ending(), verified.ladder.sheets_hold(), files)
        else {
            terminal::complain(&report::verify::plain(&verified.ladder));
            return Err(refused("what does not verify is not put on a device".to_owned()).help(
                "`fieldlock verify` says the same of the folder; nobody vouches for a sheet but whoever signed the build",
            ));
        };
        seen.remember(&verified.sightings, &args.rollback)?;
        let image = files.image.as_deref().unwrap_or_default();
        let core = inspect(image).map_err(|why| image_file::refused(Path::new(&args.device), &why))?.core;
        let sheet = files.sheets[0].as_deref().map(Sheet::read);
        let (Some(core), Some(Ok(sheet))) = (core, sheet) else {
            return Err(refused(format!("there is no sheet of {} that can be read", args.device))
                .help("build it again with this fieldlock"));
        };
        let tables = tables::of_build(&root, &listing.index).unwrap_or_else(|| {
            terminal::complain(&format!("{OTHER_TABLES}\n"));
            SiteTables::default()
        });
        Ok(Stick { folder, root, listing, files, core, sheet, tables })
    }

    /// Which other device of the build has a serial number.
    fn other(&self, serial: &str) -> Option<String> {
        let is_it = |device: &&str| {
            let bytes = self.root.read_bytes(&image(device), fieldlock::image::MAX_FILE_LEN).ok()?;
            let core = inspect(&bytes).ok()?.core?;
            Some(!core.serial.is_empty() && same_serial(&core.serial, serial))
        };
        let others =
            self.listing.index.images.iter().map(|image| &*image.device).filter(|name| *name != self.core.device);
        others.into_iter().find(|device| is_it(device) == Some(true)).map(str::to_owned)
    }
}

/// A first look at the device: which one it is, what it had. Only then a journal begins.
fn begin(
    args: &ApplyArgs,
    stick: &Stick,
    unlocked: &Unlocked<'_>,
    (journal, to): (&mut Journal, &Path),
    (before, answers): (Option<&Before>, Option<(String, Vec<Event>)>),
) -> Result<(), Problem> {
    let Some(before) = before else { return Ok(()) };
    let approved = approved::plan(args, stick)?;
    let identity = identity::Asked {
        core: &stick.core,
        read: before.tells(),
        rebind: args.rebind.as_deref(),
        other: &|serial| stick.other(serial),
    };
    let events = match &answers {
        Some((_, events)) => {
            let mut seen = Vec::new();
            for event in events {
                match event {
                    Event::Identity(told) => identity::check(&identity, told.clone(), &mut seen)?,
                    event => seen.push(event.clone()),
                }
            }
            seen
        }
        None => {
            if let Some(address) = Some(&stick.sheet.head.address).filter(|a| !a.is_empty() && terminal::can_ask())
                && !talk::yes(&format!("the console at {address} opens"))?
            {
                return Err(Problem {
                    exit: Exit::Unreached,
                    ..Problem::invalid(format!("{} does not answer", args.device))
                }
                .help("look at cable, address and port; the sheet says from where one gets in")
                .state(NOTHING));
            }
            identity::tell(&identity)?
        }
    };
    let other = events.iter().any(|event| matches!(event, Event::Rebound(_)));
    if other && stick.sheet.head.left > 0 && args.file.is_none() {
        return Err(Problem::refused(format!(
            "{} settings of {} are not on this sheet: they stood on the device whose place is taken, and nobody knows \
             that they stand on this one",
            stick.sheet.head.left, args.device
        ))
        .help(
            "write its serial number and address into the description, read it (`fieldlock capture`, or take the old \
             capture out), and build again: then its sheet has all that this one needs",
        )
        .state(NOTHING));
    }
    journal::can_keep(to, args.file.as_ref().map(|_| CAPTURES))?;
    let backup = before.keep(stick, unlocked, to)?;
    let answers = answers.map(|(digest, _)| digest).unwrap_or_default();
    let receipt = first(args, stick, unlocked, (&approved, answers), events.into_iter().chain([backup]))?;
    journal.keep(receipt)?;
    match &args.undo {
        Some(why) => journal.add(Event::Undoing(Said { text: why.clone() }), None),
        None => Ok(()),
    }
}

/// A receipt that begins with what was found before the first step; no secret stands in it.
fn first(
    args: &ApplyArgs,
    stick: &Stick,
    unlocked: &Unlocked<'_>,
    (approved, answers): (&approved::Approved, String),
    events: impl Iterator<Item = Event>,
) -> Result<Receipt, Problem> {
    let begun = Begun {
        answers,
        approved: approved.by.clone(),
        image: stick.listing.index.image(&args.device).map(|entry| entry.image.to_string()).unwrap_or_default(),
        plan: approved.digest.clone(),
        revision: stick.core.revision,
        sheet: stick.sheet.digest().to_string(),
        ..Begun::new(&stick.core.site, &args.device, &args.by)
    };
    let mut receipt = Receipt::begin(begun, clock::now()).map_err(unsound)?;
    for event in approved.accepted.iter().cloned().chain(events) {
        receipt.add(event, clock::now()).map_err(unsound)?;
    }
    let values = unlocked.values();
    match unlocked::search(&values).and_then(|search| search.find(receipt.bytes())) {
        Some((sought, _)) => Err(Problem::refused(format!("{sought} stands in what was typed"))
            .help("take it out of the answers, and change it: whoever has the file has it")
            .state(NOTHING)),
        None => approved.spend().map(|()| receipt),
    }
}

/// After a break: the same sheet, the same image, or a new plan.
fn go_on(args: &ApplyArgs, stick: &Stick, journal: &mut Journal) -> Result<(), Problem> {
    let Some(receipt) = &journal.receipt else { return Ok(()) };
    if receipt.begun().sheet != stick.sheet.digest().to_string() {
        return Err(Problem::refused(format!("the work on {} was begun with another sheet", args.device))
            .help("take the stick that it was begun with; or end it with --stop REASON, bring it home and plan again")
            .state("nothing more was done"));
    }
    let text = |text: &str| Said { text: text.to_owned() };
    journal.add(
        match (&args.undo, &args.stop) {
            (Some(why), _) => Event::Undoing(text(why)),
            (_, Some(why)) => Event::Resumed(text(&format!("ended as it is: {why}"))),
            _ => Event::Resumed(text(&format!("by {}", args.by))),
        },
        None,
    )
}

/// Keeps what is exported on the way too; it has to be of the device that the work began on.
fn keep_again(
    args: &ApplyArgs,
    (stick, unlocked): (&Stick, &Unlocked<'_>),
    journal: &mut Journal,
    before: &Before,
    to: &Path,
) -> Result<(), Problem> {
    let told = before.tells().and_then(|tells| tells.serial.clone());
    let seen = journal.receipt.as_ref().and_then(|receipt| receipt.serial().map(str::to_owned));
    match told.zip(seen) {
        Some((told, seen)) if !same_serial(&told, &seen) => Err(Problem::refused(format!(
            "the export is of the device {told}, and the work on {} was begun on {seen}",
            args.device
        ))
        .help("give what this very device exported just now")
        .state("nothing more was done")),
        _ => journal.add(before.keep(stick, unlocked, to)?, None),
    }
}

fn end(args: &ApplyArgs, stick: &Stick, journal: &mut Journal, to: &Path) -> Result<Exit, Problem> {
    let Some(receipt) = journal.receipt.clone() else { return Ok(Exit::Done) };
    let walk = Walk::of(&stick.sheet, &receipt);
    let ended: Ended = walk.ending(&receipt);
    let shown = |done: &Receipt| report::apply::ending(done, &ended, &walk.left());
    if stick.files.text(Form::Cli).is_some() {
        let device = &args.device;
        terminal::complain(&format!(
            "note: settings of {device} that go by command are on no page: `fieldlock apply {device} --live` sends them\n"
        ));
    }
    finish(args, journal, to, &ended, &shown, "at home  fieldlock return {}")
}

/// Ends a receipt, shows what came of it, and puts it where it goes home from; `next` says what follows, with a place
/// for that folder.
fn finish(
    args: &ApplyArgs,
    journal: &mut Journal,
    to: &Path,
    ended: &Ended,
    shown: &dyn Fn(&Receipt) -> String,
    next: &str,
) -> Result<Exit, Problem> {
    journal.add(Event::Ended(ended.clone()), None)?;
    // first it is kept, and then told
    let done = journal.receipt.as_ref().map(shown).unwrap_or_default();
    let kept = journal.finish(to, args.sign.sign_key.as_deref());
    let shown = terminal::print(&done);
    told(&kept?).and(shown)?;
    let folder = escape::line(&to.display().to_string());
    terminal::complain(&format!("next: {}\n", next.replace("{}", &folder)));
    Ok(exit(ended))
}

fn exit(ended: &Ended) -> Exit {
    if ended.left == 0 && ended.outcome != Outcome::Stopped { Exit::Done } else { Exit::Unfinished }
}

/// Work that ended, and whose receipt could not be written, or was not before a kill: it is now. Gives how it ended.
fn finish_late(args: &ApplyArgs, journal: &mut Journal, to: &Path) -> Result<Option<Exit>, Problem> {
    let Some(ended) = journal.receipt.as_ref().and_then(Receipt::ended).cloned() else { return Ok(None) };
    told(&journal.finish(to, args.sign.sign_key.as_deref())?)?;
    Ok(Some(exit(&ended)))
}

/// Somebody stopped, or could not go on. Where nothing was begun yet there is nothing to go on with.
fn broken_off(args: &ApplyArgs, journal: &mut Journal, why: Option<Problem>) -> Result<Exit, Problem> {
    if !journal.receipt.as_ref().is_some_and(Receipt::is_begun) {
        journal.forget()?;
        return Err(why.unwrap_or_else(|| Problem::refused("stopped before the first row")).state(NOTHING));
    }
    let device = &args.device;
    let problem = why.unwrap_or_else(|| Problem::invalid(format!("the work on {device} was stopped")));
    Err(Problem { exit: Exit::Unfinished, ..problem }
        .help("go on with --resume, take it back with --undo REASON, or end it with --stop REASON")
        .state(format!("{device} is between two states; what was typed and not saved is lost")))
}

/// The answers of the page, as what was done.
fn read_answers(path: &Path, sheet: &Sheet) -> Result<(String, Vec<Event>), Problem> {
    let refused = |why: &str| {
        Problem::refused(format!("`{}` is of no use here: {why}", path.display()))
            .help("save the answers again on the page of this very sheet")
            .state(NOTHING)
    };
    let bytes = file::read_document(path, MAX_ANSWERS + 1).map_err(|error| {
        Problem::invalid(format!("the answers can't be read from `{}`: {error}", path.display()))
            .help("give the file that the page of the sheet saved")
            .state(NOTHING)
    })?;
    let answers = Answers::read(&bytes).map_err(|why| refused(&why.to_string()))?;
    let events = returned::events(sheet, &answers).map_err(|why| refused(&why.to_string()))?;
    Ok((fieldlock::image::Digest::of(&bytes).to_string(), events))
}

fn told(receipt: &Path) -> Result<(), Problem> {
    terminal::print(&format!("receipt  {}\n", escape::line(&receipt.display().to_string())))
}
