//! Profiles and how they reach a device: each once, beneath whatever uses it, in the order of the `use` lines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::documents::Document;
use super::placeholders;
use crate::finding::{Finding, codes};
use crate::model::facts::{Facts, Group, Setting, stamp};
use crate::model::shape::closest;
use crate::source::Loc;

/// A profile, ready to be laid under a device.
pub(super) struct Profile {
    pub(super) name: Arc<str>,
    /// Its settings alone: name, platform and `use` lines taken out.
    settings: Group,
    /// The same, as the layers that it is on some device: devices share them.
    layers: Mutex<BTreeMap<u16, Group>>,
    /// The platform that it is written for, with its line.
    pub(super) platform: Option<PlatformLine>,
    uses: Vec<Use>,
    /// Whether its texts have placeholders.
    pub(super) templated: bool,
}

/// The `platform` line of a profile.
pub(super) struct PlatformLine {
    pub(super) kind: Option<Box<str>>,
    pub(super) model: Option<Box<str>>,
    pub(super) loc: Loc,
}

/// A `use` line.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub(super) profile: Box<str>,
    pub(super) loc: Loc,
}

/// A profile on its way to a device.
pub(super) struct Reached<'a> {
    pub(super) profile: &'a Profile,
    /// The `use` lines, the device's own first.
    pub(super) trail: Vec<Loc>,
}

/// All profiles of a site, by name.
#[derive(Default)]
pub(super) struct Profiles {
    profiles: BTreeMap<Arc<str>, Profile>,
    /// Profiles whose file can't be read: who uses one is unsound, and nothing more is said.
    broken: BTreeSet<Arc<str>>,
    max_depth: usize,
}

/// What a device's `use` lines lead to.
#[derive(Default)]
pub(super) struct Order<'a> {
    /// Lowest first.
    pub(super) reached: Vec<Reached<'a>>,
    /// Whether all of it could be read.
    pub(super) sound: bool,
    pub(super) findings: Vec<Finding>,
}

/// The `use` lines of a device or profile.
pub(super) fn uses(facts: &Facts) -> Vec<Use> {
    let Some((ix, _)) = facts.shape.root().field("use") else { return Vec::new() };
    let Some(Setting::Items(items)) = facts.root.get(ix) else { return Vec::new() };
    let one = |group: &Group| {
        let name = group.key(facts.shape).next()?.text()?;
        Some(Use { profile: name.into(), loc: group.origin.loc() })
    };
    items.items.iter().filter_map(|i| one(&i.group)).collect()
}

impl Profile {
    /// Its settings, of no layer yet.
    pub(super) fn settings(&self) -> &Group {
        &self.settings
    }

    /// Its settings as that layer of a device.
    pub(super) fn at(&self, layer: u16) -> Group {
        let mut known = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        let stamped = known.entry(layer).or_insert_with(|| {
            let mut settings = self.settings.clone();
            stamp(&mut settings, layer);
            settings
        });
        stamped.clone()
    }
}

impl Profiles {
    pub(super) fn new(max_depth: usize) -> Profiles {
        Profiles { max_depth, ..Profiles::default() }
    }

    /// Takes a file in. `stem` is the name that the file promises, which counts where the file itself is broken.
    pub(super) fn add(&mut self, stem: &str, document: Document, findings: &mut Vec<Finding>) {
        let errors = document.findings.iter().any(Finding::is_input_error);
        let name: Arc<str> = document.name().map_or(stem, |(name, _)| name).into();
        if errors {
            self.broken.insert(name.clone());
        }
        let Some(mut facts) = document.facts else { return };
        let uses = uses(&facts);
        let platform = platform(&facts);
        refuse_asset(&facts, findings);
        strip(&mut facts);
        let templated = placeholders::scan(&facts, findings);
        let (settings, layers) = (facts.root, Mutex::default());
        let profile = Profile { name: name.clone(), settings, layers, platform, uses, templated };
        self.profiles.insert(name, profile);
    }

    /// Cycles, unknown names and too long chains between profiles; each once, whoever uses them.
    pub(super) fn check(&self, findings: &mut Vec<Finding>) {
        let mut done = BTreeSet::new();
        for name in self.profiles.keys() {
            self.visit(name, &mut Vec::new(), &mut done, findings);
        }
    }

