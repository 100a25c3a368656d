//! `return`: what was done in the plant comes home. Receipts, saved answers, captures and backups of a stick become one
//! change of the site, all of it or nothing; nothing that is there is replaced.

mod captures;
mod secrets;
mod stick;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fieldlock::image::Digest;
use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::Part;
use fieldlock::ledger::signature::AllowedSigners;
use fieldlock::model::paths::{ASSET_MAC, ASSET_SERIAL};
use fieldlock::pipeline::receipts::{ENDING, FOLDER, holds};
use fieldlock::pipeline::returned::standing;
use fieldlock::pipeline::{ReadySite, backup};
use fieldlock::platform;
use fieldlock::report;
use fieldlock::report::escape;
use fieldlock::site::SiteDevice;
use fieldlock::site::files::Root;
use fieldlock::site::output::NewFile;

use super::apply::journal::name;
use super::args::SignArgs;
use super::exit::Exit;
use super::problem::Problem;
use super::secret::{StoreArgs, StoreSite};
use super::signing::Purpose;
use super::{put, receipt, site, terminal};
use secrets::Secrets;
use stick::{Come, reviewed, sheet_of};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock return E:/west --site west\n  \
    fieldlock return E:/west --site west --passphrase-file west.passphrase --sign-key ot-lead\n\n\
    With the passphrase secrets of the devices are looked for in every text, and old values of secrets are dropped that\n\
    a device is proved to have no more.\n\n\
    Exit codes: 0 it is in the site, to be committed, 2 the input can't be read, 5 something is not of this site, was\n\
    altered, contradicts itself, or holds a secret; nothing was brought.")]
pub(crate) struct ReturnArgs {
    /// Folder of the stick: the one that was bundled, or that receipts were put into
    dir: PathBuf,
    #[command(flatten)]
    sign: SignArgs,
    /// File of those whose receipts count, as ssh-keygen has it [default: receipt_signers in your own folder]
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    allowed_signers: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
}

const LEFT: &str = "what was answered there is done and not yet known at home: return it with the build that it was bundled \
                    from, or read the device (`fieldlock capture`)";
const UNCHANGED: &str = "nothing was brought: the site is as it was before";

pub(crate) fn run(args: ReturnArgs) -> Result<Exit, Problem> {
    let stick = Root::open(&args.dir).map_err(|problem| {
        let problem = Problem::from(problem);
        problem.help("give the folder of the stick, from where you stand: `fieldlock return E:/west`").state(UNCHANGED)
    })?;
    let opened = site::open(args.store.site.as_deref())?;
    let folder = opened.root.path().to_owned();
    let locked = put::lock_unless(false, &folder)?;
    let ready = site::ready(opened, None)?;
    let (come, left) = stick::read(&args, &stick, &ready)?;
    if come.is_empty() && !left.is_empty() {
        return Err(Problem::refused(left.join("; ")).help(LEFT).state(UNCHANGED));
    }
    if come.is_empty() {
        return Err(Problem::invalid(format!("there is no receipt and no saved answer in `{}`", args.dir.display()))
            .help("give the folder of the stick that `fieldlock apply` worked from, or that answers were saved into")
            .state(UNCHANGED));
    }
    let devices: BTreeSet<&str> = come.iter().map(|one| &*one.receipt.begun().device).collect();
    let given = args.store.passphrase.is_given();
    let place = given.then(|| StoreSite::open(&args.store)).transpose()?;
    let secrets = place.as_ref().map(|place| Secrets::of(place, &args.store, &devices)).transpose()?;
    match &secrets {
        Some(secrets) => secrets.stand_nowhere(&come)?,
        None => terminal::complain(
            "note: secrets were not looked for in what came home: --passphrase-file opens the store for that\n",
        ),
    }
    let signers = Purpose::Receipts.signers(args.allowed_signers.as_deref())?;
    let (mut put, mut take, mut told) = (Vec::new(), Vec::new(), String::new());
    let mut signed = Vec::new();
    for one in &come {
        if bring(&stick, &ready, one, &signers, (&mut put, &mut take, &mut told)) {
            signed.push(one);
        }
    }
    backups(&stick, &ready, &mut put)?;
    let mark = || secrets.as_ref().map_or(Ok(None), Secrets::mark);
    captures::bring(&stick, &ready, &come, mark, (&mut put, &mut take, &mut told))?;
    let new = new_files(&folder, put, &take)?;
    let count = new.len();
    if let Some(locked) = locked.filter(|_| count > 0) {
        put::change(&locked, &new, &take)?;
    }
    if let Some(secrets) = secrets {
        told.push_str(&secrets.prove(&signed)?);
    }
    told.push_str(&match count {
        0 => "all of it was in the site already\n".to_owned(),
        1 => "1 file is new in the site: commit it\n".to_owned(),
        count => format!("{count} files are new in the site: commit them together\n"),
    });
    for left in &left {
        told.push_str(&format!("LEFT ON THE STICK  {}\n", escape::line(left)));
    }
    terminal::print(&told)?;
    if !left.is_empty() {
        terminal::complain(&format!("help: {LEFT}\n"));
    }
    Ok(Exit::Done)
}

