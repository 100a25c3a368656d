//! Generated pairs of states, near and far: applying the plan gives what is desired, planning back from any point gives
//! what was there, and no moment locks out or is weaker than both ends.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

/// A device as a handful of choices.
#[derive(Debug, Clone, PartialEq)]
struct Device {
    services: [bool; 6],
    ports: [u32; 4],
    accounts: [Option<u16>; 3],
    list: bool,
    entries: Vec<bool>,
    lockout: bool,
    least: u32,
    sessions: u32,
    lan: Option<u8>,
    wan: Option<u8>,
    gateway: bool,
    vlan: u16,
    carries: [bool; 3],
}

const ENTRIES: [&str; 5] = ["10.0.1.5/32", "10.0.1.0/24", "10.0.9.9/32", "0.0.0.0/0", "10.0.2.0/24"];
const NETS: [&str; 4] = ["10.0.1.1/24", "10.0.1.2/24", "10.0.2.1/24", "10.0.3.1/24"];
const VLANS: [u16; 3] = [1, 20, 30];
/// As many things a device differs in.
const CHOICES: usize = 20;

fn device() -> impl Strategy<Value = Device> {
    (
        (any::<[bool; 6]>(), any::<[bool; 4]>(), prop::array::uniform3(prop::option::of(select(vec![4_u16, 8, 12])))),
        (any::<bool>(), prop::collection::vec(any::<bool>(), 5), any::<bool>()),
        (select(vec![0_u32, 8]), select(vec![1_u32, 2, 5])),
        (prop::option::of(0..4_u8), prop::option::weighted(0.2, 0..4_u8), any::<bool>()),
        (select(VLANS.to_vec()), any::<[bool; 3]>()),
    )
        .prop_map(
            |((services, moved, accounts), (list, entries, lockout), (least, sessions), (lan, wan, gateway), l2)| {
                let usual = [443, 22, 80, 23];
                let ports = [0, 1, 2, 3].map(|at| usual[at] + if moved[at] { 1000 } else { 0 });
                let (vlan, carries) = l2;
                Device {
                    services,
                    ports,
                    accounts,
                    list,
                    entries,
                    lockout,
                    least,
                    sessions,
                    lan,
                    wan,
                    gateway,
                    vlan,
                    carries,
                }
            },
        )
}

/// The same device with some of another's choices.
fn mixed(mut device: Device, other: &Device, which: &[Index]) -> Device {
    for index in which {
        match index.index(CHOICES) {
            at @ 0..6 => device.services[at] = other.services[at],
            at @ 6..9 => device.accounts[at - 6] = other.accounts[at - 6],
            9 => device.list = other.list,
            at @ 10..15 => device.entries[at - 10] = other.entries[at - 10],
            15 => device.lockout = other.lockout,
            16 => device.least = other.least,
            17 => (device.lan, device.gateway) = (other.lan, other.gateway),
            18 => (device.vlan, device.carries) = (other.vlan, other.carries),
            _ => (device.ports, device.sessions) = (other.ports, other.sessions),
        }
    }
    device
}

impl Device {
    fn said(&self) -> Said {
        let mut said = Said::new();
        for (at, service) in Service::ALL.into_iter().enumerate().filter(|(at, _)| self.services[*at]) {
            said.push(on(service));
            said.extend(self.ports.get(at).map(|port| (Key::Port(service), Value::Number(*port))));
        }
        for (name, length) in [OT, OT2, SHIPPED].into_iter().zip(self.accounts) {
            said.extend(
                length.map(|n| account_with(name, password(n as u8, name == SHIPPED, Some(n)))).unwrap_or_default(),
            );
        }
        let switches = [(Key::Filter, self.list), (Key::Lockout, self.lockout)];
        said.extend(switches.into_iter().filter(|(_, on)| *on).map(|(key, _)| (key, Value::On)));
        said.extend(ENTRIES.iter().zip(&self.entries).filter(|(_, on)| **on).map(|(net, _)| entry(net)));
        said.push((Key::MinLength, Value::Number(self.least)));
        said.push((Key::Sessions(Service::Vendor), Value::Number(self.sessions)));
        said.extend(self.lan.map(|net| address(LAN, NETS[usize::from(net)])));
        said.extend(self.wan.map(|net| address(WAN, NETS[usize::from(net)])));
        if let (true, Some(net)) = (self.gateway, self.lan) {
            said.push(gateway(LAN, &NETS[usize::from(net)].replace(".1/24", ".254").replace(".2/24", ".254")));
        }
        said.push((Key::InVlan(LAN), Value::Number(self.vlan.into())));
        said.push((Key::Untagged(UPLINK), Value::Off));
        said.extend(VLANS.iter().map(|vlan| (Key::Vlan(*vlan), Value::On)));
        said.extend(
            VLANS.iter().zip(self.carries).filter(|(_, on)| *on).map(|(v, _)| (Key::Carries(UPLINK, *v), Value::On)),
        );
        said
    }

