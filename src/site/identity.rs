//! What a device tells of itself, against what is described: whether a text is of this device or of another.

use std::collections::BTreeSet;

use super::{Site, SiteDevice};
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
    pub addresses: BTreeSet<String>,
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
            addresses: addresses(read),
        }
    }
}

/// Addresses of the interfaces.
fn addresses(facts: &Facts) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    super::each(facts, &mut |path, field, fact| {
        if field.name == "address"
            && path().starts_with(NETWORK_INTERFACE)
            && let Some(net) = fact.value.network()
        {
            found.insert(net.addr().to_string());
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

/// The devices of a site that a text may be of, by the surest of what it tells: serial number, MAC address, name,
/// address. A device that says another serial number is none of them.
pub fn owners<'a>(site: &'a Site, told: &Tells) -> Vec<&'a SiteDevice> {
    let own = |device: &SiteDevice, path: &str| device.own.value(path).map(|fact| fact.value.plain());
    let by = |is: &dyn Fn(&SiteDevice) -> bool| -> Vec<&'a SiteDevice> {
        site.devices.iter().filter(|device| is(device)).collect()
    };
    let same = |path: &'static str, told: &Option<String>, same: fn(&str, &str) -> bool| {
        by(&|device| own(device, path).zip(told.as_deref()).is_some_and(|(own, told)| same(&own, told)))
    };
    let free = |device: &SiteDevice| contradiction(device, told).is_none();
    let ways = [
        same(ASSET_SERIAL, &told.serial, same_serial),
        same(ASSET_MAC, &told.mac, same_mac),
        by(&|device| {
            free(device)
                && told.hostname.as_deref().is_some_and(|name| {
                    *device.name == *name || own(device, IDENTITY_HOSTNAME).is_some_and(|own| own == name)
                })
        }),
        by(&|device| free(device) && !addresses(&device.own).is_disjoint(&told.addresses)),
    ];
    ways.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

/// Serial numbers are compared without regard to letter case.
pub fn same_serial(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

/// Hardware addresses, too.
pub fn same_mac(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Whether the name of a model is the other with more behind it: a label says `EDR-G9010-VPN-2MGSFP-T`, `NP6250` is an
/// NPort 6250.
pub fn same_model(a: &str, b: &str) -> bool {
    let bare = |model: &str| -> String {
        let lower: String = model.to_ascii_lowercase().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let rest = lower.strip_prefix("nport").or_else(|| lower.strip_prefix("np"));
        rest.map(str::to_owned).unwrap_or(lower)
    };
    let (a, b) = (bare(a), bare(b));
    let goes_on = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_digit()))
    };
    goes_on(&b, &a) || goes_on(&a, &b)
}

/// `2.3 Build 24101817` and `V3.2.99 build 23110317` are versions with a build behind them.
pub fn version(text: &str) -> Option<Version> {
    text.split_whitespace().next()?.trim_start_matches(['V', 'v']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_may_have_more_behind_it() {
        for (a, b) in [("NPort 6250", "NP6250"), ("EDR-G9010", "EDR-G9010-VPN-2MGSFP-T"), ("MDS-G4012-L3", "MDS-G4012")]
        {
            assert!(same_model(a, b), "{a} {b}");
        }
        for (a, b) in [("NPort 6250", "NP6450"), ("NPort 6150", "NP61500"), ("EDR-G9010", "EDR-8010")] {
            assert!(!same_model(a, b), "{a} {b}");
        }
        assert_eq!(version("V3.2.99 build 23110317"), "3.2.99".parse().ok());
    }
}
