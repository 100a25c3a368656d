//! Ways in: a path from the laptop to the device, a service that answers there, an account that is let in.
//!
//! Every path, every service and every account make a way together, so each kind is looked at by itself, and two states
//! have a way in common where they have one of each kind in common.

use std::net::IpAddr;

use ipnet::IpNet;

use super::state::{Key, Named, Password, Service, State, Value, World};
use crate::model::rights::Rights;

/// From where, over what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Path {
    /// The laptop's address, where it is known.
    pub(super) from: Option<IpAddr>,
    /// The interface; none where nothing is known of the device's addresses, and so nothing of them changes.
    pub(super) to: Option<(Named, IpNet)>,
    /// Over this gateway.
    pub(super) over: Option<IpAddr>,
    /// In this VLAN.
    pub(super) vlan: Option<u16>,
}

/// A service, and where it listens.
pub(super) type Door = (Service, Value);

/// An account, its password, and whether servers are asked.
pub(super) type Who = (Named, Password, [Value; 2]);

/// All ways in of one state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ways {
    /// Paths.
    pub(super) paths: Vec<Path>,
    /// Services.
    pub(super) doors: Vec<Door>,
    /// Accounts.
    pub(super) who: Vec<Who>,
}

/// One way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    /// The path.
    pub(super) path: Path,
    /// The service.
    pub(super) door: Door,
    /// The account.
    pub(super) who: Who,
}

/// A part of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The path: address, gateway, VLAN, the list of those who are let in.
    Path,
    /// The service.
    Service,
    /// The account.
    Account,
}

impl Part {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Part::Path => "an address of the device that the laptop reaches and is let in at",
            Part::Service => "a service to work by",
            Part::Account => "an administrator whose password is held",
        }
    }
}

impl Ways {
    /// Those of a state.
    pub(super) fn of(world: &World, state: &State) -> Ways {
        Ways { paths: paths(world, state), doors: doors(world, state), who: who(world, state) }
    }

    /// The parts that nothing is left of.
    pub(super) fn missing(&self) -> Vec<Part> {
        let parts = [
            (Part::Path, self.paths.is_empty()),
            (Part::Service, self.doors.is_empty()),
            (Part::Account, self.who.is_empty()),
        ];
        parts.into_iter().filter(|(_, none)| *none).map(|(part, _)| part).collect()
    }

    /// The parts that are not there for certain: what is missing may else only not be known.
    pub(super) fn certainly_missing(&self, world: &World, state: &State) -> Vec<Part> {
        let off = |service: Service| world.get(state, Key::Service(service)) == Value::Off;
        let over_ssh = world.engineer.over_ssh;
        let none = |part: &Part| match part {
            Part::Path => !paths_admitted(world, state),
            Part::Service => Service::ALL.into_iter().filter(|service| service.is_way_for(over_ssh)).all(off),
            Part::Account => {
                let mut accounts = world.each(state).filter(|(key, _)| matches!(key, Key::Account(_))).peekable();
                accounts.peek().is_some()
                    && accounts.all(|(key, value)| {
                        let Key::Account(name) = key else { return true };
                        value == Value::Off || rights(world, state, name).is_some_and(|rights| rights != Rights::Full)
                    })
            }
        };
        self.missing().into_iter().filter(none).collect()
    }

    /// Whether there is one.
    pub(super) fn is_any(&self) -> bool {
        !self.paths.is_empty() && !self.doors.is_empty() && !self.who.is_empty()
    }

    /// Those that both have.
    pub(super) fn common(&self, other: &Ways) -> Ways {
        Ways {
            paths: self.paths.iter().copied().filter(|p| other.paths.contains(p)).collect(),
            doors: self.doors.iter().copied().filter(|d| other.doors.contains(d)).collect(),
            who: self.who.iter().copied().filter(|w| other.who.contains(w)).collect(),
        }
    }

    /// Whether a way is one of these.
    pub(super) fn has(&self, way: &Way) -> bool {
        self.paths.contains(&way.path) && self.doors.contains(&way.door) && self.who.contains(&way.who)
    }

    /// The one that is counted on: parts of another where these have them too, else the first of each.
    pub(super) fn best(&self, like: Option<&Way>) -> Option<Way> {
        let path = like.map(|way| way.path).filter(|path| self.paths.contains(path));
        let door = like.map(|way| way.door).filter(|door| self.doors.contains(door));
        let who = like.map(|way| way.who).filter(|who| self.who.contains(who));
        Some(Way {
            path: path.or(self.paths.first().copied())?,
            door: door.or(self.doors.first().copied())?,
            who: who.or(self.who.first().copied())?,
        })
    }
}

