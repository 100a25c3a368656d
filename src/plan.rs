//! In which order changes are made, so that the device is reached at every moment and no moment is weaker than both
//! ends.
//!
//! What decides who gets in is simulated (`state`); two questions are asked of every step (`step`): is a way in
//! left (`ways`), and is nothing open that neither end has open (`exposure`). The order is the first that passes,
//! of a fixed order of classes (`search`); all else goes before it (`rest`). Going on after a break, and going
//! back, are planning again from what the device is by then.

mod exposure;
pub mod file;
mod read;
mod rest;
mod search;
mod sequence;
mod state;
mod step;
mod takes;
mod temporary;
mod ways;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use state::{Engineer, Limits, is_way_in};
pub use step::{Class, Obstacle};
pub use ways::Part;

use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::paths::{ALLOWLIST_HOST, ETHERNET_PORT, LOGIN_MAX_SESSIONS, NETWORK_INTERFACE};
use crate::native::Change;
use search::{Placed, Stuck};
use state::{Key, Value, World};
use step::Guard;
use ways::Ways;

/// One of both ends of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// What the device has.
    Start,
    /// What it is to have.
    Goal,
}

/// What a plan is made of.
pub struct Input<'a> {
    /// The platform: what groups its accounts may have.
    pub platform: PlatformKind,
    /// What the device has.
    pub before: &'a Facts,
    /// What it is to have.
    pub after: &'a Facts,
    /// What differs.
    pub changes: &'a [Change],
    /// Who works, from where.
    pub engineer: Engineer,
    /// The account that one logs in with today; where nobody says, any administrator that the device has.
    pub login: Option<&'a str>,
    /// How long a password is: that of a secret, by its name, and that which was read, by its path.
    pub length: &'a dyn Fn(Ends, &str) -> Option<usize>,
    /// Whether an account came with the device, with a password that everybody knows.
    pub shipped: &'a dyn Fn(&str) -> bool,
    /// How many entries a list of the device holds, where a table says it.
    pub slots: &'a dyn Fn(&str) -> Option<usize>,
    /// The page that a change is typed on, by number, where it is typed.
    pub page: &'a dyn Fn(&Change) -> Option<usize>,
    /// What else the device can hold.
    pub limits: Limits,
    /// Other computers that the device is managed from.
    pub stations: &'a [(String, IpAddr)],
    /// Whether steps are taken that neither end knows anything of: a port that nobody uses.
    pub foreign: bool,
    /// Whether a lock-out is let pass, which the person accepted in as many words.
    pub consented: bool,
}

/// An ordered list of steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// How one gets in today, as far as what was read shows it.
    pub today: Option<Way>,
    /// How one gets in in the end.
    pub then: Option<Way>,
    /// What of a way in is not known in the end.
    pub missing: Vec<Part>,
    /// Other computers that are in at both ends and out between, with the steps after which they are out.
    pub out: Vec<(String, Vec<usize>)>,
}

/// One step: what is done at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The changes, by number; empty for a temporary step.
    pub changes: Vec<usize>,
    /// Its class.
    pub class: Class,
    /// How it is known that the device is still reached. None where it decides nobody's way in.
    pub check: Option<Check>,
    /// What it sets for a while; the step that ends it is one too.
    pub temporary: Option<Temporary>,
}

/// What is set that is no change: for a while, or back again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Temporary {
    /// The setting's path.
    pub path: String,
    /// The setting, in words.
    pub setting: String,
    /// The value, in words.
    pub value: String,
}

/// How it is known that the device is still reached after a step, by a way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check<W = Way> {
    /// The way that is in use stays.
    Stays(W),
    /// Another way stays: log in by it before the step.
    Before(W),
    /// Log in by it from a second window after the step, the first one stays open.
    After(W),
    /// Nothing but the step shows it: one part of the way is new, and the session ends.
    Blind(W, Part),
    /// Nothing that was read shows a way in before, nor one after.
    NotKnown,
    /// Nobody gets in after it: the person said so in as many words.
    LockedOut,
}

impl<W> Check<W> {
    /// The same by a way in other words.
    fn by<V>(self, way: impl FnOnce(W) -> V) -> Check<V> {
        match self {
            Check::Stays(w) => Check::Stays(way(w)),
            Check::Before(w) => Check::Before(way(w)),
            Check::After(w) => Check::After(way(w)),
            Check::Blind(w, part) => Check::Blind(way(w), part),
            Check::NotKnown => Check::NotKnown,
            Check::LockedOut => Check::LockedOut,
        }
    }
}

/// A way in, in words of the device.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Way {
    /// The account.
    pub account: String,
    /// From this address; empty where nobody said one.
    pub from: String,
    /// The service.
    pub service: String,
    /// To this address of the device; empty where none is known.
    pub to: String,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// What is desired leaves no way in.
    NoWayAtEnd(Vec<Part>),
    /// No order is safe. The changes of the first step that can't be made, and why.
    NoOrder {
        /// The changes, by number.
        changes: Vec<usize>,
        /// What stands against it.
        obstacle: Option<Obstacle>,
        /// Whether not every order was looked at: too many changes decide who gets in.
        cut: bool,
    },
}

