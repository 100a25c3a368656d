//! `return`: what was done in the plant comes home. Receipts, saved answers, captures and backups of a stick become one
//! change of the site, all of it or nothing; nothing that is there is replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fieldlock::image::Digest;
use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::{Event, MAX_LEN, Part};
use fieldlock::ledger::signature::{AllowedSigners, MAX_SIGNATURE_LEN, RECEIPT_NAMESPACE};
use fieldlock::model::paths::{ASSET_MAC, ASSET_SERIAL};
use fieldlock::native::Form;
use fieldlock::pipeline::folder::{FORMS, INDEX, redacted, sheets};
use fieldlock::pipeline::receipts::{ENDING, FOLDER};
use fieldlock::pipeline::returned::{receipt_of, standing, whole_chain};
use fieldlock::pipeline::{ReadySite, backup};
use fieldlock::platform;
use fieldlock::report;
use fieldlock::report::escape;
use fieldlock::secret::{Search, SecretValue, Sought};
use fieldlock::sheet::Sheet;
use fieldlock::sheet::answers::{Answers, MAX_LEN as MAX_ANSWERS};
use fieldlock::site::SiteDevice;
use fieldlock::site::files::{FileProblem, Root};
use fieldlock::site::identity::same_serial;
use fieldlock::site::output::NewFile;

use super::apply::journal::name;
use super::args::SignArgs;
use super::exit::Exit;
use super::problem::Problem;
use super::secret::{StoreArgs, StoreSite, owned, write};
use super::signing::Purpose;
use super::{put, receipt, signing, site, terminal};

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

const UNCHANGED: &str = "nothing was brought: the site is as it was before";
/// As many files of a stick are looked at.
const MOST: usize = 10_000;

/// Something that came home.
struct Come {
    receipt: Receipt,
    signature: Option<Vec<u8>>,
    /// The saved answers that it was made of, with the name of their file.
    answers: Option<NewFile>,
}

pub(crate) fn run(args: ReturnArgs) -> Result<Exit, Problem> {
    let stick = Root::open(&args.dir).map_err(|problem| Problem::from(problem).state(UNCHANGED))?;
    let opened = site::open(args.store.site.as_deref())?;
    let folder = opened.root.path().to_owned();
    let locked = put::lock_unless(false, &folder)?;
    let ready = site::ready(opened, None)?;
    let come = read(&args, &stick, &ready)?;
    if come.is_empty() {
        return Err(Problem::invalid(format!("there is no receipt and no saved answer in `{}`", args.dir.display()))
            .help("give the folder of the stick that `fieldlock apply` worked from, or that answers were saved into")
            .state(UNCHANGED));
    }
    let devices: BTreeSet<&str> = come.iter().map(|one| &*one.receipt.begun().device).collect();
    no_secret(&args, &come, &devices)?;
    let signers = Purpose::Receipts.signers(args.allowed_signers.as_deref())?;
    let (mut put, mut take, mut told) = (Vec::new(), Vec::new(), String::new());
    for one in &come {
        bring(&stick, &ready, one, &signers, (&mut put, &mut take, &mut told))?;
    }
    backups(&stick, &ready, &mut put)?;
    let new = new_files(&folder, put, &take)?;
    let count = new.len();
    if let Some(locked) = locked.filter(|_| count > 0) {
        locked.change(&new, &take).map_err(|why| put::unwritten(&why))?;
    }
    told.push_str(&proved(&args, &come)?);
    told.push_str(&match count {
        0 => "all of it was in the site already\n".to_owned(),
        1 => "1 file is new in the site: commit it\n".to_owned(),
        count => format!("{count} files are new in the site: commit them together\n"),
    });
    terminal::print(&told)?;
    Ok(Exit::Done)
}

