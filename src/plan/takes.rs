//! What a device takes. It judges what a step leads to, and a new password by what it demanded before the step.

use ipnet::IpNet;

use super::state::{Key, Service, State, Value, World};
use super::ways;
use crate::model::rights::Rights;

/// Whether a device that is in one state lets itself be brought into another.
pub(super) fn takes(world: &World, before: &State, after: &State) -> bool {
    passwords(world, before, after)
        && ports(world, after)
        && fits(world, before, after)
        && nets(world, before, after)
        && vlans(world, before, after)
        && accounts(world, before, after)
}

/// A new password is as long as was demanded.
fn passwords(world: &World, before: &State, after: &State) -> bool {
    let Value::Number(least) = world.get(before, Key::MinLength) else { return true };
    world.keys.iter().zip(before.iter().zip(after)).all(|(key, (before, after))| match (key, after) {
        (Key::Password(_), Value::Password(new)) if before != after => {
            new.length.is_none_or(|length| u32::from(length) >= least)
        }
        _ => true,
    })
}

/// No two services listen on one port.
fn ports(world: &World, after: &State) -> bool {
    let on = |service: &Service| world.get(after, Key::Service(*service)) == Value::On;
    let port = |service: Service| match world.get(after, Key::Port(service)) {
        Value::Number(port) => Some(port),
        _ => None,
    };
    let mut taken: Vec<u32> = Service::ALL.into_iter().filter(on).filter_map(port).collect();
    let all = taken.len();
    taken.sort_unstable();
    taken.dedup();
    taken.len() == all
}

/// Lists hold so many entries. One that was too long already may stay so.
fn fits(world: &World, before: &State, after: &State) -> bool {
    let count = |state: &State, is: fn(&Key) -> bool| {
        world.each(state).filter(|(key, value)| is(key) && !matches!(value, Value::Off | Value::Unknown)).count()
    };
    let holds = |most: Option<usize>, is: fn(&Key) -> bool| {
        most.is_none_or(|most| count(after, is) <= most || count(after, is) <= count(before, is))
    };
    holds(world.limits.entries, |key| matches!(key, Key::Entry(_)))
        && holds(world.limits.accounts, |key| matches!(key, Key::Account(_)))
}

/// No two interfaces are in nets that overlap, and each gateway is in the net of an interface.
fn nets(world: &World, before: &State, after: &State) -> bool {
    let nets = |state: &State| -> Vec<IpNet> {
        let net = |(key, value)| match (key, value) {
            (Key::Address(_), Value::Net(net)) => Some(net),
            _ => None,
        };
        world.each(state).filter_map(net).collect()
    };
    let overlap = |state: &State| {
        let nets = nets(state);
        nets.iter().enumerate().any(|(i, a)| nets[..i].iter().any(|b| a.contains(b) || b.contains(a)))
    };
    let stray = |state: &State| {
        let nets = nets(state);
        let outside = |value: &Value| matches!(value, Value::Address(a) if !nets.iter().any(|net| net.contains(a)));
        let gateways = world.keys.iter().zip(state).filter(|(key, _)| matches!(key, Key::Gateway(_)));
        !nets.is_empty() && gateways.into_iter().any(|(_, value)| outside(value))
    };
    (!overlap(after) || overlap(before)) && (!stray(after) || stray(before))
}

/// What is in a VLAN is in one that is there.
fn vlans(world: &World, before: &State, after: &State) -> bool {
    let dangling = |state: &State| {
        world.each(state).any(|(key, value)| {
            let vlan = match (key, value) {
                (Key::Carries(_, vlan), Value::On) => vlan,
                (Key::Untagged(_) | Key::InVlan(_), Value::Number(vlan)) => vlan as u16,
                _ => return false,
            };
            world.get(state, Key::Vlan(vlan)) == Value::Off
        })
    };
    !dangling(after) || dangling(before)
}

/// Some administrator stays, and no account is in a group that is gone.
fn accounts(world: &World, before: &State, after: &State) -> bool {
    let enabled = |state: &State| {
        world.each(state).any(|(key, value)| match key {
            Key::Account(name) => value == Value::On && ways::rights(world, state, name) == Some(Rights::Full),
            _ => false,
        })
    };
    let orphan = |state: &State| {
        world.each(state).any(|(key, value)| match (key, value) {
            (Key::Rights(name), Value::OfGroup(group)) => {
                world.get(state, Key::Account(name)) == Value::On && world.get(state, Key::Group(group)) == Value::Off
            }
            _ => false,
        })
    };
    (enabled(after) || !enabled(before)) && (!orphan(after) || orphan(before))
}
