//! What a build's folder proves: the rungs of `verify`, each file read once, and every rung judged on those bytes.
//!
//! [`listing`] reads the index, behind its signature where signers are trusted. [`verify`] climbs, device by device;
//! the fourth rung needs the [`Source`], the fifth a key. Whoever copies what holds is handed the very bytes that were
//! looked at ([`Task::take`]).

mod content;
mod files;
mod line_ends;
mod listing;
mod reviewed;
mod rows;
mod source;
mod whole;

use std::collections::BTreeSet;

use jiff::Timestamp;
use rayon::prelude::*;

pub use super::public::{Beside, PublicCertificate};
pub use files::{DeviceFiles, MAX_PUBLIC, pages};
pub use listing::{Listing, ListingProblem, Signature, listing};
pub use rows::rows;
pub use source::{Source, SourceSite, Values};

use self::whole::Whole;
use super::pack_digest;
use super::{clock, fleet};
use crate::embedded::POLICIES;
use crate::image::{KdfCeiling, Unlock};
use crate::ledger::receipt::Part;
use crate::ledger::seen::{SeenRevisions, Sighting};
use crate::ledger::{IndexImage, IndexPack, Receipt};
use crate::policy::Packs;
use crate::report::verify::{DeviceRungs, JudgedBy, Ladder, RungAnswer};
use crate::site::files::Root;

/// Takes the files of a device that held, with its entry in the index.
pub type Take<'a> = dyn Fn(&IndexImage, &DeviceFiles) + Sync + 'a;

/// What is to be looked at, and with what.
pub struct Task<'a> {
    /// The folder, held open.
    pub folder: &'a Root,
    /// Its index.
    pub listing: &'a Listing,
    /// Which devices of the index are asked for.
    pub devices: &'a (dyn Fn(&str) -> bool + Sync),
    /// Where the site's own files are.
    pub source: &'a Source<'a>,
    /// What opens the images of a group, if anything does.
    pub unlock: &'a (dyn Fn(&str) -> Option<Unlock<'a>> + Sync),
    /// Whether the content is rendered again, secrets included, and compared. Then, and then only, images are held
    /// against the time of their build; else against the clock.
    pub rebuild: bool,
    /// What this computer saw before.
    pub seen: &'a SeenRevisions,
    /// Whether a person says that something older is meant.
    pub rollback: bool,
    /// The time of the run.
    pub now: Timestamp,
    /// The most memory for a derivation.
    pub ceiling: KdfCeiling,
    /// Called once per device.
    pub progress: Option<&'a (dyn Fn() + Sync)>,
    /// Takes the files of a device that holds on all rungs: the very bytes that were looked at.
    pub take: Option<&'a Take<'a>>,
}

/// What was found.
pub struct Verified {
    /// For people.
    pub ladder: Ladder,
    /// What a computer may remember, where all of it held.
    pub sightings: Vec<Sighting>,
}

/// Climbs. Nothing is written.
pub fn verify(task: &Task<'_>) -> Verified {
    let index = &task.listing.index;
    let asked: Vec<&IndexImage> = index.images.iter().filter(|i| (task.devices)(&i.device)).collect();
    let verified: Vec<(DeviceRungs, Option<Sighting>)> =
        asked.par_iter().filter_map(|entry| verify_device(task, entry)).collect();
    let strangers = files::strangers(task.folder, index);
    let together = fleet::strangers(task.folder, index);
    let (strangers, unreadable) = match strangers.and_then(|own| Ok([own, together?].concat())) {
        Ok(strangers) => (strangers, None),
        Err(problem) => (Vec::new(), Some(problem.to_string())),
    };
    let (devices, sightings): (Vec<DeviceRungs>, Vec<Option<Sighting>>) = verified.into_iter().unzip();
    let signed = match (task.listing.signed(), unreadable) {
        (_, Some(why)) => RungAnswer::Failed(why),
        (Some(signature), None) => RungAnswer::Holds(signature.words()),
        (None, None) => RungAnswer::Open("nobody is trusted here yet: `fieldlock trust add` says who is".to_owned()),
    };
    let ladder = Ladder {
        site: index.site.clone(),
        commit: index.commit.clone(),
        dirty: index.dirty,
        judged_at: index.judged_at.clone(),
        packs: index.packs.iter().map(judged_by).collect(),
        demo: index.demo,
        listed: index.images.len(),
        proved: proved(task, &devices),
        signed,
        devices,
        strangers,
        page: files::page(task.folder, index),
        clock: clock(task),
    };
    Verified { ladder, sightings: sightings.into_iter().flatten().collect() }
}

