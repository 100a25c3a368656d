//! A file that came from a device: opened where the device encrypted it, recognised, and read.
//!
//! Nobody says what it is: the form is seen at its first line, the platform is the one that the text names, or whose
//! table knows most of its lines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use zeroize::Zeroizing;

use super::ready::says_nothing;
use crate::dialect::SiteTables;
use crate::dialect::ini::container::{self, ContainerError};
use crate::dialect::{cli, ini, sheet};
use crate::model::device::PlatformKind;
use crate::native::{Form, Reading};
use crate::platform::{self, Platform};
use crate::site::files::{FileProblem, native};
use crate::site::identity::{Contradiction, Owners, Tells, contradiction};
use crate::site::{Site, SiteDevice, models};
use crate::source::FileId;

/// What came in.
pub struct Incoming {
    /// How it is called in messages.
    pub name: String,
    /// What it is of.
    pub on: Platform,
    /// Its form.
    pub form: Form,
    /// The number that places in it are told by.
    pub file: FileId,
    /// Whether the device had encrypted it.
    pub encrypted: bool,
    /// What it says.
    pub reading: Reading,
    /// What it tells of its device.
    pub tells: Tells,
}

/// Why a file is no text of a device that is known.
#[derive(Debug, thiserror::Error)]
pub enum IncomingError {
    /// It can't be read at all.
    #[error(transparent)]
    File(#[from] FileProblem),
    /// It is encrypted by a device and can't be opened.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// Nothing stands in it.
    #[error("it is empty")]
    Empty,
    /// No line of it is a setting on any platform.
    #[error("no line of it is a setting of any platform that is known")]
    Nothing,
    /// It is a sheet that nobody filled in.
    #[error("it is a sheet in which no value stands")]
    Blank,
    /// It is an export of which something is missing.
    #[error("it is no whole export: it lacks `{first}`{}", if *more > 0 { format!(" and {more} more") } else { String::new() })]
    CutOff {
        /// The first thing that it lacks.
        first: String,
        /// How many more.
        more: usize,
    },
    /// It is a recorded session that ends too early.
    #[error("the recording ends before the device was done: no prompt stands behind what it showed")]
    Unfinished,
    /// What may be kept of it would still hold what may be a secret.
    #[error("what may be a secret would be left in what is kept of its line {0}")]
    Secret(usize),
}

impl IncomingError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            IncomingError::File(FileProblem::NotUtf8 { .. }) => {
                "an export is written back as it was, and of this one nobody knows how: say that text in plain letters on \
                 the device and export it again, or save a copy of the file as UTF-8"
            }
            IncomingError::File(_) => "give the file as the device exported it, or a recorded session as text",
            IncomingError::Container(ContainerError::Key | ContainerError::NoKey) => {
                "put the key that the device exports with into a file, and name it with --export-key-file"
            }
            IncomingError::Container(ContainerError::CutOff { .. } | ContainerError::Length(_)) => {
                "export it again, and copy the file as it is: it is no text"
            }
            IncomingError::Container(_) => "only exports of NPort 6000 are known",
            IncomingError::Empty => "was it copied to the end? read it from the device again",
            IncomingError::Nothing => {
                "an exported file of NPort 6000, a recorded `show running-config`, or a sheet of `menu`, `field` and \
                 `value` with tabs between is read"
            }
            IncomingError::Blank => "write behind the second tab of each row what the device shows there",
            IncomingError::CutOff { .. } => "export it again: what it lacks the device would lose",
            IncomingError::Unfinished => "record it again, until the prompt is back",
            IncomingError::Secret(_) => "look at that line; where it names a password, please report it",
        }
    }
}

/// What files are read by.
pub struct ReadBy<'a> {
    /// Tried in their order where a device encrypted a file, after those the factory's own.
    pub keys: &'a [Zeroizing<Vec<u8>>],
    /// The tables of native texts.
    pub tables: &'a SiteTables,
    /// The platform of the device that it is said to be of: where pages are called alike on several, it is one of
    /// these.
    pub of: Option<PlatformKind>,
}

