//! Steps that are there for a while: they set what neither end has, and a later step sets what is desired.

use super::state::{Key, Service, State, Value, World};
use super::step::Move;

/// Steps within the ends: nothing is opened by them that was not open.
pub(super) fn within(world: &World, state: &State) -> Vec<Move> {
    let mut found = Vec::new();
    let mut one = |sets: Vec<(usize, Value)>| found.push(Move { acts: Vec::new(), sets, temporary: true });
    let full = world.limits.entries.is_some_and(|most| {
        world.each(state).filter(|(key, value)| matches!(key, Key::Entry(_)) && *value == Value::On).count() >= most
    });
    for (place, key) in world.keys.iter().enumerate() {
        let (here, stays) = (state[place], world.start[place] == world.goal[place]);
        match key {
            // somebody else's entry leaves its place in a full list
            Key::Entry(_) if full && stays && here == Value::On => one(vec![(place, Value::Off)]),
            // without a gateway the address may go anywhere
            Key::Gateway(_) if matches!(here, Value::Address(_)) => one(vec![(place, Value::Off)]),
            // a second window, to try the new password in
            Key::Sessions(_) if here == Value::Number(1) => one(vec![(place, Value::Number(2))]),
            _ => {}
        }
    }
    // a port carries what it carried and what it shall carry
    for act in &world.acts {
        let carried = act.places.iter().filter(|at| matches!(world.keys[**at], Key::Carries(..)));
        let sets: Vec<(usize, Value)> = carried
            .filter(|at| world.goal[**at] == Value::On && state[**at] != Value::On)
            .map(|at| (*at, Value::On))
            .collect();
        if !sets.is_empty() && sets.len() < act.places.len() {
            one(sets);
        }
    }
    found
}

/// Steps that neither end knows anything of: a port that nobody uses, for services that swap theirs.
pub(super) fn foreign(world: &World, state: &State) -> Vec<Move> {
    const FREE: [u32; 6] = [8443, 8080, 2222, 2323, 8444, 8081];
    let ports: Vec<(usize, Value)> = world
        .keys
        .iter()
        .enumerate()
        .filter(|(_, key)| matches!(key, Key::Port(_)))
        .map(|(place, _)| (place, state[place]))
        .collect();
    let taken = |port: u32| {
        let number = Value::Number(port);
        ports.iter().any(|(place, here)| [*here, world.start[*place], world.goal[*place]].contains(&number))
    };
    let Some(free) = FREE.into_iter().find(|port| !taken(*port)) else { return Vec::new() };
    let pending = ports.iter().filter(|(place, here)| *here != world.goal[*place]);
    pending
        .map(|(place, _)| Move { acts: Vec::new(), sets: vec![(*place, Value::Number(free))], temporary: true })
        .collect()
}

/// Whether a world has anything that a temporary step could be of.
pub(super) fn conceivable(world: &World) -> bool {
    let is = |(place, key): (usize, &Key)| match key {
        Key::Entry(_) => world.limits.entries.is_some(),
        Key::Gateway(_) => matches!(world.start[place], Value::Address(_)),
        Key::Sessions(Service::Vendor | Service::Https | Service::Http | Service::Ssh | Service::Telnet) => {
            world.start[place] == Value::Number(1)
        }
        Key::Carries(..) => true,
        _ => false,
    };
    world.keys.iter().enumerate().any(is)
}