/// Everything that lies on the stick, receipts first; nothing that is not of this site.
fn read(args: &ReturnArgs, stick: &Root, ready: &ReadySite) -> Result<Vec<Come>, Problem> {
    let names = stick.list_all().map_err(|problem| Problem::from(problem).state(UNCHANGED))?;
    let refused = |name: &str, why: &str| {
        Problem::refused(format!("`{name}`: {why}"))
            .help("take it off the stick, or bring the right one; a person decides")
            .state(UNCHANGED)
    };
    let bytes = |name: &str, most: usize| {
        stick.read_bytes(name, most).map_err(|problem| Problem::from(problem).state(UNCHANGED))
    };
    let mut come = Vec::new();
    let ours = |name: &&String| Path::new(name).extension().is_some_and(|ending| ending == ENDING);
    for path in names.iter().filter(ours).take(MOST) {
        let receipt = Receipt::read(&bytes(path, MAX_LEN)?).map_err(|why| refused(path, &why.to_string()))?;
        let signature = match stick.read_bytes(&format!("{path}.sig"), MAX_SIGNATURE_LEN) {
            Ok(signature) => Some(signature),
            Err(FileProblem::Missing { .. }) => None,
            Err(problem) => return Err(Problem::from(problem).state(UNCHANGED)),
        };
        come.push(Come { receipt, signature, answers: None });
    }
    let mut saved = Vec::new();
    let is_saved = |name: &&String| name.ends_with(".json") && name.contains("-answers-");
    for path in names.iter().filter(is_saved).take(MOST) {
        let bytes = bytes(path, MAX_ANSWERS + 1)?;
        let answers = Answers::read(&bytes).map_err(|why| refused(path, &why.to_string()))?;
        saved.push((path.clone(), bytes, answers));
    }
    let last = whole_chain(saved.iter().map(|(path, bytes, answers)| (&**path, Digest::of(bytes), answers)));
    for at in last.map_err(|(a, b)| refused(&a, &format!("and `{b}` answer the same rows of one sheet otherwise")))? {
        let (path, bytes, answers) = &saved[at];
        let device = &answers.sheet.device;
        let sheet = sheet_of(stick, device, answers.sheet.sheet)
            .ok_or_else(|| refused(path, "the sheet that it answers is not on the stick beside it"))?;
        let image = image_of(stick, &sheet);
        let receipt =
            receipt_of(&sheet, answers, Digest::of(bytes), image).map_err(|why| refused(path, &why.to_string()))?;
        let signature = args
            .sign
            .sign_key
            .as_deref()
            .map(|key| signing::sign_as(receipt.bytes(), key, RECEIPT_NAMESPACE, "the receipt"));
        let file = (format!("{FOLDER}/{}", answers.file_name(bytes)), bytes.clone());
        come.push(Come { receipt, signature: signature.transpose()?, answers: Some(file) });
    }
    for one in &come {
        let begun = one.receipt.begun();
        if *begun.site != *ready.site.name {
            return Err(refused(&name(&one.receipt), &format!("it is of the site `{}`", begun.site)));
        }
        let device = site::device(&ready.site, &begun.device).map_err(|problem| problem.state(UNCHANGED))?;
        right_device(device, &one.receipt).map_err(|why| refused(&name(&one.receipt), &why))?;
    }
    Ok(come)
}

/// The serial number that was seen is that of the description, or a spare part took its place.
fn right_device(device: &SiteDevice, receipt: &Receipt) -> Result<(), String> {
    let described = device.own.value(ASSET_SERIAL).map(|fact| fact.value.plain());
    let rebound = receipt.lines().iter().any(|line| matches!(line.event, Event::Rebound(_)));
    match described.zip(receipt.serial()) {
        Some((described, seen)) if !rebound && !same_serial(&described, seen) => {
            Err(format!("the serial number that was seen is {seen}, that of {} is {described}", device.name))
        }
        _ => Ok(()),
    }
}

