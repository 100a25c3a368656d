//! Pins: a site agrees to its packs as they are, and is told when they are others.
//!
//! Without `fieldlock.lock` it goes along with whatever packs the program brings and `packs/` holds.

use std::collections::BTreeMap;

use super::ReadySite;
use crate::finding::{Finding, codes};
use crate::ledger::IndexPack;
use crate::model::lock::{From, Pin};
use crate::model::{Facts, Setting};
use crate::source::Loc;

/// What in the packs in force differs from what the site agreed to: each at its line.
pub(super) fn differing(ready: &ReadySite) -> Vec<Finding> {
    let Some(lock) = &ready.site.lock else { return Vec::new() };
    let mut pins: BTreeMap<&str, (&Pin, Loc)> = lock
        .typed
        .pack
        .iter()
        .zip(lines(&lock.facts))
        .filter_map(|(pin, loc)| Some((pin.name.as_deref()?, (pin, loc))))
        .collect();
    let (mut findings, mut new) = (Vec::new(), Vec::new());
    for pack in ready.index_packs() {
        match pins.remove(&*pack.name) {
            None => new.push(format!("`{}`", pack.name)),
            Some((pin, loc)) => {
                findings.extend(difference(pin, pack).map(|message| Finding::new(codes::pack::PIN, loc, message)));
            }
        }
    }
    if !new.is_empty() {
        let message = format!("nobody agreed to what is in force: {}", new.join(", "));
        findings.push(Finding::new(codes::pack::PIN, lock.loc, message));
    }
    let idle = pins.into_iter().map(|(name, (_, loc))| {
        let message = format!("`{name}` is agreed to, and is not in force");
        Finding::new(codes::pack::PIN, loc, message)
    });
    findings.extend(idle);
    findings
}

/// Whether a pack is in force as the site agreed to it.
pub(super) fn is_pinned(ready: &ReadySite, name: &str) -> bool {
    let pins = || ready.site.lock.as_ref().map(|lock| &lock.typed.pack[..]);
    let pin = pins().and_then(|pins| pins.iter().find(|pin| pin.name.as_deref() == Some(name)));
    let pack = pin.and_then(|pin| Some((pin, ready.index_packs().iter().find(|pack| pack.name == name)?)));
    pack.is_some_and(|(pin, pack)| difference(pin, pack).is_none())
}

/// `fieldlock.lock` for packs as they are.
pub fn text(packs: &[IndexPack]) -> String {
    let line = |pack: &IndexPack| {
        let IndexPack { name, sha256, version, .. } = pack;
        let from = From::of(pack.shipped).word();
        format!("    pack \"{name}\" version=\"{version}\" sha256=\"{sha256}\" from=\"{from}\"\n")
    };
    let lines: String = packs.iter().map(line).collect();
    format!(
        "// What this site is judged by. `fieldlock policy pin` writes it anew once the packs' changes were looked at.\nlock {{\n{lines}}}\n"
    )
}

/// What a pack is other than its pin; none where it is the same. What a pin does not say was told where it was read.
fn difference(pin: &Pin, pack: &IndexPack) -> Option<String> {
    let IndexPack { name, version, .. } = pack;
    let pinned = pin.version.as_deref().unwrap_or(version);
    if pin.from.is_some_and(|from| from != From::of(pack.shipped)) {
        let whose = if pack.shipped { "the one that fieldlock ships" } else { "the site's own" };
        return Some(format!("`{name}` is {whose} now"));
    }
    if pinned != version {
        return Some(format!("`{name}` is {version} now, and {pinned} was agreed to"));
    }
    let same = pin.sha256.is_none_or(|sha256| sha256.to_string() == pack.sha256.to_string());
    (!same).then(|| format!("`{name}` {version} has other rules or texts than what was agreed to"))
}

/// The lines of the pins, in their order.
fn lines(facts: &Facts) -> impl Iterator<Item = Loc> {
    let pins = facts.shape.root().field("pack").and_then(|(ix, _)| facts.root.get(ix));
    let items = match pins {
        Some(Setting::Items(items)) => &items.items[..],
        _ => &[],
    };
    items.iter().map(|item| item.group.origin.loc())
}
