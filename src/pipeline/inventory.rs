//! The devices of a site as an inventory: what people say of them, what was read, and which holes their firmware has.

use std::collections::BTreeSet;

use super::ReadySite;
use crate::model::paths::{ASSET_ID, ASSET_LOCATION, ASSET_MAC, ASSET_OWNER, ASSET_SEEN_FIRMWARE, ASSET_SERIAL};
use crate::model::site::Firmware;
use crate::model::value::Version;
use crate::policy::pattern::Truth;
use crate::report::KnownHoles;
use crate::report::documents::{HoleInFirmware, Inventory, InventoryDevice, LastRead, ToldOf};
use crate::site::identity::{addresses, version};
use crate::site::{SiteDevice, models};

/// Lists the devices that are asked for.
pub fn inventory(ready: &ReadySite, of: ToldOf, asked: impl Fn(&SiteDevice) -> bool) -> Inventory {
    Inventory {
        of,
        known_holes: KnownHoles::of(&ready.advisories),
        devices: ready.site.devices.iter().filter(|d| asked(d)).map(|d| device(ready, d)).collect(),
    }
}

fn device(ready: &ReadySite, device: &SiteDevice) -> InventoryDevice {
    let said = |path: &str| device.own.value(path).map(|fact| fact.value.plain());
    let seen = seen(ready, device);
    let versions: BTreeSet<Version> = device.firmware.into_iter().chain(seen.iter().copied()).collect();
    let known = |version: &Version| ready.advisories.of(device.platform, device.model.as_deref(), *version);
    let mut holes: Vec<HoleInFirmware> = Vec::new();
    for version in &versions {
        for (hole, truth) in known(version) {
            let one = HoleInFirmware {
                advisory: hole.advisory.to_string(),
                cves: hole.cves.iter().map(ToString::to_string).collect(),
                firmware: version.to_string(),
                certain: truth == Truth::True,
                fixed: hole.fixed.map(|fixed| fixed.to_string()),
            };
            // one advisory may speak of a model by several lines
            match holes.iter_mut().find(|known| known.advisory == one.advisory && known.firmware == one.firmware) {
                Some(known) => known.certain |= one.certain,
                None => holes.push(one),
            }
        }
    }
    let oldest = versions.first().filter(|_| !holes.is_empty());
    let clean = |oldest| ready.advisories.clean_above(device.platform, device.model.as_deref(), oldest);
    let captures = ready.site.captures_of(&device.name).iter();
    let last = captures.max_by_key(|capture| capture.typed.taken.map(|taken| taken.begins()));
    InventoryDevice {
        device: device.name.to_string(),
        platform: device.platform.word().to_owned(),
        model: device.model.as_deref().map(str::to_owned),
        zone: device.zone.as_deref().map(str::to_owned),
        asset: said(ASSET_ID),
        serial: said(ASSET_SERIAL),
        mac: said(ASSET_MAC),
        owner: said(ASSET_OWNER),
        location: said(ASSET_LOCATION),
        addresses: addresses(&device.complete()).iter().map(ToString::to_string).collect(),
        firmware: device.firmware.map(|firmware| firmware.to_string()),
        seen_firmware: seen.iter().map(ToString::to_string).collect(),
        approved: approved(&ready.site.typed.firmware, device, &versions),
        holes,
        mended_by: oldest.and_then(|oldest| clean(*oldest)).map(|clean| clean.to_string()),
        read: last.map(|capture| LastRead {
            at: capture.typed.taken.map(|taken| taken.to_string()).unwrap_or_default(),
            by: capture.typed.by.as_ref().map(ToString::to_string).unwrap_or_default(),
            how: capture.facts.value("how").map(|fact| fact.value.plain()).unwrap_or_default(),
        }),
        receipt: ready.receipts.get(&device.name).and_then(|all| all.last()).map(|last| last.receipt.number()),
    }
}

/// Firmware that was read.
fn seen(ready: &ReadySite, device: &SiteDevice) -> Vec<Version> {
    let read = device.read.iter().flat_map(|read| &read.texts);
    let told = read.filter_map(|text| version(&text.facts.value(ASSET_SEEN_FIRMWARE)?.value.plain()));
    let beside = ready.site.captures_of(&device.name).iter().filter_map(|capture| capture.typed.firmware);
    let all: BTreeSet<Version> = told.chain(beside).collect();
    all.into_iter().collect()
}

/// Whether the site approves every one of these for the model; `None` where it approves nothing at all.
fn approved(list: &[Firmware], device: &SiteDevice, versions: &BTreeSet<Version>) -> Option<bool> {
    let mut lines = list.iter().filter(|line| line.approved.is_some_and(|switch| switch.0)).peekable();
    lines.peek()?;
    let label = device.model.as_deref()?;
    let of_model = lines.filter(|line| line.model.as_deref().is_some_and(|model| models::is_named(model, label)));
    let good: BTreeSet<Version> = of_model.filter_map(|line| line.version).collect();
    (!versions.is_empty()).then(|| versions.is_subset(&good))
}
