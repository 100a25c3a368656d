//! States that broke earlier versions of the order, each with the order that is safe.

use std::net::IpAddr;

use super::*;
use crate::plan::sequence::{Turn, sequence};
use crate::plan::step::{Move, Obstacle};
use crate::plan::ways::Part;

use Service::{Http, Https, Ssh, Telnet};

fn lists(accounts: &[Named], more: impl IntoIterator<Item = (Key, Value)>) -> Said {
    let mut said: Said = accounts.iter().flat_map(|name| account(*name)).collect();
    said.extend(more);
    said
}

const LIST: (Key, Value) = (Key::Filter, Value::On);
const LOCKOUT: (Key, Value) = (Key::Lockout, Value::On);

fn number(key: Key, number: u32) -> (Key, Value) {
    (key, Value::Number(number))
}

#[track_caller]
fn gives(start: Said, goal: Said, wanted: &[&str]) {
    let world = world(start, goal);
    let steps = order(&world).unwrap();
    assert_eq!(told(&world, &steps), wanted);
}

#[test]
fn a_service_is_tried_before_the_old_one_goes() {
    gives(lists(&[OT], [on(Http)]), lists(&[OT], [on(Ssh)]), &["+ssh", "~-http"]);
}

#[test]
fn an_administrator_is_tried_before_the_old_one_goes() {
    gives(lists(&[OT2], [on(Ssh)]), lists(&[OT], [on(Ssh)]), &["+account ot", "~-account ot2"]);
}

#[test]
fn a_lockout_goes_when_nothing_in_clear_can_be_guessed_at() {
    gives(
        lists(&[OT], [on(Http), LOCKOUT]),
        lists(&[OT, SHIPPED], [on(Ssh)]),
        &["+ssh", "~-http", "+account admin", "-Lockout"],
    );
}

#[test]
fn a_shipped_account_does_not_come_while_passwords_travel_in_clear() {
    gives(
        lists(&[OT], [on(Http)]),
        lists(&[OT2, SHIPPED], [on(Https)]),
        &["+account ot2", "+https", "~-account ot", "~-http", "+account admin"],
    );
}

#[test]
fn a_list_is_not_lifted_while_telnet_answers() {
    gives(
        lists(&[OT], [on(Telnet), LIST, entry(ME)]),
        lists(&[OT], [on(Ssh)]),
        &["+ssh", "~-telnet", "-Filter", "-10.0.1.5/32"],
    );
}

#[test]
fn a_password_changes_before_more_is_demanded_and_back_after() {
    let end = |which, length, least| {
        let mut said = account_with(OT, password(which, false, Some(length)));
        said.extend(account(OT2));
        said.extend([on(Ssh), number(Key::MinLength, least)]);
        said
    };
    let there = world(end(0, 8, 8), end(1, 12, 12));
    let steps = order(&there).unwrap();
    assert_eq!(told(&there, &steps), ["~+account ot", "+MinLength"]);
    let back = there.back_from(&there.goal);
    assert_eq!(told(&back, &order(&back).unwrap()), ["+MinLength", "~+account ot"]);
}

#[test]
fn a_password_that_is_too_short_today_has_no_way_back() {
    let end = |which, length| {
        let mut said = account_with(OT, password(which, false, Some(length)));
        said.extend(account(OT2));
        said.extend([on(Ssh), number(Key::MinLength, 8)]);
        said
    };
    let there = world(end(0, 4), end(1, 8));
    assert_eq!(told(&there, &order(&there).unwrap()), ["~+account ot"]);
    let back = order(&there.back_from(&there.goal)).unwrap_err();
    assert_eq!((back.obstacle, back.cut), (Some(Obstacle::NotTaken), false));
}

#[test]
fn an_address_and_its_gateway_move_at_once() {
    let far = lists(&[OT], [on(Ssh), address(LAN, "10.0.2.1/24"), gateway(LAN, "10.0.2.254")]);
    let near = lists(&[OT], [on(Ssh), address(LAN, "10.0.1.1/24")]);
    let there = world(far, near);
    assert_eq!(told(&there, &order(&there).unwrap()), ["!+Address(3) -Gateway(3)"]);
    let back = there.back_from(&there.goal);
    assert_eq!(told(&back, &order(&back).unwrap()), ["!+Address(3) +Gateway(3)"]);
}

fn in_vlan(vlan: u16, carries: &[u16]) -> Said {
    let mut said = lists(&[OT], [on(Ssh), address(LAN, "10.0.1.1/24"), number(Key::InVlan(LAN), vlan.into())]);
    said.extend([(Key::Untagged(UPLINK), Value::Off), (Key::Vlan(1), Value::On), (Key::Vlan(vlan), Value::On)]);
    said.extend(carries.iter().map(|vlan| (Key::Carries(UPLINK, *vlan), Value::On)));
    said
}

