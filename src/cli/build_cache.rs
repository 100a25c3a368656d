//! What this computer remembers of builds, a file per site in the person's own folder: a device of which nothing
//! changed is not rendered again. It only saves time; where it can't be kept, the next build takes longer.

use fieldlock::ledger::build_cache::MAX_CACHE_LEN;
use fieldlock::site::files::Root;
use fieldlock::site::output::OwnFolder;

use super::folders;

/// What an earlier build of a site gave; empty where nothing is kept, or nothing that can be read.
pub(crate) fn recall(site: &str) -> Vec<u8> {
    let read = |folder| Root::open(folder).and_then(|root| root.read_bytes(&file(site), MAX_CACHE_LEN)).ok();
    folders::cache().as_deref().and_then(read).unwrap_or_default()
}

/// Keeps what this build gives, in place of what was recalled.
pub(crate) fn keep(site: &str, recalled: &[u8], cache: &[u8]) {
    let Some(folder) = folders::cache().filter(|_| cache != recalled) else { return };
    // best effort, as said above
    let _ = OwnFolder::lock(&folder).and_then(|locked| locked.replace(&file(site), cache));
}

fn file(site: &str) -> String {
    format!("built-{site}.json")
}
