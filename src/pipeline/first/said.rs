//! What people say of a site in one word each, at a prompt or by a flag.

use std::net::IpAddr;
use std::str::FromStr;

use crate::model::facts::quote;
use crate::model::value::{Address, Name, Network};

/// `control=10.20.0.0/16,10.21.0.0/16:2`: a zone, its networks, its target level.
#[derive(Debug, Clone)]
pub struct ZoneSaid {
    /// Its name.
    pub name: Name,
    /// Networks that belong to it; never none.
    pub networks: Vec<Network>,
    /// Its target level, 1 to 4.
    pub level: Option<u8>,
}

/// `eng-01=10.20.0.10`: a computer that devices are managed from.
#[derive(Debug, Clone)]
pub struct StationSaid {
    /// Its name.
    pub name: Name,
    /// Its address.
    pub address: Address,
}

/// `ot-lead` or `ot-lead=owner of the OT network`: a person.
#[derive(Debug, Clone)]
pub struct PersonSaid {
    /// The id.
    pub id: Name,
    /// What the person answers for.
    pub role: Option<String>,
}

/// The address of a device, with the length of its network, and the gateway to elsewhere.
#[derive(Debug, Clone)]
pub struct AddressSaid {
    /// `10.20.7.7/16`.
    pub net: Network,
    /// `10.20.0.1`.
    pub gateway: Option<Address>,
}

impl ZoneSaid {
    /// Whether an address lies in one of its networks.
    pub fn holds(&self, address: Address) -> bool {
        self.networks.iter().any(|network| network.contains(address.0))
    }

    /// Its networks as they are written.
    pub(super) fn subnets(&self) -> String {
        let each = self.networks.iter().map(|network| format!("subnet {}", quote(&network.to_string())));
        each.collect::<Vec<_>>().join("; ")
    }
}

/// A target level.
///
/// # Errors
/// It is none of 1 to 4.
pub fn level(text: &str) -> Result<u8, String> {
    text.parse().ok().filter(|level| (1..=4).contains(level)).ok_or("a level is 1, 2, 3 or 4".to_owned())
}

impl FromStr for ZoneSaid {
    type Err = String;
    fn from_str(text: &str) -> Result<ZoneSaid, String> {
        const HELP: &str = "a zone is written `control=10.20.0.0/16`, with its level `control=10.20.0.0/16:2`";
        let (name, rest) = text.split_once('=').ok_or(HELP)?;
        let (networks, level) = rest
            .rsplit_once(':')
            // an address of version 6 has such signs before its length, and none behind it
            .filter(|(before, _)| before.contains('/'))
            .map_or(Ok((rest, None)), |(networks, level)| self::level(level).map(|level| (networks, Some(level))))?;
        let networks = networks.split(',').map(|network| {
            let network: Network = network.trim().parse()?;
            let whole = network.is_canonical() && !network.is_host();
            whole.then_some(network).ok_or_else(|| format!("`{network}` is no network: {HELP}"))
        });
        Ok(ZoneSaid { name: name.trim().parse()?, networks: networks.collect::<Result<_, _>>()?, level })
    }
}

impl FromStr for StationSaid {
    type Err = String;
    fn from_str(text: &str) -> Result<StationSaid, String> {
        let (name, address) = text.split_once('=').ok_or("a station is written `eng-01=10.20.0.10`")?;
        Ok(StationSaid { name: name.trim().parse()?, address: address.trim().parse()? })
    }
}

impl FromStr for PersonSaid {
    type Err = String;
    fn from_str(text: &str) -> Result<PersonSaid, String> {
        let (id, role) = text.split_once('=').map_or((text, None), |(id, role)| (id, Some(role.trim())));
        let role = role.filter(|role| !role.is_empty()).map(str::to_owned);
        Ok(PersonSaid { id: id.trim().parse()?, role })
    }
}

/// An address of a device, or a network for one that has no length.
///
/// # Errors
/// It has no length, or a network stands where a host should.
pub fn interface(text: &str) -> Result<Network, String> {
    const HELP: &str = "a device's address is written with the length of its network, `10.20.7.7/16`";
    let network: Network = text.parse().map_err(|_| HELP)?;
    if !text.contains('/') || network.is_canonical() && !network.is_host() {
        return Err(HELP.to_owned());
    }
    Ok(network)
}

/// What a waiver, an attestation or a rule is called, and its file: as other names, in letters of any case.
///
/// # Errors
/// It can't be a file's name everywhere.
pub fn file_name(text: &str) -> Result<String, String> {
    text.to_ascii_lowercase().parse::<Name>().map(|_| text.to_owned())
}

/// A server by address or name.
///
/// # Errors
/// It is neither.
pub fn server(text: &str) -> Result<String, String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let named = !text.is_empty() && text.len() <= 64 && text.chars().all(legal);
    let is_one = named || text.parse::<IpAddr>().is_ok();
    is_one.then(|| text.to_owned()).ok_or_else(|| "a server is an address or a name: `10.20.0.9`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_say_their_networks_and_level() {
        let said = |text: &str| {
            let zone: ZoneSaid = text.parse()?;
            Ok::<_, String>((zone.name.to_string(), zone.subnets(), zone.level))
        };
        let one = |net: &str, level| Ok(("control".to_owned(), format!("subnet \"{net}\""), level));
        assert_eq!(said("control=10.20.0.0/16"), one("10.20.0.0/16", None));
        assert_eq!(said("control=10.20.0.0/16:3"), one("10.20.0.0/16", Some(3)));
        assert_eq!(said("control=fd00:1::/64:4"), one("fd00:1::/64", Some(4)));
        assert_eq!(said("control=fd00:1::/64"), one("fd00:1::/64", None));
        let two = said("control=10.20.0.0/16, 10.21.0.0/16:1").unwrap();
        assert_eq!(two.1, "subnet \"10.20.0.0/16\"; subnet \"10.21.0.0/16\"");
        for wrong in [
            "control",
            "control=",
            "=10.0.0.0/8",
            "control=10.20.0.5/16",
            "control=10.20.0.5",
            "con=10.0.0.0/8",
            "control=10.0.0.0/8:5",
            "control=10.0.0.0/8:0",
            "../x=10.0.0.0/8",
            "control=10.0.0.0/8,",
        ] {
            assert!(said(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn addresses_of_devices_have_a_length() {
        assert!(interface("10.20.7.7/16").is_ok() && interface("10.20.7.7/32").is_ok());
        for wrong in ["10.20.7.7", "10.20.0.0/16", "x", ""] {
            assert!(interface(wrong).is_err(), "{wrong}");
        }
        assert!(server("10.20.0.9").is_ok() && server("fd00::1").is_ok() && server("ntp.example").is_ok());
        for wrong in ["", "a b", "x\"y", &"a".repeat(65)] {
            assert!(server(wrong).is_err(), "{wrong}");
        }
    }
}
