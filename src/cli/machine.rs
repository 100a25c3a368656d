//! What this machine can bear.

use fieldlock::image::KdfCeiling;

/// Memory that one derivation may take where the machine does not tell how much it has: 512 MiB, in KiB.
const MODEST: u32 = 512 * 1024;

/// The most memory for a key derivation: half of the machine's.
pub(crate) fn ceiling() -> KdfCeiling {
    let total = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_kib(&text));
    KdfCeiling(total.map_or(MODEST, |kib| u32::try_from(kib / 2).unwrap_or(u32::MAX)))
}

/// A crash leaves no memory behind, and other processes of the same person may not look into ours: secrets would lie in
/// both. Best effort: where it can't be had (Windows among others) the run goes on.
#[cfg(unix)]
pub(crate) fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

#[cfg(not(unix))]
pub(crate) fn no_core_dumps() {}

/// No program that we start gets a descriptor that we were started with: a passphrase or secrets may be read from one.
#[cfg(unix)]
pub(crate) fn keep_descriptors() {
    close_fds::set_fds_cloexec(3, &[]);
}

#[cfg(not(unix))]
pub(crate) fn keep_descriptors() {}

fn total_kib(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_from_what_linux_says() {
        assert_eq!(total_kib("MemTotal:        8148484 kB\nMemFree: 1 kB\n"), Some(8_148_484));
        assert_eq!(total_kib("nothing"), None);
    }
}
