//! Secrets that a device shares with somebody else: a login server, the other end of a tunnel.

use super::answer;
use super::secrets::{guessable, is_long, missing};
use crate::model::facts::{Fact, Item, Value};
use crate::model::paths::{AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, SERVICES_RADIUS, SERVICES_TACACS, VPN_IPSEC};
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind};
use crate::policy::pattern::{Cause, Toward};

const AT_LEAST: Param = Param {
    name: "at-least",
    kind: ParamKind::Int,
    required: true,
    toward: Some(Toward::More),
    doc: "fewest characters",
};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "shared-secret-strong",
    doc: "Each login server that is asked has a secret, of so many characters, and none that somebody who recorded a login \
          finds by trying: it takes ten thousand million guesses, by the count that `secret-not-guessed` goes by. \
          Does not concern a device without such a server.",
    params: &[AT_LEAST],
    reads: &[],
    looks_at: &[AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, SERVICES_RADIUS, SERVICES_TACACS],
    needs: &[Need::Secrets],
    run: |input| {
        let asked = |switch| input.fact(switch).map(|fact| &fact.value) != Some(&Value::Switch(false));
        let lists = [(AUTHENTICATION_RADIUS, SERVICES_RADIUS), (AUTHENTICATION_TACACS, SERVICES_TACACS)];
        let servers = lists.into_iter().filter(|(_, switch)| asked(switch)).flat_map(|(list, _)| {
            let items = input.items(list).unwrap_or_default();
            items.iter().map(move |item| Shared { list, item, field: "secret", key: "server" })
        });
        judge(input, servers.collect(), "can be guessed by whoever recorded a login")
    },
};

pub(super) static TUNNELS: Analysis = Analysis {
    name: "tunnel-key-strong",
    doc: "The key of each tunnel whose ends show by a key who they are has so many characters, and is none that somebody who \
          recorded how it began finds by trying, by the count of `shared-secret-strong`. Does not concern a device \
          without such a tunnel.",
    params: &[AT_LEAST],
    reads: &[],
    looks_at: &[VPN_IPSEC],
    needs: &[Need::Secrets],
    run: |input| {
        let by_key = |item: &&Item| {
            let is_key = |auth: &Fact| !auth.value.is_known() || auth.value.plain() == "psk";
            input.field(&item.group, "auth").map_or(input.field(&item.group, "psk").is_some(), is_key)
        };
        let tunnels = input.items(VPN_IPSEC).unwrap_or_default().iter().filter(by_key);
        let tunnels = tunnels.map(|item| Shared { list: VPN_IPSEC, item, field: "psk", key: "name" });
        judge(input, tunnels.collect(), "can be guessed by whoever recorded how the tunnel began")
    },
};

/// An entry of a list with the secret that somebody else has too.
struct Shared<'a> {
    list: &'static str,
    item: &'a Item,
    field: &'static str,
    /// The field that the entry is called by.
    key: &'static str,
}

fn judge(input: &Input<'_>, all: Vec<Shared<'_>>, guessed: &str) -> Answer {
    if all.is_empty() {
        return Answer::NotApplicable;
    }
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    for Shared { list, item, field, key } in all {
        let name = input.field(&item.group, key).map(|f| f.value.plain()).unwrap_or_default();
        let path = format!("{list}[{name}].{field}");
        match input.field(&item.group, field) {
            None => failed.push(input.cause(path, Some(item.group.origin), "is not set: whoever answers is believed")),
            Some(fact) => match wrong(input, &path, fact, guessed) {
                Ok(sentence) => failed.extend(sentence.map(|s| input.cause(path, Some(fact.origin), s))),
                Err(cause) => unknown.push(*cause),
            },
        }
    }
    answer(failed, unknown)
}

/// What is wrong with a secret; `Err` where nobody can tell.
fn wrong(input: &Input<'_>, path: &str, fact: &Fact, guessed: &str) -> Result<Option<String>, Box<Cause>> {
    let least = input.int("at-least").unwrap_or(0);
    match &fact.value {
        Value::Secret(name) => match input.secrets.get(name) {
            Some(value) if !is_long(value, least) => {
                Ok(Some(format!("is shorter than the {least} characters asked for")))
            }
            Some(value) if guessable(input, value) => Ok(Some(guessed.to_owned())),
            Some(_) => Ok(None),
            None => Err(Box::new(missing(input, path.to_owned(), name, fact.origin))),
        },
        Value::Bad => Ok(None),
        _ => {
            let sentence = "is not readable, so it can't be judged";
            Err(Box::new(input.cause(path.to_owned(), Some(fact.origin), sentence)))
        }
    }
}
