//! What lies on a stick that came home: receipts, saved answers, and the sheets and texts that they are of.

use std::path::Path;

use fieldlock::image::Digest;
use fieldlock::ledger::Receipt;
use fieldlock::ledger::index::{MAX_INDEX_LEN, parse_index};
use fieldlock::ledger::receipt::{Event, MAX_LEN};
use fieldlock::ledger::signature::{MAX_SIGNATURE_LEN, RECEIPT_NAMESPACE};
use fieldlock::model::paths::ASSET_SERIAL;
use fieldlock::native::Form;
use fieldlock::pipeline::ReadySite;
use fieldlock::pipeline::folder::{self, FORMS, INDEX, redacted, sheets};
use fieldlock::pipeline::receipts::{ENDING, FOLDER, holds};
use fieldlock::pipeline::returned::{receipt_of, receipts_of, whole_chain};
use fieldlock::plan::file::{MAX_LEN as MAX_PLAN, PlanFile};
use fieldlock::sheet::answers::{Answers, MAX_LEN as MAX_ANSWERS};
use fieldlock::sheet::{FleetDevice, MAX_LEN as MAX_SHEET, Sheet, SheetKind};
use fieldlock::site::SiteDevice;
use fieldlock::site::files::{FileProblem, Root};
use fieldlock::site::identity::same_serial;
use fieldlock::site::output::NewFile;

use super::super::apply::journal::name;
use super::super::problem::Problem;
use super::super::{clock, signing, site};
use super::{ReturnArgs, UNCHANGED};

/// As many files of a stick are looked at.
const MOST: usize = 10_000;

/// Something that came home.
pub(super) struct Come {
    pub(super) receipt: Receipt,
    pub(super) signature: Option<Vec<u8>>,
    /// The saved answers that it was made of, with the name of their file.
    pub(super) answers: Option<NewFile>,
}

/// Everything that lies on the stick, receipts first; nothing that is not of this site. Then what stays there, in a
/// sentence each: answers of a sheet that is not there any more.
pub(super) fn read(args: &ReturnArgs, stick: &Root, ready: &ReadySite) -> Result<(Vec<Come>, Vec<String>), Problem> {
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
    let (mut saved, mut left) = (Vec::new(), Vec::new());
    let is_saved = |name: &&String| name.ends_with(".json") && name.contains("-answers-");
    for path in names.iter().filter(is_saved).take(MOST) {
        let bytes = bytes(path, MAX_ANSWERS + 1)?;
        let answers = Answers::read(&bytes).map_err(|why| refused(path, &why.to_string()))?;
        saved.push((path.clone(), bytes, answers));
    }
    let last = whole_chain(saved.iter().map(|(path, bytes, answers)| (&**path, Digest::of(bytes), answers)));
    for at in last.map_err(|(a, b)| refused(&a, &format!("and `{b}` answer the same rows of one sheet otherwise")))? {
        let (path, bytes, answers) = &saved[at];
        let (of, digest) = (&answers.sheet, Digest::of(bytes));
        let fleet = of.kind == SheetKind::Fleet;
        let data = if fleet { folder::fleet(&of.device)[0].clone() } else { sheets(&of.device)[0].clone() };
        // it is a receipt already, of whoever took it to the device
        if come.iter().any(|one: &Come| one.receipt.begun().answers == digest.to_string()) {
            continue;
        }
        let Some(sheet) = sheet_at(stick, &data, of.sheet) else {
            let (site, other) = (&ready.site, stick.read_bytes(&data, MAX_SHEET).is_ok());
            if !other || *of.site != *site.name || !fleet && site.device(&of.device).is_none() {
                return Err(refused(path, "the sheet that it answers is not on the stick beside it"));
            }
            left.push(format!(
                "{path}: answers revision {} of the sheet of {}, saved {}; another one lies here now",
                of.revision, of.device, answers.save.at
            ));
            continue;
        };
        let own = |device: &FleetDevice| {
            let sheet = sheet_of(stick, &device.device, device.sheet)?;
            let image = image_of(stick, &sheet);
            Some((sheet, image))
        };
        let receipts = match fleet {
            true => receipts_of(&sheet, answers, digest, own),
            false => {
                let image = image_of(stick, &sheet);
                let accepted = accepted(stick, &sheet, &image);
                receipt_of(&sheet, answers, digest, (image, accepted)).map(|receipt| vec![receipt])
            }
        };
        for receipt in receipts.map_err(|why| refused(path, &why.to_string()))? {
            let signature = args
                .sign
                .sign_key
                .as_deref()
                .map(|key| signing::sign_as(receipt.bytes(), key, RECEIPT_NAMESPACE, "the receipt"));
            let file = (format!("{FOLDER}/{}", answers.file_name(bytes)), bytes.clone());
            come.push(Come { receipt, signature: signature.transpose()?, answers: Some(file) });
        }
    }
    for one in &come {
        let begun = one.receipt.begun();
        if *begun.site != *ready.site.name {
            return Err(refused(&name(&one.receipt), &format!("it is of the site `{}`", begun.site)));
        }
        let device = site::device(&ready.site, &begun.device).map_err(|problem| problem.state(UNCHANGED))?;
        if holds(&ready.receipts, &one.receipt) {
            continue;
        }
        right_device(device, &one.receipt).map_err(|why| refused(&name(&one.receipt), &why))?;
        let sheet = Digest::from_hex(&begun.sheet).and_then(|digest| sheet_of(stick, &begun.device, digest));
        right_time(&one.receipt, sheet.as_ref()).map_err(|why| {
            Problem::refused(format!("`{}`: {why}", name(&one.receipt)))
                .help(
                    "the laptop's clock was wrong, so nobody knows what is younger: read the device and bring that \
                     (`fieldlock capture`), and keep the receipt elsewhere",
                )
                .state(UNCHANGED)
        })?;
    }
    Ok((come, left))
}

