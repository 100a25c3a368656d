//! Whether the message after a failed login keeps to itself which half was wrong.

use super::answer;
use crate::model::paths::LOGIN_FAILURE_MESSAGE;
use crate::policy::analysis::{Analysis, Answer, Input, Param, ParamKind};
use crate::policy::pattern::Toward;
use crate::policy::phrases::Clauses;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "failure-message-generic",
    doc: "`login { failure-message }` does not tell whether the account or the password was wrong, and fits its field. A \
          text in which no phrase of either list is found is unknown: its author is asked.",
    params: &[
        Param {
            name: "at-most",
            kind: ParamKind::Int,
            required: true,
            toward: Some(Toward::Less),
            doc: "most characters that the field takes",
        },
        Param {
            name: "telling",
            kind: ParamKind::Phrases,
            required: true,
            toward: None,
            doc: "phrases that tell which half was wrong, where they are no part of one that leaves it open",
        },
        Param {
            name: "open",
            kind: ParamKind::Phrases,
            required: true,
            toward: None,
            doc: "phrases that leave it open",
        },
    ],
    reads: &[LOGIN_FAILURE_MESSAGE],
    looks_at: &[],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    const PATH: &str = LOGIN_FAILURE_MESSAGE;
    let Some(fact) = input.fact(PATH) else { return Answer::NotApplicable };
    let text = fact.value.text().unwrap_or("");
    let cause = |sentence: String| input.cause(PATH, Some(fact.origin), sentence);
    let most = input.int("at-most").unwrap_or(i64::MAX);
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    if i64::try_from(text.chars().count()).unwrap_or(i64::MAX) > most {
        failed.push(cause(format!("is longer than {most} characters")));
    }
    match input.seen.problem(text, || problem(input, text)) {
        Some(question) if question.ends_with('?') => unknown.push(cause(question)),
        told => failed.extend(told.map(cause)),
    }
    answer(failed, unknown)
}

/// What its words tell; a question where its author has to say.
fn problem(input: &Input<'_>, text: &str) -> Option<String> {
    let clauses = Clauses::of(text);
    let open = clauses.hits(input.phrases("open"));
    let told = clauses.hits(input.phrases("telling"));
    // `wrong user name or password` tells nothing, though `wrong user` stands in it
    match told.iter().find(|t| !open.iter().any(|o| o.overlaps(t))) {
        Some(telling) => Some(format!("tells which half was wrong: `{}`", telling.phrase.text)),
        None if open.is_empty() => Some("its words are in no list; does it keep open what was wrong?".to_owned()),
        None => None,
    }
}
