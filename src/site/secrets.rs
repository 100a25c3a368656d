//! Where the values of secrets come from: a folder, a JSON map, nowhere; in a demo its own folder and nothing else.
//!
//! The site only names secrets. It never says where they lie (invariant 14), but for a demo, whose secrets are worth
//! nothing. Only names that devices refer to are read; everything else in a folder stays unread.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use super::checks::each;
use super::files::{FileProblem, Root};
use super::{Site, SiteDevice};
use crate::finding::{Code, Finding, codes};
use crate::model::facts::Value;
use crate::secret::{SecretRef, SecretValue, Secrets};
use crate::source::{Loc, without_mark};

/// Most bytes of one secret.
pub const MAX_SECRET: usize = 64 * 1024;

/// Most bytes of a JSON map of secrets.
pub const MAX_MAP: usize = 8 * 1024 * 1024;

/// The key of fingerprints: 32 random bytes as 64 hexadecimal digits.
pub const FINGERPRINT_KEY: &str = "site/fingerprint-key";

/// Folder of a demo's secrets, beneath its root.
const DEMO_FOLDER: &str = "demo/secrets";

/// File of a demo's passphrase, beneath its root.
const DEMO_PASSPHRASE: &str = "demo/passphrase";

/// Where a person says that the values are.
pub enum SecretSource<'a> {
    /// Nothing was said. A demo uses its own folder; any other site goes without.
    None,
    /// On purpose none (`--secrets placeholder`).
    Placeholder,
    /// A folder with a file per secret: `np07/ot-admin` (`--secrets DIR`).
    Folder(&'a Path),
    /// The folder that a service manager hands credentials over in (`--secrets credentials`): files as in a folder, or
    /// flat with `+` for each `/`, `np07+ot-admin`, since a credential's name has no slash.
    Credentials(&'a Path),
    /// The bytes of a JSON map from names to texts, read from standard input (`--secrets -`) or a descriptor.
    Json(&'a SecretValue),
    /// What the site's sealed store gave.
    Store(BTreeMap<SecretRef, SecretValue>),
}

/// What was found.
pub struct Collected {
    /// The values. Those that are missing are findings.
    pub secrets: Secrets,
    /// What is wrong: a missing secret, a link, a file that others may read.
    pub findings: Vec<Finding>,
}

/// A place that refers to a secret.
pub struct Wanted {
    /// Its name.
    pub name: SecretRef,
    /// The device.
    pub device: String,
    /// Dotted path of the setting.
    pub path: String,
    /// The line.
    pub loc: Loc,
}

/// Every reference to a secret that devices make, by name.
pub fn wanted<'d>(devices: impl IntoIterator<Item = &'d SiteDevice>) -> Vec<Wanted> {
    let mut found = Vec::new();
    for device in devices {
        each(&device.own, &mut |path, _, fact| {
            if let Value::Secret(name) = &fact.value
                && let Ok(name) = SecretRef::new(name)
            {
                let (device, loc) = (device.name.to_string(), fact.origin.loc());
                found.push(Wanted { name, device, path: path(), loc });
            }
        });
    }
    found.sort_by(|a, b| (&a.name, &a.device, &a.path).cmp(&(&b.name, &b.device, &b.path)));
    found
}

/// Reads the values that devices refer to. `root` is the site's.
pub fn collect<'d>(
    root: &Root,
    site: &Site,
    devices: impl IntoIterator<Item = &'d SiteDevice>,
    source: SecretSource,
) -> Collected {
    let none = |secrets| Collected { secrets, findings: Vec::new() };
    match source {
        SecretSource::None if site.demo => from_folder(root, &Names::Within(DEMO_FOLDER), &wanted(devices), false),
        _ if site.demo && !matches!(source, SecretSource::None) => {
            Collected { secrets: Secrets::Absent, findings: vec![refused_in_demo(site)] }
        }
        SecretSource::None => none(Secrets::Absent),
        SecretSource::Placeholder => none(Secrets::Placeholder),
        SecretSource::Folder(path) => match Root::open(path) {
            Ok(folder) => from_folder(&folder, &Names::Folders, &wanted(devices), true),
            Err(problem) => Collected { secrets: Secrets::Absent, findings: vec![unreadable(&problem)] },
        },
        SecretSource::Credentials(path) => match Root::open(path) {
            Ok(folder) => from_folder(&folder, &Names::Flat, &wanted(devices), true),
            Err(problem) => Collected { secrets: Secrets::Absent, findings: vec![unreadable(&problem)] },
        },
        SecretSource::Json(bytes) => from_json(bytes, &wanted(devices)),
        SecretSource::Store(values) => from_store(values, &wanted(devices)),
    }
}

