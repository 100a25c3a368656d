//! The secret that a device shares with a login server.

use super::answer;
use super::secrets::{guessable, is_long, missing};
use crate::model::facts::Value;
use crate::model::paths::{AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, SERVICES_RADIUS, SERVICES_TACACS};
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind};
use crate::policy::pattern::Toward;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "shared-secret-strong",
    doc: "Each login server that is asked has a secret, of so many characters, and none that somebody who recorded a login \
          finds by trying: it takes ten thousand million guesses, by the count that `secret-not-guessed` goes by. \
          Does not concern a device without such a server.",
    params: &[Param {
        name: "at-least",
        kind: ParamKind::Int,
        required: true,
        toward: Some(Toward::More),
        doc: "fewest characters",
    }],
    reads: &[],
    looks_at: &[AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, SERVICES_RADIUS, SERVICES_TACACS],
    needs: &[Need::Secrets],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let least = input.int("at-least").unwrap_or(0);
    let (mut failed, mut unknown, mut any) = (Vec::new(), Vec::new(), false);
    for (list, switch) in [(AUTHENTICATION_RADIUS, SERVICES_RADIUS), (AUTHENTICATION_TACACS, SERVICES_TACACS)] {
        if input.fact(switch).map(|fact| &fact.value) == Some(&Value::Switch(false)) {
            continue;
        }
        for item in input.items(list).unwrap_or_default() {
            any = true;
            let server = input.field(&item.group, "server").map(|f| f.value.plain()).unwrap_or_default();
            let path = format!("{list}[{server}].secret");
            let Some(fact) = input.field(&item.group, "secret") else {
                failed.push(input.cause(path, Some(item.group.origin), "is not set: whoever answers is believed"));
                continue;
            };
            let wrong = match &fact.value {
                Value::Secret(name) => match input.secrets.get(name) {
                    Some(value) if !is_long(value, least) => {
                        Some(format!("is shorter than the {least} characters asked for"))
                    }
                    Some(value) if guessable(input, value) => {
                        Some("can be guessed by whoever recorded a login".to_owned())
                    }
                    Some(_) => None,
                    None => {
                        unknown.push(missing(input, path, name, fact.origin));
                        continue;
                    }
                },
                Value::Bad => None,
                _ => {
                    unknown.push(input.cause(path, Some(fact.origin), "is not readable, so it can't be judged"));
                    continue;
                }
            };
            failed.extend(wrong.map(|sentence| input.cause(path, Some(fact.origin), sentence)));
        }
    }
    if any { answer(failed, unknown) } else { Answer::NotApplicable }
}
