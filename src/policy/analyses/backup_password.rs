//! The password of exported files: strong, and nobody's login.

use super::answer;
use super::secrets::{classes, guessable, is_long, missing};
use crate::model::facts::Value;
use crate::model::paths::{ACCOUNTS_ACCOUNT, EXPORTED_CONFIG_PASSWORD};
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind};
use crate::policy::pattern::Toward;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "backup-password-strong",
    doc: "The password of exported files has so many characters, all four classes, is no account's password, and is not found \
          in ten thousand million guesses, by the count of `secret-not-guessed`: who has a file can try without end.",
    params: &[Param {
        name: "at-least",
        kind: ParamKind::Int,
        required: true,
        toward: Some(Toward::More),
        doc: "fewest characters",
    }],
    reads: &[],
    looks_at: &[EXPORTED_CONFIG_PASSWORD, ACCOUNTS_ACCOUNT],
    needs: &[Need::Secrets],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    const PATH: &str = EXPORTED_CONFIG_PASSWORD;
    let Some(fact) = input.fact(PATH) else {
        return Answer::Unknown(vec![input.absent(PATH, "is not set; exported files would have none")]);
    };
    let Value::Secret(name) = &fact.value else {
        return Answer::Unknown(vec![input.cause(PATH, Some(fact.origin), "is not readable, so it can't be judged")]);
    };
    let Some(value) = input.secrets.get(name) else {
        return Answer::Unknown(vec![missing(input, PATH.to_owned(), name, fact.origin)]);
    };
    let least = input.int("at-least").unwrap_or(0);
    let mut failed = Vec::new();
    let mut say = |sentence: String| failed.push(input.cause(PATH, Some(fact.origin), sentence));
    if !is_long(value, least) {
        say(format!("is shorter than the {least} characters asked for"));
    }
    if !classes(value).iter().all(|(_, is)| *is) {
        say("has not all four classes of characters".to_owned());
    }
    if failed.is_empty() && guessable(input, value) {
        let sentence = "can be guessed: it is made of what people often take, or of names of this plant";
        failed.push(input.cause(PATH, Some(fact.origin), sentence));
    }
    let passwords = input.items(ACCOUNTS_ACCOUNT).unwrap_or_default().iter();
    let shared = passwords.filter_map(|i| input.field(&i.group, "password")).find(|f| match &f.value {
        Value::Secret(other) => input.secrets.get(other) == Some(value),
        _ => false,
    });
    if let Some(account) = shared {
        let mut cause = input.cause(PATH, Some(fact.origin), "is an account's password too");
        cause.related.push(crate::finding::Note { loc: account.origin.loc(), text: "the account".to_owned() });
        failed.push(cause);
    }
    answer(failed, Vec::new())
}
