//! The simulated state of what a device has and of what it is to have, from their facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::state::{Act, Key, Named, Password, Service, State, Value, World};
use super::{Ends, Input};
use crate::model::facts::{Facts, Group, Value as Fact, key_text};
use crate::model::paths;
use crate::model::rights::{self, Standing};
use crate::model::value::Time;
use crate::native::{Change, SecretState, Side};

/// A place with the setting that it stands for.
type Found = BTreeMap<Key, (Value, String)>;

/// Both ends of a plan. What nothing changes is the same at both of them.
pub(super) fn world(input: &Input<'_>) -> World {
    let mut names = Names::default();
    let mut of = |end: Ends| {
        let facts = if end == Ends::Start { input.before } else { input.after };
        let mut reader = Reader { input, facts, end, names: &mut names, found: Found::new() };
        reader.read();
        reader.found
    };
    let (start, goal) = (of(Ends::Start), of(Ends::Goal));
    let mut keys: Vec<Key> = start.keys().chain(goal.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    let missing = |key: &Key, facts: &Facts| {
        let list = match key {
            Key::Account(_) | Key::Rights(_) | Key::Password(_) => paths::ACCOUNTS_ACCOUNT,
            Key::Group(_) => paths::ACCOUNTS_GROUP,
            Key::Entry(_) => paths::ALLOWLIST_HOST,
            _ => return Value::Unknown,
        };
        if facts.items(list).is_some() { Value::Off } else { Value::Unknown }
    };
    let value = |found: &Found, facts: &Facts, key: &Key| found.get(key).map_or_else(|| missing(key, facts), |f| f.0);
    let mut world = World {
        start: keys.iter().map(|key| value(&start, input.before, key)).collect(),
        goal: keys.iter().map(|key| value(&goal, input.after, key)).collect(),
        names: names.0,
        engineer: input.engineer.clone(),
        limits: input.limits,
        ports: None,
        tagged: input.engineer.port.is_none(),
        keys,
        acts: Vec::new(),
    };
    world.ports = ports(&world, input.engineer.port.as_deref());
    let path = |key: &Key| start.get(key).or_else(|| goal.get(key)).map_or("", |found| &*found.1);
    world.acts = acts(&mut world.start, &mut world.goal, &world.keys, &path, input);
    world
}

/// The ports that the laptop may come in by: the one that somebody named, else all that reach an interface today.
fn ports(world: &World, named: Option<&str>) -> Option<Vec<Named>> {
    let vlans = || {
        world.each(&world.start).filter_map(|(key, value)| match (key, value) {
            (Key::InVlan(_), Value::Number(vlan)) => Some(vlan as u16),
            _ => None,
        })
    };
    let reaches = |port: Named| {
        let untagged = |vlan: u16| world.get(&world.start, Key::Untagged(port)) == Value::Number(vlan.into());
        vlans().any(|vlan| untagged(vlan) || world.get(&world.start, Key::Carries(port, vlan)) == Value::On)
    };
    let all: Vec<Named> =
        world.keys.iter().filter_map(|key| if let Key::Untagged(port) = key { Some(*port) } else { None }).collect();
    match named {
        Some(name) => all.iter().find(|port| world.name(**port) == format!("port {name}")).map(|port| vec![*port]),
        // nothing that was read says who carries what
        None => {
            Some(all.into_iter().filter(|port| reaches(*port)).collect()).filter(|ports: &Vec<_>| !ports.is_empty())
        }
    }
}

/// What of both ends each change sets. What differs and is no change stays as it is.
fn acts<'p>(
    start: &mut State,
    goal: &mut State,
    keys: &[Key],
    path: &dyn Fn(&Key) -> &'p str,
    input: &Input<'_>,
) -> Vec<Act> {
    let by_path: BTreeMap<&str, usize> =
        input.changes.iter().enumerate().map(|(at, change)| (&*change.path, at)).collect();
    let whole = |at: &usize| {
        matches!((&input.changes[*at].before, &input.changes[*at].after), (Side::Entry(..), _) | (_, Side::Entry(..)))
    };
    let of = |key: &Key| -> Vec<usize> {
        let path = path(key);
        let entry = path.rfind(']').and_then(|end| by_path.get(&path[..=end]).copied()).filter(whole);
        if let Some(entry) = entry {
            return vec![entry];
        }
        // what an account may do and whether it may log in stand in several settings
        let also: &[&str] = match key {
            Key::Account(_) => &["enabled", "role"],
            Key::Rights(_) => &["role", "group"],
            Key::Group(_) => &["access"],
            Key::Untagged(_) | Key::Carries(..) => &PORT,
            _ => &[],
        };
        let mut found: Vec<usize> = by_path.get(path).copied().into_iter().collect();
        found.extend(also.iter().filter_map(|field| by_path.get(&*format!("{path}.{field}")).copied()));
        found
    };
    let heads = super::rest::heads(input.changes);
    let mut acts: BTreeMap<usize, Act> = BTreeMap::new();
    for (place, key) in keys.iter().enumerate() {
        if start[place] == goal[place] {
            continue;
        }
        let changes = of(key);
        let Some(first) = changes.first().copied().filter(|first| is_made(&input.changes[*first])) else {
            match key {
                // the password that is desired is the one that is there
                Key::Password(_)
                    if changes.is_empty()
                        && matches!((start[place], goal[place]), (Value::Password(_), Value::Password(_))) =>
                {
                    start[place] = goal[place];
                }
                _ => goal[place] = start[place],
            }
            continue;
        };
        let first = heads[first];
        let page = (input.page)(&input.changes[first]);
        let act = acts.entry(first).or_insert_with(|| Act { change: first, places: Vec::new(), page });
        act.places.push(place);
    }
    acts.into_values().collect()
}