fn paths(world: &World, state: &State) -> Vec<Path> {
    let from: Vec<Option<IpAddr>> = match world.engineer.addresses.is_empty() {
        true => vec![None],
        false => world.engineer.addresses.iter().copied().map(Some).collect(),
    };
    let admitted = |from: &Option<IpAddr>| lets_in(world, state, *from);
    from.into_iter().filter(admitted).flat_map(|from| to(world, state, from)).collect()
}

/// Whether the list lets any of the laptop's addresses in.
fn paths_admitted(world: &World, state: &State) -> bool {
    let addresses = &world.engineer.addresses;
    addresses.is_empty() || addresses.iter().any(|from| lets_in(world, state, Some(*from)))
}

/// Whether the list lets an address in. Of one that nobody knows only an open list says so.
pub(super) fn lets_in(world: &World, state: &State, from: Option<IpAddr>) -> bool {
    let on = world.get(state, Key::Filter) == Value::On && world.get(state, Key::OwnServices) != Value::Off;
    let covers = |net: IpNet| from.map_or(net.prefix_len() == 0, |from| net.contains(&from));
    !on || world.each(state).any(|(key, value)| matches!(key, Key::Entry(net) if value == Value::On && covers(net)))
}

fn to(world: &World, state: &State, from: Option<IpAddr>) -> Vec<Path> {
    let unknown = Path { from, to: None, over: None, vlan: None };
    let addresses = || world.keys.iter().zip(state).filter(|(key, _)| matches!(key, Key::Address(_)));
    if addresses().all(|(_, value)| *value == Value::Unknown) {
        // whoever works here is in today, by an address that nobody read
        return vec![unknown];
    }
    let mut found = Vec::new();
    for (key, value) in addresses() {
        let (Key::Address(interface), Value::Net(net)) = (*key, *value) else { continue };
        let vlan = match world.get(state, Key::InVlan(interface)) {
            Value::Number(vlan) => Some(vlan as u16),
            _ => None,
        };
        if vlan.is_some_and(|vlan| !arrives(world, state, vlan)) {
            continue;
        }
        let path = Path { to: Some((interface, net)), vlan, ..unknown };
        let Some(from) = from.filter(|from| !net.contains(from)) else {
            // whoever does not say from where: near the device
            found.push(path);
            continue;
        };
        match world.get(state, Key::Gateway(interface)) {
            Value::Address(over) if net.contains(&over) => found.push(Path { over: Some(over), ..path }),
            // how it is reached from afar nobody knows: as today, while it stays where it is
            Value::Unknown if stays(world, *key, *value) && !net.contains(&from) => found.push(path),
            _ => {}
        }
    }
    found
}

/// Whether an address is where it was, as far as anybody knows.
fn stays(world: &World, address: Key, here: Value) -> bool {
    let was = world.get(&world.start, address);
    was == here || was == Value::Unknown
}

/// Whether frames of the laptop come in in a VLAN: by each port that it may come in by.
fn arrives(world: &World, state: &State, vlan: u16) -> bool {
    let carries = |port: &Named| {
        world.get(state, Key::Untagged(*port)) == Value::Number(vlan.into())
            || world.tagged && world.get(state, Key::Carries(*port, vlan)) == Value::On
    };
    world.ports.as_ref().is_none_or(|ports| !ports.is_empty() && ports.iter().all(carries))
}

fn doors(world: &World, state: &State) -> Vec<Door> {
    let over_ssh = world.engineer.over_ssh;
    let on = |service: &Service| service.is_way_for(over_ssh) && world.get(state, Key::Service(*service)) == Value::On;
    Service::ALL.into_iter().filter(on).map(|s| (s, world.get(state, Key::Port(s)))).collect()
}

fn who(world: &World, state: &State) -> Vec<Who> {
    // whoever is in today with an account of the device is asked for by no server
    let central = [Key::Central(false), Key::Central(true)].map(|key| match world.get(state, key) {
        Value::On => Value::On,
        _ => Value::Off,
    });
    let mut found = Vec::new();
    for (key, value) in world.each(state) {
        let Key::Account(name) = key else { continue };
        if value != Value::On || rights(world, state, name) != Some(Rights::Full) {
            continue;
        }
        if let Value::Password(password) = world.get(state, Key::Password(name))
            && password.held
        {
            found.push((name, password, central));
        }
    }
    found
}

/// What an account may do, where it is known.
pub(super) fn rights(world: &World, state: &State, account: Named) -> Option<Rights> {
    match world.get(state, Key::Rights(account)) {
        Value::Rights(rights) => Some(rights),
        Value::OfGroup(group) => match world.get(state, Key::Group(group)) {
            Value::Rights(rights) => Some(rights),
            _ => None,
        },
        _ => None,
    }
}
