//! Whether what was read from a device is of this very device: what its text tells, what the capture's own file says
//! and what is described don't contradict each other, and something proves it.

use super::answer;
use super::capture_age::at;
use super::capture_firmware::{firmware, unreadable};
use crate::finding::Note;
use crate::model::facts::Fact;
use crate::model::paths::{
    ASSET_MAC, ASSET_SEEN_MODEL, ASSET_SERIAL, IDENTITY_HOSTNAME, PLATFORM_FIRMWARE, PLATFORM_MODEL,
};
use crate::policy::Judged;
use crate::policy::analysis::{Analysis, Answer, Input, Mark, Marks, Need, header};
use crate::policy::pattern::Cause;
use crate::site::TextRead;
use crate::site::identity::{same_mac, same_model, same_serial};
use crate::source::Loc;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "capture-of-this-device",
    doc: "Serial number, MAC address, model and firmware are the same in the text that was read, in the file beside it and \
          in the description; the firmware is one that the text's table is for; the text does not name itself as another \
          device of the site. Unknown where neither serial number nor MAC address of a capture can be compared. Does \
          not concern a device of which nothing was read.",
    params: &[],
    reads: &[],
    looks_at: &[ASSET_SERIAL, ASSET_MAC, PLATFORM_MODEL, PLATFORM_FIRMWARE, IDENTITY_HOSTNAME],
    needs: &[Need::Site],
    run,
};

/// What one source says of the device.
pub(super) struct Says {
    pub(super) text: String,
    pub(super) loc: Loc,
    pub(super) who: &'static str,
}

fn run(input: &Input<'_>) -> Answer {
    let Some(read) = &input.device.read else { return Answer::NotApplicable };
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    for text in &read.texts {
        let (wrong, unproved) = of_text(input, text);
        failed.extend(wrong);
        unknown.extend(unproved.into_iter().chain(unreadable(input, text)));
    }
    answer(failed, unknown)
}

/// What speaks against one text, and what nothing proves of it.
fn of_text(input: &Input<'_>, read: &TextRead) -> (Vec<Cause>, Option<Cause>) {
    let mut failed = Vec::new();
    let serials = [described(input, ASSET_SERIAL), beside(read, "serial"), reading_says(read, ASSET_SERIAL)];
    let macs = [described(input, ASSET_MAC), reading_says(read, ASSET_MAC)];
    let (serials, macs): (Vec<Says>, Vec<Says>) =
        (serials.into_iter().flatten().collect(), macs.into_iter().flatten().collect());
    failed.extend(differ(input, ASSET_SERIAL, "serial number", &serials, same_serial));
    failed.extend(differ(input, ASSET_MAC, "MAC address", &macs, same_mac));
    let models: Vec<Says> =
        [described(input, PLATFORM_MODEL), reading_says(read, ASSET_SEEN_MODEL)].into_iter().flatten().collect();
    failed.extend(differ(input, PLATFORM_MODEL, "model", &models, same_model));
    failed.extend(firmware(input, read));
    failed.extend(named_otherwise(input, read));
    // a state that is handed in has no file beside it, and a running configuration names neither: whoever hands it in
    // for one device answers for it
    let compared = serials.len() > 1 || macs.len() > 1 || read.capture.is_none();
    let unproved = (!compared && failed.is_empty()).then(|| {
        let sentence =
            "nothing proves that what was read is of this device: no serial number or MAC address is said twice";
        let cause =
            with(input, ASSET_SERIAL, sentence.to_owned(), Loc::new(read.file, Default::default()), "what was read");
        let help = "write `asset serial=\"...\"`, and let what is read tell it too: `show system` before the running \
                    configuration, the row `Label`, `Serial number` of a sheet";
        Cause { help: Some(help.to_owned()), ..cause }
    });
    (failed, unproved)
}

fn described(input: &Input<'_>, path: &str) -> Option<Says> {
    said(input.device.own.value(path)?, "the description")
}

pub(super) fn reading_says(read: &TextRead, path: &str) -> Option<Says> {
    said(read.facts.value(path)?, "the device")
}

fn said(fact: &Fact, who: &'static str) -> Option<Says> {
    let text = fact.value.is_known().then(|| fact.value.plain())?;
    Some(Says { text, loc: fact.origin.loc(), who })
}

pub(super) fn beside(read: &TextRead, what: &str) -> Option<Says> {
    let capture = read.capture.as_ref()?;
    let text = capture.facts.value(what)?.value.plain();
    Some(Says { text, loc: at(capture, what), who: "the file beside what was read" })
}

/// The first two sources that don't say the same.
fn differ(input: &Input<'_>, path: &str, what: &str, all: &[Says], same: impl Fn(&str, &str) -> bool) -> Option<Cause> {
    let (first, rest) = all.split_first()?;
    let other = rest.iter().find(|other| !same(&first.text, &other.text))?;
    let sentence = format!("{} says the {what} `{}`, {} says `{}`", first.who, first.text, other.who, other.text);
    Some(with(input, path, sentence, other.loc, other.who))
}

pub(super) fn with(input: &Input<'_>, path: &str, sentence: String, loc: Loc, who: &str) -> Cause {
    let own = input.device.own.value(path).map(|fact| fact.origin);
    let mut cause = input.cause(path, own, sentence);
    cause.related.push(Note { loc, text: format!("{who} says it here") });
    cause
}

/// The text bears the name of another device of the site, and not this one's.
fn named_otherwise(input: &Input<'_>, read: &TextRead) -> Option<Cause> {
    let fact = read.facts.value(IDENTITY_HOSTNAME)?;
    let name = fact.value.text()?;
    // in any case, as names are resolved
    let called = name.to_lowercase();
    let named = input.marks(|| names(input.all));
    let devices = named.get(&called)?;
    if devices.iter().any(|one| one.device == input.device.name) {
        return None;
    }
    let other = devices.first()?;
    let sentence = format!("what was read calls itself `{name}`, which is the device `{}`", other.device);
    Some(with(input, IDENTITY_HOSTNAME, sentence, fact.origin.loc(), "the device"))
}

/// What devices are called in small letters, in the site and by themselves.
fn names(all: &[Judged<'_>]) -> Marks {
    let mut names = Marks::default();
    for device in all.iter().map(|judged| judged.device) {
        let host = device.own.value(IDENTITY_HOSTNAME);
        let said = host.and_then(|fact| Some((fact.value.text()?, fact.origin)));
        for (name, origin) in [(&*device.name, header(device))].into_iter().chain(said) {
            let mark = Mark { device: device.name.clone(), path: IDENTITY_HOSTNAME.to_owned(), origin };
            names.entry(name.to_lowercase()).or_default().push(mark);
        }
    }
    names
}
