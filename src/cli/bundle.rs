//! `bundle`: a folder for the stick, of images that verify; with a text for whoever finds it. New, and whole or not at
//! all.

use std::path::PathBuf;
use std::sync::Mutex;

use fieldlock::image::{Digest, IndexImage};
use fieldlock::pipeline::bundle::{Bundled, BundledImage, READ_ME, SUMS, read_me, sums};
use fieldlock::pipeline::folder::{INDEX, SIGNATURE};
use fieldlock::pipeline::verify::{DeviceFiles, ListingProblem, Source, Task, listing, verify as climb};
use fieldlock::report::escape;
use fieldlock::report::verify::Ending;
use fieldlock::site::files::Root;
use fieldlock::site::output::{Access, NewFolder, OutProblem};

use super::args::{PassphrasesArgs, SignerArgs};
use super::exit::Exit;
use super::laptop::{Laptop, RollbackArgs};
use super::problem::Problem;
use super::progress::Progress;
use super::verify::{Keys, unlisted};
use super::{clock, machine, signing, site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock bundle stick --device np07\n  \
    fieldlock bundle E:/west --from out --allowed-signers west.signers\n\n\
    What does not verify is not bundled: it has to be whole, signed by somebody who is trusted here (or opened\n\
    by the passphrase), and no older than what was seen on this computer.")]
pub(crate) struct BundleArgs {
    /// The folder to make, on the stick or to be copied there
    dir: PathBuf,
    /// Folder of the build [default: out in the site found from here upwards]
    #[arg(long, value_name = "OUT")]
    from: Option<PathBuf>,
    /// Only this device; may be given more than once, `*` and `?` stand for any letters
    #[arg(long, value_name = "NAME", help_heading = "Which devices")]
    device: Vec<String>,
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
}

pub(crate) fn run(args: BundleArgs) -> Result<Exit, Problem> {
    let from = match &args.from {
        Some(from) => from.clone(),
        None => site::open(None)?.root.path().join("out"),
    };
    let root = Root::open(&from)?;
    let signers = signing::signers(&args.signers)?;
    let read = listing(&root, signers.as_ref(), clock::now()).map_err(|problem| match problem {
        ListingProblem::Signature(_) | ListingProblem::NoSignature => {
            Problem::refused(problem.to_string()).help(problem.help()).state("nothing was bundled")
        }
        problem => unlisted(&from, &problem),
    })?;
    let asked = site::globs(&args.device)?;
    site::each_fits(&args.device, "device in the index", read.index.images.iter().map(|image| &*image.device))?;
    let laptop = Laptop::recall()?;
    let keys = Keys::of(&args.passphrase, false, &read)?;
    let folder = NewFolder::create(&args.dir).map_err(|problem| unwritten(&problem))?;

    let put = Mutex::new(Put::default());
    let take = |entry: &IndexImage, files: &DeviceFiles| {
        let done = bundle(&folder, entry, files);
        if let Ok(mut put) = put.lock() {
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
    let verified = climb(&Task {
        folder: &root,
        listing: &read,
        devices: &|name| args.device.is_empty() || asked.is_match(name),
        source: &Source::Absent("bundling looks at no source".to_owned()),
        unlock: &|group| keys.unlock(group),
        rebuild: false,
        memory: laptop.memory(),
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
            .help("`fieldlock verify` says the same of the folder; where nobody signs, give the passphrase")
            .state("nothing was bundled"));
    }
    let Put { mut files, mut images, failed } = put.into_inner().unwrap_or_default();
    if let Some(problem) = failed {
        return Err(unwritten(&problem));
    }
    images.sort();
    let mut add = |name: &str, bytes: &[u8]| {
        files.push(Bundled { name: name.to_owned(), digest: Digest::of(bytes) });
        folder.add(name, bytes, Access::Everyone).map_err(|problem| unwritten(&problem))
    };
    add(INDEX, &read.bytes)?;
    if let Some(signature) = &read.signature {
        add(SIGNATURE, signature)?;
    }
    add(READ_ME, read_me(&read, &images).as_bytes())?;
    let listed = sums(&files);
    folder.add(SUMS, listed.as_bytes(), Access::Everyone).map_err(|problem| unwritten(&problem))?;
    laptop.remember(&verified.sightings, &args.rollback)?;
    folder.finish().map_err(|problem| unwritten(&problem))?;
    terminal::print(&told(&args, &images, verified.ladder.proved.as_deref().unwrap_or_default()))?;
    Ok(Exit::Done)
}

/// The very bytes that were looked at.
fn bundle(
    folder: &NewFolder,
    entry: &IndexImage,
    files: &DeviceFiles,
) -> Result<(Vec<Bundled>, BundledImage), OutProblem> {
    let mut put = Vec::new();
    let mut image = None;
    for (name, bytes) in files.named(&entry.device) {
        let sealed = name.starts_with("images/");
        folder.add(&name, bytes, if sealed { Access::Owner } else { Access::Everyone })?;
        let file = Bundled { name, digest: Digest::of(bytes) };
        if sealed {
            image = Some(file.clone());
        }
        put.push(file);
    }
    let missing = || OutProblem::NothingToKeep { name: entry.device.clone() };
    let file = image.ok_or_else(missing)?;
    Ok((put, BundledImage { device: entry.device.clone(), revision: entry.revision, file }))
}

fn told(args: &BundleArgs, images: &[BundledImage], proved: &str) -> String {
    let count = if images.len() == 1 { "1 image".to_owned() } else { format!("{} images", images.len()) };
    let folder = escape::line(&args.dir.display().to_string());
    format!(
        "{folder}   {count} with redacted texts, public files and sheets; {READ_ME} says how to check them\n\
         origin  proved by {}\n\
         a FAT stick keeps no permissions: whoever has it can copy all of it\n\
         next: on the other computer  fieldlock verify {folder}\n",
        escape::line(proved)
    )
}

fn unwritten(problem: &OutProblem) -> Problem {
    Problem::invalid(problem.to_string())
        .help("give a folder that does not exist yet, in one that does, with room for all of it")
        .state("nothing was bundled")
}
