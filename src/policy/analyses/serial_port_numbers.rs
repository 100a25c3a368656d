//! Whether serial ports wait on numbers that are free.

use std::collections::BTreeMap;

use super::answer;
use super::every_port_has_a_mode::ports_of;
use crate::finding::Note;
use crate::model::facts::{Item, Value};
use crate::model::paths::{PLATFORM_MODEL, SERIAL_PORT};
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::source::Origin;

/// Numbers of the device's own services (guide 3.1).
const RESERVED: [i64; 7] = [49, 137, 161, 443, 520, 521, 5353];

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "serial-port-numbers",
    doc: "The TCP and UDP ports that serial ports wait on differ from one another (defaults 4000 + n for data and \
          965 + n for commands count where none is written, and Real COM takes 949 + n and 965 + n); numbers for data \
          lie in 1024 to 65535 and not in Real COM's ranges where it is used; none is 443, 161, 5353, 49, 137, 520, 521.",
    params: &[],
    reads: &[SERIAL_PORT],
    looks_at: &[PLATFORM_MODEL],
    needs: &[],
    run,
};

/// A number that a port waits on.
struct Taken {
    number: i64,
    port: i64,
    /// The field of its mode that says it; `None` for the mode itself.
    field: Option<&'static str>,
    origin: Option<Origin>,
    data: bool,
}

impl Taken {
    fn path(&self) -> String {
        let field = self.field.map(|field| format!(".{field}")).unwrap_or_default();
        format!("{SERIAL_PORT}[{}].mode{field}", self.port)
    }
}

fn run(input: &Input<'_>) -> Answer {
    let ports = input.items(SERIAL_PORT).unwrap_or_default();
    let taken: Vec<Taken> = ports.iter().flat_map(|p| of_port(input, p)).collect();
    let real_com = ports.iter().any(|p| mode(input, p) == Some("real-com"));
    let last = ports.iter().filter_map(|p| number(input, p)).max().unwrap_or(0);
    let count = ports_of(input.device).map_or(last, i64::from);
    let mut failed = Vec::new();
    let mut first: BTreeMap<i64, &Taken> = BTreeMap::new();
    for t in &taken {
        let mut say = |sentence: String| failed.push(input.cause(t.path(), t.origin, sentence));
        if t.data && !(1024..=65535).contains(&t.number) {
            say(format!("{} lies outside 1024 to 65535", t.number));
        } else if RESERVED.contains(&t.number) {
            say(format!("{} belongs to a service of the device", t.number));
        } else if t.data
            && real_com
            && ((950..950 + count).contains(&t.number) || (966..966 + count).contains(&t.number))
        {
            say(format!("{} belongs to Real COM", t.number));
        }
        if let Some(earlier) = first.get(&t.number) {
            let mut cause = input.cause(t.path(), t.origin, format!("{} is taken by `{}`", t.number, earlier.path()));
            if let Some(origin) = earlier.origin {
                cause.related.push(Note { loc: origin.loc(), text: format!("{} here", t.number) });
            }
            failed.push(cause);
        } else {
            first.insert(t.number, t);
        }
    }
    let silent: Vec<_> = ports
        .iter()
        .filter(|p| mode(input, p).is_none())
        .map(|p| {
            let path = format!("{SERIAL_PORT}[{}].mode", number(input, p).unwrap_or(0));
            input.cause(path, Some(p.group.origin), "is not known; the numbers it takes are not either")
        })
        .collect();
    answer(failed, silent)
}

fn number(input: &Input<'_>, port: &Item) -> Option<i64> {
    match input.field(&port.group, "number")?.value {
        Value::Int(n) => Some(n),
        _ => None,
    }
}

fn mode<'a>(input: &Input<'a>, port: &'a Item) -> Option<&'a str> {
    input.tag(&port.group, "mode")?.value.text()
}

/// The numbers that a port waits on, written or by default (guide 3.1).
fn of_port(input: &Input<'_>, port: &Item) -> Vec<Taken> {
    let (Some(n), Some(mode)) = (number(input, port), mode(input, port)) else { return Vec::new() };
    let Some(group) = input.inside(&port.group, "mode") else { return Vec::new() };
    let here = input.tag(&port.group, "mode").map(|f| f.origin);
    let at = |field: &'static str, default: i64, data: bool| {
        let taken = Taken { number: default, port: n, field: Some(field), origin: here, data };
        match input.field(group, field) {
            Some(fact) => match fact.value {
                Value::Int(number) => Some(Taken { number, origin: Some(fact.origin), ..taken }),
                _ => None,
            },
            None => Some(taken),
        }
    };
    let found = match mode {
        "real-com" => {
            return [949 + n, 965 + n]
                .map(|number| Taken { number, port: n, field: None, origin: here, data: false })
                .into();
        }
        "tcp-server" => vec![at("data-port", 4000 + n, true), at("command-port", 965 + n, false)],
        "rfc2217" | "pair-slave" | "reverse-telnet" | "reverse-ssh" => vec![at("data-port", 4000 + n, true)],
        "udp" => vec![at("local-port", 4000 + n, true)],
        _ => Vec::new(),
    };
    found.into_iter().flatten().collect()
}
