//! Keeping what was read from a device: its text without secrets, a file beside it that says when and by whom it was
//! read, and what changed on the device since it was read before.

use std::collections::BTreeMap;

use super::incoming::{Incoming, IncomingError};
use super::ready::{ReadySite, says_nothing};
use crate::dialect::Exposure;
use crate::image::FingerprintKey;
use crate::model::Facts;
use crate::model::facts::{Value, leaves, quote};
use crate::model::value::Moment;
use crate::native::{Form, Side};
use crate::report::documents::ChangedSetting;
use crate::report::side;
use crate::secret::hashed;
use crate::source::FileId;

/// The folder, of a site and of what comes home.
pub const FOLDER: &str = "captures";

/// Who read it, and when.
#[derive(Debug, Clone)]
pub struct Taken {
    /// A person of the site.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// The files of a capture.
#[derive(Debug, Default)]
pub struct Captured {
    /// Those to be written, by name in the site; the text stands last.
    pub put: Vec<(String, Vec<u8>)>,
    /// Those that they replace.
    pub take: Vec<String>,
}

impl Captured {
    /// The name of the redacted text.
    pub fn text(&self) -> &str {
        self.put.last().map_or("", |(name, _)| name)
    }
}

/// A file from a device, with what may be kept of it.
pub struct From {
    /// What came in.
    pub incoming: Incoming,
    /// When and by whom it was read.
    pub taken: Taken,
    /// Its text without secrets.
    kept: String,
    /// The number of the line that each line of it was, 0 for one that stands for others.
    pub lines: Vec<usize>,
}

impl From {
    /// Redacts what came in.
    ///
    /// # Errors
    /// What may be kept says nothing, or would still hold what may be a secret.
    pub fn of(incoming: Incoming, taken: Taken) -> Result<From, IncomingError> {
        let on = &incoming.on;
        let (kept, lines) = on.kept(incoming.form, &incoming.reading.text);
        let survey = on.survey(incoming.form, FileId::NONE, &kept).ok_or(IncomingError::Nothing)?;
        if let Some(left) = survey.veils.iter().find(|veil| veil.exposure == Exposure::Secret) {
            let line = kept[..left.span.start as usize].matches('\n').count();
            return Err(IncomingError::Secret(lines.get(line).copied().unwrap_or_default()));
        }
        if says_nothing(&survey.reading) {
            return Err(IncomingError::Nothing);
        }
        Ok(From { incoming, taken, kept, lines })
    }
}

/// Where a capture goes, and what marks its secrets.
#[derive(Default)]
pub struct Place<'a> {
    /// Another text of the device comes in with it.
    pub beside: bool,
    /// The site's key for fingerprints, where it is at hand.
    pub key: Option<&'a FingerprintKey>,
}

/// The redacted text and its head. Where the site has a capture of the device in that form, they lie where that does;
/// beside one of another form, under a name that says the form.
pub fn captured(ready: &ReadySite, device: &str, from: &From, place: &Place<'_>) -> Captured {
    let form = from.incoming.form;
    let all = ready.site.captures_of(device);
    let name = |file| ready.sources.name(file).to_owned();
    let (head, text, take) = match all.iter().find(|before| before.form == form) {
        Some(before) => {
            let (head, text) = (name(before.loc.file), name(before.file));
            (head.clone(), text.clone(), vec![head, text])
        }
        None => {
            let folder = all.first().map(|other| name(other.loc.file));
            let folder = folder.as_deref().and_then(|head| head.rsplit_once('/')).map_or(FOLDER, |(folder, _)| folder);
            let text = format!("{folder}/{device}.{}", form.ending());
            let plain = all.is_empty() && !place.beside;
            let head = if plain { format!("{folder}/{device}.kdl") } else { format!("{text}.kdl") };
            (head, text, Vec::new())
        }
    };
    let said = self::head(device, &from.incoming, &from.taken, &held(ready, device, from, place.key));
    Captured { put: vec![(head, said.into_bytes()), (text, from.kept.clone().into_bytes())], take }
}

/// What is said of an export that is kept sealed.
pub fn sealed_head(device: &str, taken: &Taken) -> String {
    let (device, at, by) = (quote(device), quote(&taken.at.to_string()), quote(&taken.by));
    format!("capture {device} form=\"sealed\" taken={at} by={by} how=\"export\"\n")
}

/// `capture "np07" form="ini" taken="2026-03-09 14:02 UTC" by="ot-lead" how="export" firmware="2.3" serial="417"`
fn head(device: &str, incoming: &Incoming, taken: &Taken, held: &[(String, String)]) -> String {
    let how = match incoming.form {
        Form::Ini => "export",
        Form::Cli => "running-config",
        Form::Sheet => "sheet",
    };
    let mut line = format!(
        "capture {} form={} taken={} by={} how={}",
        quote(device),
        quote(incoming.form.ending()),
        quote(&taken.at.to_string()),
        quote(&taken.by),
        quote(how),
    );
    let tells = &incoming.tells;
    let told = [("firmware", tells.firmware.map(|f| f.to_string())), ("serial", tells.serial.clone())];
    for (name, value) in told.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        line.push_str(&format!(" {name}={}", quote(&value)));
    }
    if !held.is_empty() {
        line.push_str(" {\n");
        for (setting, fingerprint) in held {
            line.push_str(&format!("    held {} fingerprint={}\n", quote(setting), quote(fingerprint)));
        }
        line.push('}');
    }
    line + "\n"
}

/// The fingerprints of secrets that were read, by setting. A hash is none: what is described is not what it is of.
fn held(ready: &ReadySite, device: &str, from: &From, key: Option<&FingerprintKey>) -> Vec<(String, String)> {
    let Some(key) = key else { return Vec::new() };
    let read = from.incoming.reading.secrets.iter().filter(|(_, value)| !hashed::is_hash(value));
    read.map(|(path, value)| (path.clone(), key.told(&ready.site.name, device, path, value))).collect()
}

/// What a device has otherwise than when it was read before: what is secret, or may not be shown, is only told to be
/// there.
pub fn changed(before: &Facts, now: &Facts) -> Vec<ChangedSetting> {
    let all = |facts: &Facts| -> BTreeMap<String, Option<String>> {
        let shown = |value: &Value| side(&Side::of(value));
        leaves(facts).map(|leaf| (leaf.path, shown(&leaf.fact.value))).collect()
    };
    let (mut before, now) = (all(before), all(now));
    let mut changed: Vec<ChangedSetting> = Vec::new();
    for (path, after) in now {
        let old = before.remove(&path).flatten();
        if old != after {
            changed.push(ChangedSetting { path, before: old, after });
        }
    }
    changed.extend(before.into_iter().map(|(path, before)| ChangedSetting { path, before, after: None }));
    changed
}
