//! Firmware against the site's own list: approved for the model, the same on all devices of a model, and where its file
//! came from.

use foldhash::{HashMap, HashMapExt as _};

use super::answer;
use super::firmware::{Had, cause, had, unsaid};
use crate::finding::Note;
use crate::model::paths::{ASSET_SEEN_FIRMWARE, PLATFORM_FIRMWARE, PLATFORM_MODEL};
use crate::model::site::Firmware;
use crate::model::value::Version;
use crate::policy::Judged;
use crate::policy::analysis::{Analysis, Answer, Input, Mark, Marks, Need, header};
use crate::site::{SiteDevice, models};
use crate::source::Loc;

pub(super) static APPROVED: Analysis = Analysis {
    name: "firmware-approved",
    doc: "The firmware that is described, and each that was read, is one that `site.kdl` approves for the model \
          (`firmware \"EDR-G9010\" \"3.24\" approved=on`). Does not concern a device of a site that approves none at all.",
    params: &[],
    reads: &[],
    looks_at: &[PLATFORM_FIRMWARE, PLATFORM_MODEL, ASSET_SEEN_FIRMWARE],
    needs: &[Need::Site],
    run: approved,
};

pub(super) static ONE: Analysis = Analysis {
    name: "firmware-one-per-model",
    doc: "No other device of the model is described with a newer firmware than this one has, by what is described of it \
          and by what was read. Does not concern a device whose firmware or model nobody says.",
    params: &[],
    reads: &[],
    looks_at: &[PLATFORM_FIRMWARE, PLATFORM_MODEL, ASSET_SEEN_FIRMWARE],
    needs: &[Need::Site],
    run: one_per_model,
};

pub(super) static EVIDENCE: Analysis = Analysis {
    name: "firmware-evidence",
    doc: "`site.kdl` has a line for the model and the firmware that is described, with the file's SHA-512 and size, from \
          where it is, its release notes, when it was taken, and by whom. Does not concern a device of a site that lists \
          no firmware.",
    params: &[],
    reads: &[],
    looks_at: &[PLATFORM_FIRMWARE, PLATFORM_MODEL],
    needs: &[Need::Site],
    run: evidence,
};

fn approved(input: &Input<'_>) -> Answer {
    let all = lines(input).filter(|line| line.said.approved.is_some_and(|switch| switch.0));
    let all: Vec<Line<'_>> = all.collect();
    if all.is_empty() {
        return Answer::NotApplicable;
    }
    let (model, had) = match (model(input), had(input)) {
        (Err(unknown), _) => return unknown,
        (_, had) if had.is_empty() => return Answer::Unknown(vec![unsaid(input)]),
        (Ok(model), had) => (model, had),
    };
    let of_model: Vec<Line<'_>> = all.into_iter().filter(|line| line.is_of(model)).collect();
    let good: Vec<String> = of_model.iter().filter_map(|line| Some(line.said.version?.to_string())).collect();
    let other = |had: &&Had| of_model.iter().all(|line| line.said.version != Some(had.version));
    let told = |had: &Had| {
        let sentence = match good.is_empty() {
            true => format!("the site approves no firmware for `{model}`"),
            false => format!("{} is not approved for `{model}`, {} is", had.version, good.join(" or ")),
        };
        let mut cause = cause(input, had, sentence);
        let places = of_model.iter().map(|line| Note { loc: line.loc, text: "approved here".to_owned() });
        cause.related.extend(places);
        if good.is_empty() {
            let line = format!("firmware \"{model}\" \"{}\" approved=on", had.version);
            cause.help = Some(format!("write `{line}` into `site.kdl`, or change the firmware"));
        }
        cause
    };
    answer(had.iter().filter(other).map(told).collect(), Vec::new())
}

