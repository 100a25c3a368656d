//! What a device tells of itself, against what is described: whether a text is of this device or of another.

use std::collections::BTreeSet;
use std::net::IpAddr;

use foldhash::HashMap;

use super::{Site, SiteDevice, models};
use crate::model::Facts;
use crate::model::paths::{
    ASSET_MAC, ASSET_SEEN_FIRMWARE, ASSET_SEEN_MODEL, ASSET_SERIAL, IDENTITY_HOSTNAME, NETWORK_INTERFACE,
};
use crate::model::value::Version;

/// What the text of a device tells of it. Nothing of it is a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tells {
    /// Serial number.
    pub serial: Option<String>,
    /// MAC address.
    pub mac: Option<String>,
    /// Model, in the device's own spelling.
    pub model: Option<String>,
    /// Firmware.
    pub firmware: Option<Version>,
    /// What it calls itself.
    pub hostname: Option<String>,
    /// Its addresses.
    pub addresses: BTreeSet<IpAddr>,
}

impl Tells {
    /// What was read.
    pub fn of(read: &Facts) -> Tells {
        let text = |path: &str| {
            let value = read.value(path).map(|fact| &fact.value).filter(|value| value.is_known())?;
            Some(value.plain()).filter(|text| !text.trim().is_empty())
        };
        Tells {
            serial: text(ASSET_SERIAL),
            mac: text(ASSET_MAC),
            model: text(ASSET_SEEN_MODEL),
            firmware: text(ASSET_SEEN_FIRMWARE).as_deref().and_then(version),
            hostname: text(IDENTITY_HOSTNAME),
            addresses: addresses(read).into_iter().collect(),
        }
    }
}

/// Addresses of the interfaces, in their order.
pub fn addresses(facts: &Facts) -> Vec<IpAddr> {
    let mut found = Vec::new();
    super::each(facts, &mut |path, field, fact| {
        if field.name == "address"
            && path().starts_with(NETWORK_INTERFACE)
            && let Some(net) = fact.value.network()
        {
            found.push(net.addr());
        }
    });
    found
}

/// Two sources that don't say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// `serial number`, `MAC address` or `model`.
    pub what: &'static str,
    /// What is described.
    pub described: String,
    /// What the device tells.
    pub told: String,
}

/// What of a text speaks against its being of this device; `None` where nothing does, which proves nothing.
pub fn contradiction(device: &SiteDevice, told: &Tells) -> Option<Contradiction> {
    let own = |path: &str| device.own.value(path).map(|fact| fact.value.plain());
    let differ = |what, described: Option<String>, told: &Option<String>, same: fn(&str, &str) -> bool| {
        let (described, told) = described.zip(told.clone())?;
        (!same(&described, &told)).then_some(Contradiction { what, described, told })
    };
    differ("serial number", own(ASSET_SERIAL), &told.serial, same_serial)
        .or_else(|| differ("MAC address", own(ASSET_MAC), &told.mac, same_mac))
        .or_else(|| differ("model", device.model.as_deref().map(str::to_owned), &told.model, same_model))
}

/// The devices of a site, found by what a text tells.
pub struct Owners<'a> {
    /// By serial number, MAC address, name and address, the surest first.
    ways: [HashMap<String, Vec<&'a SiteDevice>>; 4],
}

/// The first ways are sure: what else the text tells contradicts the description, not that it is of this device.
const SURE: usize = 2;

impl<'a> Owners<'a> {
    /// All devices of a site.
    pub fn of(site: &'a Site) -> Owners<'a> {
        let mut ways: [HashMap<String, Vec<&SiteDevice>>; 4] = Default::default();
        for device in &site.devices {
            let own = Tells::of(&device.own);
            let mut keys = keys(&own);
            keys[2].insert(device.name.to_string());
            for (way, keys) in ways.iter_mut().zip(keys) {
                keys.into_iter().for_each(|key| way.entry(key).or_default().push(device));
            }
        }
        Owners { ways }
    }

    /// Those that a text may be of, by the surest of what it tells. A device that is described with another serial
    /// number is none of them.
    pub fn find(&self, told: &Tells) -> Vec<&'a SiteDevice> {
        let ways = self.ways.iter().zip(keys(told)).enumerate();
        let found = ways.map(|(nth, (way, keys))| {
            let mut found: Vec<&SiteDevice> = keys.iter().filter_map(|key| way.get(key)).flatten().copied().collect();
            found.retain(|device| nth < SURE || contradiction(device, told).is_none());
            found.sort_by_key(|device| &device.name);
            found.dedup_by_key(|device| &device.name);
            found
        });
        found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
    }
}