/// The files of one receipt, and what is said of it. Gives whether somebody signed it whose receipts count.
fn bring(
    stick: &Root,
    ready: &ReadySite,
    one: &Come,
    signers: &AllowedSigners,
    (put, take, told): (&mut Vec<NewFile>, &mut Vec<String>, &mut String),
) -> bool {
    let begun = one.receipt.begun();
    let Some(device) = ready.site.device(&begun.device) else { return false };
    let path = format!("{FOLDER}/{}", name(&one.receipt));
    put.push((path.clone(), one.receipt.bytes().to_vec()));
    put.extend(one.signature.clone().map(|signature| (format!("{path}.sig"), signature)));
    put.extend(one.answers.clone());
    let sheet = Digest::from_hex(&begun.sheet).and_then(|digest| sheet_of(stick, &begun.device, digest));
    let lines = sheet
        .as_ref()
        .and_then(|sheet| Some(standing(sheet, &reviewed(stick, sheet)?, &platform::at(device), &one.receipt)));
    let beside = format!("{}sheet", path.trim_end_matches(ENDING));
    put.extend(
        lines.iter().filter(|lines| !lines.is_empty()).map(|lines| (beside.clone(), lines.clone().into_bytes())),
    );
    if one.signature.is_none() && holds(&ready.receipts, &one.receipt) {
        told.push_str(&format!("{}  is in the site already\n", one.receipt.number()));
        return false;
    }
    rebind(ready, device, &one.receipt, (put, take));
    let signed = receipt::signed(one.receipt.bytes(), one.signature.as_deref(), signers);
    let proved = signed.is_ok();
    let signed = signed.map_or_else(|why| format!("not proved: {why}"), |signer| format!("signed by {signer}"));
    let (signed, ending) = (escape::line(&signed), escape::line(&report::receipt::ending(&one.receipt)));
    told.push_str(&format!("{}  {signed}  {ending}\n", one.receipt.number()));
    if sheet.is_some() && lines.is_none() || sheet.is_none() && !begun.sheet.is_empty() {
        told.push_str(
            "  what it confirms lies beneath no rule: its sheet, or the text that was reviewed, is not on the stick\n",
        );
    }
    proved
}

/// A spare part: its description gets the serial number and the address that were seen.
fn rebind(
    ready: &ReadySite,
    device: &SiteDevice,
    receipt: &Receipt,
    (put, take): (&mut Vec<NewFile>, &mut Vec<String>),
) {
    if !receipt.is_rebound() {
        return;
    }
    let seen = |part: Part| receipt.seen(part).filter(|identity| !identity.fits).map(|identity| &identity.seen);
    let mut edits = Vec::new();
    for (path, part) in [(ASSET_SERIAL, Part::Serial), (ASSET_MAC, Part::Mac)] {
        let place = device.own.value(path).map(|fact| fact.origin.loc()).filter(|loc| loc.file == device.loc.file);
        edits.extend(place.zip(seen(part)).map(|(loc, seen)| (loc.span, fieldlock::model::facts::quote(seen))));
    }
    let Some(file) = ready.sources.get(device.loc.file).filter(|_| !edits.is_empty()) else { return };
    let mut text = file.text().to_string();
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, new) in edits {
        let place = span.start as usize..span.end as usize;
        // a value stands behind its name
        let name = text[place.clone()].split_once('=').map(|(name, _)| format!("{name}="));
        text.replace_range(place, &format!("{}{new}", name.unwrap_or_default()));
    }
    if !take.contains(&file.name().to_owned()) {
        put.push((file.name().to_owned(), text.into_bytes()));
        take.push(file.name().to_owned());
    }
}

/// Sealed backups of devices of the site.
fn backups(stick: &Root, ready: &ReadySite, put: &mut Vec<NewFile>) -> Result<(), Problem> {
    for path in stick.list(backup::FOLDER, "flk").unwrap_or_default() {
        let bytes = stick.read_bytes(&path, fieldlock::image::MAX_FILE_LEN)?;
        let of = fieldlock::image::inspect(&bytes).ok().and_then(|inspection| inspection.store);
        if of.is_some_and(|core| *core.site == *ready.site.name && ready.site.device(&core.device).is_some()) {
            put.push((path, bytes));
        }
    }
    Ok(())
}

/// Those that are not there yet. One that is there otherwise is never replaced, but for the files that are named.
fn new_files(folder: &Path, put: Vec<NewFile>, take: &[String]) -> Result<Vec<NewFile>, Problem> {
    let root = Root::open(folder)?;
    let mut new: Vec<NewFile> = Vec::new();
    for (name, bytes) in put {
        if root.holds(&name, &bytes) || new.iter().any(|(other, _)| *other == name) {
            continue;
        }
        if folder.join(&name).symlink_metadata().is_ok() && !take.contains(&name) {
            return Err(Problem::refused(format!("`{name}` is in the site already, and is another one"))
                .help("nothing is replaced: move one of them away")
                .state(UNCHANGED));
        }
        new.push((name, bytes));
    }
    Ok(new)
}
