//! Whether the two ends of a pair connection reach each other.

use std::net::IpAddr;

use super::entries::{entries, value};
use super::pair_peers_match::End;
use crate::model::Facts;
use crate::model::facts::Value;
use crate::model::paths::{ALLOWLIST, ALLOWLIST_HOST};
use crate::policy::Judged;
use crate::policy::analysis::Input;
use crate::policy::pattern::Cause;
use crate::site::identity::addresses;
use crate::source::Origin;

/// The master calls an address of the slave, and each is let in by the other.
pub(super) fn address(
    input: &Input<'_>,
    (own, other): (&End<'_>, &End<'_>),
    (master, slave): (&End<'_>, &End<'_>),
    peer: &Judged<'_>,
    (failed, unknown): (&mut Vec<Cause>, &mut Vec<Cause>),
) {
    let mode = own.fact("mode").map(|f| f.origin);
    let of_slave = addresses(slave.facts);
    let called = master.text("mode.address").and_then(|t| t.parse::<IpAddr>().ok());
    match called {
        Some(called) if !of_slave.is_empty() && !of_slave.contains(&called) => {
            let (field, its) = match master.name == own.name {
                true => ("mode.address", "mode"),
                false => ("mode", "mode.address"),
            };
            let sentence = format!("the master calls {called}, which is not `{}`'s address", slave.name);
            let origin = own.fact(field).map(|f| f.origin).or(mode);
            let mut cause = input.cause(own.path(field), origin, sentence);
            cause.related.push(other.note(its, Origin::NONE));
            failed.push(cause);
        }
        Some(_) if !of_slave.is_empty() => {}
        _ => {
            let sentence = "whether the master calls the slave's address is not known";
            unknown.push(input.cause(own.path("mode"), mode, sentence));
        }
    }
    for address in addresses(peer.complete) {
        if !lets_in(input.facts, address) {
            let sentence = format!("the allowlist shuts out `{}`, which is {address}", peer.device.name);
            let origin = input.facts.group(ALLOWLIST).map(|g| g.origin);
            failed.push(input.cause(ALLOWLIST, origin, sentence));
        }
    }
}

/// Whether an allowlist that is on and known lets an address in.
fn lets_in(facts: &Facts, address: IpAddr) -> bool {
    let on = facts.value(ALLOWLIST).is_some_and(|fact| fact.value == Value::Switch(true));
    let mut nets = entries(facts, ALLOWLIST_HOST).filter_map(|host| value(facts, host, "net")?.network());
    !on || facts.items(ALLOWLIST_HOST).is_none() || nets.any(|net| net.contains(&address))
}