fn one_per_model(input: &Input<'_>) -> Answer {
    let (Some(own), Some(label)) =
        (had(input).into_iter().min_by_key(|had| had.version), input.device.model.as_deref())
    else {
        return Answer::NotApplicable;
    };
    let newest = input.marks(|| newest(input.all));
    let of_model = newest.get(&name(input.device.platform.word(), label)).map(Vec::as_slice).unwrap_or_default();
    let other = of_model.iter().find(|other| other.device != input.device.name);
    let of_other = |other: &Mark| input.device_called(&other.device)?.device.firmware;
    let Some((other, newer)) = other.and_then(|other| Some((other, of_other(other).filter(|of| *of > own.version)?)))
    else {
        return Answer::Pass;
    };
    let sentence = format!("{} is older than {newer}, which `{}` of the same model has", own.version, other.device);
    let mut cause = cause(input, &own, sentence);
    cause.related.push(Note { loc: other.origin.loc(), text: format!("`{}`", other.device) });
    answer(vec![cause], Vec::new())
}

/// The two devices with the newest firmware of each model, the newest first: a device is none older than itself.
fn newest(all: &[Judged<'_>]) -> Marks {
    let mut newest: HashMap<String, Vec<(Version, &SiteDevice)>> = HashMap::new();
    for device in all.iter().map(|judged| judged.device) {
        let Some((model, firmware)) = device.model.as_deref().zip(device.firmware) else { continue };
        let known = newest.entry(name(device.platform.word(), model)).or_default();
        let at = known.partition_point(|(its, _)| *its >= firmware);
        known.insert(at, (firmware, device));
        known.truncate(2);
    }
    let mark = |(_, device): &(Version, &SiteDevice)| {
        let origin = device.own.value(PLATFORM_FIRMWARE).map_or(header(device), |fact| fact.origin);
        Mark { device: device.name.clone(), path: PLATFORM_FIRMWARE.to_owned(), origin }
    };
    newest.into_iter().map(|(model, known)| (model, known.iter().map(mark).collect())).collect()
}

fn evidence(input: &Input<'_>) -> Answer {
    if input.site.site.firmware.is_empty() {
        return Answer::NotApplicable;
    }
    let (model, had) = match (model(input), had(input).into_iter().next()) {
        (Err(unknown), _) => return unknown,
        (_, None) => return Answer::Unknown(vec![unsaid(input)]),
        (Ok(model), Some(had)) => (model, had),
    };
    let mut of_this = lines(input).filter(|line| line.is_of(model) && line.said.version == Some(had.version));
    let Some(line) = of_this.next() else {
        let sentence = format!("no line of `site.kdl` says where the file of {} for `{model}` came from", had.version);
        return Answer::Fail(vec![cause(input, &had, sentence)]);
    };
    let said = line.said;
    let missing = [
        ("sha512", said.sha512.is_none()),
        ("size", said.size.is_none()),
        ("from", said.from.is_none()),
        ("notes", said.notes.is_none()),
        ("taken", said.taken.is_none()),
        ("by", said.by.is_none()),
    ];
    let missing: Vec<String> = missing.iter().filter(|(_, is)| *is).map(|(word, _)| format!("`{word}`")).collect();
    if missing.is_empty() {
        return Answer::Pass;
    }
    let mut cause = cause(input, &had, format!("the line of {} does not say {}", had.version, missing.join(", ")));
    cause.related.push(Note { loc: line.loc, text: "this line".to_owned() });
    Answer::Fail(vec![cause])
}

/// A line of the site's list.
struct Line<'a> {
    said: &'a Firmware,
    loc: Loc,
}

impl Line<'_> {
    fn is_of(&self, label: &str) -> bool {
        self.said.model.as_deref().is_some_and(|model| models::is_named(model, label))
    }
}

fn lines<'a>(input: &Input<'a>) -> impl Iterator<Item = Line<'a>> {
    let site = input.site;
    let places = site.facts.items("firmware").map(|list| &list.items[..]).unwrap_or_default();
    let places = places.iter().map(|item| item.group.origin.loc());
    site.site.firmware.iter().zip(places).map(|(said, loc)| Line { said, loc })
}

/// What the label says; unknown where nobody says it.
fn model<'a>(input: &Input<'a>) -> Result<&'a str, Answer> {
    let unknown = || Answer::Unknown(vec![input.absent(PLATFORM_MODEL, "is not set; the rule needs it")]);
    input.device.model.as_deref().ok_or_else(unknown)
}

/// What devices of one model have in common: the name that the table of models has, else the whole label.
fn name(platform: &str, label: &str) -> String {
    let known = models::known(label).map(|(_, model)| &*model.name);
    format!("{platform} {}", known.unwrap_or(label))
}
