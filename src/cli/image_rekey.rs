//! `image rekey`: the same images for another passphrase. Only the tables change; bodies, digests and signatures stay.

use std::path::{Path, PathBuf};

use fieldlock::image::slots::SlotParams;
use fieldlock::image::{self, Core, Derivations, Holder, KdfParams, Passphrase, PassphraseKey, Unlock, fresh_salt};
use fieldlock::pipeline::store::Store;
use fieldlock::report::escape;
use fieldlock::site::output::is_free;

use super::exit::Exit;
use super::image_folders::ImageFolders;
use super::opening::{Found, Opener, OriginArgs, Proofs, UnlockArgs};
use super::problem::Problem;
use super::recipients::Recipients;
use super::seen::SeenFile;
use super::{entropy, image_file, machine, passphrase, site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock image rekey out/images/*.flk\n  \
    fieldlock image rekey np07.flk --passphrase-file old --new-passphrase-file new --out rekeyed\n\n\
    Copies of the old files stay openable with the old passphrase: rekeying takes nothing back. What the old\n\
    passphrase protected and has to stay secret has to be changed on the devices.")]
pub(crate) struct RekeyArgs {
    /// The images; or devices' names, inside their site
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArgs,
    /// File that holds the new passphrase [default: asked for twice on a terminal]
    #[arg(long, value_name = "FILE", help_heading = "Secrets")]
    new_passphrase_file: Option<PathBuf>,
    /// age recipients who may open them too, a file with one a line; those of before don't stay by themselves
    #[arg(long, value_name = "FILE", help_heading = "Secrets")]
    recipients: Option<PathBuf>,
    /// Write the new images into this folder and leave the old files as they are [default: in their place]
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    origin: OriginArgs,
}

pub(crate) fn run(mut args: RekeyArgs) -> Result<Exit, Problem> {
    args.files = image_file::resolve_image_paths(&args.files)?;
    check_names(&args)?;
    args.out.iter().chain(args.files.iter().filter(|_| args.out.is_none())).try_for_each(|place| site::stays(place))?;
    let proofs = Proofs::of(&args.origin)?;
    let seen = SeenFile::recall()?;
    // what was interrupted there is finished before anything is read
    let places = args.out.is_none().then(|| ImageFolders::lock(&args.files)).transpose()?;
    let found: Vec<Found> = args.files.iter().map(|file| Found::read(file, &proofs)).collect::<Result<_, _>>()?;
    let Some(first) = found.first() else { return Ok(Exit::Done) };
    let demo = found.iter().find(|f| f.inspection.core.as_ref().is_some_and(|core| core.demo));
    if let Some(demo) = demo {
        return Err(Problem::refused(format!(
            "`{}` is a demo's: its passphrase is the one that everybody knows",
            demo.path.display()
        ))
        .help("rekey images of a site that is no demo")
        .state("no file was changed"));
    }
    let opener = Opener::of(&args.unlock, &first.inspection)?;
    let mut opened = Vec::with_capacity(found.len());
    for image in &found {
        opened.push(image.open(&opener, &seen, &args.origin.rollback, (None, None)).map_err(unchanged)?);
    }
    let cores = found.iter().filter_map(|f| f.inspection.core.as_ref());
    let known: Vec<&str> = cores.flat_map(|core| [&*core.site, &*core.device, &*core.group]).collect();
    let first = found.iter().find_map(|f| f.inspection.core.as_ref());
    let slots = found.iter().flat_map(|image| &image.inspection.slots);
    let alone = slots.into_iter().all(|slot| matches!(slot.params, SlotParams::Passphrase { .. }));
    let key = new_key(&args, (&opener, alone), &known, first).map_err(unchanged)?;
    let group = args.recipients.as_deref().map(|file| Recipients::read(file)?.wrap()).transpose()?;
    let mut holders = vec![Holder::Passphrase(&key)];
    holders.extend(group.as_ref().map(Holder::Recipients));
    // all are made before the first is written
    let mut sealed = Vec::with_capacity(found.len());
    for (image, opened) in found.iter().zip(&opened) {
        let new = image::rekey(&image.file, opened, &holders).map_err(|error| {
            let message = format!("`{}`: {error}", image.path.display());
            Problem::refused(message).help(error.help()).state("no file was changed")
        })?;
        sealed.push((image, new));
    }
    let written = sealed.len();
    let placed = |(image, new): (&Found, image::SealedImage)| match &args.out {
        Some(folder) => (folder.join(name(&image.path)), new.bytes),
        None => (image.path.clone(), new.bytes),
    };
    let sealed: Vec<(PathBuf, Vec<u8>)> = sealed.into_iter().map(placed).collect();
    let places = match (places, &args.out) {
        (Some(places), _) => places,
        (None, folder) => {
            let folder = folder.as_deref().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder).map_err(|error| {
                unchanged(Problem::invalid(format!("`{}` can't be created: {error}", folder.display())))
            })?;
            let paths: Vec<PathBuf> = sealed.iter().map(|(path, _)| path.clone()).collect();
            let places = ImageFolders::lock(&paths)?;
            paths.iter().try_for_each(|path| is_free(path)).map_err(|problem| {
                unchanged(Problem::invalid(problem.to_string()).help("give another folder with --out"))
            })?;
            places
        }
    };
    places.replace(sealed)?;
    terminal::did("the images are rekeyed all the same");
    let dropped = found.iter().any(|f| f.inspection.slots.len() > 1) && args.recipients.is_none();
    terminal::print(&told(&args, written, dropped))?;
    Ok(Exit::Done)
}

fn told(args: &RekeyArgs, written: usize, dropped: bool) -> String {
    let place = match &args.out {
        Some(folder) => format!("written to {}", escape::line(&folder.display().to_string())),
        None => "written in their place".to_owned(),
    };
    let images = if written == 1 { "1 image".to_owned() } else { format!("{written} images") };
    let mut out = format!("{images} for the new passphrase, {place}; digests and signatures are as before\n");
    if dropped {
        out.push_str("other recipients and codes of before can't open the new files: give --recipients to keep them\n");
    }
    out.push_str(
        "every copy of the old files stays openable with the old passphrase: rekeying takes nothing back; what has to \
         stay secret from whoever knows it has to be changed on the devices\n",
    );
    out
}

/// Two files of one name would be one in the folder.
fn check_names(args: &RekeyArgs) -> Result<(), Problem> {
    let stdin = |file: &Option<PathBuf>| file.as_deref() == Some(Path::new("-"));
    if stdin(&args.unlock.passphrase.passphrase_file) && stdin(&args.new_passphrase_file) {
        return Err(Problem::invalid("two passphrases can't both come from stdin").help("give one of them as a file"));
    }
    let mut names: Vec<String> = args.files.iter().map(|f| name(f).to_string_lossy().to_lowercase()).collect();
    names.sort();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Problem::invalid(format!("two images are called `{}`", pair[0]))
            .help("rekey them one after the other")
            .state("no file was changed")),
        None => Ok(()),
    }
}

fn name(path: &Path) -> &std::ffi::OsStr {
    path.file_name().unwrap_or_default()
}

/// The key of the new passphrase. A salt belongs to its passphrase: where the store of the site around has the new
/// passphrase already, its salt is taken, so that the next build finds nothing to seal anew; else a fresh one.
/// `alone`: nothing but a passphrase opens the images as they are.
fn new_key(
    args: &RekeyArgs,
    (opener, alone): (&Opener, bool),
    known: &[&str],
    core: Option<&Core>,
) -> Result<PassphraseKey, Problem> {
    let passphrase = passphrase::chosen(args.new_passphrase_file.as_deref())?;
    // the same may be meant where others are to be kept out, or let in
    if opener.is(&passphrase) && args.recipients.is_none() && alone {
        return Err(Problem::invalid("the new passphrase is the old one")
            .help("take another: who knows the old one would know the new one"));
    }
    passphrase::judge(&passphrase, known)?;
    let derivations = Derivations::new();
    if let Some(key) = core.and_then(|core| key_of_store(core, &passphrase, &derivations)) {
        return Ok(key);
    }
    let salt = fresh_salt(&mut entropy::System).map_err(|error| Problem::invalid(error.to_string()))?;
    let key = derivations.derive(&passphrase, KdfParams::WRITTEN, salt, machine::ceiling());
    key.map_err(|limit| Problem::invalid(limit.to_string()).help(limit.help()))
}

/// The key that opens a file of the store of the images' group, in the site that we are in, if we are in one: that it
/// opens is what makes the salt one to take over.
fn key_of_store(core: &Core, passphrase: &Passphrase, derivations: &Derivations) -> Option<PassphraseKey> {
    let (store, _) = Store::read(&site::open(None).ok()?.root);
    let owner = store.owners().find(|owner| store.group(owner) == Some(&*core.group))?;
    let (kdf, salt) = store.salts(owner).iter().copied().find(|(kdf, _)| *kdf == KdfParams::WRITTEN)?;
    let key = derivations.derive(passphrase, kdf, salt, machine::ceiling()).ok()?;
    store.open(&core.site, owner, &Unlock::Key(&key), machine::ceiling()).is_ok().then_some(key)
}

fn unchanged(problem: Problem) -> Problem {
    problem.state("no file was changed")
}
