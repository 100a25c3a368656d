//! CA certificates that a device is given and that end soon: told while there is time to replace them.

use super::answer;
use crate::model::paths::{LOG_SERVER, SERIAL_PORT};
use crate::policy::analysis::{Analysis, Answer, Input, Need, Param, ParamKind};
use crate::policy::certificate::ends_soon;
use crate::policy::pattern::Toward;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "certificate-lasts",
    doc: "No certificate of a file that a serial port or a log server names as its CA ends within so many `days`. One \
          that has ended, or a file that is not there or no certificate, is told by `certificate-file`. Does not concern \
          a device that names none.",
    params: &[Param {
        name: "days",
        kind: ParamKind::Int,
        required: true,
        toward: Some(Toward::More),
        doc: "how many days are to be left",
    }],
    reads: &[],
    looks_at: &[SERIAL_PORT, LOG_SERVER],
    needs: &[Need::Files, Need::Clock],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let days = input.int("days").unwrap_or(0);
    let (mut failed, mut named) = (Vec::new(), false);
    for (list, key) in [(SERIAL_PORT, "number"), (LOG_SERVER, "address")] {
        for item in input.items(list).into_iter().flatten() {
            let serial = list == SERIAL_PORT;
            let group = if serial { input.inside(&item.group, "mode") } else { Some(&item.group) };
            let Some(fact) = group.and_then(|group| input.field(group, "ca")) else { continue };
            let Some(name) = fact.value.text() else { continue };
            named = true;
            let look = || ends_soon(name, &input.files.read(name).ok()?, input.now, days);
            let Some(problem) = input.seen.problem(name, look) else { continue };
            let entry = input.field(&item.group, key).map(|f| f.value.plain()).unwrap_or_default();
            let path = if serial { format!("{list}[{entry}].mode.ca") } else { format!("{list}[{entry}].ca") };
            failed.push(input.cause(path, Some(fact.origin), problem));
        }
    }
    if named { answer(failed, Vec::new()) } else { Answer::NotApplicable }
}