/// The files of one receipt, and what is said of it.
fn bring(
    stick: &Root,
    ready: &ReadySite,
    one: &Come,
    signers: &AllowedSigners,
    (put, take, told): (&mut Vec<NewFile>, &mut Vec<String>, &mut String),
) -> Result<(), Problem> {
    let begun = one.receipt.begun();
    let Some(device) = ready.site.device(&begun.device) else { return Ok(()) };
    let path = format!("{FOLDER}/{}", name(&one.receipt));
    put.push((path.clone(), one.receipt.bytes().to_vec()));
    put.extend(one.signature.clone().map(|signature| (format!("{path}.sig"), signature)));
    put.extend(one.answers.clone());
    let sheet = Digest::from_hex(&begun.sheet).and_then(|digest| sheet_of(stick, &begun.device, digest));
    let lines = sheet
        .as_ref()
        .and_then(|sheet| Some(standing(sheet, &reviewed(stick, sheet)?, &platform::at(device), &one.receipt)));
    put.extend(
        lines
            .iter()
            .filter(|lines| !lines.is_empty())
            .map(|lines| (format!("{}.sheet", path.trim_end_matches(".receipt")), lines.clone().into_bytes())),
    );
    rebind(ready, device, &one.receipt, (put, take));
    let signed = receipt::signed(one.receipt.bytes(), one.signature.as_deref(), signers);
    let signed = signed.map_or_else(|why| format!("not proved: {why}"), |signer| format!("signed by {signer}"));
    told.push_str(&format!(
        "{}  {}  {}\n",
        one.receipt.number(),
        escape::line(&signed),
        escape::line(&report::receipt::ending(&one.receipt))
    ));
    if sheet.is_some() && lines.is_none() || sheet.is_none() && !begun.sheet.is_empty() {
        told.push_str(
            "  what it confirms lies beneath no rule: its sheet, or the text that was reviewed, is not on the stick\n",
        );
    }
    Ok(())
}

/// The sheet of a device on the stick, where it is this one.
fn sheet_of(stick: &Root, device: &str, digest: Digest) -> Option<Sheet> {
    let [data, ..] = sheets(device);
    let bytes = stick.read_bytes(&data, fieldlock::sheet::MAX_LEN).ok()?;
    Sheet::read(&bytes).ok().filter(|sheet| sheet.digest() == digest)
}

/// The image that the list on the stick names for a sheet's device, where it is of the same revision.
fn image_of(stick: &Root, sheet: &Sheet) -> String {
    let index = stick.read_bytes(INDEX, fieldlock::ledger::index::MAX_INDEX_LEN).ok();
    let index = index.and_then(|bytes| fieldlock::ledger::parse_index(&bytes).ok());
    let entry = index.as_ref().and_then(|index| index.image(&sheet.device));
    entry.filter(|entry| entry.revision == sheet.revision).map(|entry| entry.image.to_string()).unwrap_or_default()
}

/// The sheet's part of the text that was reviewed, where all of that is on the stick.
fn reviewed(stick: &Root, sheet: &Sheet) -> Option<String> {
    let text = |form| stick.read_bytes(&redacted(&sheet.device, form), MAX_LEN).ok();
    let texts: Vec<Vec<u8>> = FORMS.into_iter().filter_map(text).collect();
    let whole = Digest::of_pieces(texts.iter().map(Vec::as_slice)).to_string() == sheet.review;
    text(Form::Sheet).filter(|_| whole).and_then(|bytes| String::from_utf8(bytes).ok())
}