    /// Whether the device could be like that, with somebody in.
    fn stands(&self, world: &World, state: &State) -> bool {
        Seen::of(world, state.clone()).ways.is_any()
            && crate::plan::takes::takes(world, state, state)
            && sound(world, state)
    }
}

/// What a device refuses it never has: taken from nothing at all, the state is one that it takes.
fn sound(world: &World, state: &State) -> bool {
    let nothing: State = vec![Value::Off; state.len()];
    let mut without = state.clone();
    // passwords are judged when they are set
    for (place, key) in world.keys.iter().enumerate() {
        if matches!(key, Key::Password(_)) {
            without[place] = Value::Off;
        }
    }
    crate::plan::takes::takes(world, &nothing, &without)
}

/// Both ends, where the device could be like both.
fn pair(start: &Device, goal: &Device) -> Option<World> {
    let mut world = world(start.said(), goal.said());
    world.limits.entries = Some(4);
    world.engineer.addresses.push("10.0.2.5".parse().unwrap());
    (start.stands(&world, &world.start) && goal.stands(&world, &world.goal)).then_some(world)
}

fn has_temporary(steps: &[Placed]) -> bool {
    steps.iter().any(|step| step.what.temporary)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, max_global_rejects: 100_000, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// `order` looks at every moment of what it is handed.
    #[test]
    fn no_moment_of_a_plan_locks_out_or_is_weaker_than_both_ends(start in device(), goal in device()) {
        let world = pair(&start, &goal);
        prop_assume!(world.is_some());
        let world = world.unwrap();
        if let Ok(steps) = order(&world) {
            let mut set: Vec<usize> = steps.iter().flat_map(|step| step.what.acts.iter().copied()).collect();
            set.sort_unstable();
            if has_temporary(&steps) {
                // what was set aside is set again
                set.dedup();
            }
            prop_assert_eq!(set, (0..world.acts.len()).collect::<Vec<_>>(), "each change is made once");
        }
    }

    #[test]
    fn going_on_is_planning_again_and_so_is_going_back(
        device in device(),
        other in device(),
        which in prop::collection::vec(any::<Index>(), 1..6),
    ) {
        let near = mixed(device.clone(), &other, &which);
        let world = pair(&device, &near);
        prop_assume!(world.is_some());
        let world = world.unwrap();
        let Ok(steps) = order(&world) else { return Ok(()) };
        let mut backs = 0;
        for (at, step) in steps.iter().enumerate() {
            // the rest of the plan is what is planned from here
            let mut on = world.back_from(&step.state);
            on.goal.clone_from(&world.goal);
            on.acts = world.acts.clone();
            let using = match step.proof {
                Proof::Stays(way) | Proof::Before(way) | Proof::After(way) | Proof::Blind(way, _) => Some(way),
                Proof::NotKnown | Proof::LockedOut => None,
            };
            let rest = order_of(&on, using).unwrap();
            if !has_temporary(&steps) && !has_temporary(&rest) {
                prop_assert_eq!(
                    rest.iter().map(|s| &s.what).collect::<Vec<_>>(),
                    steps[at + 1..].iter().map(|s| &s.what).collect::<Vec<_>>()
                );
            }
            match order(&world.back_from(&step.state)) {
                Ok(_) => backs += 1,
                // an old password that is shorter than what is demanded does not come back
                Err(stuck) => prop_assert!(!stuck.cut, "the search was cut"),
            }
        }
        prop_assert!(backs > 0 || steps.iter().all(|s| s.state != world.goal) || steps.is_empty() || !reversible(&world));
    }
}

/// Whether nothing stands against the old passwords.
fn reversible(world: &World) -> bool {
    world.keys.iter().enumerate().all(|(place, key)| match (key, world.start[place]) {
        (Key::Password(_), Value::Password(old)) => old.length.is_none_or(|length| length >= 8),
        _ => true,
    })
}
