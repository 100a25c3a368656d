//! The order, on states that broke earlier versions of it, and on generated ones.

mod facts;
mod pairs;
mod states;

use super::search::{self, Placed, Stuck};
use super::state::{Act, Engineer, Key, Named, Password, Service, State, Value, World};
use super::step::{Guard, Proof, Seen};
use super::ways::Way;
use crate::model::rights::Rights;

/// Names of the generated accounts, interfaces and ports.
pub(super) const OT: Named = 0;
pub(super) const OT2: Named = 1;
pub(super) const SHIPPED: Named = 2;
pub(super) const LAN: Named = 3;
pub(super) const WAN: Named = 4;
pub(super) const UPLINK: Named = 5;

/// The laptop, in the first net.
pub(super) const ME: &str = "10.0.1.5";

pub(super) type Said = Vec<(Key, Value)>;

pub(super) fn on(service: Service) -> (Key, Value) {
    (Key::Service(service), Value::On)
}

pub(super) fn entry(net: &str) -> (Key, Value) {
    (Key::Entry(net.parse::<crate::model::value::Network>().unwrap().0), Value::On)
}

pub(super) fn address(interface: Named, net: &str) -> (Key, Value) {
    (Key::Address(interface), Value::Net(net.parse().unwrap()))
}

pub(super) fn gateway(interface: Named, to: &str) -> (Key, Value) {
    (Key::Gateway(interface), Value::Address(to.parse().unwrap()))
}

pub(super) fn password(which: u8, shipped: bool, length: Option<u16>) -> Value {
    Value::Password(Password { which, held: true, shipped, length })
}

/// An administrator whose password is held.
pub(super) fn account(name: Named) -> Said {
    account_with(name, password(0, name == SHIPPED, None))
}

pub(super) fn account_with(name: Named, password: Value) -> Said {
    vec![
        (Key::Account(name), Value::On),
        (Key::Rights(name), Value::Rights(Rights::Full)),
        (Key::Password(name), password),
    ]
}

/// Both ends; what one of them does not say is off there. An account comes and goes whole, a port's VLANs are one
/// setting, all else is one change each.
pub(super) fn world(start: Said, goal: Said) -> World {
    let mut keys: Vec<Key> = start.iter().chain(&goal).map(|(key, _)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    let state = |said: &Said| -> State {
        keys.iter().map(|key| said.iter().find(|(k, _)| k == key).map_or(Value::Off, |(_, value)| *value)).collect()
    };
    let mut world = World {
        start: state(&start),
        goal: state(&goal),
        names: ["account ot", "account ot2", "account admin", "interface lan", "interface wan", "port 1/1"]
            .map(Into::into)
            .to_vec(),
        engineer: Engineer { addresses: vec![ME.parse().unwrap()], ..Engineer::default() },
        ports: keys.contains(&Key::Untagged(UPLINK)).then(|| vec![UPLINK]),
        tagged: true,
        keys,
        ..World::default()
    };
    let mut acts: Vec<(Key, Vec<usize>)> = Vec::new();
    for (place, key) in world.keys.iter().enumerate().filter(|(at, _)| world.start[*at] != world.goal[*at]) {
        let moved = |key: Key| world.get(&world.start, key) != world.get(&world.goal, key);
        let whole = match *key {
            Key::Rights(name) | Key::Password(name) if moved(Key::Account(name)) => Key::Account(name),
            Key::Carries(port, _) => Key::Carries(port, 0),
            key => key,
        };
        match acts.iter_mut().find(|(head, _)| *head == whole) {
            Some((_, places)) => places.push(place),
            None => acts.push((whole, vec![place])),
        }
    }
    let act = |(change, (_, places)): (usize, (Key, Vec<usize>))| Act { change, places, page: None };
    world.acts = acts.into_iter().enumerate().map(act).collect();
    world
}

/// The order, each state of which is looked at again: a way in is left, and nothing is open that neither end has open.
pub(super) fn order(world: &World) -> Result<Vec<Placed>, Stuck> {
    order_of(world, None)
}

/// The same for whoever is in by a way already.
pub(super) fn order_of(world: &World, using: Option<Way>) -> Result<Vec<Placed>, Stuck> {
    let mut guard = Guard::new(world, false);
    guard.using = using;
    let steps = search::order(&guard, false)?;
    let was_in = Seen::of(world, world.start.clone()).ways.is_any();
    let mut here = world.start.clone();
    for step in &steps {
        assert_eq!(step.what.applied(&here), step.state, "a step leads where it says");
        let seen = Seen::of(world, step.state.clone());
        assert!(seen.ways.is_any() || !was_in, "locked out by {:?}", step.what);
        assert!(guard.no_weaker(&seen.exposure), "weaker than both ends by {:?}", step.what);
        here.clone_from(&step.state);
    }
    assert_eq!(here, world.goal);
    Ok(steps)
}

/// What each step sets, in words.
pub(super) fn told(world: &World, steps: &[Placed]) -> Vec<String> {
    let one = |step: &Placed| {
        let sets: Vec<String> = step
            .what
            .sets
            .iter()
            .map(|(place, value)| {
                let sign = if matches!(value, Value::Off) { "-" } else { "+" };
                let name = match world.keys[*place] {
                    Key::Account(name) | Key::Rights(name) | Key::Password(name) => world.name(name).to_owned(),
                    Key::Service(service) => service.word().to_owned(),
                    Key::Entry(net) => net.to_string(),
                    key => format!("{key:?}"),
                };
                format!("{sign}{name}")
            })
            .collect();
        let mut sets = sets;
        sets.dedup();
        let mark = match step.proof {
            Proof::Before(_) => "~",
            Proof::After(_) => "?",
            Proof::Blind(..) => "!",
            _ => "",
        };
        format!("{mark}{}{}", sets.join(" "), if step.what.temporary { " t" } else { "" })
    };
    steps.iter().map(one).collect()
}
