//! Networks of allowlists, interfaces and zones.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// An address with a prefix length, `10.20.0.0/16`. A bare address is a host, `/32` or `/128`.
///
/// The host bits are kept as written: `10.20.0.5/16` is an interface address, and in an allowlist a finding
/// (`canonical`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(pub IpNet);

impl Network {
    /// Whether the address is in it.
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Whether no host bit is set.
    pub fn is_canonical(self) -> bool {
        self.0.addr() == self.0.network()
    }

    /// Whether it is one host.
    pub fn is_host(self) -> bool {
        self.0.prefix_len() == self.0.max_prefix_len()
    }
}

impl FromStr for Network {
    type Err = String;
    fn from_str(text: &str) -> Result<Network, String> {
        const HELP: &str = "a network is written `10.20.0.0/16`, a host `10.20.0.10`";
        if let Ok(net) = text.parse::<IpNet>() {
            return Ok(Network(canonical(net)));
        }
        text.parse::<IpAddr>().map(|a| Network(a.to_canonical().into())).map_err(|_| HELP.to_owned())
    }
}

/// A network of addresses of IPv4 that is written as one of IPv6 (`::ffff:10.20.0.0/112`) is that of IPv4.
fn canonical(net: IpNet) -> IpNet {
    let bits = net.prefix_len().checked_sub(96);
    match (net.addr().to_canonical(), bits) {
        (address @ IpAddr::V4(_), Some(bits)) if net.addr().is_ipv6() => IpNet::new(address, bits).unwrap_or(net),
        _ => net,
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_host() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}
super::text_scalar!(Network, "network");
