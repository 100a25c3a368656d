//! Whether some way to manage the device is left.

use crate::model::facts::Value;
use crate::policy::analysis::{Analysis, Answer, Input};

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
    let said = WAYS.map(|way| input.tag(services?, way));
    let is = |wanted: bool| said.iter().flatten().filter(move |f| f.value == Value::Switch(wanted));
    if is(true).next().is_some() {
        return Answer::Pass;
    }
    let silent: Vec<&str> = WAYS.iter().zip(&said).filter(|(_, f)| f.is_none()).map(|(w, _)| *w).collect();
    match is(false).next() {
        Some(first) if silent.is_empty() => {
            let mut cause = input.cause("services", Some(first.origin), "nothing is left to manage the device by");
            let others = is(false).skip(1).filter(|f| f.origin.layer > crate::site::SiteDevice::BASE);
            for other in others {
                cause.related.push(crate::finding::Note { loc: other.origin.loc(), text: "off too".to_owned() });
            }
            Answer::Fail(vec![cause])
        }
        _ => {
            let sentence = format!("no way to manage the device is known to be on; not said: {}", silent.join(", "));
            Answer::Unknown(vec![input.absent("services", sentence)])
        }
    }
}
