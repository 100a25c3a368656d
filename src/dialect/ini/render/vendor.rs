//! Native keys that a description passes through: word for word of the table, and none that a setting owns.

use super::super::{HIDDEN, Table, is_token};
use super::{Out, Writer};
use crate::dialect::{Alphabet, Dialect, Refusal, TextRules};
use crate::model::facts::{Facts, Group, Setting, Value};
use crate::model::shape::closest;
use crate::source::Origin;

/// What may stand behind `Key=`.
fn rules() -> TextRules {
    TextRules { alphabet: Alphabet::Printable, except: ";".into(), min: 0, max: 512 }
}

/// The `key` entries of `vendor-settings`: section, key, value, and where the value stands.
pub(in crate::dialect::ini) fn keys(facts: &Facts) -> Vec<(&str, &str, &str, Origin)> {
    let shape = facts.shape;
    let Some(group) = facts.group("vendor-settings") else { return Vec::new() };
    let list = shape.group(group.shape).field("key").and_then(|(ix, _)| group.get(ix));
    let Some(Setting::Items(items)) = list else { return Vec::new() };
    fn text<'f>(facts: &Facts, group: &'f Group, name: &str) -> Option<(&'f str, Origin)> {
        let (ix, _) = facts.shape.group(group.shape).field(name)?;
        let fact = group.fact(ix)?;
        if let Value::Text(text) = &fact.value { Some((text, fact.origin)) } else { None }
    }
    items
        .items
        .iter()
        .filter_map(|i| {
            let (section, _) = text(facts, &i.group, "section")?;
            let (name, _) = text(facts, &i.group, "name")?;
            let (value, origin) = text(facts, &i.group, "value")?;
            Some((section, name, value, origin))
        })
        .collect()
}

impl Writer<'_, '_> {
    pub(super) fn vendor(&mut self, dialect: &Dialect, own: &Facts) {
        let Some(table) = super::super::table(dialect) else { return };
        for (section, name, value, origin) in keys(own) {
            let path = format!("vendor-settings.key[{section},{name}]");
            match self.vendor_line(table, section, name, value) {
                Ok(line) => self.set(Some(line), Out::Text(value.to_owned()), section, name, Some((&path, origin))),
                Err((code, refusal)) => self.finding(code, refusal, origin, &path),
            }
        }
    }

    fn vendor_line(
        &self,
        table: &Table,
        section: &str,
        name: &str,
        value: &str,
    ) -> Result<u32, (&'static str, Refusal)> {
        let Some((known, _)) = table.section(section) else {
            let names = table.sections.iter().map(|s| &*s.name);
            return Err(("platform.unknown-key", unknown("section", section, names)));
        };
        let spelled = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let found = known.keys.get(name).map(|k| (name, k));
        let near = || known.keys.iter().find(|(k, _)| spelled(k) == spelled(name)).map(|(k, v)| (&**k, v));
        match found.or_else(near) {
            Some((key, known)) if known.setting.is_some() => {
                let setting = known.setting.as_deref().unwrap_or("");
                let message = format!("`[{section}] {key}` is the setting `{setting}`");
                return Err(("platform.mapped-key", Refusal::new(message, format!("write `{setting}` instead"))));
            }
            Some((key, known)) if key == name && !known.show => {
                let message = format!("`[{section}] {key}` may hold a secret");
                let help = "a secret never stands in a description; set it on the device";
                return Err(("platform.hidden-key", Refusal::new(message, help)));
            }
            Some((key, _)) if key == name => {}
            _ => {
                let names = known.keys.iter().filter(|(_, k)| k.setting.is_none()).map(|(k, _)| &**k);
                return Err(("platform.unknown-key", unknown("key", name, names)));
            }
        }
        rules().judge(value).map_err(|r| ("platform.limit", r))?;
        if is_token(value) {
            let message = format!("`{HIDDEN}` is what redaction leaves behind");
            return Err(("platform.limit", Refusal::new(message, "write the value itself")));
        }
        let lines = 0..self.cut.count() as u32;
        let here = |l: &u32| self.cut.key(*l).strip_suffix('=') == Some(name) && self.cut.section_of(*l) == section;
        lines.into_iter().find(here).ok_or_else(|| {
            let message = format!("the base has no line `[{section}] {name}`");
            ("platform.no-key", Refusal::new(message, "capture the device again, or leave the line out"))
        })
    }
}

fn unknown<'n>(what: &str, name: &str, names: impl Iterator<Item = &'n str>) -> Refusal {
    let help = match closest(name, names) {
        Some(near) => format!("did you mean `{near}`? Keys are written word for word"),
        None => "keys are written word for word as the device exports them".to_owned(),
    };
    Refusal::new(format!("no {what} is called `{name}` on this platform"), help)
}
