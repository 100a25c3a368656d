//! Whether the login notice says what it has to.

use super::answer;
use crate::model::paths::LOGIN_BANNER;
use crate::policy::analysis::{Analysis, Answer, Input, Param, ParamKind};
use crate::policy::phrases::{Clauses, Hit};

const fn phrases(name: &'static str, doc: &'static str) -> Param {
    Param { name, kind: ParamKind::Phrases, required: false, toward: None, doc }
}

/// What a notice may have to say.
const ELEMENTS: [&str; 6] = ["ownership", "permission", "prohibition", "warning", "monitoring", "consent"];

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "banner-elements",
    doc: "`login { banner }` says each thing of which phrases are given, in one of their languages: over wrapped lines, in \
          any letters, with or without accents. What is negated is not said: `use is not monitored`. One that invites \
          fails. Where no phrase at all is found, or the text is in another language, it is unknown: its author is asked.",
    params: &[
        phrases("ownership", "whose the device is"),
        phrases("permission", "that authorised use only is allowed"),
        phrases("prohibition", "that other use is prohibited"),
        phrases("warning", "a warning of either kind"),
        phrases("monitoring", "that use is watched"),
        phrases("consent", "that using it is consent, or what follows from misuse"),
        phrases("invitation", "what invites, and may not be said"),
        phrases("negation", "words that turn round what follows"),
        phrases("unless", "words that end what a negation reaches"),
    ],
    reads: &[LOGIN_BANNER],
    looks_at: &[],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let Some(fact) = input.fact(LOGIN_BANNER) else { return Answer::NotApplicable };
    let text = fact.value.text().unwrap_or("");
    let cause = |sentence: String| vec![input.cause(LOGIN_BANNER, Some(fact.origin), sentence)];
    match input.seen.problem(text, || problem(input, text)) {
        None => Answer::Pass,
        Some(sentence) if sentence.ends_with('?') => Answer::Unknown(cause(sentence)),
        Some(sentence) => answer(cause(sentence), Vec::new()),
    }
}

/// What is wrong with a notice; a question where its author has to tell.
fn problem(input: &Input<'_>, text: &str) -> Option<String> {
    let clauses = Clauses::of(text);
    let (negation, unless) = (input.phrases("negation"), input.phrases("unless"));
    let asked = || ANALYSIS.params.iter().filter(|p| ELEMENTS.contains(&p.name) && !input.phrases(p.name).is_empty());
    let all: Vec<Hit<'_>> = asked().flat_map(|p| clauses.hits(input.phrases(p.name))).collect();
    let stated = |name: &str| {
        let hits = clauses.hits(input.phrases(name));
        hits.iter().any(|h| !clauses.is_negated(h, &all, negation, unless))
    };
    if stated("invitation") {
        return Some("invites whoever reads it".to_owned());
    }
    let missing: Vec<&str> = asked().filter(|p| !stated(p.name)).map(|p| p.doc).collect();
    match (missing.is_empty(), all.is_empty()) {
        (true, _) => None,
        (false, false) => Some(format!("does not say {}", missing.join(", nor "))),
        (false, true) => Some(format!("its words are in no list; does it say {}?", missing.join(", and "))),
    }
}
