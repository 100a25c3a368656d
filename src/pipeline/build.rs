//! Sealing what complies, into an output folder that changes whole or not at all.

mod previous;
mod lock;
mod cache;
mod secrets;
mod keep;
mod leaks;
mod render;
mod device;
mod carry;
mod chain;
mod draft;
mod error;

pub use error::BuildError;
pub use previous::Before;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use self::cache::Memos;
use self::carry::Carried;
use self::device::{Settled, Shared, Wish};
use self::leaks::Leaks;
use self::lock::Lock;
use self::previous::Previous;
use super::gather::{self, Selection};
use super::why::Why;
use super::{Plant, clock, compare, folder};
use crate::finding::{Finding, Severity, codes};
use crate::image::{Entropy, GroupKey, PassphraseKey};
use crate::ledger::SeenRevisions;
use crate::ledger::signature::{AllowedSigners, PublicKey};
use crate::policy::{Evaluation, Judgement, NotCompliant};
use crate::report::{self, Left, Outcome, Report, Sealing};
use crate::secret::{SecretValue, Secrets};
use crate::site::output::{OutDir, OutProblem};

/// The key of a group's passphrase, derived with a salt; `None`, where there is none: whoever handed it in knows why.
pub type KeyOf<'a> = dyn Fn(&str, Option<[u8; 16]>) -> Option<PassphraseKey> + Sync + 'a;

/// The key of a group, wrapped for its recipients by the `age` program; `None` where that failed: whoever handed it in
/// knows why.
pub type Wrap<'a> = dyn Fn(&str) -> Option<GroupKey> + Sync + 'a;

/// Signs the bytes of an index; `None` where that failed: whoever handed it in knows why.
pub type Sign<'a> = dyn Fn(&[u8]) -> Option<Vec<u8>> + Sync + 'a;

/// Who opens the images beside those who have the passphrase.
#[derive(Clone, Copy)]
pub struct Recipients<'a> {
    /// Their public lines, ascending, none twice: the index names them.
    pub lines: &'a [String],
    /// A fresh key of a group, once per build.
    pub wrap: &'a Wrap<'a>,
}

/// What a build needs, beside the plant.
pub struct Order<'a> {
    /// The devices, what fails, now.
    pub selection: Selection<'a>,
    /// Values of secrets.
    pub secrets: &'a Secrets,
    /// The key of a group, asked for once something is to be sealed: with the salt that the images of the build before
    /// have, which is a suggestion; without one if the key doesn't open them. `None`: recipients alone open the images.
    pub key: Option<&'a KeyOf<'a>>,
    /// The passphrases that keys were derived from by then, with their groups: none of them may stand in a public file.
    pub passphrases: &'a (dyn Fn() -> Vec<(String, SecretValue)> + Sync),
    /// Who else opens the images.
    pub recipients: Option<Recipients<'a>>,
    /// The output folder, opened once something is to be sealed.
    pub out: &'a (dyn Fn() -> Result<OutDir, OutProblem> + Sync),
    /// Where the build before lies.
    pub before: Before<'a>,
    /// What this computer saw of images: revisions count on from there, so that it refuses none that it makes as older.
    pub seen: Option<&'a SeenRevisions>,
    /// What an earlier build of the same person remembered, from a place that nobody else writes to; empty where nothing is.
    pub memo: &'a [u8],
    /// Signs the index, where it is to be signed. Images that recipients alone open have to be: whoever knows the
    /// recipients could have made them.
    pub sign: Option<&'a Sign<'a>>,
    /// The public half of the key that it signs with, where that is known: a list that has this key's signature already needs
    /// no other.
    pub signer: Option<PublicKey>,
    /// Whose signatures count, where anybody's do: then the list of the build before is believed only if one of them
    /// signed it.
    pub signers: Option<&'a AllowedSigners>,
    /// A source of randomness for one thread.
    pub entropy: &'a (dyn Fn() -> Box<dyn Entropy> + Sync),
    /// Whether devices that comply are built though others fail.
    pub keep_going: bool,
    /// The commit of the site's files, its time, and whether something is uncommitted; empty outside git.
    pub commit: Commit,
    /// Called once per device: sealed, kept, or refused.
    pub progress: Option<&'a (dyn Fn() + Sync)>,
}

