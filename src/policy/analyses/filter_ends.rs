//! The rules of a firewall as a whole: what none of them allows is dropped and recorded, and none lets everything
//! through.

use ipnet::Ipv4Net;

use super::answer;
use super::entries::value;
use super::filter_rules::{FilterRule, TCP, UDP, filter_rules, network};
use crate::model::facts::Value;
use crate::model::paths::FIREWALL_RULE;
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::policy::packets::{PROTOCOL, Packets, Ranges, Side, taken_by};
use crate::policy::pattern::Cause;

/// Pieces that the question may fall into: real firewalls have a few hundred rules.
const MOST_PIECES: usize = 10_000;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "filter-drops-the-rest",
    doc: "The last rule that is in use drops whatever comes, by whichever way, and records it; and no rule lets all \
          addresses reach all addresses by all ports of TCP or of UDP, alone or together with others, however objects \
          spell that. What is off is left out. Does not concern a device of which no rule is in use.",
    params: &[],
    reads: &[],
    looks_at: &[FIREWALL_RULE],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    if input.items(FIREWALL_RULE).is_none_or(<[_]>::is_empty) {
        return Answer::NotApplicable;
    }
    let rules = filter_rules(input.facts);
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    last(input, &rules, &mut failed, &mut unknown);
    for rule in rules.iter().filter(|rule| rule.allows == Some(true)) {
        if let Some(packets) = rule.packets.as_ref().filter(|packets| is_everything(packets, &rules)) {
            let alone = everything(packets).iter().any(|all| all.without(packets).is_empty());
            let sentence = match alone {
                true => "lets everybody reach everything",
                false => "lets everybody reach everything, together with others",
            };
            failed.push(cause(input, rule, sentence));
        }
    }
    answer(failed, unknown)
}

/// The last rule drops the rest, and records it.
fn last(input: &Input<'_>, rules: &[FilterRule<'_>], failed: &mut Vec<Cause>, unknown: &mut Vec<Cause>) {
    let Some(last) = rules.last() else {
        let origin = input.facts.items(FIREWALL_RULE).map(|list| list.origin);
        let help = "let the last rule drop and record what none before it allows: `rule \"rest\" \"deny\" log=on`";
        let cause = input.cause(FIREWALL_RULE, origin, "no rule is in use, so nothing of what is dropped is recorded");
        return failed.push(Cause { help: Some(help.to_owned()), ..cause });
    };
    match (last.allows, &last.packets) {
        (Some(true), _) => failed.push(cause(input, last, "is the last rule in use, and lets through what fits")),
        (Some(false), Some(packets)) if !Packets::all().without(packets).is_empty() => {
            failed.push(cause(input, last, "is the last rule in use, and drops only what fits it"));
        }
        (Some(false), Some(_)) => match value(input.facts, last.group, "log") {
            Some(Value::Switch(true)) => {}
            Some(Value::Switch(false)) => failed.push(cause(input, last, "drops the rest and does not record it")),
            _ => unknown.push(cause(input, last, "does not say whether it records what it drops")),
        },
        _ => unknown.push(cause(input, last, "is the last rule in use, and what fits it is not known")),
    }
}

/// Whether all that such a rule could mean is let through, by it or by it and others: by the interfaces that it names,
/// from all addresses to all, by every port of TCP or of UDP.
fn is_everything(packets: &Packets, rules: &[FilterRule<'_>]) -> bool {
    everything(packets).iter().any(|all| {
        if all.without(packets).is_empty() {
            return true;
        }
        let known: Vec<&FilterRule<'_>> = rules.iter().filter(|rule| rule.packets.is_some()).collect();
        let taken = taken_by(all, known.iter().filter_map(|rule| rule.packets.as_ref()), MOST_PIECES);
        taken.is_some_and(|(takers, left)| left.is_empty() && takers.iter().all(|at| known[*at].allows == Some(true)))
    })
}

/// All packets of TCP, and all of UDP, by the interfaces of a rule.
fn everything(packets: &Packets) -> [Packets; 2] {
    let addresses = network(Ipv4Net::default().into());
    [TCP, UDP].map(|protocol| {
        let ports = Ranges::of([(protocol * PROTOCOL, (protocol + 1) * PROTOCOL - 1)]);
        let all = Packets::all().with(Side::From, packets.side(Side::From)).with(Side::To, packets.side(Side::To));
        all.with(Side::Source, &addresses).with(Side::Destination, &addresses).with(Side::Service, &ports)
    })
}

fn cause(input: &Input<'_>, rule: &FilterRule<'_>, sentence: &str) -> Cause {
    input.cause(rule.path(), Some(rule.group.origin), sentence)
}