/// What a device is found by, in the order of [`Owners::ways`].
fn keys(tells: &Tells) -> [BTreeSet<String>; 4] {
    let one = |text: Option<String>| text.into_iter().collect();
    [
        one(tells.serial.as_deref().map(plain_serial)),
        one(tells.mac.as_deref().map(str::to_ascii_lowercase)),
        one(tells.hostname.clone()),
        tells.addresses.iter().map(ToString::to_string).collect(),
    ]
}

/// Serial numbers are compared without regard to letter case.
pub fn same_serial(a: &str, b: &str) -> bool {
    plain_serial(a) == plain_serial(b)
}

fn plain_serial(serial: &str) -> String {
    serial.trim().to_ascii_lowercase()
}

/// Hardware addresses too, and without regard to what parts their digits: a label has them bare or with dashes.
pub fn same_mac(a: &str, b: &str) -> bool {
    let digits = |mac: &str| mac.chars().filter(char::is_ascii_hexdigit).collect::<String>();
    digits(a).eq_ignore_ascii_case(&digits(b))
}

/// Whether two names are of one model: a label says `EDR-G9010-VPN-2MGSFP-T`, an export `NP6250`. Of models that no
/// table knows one name may be the other with more behind a dash.
pub fn same_model(a: &str, b: &str) -> bool {
    match (models::known(a), models::known(b)) {
        (Some((one, a)), Some((other, b))) => one == other && a.name == b.name,
        (None, None) => {
            let bare = |name: &str| name.to_ascii_lowercase().split_whitespace().collect::<String>();
            let (a, b) = (bare(a), bare(b));
            let goes_on = |long: &str, short: &str| {
                long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            };
            !a.is_empty() && !b.is_empty() && (goes_on(&a, &b) || goes_on(&b, &a))
        }
        _ => false,
    }
}

/// `2.3 Build 24101817` and `V3.2.99 build 23110317` are versions with a build behind them.
pub fn version(text: &str) -> Option<Version> {
    text.split_whitespace().next()?.trim_start_matches(['V', 'v']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hardware_address_is_its_digits() {
        for other in ["00:90:E8:A1:21:01", "00-90-e8-a1-21-01", "0090e8a12101", "0090.e8a1.2101"] {
            assert!(same_mac("00:90:e8:a1:21:01", other), "{other}");
        }
        assert!(!same_mac("00:90:e8:a1:21:01", "00:90:e8:a1:21:02"));
    }

    #[test]
    fn a_model_may_have_more_behind_it() {
        for (a, b) in [("NPort 6250", "NP6250"), ("EDR-G9010", "EDR-G9010-VPN-2MGSFP-T"), ("MDS-G4012-L3", "MDS-G4012")]
        {
            assert!(same_model(a, b), "{a} {b}");
        }
        for (a, b) in [("XYZ-100", "XYZ-100-T"), ("xyz 100", "XYZ100")] {
            assert!(same_model(a, b), "{a} {b}: no table knows them");
        }
        let others = [
            ("NPort 6250", "NP6450"),
            ("NPort 6150", "NP61500"),
            ("EDR-G9010", "EDR-8010"),
            ("NPort 6250", "NPort 6250-G2"),
            ("NPort 6250", "NPort"),
            ("EDR-G9010", "EDR"),
            ("EDR-G9010", "E"),
            ("EDR-G9010", ""),
            ("XYZ-100", "XYZ-1000"),
        ];
        for (a, b) in others {
            assert!(!same_model(a, b) && !same_model(b, a), "{a} {b}");
        }
        assert_eq!(version("V3.2.99 build 23110317"), "3.2.99".parse().ok());
    }
}
