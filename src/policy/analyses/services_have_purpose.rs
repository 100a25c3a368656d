//! Whether services that are on say what for.

use super::answer;
use crate::model::facts::Value;
use crate::model::value::is_blank;
use crate::policy::analysis::{Analysis, Answer, Input, Param, ParamKind};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "services-have-purpose",
    doc: "Each service of the list that is on has a `purpose`.",
    params: &[Param {
        name: "services",
        kind: ParamKind::List,
        required: true,
        toward: None,
        doc: "names of services that must say what they are for",
    }],
    reads: &[],
    looks_at: &["services"],
    needs: &[],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let (mut failed, mut silent) = (Vec::new(), Vec::new());
    for name in input.list("services") {
        let path = format!("services.{name}");
        match input.fact(&path).map(|f| &f.value) {
            Some(Value::Switch(true)) => {
                let purpose = input.fact(&format!("{path}.purpose")).and_then(|f| f.value.text());
                if purpose.is_none_or(is_blank) {
                    let origin = input.fact(&path).map(|f| f.origin);
                    failed.push(input.cause(path, origin, "is on and does not say what for: add `purpose=\"...\"`"));
                }
            }
            Some(Value::Switch(false)) => {}
            _ => silent.push(name.as_str()),
        }
    }
    let unknown = match silent.is_empty() {
        true => Vec::new(),
        false => {
            let sentence = format!("whether these are on is not known: {}", silent.join(", "));
            vec![input.absent("services", sentence)]
        }
    };
    answer(failed, unknown)
}