/// Rung 6, of receipts that are here, the oldest first, each with who signed it.
/// `by_command` is whether a device has settings that no sheet has.
pub fn applied(
    ladder: &mut Ladder,
    listing: &Listing,
    receipts: &[(Receipt, Option<String>)],
    by_command: &dyn Fn(&str) -> bool,
) {
    for rungs in &mut ladder.devices {
        let Some(entry) = listing.index.image(&rungs.device) else { continue };
        let image = entry.image.to_string();
        let of_it = |(receipt, _): &&(Receipt, Option<String>)| {
            let begun = receipt.begun();
            (&*begun.site, &*begun.device, &*begun.image) == (&*listing.index.site, &*rungs.device, &*image)
        };
        let Some((receipt, signer)) = receipts.iter().rev().find(of_it) else { continue };
        // a page that was done on many devices is a receipt of its own
        let of_sheet = |(other, _): &&(Receipt, Option<String>)| other.begun().sheet == receipt.begun().sheet;
        let stands = |(other, _): &&(Receipt, Option<String>)| !other.is_undone();
        let since = receipts.iter().rev().filter(of_it).filter(of_sheet).take_while(stands);
        let rows: BTreeSet<&str> = since.flat_map(|(other, _)| other.confirmed()).map(|row| &*row.id).collect();
        let all = receipt.ended().map_or(0, |ended| ended.left.saturating_add(ended.confirmed));
        let counted = if receipt.is_live() { receipt.commands().0 + receipt.commands().1 } else { rows.len() };
        let left = all.saturating_sub(u32::try_from(counted).unwrap_or(u32::MAX));
        let how = if receipt.is_live() { "read back from the device" } else { "confirmed by a person" };
        let at = receipt.times().1.get(..16).unwrap_or_default().replace('T', " ");
        let serial = receipt.serial().map(|serial| format!(", serial {serial}")).unwrap_or_default();
        let signed = signer.as_ref().map_or("not signed".to_owned(), |signer| format!("signed by {signer}"));
        let words = format!("receipt {}, {at} UTC{serial}, {}; {signed}", receipt.number(), receipt.begun().by);
        let sent = |(other, _): &(Receipt, Option<String>)| other.is_live() && !other.is_undone();
        let unsent = by_command(&rungs.device) && !receipts.iter().filter(of_it).any(sent);
        let why = match () {
            () if left > 0 || receipt.is_undone() => Some(format!("not all of it was done, rows left: {left}")),
            () if unsent => Some("what goes by command was not sent".to_owned()),
            () => stranger(receipt),
        };
        rungs.applied = match why {
            None => RungAnswer::Holds(format!("{words}; {how}")),
            Some(why) => RungAnswer::Open(format!("{words}; {why}")),
        };
    }
}

/// What speaks against it that the work was done on the very device.
fn stranger(receipt: &Receipt) -> Option<String> {
    let other = |part: Part| receipt.seen(part).filter(|seen| !seen.fits);
    match (receipt.seen(Part::Serial), other(Part::Firmware)) {
        (None, _) => Some("nobody looked at the serial number".to_owned()),
        (Some(serial), _) if !serial.fits && !receipt.is_rebound() => {
            Some(format!("the serial number that was seen is {}, not {}", serial.seen, serial.expected))
        }
        (_, Some(firmware)) => {
            Some(format!("the firmware that was seen is {}, not {}", firmware.seen, firmware.expected))
        }
        _ => None,
    }
}

/// A pack by its digest: whoever made the index may say of any text that it was shipped.
fn judged_by(pack: &IndexPack) -> JudgedBy {
    let shipped = Packs::shipped_names(POLICIES).contains(&&*pack.name);
    JudgedBy { known: shipped && pack_digest(&pack.name, &[]) == pack.sha256, pack: pack.clone() }
}

/// One device; `None` where nothing of it is here and nobody asked for it by name.
fn verify_device(task: &Task<'_>, entry: &IndexImage) -> Option<(DeviceRungs, Option<Sighting>)> {
    let files = files::read(task.folder, &entry.device);
    if let Some(progress) = task.progress {
        progress();
    }
    let files = match files {
        Ok(None) => return None,
        Ok(Some(files)) => Ok(files),
        Err(problem) => Err(problem.to_string()),
    };
    let mut device_rungs = DeviceRungs {
        device: entry.device.clone(),
        revision: entry.revision,
        digest: entry.image.short(),
        whole: RungAnswer::Failed(String::new()),
        reviewed: open("the file below it does not hold"),
        source: open("the text below it does not hold"),
        content: open("the file below it does not hold"),
        applied: open("no receipt of it is here"),
        opened: false,
        sheet: false,
        rekeyed: None,
        stale: None,
        back: None,
    };
    let files = match files {
        Ok(files) => files,
        Err(why) => {
            device_rungs.whole = RungAnswer::Failed(why);
            return Some((device_rungs, None));
        }
    };
    let Whole { core, rekeyed } = match whole::look(&files, entry, &task.listing.index) {
        Ok(whole) => whole,
        Err(why) => {
            device_rungs.whole = RungAnswer::Failed(why);
            return Some((device_rungs, None));
        }
    };
    device_rungs.whole = RungAnswer::Holds("checksums and digests fit".to_owned());
    device_rungs.rekeyed = rekeyed;
    device_rungs.reviewed = reviewed::look(&files, &core, entry, &task.listing.index);
    device_rungs.stale = stale(task, entry, &core);
    device_rungs.back = back(task, entry, &core);
    if device_rungs.reviewed.holds() {
        (device_rungs.source, device_rungs.sheet) =
            source::look(task.source, &files, &core, entry, &task.listing.index);
    }
    (device_rungs.content, device_rungs.opened) = content::look(task, &files, &core, entry);
    let held = device_rungs.whole.holds() && device_rungs.reviewed.holds() && device_rungs.stale.is_none();
    let rest = [&device_rungs.source, &device_rungs.content]
        .into_iter()
        .all(|said| matches!(said, RungAnswer::Holds(_) | RungAnswer::Open(_)));
    if held
        && rest
        && let Some(take) = task.take
    {
        take(entry, &files);
    }
    let sighting = (!core.demo).then(|| Sighting::of(&core, entry.image));
    Some((device_rungs, sighting))
}

