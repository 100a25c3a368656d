//! Whether every serial port that the model has is described with an operation mode.

use super::answer;
use crate::model::facts::Value;
use crate::policy::analysis::{Analysis, Answer, Input};

/// Serial ports by model. The name's own digits say the number: NPort 6150, 6250, 6450 have 1, 2, 4 ports, the 6610
/// and 6650 as many as stand behind the dash (the export of an NP6650-16 has 16 ports).
const PORTS: [(&str, u32); 9] = [
    ("6150", 1),
    ("6250", 2),
    ("6450", 4),
    ("6610-8", 8),
    ("6610-16", 16),
    ("6610-32", 32),
    ("6650-8", 8),
    ("6650-16", 16),
    ("6650-32", 32),
];

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "every-port-has-a-mode",
    doc: "Every serial port from 1 to the model's last is described and has a `mode`.",
    params: &[],
    reads: &[],
    looks_at: &["platform.model", "serial.port"],
    needs: &[],
    run,
};

/// The number of serial ports of a model; `None` where no source says it.
pub(super) fn ports_of(model: &str) -> Option<u32> {
    let digits = model.trim_start_matches("NPort").trim_start_matches("NP").trim();
    let known = PORTS.iter().filter(|(name, _)| {
        digits.strip_prefix(name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    known.max_by_key(|(name, _)| name.len()).map(|(_, n)| *n)
}

fn run(input: &Input<'_>) -> Answer {
    let Some(count) = input.device.model.as_deref().and_then(ports_of) else {
        let sentence = "how many serial ports the model has is not known: name it as its label does, `NPort 6250-G2`";
        let origin = input.fact("platform").map(|f| f.origin);
        return Answer::Unknown(vec![input.cause("platform.model", origin, sentence)]);
    };
    let ports = input.items("serial.port").unwrap_or_default();
    let (mut failed, mut missing) = (Vec::new(), Vec::new());
    for number in 1..=count {
        let is = Value::Int(i64::from(number));
        match ports.iter().find(|p| input.field(&p.group, "number").is_some_and(|f| f.value == is)) {
            None => missing.push(number.to_string()),
            Some(port) if input.tag(&port.group, "mode").is_none() => {
                let sentence = "has no operation mode: write `mode \"none\"` where nothing is plugged in";
                failed.push(input.cause(format!("serial.port[{number}].mode"), Some(port.group.origin), sentence));
            }
            Some(_) => {}
        }
    }
    if !missing.is_empty() {
        let sentence = format!("of {count} ports these are not described: {}", missing.join(", "));
        failed.push(input.absent("serial.port", sentence));
    }
    answer(failed, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::ports_of;

    #[test]
    fn a_model_says_its_ports() {
        for (model, ports) in [("NPort 6250-G2", Some(2)), ("NP6650-16", Some(16)), ("6610-8", Some(8))] {
            assert_eq!(ports_of(model), ports, "{model}");
        }
        for model in ["NPort 5110", "6650", "61500", ""] {
            assert_eq!(ports_of(model), None, "{model}");
        }
    }
}
