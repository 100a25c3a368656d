//! What is sealed is what was judged (invariant 12): the filled text is read with the same table before it is sealed.

mod by_lines;

use std::collections::{BTreeMap, BTreeSet};

use super::Platform;
use crate::dialect::{Table, ini};
use crate::finding::{Finding, codes};
use crate::model::facts::{Facts, Group, Items, Leaf, Setting, Value, is_within, key_text, leaves};
use crate::model::shape::FieldShape;
use crate::native::{Filled, NativeConfig, Reading};
use crate::secret::Secrets;
use crate::site::device::SiteDevice;

/// Reads one filled text back and compares it with what people said and, for the rest, with the base. Notes, intents
/// and settings that the other text carries are left out. No finding shows a secret.
///
/// # Errors
/// Every setting that would not arrive as it was judged, at that setting, and every line that nobody asked for.
pub fn read_back(
    platform: &Platform,
    device: &SiteDevice,
    config: &NativeConfig,
    filled: &Filled,
    base: Option<&Reading>,
    secrets: &Secrets,
) -> Result<(), Vec<Finding>> {
    let file = crate::source::FileId::NONE;
    if let Some(dialect) = platform.table(filled.form)
        && !matches!(dialect.table, Table::Ini(_))
    {
        let findings = by_lines::read_back(&dialect.table, device, config, filled, secrets);
        return if findings.is_empty() { Ok(()) } else { Err(findings) };
    }
    let Some(reading) = platform.read(filled.form, file, &filled.text) else { return Ok(()) };
    let mut check = Check { device, secrets, reading: &reading, findings: Vec::new() };
    check.secrets(platform, config, filled);
    check.own(config);
    check.lists();
    check.rest(platform, filled, base);
    check.lines(platform, filled, base);
    if check.findings.is_empty() { Ok(()) } else { Err(check.findings) }
}

struct Check<'a> {
    device: &'a SiteDevice,
    secrets: &'a Secrets,
    reading: &'a Reading,
    findings: Vec<Finding>,
}

/// All values by their path, which stands in the key alone.
fn by_path(facts: &Facts) -> BTreeMap<String, Leaf<'_>> {
    leaves(facts).map(|mut leaf| (std::mem::take(&mut leaf.path), leaf)).collect()
}

