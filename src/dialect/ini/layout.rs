//! A table compiled to the line numbers of texts that are built alike: exports of one model and firmware differ in
//! their values, seldom in their lines. A known layout makes reading a walk over slices.

use std::sync::{Arc, RwLock};

use foldhash::{HashMap, HashMapExt as _};

use super::{Entry, Kind, Section, Slot, Table};
use crate::dialect::Dialect;
use crate::dialect::exposure::{Exposure, HIDDEN};
use crate::source::names_secret;

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineKind {
    /// Nothing on it.
    Blank,
    /// `[Section]`.
    Header {
        /// Whether the table lists the section: the name of any other is shown to nobody.
        known: bool,
    },
    /// `Key=`, and what the table knows of the key.
    Key {
        /// Who may see the value.
        exposure: Exposure,
        /// Whether the table lists the key.
        listed: bool,
        /// Whether an entry maps it.
        mapped: bool,
    },
    /// Neither: kept, never shown.
    Other,
}

#[derive(Debug)]
pub(super) struct Line {
    /// What the line begins with: `Key=`, or all of it where it has no value.
    start: Box<str>,
    pub(super) kind: LineKind,
    /// Number of its section's header line; `u32::MAX` before the first.
    pub(super) section: u32,
}

/// Line numbers of everything that the table maps, for one sequence of sections and keys.
#[derive(Debug)]
pub struct Layout {
    dialect: &'static Dialect,
    pub(super) lines: Vec<Line>,
    pub(super) instances: Vec<Instance>,
    /// Further lines that say the same key of the same section, by the first one.
    pub(super) twins: HashMap<u32, Vec<u32>>,
    /// The last line with a key, or the header, of each section.
    pub(super) ends: HashMap<Box<str>, u32>,
}

/// One section of a text.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) section: &'static Section,
    pub(super) name: Box<str>,
    pub(super) number: Option<u32>,
    pub(super) bound: Vec<Bound>,
}

/// An entry with the lines of its keys.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) entry: &'static Entry,
    pub(super) keys: Vec<Box<str>>,
    pub(super) lines: Vec<Option<u32>>,
    /// For references: the lines that hold the names.
    pub(super) names: Vec<Option<u32>>,
    /// For lists in slots.
    pub(super) slots: Vec<BoundSlot>,
}

/// A slot with its lines.
#[derive(Debug)]
pub(super) struct BoundSlot {
    pub(super) slot: &'static Slot,
    pub(super) used: Option<u32>,
    pub(super) bound: Vec<Bound>,
}

impl BoundSlot {
    /// The lines that it has.
    pub(super) fn lines(&self) -> impl Iterator<Item = u32> {
        self.used.into_iter().chain(self.bound.iter().flat_map(|bound| bound.lines.iter().flatten().copied()))
    }
}

/// A text cut into lines by a layout.
pub(super) struct Cut<'t> {
    pub(super) text: &'t str,
    pub(super) layout: Arc<Layout>,
    spans: Vec<LineSpan>,
}

#[derive(Debug, Clone, Copy)]
struct LineSpan {
    start: u32,
    /// End of the content, the line break left out.
    end: u32,
    /// End with the line break.
    next: u32,
}

impl<'t> Cut<'t> {
    /// Cuts a text, by a known layout where one fits.
    pub(super) fn new(dialect: &'static Dialect, text: &'t str) -> Option<Cut<'t>> {
        let table = super::table(dialect)?;
        let spans = split(text);
        let layout = known(dialect, text, &spans).unwrap_or_else(|| {
            let fresh = Arc::new(Layout::compile(dialect, table, text, &spans));
            remember(fresh.clone());
            fresh
        });
        Some(Cut { text, layout, spans })
    }

    pub(super) fn count(&self) -> usize {
        self.spans.len()
    }

    /// The line without its break.
    pub(super) fn line(&self, line: u32) -> &'t str {
        let span = self.spans[line as usize];
        &self.text[span.start as usize..span.end as usize]
    }

    /// The line's break, as it is there.
    pub(super) fn ending(&self, line: u32) -> &'t str {
        let span = self.spans[line as usize];
        &self.text[span.end as usize..span.next as usize]
    }

    /// Its first byte.
    pub(super) fn start(&self, line: u32) -> usize {
        self.spans[line as usize].start as usize
    }

    /// A header as public text shows it.
    pub(super) fn shown_header(&self, line: u32, known: bool) -> String {
        if known { self.line(line).to_owned() } else { format!("[{HIDDEN}]") }
    }

    /// `Key=`.
    pub(super) fn key(&self, line: u32) -> &'t str {
        let span = self.spans[line as usize];
        &self.text[span.start as usize..span.start as usize + self.layout.lines[line as usize].start.len()]
    }

    /// What follows `Key=`.
    pub(super) fn value(&self, line: u32) -> &'t str {
        let (start, end) = self.value_span(line);
        &self.text[start..end]
    }

    /// Its bytes.
    pub(super) fn value_span(&self, line: u32) -> (usize, usize) {
        let span = self.spans[line as usize];
        (span.start as usize + self.layout.lines[line as usize].start.len(), span.end as usize)
    }

    /// The bytes of the name in a header's brackets.
    pub(super) fn name_span(&self, line: u32) -> (usize, usize) {
        let span = self.spans[line as usize];
        (span.start as usize + 1, span.end as usize - 1)
    }

    /// The name in brackets of the section that a line stands in.
    pub(super) fn section_of(&self, line: u32) -> &'t str {
        match self.layout.lines[line as usize].section {
            u32::MAX => "",
            header => header_name(self.line(header)).unwrap_or(""),
        }
    }
}