fn open(why: &str) -> RungAnswer {
    RungAnswer::Open(why.to_owned())
}

/// Genuine or not, may it be used here and now? By the clock and by what this computer saw; a rebuild looks at the
/// past.
fn stale(task: &Task<'_>, entry: &IndexImage, core: &crate::image::Core) -> Option<String> {
    if !task.rebuild && core.ends().is_some_and(|end| task.now > end) {
        return Some(format!("it stands on a waiver that ended on {}", core.not_after));
    }
    let sighting = Sighting::of(core, entry.image);
    if core.demo || task.rollback {
        return None;
    }
    task.seen.check(&sighting).err().map(|error| error.to_string())
}

/// Why an image that is older than what was seen here is taken all the same.
fn back(task: &Task<'_>, entry: &IndexImage, core: &crate::image::Core) -> Option<String> {
    let sighting = Sighting::of(core, entry.image);
    if core.demo {
        return None;
    }
    if task.rollback {
        return task.seen.check(&sighting).err().map(|error| error.to_string());
    }
    let back = task.seen.went_back(&sighting)?;
    Some(format!(
        "revision {} is older than what was seen here; allowed on {}: {}",
        back.revision, back.at, back.reason
    ))
}

/// What proved the origin of all that was looked at.
fn proved(task: &Task<'_>, devices: &[DeviceRungs]) -> Option<String> {
    if let Some(signature) = task.listing.signed() {
        return Some(format!("the signature of {}", signature.signer));
    }
    let opened = !devices.is_empty() && devices.iter().all(|device_rungs| device_rungs.opened);
    // without a signed index `open` takes no recipient's key: it was a passphrase
    let by = "the passphrase: somebody who has it sealed these images; public files and the index rest on nobody";
    (opened && !task.listing.index.demo).then(|| by.to_owned())
}

/// What this machine's clock says, where it can't be right.
fn clock(task: &Task<'_>) -> Option<String> {
    let index = &task.listing.index;
    clock::behind(task.now, [&*index.judged_at, &*index.commit_time])?;
    let now = task.now.strftime("%Y-%m-%d %H:%M UTC");
    Some(format!("this machine's clock says {now}, before the build itself: set it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::receipt::{Begun, Event, How, Identity, Said};

    #[test]
    fn it_was_put_on_the_device_only_where_that_was_seen_to_be_it() {
        let seen = |part, fits| {
            let [expected, seen] = ["1.1", "1.2"].map(str::to_owned);
            Event::Identity(Identity { expected, fits, how: How::Typed, part, seen })
        };
        let why = |events: Vec<Event>| {
            let mut receipt = Receipt::begin(Begun::new("weir", "np07", "ot-lead"), Timestamp::UNIX_EPOCH).unwrap();
            events.into_iter().for_each(|event| drop(receipt.add(event, Timestamp::UNIX_EPOCH).unwrap()));
            stranger(&receipt)
        };
        let spare = || Event::Rebound(Said { text: "CHG-7".into() });
        assert_eq!(why(vec![seen(Part::Serial, true), seen(Part::Firmware, true)]), None);
        assert_eq!(why(vec![seen(Part::Serial, false), spare()]), None);
        for (events, told) in [
            (vec![seen(Part::Firmware, true)], "nobody looked at the serial number"),
            (vec![seen(Part::Serial, false)], "the serial number that was seen is 1.2, not 1.1"),
            (vec![seen(Part::Serial, true), seen(Part::Firmware, false)], "the firmware that was seen is 1.2, not 1.1"),
        ] {
            assert_eq!(why(events).as_deref(), Some(told));
        }
    }
}
