//! Whether what was read from a device is from the past, and young enough for a verdict to rest on it.

use super::answer;
use crate::finding::Note;
use crate::model::value::{Moment, Time};
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::pattern::Cause;
use crate::site::SiteCapture;
use crate::source::Loc;

/// How old a capture may be where the site does not say: a quarter of a year.
const DEFAULT: Time = Time::seconds(90 * 86_400);

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "capture-age",
    doc: "What was read from the device was read in the past, and not longer ago than the site's `max-capture-age` (90 days \
          where it says none; in a demo, which has no devices, any). Does not concern a device of which nothing was read, or whose state was handed in.",
    params: &[],
    reads: &[],
    looks_at: &[],
    needs: &[Need::Site, Need::Clock],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let texts = input.device.read.iter().flat_map(|read| &read.texts);
    let captures = texts.filter_map(|text| text.capture.as_ref());
    let taken: Vec<(&SiteCapture, Moment)> =
        captures.filter_map(|capture| Some((&**capture, capture.typed.taken?))).collect();
    if taken.is_empty() {
        return Answer::NotApplicable;
    }
    let causes = taken.into_iter().filter_map(|(capture, taken)| cause(input, capture, taken));
    answer(causes.collect(), Vec::new())
}

/// What is wrong with the day that a text was read on.
fn cause(input: &Input<'_>, capture: &SiteCapture, taken: Moment) -> Option<Cause> {
    let site = &input.site.site;
    // nothing changes on the devices of a demo: examples are judged the same in years
    let unsaid = if site.demo.is_some_and(|demo| demo.0) { None } else { Some(DEFAULT) };
    let limit = site.max_capture_age.or(unsaid);
    let begins = taken.begins();
    let sentence = if begins > input.now {
        format!("was read at {taken}, which is not yet")
    } else {
        let age = u64::try_from(input.now.as_millisecond() - begins.as_millisecond()).unwrap_or(0);
        let limit = limit.filter(|limit| limit.millis().is_some_and(|limit| age > limit))?;
        format!(
            "was read {} days ago; what is older than {limit} says little of what the device has now",
            age / 86_400_000
        )
    };
    let mut cause = input.cause("capture.taken", None, sentence);
    cause.related.push(Note { loc: at(capture, "taken"), text: format!("read at {taken}") });
    Some(cause)
}

/// Where a capture's own file says something.
pub(super) fn at(capture: &SiteCapture, what: &str) -> Loc {
    capture.facts.value(what).map_or(capture.loc, |fact| fact.origin.loc())
}
