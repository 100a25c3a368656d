//! Whether the message after a failed login keeps to itself which half was wrong.

use crate::policy::analysis::{Analysis, Answer, Input, Param, ParamKind};
use crate::policy::pattern::Toward;

/// What tells which of account and password was wrong, where no "or" leaves it open.
const TELLING: [&str; 16] = [
    "unknown user",
    "unknown account",
    "no such user",
    "no such account",
    "user not found",
    "account not found",
    "does not exist",
    "invalid user",
    "invalid account",
    "wrong user",
    "wrong account",
    "wrong password",
    "incorrect password",
    "invalid password",
    "password is",
    "password was",
];

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "failure-message-generic",
    doc: "`login { failure-message }` does not tell whether the account or the password was wrong, and fits its field. \
          English phrases are known; others come with `tells=`.",
    params: &[
        Param {
            name: "at-most",
            kind: ParamKind::Int,
            required: true,
            toward: Some(Toward::Less),
            doc: "most characters that the field takes",
        },
        Param {
            name: "tells",
            kind: ParamKind::List,
            required: false,
            toward: None,
            doc: "further phrases that tell which half was wrong",
        },
    ],
    reads: &["login.failure-message"],
    looks_at: &[],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let Some(fact) = input.fact("login.failure-message") else { return Answer::NotApplicable };
    let text = fact.value.text().unwrap_or("").to_lowercase();
    let most = input.int("at-most").unwrap_or(i64::MAX);
    let mut causes = Vec::new();
    let mut say = |sentence: String| causes.push(input.cause("login.failure-message", Some(fact.origin), sentence));
    if i64::try_from(text.chars().count()).unwrap_or(i64::MAX) > most {
        say(format!("is longer than {most} characters"));
    }
    let open = text.contains(" or ");
    let own = input.list("tells").iter().map(|t| t.to_lowercase());
    let telling = own.chain(TELLING.iter().map(|t| (*t).to_owned())).find(|phrase| text.contains(phrase.as_str()));
    if let Some(phrase) = telling.filter(|_| !open) {
        say(format!("tells which half was wrong: `{phrase}`"));
    }
    if causes.is_empty() { Answer::Pass } else { Answer::Fail(causes) }
}
