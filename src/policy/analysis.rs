//! Analyses: what relates several settings, files, secrets, the clock or several devices, written in Rust and named
//! by rules. One file each beneath `analyses`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use foldhash::HashMap;

use crate::model::Facts;
use crate::model::facts::{Fact, Group, Item, Setting};
use crate::secret::Secrets;
use crate::site::SiteDevice;
use crate::source::Origin;

use super::advisories::Advisories;
use super::pattern::{ANY_VALUE, Cause, Toward};
use super::phrases::Phrase;
use super::{Changes, Files, Judged, SiteFacts};

/// A named check.
#[derive(Debug)]
pub struct Analysis {
    /// Its name in packs.
    pub name: &'static str,
    /// What it asks, for pack authors.
    pub doc: &'static str,
    /// What a rule may or must hand it.
    pub params: &'static [Param],
    /// Paths without which it can't say anything: an absent one makes it unknown. Lists without brackets.
    pub reads: &'static [&'static str],
    /// Further paths that it looks at, where they are there.
    pub looks_at: &'static [&'static str],
    /// What it needs beside the device.
    pub needs: &'static [Need],
    /// The check.
    pub run: fn(&Input<'_>) -> Answer,
}

impl Analysis {
    /// Which devices it does not concern, as its own words say.
    pub fn does_not_concern(&self) -> Option<&'static str> {
        let (_, whom) = self.doc.split_once("Does not concern ")?;
        Some(whom.split_once(". ").map_or(whom, |(whom, _)| whom).trim_end_matches('.'))
    }

    /// Whether a device says anything of what it looks at: what passes without having seen anything is no pass.
    pub(super) fn has_seen(&self, facts: &Facts) -> bool {
        let list_above = |path: &str| path.match_indices('.').any(|(at, _)| facts.items(&path[..at]).is_some());
        let said = |path: &&str| facts.says(path) || list_above(path);
        self.looks_at.is_empty() || !self.reads.is_empty() || self.looks_at.iter().any(said)
    }
}

/// A parameter of an analysis.
#[derive(Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: ParamKind,
    /// Whether it must be given.
    pub required: bool,
    /// Which way is stricter, where an adjustable may move it.
    pub toward: Option<Toward>,
    /// What it means.
    pub doc: &'static str,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// A whole number.
    Int,
    /// A text.
    Text,
    /// The name of a list of the pack.
    List,
    /// What the names of lists of phrases begin with, one list for each language: `permission` takes `permission-en`,
    /// `permission-de`, ...
    Phrases,
}

/// A parameter's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamValue {
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// The values of a list.
    List(Vec<String>),
    /// The phrases of all languages.
    Phrases(Vec<Phrase>),
}

impl std::fmt::Display for ParamValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ParamValue::Int(n) => write!(f, "{n}"),
            ParamValue::Text(t) => write!(f, "`{t}`"),
            ParamValue::List(list) => write!(f, "{} values", list.len()),
            ParamValue::Phrases(list) => write!(f, "{} phrases", list.len()),
        }
    }
}

/// What an analysis needs beside the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Values of secrets: without them the rule is deferred.
    Secrets,
    /// Files of the site.
    Files,
    /// `site.kdl` and the other devices.
    Site,
    /// The clock.
    Clock,
}

/// All that an analysis sees.
pub struct Input<'a> {
    /// The device.
    pub device: &'a SiteDevice,
    /// Its complete facts.
    pub facts: &'a Facts,
    /// All devices of the run, this one included.
    pub all: &'a [Judged<'a>],
    /// The site.
    pub site: &'a SiteFacts,
    /// Values of secrets.
    pub secrets: &'a Secrets,
    /// Files of the site.
    pub files: &'a dyn Files,
    /// Firmware with known holes.
    pub advisories: &'a Advisories,
    /// What a plan changes, where one is judged.
    pub changes: Option<&'a Changes>,
    /// Now.
    pub now: jiff::Timestamp,
    /// Parameters of the rule.
    pub params: &'a Params,
    /// What the rule found out about files on other devices of the run.
    pub seen: &'a Seen,
    /// What the devices say of themselves, where only some of the site are looked at.
    pub among: &'a OnceLock<Marks>,
}

/// What a rule found out once and asks of many devices, kept for one run.
#[derive(Default)]
pub struct Seen {
    /// What is wrong with each file or text: hundreds of devices name one certificate, and say one notice.
    problems: Mutex<BTreeMap<String, Option<String>>>,
    /// What the devices of the site say of themselves.
    marks: OnceLock<Marks>,
}

/// Where a device says something that no other may say too.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The device.
    pub device: Arc<str>,
    /// Dotted path of the setting.
    pub path: String,
    /// Its place.
    pub origin: Origin,
}

/// All that is said so, by what is said.
pub type Marks = HashMap<String, Vec<Mark>>;

impl Seen {
    /// What is wrong with a file or text, found out the first time it is asked for; `None` where nothing is.
    pub fn problem(&self, of: &str, find: impl FnOnce() -> Option<String>) -> Option<String> {
        let mut known = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(problem) = known.get(of) {
            return problem.clone();
        }
        let problem = find();
        known.insert(of.to_owned(), problem.clone());
        problem
    }
}

