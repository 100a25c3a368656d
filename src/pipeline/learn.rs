//! An entry of a table out of two texts of a device that differ by one setting: what a site has seen and no table says.

mod answered;

use std::collections::BTreeMap;

pub use answered::{Taught, answered};

use super::incoming::Incoming;
use crate::dialect::{SiteTables, Target};
use crate::model::facts::{Value, quote};
use crate::model::shape::{ScalarKind, Shape, parse_scalar};
use crate::model::value::{Time, UNITS};
use crate::native::Form;
use crate::platform;
use crate::source::{FileId, behind_secret_word};

/// An entry as it may stand in a site's `dialects/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// The file that it belongs into: `mx-ros.cli.kdl`.
    pub file: String,
    /// A whole table with that entry alone.
    pub text: String,
}

/// Why no entry comes of two texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LearnError {
    /// They are of two platforms, or in two forms.
    #[error("the texts are not of one kind: {0} and {1}")]
    Kinds(String, String),
    /// The language has no such setting, or it is a list.
    #[error("`{0}` is no setting that holds one value")]
    NoSetting(String),
    /// A value that the setting can't have.
    #[error("`{value}` is no value of `{path}`")]
    NoValue {
        /// What was typed.
        value: String,
        /// The setting.
        path: String,
    },
    /// Secrets are not learned.
    #[error("`{0}` is a secret, or what changed names one: its place is told by people, never by two texts")]
    Secret(String),
    /// A table says it already.
    #[error("a table knows the place of `{0}` in this form already")]
    Known(String),
    /// Nothing that no table knows is another.
    #[error("nothing changed between the texts but what tables know")]
    Nothing,
    /// More than one thing is another.
    #[error("{0} lines that no table knows are others, and one setting is one of them")]
    Several(usize),
    /// What changed does not say the value in any way that tables have.
    #[error("what changed does not show how `{0}` is written")]
    Unclear(String),
}

impl LearnError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            LearnError::Kinds(..) => "read the same device twice, in the same way",
            LearnError::NoSetting(_) => "`schema/language.md` lists the settings: `services.telnet`, `login.banner`",
            LearnError::NoValue { .. } => "give the value as a description would have it",
            LearnError::Secret(_) => "write the entry by hand, with `as=\"secret\"`",
            LearnError::Known(_) => "`fieldlock dialect show` tells where",
            LearnError::Nothing => "change the setting on the device, and read it again",
            LearnError::Several(_) => "take the first text right before the change, and change one setting alone",
            LearnError::Unclear(_) => "for a switch both texts have to show its line; else write the entry by hand",
        }
    }
}

/// The entry for the setting at `path`, which has `value` in `after` and another one in `before`. Both texts are read
/// with it before it is handed out. What it says of values is what the texts show: one word of an enumeration.
///
/// # Errors
/// Why none comes of these texts.
pub fn learn(before: &Incoming, after: &Incoming, path: &str, value: &str) -> Result<Learned, LearnError> {
    let kind = |one: &Incoming| format!("{} as {}", one.on.kind.word(), one.form.ending());
    if (before.on.kind, before.form) != (after.on.kind, after.form) {
        return Err(LearnError::Kinds(kind(before), kind(after)));
    }
    let target = Target::resolve(Shape::device().root, path).filter(|target| !target.is_scalars());
    let scalar = target.as_ref().and_then(Target::scalar).ok_or_else(|| LearnError::NoSetting(path.to_owned()))?;
    if *scalar == ScalarKind::Secret {
        return Err(LearnError::Secret(path.to_owned()));
    }
    let no_value = || LearnError::NoValue { value: value.to_owned(), path: path.to_owned() };
    let wanted = parse_scalar(scalar, None, value).ok_or_else(no_value)?;
    if after.reading.facts.value(path).is_some() {
        return Err(LearnError::Known(path.to_owned()));
    }
    let changed = Changed::between(before, after)?;
    if behind_secret_word(&changed.after).is_some() {
        return Err(LearnError::Secret(path.to_owned()));
    }
    let entry = entry(after.form, path, &wanted, &changed).ok_or_else(|| LearnError::Unclear(path.to_owned()))?;
    let (name, form) = (after.on.kind.word(), after.form.ending());
    let source = format!("{} and {}, which differ by this setting", file_name(&before.name), file_name(&after.name));
    let head = format!("dialect {} form={} source={}", quote(name), quote(form), quote(&source));
    let learned = Learned { file: format!("{name}.{form}.kdl"), text: format!("{head} {{\n{entry}}}\n") };
    match reads(&learned, before, after, path, &wanted) {
        true => Ok(learned),
        false => Err(LearnError::Unclear(path.to_owned())),
    }
}