/// Reads a file.
///
/// # Errors
/// It can't be opened, is no text, or nothing in it is known.
pub fn incoming(name: &str, mut bytes: Vec<u8>, by: &ReadBy<'_>, file: FileId) -> Result<Incoming, IncomingError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(IncomingError::Empty);
    }
    let encrypted = container::is_container(&bytes);
    if encrypted {
        let opened = opened(&bytes, by.keys);
        bytes = std::mem::take(&mut *opened?);
    }
    let text = legible(name, bytes)?;
    let rows = text.lines().count();
    let text = if form(&text) == Form::Sheet { sheet::filled(&text).into() } else { text };
    let is_blank = text.lines().count() < rows;
    let nothing = || if is_blank { IncomingError::Blank } else { IncomingError::Nothing };
    let (on, form, reading) = recognised(by, &text, file).ok_or_else(nothing)?;
    if let Some(dialect) = on.table(form)
        && let Some((first, rest)) = ini::lacks(dialect, &reading.text).split_first()
    {
        return Err(IncomingError::CutOff { first: first.clone(), more: rest.len() });
    }
    if form == Form::Cli && cli::is_cut_off(&reading.text) {
        return Err(IncomingError::Unfinished);
    }
    let tells = Tells::of(&reading.facts);
    Ok(Incoming { name: name.to_owned(), on, form, file, encrypted, reading, tells })
}

/// The text of a file. What people record and fill in is written as their computer is set: in UTF-8, in UTF-16 with its
/// mark, or in Windows-1252. An export goes back to the device as it was, so it is read as UTF-8 alone.
///
/// # Errors
/// It is none of these, or no text.
pub fn legible(name: &str, bytes: Vec<u8>) -> Result<Arc<str>, FileProblem> {
    let wide = Encoding::for_bom(&bytes).is_some_and(|(found, _)| found != UTF_8);
    if !wide && std::str::from_utf8(&bytes).is_ok() {
        return native(name, bytes);
    }
    let (text, _, broken) = WINDOWS_1252.decode(&bytes);
    if broken || text.contains('\0') || !wide && form(&text) == Form::Ini {
        return native(name, bytes);
    }
    native(name, text.into_owned().into_bytes())
}

/// Pages that several platforms have: a sheet that names no model is of the platform of what else is called as it says,
/// a device of the site or another file of the run.
pub fn settle<T>(site: &Site, files: &mut [T], of: impl Fn(&mut T) -> &mut Incoming) {
    let owners = Owners::of(site);
    let mut named: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for file in files.iter_mut() {
        let incoming = of(file);
        if let Some(name) = incoming.tells.hostname.clone().filter(|_| incoming.form != Form::Sheet) {
            named.entry(name).or_default().insert(incoming.on.kind.word());
        }
    }
    for file in files {
        let incoming = of(file);
        if incoming.form != Form::Sheet || incoming.tells.model.is_some() {
            continue;
        }
        let beside = incoming.tells.hostname.as_ref().and_then(|name| named.get(name));
        let kind = match (&owners.find(&incoming.tells)[..], beside) {
            ([device], _) => Some(device.platform),
            (_, Some(kinds)) if kinds.len() == 1 => kinds.first().and_then(|word| PlatformKind::from_word(word)),
            _ => None,
        };
        let Some(on) = kind.filter(|kind| *kind != incoming.on.kind).map(|kind| platform::with(site.tables.of(kind)))
        else {
            continue;
        };
        let reading = on.read(Form::Sheet, incoming.file, &incoming.reading.text);
        if let Some(reading) = reading.filter(|reading| reading.kept.len() <= incoming.reading.kept.len()) {
            (incoming.on, incoming.tells, incoming.reading) = (on, Tells::of(&reading.facts), reading);
        }
    }
}

/// What a device itself said, in its own form. Nobody has to guess what it is of: it was asked.
///
/// # Errors
/// Nothing in it is known.
pub fn said(device: &SiteDevice, text: &str, file: FileId) -> Result<Incoming, IncomingError> {
    let (on, form) = (platform::at(device), Form::Cli);
    let reading = on.read(form, file, text).filter(|reading| !says_nothing(reading)).ok_or(IncomingError::Nothing)?;
    let tells = Tells::of(&reading.facts);
    Ok(Incoming { name: device.name.to_string(), on, form, file, encrypted: false, reading, tells })
}

