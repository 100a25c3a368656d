//! Whether the networks of a router are apart.

use ipnet::IpNet;

use super::answer;
use super::entries::{entries, text, value};
use super::legs::{Leg, legs, meet, nets};
use crate::finding::Note;
use crate::model::facts::{Value, key_text};
use crate::model::paths::{NETWORK_INTERFACE, VPN_IPSEC};
use crate::policy::analysis::{Analysis, Answer, Input};
use crate::policy::pattern::Cause;
use crate::source::Origin;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "subnets-apart",
    doc: "No network of an interface overlaps that of another one, no two interfaces of different zones stand in one VLAN, \
          and no network at the far end of a tunnel overlaps one of an interface, of this end, or of the far end of another \
          tunnel. Interfaces that are off are left out. Does not concern a device with one network alone.",
    params: &[],
    reads: &[],
    looks_at: &[NETWORK_INTERFACE, VPN_IPSEC],
    needs: &[],
    run,
};

/// A network that has to be apart from others.
struct Claim {
    net: IpNet,
    path: String,
    origin: Origin,
    /// What it is, for people.
    whose: String,
    /// The tunnel whose end it is, if it is one's.
    tunnel: Option<(String, bool)>,
}

impl Claim {
    /// Networks of interfaces, and the far end of a tunnel against everything else.
    fn fights(&self, other: &Claim) -> bool {
        match (&self.tunnel, &other.tunnel) {
            (None, None) => true,
            (Some((_, near)), None) | (None, Some((_, near))) => !near,
            (Some((a, near)), Some((b, far))) => match a == b {
                true => near != far,
                false => !near && !far,
            },
        }
    }
}

fn run(input: &Input<'_>) -> Answer {
    let legs = legs(input.facts);
    let mut claims: Vec<Claim> = legs.iter().filter_map(|leg| of_leg(input, leg)).collect();
    for tunnel in entries(input.facts, VPN_IPSEC) {
        let name = key_text(input.facts.shape, tunnel);
        for (end, near) in [("local", true), ("remote", false)] {
            claims.extend(nets(input.facts, tunnel, end).into_iter().map(|(net, fact)| Claim {
                net,
                path: format!("{VPN_IPSEC}[{name}].{end}"),
                origin: fact.origin,
                whose: format!("{} end of tunnel `{name}`", if near { "this" } else { "the far" }),
                tunnel: Some((name.clone(), near)),
            }));
        }
    }
    if claims.len() < 2 && legs.len() < 2 {
        return Answer::NotApplicable;
    }
    let mut failed = Vec::new();
    for (at, later) in claims.iter().enumerate() {
        let before = claims[..at].iter().find(|earlier| later.fights(earlier) && meet(later.net, earlier.net));
        if let Some(earlier) = before {
            let sentence = format!("`{}` overlaps `{}`, {}", later.net, earlier.net, earlier.whose);
            let mut cause = input.cause(later.path.clone(), Some(later.origin), sentence);
            cause.related.push(Note { loc: earlier.origin.loc(), text: earlier.whose.clone() });
            failed.push(cause);
        }
    }
    failed.extend(one_vlan(input, &legs));
    answer(failed, Vec::new())
}

fn of_leg(input: &Input<'_>, leg: &Leg<'_>) -> Option<Claim> {
    let fact = input.field(leg.group, "address")?;
    let whose = format!("interface `{}`", leg.name);
    Some(Claim {
        net: leg.net?.trunc(),
        path: format!("{}.address", leg.path()),
        origin: fact.origin,
        whose,
        tunnel: None,
    })
}

/// Two zones that meet in a VLAN are one.
fn one_vlan(input: &Input<'_>, legs: &[Leg<'_>]) -> Vec<Cause> {
    let said = |leg: &Leg<'_>| {
        Some((value(input.facts, leg.group, "vlan")?.clone(), text(input.facts, leg.group, "zone")?.to_owned()))
    };
    let mut failed = Vec::new();
    for (at, later) in legs.iter().enumerate() {
        let Some((vlan, zone)) = said(later) else { continue };
        for earlier in &legs[..at] {
            let Some((same, other)) = said(earlier) else { continue };
            if same == vlan && other != zone && matches!(vlan, Value::Int(_)) {
                let sentence = format!("VLAN {} of zone `{zone}` is that of zone `{other}` too", vlan.plain());
                let origin = input.field(later.group, "vlan").map(|fact| fact.origin);
                let mut cause = input.cause(format!("{}.vlan", later.path()), origin, sentence);
                let text = format!("interface `{}`", earlier.name);
                cause.related.push(Note { loc: earlier.group.origin.loc(), text });
                failed.push(cause);
            }
        }
    }
    failed
}
