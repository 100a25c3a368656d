//! What several texts of one device say together: a file or a running configuration, and a sheet for what that does not
//! show. Each was read on a day of its own; where they tell the same setting the newer one counts, and that they differ
//! is told.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::finding::{Finding, codes};
use crate::model::Facts;
use crate::model::facts::{Leaf, Value, key_text, leaves, only, overlay, owned_over};
use crate::native::{Form, Reading};
use crate::platform::Platform;
use crate::secret::SecretValue;
use crate::site::SiteCapture;
use crate::source::{FileId, SourceMap};

/// One text that was read from a device.
pub struct ReadText {
    /// Form of the native text.
    pub form: Form,
    /// The text, among the sources.
    pub file: FileId,
    /// The capture of the site that it is; `None` where a person handed it in for this run.
    pub capture: Option<Arc<SiteCapture>>,
    /// How it came, where it is no capture.
    pub how: &'static str,
    /// What it says.
    pub reading: Reading,
}

/// The state of a device, read.
pub struct State {
    /// Its texts, the newest first; never none.
    texts: Vec<ReadText>,
    /// What they say together, where they are several.
    together: Option<Reading>,
    /// Texts of receipts that were laid over them: what a person confirmed on the device.
    confirmed: BTreeSet<FileId>,
}

impl ReadText {
    /// When it was read: what is handed in is as the device is now.
    fn age(&self) -> (bool, Reverse<Option<jiff::Timestamp>>, bool) {
        let taken = self.capture.as_ref().map(|capture| capture.typed.taken.map(|taken| taken.begins()));
        (taken.is_some(), Reverse(taken.flatten()), self.form == Form::Sheet)
    }

    /// How it is called for people: its file, and when it was read.
    fn called(&self, sources: &SourceMap) -> String {
        let taken = self.capture.as_ref().and_then(|capture| capture.typed.taken);
        let name = sources.name(self.file);
        taken.map_or_else(|| format!("`{name}`"), |taken| format!("`{name}` of {taken}"))
    }
}

impl State {
    /// The state that texts of one device show; `None` where there is none.
    pub(super) fn of(on: &Platform, mut texts: Vec<ReadText>) -> Option<State> {
        texts.sort_by_key(ReadText::age);
        texts.first()?;
        let said: Vec<(Form, &Reading)> = texts.iter().map(|text| (text.form, &text.reading)).collect();
        let together = together(on, &said);
        Some(State { texts, together, confirmed: BTreeSet::new() })
    }

    /// Lays what a person confirmed over what was read: over the sheet where there is one. `gone` are the entries that
    /// were deleted.
    pub(super) fn confirm(&mut self, on: &Platform, file: FileId, reading: Reading, gone: &[&str]) {
        for text in &mut self.texts {
            gone.iter().for_each(|path| take_away(&mut text.reading.facts, path));
        }
        match self.texts.iter_mut().find(|text| text.form == Form::Sheet) {
            Some(sheet) => {
                let facts = &mut sheet.reading.facts;
                overlay(facts.shape, &mut facts.root, &reading.facts.root);
                sheet.reading.redacted.extend(reading.redacted);
                *sheet.reading.text = over(&sheet.reading.text, &reading.text);
            }
            None => self.texts.insert(0, ReadText { form: Form::Sheet, file, capture: None, how: "", reading }),
        }
        self.confirmed.insert(file);
        let said: Vec<(Form, &Reading)> = self.texts.iter().map(|text| (text.form, &text.reading)).collect();
        self.together = together(on, &said);
    }

    /// The same of a device that nothing else was read from.
    pub(super) fn confirmed_alone(file: FileId, reading: Reading) -> State {
        let text = ReadText { form: Form::Sheet, file, capture: None, how: "", reading };
        State { texts: vec![text], together: None, confirmed: BTreeSet::from([file]) }
    }

    /// Texts of receipts that were laid over what was read.
    pub fn confirmed(&self) -> &BTreeSet<FileId> {
        &self.confirmed
    }

    /// Its texts, the newest first.
    pub fn texts(&self) -> &[ReadText] {
        &self.texts
    }

    /// What it says in all its texts.
    pub fn reading(&self) -> &Reading {
        self.together.as_ref().unwrap_or(&self.texts[0].reading)
    }

    /// Its text in a form.
    pub fn in_form(&self, form: Form) -> Option<&ReadText> {
        self.texts.iter().find(|text| text.form == form)
    }

    /// Whether a person handed it in for this run, or a part of it.
    pub fn handed(&self) -> bool {
        self.texts.iter().any(|text| text.capture.is_none() && !self.confirmed.contains(&text.file))
    }

    /// Whether silence about a setting is its factory value, in one of the texts.
    pub(super) fn absent_is_factory(&self, on: &Platform, path: &str) -> bool {
        self.texts.iter().any(|text| on.absent_is_factory(text.form, path, &text.reading))
    }

    /// Whether one of the texts has a place for a setting.
    pub(super) fn shows(&self, on: &Platform, path: &str) -> bool {
        self.texts.iter().any(|text| on.shows(text.form, path))
    }