fn split(text: &str) -> Vec<LineSpan> {
    let mut spans = Vec::with_capacity(text.len() / 20);
    let mut start = 0;
    while start < text.len() {
        let (end, next) = match text[start..].find('\n') {
            Some(at) => (start + at, start + at + 1),
            None => (text.len(), text.len()),
        };
        let content = if text[start..end].ends_with('\r') { end - 1 } else { end };
        spans.push(LineSpan { start: start as u32, end: content as u32, next: next as u32 });
        start = next;
    }
    spans
}

fn header_name(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

/// Layouts met so far. More than a fleet has kinds of devices would be a sign of something else.
static KNOWN: RwLock<Vec<Arc<Layout>>> = RwLock::new(Vec::new());
const MOST: usize = 32;

fn known(dialect: &'static Dialect, text: &str, spans: &[LineSpan]) -> Option<Arc<Layout>> {
    let candidates: Vec<Arc<Layout>> = {
        let all = KNOWN.read().ok()?;
        let alike = |l: &&Arc<Layout>| std::ptr::eq(l.dialect, dialect) && l.lines.len() == spans.len();
        all.iter().filter(alike).cloned().collect()
    };
    candidates.into_iter().find(|l| l.fits(text, spans))
}

fn remember(layout: Arc<Layout>) {
    if let Ok(mut all) = KNOWN.write() {
        if all.len() >= MOST {
            all.remove(0);
        }
        all.push(layout);
    }
}

impl Layout {
    /// Whether the text has these very sections and keys, line by line.
    fn fits(&self, text: &str, spans: &[LineSpan]) -> bool {
        let bytes = text.as_bytes();
        self.lines.iter().zip(spans).all(|(line, span)| {
            let here = &bytes[span.start as usize..span.end as usize];
            match line.kind {
                LineKind::Key { .. } => here.starts_with(line.start.as_bytes()),
                _ => here == line.start.as_bytes(),
            }
        })
    }

    fn compile(dialect: &'static Dialect, table: &'static Table, text: &str, spans: &[LineSpan]) -> Layout {
        let mut layout = Layout {
            dialect,
            lines: Vec::with_capacity(spans.len()),
            instances: Vec::new(),
            twins: HashMap::new(),
            ends: HashMap::new(),
        };
        let mut keys: HashMap<&str, HashMap<&str, u32>> = HashMap::new();
        let mut order: Vec<(&str, &'static Section, Option<u32>)> = Vec::new();
        let (mut name, mut header, mut section) = ("", u32::MAX, None);
        for (at, span) in spans.iter().enumerate() {
            let at = at as u32;
            let content = &text[span.start as usize..span.end as usize];
            let (start, kind) = if content.is_empty() {
                (content, LineKind::Blank)
            } else if let Some(found) = header_name(content) {
                (name, header) = (found, at);
                section = table.section(found);
                if let Some((section, number)) = section
                    && !order.iter().any(|(n, ..)| *n == found)
                {
                    order.push((found, section, number));
                }
                layout.ends.insert(found.into(), at);
                (content, LineKind::Header { known: section.is_some() || found.is_empty() })
            } else if let Some((key, _)) = content.split_once('=') {
                layout.ends.insert(name.into(), at);
                let first = *keys.entry(name).or_default().entry(key).or_insert(at);
                if first != at {
                    layout.twins.entry(first).or_default().push(at);
                }
                let known = section.and_then(|(s, _)| s.keys.get(key));
                let kind = LineKind::Key {
                    exposure: known.map_or_else(|| guess(name, key, section.is_some()), |k| k.exposure),
                    listed: known.is_some(),
                    mapped: known.is_some_and(|k| k.setting.is_some()),
                };
                (&content[..key.len() + 1], kind)
            } else {
                (content, LineKind::Other)
            };
            layout.lines.push(Line { start: start.into(), kind, section: header });
        }
        // a section that the text does not have is bound to no line, so that a setting in it is told, not lost
        for section in table.sections.iter().filter(|s| !s.name.contains("{n}")) {
            if !order.iter().any(|(_, s, _)| std::ptr::eq(*s, section)) {
                order.push((&section.name, section, None));
            }
        }
        let line = |section: &str, key: &str| keys.get(section).and_then(|s| s.get(key)).copied();
        for (name, section, number) in order {
            let bound = section.entries.iter().map(|e| bind(e, name, "", &line)).collect();
            layout.instances.push(Instance { section, name: name.into(), number, bound });
        }
        layout
    }
}

/// Who may see the value of a key that the table does not list: nobody.
fn guess(section: &str, key: &str, known: bool) -> Exposure {
    if names_secret(key) || !known && names_secret(section) { Exposure::Secret } else { Exposure::Hidden }
}

fn bind(entry: &'static Entry, section: &str, slot: &str, line: &impl Fn(&str, &str) -> Option<u32>) -> Bound {
    let named = |key: &str| -> Box<str> { key.replace("{slot}", slot).into() };
    let keys: Vec<Box<str>> = entry.keys.iter().map(|k| named(k)).collect();
    let lines = keys.iter().map(|k| line(section, k)).collect();
    let names = match &entry.kind {
        Kind::Reference { section, names } => names.iter().map(|n| line(section, n)).collect(),
        _ => Vec::new(),
    };
    let slots = match &entry.kind {
        Kind::Slots(slots) => {
            let one = |slot: &'static Slot| BoundSlot {
                slot,
                used: slots.used.as_ref().and_then(|(k, ..)| line(section, &k.replace("{slot}", &slot.name))),
                bound: slots.entries.iter().map(|e| bind(e, section, &slot.name, line)).collect(),
            };
            slots.slots.iter().map(one).collect()
        }
        _ => Vec::new(),
    };
    Bound { entry, keys, lines, names, slots }
}
