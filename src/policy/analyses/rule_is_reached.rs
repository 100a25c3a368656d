//! Whether a rule of a firewall ever decides anything.

use super::answer;
use super::filter_rules::filter_rules;
use crate::finding::Note;
use crate::model::paths::{FIREWALL_RULE, NETWORK_INTERFACE, OBJECTS_ADDRESS, OBJECTS_SERVICE};
use crate::policy::analysis::{Analysis, Answer, Input, Param, ParamKind};
use crate::policy::packets::{MOST_PIECES, Packets, taken_by};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "rule-is-reached",
    doc: "No rule of the firewall is one whose packets earlier rules take, one alone or several together: with `verdict \
          \"other\"` such as decide otherwise, with `\"same\"` such as decide alike. Rules that are off take nothing. A rule \
          of which something is not known takes nothing and is not judged. A question that falls into more than 10,000 \
          pieces is unknown. Does not concern a device without rules.",
    params: &[Param {
        name: "verdict",
        kind: ParamKind::Text,
        required: true,
        toward: None,
        doc: "`other` or `same`: what the earlier rules decide, held against the one that they hide",
    }],
    reads: &[],
    looks_at: &[FIREWALL_RULE, OBJECTS_ADDRESS, OBJECTS_SERVICE, NETWORK_INTERFACE],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let (rules, other) = (filter_rules(input.facts), input.text("verdict") == Some("other"));
    if rules.is_empty() {
        return Answer::NotApplicable;
    }
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    let mut earlier: Vec<(usize, &Packets)> = Vec::with_capacity(rules.len());
    for (at, rule) in rules.iter().enumerate() {
        let Some((packets, allows)) = rule.packets.as_ref().zip(rule.allows) else {
            unknown.push(input.cause(
                rule.path(),
                Some(rule.group.origin),
                "is not known whole, so what it takes is not either",
            ));
            continue;
        };
        if packets.is_empty() {
            let sentence = "fits no packet: what it asks of one is never so at once";
            let cause = || input.cause(rule.path(), Some(rule.group.origin), sentence);
            failed.extend((!other).then(cause));
            continue;
        }
        match taken_by(packets, earlier.iter().map(|(_, packets)| *packets), MOST_PIECES) {
            None => {
                let sentence = "the rules before it are too many to say whether it is reached";
                unknown.push(input.cause(rule.path(), Some(rule.group.origin), sentence));
            }
            Some((takers, left)) if left.is_empty() => {
                let takers: Vec<_> = takers.iter().map(|taker| &rules[earlier[*taker].0]).collect();
                if takers.iter().any(|taker| taker.allows != Some(allows)) == other {
                    let names: Vec<String> = takers.iter().map(|taker| format!("`{}`", taker.name)).collect();
                    let sentence = format!(
                        "is never reached: {} {} all that it is for",
                        names.join(", "),
                        match names.len() {
                            1 => "takes",
                            _ => "take",
                        }
                    );
                    let mut cause = input.cause(rule.path(), Some(rule.group.origin), sentence);
                    let note =
                        |text: &str, origin: crate::source::Origin| Note { loc: origin.loc(), text: text.to_owned() };
                    cause.related.extend(takers.iter().map(|taker| note("stands before it", taker.group.origin)));
                    cause.help = Some(match other {
                        true => format!("move `{}` before it, or narrow what stands before", rule.name),
                        false => format!("take `{}` out, or narrow what stands before", rule.name),
                    });
                    failed.push(cause);
                }
            }
            Some(_) => {}
        }
        earlier.push((at, packets));
    }
    answer(failed, unknown)
}