/// Orders changes.
///
/// # Errors
/// What is desired leaves nobody in, or there is no order in which somebody stays in and nothing opens on the way.
pub fn plan(input: &Input<'_>) -> Result<Plan, Refusal> {
    let world = read::world(input);
    let (start, goal) = (Ways::of(&world, &world.start), Ways::of(&world, &world.goal));
    let certain = goal.certainly_missing(&world, &world.goal);
    if !input.consented && (!certain.is_empty() || start.is_any() && !goal.is_any()) {
        return Err(Refusal::NoWayAtEnd(if certain.is_empty() { goal.missing() } else { certain }));
    }
    let guard = Guard::new(&world, input.consented);
    let placed = search::order(&guard, input.foreign).map_err(|Stuck { acts, obstacle, cut }| Refusal::NoOrder {
        changes: acts.iter().map(|act| world.acts[*act].change).collect(),
        obstacle,
        cut,
    })?;
    let heads = rest::heads(input.changes);
    let core: std::collections::BTreeSet<usize> = world.acts.iter().map(|act| act.change).collect();
    // what decides who gets in, and is the same at both ends as far as is known, is set with the rest
    let mut steps: Vec<Step> = rest::steps(input, &|at| core.contains(&at) || core.contains(&heads[at]))
        .into_iter()
        .map(|(changes, class)| Step { changes, class, check: None, temporary: None })
        .collect();
    let before = steps.len();
    steps.extend(placed.iter().map(|one| step(&world, one, &heads, input)));
    Ok(Plan {
        today: start.best(None).map(|way| words(&world, &way)),
        then: goal.best(None).map(|way| words(&world, &way)),
        missing: goal.missing(),
        out: out_between(&world, &placed, before, input.stations),
        steps,
    })
}

fn step(world: &World, placed: &Placed, heads: &[usize], input: &Input<'_>) -> Step {
    let own: Vec<usize> = placed.what.acts.iter().map(|act| world.acts[*act].change).collect();
    let rides = |at: &usize| own.contains(&heads[*at]) && read::is_made(&input.changes[*at]);
    let mut changes: Vec<usize> = (0..heads.len()).filter(rides).collect();
    changes.extend(own.iter().filter(|at| !changes.contains(at)).copied().collect::<Vec<_>>());
    let check = placed.proof.by(|way| words(world, &way));
    let first = placed.what.sets.first().filter(|_| own.is_empty());
    let temporary = first.and_then(|(place, value)| {
        let (path, setting) = setting(world, world.keys[*place])?;
        Some(Temporary { path, setting, value: said(*value) })
    });
    Step { changes, class: placed.class, check: Some(check), temporary }
}

/// Computers that are in at both ends, and the steps after which they are not.
fn out_between(
    world: &World,
    placed: &[Placed],
    before: usize,
    stations: &[(String, IpAddr)],
) -> Vec<(String, Vec<usize>)> {
    let mut found = Vec::new();
    for (name, address) in stations.iter().filter(|(_, a)| !world.engineer.addresses.contains(a)) {
        let theirs = Engineer { addresses: vec![*address], ..Engineer::default() };
        let theirs = World { engineer: theirs, ..world.clone() };
        let is_in = |state: &state::State| Ways::of(&theirs, state).is_any();
        if is_in(&world.start) && is_in(&world.goal) {
            let out = placed.iter().enumerate().filter(|(_, one)| !is_in(&one.state)).map(|(at, _)| before + at);
            let out: Vec<usize> = out.collect();
            found.extend((!out.is_empty()).then(|| (name.clone(), out)));
        }
    }
    found
}

fn words(world: &World, way: &ways::Way) -> Way {
    let to = way.path.to.map(|(_, net)| net.addr().to_string()).unwrap_or_default();
    let service = match way.door {
        (service, Value::Number(port)) => format!("{} port {port}", service.word()),
        (service, _) => service.word().to_owned(),
    };
    Way {
        account: bare(world.name(way.who.0)).to_owned(),
        from: way.path.from.map(|from| from.to_string()).unwrap_or_default(),
        service,
        to,
    }
}

/// A name of the simulation, as the device has it.
fn bare(name: &str) -> &str {
    name.split_once(' ').map_or(name, |(_, name)| name)
}

/// The setting that a place is, by its path and as a person reads it; of those that a step sets for a while.
fn setting(world: &World, key: Key) -> Option<(String, String)> {
    Some(match key {
        Key::Entry(net) => (format!("{ALLOWLIST_HOST}[{net}]"), format!("allowlist entry {net}")),
        Key::Gateway(name) => {
            let name = world.name(name);
            (format!("{NETWORK_INTERFACE}[{}].gateway", bare(name)), format!("gateway of {name}"))
        }
        Key::Port(service) => (format!("services.{}.port", service.word()), format!("port of {}", service.word())),
        Key::Sessions(service) => (LOGIN_MAX_SESSIONS.to_owned(), format!("sessions of {}", service.word())),
        Key::Carries(port, vlan) => {
            let name = world.name(port);
            (format!("{ETHERNET_PORT}[{}]", bare(name)), format!("VLAN {vlan} on {name}"))
        }
        _ => return None,
    })
}

fn said(value: Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Address(address) => address.to_string(),
        Value::Net(net) => net.to_string(),
        Value::On => "on".to_owned(),
        _ => "off".to_owned(),
    }
}
