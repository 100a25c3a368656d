//! What a device has, as one reading shows it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::OnceLock;

use ipnet::IpNet;
use zeroize::Zeroizing;

use super::commands::Line;
use super::{Task, Trouble};
use crate::device::Speech;
use crate::dialect::cli::Table;
use crate::dialect::wanted;
use crate::model::facts::{complete, key_text, leaves, only, overlay};
use crate::model::paths::ALLOWLIST_HOST;
use crate::model::{Facts, Value};
use crate::native::{Form, Reading};
use crate::platform;
use crate::site::SiteDevice;
use crate::site::identity::Tells;
use crate::source::FileId;
use crate::syntax;

/// A reading.
pub struct Seen {
    /// The recorded session.
    pub text: Zeroizing<String>,
    /// What it says.
    pub reading: Reading,
    /// What the device tells of itself.
    pub tells: Tells,
    pub(super) speech: &'static Speech,
    pub(super) table: &'static Table,
    /// Its lines as the table writes them, once somebody asked.
    pub(super) lines: OnceLock<Vec<Line>>,
}

impl Seen {
    /// What a recorded session shows of a device.
    ///
    /// # Errors
    /// Something of it is missing, or nobody can read it.
    pub fn of(device: &SiteDevice, text: String) -> Result<Seen, Trouble> {
        let text = Zeroizing::new(text);
        let on = platform::at(device);
        let speech = Speech::of(device.platform);
        let table = on.table(Form::Cli).and_then(super::commands::table);
        let reading = on.read(Form::Cli, FileId::NONE, &text);
        match (speech, table, reading) {
            (Some(speech), Some(table), Some(reading)) if reading.whole => {
                Ok(Seen { tells: Tells::of(&reading.facts), reading, text, speech, table, lines: OnceLock::new() })
            }
            _ => Err(Trouble::Cut),
        }
    }

    /// What the device has beneath what is described: what was read, over what silence means. Whoever reads it over SSH
    /// is let in by SSH, from where they are: a list without an entry lets everybody in on some devices.
    pub(super) fn beneath(&self, device: &SiteDevice, from: &[IpAddr]) -> Facts {
        let on = platform::at(device);
        let silent = |path: &str| on.absent_is_factory(Form::Cli, path, &self.reading);
        let factory = device.factory.as_deref().map(|factory| only(factory, &silent));
        let read = &self.reading.facts;
        let known = complete(read.shape, factory.as_ref(), None, read.clone());
        let mut known = complete(read.shape, Some(&facts(read, "services { ssh on }")), None, known);
        let hosts = known.items(ALLOWLIST_HOST).into_iter().flat_map(|items| &items.items);
        let nets: Vec<IpNet> = hosts.filter_map(|host| key_text(read.shape, &host.group).parse().ok()).collect();
        let is_on = known.value("allowlist").is_some_and(|fact| fact.value == Value::Switch(true));
        if is_on && nets.is_empty() {
            let hosts: String = from.iter().map(|from| format!("host \"{from}\";")).collect();
            overlay(read.shape, &mut known.root, &facts(read, &format!("allowlist {{ {hosts} }}")).root);
        }
        known
    }

    /// Settings that two readings do not show alike, by path. What a device tells of itself is none.
    pub(super) fn differ(&self, other: &Seen) -> Vec<String> {
        let values = |seen: &Seen| -> BTreeMap<String, Option<Value>> {
            let facts = &seen.reading.facts;
            let mut shown: BTreeMap<String, Option<Value>> = BTreeMap::new();
            // entries of lists are there whether or not they say more
            wanted(facts, &mut |path, _| drop(shown.insert(path.to_owned(), None)));
            shown.extend(leaves(facts).map(|leaf| (leaf.path, Some(leaf.fact.value.clone()))));
            shown.retain(|path, _| !path.starts_with("asset."));
            shown
        };
        let (one, two) = (values(self), values(other));
        let changed = one.iter().filter(|(path, value)| two.get(*path) != Some(value)).map(|(path, _)| path.clone());
        let mut found: Vec<String> = changed.collect();
        found.extend(two.keys().filter(|path| !one.contains_key(*path)).cloned());
        let unknown =
            |seen: &Seen| -> Vec<String> { seen.reading.kept.iter().map(|kept| kept.shown.clone()).collect() };
        if unknown(self) != unknown(other) {
            found.push("a line that no setting maps".to_owned());
        }
        found
    }

    /// Whether it is of the device that another reading is of.
    pub(super) fn same_device(&self, first: &Seen) -> Result<(), Trouble> {
        match (&first.tells.serial, &self.tells.serial) {
            (Some(expected), seen) if seen.as_ref() != Some(expected) => Err(Trouble::Other {
                expected: expected.clone(),
                seen: seen.clone().unwrap_or_else(|| "not told".to_owned()),
            }),
            _ => Ok(()),
        }
    }
}

/// What some words of a description say.
fn facts(like: &Facts, words: &str) -> Facts {
    let tree = syntax::parse(FileId::NONE, &format!("device \"d\" {{ {words} }}")).tree;
    let node = tree.as_ref().and_then(|tree| tree.nodes.first());
    let facts = node.map(|node| crate::model::shape::check(like.shape, FileId::NONE, node).facts);
    facts.unwrap_or_else(|| Facts::empty(like.shape, crate::source::Origin::NONE))
}

/// Whether the task may send to this platform at all.
pub(super) fn may_send(task: &Task<'_>) -> Result<(), Trouble> {
    let on = platform::at(task.device);
    if on.machine != Some(Form::Cli) && task.grade > crate::native::Grade::Likely {
        let what = format!("commands of {} are likely at best, and nobody accepted that", on.kind.word());
        return Err(Trouble::NoOrder(what));
    }
    Ok(())
}
