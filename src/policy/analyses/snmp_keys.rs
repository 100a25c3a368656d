//! The two passwords of an SNMPv3 user.

use super::answer;
use super::secrets::{is_long, places, unreadable};
use crate::model::facts::Value;
use crate::model::paths::{SERVICES_SNMP, SNMP_USER};
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind};
use crate::policy::pattern::Toward;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "snmp-keys-apart",
    doc: "The passwords of an SNMPv3 user, the one it proves itself with and the one that encrypts, have so many \
          characters each, and are not the same. Does not concern a device without such users, or whose agent is off.",
    params: &[Param {
        name: "at-least",
        kind: ParamKind::Int,
        required: true,
        toward: Some(Toward::More),
        doc: "fewest characters",
    }],
    reads: &[],
    looks_at: &[SNMP_USER, SERVICES_SNMP],
    needs: &[Need::Secrets],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let all = places(input.facts, &[SNMP_USER]);
    if all.is_empty() || input.fact(SERVICES_SNMP).map(|fact| &fact.value) == Some(&Value::Switch(false)) {
        return Answer::NotApplicable;
    }
    let least = input.int("at-least").unwrap_or(0);
    let value_of = |value: &Value| match value {
        Value::Secret(name) => input.secrets.get(name),
        _ => None,
    };
    let mut failed = Vec::new();
    for place in &all {
        let Some(value) = value_of(&place.fact.value) else { continue };
        let mut say = |sentence: String| {
            failed.push(input.cause(place.path.clone(), Some(place.fact.origin), sentence));
        };
        if !is_long(value, least) {
            say(format!("is shorter than the {least} characters asked for"));
        }
        let Some(user) = place.path.strip_suffix("privacy-password") else { continue };
        let other = all.iter().find(|other| other.path.strip_suffix("auth-password") == Some(user));
        if other.and_then(|other| value_of(&other.fact.value)) == Some(value) {
            say("is the password that the user proves itself with, too".to_owned());
        }
    }
    answer(failed, unreadable(input, &all))
}