/// The passphrase that a demo carries, as its file holds it; `None` for any other site, and where there is no file.
/// The caller refuses any phrase but the one that everybody knows.
pub fn demo_passphrase(root: &Root, site: &Site) -> Result<Option<SecretValue>, FileProblem> {
    if !site.demo {
        return Ok(None);
    }
    match root.read_unmarked(DEMO_PASSPHRASE, MAX_SECRET) {
        Ok(bytes) => Ok(Some(SecretValue::new(bytes))),
        Err(FileProblem::Missing { .. }) => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// A demo that were given real secrets would seal them with a passphrase that everybody knows.
fn refused_in_demo(site: &Site) -> Finding {
    let loc = site.facts.value("demo").map_or(site.loc, |f| f.origin.loc());
    Finding::new(codes::site::DEMO_SOURCE, loc, "a demo takes no secrets but those in its `demo/secrets/`")
}

fn unreadable(problem: &FileProblem) -> Finding {
    let finding = problem.finding(Loc::NONE);
    Finding { message: format!("secrets: {}", finding.message), ..finding }
        .help("give the folder of secrets with `--secrets`: a file each, `DEVICE/NAME`")
}

/// How the files of a folder are called.
enum Names<'a> {
    /// A folder for each segment but the last.
    Folders,
    /// The same, in a folder.
    Within(&'a str),
    /// As folders, or without any: `+` stands for `/`, a character that no name has.
    Flat,
}

impl Names<'_> {
    fn of(&self, folder: &Root, name: &SecretRef) -> String {
        match self {
            Names::Within(within) => format!("{within}/{name}"),
            Names::Flat => {
                let flat = name.as_str().replace('/', "+");
                let nested = || matches!(folder.read_bytes(&flat, 0), Err(FileProblem::Missing { .. }));
                if nested() { name.to_string() } else { flat }
            }
            Names::Folders => name.to_string(),
        }
    }
}

/// The key of fingerprints is fieldlock's own: no device refers to it, and where it is not there is nothing to say.
fn fingerprint_key() -> Option<SecretRef> {
    SecretRef::new(FINGERPRINT_KEY).ok()
}

fn from_store(mut given: BTreeMap<SecretRef, SecretValue>, wanted: &[Wanted]) -> Collected {
    let mut findings = Vec::new();
    for same in wanted.chunk_by(|a, b| a.name == b.name) {
        if !given.contains_key(&same[0].name) {
            let name = &same[0].name;
            let finding =
                referring(same, codes::site::MISSING_SECRET, format!("the secret `{name}` is not in the store"));
            let help =
                format!("`fieldlock secret generate {name}` draws one; `fieldlock secret set {name}` takes yours");
            findings.push(finding.help(help));
        }
    }
    let key = fingerprint_key();
    given.retain(|name, _| key.as_ref() == Some(name) || wanted.binary_search_by(|w| w.name.cmp(name)).is_ok());
    Collected { secrets: Secrets::Loaded(given), findings }
}

fn from_folder(folder: &Root, names: &Names<'_>, wanted: &[Wanted], private: bool) -> Collected {
    let mut values = BTreeMap::new();
    let mut findings = Vec::new();
    let mut open = Vec::new();
    for same in wanted.chunk_by(|a, b| a.name == b.name) {
        let name = &same[0].name;
        let file = names.of(folder, name);
        match value(folder, &file) {
            Ok(value) => {
                if private && folder.open_to_others(&file) {
                    open.push(file);
                }
                match value {
                    Some(value) => drop(values.insert(name.clone(), value)),
                    None => findings.push(referring(same, codes::site::EMPTY_SECRET, says_empty(name))),
                }
            }
            Err(FileProblem::Missing { .. }) => {
                let place = if private { folder.path().join(&file).display().to_string() } else { file };
                findings.push(missing(same, &format!("no file `{place}`")));
            }
            Err(problem) => {
                let finding = referring(same, problem.code(), format!("the secret `{name}`: {problem}"));
                findings.push(finding.help(problem.help()));
            }
        }
    }
    if let Some(name) = fingerprint_key() {
        let file = names.of(folder, &name);
        match value(folder, &file) {
            Ok(value) => {
                if private && folder.open_to_others(&file) {
                    open.push(file);
                }
                match value {
                    Some(value) => drop(values.insert(name, value)),
                    None => findings.push(empty_key(&name)),
                }
            }
            Err(FileProblem::Missing { .. }) => {}
            Err(problem) => findings.push(problem.finding(Loc::NONE)),
        }
    }
    if let [first, rest @ ..] = open.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let message = format!("other users may read the secret `{first}`{more}");
        findings.push(Finding::new(codes::site::OPEN_SECRET, Loc::NONE, message));
    }
    Collected { secrets: Secrets::Loaded(values), findings }
}

