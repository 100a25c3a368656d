//! `restore`: the state that a device had, out of its sealed backup, as the file that is imported by hand; and what was
//! done with it, as a receipt.

use std::path::{Path, PathBuf};

use fieldlock::dialect::SiteTables;
use fieldlock::image::{Derivations, Kind, Unlock, inspect};
use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::{Backup, Begun, Ended, Event, How, Identity, Outcome, Part, Said};
use fieldlock::pipeline::backup::{FOLDER, Of, open};
use fieldlock::pipeline::{ReadBy, incoming};
use fieldlock::report::escape;
use fieldlock::secret::SecretValue;
use fieldlock::site::files::Root;
use fieldlock::site::identity::same_serial;
use fieldlock::source::FileId;

use super::apply::journal::{Journal, unsound};
use super::apply::yes;
use super::args::{PassphraseArgs, SignArgs};
use super::asking::ask;
use super::exit::Exit;
use super::output::write_new;
use super::problem::Problem;
use super::{clock, file, image_file, machine, passphrase, site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock restore np02 --by ot-lead --reason \"CHG-4102 taken back\" \
    --backup E:/west/backups/np02-91c077abe2f4.flk --to np02.ini\n  \
    fieldlock restore np02 --by ot-lead --reason \"CHG-4102 taken back\" \
    --backup E:/west/backups/np02-91c077abe2f4.flk --to np02.ini --imported\n\n\
    Exit codes: 0 it was imported, 5 refused before anything was written, 6 written out and not imported yet.")]
pub(crate) struct RestoreArgs {
    /// The device
    device: String,
    /// Who restores
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// Why
    #[arg(long, value_name = "REASON")]
    reason: String,
    /// The sealed backup
    #[arg(long, value_name = "FILE")]
    backup: PathBuf,
    /// The file to write, as the device exported it: it holds its secrets
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Serial number on the label of the device [default: asked for]
    #[arg(long, value_name = "SERIAL")]
    serial: Option<String>,
    /// It was imported, and the device answers [default: asked for]
    #[arg(long)]
    imported: bool,
    #[command(flatten)]
    sign: SignArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

const NOTHING: &str = "nothing was written and nothing was changed";

pub(crate) fn run(args: RestoreArgs) -> Result<Exit, Problem> {
    site::stays(&args.to)?;
    let backup = image_file::read(&args.backup)?;
    let inspection = inspect(&backup).map_err(|why| image_file::refused(&args.backup, &why))?;
    let digest = inspection.digest;
    let core = inspection.store.filter(|core| inspection.kind == Kind::Backup && core.device == args.device);
    let Some(core) = core else {
        return Err(Problem::refused(format!("`{}` is no backup of {}", args.backup.display(), args.device))
            .help("`fieldlock image inspect` says what it is")
            .state(NOTHING));
    };
    let phrase = passphrase::read(&args.passphrase, &format!("passphrase of {}: ", escape::line(&core.group)))?;
    let unlock = Unlock::Passphrase { passphrase: &phrase, derivations: &Derivations::new() };
    let of = Of { site: &core.site, device: &core.device };
    let export =
        open(&backup, of, &unlock, machine::ceiling()).map_err(|why| image_file::refused(&args.backup, &why))?;
    let mut journal = Journal::open(of.site, of.device)?;
    if journal.receipt.as_ref().is_some_and(|receipt| receipt.ended().is_some()) {
        // killed between its end and its receipt: of this work, or of one before it
        let whole = journal.receipt.as_ref().is_some_and(is_restore);
        finish(&args, &mut journal)?;
        if whole {
            return Ok(Exit::Done);
        }
    }
    match &journal.receipt {
        Some(receipt) if !is_restore(receipt) => {
            return Err(Problem::refused(format!("the work on {} was broken off and is not ended", args.device))
                .help("end it as it is with `fieldlock apply --stop REASON`, then restore")
                .state(NOTHING));
        }
        Some(_) => {}
        None => begin(&args, of, &export, digest.to_string(), &mut journal)?,
    }
    let (folder, name) = file::place(&args.to)?;
    if !Root::open(folder).is_ok_and(|folder| folder.holds(name, export.expose())) {
        write_new(&args.to, export.expose()).map_err(|why| {
            Problem { exit: Exit::Unfinished, ..why }
                .help("give a new file in a folder that you may write to, and restore again")
                .state("the device is as it was")
        })?;
    }
    terminal::complain(&format!(
        "{} holds what {} exported, its secrets too: import it on the page that it was exported from, then delete it\n",
        escape::line(&args.to.display().to_string()),
        escape::line(&args.device)
    ));
    let done = args.imported || terminal::can_ask() && yes("it was imported, and the device answers")?;
    if !done {
        return Err(Problem { exit: Exit::Unfinished, ..Problem::invalid("nobody says yet that it was imported") }
            .help("import it, then restore again with --imported")
            .state(format!("{} may be between two states; the journal says so", args.device)));
    }
    journal.add(Event::Ended(Ended { confirmed: 0, left: 0, outcome: Outcome::Undone }), None)?;
    finish(&args, &mut journal)?;
    Ok(Exit::Done)
}

fn finish(args: &RestoreArgs, journal: &mut Journal) -> Result<(), Problem> {
    let receipt = journal.finish(&beside(&args.backup), args.sign.sign_key.as_deref())?;
    terminal::print(&format!("receipt  {}\n", escape::line(&receipt.display().to_string())))
}

/// The right device first; then the journal says what is about to be done.
fn begin(
    args: &RestoreArgs,
    of: Of<'_>,
    export: &SecretValue,
    digest: String,
    journal: &mut Journal,
) -> Result<(), Problem> {
    let by = ReadBy { keys: &[], tables: &SiteTables::default(), of: None };
    let told = incoming("backup", export.expose().to_vec(), &by, FileId::NONE).ok();
    let expected = told.and_then(|incoming| incoming.tells.serial).unwrap_or_default();
    let seen = match &args.serial {
        Some(serial) => serial.clone(),
        None if terminal::can_ask() => ask("serial number of the device", None, &|typed| Ok(typed.to_owned()))?,
        None => {
            return Err(Problem::invalid("nobody can be asked for the serial number of the device")
                .help("give it with --serial")
                .state(NOTHING));
        }
    };
    let fits = expected.is_empty() || same_serial(&expected, &seen);
    if !fits {
        return Err(Problem::refused(format!(
            "this is not {}: its serial number is {expected}, not {seen}",
            of.device
        ))
        .help("go to the right device: what one exported is not for another")
        .state(NOTHING));
    }
    let mut receipt = Receipt::begin(Begun::new(of.site, of.device, &args.by), clock::now()).map_err(unsound)?;
    let what = args.backup.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for event in [
        Event::Identity(Identity { expected, fits, how: How::Typed, part: Part::Serial, seen }),
        Event::Undoing(Said { text: args.reason.clone() }),
        Event::Backup(Backup { digest, what }),
    ] {
        receipt.add(event, clock::now()).map_err(unsound)?;
    }
    journal.keep(receipt)
}

fn is_restore(receipt: &Receipt) -> bool {
    let begun = receipt.begun();
    begun.sheet.is_empty() && begun.emergency.is_empty()
}

/// The folder that the receipt is put into: that which the folder of backups lies in.
fn beside(backup: &Path) -> PathBuf {
    let folder = backup.parent().unwrap_or(Path::new("."));
    match folder.file_name().is_some_and(|name| name == FOLDER) {
        true => folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned(),
        false => folder.to_owned(),
    }
}