/// Whether a change is one that is to be made. A password of which the device shows a hash that can't be compared is
/// told, and no more.
pub(super) fn is_made(change: &Change) -> bool {
    change.secret != Some(SecretState::Opaque)
}

#[derive(Default)]
struct Names(Vec<Arc<str>>);

impl Names {
    fn of(&mut self, name: &str) -> Named {
        let at = self.0.iter().position(|known| **known == *name).unwrap_or_else(|| {
            self.0.push(name.into());
            self.0.len() - 1
        });
        // more names than that are refused before
        Named::try_from(at).unwrap_or(Named::MAX)
    }
}

struct Reader<'a, 'n> {
    input: &'a Input<'a>,
    facts: &'a Facts,
    end: Ends,
    names: &'n mut Names,
    found: Found,
}

impl Reader<'_, '_> {
    fn put(&mut self, key: Key, value: Value, path: impl Into<String>) {
        self.found.insert(key, (value, path.into()));
    }

    fn read(&mut self) {
        self.groups();
        self.accounts();
        self.services();
        self.list();
        self.interfaces();
        self.ports();
        let numbers = [
            (Key::AutoLogout, paths::LOGIN_AUTO_LOGOUT),
            (Key::Lockout, paths::LOGIN_LOCKOUT),
            (Key::LockoutAfter, paths::LOGIN_LOCKOUT_AFTER),
            (Key::Sessions(Service::Vendor), paths::LOGIN_MAX_SESSIONS),
            (Key::MinLength, paths::PASSWORD_POLICY_MIN_LENGTH),
            (Key::Central(false), paths::SERVICES_RADIUS),
            (Key::Central(true), paths::SERVICES_TACACS),
        ];
        for (key, path) in numbers {
            if let Some(fact) = self.facts.value(path) {
                self.put(key, value(&fact.value), path);
            }
        }
        if let Some(fact) = self.facts.value(paths::SNMP_VERSIONS) {
            let clear = match &fact.value {
                Fact::List(words) => words.iter().any(|w| w.value.text() != Some("v3")),
                other => other.text() != Some("v3"),
            };
            self.put(Key::SnmpClear, if clear { Value::On } else { Value::Off }, paths::SNMP_VERSIONS);
        }
    }