#[test]
fn a_port_carries_both_vlans_while_management_moves() {
    let world = world(in_vlan(1, &[1]), in_vlan(20, &[20]));
    assert_eq!(
        told(&world, &order(&world).unwrap()),
        ["+Vlan(20)", "+Carries(5, 20) t", "!+InVlan(3)", "-Carries(5, 1) +Carries(5, 20)"]
    );
}

#[test]
fn what_a_port_carries_tagged_is_no_way_in_for_a_laptop() {
    let said = |vlan| {
        let mut said = in_vlan(vlan, &[20]);
        said.retain(|(key, _)| !matches!(key, Key::Untagged(_) | Key::Vlan(_)));
        said.push(number(Key::Untagged(UPLINK), 1));
        said
    };
    let mut world = world(said(1), said(20));
    world.tagged = false;
    let stuck = order(&world).unwrap_err();
    assert_eq!(stuck.obstacle, Some(Obstacle::NoWay(vec![Part::Path])));
}

#[test]
fn an_address_moves_between_interfaces_at_once() {
    let at = |interface| lists(&[OT], [on(Ssh), address(interface, "10.0.1.1/24")]);
    let world = world(at(LAN), at(WAN));
    assert_eq!(told(&world, &order(&world).unwrap()), ["!-Address(3) +Address(4)"]);
}

#[test]
fn an_entry_that_drifted_away_comes_before_the_own_one_goes() {
    gives(
        lists(&[OT], [on(Ssh), LIST, entry(ME)]),
        lists(&[OT], [on(Ssh), LIST, entry("0.0.0.0/0")]),
        &["+0.0.0.0/0", "-10.0.1.5/32"],
    );
}

#[test]
fn either_of_two_ways_lets_the_third_go() {
    let start = lists(&[OT], [on(Ssh), LIST, entry(ME), address(WAN, "10.0.1.1/24"), address(LAN, "10.0.2.1/24")]);
    let goal = lists(
        &[OT],
        [on(Ssh), LIST, entry(ME), entry("10.0.2.0/24"), address(LAN, "10.0.2.1/24"), gateway(LAN, "10.0.2.254")],
    );
    let mut world = world(start, goal);
    world.engineer.addresses.push("10.0.2.5".parse::<IpAddr>().unwrap());
    let steps = order(&world).unwrap();
    assert!(!steps.iter().any(|step| matches!(step.proof, Proof::Blind(..))), "{:?}", told(&world, &steps));
}

#[test]
fn in_a_full_list_somebody_elses_entry_makes_room() {
    let list = |mine| lists(&[OT], [on(Ssh), LIST, entry(mine), entry("10.0.9.9/32")]);
    let mut world = world(list("10.0.1.5/32"), list("10.0.1.0/24"));
    world.limits.entries = Some(2);
    assert_eq!(
        told(&world, &order(&world).unwrap()),
        ["-10.0.9.9/32 t", "+10.0.1.0/24", "-10.0.1.5/32", "+10.0.9.9/32"]
    );
}

#[test]
fn a_page_that_takes_the_old_way_and_brings_the_new_is_saved_twice() {
    let mut world = world(lists(&[OT], [on(Telnet)]), lists(&[OT], [on(Https)]));
    world.acts.iter_mut().for_each(|act| act.page = Some(0));
    assert_eq!(told(&world, &order(&world).unwrap()), ["+https", "~-telnet"]);
    // what is safe at once is saved at once
    let mut both = super::world(lists(&[OT], [on(Ssh), on(Telnet)]), lists(&[OT], [on(Ssh), on(Https)]));
    both.acts.iter_mut().for_each(|act| act.page = Some(0));
    assert_eq!(order(&both).unwrap().len(), 1);
}

#[test]
fn a_password_that_is_too_short_for_what_the_device_demands_by_now_is_not_planned() {
    let end = |which, length| {
        let mut said = account_with(OT, password(which, false, Some(length)));
        said.extend([on(Ssh), number(Key::MinLength, 12)]);
        said
    };
    assert_eq!(order(&world(end(0, 8), end(1, 10))).unwrap_err().obstacle, Some(Obstacle::NotTaken));
}

