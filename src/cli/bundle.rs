//! `bundle`: a folder for the stick, of images that verify; with a text for whoever finds it. New, and whole or not at
//! all.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use fieldlock::dialect::SiteTables;
use fieldlock::image::Digest;
use fieldlock::ledger::IndexImage;
use fieldlock::pipeline::bundle::{Bundled, BundledImage, READ_ME, SUMS, Told, read_me, sums};
use fieldlock::pipeline::fleet::{self, Own};
use fieldlock::pipeline::folder::{self as names, INDEX, SIGNATURE, table};
use fieldlock::pipeline::tables;
use fieldlock::pipeline::verify::{
    Beside, DeviceFiles, Listing, ListingProblem, Source, Task, pages, verify as verify_folder,
};
use fieldlock::report::escape;
use fieldlock::report::verify::{Ending, Ladder, RungAnswer};
use fieldlock::sheet::Sheet;
use fieldlock::site::output::{Access, NewFolder, OutProblem, VERBATIM};

use super::args::{ApproverArgs, PassphrasesArgs, SignerArgs};
use super::exit::Exit;
use super::plan::approve::signatures;
use super::plan::check::approvals;
use super::plan::read as read_plan;
use super::problem::Problem;
use super::progress::Progress;
use super::seen::{RollbackArgs, SeenFile};
use super::verify::{folder as open, unlisted};
use super::verify_keys::Keys;
use super::{clock, git, interrupted, machine, signing, site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock bundle E:/west\n  \
    fieldlock bundle E:/np07 --device np07 --from out --allowed-signers west.signers\n\n\
    What does not verify is not bundled: it has to be whole, signed by somebody who is trusted here (or opened\n\
    by the passphrase), and no older than what was seen on this computer.")]
pub(crate) struct BundleArgs {
    /// The folder to make: a new one on the stick, or one to be copied there
    dir: PathBuf,
    /// Folder of the build [default: out in the site found from here upwards]
    #[arg(long, value_name = "OUT")]
    from: Option<PathBuf>,
    /// Only this device; may be given more than once, `*` and `?` stand for any letters
    #[arg(long, value_name = "NAME", help_heading = "Which devices")]
    device: Vec<String>,
    /// The approved plan of a device, where the site asks for one; may be given more than once
    #[arg(long, value_name = "FILE")]
    plan: Vec<PathBuf>,
    #[command(flatten)]
    approvers: ApproverArgs,
    #[command(flatten)]
    signers: SignerArgs,
    #[command(flatten)]
    rollback: RollbackArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
}

/// What was put into the folder, or why that failed.
#[derive(Default)]
struct Put {
    files: Vec<Bundled>,
    images: Vec<BundledImage>,
    failed: Option<OutProblem>,
    /// How many approvals of its plan a device asks for.
    asked: Vec<(String, u32)>,
    /// What can be done on many devices together.
    together: Vec<Own>,
    /// What must not stand in a file that everybody may read, and stands there.
    leaked: Option<String>,
}

pub(crate) fn run(args: BundleArgs) -> Result<Exit, Problem> {
    let from = match &args.from {
        Some(from) => from.clone(),
        None => site::open(None)?.root.path().join(site::OUT),
    };
    site::stays(&args.dir)?;
    let root = open(&from)?;
    interrupted::build(&from);
    let signers = signing::signers(&args.signers)?;
    let read = signers.listing(&root, clock::now()).map_err(|problem| match problem {
        ListingProblem::Signature(_) | ListingProblem::NoSignature => {
            Problem::refused(problem.to_string()).help(problem.help()).state("nothing was bundled")
        }
        problem => unlisted(&from, &problem),
    })?;
    let asked = site::globs(&args.device)?;
    site::each_fits(&args.device, "device in the index", read.index.images.iter().map(|image| &*image.device))?;
    let seen = SeenFile::recall()?;
    let keys = Keys::of(&args.passphrase, false, &read)?;
    let folder = NewFolder::create(&args.dir).map_err(|problem| unmade(&args.dir, &read.index.site, &problem))?;

    let search = keys.sought(&read.index.site).filter(|_| !read.index.demo);
    let stands_in = |name: &str, bytes: &[u8]| {
        let (sought, line) = search.as_ref()?.find(bytes)?;
        Some(format!("{sought} would stand in `{name}`, line {line}"))
    };
    let put = Mutex::new(Put::default());
    let take = |entry: &IndexImage, files: &DeviceFiles| {
        let done = bundle(&folder, entry, files);
        let sealed = names::image(&entry.device);
        let found = files.named(&entry.device).into_iter().filter(|(name, _)| *name != sealed);
        let found = found.into_iter().find_map(|(name, bytes)| stands_in(&name, bytes));
        if let Ok(mut put) = put.lock() {
            put.leaked = put.leaked.take().or(found);
            let asked = files.public.as_deref().and_then(Beside::of).map_or(0, |beside| beside.approvals);
            put.asked.push((entry.device.clone(), asked));
            put.together.extend(files.sheets[0].as_deref().and_then(|bytes| Own::of(Sheet::read(bytes).ok()?)));
            match done {
                Ok((files, image)) => {
                    put.files.extend(files);
                    put.images.push(image);
                }
                Err(problem) => put.failed = Some(problem),
            }
        }
    };
    let progress = Progress::new("bundling images");
    let tick = || progress.tick();
    let verified = verify_folder(&Task {
        folder: &root,
        listing: &read,
        devices: &|name| args.device.is_empty() || asked.is_match(name),
        source: &Source::Absent("bundling looks at no source".to_owned()),
        unlock: &|group| keys.unlock(group),
        rebuild: false,
        seen: seen.revisions(),
        rollback: args.rollback.allow_rollback.is_some(),
        now: clock::now(),
        ceiling: machine::ceiling(),
        progress: Some(&tick),
        take: Some(&take),
    });
    progress.done();
    if verified.ladder.ending() != Ending::Holds {
        terminal::complain(&fieldlock::report::verify::plain(&verified.ladder));
        return Err(Problem::refused("what does not verify is not bundled")
            .help(mended(&read, &verified.ladder))
            .state("nothing was bundled"));
    }
    let Put { mut files, mut images, failed, mut asked, together, mut leaked } = put.into_inner().unwrap_or_default();
    if let Some(problem) = failed {
        return Err(unwritten(&problem));
    }
    images.sort();
    let mut add = |name: &str, bytes: &[u8]| {
        leaked = leaked.take().or_else(|| stands_in(name, bytes));
        files.push(Bundled { name: name.to_owned(), digest: Digest::of(bytes) });
        folder.add(name, bytes, Access::Everyone).map_err(|problem| unwritten(&problem))
    };
    asked.sort();
    for (device, asked) in &asked {
        for (name, bytes) in approved(&args, &read, device, *asked)? {
            add(&name, &bytes)?;
        }
    }
    let fleet_pages = fleet::fleet(&together);
    for (name, bytes) in fleet_pages.iter().flat_map(fleet::files) {
        add(&name, &bytes)?;
    }
    for (name, text) in tables::of_build(&root, &read.index).iter().flat_map(SiteTables::own) {
        add(&table(name), text.as_bytes())?;
    }
    // it speaks of every device: whoever is given some of them is not told of the others
    let whole = images.len() == read.index.images.len();
    let change = if whole { pages(&root, &read.index).map_err(changed)? } else { Vec::new() };
    for (name, bytes) in &change {
        add(name, bytes)?;
    }
    add(INDEX, &read.bytes)?;
    if let Some(signature) = &read.signature {
        add(SIGNATURE, signature)?;
    }
    let tables = fieldlock::report::verify::tables(&verified.ladder);
    add(VERBATIM.0, VERBATIM.1.as_bytes())?;
    let change: Vec<&str> = change.iter().map(|(name, _)| *name).collect();
    let beside = Told { tables: &tables, fleet: &fleet_pages, change: &change };
    add(READ_ME, read_me(&read, &images, &beside).as_bytes())?;
    if let Some(told) = leaked {
        return Err(Problem::refused(told)
            .help("a text that everybody may read is no place for it: take it out there, change it, and build again")
            .state("nothing was bundled"));
    }
    let listed = sums(&files);
    folder.add(SUMS, listed.as_bytes(), Access::Everyone).map_err(|problem| unwritten(&problem))?;
    // a stick holds what is listed and no more
    if git::may_track(&args.dir) {
        folder.ignore().map_err(|problem| unwritten(&problem))?;
    }
    seen.remember(&verified.sightings, &args.rollback)?;
    folder.finish().map_err(|problem| unwritten(&problem))?;
    terminal::did(format!("`{}` holds the bundle all the same", args.dir.display()));
    terminal::print(&told(&args, &images, &verified.ladder, &beside))?;
    Ok(Exit::Done)
}

/// The plan of a device with its approvals, as many as the site asks for; none where none is asked for and given.
fn approved(args: &BundleArgs, read: &Listing, device: &str, asked: u32) -> Result<Vec<(String, Vec<u8>)>, Problem> {
    let state = "nothing was bundled";
    for path in &args.plan {
        let (bytes, plan) = read_plan(path)?;
        if plan.device != device {
            continue;
        }
        let image = read.index.image(device).map(|entry| entry.image.to_string());
        if Some(&plan.image) != image.as_ref() || plan.index != read.digest().to_string() {
            return Err(Problem::refused(format!("the plan for {device} is of another build"))
                .help("make a new plan, and have it approved")
                .state(state));
        }
        approvals(&plan, &bytes, path, args.approvers.approvers.as_deref(), asked)
            .map_err(|problem| problem.state(state))?;
        let name = names::plan(device);
        let signed = (1..).zip(signatures(path)?).map(|(at, signature)| (format!("{name}.{at}.sig"), signature));
        return Ok(std::iter::once((name.clone(), bytes)).chain(signed).collect());
    }
    match asked {
        0 => Ok(Vec::new()),
        asked => Err(Problem::refused(format!("the site asks for {asked} approvals of the plan for {device}"))
            .help("make a plan with `fieldlock plan`, have it approved, and give it with --plan")
            .state(state)),
    }
}

/// The very bytes that were looked at.
fn bundle(
    folder: &NewFolder,
    entry: &IndexImage,
    files: &DeviceFiles,
) -> Result<(Vec<Bundled>, BundledImage), OutProblem> {
    let mut put = Vec::new();
    let (mut image, mut certificates) = (None, Vec::new());
    let uploads = names::certificate(&entry.device, "");
    for (name, bytes) in files.named(&entry.device) {
        let sealed = name.starts_with("images/");
        folder.add(&name, bytes, if sealed { Access::Owner } else { Access::Everyone })?;
        let file = Bundled { name, digest: Digest::of(bytes) };
        if sealed {
            image = Some(file.clone());
        } else if file.name.starts_with(&uploads) {
            certificates.push(file.clone());
        }
        put.push(file);
    }
    let missing = || OutProblem::NothingToKeep { name: entry.device.clone() };
    let file = image.ok_or_else(missing)?;
    Ok((put, BundledImage { device: entry.device.clone(), revision: entry.revision, file, certificates }))
}

fn told(args: &BundleArgs, images: &[BundledImage], ladder: &Ladder, beside: &Told<'_>) -> String {
    let count = if images.len() == 1 { "1 image".to_owned() } else { format!("{} images", images.len()) };
    let folder = escape::line(&args.dir.display().to_string());
    let sheets = match ladder.sheets_hold() {
        true => "",
        false => {
            "nobody signed it, so nobody vouches for the sheets: what is typed by hand is what `fieldlock image open` shows\n"
        }
    };
    let tables: String = beside.tables.iter().map(|told| format!("{told}\n")).collect();
    let pages = match beside.fleet.len() {
        0 => String::new(),
        1 => "1 page that several devices have alike is in `fleet`, a row for each device\n".to_owned(),
        pages => format!("{pages} pages that several devices have alike are in `fleet`, a row for each device\n"),
    };
    let change = match beside.change {
        [] if ladder.devices.len() < ladder.listed => {
            "the page for the change board speaks of all devices, and stays where it is\n".to_owned()
        }
        [] => String::new(),
        names => format!("{}: what changes, for the change board\n", names.join(", ")),
    };
    format!(
        "{folder}   {count} with redacted texts, public files, sheets and certificates; {READ_ME} says how to check them\n\
         origin  proved by {}\n{sheets}{change}{pages}{tables}\
         a FAT stick keeps no permissions: whoever has it can copy all of it\n\
         next: on the other computer  fieldlock verify {folder}\n",
        escape::line(ladder.proved.as_deref().unwrap_or_default())
    )
}

/// What can be done about the first thing that stands against it.
fn mended(read: &Listing, ladder: &Ladder) -> &'static str {
    if ladder.falls() || ladder.devices.is_empty() {
        "build again, or copy the folder again from where it was built"
    } else if ladder.devices.iter().any(|device_rungs| device_rungs.stale.is_some()) {
        "where going back to something older is meant, `--allow-rollback REASON` says why"
    } else if ladder
        .devices
        .iter()
        .any(|device_rungs| !device_rungs.opened && matches!(device_rungs.content, RungAnswer::Unreadable(_)))
    {
        "the passphrase is not theirs: give the one of their group; where they are signed, none is needed"
    } else if ladder.proved.is_some() {
        "`fieldlock verify` says the same of the folder"
    } else if read.signature.is_some() {
        "it is signed, and you trust nobody yet, yourself included: `fieldlock trust add NAME KEY.pub`, or \
         --allowed-signers; or give the passphrase"
    } else {
        "nobody signed it: give the passphrase, or build with --sign-key"
    }
}

/// A page that is another by now than when it was looked at.
fn changed(why: String) -> Problem {
    Problem::refused(why).help("copy the folder again from where it was built").state("nothing was bundled")
}

/// A stick is there already: what is bundled is a new folder on it.
fn unmade(folder: &Path, site: &str, problem: &OutProblem) -> Problem {
    if !folder.is_dir() {
        return unwritten(problem);
    }
    let (shown, inside) = (folder.display(), folder.join(site));
    let is_bundle = folder.join(INDEX).exists();
    let (what, help) = if is_bundle || inside.exists() {
        let at = if is_bundle { folder } else { &inside };
        let told = format!("a bundle or a build is in `{}`: take it away first, or name another folder", at.display());
        ("holds something already", told)
    } else {
        ("is there already", format!("name one in it: `fieldlock bundle {}`", inside.display()))
    };
    Problem::invalid(format!("`{shown}` {what}, and a bundle is a new folder")).help(help).state("nothing was bundled")
}

fn unwritten(problem: &OutProblem) -> Problem {
    Problem::invalid(problem.to_string())
        .help("give a folder that does not exist yet, in one that does, with room for all of it")
        .state("nothing was bundled")
}
