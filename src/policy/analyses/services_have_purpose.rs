//! Whether services that are on say what for.

use super::answer;
use crate::model::facts::Value;
use crate::model::value::is_blank;
use crate::platform;
use crate::policy::analysis::{Analysis, Answer, Input, Param, ParamKind};
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "services-have-purpose",
    doc: "Each service of the list that is on has a `purpose`, and of each that the device has a place for it is known \
          whether it is on.",
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

/// What mends silence.
const HELP: &str = "write `on` or `off`; a service that is on says what for by `purpose=\"...\"`";

fn run(input: &Input<'_>) -> Answer {
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    let services = input.facts.group("services");
    let on = platform::with(input.device.tables);
    for name in input.list("services") {
        let said = services.and_then(|services| input.tag(services, name));
        match said.map(|fact| (&fact.value, fact.origin)) {
            Some((Value::Switch(true), origin)) => {
                let service = services.and_then(|services| input.inside(services, name));
                let purpose = service.and_then(|service| input.field(service, "purpose")?.value.text());
                if purpose.is_none_or(is_blank) {
                    let cause =
                        input.cause(format!("services.{name}"), Some(origin), "is on and does not say what for");
                    let help = format!("write `services {{ {name} on purpose=\"...\" }}`, or switch it off");
                    failed.push(Cause { help: Some(help), ..cause });
                }
            }
            Some((Value::Switch(false), _)) => {}
            _ if on.has_place(&format!("services.{name}")) => {
                unknown.push(Cause { help: Some(HELP.to_owned()), ..input.unsaid(&format!("services.{name}")) });
            }
            _ => {}
        }
    }
    answer(failed, unknown)
}