#[test]
fn the_own_password_is_tried_from_a_second_window_or_not_at_all() {
    let end = |which, sessions: u32| {
        let mut said = account_with(OT, password(which, false, None));
        said.extend([on(Ssh), number(Key::Sessions(Ssh), sessions)]);
        said
    };
    gives(end(0, 5), end(1, 5), &["?+account ot"]);
    gives(end(0, 1), end(1, 1), &["+Sessions(Ssh) t", "?+account ot", "+Sessions(Ssh)"]);
    // with nothing to raise the limit by, nothing but the change itself shows it
    let one = world(end(0, 1), end(1, 1));
    let guard = Guard::new(&one, false);
    let what = Move { acts: vec![0], sets: vec![(one.acts[0].places[0], password(1, false, None))], temporary: false };
    let start = Seen::of(&one, one.start.clone());
    let (_, proof, _) = guard.judge(&start, &what.applied(&one.start), None).unwrap();
    assert!(matches!(proof, Proof::Blind(_, Part::Account)));
}

#[test]
fn path_and_account_never_change_in_one_unproved_step() {
    let start = lists(&[OT], [on(Ssh), address(LAN, "10.0.1.1/24")]);
    let goal = lists(&[OT2], [on(Ssh), address(LAN, "10.0.1.2/24")]);
    let mut world = world(start, goal);
    assert_eq!(told(&world, &order(&world).unwrap()), ["+account ot2", "~-account ot", "!+Address(3)"]);
    // as one file it is a leap
    let places = world.acts.iter().flat_map(|act| act.places.clone()).collect();
    world.acts = vec![Act { change: 0, places, page: None }];
    assert_eq!(order(&world).unwrap_err().obstacle, Some(Obstacle::Leap(vec![Part::Path, Part::Account])));
}

#[test]
fn services_that_swap_their_ports_do_so_by_a_third_one_that_somebody_allows() {
    let ports =
        |https, ssh| lists(&[OT], [on(Https), on(Ssh), number(Key::Port(Https), https), number(Key::Port(Ssh), ssh)]);
    let world = world(ports(443, 22), ports(22, 443));
    let guard = Guard::new(&world, false);
    assert!(search::order(&guard, false).is_err());
    let steps = search::order(&guard, true).unwrap();
    assert_eq!(steps.len(), 3, "{:?}", told(&world, &steps));
    assert_eq!(steps[2].state, world.goal);
}

/// What a list decides of a packet that rules of one name match.
fn decides(rules: &[(char, bool)], default: bool, packet: char) -> bool {
    rules.iter().find(|(name, _)| *name == packet).map_or(default, |(_, allow)| *allow)
}

/// Walks from one list to another; each packet is decided as before or as after, all the way.
#[track_caller]
fn walks(old: &[(char, bool)], was: bool, new: &[(char, bool)], is: bool) {
    // as the device has them: old ones by their number, new ones by theirs
    let mut here: Vec<(bool, usize)> = (0..old.len()).map(|at| (false, at)).collect();
    let mut default = was;
    for turn in sequence(old, new) {
        match turn {
            Turn::Insert(at, above) => {
                let place = above.and_then(|above| here.iter().position(|rule| *rule == (false, above)));
                here.insert(place.unwrap_or(here.len()), (true, at));
            }
            Turn::Default => default = is,
            Turn::Delete(at) => here.retain(|rule| *rule != (false, at)),
        }
        let rules: Vec<_> = here.iter().map(|(is_new, at)| if *is_new { new[*at] } else { old[*at] }).collect();
        for packet in ['a', 'b', 'c'] {
            let ends = [decides(old, was, packet), decides(new, is, packet)];
            assert!(ends.contains(&decides(&rules, default, packet)), "{old:?} {was} to {new:?} {is}: {packet}");
        }
    }
    let rules: Vec<_> = here.iter().map(|(is_new, at)| if *is_new { new[*at] } else { old[*at] }).collect();
    assert_eq!((&rules[..], default), (new, is));
}

#[test]
fn rules_come_from_the_top_and_go_from_the_bottom() {
    let (permit, deny) = (('a', true), ('a', false));
    walks(&[permit, deny], false, &[], true);
    walks(&[], true, &[permit, deny], false);
    walks(&[], true, &[permit], false);
    walks(&[permit], false, &[], true);
    walks(&[], false, &[deny, permit], false);
}

proptest::proptest! {
    #[test]
    fn on_the_way_each_packet_is_decided_as_before_or_as_after(
        old in proptest::collection::vec((proptest::sample::select(vec!['a', 'b', 'c']), proptest::bool::ANY), 0..7),
        new in proptest::collection::vec((proptest::sample::select(vec!['a', 'b', 'c']), proptest::bool::ANY), 0..7),
        was: bool,
        is: bool,
    ) {
        walks(&old, was, &new, is);
    }
}
