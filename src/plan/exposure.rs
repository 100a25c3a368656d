//! How open a state is: for each service that answers, from how far, in clear or not, with which credential, guessed at
//! how often. A state is no weaker than two others where each of its vectors is, in every place, at most one vector of
//! one of them: "from anywhere" of one and "in clear" of the other make together what neither was.

use super::state::{Key, Service, State, Value, World};
use super::ways;
use crate::model::rights::Rights;

/// How far whoever gets in may be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    None,
    Host,
    Net,
    Any,
}

/// One service, as open as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Vector {
    width: Width,
    clear: bool,
    shipped: bool,
    unlimited: bool,
}

impl Vector {
    fn at_most(self, other: Vector) -> bool {
        self.width <= other.width
            && self.clear <= other.clear
            && self.shipped <= other.shipped
            && self.unlimited <= other.unlimited
    }
}

/// All services of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exposure(Vec<Vector>);

impl Exposure {
    /// That of a state. What is not known counts as open.
    pub(super) fn of(world: &World, state: &State) -> Exposure {
        let width = width(world, state);
        let shipped = world.each(state).any(|(key, value)| {
            matches!(key, Key::Account(name) if value == Value::On
                && !matches!(ways::rights(world, state, name), Some(Rights::None))
                && matches!(world.get(state, Key::Password(name)), Value::Password(p) if p.shipped))
        });
        let locks =
            world.get(state, Key::Lockout) == Value::On && world.get(state, Key::LockoutAfter) != Value::Number(0);
        let answers = |service: &Service| world.get(state, Key::Service(*service)) == Value::On;
        let vector = |service: Service| match service {
            Service::Snmp => {
                let clear = world.get(state, Key::SnmpClear) != Value::Off;
                Vector { width, clear, shipped: false, unlimited: true }
            }
            _ => Vector { width, clear: service.is_clear(), shipped, unlimited: !locks },
        };
        Exposure(Service::ALL.into_iter().filter(answers).map(vector).collect())
    }

    /// Whether everything that is open here is as open there.
    pub(super) fn within(&self, other: &Exposure) -> bool {
        self.within_either(other, other)
    }

    /// Whether everything that is open here is as open at one of both ends.
    pub(super) fn within_either(&self, start: &Exposure, goal: &Exposure) -> bool {
        self.0.iter().all(|vector| start.0.iter().chain(&goal.0).any(|end| vector.at_most(*end)))
    }
}

fn width(world: &World, state: &State) -> Width {
    if world.get(state, Key::Filter) != Value::On || world.get(state, Key::OwnServices) == Value::Off {
        return Width::Any;
    }
    let of = |(key, value): (Key, Value)| match key {
        Key::Entry(net) if value == Value::On => Some(match net.prefix_len() {
            0 => Width::Any,
            bits if bits == net.max_prefix_len() => Width::Host,
            _ => Width::Net,
        }),
        _ => None,
    };
    world.each(state).filter_map(of).max().unwrap_or(Width::None)
}
