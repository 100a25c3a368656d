//! One end of a tunnel between devices of the site.

use std::net::IpAddr;

use ipnet::IpNet;

use super::entries::text;
use super::legs::{legs, nets};
use crate::model::Facts;
use crate::model::facts::{Group, Value};
use crate::policy::analysis::{field, inside};
use crate::source::Origin;

/// One end of a tunnel.
pub(super) struct End<'a> {
    pub(super) facts: &'a Facts,
    pub(super) tunnel: &'a Group,
    pub(super) device: &'a str,
}

impl<'a> End<'a> {
    pub(super) fn said(&self, group: &str, name: &str) -> Option<(&'a Value, Origin)> {
        let within = match group {
            "" => self.tunnel,
            _ => inside(self.facts, self.tunnel, group)?,
        };
        field(self.facts, within, name).map(|fact| (&fact.value, fact.origin))
    }

    pub(super) fn origin(&self, group: &str, name: &str) -> Origin {
        self.said(group, name).map_or(self.tunnel.origin, |(_, origin)| origin)
    }

    /// The networks of a field, in one order.
    pub(super) fn nets(&self, name: &str) -> Vec<IpNet> {
        let mut nets: Vec<IpNet> = nets(self.facts, self.tunnel, name).into_iter().map(|(net, _)| net).collect();
        nets.sort();
        nets
    }

    /// Addresses under which the other end finds it: that of the tunnel's interface, else any.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        let by = text(self.facts, self.tunnel, "interface");
        let legs = legs(self.facts);
        let own = legs.iter().filter(|leg| by.is_none_or(|by| leg.name == by));
        own.filter_map(|leg| Some(leg.net?.addr())).collect()
    }
}
