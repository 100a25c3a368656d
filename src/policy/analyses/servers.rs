//! Whether the servers of a device are somebody else.

use std::net::IpAddr;

use super::addresses::{edge_of, no_single_host};
use super::answer;
use crate::model::facts::{Fact, Value};
use crate::model::paths::{
    AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, IDENTITY_HOSTNAME, LOG_SERVER, NETWORK_DNS, NETWORK_INTERFACE,
    SERVICES_RADIUS, SERVICES_SNTP, SERVICES_SYSLOG, SERVICES_TACACS, SNMP_TRAP, TIME_NTP,
};
use crate::policy::analysis::{Analysis, Answer, Input};

/// Lists of servers: their path, the field that names one, and the service without which none is asked.
const LISTS: [(&str, &str, &str); 4] = [
    (LOG_SERVER, "address", SERVICES_SYSLOG),
    (SNMP_TRAP, "receiver", ""),
    (AUTHENTICATION_RADIUS, "server", SERVICES_RADIUS),
    (AUTHENTICATION_TACACS, "server", SERVICES_TACACS),
];

/// The same where the list is of plain values.
const PLAIN: [(&str, &str); 2] = [(TIME_NTP, SERVICES_SNTP), (NETWORK_DNS, "")];

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "servers-are-others",
    doc: "Each server that a device sends to or asks (log, traps, login, time, names) is an address or a host name, and \
          is neither the device itself nor an address of nobody in particular: loopback, `0.0.0.0`, multicast, broadcast. \
          Servers of a service that is off are left out. Does not concern a device of which no server is said.",
    params: &[],
    reads: &[],
    looks_at: &[LOG_SERVER, SNMP_TRAP, "authentication", TIME_NTP, "network", IDENTITY_HOSTNAME],
    needs: &[],
    run,
};

pub(super) static REACHED: Analysis = Analysis {
    name: "servers-reached",
    doc: "Each server that has an address lies in a network of the device's interfaces, or an interface has a gateway. \
          Servers of a service that is off are left out, and so are names. Does not concern a device whose addresses, \
          or servers, nobody says.",
    params: &[],
    reads: &[],
    looks_at: &[LOG_SERVER, SNMP_TRAP, "authentication", TIME_NTP, "network"],
    needs: &[],
    run: reached,
};

fn run(input: &Input<'_>) -> Answer {
    let (mut failed, mut some) = (Vec::new(), false);
    each_server(input, |path, fact| {
        some = true;
        let wrong = if fact.value.is_known() { problem(input, &fact.value.plainly()) } else { None };
        failed.extend(wrong.map(|sentence| input.cause(path(), Some(fact.origin), sentence)));
    });
    if some { answer(failed, Vec::new()) } else { Answer::NotApplicable }
}

fn reached(input: &Input<'_>) -> Answer {
    let own = input.items(NETWORK_INTERFACE).unwrap_or_default();
    let nets: Vec<_> = own.iter().filter_map(|i| input.field(&i.group, "address")?.value.network()).collect();
    let leads = |fact: &Fact| matches!(fact.value, Value::Address(to) if no_single_host(to.0).is_none());
    if nets.is_empty() {
        return Answer::NotApplicable;
    }
    let has_gateway = own.iter().any(|i| input.field(&i.group, "gateway").is_some_and(leads));
    let (mut failed, mut some) = (Vec::new(), false);
    each_server(input, |path, fact| {
        some = true;
        let Ok(address) = fact.value.plainly().parse::<IpAddr>() else { return };
        let address = address.to_canonical();
        if !has_gateway && no_single_host(address).is_none() && !nets.iter().any(|net| net.contains(&address)) {
            let sentence =
                format!("`{address}` is in no network of the device, and no gateway is written that leads there");
            failed.push(input.cause(path(), Some(fact.origin), sentence));
        }
    });
    if some { answer(failed, Vec::new()) } else { Answer::NotApplicable }
}

/// Every server that the device asks or sends to.
pub(super) fn each_server(input: &Input<'_>, mut judge: impl FnMut(&dyn Fn() -> String, &Fact)) {
    let off =
        |service: &str| !service.is_empty() && input.fact(service).is_some_and(|f| f.value == Value::Switch(false));
    for (list, name, service) in LISTS {
        for item in input.items(list).filter(|_| !off(service)).unwrap_or_default() {
            let Some(fact) = input.field(&item.group, name) else { continue };
            judge(&|| format!("{list}[{}]", fact.value.plainly()), fact);
        }
    }
    for (list, service) in PLAIN {
        let Some(Value::List(values)) = input.fact(list).filter(|_| !off(service)).map(|f| &f.value) else { continue };
        values.iter().for_each(|fact| judge(&|| list.to_owned(), fact));
    }
}

/// What is wrong with a server's address or name.
fn problem(input: &Input<'_>, text: &str) -> Option<String> {
    let own = input.items(NETWORK_INTERFACE).unwrap_or_default();
    let mut own = own.iter().filter_map(|i| input.field(&i.group, "address")?.value.network());
    if let Ok(address) = text.parse::<IpAddr>() {
        let address = address.to_canonical();
        if let Some(what) = no_single_host(address) {
            return Some(format!("`{text}` is {what}: nothing arrives there"));
        }
        return own.find_map(|net| match net.addr().to_canonical() == address {
            true => Some(format!("`{text}` is the device's own address: nothing leaves it")),
            false => edge_of(net, address).map(|what| format!("`{text}` is {what}: nothing arrives there")),
        });
    }
    let name = text.trim_end_matches('.').to_lowercase();
    let host = input.fact(IDENTITY_HOSTNAME).and_then(|f| f.value.text()).map(str::to_lowercase);
    if name == "localhost" || name.ends_with(".localhost") || name.starts_with("localhost.") {
        return Some(format!("`{text}` is the device itself: nothing leaves it"));
    }
    if host.as_ref() == Some(&name) || *name == *input.device.name {
        return Some(format!("`{text}` is the device's own name: nothing leaves it"));
    }
    (!is_host_name(&name)).then(|| format!("`{text}` is neither an address nor a host name"))
}

/// Letters, digits, `-` and `_` between dots; not all digits at the end, for that would be a mistyped address.
fn is_host_name(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let label = |l: &str| (1..=63).contains(&l.len()) && l.chars().all(legal);
    let last = name.rsplit('.').next().unwrap_or_default();
    name.split('.').all(label) && !last.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_host_name;

    #[test]
    fn a_mistyped_address_is_no_name() {
        for name in ["log", "log-1.plant.example", "np_07", "10.20.0.lan"] {
            assert!(is_host_name(name), "{name}");
        }
        for name in ["", " ", "10.20.0", "10.20.0.999", "10,20,0,9", "a..b", "log server", "0"] {
            assert!(!is_host_name(name), "{name}");
        }
    }
}
