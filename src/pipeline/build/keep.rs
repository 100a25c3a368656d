//! Whether the image of the build before stays, and with which revision a device is sealed anew.

use super::lock::Lock;
use super::previous::Earlier;
use crate::image::slots::SlotParams;
use crate::image::{Core, Proof};
use crate::ledger::IndexImage;
use crate::pipeline::seal::Prepared;

/// The rule: an image stays only if it opened with the key of this build, is the one that the list before names, and
/// its content, its core and its slots are what would be sealed now.
pub(super) fn stays(prepared: &Prepared, entry: &IndexImage, earlier: &Earlier, lock: &Lock) -> bool {
    let Some(opened) = &earlier.opened else { return false };
    let proved = match opened.proof {
        Proof::Passphrase => true,
        Proof::DemoPassphrase => prepared.core.demo,
        // whoever has one of these may have sealed something else under it
        Proof::Signature { .. } | Proof::UnlockCode => false,
    };
    let named = opened.digest == entry.image && opened.core.revision == entry.revision;
    let core = Core { revision: opened.core.revision, ..prepared.core.clone() };
    let same = opened.core == core && opened.plain == prepared.plain;
    proved && named && same && has_our_slots(earlier, lock)
}

/// Otherwise the device is sealed anew, one revision above all that is known of it: a laptop refuses one it saw with
/// other content. That is the list before, its image, and what this computer has `seen`, a build that somebody threw
/// away among it. `None` where no revision is higher.
pub(super) fn next_revision(entry: Option<&IndexImage>, earlier: Option<&Earlier>, seen: u32) -> Option<u32> {
    let opened = earlier.and_then(|e| e.opened.as_ref()).map_or(0, |o| o.core.revision);
    entry.map_or(0, |e| e.revision).max(opened).max(seen).checked_add(1)
}

/// One slot, of the passphrase, at our cost: nobody else was let in, and nobody was left out. A slot for recipients
/// does not tell for whom it is, so that with them every build seals anew.
fn has_our_slots(earlier: &Earlier, lock: &Lock) -> bool {
    let (Some(key), None) = (&lock.key, &lock.recipients) else { return false };
    let [slot] = &earlier.inspection.slots[..] else { return false };
    slot.params == SlotParams::Passphrase { kdf: key.kdf(), salt: key.salt() }
}
