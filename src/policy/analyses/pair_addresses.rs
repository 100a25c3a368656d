//! Whether the two ends of a pair connection reach each other.

use std::net::IpAddr;

use super::pair_peers_match::End;
use crate::model::facts::{Setting, Value};
use crate::model::{Facts, Item};
use crate::policy::Judged;
use crate::policy::analysis::{Input, field};
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
            let origin = input.facts.group("allowlist").map(|g| g.origin);
            failed.push(input.cause("allowlist", origin, sentence));
        }
    }
}

/// Whether an allowlist that is on and known lets an address in.
fn lets_in(facts: &Facts, address: IpAddr) -> bool {
    if facts.value("allowlist").map(|f| &f.value) != Some(&Value::Switch(true)) {
        return true;
    }
    let list =
        facts.group("allowlist").and_then(|g| facts.shape.group(g.shape).field("host").and_then(|(ix, _)| g.get(ix)));
    let Some(Setting::Items(items)) = list else { return true };
    let net = |i: &Item| field(facts, &i.group, "net")?.value.network();
    items.items.iter().filter_map(net).any(|n| n.contains(&address))
}
