//! Reading back command lines and sheets: only what was rendered stands in them, so all of it must have been said.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{by_path, owned, same};
use crate::dialect::Table;
use crate::finding::{Finding, codes};
use crate::model::Value;
use crate::model::facts::{Group, Leaf, key_text, leaves};
use crate::model::paths::VENDOR_SETTINGS_LINE;
use crate::native::{Filled, NativeConfig, Reading};
use crate::secret::Secrets;
use crate::site::device::SiteDevice;
use crate::source::{FileId, Loc, Origin};

/// Reads a filled text back with its table.
pub(super) fn read_back(
    table: &Table,
    device: &SiteDevice,
    config: &NativeConfig,
    filled: &Filled,
    secrets: &Secrets,
) -> Vec<Finding> {
    let reading = match table {
        Table::Cli(table) => {
            crate::dialect::cli::read(table, FileId::NONE, &filled.text, crate::dialect::cli::Extent::Part)
        }
        Table::Sheet(table) => crate::dialect::sheet::read(table, FileId::NONE, &filled.text),
        Table::Ini(_) => return Vec::new(),
    };
    let own = by_path(&device.own);
    let mut check = Check { device, config, filled, secrets, reading: &reading, findings: Vec::new() };
    check.arrives(&own);
    check.nothing_more(&own);
    check.lists();
    check.lines();
    check.findings
}

struct Check<'a> {
    device: &'a SiteDevice,
    config: &'a NativeConfig,
    filled: &'a Filled,
    secrets: &'a Secrets,
    reading: &'a Reading,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn tell(&mut self, origin: Origin, path: &str, message: String) {
        let mut finding = Finding::new(codes::platform::READ_BACK, origin.loc(), message);
        finding.trail = self.device.trail(origin);
        self.findings.push(finding.path(path).device(&*self.device.name));
    }

    /// Every setting that has a place in this form reads back as it was said; a list of words may be parted between
    /// the forms.
    fn arrives(&mut self, own: &BTreeMap<String, Leaf<'_>>) {
        let read = by_path(&self.reading.facts);
        for rendered in self.config.rendered.iter().filter(|r| r.form == self.filled.form) {
            let Some(leaf) = own.get(&rendered.path) else { continue };
            let there = read.get(&rendered.path).map(|l| &l.fact.value);
            let arrives = match (&leaf.fact.value, there) {
                (Value::Secret(name), Some(_)) => self.secrets.get(name).is_none_or(|wanted| {
                    self.reading.secrets.get(&rendered.path).map_or(wanted.is_empty(), |held| held == wanted)
                }),
                (Value::List(said), Some(Value::List(there))) => {
                    let elsewhere = |v: &Value| {
                        let path = format!("{}[{}]", rendered.path, v.plain());
                        self.config.rendered.iter().any(|r| r.form != self.filled.form && r.path == path)
                    };
                    let here: Vec<_> = said.iter().filter(|f| !elsewhere(&f.value)).cloned().collect();
                    same(leaf.field, &Value::List(here), &Value::List(there.clone()))
                }
                (value, Some(there)) => same(leaf.field, value, there),
                (_, None) => false,
            };
            if !arrives {
                let message = format!("`{}` would not arrive as it was judged", rendered.path);
                self.tell(leaf.fact.origin, &rendered.path, message);
            }
        }
    }

    /// Nothing stands there that nobody said, values that the base lent to a line left out.
    fn nothing_more(&mut self, own: &BTreeMap<String, Leaf<'_>>) {
        let said_lines = self.said_lines();
        for leaf in leaves(&self.reading.facts) {
            let said = match own.get(&leaf.path).map(|l| &l.fact.value) {
                Some(Value::List(said)) => match &leaf.fact.value {
                    Value::List(there) => there.iter().all(|f| said.contains(f)),
                    _ => false,
                },
                Some(said) => *said == leaf.fact.value || leaf.fact.value == Value::Held,
                // a line that says several settings takes what people left out from the base
                None => leaf.fact.value.is_known() && said_lines.contains(&leaf.fact.origin.loc()),
            };
            if !said {
                let message = format!("`{}` would be set although nobody said so", leaf.path);
                self.tell(Origin::new(self.device.platform_loc), &leaf.path, message);
            }
        }
    }

    /// The lines that say what people said, each by the place that its settings are read from.
    fn said_lines(&self) -> HashSet<Loc> {
        let here = self.config.rendered.iter().filter(|r| r.form == self.filled.form);
        let said: HashSet<&str> = here.map(|r| &*r.path).collect();
        let facts = &self.reading.facts;
        let mut lists = Vec::new();
        owned(facts, &facts.root, "", &mut lists);
        let entries = lists.iter().flat_map(|(path, items)| items.items.iter().map(move |item| (path, &item.group)));
        let entries = entries
            .filter(|(path, group)| said.contains(&*format!("{path}[{}]", key_text(facts.shape, group))))
            .map(|(_, group)| group.origin.loc());
        let values = leaves(facts).filter(|leaf| said.contains(&*leaf.path)).map(|leaf| leaf.fact.origin.loc());
        values.chain(entries).collect()
    }

    fn lists(&mut self) {
        let shape = self.device.own.shape;
        let removed = |g: &Group| g.iter().any(|(ix, _)| shape.group(g.shape).at(ix).intent);
        let mut lists = Vec::new();
        owned(&self.device.own, &self.device.own.root, "", &mut lists);
        for (path, items) in lists {
            let said: BTreeSet<String> =
                items.items.iter().filter(|i| !removed(&i.group)).map(|i| key_text(shape, &i.group)).collect();
            let there = self.reading.facts.items(&path);
            let read: BTreeSet<String> =
                there.into_iter().flat_map(|t| &t.items).map(|i| key_text(shape, &i.group)).collect();
            for extra in read.difference(&said) {
                let message = format!("`{path}` would hold `{extra}`, which nobody wrote");
                self.tell(items.origin, &path, message);
            }
            for missing in said.difference(&read) {
                let at = format!("{path}[{missing}]");
                if self.config.rendered.iter().any(|r| r.form == self.filled.form && r.path == at) {
                    self.tell(items.origin, &at, format!("`{missing}` would not arrive in `{path}`"));
                }
            }
        }
    }

    /// Every line belongs to an entry or to `vendor-settings`.
    fn lines(&mut self) {
        let path = VENDOR_SETTINGS_LINE;
        let passed: BTreeSet<String> = self
            .device
            .own
            .items(path)
            .into_iter()
            .flat_map(|items| &items.items)
            .map(|i| key_text(self.device.own.shape, &i.group))
            .collect();
        let lines: Vec<&str> = self.filled.text.lines().collect();
        for kept in &self.reading.kept {
            let line = lines.get(kept.line.saturating_sub(1)).copied().unwrap_or("");
            if !passed.contains(line) {
                let message = format!("line {} of the native text belongs to no setting", kept.line);
                self.tell(Origin::new(self.device.platform_loc), "platform", message);
            }
        }
    }
}