    fn visit<'a>(
        &'a self,
        name: &'a str,
        chain: &mut Vec<(&'a str, &'a Use)>,
        done: &mut BTreeSet<&'a str>,
        findings: &mut Vec<Finding>,
    ) {
        let Some(profile) = self.profiles.get(name) else { return };
        if done.contains(name) {
            return;
        }
        for line in &profile.uses {
            chain.push((name, line));
            if let Some(start) = chain.iter().position(|(from, _)| *from == &*line.profile) {
                findings.push(cycle(&chain[start..]));
            } else if chain.len() <= self.max_depth {
                findings.extend(self.unknown(line));
                self.visit(&line.profile, chain, done, findings);
            }
            chain.pop();
        }
        done.insert(name);
    }

    fn unknown(&self, line: &Use) -> Option<Finding> {
        if self.profiles.contains_key(&*line.profile) || self.broken.contains(&*line.profile) {
            return None;
        }
        let known = || self.profiles.keys().map(|n| &**n);
        let help = match closest(&line.profile, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.profiles.is_empty() => {
                format!("the site has no profiles; one would lie in `profiles/{}.kdl`", line.profile)
            }
            None => format!("there are {}", known().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")),
        };
        let message = format!("no profile is called `{}`", line.profile);
        Some(Finding::new(codes::site::UNKNOWN_PROFILE, line.loc, message).help(help))
    }

    /// The profiles that a device's own `use` lines lead to, lowest first.
    pub(super) fn order(&self, own: &[Use]) -> Order<'_> {
        let mut order = Order { sound: true, ..Order::default() };
        for line in own {
            let before = order.reached.iter().find(|r| *r.profile.name == *line.profile);
            if let Some(other) = before.and_then(|r| r.trail.first()) {
                let message = format!("`{}` was taken over already, by a `use` above", line.profile);
                let finding = Finding::new(codes::site::IDLE_USE, line.loc, message);
                order.findings.push(finding.related(*other, "by this line"));
                continue;
            }
            order.findings.extend(self.unknown(line));
            self.reach(line, &mut Vec::new(), &mut Vec::new(), &mut order);
        }
        order
    }

    fn reach<'a>(&'a self, line: &Use, names: &mut Vec<&'a str>, trail: &mut Vec<Loc>, order: &mut Order<'a>) {
        let Some(profile) = self.profiles.get(&*line.profile) else {
            order.sound = false;
            return;
        };
        let name = &*profile.name;
        order.sound &= !self.broken.contains(name);
        // a cycle was told where it closes
        if names.contains(&name) {
            order.sound = false;
            return;
        }
        if order.reached.iter().any(|r| &*r.profile.name == name) {
            return;
        }
        if names.len() == self.max_depth {
            order.sound = false;
            order.findings.push(self.too_deep(line, trail));
            return;
        }
        names.push(name);
        trail.push(line.loc);
        for inner in &profile.uses {
            self.reach(inner, names, trail, order);
        }
        order.reached.push(Reached { profile, trail: trail.clone() });
        names.pop();
        trail.pop();
    }

    fn too_deep(&self, line: &Use, trail: &[Loc]) -> Finding {
        let message = format!("profiles use each other more than {} deep", self.max_depth);
        let finding = Finding::new(codes::site::PROFILES_TOO_DEEP, line.loc, message);
        trail.iter().fold(finding, |f, loc| f.related(*loc, "reached by this line"))
    }
}

fn cycle(chain: &[(&str, &Use)]) -> Finding {
    let names: Vec<String> = chain.iter().map(|(from, _)| format!("`{from}`")).collect();
    let Some(((_, last), before)) = chain.split_last() else {
        return Finding::new(codes::site::PROFILE_CYCLE, Loc::NONE, "profiles use each other in a circle");
    };
    let message = match names.as_slice() {
        [only] => format!("{only} uses itself"),
        _ => format!("profiles use each other in a circle: {} and again {}", names.join(", "), names[0]),
    };
    let finding = Finding::new(codes::site::PROFILE_CYCLE, last.loc, message);
    before.iter().fold(finding, |f, (from, line)| f.related(line.loc, format!("`{from}` uses `{}`", line.profile)))
}

fn platform(facts: &Facts) -> Option<PlatformLine> {
    let (ix, _) = facts.shape.root().field("platform")?;
    let Some(Setting::Group(group)) = facts.root.get(ix) else { return None };
    let text = |name: &str| {
        let (ix, _) = facts.shape.group(group.shape).field(name)?;
        group.fact(ix)?.value.text().map(Into::into)
    };
    Some(PlatformLine { kind: text("kind"), model: text("model"), loc: group.origin.loc() })
}

/// What a profile says of itself does not reach a device.
fn strip(facts: &mut Facts) {
    for name in ["name", "platform", "asset", "use"] {
        if let Some((ix, _)) = facts.shape.root().field(name) {
            facts.root.remove(ix);
        }
    }
}

fn refuse_asset(facts: &Facts, findings: &mut Vec<Finding>) {
    let asset = facts.shape.root().field("asset").and_then(|(ix, _)| facts.root.get(ix));
    if let Some(Setting::Group(group)) = asset {
        let finding =
            Finding::new(codes::site::PROFILE_ASSET, group.origin.loc(), "a profile is no thing: it has no asset");
        findings.push(finding);
    }
}