/// The serial number that was seen is that of the description, or a spare part took its place.
fn right_device(device: &SiteDevice, receipt: &Receipt) -> Result<(), String> {
    let described = device.own.value(ASSET_SERIAL).map(|fact| fact.value.plain());
    match described.zip(receipt.serial()) {
        Some((described, seen)) if !receipt.is_rebound() && !same_serial(&described, seen) => {
            Err(format!("the serial number that was seen is {seen}, that of {} is {described}", device.name))
        }
        _ => Ok(()),
    }
}

/// What is laid over a capture by its time has one that can be: not after today, and not before what its sheet rests
/// on.
fn right_time(receipt: &Receipt, sheet: Option<&Sheet>) -> Result<(), String> {
    let (_, ended) = receipt.times();
    let latest = clock::now().checked_add(jiff::SignedDuration::from_hours(24));
    if latest.is_ok_and(|latest| ended.parse::<jiff::Timestamp>().is_ok_and(|ended| ended > latest)) {
        return Err(format!("it says that it was done at {ended}, which is in the future"));
    }
    let day = ended.get(..10).unwrap_or_default();
    match sheet.map(|sheet| &*sheet.head.not_before).filter(|since| !since.is_empty() && day < *since) {
        Some(since) => {
            Err(format!("it says that it was done on {day}, and its sheet rests on what was read on {since}"))
        }
        None => Ok(()),
    }
}

/// The sheet of a device on the stick, where it is this one.
pub(super) fn sheet_of(stick: &Root, device: &str, digest: Digest) -> Option<Sheet> {
    sheet_at(stick, &sheets(device)[0], digest)
}

fn sheet_at(stick: &Root, data: &str, digest: Digest) -> Option<Sheet> {
    let bytes = stick.read_bytes(data, MAX_SHEET).ok()?;
    Sheet::read(&bytes).ok().filter(|sheet| sheet.digest() == digest)
}

/// The image that the list on the stick names for a sheet's device, where it is of the same revision.
fn image_of(stick: &Root, sheet: &Sheet) -> String {
    let index = stick.read_bytes(INDEX, MAX_INDEX_LEN).ok();
    let index = index.and_then(|bytes| parse_index(&bytes).ok());
    let entry = index.as_ref().and_then(|index| index.image(&sheet.device));
    entry.filter(|entry| entry.revision == sheet.revision).map(|entry| entry.image.to_string()).unwrap_or_default()
}

/// That a lock-out was accepted, in the plan of that image.
fn accepted(stick: &Root, sheet: &Sheet, image: &str) -> Option<Event> {
    let plan = PlanFile::read(&stick.read_bytes(&folder::plan(&sheet.device), MAX_PLAN).ok()?).ok()?;
    let is_its =
        !image.is_empty() && (&*plan.site, &*plan.device, &*plan.image) == (&*sheet.site, &*sheet.device, image);
    plan.accepted().filter(|_| is_its)
}

/// The sheet's part of the text that was reviewed, where all of that is on the stick.
pub(super) fn reviewed(stick: &Root, sheet: &Sheet) -> Option<String> {
    let text = |form| stick.read_bytes(&redacted(&sheet.device, form), MAX_LEN).ok();
    let texts: Vec<Vec<u8>> = FORMS.into_iter().filter_map(text).collect();
    let whole = Digest::of_pieces(texts.iter().map(Vec::as_slice)).to_string() == sheet.review;
    text(Form::Sheet).filter(|_| whole).and_then(|bytes| String::from_utf8(bytes).ok())
}