    /// The entries of a list, each with its path.
    fn entries(&self, list: &str) -> Vec<(String, Group)> {
        let items = self.facts.items(list).into_iter().flat_map(|items| &items.items);
        items.map(|item| (key_text(self.facts.shape, &item.group), item.group.clone())).collect()
    }

    fn field(&self, group: &Group, name: &str) -> Option<Fact> {
        let (ix, _) = self.facts.shape.group(group.shape).field(name)?;
        group.fact(ix).map(|fact| fact.value.clone())
    }

    fn groups(&mut self) {
        for (key, group) in self.entries(paths::ACCOUNTS_GROUP) {
            let rights = match self.field(&group, "access").as_ref().and_then(Fact::text) {
                Some("full") => Value::Rights(rights::Rights::Full),
                Some("operate") => Value::Rights(rights::Rights::Operate),
                Some("read-only") => Value::Rights(rights::Rights::Look),
                _ => Value::Unknown,
            };
            let name = self.names.of(&format!("group {key}"));
            self.put(Key::Group(name), rights, format!("{}[{key}]", paths::ACCOUNTS_GROUP));
        }
    }

    fn accounts(&mut self) {
        for (key, group) in self.entries(paths::ACCOUNTS_ACCOUNT) {
            if self.field(&group, "removed").is_some() {
                continue;
            }
            let path = format!("{}[{key}]", paths::ACCOUNTS_ACCOUNT);
            let name = self.names.of(&format!("account {key}"));
            let enabled = match rights::may_log_in(self.facts, &group) {
                Some(false) => Value::Off,
                // accounts without a switch of their own can log in
                Some(true) | None => Value::On,
            };
            self.put(Key::Account(name), enabled, &*path);
            let of_group =
                self.field(&group, "group").and_then(|g| g.text().map(|g| self.names.of(&format!("group {g}"))));
            let described = of_group.filter(|group| self.found.contains_key(&Key::Group(*group)));
            let standing = rights::of(self.facts, self.input.platform, &group);
            // a row of numbers of an export says what rights a group has
            if let (Some(group), Standing::Known(rights)) = (described, standing)
                && let Some((value @ Value::Unknown, _)) = self.found.get_mut(&Key::Group(group))
            {
                *value = Value::Rights(rights);
            }
            let rights = match (described, standing) {
                (Some(group), _) => Value::OfGroup(group),
                (None, Standing::Known(rights)) => Value::Rights(rights),
                (None, Standing::NoSuchGroup | Standing::Unknown) => Value::Unknown,
            };
            self.put(Key::Rights(name), rights, &*path);
            let path = format!("{path}.password");
            if let Some(password) = self.password(&key, &path, self.field(&group, "password")) {
                self.put(Key::Password(name), Value::Password(password), path);
            }
        }
    }

    fn password(&self, account: &str, path: &str, said: Option<Fact>) -> Option<Password> {
        let named = match &said {
            Some(Fact::Secret(name)) => Some(&**name),
            Some(_) => None,
            None if self.end == Ends::Goal => return None,
            None => None,
        };
        let length = (self.input.length)(self.end, named.unwrap_or(path));
        let length = length.map(|length| u16::try_from(length).unwrap_or(u16::MAX));
        Some(match named {
            Some(_) => Password { which: 1, held: true, shipped: false, length },
            None => Password {
                which: 0,
                held: self.input.login.is_none_or(|login| login == account),
                shipped: (self.input.shipped)(account),
                length,
            },
        })
    }

    fn services(&mut self) {
        for service in Service::ALL {
            let path = format!("services.{}", service.word());
            let said = |path: &str| self.facts.value(path).map(|fact| value(&fact.value));
            let found = [
                (Key::Service(service), path.clone()),
                (Key::Port(service), format!("{path}.port")),
                (Key::Sessions(service), format!("{path}.max-users")),
            ];
            for (key, path) in found {
                if let Some(value) = said(&path)
                    && key != Key::Sessions(Service::Vendor)
                {
                    self.put(key, value, path);
                }
            }
        }
    }

