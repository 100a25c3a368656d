//! Whether the login notice says what it has to.

use super::answer;
use crate::policy::analysis::{Analysis, Answer, Input, Param, ParamKind};

const fn list(name: &'static str, required: bool, doc: &'static str) -> Param {
    Param { name, kind: ParamKind::List, required, toward: None, doc }
}

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "banner-elements",
    doc: "`login { banner }` holds at least one word or phrase of each list that is given, in small or capital letters. \
          A phrase must begin where a word begins: `unauthorised` is no `authorised`.",
    params: &[
        list("ownership", true, "phrases that say whose the device is"),
        list("permission", true, "phrases that say that authorised use only is allowed"),
        list("prohibition", true, "phrases that say that other use is prohibited"),
        list("monitoring", false, "phrases that say that use is watched"),
        list("consent", false, "phrases that say that using it is consent"),
    ],
    reads: &["login.banner"],
    looks_at: &[],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let Some(fact) = input.fact("login.banner") else { return Answer::NotApplicable };
    let banner = fact.value.text().unwrap_or("").to_lowercase();
    let missing: Vec<&str> = ANALYSIS
        .params
        .iter()
        .filter(|p| input.params.contains_key(p.name))
        .filter(|p| !input.list(p.name).iter().any(|phrase| says(&banner, &phrase.to_lowercase())))
        .map(|p| p.name)
        .collect();
    match missing.is_empty() {
        true => Answer::Pass,
        false => {
            let sentence = format!("says nothing of {}", missing.join(", "));
            answer(vec![input.cause("login.banner", Some(fact.origin), sentence)], Vec::new())
        }
    }
}

/// Whether a phrase occurs where a word begins.
fn says(text: &str, phrase: &str) -> bool {
    let begins = |at: usize| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    !phrase.is_empty() && text.match_indices(phrase).any(|(at, _)| begins(at))
}

#[cfg(test)]
mod tests {
    use super::says;

    #[test]
    fn a_phrase_begins_where_a_word_begins() {
        assert!(says("authorised use only", "authorised"));
        assert!(!says("unauthorised access", "authorised"));
        assert!(says("no unauthorised, authorised", "authorised"));
        assert!(says("über allem: befugt", "befugt") && !says("unbefugt", "befugt"));
    }
}
