//! Rung 5: what is sealed, to whoever holds the key.

use jiff::Timestamp;

use super::Task;
use super::files::DeviceFiles;
use super::source::Source;
use crate::image::{Core, Expected, OpenError, Opened, PartKind, open};
use crate::ledger::IndexImage;
use crate::native::Token;
use crate::pipeline::folder::{image, redacted};
use crate::report::verify::RungAnswer;
use crate::secret::{Search, Sought};

/// Opens the image, compares it with the redacted files one by one, and with the source where that is asked. The second
/// says whether it was opened and is the text beside it, whatever came after.
pub(super) fn look(task: &Task<'_>, files: &DeviceFiles, core: &Core, entry: &IndexImage) -> (RungAnswer, bool) {
    let Some(unlock) = (task.unlock)(&core.group) else {
        let rely =
            if task.listing.signed().is_some() { "until then you rely on the signer" } else { "nobody vouches for it" };
        let told = format!(
            "it takes the passphrase; {rely}; to prove it the key holder runs `fieldlock verify --rebuild` in front of you"
        );
        return (RungAnswer::Open(told), false);
    };
    let index = &task.listing.index;
    let Some(bytes) = &files.image else { return (RungAnswer::Failed("the image is not here".to_owned()), false) };
    let expected = Expected {
        site: Some(&index.site),
        device: Some(&entry.device),
        origin: task.listing.origin(),
        // whether it may be used here and now is told apart: it says nothing of what is in it
        seen: None,
        now: Timestamp::MIN,
        ceiling: task.ceiling,
    };
    let opened = match open(bytes, &unlock, &expected) {
        Ok(opened) => opened,
        // a key that does not fit accuses nobody
        Err(error @ OpenError::Passphrase(_)) => return (RungAnswer::Unreadable(error.to_string()), false),
        Err(error) => return (RungAnswer::Failed(format!("{error} [{}]", error.class())), false),
    };
    if let Some(name) = differing(&opened, files, &entry.device) {
        return (RungAnswer::Failed(format!("what it holds does not redact to `{name}`")), false);
    }
    if let Some(told) = beside(&opened, files, &entry.device) {
        return (RungAnswer::Failed(told), false);
    }
    let said = match (task.rebuild, task.source) {
        (false, _) => {
            RungAnswer::Holds("opened: it redacts to these very files; the secrets were not compared".to_owned())
        }
        (true, Source::Here(site)) => site.rebuilt(&opened, entry, index),
        (true, Source::Absent(why) | Source::Unreadable(why)) => RungAnswer::Unreadable(why.clone()),
    };
    (said, true)
}

/// The first secret of an opened image that stands in one of the files beside it, which everybody may read.
fn beside(opened: &Opened, files: &DeviceFiles, device: &str) -> Option<String> {
    let secrets = opened.plain.parts().iter().flat_map(|part| {
        part.secrets.iter().filter_map(|span| match Token::read(&span.token)? {
            Token::Secret { name, .. } => {
                let from = span.offset as usize;
                Some((Sought::Secret(name), part.bytes.expose().get(from..from + span.length as usize)?))
            }
            Token::Hidden => None,
        })
    });
    let search = Search::of(secrets)?;
    let sealed = image(device);
    let mut public = files.named(device).into_iter().filter(|(path, _)| *path != sealed);
    public.find_map(|(path, bytes)| {
        let (sought, line) = search.find(bytes)?;
        Some(format!("{sought} stands in `{path}`, line {line}"))
    })
}

/// The first redacted file that is not what the opened image shows.
fn differing(opened: &Opened, files: &DeviceFiles, device: &str) -> Option<String> {
    let native = opened.plain.parts().iter().filter(|part| part.kind == PartKind::Native).count();
    for (form, bytes) in &files.redacted {
        let ours = opened.plain.redacted(&format!("native.{}", form.ending()));
        if ours.as_deref() != Some(&bytes[..]) {
            return Some(redacted(device, *form));
        }
    }
    (native != files.redacted.len()).then(|| format!("redacted/{device}.redacted.*"))
}
