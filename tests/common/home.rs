//! Homes of the programs that tests run: nothing of the person's own is read or written.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::expect_used, reason = "a test that can't set itself up has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The folder for files of tests, as an absolute path of the system that they run on.
fn temporary() -> PathBuf {
    std::path::absolute(env!("CARGO_TARGET_TMPDIR")).expect("a path")
}

/// In place of the person's own folders: what a test trusts and remembers is no business of whoever runs it. Empty at
/// the start of each test program.
pub(crate) fn own_folder() -> &'static Path {
    static OWN: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = temporary().join(format!("own-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    });
    &OWN
}

/// The folder of states of builds that the library makes, and of programs that are told so.
pub(crate) fn own_state() -> PathBuf {
    let state = own_folder().join("fieldlock");
    computer::gather(&state.join("folders"));
    state
}

/// A program with a home of its own, empty as on a new computer: what one test saw, no other remembers.
pub(crate) fn alone(program: &mut Command) -> &mut Command {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let began = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    let home = format!("homes/{}-{began}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let home = temporary().join(home);
    // it is the same computer all the same: what it wrote itself it knows
    let state = home.join(if cfg!(windows) { "AppData/Local/fieldlock" } else { ".local/state/fieldlock" });
    computer::share(&own_state().join("folders"), &state.join("folders"));
    at_home(program, &home)
}

/// A program with this home, on every system.
pub(crate) fn at_home<'c>(program: &'c mut Command, home: &Path) -> &'c mut Command {
    program
        .env("HOME", home)
        .env("APPDATA", home.join("AppData/Roaming"))
        .env("LOCALAPPDATA", home.join("AppData/Local"));
    program.env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME").env_remove("XDG_CACHE_HOME")
}

/// A program that configures itself and remembers beneath a folder, on every system.
pub(crate) fn beneath<'c>(program: &'c mut Command, folder: &Path) -> &'c mut Command {
    configured(program.env("XDG_STATE_HOME", folder).env("LOCALAPPDATA", folder), folder)
}

/// A program that configures itself beneath a folder, on every system.
pub(crate) fn configured<'c>(program: &'c mut Command, folder: &Path) -> &'c mut Command {
    program.env("XDG_CONFIG_HOME", folder).env("APPDATA", folder)
}

/// What one computer knows of the folders that it wrote to, whatever home a program has: a link.
#[cfg(unix)]
mod computer {
    use std::path::Path;

    pub(super) fn share(known: &Path, home: &Path) {
        let state = home.parent().expect("a folder of states");
        [known, state].into_iter().for_each(|folder| std::fs::create_dir_all(folder).expect("a folder"));
        std::os::unix::fs::symlink(known, home).expect("a link");
    }

    pub(super) fn gather(_: &Path) {}
}

/// The same where links take rights: what one program wrote is copied, before it is asked for, and to the next.
#[cfg(not(unix))]
mod computer {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::sync::Mutex;
    use std::time::SystemTime;

    /// Of each home the folder that is shared, as it was when it was last looked into.
    static HOMES: Mutex<BTreeMap<PathBuf, Option<SystemTime>>> = Mutex::new(BTreeMap::new());

    pub(super) fn share(known: &Path, home: &Path) {
        let mut homes = HOMES.lock().expect("no test fails in here");
        std::fs::create_dir_all(home).expect("a folder");
        copy_newer(known, home);
        homes.insert(home.to_owned(), changed(home));
    }

    pub(super) fn gather(known: &Path) {
        let mut homes = HOMES.lock().expect("no test fails in here");
        std::fs::create_dir_all(known).expect("a folder");
        for (home, seen) in homes.iter_mut() {
            let now = changed(home);
            if *seen != now {
                copy_newer(home, known);
                *seen = now;
            }
        }
    }

    fn changed(path: &Path) -> Option<SystemTime> {
        path.metadata().and_then(|data| data.modified()).ok()
    }

    /// What another test takes away meanwhile is left out.
    fn copy_newer(from: &Path, to: &Path) {
        for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            if from.extension().is_some_and(|kind| kind == "json") && changed(&from) > changed(&to) {
                let _ = std::fs::copy(&from, &to);
            }
        }
    }
}
