//! What is simulated: the few settings that decide who gets in, from where, by which service, with which account.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::model::rights::Rights;

/// A service by which a device is managed, or that lets others change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Service {
    /// Web console over TLS.
    Https,
    /// Command line over SSH.
    Ssh,
    /// Web console in clear.
    Http,
    /// Command line in clear.
    Telnet,
    /// The vendor's own. Counts as open, never as a way in.
    Vendor,
    /// SNMP agent. Counts as open, never as a way in.
    Snmp,
}

impl Service {
    /// All, those that one rather works by first.
    pub(super) const ALL: [Service; 6] =
        [Service::Https, Service::Ssh, Service::Http, Service::Telnet, Service::Vendor, Service::Snmp];

    /// Its name beneath `services`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Service::Https => "https",
            Service::Ssh => "ssh",
            Service::Http => "http",
            Service::Telnet => "telnet",
            Service::Vendor => "vendor-service",
            Service::Snmp => "snmp",
        }
    }

    /// The service that a setting is of: `services.https.enabled`.
    fn of(setting: &str) -> Option<Service> {
        let name = setting.strip_prefix("services.")?.split('.').next()?;
        Service::ALL.into_iter().find(|service| service.word() == name)
    }

    /// Whether a person works by it.
    pub(super) fn is_way(self) -> bool {
        !matches!(self, Service::Vendor | Service::Snmp)
    }

    /// The same, of a person or of a program that works over SSH alone.
    pub(super) fn is_way_for(self, over_ssh: bool) -> bool {
        self.is_way() && (!over_ssh || self == Service::Ssh)
    }

    /// Whether it carries passwords in clear; of the vendor's own no source says that it does not.
    pub(super) fn is_clear(self) -> bool {
        matches!(self, Service::Http | Service::Telnet | Service::Vendor)
    }
}

/// Whether a setting is of a service that a person may be logged in by.
pub fn is_way_in(setting: &str) -> bool {
    Service::of(setting).is_some_and(Service::is_way)
}

/// A name that several places have in common: of an account, an interface, a port.
pub(super) type Named = u16;

/// One place of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    /// A group of accounts: its rights.
    Group(Named),
    /// An account: whether it is there and can log in.
    Account(Named),
    /// Its rights, or the group that it has them of.
    Rights(Named),
    /// Its password.
    Password(Named),
    /// Whether logins are asked of servers: RADIUS, TACACS+.
    Central(bool),
    /// A service: whether it answers.
    Service(Service),
    /// The port that it listens on.
    Port(Service),
    /// Most sessions of a service, or of the web console (`Vendor` stands for that).
    Sessions(Service),
    /// Idle time that ends a session, in seconds.
    AutoLogout,
    /// Whether failed logins lock.
    Lockout,
    /// After how many.
    LockoutAfter,
    /// Fewest characters of a new password.
    MinLength,
    /// Whether the list of those who are let in is in force.
    Filter,
    /// Whether it is in force for the device's own services.
    OwnServices,
    /// An entry of the list.
    Entry(IpNet),
    /// SNMP 1 or 2c.
    SnmpClear,
    /// A VLAN: whether it is there.
    Vlan(u16),
    /// A port: the VLAN of what comes in without a tag.
    Untagged(Named),
    /// Whether a port carries a VLAN tagged.
    Carries(Named, u16),
    /// An interface: the VLAN that it is in.
    InVlan(Named),
    /// Its address.
    Address(Named),
    /// The gateway behind it.
    Gateway(Named),
}

/// What stands in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Value {
    /// Nobody knows.
    Unknown,
    /// Off, or not there.
    Off,
    /// On, or there.
    On,
    /// A number; times in seconds, never as the largest.
    Number(u32),
    /// Rights.
    Rights(Rights),
    /// The rights of a group.
    OfGroup(Named),
    /// A password.
    Password(Password),
    /// An address with its net.
    Net(IpNet),
    /// An address.
    Address(IpAddr),
}

/// What is known of a password; nothing of the value itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Password {
    /// Which of several it is: that of the start, that of the end, another.
    pub(super) which: u8,
    /// Whether whoever works here has it.
    pub(super) held: bool,
    /// Whether it is one that the device was shipped with.
    pub(super) shipped: bool,
    /// Its length, where it is known.
    pub(super) length: Option<u16>,
}

/// The values of all places, in the order of the places.
pub(super) type State = Vec<Value>;

/// Some settings that are changed at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Act {
    /// Which change of the difference it is.
    pub(super) change: usize,
    /// Where, by number of the place.
    pub(super) places: Vec<usize>,
    /// The page that it is typed on, where it is typed.
    pub(super) page: Option<usize>,
}

/// Who works, from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Engineer {
    /// Addresses of the laptop; empty where nobody said one.
    pub addresses: Vec<IpAddr>,
    /// The port of the device that it is plugged into, where somebody said it. Without, it comes in by a port of the
    /// VLAN of an interface, tagged or not, and all of these have to stay.
    pub port: Option<String>,
    /// Whether a program works, over SSH: no other service is a way in then.
    pub over_ssh: bool,
}

/// What a device can hold, as far as its tables say it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Entries of the list of those who are let in.
    pub entries: Option<usize>,
    /// Accounts.
    pub accounts: Option<usize>,
}

/// Both ends, and what lies between them.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    /// The places, ascending.
    pub(super) keys: Vec<Key>,
    /// Names of accounts, interfaces and ports.
    pub(super) names: Vec<Arc<str>>,
    /// What the device has.
    pub(super) start: State,
    /// What it is to have.
    pub(super) goal: State,
    /// What differs, by change.
    pub(super) acts: Vec<Act>,
    /// Who works.
    pub(super) engineer: Engineer,
    /// The ports that the laptop may come in by; none where nothing is known of ports.
    pub(super) ports: Option<Vec<Named>>,
    /// Whether it comes in over another switch, which sets tags; one that is plugged in here has none.
    pub(super) tagged: bool,
    /// What the device can hold.
    pub(super) limits: Limits,
}

impl World {
    /// The number of a place.
    pub(super) fn place(&self, key: Key) -> Option<usize> {
        self.keys.binary_search(&key).ok()
    }

    /// What stands somewhere; unknown where the place is none of this device.
    pub(super) fn get(&self, state: &State, key: Key) -> Value {
        self.place(key).map_or(Value::Unknown, |at| state[at])
    }

    /// A name.
    pub(super) fn name(&self, named: Named) -> &str {
        self.names.get(usize::from(named)).map_or("", |name| name)
    }

    /// All places with what stands there.
    pub(super) fn each<'a>(&'a self, state: &'a State) -> impl Iterator<Item = (Key, Value)> + 'a {
        self.keys.iter().copied().zip(state.iter().copied())
    }

    /// The same the other way round: what was desired is there, and what was there is desired.
    #[cfg(test)]
    pub(super) fn back_from(&self, here: &State) -> World {
        let mut back = self.clone();
        back.goal = std::mem::replace(&mut back.start, here.clone());
        let differs = |act: &Act| Act {
            places: act.places.iter().copied().filter(|at| back.start[*at] != back.goal[*at]).collect(),
            ..act.clone()
        };
        back.acts = self.acts.iter().map(differs).filter(|act| !act.places.is_empty()).collect();
        back
    }
}