/// Reads a JSON map from names to texts: the values that are wanted, and a finding for each that is missing. A map that
/// can't be read gives none at all; the finding repeats nothing that stands in it.
pub fn from_json(bytes: &SecretValue, wanted: &[Wanted]) -> Collected {
    let refuse = |message: String| {
        let finding = Finding::new(codes::site::SECRET_MAP, Loc::NONE, message);
        Collected { secrets: Secrets::Absent, findings: vec![finding] }
    };
    if bytes.len() > MAX_MAP {
        return refuse(format!("the map of secrets is larger than {} MiB", MAX_MAP >> 20));
    }
    let text = match without_mark(bytes.expose()) {
        Ok(text) => text,
        Err(utf16) => return refuse(format!("the map of secrets can't be read: {utf16}")),
    };
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = reader.deserialize_map(Map).and_then(|map| reader.end().map(|()| map));
    let mut map = match read {
        Ok(map) => map,
        // the reader's own words may repeat what stands there
        Err(at) => {
            return refuse(format!(
                "the map of secrets can't be read from line {}, column {} on",
                at.line(),
                at.column()
            ));
        }
    };
    let mut values = BTreeMap::new();
    let mut findings = Vec::new();
    for same in wanted.chunk_by(|a, b| a.name == b.name) {
        let name = &same[0].name;
        match map.remove(name.as_str()) {
            Some(value) if value.is_empty() => {
                findings.push(referring(same, codes::site::EMPTY_SECRET, says_empty(name)));
            }
            Some(value) => drop(values.insert(name.clone(), value)),
            None => findings.push(missing(same, "no such name in the map of secrets")),
        }
    }
    if let Some((name, value)) =
        fingerprint_key().and_then(|name| map.remove_entry(name.as_str()).map(|(_, v)| (name, v)))
    {
        match value.is_empty() {
            false => drop(values.insert(name, value)),
            true => findings.push(empty_key(&name)),
        }
    }
    Collected { secrets: Secrets::Loaded(values), findings }
}

/// A JSON object of texts; a name that stands there twice is refused.
struct Map;

impl<'de> Visitor<'de> for Map {
    type Value = BTreeMap<String, SecretValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names of secrets and their texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((name, text)) = entries.next_entry::<String, String>()? {
            if map.insert(name, SecretValue::new(text.into_bytes())).is_some() {
                return Err(A::Error::custom("twice"));
            }
        }
        Ok(map)
    }
}

/// The value in a file; `None` where there is nothing in it.
fn value(folder: &Root, file: &str) -> Result<Option<SecretValue>, FileProblem> {
    let content = SecretValue::new(folder.read_bytes(file, MAX_SECRET)?);
    let value = SecretValue::of_file(&content).map_err(|_| FileProblem::Utf16 { name: file.to_owned() })?;
    Ok((!value.is_empty()).then_some(value))
}

fn says_empty(name: &SecretRef) -> String {
    format!("the secret `{name}` is empty")
}

/// An empty key makes no fingerprints: a build would go on without them and nobody would know.
fn empty_key(name: &SecretRef) -> Finding {
    Finding::new(codes::site::EMPTY_SECRET, Loc::NONE, says_empty(name))
}

fn missing(same: &[Wanted], looked: &str) -> Finding {
    let finding = referring(same, codes::site::MISSING_SECRET, format!("the secret `{}` is missing", same[0].name));
    finding.help(format!("{looked}; put its value there, or name another secret"))
}

/// At the first place that refers to it, with the others beside.
fn referring(same: &[Wanted], code: Code, message: String) -> Finding {
    let first = &same[0];
    let finding = Finding::new(code, first.loc, message).device(first.device.as_str()).path(first.path.as_str());
    let others = same[1..].iter().filter(|w| w.loc != first.loc);
    others.fold(finding, |f, w| f.related(w.loc, format!("`{}` refers to it too", w.device)))
}
