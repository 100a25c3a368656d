//! Whether the two ends of a pair connection fit together.

use super::answer;
use super::pair_addresses::address;
use super::pair_encryption::stronger;
use crate::finding::Note;
use crate::model::Facts;
use crate::model::facts::{Fact, Value};
use crate::model::paths::{NETWORK_INTERFACE, SERIAL_PORT};
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::pattern::Cause;
use crate::source::Origin;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "pair-peers-match",
    doc: "The device that a pair connection names is there and names this one back; one end is master and one slave; \
          the master's address and port are the slave's (4000 + n where none is written); line settings and \
          protection are the same; each lies in the other's allowlist where that is on. \
          Does not concern a device without a pair connection.",
    params: &[],
    reads: &[],
    looks_at: &[SERIAL_PORT, NETWORK_INTERFACE, "allowlist"],
    needs: &[Need::Site],
    run,
};

/// One end of a pair connection.
pub(super) struct End<'a> {
    pub(super) facts: &'a Facts,
    pub(super) name: &'a str,
    number: i64,
}

impl<'a> End<'a> {
    pub(super) fn path(&self, field: &str) -> String {
        format!("{SERIAL_PORT}[{}].{field}", self.number)
    }

    pub(super) fn fact(&self, field: &str) -> Option<&'a Fact> {
        self.facts.value(&self.path(field))
    }

    pub(super) fn text(&self, field: &str) -> Option<&'a str> {
        self.fact(field)?.value.text()
    }

    fn int(&self, field: &str) -> Option<i64> {
        match self.fact(field)?.value {
            Value::Int(n) => Some(n),
            _ => None,
        }
    }

    /// Its place, for the other end: where a finding of its own would point.
    pub(super) fn note(&self, field: &str, port: Origin) -> Note {
        let origin = self.fact(field).or_else(|| self.fact("mode")).map_or(port, |f| f.origin);
        Note { loc: origin.loc(), text: format!("the other end, {} port {}", self.name, self.number) }
    }

    /// The port that a slave waits on.
    fn waits_on(&self) -> i64 {
        self.int("mode.data-port").unwrap_or(4000 + self.number)
    }
}

fn run(input: &Input<'_>) -> Answer {
    let Some(ports) = input.items(SERIAL_PORT) else {
        return Answer::Unknown(vec![input.unsaid(SERIAL_PORT)]);
    };
    let mut found = (Vec::new(), Vec::new());
    let mut concerned = false;
    for port in ports {
        let Some(Value::Int(number)) = input.field(&port.group, "number").map(|f| &f.value) else { continue };
        let mode = input.tag(&port.group, "mode").and_then(|f| f.value.text());
        if matches!(mode, Some("pair-master" | "pair-slave")) {
            concerned = true;
            let own = End { facts: input.facts, name: &input.device.name, number: *number };
            ends(input, &own, &mut found);
        }
    }
    if concerned { answer(found.0, found.1) } else { Answer::NotApplicable }
}

fn ends(input: &Input<'_>, own: &End<'_>, (failed, unknown): &mut (Vec<Cause>, Vec<Cause>)) {
    let mode = own.fact("mode").map(|f| f.origin);
    let at = |field: &str| own.fact(field).map(|f| f.origin).or(mode);
    let (Some(peer), Some(peer_port)) = (own.text("mode.peer"), own.int("mode.peer-port")) else {
        unknown.push(input.cause(
            own.path("mode.peer"),
            mode,
            "does not name its other end: add `peer=` and `peer-port=`",
        ));
        return;
    };
    let Some(judged) = input.device_called(peer) else {
        failed.push(input.cause(own.path("mode.peer"), at("mode.peer"), format!("no device is called `{peer}`")));
        return;
    };
    let other = End { facts: judged.complete, name: &judged.device.name, number: peer_port };
    let there = other.facts.group(&format!("{SERIAL_PORT}[{peer_port}]"));
    let Some(there) = there else {
        let sentence = format!("`{peer}` describes no port {peer_port}");
        failed.push(input.cause(own.path("mode.peer-port"), at("mode.peer-port"), sentence));
        return;
    };
    let mut differs = |field: &str, their_field: &str, sentence: String| {
        let mut cause = input.cause(own.path(field), at(field), sentence);
        let other_end = format!("port {peer_port} of `{peer}`");
        cause.help = own.text(field).zip(other.text(their_field)).and_then(|(a, b)| stronger(a, b, &other_end));
        cause.related.push(other.note(their_field, there.origin));
        failed.push(cause);
    };
    let (master, slave) = match (own.text("mode"), other.text("mode")) {
        (Some("pair-master"), Some("pair-slave")) => (own, &other),
        (Some("pair-slave"), Some("pair-master")) => (&other, own),
        (_, said) => {
            let said = said.unwrap_or("nothing");
            differs("mode", "mode", format!("one end connects and one waits; `{}` is `{said}`", other.name));
            return;
        }
    };
    if other.text("mode.peer") != Some(own.name) || other.int("mode.peer-port") != Some(own.number) {
        differs("mode.peer", "mode.peer", format!("`{}` does not name this port back", other.name));
    }
    let is_own_port = if master.name == own.name { "mode.port" } else { "mode.data-port" };
    let its_port = if master.name == own.name { "mode.data-port" } else { "mode.port" };
    match master.int("mode.port") {
        Some(port) if port != slave.waits_on() => {
            differs(is_own_port, its_port, format!("one end calls {port}, the other waits on {}", slave.waits_on()));
        }
        Some(_) => {}
        None => unknown.push(input.cause(own.path("mode"), mode, "the master does not say which port it calls")),
    }
    for field in ["line", "mode.secure"] {
        match (own.fact(field), other.fact(field)) {
            (Some(a), Some(b)) if a.value == b.value => {}
            (Some(a), Some(b)) if a.value.is_known() && b.value.is_known() => {
                differs(field, field, format!("`{}` here and `{}` at the other end", a.value.plain(), b.value.plain()));
            }
            (None, None) => {}
            _ => unknown.push(input.cause(own.path(field), at(field), "is said at one end only")),
        }
    }
    address(input, (own, &other), (master, slave), judged, (failed, unknown));
}
