//! Whether every serial port that the model has is described with an operation mode.

use super::answer;
use crate::model::facts::Value;
use crate::model::paths::{PLATFORM_MODEL, SERIAL_PORT};
use crate::model::value::Set;
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::site::{SiteDevice, models};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "every-port-has-a-mode",
    doc: "Every serial port from 1 to the model's last is described and has a `mode`.",
    params: &[],
    reads: &[],
    looks_at: &[PLATFORM_MODEL, SERIAL_PORT],
    needs: &[],
    run,
};

/// The number of serial ports of the model; `None` where no source says it.
pub(super) fn ports_of(device: &SiteDevice) -> Option<u32> {
    models::find(device.platform, device.model.as_deref()?)?.serial
}

fn run(input: &Input<'_>) -> Answer {
    let Some(count) = ports_of(input.device) else {
        let sentence = "how many serial ports the model has is not known: name it as its label does, `NPort 6250-G2`";
        let origin = input.fact("platform").map(|f| f.origin);
        return Answer::Unknown(vec![input.cause(PLATFORM_MODEL, origin, sentence)]);
    };
    let ports = input.items(SERIAL_PORT).unwrap_or_default();
    let (mut failed, mut missing) = (Vec::new(), Vec::new());
    for number in 1..=count {
        let is = Value::Int(i64::from(number));
        match ports.iter().find(|p| input.field(&p.group, "number").is_some_and(|f| f.value == is)) {
            None => missing.push(number.to_string()),
            Some(port) if input.tag(&port.group, "mode").is_none() => {
                let sentence = "has no operation mode: write `mode \"none\"` where nothing is plugged in";
                failed.push(input.cause(format!("{SERIAL_PORT}[{number}].mode"), Some(port.group.origin), sentence));
            }
            Some(_) => {}
        }
    }
    if !missing.is_empty() {
        let missing: Set = missing.into_iter().collect();
        let sentence = format!("of the model's {count} ports these are not described: {missing}");
        failed.push(input.absent(SERIAL_PORT, sentence));
    }
    answer(failed, Vec::new())
}
