//! Whether entries of the allowlist lie within one another.

use ipnet::IpNet;

use super::answer;
use crate::finding::Note;
use crate::model::facts::Fact;
use crate::model::paths::ALLOWLIST_HOST;
use crate::policy::analysis::{Analysis, Answer, Input};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "allowlist-apart",
    doc: "No entry of the allowlist lies within another one, or is the same in other words.",
    params: &[],
    reads: &[ALLOWLIST_HOST],
    looks_at: &[],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let entries = input.items(ALLOWLIST_HOST).unwrap_or_default();
    let mut nets: Vec<(IpNet, &Fact)> = entries
        .iter()
        .filter_map(|item| {
            let fact = input.field(&item.group, "net")?;
            Some((fact.value.network()?.trunc(), fact))
        })
        .collect();
    // networks are apart or nested: one that holds others stands right before them
    nets.sort_by_key(|(net, fact)| (*net, fact.origin.loc()));
    let mut failed = Vec::new();
    let mut outer: Option<(IpNet, &Fact)> = None;
    for (net, fact) in nets {
        let Some((around, its)) = outer.filter(|(around, _)| around.contains(&net)) else {
            outer = Some((net, fact));
            continue;
        };
        let path = format!("{ALLOWLIST_HOST}[{}].net", fact.value.plain());
        let sentence = match around == net {
            true => format!("is the same as `{}`", its.value.plain()),
            false => format!("lies within `{}`: taking it out shuts nobody out", its.value.plain()),
        };
        let mut cause = input.cause(path, Some(fact.origin), sentence);
        cause.related.push(Note { loc: its.origin.loc(), text: "lets it in already".to_owned() });
        failed.push(cause);
    }
    answer(failed, Vec::new())
}
