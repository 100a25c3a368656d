//! Facts over a base: the lines that settings own are written, every other byte stays.

mod emit;
mod encode;
mod slots;
mod vendor;

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt as _};

use super::layout::{Bound, Cut};
use super::read::{Reader, applies, kept};
use super::{Entry, Kind};
use crate::dialect::exposure::is_token;
use crate::dialect::{Dialect, Refusal};
use crate::finding::{Code, Finding, Note, codes};
use crate::model::facts::{Fact, Facts, Group, Value};
use crate::native::{Form, Grade, KeptLine, NativeText, Reading, Rendered};
use crate::secret::SecretRef;
use crate::source::Origin;

/// What became of the settings.
pub struct Rendering {
    /// The text.
    pub text: NativeText,
    /// Every setting with its place.
    pub rendered: Vec<Rendered>,
    /// Lines of the base that no entry maps.
    pub unmodelled: Vec<KeptLine>,
    /// Redacted lines that nothing filled; left out.
    pub omitted: Vec<KeptLine>,
    /// Settings that have no place in this form.
    pub unplaced: Vec<String>,
}

/// What a line gets.
#[derive(Debug, Clone, PartialEq)]
enum Out {
    Text(String),
    /// A secret, and the setting that it fills.
    Secret(SecretRef, String),
}

struct Writer<'a, 't> {
    cut: &'a Cut<'t>,
    read: Reader<'a, 't>,
    trail: &'a dyn Fn(Origin) -> Vec<Note>,
    out: HashMap<u32, Out>,
    /// Who says a line, whether or not it changes: for contradictions.
    claims: HashMap<u32, (Out, String, Origin)>,
    /// Lines that the base does not have: section, key, value.
    inserted: Vec<(Box<str>, Box<str>, Out)>,
    rendered: Vec<Rendered>,
    covered: BTreeSet<String>,
    findings: Vec<Finding>,
}

/// Where an entry's setting is, beside its own path.
#[derive(Clone, Copy)]
struct Site<'p> {
    section: &'p str,
    /// `serial.port[1].`
    prefix: &'p str,
}

/// Lays what people wrote over a base. `trail` tells how a value's line reaches the device.
///
/// # Errors
/// Every value that the device can't hold, at that value.
pub fn render(
    dialect: &'static Dialect,
    own: &Facts,
    base: &Reading,
    trail: &dyn Fn(Origin) -> Vec<Note>,
) -> Result<Rendering, Vec<Finding>> {
    let Some(cut) = Cut::new(dialect, &base.text) else {
        return Err(vec![Finding::new(codes::platform::FORM, own.root.origin.loc(), "this table has no sections")]);
    };
    let mut writer = Writer {
        read: Reader::new(&cut),
        cut: &cut,
        trail,
        out: HashMap::new(),
        claims: HashMap::new(),
        inserted: Vec::new(),
        rendered: Vec::new(),
        covered: BTreeSet::new(),
        findings: Vec::new(),
    };
    for pass in 0..3 {
        writer.pass(own, &base.facts, pass);
    }
    writer.sections_that_are_missing(own);
    writer.vendor(dialect, own);
    let unplaced = writer.unplaced(own);
    if !writer.findings.is_empty() {
        return Err(writer.findings);
    }
    let (text, omitted) = writer.emit(dialect.newline);
    Ok(Rendering { text, rendered: writer.rendered, unmodelled: kept(&cut), omitted, unplaced })
}

/// Names must stand before what refers to them, and what a key holds before whether it holds anything.
fn order(entry: &Entry) -> usize {
    match &entry.kind {
        Kind::Present => 2,
        Kind::Reference { .. } => 1,
        Kind::Slots(slots) if slots.entries.iter().any(|e| order(e) == 1) => 1,
        _ => 0,
    }
}