impl Check<'_> {
    fn tell(&mut self, origin: crate::source::Origin, path: &str, message: String, help: &str) {
        let mut finding = Finding::new(codes::platform::READ_BACK, origin.loc(), message).help(help);
        finding.trail = self.device.trail(origin);
        self.findings.push(finding.path(path).device(&*self.device.name));
    }

    /// Every secret is one that its place can hold. Nothing is said of what it is.
    fn secrets(&mut self, platform: &Platform, config: &NativeConfig, filled: &Filled) {
        let Some(dialect) = platform.table(filled.form) else { return };
        let own = by_path(&self.device.own);
        for rendered in config.rendered.iter().filter(|r| r.form == filled.form) {
            let Some(leaf) = own.get(&rendered.path) else { continue };
            let Value::Secret(name) = &leaf.fact.value else { continue };
            let value = self.secrets.get(name).and_then(|v| v.expose_text());
            let (Some(value), Some(rules)) = (value, ini::secret_rules(dialect, &rendered.path)) else { continue };
            if rules.judge(value).is_err() {
                let message = format!("the secret `{name}` is none that the device takes here");
                let help = format!(
                    "it takes {} to {} printable ASCII characters without `{}`, no space at either end",
                    rules.min, rules.max, rules.except
                );
                let mut finding = Finding::new(codes::platform::LIMIT, leaf.fact.origin.loc(), message).help(help);
                finding.trail = self.device.trail(leaf.fact.origin);
                self.findings.push(finding.path(&*rendered.path).device(&*self.device.name));
            }
        }
    }

    /// Every setting that has a place in this form reads back as it was said.
    fn own(&mut self, config: &NativeConfig) {
        let form = config.machine.as_ref().map(|m| m.form);
        let own = by_path(&self.device.own);
        let read = by_path(&self.reading.facts);
        for rendered in config.rendered.iter().filter(|r| Some(r.form) == form) {
            let Some(leaf) = own.get(&rendered.path) else { continue };
            let value = &leaf.fact.value;
            if !value.is_known() || *value == Value::Held {
                continue;
            }
            let there = read.get(&rendered.path).map(|l| &l.fact.value);
            let arrives = match value {
                Value::Secret(name) => {
                    let wanted = self.secrets.get(name);
                    // an empty secret is a place without one
                    let held = self.reading.secrets.get(&rendered.path);
                    wanted.is_none() || held == wanted || held.is_none() && wanted.is_some_and(|w| w.is_empty())
                }
                _ => there.is_some_and(|t| same(leaf.field, value, t)),
            };
            if arrives {
                continue;
            }
            let message = match there {
                _ if matches!(value, Value::Secret(_)) => {
                    format!("the secret of `{}` would not arrive as it is", rendered.path)
                }
                Some(there) => {
                    format!("`{}` would arrive as {} and not as {}", rendered.path, there.to_kdl(), value.to_kdl())
                }
                None => format!("`{}` would not arrive at all", rendered.path),
            };
            let help =
                "another setting of the description says otherwise on this device, or the value can't be told apart";
            self.tell(leaf.fact.origin, &rendered.path, message, help);
        }
    }

    /// A list that is written is owned whole: nothing more and nothing less stands there.
    fn lists(&mut self) {
        let mut lists = Vec::new();
        owned(&self.device.own, &self.device.own.root, "", &mut lists);
        for (path, items) in lists {
            let Some(there) = self.reading.facts.items(&path) else { continue };
            let shape = self.device.own.shape;
            let is_removed = |g: &Group| g.iter().any(|(ix, _)| shape.group(g.shape).at(ix).intent);
            let said: BTreeSet<String> =
                items.items.iter().filter(|i| !is_removed(&i.group)).map(|i| key_text(shape, &i.group)).collect();
            let read: BTreeSet<String> = there.items.iter().map(|i| key_text(shape, &i.group)).collect();
            if let Some(extra) = read.difference(&said).next() {
                let message = format!("`{path}` would hold `{extra}`, which nobody wrote");
                self.tell(
                    items.origin,
                    &path,
                    message,
                    "a list that is written is owned whole: write it, or look at the base",
                );
            }
            for missing in said.difference(&read) {
                let at = items.find(shape, missing);
                let origin = at.map_or(items.origin, |i| i.group.origin);
                let message = format!("`{missing}` would not arrive in `{path}`");
                self.tell(
                    origin,
                    &format!("{path}[{missing}]"),
                    message,
                    "the device can't tell it from another entry",
                );
            }
        }
    }

    /// What nobody said stays as the base has it. Settings that share a line with one that was said may follow it.
    fn rest(&mut self, platform: &Platform, filled: &Filled, base: Option<&Reading>) {
        let (Some(base), Some(dialect)) = (base, platform.table(filled.form)) else { return };
        let own = by_path(&self.device.own);
        let before = by_path(&base.facts);
        let shared = ini::shared(dialect);
        let mut lists = Vec::new();
        owned(&self.device.own, &self.device.own.root, "", &mut lists);
        let mut changed = Vec::new();
        for leaf in leaves(&self.reading.facts) {
            let of = |p: &str| is_within(&leaf.path, p);
            let follows =
                shared.iter().any(|p| of(p)) || lists.iter().any(|(p, _)| of(p)) || redefined(&own, &leaf.path);
            if follows || own.contains_key(&leaf.path) {
                continue;
            }
            let stays = match before.get(&leaf.path) {
                Some(b) if b.fact.value == Value::Held && leaf.fact.value == Value::Held => {
                    base.secrets.get(&leaf.path) == self.reading.secrets.get(&leaf.path)
                }
                Some(b) => same(leaf.field, &b.fact.value, &leaf.fact.value),
                None => false,
            };
            if !stays {
                changed.push(leaf.path);
            }
        }
        for path in changed {
            let origin = crate::source::Origin::new(self.device.platform_loc);
            let message = format!("`{path}` would change although nothing says so");
            self.tell(origin, &path, message, "say it in the description, so that it is judged");
        }
    }

    /// Every line belongs to an entry, to the base, or to `vendor-settings`.
    fn lines(&mut self, platform: &Platform, filled: &Filled, base: Option<&Reading>) {
        let (Some(base), Some(dialect)) = (base, platform.table(filled.form)) else { return };
        for line in ini::strangers(dialect, &filled.text, &base.text, &self.device.own) {
            let origin = crate::source::Origin::new(self.device.platform_loc);
            let message = format!("line {line} of the native text belongs to no setting and not to the base");
            self.tell(origin, "platform", message, "this is a fault of the table; nothing was sealed");
        }
    }
}

/// Properties of another variant than the base's mean something new.
fn redefined(own: &BTreeMap<String, Leaf<'_>>, path: &str) -> bool {
    let holder = path.rsplit_once('.').map_or("", |(holder, _)| holder);
    let mode = holder.split_once(".mode").map_or(holder.to_owned(), |(port, _)| format!("{port}.mode"));
    path.contains(".mode.") && own.contains_key(&format!("{mode}.kind"))
}

/// Whether two values are the same; the order of a list counts where the model says so.
fn same(field: &FieldShape, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) if !field.ordered => a.len() == b.len() && a.iter().all(|x| b.contains(x)),
        _ => a == b,
    }
}

/// Lists that somebody wrote, by path; those that exist by hardware are stepped into.
fn owned<'a>(facts: &'a Facts, group: &'a Group, prefix: &str, found: &mut Vec<(String, &'a Items)>) {
    let shape = facts.shape;
    for (ix, setting) in group.iter() {
        let field = shape.group(group.shape).at(ix);
        if field.note {
            continue;
        }
        let path = || if prefix.is_empty() { field.name.to_owned() } else { format!("{prefix}.{}", field.name) };
        match setting {
            Setting::Value(_) => {}
            Setting::Group(inner) => owned(facts, inner, &path(), found),
            Setting::Items(items) if field.fixed => {
                let path = path();
                for item in &items.items {
                    owned(facts, &item.group, &format!("{path}[{}]", key_text(shape, &item.group)), found);
                }
            }
            Setting::Items(items) => found.push((path(), items)),
        }
    }
}
