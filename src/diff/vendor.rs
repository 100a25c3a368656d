//! `vendor-settings`: native keys and lines that no setting maps, looked for among the lines that a reading kept.

use super::Walk;
use crate::model::facts::{Fact, Group, Setting, Value};
use crate::model::paths::{VENDOR_SETTINGS_KEY, VENDOR_SETTINGS_LINE};
use crate::native::{KeptLine, Side};

impl Walk<'_> {
    pub(super) fn vendor(&mut self, setting: &Setting) {
        let Setting::Group(group) = setting else { return };
        for (ix, setting) in group.iter() {
            let Setting::Items(items) = setting else { continue };
            let name = self.shape.group(group.shape).at(ix).name;
            for item in &items.items {
                match name {
                    "key" => self.vendor_key(&item.group),
                    _ => self.vendor_line(&item.group),
                }
            }
        }
    }

    fn vendor_key(&mut self, group: &Group) {
        let text = |name: &str| self.text(group, name);
        let (Some(section), Some(key), Some(wanted)) = (text("section"), text("name"), text("value")) else { return };
        let running = self.running;
        let sections = sections(&running.text);
        let there = running.kept.iter().find_map(|line| {
            let (name, value) = line.shown.split_once('=')?;
            (name.trim() == &*key && section_of(&sections, line) == Some(&section)).then(|| value.trim())
        });
        if there != Some(wanted.trim()) {
            let path = format!("{VENDOR_SETTINGS_KEY}[{section},{key}].value");
            let before = there.map_or(Side::Nothing, |there| Side::Value(Value::Text(there.into())));
            let change = self.change(path, before, Side::Value(Value::Text(wanted)), group.origin);
            self.report(change);
        }
    }

    fn vendor_line(&mut self, group: &Group) {
        let Some(wanted) = self.text(group, "text") else { return };
        if !self.running.kept.iter().any(|line| line.shown.trim() == wanted.trim()) {
            let path = format!("{VENDOR_SETTINGS_LINE}[{wanted}]");
            let change = self.change(path, Side::Nothing, Side::Value(Value::Text(wanted)), group.origin);
            self.report(change);
        }
    }

    fn text(&self, group: &Group, name: &str) -> Option<Box<str>> {
        let (ix, _) = self.shape.group(group.shape).field(name)?;
        match group.fact(ix)? {
            Fact { value: Value::Text(text), .. } => Some(text.clone()),
            _ => None,
        }
    }
}

/// Sections of a native text, each with its line, from 1.
fn sections(text: &str) -> Vec<(usize, &str)> {
    fn name(line: &str) -> Option<&str> {
        line.trim().strip_prefix('[')?.strip_suffix(']')
    }
    text.lines().enumerate().filter_map(|(i, line)| Some((i + 1, name(line)?))).collect()
}

fn section_of<'t>(sections: &[(usize, &'t str)], line: &KeptLine) -> Option<&'t str> {
    sections.iter().rev().find(|(at, _)| *at < line.line).map(|(_, name)| *name)
}