/// Whether with the entry the second text says the value, and the first one does not.
fn reads(learned: &Learned, before: &Incoming, after: &Incoming, path: &str, wanted: &Value) -> bool {
    let mut tables = SiteTables::default();
    if tables.add(&learned.file, FileId::NONE, &learned.text).is_err() {
        return false;
    }
    let on = platform::with(tables.of(after.on.kind));
    let said = |one: &Incoming| {
        let reading = on.read(one.form, FileId::NONE, &one.reading.text)?;
        reading.facts.value(path).map(|fact| fact.value.clone())
    };
    said(after).as_ref() == Some(wanted) && said(before).as_ref() != Some(wanted)
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The one line that no table knows and that is another.
struct Changed {
    /// The section or page that it stands in; empty in other forms.
    holder: String,
    before: Option<String>,
    after: String,
}

impl Changed {
    fn between(before: &Incoming, after: &Incoming) -> Result<Changed, LearnError> {
        let (mut old, new) = (unknown(before), unknown(after));
        let mut changed: Vec<(String, String)> = Vec::new();
        for (line, count) in new {
            let was = old.remove(&line).unwrap_or_default();
            changed.extend(std::iter::repeat_n(line, count.saturating_sub(was)));
        }
        let gone: Vec<(String, String)> = old.into_keys().collect();
        match (&mut changed[..], &gone[..]) {
            ([], []) => Err(LearnError::Nothing),
            ([(holder, line)], []) => {
                Ok(Changed { holder: std::mem::take(holder), before: None, after: std::mem::take(line) })
            }
            ([(holder, line)], [(other, was)]) if holder == other => {
                Ok(Changed { holder: std::mem::take(holder), before: Some(was.clone()), after: std::mem::take(line) })
            }
            (new, gone) => Err(LearnError::Several(new.len().max(gone.len()))),
        }
    }
}

/// Lines that no entry maps, each with the section or page that it stands in, and how often.
fn unknown(of: &Incoming) -> BTreeMap<(String, String), usize> {
    let kept: Vec<usize> = of.reading.kept.iter().map(|kept| kept.line).collect();
    let mut found = BTreeMap::new();
    let mut section = String::new();
    for (at, line) in of.reading.text.lines().enumerate() {
        let line = line.trim();
        if of.form == Form::Ini && line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_owned();
        }
        if !line.is_empty() && kept.binary_search(&(at + 1)).is_ok() {
            let (holder, line) = match (of.form, line.split_once('\t')) {
                (Form::Sheet, Some((page, rest))) => (page.to_owned(), rest),
                _ => (section.clone(), line),
            };
            *found.entry((holder, line.to_owned())).or_default() += 1;
        }
    }
    found
}

fn entry(form: Form, path: &str, value: &Value, changed: &Changed) -> Option<String> {
    let parted = match form {
        Form::Ini => '=',
        Form::Sheet => '\t',
        Form::Cli => return line(path, value, changed).map(|line| format!("    {line}\n")),
    };
    let (key, native) = changed.after.split_once(parted)?;
    let was = changed.before.as_deref().and_then(|line| line.split_once(parted)).filter(|(was, _)| *was == key);
    let (node, holder) = if form == Form::Ini { ("key", "section") } else { ("field", "page") };
    let codec = codec(value, native, was.map(|(_, was)| was))?;
    let inner = format!("{node} {} at={} {codec}", quote(key), quote(path));
    Some(format!("    {holder} {} {{\n        {inner}\n    }}\n", quote(&changed.holder)))
}

/// A command line: a switch with its two lines, or a line with a place for the value.
fn line(path: &str, value: &Value, changed: &Changed) -> Option<String> {
    if let Value::Switch(on) = value {
        let was = changed.before.as_deref()?;
        let (on, off) = if *on { (&*changed.after, was) } else { (was, &*changed.after) };
        return Some(format!("switch {} off={} at={}", quote(on), quote(off), quote(path)));
    }
    let words: Vec<&str> = changed.after.split(' ').collect();
    let was: Vec<&str> = changed.before.iter().flat_map(|line| line.split(' ')).collect();
    let differs = |at: &usize| was.len() != words.len() || was[*at] != words[*at];
    let places: Vec<(usize, String)> =
        (1..words.len()).filter(differs).filter_map(|at| Some((at, codec(value, words[at], None)?))).collect();
    let [(at, codec)] = &places[..] else { return None };
    let mut shown = words;
    shown[*at] = "{value}";
    Some(format!("line {} at={} {codec}", quote(&shown.join(" ")), quote(path)))
}

/// How a value is written as a native word.
fn codec(value: &Value, native: &str, was: Option<&str>) -> Option<String> {
    match value {
        Value::Switch(on) => {
            let (on, off) = if *on { (native, was?) } else { (was?, native) };
            Some(format!("as=\"bool\" on={} off={}", quote(on), quote(off)))
        }
        Value::Word(_) => Some(format!("as=\"enum\" {{ word {} {} }}", quote(&value.plain()), quote(native))),
        Value::Time(time) => {
            let number: u64 = native.parse().ok()?;
            let unit = UNITS.iter().find(|(_, unit)| number.checked_mul(*unit).map(Time::Millis) == Some(*time))?;
            Some(format!("as=\"int\" unit=\"{}\"", unit.0))
        }
        Value::Int(number) => (native.parse() == Ok(*number)).then(|| "as=\"int\"".to_owned()),
        other => (other.plain() == native).then(|| "as=\"text\"".to_owned()),
    }
}
