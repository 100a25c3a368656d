//! Whether some way to manage the device is left.

use crate::finding::Note;
use crate::model::facts::{Fact, Value};
use crate::platform;
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::policy::pattern::Cause;
use crate::site::SiteDevice;

/// Services by which a device can be managed.
const WAYS: [&str; 6] = ["https", "ssh", "http", "telnet", "serial-console", "vendor-service"];

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "management-path-left",
    doc: "At least one of https, ssh, http, telnet, serial-console and vendor-service is on.",
    params: &[],
    reads: &[],
    looks_at: &["services"],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let services = input.facts.group("services");
    let ways = WAYS.map(|way| (format!("services.{way}"), services.and_then(|services| input.tag(services, way))));
    let is = |fact: Option<&Fact>, wanted: bool| fact.is_some_and(|fact| fact.value == Value::Switch(wanted));
    if ways.iter().any(|(_, fact)| is(*fact, true)) {
        return Answer::Pass;
    }
    let on = platform::with(input.device.tables);
    let asked = |(path, fact): &(String, Option<&Fact>)| {
        let unsaid = input.unsaid(path);
        let Some(fact) = fact else { return Cause { expected: "`on`".to_owned(), ..unsaid } };
        Cause {
            sentence: None,
            said: Some(fact.value.to_kdl()),
            expected: "`on`".to_owned(),
            reported: fact.value == Value::Bad,
            foreign: matches!(fact.value, Value::Foreign(_)),
            ..input.cause(path, Some(fact.origin), "")
        }
    };
    let (off, open): (Vec<_>, Vec<_>) = ways.iter().partition(|(_, fact)| is(*fact, false));
    if !open.is_empty() {
        let first = open.iter().find(|(path, _)| on.has_place(path));
        let sentence = "no way to manage the device is known to be on";
        return Answer::Unknown(vec![first.map_or_else(|| input.absent("services", sentence), |way| asked(way))]);
    }
    let mut cause = asked(off[0]);
    let others = off[1..].iter().filter_map(|(_, fact)| Some(fact.as_ref()?.origin));
    for other in others.filter(|origin| origin.layer > SiteDevice::BASE) {
        cause.related.push(Note { loc: other.loc(), text: "off too".to_owned() });
    }
    Answer::Fail(vec![cause])
}