impl<'a> Input<'a> {
    /// The device of a name. A site has its devices by name; samples may not.
    pub fn device_called(&self, name: &str) -> Option<&'a Judged<'a>> {
        let at = self.all.binary_search_by(|judged| (*judged.device.name).cmp(name)).ok();
        at.map(|at| &self.all[at]).or_else(|| self.all.iter().find(|judged| *judged.device.name == *name))
    }

    /// What the devices say of themselves, gathered the first time it is asked for. A sample that stands alone keeps
    /// what it gathers to itself.
    pub fn marks(&self, gather: impl FnOnce() -> Marks) -> &'a Marks {
        let marks = if self.all.len() > 1 { &self.seen.marks } else { self.among };
        marks.get_or_init(gather)
    }
}

/// Parameters by name.
pub type Params = BTreeMap<&'static str, ParamValue>;

/// What an analysis says.
pub enum Answer {
    /// It holds.
    Pass,
    /// It does not; each cause is a line of the device.
    Fail(Vec<Cause>),
    /// Something that decides it is not known.
    Unknown(Vec<Cause>),
    /// It does not concern this device.
    NotApplicable,
}

/// The analyses that packs may name.
pub fn find(name: &str) -> Option<&'static Analysis> {
    all().find(|a| a.name == name)
}

/// All analyses, in order of their names.
pub fn all() -> impl Iterator<Item = &'static Analysis> {
    super::analyses::ALL.iter().copied()
}

impl Input<'_> {
    /// A number handed by the rule.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.params.get(name)? {
            ParamValue::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// A text handed by the rule.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.params.get(name)? {
            ParamValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A list handed by the rule; empty where it is not given.
    pub fn list(&self, name: &str) -> &[String] {
        match self.params.get(name) {
            Some(ParamValue::List(list)) => list,
            _ => &[],
        }
    }

    /// Phrases handed by the rule; none where they are not given.
    pub fn phrases(&self, name: &str) -> &[Phrase] {
        match self.params.get(name) {
            Some(ParamValue::Phrases(list)) => list,
            _ => &[],
        }
    }

    /// The value at a dotted path.
    pub fn fact(&self, path: &str) -> Option<&Fact> {
        debug_assert!(self.facts.shape.fields(path).is_some(), "`{path}` is a setting of the model");
        self.facts.value(path)
    }

    /// The entries of a list; `None` where the list is not known.
    pub fn items(&self, path: &str) -> Option<&[Item]> {
        Some(&self.facts.items(path)?.items)
    }

    /// A group within a group by name.
    pub fn inside<'g>(&self, group: &'g Group, name: &str) -> Option<&'g Group> {
        inside(self.facts, group, name)
    }

    /// The word that a group within a group begins with, with its place: `mode "udp"`, `ssh on`.
    pub fn tag<'g>(&self, group: &'g Group, name: &str) -> Option<&'g Fact> {
        let inner = self.inside(group, name)?;
        let (ix, _) = self.facts.shape.group(inner.shape).head()?;
        inner.fact(ix)
    }

    /// A field of an entry by name.
    pub fn field<'g>(&self, group: &'g Group, name: &str) -> Option<&'g Fact> {
        field(self.facts, group, name)
    }

    /// A cause at a value or entry of this device: where a person wrote it, else at the header.
    pub fn cause(&self, path: impl Into<String>, origin: Option<Origin>, sentence: impl Into<String>) -> Cause {
        let written = origin.filter(|o| o.layer > SiteDevice::BASE);
        Cause {
            beneath: if written.is_none() { origin } else { None },
            ..Cause::told(written.unwrap_or(header(self.device)), path, sentence)
        }
    }

    /// A cause for a setting of which nobody says anything, in the words of patterns.
    pub fn unsaid(&self, path: &str) -> Cause {
        Cause { sentence: None, expected: ANY_VALUE.to_owned(), ..self.absent(path, "") }
    }

    /// A cause for a setting that is not there, at the nearest group that is.
    pub fn absent(&self, path: &str, sentence: impl Into<String>) -> Cause {
        let origin = nearest(self.facts, path).unwrap_or(header(self.device));
        Cause { origin, ..self.cause(path, Some(origin), sentence) }
    }
}

/// The device's own header as an origin.
pub fn header(device: &SiteDevice) -> Origin {
    let layer = u16::try_from(device.layers.len().saturating_sub(1)).unwrap_or(u16::MAX);
    Origin { layer, ..Origin::new(device.loc) }
}

/// A field of a group by name.
pub fn field<'g>(facts: &Facts, group: &'g Group, name: &str) -> Option<&'g Fact> {
    let found = facts.shape.group(group.shape).field(name);
    debug_assert!(found.is_some(), "`{name}` is a field of the model");
    group.fact(found?.0)
}

/// A group within a group by name.
pub fn inside<'g>(facts: &Facts, group: &'g Group, name: &str) -> Option<&'g Group> {
    let (ix, _) = facts.shape.group(group.shape).field(name)?;
    match group.get(ix)? {
        Setting::Group(inner) => Some(inner),
        _ => None,
    }
}

/// The header of the nearest group above a path that a person wrote.
fn nearest(facts: &Facts, path: &str) -> Option<Origin> {
    let mut rest = path;
    loop {
        let at = facts.group(rest).map(|g| g.origin).filter(|o| o.layer > SiteDevice::BASE);
        if at.is_some() {
            return at;
        }
        rest = rest.rsplit_once('.')?.0;
    }
}
