//! Whether every Ethernet port that the model has is described: one of which nobody speaks is not one that is off.

use std::collections::BTreeSet;

use super::answer;
use crate::model::paths::{ETHERNET_PORT, PLATFORM_MODEL};
use crate::model::value::Set;
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::site::models::{self, Model};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "every-port-is-described",
    doc: "Every Ethernet port that the model has is written in `ethernet`; what was read from the device does not count. \
          Unknown where no model is named, or none that `schema/models` knows.",
    params: &[],
    reads: &[],
    looks_at: &[PLATFORM_MODEL, ETHERNET_PORT],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let device = input.device;
    let known = device.model.as_deref().and_then(|label| models::find(device.platform, label));
    let Some((model, count)) = known.and_then(|model| Some((model, model.ethernet?))) else {
        let origin = device.own.value("platform").map(|f| f.origin);
        return Answer::Unknown(vec![input.cause(PLATFORM_MODEL, origin, unknown(device.model.as_deref()))]);
    };
    let written = device.own.items(ETHERNET_PORT).map(|ports| &ports.items[..]).unwrap_or_default();
    let names: Vec<&str> = written.iter().filter_map(|port| input.field(&port.group, "name")?.value.text()).collect();
    let sentence = match missing(model, count, &names) {
        None => return Answer::Pass,
        Some(missing) => format!("of the {count} ports of {} {missing}", model.name),
    };
    answer(vec![input.absent(ETHERNET_PORT, sentence)], Vec::new())
}

fn unknown(label: Option<&str>) -> String {
    match label {
        Some(label) => {
            format!("how many Ethernet ports `{label}` has no source says: is it written as its label says it?")
        }
        None => "which Ethernet ports the device has is not known: name its model as its label does".to_owned(),
    }
}

/// Which ports are not described: by name where a source says how they are named, else how many.
fn missing(model: &Model, count: u32, written: &[&str]) -> Option<String> {
    if let Some(name) = &model.port_name {
        let known: BTreeSet<u32> = written.iter().filter_map(|port| models::number(name, port)).collect();
        let missing = (1..=count).filter(|number| !known.contains(number));
        let missing: Set = missing.map(|number| name.replace("{n}", &number.to_string())).collect();
        return (!missing.is_empty()).then(|| format!("these are not described: {missing}"));
    }
    let described = u32::try_from(written.len()).unwrap_or(u32::MAX);
    (described < count).then(|| match described {
        0 => "none is described".to_owned(),
        1 => "one is described".to_owned(),
        n => format!("{n} are described"),
    })
}
