//! What routers of the site tell each other in a network that they share.

use std::collections::BTreeSet;

use ipnet::IpNet;

use foldhash::HashSet;

use super::entries::{entries, text, value};
use super::legs::legs;
use crate::finding::Note;
use crate::model::Facts;
use crate::model::facts::{Fact, Group, Value};
use crate::model::paths::{
    ROUTING_OSPF, ROUTING_OSPF_INTERFACE, ROUTING_OSPF_ROUTER_ID, ROUTING_VRRP, ROUTING_VRRP_GROUP,
};
use crate::policy::Judged;
use crate::policy::analysis::{Input, Mark, Marks, field};
use crate::source::Origin;

/// What a router says of OSPF or VRRP in one network.
pub(super) struct Spoken<'a> {
    pub(super) facts: &'a Facts,
    pub(super) device: &'a str,
    pub(super) group: &'a Group,
    pub(super) net: IpNet,
}

impl<'a> Spoken<'a> {
    pub(super) fn ospf(judged: &Judged<'a>) -> Vec<Spoken<'a>> {
        Spoken::all(judged, ROUTING_OSPF, ROUTING_OSPF_INTERFACE, "name")
    }

    pub(super) fn vrrp(judged: &Judged<'a>) -> Vec<Spoken<'a>> {
        Spoken::all(judged, ROUTING_VRRP, ROUTING_VRRP_GROUP, "interface")
    }

    fn all(judged: &Judged<'a>, protocol: &str, list: &str, by: &str) -> Vec<Spoken<'a>> {
        let facts = judged.complete;
        if facts.value(protocol).is_some_and(|fact| fact.value == Value::Switch(false)) {
            return Vec::new();
        }
        let legs = legs(facts);
        let of = |group: &'a Group| {
            let name = text(facts, group, by)?;
            let net = legs.iter().find(|leg| leg.name == name)?.net?;
            Some(Spoken { facts, device: &judged.device.name, group, net: net.trunc() })
        };
        entries(facts, list).filter_map(of).collect()
    }

    pub(super) fn shown(&self, name: &str, otherwise: &str) -> String {
        value(self.facts, self.group, name).map_or_else(|| otherwise.to_owned(), Value::plain)
    }

    pub(super) fn origin(&self, name: &str) -> Origin {
        field(self.facts, self.group, name).map_or(self.group.origin, |fact| fact.origin)
    }

    pub(super) fn note(&self, name: &str) -> Note {
        Note { loc: self.origin(name).loc(), text: format!("{} in the same network", self.device) }
    }
}

/// What the devices of the site have in common: the networks that they stand in, and their router ids.
pub(super) fn shared<'a>(input: &Input<'a>) -> &'a Marks {
    input.marks(|| {
        let mut all = Marks::default();
        let mut mark = |key: String, judged: &Judged<'_>, origin: Origin| {
            let mark = Mark { device: judged.device.name.clone(), path: String::new(), origin };
            all.entry(key).or_default().push(mark);
        };
        for judged in input.all {
            for leg in legs(judged.complete) {
                if let Some(net) = leg.net {
                    mark(net.trunc().to_string(), judged, leg.group.origin);
                }
            }
            if let Some(id) = judged.complete.value(ROUTING_OSPF_ROUTER_ID) {
                mark(router_id(id), judged, id.origin);
            }
        }
        all
    })
}

/// What a router id is called among what devices share.
pub(super) fn router_id(id: &Fact) -> String {
    format!("router id {}", id.value.plain())
}

/// The other devices that stand in a network of these, by name.
pub(super) fn near<'a>(input: &Input<'a>, spoken: &[Spoken<'_>]) -> Vec<&'a Judged<'a>> {
    let marks = shared(input);
    let nets: HashSet<IpNet> = spoken.iter().map(|spoken| spoken.net).collect();
    let marks = nets.iter().filter_map(|net| marks.get(&net.to_string())).flatten();
    let names: BTreeSet<&str> = marks.map(|mark| &*mark.device).collect();
    let others = names.into_iter().filter(|name| **name != *input.device.name);
    others.filter_map(|name| input.device_called(name)).collect()
}