    /// Whether a secret that was read is the one with this fingerprint; `None` where no capture has one of the same
    /// key.
    pub(super) fn is_held(&self, path: &str, told: &str) -> Option<bool> {
        let text = self.texts.iter().find(|text| text.reading.redacted.iter().any(|redacted| redacted == path))?;
        let held = &text.capture.as_ref()?.typed.held;
        let there = held.iter().find(|held| held.setting.as_deref() == Some(path))?.fingerprint.as_deref()?;
        let key = |fingerprint: &str| fingerprint.split_once(':').map(|(key, _)| key.to_owned());
        (key(there)? == key(told)?).then_some(there == told)
    }

    /// What an older text says otherwise than a newer one.
    pub(super) fn disagreement(&self, device: &str, sources: &SourceMap) -> Option<Finding> {
        let (newest, older) = self.texts.split_first()?;
        let together = self.together.as_ref()?;
        let mut differing: Vec<(&ReadText, Leaf<'_>)> = Vec::new();
        for text in older {
            let other = |leaf: &Leaf<'_>| {
                let value = &leaf.fact.value;
                let now = together.facts.value(&leaf.path).map(|fact| &fact.value);
                let told = |value: &Value| value.is_known() && !matches!(value, Value::Held);
                told(value) && now != Some(value) && now.is_none_or(told)
            };
            differing.extend(leaves(&text.reading.facts).filter(other).map(|leaf| (text, leaf)));
        }
        let (text, first) = differing.first()?;
        let counts = together.facts.value(&first.path);
        let loc = counts.map_or(first.fact.origin.loc(), |fact| fact.origin.loc());
        let more = match differing.len() - 1 {
            0 => String::new(),
            1 => " and one more setting".to_owned(),
            n => format!(" and {n} more settings"),
        };
        let message = format!(
            "{} tells `{}`{more} otherwise than {}, which is newer and counts",
            text.called(sources),
            first.path,
            newest.called(sources),
        );
        let finding = Finding::new(codes::site::CAPTURES_DIFFER, loc, message).device(device).path(first.path.clone());
        let marked = differing.iter().take(MOST_MARKED);
        Some(marked.fold(finding, |finding, (_, leaf)| finding.related(leaf.fact.origin.loc(), "the older text says")))
    }
}

/// As many settings that differ are shown with their lines; all are counted.
const MOST_MARKED: usize = 20;

/// What several texts say, the newest first; `None` of fewer than two.
pub(super) fn together(on: &Platform, texts: &[(Form, &Reading)]) -> Option<Reading> {
    let ((_, oldest), newer) = texts.split_last().filter(|(_, newer)| !newer.is_empty())?;
    let mut all = copied(oldest);
    for (form, reading) in newer.iter().rev() {
        // what a whole text is silent about is as it was shipped, whatever an older one says
        let silent = |path: &str| on.absent_is_factory(*form, path, reading);
        let mut beneath = only(&all.facts, &|path: &str| !silent(path));
        let shape = beneath.shape;
        // a person fills in some rows of a sheet; elsewhere a list that is shown is shown whole
        match *form == Form::Ini || reading.whole {
            true => beneath.root = owned_over(shape, &beneath.root, &reading.facts.root),
            false => drop(overlay(shape, &mut beneath.root, &reading.facts.root)),
        }
        all.facts = beneath;
        all.redacted.retain(|path| !reading.secrets.contains_key(path));
        all.redacted.extend(reading.redacted.iter().cloned());
        all.secrets.retain(|path, _| !reading.redacted.contains(path));
        all.secrets.extend(reading.secrets.iter().map(|(path, value)| (path.clone(), copy(value))));
        all.kept.extend(reading.kept.iter().cloned());
    }
    all.redacted.sort();
    all.redacted.dedup();
    // numbers and lines are those of the text that a machine reads
    if let Some((_, reading)) = texts.iter().find(|(form, _)| Some(*form) == on.machine) {
        all.numbers = reading.numbers.clone();
        all.whole = reading.whole;
        all.text = Zeroizing::new(reading.text.to_string());
    }
    Some(all)
}

/// Takes an entry of a list away.
fn take_away(facts: &mut Facts, path: &str) {
    let Some((list, key)) = path.strip_suffix(']').and_then(|path| path.rsplit_once('[')) else { return };
    let shape = facts.shape;
    if let Some(items) = facts.items_mut(list) {
        items.items.retain(|item| key_text(shape, &item.group) != key);
    }
}

/// A sheet with the lines of another in the place of its own for the same fields.
fn over(sheet: &str, newer: &str) -> String {
    let field = |line: &str| line.rsplit_once('\t').map_or_else(|| line.to_owned(), |(field, _)| field.to_owned());
    let new: BTreeSet<String> = newer.lines().map(field).collect();
    let kept = sheet.lines().filter(|line| !new.contains(&field(line)));
    kept.chain(newer.lines()).map(|line| format!("{line}\n")).collect()
}

fn copy(value: &SecretValue) -> SecretValue {
    SecretValue::copy_of(value.expose())
}

fn copied(reading: &Reading) -> Reading {
    Reading {
        facts: reading.facts.clone(),
        secrets: reading.secrets.iter().map(|(path, value)| (path.clone(), copy(value))).collect(),
        redacted: reading.redacted.clone(),
        numbers: reading.numbers.clone(),
        kept: reading.kept.clone(),
        whole: reading.whole,
        text: Zeroizing::new(reading.text.to_string()),
    }
}
