//! What the device had before, kept before anything is written to it: its own export, sealed. A device that exports
//! nothing that can be read has the capture at hand, and that is said.

use std::path::{Path, PathBuf};

use fieldlock::dialect::SiteTables;
use fieldlock::image::Digest;
use fieldlock::ledger::receipt::{Backup, Event};
use fieldlock::model::device::PlatformKind;
use fieldlock::native::HIDDEN;
use fieldlock::pipeline::backup::{FOLDER, Of, seal};
use fieldlock::platform;
use fieldlock::secret::SecretValue;
use fieldlock::site::identity::Tells;
use fieldlock::site::output::Access;
use zeroize::Zeroizing;

use super::super::problem::Problem;
use super::super::{entropy, file, incoming};
use super::journal::beside;
use super::unlocked::Unlocked;
use super::{ApplyArgs, NOTHING, Stick};

/// The largest export that is kept, in bytes.
const MAX_EXPORT: usize = 8 << 20;

/// What there is of the device as it was.
pub(super) enum Before {
    /// What it exported.
    Export(Box<Export>),
    /// Nothing but what was read earlier.
    Capture(String),
}

/// What a device exported.
pub(super) struct Export {
    /// The file, as it is.
    pub(super) bytes: SecretValue,
    /// What stands in it, where that can be read.
    pub(super) text: Option<Zeroizing<String>>,
    /// Whether the device encrypted it.
    pub(super) encrypted: bool,
    /// What it tells of the device.
    pub(super) tells: Option<Tells>,
}

/// Looks at what was exported; nothing is written yet.
pub(super) fn look(args: &ApplyArgs, stick: &Stick, export: Option<&PathBuf>) -> Result<Before, Problem> {
    let device = &args.device;
    let kind = PlatformKind::ALL.into_iter().find(|kind| kind.word() == stick.core.platform);
    let Some(path) = export else {
        return match kind.is_some_and(|kind| platform::of(kind).machine.is_some()) {
            true => Err(Problem::refused(format!("there is no backup of {device}, and it can be read"))
                .help("export its configuration, or record its running-config, and give the file with --backup")
                .state(NOTHING)),
            false => Ok(Before::Capture(match &*stick.sheet.head.compared {
                "" => "nothing was ever read from it, and it exports nothing that can be read".to_owned(),
                compared => format!("the {compared}: it exports nothing that can be read"),
            })),
        };
    };
    let bytes = file::read_document(path, MAX_EXPORT + 1).map_err(|error| {
        Problem::invalid(format!("the backup can't be read from `{}`: {error}", path.display())).state(NOTHING)
    })?;
    if bytes.is_empty() || bytes.len() > MAX_EXPORT {
        return Err(Problem::invalid(format!("a backup has 1 byte to {} MiB", MAX_EXPORT >> 20)).state(NOTHING));
    }
    let read = incoming::read(std::slice::from_ref(path), &args.keys, &SiteTables::default(), kind);
    let read = read.map_err(|problem| problem.state(NOTHING))?;
    // a text that people may read, and no export: it would bring back the words that stand for what is hidden
    let redacted = |text: &[u8]| [HIDDEN, "<secret "].iter().any(|sign| holds(text, sign.as_bytes()));
    let texts = read.files.iter().map(|(incoming, _)| incoming.reading.text.as_bytes()).chain([&bytes[..]]);
    if texts.into_iter().any(redacted) {
        return Err(Problem::refused(format!(
            "secrets are blanked in `{}`: it is a capture, and no backup",
            path.display()
        ))
        .help("give the file that was exported from this very device just now, as the device wrote it")
        .state(NOTHING));
    }
    let bytes = SecretValue::copy_of(&bytes);
    let export = match (&read.files[..], kind) {
        ([(incoming, _)], Some(kind)) if incoming.on.kind == kind => Export {
            bytes,
            text: Some(incoming.reading.text.clone()),
            encrypted: incoming.encrypted,
            tells: Some(incoming.tells.clone()),
        },
        // an export that nobody can read is kept all the same
        ([], Some(kind)) if platform::of(kind).machine.is_none() => {
            Export { bytes, text: None, encrypted: false, tells: None }
        }
        _ => {
            return Err(Problem::refused(format!("`{}` is nothing that {device} exports", path.display()))
                .help("give the file that was exported from this very device just now")
                .state(NOTHING));
        }
    };
    Ok(Before::Export(Box::new(export)))
}

fn holds(text: &[u8], sign: &[u8]) -> bool {
    text.windows(sign.len()).any(|window| window == sign)
}

impl Before {
    /// What the device tells of itself.
    pub(super) fn tells(&self) -> Option<&Tells> {
        match self {
            Before::Export(export) => export.tells.as_ref(),
            Before::Capture(_) => None,
        }
    }

    /// Seals it, and puts it beside the receipts.
    pub(super) fn keep(&self, stick: &Stick, unlocked: &Unlocked<'_>, to: &Path) -> Result<Event, Problem> {
        let export = match self {
            Before::Capture(what) => return Ok(Event::Backup(Backup { digest: String::new(), what: what.clone() })),
            Before::Export(export) => SecretValue::copy_of(export.bytes.expose()),
        };
        let of = Of { site: &stick.core.site, device: &stick.core.device };
        let sealed = seal(export, of, &stick.core.group, unlocked.key()?, &mut entropy::System);
        let sealed = sealed.map_err(|why| Problem::invalid(why.to_string()).help(why.help()).state(NOTHING))?;
        let name = name(of.device, sealed.digest);
        let kept = |why: &dyn std::fmt::Display| {
            Problem::invalid(format!("the backup can't be kept: {why}"))
                .help("--to names a folder that can be written to; without a backup nothing is changed")
                .state(NOTHING)
        };
        let folder = beside(to, FOLDER).map_err(|why| kept(&why))?;
        folder.put(&name, &sealed.bytes, Access::Owner, false).map_err(|why| kept(&why))?;
        Ok(Event::Backup(Backup { digest: sealed.digest.to_string(), what: format!("{FOLDER}/{name}") }))
    }
}

/// `np07-91c077abe2f4.flk`
fn name(device: &str, digest: Digest) -> String {
    format!("{device}-{}.flk", &digest.to_string()[..12])
}
