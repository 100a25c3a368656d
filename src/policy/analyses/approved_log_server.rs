//! Whether logs and traps go to receivers that the site approves.

use super::answer;
use crate::model::paths::{LOG_SERVER, SNMP_TRAP};
use crate::policy::analysis::{Analysis, Answer, Input, Need};

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "approved-log-server",
    doc: "Every `log { server }` and every `snmp { trap }` receiver is one of the site's `log-server` lines.",
    params: &[],
    reads: &[],
    looks_at: &[LOG_SERVER, SNMP_TRAP],
    needs: &[Need::Site],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    let servers = input.items(LOG_SERVER);
    let traps = input.items(SNMP_TRAP);
    if servers.is_none() && traps.is_none() {
        return Answer::Unknown(vec![input.unsaid(LOG_SERVER)]);
    }
    let approved: Vec<&str> = input.site.site.log_server.iter().filter_map(|s| s.address.as_deref()).collect();
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    let of_log = servers.into_iter().flatten().map(|i| (i, LOG_SERVER, "address"));
    let of_traps = traps.into_iter().flatten().map(|i| (i, SNMP_TRAP, "receiver"));
    for (item, list, name) in of_log.chain(of_traps) {
        let Some(fact) = input.field(&item.group, name) else { continue };
        let Some(address) = fact.value.text() else { continue };
        let path = format!("{list}[{address}]");
        if approved.is_empty() {
            unknown.push(input.cause(path, Some(fact.origin), "the site names no approved log server to compare with"));
        } else if !approved.iter().any(|a| a.eq_ignore_ascii_case(address)) {
            let sentence = format!("is none of the site's approved receivers: {}", approved.join(", "));
            failed.push(input.cause(path, Some(fact.origin), sentence));
        }
    }
    answer(failed, unknown)
}
