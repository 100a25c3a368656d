//! SNMP communities: none that everybody knows.

use super::answer;
use super::secrets::{is_one_of, missing};
use crate::model::facts::Value;
use crate::model::paths::{SERVICES_SNMP, SNMP_COMMUNITY, SNMP_TRAP, SNMP_VERSIONS};
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "community-not-default",
    doc: "No SNMP community, of the agent or of a trap receiver, is one of the list, in small or capital letters. Does \
          not concern a device whose agent is off, or speaks version 3 only.",
    params: &[Param {
        name: "list",
        kind: ParamKind::List,
        required: true,
        toward: None,
        doc: "communities that everybody knows",
    }],
    reads: &[],
    looks_at: &["snmp", SERVICES_SNMP],
    needs: &[Need::Secrets],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let in_clear = match input.fact(SNMP_VERSIONS).map(|f| &f.value) {
        Some(Value::List(list)) => list.iter().any(|f| f.value != Value::Word("v3")),
        _ => true,
    };
    let off = input.fact(SERVICES_SNMP).map(|f| &f.value) == Some(&Value::Switch(false));
    let communities = input.items(SNMP_COMMUNITY);
    let traps = input.items(SNMP_TRAP).unwrap_or_default();
    let of_traps = traps.iter().any(|t| input.field(&t.group, "community").is_some());
    if (off || !in_clear) && !of_traps {
        return Answer::NotApplicable;
    }
    if communities.is_none() && !off && in_clear && !of_traps {
        return Answer::Unknown(vec![input.unsaid(SNMP_COMMUNITY)]);
    }
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    let of_agent = communities.into_iter().flatten().map(|i| (i, SNMP_COMMUNITY, "access", "text"));
    let of_traps = traps.iter().map(|i| (i, SNMP_TRAP, "receiver", "community"));
    for (item, list, key, field) in of_agent.chain(of_traps) {
        let Some(fact) = input.field(&item.group, field) else { continue };
        let key = input.field(&item.group, key).map(|f| f.value.plain()).unwrap_or_default();
        let path = format!("{list}[{key}].{field}");
        match &fact.value {
            Value::Secret(name) => match input.secrets.get(name) {
                Some(value) if is_one_of(value, input.list("list")) => {
                    failed.push(input.cause(path, Some(fact.origin), "is one that everybody knows"));
                }
                Some(_) => {}
                None => unknown.push(missing(input, path, name, fact.origin)),
            },
            Value::Bad => {}
            _ => unknown.push(input.cause(path, Some(fact.origin), "is not readable, so it can't be judged")),
        }
    }
    answer(failed, unknown)
}
