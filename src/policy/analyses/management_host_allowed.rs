//! Whether the allowlist shuts out the computers that devices are managed from.

use std::net::IpAddr;

use ipnet::IpNet;

use super::answer;
use crate::finding::Note;
use crate::model::facts::{Item, Value};
use crate::model::paths::ALLOWLIST_HOST;
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::source::Loc;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "management-host-allowed",
    doc: "Where the allowlist is on, the address of every `station` of the site lies in one of its entries.",
    params: &[],
    reads: &["allowlist", ALLOWLIST_HOST],
    looks_at: &[],
    needs: &[Need::Site],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    if input.fact("allowlist").map(|f| &f.value) != Some(&Value::Switch(true)) {
        return Answer::NotApplicable;
    }
    let stations = &input.site.site.station;
    let hosts = input.items(ALLOWLIST_HOST).unwrap_or_default();
    let origin = input.facts.group("allowlist").map(|g| g.origin);
    if stations.is_empty() {
        let sentence = "the site names no station, so nobody knows whom the list must let in";
        return Answer::Unknown(vec![input.cause("allowlist", origin, sentence)]);
    }
    let nets: Vec<(&Item, IpNet)> =
        hosts.iter().filter_map(|item| Some((item, input.field(&item.group, "net")?.value.network()?))).collect();
    let bad = hosts.len() > nets.len();
    let (mut failed, mut unknown) = (Vec::new(), Vec::new());
    for station in stations {
        let (Some(name), Some(address)) = (&station.name, station.address) else { continue };
        if nets.iter().any(|(_, net)| net.contains(&address.0)) {
            continue;
        }
        // the entry that was most likely meant for it
        let nearest = nets.iter().max_by_key(|(_, net)| common_bits(net.addr(), address.0));
        let (path, at) = match nearest {
            Some((item, net)) => {
                let fact = input.field(&item.group, "net");
                let shown = fact.map_or(net.to_string(), |f| f.value.plain());
                (format!("{ALLOWLIST_HOST}[{shown}]"), fact.map(|f| f.origin))
            }
            None => (ALLOWLIST_HOST.to_owned(), origin),
        };
        let sentence = format!("`{name}` is {address}, which no entry lets in");
        let mut cause = input.cause(path, at, sentence);
        let loc = station_loc(input, name.as_str());
        cause.related.push(Note { loc, text: format!("{name} is {address}") });
        cause.reported = bad;
        match bad {
            true => unknown.push(cause),
            false => failed.push(cause),
        }
    }
    answer(failed, unknown)
}

fn station_loc(input: &Input<'_>, name: &str) -> Loc {
    let facts = &input.site.facts;
    let at = facts.value(&format!("station[{name}].address")).map(|f| f.origin.loc());
    at.or_else(|| facts.group(&format!("station[{name}]")).map(|g| g.origin.loc())).unwrap_or(Loc::NONE)
}

fn common_bits(a: IpAddr, b: IpAddr) -> u32 {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u32::from(a) ^ u32::from(b)).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a) ^ u128::from(b)).leading_zeros(),
        _ => 0,
    }
}