/// Files of a run, by the devices that they are of.
pub struct Sorted<'a, T> {
    /// Each of one device of the site; of a device one file a form.
    pub known: Vec<(&'a SiteDevice, T)>,
    /// Of no device of the site.
    pub strange: Vec<T>,
    /// Name of a file, and why it can't be said which device it is of.
    pub refused: Vec<(String, String)>,
}

/// Finds the device of each file.
pub fn sorted<'a, T>(
    owners: &Owners<'a>,
    files: impl IntoIterator<Item = T>,
    of: impl Fn(&T) -> &Incoming,
) -> Sorted<'a, T> {
    let mut sorted = Sorted { known: Vec::new(), strange: Vec::new(), refused: Vec::new() };
    let mut seen = BTreeSet::new();
    for file in files {
        let incoming = of(&file);
        let why = match owners.find(&incoming.tells)[..] {
            [] => {
                sorted.strange.push(file);
                continue;
            }
            [device] => match fits(device, incoming) {
                Ok(()) if seen.insert((&device.name, incoming.form)) => {
                    sorted.known.push((device, file));
                    continue;
                }
                Ok(()) => format!("another of these files is such a text of the device `{}`, too", device.name),
                Err(why) => why,
            },
            ref several => {
                let names: Vec<&str> = several.iter().map(|device| &*device.name).collect();
                format!("it may be of several devices: {}", names.join(", "))
            }
        };
        sorted.refused.push((incoming.name.clone(), why));
    }
    sorted
}

/// Whether nothing of a text speaks against its being of a device.
///
/// # Errors
/// What does.
pub(super) fn fits(device: &SiteDevice, incoming: &Incoming) -> Result<(), String> {
    let name = &device.name;
    if device.platform != incoming.on.kind {
        let (is, described) = (incoming.on.kind.word(), device.platform.word());
        return Err(format!("it is of a {is}, and `{name}` is described as a {described}"));
    }
    match contradiction(device, &incoming.tells) {
        None => Ok(()),
        Some(Contradiction { what, told, described }) => {
            Err(format!("it tells the {what} `{told}`, and `{name}` is described with `{described}`"))
        }
    }
}

fn opened(bytes: &[u8], keys: &[Zeroizing<Vec<u8>>]) -> Result<Zeroizing<Vec<u8>>, ContainerError> {
    let keys = keys.iter().map(|key| &***key).chain([container::PRESET.as_bytes()]);
    let mut last = ContainerError::Key;
    for key in keys {
        match container::open(bytes, key) {
            Err(error @ ContainerError::Key) => last = error,
            other => return other,
        }
    }
    Err(last)
}

/// The form of a text, by its first line that says something.
fn form(text: &str) -> Form {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    match first {
        line if line.trim().starts_with('[') && line.trim().ends_with(']') => Form::Ini,
        line if line.matches('\t').count() >= 2 => Form::Sheet,
        _ => Form::Cli,
    }
}

/// How well a platform fits a text: it knows the model that is named, so many lines, it is the described one, its
/// devices are set by such a text.
type Rank = (bool, usize, bool, bool);

fn recognised(by: &ReadBy<'_>, text: &str, file: FileId) -> Option<(Platform, Form, Reading)> {
    let form = form(text);
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    let mut best: Option<(Rank, Platform, Reading)> = None;
    for on in PlatformKind::ALL.map(|kind| platform::with(by.tables.of(kind))) {
        let Some(reading) = on.read(form, file, text) else { continue };
        let named = Tells::of(&reading.facts).model.is_some_and(|label| models::find(on.kind, &label).is_some());
        let known = lines.saturating_sub(reading.kept.len());
        let rank = (named, known, by.of == Some(on.kind), on.machine == Some(form));
        if !says_nothing(&reading) && best.as_ref().is_none_or(|(than, ..)| rank > *than) {
            best = Some((rank, on, reading));
        }
    }
    best.map(|(_, on, reading)| (on, form, reading))
}
