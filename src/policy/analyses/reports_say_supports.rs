//! Whether a text claims what no tool can prove.

use crate::model::facts::{Group, Setting, Value, leaves};
use crate::policy::analysis::{Analysis, Answer, Input};

/// Beginnings of words that claim conformity.
const CLAIMS: [&str; 6] = ["certif", "complian", "conform", "zertifi", "meets ", "fulfil"];

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "reports-say-supports",
    doc: "No text of the device claims that it is certified or compliant to IEC 62443: a configuration supports a \
          requirement, it does not meet it.",
    params: &[],
    reads: &[],
    looks_at: &["login", "services", "allowlist", "serial", "ethernet", "asset"],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let claims = |text: &str| {
        let claims = |text: String| CLAIMS.iter().any(|c| text.contains(c));
        text.contains("62443") && claims(text.to_lowercase())
    };
    // paths are made only where there is something to say
    if !any_text(&input.facts.root, &claims) {
        return Answer::Pass;
    }
    let causes: Vec<_> = leaves(input.facts)
        .filter(|leaf| matches!(&leaf.fact.value, Value::Text(t) if claims(t)))
        .map(|leaf| {
            let sentence = "claims conformity; write that it supports the standard, or nothing";
            input.cause(leaf.path, Some(leaf.fact.origin), sentence)
        })
        .collect();
    if causes.is_empty() { Answer::Pass } else { Answer::Fail(causes) }
}

fn any_text(group: &Group, is: &impl Fn(&str) -> bool) -> bool {
    group.iter().any(|(_, setting)| match setting {
        Setting::Value(fact) => matches!(&fact.value, Value::Text(t) if is(t)),
        Setting::Group(inner) => any_text(inner, is),
        Setting::Items(items) => items.items.iter().any(|i| any_text(&i.group, is)),
    })
}