/// Where the site's files stand in git.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// The commit, in hexadecimal.
    pub id: String,
    /// When it was committed, `YYYY-MM-DDTHH:MM:SSZ`.
    pub time: String,
    /// Whether files differ from it.
    pub dirty: bool,
}

/// What a build did.
pub struct Built {
    /// Everything found, changed and written.
    pub report: Report,
    /// Whether the output folder holds this build now.
    pub wrote: bool,
    /// What the next build need not find out again; nothing of it is secret. `None` where nothing was built.
    pub memo: Option<Vec<u8>>,
}

impl Built {
    fn nothing(report: Report) -> Built {
        Built { report, wrote: false, memo: None }
    }
}

/// Judges, compares, seals and writes. Nothing is written where a device fails, unless the order says to keep going.
/// An image of the build before stays where nothing about it would change. With placeholders for secrets everything but
/// sealing is done, in a folder that says so.
///
/// # Errors
/// Of the output folder, of the build before, of key and signature; everything else is in the report.
pub fn build(plant: &Plant, order: &Order<'_>) -> Result<Built, BuildError> {
    if matches!(order.secrets, Secrets::Placeholder) {
        return draft::draft(plant, order);
    }
    let selection = &order.selection;
    let judgement = plant.judge(order.secrets, selection.now);
    let mut report = gather::report(plant, &judgement, "build", selection);
    report.commit = said_commit(plant, order);
    gather::tighten(&mut report);
    report.findings.extend(late(plant, order, &order.commit.time, COMMIT));
    let failing = gather::failing(&report);
    report.devices.iter_mut().filter(|d| failing.contains(&d.name)).for_each(|d| d.complies = false);
    compare::add(plant, &judgement, order.secrets, selection, &mut report);
    compare::add_first(plant, &judgement, &mut report);

    let block_on = gather::block_on(plant);
    let by_name = judgement.by_name();
    let complying = report.devices.iter().enumerate().filter(|(_, d)| d.complies);
    let chosen: Vec<(usize, &Evaluation<'_>)> =
        complying.filter_map(|(at, d)| Some((at, *by_name.get(&*d.name)?))).collect();
    report.findings.extend(unproved(&judgement, block_on, selection, false));
    let hopeless = gather::hopeless(&report);
    // a device whose file can't be read is not among the report's, and fails the run all the same
    let all = chosen.len() == report.devices.len() && report.outcome() < Outcome::Fails;
    if hopeless || !(all || order.keep_going) {
        gather::refuse(plant, &judgement, &mut report, |_| true);
        return Ok(Built::nothing(report));
    }
    // those that comply are rendered in any case
    gather::refuse(plant, &judgement, &mut report, |device| !device.complies);

    if order.key.is_none() && order.sign.is_none() {
        return Err(BuildError::Unsigned);
    }
    let out = (order.out)()?;
    let previous = Previous::find(order, &plant.site.name, &out)?;
    let judged_at = previous.index().map_or("", |index| &index.judged_at);
    if let Some(finding) = late(plant, order, judged_at, BUILD_BEFORE) {
        report.findings.push(finding);
        return Ok(Built::nothing(report));
    }
    let locks = locks(plant, order, &previous, &chosen)?;
    report.findings.extend(locks.iter().filter_map(|(group, lock)| lock::stranger(plant, group, lock)));
    let packs = plant.index_packs();
    let certificates = plant.certificates();
    let why = Why::of(plant);
    let memos = Memos::new(plant, order.memo, &locks, order.secrets, certificates);
    let unreadable = gather::unreadable(plant);
    // known by now, where they were asked for; everybody knows a demo's
    let passphrases = if plant.site.demo { Vec::new() } else { (order.passphrases)() };
    let leaks = Leaks::of(order.secrets, &passphrases);
    let shared = Shared {
        leaks: &leaks,
        plant,
        order,
        out: &out,
        previous: &previous,
        locks: &locks,
        packs: &packs,
        certificates,
        memos: &memos,
        why: &why,
        block_on,
        unreadable: &unreadable,
    };
    let settle = |(at, evaluation): &(usize, &Evaluation<'_>)| {
        let settled = device::settle(&shared, evaluation, Wish::Build);
        if let Some(progress) = order.progress {
            progress();
        }
        settled.map(|settled| (*at, settled))
    };
    let done: Vec<(usize, _)> = chosen.par_iter().map(settle).collect::<Result<_, _>>()?;

    let mut images = Vec::new();
    let mut remembered = Vec::new();
    let mut failed = false;
    for (at, settled) in done {
        match settled {
            Ok(Settled { entry, memo, image, native, written, findings }) => {
                images.push(entry);
                remembered.extend(memo);
                report.devices[at].image = Some(image);
                report.devices[at].native = Some(native);
                report.written.extend(written);
                report.findings.extend(findings);
            }
            Err(findings) => {
                failed = true;
                report.devices[at].complies = false;
                report.findings.extend(findings);
            }
        }
    }
    if images.is_empty() || (failed || report.outcome() >= Outcome::Fails) && !order.keep_going {
        report.written.clear();
        report.devices.iter_mut().for_each(|d| d.image = None);
        return Ok(Built::nothing(report));
    }
    let made: HashSet<&str> = images.iter().map(|entry| &*entry.device).collect();
    let carried = left_out(&shared, &by_name, &made)?;
    for Carried { entry, memo, written } in carried {
        report.left.push(Left { device: entry.device.clone(), revision: entry.revision.into() });
        images.push(entry);
        remembered.extend(memo);
        report.written.extend(written);
    }
    let old = previous.index().map_or(&[][..], |index| &index.images);
    let new: HashSet<&str> = images.iter().map(|new| &*new.device).collect();
    let gone = old.iter().filter(|old| !new.contains(&*old.device));
    report.gone.extend(gone.map(|old| Left { device: old.device.clone(), revision: old.revision.into() }));
    report.sealing = Sealing {
        groups: locks.keys().cloned().collect(),
        passphrase: order.key.is_some(),
        recipients: order.recipients.map_or(0, |r| r.lines.len()),
        expected: order.signers.is_some(),
        ..Sealing::default()
    };
    chain::stage(&shared, images, &mut report)?;
    let leaked = leaks.findings(plant);
    if !leaked.is_empty() {
        report.findings.extend(leaked);
        report.written.clear();
        report.devices.iter_mut().for_each(|d| d.image = None);
        return Ok(Built::nothing(report));
    }
    out.commit()?;
    Ok(Built { report, wrote: true, memo: cache::written(remembered) })
}

/// Where the site's files stand in git; a demo proves nothing, whatever it was built from.
fn said_commit(plant: &Plant, order: &Order<'_>) -> Option<report::Commit> {
    let Commit { id, dirty, .. } = &order.commit;
    (!id.is_empty() && !plant.site.demo).then(|| report::Commit { id: id.clone(), dirty: *dirty })
}

/// Refused: a clock that is behind what is built. What has ended would be in force again.
fn late(plant: &Plant, order: &Order<'_>, time: &str, (what, help): (&str, &str)) -> Option<Finding> {
    let later = clock::behind(order.selection.now, [time])?;
    let (now, later) = (gather::said(order.selection.now), gather::said(later));
    let message = format!(
        "this machine's clock says {now}, and {what} is of {later}: waivers and keys that have ended would count again"
    );
    Some(
        Finding::new(codes::site::CLOCK, plant.site.loc, message)
            .help(format!("set the clock; where it is right, {help}")),
    )
}

const COMMIT: (&str, &str) = ("the commit", "commit again: whoever did had a wrong one");
const BUILD_BEFORE: (&str, &str) =
    ("the build before", "that one was made with a wrong clock: name an earlier one with `--previous`");

/// The keys of the groups whose devices are sealed.
fn locks(
    plant: &Plant,
    order: &Order<'_>,
    previous: &Previous<'_>,
    chosen: &[(usize, &Evaluation<'_>)],
) -> Result<BTreeMap<String, Lock>, BuildError> {
    let mut locks = BTreeMap::new();
    for (_, evaluation) in chosen {
        let group = plant.site.group(&evaluation.judged.device.name);
        if !locks.contains_key(group) {
            let devices = plant.site.devices.iter().filter(|device| plant.site.group(&device.name) == group);
            let lock = lock::lock(order, previous, group, devices.map(|device| &*device.name))?;
            locks.insert(group.to_owned(), lock);
        }
    }
    Ok(locks)
}

/// Devices of the site that have an image and that this build makes none of, since it was not asked for them or they fail:
/// all of them are carried over, or nothing is built. An image that was left behind would take its revision with it.
fn left_out(
    shared: &Shared<'_>,
    by_name: &HashMap<&str, &Evaluation<'_>>,
    made: &HashSet<&str>,
) -> Result<Vec<Carried>, BuildError> {
    let (plant, previous) = (shared.plant, shared.previous);
    let asked = |name: &str| plant.site.device(name).is_none_or(|device| (shared.order.selection.devices)(device));
    let has_image = |name: &&str| previous.entry(name).is_some() || shared.out.has(&folder::image(name));
    // one whose file can't be read is a device of the site too
    let names = plant.site.devices.iter().map(|d| &*d.name).chain(plant.site.unsound.iter().map(|name| &**name));
    let others: BTreeSet<&str> = names.filter(|name| !made.contains(name)).filter(has_image).collect();
    let others: Vec<&str> = others.into_iter().collect();
    let carry = |name: &&str| carry::carry(shared, name, by_name.get(name).copied());
    let carried: Vec<Option<Carried>> = others.par_iter().map(carry).collect::<Result<_, OutProblem>>()?;
    let lost = others.iter().zip(&carried).filter(|(_, carried)| carried.is_none()).map(|(name, _)| (*name).to_owned());
    let (failing, partial): (Vec<String>, Vec<String>) = lost.partition(|name| asked(name));
    if !partial.is_empty() {
        return Err(BuildError::Partial(partial));
    }
    if !failing.is_empty() {
        return Err(BuildError::Failing(failing));
    }
    Ok(carried.into_iter().flatten().collect())
}

/// Devices that nothing is wrong with and that still can't be sealed: rules wait for the secrets (as they may in a
/// draft), or there are none.
fn unproved(judgement: &Judgement<'_>, block_on: Severity, selection: &Selection<'_>, draft: bool) -> Vec<Finding> {
    let finding = |evaluation: &Evaluation<'_>| {
        let device = evaluation.judged.device;
        let (message, help) = match evaluation.compliant(block_on) {
            Err(NotCompliant::Open(_)) if draft => return None,
            Err(NotCompliant::Open(rules)) => {
                let rules: Vec<&str> = rules.iter().map(|r| &**r).collect();
                let message = format!("`{}` can't be sealed without its secrets: {}", device.name, rules.join(", "));
                (
                    message,
                    "`fieldlock secret generate --missing` makes them, sealed in the site; or give them by `--secrets DIR`, a file \
                     per secret, or `--secrets -`, a JSON map on standard input",
                )
            }
            Err(NotCompliant::NoRules) => {
                let message =
                    format!("no rule in force applies to `{}`: nothing would be proved by sealing it", device.name);
                (message, "name a pack for its platform in `packs` of site.kdl")
            }
            Ok(_) | Err(NotCompliant::Broken(_)) => return None,
        };
        Some(Finding::new(codes::image::UNPROVED, device.loc, message).help(help).device(&*device.name))
    };
    let chosen = judgement.evaluations.iter().filter(|e| (selection.devices)(e.judged.device));
    chosen.filter_map(finding).collect()
}
