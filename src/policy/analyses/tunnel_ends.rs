//! Whether the two ends of a tunnel between devices of the site fit together.

use super::answer;
use super::entries::{entries, text};
use super::tunnel_end::End;
use crate::finding::Note;
use crate::model::facts::{Group, Value, key_text};
use crate::model::paths::{NETWORK_INTERFACE, VPN_IPSEC};
use crate::policy::Judged;
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::pattern::Cause;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "tunnel-ends-match",
    doc: "The device that a tunnel names as `peer` has one back; each end's gateway is an address of the other one; the \
          networks of one end are those beyond the other; both agree on keys and protect packets alike, have the same secret, \
          and one of them begins. Does not concern a device whose tunnels name no peer.",
    params: &[],
    reads: &[],
    looks_at: &[VPN_IPSEC, NETWORK_INTERFACE],
    needs: &[Need::Site],
    run,
};

/// What both ends say alike, group and field.
const ALIKE: [(&str, &str); 10] = [
    ("", "auth"),
    ("ike", "version"),
    ("ike", "mode"),
    ("ike", "encryption"),
    ("ike", "hash"),
    ("ike", "dh"),
    ("esp", "encryption"),
    ("esp", "hash"),
    ("esp", "pfs"),
    ("esp", "lifetime"),
];

fn run(input: &Input<'_>) -> Answer {
    let (mut failed, mut concerned) = (Vec::new(), false);
    for tunnel in entries(input.facts, VPN_IPSEC) {
        let Some(peer) = text(input.facts, tunnel, "peer") else { continue };
        concerned = true;
        let own = End { facts: input.facts, tunnel, device: &input.device.name };
        failed.extend(ends(input, &own, peer));
    }
    if concerned { answer(failed, Vec::new()) } else { Answer::NotApplicable }
}

fn ends(input: &Input<'_>, own: &End<'_>, peer: &str) -> Vec<Cause> {
    let key = key_text(input.facts.shape, own.tunnel);
    let path = |group: &str, name: &str| match group {
        "" => format!("{VPN_IPSEC}[{key}].{name}"),
        _ => format!("{VPN_IPSEC}[{key}].{group}.{name}"),
    };
    let told = |name: &str, sentence: String| vec![input.cause(path("", name), Some(own.origin("", name)), sentence)];
    let Some(judged) = input.device_called(peer) else {
        return told("peer", format!("no device is called `{peer}`"));
    };
    let Some(other) = back(input, judged, own) else {
        return told("peer", format!("`{peer}` has no tunnel that names `{}` back", input.device.name));
    };
    let mut failed = Vec::new();
    let mut differs = |(group, name): (&str, &str), (its_group, its): (&str, &str), sentence: String| {
        let mut cause = input.cause(path(group, name), Some(own.origin(group, name)), sentence);
        let loc = other.origin(its_group, its).loc();
        cause.related.push(Note { loc, text: format!("the other end, {}", other.device) });
        failed.push(cause);
    };
    let addresses = other.addresses();
    if let Some((Value::Address(gateway), _)) = own.said("", "gateway")
        && !addresses.is_empty()
        && !addresses.contains(&gateway.0)
    {
        differs(("", "gateway"), ("", "interface"), format!("{gateway} is no address of `{}` there", other.device));
    }
    for (mine, its) in [("local", "remote"), ("remote", "local")] {
        let (here, there) = (own.nets(mine), other.nets(its));
        if here != there {
            let shown = there.iter().map(|net| format!("`{net}`")).collect::<Vec<_>>().join(", ");
            let shown = if shown.is_empty() { "nothing".to_owned() } else { shown };
            differs(("", mine), ("", its), format!("the other end says {shown} in `{its}`"));
        }
    }
    for (group, name) in ALIKE {
        match (own.said(group, name), other.said(group, name)) {
            (Some((a, _)), Some((b, _))) if a != b && a.is_known() && b.is_known() => {
                differs((group, name), (group, name), format!("is {} at the other end", b.to_kdl()));
            }
            _ => {}
        }
    }
    if let (Some((Value::Secret(a), _)), Some((Value::Secret(b), _))) = (own.said("", "psk"), other.said("", "psk"))
        && a != b
    {
        let sentence = "is another secret than that of the other end: name one of both, `(stored)\"shared/...\"`";
        differs(("", "psk"), ("", "psk"), sentence.to_owned());
    }
    let waits = |end: &End<'_>| end.said("", "start").and_then(|(value, _)| value.text()) == Some("wait");
    if waits(own) && waits(&other) {
        differs(("", "start"), ("", "start"), "both ends wait, so nobody begins".to_owned());
    }
    failed
}

/// The tunnel of the other device that names this one: of several the one whose networks are this end's.
fn back<'a>(input: &Input<'a>, judged: &Judged<'a>, own: &End<'_>) -> Option<End<'a>> {
    let facts = judged.complete;
    let names = |tunnel: &&Group| text(facts, tunnel, "peer") == Some(&*input.device.name);
    let ends =
        || entries(facts, VPN_IPSEC).filter(names).map(|tunnel| End { facts, tunnel, device: &judged.device.name });
    let local = own.nets("local");
    ends().find(|end| !local.is_empty() && end.nets("remote") == local).or_else(|| ends().next())
}
