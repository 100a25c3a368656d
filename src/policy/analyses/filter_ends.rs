//! The rules of a firewall as a whole: what none of them allows is dropped and recorded, and none lets everything
//! through.

use ipnet::Ipv4Net;

use super::answer;
use super::entries::value;
use super::filter_rules::{FilterRule, TCP, UDP, filter_rules, network};
use crate::model::facts::Value;
use crate::model::paths::FIREWALL_RULE;
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::policy::packets::{MOST_PIECES, PROTOCOL, Packets, Ranges, Side, taken_by};
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "filter-drops-the-rest",
    doc: "The last rule that is in use drops whatever comes, by whichever way, and records it; and no rule lets more \
          than half of all that addresses can send each other over TCP or UDP through, alone or together with \
          others, however objects spell that. Rules that are off are left out. Of a rule whose packets are not known \
          `rule-is-reached` says so. Does not concern a device without rules.",
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
    let allows = rules.iter().enumerate().filter(|(_, rule)| rule.allows == Some(true));
    for (at, rule) in allows {
        let Some(sentence) = rule.packets.as_ref().and_then(|packets| opened(packets, at, &rules)) else { continue };
        let help = "name whom it is for and what they may reach: `source=`, `destination=`, `service=`";
        let cause = input.cause(format!("{}.source", rule.path()), Some(rule.group.origin), sentence);
        failed.push(Cause { help: Some(help.to_owned()), ..cause });
    }
    answer(failed, unknown)
}

/// The last rule drops the rest, and records it.
fn last(input: &Input<'_>, rules: &[FilterRule<'_>], failed: &mut Vec<Cause>, unknown: &mut Vec<Cause>) {
    let origin = input.facts.items(FIREWALL_RULE).map(|list| list.origin);
    // what is missing is one rule more, at the end of the list
    let mut more = |sentence: String| failed.push(input.cause(FIREWALL_RULE, origin, sentence));
    let Some(last) = rules.last() else {
        return more("no rule is in use, so nothing of what is dropped is recorded".to_owned());
    };
    let log = |sentence: &str| input.cause(format!("{}.log", last.path()), Some(last.group.origin), sentence);
    match (last.allows, &last.packets) {
        (Some(true), _) => more(format!("`{}`, the last rule in use, lets through what fits it", last.name)),
        (Some(false), Some(packets)) if !Packets::all().without(packets).is_empty() => {
            more(format!("`{}`, the last rule in use, drops only what fits it", last.name));
        }
        (Some(false), Some(_)) => match value(input.facts, last.group, "log") {
            Some(Value::Switch(true)) => {}
            Some(Value::Switch(false)) => failed.push(log("the last rule does not record what it drops")),
            _ => unknown.push(log("the last rule does not say whether it records what it drops")),
        },
        _ => {
            let sentence = format!("what fits `{}`, the last rule in use, is not known", last.name);
            unknown.push(input.cause(last.path(), Some(last.group.origin), sentence));
        }
    }
}

/// Whether less than half of all is left to a filter: a few addresses less are none.
fn opens_most(left: &[Packets], all: &Packets) -> bool {
    left.iter().map(|piece| piece.share(all)).sum::<f64>() < 0.5
}

/// How a rule lets everybody reach everything by the interfaces that it names: alone, or as the last of several.
fn opened(packets: &Packets, at: usize, rules: &[FilterRule<'_>]) -> Option<&'static str> {
    let all = everything(packets);
    if all.iter().any(|all| opens_most(&all.without(packets), all)) {
        return Some("lets everybody reach everything");
    }
    let ways = |packets: &Packets| [Side::From, Side::To].map(|side| packets.side(side).clone());
    let again = |rule: &FilterRule<'_>| {
        rule.allows == Some(true) && rule.packets.as_ref().is_some_and(|its| ways(its) == ways(packets))
    };
    if rules[at + 1..].iter().any(again) {
        return None;
    }
    let known: Vec<(&FilterRule<'_>, &Packets)> =
        rules[..=at].iter().filter_map(|rule| Some((rule, rule.packets.as_ref()?))).collect();
    let is_open = |all: &Packets| {
        let taken = taken_by(all, known.iter().map(|(_, packets)| *packets), MOST_PIECES);
        taken.is_some_and(|(takers, left)| {
            opens_most(&left, all) && takers.iter().all(|at| known[*at].0.allows == Some(true))
        })
    };
    all.iter().any(is_open).then_some("lets everybody reach everything, together with others")
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
