//! Secrets that stand in two places: one that is found opens both. What is compared are values, and told are places.

use foldhash::{HashMap, HashMapExt as _};

use super::secrets::{PASSWORDS, Place, places, unreadable};
use super::{answer, twins};
use crate::finding::Note;
use crate::model::facts::{Value, is_within};
use crate::model::paths::{
    ACCOUNTS_ACCOUNT, ACCOUNTS_DIAL_IN, AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, EXPORTED_CONFIG_PASSWORD,
    SNMP_USER,
};
use crate::policy::analysis::{Analysis, Answer, Input, Mark, Marks, Need};

pub(super) static WITHIN: Analysis = Analysis {
    name: "secrets-apart",
    doc: "No two accounts of the device have one password, and none of them is the secret of a login server, of an SNMPv3 \
          user, of a tunnel, of routes or of time. Servers may share theirs, neighbours and tunnels too, and so may the \
          two of one SNMPv3 user, which `snmp-keys-apart` judges; the password of exported files is \
          `backup-password-strong`'s.",
    params: &[],
    reads: &[],
    looks_at: &PASSWORDS,
    needs: &[Need::Secrets],
    run: |input| {
        let all = places(input.facts, &PASSWORDS);
        if all.len() < 2 {
            return Answer::NotApplicable;
        }
        let mut first: HashMap<&[u8], &Place<'_>> = HashMap::new();
        let mut failed = Vec::new();
        for place in &all {
            let Value::Secret(name) = &place.fact.value else { continue };
            let Some(value) = input.secrets.get(name) else { continue };
            let Some(before) = first.get(value.expose()) else {
                first.insert(value.expose(), place);
                continue;
            };
            if unit(&before.path) != unit(&place.path) {
                let sentence = format!("is the same as `{}`", before.path);
                let mut cause = input.cause(place.path.clone(), Some(place.fact.origin), sentence);
                cause.related.push(Note { loc: before.fact.origin.loc(), text: "the other place".to_owned() });
                failed.push(cause);
            }
        }
        answer(failed, unreadable(input, &all))
    },
};

/// What may have one secret in several places: all login servers, the two of one SNMPv3 user, neighbours of a route,
/// clocks, tunnels. Each account has its own.
fn unit(path: &str) -> &str {
    match path.rfind("].") {
        _ if is_within(path, ACCOUNTS_ACCOUNT) || is_within(path, ACCOUNTS_DIAL_IN) => path,
        Some(end) if is_within(path, SNMP_USER) => &path[..=end],
        _ => path.split(['.', '[']).next().unwrap_or(path),
    }
}

const COMPARED: [&str; 5] =
    [ACCOUNTS_ACCOUNT, AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, SNMP_USER, EXPORTED_CONFIG_PASSWORD];

pub(super) static ACROSS: Analysis = Analysis {
    name: "secrets-of-one-device",
    doc: "No password of an account, secret of a login server, password of an SNMPv3 user or password of exported files is \
          that of another device too.",
    params: &[],
    reads: &[],
    looks_at: &COMPARED,
    needs: &[Need::Secrets, Need::Site],
    run: |input| {
        let own = places(input.facts, &COMPARED);
        if own.is_empty() {
            return Answer::NotApplicable;
        }
        let all = input.marks(|| shared(input));
        let mut failed = Vec::new();
        for (key, marks) in all {
            let own = marks.iter().find(|mark| mark.device == input.device.name);
            failed.extend(own.map(|own| twins::cause(input, key, own, marks)));
        }
        failed.sort_by(|a, b| a.path.cmp(&b.path));
        answer(failed, unreadable(input, &own))
    },
};

/// The places of each value that several devices have, by the name of the first that has it: no digest of it is kept.
fn shared(input: &Input<'_>) -> Marks {
    let mut by_value: HashMap<&[u8], (&str, Vec<Mark>)> = HashMap::new();
    for judged in input.all {
        for Place { path, fact } in places(judged.complete, &COMPARED) {
            let Value::Secret(name) = &fact.value else { continue };
            let Some(value) = input.secrets.get(name) else { continue };
            let mark = Mark { device: judged.device.name.clone(), path, origin: fact.origin };
            by_value.entry(value.expose()).or_insert_with(|| (name, Vec::new())).1.push(mark);
        }
    }
    let several = |marks: &[Mark]| marks.iter().any(|mark| mark.device != marks[0].device);
    let shared = by_value.into_values().filter(|(_, marks)| several(marks));
    shared.map(|(name, marks)| (format!("secret\0{name}"), marks)).collect()
}