impl<'a, 't> Writer<'a, 't> {
    fn pass(&mut self, own: &Facts, base: &Facts, pass: usize) {
        for instance in &self.cut.layout.instances {
            let (group, below, prefix);
            match (&instance.section.each, instance.number) {
                (Some(each), Some(number)) => {
                    let number = Value::Int(i64::from(number));
                    let find = |facts: &'_ Facts| -> Option<usize> {
                        let same = |g: &Group| g.fact(each.key).is_some_and(|f| f.value == number);
                        each.list.items(&facts.root)?.items.iter().position(|i| same(&i.group))
                    };
                    let Some(at) = find(own) else { continue };
                    group = each.list.items(&own.root).map(|i| &i.items[at].group);
                    below = find(base).and_then(|at| each.list.items(&base.root).map(|i| &i.items[at].group));
                    prefix = format!("{}[{}].", each.list.path, number.plain());
                }
                _ => {
                    group = Some(&own.root);
                    below = Some(&base.root);
                    prefix = String::new();
                }
            }
            let Some(group) = group else { continue };
            let site = Site { section: &instance.name, prefix: &prefix };
            for bound in instance.bound.iter().filter(|b| order(b.entry) == pass) {
                self.entry(bound, group, below, site);
            }
        }
    }

    fn entry(&mut self, bound: &Bound, group: &Group, below: Option<&Group>, site: Site<'_>) {
        let entry = bound.entry;
        if entry.read_only || !applies(entry, group, below) {
            return;
        }
        if let Kind::Slots(slots) = &entry.kind {
            return self.slots(bound, slots, group, site);
        }
        let Some(fact) = entry.at.fact(group) else { return };
        let unsourced = entry.place.grade == Grade::Unknown;
        if unsourced || matches!(&entry.kind, Kind::Scalar(codec) if codec.is_foreign()) {
            // a value that was read and never understood stays as the base has it
            if !fact.value.is_known() {
                self.covered.insert(format!("{}{}", site.prefix, entry.at.leaf));
            }
            return;
        }
        let path = format!("{}{}", site.prefix, entry.at.leaf);
        self.covered.insert(path.clone());
        let keeps = !fact.value.is_known() || fact.value == Value::Held;
        if !keeps && let Err((refusal, origin)) = self.write(bound, fact, site) {
            self.refuse(refusal, origin, &path);
        }
        self.placed(bound, path, site);
    }

    fn placed(&mut self, bound: &Bound, path: String, site: Site<'_>) {
        self.rendered.push(Rendered {
            path,
            place: format!("[{}] {}", site.section, bound.keys.join(", ")),
            form: Form::Ini,
            grade: bound.entry.place.grade,
            source: bound.entry.place.source.clone(),
        });
    }

    fn refuse(&mut self, refusal: Refusal, origin: Origin, path: &str) {
        self.finding(codes::platform::LIMIT, refusal, origin, path);
    }

    fn finding(&mut self, code: Code, refusal: Refusal, origin: Origin, path: &str) {
        let mut finding = Finding::new(code, origin.loc(), refusal.message).help(refusal.help).path(path);
        finding.trail = (self.trail)(origin);
        self.findings.push(finding);
    }

    /// Writes a value into the lines of its entry; lines that say it already stay as they are, in their spelling.
    fn write(&mut self, bound: &Bound, fact: &Fact, site: Site<'_>) -> Result<(), (Refusal, Origin)> {
        let path = format!("{}{}", site.prefix, bound.entry.at.leaf);
        let now = self.read.fact(bound, "");
        if now.is_some_and(|now| same(bound.entry, &now.value, &fact.value))
            && !matches!(bound.entry.kind, Kind::Present | Kind::Reference { .. })
        {
            for (line, key) in bound.lines.iter().zip(&bound.keys) {
                let value = line.map(|l| self.cut.value(l).to_owned()).unwrap_or_default();
                self.set(*line, Out::Text(value), site.section, key, Some((&path, fact.origin)));
            }
            return Ok(());
        }
        let natives: Vec<Out> = match (&bound.entry.kind, &fact.value) {
            (Kind::Present, Value::Switch(on)) => return self.present(bound, *on, fact, &path),
            (Kind::Reference { .. }, value) => vec![Out::Text(self.reference(bound, value, fact.origin)?)],
            (Kind::Scalar(codec), Value::Secret(name)) if codec.is_secret() => {
                let name = SecretRef::new(name).map_err(|e| (Refusal::new(e.to_string(), e.help()), fact.origin))?;
                vec![Out::Secret(name, path.clone())]
            }
            _ => encode::encode(bound.entry, fact)?.into_iter().map(Out::Text).collect(),
        };
        if let Some(Out::Text(text)) = natives.iter().find(|n| matches!(n, Out::Text(t) if is_token(t))) {
            let help = "public text shows such words in place of secrets; write another text";
            return Err((Refusal::new(format!("`{text}` is what redaction leaves behind"), help), fact.origin));
        }
        for ((line, key), native) in bound.lines.iter().zip(&bound.keys).zip(natives) {
            self.set(*line, native, site.section, key, Some((&path, fact.origin)));
        }
        Ok(())
    }

    /// Gives a line its value. `by` is the setting that says so; without one a missing line is no loss.
    fn set(&mut self, line: Option<u32>, native: Out, section: &str, key: &str, by: Option<(&str, Origin)>) {
        let Some(line) = line else {
            match (native, by) {
                (_, None) => {}
                // a capture may have been taken without its secrets
                (native @ Out::Secret(..), _) => self.inserted.push((section.into(), key.into(), native)),
                (_, Some((path, origin))) => {
                    let refusal = Refusal::new(
                        format!("the base has no line `[{section}] {key}`"),
                        "its firmware may not know the key: capture the device again, or leave the setting out",
                    );
                    self.finding(codes::platform::NO_KEY, refusal, origin, path);
                }
            }
            return;
        };
        if let Some((path, origin)) = by {
            if let Some((other, by, at)) = self.claims.get(&line)
                && *other != native
            {
                let message = format!("`{path}` and `{by}` contradict each other on this device");
                let help = format!("both are the one line `[{section}] {key}`: let them say the same");
                let mut finding =
                    Finding::new(codes::platform::CONTRADICTION, origin.loc(), message).help(help).path(path);
                finding.trail = (self.trail)(origin);
                finding = finding.related(at.loc(), "the other one");
                self.findings.push(finding);
                return;
            }
            self.claims.insert(line, (native.clone(), path.to_owned(), origin));
        }
        let twins = self.cut.layout.twins.get(&line).into_iter().flatten().copied();
        for line in std::iter::once(line).chain(twins) {
            match &native {
                Out::Text(text) if *text == self.cut.value(line) => self.out.remove(&line),
                _ => self.out.insert(line, native.clone()),
            };
        }
    }

    /// The text that a line will have, where it is no secret.
    fn final_text(&self, line: u32) -> &str {
        match self.out.get(&line) {
            Some(Out::Text(text)) => text,
            Some(Out::Secret(..)) => "",
            None => self.cut.value(line),
        }
    }

    fn present(&mut self, bound: &Bound, on: bool, fact: &Fact, path: &str) -> Result<(), (Refusal, Origin)> {
        let [Some(line)] = bound.lines[..] else {
            return Err((Refusal::new("the base has no line for it", "capture the device again"), fact.origin));
        };
        let empty = bound.entry.empty.as_deref().unwrap_or("");
        let now = self.final_text(line);
        let is_on = now != empty;
        match (on, is_on, self.claims.get(&line)) {
            (true, true, _) | (false, false, _) => Ok(()),
            (true, false, _) => {
                let message = format!("this device switches `{path}` on by `{}`, which is empty", bound.keys[0]);
                Err((Refusal::new(message, "say which server, too"), fact.origin))
            }
            (false, true, Some((_, by, at))) => {
                let message = format!("`{path}` is off and `{by}` is set: on this device they are one line");
                let help = format!("`{}` is on as long as it holds anything: leave one of the two out", bound.keys[0]);
                let mut finding = Finding::new(codes::platform::CONTRADICTION, fact.origin.loc(), message).help(help);
                finding = finding.path(path).related(at.loc(), "set here");
                finding.trail = (self.trail)(fact.origin);
                self.findings.push(finding);
                Ok(())
            }
            (false, true, None) => {
                self.set(Some(line), Out::Text(empty.to_owned()), "", "", None);
                Ok(())
            }
        }
    }

    fn reference(&self, bound: &Bound, value: &Value, origin: Origin) -> Result<String, (Refusal, Origin)> {
        let wanted = value.plain();
        let names: Vec<&str> = bound.names.iter().map(|l| l.map_or("", |l| self.final_text(l))).collect();
        match names.iter().position(|n| *n == wanted && !n.is_empty()) {
            Some(number) => Ok(number.to_string()),
            None => {
                let known: Vec<String> =
                    names.iter().filter(|n| !n.is_empty() && !is_token(n)).map(|n| format!("`{n}`")).collect();
                let help = format!("it has {}", known.join(", "));
                Err((Refusal::new(format!("the device has nothing called `{wanted}`"), help), origin))
            }
        }
    }

    /// Entries of a list of sections (ports) that the base has no section for.
    fn sections_that_are_missing(&mut self, own: &Facts) {
        let mut lists: Vec<(&super::Each, Vec<i64>)> = Vec::new();
        for instance in &self.cut.layout.instances {
            let (Some(each), Some(number)) = (&instance.section.each, instance.number) else { continue };
            match lists.iter_mut().find(|(e, _)| e.list.path == each.list.path) {
                Some((_, numbers)) => numbers.push(i64::from(number)),
                None => lists.push((each, vec![i64::from(number)])),
            }
        }
        for (each, numbers) in lists {
            let items = each.list.items(&own.root).map(|i| &i.items[..]).unwrap_or_default();
            for item in items {
                let Some(Fact { value: Value::Int(n), .. }) = item.group.fact(each.key) else { continue };
                if !numbers.contains(n) {
                    let path = format!("{}[{n}]", each.list.path);
                    let help = format!("it has {}", numbers.iter().max().copied().unwrap_or(0));
                    let refusal = Refusal::new(format!("the device has no number {n} of these"), help);
                    self.finding(codes::platform::LIMIT, refusal, item.group.origin, &path);
                }
            }
        }
    }

    /// Settings that no entry took.
    fn unplaced(&self, own: &Facts) -> Vec<String> {
        let inside = |path: &str| self.covered.range(format!("{path}.")..).next().is_some_and(|c| c.starts_with(path));
        let entry = |path: &str| path.ends_with(']') && inside(path);
        let mut left = Vec::new();
        crate::dialect::wanted(own, &mut |path, _| {
            if !self.covered.contains(path) && !entry(path) {
                left.push(path.to_owned());
            }
        });
        left
    }
}

/// Whether two values of an entry are the same; the order of a list counts where the model says so.
fn same(entry: &Entry, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) if !entry.at.field.ordered => {
            a.len() == b.len() && a.iter().all(|x| b.contains(x))
        }
        _ => a == b,
    }
}
