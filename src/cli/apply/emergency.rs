//! What had to be done at once, and stands in no description: it is recorded, and stays a finding at home until the
//! device was read again.

use std::path::Path;

use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::{Begun, Ended, Event, MAX_TEXT, Outcome, Said};
use fieldlock::pipeline::folder::INDEX;
use fieldlock::report;
use fieldlock::report::escape;

use super::super::exit::Exit;
use super::super::problem::Problem;
use super::super::verify::folder;
use super::super::{clock, signing, site, terminal};
use super::journal::{Journal, unsound};
use super::{ApplyArgs, NOTHING};

pub(super) fn record(args: &ApplyArgs, ticket: &str) -> Result<Exit, Problem> {
    let what = args.what.as_deref().unwrap_or_default();
    if [ticket, what].iter().any(|text| text.trim().is_empty() || text.len() > MAX_TEXT) {
        return Err(Problem::invalid(format!("--emergency and --what take 1 to {MAX_TEXT} bytes")).state(NOTHING));
    }
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
            let found = site::found(from.as_deref())?.site;
            site::device(&found, &args.device).map_err(|problem| problem.state(NOTHING))?;
            (found.name.to_string(), site::open(from.as_deref())?.root.path().to_owned())
        }
    };
    let mut journal = Journal::open(&name, &args.device)?;
    if journal.receipt.is_some() {
        return Err(Problem::refused(format!("the work on {} was broken off and is not ended", args.device))
            .help("go on with --resume, or end it with --stop REASON; then record the emergency")
            .state(NOTHING));
    }
    let begun = Begun { emergency: ticket.to_owned(), ..Begun::new(&name, &args.device, &args.by) };
    let mut receipt = Receipt::begin(begun, clock::now()).map_err(unsound)?;
    receipt.add(Event::Emergency(Said { text: what.to_owned() }), clock::now()).map_err(unsound)?;
    let ended = Ended { confirmed: 0, left: 0, outcome: Outcome::Done };
    receipt.add(Event::Ended(ended), clock::now()).map_err(unsound)?;
    let told = report::receipt::ending(&receipt);
    journal.keep(receipt)?;
    let to: &Path = args.to.as_deref().unwrap_or(&to);
    let path = journal.finish(to, args.sign.sign_key.as_deref())?;
    terminal::print(&format!("{}\nreceipt  {}\n", escape::line(&told), escape::line(&path.display().to_string())))?;
    Ok(Exit::Done)
}
