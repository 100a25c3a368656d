//! Whether accounts are looked at when somebody said they would be.

use super::answer;
use crate::model::paths::{ACCOUNTS_ACCOUNT, ACCOUNTS_ACCOUNT_REVIEW_BY};
use crate::model::value::Date;
use crate::policy::analysis::{Analysis, Answer, Input, Need};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "reviews-not-overdue",
    doc: "No account's `review-by` lies before today, UTC. Does not concern a device whose accounts name none.",
    params: &[],
    reads: &[],
    looks_at: &[ACCOUNTS_ACCOUNT_REVIEW_BY],
    needs: &[Need::Clock],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let today = Date(input.now.to_zoned(jiff::tz::TimeZone::UTC).date());
    let (mut failed, mut dated) = (Vec::new(), false);
    for account in input.items(ACCOUNTS_ACCOUNT).into_iter().flatten() {
        let Some(fact) = input.field(&account.group, "review-by") else { continue };
        let Ok(by) = fact.value.plain().parse::<Date>() else { continue };
        dated = true;
        if by.0 < today.0 {
            let name = input.field(&account.group, "name").map(|n| n.value.plain()).unwrap_or_default();
            let path = format!("{ACCOUNTS_ACCOUNT}[{name}].review-by");
            let sentence = format!("the account was to be looked at by {by}: look at it, then write the next date");
            failed.push(input.cause(path, Some(fact.origin), sentence));
        }
    }
    if dated { answer(failed, Vec::new()) } else { Answer::NotApplicable }
}
