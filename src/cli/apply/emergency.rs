//! What had to be done at once, and stands in no description: it is recorded, and stays a finding at home until the
//! device was read again.

use std::path::{Path, PathBuf};

use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::{Begun, Ended, Event, MAX_TEXT, Outcome, Said};
use fieldlock::pipeline::folder::INDEX;
use fieldlock::report;
use fieldlock::report::escape;

use super::super::exit::Exit;
use super::super::problem::Problem;
use super::super::verify::folder;
use super::super::{clock, signing, site, terminal};
use super::journal::{Journal, can_keep, unsound};
use super::{ApplyArgs, NOTHING};

pub(super) fn record(args: &ApplyArgs, ticket: &str) -> Result<Exit, Problem> {
    let what = args.what.as_deref().unwrap_or_default();
    if [ticket, what].iter().any(|text| text.trim().is_empty() || text.len() > MAX_TEXT) {
        return Err(Problem::invalid(format!("--emergency and --what take 1 to {MAX_TEXT} bytes")).state(NOTHING));
    }
    let (name, to) = place(args)?;
    let mut journal = Journal::open(&name, &args.device)?;
    if late(args, &mut journal, &to)?.is_some_and(|receipt| is_told(&receipt, ticket, what)) {
        return Ok(Exit::Done);
    }
    if journal.receipt.is_some() {
        return Err(Problem::refused(format!("the work on {} was broken off and is not ended", args.device))
            .help("go on with --resume, or end it with --stop REASON; then record the emergency")
            .state(NOTHING));
    }
    can_keep(&to, None)?;
    let begun = Begun { emergency: ticket.to_owned(), ..Begun::new(&name, &args.device, &args.by) };
    let mut receipt = Receipt::begin(begun, clock::now()).map_err(unsound)?;
    receipt.add(Event::Emergency(Said { text: what.to_owned() }), clock::now()).map_err(unsound)?;
    let ended = Ended { confirmed: 0, left: 0, outcome: Outcome::Done };
    receipt.add(Event::Ended(ended), clock::now()).map_err(unsound)?;
    let told = report::receipt::ending(&receipt);
    journal.keep(receipt)?;
    let path = journal.finish(&to, args.sign.sign_key.as_deref())?;
    terminal::print(&format!("{}\nreceipt  {}\n", escape::line(&told), escape::line(&path.display().to_string())))?;
    Ok(Exit::Done)
}

/// `--resume` of an emergency whose receipt could not be written: it is now. For that nothing has to be built, or at
/// hand, that a device is worked on by.
pub(super) fn finish_late(args: &ApplyArgs) -> Result<bool, Problem> {
    // what is wrong with the place is said by whoever needs more of it
    let Ok((name, to)) = place(args) else { return Ok(false) };
    let mut journal = Journal::open(&name, &args.device)?;
    if journal.receipt.as_ref().is_none_or(|receipt| receipt.begun().emergency.is_empty()) {
        return Ok(false);
    }
    Ok(late(args, &mut journal, &to)?.is_some())
}

/// The receipt of work that ended before, and whose receipt was not written: it is now.
fn late(args: &ApplyArgs, journal: &mut Journal, to: &Path) -> Result<Option<Receipt>, Problem> {
    let receipt = journal.receipt.clone().filter(|receipt| receipt.ended().is_some());
    super::finish_late(args, journal, to)?;
    Ok(receipt)
}

/// Whether a receipt tells this very emergency.
fn is_told(receipt: &Receipt, ticket: &str, what: &str) -> bool {
    let says = |event: &Event| matches!(event, Event::Emergency(said) if said.text == what);
    receipt.begun().emergency == ticket && receipt.lines().iter().any(|line| says(&line.event))
}

/// The site that the device is of, and the folder that its receipts are put into.
fn place(args: &ApplyArgs) -> Result<(String, PathBuf), Problem> {
    let (name, to) = match &args.from {
        Some(from) if from.join(INDEX).exists() => {
            let read = signing::signers(&args.signers)?.listing(&folder(from)?, clock::now());
            let index = read.map_err(|why| Problem::refused(why.to_string()).help(why.help()).state(NOTHING))?.index;
            site::each_fits(
                std::slice::from_ref(&args.device),
                "device in the index",
                index.images.iter().map(|image| &*image.device),
            )?;
            (index.site, from.clone())
        }
        from => {
            let opened = site::open(from.as_deref())?;
            let found = site::loaded(&opened).site;
            site::device(&found, &args.device).map_err(|problem| problem.state(NOTHING))?;
            (found.name.to_string(), opened.root.path().to_owned())
        }
    };
    Ok((name, args.to.clone().unwrap_or(to)))
}