    fn list(&mut self) {
        for (key, path) in [(Key::Filter, "allowlist"), (Key::OwnServices, paths::ALLOWLIST_OWN_SERVICES)] {
            if let Some(fact) = self.facts.value(path) {
                self.put(key, value(&fact.value), path);
            }
        }
        for (key, group) in self.entries(paths::ALLOWLIST_HOST) {
            if let Some(net) = self.field(&group, "net").and_then(|net| net.network()) {
                self.put(Key::Entry(net), Value::On, format!("{}[{key}]", paths::ALLOWLIST_HOST));
            }
        }
    }

    /// Of the VLANs only those count that an interface is in, at either end.
    fn ports(&mut self) {
        let interfaces = |facts: &Facts| -> Vec<u16> {
            let items = facts.items(paths::NETWORK_INTERFACE).into_iter().flat_map(|items| &items.items);
            let keys = items.map(|item| key_text(facts.shape, &item.group));
            keys.filter_map(|key| key.strip_prefix("vlan ")?.parse().ok()).collect()
        };
        let mut vlans = interfaces(self.input.before);
        vlans.extend(interfaces(self.input.after));
        if vlans.is_empty() {
            return;
        }
        for (key, group) in self.entries(paths::ETHERNET_PORT) {
            let words: Vec<Option<Fact>> = PORT.iter().map(|name| self.field(&group, name)).collect();
            let [access, trunk, hybrid, native, untagged, _, enabled] = &words[..] else { continue };
            if [access, trunk, hybrid].iter().all(|word| word.is_none()) {
                continue;
            }
            let (path, name) = (format!("{}[{key}]", paths::ETHERNET_PORT), self.names.of(&format!("port {key}")));
            let is_on = enabled.as_ref() != Some(&Fact::Switch(false));
            let holds = |word: &Option<Fact>, vlan: u16| match word {
                Some(Fact::Set(set)) => set.numbers().any(|(from, to)| (from..=to).contains(&vlan.into())),
                Some(other) => other.plain().parse() == Ok(vlan),
                None => false,
            };
            let bare = vlans.iter().find(|vlan| [access, native, untagged].iter().any(|word| holds(word, **vlan)));
            let bare = bare.filter(|_| is_on).map_or(Value::Off, |vlan| Value::Number((*vlan).into()));
            self.put(Key::Untagged(name), bare, &*path);
            for vlan in &vlans {
                let carries = is_on && (holds(trunk, *vlan) || holds(hybrid, *vlan));
                self.put(Key::Carries(name, *vlan), if carries { Value::On } else { Value::Off }, &*path);
            }
        }
    }

    fn interfaces(&mut self) {
        for (key, group) in self.entries(paths::NETWORK_INTERFACE) {
            let path = format!("{}[{key}]", paths::NETWORK_INTERFACE);
            let name = self.names.of(&format!("interface {key}"));
            if let Some(address) = self.field(&group, "address") {
                let net = address.network().map_or(Value::Unknown, Value::Net);
                self.put(Key::Address(name), net, format!("{path}.address"));
            }
            if let Some(vlan) = key.strip_prefix("vlan ").and_then(|number| number.parse::<u16>().ok()) {
                self.put(Key::InVlan(name), Value::Number(vlan.into()), &*path);
            }
            if let Some(gateway) = self.field(&group, "gateway") {
                let to = gateway.network().map_or(Value::Unknown, |net| Value::Address(net.addr()));
                self.put(Key::Gateway(name), to, format!("{path}.gateway"));
            }
        }
    }
}

/// The settings of a port that say which VLANs it carries; they are set at once.
pub(super) const PORT: [&str; 7] = ["access", "trunk", "hybrid", "native", "untagged", "frames", "enabled"];

fn value(fact: &Fact) -> Value {
    match fact {
        Fact::Switch(true) => Value::On,
        Fact::Switch(false) => Value::Off,
        Fact::Int(number) => Value::Number(u32::try_from(*number).unwrap_or(u32::MAX)),
        Fact::Time(Time::Never) => Value::Number(u32::MAX),
        Fact::Time(Time::Millis(millis)) => Value::Number(u32::try_from(millis / 1000).unwrap_or(u32::MAX)),
        _ => Value::Unknown,
    }
}