/// A spare part: its description gets the serial number and the address that were seen.
fn rebind(
    ready: &ReadySite,
    device: &SiteDevice,
    receipt: &Receipt,
    (put, take): (&mut Vec<NewFile>, &mut Vec<String>),
) {
    if !receipt.lines().iter().any(|line| matches!(line.event, Event::Rebound(_))) {
        return;
    }
    let seen = |part: Part| {
        receipt.lines().iter().rev().find_map(|line| match &line.event {
            Event::Identity(identity) if identity.part == part && !identity.fits => Some(identity.seen.clone()),
            _ => None,
        })
    };
    let mut edits = Vec::new();
    for (path, part) in [(ASSET_SERIAL, Part::Serial), (ASSET_MAC, Part::Mac)] {
        let place = device.own.value(path).map(|fact| fact.origin.loc()).filter(|loc| loc.file == device.loc.file);
        edits.extend(place.zip(seen(part)).map(|(loc, seen)| (loc.span, fieldlock::model::facts::quote(&seen))));
    }
    let Some(file) = ready.sources.get(device.loc.file).filter(|_| !edits.is_empty()) else { return };
    let mut text = file.text().to_string();
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, new) in edits {
        text.replace_range(span.start as usize..span.end as usize, &new);
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

/// With the passphrase at hand: no value of a secret of these devices stands in any text.
fn no_secret(args: &ReturnArgs, come: &[Come], devices: &BTreeSet<&str>) -> Result<(), Problem> {
    if !args.store.passphrase.is_given() {
        terminal::complain(
            "note: secrets were not looked for in what came home: --passphrase-file opens the store for that\n",
        );
        return Ok(());
    }
    let place = StoreSite::open(&args.store)?;
    let keyring = place.keyring(&args.store)?;
    let mut values: Vec<(String, SecretValue)> = Vec::new();
    for owner in devices.iter().copied().chain(["shared"]) {
        for (name, stored) in owned(&keyring, owner)?.secrets {
            let all = std::iter::once(stored.now()).chain(stored.earlier());
            values.extend(all.map(|version| (name.to_string(), SecretValue::copy_of(version.value.expose()))));
        }
    }
    let Some(search) = Search::of(values.iter().map(|(name, value)| (Sought::Secret(name), value.expose()))) else {
        return Ok(());
    };
    for one in come {
        let texts = std::iter::once(one.receipt.bytes()).chain(one.answers.as_ref().map(|(_, bytes)| &**bytes));
        if let Some((sought, _)) = texts.into_iter().find_map(|text| search.find(text)) {
            return Err(Problem::refused(format!(
                "{sought} stands in what came home of {}",
                one.receipt.begun().device
            ))
            .help("it is not shown and not kept: take it out, and change the secret; whoever has the stick has it")
            .state(UNCHANGED));
        }
    }
    Ok(())
}

/// Old values of secrets go that a receipt proves to be on the device no more.
fn proved(args: &ReturnArgs, come: &[Come]) -> Result<String, Problem> {
    if !args.store.passphrase.is_given() {
        return Ok(String::new());
    }
    let place = StoreSite::open(&args.store)?;
    let keyring = place.keyring(&args.store)?;
    let mut changed = BTreeMap::new();
    let mut told = String::new();
    for one in come {
        let (begun, number) = (one.receipt.begun(), one.receipt.number());
        let mut own = match changed.remove(&begun.device) {
            Some(own) => own,
            None => owned(&keyring, &begun.device)?,
        };
        let mut dropped = 0;
        // the value that was typed is that of the image: it has to be in force since before the work began
        let typed: BTreeSet<&str> = one.receipt.confirmed().iter().map(|row| &*row.value).collect();
        for (name, stored) in own.secrets.iter_mut().filter(|(name, _)| typed.contains(name.as_str())) {
            let since = stored.now().since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            if !stored.earlier().is_empty() && *since <= *one.receipt.times().0 && sealed_since(&place, one, &since) {
                dropped += stored.prove(&number);
                told.push_str(&format!("  {name} is proved to be on the device: {number}\n"));
            }
        }
        if dropped > 0 {
            changed.insert(begun.device.clone(), own);
        }
    }
    if !changed.is_empty() {
        let locked = place.lock()?;
        write(&place, &keyring, &locked, changed)?;
    }
    Ok(told)
}

/// Whether the image that was worked from was sealed with the value that is in force: its build is no older.
fn sealed_since(place: &StoreSite, one: &Come, since: &str) -> bool {
    let index = place.root.join(site::OUT).join("index.json");
    let read = std::fs::read(index).ok().and_then(|bytes| fieldlock::ledger::parse_index(&bytes).ok());
    let begun = one.receipt.begun();
    read.is_some_and(|index| {
        let ours = index.image(&begun.device).is_some_and(|entry| entry.image.to_string() == begun.image);
        ours && *index.judged_at >= *since
    })
}
